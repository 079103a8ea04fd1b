//! Any bytes as what PID 1 sends: no panic, no memory beyond the frame's own size, and whatever is accepted comes out again
//! the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sandbox_init::protocol::{FromInit, Hello, decode, encode, frame_length};

fuzz_target!(|bytes: &[u8]| {
    let _ = frame_length(bytes);
    if let Ok(hello) = decode::<Hello>(bytes) {
        let frame = encode(&hello).expect("it came from a frame");
        assert_eq!(decode::<Hello>(&frame), Ok(hello));
    }
    if let Ok(message) = decode::<FromInit>(bytes) {
        let frame = encode(&message).expect("it came from a frame");
        assert_eq!(decode::<FromInit>(&frame), Ok(message));
    }
});
