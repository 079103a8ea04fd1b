//! Waits for dead processes, and makes them so. Not nix's `waitpid`: it has no name for real-time signals and fails on them.

use std::{
    io,
    mem::MaybeUninit,
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
const SIGKILL: u8 = 9;
/// How long processes may take to die of SIGKILL.
pub const DYING: Duration = Duration::from_secs(2);

/// A process that has died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dead {
    /// Which it was.
    pub pid: Pid,
    /// How it ended.
    pub ending: Ending,
    /// Its CPU time in microseconds, and that of the children it had waited for.
    pub cpu_us: u64,
    /// The most memory in bytes that it held, or one of the children it had waited for.
    pub largest: u64,
}

/// What a look for the dead found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// One that has died.
    Dead(Dead),
    /// There are children, and none has died.
    AllAlive,
    /// There are no children.
    NoneLeft,
}

/// What the dead of one step used, all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Toll {
    /// A process that outlives the steps, so that what it uses is none of theirs.
    pub kept: Option<Pid>,
    /// CPU time in microseconds.
    pub cpu_us: u64,
    /// The most memory in bytes that one of them held.
    pub largest: u64,
}

impl Toll {
    /// Begins anew, for the next step.
    pub const fn reset(&mut self) {
        (self.cpu_us, self.largest) = (0, 0);
    }

    /// Counts a process that has died; the one that was to be kept is forgotten.
    fn count(&mut self, dead: &Dead) {
        if self.kept == Some(dead.pid) {
            self.kept = None;
            return;
        }
        self.cpu_us += dead.cpu_us;
        self.largest = self.largest.max(dead.largest);
    }
}

/// Looks, without waiting, for a child that has died, takes it in, and counts it.
///
/// # Errors
/// When the kernel refuses, which it does not.
pub fn look(toll: &mut Toll) -> io::Result<Found> {
    loop {
        let (mut status, mut usage) = (0, MaybeUninit::<libc::rusage>::zeroed());
        // SAFETY: `status` and `usage` are valid places for the answers; zeroes are a valid `rusage`.
        let (pid, usage) = unsafe {
            (libc::wait4(-1, &raw mut status, libc::WNOHANG, usage.as_mut_ptr()), usage.assume_init())
        };
        let ending = match pid {
            0 => return Ok(Found::AllAlive),
            1.. if libc::WIFEXITED(status) => {
                Ending::Exited(u8::try_from(libc::WEXITSTATUS(status)).unwrap_or(u8::MAX))
            }
            1.. if libc::WIFSIGNALED(status) => {
                Ending::Signaled(u8::try_from(libc::WTERMSIG(status)).unwrap_or(u8::MAX))
            }
            1.. => continue,
            _ => match Errno::last() {
                Errno::ECHILD => return Ok(Found::NoneLeft),
                Errno::EINTR => continue,
                errno => return Err(errno.into()),
            },
        };
        let micros = |time: libc::timeval| u64::try_from(time.tv_sec * 1_000_000 + time.tv_usec).unwrap_or(0);
        let dead = Dead {
            pid: Pid::from_raw(pid),
            ending,
            cpu_us: micros(usage.ru_utime) + micros(usage.ru_stime),
            largest: u64::try_from(usage.ru_maxrss).unwrap_or(0) * 1024,
        };
        toll.count(&dead);
        return Ok(Found::Dead(dead));
    }
}

/// Looks for all that have died; whether one of them was killed (SIGKILL), and whether any child lives.
///
/// # Errors
/// When the kernel refuses, which it does not.
pub fn look_for_all(toll: &mut Toll) -> io::Result<(bool, Found)> {
    let mut killed = false;
    loop {
        match look(toll)? {
            Found::Dead(dead) => killed |= dead.ending == Ending::Signaled(SIGKILL),
            last => return Ok((killed, last)),
        }
    }
}

/// Kills every process but this one, and waits until they are gone. True when one was dead of SIGKILL before.
///
/// # Errors
/// When the kernel refuses, which it does not.
pub fn end_everything(signals: &SignalFd, toll: &mut Toll) -> io::Result<bool> {
    let (killed_before, _) = look_for_all(toll)?;
    let until = Instant::now() + DYING;
    while Instant::now() < until {
        // From PID 1, -1 is every other process of the namespace, whatever its group, session or parent.
        match kill(Pid::from_raw(-1), Signal::SIGKILL) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(errno) => return Err(errno.into()),
        }
        if look_for_all(toll)?.1 == Found::NoneLeft {
            break;
        }
        wait_for_a_death(signals)?;
    }
    Ok(killed_before)
}

/// Waits a moment, or until a child has died.
///
/// # Errors
/// When the kernel refuses, which it does not.
pub fn wait_for_a_death(signals: &SignalFd) -> io::Result<()> {
    link::wait(&mut [PollFd::new(signals.as_fd(), PollFlags::POLLIN)], Duration::from_millis(20))?;
    while signals.read_signal()?.is_some() {}
    Ok(())
}
