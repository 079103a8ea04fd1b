//! `GET /history`, `GET /history/{id}`, `GET /languages`, `GET /health`.

use axum::{Router, body::Body, http::Request, routing};
use serde_json::{Value, json};

use super::{super::layered, app, ask, get, post_json, send};
use crate::{
    domain::{
        caller::{Caller, Source},
        id::ExecutionId,
        outcome::{Captured, Ending, LimitName, LimitReached},
        record::{EndRecord, ExecutionRecord, FailedStatus, RecordState, StartRecord},
    },
    inbound::contract::history_entry::HistoryEntry,
    testing::{DIGEST, House, Plan, exited, locked},
};

async fn run(house: &House, code: &str) -> Value {
    post_json(house, json!({"code": code}).to_string()).await.json()
}

async fn history(house: &House, query: &str) -> Vec<Value> {
    get(house, &format!("/history{query}")).await.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn history_is_an_array_of_the_fields_of_the_contract_newest_first() {
    let house = House::new();
    for n in 0..12 {
        run(&house, &format!("print({n})")).await;
    }
    let entries = history(&house, "").await;
    let codes: Vec<_> = entries.iter().map(|entry| entry["code"].as_str().unwrap()).collect();
    let expected: Vec<_> = (2..12).rev().map(|n| format!("print({n})")).collect();
    assert_eq!(codes, expected);
    let reply = get(&house, "/history?limit=1").await;
    let text = String::from_utf8(reply.body).unwrap();
    let id = &entries[0]["id"];
    assert_eq!(
        text,
        r#"[{"language":"python","code":"print(11)","output":"4\n","error":"","exit_code":0,"#.to_owned()
            + r#""time":"2025-02-12 21:00:00","id":"#
            + &id.to_string()
            + r#","status":"completed","source":"http","started_at":"2025-02-12T21:00:00.123Z","wall_ms":3.1,"#
            + r#""code_truncated":false,"output_truncated":false,"error_truncated":false,"#
            + r#""bytes":{"output":2,"error":0},"#
            + r#""usage":{"wall_ms":3.1,"cpu_ms":2.2,"memory_bytes":8421376}}]"#
    );
}

#[tokio::test]
async fn a_limit_is_clamped_and_anything_but_a_number_is_refused() {
    let house = House::new();
    for n in 0..3 {
        run(&house, &n.to_string()).await;
    }
    for (limit, count) in [
        ("2", 2),
        ("0", 1),
        ("-5", 1),
        ("1000", 3),
        ("99999999999999999999", 3),
        ("-99999999999999999999", 1),
        ("007", 3),
    ] {
        assert_eq!(history(&house, &format!("?limit={limit}")).await.len(), count, "{limit}");
    }
    for query in
        ["limit=abc", "limit=", "limit=1.5", "limit=-", "limit=+5", "limit=1e1", "limit=%00", "limit=NaN"]
    {
        let error = get(&house, &format!("/history?{query}")).await.error(400, "invalid_request");
        assert_eq!(error, "`limit` must be a whole number.", "{query}");
    }
    let error = get(&house, "/history?limit=1&limit=2").await.error(400, "invalid_request");
    assert_eq!(error, "`limit` is given twice.");
    let error = get(&house, "/history?page=2").await.error(400, "invalid_request");
    assert_eq!(error, "Unknown query parameter `page`. Known: `limit`, `before`.");
}

/// The path that the `Link` header of this answer leads to, from `/history`.
fn next_page(reply: &super::Reply) -> Option<String> {
    let link = reply.headers.get("link")?.to_str().unwrap();
    let path = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\"")).unwrap();
    Some(format!("/{path}"))
}

#[tokio::test]
async fn a_history_is_read_page_by_page_each_execution_once() {
    let house = House::new();
    for n in 0..25 {
        run(&house, &format!("print({n})")).await;
    }
    let (mut codes, mut path, mut pages) = (Vec::new(), Some("/history?limit=10".to_owned()), 0);
    while let Some(next) = path {
        let reply = get(&house, &next).await;
        codes.extend(
            reply.json().as_array().unwrap().iter().map(|entry| entry["code"].as_str().unwrap().to_owned()),
        );
        path = next_page(&reply);
        pages += 1;
    }
    let expected: Vec<_> = (0..25).rev().map(|n| format!("print({n})")).collect();
    assert_eq!((codes, pages), (expected, 3));
    // What is run meanwhile moves no page.
    let first = get(&house, "/history?limit=5").await;
    run(&house, "print('later')").await;
    let second = get(&house, &next_page(&first).unwrap()).await;
    assert_eq!(second.json()[0]["code"], "print(19)");
    // A page that is full leads on, to nothing at the end.
    let all = get(&house, "/history?limit=26").await;
    let end = get(&house, &next_page(&all).unwrap()).await;
    assert_eq!((end.json(), next_page(&end)), (json!([]), None));
}

