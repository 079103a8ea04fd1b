//! The table: what `template.yaml` declares, made by hand for DynamoDB Local.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
        TimeToLiveSpecification,
    },
};

use super::{
    error::unavailable,
    key::{PARTITION_KEY, SORT_KEY, TTL},
};
use crate::domain::error::StoreError;

const CREATING: &str = "creating the table";
/// How often, and with what pause, to look whether the table is there.
const LOOKS: usize = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// Creates the table where it is missing: two string keys, pay per request, items deleted by [`TTL`]. Waits until
/// it can be used.
pub(super) async fn create(client: &Client, name: &str) -> Result<(), StoreError> {
    let broken = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Unavailable(error.to_string());
    let mut request = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for (attribute, role) in [(PARTITION_KEY, KeyType::Hash), (SORT_KEY, KeyType::Range)] {
        let key = KeySchemaElement::builder().attribute_name(attribute).key_type(role).build();
        let string = AttributeDefinition::builder()
            .attribute_name(attribute)
            .attribute_type(ScalarAttributeType::S)
            .build();
        request = request.key_schema(key.map_err(broken)?).attribute_definitions(string.map_err(broken)?);
    }
    match request.send().await {
        Ok(_) => {}
        Err(SdkError::ServiceError(refusal)) if refusal.err().is_resource_in_use_exception() => {
            return active(client, name).await;
        }
        Err(error) => return Err(unavailable(CREATING, error)),
    }
    active(client, name).await?;
    let ttl = TimeToLiveSpecification::builder().attribute_name(TTL).enabled(true).build().map_err(broken)?;
    let enable = client.update_time_to_live().table_name(name).time_to_live_specification(ttl);
    enable.send().await.map_err(|error| unavailable(CREATING, error))?;
    Ok(())
}

async fn active(client: &Client, name: &str) -> Result<(), StoreError> {
    for _ in 0..LOOKS {
        let table = client.describe_table().table_name(name).send().await;
        let table = table.map_err(|error| unavailable(CREATING, error))?.table;
        if table.is_some_and(|table| table.table_status == Some(TableStatus::Active)) {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(StoreError::Unavailable(format!("{CREATING}: it is not active after {:?}", PAUSE * 100)))
}
