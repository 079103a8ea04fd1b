//! DynamoDB down, slow, throttling, and answers lost on the way: one definite answer in bounded time, nothing half,
//! nothing twice, back by itself.

use std::time::{Duration, Instant};

use safe_code_executor::{
    domain::{
        caller::{Caller, Source},
        error::StoreError,
        idempotency::{Fingerprint, IdempotencyKey, Reservation, Reserved},
        ports::ExecutionStore,
        record::{EndRecord, FailedStatus, Forgotten, HistoryLimit, RecordState, StartRecord},
    },
    outbound::dynamodb::{DynamoConfig, DynamoStore},
};

use super::{
    Dynamo,
    proxy::{Fate, Proxy},
};
use crate::{backend::Backend, sample};

const DEADLINE: Duration = Duration::from_millis(1500);
const ATTEMPT: Duration = Duration::from_millis(400);
/// For the machine to be busy with other tests.
const SLACK: Duration = Duration::from_millis(500);

/// A table, a store that sees it through a proxy, and one that sees it as it is.
async fn through_a_proxy() -> (Dynamo, Proxy, DynamoStore, DynamoStore) {
    let (place, proxy) = (Dynamo::fresh().await, Proxy::start().await);
    let config = DynamoConfig {
        endpoint: Some(proxy.endpoint.clone()),
        deadline: DEADLINE,
        attempt_timeout: ATTEMPT,
        ..place.config()
    };
    let (store, direct) = (place.open_with(&config), place.open().await);
    (place, proxy, store, direct)
}

