use std::time::Duration;

use serde_json::{Value, json};

use super::{earlier::Parts, *};
use crate::domain::{
    judging::{Summary, Verdict},
    limits::Limits,
    outcome::{
        Captured, Execution, LimitName, LimitReached, MetName, Outcome, SandboxFacts, SandboxTimings, Signal,
        Start, Usage,
    },
    record::{CaseRun, FailedStatus, MAX_MESSAGE_BYTES, RanRecord, TestsRecord},
};

fn ran(ending: Ending) -> RanRecord {
    let outcome = Outcome {
        ending,
        stdout: Captured::whole("4\n"),
        stderr: Captured::whole("warning\n"),
        usage: Usage {
            wall: Duration::from_nanos(3_141_592),
            cpu: Duration::from_nanos(2_200_001),
            memory_bytes: 8_421_376,
            oom_kills: 1,
        },
        limits_met: vec![LimitMet { name: MetName::Processes, evidence: "3 times refused".to_owned() }],
    };
    let sandbox = SandboxFacts {
        start: Start::Warm,
        runtime: "runc".to_owned(),
        landlock: Some(true),
        image: "python:3.11-slim".to_owned(),
        digest: "sha256:0".to_owned(),
    };
    let timings = SandboxTimings { run: Duration::from_millis(5), ..SandboxTimings::default() };
    let execution = Execution { outcome, compile: None, sandbox, timings, tests: None, collected: None };
    RanRecord::of(&execution, Limits::default())
}

fn limit(value: f64, observed: f64) -> Ending {
    Ending::Limit(LimitReached { name: LimitName::WallTime, value, observed, evidence: "seen".to_owned() })
}

/// The record as a document gives it back.
fn without_streams(ran: &RanRecord) -> EndRecord {
    EndRecord::Ran(RanRecord { stdout: Bytes::new(), stderr: Bytes::new(), ..ran.clone() })
}

/// What is on record: a name that changes here makes records unreadable that were written before.
#[test]
fn a_document_of_version_1_has_these_names() {
    let duration = |nanos: u32| json!({ "secs": 0, "nanos": nanos });
    let document = |end: &EndRecord| serde_json::from_str::<Value>(&write(end).document).unwrap();
    let mut ran = ran(limit(0.1, 1e300));
    let summary = Summary { passed: 1, failed: 2, skipped: 3, verdict: Verdict::WrongAnswer };
    ran.tests = Some(TestsRecord { summary, cases: Vec::new(), cut: true });
    let ending = json!({
        "limit": { "name": "wall_time", "value": "0.1", "observed": "1e300", "evidence": "seen" },
    });
    let expected = json!({ "v": 1, "end": { "ran": {
        "ending": ending,
        "stdout_total": 2,
        "stderr_total": 8,
        "timeout": { "secs": 10, "nanos": 0 },
        "usage": {
            "wall": duration(3_141_592), "cpu": duration(2_200_001), "memory_bytes": 8_421_376, "oom_kills": 1,
        },
        "limits_met": [{ "name": "processes", "evidence": "3 times refused" }],
        "facts": {
            "sandbox": {
                "start": "Warm", "runtime": "runc", "landlock": true, "image": "python:3.11-slim", "digest": "sha256:0",
            },
            "memory_mb": 128,
            "output_bytes": 65_536,
            "timings": {
                "queue": duration(0), "acquire": duration(0), "run": duration(5_000_000), "collect": duration(0),
            },
            "stdout_head": 2,
            "stderr_head": 8,
        },
        "tests": {
            "summary": { "passed": 1, "failed": 2, "skipped": 3, "verdict": "wrong_answer" },
            "cut": true,
        },
    } } });
    assert_eq!(document(&EndRecord::Ran(ran)), expected);
    let failed = EndRecord::Failed { status: FailedStatus::NotStarted, message: "Busy.".to_owned() };
    let expected = json!({ "v": 1, "end": { "failed": { "status": "not_started", "message": "Busy." } } });
    assert_eq!(document(&failed), expected);
}

#[test]
fn the_cases_of_version_1_have_these_names() {
    let cases = json!({ "v": 1, "compiler": { "stderr": { "head": "a", "tail": "b" } }, "cases": [
        {
            "name": "small",
            "verdict": "wrong_answer",
            "run": {
                "ending": { "exited": 0 },
                "usage": {
                    "wall": { "secs": 1, "nanos": 0 }, "cpu": { "secs": 0, "nanos": 7 }, "memory_bytes": 5,
                    "oom_kills": 0,
                },
                "stdout_total": 3,
                "stderr_total": 4,
                "limits_met": [{ "name": "descriptors", "evidence": "once" }],
            },
            "difference": { "line": 2, "expected": "a", "got": "b" },
        },
        { "verdict": "skipped", "why_skipped": "A case before it failed." },
    ] });
    let read = super::cases::read(cases.to_string().as_bytes()).unwrap();
    let (text, cut) = super::cases::write(&read.cases, Some(&read.compiler), &[]);
    assert!(!cut);
    assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), cases);
    assert_eq!(read.cases[0].run.as_ref().map(|run: &CaseRun| run.stderr_total), Some(4));
}

