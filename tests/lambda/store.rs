//! The function whose table is slow, throttled, or out of reach, through a proxy in front of the real engine.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::runtime::Runtime;

use crate::{
    emulator::{Function, fixture},
    proxy::{Fate, Proxy},
    records,
};

/// What a request may take in all when its table is in trouble: one call to the store, or an end with all its attempts.
pub const SOON: Duration = Duration::from_secs(6);
pub const AT_LAST: Duration = Duration::from_secs(20);

/// A function whose line to its table runs through us.
fn on_a_line() -> (Runtime, Proxy, Function) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let proxy = runtime.block_on(Proxy::start());
    let function = Function::start(&[("SCE_DYNAMODB_ENDPOINT", &proxy.endpoint)]);
    assert_eq!(function.run("print(1)").0, 200);
    (runtime, proxy, function)
}

pub fn history(function: &Function) -> (u64, Value) {
    function.ask(&fixture("apigw-rest-history"))
}

#[track_caller]
pub fn store_unavailable((status, body): &(u64, Value)) {
    assert_eq!((*status, &body["code"]), (503, &"store_unavailable".into()), "{body}");
}

#[test]
fn a_table_that_cannot_be_used_is_a_503_in_time_and_forgotten_when_it_is_over() {
    let (_runtime, proxy, function) = on_a_line();
    let troubles: [fn() -> Fate; 4] = [
        || Fate::Lost,
        || Fate::Refuse("ThrottlingException"),
        || Fate::Refuse("ProvisionedThroughputExceededException"),
        || Fate::Late(Duration::from_mins(1)),
    ];
    for trouble in troubles {
        proxy.plan(move |_| trouble());
        for ask in [|function: &Function| function.run("print(2)"), history] {
            let asked = Instant::now();
            store_unavailable(&ask(&function));
            assert!(asked.elapsed() < SOON, "{:?}: {:?}", trouble(), asked.elapsed());
        }
        assert_eq!(function.ask(&fixture("apigw-rest-get")).0, 200, "what needs no record is answered");
        let given_back = function.invoke(&fixture("sqs-batch"));
        assert_eq!(given_back["batchItemFailures"].as_array().map(Vec::len), Some(10), "{given_back}");
        assert_eq!(function.invoke(&fixture("direct"))["errorType"], "store_unavailable");

        proxy.plan(|_| Fate::Pass);
        let (status, body) = function.run("print(3)");
        assert_eq!((status, &body["output"]), (200, &"3\n".into()), "after {:?}: {body}", trouble());
    }
}

#[test]
fn a_table_that_takes_its_time_makes_a_late_answer() {
    let (_runtime, proxy, function) = on_a_line();
    proxy.plan(|_| Fate::Late(Duration::from_millis(400)));
    let (status, body) = function.run("print(4)");
    assert_eq!((status, &body["output"]), (200, &"4\n".into()), "{body}");
    let recorded = body["timings_ms"]["record"].as_f64();
    assert!(recorded.is_some_and(|ms| ms >= 400.0), "the answer says where the time went: {body}");
}

#[test]
fn an_end_that_cannot_be_recorded_is_told_and_its_execution_is_on_record() {
    let (_runtime, proxy, function) = on_a_line();
    proxy.plan(|operation| if operation == "UpdateItem" { Fate::Lost } else { Fate::Pass });
    let asked = Instant::now();
    store_unavailable(&function.run("print('unrecorded')"));
    assert!(asked.elapsed() < AT_LAST, "{:?}", asked.elapsed());
    let all = records::of(&function, "anonymous");
    assert_eq!(all.len(), 2);
    assert_eq!(
        records::shown(&all[0].state),
        "running",
        "until its time is over; then it reads as abandoned"
    );
    assert_eq!(&all[0].start.code[..], b"print('unrecorded')");
}

#[test]
fn nobody_listening_is_a_503_too() {
    let (_runtime, proxy, function) = on_a_line();
    drop(proxy);
    let asked = Instant::now();
    store_unavailable(&function.run("print(5)"));
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
}
