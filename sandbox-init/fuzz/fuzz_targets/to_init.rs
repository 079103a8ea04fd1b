//! Any bytes as what the handler sends: no panic, no memory beyond the frame's own size, and whatever is accepted comes out
//! again the same. The bytes come in two pieces, cut where the first byte says, as they may come over a pipe.

#![no_main]

use std::{
    ffi::c_int,
    io::{PipeReader, Write, pipe},
    os::fd::AsRawFd,
};

use libfuzzer_sys::fuzz_target;
use sandbox_init::{
    inbox::{Inbox, Progress},
    protocol::{PREFIX, Profile, ToInit, decode, encode, from_bytes},
};

/// As long as a message is that may come while a program runs and reads nothing live; short, so that many are refused.
const ROOM: usize = 512;
/// Bytes of a piece.
const MOST: usize = 32 * 1024;

fuzz_target!(|bytes: &[u8]| {
    let _ = from_bytes::<Profile>(bytes);
    let Some((cut, bytes)) = bytes.split_first() else { return };
    if let Ok(message) = decode::<ToInit>(bytes) {
        let frame = encode(&message).expect("it came from a frame");
        assert_eq!(decode::<ToInit>(&frame), Ok(message));
    }
    let (first, second) = bytes.split_at(usize::from(*cut).min(bytes.len()));
    let (reader, mut writer) = pipe().expect("two descriptors");
    let mut inbox = Inbox::with_room(0);
    inbox.take_memory(ROOM);
    for piece in [first, second] {
        // No more at once than a pipe holds.
        writer.write_all(&piece[..piece.len().min(MOST)]).expect("the pipe is empty");
        while waiting(&reader) > 0 {
            match inbox.read(&reader) {
                Ok(Progress::Whole) => {
                    let _ = decode::<ToInit>(inbox.frame());
                    inbox.clear();
                }
                Ok(Progress::Part) => assert!(inbox.frame().len() <= ROOM + PREFIX),
                Ok(Progress::End) | Err(_) => return,
            }
        }
    }
});

/// Bytes in a pipe.
fn waiting(reader: &PipeReader) -> usize {
    let mut count: c_int = 0;
    // SAFETY: the descriptor is open, and the kernel writes one number.
    unsafe { libc::ioctl(reader.as_raw_fd(), libc::FIONREAD, &raw mut count) };
    usize::try_from(count).unwrap_or(0)
}
