//! Forgetting an execution: whole, and never one that is running.

use std::time::Duration;

use safe_code_executor::domain::{
    caller::Caller,
    error::StoreError,
    id::ExecutionId,
    idempotency::{Fingerprint, Holder, IdempotencyKey, Reservation, Reserved},
    ports::ExecutionStore,
    record::{EndRecord, Forgotten, HistoryLimit, RanRecord, RecordState, StartRecord},
};

use crate::{backend::Backend, sample};

/// An execution with long code, long streams and test cases, begun and ended.
pub async fn whole_execution<B: Backend>(place: &B, store: &B::Store) -> StartRecord {
    let begun = StartRecord { code: sample::binary(10_000), ..sample::start("ann", place.clock().now()) };
    store.start(&begun).await.unwrap();
    let EndRecord::Ran(ran) = sample::ran_by(1) else { panic!() };
    let end = EndRecord::Ran(RanRecord { tests: Some(sample::tests(10, 20)), ..ran });
    store.finish(&begun.caller, begun.id, &end).await.unwrap();
    begun
}

pub async fn what_has_ended_is_forgotten_and_nothing_else_is<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let (stays, goes) = (whole_execution(&place, &store).await, whole_execution(&place, &store).await);
    let before = store.get(&stays.caller, stays.id).await.unwrap();
    assert_eq!(store.delete(&goes.caller, goes.id).await.unwrap(), Forgotten::Done);
    assert_eq!(store.get(&goes.caller, goes.id).await.unwrap(), None);
    let listed = store.history(&goes.caller, None, HistoryLimit::default()).await.unwrap();
    assert_eq!(listed.iter().map(|record| record.start.id).collect::<Vec<_>>(), [stays.id]);
    assert_eq!(store.get(&stays.caller, stays.id).await.unwrap(), before);
    assert_eq!(store.delete(&goes.caller, goes.id).await.unwrap(), Forgotten::NotFound, "a second time");
}

pub async fn what_is_running_is_not_forgotten_until_it_is_abandoned<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let begun = StartRecord { code: sample::binary(10_000), ..sample::start("ann", place.clock().now()) };
    store.start(&begun).await.unwrap();
    place.clock().advance(sample::ABANDONED - Duration::from_millis(1));
    assert_eq!(store.delete(&begun.caller, begun.id).await.unwrap(), Forgotten::StillRunning);
    let read = store.get(&begun.caller, begun.id).await.unwrap().unwrap();
    assert_eq!((read.start, read.state), (begun.clone(), RecordState::Running));
    place.clock().advance(Duration::from_millis(1));
    assert_eq!(store.delete(&begun.caller, begun.id).await.unwrap(), Forgotten::Done);
    assert_eq!(store.get(&begun.caller, begun.id).await.unwrap(), None);
    // The end that comes after all has nothing to belong to.
    let late = store.finish(&begun.caller, begun.id, &sample::ran_by(1)).await;
    assert!(matches!(late, Err(StoreError::Corrupt(_))), "{late:?}");
    assert_eq!(store.get(&begun.caller, begun.id).await.unwrap(), None);
}

pub async fn nobody_forgets_what_is_not_there_or_not_theirs<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let begun = whole_execution(&place, &store).await;
    let bob = Caller::principal("bob");
    assert_eq!(store.delete(&bob, begun.id).await.unwrap(), Forgotten::NotFound);
    assert_eq!(store.delete(&begun.caller, ExecutionId::generate()).await.unwrap(), Forgotten::NotFound);
    assert!(store.get(&begun.caller, begun.id).await.unwrap().is_some());
    place.clock().advance(sample::EXPIRES);
    assert_eq!(store.delete(&begun.caller, begun.id).await.unwrap(), Forgotten::NotFound, "expired");
}

pub async fn the_key_of_what_was_forgotten_stays_taken_until_it_expires<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let begun = sample::start("ann", place.clock().now());
    let wish = Reservation {
        key: IdempotencyKey::parse("a").unwrap(),
        fingerprint: Fingerprint::of_bytes(b"a"),
        expires_at: begun.started_at + Duration::from_mins(10),
        instead_of: None,
    };
    assert_eq!(store.reserve(&begun, &wish).await.unwrap(), Reserved::Ours);
    store.finish(&begun.caller, begun.id, &sample::ran_by(1)).await.unwrap();
    assert_eq!(store.delete(&begun.caller, begun.id).await.unwrap(), Forgotten::Done);
    let holder = Holder { id: begun.id, fingerprint: wish.fingerprint };
    assert_eq!(store.holder(&begun.caller, &wish.key).await.unwrap(), Some(holder));
    let next = sample::start("ann", place.clock().now());
    assert_eq!(store.reserve(&next, &wish).await.unwrap(), Reserved::Held(holder));
    place.clock().advance(Duration::from_mins(10));
    let later = sample::start("ann", place.clock().now());
    let again = Reservation { expires_at: later.started_at + Duration::from_mins(10), ..wish };
    assert_eq!(store.reserve(&later, &again).await.unwrap(), Reserved::Ours);
}
