//! The link to the handler: frames in on standard input, frames out on standard output.

use std::{
    io,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    unistd::{read, write},
};
use serde::Serialize;

use crate::protocol;

/// How long the handler may take to read a report, or to send the rest of a frame it has begun.
const PATIENCE: Duration = Duration::from_secs(10);

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
    let frame = protocol::encode_in(message, room).map_err(io::Error::other)?;
    let until = Instant::now() + PATIENCE;
    let mut rest = frame.as_slice();
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
    let until = Instant::now() + PATIENCE;
    let mut frame = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let length = protocol::frame_length(&frame).map_err(io::Error::other)?;
        if let Some(length) = length.filter(|length| frame.len() >= *length) {
            frame.truncate(length);
            return Ok(frame);
        }
        frame.reserve_exact(length.unwrap_or_default().saturating_sub(frame.len()));
        let left = until.saturating_duration_since(Instant::now());
        let mut fds = [PollFd::new(fd.as_fd(), PollFlags::POLLIN)];
        wait(&mut fds, left)?;
        if !readable(&fds[0]) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match read(&fd, &mut chunk) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => frame.extend_from_slice(&chunk[..count]),
            Err(Errno::EINTR | Errno::EAGAIN) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}
