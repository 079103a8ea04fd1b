//! An interpreter that does not run a program itself: it forks for each step of a conversation.
//!
//! A fresh interpreter takes ten times as long as a fork. What a step gets is a process like a fresh one: a child of init in
//! a session of its own, with pipes and a control channel that are new, no signal blocked or pending. Most of what a step
//! costs then is Python's own end: it touches, and so copies, most of the pages that the fork shared.
//!
//! # What the zygote holds
//! Its state as an interpreter, and one channel to init. Arguments and input go to the fork itself, over the fork's own
//! channel. So there is nothing in the zygote that one step could learn of another.
//!
//! # What a program can do to it
//! The zygote shares the program's user and Landlock domain. Its memory cannot be written: `ptrace`, `process_vm_writev` and
//! `pidfd_getfd` are refused by the container's seccomp profile, `/proc/PID/mem` by Landlock. Its memory can be read. It can
//! be killed, stopped, sent signals (which it blocks, and which then stay pending), and moved to another CPU: after each
//! step init compares what the kernel shows of it ([`Looks`]) with what was there before, and takes a fresh interpreter where
//! anything differs, or where the zygote does not answer. For programs that do nothing of the kind there is no difference.
//!
//! # What differs from a fresh process
//! All forks of one zygote share the seed of Python's string hashes, as a program's own forks do: one seed for each
//! submission. `random` is seeded in each fork, for no module of the program's is loaded before. One process more exists,
//! so that a program may have one less of the container's 64; it is not seen in any count of the report. Python's collector
//! leaves alone what was there before the program (`gc.freeze`), so `gc.get_objects()` does not list it.
//!
//! Without Landlock there is no zygote. On a kernel of the sandbox's own nothing keeps its memory from being written, and
//! what is pending cannot be seen; on the host's one wall is left where there are two with Landlock, and the zygote's turn
//! when the kernel kills for memory cannot be set.

use std::{
    fs,
    io::{self, Read},
    os::fd::{AsFd, AsRawFd, OwnedFd},
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags},
    sys::{
        signal::{Signal, kill},
        signalfd::SignalFd,
        socket::{ControlMessage, MsgFlags, sendmsg},
    },
    unistd::{Pid, read, write},
};

use crate::{
    child::{Child, Ends, Ways},
    link, procfs,
    protocol::Waits,
    reap::{self, Toll},
    supervisor::{Listener, Policy},
};

/// How long the zygote may take for an answer before it is given up.
const ANSWER: Duration = Duration::from_millis(500);
/// How early the kernel's OOM killer takes the zygote: after every process of a program (1000), before init.
const OOM_SCORE: &[u8] = b"750";

/// What came of killing everybody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whether one was dead of SIGKILL before.
    pub killed_before: bool,
    /// Whether all are gone. Otherwise the zygote is of no more use, and others may live.
    pub all: bool,
}

/// The zygote, and the channel to it.
#[derive(Debug)]
pub struct Zygote {
    pid: Pid,
    control: OwnedFd,
    /// One for all forks: they have the zygote's filter.
    listener: Option<Listener>,
    looks: Looks,
}

impl Zygote {
    /// Makes one of an interpreter that waits, and says that it can fork. `None` when it does not answer.
    pub fn make(child: Child) -> Option<Self> {
        let Child { pid, ways } = child;
        let Ways { control, listener, .. } = ways;
        write(&control, &[Waits::BECOME_ZYGOTE]).ok()?;
        hear(&control, listener.as_ref(), Waits::READY_TO_FORK)?;
        fs::write(format!("/proc/{pid}/oom_score_adj"), OOM_SCORE).ok()?;
        Some(Self { pid, control, listener, looks: Looks::of(pid)? })
    }

    /// Its process id.
    #[must_use]
    pub const fn pid(&self) -> Pid {
        self.pid
    }

    /// Kills every process but init and the zygote, and waits until they are gone.
    ///
    /// The zygote kills, since the kernel lets the sender of a signal to everybody live, and takes all others at once: none
    /// of them can fork meanwhile.
    ///
    /// # Errors
    /// When the kernel refuses what it should not.
    pub fn end_others(&self, signals: &SignalFd, toll: &mut Toll) -> io::Result<Ended> {
        let (killed_before, _) = reap::look_for_all(toll)?;
        if toll.kept != Some(self.pid) || self.ask(&[Waits::KILL], Waits::KILL).is_none() {
            return Ok(Ended { killed_before, all: false });
        }
        let until = Instant::now() + reap::DYING;
        while Instant::now() < until {
            reap::look_for_all(toll)?;
            if toll.kept != Some(self.pid) {
                break;
            }
            if !procfs::is_there_another(reap::INIT.as_raw(), self.pid.as_raw())? {
                return Ok(Ended { killed_before, all: true });
            }
            reap::wait_for_a_death(signals)?;
        }
        Ok(Ended { killed_before, all: false })
    }

