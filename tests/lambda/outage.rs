//! DynamoDB itself goes away, hangs, and comes back: the engine's own process, not a proxy that says so.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    dynamodb::Engine,
    emulator::{Function, fixture},
    records,
    store::{AT_LAST, SOON, history, store_unavailable},
};

/// For a program to be running: its start is on record, its end is not.
const RUNNING: Duration = Duration::from_secs(2);

fn on_its_own_engine() -> (Engine, Function) {
    let engine = Engine::start();
    let function = Function::start(&[("SCE_DYNAMODB_ENDPOINT", &engine.endpoint())]);
    let (status, body) = function.run("print('before')");
    assert_eq!((status, &body["output"]), (200, &"before\n".into()), "{body}");
    (engine, function)
}

/// Nothing that needs a record is answered but by 503, in time; everything else is answered.
#[track_caller]
fn out_of_order(function: &Function) {
    for ask in [|function: &Function| function.run("print('meanwhile')"), history] {
        let asked = Instant::now();
        store_unavailable(&ask(function));
        assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    }
    assert_eq!(function.ask(&fixture("apigw-rest-get")).0, 200);
    let mut health = fixture("apigw-rest-get");
    health["path"] = "/health".into();
    let (status, body) = function.ask(&health);
    assert_eq!((status, &body["store"]["ok"]), (503, &false.into()), "{body}");
}

/// What the anonymous caller's executions came to, by their code, sorted.
fn all(engine: &Engine, function: &Function) -> Vec<(String, String)> {
    let mut all: Vec<_> = records::at(engine.endpoint(), function, "anonymous")
        .iter()
        .map(|record| (String::from_utf8(record.start.code.to_vec()).unwrap(), records::shown(&record.state)))
        .collect();
    all.sort();
    all
}

fn entry(code: &str, shown: &str) -> (String, String) {
    (code.to_owned(), shown.to_owned())
}

#[test]
fn a_database_that_crashes_and_comes_back_has_everything_that_was_answered() {
    let (engine, function) = on_its_own_engine();

    // It crashes while a program runs.
    let slow = "import time; time.sleep(4); print('unrecorded')";
    thread::scope(|scope| {
        let asked = Instant::now();
        let answer = scope.spawn(|| function.run(slow));
        thread::sleep(RUNNING);
        engine.crash();
        store_unavailable(&answer.join().unwrap());
        assert!(asked.elapsed() < Duration::from_secs(4) + AT_LAST, "{:?}", asked.elapsed());
    });
    out_of_order(&function);
    let given_back = function.invoke(&fixture("sqs-batch"));
    assert_eq!(given_back["batchItemFailures"].as_array().map(Vec::len), Some(10), "{given_back}");
    assert_eq!(function.invoke(&fixture("direct"))["errorType"], "store_unavailable");

    // It comes back; nobody does anything to the function. A Java program is slow at first.
    engine.up();
    let back = Instant::now();
    while history(&function).0 != 200 {
        assert!(back.elapsed() < AT_LAST, "it is not back by itself");
    }
    let (status, body) = function.run("print('after')");
    assert_eq!((status, &body["output"]), (200, &"after\n".into()), "{body}");
    for _ in 0..2 {
        assert_eq!(function.invoke(&fixture("sqs-batch")), json!({ "batchItemFailures": [] }));
    }
    let expected = [
        // It was answered by 503, and is not taken for one that never was.
        entry(slow, "running"),
        entry("print('after')", "completed after"),
        entry("print('before')", "completed before"),
    ];
    assert_eq!(all(&engine, &function), expected);
}

#[test]
fn a_database_that_hangs_is_a_503_in_time_and_a_late_answer_when_it_goes_on() {
    let (engine, function) = on_its_own_engine();
    engine.freeze();
    out_of_order(&function);
    engine.thaw();
    let (status, body) = function.run("print('after')");
    assert_eq!((status, &body["output"]), (200, &"after\n".into()), "{body}");

    // It hangs for a while, just when an end is to be written.
    let slow = "import time; time.sleep(4); print('late')";
    let (status, body): (u64, Value) = thread::scope(|scope| {
        let answer = scope.spawn(|| function.run(slow));
        thread::sleep(RUNNING);
        engine.freeze();
        thread::sleep(Duration::from_secs(4));
        engine.thaw();
        answer.join().unwrap()
    });
    assert_eq!((status, &body["output"]), (200, &"late\n".into()), "{body}");
    let recorded = body["timings_ms"]["record"].as_f64();
    assert!(recorded.is_some_and(|ms| ms >= 500.0), "the answer says where the time went: {body}");

    let found = all(&engine, &function);
    for answered in [
        entry("print('before')", "completed before"),
        entry("print('after')", "completed after"),
        entry(slow, "completed late"),
    ] {
        assert!(found.contains(&answered), "{answered:?} is not among {found:?}");
    }
}
