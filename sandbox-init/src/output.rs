//! One output stream of the program: its pipe, and what is kept of what comes through.

use std::{
    io::{self, PipeReader, Read},
    os::fd::{AsFd, BorrowedFd},
};

use crate::{
    capture::Capture,
    protocol::{RunLimits, Stream},
};

/// A stream; its pipe is gone once every writer is.
#[derive(Debug)]
pub struct Output {
    pipe: Option<PipeReader>,
    kept: Capture,
}

/// Bytes of one read: what a pipe holds.
pub const CHUNK: usize = 64 * 1024;

impl Output {
    /// Of this pipe, which does not block, as much is kept as the limits say.
    #[must_use]
    pub fn new(pipe: PipeReader, limits: RunLimits) -> Self {
        let kept = Capture::new(limits.head_bytes as usize, limits.tail_bytes as usize);
        Self { pipe: Some(pipe), kept }
    }

    /// What to wait on, while anybody can still write.
    #[must_use]
    pub fn pipe(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(AsFd::as_fd)
    }

    /// All bytes so far.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.kept.total()
    }

    /// Reads once, into `chunk`; how many bytes came. 0 when there is nothing to read, now or ever.
    pub fn take_in(&mut self, chunk: &mut [u8]) -> usize {
        let Some(pipe) = &mut self.pipe else { return 0 };
        loop {
            match pipe.read(chunk) {
                Ok(count @ 1..) => {
                    self.kept.push(&chunk[..count]);
                    return count;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return 0,
                Ok(0) | Err(_) => {
                    self.pipe = None;
                    return 0;
                }
            }
        }
    }

    /// What was kept. Nothing is left in the pipe: [`Self::take_in`] has said 0 since the last writer died.
    #[must_use]
    pub fn finish(self) -> Stream {
        self.kept.finish()
    }
}