fn unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Unavailable(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// Every call of the port, with what it says; each must end in time.
async fn every_call(store: &DynamoStore, begun: &StartRecord) -> Vec<(&'static str, Result<(), StoreError>)> {
    let mut answers = Vec::new();
    let mut since = Instant::now();
    let mut note = |name, answer| {
        assert!(since.elapsed() < DEADLINE + SLACK, "{name} took {:?}", since.elapsed());
        since = Instant::now();
        answers.push((name, answer));
    };
    note("start", store.start(begun).await);
    note("finish", store.finish(&begun.caller, begun.id, &sample::ran_by(1)).await);
    note("history", store.history(&begun.caller, None, HistoryLimit::default()).await.map(drop));
    note("get", store.get(&begun.caller, begun.id).await.map(drop));
    note("delete", store.delete(&begun.caller, begun.id).await.map(drop));
    note("check", store.check().await);
    answers
}

#[tokio::test]
async fn throttling_is_waited_out_when_it_passes() {
    let (place, proxy, store, direct) = through_a_proxy().await;
    for error in ["ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError"] {
        let mut refusals = 2;
        proxy.plan(move |_| {
            refusals -= 1;
            if refusals >= 0 { Fate::Refuse(error) } else { Fate::Pass }
        });
        let begun = sample::start("ann", place.clock().now());
        store.start(&begun).await.unwrap();
        assert_eq!(proxy.seen(), ["PutItem"; 3], "{error}");
        assert!(direct.get(&begun.caller, begun.id).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn throttling_without_end_is_unavailable_in_time_and_over_when_it_is_over() {
    let (place, proxy, store, _) = through_a_proxy().await;
    let begun = sample::start("ann", place.clock().now());
    proxy.plan(|_| Fate::Refuse("ThrottlingException"));
    for (name, answer) in every_call(&store, &begun).await {
        let why = unavailable(answer);
        assert!(why.contains("ThrottlingException") || why.contains("in time"), "{name}: {why}");
    }
    assert!(proxy.seen().len() > 10, "each was tried more than once: {:?}", proxy.seen());
    proxy.plan(|_| Fate::Pass);
    for (name, answer) in every_call(&store, &begun).await {
        answer.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[tokio::test]
async fn an_outage_is_unavailable_in_time_and_over_when_it_is_over() {
    let (place, proxy, store, _) = through_a_proxy().await;
    let begun = sample::start("ann", place.clock().now());
    proxy.plan(|_| Fate::Lost);
    // Long enough to use up every allowance that the client has for retries.
    for _ in 0..6 {
        for (_, answer) in every_call(&store, &begun).await {
            unavailable(answer);
        }
    }
    proxy.plan(|_| Fate::Pass);
    for (name, answer) in every_call(&store, &begun).await {
        answer.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[tokio::test]
async fn nobody_listening_is_unavailable_in_time() {
    let (place, proxy, store, _) = through_a_proxy().await;
    drop(proxy);
    let begun = sample::start("ann", place.clock().now());
    for (_, answer) in every_call(&store, &begun).await {
        unavailable(answer);
    }
}

#[tokio::test]
async fn slowness_is_borne_within_an_attempt_and_bounded_by_the_deadline() {
    let (place, proxy, store, _) = through_a_proxy().await;
    let begun = sample::start("ann", place.clock().now());
    proxy.plan(|_| Fate::Late(Duration::from_millis(100)));
    for (name, answer) in every_call(&store, &begun).await {
        answer.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    proxy.plan(|_| Fate::Late(Duration::from_mins(1)));
    let begun = sample::start("ann", place.clock().now());
    for (_, answer) in every_call(&store, &begun).await {
        unavailable(answer);
    }
}

#[tokio::test]
async fn a_lost_answer_makes_nothing_twice_and_nothing_false() {
    let (place, proxy, store, direct) = through_a_proxy().await;
    let code = sample::binary(10_000);
    let begun = StartRecord { code: code.clone(), ..sample::start("ann", place.clock().now()) };
    let every_first = || {
        let mut last = String::new();
        move |operation: &str| {
            let again = last == operation;
            last = if again { String::new() } else { operation.to_owned() };
            if again { Fate::Pass } else { Fate::AnswerLost }
        }
    };
    proxy.plan(every_first());
    store.start(&begun).await.unwrap();
    assert_eq!(proxy.seen(), ["PutItem"; 4], "the code twice, the execution twice");
    store.finish(&begun.caller, begun.id, &EndRecord::Ran(sample::ran())).await.unwrap();
    let record = direct.get(&begun.caller, begun.id).await.unwrap().unwrap();
    assert_eq!((record.start.code, record.state), (code, RecordState::Ended(EndRecord::Ran(sample::ran()))));
    assert_eq!(direct.history(&begun.caller, None, HistoryLimit::default()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_record_whose_deletion_was_not_heard_of_is_deleted_whole() {
    let (place, proxy, store, direct) = through_a_proxy().await;
    proxy.plan(|_| Fate::Pass);
    let begun = crate::contract::whole_execution(&place, &store).await;
    let mut first = true;
    proxy.plan(move |operation| {
        let lost = operation == "DeleteItem" && std::mem::take(&mut first);
        if lost { Fate::AnswerLost } else { Fate::Pass }
    });
    assert_eq!(store.delete(&begun.caller, begun.id).await.unwrap(), Forgotten::Done);
    assert_eq!(
        proxy.seen().iter().filter(|seen| *seen == "DeleteItem").count(),
        6,
        "the execution twice, four bodies"
    );
    assert_eq!(direct.get(&begun.caller, begun.id).await.unwrap(), None);
    let left = super::raw().scan().table_name(place.name()).consistent_read(true).send().await.unwrap();
    assert!(left.items().is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_start_that_was_cut_off_halfway_is_not_there_at_all() {
    let (place, proxy, store, direct) = through_a_proxy().await;
    let begun = StartRecord { code: sample::binary(10_000), ..sample::start("ann", place.clock().now()) };
    let mut first = true;
    proxy.plan(move |_| if std::mem::take(&mut first) { Fate::Pass } else { Fate::Lost });
    unavailable(store.start(&begun).await);
    assert_eq!(direct.get(&begun.caller, begun.id).await.unwrap(), None);
    assert_eq!(direct.history(&begun.caller, None, HistoryLimit::default()).await.unwrap(), []);
    proxy.plan(|_| Fate::Pass);
    store.start(&begun).await.unwrap();
    assert_eq!(direct.get(&begun.caller, begun.id).await.unwrap().unwrap().start, begun);
}

#[tokio::test]
async fn an_end_that_was_cut_off_halfway_leaves_the_start_as_it_was() {
    let (place, proxy, store, direct) = through_a_proxy().await;
    let begun = sample::start("ann", place.clock().now());
    store.start(&begun).await.unwrap();
    proxy.plan(|operation| if operation == "PutItem" { Fate::Pass } else { Fate::Lost });
    unavailable(store.finish(&begun.caller, begun.id, &sample::ran_by(1)).await);
    assert!(proxy.seen().contains(&"UpdateItem".to_owned()), "the streams were there already");
    let read = direct.get(&begun.caller, begun.id).await.unwrap().unwrap();
    assert_eq!(read.state, RecordState::Running);
    // Another end may be written then, and nothing of the first is in it.
    proxy.plan(|_| Fate::Pass);
    store.finish(&begun.caller, begun.id, &sample::ran_by(2)).await.unwrap();
    let read = direct.get(&begun.caller, begun.id).await.unwrap().unwrap();
    assert_eq!(read.state, RecordState::Ended(sample::ran_by(2)));
}

/// The table takes a key after the store has given up, before or after the start is closed.
#[tokio::test]
async fn a_key_that_is_taken_late_is_not_held_by_what_never_runs() {
    let (place, proxy, store, direct) = through_a_proxy().await;
    // Arrives once closing has been tried, and once it is done.
    for late in [DEADLINE + ATTEMPT, DEADLINE * 2] {
        let begun = sample::start("ann", place.clock().now());
        let wish = Reservation {
            key: IdempotencyKey::of_event(Source::Sqs, "queue", &begun.id.to_string()),
            fingerprint: Fingerprint::of_bytes(b"a"),
            expires_at: begun.started_at + Duration::from_hours(1),
            instead_of: None,
        };
        proxy.plan(move |operation| match operation {
            "TransactWriteItems" => Fate::Late(late),
            _ => Fate::Pass,
        });
        unavailable(store.reserve(&begun, &wish).await);
        let never_ran = FailedStatus::NotStarted;
        let end = EndRecord::Failed { status: never_ran, message: "It did not run.".to_owned() };
        store.close(&begun, &end).await.unwrap();
        // All attempts have arrived by now.
        tokio::time::sleep(late + DEADLINE).await;
        let record = direct.get(&begun.caller, begun.id).await.unwrap().unwrap();
        assert_eq!((&record.start, record.state), (&begun, RecordState::Ended(end)));
        assert_eq!(direct.holder(&begun.caller, &wish.key).await.unwrap(), None);
        let next = sample::start("ann", place.clock().now());
        assert_eq!(direct.reserve(&next, &wish).await.unwrap(), Reserved::Ours);
    }
}

#[tokio::test]
async fn the_health_of_a_table_that_is_written_to_costs_one_read() {
    let (place, proxy, store, _) = through_a_proxy().await;
    proxy.plan(|_| Fate::Pass);
    for _ in 0..5 {
        store.check().await.unwrap();
    }
    assert_eq!(proxy.seen(), ["PutItem", "GetItem", "GetItem", "GetItem", "GetItem"]);
    // A write that failed is looked into by a write, at once.
    proxy.plan(
        |operation| if operation == "GetItem" { Fate::Pass } else { Fate::Refuse("ThrottlingException") },
    );
    unavailable(store.start(&sample::start("ann", place.clock().now())).await);
    unavailable(store.check().await);
}

#[tokio::test]
async fn a_missing_table_is_unavailable_and_said() {
    let place = Dynamo::fresh().await;
    let store = place.open_with(&DynamoConfig { table: "nowhere".to_owned(), ..place.config() });
    let why = unavailable(store.check().await);
    assert!(why.contains("ResourceNotFoundException"), "{why}");
    unavailable(store.history(&Caller::local(), None, HistoryLimit::default()).await);
}
