use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
};

fn main() {
    let total = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let total = Arc::clone(&total);
            thread::spawn(move || (0..10_000).for_each(|_| *total.lock().unwrap() += number))
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let (send, receive) = mpsc::channel();
    thread::spawn(move || (0..5).for_each(|n| send.send(n).unwrap()));
    println!("{} {:?}", total.lock().unwrap(), receive.iter().collect::<Vec<i32>>());
}
