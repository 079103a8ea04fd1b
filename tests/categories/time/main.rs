use std::{
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

fn main() {
    let before = Instant::now();
    thread::sleep(Duration::from_millis(20));
    println!("{}", before.elapsed() >= Duration::from_millis(20));
    println!("{:?} {:?}", Duration::from_micros(1_234_567), Duration::from_secs(1).checked_sub(Duration::from_secs(2)));
    println!("{}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() > 1_700_000_000);
}
