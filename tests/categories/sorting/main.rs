fn main() {
    let mut seed = 1u32;
    let mut next = || {
        seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
        seed
    };
    let mut numbers: Vec<u32> = (0..1_000_000).map(|_| next()).collect();
    numbers.sort_unstable();
    for number in numbers.iter().step_by(99_999) {
        println!("{number}");
    }
    numbers.sort_by_key(|number| number % 10);
    println!("{} {}", numbers[0], numbers[999_999]);
}
