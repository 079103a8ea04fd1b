//! Any bytes as a frame, in every message's place: no panic, no allocation beyond the frame's own size, and
//! whatever is accepted comes out again the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sandbox_init::protocol::{Hello, Profile, Report, Run, decode, encode, frame_length, from_bytes};

fuzz_target!(|bytes: &[u8]| {
    let _ = frame_length(bytes);
    if let Ok(run) = decode::<Run>(bytes) {
        let frame = encode(&run).expect("it came from a frame");
        assert_eq!(decode::<Run>(&frame), Ok(run));
    }
    if let Ok(hello) = decode::<Hello>(bytes) {
        let frame = encode(&hello).expect("it came from a frame");
        assert_eq!(decode::<Hello>(&frame), Ok(hello));
    }
    if let Ok(report) = decode::<Report>(bytes) {
        let frame = encode(&report).expect("it came from a frame");
        assert_eq!(decode::<Report>(&frame), Ok(report));
    }
    let _ = from_bytes::<Profile>(bytes);
});
