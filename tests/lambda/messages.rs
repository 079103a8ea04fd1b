//! A batch of queue messages, of which some cannot be read and one cannot be run for now.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    emulator::{Function, fixture},
    engine::Line,
    records,
};

const QUEUE: &str = "sqs:arn:aws:sqs:eu-central-1:123456789012:runs";
/// The messages of the fixture that are no good requests.
const MALFORMED: [usize; 2] = [3, 6];
/// The one whose Docker host is out of reach.
const UNREACHABLE: usize = 8;

/// Ten messages: programs that never print the same twice, two that are no requests, one in JavaScript.
fn batch() -> Value {
    let mut event = fixture("sqs-batch");
    for (n, record) in event["Records"].as_array_mut().unwrap().iter_mut().enumerate() {
        if n == UNREACHABLE {
            let code = "console.log(process.hrtime.bigint())";
            record["body"] = json!({ "language": "javascript", "code": code }).to_string().into();
        } else if !MALFORMED.contains(&n) {
            let code = format!("import time; print({n}, time.time_ns())");
            record["body"] = json!({ "code": code }).to_string().into();
        }
    }
    event
}

/// What each execution of the queue printed, by what was asked.
fn printed(function: &Function) -> BTreeMap<String, Vec<String>> {
    let mut printed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in records::of(function, QUEUE) {
        let code = String::from_utf8(record.start.code.to_vec()).unwrap();
        printed.entry(code).or_default().push(records::shown(&record.state));
    }
    printed
}

#[test]
fn of_ten_messages_the_one_that_could_not_be_run_comes_again_and_nothing_runs_twice() {
    let line = Line::start();
    let function = Function::start(&[("DOCKER_HOST", &line.host())]);
    assert_eq!(function.run("print(1)").0, 200, "the host passed its checks");
    line.refuse(Some("\"javascript\""));

    let event = batch();
    let answer = function.invoke(&event);
    let unreachable = event["Records"][UNREACHABLE]["messageId"].clone();
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": unreachable }] }));
    let first = printed(&function);
    let count = |word: &str| first.values().flatten().filter(|shown| shown.contains(word)).count();
    assert_eq!((count("completed"), count("rejected"), count("not_started")), (7, 2, 1), "{first:#?}");

    // The whole batch again, as after a timeout of the queue. The host can be reached.
    line.refuse(None);
    for _ in 0..2 {
        assert_eq!(function.invoke(&event), json!({ "batchItemFailures": [] }));
    }
    let mut again = printed(&function);
    let javascript = again.iter_mut().find(|(code, _)| code.contains("console.log")).unwrap().1;
    assert_eq!(javascript.len(), 2, "the attempt that never ran, and the one that did: {javascript:?}");
    javascript.retain(|shown| shown.contains("not_started"));
    assert_eq!(again, first, "what had run was run again");
}
