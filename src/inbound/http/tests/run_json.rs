//! `POST /run` with JSON: what is refused and how it is said, what is answered.

use std::time::Duration;

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use super::{ask, get, post_json};
use crate::{
    domain::{
        error::SandboxError,
        outcome::{Captured, Ending, LimitName, LimitReached, Outcome, SandboxTimings, Signal},
    },
    testing::{DIGEST, House, Plan, exited, locked},
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
        + r#""sandbox":{"start":"warm","runtime":"runc","image":"python:3.11-slim","digest":""#
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
        "language": "JS", "code": "x", "stdin": "a\nb", "args": ["1", "ü"], "entrypoint": "main.mjs",
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
            "Unknown field `lang`. Known fields: `code`, `language`, `stdin`, `args`, `files`, `entrypoint`, `limits`.",
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
async fn text_that_is_no_json_is_refused_whatever_it_is() {
    let house = House::new();
    let deep = format!("{}1{}", r#"{"code":"#, "[".repeat(100_000));
    let deeper = "[".repeat(100_000);
    let unknown = format!(r#"{{"x":{}}}"#, "[".repeat(100_000));
    for body in [
        r#"{"code":"x","limits":{"timeout_seconds":NaN}}"#.as_bytes(),
        br#"{"code":"x","limits":{"timeout_seconds":1e999}}"#,
        b"{\"code\":\"\xff\"}",
        b"{\"code\":\"a\nb\"}",
        b"{'code':'x'}",
        b"code=print(1)",
        b"\0",
        deep.as_bytes(),
        deeper.as_bytes(),
        unknown.as_bytes(),
    ] {
        let reply = post_json(&house, body.to_vec()).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]);
        assert_eq!(reply.status, 400, "{shown}");
        assert!(reply.json()["error"].as_str().unwrap().len() < 200, "{shown}");
    }
}

#[tokio::test]
async fn half_of_a_surrogate_pair_is_refused_where_it_stands() {
    let house = House::new();
    for (body, field) in [
        (r#"{"code":"\ud800"}"#, "`code`"),
        (r#"{"code":"a\udc00\ud800"}"#, "`code`"),
        (r#"{"code":"\ud83dx"}"#, "`code`"),
        (r#"{"code":"\ud800\n"}"#, "`code`"),
        (r#"{"code":"\ud800\ud800"}"#, "`code`"),
        (r#"{"code":"x","stdin":"\uDFFF"}"#, "`stdin`"),
        (r#"{"code":"x","language":"\ud800"}"#, "`language`"),
        (r#"{"code":"x","args":["a","\ud800"]}"#, "`args[1]`"),
        (r#"{"code":"x","files":[{"name":"a","content":"\udead"}]}"#, "`files[0].content`"),
        (r#"{"code":"x","files":[{"name":"\udead","content":""}]}"#, "`files[0].name`"),
        (r#"{"\ud800":"x"}"#, "The body"),
        (r#"{"code":"x","limits":{"\ud800":1}}"#, "`limits`"),
    ] {
        let error = post_json(&house, body).await.error(400, "invalid_request");
        let said =
            format!("{field} holds half of a surrogate pair, such as `\\ud800`, which is no character");
        assert!(error.starts_with(&said), "{body}: {error}");
    }
    assert_eq!(post_json(&house, r#"{"code":"\ud83d\ude00"}"#).await.status, 200);
    assert_eq!(house.sandbox.last_seen().program.source(), "😀".as_bytes());
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped_and_other_encodings_are_named() {
    let house = House::new();
    assert_eq!(post_json(&house, "\u{feff}{\"code\":\"print(1)\"}").await.status, 200);
    assert_eq!(house.sandbox.last_seen().program.source(), b"print(1)");
    let twice = post_json(&house, "\u{feff}\u{feff}{\"code\":\"x\"}").await;
    twice.error(400, "invalid_json");
    let units = r#"{"code":"x"}"#.encode_utf16();
    let wide = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        [mark, &units.clone().flat_map(bytes).collect::<Vec<_>>()[..]].concat()
    };
    let of_four = r#"{"code":"x"}"#.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect::<Vec<u8>>();
    for body in [
        wide(b"\xff\xfe", u16::to_le_bytes),
        wide(b"\xfe\xff", u16::to_be_bytes),
        wide(b"", u16::to_le_bytes),
        wide(b"", u16::to_be_bytes),
        of_four,
    ] {
        let error = post_json(&house, body).await.error(400, "invalid_json");
        assert_eq!(error, "The body is not valid JSON: it is UTF-16 or UTF-32, and must be UTF-8.");
    }
}

#[tokio::test]
async fn a_body_that_is_packed_is_refused_by_its_header() {
    let house = House::new();
    let send = async |kind: &'static str, codings: &[&str]| {
        let request = Request::post("/run").header("content-type", kind);
        let request =
            codings.iter().fold(request, |request, coding| request.header("content-encoding", *coding));
        ask(&house, request, r#"{"code":"x"}"#).await
    };
    for kind in ["application/json", "multipart/form-data; boundary=x", "application/zip"] {
        for codings in
            [&["gzip"][..], &["br"], &["identity, deflate"], &["identity", "zstd"], &["x"], &["GZIP"]]
        {
            let error = send(kind, codings).await.error(415, "unsupported_media_type");
            assert!(error.contains("`Content-Encoding`"), "{error}");
        }
    }
    for codings in [&["identity"][..], &["IDENTITY"], &[""], &["identity", "identity"]] {
        assert_eq!(send("application/json", codings).await.status, 200, "{codings:?}");
    }
}

#[tokio::test]
async fn a_path_that_is_nearly_right_is_told_which_is() {
    let house = House::new();
    for (path, nearest) in [
        ("/run/", "/run"),
        ("//run", "/run"),
        ("/RUN", "/run"),
        ("/Run//", "/run"),
        ("/history/", "/history"),
        ("/History", "/history"),
        ("/history/01997c6e-0000-7000-8000-000000000000/", "/history/{id}"),
        ("/health/", "/health"),
        ("/languages/", "/languages"),
        ("/openapi.json/", "/openapi.json"),
        ("//", "/"),
    ] {
        for request in [Request::get(path), Request::post(path).header("content-type", "application/json")] {
            let error = ask(&house, request, r#"{"code":"x"}"#).await.error(404, "not_found");
            assert_eq!(
                error,
                format!("There is nothing at this path. Its nearest is `{nearest}`."),
                "{path}"
            );
        }
    }
    for path in ["/runs", "/run/x", "/nothing", "/run%2f", "/%72un/", "/history/a/b", "/.env"] {
        let error = get(&house, path).await.error(404, "not_found");
        assert_eq!(error, "There is nothing at this path.", "{path}");
    }
    assert_eq!(house.sandbox.runs(), 0);
}

#[tokio::test]
async fn two_hundred_files_run_beside_code_and_one_more_does_not() {
    let house = House::new();
    let body = |count: usize| {
        let files: Vec<_> = (0..count).map(|n| json!({"name": format!("f{n}"), "content": "x"})).collect();
        json!({"code": "print(1)", "files": files}).to_string()
    };
    assert_eq!(post_json(&house, body(200)).await.status, 200);
    assert_eq!(house.sandbox.last_seen().program.project().len(), 201);
    for count in [201, 202, 1000] {
        let error = post_json(&house, body(count)).await.error(413, "project_too_large");
        assert_eq!(error, "Too many files. Maximum allowed is 200.");
    }
}

#[tokio::test]
async fn arrays_without_end_are_refused_for_their_length_and_not_kept() {
    let house = House::new();
    let many = |element: &str| vec![element; 5_000_000 / (element.len() + 1)].join(",");
    let args = format!(r#"{{"code":"x","args":[{}]}}"#, many(r#""""#));
    let error = post_json(&house, args).await.error(400, "invalid_request");
    assert_eq!(error, "Too many `args`. Maximum allowed is 64.");
    let files = format!(r#"{{"code":"x","files":[{}]}}"#, many(r#"{"name":"a","content":""}"#));
    let error = post_json(&house, files).await.error(400, "invalid_request");
    assert_eq!(error, "The file `a` is there twice.");
    // What is not kept must still be JSON.
    let broken = format!(r#"{{"code":"x","args":[{},]}}"#, many(r#""""#));
    post_json(&house, broken).await.error(400, "invalid_json");
}

#[tokio::test]
async fn what_is_too_much_at_once_is_told_to_come_back() {
    use crate::inbound::{
        http::error::ApiError,
        rejection::{Fault, Rejection},
    };
    use axum::response::IntoResponse as _;
    let overloaded =
        || async { ApiError::from(Rejection::new(Fault::Overloaded, "Too much.")).into_response() };
    let app =
        super::super::layered(axum::Router::new().route("/", axum::routing::get(overloaded)), &[], None);
    let reply = super::send(app, Request::get("/").body(Body::empty()).unwrap()).await;
    reply.error(503, "overloaded");
    assert_eq!(reply.headers["retry-after"], "2");
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
    let lost = || SandboxError::Lost { reason: "10.0.0.7".to_owned(), timings: SandboxTimings::default() };
    for (plan, status, code, retry) in [
        (Plan::Busy(Duration::from_millis(1500)), 429, "busy", Some("2")),
        (Plan::Fail(unavailable), 503, "docker_unavailable", Some("5")),
        (Plan::Fail(lost), 502, "sandbox_lost", None),
        (Plan::Fail(|| SandboxError::DeadlineExceeded), 504, "deadline_exceeded", None),
        (Plan::Panic, 502, "sandbox_lost", None),
    ] {
        let house = House::new();
        house.sandbox.plan(plan);
        let reply = post_json(&house, r#"{"code":"x"}"#).await;
        let error = reply.error(status, code);
        assert!(!error.contains("10.0.0.7"), "{error}");
        assert_eq!(reply.headers.get("retry-after").map(|v| v.to_str().unwrap()), retry);
    }
    let house = House::new();
    locked(&house.store.faults).start = true;
    let reply = post_json(&house, r#"{"code":"x"}"#).await;
    assert_eq!(reply.error(503, "store_unavailable"), "The record store is unavailable. Try again later.");
    assert_eq!(reply.headers["retry-after"], "5");
}

#[tokio::test]
async fn other_content_types_get_a_sentence_that_helps() {
    let house = House::new();
    let json = r#"{"code":"print(1)"}"#;
    for kind in [Some("application/x-www-form-urlencoded"), Some("text/plain"), Some("\u{1}"), None] {
        let request = Request::post("/run");
        let request = match kind {
            Some(kind) => request.header("content-type", kind.as_bytes()),
            None => request,
        };
        let Ok(request) = request.body(Body::from(json)) else { continue };
        let reply = super::send(super::app(&house), request).await;
        let error = reply.error(415, "unsupported_media_type");
        assert!(error.contains("-H 'Content-Type: application/json'"), "{error}");
    }
    for kind in ["application/json; charset=utf-8", "Application/JSON"] {
        assert_eq!(ask(&house, Request::post("/run").header("content-type", kind), json).await.status, 200);
    }
}

#[tokio::test]
async fn a_body_over_the_cap_is_refused_by_name_announced_or_not() {
    let house = House::new();
    let error = "Body too large. Maximum allowed size is 6291456 bytes.";
    let announced = vec![b' '; 6_291_457];
    assert_eq!(post_json(&house, announced.clone()).await.error(413, "body_too_large"), error);
    let chunks =
        announced.chunks(100_000).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>();
    let streamed = Body::from_stream(futures_util::stream::iter(chunks));
    assert_eq!(post_json(&house, streamed).await.error(413, "body_too_large"), error);
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_json_errors() {
    let house = House::new();
    get(&house, "/nothing").await.error(404, "not_found");
    let reply = get(&house, "/run").await;
    reply.error(405, "method_not_allowed");
    assert_eq!(reply.headers["allow"], "POST");
    let reply = ask(&house, Request::delete("/"), Body::empty()).await;
    reply.error(405, "method_not_allowed");
    assert_eq!(reply.headers["allow"], "GET,HEAD");
    let reply = ask(&house, Request::options("/run"), Body::empty()).await;
    assert_eq!((reply.status.as_u16(), &reply.headers["allow"]), (204, &"POST".parse().unwrap()));
    let banner = get(&house, "/").await;
    assert_eq!(banner.body, b"Safe Code Executor API is running!");
    assert_eq!(banner.headers["content-type"], "text/plain; charset=utf-8");
}
