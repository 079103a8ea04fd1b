//! Records to write.

use std::time::Duration;

use bytes::Bytes;
use safe_code_executor::domain::{
    caller::{Caller, Source},
    id::ExecutionId,
    limits::Limits,
    outcome::{
        LimitMet, LimitName, LimitReached, MetName, SandboxFacts, SandboxTimings, Start, Status, Usage,
    },
    record::{EndRecord, FailedStatus, RanRecord, RunFacts, StartRecord},
};
use time::OffsetDateTime;

/// After this, a start without an end reads as abandoned.
pub const ABANDONED: Duration = Duration::from_secs(40);
/// After this, a record is not shown.
pub const EXPIRES: Duration = Duration::from_hours(1);

pub fn start(caller: &str, now: OffsetDateTime) -> StartRecord {
    StartRecord {
        id: ExecutionId::generate(),
        caller: Caller::principal(caller),
        source: Source::Http,
        language: "python".to_owned(),
        code: Bytes::from_static(b"print(2+2)"),
        started_at: now,
        abandoned_at: now + ABANDONED,
        expires_at: now + EXPIRES,
    }
}

pub fn ran() -> RanRecord {
    RanRecord {
        status: Status::Completed,
        exit_code: 0,
        signal: None,
        limit: None,
        stdout: Bytes::from_static(b"4\n"),
        stderr: Bytes::new(),
        stdout_total: 2,
        stderr_total: 0,
        timeout: Duration::from_secs(10),
        usage: Usage {
            wall: Duration::from_nanos(3_141_592),
            cpu: Duration::from_nanos(2_200_001),
            memory_bytes: 8_421_376,
            oom_kills: 0,
        },
        facts: None,
    }
}

/// What the answer to a run said, with odd values.
fn facts() -> RunFacts {
    RunFacts {
        sandbox: SandboxFacts {
            start: Start::Warm,
            runtime: "runc".to_owned(),
            image: "registry/ünïcode:1\0\"".to_owned(),
            digest: "sha256:0".to_owned(),
        },
        limits: Limits { timeout: Duration::from_millis(10), memory_mb: 16, output_bytes: u64::MAX },
        timings: SandboxTimings {
            queue: Duration::ZERO,
            acquire: Duration::from_nanos(1),
            run: Duration::from_hours(1),
            collect: Duration::MAX,
        },
        stdout_head: 0,
        stderr_head: u64::MAX,
        limits_met: vec![LimitMet { name: MetName::Processes, evidence: "3 times refused".to_owned() }],
    }
}

/// An end whose every part names `who`, with streams too long for a preview.
pub fn ran_by(who: usize) -> EndRecord {
    let stream = Bytes::from(format!("writer {who}\n").repeat(1000));
    let total = stream.len() as u64;
    EndRecord::Ran(RanRecord {
        exit_code: i32::try_from(who).unwrap(),
        stdout: stream.clone(),
        stderr: stream,
        stdout_total: total,
        stderr_total: total,
        ..ran()
    })
}

/// One end of every kind there is.
pub fn every_end() -> Vec<EndRecord> {
    let limit = |name, value, observed| {
        Some(LimitReached {
            name, value, observed, evidence: "cgroup oom_kill 1 — „dead“\0".to_owned()
        })
    };
    let mut ends = vec![
        EndRecord::Ran(ran()),
        EndRecord::Ran(RanRecord { status: Status::NonzeroExit, exit_code: 255, ..ran() }),
        EndRecord::Ran(RanRecord { status: Status::Signal, exit_code: 137, signal: Some(9), ..ran() }),
        EndRecord::Failed {
            status: FailedStatus::SandboxError,
            message: "The sandbox was lost.\n\0\"日本\"".to_owned(),
        },
        EndRecord::Failed { status: FailedStatus::Cancelled, message: String::new() },
        EndRecord::Failed { status: FailedStatus::NotStarted, message: "Busy.".to_owned() },
        EndRecord::Failed { status: FailedStatus::Rejected, message: "No good.".to_owned() },
        EndRecord::Ran(RanRecord { facts: Some(Box::new(facts())), ..ran() }),
    ];
    for (status, exit_code, limit) in [
        (Status::TimeLimit, -2, limit(LimitName::WallTime, 0.1, 0.100_000_000_000_000_02)),
        (Status::TimeLimit, -2, limit(LimitName::CpuTime, 10.0, 1e300)),
        (Status::MemoryLimit, 137, limit(LimitName::Memory, 134_217_728.0, 134_217_728.0)),
        (Status::OutputLimit, 137, limit(LimitName::Output, 8_388_608.0, 8_388_609.0)),
    ] {
        ends.push(EndRecord::Ran(RanRecord { status, exit_code, limit, ..ran() }));
    }
    let most = i64::MAX.unsigned_abs();
    ends.push(EndRecord::Ran(RanRecord {
        exit_code: i32::MIN,
        signal: Some(255),
        stdout_total: most,
        stderr_total: most,
        timeout: Duration::from_nanos(most),
        usage: Usage {
            wall: Duration::from_nanos(most),
            cpu: Duration::from_nanos(1),
            memory_bytes: most,
            oom_kills: most,
        },
        ..ran()
    }));
    ends.push(EndRecord::Ran(RanRecord { stdout: Bytes::new(), stdout_total: 0, ..ran() }));
    ends
}

/// So many bytes that are no text, each value in turn.
pub fn binary(length: usize) -> Bytes {
    (0..=255).rev().cycle().take(length).collect::<Vec<u8>>().into()
}
