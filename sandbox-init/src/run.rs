//! One run: files, release, watch, end, report.
//!
//! # Liveness
//! Every wait here has a deadline. Processes that ignore signals get SIGKILL; one that does not die of it (stuck
//! in the kernel) is waited for two seconds, then left to the kernel, which ends the namespace with init.

use std::{
    io::{self, PipeWriter, Write},
    os::fd::AsFd,
    path::Path,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    libc,
    poll::{PollFd, PollFlags},
    sys::{
        resource::{UsageWho, getrusage},
        signalfd::SignalFd,
        time::TimeValLike,
    },
    time::clock_getcpuclockid,
    unistd::{Pid, read},
};

use crate::{
    cgroup::Cgroup,
    child::Child,
    files, link,
    output::Output,
    procfs,
    protocol::{Ending, Kernel, Report, Run, RunLimits, Stream},
    reap::{self, Found},
    sockets::Sockets,
};

/// How often CPU time is looked at.
const CPU_TICK: Duration = Duration::from_millis(100);
/// How often memory is, where nobody but init ends a run for it. A program gets about 10 MB further meanwhile, which
/// the container has room for.
const MEMORY_TICK: Duration = Duration::from_millis(10);

/// What was used before the program began: looked up while there is time, before the request comes.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    cgroup: Cgroup,
    cgroup_cpu_us: Option<u64>,
    interpreter_cpu_us: u64,
    oom_kills: u64,
}

impl Before {
    /// Looks now.
    #[must_use]
    pub fn look(cgroup: Cgroup, child: &Child) -> Self {
        let interpreter_cpu_us = cpu_of(child.pid);
        Self { cgroup, cgroup_cpu_us: cgroup.cpu_us(), interpreter_cpu_us, oom_kills: cgroup.oom_kills() }
    }
}

/// Runs the program and tells how it ended; `None` when the handler has gone away meanwhile.
///
/// # Errors
/// When the kernel refuses what it should not.
pub fn execute(
    request: &Run,
    child: Child,
    signals: &SignalFd,
    before: Before,
    workdir: &Path,
    kernel: Kernel,
    handler: &impl AsFd,
) -> io::Result<Option<Report>> {
    let mut report = Report {
        nonce: request.nonce,
        ending: Ending::NotRun(libc::EIO),
        stdout: Stream::default(),
        stderr: Stream::default(),
        wall_us: 0,
        cpu_us: 0,
        memory_peak: 0,
        oom_kills: 0,
    };
    let mut placed = files::write(workdir, &request.files);
    if kernel == Kernel::Own {
        placed = placed.and_then(|()| files::seal(workdir));
    }
    if let Err(error) = placed {
        report.ending = Ending::NotRun(error.raw_os_error().unwrap_or(libc::EIO));
        return Ok(Some(report));
    }
    let mut watch = Watch::begin(request, child, before)?;
    let Some(ending) = watch.until_end(signals, handler)? else { return Ok(None) };
    report.wall_us = micros(watch.started.elapsed());
    reap::end_everything(signals)?;
    let largest_look = watch.memory_peak;
    (report.stdout, report.stderr) = watch.collect();
    // What crossed the line in the last bytes before the exit crossed it all the same.
    let flooded = report.stdout.total + report.stderr.total > request.limits.flood_bytes;
    report.ending = if flooded { Ending::Flood } else { ending };
    report.cpu_us = cpu_of_children().saturating_sub(before.interpreter_cpu_us);
    if kernel == Kernel::Own {
        // It has one CPU, and a kernel that counts waiting for it as well.
        report.cpu_us = report.cpu_us.min(report.wall_us);
    }
    report.oom_kills = before.cgroup.oom_kills().saturating_sub(before.oom_kills);
    report.memory_peak = before.cgroup.memory_peak().or(largest_look).unwrap_or_else(largest_child);
    Ok(Some(report))
}

/// A run that has begun.
struct Watch {
    pid: Pid,
    stdout: Output,
    stderr: Output,
    /// What the program has not read yet of its standard input, and where it goes.
    stdin: Option<(PipeWriter, Vec<u8>, usize)>,
    limits: RunLimits,
    before: Before,
    /// The most memory that was seen, where it is looked at.
    memory_peak: Option<u64>,
    sockets: Sockets,
    started: Instant,
}

