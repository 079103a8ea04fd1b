//! Ending: once, whole, exactly as written.

use std::sync::Arc;

use safe_code_executor::domain::{
    caller::Caller,
    error::StoreError,
    id::ExecutionId,
    ports::ExecutionStore,
    record::{EndRecord, HistoryLimit, RecordState},
};

use crate::{backend::Backend, sample};

pub async fn every_kind_of_end_reads_back_exactly<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    for end in sample::every_end() {
        let begun = sample::start("ann", place.clock().now());
        store.start(&begun).await.unwrap();
        store.finish(&begun.caller, begun.id, &end).await.unwrap();
        let record = store.get(&begun.caller, begun.id).await.unwrap().unwrap();
        assert_eq!(record.start, begun);
        assert_eq!(record.state, RecordState::Ended(end));
        let listed = store.history(&begun.caller, None, HistoryLimit::clamped(1)).await.unwrap();
        assert_eq!(listed, [record], "what fits a preview reads the same in the list");
    }
}

pub async fn a_second_end_changes_nothing<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let failed = sample::every_end().into_iter().find(|end| matches!(end, EndRecord::Failed { .. })).unwrap();
    for (first, second) in [
        (sample::ran_by(1), sample::ran_by(2)),
        (sample::ran_by(1), failed.clone()),
        (failed, sample::ran_by(2)),
        (EndRecord::Ran(sample::ran()), sample::ran_by(2)),
        (sample::ran_by(1), sample::ran_by(1)),
    ] {
        let begun = sample::start("ann", place.clock().now());
        store.start(&begun).await.unwrap();
        store.finish(&begun.caller, begun.id, &first).await.unwrap();
        let before = store.get(&begun.caller, begun.id).await.unwrap().unwrap();
        store.finish(&begun.caller, begun.id, &second).await.unwrap();
        let after = store.get(&begun.caller, begun.id).await.unwrap().unwrap();
        assert_eq!(after.state, RecordState::Ended(first));
        assert_eq!(after, before);
    }
}

pub async fn of_many_ends_at_once_exactly_one_is_written_whole<B: Backend>() {
    let place = B::fresh().await;
    let stores = [Arc::new(place.open().await), Arc::new(place.open().await)];
    let begun = sample::start("ann", place.clock().now());
    stores[0].start(&begun).await.unwrap();
    let tasks: Vec<_> = (0..16)
        .map(|who| {
            let (store, begun) = (Arc::clone(&stores[who % 2]), begun.clone());
            tokio::spawn(async move { store.finish(&begun.caller, begun.id, &sample::ran_by(who)).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let record = stores[1].get(&begun.caller, begun.id).await.unwrap().unwrap();
    let RecordState::Ended(EndRecord::Ran(ran)) = &record.state else { panic!("{record:?}") };
    let winner = usize::try_from(ran.exit_code()).unwrap();
    assert_eq!(record.state, RecordState::Ended(sample::ran_by(winner)), "no part is another writer's");
}

pub async fn an_end_without_a_start_is_refused_and_leaves_no_trace<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let (caller, id) = (Caller::local(), ExecutionId::generate());
    for end in [sample::ran_by(1), EndRecord::Ran(sample::ran())] {
        let refused = store.finish(&caller, id, &end).await;
        assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    }
    assert_eq!(store.get(&caller, id).await.unwrap(), None);
    assert_eq!(store.history(&caller, None, HistoryLimit::default()).await.unwrap(), []);
}

pub async fn an_unknown_execution_is_none<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let begun = sample::start("ann", place.clock().now());
    store.start(&begun).await.unwrap();
    assert_eq!(store.get(&begun.caller, ExecutionId::generate()).await.unwrap(), None);
}
