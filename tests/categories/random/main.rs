use std::{collections::hash_map::RandomState, hash::BuildHasher};

fn main() {
    let mut state = 7u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    println!("{:?}", (0..5).map(|_| next() % 6 + 1).collect::<Vec<_>>());
    let hash = |of: &RandomState| of.hash_one("text");
    let (one, other) = (RandomState::new(), RandomState::new());
    println!("{} {}", hash(&one) == hash(&one), hash(&one) == hash(&other));
}
