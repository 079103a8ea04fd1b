//! The link to the handler: frames in on standard input, frames out on standard output.

use std::{
    io,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    unistd::write,
};
use serde::Serialize;

use crate::{
    inbox::{Inbox, Progress},
    protocol::{self, MAX_BODY},
};

/// How long the handler may take to read a report, or to send the rest of a frame it has begun.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Waits until one of `fds` is ready or `timeout` is over; a signal that interrupts counts as neither.
///
/// # Errors
/// When the kernel refuses, which it does for bad descriptors only.
pub fn wait(fds: &mut [PollFd], timeout: Duration) -> io::Result<()> {
    // Rounded up, or the last fraction of a millisecond before a deadline would be spent spinning.
    let millis =
        timeout.as_millis().min(60_000) as u64 + u64::from(!timeout.subsec_nanos().is_multiple_of(1_000_000));
    let timeout = PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX);
    match poll(fds, timeout) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Whether a descriptor has something to read, or has come to its end.
#[must_use]
pub fn readable(fd: &PollFd) -> bool {
    fd.revents()
        .is_some_and(|events| events.intersects(PollFlags::POLLIN | PollFlags::POLLHUP | PollFlags::POLLERR))
}

/// Sends a message as one frame. The descriptor must not block: the handler's side may be full or gone.
///
/// # Errors
/// When the handler has not read it within 10 s, or is gone.
pub fn send<T: Serialize>(fd: impl AsFd, message: &T) -> io::Result<()> {
    send_in(fd, message, Vec::new())
}

/// The same, with memory for the frame that is there already.
///
/// # Errors
/// As [`send`].
pub fn send_in<T: Serialize>(fd: impl AsFd, message: &T, room: Vec<u8>) -> io::Result<()> {
    send_bytes(fd, &protocol::encode_in(message, room).map_err(io::Error::other)?)
}

/// Sends bytes. The descriptor must not block.
///
/// # Errors
/// As [`send`].
pub fn send_bytes(fd: impl AsFd, mut rest: &[u8]) -> io::Result<()> {
    let until = Instant::now() + PATIENCE;
    while !rest.is_empty() {
        match write(&fd, rest) {
            Ok(sent) => rest = &rest[sent..],
            Err(Errno::EAGAIN) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                wait(&mut [PollFd::new(fd.as_fd(), PollFlags::POLLOUT)], left)?;
            }
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

/// Reads the rest of a frame whose first byte is there.
///
/// # Errors
/// When the frame is too long, cut off, or not complete within 10 s.
pub fn receive(fd: impl AsFd) -> io::Result<Vec<u8>> {
    let mut inbox = Inbox::with_room(MAX_BODY);
    receive_into(fd, &mut inbox)?;
    Ok(inbox.take())
}

/// The same, where a part of the frame may have been read before.
///
/// # Errors
/// As [`receive`].
pub fn receive_into(fd: impl AsFd, inbox: &mut Inbox) -> io::Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let mut fds = [PollFd::new(fd.as_fd(), PollFlags::POLLIN)];
        wait(&mut fds, left)?;
        if !readable(&fds[0]) {
            if until <= Instant::now() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            continue;
        }
        match inbox.read(&fd)? {
            Progress::Whole => return Ok(()),
            Progress::Part => {}
            Progress::End => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
