//! Answers to requests with test cases, as JSON.

use serde_json::{Value, json};

use super::RunAnswer;
use crate::{
    domain::{
        id::ExecutionId,
        judging::{CaseResult, Difference, TestsResult, Verdict},
        limits::Limits,
        outcome::{
            Captured, Ending, Execution, LimitName, LimitReached, Outcome, SandboxFacts, SandboxTimings,
            Start,
        },
    },
    service::{Answer, Timings},
    testing::{DIGEST, exited},
};

fn case(verdict: Verdict, outcome: Option<Outcome>) -> CaseResult {
    CaseResult { name: None, verdict, outcome, difference: None, why_skipped: None }
}

fn answered(cases: Vec<CaseResult>) -> Value {
    let tests = TestsResult::of(cases);
    let outcome = tests.outcome().unwrap_or_else(|| exited(0, ""));
    answer(outcome, Some(tests))
}

fn answer(outcome: Outcome, tests: Option<TestsResult>) -> Value {
    let sandbox = SandboxFacts {
        start: Start::Warm,
        runtime: "runc".to_owned(),
        landlock: Some(true),
        image: "python:3.11-slim".to_owned(),
        digest: DIGEST.to_owned(),
    };
    let answer = Answer {
        id: ExecutionId::generate(),
        language: "python".to_owned(),
        limits: Limits::default(),
        execution: Execution {
            outcome,
            compile: None,
            sandbox,
            timings: SandboxTimings::default(),
            tests,
            collected: None,
        },
        timings: Timings::default(),
        replayed: false,
    };
    serde_json::to_value(RunAnswer::from(&answer)).unwrap()
}

fn out_of_time(seconds: f64) -> Outcome {
    let limit = LimitReached {
        name: LimitName::WallTime,
        value: seconds,
        observed: seconds,
        evidence: "seen".to_owned(),
    };
    Outcome { ending: Ending::Limit(limit), stderr: Captured::whole("warned\n"), ..exited(0, "some\n") }
}

#[test]
fn each_test_case_is_answered_as_the_contract_says() {
    let difference = Difference { line: 1, expected: "5".to_owned(), got: "4".to_owned() };
    let answer = answered(vec![
        CaseResult { name: Some("first".to_owned()), ..case(Verdict::Passed, Some(exited(0, "4\n"))) },
        CaseResult { difference: Some(difference), ..case(Verdict::WrongAnswer, Some(exited(0, "4\n"))) },
        CaseResult {
            why_skipped: Some("An earlier test case failed.".to_owned()),
            ..case(Verdict::Skipped, None)
        },
    ]);
    let ran = json!({
        "name": "first", "verdict": "passed", "status": "completed", "exit_code": 0, "output": "4\n", "error": "",
        "usage": {"wall_ms": 3.1, "cpu_ms": 2.2, "memory_bytes": 8_421_376},
        "truncated": {"output": false, "error": false}, "bytes": {"output": 2, "error": 0},
    });
    let mut differs = ran.clone();
    differs["name"] = Value::Null;
    differs["verdict"] = "wrong_answer".into();
    differs["difference"] = json!({"line": 1, "expected": "5", "got": "4"});
    let skipped = json!({"name": null, "verdict": "skipped", "why": "An earlier test case failed."});
    assert_eq!(answer["tests"], json!([ran, differs, skipped]));
    let summary = json!({"passed": 1, "failed": 1, "skipped": 1, "verdict": "wrong_answer"});
    assert_eq!(answer["summary"], summary);
    assert_eq!((&answer["status"], &answer["exit_code"]), (&json!("completed"), &json!(0)));
    assert_eq!(answer["output"], "4\n");
}

#[test]
fn the_answer_itself_is_that_of_the_first_test_case_that_ended_badly() {
    let answer = answered(vec![
        case(Verdict::Passed, Some(exited(0, "a\n"))),
        case(Verdict::TimeLimit, Some(out_of_time(0.5))),
        case(Verdict::RuntimeError, Some(exited(3, "c\n"))),
    ]);
    assert_eq!((&answer["status"], &answer["exit_code"]), (&json!("time_limit"), &json!(-2)));
    assert_eq!((&answer["output"], &answer["stderr"]), (&json!("some\n"), &json!("warned\n")));
    // The limit of the case, which is lower than the request's.
    assert_eq!(answer["error"], "Execution timed out after 0.5 seconds.");
    assert_eq!(answer["tests"][1]["error"], "Execution timed out after 0.5 seconds.");
    assert_eq!(answer["limits"]["timeout_seconds"], 10);
    assert_eq!(answer["usage"]["wall_ms"], 9.3, "of all cases");
    let all_well = answered(vec![
        case(Verdict::Ran, Some(exited(0, "a\n"))),
        case(Verdict::Ran, Some(exited(0, "b\n"))),
    ]);
    assert_eq!((&all_well["status"], &all_well["output"]), (&json!("completed"), &json!("b\n")));
}

#[test]
fn an_output_that_is_withheld_is_left_out_and_its_count_stays() {
    let plain = exited(0, "secret\n");
    let withheld = Outcome { stdout: plain.stdout.withheld(), ..plain };
    let silent = exited(0, "");
    let answer = answered(vec![case(Verdict::Passed, Some(silent)), case(Verdict::Passed, Some(withheld))]);
    assert_eq!(answer["tests"][0]["output"], "", "there was none");
    assert_eq!(answer["tests"][1].get("output"), None);
    assert_eq!(answer["tests"][1]["bytes"]["output"], 7);
    assert_eq!((&answer["output"], &answer["bytes"]["output"]), (&json!(""), &json!(7)));
    assert!(!answer.to_string().contains("secret"));
}

#[test]
fn a_fault_is_told_with_its_place_where_standard_error_names_it() {
    let traceback = "Traceback (most recent call last):\n  File \"/sandbox/main.py\", line 2, in <module>\n    1 / 0\n\
                     ZeroDivisionError: division by zero\n";
    let failed = || Outcome { stderr: Captured::whole(traceback), ..exited(1, "") };
    let expected = json!([{
        "file": "main.py", "line": 2, "severity": "error", "message": "ZeroDivisionError: division by zero", "phase": "run",
    }]);
    assert_eq!(answer(failed(), None)["diagnostics"], expected);
    let judged = answered(vec![case(Verdict::RuntimeError, Some(failed()))]);
    assert_eq!(judged["tests"][0]["diagnostics"], expected);
    assert_eq!(judged["diagnostics"], expected);
    assert_eq!(answer(exited(1, ""), None).get("diagnostics"), None);
}

#[test]
fn a_request_without_test_cases_has_neither_field() {
    let answer = answer(exited(0, "4\n"), None);
    assert!(answer.get("tests").is_none() && answer.get("summary").is_none());
}
