//! Waits for dead processes, and makes them so. Not nix's `waitpid`: it has no name for real-time signals and fails on them.

use std::{
    io,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    libc,
    poll::{PollFd, PollFlags},
    sys::{
        signal::{Signal, kill},
        signalfd::SignalFd,
    },
    unistd::Pid,
};

use crate::{link, protocol::Ending};

/// This process.
pub const INIT: Pid = Pid::from_raw(1);
/// How long processes may take to die of SIGKILL.
const DYING: Duration = Duration::from_secs(2);

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

/// Kills every process but this one, and waits until they are gone. True when one was dead of SIGKILL before.
///
/// # Errors
/// When the kernel refuses, which it does not.
pub fn end_everything(signals: &SignalFd) -> io::Result<bool> {
    let mut killed_before = false;
    while let Found::Dead(_, ending) = look()? {
        killed_before |= ending == Ending::Signaled(9);
    }
    let until = Instant::now() + DYING;
    while Instant::now() < until {
        // From PID 1, -1 is every other process of the namespace, whatever its group, session or parent.
        match kill(Pid::from_raw(-1), Signal::SIGKILL) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(errno) => return Err(errno.into()),
        }
        let last = loop {
            match look()? {
                Found::Dead(..) => {}
                last => break last,
            }
        };
        if last == Found::NoneLeft {
            return Ok(killed_before);
        }
        link::wait(&mut [PollFd::new(signals.as_fd(), PollFlags::POLLIN)], Duration::from_millis(20))?;
        while signals.read_signal()?.is_some() {}
    }
    Ok(killed_before)
}
