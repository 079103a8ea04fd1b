//! What time does to a record: running, abandoned, forgotten. The clock is the test's.

use std::time::Duration;

use safe_code_executor::domain::{
    ports::ExecutionStore,
    record::{HistoryLimit, RecordState, StartRecord},
};

use crate::{backend::Backend, sample};

const A_MILLISECOND: Duration = Duration::from_millis(1);

pub async fn running_turns_to_abandoned_at_the_very_moment<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let begun = sample::start("ann", place.clock().now());
    store.start(&begun).await.unwrap();
    place.clock().advance(sample::ABANDONED - A_MILLISECOND);
    for state in [RecordState::Running, RecordState::Abandoned] {
        assert_eq!(store.get(&begun.caller, begun.id).await.unwrap().unwrap().state, state);
        let listed = store.history(&begun.caller, None, HistoryLimit::default()).await.unwrap();
        assert_eq!(listed[0].state, state);
        place.clock().advance(A_MILLISECOND);
    }
}

pub async fn an_end_that_comes_late_is_still_written<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let begun = sample::start("ann", place.clock().now());
    store.start(&begun).await.unwrap();
    place.clock().advance(sample::ABANDONED * 2);
    assert_eq!(store.get(&begun.caller, begun.id).await.unwrap().unwrap().state, RecordState::Abandoned);
    store.finish(&begun.caller, begun.id, &sample::ran_by(1)).await.unwrap();
    let state = store.get(&begun.caller, begun.id).await.unwrap().unwrap().state;
    assert_eq!(state, RecordState::Ended(sample::ran_by(1)), "the truth, however late");
}

pub async fn an_expired_record_is_not_shown_from_the_very_moment<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let begun = sample::start("ann", place.clock().now());
    store.start(&begun).await.unwrap();
    store.finish(&begun.caller, begun.id, &sample::ran_by(1)).await.unwrap();
    place.clock().advance(sample::EXPIRES - A_MILLISECOND);
    assert!(store.get(&begun.caller, begun.id).await.unwrap().is_some());
    assert_eq!(store.history(&begun.caller, None, HistoryLimit::default()).await.unwrap().len(), 1);
    place.clock().advance(A_MILLISECOND);
    assert_eq!(store.get(&begun.caller, begun.id).await.unwrap(), None);
    assert_eq!(store.history(&begun.caller, None, HistoryLimit::default()).await.unwrap(), []);
}

pub async fn expired_records_do_not_shorten_the_list<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let now = place.clock().now();
    let (mut live, mut last) = (Vec::new(), None);
    for n in 0..60 {
        let mut begun = sample::start("ann", now);
        // The old ones live long; most of the newer ones are soon gone.
        if n >= 5 && n % 10 != 0 {
            begun = StartRecord { expires_at: now + sample::ABANDONED, ..begun };
        } else {
            live.push(begun.id);
        }
        store.start(&begun).await.unwrap();
        last = Some(begun.caller);
    }
    place.clock().advance(sample::ABANDONED);
    live.reverse();
    for limit in [1, 3, 7, 10, 100] {
        let listed = store.history(last.as_ref().unwrap(), None, HistoryLimit::clamped(limit)).await.unwrap();
        let ids: Vec<_> = listed.iter().map(|record| record.start.id).collect();
        assert_eq!(ids, live[..limit.min(live.len())], "{limit}");
    }
}

pub async fn times_are_kept_to_the_millisecond<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let now = place.clock().now() + Duration::from_millis(7);
    let finer = Duration::from_nanos(999_999);
    let exact = sample::start("ann", now);
    let begun = StartRecord {
        started_at: exact.started_at + finer,
        abandoned_at: exact.abandoned_at + finer,
        expires_at: exact.expires_at + finer,
        ..exact.clone()
    };
    store.start(&begun).await.unwrap();
    store.start(&begun).await.unwrap();
    assert_eq!(store.get(&begun.caller, begun.id).await.unwrap().unwrap().start, exact);
}
