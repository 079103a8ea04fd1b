//! The list: newest first, bounded, across restarts and writers.

use std::{collections::BTreeSet, sync::Arc};

use safe_code_executor::domain::{
    caller::Caller,
    id::ExecutionId,
    ports::ExecutionStore,
    record::{ExecutionRecord, HistoryLimit, MAX_HISTORY, RecordState},
};

use crate::{backend::Backend, sample};

fn ids(records: &[ExecutionRecord]) -> Vec<ExecutionId> {
    records.iter().map(|record| record.start.id).collect()
}

pub async fn history_is_newest_first_and_no_longer_than_asked<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let caller = Caller::principal("ann");
    // Newest first by the time of the request, whatever the order in which they came to be written.
    let mut newest_first = Vec::new();
    let mut begun: Vec<_> = (0..12).map(|_| sample::start("ann", place.clock().now())).collect();
    newest_first.extend(begun.iter().rev().map(|start| start.id));
    begun.rotate_left(5);
    for start in &begun {
        store.start(start).await.unwrap();
        store.start(&sample::start("bob", place.clock().now())).await.unwrap();
    }
    let listed = store.history(&caller, None, HistoryLimit::default()).await.unwrap();
    assert_eq!(ids(&listed), newest_first[..10]);
    for (asked, given) in [(0, 1), (1, 1), (3, 3), (12, 12), (13, 12), (usize::MAX, 12)] {
        let listed = store.history(&caller, None, HistoryLimit::clamped(asked)).await.unwrap();
        assert_eq!(ids(&listed), newest_first[..given], "{asked}");
    }
}

pub async fn history_is_clamped_to_a_hundred<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let caller = Caller::principal("ann");
    for _ in 0..MAX_HISTORY + 5 {
        store.start(&sample::start("ann", place.clock().now())).await.unwrap();
    }
    let listed = store.history(&caller, None, HistoryLimit::clamped(1000)).await.unwrap();
    assert_eq!(listed.len(), MAX_HISTORY);
    assert!(ids(&listed).is_sorted_by(|newer, older| newer > older));
}

pub async fn pages_of_a_history_follow_one_another_without_gap_or_repeat<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let caller = Caller::principal("ann");
    let mut newest_first = Vec::new();
    for n in 0..23 {
        let begun = sample::start("ann", place.clock().now());
        store.start(&begun).await.unwrap();
        newest_first.push(begun.id);
        if n % 3 == 0 {
            store.start(&sample::start("bob", place.clock().now())).await.unwrap();
        }
    }
    newest_first.reverse();
    for size in [1, 7, 23, 100] {
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = store.history(&caller, before, HistoryLimit::clamped(size)).await.unwrap();
            assert!(page.len() <= size);
            let Some(last) = page.last() else { break };
            before = Some(last.start.id);
            seen.extend(ids(&page));
            // What begins while somebody leafs through is no part of the older pages.
            if seen.len() == size {
                store.start(&sample::start("bob", place.clock().now())).await.unwrap();
            }
        }
        assert_eq!(seen, newest_first, "in pages of {size}");
    }
}

pub async fn a_page_may_begin_at_an_id_that_is_not_there<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let caller = Caller::principal("ann");
    let older = sample::start("ann", place.clock().now());
    let (bobs, not_written) =
        (sample::start("bob", place.clock().now()), sample::start("ann", place.clock().now()));
    let newer = sample::start("ann", place.clock().now());
    for begun in [&older, &bobs, &newer] {
        store.start(begun).await.unwrap();
    }
    let page = async |before: ExecutionId| {
        ids(&store.history(&caller, Some(before), HistoryLimit::default()).await.unwrap())
    };
    // Another caller's id says nothing of that caller: it is a place in the order like any other.
    assert_eq!(page(bobs.id).await, [older.id]);
    assert_eq!(page(not_written.id).await, [older.id]);
    assert_eq!(page("ffffffff-ffff-7fff-bfff-ffffffffffff".parse().unwrap()).await, [newer.id, older.id]);
    for long_ago in ["00000000-0000-0000-0000-000000000000", "00000000-0001-7000-8000-000000000000"] {
        assert_eq!(page(long_ago.parse().unwrap()).await, [], "{long_ago}");
    }
}

pub async fn history_of_a_stranger_is_empty<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    store.start(&sample::start("ann", place.clock().now())).await.unwrap();
    let listed =
        store.history(&Caller::principal("stranger"), None, HistoryLimit::clamped(100)).await.unwrap();
    assert_eq!(listed, []);
}

pub async fn history_survives_a_restart<B: Backend>() {
    let place = B::fresh().await;
    let before = place.open().await;
    let (done, open) = (sample::start("ann", place.clock().now()), sample::start("ann", place.clock().now()));
    before.start(&done).await.unwrap();
    before.finish(&done.caller, done.id, &sample::ran_by(7)).await.unwrap();
    before.start(&open).await.unwrap();
    drop(before);
    let after = place.open().await;
    let whole = after.get(&done.caller, done.id).await.unwrap().unwrap();
    assert_eq!(whole.state, RecordState::Ended(sample::ran_by(7)));
    // What was begun before can be ended after.
    after.finish(&open.caller, open.id, &sample::ran_by(8)).await.unwrap();
    let listed = after.history(&done.caller, None, HistoryLimit::default()).await.unwrap();
    assert_eq!(ids(&listed), [open.id, done.id]);
}

pub async fn a_hundred_writers_at_once_lose_nothing<B: Backend>() {
    let place = B::fresh().await;
    let stores = [Arc::new(place.open().await), Arc::new(place.open().await)];
    let tasks: Vec<_> = (0..100)
        .map(|who| {
            let (store, begun) = (Arc::clone(&stores[who % 2]), sample::start("ann", place.clock().now()));
            tokio::spawn(async move {
                store.start(&begun).await.unwrap();
                store.finish(&begun.caller, begun.id, &sample::ran_by(who)).await.unwrap();
                (begun, who)
            })
        })
        .collect();
    let mut written = BTreeSet::new();
    for task in tasks {
        let (begun, who) = task.await.unwrap();
        let record = stores[0].get(&begun.caller, begun.id).await.unwrap().unwrap();
        assert_eq!(record.state, RecordState::Ended(sample::ran_by(who)));
        written.insert(begun.id);
    }
    let listed =
        stores[1].history(&Caller::principal("ann"), None, HistoryLimit::clamped(100)).await.unwrap();
    assert_eq!(ids(&listed), written.into_iter().rev().collect::<Vec<_>>());
}