#[test]
fn every_end_reads_back_exactly() {
    for ending in [
        Ending::Exited(255),
        Ending::Signaled(Signal(64)),
        limit(0.1 + 0.2, f64::MAX),
        limit(f64::MIN_POSITIVE, f64::INFINITY),
        Ending::NotCompiled(Box::new(Ending::Exited(1))),
        Ending::NotCompiled(Box::new(limit(1.0, 2.0))),
    ] {
        let ran = ran(ending);
        for facts in [ran.facts.clone(), None] {
            let ran = RanRecord { facts, ..ran.clone() };
            assert_eq!(read(&write(&EndRecord::Ran(ran.clone())).document).unwrap(), without_streams(&ran));
        }
    }
    for status in FailedStatus::ALL {
        let end = EndRecord::Failed { status, message: "Because of “it”.\n\0".to_owned() };
        assert_eq!(read(&write(&end).document).unwrap(), end);
    }
}

#[test]
fn a_later_version_is_read_as_far_as_it_can_be_and_refused_by_name_where_it_cannot() {
    let ran = ran(Ending::Exited(0));
    let mut document: Value = serde_json::from_str(&write(&EndRecord::Ran(ran.clone())).document).unwrap();
    document["end"]["ran"]["usage"]["energy"] = json!(1);
    document["end"]["ran"]["colour"] = json!({ "is": "blue" });
    document["author"] = json!("a later release");
    assert_eq!(read(&document.to_string()).unwrap(), without_streams(&ran), "of the same version");
    document["v"] = json!(2);
    assert_eq!(read(&document.to_string()).unwrap(), without_streams(&ran), "of a later version");
    document["end"]["ran"].as_object_mut().unwrap().remove("usage");
    let why = read(&document.to_string()).unwrap_err().to_string();
    assert!(why.contains("version 2") && why.contains("`usage`"), "{why}");
    let why = read_cases(br#"{"v": 3, "tests": []}"#, &mut ran.clone()).unwrap_err().to_string();
    assert!(why.contains("version 3") && why.contains("`cases`"), "{why}");
}

#[test]
fn what_is_no_document_is_refused() {
    for text in
        ["", "{}", "null", r#"{"v": 1}"#, r#"{"v": "1", "end": {}}"#, r#"{"v": 1, "end": {"ran": {}}}"#]
    {
        let refused = read(text);
        assert!(matches!(refused, Err(Unreadable::Broken(_))), "{text}: {refused:?}");
    }
}

#[test]
fn messages_and_evidence_are_cut() {
    let long = "x".repeat(MAX_MESSAGE_BYTES + 1);
    let end = EndRecord::Failed { status: FailedStatus::Cancelled, message: long.clone() };
    let EndRecord::Failed { message, .. } = read(&write(&end).document).unwrap() else { panic!() };
    assert_eq!(message.len(), MAX_MESSAGE_BYTES);
    let mut ran = ran(limit(1.0, 2.0));
    ran.limits_met[0].evidence.clone_from(&long);
    if let Ending::Limit(limit) = &mut ran.ending {
        limit.evidence = long;
    }
    let EndRecord::Ran(ran) = read(&write(&EndRecord::Ran(ran)).document).unwrap() else { panic!() };
    assert_eq!(ran.limits_met[0].evidence.len(), MAX_MESSAGE_BYTES);
    assert_eq!(ran.ending.limit().unwrap().evidence.len(), MAX_MESSAGE_BYTES);
}

#[test]
fn parts_of_before_that_make_no_sense_are_named() {
    let parts = |status: &str, exit_code, facts: Option<&str>| Parts {
        status: status.to_owned(),
        exit_code,
        signal: None,
        limit: None,
        timeout: Duration::from_secs(1),
        usage: Usage::default(),
        stdout_total: 0,
        stderr_total: 0,
        facts: facts.map(str::to_owned),
    };
    assert_eq!(parts("nonzero_exit", 3, None).ran().unwrap().ending, Ending::Exited(3));
    assert_eq!(parts("completed", 3, None).ran().unwrap_err(), "status");
    assert_eq!(parts("completed", -2, None).ran().unwrap_err(), "exit_code");
    assert_eq!(parts("completed", 0, Some("{}")).ran().unwrap_err(), "facts");
}
