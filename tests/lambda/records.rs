//! The records in a function's table, read behind its back.

use std::time::Duration;

use safe_code_executor::{
    domain::{
        caller::Caller,
        clock::Clock,
        ports::ExecutionStore,
        record::{EndRecord, ExecutionRecord, HistoryLimit, RecordState},
    },
    outbound::dynamodb::{DynamoConfig, DynamoStore},
};

use crate::emulator::{Function, script};

/// The latest hundred of this caller.
pub fn of(function: &Function, caller: &str) -> Vec<ExecutionRecord> {
    at(script("dynamodb.sh", "up"), function, caller)
}

/// The same, where the table is in another DynamoDB Local than that of all tests.
pub fn at(endpoint: String, function: &Function, caller: &str) -> Vec<ExecutionRecord> {
    let endpoint = Some(endpoint);
    let table = DynamoConfig::new(&function.table, Duration::from_hours(30 * 24));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = DynamoStore::connect(&DynamoConfig { endpoint, ..table }, Clock::system());
        store.history(&Caller::principal(caller), None, HistoryLimit::clamped(100)).await.unwrap()
    })
}

/// How an execution ended, in a word, and what it printed.
pub fn shown(state: &RecordState) -> String {
    match state {
        RecordState::Running => "running".to_owned(),
        RecordState::Abandoned => "abandoned".to_owned(),
        RecordState::Ended(EndRecord::Failed { status, .. }) => status.as_str().to_owned(),
        RecordState::Ended(EndRecord::Ran(ran)) => {
            format!("{} {}", ran.status().as_str(), String::from_utf8_lossy(&ran.stdout).trim())
        }
    }
}
