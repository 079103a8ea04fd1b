fn main() {
    let mut calls = 0;
    let mut counter = |by| {
        calls += by;
        calls
    };
    println!("{} {}", counter(2), counter(3));
    let compose = |f: fn(i32) -> i32, g: fn(i32) -> i32| move |x| g(f(x));
    println!("{}", compose(|x| x + 1, |x| x * 10)(4));
    println!("{:?}", (1..=10).filter(|n| n % 2 == 1).map(|n| n * n).rev().collect::<Vec<i32>>());
}
