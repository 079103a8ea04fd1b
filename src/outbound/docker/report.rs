//! From sandbox-init's report to the domain's outcome: the one place that decides how a run ended.

use std::time::Duration;

use sandbox_init::protocol::{Ending as Seen, Kernel, Nonce, Report, Run, RunLimits, SOCKET_BYTES, Stream};

use crate::domain::{
    limits::{FLOOD_BYTES, Limits},
    outcome::{Captured, Ending, LimitName, LimitReached, Outcome, Signal, Usage},
    request::ExecutionRequest,
};

const SIGKILL: u8 = 9;

/// The frame that asks a sandbox with this kernel to run this.
#[must_use]
pub fn to_run(request: &ExecutionRequest, kernel: Kernel, nonce: Nonce) -> Run<'_> {
    let micros = u64::try_from(request.limits.timeout.as_micros()).unwrap_or(u64::MAX);
    // Three quarters from the beginning, one from the end: the end is where programs say why they ended.
    let kept = u32::try_from(request.limits.output_bytes).unwrap_or(u32::MAX);
    let tail = kept / 4;
    let files = request.program.project().iter();
    Run {
        nonce,
        entry: request.program.entrypoint().as_str(),
        args: request.args.as_slice().iter().map(String::as_str).collect(),
        stdin: request.stdin.as_bytes(),
        files: files
            .map(|(name, content)| sandbox_init::protocol::File { name: name.as_str(), content })
            .collect(),
        limits: RunLimits {
            wall_us: micros,
            cpu_us: micros,
            head_bytes: kept - tail,
            tail_bytes: tail,
            flood_bytes: FLOOD_BYTES,
            memory_bytes: (kernel == Kernel::Own).then(|| request.limits.memory_bytes()),
        },
    }
}

/// What came of the run; `None` when the report says that it was never begun.
#[must_use]
pub fn to_outcome(report: Report, limits: &Limits) -> Option<Outcome> {
    let written = report.stdout.total + report.stderr.total;
    let reached =
        |name, value, observed, evidence| Ending::Limit(LimitReached { name, value, observed, evidence });
    let seconds = limits.timeout.as_secs_f64();
    let ending = match report.ending {
        Seen::NotRun(_) => return None,
        Seen::Exited(code) => Ending::Exited(code),
        // The kernel's own count, read by PID 1 from the sandbox's cgroup: exit 137 alone proves nothing.
        Seen::Signaled(SIGKILL) if report.oom_kills > 0 => reached(
            LimitName::Memory,
            exact(limits.memory_bytes()),
            exact(report.memory_peak),
            format!("the kernel's OOM killer ended {} of the sandbox's processes", report.oom_kills),
        ),
        Seen::Signaled(number) => Ending::Signaled(Signal(number)),
        Seen::WallTime => reached(
            LimitName::WallTime,
            seconds,
            Duration::from_micros(report.wall_us).as_secs_f64(),
            "the program was still running and was killed".to_owned(),
        ),
        Seen::CpuTime(used) => reached(
            LimitName::CpuTime,
            seconds,
            Duration::from_micros(used).as_secs_f64(),
            "the CPU time of all its processes together, as the kernel counts it".to_owned(),
        ),
        Seen::Memory(used) => reached(
            LimitName::Memory,
            exact(limits.memory_bytes()),
            exact(used),
            "bytes that its processes held, as the sandbox's own kernel counts them, when they were killed"
                .to_owned(),
        ),
        Seen::Sockets(held) => reached(
            LimitName::Memory,
            exact(SOCKET_BYTES),
            exact(held),
            "bytes that the kernel held for its connections on loopback, beside those that the memory limit counts, \
             when it was killed"
                .to_owned(),
        ),
        Seen::Flood => reached(
            LimitName::Output,
            exact(FLOOD_BYTES),
            exact(written),
            "bytes written to stdout and stderr until the program was killed".to_owned(),
        ),
    };
    Some(Outcome {
        ending,
        stdout: captured(report.stdout),
        stderr: captured(report.stderr),
        usage: Usage {
            wall: Duration::from_micros(report.wall_us),
            cpu: Duration::from_micros(report.cpu_us),
            memory_bytes: report.memory_peak,
            oom_kills: report.oom_kills,
        },
    })
}

/// What the kernel says of a sandbox whose interpreter did not fit into the memory that was asked for.
pub const NEVER_CAME_UP: &str = "the kernel's OOM killer ended the interpreter before the program began";
/// What the engine says of a sandbox that ended before it could report: gVisor's, which is killed whole.
pub const KILLED_WHOLE: &str =
    "the kernel's OOM killer struck, and the sandbox ended with all that was written";

/// Killed for memory, with nothing left of what it may have written.
#[must_use]
pub fn out_of_memory(limits: &Limits, evidence: &str) -> Outcome {
    let bytes = exact(limits.memory_bytes());
    Outcome {
        ending: Ending::Limit(LimitReached {
            name: LimitName::Memory,
            value: bytes,
            observed: bytes,
            evidence: evidence.to_owned(),
        }),
        stdout: Captured::default(),
        stderr: Captured::default(),
        usage: Usage { memory_bytes: limits.memory_bytes(), oom_kills: 1, ..Usage::default() },
    }
}

fn captured(stream: Stream) -> Captured {
    Captured { head: stream.head.into(), tail: stream.tail.into(), total: stream.total }
}

#[expect(clippy::cast_precision_loss, reason = "byte counts are far below 2^53")]
const fn exact(bytes: u64) -> f64 {
    bytes as f64
}
