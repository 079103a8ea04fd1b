//! One step: release, watch, end, report.
//!
//! # Memory
//! From the release on nothing here takes memory, of the kernel's neither: what init needs until its report has left is
//! taken, and touched, before. Else init would be the one that goes too far at the memory limit, and could be killed for it.
//!
//! # Liveness
//! Every wait here has a deadline. Processes that ignore signals get SIGKILL; one that does not die of it (stuck
//! in the kernel) is waited for two seconds, then left to the kernel, which ends the namespace with init. A handler that
//! does not read is waited for ten seconds.

use std::{hint::black_box, io, path::PathBuf, time::Duration};

use nix::{libc, time::clock_getcpuclockid, unistd::Pid};

use crate::{
    casualties::{Casualties, Cause},
    cgroup::Cgroup,
    child::Child,
    descriptors::Descriptors,
    disk::Disk,
    exchange::Line,
    gauges::Gauges,
    output::CHUNK,
    protocol::{CgroupLimits, Ending, Kernel, Nonce, Report, Step, Stream},
    reap::Toll,
    starter::{Place, Starter},
    supervisor::Policy,
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
    /// CPU time of the process that waits, in microseconds.
    waiting_cpu_us: u64,
    forks_refused: Option<u64>,
    /// Bytes that the sandbox held, and the most that it ever had.
    pub(crate) memory_used: Option<u64>,
    memory_peak: Option<u64>,
}

impl Before {
    /// Looks for the first time.
    #[must_use]
    pub fn look(cgroup: Cgroup, child: &Child) -> Self {
        Self::look_by(Gauges::open(cgroup), Uncharged::of(cgroup), vec![0xff; CHUNK], child)
    }

    /// Looks again, for the next step, by what is open already.
    #[must_use]
    pub fn again(self, child: &Child) -> Self {
        Self::look_by(self.gauges, self.uncharged, self.chunk, child)
    }

    /// Knows that the cgroup's limits are these by now.
    pub const fn lowered_to(&mut self, limits: CgroupLimits) {
        self.gauges.set_memory_limit(limits.memory_bytes);
    }

    fn look_by(gauges: Gauges, mut uncharged: Uncharged, chunk: Vec<u8>, child: &Child) -> Self {
        touch_stack();
        uncharged.begin();
        Self {
            waiting: Waiting::prepare(child.pid, &gauges),
            casualties: Casualties::prepare(child.pid, &gauges),
            descriptors: Descriptors::of(child.pid),
            uncharged,
            cgroup_cpu_us: gauges.cpu_us(),
            chunk,
            waiting_cpu_us: cpu_of(child.pid),
            forks_refused: gauges.forks_refused(),
            memory_used: gauges.memory_used(),
            memory_peak: gauges.memory_peak(),
            gauges,
        }
    }
}

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The job's.
    pub nonce: Nonce,
    /// The file to run, relative to the folder of the program's files.
    pub entry: &'a str,
    /// How it is to be run.
    pub step: &'a Step<'a>,
    /// What its program may change.
    pub policy: Policy,
    /// How much its program may write, if it may write among its files.
    pub disk: Option<&'a Disk>,
    /// Whether nothing of the program has run before.
    pub is_first: bool,
}

/// A run that is over: its report, and memory for the frame that carries it.
#[derive(Debug)]
pub struct Over {
    /// What came of it.
    pub report: Report,
    /// Empty, with room for all of it.
    pub frame: Vec<u8>,
    /// The name that the program's file has now, where it was given another one.
    pub renamed: Option<PathBuf>,
    /// What it was measured by, to be used again.
    pub before: Before,
}

