fn main() {
    println!("Hello, world!");
    let sum: i32 = (0..10).map(|number| number * number).sum();
    println!("{sum}");
}
