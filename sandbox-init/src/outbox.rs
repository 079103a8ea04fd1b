//! What is on its way to the handler while a program runs: whole frames, in memory that was taken before.

use std::{collections::VecDeque, io, os::fd::AsFd};

use nix::{errno::Errno, unistd::write};

use crate::{
    link,
    output::CHUNK,
    protocol::{Deliver, PREFIX, StreamName},
    step::touched,
};

/// Bytes of a frame beside the output that it carries, at most.
const AROUND: usize = 32;
/// Bytes of output that wait for a handler which reads slower than the program writes.
const OUTPUT_ROOM: usize = 4 * (CHUNK + AROUND);
/// The place of each message among `FromInit`'s.
const OUTPUT: u8 = 0;
const TAKEN: u8 = 1;

/// Frames that wait to be sent.
#[derive(Debug)]
pub struct Outbox {
    step: u16,
    waiting: VecDeque<u8>,
    room: usize,
}

impl Outbox {
    /// Takes the memory for what a step sends while it runs.
    #[must_use]
    pub fn new(step: u16, deliver: Deliver, live_input: bool) -> Self {
        let output = if deliver == Deliver::Nothing { 0 } else { OUTPUT_ROOM };
        let room = output + if live_input { AROUND } else { 0 };
        Self { step, waiting: touched(room).into(), room }
    }

    /// Whether something waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether the longest part of an output would find room.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.has_room_for(1)
    }

    /// Whether so many of the longest parts would.
    #[must_use]
    pub fn has_room_for(&self, parts: usize) -> bool {
        self.room - self.waiting.len() >= parts * (CHUNK + AROUND)
    }

    /// Adds a part of an output; false when there is no room for it, and nothing was added.
    pub fn output(&mut self, stream: StreamName, at: u64, bytes: &[u8]) -> bool {
        self.frame(&(OUTPUT, self.step, stream, at, bytes.len()), bytes)
    }

    /// Adds an acknowledgement; false when there is no room for it.
    pub fn taken(&mut self, bytes: u32) -> bool {
        self.frame(&(TAKEN, bytes), &[])
    }

    /// Adds a frame: a head, and bytes that go behind it as they are.
    fn frame(&mut self, head: &impl serde::Serialize, bytes: &[u8]) -> bool {
        let mut room = [0; AROUND];
        let Ok(head) = postcard::to_slice(head, &mut room) else { return false };
        let body = head.len() + bytes.len();
        let Ok(length) = u32::try_from(body) else { return false };
        if PREFIX + body > self.room - self.waiting.len() {
            return false;
        }
        self.waiting.extend(length.to_le_bytes());
        self.waiting.extend(&*head);
        self.waiting.extend(bytes);
        true
    }

    /// Sends as much as the handler's side takes at once. False when the handler is gone.
    ///
    /// # Errors
    /// When the kernel refuses what it should not.
    pub fn flush(&mut self, fd: impl AsFd) -> io::Result<bool> {
        loop {
            let (first, _) = self.waiting.as_slices();
            if first.is_empty() {
                return Ok(true);
            }
            match write(&fd, first) {
                Ok(sent) => drop(self.waiting.drain(..sent)),
                Err(Errno::EAGAIN) => return Ok(true),
                Err(Errno::EINTR) => {}
                Err(Errno::EPIPE | Errno::ECONNRESET) => return Ok(false),
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// Sends everything.
    ///
    /// # Errors
    /// When the handler has not read it within 10 s, or is gone.
    pub fn flush_all(&mut self, fd: impl AsFd) -> io::Result<()> {
        let (first, second) = self.waiting.as_slices();
        link::send_bytes(&fd, first)?;
        link::send_bytes(&fd, second)?;
        self.waiting.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::protocol::{FromInit, Output, encode};

    #[test]
    fn frames_are_the_messages_of_the_protocol() {
        let mut outbox = Outbox::new(700, Deliver::Live, true);
        assert!(outbox.output(StreamName::Stderr, 1 << 40, &[9; CHUNK]) && outbox.taken(65_536));
        let (mut reader, writer) = io::pipe().unwrap();
        let sender = std::thread::spawn(move || outbox.flush_all(&writer).unwrap());
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        sender.join().unwrap();
        let output = Output { step: 700, stream: StreamName::Stderr, at: 1 << 40, bytes: vec![9; CHUNK] };
        let expected =
            [FromInit::Output(output), FromInit::Taken(65_536)].map(|message| encode(&message).unwrap());
        assert!(bytes == expected.concat());
    }

    #[test]
    fn what_finds_no_room_is_left_out_whole_and_no_memory_is_taken() {
        let mut outbox = Outbox::new(1, Deliver::Live, true);
        let capacity = outbox.waiting.capacity();
        let mut taken_in = 0;
        while outbox.output(StreamName::Stdout, taken_in, &[1; CHUNK]) {
            taken_in += CHUNK as u64;
        }
        assert!(taken_in >= 4 * CHUNK as u64 && !outbox.has_room());
        assert!(outbox.taken(1), "room is kept for it");
        assert_eq!(outbox.waiting.capacity(), capacity);
    }
}
