//! Records of executions with test cases, and of programs that failed, as the history shows them.

use serde_json::{Value, json};

use super::HistoryEntry;
use crate::{
    domain::{
        caller::{Caller, Source},
        id::ExecutionId,
        judging::{CaseResult, Difference, TestsResult, Verdict},
        limits::Limits,
        outcome::{
            Captured, Ending, Execution, LimitName, LimitReached, Outcome, SandboxFacts, SandboxTimings,
            Start,
        },
        record::{EndRecord, ExecutionRecord, RanRecord, RecordState, StartRecord},
    },
    testing::{DIGEST, exited},
};

fn shown(outcome: Outcome, tests: Option<TestsResult>, keep: impl FnOnce(&mut RanRecord)) -> Value {
    let sandbox = SandboxFacts {
        start: Start::Warm,
        runtime: "runc".to_owned(),
        landlock: Some(true),
        image: "python:3.11-slim".to_owned(),
        digest: DIGEST.to_owned(),
    };
    let execution = Execution {
        outcome,
        compile: None,
        sandbox,
        timings: SandboxTimings::default(),
        tests,
        collected: None,
    };
    let mut ran = RanRecord::of(&execution, Limits::default());
    keep(&mut ran);
    let now = time::macros::datetime!(2025-02-12 21:00:00 UTC);
    let record = ExecutionRecord {
        start: StartRecord {
            id: ExecutionId::generate(),
            caller: Caller::local(),
            source: Source::Http,
            language: "python".to_owned(),
            code: "x".into(),
            started_at: now,
            abandoned_at: now,
            expires_at: now,
        },
        code_bytes: 1,
        state: RecordState::Ended(EndRecord::Ran(ran)),
    };
    serde_json::to_value(HistoryEntry::from(&record)).unwrap()
}

fn judged() -> TestsResult {
    let case =
        |verdict, outcome| CaseResult { name: None, verdict, outcome, difference: None, why_skipped: None };
    let limit =
        LimitReached { name: LimitName::WallTime, value: 0.5, observed: 0.5, evidence: "seen".to_owned() };
    let late = Outcome { ending: Ending::Limit(limit), ..exited(0, "some\n") };
    TestsResult::of(vec![
        CaseResult { name: Some("first".to_owned()), ..case(Verdict::Passed, Some(exited(0, "4\n"))) },
        CaseResult {
            difference: Some(Difference { line: 1, expected: "5".to_owned(), got: "4".to_owned() }),
            ..case(Verdict::WrongAnswer, Some(exited(0, "4\n")))
        },
        case(Verdict::TimeLimit, Some(late)),
        CaseResult { why_skipped: Some("Time is over.".to_owned()), ..case(Verdict::Skipped, None) },
    ])
}

#[test]
fn one_execution_is_shown_with_its_verdicts_and_their_summary() {
    let tests = judged();
    let entry = shown(tests.outcome().unwrap(), Some(tests), |_| {});
    assert_eq!(entry["summary"], json!({"passed": 1, "failed": 2, "skipped": 1, "verdict": "wrong_answer"}));
    let verdicts: Vec<_> = entry["tests"].as_array().unwrap().iter().map(|test| &test["verdict"]).collect();
    assert_eq!(verdicts, ["passed", "wrong_answer", "time_limit", "skipped"]);
    assert_eq!(entry["tests"][0]["name"], "first");
    assert_eq!(entry["tests"][0].get("output"), None, "what cases wrote is not kept");
    assert_eq!(entry["tests"][0]["bytes"]["output"], 2);
    assert_eq!(entry["tests"][1]["difference"], json!({"line": 1, "expected": "5", "got": "4"}));
    assert_eq!(entry["tests"][3]["why"], "Time is over.");
    assert_eq!(entry["error"], "Execution timed out after 0.5 seconds.", "the limit of the case");
    assert_eq!(entry.get("tests_truncated"), None);
}

#[test]
fn a_list_has_the_summary_alone() {
    let tests = judged();
    let entry = shown(tests.outcome().unwrap(), Some(tests), |ran| {
        ran.tests.as_mut().unwrap().cases.clear();
    });
    assert_eq!(entry["summary"]["passed"], 1);
    assert_eq!(entry.get("tests"), None);
}

#[test]
fn cases_that_did_not_fit_are_said_to_be_left_out() {
    let tests = judged();
    let entry = shown(tests.outcome().unwrap(), Some(tests), |ran| ran.tests.as_mut().unwrap().cut = true);
    assert_eq!(entry["tests_truncated"], true);
}

#[test]
fn faults_are_told_while_standard_error_is_whole() {
    let traceback = "Traceback (most recent call last):\n  File \"/sandbox/main.py\", line 2, in <module>\n    x\n\
                     NameError: name 'x' is not defined\n";
    let failed = || Outcome { stderr: Captured::whole(traceback), ..exited(1, "") };
    assert_eq!(shown(failed(), None, |_| {})["diagnostics"][0]["line"], 2);
    let cut = shown(failed(), None, |ran| ran.stderr_total += 1);
    assert_eq!(cut.get("diagnostics"), None);
    let plain = shown(exited(1, ""), None, |_| {});
    for field in ["diagnostics", "summary", "tests", "tests_truncated"] {
        assert_eq!(plain.get(field), None, "{field}");
    }
}
