//! The executions that the fixtures hold: one of every kind that an earlier release could write.

use std::time::Duration;

use bytes::Bytes;
use safe_code_executor::domain::{
    caller::{Caller, Source},
    id::ExecutionId,
    limits::Limits,
    outcome::{
        Captured, Ending, Execution, LimitMet, LimitName, LimitReached, MetName, Outcome, SandboxFacts,
        SandboxTimings, Signal, Start, Usage,
    },
    record::{EndRecord, FailedStatus, RanRecord, StartRecord},
};
use time::{OffsetDateTime, macros::datetime};

/// When the first of them began. Each of the others began a minute after the one before.
const FIRST: OffsetDateTime = datetime!(2026-11-20 12:00:00.123 UTC);
/// When they are read. The first execution reads as abandoned by then, the last as running; none is expired.
pub const READ: OffsetDateTime = datetime!(2026-11-20 13:00:00 UTC);
/// When all of them expire: DynamoDB deletes by a clock that is not the test's.
pub const EXPIRES: OffsetDateTime = datetime!(2100-01-01 00:00:00 UTC);

/// Whose they are.
pub fn caller() -> Caller {
    Caller::principal("ann")
}

/// Each execution with its end, where it has one.
pub fn all() -> Vec<(StartRecord, Option<EndRecord>)> {
    let mut ends = vec![None];
    ends.extend(endings().into_iter().map(|ending| Some(ran(ending))));
    ends.push(Some(EndRecord::Ran(of(&long_streams()))));
    ends.push(Some(EndRecord::Ran(of(&limits_met()))));
    // As of before a record had all that its answer said.
    for ending in [Ending::Exited(0), limit(LimitName::WallTime, 0.1, 0.100_000_000_000_000_02)] {
        ends.push(Some(EndRecord::Ran(RanRecord { facts: None, ..of(&execution(ending)) })));
    }
    for status in FailedStatus::ALL {
        let message = format!("Because of “{}”.\n\0", status.as_str());
        ends.push(Some(EndRecord::Failed { status, message }));
    }
    ends.push(None);
    ends.into_iter().enumerate().map(|(n, end)| (start(n), end)).collect()
}

fn start(n: usize) -> StartRecord {
    let minutes = u32::try_from(n).unwrap();
    let started_at = FIRST + Duration::from_mins(1) * minutes;
    StartRecord {
        id: id(n),
        caller: caller(),
        source: Source::ALL[n % Source::ALL.len()],
        language: ["python", "javascript"][n % 2].to_owned(),
        code: if n == 3 { "print('日本')\n".repeat(300).into() } else { format!("print({n})").into() },
        started_at,
        // The last one is still running when it is read.
        abandoned_at: started_at + if n < 10 { Duration::from_secs(40) } else { Duration::from_hours(2) },
        expires_at: EXPIRES,
    }
}

/// The id of the execution with this number.
pub fn id(n: usize) -> ExecutionId {
    let millis = FIRST.unix_timestamp() * 1000 + i64::try_from(n).unwrap() * 60_000;
    format!("{:08x}-{:04x}-7000-8000-{n:012x}", millis >> 16, millis & 0xffff).parse().unwrap()
}

fn limit(name: LimitName, value: f64, observed: f64) -> Ending {
    Ending::Limit(LimitReached {
        name, value, observed, evidence: "cgroup oom_kill 1 — „dead“\0".to_owned()
    })
}

fn endings() -> Vec<Ending> {
    vec![
        Ending::Exited(0),
        Ending::Exited(3),
        Ending::Exited(255),
        Ending::Signaled(Signal(11)),
        Ending::Signaled(Signal(64)),
        limit(LimitName::WallTime, 0.1, 0.1 + 0.2),
        limit(LimitName::CpuTime, 10.0, 1e300),
        limit(LimitName::Memory, 134_217_728.0, 134_217_728.0),
        limit(LimitName::Output, 8_388_608.0, 8_388_609.0),
    ]
}

fn ran(ending: Ending) -> EndRecord {
    EndRecord::Ran(of(&execution(ending)))
}

fn of(execution: &Execution) -> RanRecord {
    let limits = Limits { timeout: Duration::from_millis(2500), memory_mb: 64, output_bytes: 65_536 };
    RanRecord::of(execution, limits)
}

fn execution(ending: Ending) -> Execution {
    Execution {
        outcome: Outcome {
            ending,
            stdout: Captured::whole("4\n"),
            stderr: Captured::whole("a warning\n"),
            usage: Usage {
                wall: Duration::from_nanos(3_141_592),
                cpu: Duration::from_nanos(2_200_001),
                memory_bytes: 8_421_376,
                oom_kills: 1,
            },
            limits_met: Vec::new(),
        },
        sandbox: SandboxFacts {
            start: Start::Warm,
            runtime: "runc".to_owned(),
            landlock: None,
            image: "registry/ünïcode:1\0\"".to_owned(),
            digest: "sha256:0".to_owned(),
        },
        timings: SandboxTimings {
            queue: Duration::ZERO,
            acquire: Duration::from_nanos(1),
            run: Duration::from_millis(1500),
            collect: Duration::from_secs(2),
        },
        compile: None,
        tests: None,
        collected: None,
    }
}

/// Streams longer than a list shows: text cut inside a character, and bytes that are no text.
fn long_streams() -> Execution {
    let mut long = execution(Ending::Exited(1));
    let text = Bytes::from("日本語\n".repeat(300));
    let (head, tail) = (text.slice(..2500), text.slice(..200).slice(1..));
    long.outcome.stdout = Captured { head, tail, total: 123_456_789_012 };
    long.outcome.stderr = Captured::whole((0..=255).rev().cycle().take(2100).collect::<Vec<u8>>());
    long
}

fn limits_met() -> Execution {
    let mut met = execution(Ending::Exited(0));
    met.outcome.limits_met = MetName::ALL
        .into_iter()
        .map(|name| LimitMet { name, evidence: format!("“{}” refused 3 times", name.as_str()) })
        .collect();
    met.sandbox.start = Start::Cold;
    met
}
