//! The table itself, and items that make no sense.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, BillingMode, KeyType, TimeToLiveStatus};
use safe_code_executor::{
    domain::{
        error::StoreError,
        ports::ExecutionStore,
        record::{Forgotten, HistoryLimit},
    },
    outbound::dynamodb::{DynamoConfig, PARTITION_KEY, SORT_KEY, TTL},
};

use super::{Dynamo, raw};
use crate::{backend::Backend, sample};

#[tokio::test]
async fn the_table_has_two_keys_no_index_and_forgets_by_itself() {
    let place = Dynamo::fresh().await;
    place.open().await.create_table().await.expect("creating it again changes nothing");
    let table = raw().describe_table().table_name(&place.name).send().await.unwrap().table.unwrap();
    let keys: Vec<_> = table.key_schema().iter().map(|key| (key.attribute_name(), key.key_type())).collect();
    assert_eq!(keys, [(PARTITION_KEY, &KeyType::Hash), (SORT_KEY, &KeyType::Range)]);
    assert!(table.global_secondary_indexes().is_empty() && table.local_secondary_indexes().is_empty());
    let billing = table.billing_mode_summary.and_then(|summary| summary.billing_mode);
    assert_eq!(billing, Some(BillingMode::PayPerRequest));
    let ttl = raw().describe_time_to_live().table_name(&place.name).send().await.unwrap();
    let ttl = ttl.time_to_live_description.unwrap();
    assert_eq!(ttl.attribute_name(), Some(TTL));
    assert_eq!(ttl.time_to_live_status(), Some(&TimeToLiveStatus::Enabled));
}

#[tokio::test]
async fn every_item_that_is_written_goes_by_itself_and_none_before_its_record() {
    let place = Dynamo::fresh().await;
    let store = place.open_with(&DynamoConfig { write_speaks_for: Duration::ZERO, ..place.config() });
    let mut begun = sample::start("ann", place.clock().now());
    begun.code = sample::binary(10_000);
    store.start(&begun).await.unwrap();
    store.finish(&begun.caller, begun.id, &sample::ran_by(1)).await.unwrap();
    store.check().await.unwrap();
    let all = raw().scan().table_name(&place.name).consistent_read(true).send().await.unwrap();
    assert_eq!(all.items().len(), 5, "an execution, its code, two streams, the probe");
    for item in all.items() {
        let ttl: i64 = item[TTL].as_n().unwrap().parse().unwrap();
        assert!(ttl > begun.expires_at.unix_timestamp(), "{item:?}");
    }
}

#[tokio::test]
async fn an_item_that_makes_no_sense_is_corrupt_and_named() {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: &str| AttributeValue::N(number.to_owned());
    for (name, nonsense) in [
        ("document", text("exploded")),
        ("document", text(r#"{"v": 2, "end": {"exploded": {}}}"#)),
        ("document", number("1")),
        ("source", text("pigeon")),
        ("code_bytes", number("-1")),
        ("expires_at", number("9223372036854775807")),
        ("stdout", text("no bytes")),
        ("stderr", number("1000")),
        ("code_body", number("1")),
        ("cases_body", AttributeValue::Bool(true)),
    ] {
        let place = Dynamo::fresh().await;
        let store = place.open().await;
        let begun = sample::start("ann", place.clock().now());
        store.start(&begun).await.unwrap();
        store.finish(&begun.caller, begun.id, &sample::ran_by(1)).await.unwrap();
        spoil(&place, &begun, name, nonsense).await;
        let read = store.get(&begun.caller, begun.id).await;
        let Err(StoreError::Corrupt(why)) = read else { panic!("{name}: {read:?}") };
        assert!(why.contains(&begun.id.to_string()) && why.contains(name), "{why}");
        let listed = store.history(&begun.caller, None, HistoryLimit::default()).await;
        assert!(matches!(listed, Err(StoreError::Corrupt(_))), "{name}: {listed:?}");
    }
}

#[tokio::test]
async fn nothing_is_left_of_an_execution_that_was_forgotten() {
    let place = Dynamo::fresh().await;
    let store = place.open().await;
    let begun = crate::contract::whole_execution(&place, &store).await;
    let items = async || {
        let all = raw().scan().table_name(&place.name).consistent_read(true).send().await.unwrap();
        all.items().len()
    };
    assert_eq!(items().await, 5, "an execution, its code, two streams, its test cases");
    assert_eq!(store.delete(&begun.caller, begun.id).await.unwrap(), Forgotten::Done);
    assert_eq!(items().await, 0);
}

#[tokio::test]
async fn a_body_that_is_missing_is_corrupt_and_the_list_goes_on() {
    let place = Dynamo::fresh().await;
    let store = place.open().await;
    let begun = sample::start("ann", place.clock().now());
    store.start(&begun).await.unwrap();
    store.finish(&begun.caller, begun.id, &sample::ran_by(1)).await.unwrap();
    spoil(&place, &begun, "stdout_body", AttributeValue::S("stdout#0".to_owned())).await;
    let read = store.get(&begun.caller, begun.id).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
    assert_eq!(store.history(&begun.caller, None, HistoryLimit::default()).await.unwrap().len(), 1);
}

async fn spoil(
    place: &Dynamo,
    of: &safe_code_executor::domain::record::StartRecord,
    name: &str,
    nonsense: AttributeValue,
) {
    let update = raw()
        .update_item()
        .table_name(&place.name)
        .key(PARTITION_KEY, AttributeValue::S(format!("CALLER#{}", of.caller)))
        .key(SORT_KEY, AttributeValue::S(format!("EXEC#{}", of.id)))
        .update_expression("SET #name = :nonsense")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":nonsense", nonsense);
    update.send().await.unwrap();
}
