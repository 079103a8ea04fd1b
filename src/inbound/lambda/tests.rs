//! The function, asked in-process, over fakes: a fixture for every kind of event.

mod callers;
mod http;
mod messages;
mod others;

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::*;
use crate::{
    domain::record::{EndRecord, StartRecord},
    inbound::http::{HttpConfig, router},
    testing::{FakeSandbox, FakeStore, House, locked, rules},
};

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/events").join(name);
    serde_json::from_slice(&fs::read(path.with_extension("json")).unwrap()).unwrap()
}

fn function(house: &House) -> Function<FakeSandbox, FakeStore> {
    Function {
        router: router(Arc::clone(&house.service), HttpConfig::new(rules())),
        events: Events::new(Arc::clone(&house.service), rules(), 4),
        callers: Callers::default(),
    }
}

/// The answer of a function with a minute of time.
async fn invoke(house: &House, payload: Value) -> Result<Value, Diagnostic> {
    within(house, payload, Duration::from_mins(1)).await
}

async fn within(house: &House, payload: Value, time: Duration) -> Result<Value, Diagnostic> {
    ask_function(&function(house), payload, time).await
}

async fn ask_function(
    function: &Function<FakeSandbox, FakeStore>,
    payload: Value,
    time: Duration,
) -> Result<Value, Diagnostic> {
    let mut context = Context::default();
    context.request_id = uuid::Uuid::now_v7().to_string();
    let deadline = (SystemTime::now() + time).duration_since(UNIX_EPOCH).unwrap();
    context.deadline = u64::try_from(deadline.as_millis()).unwrap();
    function.handle(LambdaEvent::new(payload, context)).await
}

/// All records, in their order.
fn records(house: &House) -> Vec<(StartRecord, Option<EndRecord>)> {
    locked(&house.store.records).values().cloned().collect()
}

fn only_caller(house: &House) -> String {
    let records = records(house);
    assert_eq!(records.len(), 1);
    records[0].0.caller.to_string()
}
