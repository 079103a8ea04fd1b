//! Every kind of event, through AWS's runtime interface emulator, to a real engine and a real table.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop there")]

mod contracts;
mod docker;
mod dynamodb;
mod emulator;
mod engine;
mod messages;
mod outage;
#[allow(dead_code, reason = "the tests of the store use all of it")]
#[path = "../store/dynamodb/proxy.rs"]
mod proxy;
mod records;
mod store;

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use emulator::{Function, fixture, new_table, script};
use serde_json::{Value, json};

/// Where DynamoDB Local is; for the proxy.
fn endpoint() -> &'static str {
    static ENDPOINT: OnceLock<String> = OnceLock::new();
    ENDPOINT.get_or_init(|| script("dynamodb.sh", "up"))
}

/// The caller's own records, by the history of a caller with this request context.
fn history(function: &Function, like: &str) -> Vec<Value> {
    let mut event = fixture("apigw-rest-history");
    event["requestContext"]["identity"] = fixture(like)["requestContext"]["identity"].clone();
    let (status, body) = function.ask(&event);
    assert_eq!(status, 200, "{body}");
    body.as_array().unwrap().clone()
}

#[test]
fn every_kind_of_event_is_served_or_refused_by_name() {
    let function = Function::start(&[("SCE_POOL_SIZE", "python=1,javascript=0")]);

    // Requests, through every door.
    assert_eq!(function.ask(&fixture("apigw-rest-get")), (200, "Safe Code Executor API is running!".into()));
    for name in ["apigw-rest-run", "apigw-http-run", "function-url-run", "alb-run"] {
        let (status, body) = function.ask(&fixture(name));
        assert_eq!((status, &body["output"]), (200, &"4\n".into()), "{name}: {body}");
    }
    let (status, body) = function.ask(&fixture("apigw-rest-zip"));
    assert_eq!((status, &body["output"]), (200, &"42\n".into()), "{body}");
    let (status, languages) = function.ask(&fixture("apigw-http-stage"));
    assert_eq!((status, languages.as_array().map(Vec::len)), (200, Some(2)), "{languages}");
    assert_eq!(function.ask(&fixture("apigw-http-not-found")).0, 404);
    assert_eq!(function.ask(&fixture("apigw-http-bad-host")).0, 400);
    let own = history(&function, "apigw-rest-run");
    assert_eq!((own.len(), &own[0]["output"]), (1, &"4\n".into()));
    assert_eq!(history(&function, "apigw-rest-history"), [] as [Value; 0]);

    // Messages, each once.
    for _ in 0..2 {
        assert_eq!(function.invoke(&fixture("sqs-batch")), json!({ "batchItemFailures": [] }));
    }
    assert_eq!(function.invoke(&fixture("sqs-fifo")), json!({ "batchItemFailures": [] }));
    for (name, replayed) in [("sns", false), ("sns", true), ("eventbridge", false), ("eventbridge", true)] {
        let execution = &function.invoke(&fixture(name))["executions"][0];
        assert_eq!(execution["status"], "completed", "{name}: {execution}");
        assert_eq!(execution["replayed"], replayed, "{name}: {execution}");
    }

    // Upkeep and direct calls.
    for name in ["schedule", "maintain"] {
        // What is being made in the background already is not made once more, and waits a moment later.
        let until = Instant::now() + Duration::from_secs(20);
        let counts = loop {
            let counts = function.invoke(&fixture(name));
            if counts["warm"] == 1 || Instant::now() > until {
                break counts;
            }
            std::thread::sleep(Duration::from_millis(200));
        };
        assert_eq!(counts["warm"], 1, "{name}: {counts}");
    }
    let outcome = function.invoke(&fixture("direct"));
    assert_eq!((&outcome["output"], &outcome["status"]), (&"4\n".into(), &"completed".into()), "{outcome}");

    // Everything else.
    for (name, kind) in [
        ("direct-refused", "unknown_language"),
        ("authorizer-token", "authorizer_event"),
        ("authorizer-rest-request", "authorizer_event"),
        ("authorizer-http-request", "authorizer_event"),
        ("websocket", "unsupported_event"),
        ("s3", "unsupported_event"),
        ("cognito-trigger", "unsupported_event"),
    ] {
        assert_eq!(function.invoke(&fixture(name))["errorType"], kind, "{name}");
    }
}

#[test]
fn an_idempotency_key_holds_across_instances_of_the_function() {
    let table = new_table();
    let instances = [0, 1].map(|_| Function::start(&[("SCE_TABLE", &table)]));
    let mut event = fixture("apigw-rest-run");
    event["body"] = json!({ "code": "import time; print(time.time_ns())" }).to_string().into();
    for headers in ["headers", "multiValueHeaders"] {
        let value = if headers == "headers" { json!("key-1") } else { json!(["key-1"]) };
        event[headers]["Idempotency-Key"] = value;
    }
    let (_, first) = instances[0].ask(&event);
    let (status, again) = instances[1].ask(&event);
    assert_eq!((status, &again["output"], &again["id"]), (200, &first["output"], &first["id"]), "{again}");
    assert!(first["output"].as_str().is_some_and(|output| output.len() > 10), "{first}");
    event["body"] = json!({ "code": "print(2)" }).to_string().into();
    let (status, other) = instances[1].ask(&event);
    assert_eq!((status, &other["code"]), (422, &"idempotency_key_reused".into()), "{other}");
}

#[test]
fn a_run_ends_with_an_answer_before_the_functions_time_is_over() {
    let function = Function::start(&[("AWS_LAMBDA_FUNCTION_TIMEOUT", "4")]);
    // The first invocation starts the function; its time begins with the second.
    function.invoke(&fixture("maintain"));
    let mut event = fixture("function-url-run");
    event["body"] = json!({ "code": "import time; time.sleep(9)" }).to_string().into();
    let (status, body) = function.ask(&event);
    assert_eq!((status, &body["code"]), (504, &"deadline_exceeded".into()), "{body}");
}