impl Watch {
    fn begin(request: &Run, child: Child, before: Before) -> io::Result<Self> {
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
            limits,
            before,
            memory_peak: limits.memory_bytes.and_then(|_| procfs::memory_used()),
            sockets: Sockets::of(before.cgroup),
            started: Instant::now(),
        };
        watch.feed();
        // Before the word that lets it go: the program may be over before this process gets another turn.
        watch.started = Instant::now();
        let mut control = std::os::unix::net::UnixStream::from(child.control);
        match control.write_all(&message) {
            // An interpreter that died just now is found out like any other that ends.
            Ok(()) | Err(_) => drop(control),
        }
        Ok(watch)
    }

    /// Watches until the program ends or a limit is reached; `None` when the handler is gone.
    fn until_end(&mut self, signals: &SignalFd, handler: &impl AsFd) -> io::Result<Option<Ending>> {
        let deadline = self.started + Duration::from_micros(self.limits.wall_us);
        let mut next_cpu_look = self.started + CPU_TICK;
        let mut next_memory_look = self.limits.memory_bytes.map_or(deadline, |_| self.started + MEMORY_TICK);
        loop {
            let now = Instant::now();
            if now >= deadline {
                return Ok(Some(Ending::WallTime));
            }
            if now >= next_cpu_look {
                next_cpu_look = now + CPU_TICK;
                if let Some(used) = self.cpu_used().filter(|used| *used > self.limits.cpu_us) {
                    return Ok(Some(Ending::CpuTime(used)));
                }
            }
            if let Some(limit) = self.limits.memory_bytes
                && now >= next_memory_look
            {
                next_memory_look = now + MEMORY_TICK;
                let used = procfs::memory_used();
                self.memory_peak = self.memory_peak.max(used);
                if let Some(used) = used.filter(|used| *used > limit) {
                    return Ok(Some(Ending::Memory(used)));
                }
            }
            if let Some(held) = self.sockets.too_many(now) {
                return Ok(Some(Ending::Sockets(held)));
            }
            let next = deadline.min(next_cpu_look).min(next_memory_look).min(self.sockets.next());
            let ready = self.wait(signals, handler, next.saturating_duration_since(now))?;
            // A second frame is never taken: whatever comes is thrown away, and only the end of it counts.
            if ready.handler && matches!(read(handler, &mut [0; 4096]), Ok(0) | Err(Errno::ECONNRESET)) {
                return Ok(None);
            }
            if ready.stdin {
                self.feed();
            }
            if ready.stdout {
                self.stdout.take_in();
            }
            if ready.stderr {
                self.stderr.take_in();
            }
            if self.stdout.total() + self.stderr.total() > self.limits.flood_bytes {
                return Ok(Some(Ending::Flood));
            }
            if ready.signals
                && let Some(ending) = reap(self.pid, signals)?
            {
                return Ok(Some(ending));
            }
        }
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
        ];
        link::wait(&mut fds, timeout)?;
        Ok(Ready {
            signals: link::readable(&fds[0]),
            handler: link::readable(&fds[1]),
            stdout: self.stdout.pipe().is_some() && link::readable(&fds[2]),
            stderr: self.stderr.pipe().is_some() && link::readable(&fds[3]),
            stdin: self.stdin.is_some() && fds[4].revents().is_some_and(|events| !events.is_empty()),
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
        Some(self.before.cgroup.cpu_us()?.saturating_sub(self.before.cgroup_cpu_us?))
    }

    /// Everything still in the pipes; every writer is dead.
    fn collect(self) -> (Stream, Stream) {
        (self.stdout.finish(), self.stderr.finish())
    }
}

/// What a wait found ready.
struct Ready {
    signals: bool,
    handler: bool,
    stdout: bool,
    stderr: bool,
    stdin: bool,
}

/// Takes in all that has died; the program's own end, if it is among them.
fn reap(program: Pid, signals: &SignalFd) -> io::Result<Option<Ending>> {
    while signals.read_signal()?.is_some() {}
    let mut end = None;
    while let Found::Dead(pid, ending) = reap::look()? {
        if pid == program {
            end = Some(ending);
        }
    }
    Ok(end)
}

fn cpu_of(pid: Pid) -> u64 {
    let now = clock_getcpuclockid(pid).and_then(nix::time::ClockId::now);
    now.map_or(0, |time| micros(time.into()))
}

/// CPU time of all children that have been waited for, and of theirs.
fn cpu_of_children() -> u64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(0, |usage| {
        u64::try_from((usage.user_time() + usage.system_time()).num_microseconds()).unwrap_or(0)
    })
}

/// Peak of the largest child in bytes: what is left where no cgroup can be seen.
fn largest_child() -> u64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(0, |usage| u64::try_from(usage.max_rss()).unwrap_or(0) * 1024)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