#[tokio::test]
async fn a_page_begins_before_an_id_and_nothing_else() {
    let house = House::new();
    let ids: Vec<String> = {
        let mut ids = Vec::new();
        for n in 0..3 {
            ids.push(run(&house, &n.to_string()).await["id"].as_str().unwrap().to_owned());
        }
        ids
    };
    assert_eq!(history(&house, &format!("?before={}", ids[1])).await.len(), 1);
    assert_eq!(history(&house, &format!("?limit=1&before={}", ids[2])).await[0]["code"], "1");
    assert_eq!(history(&house, "?before=ffffffff-ffff-7fff-bfff-ffffffffffff").await.len(), 3);
    assert_eq!(history(&house, "?before=00000000-0000-7000-8000-000000000000").await.len(), 0);
    for bad in ["", "x", "1", "%00", &ids[0][1..], &format!("%7B{}%7D", ids[0]), &ids[0].replace('-', "")] {
        let error = get(&house, &format!("/history?before={bad}")).await.error(400, "invalid_request");
        assert!(error.starts_with("`before`: an execution id is a UUID"), "{error}");
    }
    let twice = format!("/history?before={}&before={}", ids[0], ids[1]);
    assert_eq!(get(&house, &twice).await.error(400, "invalid_request"), "`before` is given twice.");
}

#[tokio::test(start_paused = true)]
async fn health_is_found_out_once_a_second_however_many_ask() {
    let house = House::new();
    let app = app(&house);
    let ask = || send(app.clone(), Request::get("/health").body(Body::empty()).unwrap());
    let replies = futures_util::future::join_all((0..50).map(|_| ask())).await;
    assert!(replies.iter().all(|reply| reply.status == 200 && reply.body == replies[0].body));
    assert_eq!(house.sandbox.asked(), 1);
    *locked(&house.sandbox.healthy) = false;
    assert_eq!(ask().await.status, 200, "for less than a second");
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    assert_eq!(ask().await.status, 503);
    assert_eq!(house.sandbox.asked(), 2);
    // Somebody who asks and goes away leaves the next one to ask.
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    drop(futures_util::poll!(Box::pin(ask())));
    assert_eq!(ask().await.status, 503);
}

#[tokio::test]
async fn an_execution_is_found_by_its_id_and_only_by_its_caller() {
    let house = House::new();
    let id = run(&house, "x").await["id"].as_str().unwrap().to_owned();
    let path = format!("/history/{id}");
    assert_eq!(get(&house, &path).await.json()["code"], "x");
    let mut stranger = Request::get(&path).body(Body::empty()).unwrap();
    stranger.extensions_mut().insert(Caller::principal("somebody else"));
    let error = send(app(&house), stranger).await.error(404, "not_found");
    assert_eq!(error, "There is no such execution.");
    get(&house, &format!("/history/{}", ExecutionId::generate())).await.error(404, "not_found");
    for bad in ["x", "%ff", "..%2f..", "0199", &id.replace('-', ""), &format!("{id}0")] {
        let error = get(&house, &format!("/history/{bad}")).await.error(400, "invalid_request");
        assert!(error.starts_with("`id`: an execution id is a UUID"), "{error}");
    }
}

fn entry(state: RecordState) -> HistoryEntry {
    let now = time::macros::datetime!(2025-02-12 21:00:00 UTC);
    HistoryEntry::from(&ExecutionRecord {
        start: StartRecord {
            id: ExecutionId::generate(),
            caller: Caller::local(),
            source: Source::Sqs,
            language: "python".to_owned(),
            code: "é".repeat(10).as_bytes()[..19].to_vec().into(),
            started_at: now,
            abandoned_at: now,
            expires_at: now,
        },
        code_bytes: 20,
        state,
    })
}

#[test]
fn an_execution_without_an_outcome_says_why() {
    let failed = |status| RecordState::Ended(EndRecord::Failed { status, message: "Because.".to_owned() });
    for (state, status, error) in [
        (RecordState::Running, "running", ""),
        (RecordState::Abandoned, "abandoned", "The service stopped before this execution ended."),
        (failed(FailedStatus::SandboxError), "sandbox_error", "Because."),
        (failed(FailedStatus::NotStarted), "not_started", "Because."),
        (failed(FailedStatus::Cancelled), "cancelled", "Because."),
    ] {
        let entry = entry(state);
        assert_eq!((entry.status, entry.error.as_str()), (status, error));
        assert_eq!((entry.exit_code, entry.wall_ms), (None, None));
        assert_eq!(entry.source, "sqs");
        let json = serde_json::to_value(entry).unwrap();
        assert_eq!(json["exit_code"], Value::Null);
        assert!(json.get("bytes").is_none());
    }
}

