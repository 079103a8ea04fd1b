//! Closing a start of which nobody knows whether it was written, or will be.

use std::{sync::Arc, time::Duration};

use safe_code_executor::domain::{
    caller::Source,
    error::StoreError,
    idempotency::{Fingerprint, Holder, IdempotencyKey, Reservation, Reserved},
    ports::ExecutionStore,
    record::{EndRecord, FailedStatus, HistoryLimit, RecordState, StartRecord},
};

use crate::{backend::Backend, sample};

fn not_started() -> EndRecord {
    EndRecord::Failed { status: FailedStatus::NotStarted, message: "It did not run.".to_owned() }
}

fn wish(record: &StartRecord) -> Reservation {
    wish_for("message", record)
}

fn wish_for(message: &str, record: &StartRecord) -> Reservation {
    Reservation {
        key: IdempotencyKey::of_event(Source::Sqs, "queue", message),
        fingerprint: Fingerprint::of_bytes(b"a"),
        expires_at: record.started_at + Duration::from_mins(10),
        instead_of: None,
    }
}

async fn reads_as_closed<S: ExecutionStore>(store: &S, start: &StartRecord) {
    let record = store.get(&start.caller, start.id).await.unwrap().unwrap();
    assert_eq!((&record.start, record.state), (start, RecordState::Ended(not_started())));
    assert_eq!(record.code_bytes, start.code.len() as u64);
}

pub async fn a_start_that_was_written_is_closed_with_its_end<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    for code in [10, 10_000] {
        let begun = StartRecord { code: sample::binary(code), ..sample::start("ann", place.clock().now()) };
        store.start(&begun).await.unwrap();
        store.close(&begun, &not_started()).await.unwrap();
        reads_as_closed(&store, &begun).await;
    }
}

pub async fn a_start_that_was_not_written_is_closed_whole_and_takes_no_key_later<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    for code in [10, 10_000] {
        let late = StartRecord { code: sample::binary(code), ..sample::start("ann", place.clock().now()) };
        store.close(&late, &not_started()).await.unwrap();
        reads_as_closed(&store, &late).await;
        // Now it arrives.
        let refused = store.reserve(&late, &wish(&late)).await;
        assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
        assert_eq!(store.holder(&late.caller, &wish(&late).key).await.unwrap(), None);
        store.start(&late).await.ok();
        reads_as_closed(&store, &late).await;
    }
    let caller = sample::start("ann", place.clock().now()).caller;
    assert_eq!(store.history(&caller, None, HistoryLimit::default()).await.unwrap().len(), 2);
}

pub async fn a_close_changes_no_end_and_can_be_made_again<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let ended = sample::start("ann", place.clock().now());
    store.start(&ended).await.unwrap();
    store.finish(&ended.caller, ended.id, &sample::ran_by(1)).await.unwrap();
    for _ in 0..2 {
        store.close(&ended, &not_started()).await.unwrap();
        let record = store.get(&ended.caller, ended.id).await.unwrap().unwrap();
        assert_eq!(record.state, RecordState::Ended(sample::ran_by(1)));
    }
    let closed = sample::start("ann", place.clock().now());
    for _ in 0..2 {
        store.close(&closed, &not_started()).await.unwrap();
        reads_as_closed(&store, &closed).await;
    }
}

pub async fn a_close_and_a_start_at_once_leave_an_end_and_a_key_that_can_be_taken_over<B: Backend>() {
    let place = B::fresh().await;
    let stores = [Arc::new(place.open().await), Arc::new(place.open().await)];
    for round in 0..20 {
        let wish = |record: &StartRecord| wish_for(&round.to_string(), record);
        let begun = sample::start("ann", place.clock().now());
        let (start, end) = (begun.clone(), not_started());
        let store = Arc::clone(&stores[0]);
        let closing = tokio::spawn(async move { store.close(&start, &end).await });
        // Whoever is first: it is ours, or refused.
        let reserved = stores[1].reserve(&begun, &wish(&begun)).await;
        assert!(matches!(reserved, Ok(Reserved::Ours) | Err(StoreError::Corrupt(_))), "{reserved:?}");
        closing.await.unwrap().unwrap();
        reads_as_closed(&*stores[1], &begun).await;
        let holder = stores[1].holder(&begun.caller, &wish(&begun).key).await.unwrap();
        let ours = Holder { id: begun.id, fingerprint: wish(&begun).fingerprint };
        assert_eq!(holder, reserved.is_ok().then_some(ours));
        let next = sample::start("ann", place.clock().now());
        let instead = Reservation { instead_of: Some(begun.id), ..wish(&next) };
        assert_eq!(stores[0].reserve(&next, &instead).await.unwrap(), Reserved::Ours);
    }
}

pub async fn every_call_has_a_limit_of_time<B: Backend>() {
    let place = B::fresh().await;
    let limit = place.open().await.time_limit();
    assert!(limit > Duration::ZERO && limit < Duration::from_mins(1), "{limit:?}");
}
