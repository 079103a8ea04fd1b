//! Watches a program from its release to its end.

use std::{
    io,
    os::fd::AsFd,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use nix::{
    poll::{PollFd, PollFlags},
    sys::signalfd::SignalFd,
    unistd::Pid,
};

use crate::{
    child::Child,
    command,
    control::{Answer, Control},
    disk::Disk,
    exchange::{Exchange, Heard, Line},
    link,
    names::Names,
    output::Output,
    procfs,
    protocol::{Ending, RunLimits, Stream, StreamName, Task},
    reap::{self, Found, Toll},
    step::{self, Before, Order},
    supervisor::{Listener, Policy},
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
/// How long output is left in the pipe once it is seen there, unless the last read brought [`LITTLE`] bytes or more. A program
/// that writes line by line, or word by word as Python's `print` does without a buffer, would else wake this process for each,
/// and a listener would be told of half a line.
const REST: Duration = Duration::from_millis(1);
const LITTLE: usize = 4096;
const SIGKILL: u8 = 9;

/// A run that has begun.
#[derive(Debug)]
pub struct Watch<'a> {
    pid: Pid,
    stdout: Output,
    stderr: Output,
    /// Until when output is left in the pipes.
    rests_until: Option<Instant>,
    /// Whether what is in the pipes is read as soon as it is seen: it has been left there, or there was much of it.
    reads_at_once: bool,
    exchange: Exchange<'a>,
    /// The interpreter's bootstrap, until it has let go of it.
    control: Option<Control>,
    /// Where the kernel asks about the program's calls.
    listener: Option<Listener>,
    policy: Policy,
    /// How much it may write, if it may.
    disk: Option<&'a Disk>,
    limits: RunLimits,
    /// What the run is measured by.
    pub before: Before,
    /// The most memory that was seen, where a limit for it is init's to enforce.
    pub memory_peak: Option<u64>,
    /// The most memory that the sandbox was seen to hold, as its cgroup counts it.
    pub most_used: Option<u64>,
    /// When the program was let go.
    pub started: Instant,
    /// Whether another process was found dead of SIGKILL when the program was.
    pub killed_beside: bool,
    /// The name that the program's file has now, where it was given another one.
    pub renamed: Option<PathBuf>,
}

impl<'a> Watch<'a> {
    /// Lets the process that waits go on with its program.
    ///
    /// # Errors
    /// Never for what the process does.
    pub fn begin(
        order: &Order<'a>,
        child: Child,
        before: Before,
        workdir: &Path,
        line: &'a mut Line,
    ) -> io::Result<Self> {
        let limits = order.step.limits;
        let message = match &order.step.task {
            Task::Compile(compile) => command::compiler_message(compile)?,
            Task::Run => Child::release_message(order.entry, &order.step.args),
        };
        let pid = child.pid;
        let (exchange, ways) = Exchange::new(line, order.step, child);
        let mut watch = Self {
            pid,
            stdout: Output::new(ways.stdout, limits),
            stderr: Output::new(ways.stderr, limits),
            rests_until: None,
            reads_at_once: false,
            exchange,
            control: None,
            listener: ways.listener,
            policy: order.policy,
            disk: order.disk,
            limits,
            before,
            memory_peak: None,
            most_used: None,
            started: Instant::now(),
            killed_beside: false,
            renamed: None,
        };
        watch.memory_peak = limits.memory_bytes.and_then(|_| watch.memory_held());
        watch.exchange.stdin.feed();
        watch.before.waiting.begin(&watch.before.gauges);
        step::touch_heap();
        // Before the word that lets it go: the program may be over before this process gets another turn.
        watch.started = Instant::now();
        // Most programs are over by then, and have woken this process once, by their end.
        if !order.step.deliver.is_live() {
            watch.rests_until = Some(watch.started + EARLY_TICK);
        }
        // An interpreter that died just now is found out like any other that ends.
        watch.control = Control::release(ways.control, &message, workdir.join(order.entry)).ok();
        Ok(watch)
    }

    /// Watches until the program ends or a limit is reached; `None` when the handler is gone.
    ///
    /// # Errors
    /// When the kernel refuses what it should not, and when the handler says what it may not.
    pub fn until_end(
        &mut self,
        signals: &SignalFd,
        names: &Names,
        toll: &mut Toll,
    ) -> io::Result<Option<Ending>> {
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
                if let Some(full) = self.disk.and_then(Disk::over) {
                    return Ok(Some(full));
                }
            }
            if let Some(limit) = self.limits.memory_bytes
                && next_memory_look.is_some_and(|next| now >= next)
            {
                next_memory_look = Some(now + MEMORY_TICK);
                let used = self.memory_held();
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
            if self.rests_until.is_some_and(|until| until <= now) {
                (self.rests_until, self.reads_at_once) = (None, true);
            }
            let next = self.rests_until.map_or(next, |until| next.min(until));
            let ready = self.wait(signals, names, next.saturating_duration_since(now))?;
            match if ready.handler { self.exchange.hear()? } else { Heard::Nothing } {
                Heard::Nothing => {}
                Heard::Stop => return Ok(Some(Ending::Stopped)),
                Heard::Gone => return Ok(None),
            }
            if ready.control
                && let Some(control) = self.control.take()
            {
                match control.answer() {
                    Answer::Failed(errno) => return Ok(Some(Ending::NotRun(errno))),
                    Answer::Renamed(name) => self.renamed = Some(name),
                    Answer::Nothing => {}
                }
                self.exchange.program_has_begun();
            }
            if ready.listener
                && let Some(listener) = &self.listener
            {
                listener.answer(&self.policy);
            }
            if ready.listener_is_over {
                self.listener = None;
            }
            if ready.names {
                names.answer();
            }
            if ready.stdin {
                self.exchange.stdin.feed();
            }
            if (ready.stdout || ready.stderr) && !self.reads_at_once {
                self.rests_until = Some(Instant::now() + REST);
            } else if ready.stdout || ready.stderr {
                let mut count = 0;
                for (ready, stream) in
                    [(ready.stdout, StreamName::Stdout), (ready.stderr, StreamName::Stderr)]
                {
                    count += if ready { self.take_in(stream) } else { 0 };
                }
                self.reads_at_once = count >= LITTLE;
            }
            if !self.exchange.speak()? {
                return Ok(None);
            }
            if self.stdout.total() + self.stderr.total() > self.limits.flood_bytes {
                return Ok(Some(Ending::Flood));
            }
            if ready.signals
                && let Some(ending) = self.reap(signals, toll)?
            {
                return Ok(Some(ending));
            }
        }
    }

    /// Reads once of a stream, and tells the handler of it; how many bytes came. 0 when there was nothing to read.
    fn take_in(&mut self, stream: StreamName) -> usize {
        let output = match stream {
            StreamName::Stdout => &mut self.stdout,
            StreamName::Stderr => &mut self.stderr,
        };
        let at = output.total();
        let count = output.take_in(&mut self.before.chunk);
        if count > 0 {
            self.exchange.tell(stream, at, &self.before.chunk[..count]);
        }
        count
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
        let used = gauges.memory_used();
        self.most_used = self.most_used.max(used);
        let short = gauges.memory_limit().zip(used).is_some_and(|(limit, used)| used > limit / 2);
        if open || short {
            return SHORT_TICK;
        }
        ((now - self.started) / 10).clamp(EARLY_TICK, LATE_TICK)
    }

    /// Bytes that the step holds: what the sandbox's cgroup counts beyond what it counted before the step. A kernel of the
    /// sandbox's own shows no cgroup, and tells what all of its processes hold; the host's tells that of the whole host.
    fn memory_held(&self) -> Option<u64> {
        match self.before.gauges.memory_used() {
            Some(used) => Some(used.saturating_sub(self.before.memory_used.unwrap_or(0))),
            None => procfs::memory_used(),
        }
    }

    fn wait(&self, signals: &SignalFd, names: &Names, timeout: Duration) -> io::Result<Ready> {
        // What has nothing to wait for keeps its place in the list: its entry polls the signals' descriptor for no event.
        let idle = || PollFd::new(signals.as_fd(), PollFlags::empty());
        let wants = |stream| self.rests_until.is_none() && self.exchange.wants(stream);
        let stdout = self.stdout.pipe().filter(|_| wants(StreamName::Stdout));
        let stderr = self.stderr.pipe().filter(|_| wants(StreamName::Stderr));
        let (stdin, output) = (self.exchange.stdin.pipe(), self.exchange.output());
        let mut fds = [
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.exchange.input(), PollFlags::POLLIN),
            stdout.map_or_else(idle, |pipe| PollFd::new(pipe, PollFlags::POLLIN)),
            stderr.map_or_else(idle, |pipe| PollFd::new(pipe, PollFlags::POLLIN)),
            stdin.map_or_else(idle, |pipe| PollFd::new(pipe, PollFlags::POLLOUT)),
            self.control
                .as_ref()
                .map_or_else(idle, |control| PollFd::new(control.as_fd(), PollFlags::POLLIN)),
            output.map_or_else(idle, |output| PollFd::new(output, PollFlags::POLLOUT)),
            Listener::poll(self.listener.as_ref(), signals),
            names.socket().map_or_else(idle, |socket| PollFd::new(socket, PollFlags::POLLIN)),
        ];
        link::wait(&mut fds, timeout)?;
        Ok(Ready {
            signals: link::readable(&fds[0]),
            handler: link::readable(&fds[1]),
            stdout: stdout.is_some() && link::readable(&fds[2]),
            stderr: stderr.is_some() && link::readable(&fds[3]),
            stdin: stdin.is_some() && fds[4].revents().is_some_and(|events| !events.is_empty()),
            control: self.control.is_some() && link::readable(&fds[5]),
            listener: self.listener.is_some() && Listener::asks(&fds[7]),
            listener_is_over: self.listener.is_some() && Listener::is_over(&fds[7]),
            names: names.socket().is_some() && link::readable(&fds[8]),
        })
    }

    fn cpu_used(&self) -> Option<u64> {
        Some(self.before.gauges.cpu_us()?.saturating_sub(self.before.cgroup_cpu_us?))
    }

    /// Takes in all that has died; the program's own end, if it is among them.
    fn reap(&mut self, signals: &SignalFd, toll: &mut Toll) -> io::Result<Option<Ending>> {
        while signals.read_signal()?.is_some() {}
        // What it shows of itself is gone with it.
        self.before.casualties.look_at_the_dead();
        let mut end = None;
        let mut killed_beside = false;
        while let Found::Dead(dead) = reap::look(toll)? {
            if dead.pid == self.pid {
                end = Some(dead.ending);
            } else {
                killed_beside |= dead.ending == Ending::Signaled(SIGKILL);
            }
        }
        self.killed_beside = killed_beside;
        Ok(end)
    }

    /// Takes in everything still in the pipes, and tells the handler of it; every writer is dead.
    ///
    /// # Errors
    /// When the handler has read nothing for 10 s, or is gone.
    pub fn collect(mut self) -> io::Result<(Stream, Stream, Before)> {
        for stream in [StreamName::Stdout, StreamName::Stderr] {
            self.exchange.make_room()?;
            while self.take_in(stream) > 0 {
                self.exchange.make_room()?;
            }
        }
        self.exchange.finish()?;
        Ok((self.stdout.finish(), self.stderr.finish(), self.before))
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
    listener: bool,
    listener_is_over: bool,
    names: bool,
}
