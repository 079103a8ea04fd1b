//! Records to write.

use std::time::Duration;

use bytes::Bytes;
use safe_code_executor::domain::{
    caller::{Caller, Source},
    id::ExecutionId,
    judging::{CaseResult, Difference, TestsResult, Verdict},
    outcome::{
        Captured, Ending, LimitMet, LimitName, LimitReached, MetName, Outcome, SandboxFacts, SandboxTimings,
        Signal, Start, Usage,
    },
    record::{CompileRecord, EndRecord, FailedStatus, RanRecord, RunFacts, StartRecord, TestsRecord},
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
        ending: Ending::Exited(0),
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
        limits_met: Vec::new(),
        facts: None,
        tests: None,
        compile: None,
        files: None,
    }
}

/// What the answer to a run said, with odd values.
fn facts() -> RunFacts {
    RunFacts {
        sandbox: SandboxFacts {
            start: Start::Warm,
            runtime: "runc".to_owned(),
            landlock: Some(false),
            image: "registry/ünïcode:1\0\"".to_owned(),
            digest: "sha256:0".to_owned(),
        },
        memory_mb: 16,
        output_bytes: u64::MAX,
        timings: SandboxTimings {
            queue: Duration::ZERO,
            acquire: Duration::from_nanos(1),
            run: Duration::from_hours(1),
            collect: Duration::MAX,
        },
        stdout_head: 0,
        stderr_head: u64::MAX,
    }
}

/// An end whose every part names `who`, with streams too long for a preview.
pub fn ran_by(who: usize) -> EndRecord {
    let stream = Bytes::from(format!("writer {who}\n").repeat(1000));
    let total = stream.len() as u64;
    EndRecord::Ran(RanRecord {
        ending: Ending::Exited(u8::try_from(who).unwrap()),
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
        let evidence = "cgroup oom_kill 1 — „dead“\0".to_owned();
        Ending::Limit(LimitReached { name, value, observed, evidence })
    };
    let endings = [
        Ending::Exited(0),
        Ending::Exited(255),
        Ending::Signaled(Signal(9)),
        Ending::Signaled(Signal(255)),
        limit(LimitName::WallTime, 0.1, 0.100_000_000_000_000_02),
        limit(LimitName::CpuTime, 10.0, 1e300),
        limit(LimitName::Memory, 134_217_728.0, 134_217_728.0),
        limit(LimitName::Output, 8_388_608.0, 8_388_609.0),
    ];
    let mut ends: Vec<_> =
        endings.into_iter().map(|ending| EndRecord::Ran(RanRecord { ending, ..ran() })).collect();
    for (status, message) in
        FailedStatus::ALL.into_iter().zip(["The sandbox was lost.\n\0\"日本\"", "Busy.", "", "No good."])
    {
        ends.push(EndRecord::Failed { status, message: message.to_owned() });
    }
    let met = LimitMet { name: MetName::Processes, evidence: "3 times refused".to_owned() };
    let most = Usage { wall: Duration::MAX, cpu: Duration::MAX, memory_bytes: u64::MAX, oom_kills: u64::MAX };
    ends.extend(
        [
            RanRecord { facts: Some(Box::new(facts())), ..ran() },
            RanRecord { limits_met: vec![met], ..ran() },
            RanRecord { stdout: Bytes::new(), stdout_total: 0, ..ran() },
            RanRecord { compile: Some(Box::new(compiled(Ending::Exited(0), ""))), ..ran() },
            RanRecord {
                ending: Ending::NotCompiled(Box::new(limit(LimitName::Memory, 1.0, 2.0))),
                compile: Some(Box::new(compiled(limit(LimitName::Memory, 1.0, 2.0), ""))),
                ..ran()
            },
            RanRecord {
                stdout_total: u64::MAX,
                stderr_total: u64::MAX,
                timeout: Duration::MAX,
                usage: most,
                ..ran()
            },
        ]
        .map(EndRecord::Ran),
    );
    ends
}

/// A compiler that ended so, and wrote this to standard error.
pub fn compiled(ending: Ending, stderr: &str) -> CompileRecord {
    CompileRecord::of(&Outcome {
        ending,
        stdout: Captured::default(),
        stderr: Captured::whole(stderr.to_owned()),
        usage: ran().usage,
        limits_met: Vec::new(),
    })
}

/// What came of so many test cases: of every kind in turn, some with a difference whose lines have so many characters.
pub fn tests(number: usize, line: usize) -> TestsRecord {
    let case = |n: usize| {
        let verdict = Verdict::ALL[n % Verdict::ALL.len()];
        let skipped = verdict == Verdict::Skipped;
        let difference = Difference { line: n as u64, expected: "é".repeat(line), got: "x".repeat(line) };
        CaseResult {
            name: (!n.is_multiple_of(3)).then(|| format!("case {n}: „日本“\0")),
            verdict,
            outcome: (!skipped).then(|| case_outcome(n)),
            difference: (verdict == Verdict::WrongAnswer).then_some(difference),
            why_skipped: skipped.then(|| "A case before it failed.".to_owned()),
        }
    };
    TestsRecord::of(&TestsResult::of((0..number).map(case).collect()))
}

fn case_outcome(n: usize) -> Outcome {
    let ending = match n % 3 {
        0 => Ending::Exited(u8::try_from(n % 256).unwrap()),
        1 => Ending::Signaled(Signal(11)),
        _ => {
            let evidence = "the cgroup counted it".to_owned();
            Ending::Limit(LimitReached {
                name: LimitName::WallTime,
                value: 0.1,
                observed: 0.1 + 0.2,
                evidence,
            })
        }
    };
    Outcome {
        ending,
        stdout: Captured::whole("not kept"),
        stderr: Captured::default(),
        usage: ran().usage,
        limits_met: vec![LimitMet { name: MetName::Descriptors, evidence: "once".to_owned() }],
    }
}

/// So many bytes that are no text, each value in turn.
pub fn binary(length: usize) -> Bytes {
    (0..=255).rev().cycle().take(length).collect::<Vec<u8>>().into()
}
