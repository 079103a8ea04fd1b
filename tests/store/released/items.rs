//! DynamoDB's items as JSON, in the notation of its own API: `{"S": "text"}`, `{"N": "1"}`, `{"B": "base64"}`.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::{Client, primitives::Blob, types::AttributeValue};
use base64::{Engine as _, engine::general_purpose::STANDARD};

type Plain = BTreeMap<String, BTreeMap<String, String>>;

/// Every item of a table, in the order of their keys.
pub async fn scan(client: &Client, table: &str) -> Vec<Plain> {
    let all = client.scan().table_name(table).consistent_read(true).send().await.unwrap();
    assert!(all.last_evaluated_key.is_none(), "more than one page");
    let mut items: Vec<Plain> = all.items().iter().map(plain).collect();
    items.sort();
    items
}

/// Puts such items into a table.
pub async fn put(client: &Client, table: &str, items: &[Plain]) {
    for item in items {
        let item: HashMap<_, _> = item.iter().map(|(name, value)| (name.clone(), attribute(value))).collect();
        client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
    }
}

fn plain(item: &HashMap<String, AttributeValue>) -> Plain {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => ("S", text.clone()),
        AttributeValue::N(digits) => ("N", digits.clone()),
        AttributeValue::B(bytes) => ("B", STANDARD.encode(bytes)),
        other => panic!("{other:?}"),
    };
    let of = |of: &AttributeValue| {
        let (kind, value) = value(of);
        BTreeMap::from([(kind.to_owned(), value)])
    };
    item.iter().map(|(name, value)| (name.clone(), of(value))).collect()
}

fn attribute(plain: &BTreeMap<String, String>) -> AttributeValue {
    let (kind, value) = plain.first_key_value().unwrap();
    match kind.as_str() {
        "S" => AttributeValue::S(value.clone()),
        "N" => AttributeValue::N(value.clone()),
        "B" => AttributeValue::B(Blob::new(STANDARD.decode(value).unwrap())),
        other => panic!("{other}"),
    }
}
