//! Has a process ready for each step: an interpreter that waits, a fork of one, or a copy of init that executes a command.
//!
//! The first is made before there is a program, so that no request waits for it.
//!
//! The next process is made after a step's last process is dead, never while a program runs. A program could reach an
//! interpreter that waits beside it: it has the same user, and could send it signals. SIGUSR1 makes Node open its debugger,
//! to which the program could connect, and so write the next step's program. Besides, the start would use the one CPU and
//! the memory that the step's limits are about. Meanwhile the handler judges the step that has ended.

use std::{
    io,
    os::fd::AsFd,
    path::PathBuf,
    time::{Duration, Instant},
};

use nix::{
    poll::{PollFd, PollFlags},
    sys::signalfd::SignalFd,
    unistd::read,
};

use crate::{
    build,
    cgroup::Cgroup,
    child::Child,
    command::{self, Executed},
    link,
    names::Names,
    protocol::{Interpreter, Kernel, Profile, Waits},
    reap::{self, Found, Toll},
    supervisor::{Listener, Policy},
    zygote::Zygote,
};

/// How long an interpreter may take to come up.
const START_UP: Duration = Duration::from_secs(30);

/// What stays the same for all steps.
#[derive(Debug)]
pub struct Place<'a> {
    /// How programs are started.
    pub profile: &'a Profile,
    /// Where the program's files are.
    pub workdir: PathBuf,
    /// Where a compiler writes.
    pub build: PathBuf,
    /// Whose kernel it is.
    pub kernel: Kernel,
    /// How the cgroup is read.
    pub cgroup: Cgroup,
    /// Tells of children that have died.
    pub signals: SignalFd,
    /// What a program may change.
    pub policy: Policy,
    /// Answers programs that ask for `localhost`.
    pub names: Names,
}

/// Starts what waits for a step, and keeps what can be used again.
#[derive(Debug)]
pub struct Starter<'a> {
    place: &'a Place<'a>,
    zygote: Option<Zygote>,
    /// Whether the interpreter that waits says that it can become a zygote.
    forks: bool,
    /// Whether one that had just come up could not, whatever it says.
    cannot: bool,
}

/// What came of starting an interpreter.
enum Start {
    Ready(Child),
    Died(Interpreter),
}

impl<'a> Starter<'a> {
    /// Nothing is started yet.
    #[must_use]
    pub const fn new(place: &'a Place<'a>) -> Self {
        Self { place, zygote: None, forks: false, cannot: false }
    }

    /// What stays the same for all steps.
    #[must_use]
    pub const fn place(&self) -> &'a Place<'a> {
        self.place
    }

    /// Starts what waits for the first step, and says what to tell of it.
    ///
    /// # Errors
    /// When the kernel refuses what it should not, or the interpreter does not come up in time.
    pub fn first(&mut self, toll: &mut Toll) -> io::Result<(Option<Child>, Interpreter)> {
        let Some(waits) = &self.place.profile.waits else {
            return Ok(match self.first_copy(toll) {
                Ok(child) => (Some(child), Interpreter::NotNeeded),
                Err(error) => {
                    let stderr = format!("a process for the first step cannot be started: {error}");
                    (None, Interpreter::Died { oom_kills: self.place.cgroup.oom_kills(), stderr })
                }
            });
        };
        Ok(match self.start_interpreter(waits, &[], toll)? {
            Start::Ready(child) => (Some(child), Interpreter::Ready),
            Start::Died(interpreter) => (None, interpreter),
        })
    }

    /// A copy of init that waits to execute the first step's command.
    fn first_copy(&mut self, toll: &mut Toll) -> io::Result<Child> {
        let Place { profile, workdir, build, kernel, .. } = self.place;
        if !profile.compiles {
            return self.next(toll);
        }
        build::open(build)?;
        command::start(Executed::Compiler(build), workdir, *kernel)
    }

    /// What runs the first step: what [`Self::first`] started, or a fork of it when another step follows.
    ///
    /// # Errors
    /// When nothing can be started.
    pub fn begin(&mut self, first: Child, another_follows: bool, toll: &mut Toll) -> io::Result<Child> {
        if another_follows && self.can_fork() {
            self.adopt(first, toll);
            return self.next(toll);
        }
        Ok(first)
    }

