//! Runs that are told event by event.

use std::time::Duration;

use axum::http::header;
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::json;

use super::*;
use crate::{
    domain::{
        conversation::{Event, StreamName},
        error::SandboxError,
        record::{EndRecord, FailedStatus},
    },
    inbound::contract::run_request::RunRules,
    testing::{Plan, exited},
};

fn written(at: u64, bytes: &[u8]) -> Event {
    Event::Output { stream: StreamName::Stdout, at, bytes: Bytes::copy_from_slice(bytes) }
}

fn asking_for_events() -> Builder {
    Request::post("/run").header("content-type", "application/json").header("accept", "text/event-stream")
}

const CODE: &str = r#"{"code":"print(2+2)"}"#;

async fn look_on(house: &House) -> Reply {
    ask(house, asking_for_events(), CODE).await
}

/// The events of a stream, each with its data; comments apart.
fn events(reply: &Reply) -> Vec<(String, Value)> {
    assert_eq!(
        (reply.status.as_u16(), &reply.headers["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    let text = std::str::from_utf8(&reply.body).unwrap();
    let blocks = text.split("\n\n").filter(|block| !block.is_empty() && !block.starts_with(':'));
    blocks
        .map(|block| {
            let (name, data) = block.split_once('\n').unwrap();
            let data = data.strip_prefix("data: ").unwrap_or_else(|| panic!("one line of data: {block:?}"));
            (name.strip_prefix("event: ").unwrap().to_owned(), serde_json::from_str(data).unwrap())
        })
        .collect()
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

fn script() -> Plan {
    let milliseconds = Duration::from_millis;
    Plan::Script(vec![
        (milliseconds(10), written(0, b"a\xe6\x97")),
        (milliseconds(20), written(3, b"\xa5\n")),
        (milliseconds(30), Event::Ended(exited(0, "a日\n"))),
    ])
}

/// An answer without what differs from run to run.
fn comparable(mut answer: Value) -> Value {
    answer["id"] = Value::Null;
    answer["timings_ms"] = Value::Null;
    answer
}

#[tokio::test(start_paused = true)]
async fn a_run_is_told_from_its_beginning_to_the_answer_that_it_has_without_events() {
    let house = House::new();
    house.sandbox.plan(script());
    let reply = look_on(&house).await;
    assert_eq!(reply.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(reply.headers["x-accel-buffering"], "no");
    let told = events(&reply);
    assert_eq!(names(&told), ["accepted", "began", "output", "output", "ended", "result"]);
    assert_eq!(told[1].1, json!({"step": 0}));
    assert_eq!(told[2].1, json!({"step": 0, "stream": "output", "at": 0, "text": "a"}));
    assert_eq!(told[3].1, json!({"step": 0, "stream": "output", "at": 1, "text": "日\n"}));
    assert_eq!(told[4].1["status"], "completed");
    assert_eq!(told[0].1["id"], told[5].1["id"]);
    let plain = post_json(&house, CODE).await;
    let data = String::from_utf8(reply.body.clone()).unwrap();
    let data = data.trim_end().rsplit_once("data: ").unwrap().1;
    // The same fields in the same order, byte for byte but for what is measured.
    let (plain_text, json) = (String::from_utf8(plain.body.clone()).unwrap(), plain.json());
    let upto = |text: &str| text.split_once("\"timings_ms\"").unwrap().0.to_owned();
    let own_id = |text: &str, id: &Value| upto(text).replace(id.as_str().unwrap(), "");
    assert_eq!(own_id(data, &told[5].1["id"]), own_id(&plain_text, &json["id"]));
    assert_eq!(comparable(told[5].1.clone()), comparable(json));
}

#[tokio::test]
async fn what_is_refused_before_there_is_an_execution_is_an_answer_of_its_own() {
    let house = House::new();
    let reply = ask(&house, asking_for_events(), r#"{"code":1}"#).await;
    reply.error(400, "invalid_request");
    house.sandbox.plan(Plan::Busy(Duration::from_secs(2)));
    let reply = look_on(&house).await;
    reply.error(429, "busy");
    assert_eq!(reply.headers["retry-after"], "2");
    assert_eq!(house.store.len(), 0);
}

#[tokio::test]
async fn what_fails_later_is_told_as_the_last_event() {
    let house = House::new();
    house.sandbox.plan(Plan::Fail(|| SandboxError::Lost { reason: "10.0.0.7".to_owned() }));
    let reply = look_on(&house).await;
    let told = events(&reply);
    assert_eq!(names(&told), ["accepted", "began", "error"]);
    assert_eq!(told[2].1["code"], "sandbox_lost");
    assert_eq!(told[2].1["request_id"], reply.headers["x-request-id"].to_str().unwrap());
    assert!(!told[2].1["error"].as_str().unwrap().contains("10.0.0.7"));
}

#[tokio::test]
async fn what_is_not_read_in_time_is_told_as_a_gap_and_the_count_is_exact() {
    let house = House::new();
    let bytes = [b'x'; 50_000];
    let (piece, count) = (bytes.len() as u64, 20);
    let mut outcome = exited(0, "");
    outcome.stdout.total = piece * count;
    let writes = (0..count).map(|n| (Duration::ZERO, written(n * piece, &bytes)));
    let script = writes.chain([(Duration::ZERO, Event::Ended(outcome))]).collect();
    house.sandbox.plan(Plan::Script(script));
    let told = events(&look_on(&house).await);
    let (mut bytes, mut gaps) = (0, 0);
    for (name, event) in &told {
        match name.as_str() {
            "output" => {
                assert_eq!(event["at"], bytes + gaps);
                bytes += event["text"].as_str().unwrap().len() as u64;
            }
            "gap" => gaps += event["bytes"].as_u64().unwrap(),
            _ => {}
        }
    }
    assert_eq!(bytes + gaps, piece * count);
    assert!(gaps > 0 && bytes >= 200_000, "{bytes} {gaps}");
    assert_eq!(told.last().unwrap().1["bytes"]["output"], piece * count);
}

#[tokio::test]
async fn what_test_cases_write_is_told_unless_it_is_not_to_be_revealed() {
    let house = House::new();
    for (reveal, told) in [(true, vec!["output"]), (false, vec!["gap"])] {
        let body = json!({"code": "x", "tests": [{"expected_output": "4"}], "reveal": reveal}).to_string();
        let reply = ask(&house, asking_for_events(), body).await;
        let events = events(&reply);
        let of_the_stream: Vec<_> = events
            .iter()
            .filter(|(_, event)| event["stream"] == "output")
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(of_the_stream, told, "{events:?}");
        assert_eq!(events.last().unwrap().1["summary"]["passed"], 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_quiet_run_sends_a_comment_every_ten_seconds() {
    let house = House::new();
    house.sandbox.plan(Plan::Script(vec![(Duration::from_secs(14), Event::Ended(exited(0, "")))]));
    let reply = look_on(&house).await;
    let text = std::str::from_utf8(&reply.body).unwrap();
    assert_eq!(text.split("\n\n").filter(|block| block.starts_with(':')).count(), 1, "{text}");
}

/// Looks on until the program runs, then goes away.
async fn leave(house: &House, request: Builder) {
    house.sandbox.plan(Plan::Hang);
    let answer = app(house).oneshot(request.body(Body::from(CODE)).unwrap()).await.unwrap();
    let mut body = answer.into_body().into_data_stream();
    let first = body.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"event: accepted\n"), "{first:?}");
    while house.sandbox.running() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_run_whose_client_goes_away_is_stopped() {
    let house = House::new();
    leave(&house, asking_for_events()).await;
    while house.sandbox.running() > 0 {
        tokio::task::yield_now().await;
    }
    house.service.shutdown().await;
    let end = house.store.only_end();
    assert!(matches!(end, Some(EndRecord::Failed { status: FailedStatus::Cancelled, .. })), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn under_a_key_it_goes_on_and_is_told_again_in_short() {
    let house = House::new();
    let keyed = || asking_for_events().header("idempotency-key", "a");
    leave(&house, keyed()).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(house.sandbox.running(), 1);
    ask(&house, keyed(), CODE).await.error(409, "still_running");

    let house = House::new();
    let first = events(&ask(&house, keyed(), CODE).await);
    let reply = ask(&house, keyed(), CODE).await;
    assert_eq!(reply.headers["idempotent-replayed"], "true");
    let again = events(&reply);
    assert_eq!(names(&again), ["accepted", "result"]);
    assert_eq!(again[0], first[0]);
    assert_eq!(comparable(again[1].1.clone()), comparable(first.last().unwrap().1.clone()));
    assert_eq!(house.sandbox.runs(), 1);
}

/// The router of a front that is frozen between requests.
fn frozen(house: &House) -> Router {
    let rules: RunRules = rules();
    router(house.service.clone(), HttpConfig { goes_on: false, ..HttpConfig::new(rules) })
}

#[tokio::test(start_paused = true)]
async fn a_front_that_hands_answers_over_whole_tells_the_same_events() {
    let house = House::new();
    house.sandbox.plan(script());
    let without_times = |reply: &Reply| {
        let mut all = events(reply);
        for (_, event) in &mut all {
            *event = comparable(event.take());
        }
        all
    };
    let (live, whole) =
        (look_on(&house).await, send(frozen(&house), asking_for_events().body(CODE.into()).unwrap()).await);
    // What waits longer is joined.
    let texts = |all: &[(String, Value)]| -> String {
        all.iter().filter_map(|(_, event)| event["text"].as_str()).collect()
    };
    let (live, whole) = (without_times(&live), without_times(&whole));
    assert_eq!(texts(&live), texts(&whole));
    assert_eq!(names(&whole), ["accepted", "began", "output", "ended", "result"]);
    assert_eq!(live.last(), whole.last());
}

#[tokio::test]
async fn a_front_that_is_frozen_answers_nothing_later_and_opens_no_socket() {
    let house = House::new();
    let json = |request: Builder| request.header("content-type", "application/json");
    let later = json(Request::post("/run?wait=false")).body(CODE.into()).unwrap();
    let message = send(frozen(&house), later).await.error(400, "not_available");
    assert!(message.contains("queue"), "{message}");
    // A preference that cannot be met is none.
    let preferred = json(Request::post("/run")).header("prefer", "respond-async").body(CODE.into()).unwrap();
    let reply = send(frozen(&house), preferred).await;
    assert_eq!((reply.status.as_u16(), reply.json()["output"].as_str()), (200, Some("4\n")));
    assert!(!reply.headers.contains_key("preference-applied"));
    let socket = Request::get("/run/live").body(Body::empty()).unwrap();
    send(frozen(&house), socket).await.error(501, "not_available");
}

#[tokio::test]
async fn a_path_that_is_a_socket_says_so() {
    let house = House::new();
    let reply = get(&house, "/run/live").await;
    reply.error(426, "upgrade_required");
    assert_eq!(reply.headers["upgrade"], "websocket");
    ask(&house, Request::post("/run/live"), Body::empty()).await.error(405, "method_not_allowed");
}
