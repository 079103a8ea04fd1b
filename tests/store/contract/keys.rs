//! Idempotency keys: taken with the start, once, and for as long as was asked.

use std::{sync::Arc, time::Duration};

use safe_code_executor::domain::{
    caller::{Caller, Source},
    error::StoreError,
    id::ExecutionId,
    idempotency::{Fingerprint, Holder, IdempotencyKey, Reservation, Reserved},
    ports::ExecutionStore,
    record::{HistoryLimit, StartRecord},
};

use crate::{backend::Backend, sample};

fn wish(record: &StartRecord, body: &str) -> Reservation {
    Reservation {
        key: IdempotencyKey::of_event(Source::Sqs, "queue", "message"),
        fingerprint: Fingerprint::of_bytes(body.as_bytes()),
        expires_at: record.started_at + Duration::from_mins(10),
        instead_of: None,
    }
}

fn held(record: &StartRecord, wish: &Reservation) -> Holder {
    Holder { id: record.id, fingerprint: wish.fingerprint }
}

pub async fn a_key_is_taken_once_and_says_whose_it_is<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let first = StartRecord { code: sample::binary(10_000), ..sample::start("ann", place.clock().now()) };
    let mine = wish(&first, "a");
    assert_eq!(store.holder(&first.caller, &mine.key).await.unwrap(), None);
    assert_eq!(store.reserve(&first, &mine).await.unwrap(), Reserved::Ours);
    assert_eq!(store.get(&first.caller, first.id).await.unwrap().unwrap().start, first);
    for body in ["a", "b"] {
        let second = sample::start("ann", place.clock().now());
        let refused = store.reserve(&second, &wish(&second, body)).await.unwrap();
        assert_eq!(refused, Reserved::Held(held(&first, &mine)));
        assert_eq!(store.get(&second.caller, second.id).await.unwrap(), None, "both or neither");
    }
    // Not even the very same again: whoever asks twice must not run twice.
    assert_eq!(store.reserve(&first, &mine).await.unwrap(), Reserved::Held(held(&first, &mine)));
    assert_eq!(store.holder(&first.caller, &mine.key).await.unwrap(), Some(held(&first, &mine)));
    let records = store.history(&first.caller, None, HistoryLimit::default()).await.unwrap();
    assert_eq!(records.len(), 1, "a key is no record");
}

pub async fn of_many_who_ask_for_one_key_exactly_one_gets_it<B: Backend>() {
    let place = B::fresh().await;
    let stores = [Arc::new(place.open().await), Arc::new(place.open().await)];
    let tasks: Vec<_> = (0..50)
        .map(|n: usize| {
            let (store, start) = (Arc::clone(&stores[n % 2]), sample::start("ann", place.clock().now()));
            tokio::spawn(async move { (store.reserve(&start, &wish(&start, "a")).await.unwrap(), start.id) })
        })
        .collect();
    let (mut winners, mut holders) = (Vec::new(), Vec::new());
    for task in tasks {
        match task.await.unwrap() {
            (Reserved::Ours, id) => winners.push(id),
            (Reserved::Held(holder), _) => holders.push(holder.id),
        }
    }
    assert_eq!(winners.len(), 1);
    assert!(holders.iter().all(|id| *id == winners[0]));
    let records =
        stores[0].history(&Caller::principal("ann"), None, HistoryLimit::clamped(100)).await.unwrap();
    assert_eq!(records.len(), 1);
}

pub async fn a_key_belongs_to_its_caller<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    for who in ["ann", "bob"] {
        let start = sample::start(who, place.clock().now());
        let mine = wish(&start, who);
        assert_eq!(store.holder(&start.caller, &mine.key).await.unwrap(), None);
        assert_eq!(store.reserve(&start, &mine).await.unwrap(), Reserved::Ours);
    }
}

pub async fn a_key_can_be_taken_over_from_the_one_that_is_named_and_by_one_alone<B: Backend>() {
    let place = B::fresh().await;
    let store = Arc::new(place.open().await);
    let first = sample::start("ann", place.clock().now());
    store.reserve(&first, &wish(&first, "a")).await.unwrap();
    let stranger = sample::start("ann", place.clock().now());
    let wrong = Reservation { instead_of: Some(ExecutionId::generate()), ..wish(&stranger, "a") };
    assert!(matches!(store.reserve(&stranger, &wrong).await.unwrap(), Reserved::Held(_)));
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (store, start) = (Arc::clone(&store), sample::start("ann", place.clock().now()));
            let wish = Reservation { instead_of: Some(first.id), ..wish(&start, "a") };
            tokio::spawn(async move { (store.reserve(&start, &wish).await.unwrap(), start.id) })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        if let (Reserved::Ours, id) = task.await.unwrap() {
            winners.push(id);
        }
    }
    assert_eq!(winners.len(), 1);
    let holder = store.holder(&first.caller, &wish(&first, "a").key).await.unwrap().unwrap();
    assert_eq!(holder.id, winners[0]);
    assert!(store.get(&first.caller, first.id).await.unwrap().is_some(), "its record stays");
}

pub async fn a_key_is_free_again_from_the_very_moment_it_expires<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let first = sample::start("ann", place.clock().now());
    let mine = wish(&first, "a");
    store.reserve(&first, &mine).await.unwrap();
    place.clock().advance(Duration::from_millis(599_999));
    assert!(store.holder(&first.caller, &mine.key).await.unwrap().is_some());
    place.clock().advance(Duration::from_millis(1));
    assert_eq!(store.holder(&first.caller, &mine.key).await.unwrap(), None);
    let second = sample::start("ann", place.clock().now());
    assert_eq!(store.reserve(&second, &wish(&second, "b")).await.unwrap(), Reserved::Ours);
}

pub async fn a_key_is_not_taken_by_a_start_that_cannot_be_written<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let first = sample::start("ann", place.clock().now());
    store.start(&first).await.unwrap();
    let other = StartRecord { language: "javascript".to_owned(), ..first.clone() };
    let mine = wish(&other, "a");
    assert!(matches!(store.reserve(&other, &mine).await, Err(StoreError::Corrupt(_))));
    assert_eq!(store.holder(&other.caller, &mine.key).await.unwrap(), None);
    assert_eq!(store.get(&first.caller, first.id).await.unwrap().unwrap().start, first);
}
