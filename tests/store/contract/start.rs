//! Beginning, and whose it is.

use std::{
    future::poll_fn,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use safe_code_executor::domain::{
    caller::{Caller, Source},
    error::StoreError,
    ports::ExecutionStore,
    record::{ExecutionRecord, HistoryLimit, RecordState, StartRecord},
};

use crate::{backend::Backend, sample};

pub async fn a_start_reads_as_running_with_all_it_began_with<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    for (n, source) in Source::ALL.into_iter().enumerate() {
        let language = format!("langüage-{n}");
        let code = "print('日本 😀\0')\n".repeat(n).into();
        let begun = StartRecord { source, language, code, ..sample::start("ann", place.clock().now()) };
        store.start(&begun).await.unwrap();
        let expected = ExecutionRecord {
            code_bytes: begun.code.len() as u64,
            start: begun.clone(),
            state: RecordState::Running,
        };
        assert_eq!(store.get(&begun.caller, begun.id).await.unwrap().as_ref(), Some(&expected));
        assert_eq!(store.history(&begun.caller, None, HistoryLimit::clamped(1)).await.unwrap(), [expected]);
    }
}

pub async fn a_start_written_twice_is_there_once<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let code = sample::binary(10_000);
    let begun = StartRecord { code, ..sample::start("ann", place.clock().now()) };
    store.start(&begun).await.unwrap();
    store.start(&begun).await.unwrap();
    store.finish(&begun.caller, begun.id, &sample::ran_by(1)).await.unwrap();
    store.start(&begun).await.unwrap();
    let records = store.history(&begun.caller, None, HistoryLimit::default()).await.unwrap();
    assert_eq!(records.len(), 1);
    assert!(matches!(records[0].state, RecordState::Ended(_)));
}

pub async fn another_start_under_the_same_id_is_refused_and_changes_nothing<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let code = sample::binary(10_000);
    let first = StartRecord { code, ..sample::start("ann", place.clock().now()) };
    store.start(&first).await.unwrap();
    let before = store.get(&first.caller, first.id).await.unwrap().unwrap();
    for other in [
        StartRecord { code: sample::binary(10_001), ..first.clone() },
        StartRecord { language: "javascript".to_owned(), ..first.clone() },
        StartRecord { started_at: first.started_at + sample::ABANDONED, ..first.clone() },
    ] {
        assert!(matches!(store.start(&other).await, Err(StoreError::Corrupt(_))));
    }
    assert_eq!(store.get(&first.caller, first.id).await.unwrap(), Some(before));
}

pub async fn of_two_different_starts_at_once_exactly_one_wins<B: Backend>() {
    let place = B::fresh().await;
    let store = Arc::new(place.open().await);
    let first = sample::start("ann", place.clock().now());
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let code = format!("print({n})").repeat(1000).into();
            let (store, start) = (Arc::clone(&store), StartRecord { code, ..first.clone() });
            tokio::spawn(async move { store.start(&start).await.map(|()| start) })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(start) => winners.push(start),
            Err(error) => assert!(matches!(error, StoreError::Corrupt(_)), "{error}"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(store.get(&first.caller, first.id).await.unwrap().unwrap().start, winners[0]);
}

pub async fn a_write_whose_caller_went_away_is_still_made<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let mut left = None;
    // A quick store may have a write done before its caller first has to wait: then nobody went away, and the next is tried.
    for _ in 0..1_000 {
        let begun = StartRecord { code: sample::binary(10_000), ..sample::start("ann", place.clock().now()) };
        let mut write = Box::pin(store.start(&begun));
        let done = poll_fn(|context| Poll::Ready(write.as_mut().poll(context).is_ready())).await;
        drop(write);
        if !done {
            left = Some(begun);
            break;
        }
    }
    let left = left.expect("a write whose caller had to wait");
    let deadline = Instant::now() + Duration::from_secs(10);
    while store.get(&left.caller, left.id).await.unwrap().is_none() {
        assert!(Instant::now() < deadline, "lost");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub async fn nobody_sees_another_callers_records<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let anns = sample::start("ann", place.clock().now());
    // The same id, even: two callers may have come to it.
    let bobs =
        StartRecord { caller: Caller::principal("bob"), language: "javascript".to_owned(), ..anns.clone() };
    store.start(&anns).await.unwrap();
    assert_eq!(store.get(&bobs.caller, anns.id).await.unwrap(), None);
    assert_eq!(store.history(&bobs.caller, None, HistoryLimit::default()).await.unwrap(), []);
    store.start(&bobs).await.unwrap();
    store.finish(&bobs.caller, bobs.id, &sample::ran_by(2)).await.unwrap();
    let seen = store.get(&anns.caller, anns.id).await.unwrap().unwrap();
    assert_eq!((seen.start, seen.state), (anns.clone(), RecordState::Running));
    let list = store.history(&bobs.caller, None, HistoryLimit::default()).await.unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].start, bobs);
}

pub async fn nobody_ends_another_callers_execution<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let anns = sample::start("ann", place.clock().now());
    store.start(&anns).await.unwrap();
    let refused = store.finish(&Caller::principal("bob"), anns.id, &sample::ran_by(1)).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))));
    assert_eq!(store.get(&anns.caller, anns.id).await.unwrap().unwrap().state, RecordState::Running);
}

pub async fn odd_caller_names_are_callers_of_their_own<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let long = "é".repeat(256);
    let arn = "arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com";
    let names = [
        "", "a", "A", "a\0", "a\0b", "a#", "a#EXEC#", "CALLER#a", "%", "a%", "_", "á", "a\u{301}", &long, arn,
    ];
    let mut ids = Vec::new();
    for name in names {
        let begun = sample::start(name, place.clock().now());
        store.start(&begun).await.unwrap();
        ids.push(begun.id);
    }
    for (name, id) in names.iter().zip(ids) {
        let records = store.history(&Caller::principal(name), None, HistoryLimit::default()).await.unwrap();
        assert_eq!(records.iter().map(|record| record.start.id).collect::<Vec<_>>(), [id], "{name:?}");
    }
}

pub async fn the_store_says_that_it_can_be_written_to<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    for _ in 0..3 {
        store.check().await.unwrap();
    }
    let nobody = Caller::local();
    assert_eq!(
        store.history(&nobody, None, HistoryLimit::default()).await.unwrap(),
        [],
        "a check leaves no record"
    );
}
