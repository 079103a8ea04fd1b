//! Watches a program from its release to its end.

use std::{
    io::{self, PipeWriter, Write},
    os::fd::AsFd,
    path::Path,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags},
    sys::signalfd::SignalFd,
    unistd::{Pid, read},
};

use crate::{
    child::Child,
    control::Control,
    link,
    output::Output,
    procfs,
    protocol::{Ending, Run, RunLimits, Stream},
    reap::{self, Found},
    run::Before,
};

/// How often CPU time, and time waited for a CPU, are looked at.
const CPU_TICK: Duration = Duration::from_millis(100);
/// How often memory is, where nobody but init ends a run for it. A program gets about 10 MB further meanwhile, which
/// the container has room for.
const MEMORY_TICK: Duration = Duration::from_millis(10);
/// How often the counts are looked at that tell what happened to whom: at first, and later; and where memory is short, so
/// that something is about to happen.
const EARLY_TICK: Duration = Duration::from_millis(10);
const LATE_TICK: Duration = Duration::from_millis(100);
const SHORT_TICK: Duration = Duration::from_millis(5);
const SIGKILL: u8 = 9;

/// A run that has begun.
#[derive(Debug)]
pub struct Watch {
    pid: Pid,
    stdout: Output,
    stderr: Output,
    /// What the program has not read yet of its standard input, and where it goes.
    stdin: Option<(PipeWriter, Vec<u8>, usize)>,
    /// The interpreter's bootstrap, until it has let go of it.
    control: Option<Control>,
    limits: RunLimits,
    /// What the run is measured by.
    pub before: Before,
    /// The most memory that was seen, where it is looked at.
    pub memory_peak: Option<u64>,
    /// When the program was let go.
    pub started: Instant,
    /// Whether another process was found dead of SIGKILL when the program was.
    pub killed_beside: bool,
}

impl Watch {
    /// Lets the interpreter go on with its program.
    ///
    /// # Errors
    /// Never for what the interpreter does.
    pub fn begin(request: &Run, child: Child, before: Before, workdir: &Path) -> io::Result<Self> {
        let limits = request.limits;
        let output = |pipe| Output::new(pipe, limits);
        let message = Child::release_message(request.entry, &request.args);
        // No input is an end of file at once: the program sees it closed from the start.
        let stdin = (!request.stdin.is_empty()).then(|| (child.stdin, request.stdin.to_vec(), 0));
        let mut watch = Self {
            pid: child.pid,
            stdout: output(child.stdout),
            stderr: output(child.stderr),
            stdin,
            control: None,
            limits,
            before,
            memory_peak: limits.memory_bytes.and_then(|_| procfs::memory_used()),
            started: Instant::now(),
            killed_beside: false,
        };
        watch.feed();
        watch.before.waiting.begin(&watch.before.gauges);
        // Before the word that lets it go: the program may be over before this process gets another turn.
        watch.started = Instant::now();
        // An interpreter that died just now is found out like any other that ends.
        watch.control = Control::release(child.control, &message, workdir.join(request.entry)).ok();
        Ok(watch)
    }

    /// Watches until the program ends or a limit is reached; `None` when the handler is gone.
    ///
    /// # Errors
    /// When the kernel refuses what it should not.
    pub fn until_end(&mut self, signals: &SignalFd, handler: &impl AsFd) -> io::Result<Option<Ending>> {
        let mut next_cpu_look = self.started + CPU_TICK;
        let mut next_look = self.started + EARLY_TICK;
        let mut next_memory_look = self.limits.memory_bytes.map(|_| self.started + MEMORY_TICK);
        loop {
            let now = Instant::now();
            if now >= next_cpu_look || now >= self.deadline() {
                next_cpu_look = now + CPU_TICK;
                if let Some(ending) = self.out_of_time(now) {
                    return Ok(Some(ending));
                }
            }
            if now >= next_look {
                next_look = now + self.look(now);
            }
            if let Some(limit) = self.limits.memory_bytes
                && next_memory_look.is_some_and(|next| now >= next)
            {
                next_memory_look = Some(now + MEMORY_TICK);
                let used = procfs::memory_used();
                self.memory_peak = self.memory_peak.max(used);
                if let Some(used) = used.filter(|used| *used > limit) {
                    return Ok(Some(Ending::Memory(used)));
                }
            }
            if let Some(held) = self.before.uncharged.too_many(now) {
                return Ok(Some(Ending::Uncharged(held)));
            }
            let next = self.deadline().min(next_cpu_look).min(next_look).min(self.before.uncharged.next());
            let next = next_memory_look.map_or(next, |memory| next.min(memory));
            let ready = self.wait(signals, handler, next.saturating_duration_since(now))?;
            // A second frame is never taken: whatever comes is thrown away, and only the end of it counts.
            if ready.handler && matches!(read(handler, &mut [0; 4096]), Ok(0) | Err(Errno::ECONNRESET)) {
                return Ok(None);
            }
            if ready.control
                && let Some(control) = self.control.take()
            {
                control.answer();
            }
            if ready.stdin {
                self.feed();
            }
            if ready.stdout {
                self.stdout.take_in(&mut self.before.chunk);
            }
            if ready.stderr {
                self.stderr.take_in(&mut self.before.chunk);
            }
            if self.stdout.total() + self.stderr.total() > self.limits.flood_bytes {
                return Ok(Some(Ending::Flood));
            }
            if ready.signals
                && let Some(ending) = self.reap(signals)?
            {
                return Ok(Some(ending));
            }
        }
    }

