//! From sandbox-init's report to the domain's outcome: the one place that decides how a run ended.

use std::time::Duration;

use sandbox_init::protocol::{Ending as Seen, Report, Stream, UNCHARGED_BYTES};

use crate::{
    domain::{
        files::{WORKSPACE_BYTES, WORKSPACE_NAMES},
        limits::{FLOOD_BYTES, Limits},
        outcome::{Captured, Ending, LimitMet, LimitName, LimitReached, MetName, Outcome, Signal, Usage},
    },
    outbound::docker::sandbox::spec::DESCRIPTORS,
};

const SIGKILL: u8 = 9;

/// What the engine knows of a sandbox whose own count of kills could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineSays {
    /// The host's kernel killed in it for memory.
    OutOfMemory,
    /// Nothing of the kind; or it was not asked.
    Nothing,
}

/// What a step was held to.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// Its limits.
    pub limits: &'a Limits,
    /// Whether its memory limit is lower than that of its sandbox: sandbox-init looks every 10 ms, and its peak tells of what
    /// came and went in between.
    pub below_cgroup: bool,
    /// Processes and threads at once.
    pub processes: u32,
}

/// What came of the run; `None` when the report says that it was never begun.
#[must_use]
pub fn to_outcome(report: Report, held: Held<'_>, out_of_memory: EngineSays) -> Option<Outcome> {
    let Held { limits, below_cgroup, processes } = held;
    let wall = Duration::from_micros(report.wall_us);
    let waited = Duration::from_micros(report.waited_us).min(wall);
    let limits_met = limits_met(&report, processes);
    let written = report.stdout.total + report.stderr.total;
    let reached =
        |name, value, observed, evidence| Ending::Limit(LimitReached { name, value, observed, evidence });
    let seconds = limits.timeout.as_secs_f64();
    let ending = match report.ending {
        Seen::NotRun(_) | Seen::NotLowered | Seen::Stopped => return None,
        Seen::Exited(_) | Seen::Signaled(_) if below_cgroup && report.memory_peak > limits.memory_bytes() => reached(
            LimitName::Memory,
            exact(limits.memory_bytes()),
            exact(report.memory_peak),
            "bytes that its processes held at most".to_owned(),
        ),
        Seen::Exited(code) => Ending::Exited(code),
        // The kernel's own count, read by PID 1 from the sandbox's cgroup: exit 137 alone proves nothing.
        Seen::KilledForMemory => reached(
            LimitName::Memory,
            exact(limits.memory_bytes()),
            exact(report.memory_peak),
            format!(
                "the kernel's OOM killer ended {} of the sandbox's processes",
                report.oom_kills.unwrap_or(1)
            ),
        ),
        Seen::KilledForUnknown if out_of_memory == EngineSays::OutOfMemory => reached(
            LimitName::Memory,
            exact(limits.memory_bytes()),
            exact(report.memory_peak),
            "the engine was told that the kernel's OOM killer struck; the sandbox's own count could not be read"
                .to_owned(),
        ),
        Seen::KilledForUnknown => Ending::Signaled(Signal(SIGKILL)),
        Seen::Signaled(number) => Ending::Signaled(Signal(number)),
        Seen::WallTime => reached(
            LimitName::WallTime,
            seconds,
            (wall - waited).as_secs_f64(),
            time_spent(wall, waited, Duration::from_micros(report.cpu_us)),
        ),
        Seen::Clock => reached(
            LimitName::WallTime,
            seconds,
            wall.as_secs_f64(),
            format!(
                "the host was too busy: by the clock this is the longest that a run may take; the program got {:.2} s of \
                 CPU time, and wanted a CPU that others had for {:.2} s",
                Duration::from_micros(report.cpu_us).as_secs_f64(),
                waited.as_secs_f64()
            ),
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
            "bytes that its processes held when they were killed".to_owned(),
        ),
        Seen::Uncharged(held) => reached(
            LimitName::Memory,
            exact(UNCHARGED_BYTES),
            exact(held),
            "bytes that the kernel held for its connections on loopback and its pseudo-terminals, beside those that the \
             memory limit counts, when it was killed"
                .to_owned(),
        ),
        Seen::DiskFull { bytes, .. } if bytes > WORKSPACE_BYTES => reached(
            LimitName::Disk,
            exact(WORKSPACE_BYTES),
            exact(bytes),
            "bytes that it had written in the folder of its files".to_owned(),
        ),
        Seen::DiskFull { names, .. } => reached(
            LimitName::Disk,
            exact(WORKSPACE_NAMES),
            exact(names),
            "files and folders that it had made in the folder of its files".to_owned(),
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
            wall,
            cpu: Duration::from_micros(report.cpu_us),
            memory_bytes: report.memory_peak,
            oom_kills: report.oom_kills.unwrap_or(u64::from(out_of_memory == EngineSays::OutOfMemory)),
        },
        limits_met,
    })
}

