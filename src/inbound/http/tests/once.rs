//! `Idempotency-Key`.

use super::*;
use crate::testing::{Plan, exited};

async fn run(house: &House, keys: &[&str], code: &str) -> Reply {
    let mut request = Request::post("/run").header("content-type", "application/json");
    for key in keys {
        request =
            request.header("idempotency-key", axum::http::HeaderValue::from_bytes(key.as_bytes()).unwrap());
    }
    ask(house, request, serde_json::json!({ "code": code }).to_string()).await
}

#[tokio::test]
async fn the_same_key_and_request_get_the_same_answer() {
    let house = House::new();
    let first = run(&house, &["a b-1"], "print(2+2)").await;
    house.sandbox.plan(Plan::Answer(Box::new(exited(1, "other"))));
    let (mut first_json, again) = (first.json(), run(&house, &["a b-1"], "print(2+2)").await);
    let mut again_json = again.json();
    assert!(!first.headers.contains_key("idempotent-replayed"));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    for json in [&mut first_json, &mut again_json] {
        for name in ["record", "total", "queue"] {
            json["timings_ms"][name] = Value::Null;
        }
    }
    assert_eq!(first_json, again_json);
    assert_eq!(house.sandbox.runs(), 1);
}

#[tokio::test]
async fn another_request_under_the_key_is_refused() {
    let house = House::new();
    run(&house, &["a"], "print(1)").await;
    let message = run(&house, &["a"], "print(2)").await.error(422, "idempotency_key_reused");
    assert!(message.contains("another request"), "{message}");
}

#[tokio::test]
async fn a_key_must_be_one_and_printable() {
    let house = House::new();
    let long = "k".repeat(256);
    for keys in [&[""][..], &["é"], &[&long], &["a", "a"]] {
        let message = run(&house, keys, "print(1)").await.error(400, "invalid_request");
        assert!(message.contains("Idempotency-Key"), "{message}");
    }
    assert_eq!(house.sandbox.runs(), 0);
}

#[tokio::test]
async fn a_request_that_still_runs_is_a_conflict_and_one_without_outcome_is_not_run_again() {
    use crate::domain::error::SandboxError;
    let house = House::new();
    let told = std::sync::Arc::new(tokio::sync::Notify::new());
    house.sandbox.plan(Plan::Await(std::sync::Arc::clone(&told)));
    let both = async {
        while house.sandbox.running() == 0 {
            tokio::task::yield_now().await;
        }
        let second = run(&house, &["a"], "print(1)").await;
        second.error(409, "still_running");
        // The time limit of the run, and a second.
        assert_eq!(second.headers["retry-after"], "11");
        told.notify_one();
    };
    tokio::join!(run(&house, &["a"], "print(1)"), both);
    house.sandbox.plan(Plan::Fail(|| SandboxError::DeadlineExceeded));
    run(&house, &["b"], "print(1)").await.error(504, "deadline_exceeded");
    run(&house, &["b"], "print(1)").await.error(502, "not_run_again");
}
