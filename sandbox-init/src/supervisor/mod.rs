//! System calls of the program that the kernel asks init about (`seccomp_unotify(2)`): few, and none that most programs
//! make often.
//!
//! On the host's kernel alone: gVisor's does not ask.

mod calls;
mod filter;

use std::{
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    path::Path,
};

use nix::{
    errno::Errno,
    libc,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::stat::{FileStat, stat},
};
use seccompiler::BpfProgram;

use self::calls::Call;
pub use self::{calls::CHANGING, filter::RETURN};

/// How many calls are answered before init looks at anything else again.
const AT_ONCE: usize = 16;

/// What a step's program may change, by file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policy {
    /// The scratch space's device, where the sandbox has one.
    pub scratch: Option<u64>,
    /// That of the program's files.
    pub workdir: Option<u64>,
    /// That of the bootstrap.
    pub boot: Option<u64>,
    /// That of the build folder, where the sandbox has one.
    pub build: Option<u64>,
    /// Whether it is the compiler that is run: then it may write the build folder.
    pub building: bool,
    /// Whether the program may write among its files.
    pub writable: bool,
}

impl Policy {
    /// The policy of a sandbox with these folders, none of whose files may be written.
    #[must_use]
    pub fn of(scratch: &Path, workdir: &Path, boot: &Path, build: &Path) -> Self {
        let device = |path| stat(path).ok().map(|found| found.st_dev);
        let (scratch, workdir, boot) = (device(scratch), device(workdir), device(boot));
        // A folder that is no mount of its own is none.
        let own = |found: Option<u64>| found.filter(|_| found != workdir);
        Self {
            scratch: own(scratch),
            workdir,
            boot,
            build: own(device(build)),
            building: false,
            writable: false,
        }
    }

    fn may_change(&self, found: &FileStat) -> bool {
        let device = Some(found.st_dev);
        device == self.scratch
            || self.writable && device == self.workdir
            || self.building && device == self.build
    }

    fn is_read_only(&self, found: &FileStat) -> bool {
        let device = Some(found.st_dev);
        device == self.boot
            || !self.writable && device == self.workdir
            || !self.building && device == self.build
    }

    fn refusal(&self, found: &FileStat) -> Errno {
        if self.is_read_only(found) { Errno::EROFS } else { Errno::EPERM }
    }
}

/// What init says to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has been done.
    Done,
    /// It has not, for this reason.
    Refused(Errno),
    /// The kernel is to decide.
    GoOn,
}

/// Where the kernel asks.
#[derive(Debug)]
pub struct Listener(OwnedFd);

/// The filter for a program's process.
///
/// # Errors
/// When it cannot be built.
pub fn filter() -> io::Result<BpfProgram> {
    filter::filter().map_err(io::Error::other)
}

/// Puts another filter on this process, which asks nobody; before [`put_on`], whose filter refuses all others.
///
/// # Errors
/// When the kernel refuses.
pub fn install(program: &BpfProgram) -> io::Result<()> {
    filter::install(program, 0)?;
    Ok(())
}

/// Puts the filter on this process; see [`Listener::receive`].
///
/// # Errors
/// When the kernel refuses.
pub fn put_on(program: &BpfProgram, control: BorrowedFd) -> io::Result<()> {
    filter::put_on(program, control)
}

impl Listener {
    /// Takes the listener that a process sends with [`put_on`]; `None` where the kernel cannot ask.
    ///
    /// # Errors
    /// When the process has died before.
    pub fn receive(control: BorrowedFd) -> io::Result<Option<Self>> {
        Ok(filter::receive(control)?.map(Self))
    }

    /// A second descriptor of the same.
    ///
    /// # Errors
    /// When there is no descriptor to be had.
    pub fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// Answers what is asked now. To be called when the descriptor can be read: else it waits.
    pub fn answer(&self, policy: &Policy) {
        for _ in 0..AT_ONCE {
            let Some((id, call)) = self.hear() else { return };
            self.say(id, call.answer(policy));
            if !self.is_asked() {
                return;
            }
        }
    }

    /// What to wait on for a question. Where nobody asks, nothing of the other descriptor.
    pub fn poll<'a>(listener: Option<&'a Self>, other: &'a impl AsFd) -> PollFd<'a> {
        listener.map_or_else(
            || PollFd::new(other.as_fd(), PollFlags::empty()),
            |listener| PollFd::new(listener.as_fd(), PollFlags::POLLIN),
        )
    }

    /// Whether a wait has found that something is asked. The end of the last process that could ask is no question, and to
    /// read then would be to wait for ever.
    #[must_use]
    pub fn asks(fd: &PollFd) -> bool {
        fd.revents().is_some_and(|events| events.contains(PollFlags::POLLIN))
    }

    /// Whether a wait has found that nobody is left who could ask. From then on every wait would end at once.
    #[must_use]
    pub fn is_over(fd: &PollFd) -> bool {
        fd.revents()
            .is_some_and(|events| events.contains(PollFlags::POLLHUP) && !events.contains(PollFlags::POLLIN))
    }

    fn is_asked(&self) -> bool {
        let mut fds = [PollFd::new(self.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::ZERO).is_ok() && Self::asks(&fds[0])
    }

    /// The next question; `None` when who asked is gone.
    fn hear(&self) -> Option<(u64, Call)> {
        // SAFETY: the structure is of numbers alone, for which zeroes are good; the kernel wants it zeroed.
        let mut asked: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: the kernel writes one such structure.
        let done = unsafe { libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut asked) };
        Errno::result(done).ok()?;
        let data = asked.data;
        Some((asked.id, Call { thread: asked.pid, number: data.nr.into(), arguments: data.args }))
    }

    fn say(&self, id: u64, answer: Answer) {
        const GO_ON: u32 = 1; // SECCOMP_USER_NOTIF_FLAG_CONTINUE
        let (error, flags) = match answer {
            Answer::Done => (0, 0),
            Answer::Refused(errno) => (-(errno as i32), 0),
            Answer::GoOn => (0, GO_ON),
        };
        let mut said = libc::seccomp_notif_resp { id, val: 0, error, flags };
        // SAFETY: the kernel reads one such structure. It refuses when who asked has died meanwhile.
        unsafe { libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, &raw mut said) };
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