/// What a program that ran out of time had of it.
fn time_spent(wall: Duration, waited: Duration, cpu: Duration) -> String {
    let (wall, cpu) = (wall.as_secs_f64(), cpu.as_secs_f64());
    // What no host is free of is not worth a word.
    if waited < Duration::from_millis(50) {
        return format!("the program was still running and was killed; it got {cpu:.2} s of CPU time");
    }
    let waited = waited.as_secs_f64();
    format!(
        "the program was still running after {wall:.2} s by the clock and was killed; it got {cpu:.2} s of CPU time, and \
         the {waited:.2} s in which it wanted a CPU that others had do not count"
    )
}

/// The limits that refused the program something.
fn limits_met(report: &Report, most: u32) -> Vec<LimitMet> {
    let processes = (report.forks_refused > 0).then(|| LimitMet {
        name: MetName::Processes,
        evidence: format!(
            "it may have {most} processes and threads at once; the kernel refused another one {} {}",
            report.forks_refused,
            if report.forks_refused == 1 { "time" } else { "times" }
        ),
    });
    let descriptors = report.descriptors_used_up.then(|| LimitMet {
        name: MetName::Descriptors,
        evidence: format!(
            "a process may have {DESCRIPTORS} descriptors open at once; its main process had as many"
        ),
    });
    processes.into_iter().chain(descriptors).collect()
}

/// What the kernel says of a sandbox whose interpreter did not fit into the memory that was asked for.
pub const NEVER_CAME_UP: &str = "the kernel's OOM killer ended the interpreter before the program began";
/// What there is to say of a program for which what its compiler made leaves no room.
pub const BUILT_TOO_MUCH: &str = "what the compiler made fills the memory that the program may use";
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
        limits_met: Vec::new(),
    }
}

fn captured(stream: Stream) -> Captured {
    Captured { head: stream.head.into(), tail: stream.tail.into(), total: stream.total }
}

#[expect(clippy::cast_precision_loss, reason = "byte counts are far below 2^53")]
const fn exact(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(ending: Seen) -> Report {
        Report {
            nonce: [0; 16],
            step: 0,
            ending,
            stdout: Stream::default(),
            stderr: Stream::default(),
            wall_us: 23_100_000,
            waited_us: 0,
            cpu_us: 9_870_000,
            memory_peak: 1 << 20,
            oom_kills: Some(0),
            forks_refused: 0,
            descriptors_used_up: false,
            built_bytes: 0,
        }
    }

    fn outcome(report: Report, engine: EngineSays) -> Outcome {
        let held = Held { limits: &Limits::default(), below_cgroup: false, processes: 64 };
        to_outcome(report, held, engine).unwrap()
    }

    #[track_caller]
    fn limit(report: Report) -> LimitReached {
        match outcome(report, EngineSays::Nothing).ending {
            Ending::Limit(limit) => limit,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn time_that_others_had_is_told_and_not_counted() {
        let limit = limit(Report { waited_us: 13_100_000, ..report(Seen::WallTime) });
        assert_eq!((limit.name, limit.value, limit.observed), (LimitName::WallTime, 10.0, 10.0));
        assert_eq!(
            limit.evidence,
            "the program was still running after 23.10 s by the clock and was killed; it got 9.87 s of CPU time, and the \
             13.10 s in which it wanted a CPU that others had do not count"
        );
    }

    #[test]
    fn a_quiet_host_is_not_spoken_of() {
        let limit = limit(Report { waited_us: 49_000, wall_us: 10_050_000, ..report(Seen::WallTime) });
        assert_eq!(limit.evidence, "the program was still running and was killed; it got 9.87 s of CPU time");
        assert!(limit.observed >= limit.value);
    }

    #[test]
    fn a_host_that_is_too_busy_is_told_with_all_the_time_by_the_clock() {
        let limit = limit(Report { wall_us: 40_010_000, waited_us: 37_000_000, ..report(Seen::Clock) });
        assert_eq!((limit.name, limit.observed), (LimitName::WallTime, 40.01));
        assert!(limit.evidence.starts_with("the host was too busy"), "{}", limit.evidence);
    }

    #[test]
    fn a_kill_whose_cause_init_cannot_know_is_a_signal_unless_the_engine_knows() {
        let unknown = || Report { oom_kills: None, ..report(Seen::KilledForUnknown) };
        assert_eq!(outcome(unknown(), EngineSays::Nothing).ending, Ending::Signaled(Signal(SIGKILL)));
        let known = outcome(unknown(), EngineSays::OutOfMemory);
        assert!(matches!(known.ending, Ending::Limit(LimitReached { name: LimitName::Memory, .. })));
        assert_eq!(known.usage.oom_kills, 1);
    }

    #[test]
    fn limits_that_were_met_are_named_with_their_values() {
        assert_eq!(outcome(report(Seen::Exited(0)), EngineSays::Nothing).limits_met, []);
        let met = Report { forks_refused: 36, descriptors_used_up: true, ..report(Seen::Exited(0)) };
        let met = outcome(met, EngineSays::Nothing).limits_met;
        assert_eq!(met.iter().map(|met| met.name).collect::<Vec<_>>(), MetName::ALL);
        assert!(met[0].evidence.contains("64 processes") && met[0].evidence.contains("36 times"));
        assert!(met[1].evidence.contains("1024 descriptors"));
    }
}