    /// When the time is over, as far as is known now: time in which others had the program's CPU does not count, up to the
    /// longest that any run may take.
    fn deadline(&self) -> Instant {
        let counted = self.limits.wall_us.saturating_add(self.before.waiting.waited_us());
        self.started + Duration::from_micros(counted.min(self.limits.clock_us))
    }

    /// Looks at both clocks; how the run ends, if one of them is over.
    fn out_of_time(&mut self, now: Instant) -> Option<Ending> {
        self.before.waiting.look(&self.before.gauges);
        if now >= self.started + Duration::from_micros(self.limits.clock_us) {
            return Some(Ending::Clock);
        }
        if now >= self.deadline() {
            return Some(Ending::WallTime);
        }
        self.cpu_used().filter(|used| *used > self.limits.cpu_us).map(Ending::CpuTime)
    }

    /// Looks at what nothing tells of when it happens; how long until the next look.
    fn look(&mut self, now: Instant) -> Duration {
        let Before { gauges, casualties, descriptors, .. } = &mut self.before;
        descriptors.look();
        let open = casualties.look(gauges);
        let short = gauges.memory_limit().is_some_and(|limit| gauges.memory_left() < limit / 2);
        if open || short {
            return SHORT_TICK;
        }
        ((now - self.started) / 10).clamp(EARLY_TICK, LATE_TICK)
    }

    fn wait(&self, signals: &SignalFd, handler: &impl AsFd, timeout: Duration) -> io::Result<Ready> {
        let none = PollFlags::empty();
        // A descriptor that is done is polled for nothing on the signals' descriptor: the places stay fixed.
        let idle = || PollFd::new(signals.as_fd(), none);
        let mut fds = [
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(handler.as_fd(), PollFlags::POLLIN),
            self.stdout.pipe().map_or_else(idle, |pipe| PollFd::new(pipe, PollFlags::POLLIN)),
            self.stderr.pipe().map_or_else(idle, |pipe| PollFd::new(pipe, PollFlags::POLLIN)),
            self.stdin.as_ref().map_or_else(idle, |(pipe, ..)| PollFd::new(pipe.as_fd(), PollFlags::POLLOUT)),
            self.control
                .as_ref()
                .map_or_else(idle, |control| PollFd::new(control.as_fd(), PollFlags::POLLIN)),
        ];
        link::wait(&mut fds, timeout)?;
        Ok(Ready {
            signals: link::readable(&fds[0]),
            handler: link::readable(&fds[1]),
            stdout: self.stdout.pipe().is_some() && link::readable(&fds[2]),
            stderr: self.stderr.pipe().is_some() && link::readable(&fds[3]),
            stdin: self.stdin.is_some() && fds[4].revents().is_some_and(|events| !events.is_empty()),
            control: self.control.is_some() && link::readable(&fds[5]),
        })
    }

    /// Passes on as much standard input as the pipe takes; closes it after the last byte.
    fn feed(&mut self) {
        let Some((pipe, bytes, sent)) = &mut self.stdin else { return };
        let done = match pipe.write(&bytes[*sent..]) {
            Ok(count) => {
                *sent += count;
                *sent == bytes.len()
            }
            Err(error) => !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted),
        };
        if done {
            self.stdin = None;
        }
    }

    fn cpu_used(&self) -> Option<u64> {
        Some(self.before.gauges.cpu_us()?.saturating_sub(self.before.cgroup_cpu_us?))
    }

    /// Takes in all that has died; the program's own end, if it is among them.
    fn reap(&mut self, signals: &SignalFd) -> io::Result<Option<Ending>> {
        while signals.read_signal()?.is_some() {}
        // What it shows of itself is gone with it.
        self.before.casualties.look_at_the_dead();
        let mut end = None;
        let mut killed_beside = false;
        while let Found::Dead(pid, ending) = reap::look()? {
            if pid == self.pid {
                end = Some(ending);
            } else {
                killed_beside |= ending == Ending::Signaled(SIGKILL);
            }
        }
        self.killed_beside = killed_beside;
        Ok(end)
    }

    /// Everything still in the pipes; every writer is dead.
    #[must_use]
    pub fn collect(mut self) -> (Stream, Stream) {
        let chunk = &mut self.before.chunk;
        (self.stdout.finish(chunk), self.stderr.finish(chunk))
    }
}

/// What a wait found ready.
struct Ready {
    signals: bool,
    handler: bool,
    stdout: bool,
    stderr: bool,
    stdin: bool,
    control: bool,
}
