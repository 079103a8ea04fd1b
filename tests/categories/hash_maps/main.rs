use std::collections::{BTreeMap, HashMap};

fn main() {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for n in 0..200_000 {
        *counts.entry(format!("key{}", n % 1009)).or_default() += n % 7;
    }
    println!("{} {:?} {:?}", counts.len(), counts.get("key7"), counts.get("nobody"));
    let sorted: BTreeMap<_, _> = counts.into_iter().collect();
    println!("{:?} {:?}", sorted.first_key_value(), sorted.range("key9".to_owned()..).nth(1));
}