#[test]
fn a_preview_is_flagged_and_ends_on_a_whole_character() {
    let entry = entry(RecordState::Running);
    assert_eq!(entry.code, "é".repeat(9));
    assert!(entry.code_truncated);
    assert_eq!(entry.code_base64, None);
}

#[tokio::test]
async fn a_timeout_reads_in_the_history_as_it_was_answered() {
    let house = House::new();
    let mut outcome = exited(0, "so far");
    let evidence = "clock".to_owned();
    outcome.ending =
        Ending::Limit(LimitReached { name: LimitName::CpuTime, value: 2.0, observed: 2.1, evidence });
    outcome.stderr = Captured::whole("mine");
    house.sandbox.plan(Plan::Answer(Box::new(outcome)));
    let answer = post_json(&house, r#"{"code":"x","limits":{"timeout_seconds":2}}"#).await.json();
    let entry = &history(&house, "").await[0];
    for field in ["output", "error", "exit_code", "status", "stderr", "limit", "usage", "bytes"] {
        assert_eq!(entry[field], answer[field], "{field}");
    }
    assert_eq!(entry["error"], "Execution timed out after 2 seconds.");
}

#[tokio::test]
async fn a_store_that_fails_is_named_but_not_its_address() {
    let house = House::new();
    locked(&house.store.faults).reads = true;
    for path in ["/history", "/history/01997c6e-0000-7000-8000-000000000000"] {
        let reply = get(&house, path).await;
        let error = reply.error(503, "store_unavailable");
        assert_eq!(error, "The record store is unavailable. Try again later.");
        assert_eq!(reply.headers["retry-after"], "5");
    }
    let reply = get(&house, "/health").await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.json()["store"], json!({"ok": false}));
}

#[tokio::test]
async fn health_tells_what_there_is_and_what_is_wrong() {
    let house = House::new();
    let reply = get(&house, "/health").await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.json(),
        json!({
            "status": "ok",
            "docker": {"ok": true, "hosts": {"up": 1, "total": 1}, "engine": "20.10.24", "runtime": "runc", "apparmor": false,
            "landlock": true, "running": 0, "capacity": 4,
                       "pool": [{"language": "python", "warm": 1, "target": 2}]},
            "store": {"ok": true},
            "languages": [{"name": "python", "version": "1.2.3", "ok": true}, {"name": "javascript", "version": "1.2.3", "ok": true}],
        })
    );
    *locked(&house.sandbox.healthy) = false;
    let reply = get(&house, "/health").await;
    assert_eq!((reply.status.as_u16(), &reply.json()["docker"]["problem"]), (503, &json!("no engine")));
    house.service.shutdown().await;
    assert_eq!(get(&house, "/health").await.json()["status"], "shutting_down");
}

#[tokio::test]
async fn languages_come_with_versions_digests_limits_and_an_example() {
    let house = House::new();
    let json = get(&house, "/languages").await.json();
    assert_eq!(json.as_array().unwrap().len(), 2);
    assert_eq!(
        json[0],
        json!({
            "name": "python", "title": "python", "aliases": ["py", "python3"], "default": true, "available": true, "version": "1.2.3",
            "image": "python:1", "digest": DIGEST, "entry_points": ["main.py", "app.py", "__main__.py"],
            "extensions": ["py"], "limits": {"timeout_seconds": 10, "memory_mb": 128, "output_bytes": 65536},
            "example": "print(2+2)",
        })
    );
    assert_eq!(json[1]["default"], false);
}

#[tokio::test]
async fn a_handler_that_panics_is_an_error_like_any_other() {
    async fn panics() {
        panic!("secret");
    }
    let app = layered(Router::new().route("/panics", routing::get(panics)), &[], None, Vec::new());
    let reply = send(app, Request::get("/panics").body(Body::empty()).unwrap()).await;
    let error = reply.error(500, "internal_error");
    assert_eq!(error, "Something went wrong on our side.");
}

#[tokio::test]
async fn head_answers_as_get_without_a_body() {
    let house = House::new();
    for path in ["/", "/health", "/languages", "/history"] {
        let reply = ask(&house, Request::head(path), Body::empty()).await;
        assert_eq!((reply.status.as_u16(), reply.body.len()), (200, 0), "{path}");
    }
}
