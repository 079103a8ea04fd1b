fn parse(text: &str) -> Result<u8, Box<dyn std::error::Error>> {
    let number: i32 = text.parse()?;
    Ok(u8::try_from(number)?)
}

fn main() {
    for text in ["42", "x", "", "300"] {
        match parse(text) {
            Ok(number) => println!("{number}"),
            Err(error) => println!("{error}"),
        }
    }
    let caught = std::panic::catch_unwind(|| Vec::<i32>::new()[std::hint::black_box(0)]);
    println!("{}", caught.is_err());
}
