//! The handler's frames as they come in, one at a time: no byte is read beyond the frame under way, so that the next
//! message stays outside until its time has come.

use std::{io, os::fd::AsFd};

use nix::{errno::Errno, unistd::read};

use crate::{
    protocol::{self, BadFrame, PREFIX},
    step::touched,
};

/// A frame that is being read.
#[derive(Debug)]
pub struct Inbox {
    /// The frame as far as it is known how long it is: first its prefix, then all of it.
    bytes: Vec<u8>,
    /// Bytes of it that have come.
    filled: usize,
    /// Whether the last read found nothing.
    pause: bool,
    /// Bytes of the longest body that is taken.
    room: usize,
}

/// What a read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The frame is whole.
    Whole,
    /// The frame is not whole yet.
    Part,
    /// There is nothing more to come.
    End,
}

impl Inbox {
    /// Takes frames whose bodies have so many bytes at most. Memory is taken as frames need it.
    #[must_use]
    pub const fn with_room(room: usize) -> Self {
        Self { bytes: Vec::new(), filled: 0, pause: false, room }
    }

    /// Takes the memory for the longest frame now, so that reading takes none.
    pub fn take_memory(&mut self, room: usize) {
        let begun = std::mem::replace(&mut self.bytes, touched(PREFIX + room));
        self.bytes.extend_from_slice(&begun[..self.filled]);
        self.room = room;
    }

    /// Takes longer frames from now on, with memory for each.
    pub const fn give_room(&mut self, room: usize) {
        self.room = room;
    }

    /// Reads what is there of the frame, up to its end.
    ///
    /// # Errors
    /// When the frame is longer than there is room for, or the kernel refuses.
    pub fn read(&mut self, fd: impl AsFd) -> io::Result<Progress> {
        self.bytes.resize(self.length()?.unwrap_or(PREFIX), 0);
        let got = read(&fd, &mut self.bytes[self.filled..]);
        self.filled += got.unwrap_or(0);
        self.pause = got == Err(Errno::EAGAIN);
        match got {
            Ok(0) | Err(Errno::ECONNRESET) => Ok(Progress::End),
            Ok(_) if self.length()? == Some(self.filled) => Ok(Progress::Whole),
            Ok(_) | Err(Errno::EINTR | Errno::EAGAIN) => Ok(Progress::Part),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Whether the last read found nothing: there is more when the descriptor says so.
    #[must_use]
    pub const fn is_at_a_pause(&self) -> bool {
        self.pause
    }

    /// The frame, once it is whole.
    #[must_use]
    pub fn frame(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins with the next frame, in the same memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.filled = 0;
    }

    /// Gives the frame away, and its memory.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        self.filled = 0;
        std::mem::take(&mut self.bytes)
    }

    /// The length of the frame, once its prefix is there.
    fn length(&self) -> io::Result<Option<usize>> {
        let length = protocol::frame_length(&self.bytes[..self.filled]).map_err(io::Error::other)?;
        match length {
            Some(length) if length > PREFIX + self.room => Err(io::Error::other(BadFrame::TooLong)),
            _ => Ok(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_frame_ends_where_the_next_one_begins() {
        let (reader, mut writer) = io::pipe().unwrap();
        let frames = [protocol::encode(&"first").unwrap(), protocol::encode(&"second").unwrap()];
        writer.write_all(&frames.concat()).unwrap();
        drop(writer);
        let mut inbox = Inbox::with_room(10);
        for frame in &frames {
            while inbox.read(&reader).unwrap() != Progress::Whole {}
            assert_eq!(inbox.frame(), frame);
            inbox.clear();
        }
        assert_eq!(inbox.read(&reader).unwrap(), Progress::End);
    }

    #[test]
    fn a_frame_without_room_for_it_is_refused_at_its_prefix() {
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(&11_u32.to_le_bytes()).unwrap();
        let mut inbox = Inbox::with_room(10);
        assert!(inbox.read(&reader).is_err());
    }

    #[test]
    fn memory_that_was_taken_before_is_enough_for_the_longest_frame() {
        let (reader, mut writer) = io::pipe().unwrap();
        let mut inbox = Inbox::with_room(0);
        inbox.take_memory(100);
        let before = inbox.bytes.as_ptr();
        writer.write_all(&[&100_u32.to_le_bytes()[..], &[7; 100]].concat()).unwrap();
        while inbox.read(&reader).unwrap() != Progress::Whole {}
        assert_eq!((inbox.frame().len(), inbox.bytes.as_ptr()), (104, before));
    }
}