/// Runs the program in the process that waits for it, and tells how it ended; `None` when the handler has gone away
/// meanwhile. Afterwards every process of the step is dead.
///
/// # Errors
/// When the kernel refuses what it should not, and when the handler says what it may not.
pub fn run(
    order: &Order,
    child: Child,
    before: Before,
    starter: &mut Starter,
    line: &mut Line,
    toll: &mut Toll,
) -> io::Result<Option<Over>> {
    let Place { kernel, signals, names, .. } = starter.place();
    let limits = order.step.limits;
    let mut report = not_run(order.nonce, order.step.number, libc::EIO);
    let frame = touched(2 * (limits.head_bytes as usize + limits.tail_bytes as usize) + LONGEST_REST);
    toll.reset();
    let mut watch = Watch::begin(order, child, before, &starter.place().workdir, line)?;
    let Some(ending) = watch.until_end(signals, names, toll)? else { return Ok(None) };
    report.wall_us = micros(watch.started.elapsed());
    report.waited_us = watch.before.waiting.waited_us();
    let killed_beside = starter.end_step(toll)?;
    let gauges = &watch.before.gauges;
    report.ending = match ending {
        // A kernel of the sandbox's own kills nobody for memory.
        Ending::Signaled(SIGKILL) if kernel.is_the_hosts() => {
            match watch.before.casualties.judge(gauges, watch.killed_beside || killed_beside) {
                Cause::Memory => Ending::KilledForMemory,
                Cause::Signal => ending,
                Cause::Unknown => Ending::KilledForUnknown,
            }
        }
        _ => ending,
    };
    if let Some(full) = order.disk.and_then(Disk::over)
        && matches!(report.ending, Ending::Exited(_) | Ending::Signaled(_))
    {
        report.ending = full;
    }
    report.oom_kills = match kernel {
        Kernel::Host | Kernel::HostWithoutLandlock => watch.before.casualties.kills(gauges),
        Kernel::Own => Some(0),
    };
    let refused = gauges.forks_refused().zip(watch.before.forks_refused);
    report.forks_refused = refused.map_or(0, |(now, before)| now.saturating_sub(before));
    report.descriptors_used_up = watch.before.descriptors.used_up();
    report.memory_peak = if order.is_first {
        gauges.memory_peak().or(watch.memory_peak).unwrap_or(toll.largest)
    } else {
        peak_of_a_later_step(&watch, report.oom_kills, toll.largest)
    };
    report.cpu_us = toll.cpu_us.saturating_sub(watch.before.waiting_cpu_us);
    if *kernel == Kernel::Own {
        // It has one CPU, and a kernel that counts waiting for it as well.
        report.cpu_us = report.cpu_us.min(report.wall_us);
    }
    let renamed = watch.renamed.take();
    let before;
    (report.stdout, report.stderr, before) = watch.collect()?;
    // What crossed the line in the last bytes before the exit crossed it all the same.
    if report.stdout.total + report.stderr.total > limits.flood_bytes {
        report.ending = Ending::Flood;
    }
    Ok(Some(Over { report, frame, renamed, before }))
}

/// The report of a step of which nothing was run, for this reason (errno).
#[must_use]
pub fn not_run(nonce: Nonce, step: u16, errno: i32) -> Report {
    Report {
        nonce,
        step,
        ending: Ending::NotRun(errno),
        stdout: Stream::default(),
        stderr: Stream::default(),
        wall_us: 0,
        waited_us: 0,
        cpu_us: 0,
        memory_peak: 0,
        oom_kills: None,
        forks_refused: 0,
        descriptors_used_up: false,
        built_bytes: 0,
    }
}

/// The report of a step of which nothing was run because the cgroup's limits are not those that were to be.
#[must_use]
pub fn not_lowered(nonce: Nonce, step: u16) -> Report {
    Report { ending: Ending::NotLowered, ..not_run(nonce, step, 0) }
}

/// The most memory that a step held which is not the first: the cgroup's own peak cannot be set back from inside, so it
/// tells only where this step went beyond all others. A step that the kernel killed in for memory had reached the limit.
fn peak_of_a_later_step(watch: &Watch, oom_kills: Option<u64>, largest: u64) -> u64 {
    let before = &watch.before;
    let at_limit = before.gauges.memory_limit().filter(|_| oom_kills.is_some_and(|kills| kills > 0));
    let new_peak =
        before.gauges.memory_peak().filter(|peak| before.memory_peak.is_some_and(|old| *peak > old));
    let used = new_peak.max(watch.most_used).zip(before.memory_used);
    let own = used.map(|(used, before)| used.saturating_sub(before));
    let most = at_limit.max(own).max(watch.memory_peak).unwrap_or(0).max(largest);
    // Of a process the kernel also counts what belongs to others, the pages of programs.
    before.gauges.memory_limit().map_or(most, |limit| most.min(limit))
}

/// Bytes of a report beside what was kept of the streams, at most.
const LONGEST_REST: usize = 256;
/// Bytes of stack that are touched: more than anything from here to the report takes.
const STACK: usize = 128 * 1024;
/// Bytes of heap that are touched: many times what all small allocations of a run take, and less than what the allocator would
/// give back to the kernel.
const HEAP: usize = 32 * 1024;
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

/// Has the kernel give the memory that small allocations will take from here to the report. The allocator keeps what is
/// freed, and hands it out again.
#[inline(never)]
pub(crate) fn touch_heap() {
    drop(black_box(touched(HEAP)));
}

fn cpu_of(pid: Pid) -> u64 {
    let now = clock_getcpuclockid(pid).and_then(nix::time::ClockId::now);
    now.map_or(0, |time| micros(time.into()))
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
