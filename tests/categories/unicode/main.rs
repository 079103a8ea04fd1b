fn main() {
    let text = "grüße 日本 😀";
    println!("{} {} {}", text.len(), text.chars().count(), text.to_uppercase());
    println!("{:?} {:?}", text.char_indices().nth(5), text.chars().rev().collect::<String>());
    println!("{:?} {}", std::str::from_utf8(&[0xff, 0x41]), String::from_utf8_lossy(&[0xff, 0x41]));
}
