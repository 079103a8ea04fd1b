fn main() {
    let mut text = String::new();
    for n in 0..100_000 {
        text += &n.to_string();
        text.push(',');
    }
    println!("{} {}", text.len(), &text[text.find("99997").unwrap()..]);
    for word in "the quick brown fox".split_whitespace() {
        print!("[{:<6}]", word.to_uppercase());
    }
    println!();
    println!("{:?} {}", "a,b,,c".split(',').collect::<Vec<_>>(), " padded ".trim());
}
