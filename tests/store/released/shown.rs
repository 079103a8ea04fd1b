//! What callers are shown of records, as JSON: to be the same, byte for byte, whichever release wrote them.

use std::time::Duration;

use safe_code_executor::{
    domain::{
        outcome::SandboxTimings,
        ports::ExecutionStore,
        record::{EndRecord, ExecutionRecord, HistoryLimit, RecordState},
    },
    inbound::contract::{answer::RunAnswer, history_entry::HistoryEntry},
    service::{Answer, Timings},
};
use serde_json::{Value, json};

use super::records;

/// The list, each record by itself, and the answer that a second request under its key would get.
pub async fn shown<S: ExecutionStore>(store: &S) -> Value {
    let list = store.history(&records::caller(), None, HistoryLimit::clamped(100)).await.unwrap();
    let mut single = Vec::new();
    for (start, _) in records::all() {
        let record = store.get(&start.caller, start.id).await.unwrap().unwrap();
        single.push(json!({ "record": HistoryEntry::from(&record), "answer": answer(&record) }));
    }
    json!({ "list": list.iter().map(HistoryEntry::from).collect::<Vec<_>>(), "single": single })
}

fn answer(record: &ExecutionRecord) -> Option<RunAnswer> {
    let RecordState::Ended(EndRecord::Ran(ran)) = &record.state else { return None };
    let (execution, limits) = ran.execution()?;
    let SandboxTimings { queue, acquire, run, collect } = execution.timings;
    let total = queue + acquire + run + collect;
    let timings = Timings { queue, acquire, run, collect, record: Duration::ZERO, total };
    let (id, language) = (record.start.id, record.start.language.clone());
    Some(RunAnswer::from(&Answer { id, language, limits, execution, timings, replayed: true }))
}
