//! One run: files, release, watch, end, report.
//!
//! # Memory
//! From the release on nothing here takes memory, of the kernel's neither: what init needs until its report has left is
//! taken, and touched, before. Else init would be the one that goes too far at the memory limit, and could be killed for it.
//!
//! # Liveness
//! Every wait here has a deadline. Processes that ignore signals get SIGKILL; one that does not die of it (stuck
//! in the kernel) is waited for two seconds, then left to the kernel, which ends the namespace with init.

use std::{hint::black_box, io, os::fd::AsFd, path::Path, time::Duration};

use nix::{
    libc,
    sys::{
        resource::{UsageWho, getrusage},
        signalfd::SignalFd,
        time::TimeValLike,
    },
    time::clock_getcpuclockid,
    unistd::Pid,
};

use crate::{
    casualties::{Casualties, Cause},
    cgroup::Cgroup,
    child::Child,
    descriptors::Descriptors,
    files,
    gauges::Gauges,
    output::CHUNK,
    protocol::{Ending, Kernel, Report, Run, Stream},
    reap,
    uncharged::Uncharged,
    waiting::Waiting,
    watch::Watch,
};

/// What is read during a run, and what it was before the program began: looked up while there is time, before the request
/// comes.
#[derive(Debug)]
pub struct Before {
    pub(crate) gauges: Gauges,
    pub(crate) waiting: Waiting,
    pub(crate) casualties: Casualties,
    pub(crate) descriptors: Descriptors,
    pub(crate) uncharged: Uncharged,
    pub(crate) cgroup_cpu_us: Option<u64>,
    /// Where what is read of an output goes first.
    pub(crate) chunk: Vec<u8>,
    interpreter_cpu_us: u64,
    forks_refused: Option<u64>,
}

impl Before {
    /// Looks now.
    #[must_use]
    pub fn look(cgroup: Cgroup, child: &Child) -> Self {
        touch_stack();
        let gauges = Gauges::open(cgroup);
        Self {
            waiting: Waiting::prepare(child.pid, &gauges),
            casualties: Casualties::prepare(child.pid, &gauges),
            descriptors: Descriptors::of(child.pid),
            uncharged: Uncharged::of(cgroup),
            cgroup_cpu_us: gauges.cpu_us(),
            chunk: vec![0xff; CHUNK],
            interpreter_cpu_us: cpu_of(child.pid),
            forks_refused: gauges.forks_refused(),
            gauges,
        }
    }
}

/// A run that is over: its report, and memory for the frame that carries it.
#[derive(Debug)]
pub struct Over {
    /// What came of it.
    pub report: Report,
    /// Empty, with room for all of it.
    pub frame: Vec<u8>,
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
) -> io::Result<Option<Over>> {
    let mut report = Report {
        nonce: request.nonce,
        ending: Ending::NotRun(libc::EIO),
        stdout: Stream::default(),
        stderr: Stream::default(),
        wall_us: 0,
        waited_us: 0,
        cpu_us: 0,
        memory_peak: 0,
        oom_kills: None,
        forks_refused: 0,
        descriptors_used_up: false,
    };
    let mut placed = files::write(workdir, &request.files);
    if kernel == Kernel::Own {
        placed = placed.and_then(|()| files::seal(workdir));
    }
    if let Err(error) = placed {
        report.ending = Ending::NotRun(error.raw_os_error().unwrap_or(libc::EIO));
        return Ok(Some(Over { report, frame: Vec::new() }));
    }
    let kept = request.limits.head_bytes as usize + request.limits.tail_bytes as usize;
    let frame = touched(2 * kept + LONGEST_REST);
    let interpreter_cpu_us = before.interpreter_cpu_us;
    let forks_refused = before.forks_refused;
    let mut watch = Watch::begin(request, child, before, workdir)?;
    let Some(ending) = watch.until_end(signals, handler)? else { return Ok(None) };
    report.wall_us = micros(watch.started.elapsed());
    report.waited_us = watch.before.waiting.waited_us();
    let killed_beside = reap::end_everything(signals)?;
    let gauges = &watch.before.gauges;
    report.ending = match ending {
        // A kernel of the sandbox's own kills nobody for memory.
        Ending::Signaled(SIGKILL) if kernel == Kernel::Host => {
            match watch.before.casualties.judge(gauges, watch.killed_beside || killed_beside) {
                Cause::Memory => Ending::KilledForMemory,
                Cause::Signal => ending,
                Cause::Unknown => Ending::KilledForUnknown,
            }
        }
        _ => ending,
    };
    report.oom_kills = match kernel {
        Kernel::Host => watch.before.casualties.kills(gauges),
        Kernel::Own => Some(0),
    };
    let refused = gauges.forks_refused().zip(forks_refused);
    report.forks_refused = refused.map_or(0, |(now, before)| now.saturating_sub(before));
    report.descriptors_used_up = watch.before.descriptors.used_up();
    report.memory_peak = gauges.memory_peak().or(watch.memory_peak).unwrap_or_else(largest_child);
    report.cpu_us = cpu_of_children().saturating_sub(interpreter_cpu_us);
    if kernel == Kernel::Own {
        // It has one CPU, and a kernel that counts waiting for it as well.
        report.cpu_us = report.cpu_us.min(report.wall_us);
    }
    (report.stdout, report.stderr) = watch.collect();
    // What crossed the line in the last bytes before the exit crossed it all the same.
    if report.stdout.total + report.stderr.total > request.limits.flood_bytes {
        report.ending = Ending::Flood;
    }
    Ok(Some(Over { report, frame }))
}

/// Bytes of a report beside what was kept of the streams, at most.
const LONGEST_REST: usize = 256;
/// Bytes of stack that are touched: more than anything from here to the report takes.
const STACK: usize = 128 * 1024;
const SIGKILL: u8 = 9;

/// Memory of this size that the kernel has really given, and that is empty.
pub(crate) fn touched(bytes: usize) -> Vec<u8> {
    // Zeroes would be had for nothing, page by page when they are written: too late.
    let mut memory = vec![0xff; bytes];
    memory.clear();
    memory
}

/// Has the kernel give the stack that will be needed.
#[inline(never)]
fn touch_stack() {
    black_box([0xff_u8; STACK].as_mut_slice());
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
