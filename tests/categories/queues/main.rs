use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

fn main() {
    let mut distance = vec![u32::MAX; 500];
    let mut queue = BinaryHeap::from([(Reverse(0), 0)]);
    while let Some((Reverse(far), at)) = queue.pop() {
        if far >= distance[at as usize] {
            continue;
        }
        distance[at as usize] = far;
        queue.extend((1..=3).map(|way| (Reverse(far + way * (at % 11 + 1)), (at * 7 + way * 13) % 500)));
    }
    println!("{} {:?}", distance[499], distance.iter().filter(|far| **far < u32::MAX).max());
    let mut row: VecDeque<_> = (1..5).collect();
    row.rotate_left(2);
    println!("{row:?} {:?}", row.pop_back());
}
