fn main() {
    let mut total = 0;
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        match line.split(' ').next().unwrap().parse::<i32>() {
            Ok(count) => total += count,
            Err(error) => println!("no count: {error} in {line}"),
        }
    }
    println!("{total}");
}
