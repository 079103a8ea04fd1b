//! Waits for dead processes. Not nix's `waitpid`: it has no name for real-time signals and fails on them.

use std::io;

use nix::{errno::Errno, libc, unistd::Pid};

use crate::protocol::Ending;

/// What a look for the dead found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// This one has died, so.
    Dead(Pid, Ending),
    /// There are children, and none has died.
    AllAlive,
    /// There are no children.
    NoneLeft,
}

/// Looks, without waiting, for a child that has died, and takes it in.
///
/// # Errors
/// When the kernel refuses, which it does not.
pub fn look() -> io::Result<Found> {
    loop {
        let mut status = 0;
        // SAFETY: `status` is a valid place for the answer.
        let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) };
        match pid {
            0 => return Ok(Found::AllAlive),
            1.. if libc::WIFEXITED(status) => {
                let code = u8::try_from(libc::WEXITSTATUS(status)).unwrap_or(u8::MAX);
                return Ok(Found::Dead(Pid::from_raw(pid), Ending::Exited(code)));
            }
            1.. if libc::WIFSIGNALED(status) => {
                let signal = u8::try_from(libc::WTERMSIG(status)).unwrap_or(u8::MAX);
                return Ok(Found::Dead(Pid::from_raw(pid), Ending::Signaled(signal)));
            }
            1.. => {}
            _ => match Errno::last() {
                Errno::ECHILD => return Ok(Found::NoneLeft),
                Errno::EINTR => {}
                errno => return Err(errno.into()),
            },
        }
    }
}
