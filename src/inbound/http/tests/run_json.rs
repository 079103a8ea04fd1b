//! `POST /run` with JSON: what is refused and how it is said, what is answered.

use std::time::Duration;

use axum::http::Request;
use serde_json::{Value, json};

use super::{HttpConfig, post_json, router, send};
use crate::{
    domain::{
        error::{Impossible, SandboxError},
        outcome::{Captured, Ending, LimitName, LimitReached, Outcome, Signal},
    },
    inbound::contract::run_request::RunRules,
    testing::{DIGEST, House, Plan, exited, locked, rules},
};

#[tokio::test]
async fn the_answer_is_exactly_that_of_the_contract_in_its_order() {
    let house = House::new();
    let reply = post_json(&house, r#"{"language":"py","code":"print(2+2)"}"#).await;
    assert_eq!(reply.status, 200);
    let text = String::from_utf8(reply.body.clone()).unwrap();
    let json = reply.json();
    let id = json["id"].as_str().unwrap();
    let timings = &json["timings_ms"];
    let expected = format!(
        r#"{{"id":"{id}","language":"python","output":"4\n","error":"","exit_code":0,"status":"completed","#
    ) + r#""truncated":{"output":false,"error":false},"bytes":{"output":2,"error":0},"#
        + r#""usage":{"wall_ms":3.1,"cpu_ms":2.2,"memory_bytes":8421376},"#
        + r#""limits":{"timeout_seconds":10,"memory_mb":128,"output_bytes":65536},"#
        + r#""sandbox":{"start":"warm","runtime":"runc","landlock":true,"image":"python:3.11-slim","digest":""#
        + DIGEST
        + r#""},"timings_ms":{"queue":"#
        + &format!(
            r#"{},"acquire":4.0,"run":4.9,"collect":0.1,"record":{},"total":{}}}}}"#,
            timings["queue"], timings["record"], timings["total"]
        );
    assert_eq!(text, expected);
    let timing = reply.headers["server-timing"].to_str().unwrap();
    assert!(timing.starts_with("queue;dur=") && timing.contains(", acquire;dur=4, run;dur=4.9,"), "{timing}");
    assert_eq!(reply.headers["cache-control"], "no-store");
}

async fn answer_to(outcome: Outcome, request: &str) -> Value {
    let house = House::new();
    house.sandbox.plan(Plan::Answer(Box::new(outcome)));
    post_json(&house, request.to_owned()).await.json()
}

fn limited(name: LimitName, value: f64, observed: f64) -> Outcome {
    let evidence = "seen".to_owned();
    let mut outcome = exited(0, "so far\n");
    outcome.ending = Ending::Limit(LimitReached { name, value, observed, evidence });
    outcome.stderr = Captured::whole("its own words\n");
    outcome
}

#[tokio::test]
async fn a_timeout_says_the_limit_in_force_and_keeps_what_was_written() {
    let outcome = || limited(LimitName::WallTime, 10.0, 10.002);
    let json = answer_to(outcome(), r#"{"code":"x"}"#).await;
    assert_eq!(json["error"], "Execution timed out after 10 seconds.");
    assert_eq!(json["stderr"], "its own words\n");
    assert_eq!(json["output"], "so far\n");
    assert_eq!(json["exit_code"], -2);
    assert_eq!(json["status"], "time_limit");
    let limit = json!({"name": "wall_time", "value": 10, "observed": 10.002, "evidence": "seen"});
    assert_eq!(json["limit"], limit);
    for (asked, said) in [("1", "1 second"), ("0.5", "0.5 seconds"), ("2", "2 seconds")] {
        let request = format!(r#"{{"code":"x","limits":{{"timeout_seconds":{asked}}}}}"#);
        let json = answer_to(outcome(), &request).await;
        assert_eq!(json["error"], format!("Execution timed out after {said}."));
    }
}

#[tokio::test]
async fn memory_output_and_signals_have_their_own_words() {
    let json = answer_to(limited(LimitName::Memory, 134_217_728.0, 134_213_632.0), r#"{"code":"x"}"#).await;
    assert_eq!((&json["status"], &json["exit_code"]), (&json!("memory_limit"), &json!(137)));
    assert_eq!(json["error"], "its own words\n");
    assert_eq!(json.get("stderr"), None);
    assert_eq!(json["limit"]["value"], 134_217_728);

    let json = answer_to(limited(LimitName::Output, 8_388_608.0, 8_400_000.0), r#"{"code":"x"}"#).await;
    assert_eq!((&json["status"], &json["exit_code"]), (&json!("output_limit"), &json!(137)));

    let mut outcome = exited(0, "");
    outcome.ending = Ending::Signaled(Signal(9));
    outcome.usage.oom_kills = 2;
    let json = answer_to(outcome, r#"{"code":"x"}"#).await;
    assert_eq!((&json["status"], &json["exit_code"]), (&json!("signal"), &json!(137)));
    assert_eq!(json["signal"], "SIGKILL");
    assert_eq!(json["usage"]["oom_kills"], 2);
    assert_eq!(json.get("limit"), None);

    let json = answer_to(exited(3, ""), r#"{"code":"x"}"#).await;
    assert_eq!((&json["status"], &json["exit_code"]), (&json!("nonzero_exit"), &json!(3)));
}

#[tokio::test]
async fn bytes_that_are_no_text_are_there_as_base64_too() {
    let mut outcome = exited(0, "");
    outcome.stdout = Captured::whole(vec![0x61, 0xff]);
    outcome.stderr = Captured::whole(vec![0xfe]);
    let json = answer_to(outcome, r#"{"code":"x"}"#).await;
    assert_eq!((&json["output"], &json["output_base64"]), (&json!("a\u{fffd}"), &json!("Yf8=")));
    assert_eq!((&json["error"], &json["error_base64"]), (&json!("\u{fffd}"), &json!("/g==")));
}

#[tokio::test]
async fn a_cut_is_flagged_counted_and_placed() {
    let mut outcome = exited(0, "");
    outcome.stdout = Captured { head: "aé".into(), tail: "z".into(), total: 100 };
    let json = answer_to(outcome, r#"{"code":"x"}"#).await;
    assert_eq!(json["output"], "aéz");
    assert_eq!(json["truncated"], json!({"output": true, "error": false}));
    assert_eq!(json["bytes"]["output"], 100);
    assert_eq!(json["omitted"], json!({"output": {"after_bytes": 3, "bytes": 96}}));
}

#[tokio::test]
async fn everything_asked_for_reaches_the_sandbox() {
    let house = House::new();
    let body = json!({
        "language": "JS", "version": "^1", "code": "x", "stdin": "a\nb", "args": ["1", "ü"], "entrypoint": "main.mjs",
        "files": [{"name": "a/b.txt", "content": "hi"},
                  {"name": "c.bin", "content": "AP8=", "encoding": "base64"}],
        "limits": {"timeout_seconds": 0.5, "memory_mb": 64.0, "output_bytes": 100},
    });
    assert_eq!(post_json(&house, body.to_string()).await.status, 200);
    let seen = house.sandbox.last_seen();
    assert_eq!(seen.language.name, "javascript");
    assert_eq!(seen.program.entrypoint().as_str(), "main.mjs");
    let files: Vec<_> =
        seen.program.project().iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    assert_eq!(files, [("a/b.txt", &b"hi"[..]), ("c.bin", &[0, 255][..]), ("main.mjs", b"x")]);
    assert_eq!(seen.stdin.as_bytes(), b"a\nb");
    assert_eq!(seen.args.as_slice(), ["1", "ü"]);
    assert_eq!(seen.limits.timeout, Duration::from_millis(500));
    assert_eq!((seen.limits.memory_mb, seen.limits.output_bytes), (64, 100));
}

#[tokio::test]
async fn each_bad_field_is_named_with_its_rule() {
    let house = House::new();
    for (body, code, error) in [
        ("{}", "invalid_request", "`code` is required unless `files` are given."),
        (r#"{"code":""}"#, "invalid_request", "`code` must not be empty."),
        (r#"{"code":null}"#, "invalid_request", "`code` must be a string."),
        (r#"{"code":5}"#, "invalid_request", "`code` must be a string."),
        (r#"{"code":["x"]}"#, "invalid_request", "`code` must be a string."),
        (r#"{"code":"x","stdin":{"a":1}}"#, "invalid_request", "`stdin` must be a string."),
        (r#"{"code":"x","args":"a"}"#, "invalid_request", "`args` must be an array."),
        (r#"{"code":"x","args":["a",1]}"#, "invalid_request", "`args[1]` must be a string."),
        (r#"{"code":"x","files":{}}"#, "invalid_request", "`files` must be an array."),
        (r#"{"code":"x","files":["a"]}"#, "invalid_request", "`files[0]` must be an object."),
        (r#"{"code":"x","files":[["a","b"]]}"#, "invalid_request", "`files[0]` must be an object."),
        (r#"{"code":"x","files":[{"name":"a"}]}"#, "invalid_request", "`files[0].content` is required."),
        (
            r#"{"code":"x","files":[{"name":"a","name":"b","content":""}]}"#,
            "invalid_request",
            "`files[0].name` is given twice.",
        ),
        (
            r#"{"code":"x","files":[{"name":"a","content":"","encoding":"hex"}]}"#,
            "invalid_request",
            "`files[0].encoding` must be `utf8` or `base64`.",
        ),
        (
            r#"{"code":"x","files":[{"name":"a","content":"?","encoding":"base64"}]}"#,
            "invalid_request",
            "`files[0].content` must be base64 (RFC 4648, with padding).",
        ),
        (
            r#"{"code":"x","files":[{"name":"../a","content":""}]}"#,
            "invalid_request",
            "The file name `../a` leaves the project (`..`).",
        ),
        (
            r#"{"code":"x","files":[{"name":"main.py","content":""}]}"#,
            "invalid_request",
            "The file `main.py` is there twice.",
        ),
        (
            r#"{"files":[{"name":"a.py","content":""}],"entrypoint":"b.py"}"#,
            "invalid_request",
            "`entrypoint` names no file of the project.",
        ),
        (
            r#"{"files":[{"name":"a.py","content":""},{"name":"b.py","content":""}]}"#,
            "invalid_request",
            "No entry point: name a file in `entrypoint`, or call one main.py, app.py, __main__.py.",
        ),
        (r#"{"code":"x","limits":7}"#, "invalid_request", "`limits` must be an object."),
        (r#"{"code":"x","limits":null}"#, "invalid_request", "`limits` must be an object."),
        (r#"{"code":"x","limits":[1,16,1]}"#, "invalid_request", "`limits` must be an object."),
        (
            r#"{"code":"x","limits":{"memory_mb":"64"}}"#,
            "invalid_request",
            "`limits.memory_mb` must be a number.",
        ),
        (
            r#"{"code":"x","limits":{"memory_mb":64.5}}"#,
            "invalid_request",
            "`limits.memory_mb` must be a whole number of MiB from 16 to 128.",
        ),
        (
            r#"{"code":"x","limits":{"timeout_seconds":1e308}}"#,
            "invalid_request",
            "`limits.timeout_seconds` must be a number of seconds from 0.01 to 10.",
        ),
        (
            r#"{"code":"x","limits":{"cpu":1}}"#,
            "invalid_request",
            "Unknown field `cpu`. Known fields: `timeout_seconds`, `memory_mb`, `output_bytes`.",
        ),
        (
            r#"{"code":"x","lang":"python"}"#,
            "invalid_request",
            "Unknown field `lang`. Known fields: `code`, `language`, `version`, `stdin`, `stdin_encoding`, `args`, `compile`, `files`, \
             `entrypoint`, `limits`, `tests`, `compare`, `stop_at_first_failure`, `reveal`, `workspace`, `collect`, `input`.",
        ),
        (r#"{"code":"x","code":"y"}"#, "invalid_request", "`code` is given twice."),
        (
            r#"{"code":"x","limits":{"memory_mb":64,"memory_mb":64}}"#,
            "invalid_request",
            "`limits.memory_mb` is given twice.",
        ),
        (r#"["print(1)"]"#, "invalid_request", "The body must be an object."),
        (r#""x, expected y""#, "invalid_request", "The body must be an object."),
        (
            r#"{"code":"x","language":"cobol"}"#,
            "unknown_language",
            "Unknown language `cobol`. Supported languages: python, javascript.",
        ),
        (
            r#"{"code":"x","language":"js","version":"^2"}"#,
            "unknown_language",
            "Language `javascript` has no version `^2`. Its versions: 1.",
        ),
        (
            r#"{"code":"x","version":"latest"}"#,
            "unknown_language",
            "The version `latest` is not a version: write `*`, `3.11`, `^3.11`, `~3.11` or `>=3.9 <4`.",
        ),
        (
            r#"{"code":"x","language":"python@1","version":"1"}"#,
            "unknown_language",
            "The version stands in `language` and in `version`: give one of them.",
        ),
        ("", "invalid_json", "The body is not valid JSON: EOF while parsing a value at line 1 column 0."),
        (
            r#"{"code":"x"}}"#,
            "invalid_json",
            "The body is not valid JSON: trailing characters at line 1 column 13.",
        ),
    ] {
        let reply = post_json(&house, body).await;
        assert_eq!(reply.error(400, code), error, "{body}");
    }
    assert_eq!(house.store.len(), 0, "what is refused is not recorded");
}

#[tokio::test]
async fn code_of_5000_characters_runs_and_one_more_does_not() {
    let house = House::new();
    for character in ["a", "é", "日", "😀"] {
        let body = |count| json!({"code": character.repeat(count)}).to_string();
        assert_eq!(post_json(&house, body(5000)).await.status, 200);
        let error = post_json(&house, body(5001)).await.error(400, "code_too_long");
        assert_eq!(error, "Code too long. Maximum allowed length is 5000 characters.");
    }
}

#[tokio::test]
async fn the_cap_of_code_is_the_servers_own_and_is_named() {
    let house = House::new();
    for cap in [1, 7000, 1_048_576] {
        let config = HttpConfig::new(RunRules { max_code_chars: cap, ..rules() });
        let post = async |count: usize| {
            let request = Request::post("/run").header("content-type", "application/json");
            let body = json!({"code": "é".repeat(count)}).to_string();
            send(router(house.service.clone(), config.clone()), request.body(body.into()).unwrap()).await
        };
        assert_eq!(post(cap).await.status, 200);
        let error = post(cap + 1).await.error(400, "code_too_long");
        assert_eq!(error, format!("Code too long. Maximum allowed length is {cap} characters."));
    }
}

#[tokio::test]
async fn code_is_passed_on_to_the_letter() {
    let house = House::new();
    for code in ["\u{feff}print(1)", "a\r\nb\r", "a\0b", "\u{202e}</script>\u{1b}[31m", "😀"] {
        assert_eq!(post_json(&house, json!({"code": code}).to_string()).await.status, 200);
        assert_eq!(house.sandbox.last_seen().program.source(), code.as_bytes());
    }
}

#[tokio::test]
async fn our_failures_have_their_own_status_and_keep_their_reasons() {
    let unavailable = || SandboxError::Unavailable { reason: "tcp://10.0.0.7:2376".to_owned() };
    let lost = || SandboxError::Lost { reason: "10.0.0.7".to_owned() };
    let language = || SandboxError::language_unavailable("python", "10.0.0.7");
    let files = || SandboxError::Refused { what: Impossible::Files, why: "Over 16 MiB.".to_owned() };
    let limits = || SandboxError::Refused { what: Impossible::Limits, why: "Over 16 MiB.".to_owned() };
    for (plan, status, code, retry) in [
        (Plan::Busy(Duration::from_millis(1500)), 429, "busy", Some("2")),
        (Plan::Fail(unavailable), 503, "docker_unavailable", Some("5")),
        (Plan::Fail(language), 503, "language_unavailable", Some("5")),
        (Plan::Fail(files), 413, "project_too_large", None),
        (Plan::Fail(limits), 400, "invalid_request", None),
        (Plan::Fail(|| SandboxError::TooLate), 504, "deadline_exceeded", None),
        (Plan::Fail(lost), 502, "sandbox_lost", None),
        (Plan::Fail(|| SandboxError::DeadlineExceeded), 504, "deadline_exceeded", None),
        (Plan::Panic, 502, "sandbox_lost", None),
    ] {
        let house = House::new();
        house.sandbox.plan(plan);
        let reply = post_json(&house, r#"{"code":"x"}"#).await;
        let error = reply.error(status, code);
        assert!(!error.contains("10.0.0.7"), "{error}");
        assert!(code != "language_unavailable" || error.contains("`python`"), "{error}");
        assert!(![413, 400].contains(&status) || error.contains("16 MiB"), "the cap is not named: {error}");
        assert_eq!(reply.headers.get("retry-after").map(|v| v.to_str().unwrap()), retry);
    }
    let house = House::new();
    locked(&house.store.faults).start = true;
    let reply = post_json(&house, r#"{"code":"x"}"#).await;
    assert_eq!(reply.error(503, "store_unavailable"), "The record store is unavailable. Try again later.");
    assert_eq!(reply.headers["retry-after"], "5");
}