    /// A process that waits for the next step. Every process of the step before is dead.
    ///
    /// # Errors
    /// When nothing can be started.
    pub fn next(&mut self, toll: &mut Toll) -> io::Result<Child> {
        if let Some(child) = self.fork() {
            return Ok(child);
        }
        self.forget_zygote(toll)?;
        let Place { profile, workdir, kernel, .. } = self.place;
        let Some(waits) = &profile.waits else {
            let command =
                profile.run.as_ref().ok_or_else(|| io::Error::other("the profile starts nothing"))?;
            return command::start(Executed::Program(profile, command), workdir, *kernel);
        };
        let Start::Ready(child) = self.start_interpreter(waits, &waits.later_environment, toll)? else {
            return Err(io::Error::other("the next interpreter did not come up"));
        };
        if !self.can_fork() {
            return Ok(child);
        }
        self.adopt(child, toll);
        if let Some(child) = self.fork() {
            return Ok(child);
        }
        self.cannot = true;
        self.next(toll)
    }

    /// Kills every process of the step, and waits until they are gone. True when one was dead of SIGKILL before.
    ///
    /// # Errors
    /// When the kernel refuses what it should not.
    pub fn end_step(&mut self, toll: &mut Toll) -> io::Result<bool> {
        if let Some(zygote) = &self.zygote {
            let ended = zygote.end_others(&self.place.signals, toll)?;
            if !ended.all {
                self.zygote = None;
                reap::end_everything(&self.place.signals, toll)?;
            }
            return Ok(ended.killed_before);
        }
        reap::end_everything(&self.place.signals, toll)
    }

    /// There is no zygote without Landlock: see `zygote.rs`.
    fn can_fork(&self) -> bool {
        self.forks && !self.cannot && self.place.kernel == Kernel::Host
    }

    fn adopt(&mut self, child: Child, toll: &mut Toll) {
        toll.kept = Some(child.pid);
        self.zygote = Zygote::make(child);
    }

    fn fork(&self) -> Option<Child> {
        self.zygote.as_ref().filter(|zygote| zygote.is_as_before())?.fork()
    }

    /// One that was changed, or has died, or does not answer, is killed with whatever there is.
    fn forget_zygote(&mut self, toll: &mut Toll) -> io::Result<()> {
        if self.zygote.take().is_some() || toll.kept.is_some() {
            reap::end_everything(&self.place.signals, toll)?;
            toll.kept = None;
        }
        Ok(())
    }

    fn start_interpreter(
        &mut self,
        waits: &Waits,
        variables: &[(String, String)],
        toll: &mut Toll,
    ) -> io::Result<Start> {
        let Place { profile, workdir, kernel, cgroup, signals, policy, .. } = self.place;
        let died = |stderr| Start::Died(Interpreter::Died { oom_kills: cgroup.oom_kills(), stderr });
        let child = match Child::start(profile, waits, variables, workdir, *kernel) {
            Ok(child) => child,
            Err(error) => return Ok(died(format!("{} cannot be started: {error}", waits.command.join(" ")))),
        };
        let until = Instant::now() + START_UP;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::Error::other("the interpreter did not come up in time"));
            }
            let mut fds = [
                PollFd::new(child.ways.control.as_fd(), PollFlags::POLLIN),
                PollFd::new(signals.as_fd(), PollFlags::POLLIN),
                Listener::poll(child.ways.listener.as_ref(), signals),
            ];
            link::wait(&mut fds, left)?;
            if let Some(listener) = child.ways.listener.as_ref().filter(|_| Listener::asks(&fds[2])) {
                listener.answer(policy);
            }
            // One that dies closes its channel a moment before it is dead: either tells.
            let spoke = link::readable(&fds[0]);
            let mut word = [0];
            if spoke && read(&child.ways.control, &mut word) == Ok(1) {
                self.forks = word[0] == Waits::READY_TO_FORK;
                return Ok(Start::Ready(child));
            }
            if spoke || link::readable(&fds[1]) && has_died(&child, signals, toll)? {
                let mut said = vec![0; 2048];
                let length = read(&child.ways.stderr, &mut said).unwrap_or(0);
                return Ok(died(String::from_utf8_lossy(&said[..length]).into_owned()));
            }
        }
    }
}

/// Whether this child has died.
///
/// # Errors
/// When the kernel refuses what it should not.
pub fn has_died(child: &Child, signals: &SignalFd, toll: &mut Toll) -> io::Result<bool> {
    while signals.read_signal()?.is_some() {}
    while let Found::Dead(dead) = reap::look(toll)? {
        if dead.pid == child.pid {
            return Ok(true);
        }
    }
    Ok(false)
}