    /// Whether nothing that a program could have changed of it has changed.
    #[must_use]
    pub fn is_as_before(&self) -> bool {
        Looks::of(self.pid).is_some_and(|looks| looks == self.looks)
    }

    /// A process that waits for its program. `None` when the zygote is of no more use.
    #[must_use]
    pub fn fork(&self) -> Option<Child> {
        let (mut ways, ends) = Ways::open().ok()?;
        ways.listener = self.listener.as_ref().map(Listener::try_clone).transpose().ok()?;
        kill(self.pid, Signal::SIGCONT).ok()?;
        self.hand_over(&ends).ok()?;
        drop(ends);
        hear(&self.control, self.listener.as_ref(), Waits::FORK)?;
        let pid = told_pid(&ways)?;
        fs::write(format!("/proc/{pid}/oom_score_adj"), b"1000").ok()?;
        Some(Child { pid, ways })
    }

    fn hand_over(&self, ends: &Ends) -> io::Result<()> {
        let descriptors = [
            ends.stdin.as_fd().as_raw_fd(),
            ends.stdout.as_fd().as_raw_fd(),
            ends.stderr.as_fd().as_raw_fd(),
            ends.control.as_raw_fd(),
        ];
        let word = [io::IoSlice::new(&[Waits::FORK])];
        let passed = [ControlMessage::ScmRights(&descriptors)];
        sendmsg::<()>(self.control.as_raw_fd(), &word, &passed, MsgFlags::MSG_NOSIGNAL, None)?;
        Ok(())
    }

    fn ask(&self, word: &[u8], answer: u8) -> Option<()> {
        // A program that ends may have stopped it.
        kill(self.pid, Signal::SIGCONT).ok()?;
        write(&self.control, word).ok()?;
        hear(&self.control, self.listener.as_ref(), answer)
    }
}

/// Waits for one byte, which must be this one.
fn hear(control: &OwnedFd, listener: Option<&Listener>, expected: u8) -> Option<()> {
    let mut said = [0];
    (hear_byte(control, listener, &mut said)? == 1 && said[0] == expected).then_some(())
}

/// Reads into `room` as soon as there is something to read, and answers meanwhile what the kernel asks.
fn hear_byte(control: &OwnedFd, listener: Option<&Listener>, room: &mut [u8]) -> Option<usize> {
    let until = Instant::now() + ANSWER;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let mut fds = [PollFd::new(control.as_fd(), PollFlags::POLLIN), Listener::poll(listener, control)];
        link::wait(&mut fds, left).ok()?;
        if let Some(listener) = listener.filter(|_| Listener::asks(&fds[1])) {
            listener.answer(&Policy::default());
        }
        if link::readable(&fds[0]) {
            match read(control, room) {
                Err(Errno::EINTR) => continue,
                got => return got.ok(),
            }
        }
        if left.is_zero() {
            return None;
        }
    }
}

/// The fork tells its process id: digits and a newline, in one write.
fn told_pid(ways: &Ways) -> Option<Pid> {
    let mut said = [0; 16];
    let length = hear_byte(&ways.control, ways.listener.as_ref(), &mut said)?;
    let digits = std::str::from_utf8(&said[..length]).ok()?.strip_suffix('\n')?;
    digits.parse().ok().filter(|pid| *pid > reap::INIT.as_raw()).map(Pid::from_raw)
}

/// What the kernel shows of a process that another of the same user could have changed.
#[derive(Debug, PartialEq, Eq)]
struct Looks {
    /// Lines of `/proc/PID/status`: signals, CPUs, threads, parent.
    status: Vec<String>,
    /// `/proc/PID/limits`.
    limits: String,
    /// Fields 5, 6, 18, 19, 40 and 41 of `/proc/PID/stat`: group, session, priority, niceness, real-time priority, policy.
    stat: Vec<String>,
    oom_score: String,
}

impl Looks {
    const LINES: [&str; 9] =
        ["PPid", "TracerPid", "Threads", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "Cpus_allowed"];
    const FIELDS: [usize; 6] = [5, 6, 18, 19, 40, 41];

    fn of(pid: Pid) -> Option<Self> {
        let read = |name: &str| {
            // Each of these files is short, and written anew for each reader: one read is all it takes.
            let mut text = [0; 4096];
            let length = fs::File::open(format!("/proc/{pid}/{name}")).ok()?.read(&mut text).ok()?;
            std::str::from_utf8(&text[..length]).ok().map(ToOwned::to_owned)
        };
        let status = read("status")?;
        let named = |line: &&str| line.split_once(':').is_some_and(|(name, _)| Self::LINES.contains(&name));
        let stat = read("stat")?;
        // The name, field 2, may hold anything, brackets and spaces too.
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let field = |number: &usize| fields.get(number - 3).map(|field| (*field).to_owned());
        Some(Self {
            status: status.lines().filter(named).map(ToOwned::to_owned).collect(),
            limits: read("limits")?,
            stat: Self::FIELDS.iter().map(field).collect::<Option<_>>()?,
            oom_score: read("oom_score_adj")?,
        })
    }
}
