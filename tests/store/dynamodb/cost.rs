//! What a history costs, in the units that AWS charges: the same however many records there are.

use std::{env, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, PutRequest, WriteRequest},
};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use safe_code_executor::{
    domain::{
        caller::Caller,
        clock::to_millis,
        id::ExecutionId,
        ports::ExecutionStore,
        record::{EndRecord, HistoryLimit, MAX_STREAM_BYTES, PREVIEW_BYTES, RanRecord, StartRecord},
    },
    outbound::dynamodb::{DynamoConfig, DynamoStore, PARTITION_KEY, SORT_KEY},
};
use time::OffsetDateTime;

use super::{
    Dynamo, RETENTION,
    proxy::{Fate, Proxy},
    raw,
};
use crate::{backend::Backend, sample};

/// How many records "many" are. A hundred thousand take DynamoDB Local minutes on two processors, so that they are
/// left to those who ask.
fn many() -> usize {
    env::var("SCE_TEST_HISTORY_RECORDS").map_or(10_000, |number| number.parse().unwrap())
}

/// Writes an execution with so many bytes of code and of each stream.
async fn execution(place: &Dynamo, store: &DynamoStore, bytes: usize) -> StartRecord {
    let text = Bytes::from("x".repeat(bytes));
    let begun = StartRecord { code: text.clone(), ..sample::start("ann", place.clock().now()) };
    store.start(&begun).await.unwrap();
    let ran = RanRecord { stdout: text.clone(), stderr: text, ..sample::ran() };
    store.finish(&begun.caller, begun.id, &EndRecord::Ran(ran)).await.unwrap();
    begun
}

/// Copies of an execution's item, as that many executions that began at `time`, a millisecond apart.
async fn copies(place: &Dynamo, of: &StartRecord, number: usize, time: OffsetDateTime, expires: Option<i64>) {
    let client = raw();
    let key = |text: String| AttributeValue::S(text);
    let item = client
        .get_item()
        .table_name(&place.name)
        .key(PARTITION_KEY, key(format!("CALLER#{}", of.caller)))
        .key(SORT_KEY, key(format!("EXEC#{}", of.id)))
        .send();
    let item = item.await.unwrap().item.unwrap();
    let put = |n: usize| {
        let mut item = item.clone();
        item.insert(SORT_KEY.to_owned(), key(format!("EXEC#{}", id_at(time, n))));
        if let Some(expires) = expires {
            item.insert("expires_at".to_owned(), AttributeValue::N(expires.to_string()));
        }
        let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let numbers: Vec<usize> = (0..number).collect();
    let batches: Vec<Vec<WriteRequest>> =
        numbers.chunks(25).map(|batch| batch.iter().map(|n| put(*n)).collect()).collect();
    let write = |batch| write_batch(&client, &place.name, batch);
    stream::iter(batches.into_iter().map(write)).buffer_unordered(4).try_collect::<()>().await.unwrap();
}

async fn write_batch(client: &Client, table: &str, batch: Vec<WriteRequest>) -> Result<(), String> {
    let answer =
        client.batch_write_item().request_items(table, batch).send().await.map_err(|e| e.to_string())?;
    if answer.unprocessed_items().is_some_and(|rest| !rest.is_empty()) {
        return Err("DynamoDB Local left some out".to_owned());
    }
    Ok(())
}

/// The n-th id of those made `n` milliseconds after `time`.
fn id_at(time: OffsetDateTime, n: usize) -> ExecutionId {
    let millis = to_millis(time) + i64::try_from(n).unwrap();
    format!("{:08x}-{:04x}-7000-8000-{n:012x}", millis >> 16, millis & 0xffff).parse().unwrap()
}

/// Reads the first page of a history through the proxy; says how many records, how many requests, how many capacity units.
async fn cost(proxy: &Proxy, store: &DynamoStore, limit: usize) -> (usize, usize, f64) {
    cost_before(proxy, store, None, limit).await
}

/// The same of the page before an id.
async fn cost_before(
    proxy: &Proxy,
    store: &DynamoStore,
    before: Option<ExecutionId>,
    limit: usize,
) -> (usize, usize, f64) {
    proxy.plan(|_| Fate::Pass);
    let listed =
        store.history(&Caller::principal("ann"), before, HistoryLimit::clamped(limit)).await.unwrap();
    let capacity = proxy.capacity();
    assert_eq!(capacity.len(), proxy.seen().len(), "each answer names its cost");
    (listed.len(), capacity.len(), capacity.iter().sum())
}

async fn through_a_proxy(place: &Dynamo) -> (Proxy, DynamoStore) {
    let proxy = Proxy::start().await;
    let config = DynamoConfig { endpoint: Some(proxy.endpoint.clone()), ..place.config() };
    let store = place.open_with(&config);
    (proxy, store)
}

#[tokio::test]
async fn a_history_costs_the_same_at_ten_records_and_at_many() {
    let place = Dynamo::fresh().await;
    let (proxy, store) = through_a_proxy(&place).await;
    let mut last = None;
    for _ in 0..10 {
        last = Some(execution(&place, &store, 400).await);
    }
    let few = cost(&proxy, &store, 10).await;
    assert_eq!((few.0, few.1), (10, 1));
    // Older, so that the list shows the same ten; and others' too.
    let (number, yesterday) = (many(), place.clock().now() - Duration::from_hours(24));
    copies(&place, &last.unwrap(), number, yesterday, None).await;
    let many = cost(&proxy, &store, 10).await;
    println!("a history of 10 costs {} units among 10 records, {} among {}", few.2, many.2, number + 10);
    assert_eq!(many, few);
    // Nor does it count how far back the page is.
    let far_back = cost_before(&proxy, &store, Some(id_at(yesterday, number / 2)), 10).await;
    assert_eq!(far_back, few);
}

#[tokio::test]
async fn a_history_costs_the_same_however_long_the_outputs_were() {
    let place = Dynamo::fresh().await;
    let (proxy, store) = through_a_proxy(&place).await;
    let mut costs = Vec::new();
    for bytes in [PREVIEW_BYTES, PREVIEW_BYTES + 1, MAX_STREAM_BYTES] {
        for _ in 0..10 {
            execution(&place, &store, bytes).await;
        }
        costs.push(cost(&proxy, &store, 10).await);
    }
    println!("a history of the longest previews: {costs:?} (records, requests, units)");
    // Three previews and some attributes: 7 KiB. A unit is 4 KiB.
    assert!(costs.iter().all(|cost| (cost.0, cost.1) == (10, 1) && cost.2 <= 18.0), "{costs:?}");
    assert!(costs[2].2 <= costs[1].2);
}

#[tokio::test]
async fn records_that_expired_and_were_not_yet_deleted_cost_nothing() {
    let place = Dynamo::fresh().await;
    let (proxy, store) = through_a_proxy(&place).await;
    let mut last = None;
    for _ in 0..5 {
        last = Some(execution(&place, &store, 400).await);
    }
    let without = cost(&proxy, &store, 10).await;
    assert_eq!((without.0, without.1), (5, 1));
    let now = place.clock().now();
    let long_ago = now - RETENTION - Duration::from_hours(1);
    copies(&place, &last.unwrap(), 1000, long_ago, Some(to_millis(now) - 1)).await;
    assert_eq!(cost(&proxy, &store, 10).await, without);
}
