use std::fs;

fn main() {
    let text = fs::read_to_string("data.txt").unwrap();
    for (number, line) in text.lines().enumerate() {
        println!("{} {} {line}", number + 1, line.len());
    }
    println!("{}", fs::read("missing.txt").unwrap_err());
}
