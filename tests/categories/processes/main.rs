use std::process::Command;

fn main() {
    let output = Command::new("sh").args(["-c", "echo from a shell; exit 7"]).output().unwrap();
    print!("{}", String::from_utf8_lossy(&output.stdout));
    println!("{:?} {:?}", output.status.code(), std::env::var("NOBODY"));
    println!("{}", Command::new("nosuch").spawn().unwrap_err());
}
