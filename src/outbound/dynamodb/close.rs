//! Closing a start of which nobody knows whether it was written: one conditional write that makes what is missing.

use std::time::Duration;

use aws_sdk_dynamodb::{
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::AttributeValue,
};
use tokio::time::sleep;

use super::{
    error::unavailable,
    item::{self, Body, text},
    key::{self, PARTITION_KEY, SORT_KEY},
    requests::Table,
};
use crate::domain::{
    error::StoreError,
    record::{EndRecord, StartRecord},
};

const DOING: &str = "closing a start";
/// Before the next attempt, when a transaction was at the same item: it is over in a few milliseconds. The store's limit
/// of time bounds how often.
const PAUSE: Duration = Duration::from_millis(20);

impl Table {
    /// A start, and the transaction that takes a key with it, are written only where there is no item under their key:
    /// from now on there is one.
    pub async fn close(&self, start: &StartRecord, end: &EndRecord) -> Result<(), StoreError> {
        let body = Body::of_code(&start.code);
        self.put_body(DOING, &start.caller, start.id, body.as_ref(), item::ttl(start.expires_at)).await?;
        let client = self.client.get().await;
        let update = client
            .update_item()
            .table_name(&self.name)
            .key(PARTITION_KEY, text(key::executions_of(&start.caller)))
            .key(SORT_KEY, text(key::execution(start.id)))
            .condition_expression("attribute_not_exists(#n0)");
        let begun = item::of_start(start, body.as_ref()).into_iter();
        let begun = begun.filter(|(name, _)| name != PARTITION_KEY && name != SORT_KEY);
        // A program's streams are never here: it was stopped, or never ran.
        let ended = item::of_end(end, None, None).into_iter().map(|(name, value)| (name.to_owned(), value));
        let update = setting(update, ended.chain(begun));
        loop {
            let Err(error) = update.clone().send().await else { return Ok(()) };
            match error.as_service_error() {
                // It has an end.
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => return Ok(()),
                // The start is being written at this very moment.
                Some(UpdateItemError::TransactionConflictException(_)) => sleep(PAUSE).await,
                _ => return Err(unavailable(DOING, error)),
            }
        }
    }
}

/// The update that sets these attributes. In conditions `#n0` is the first: [`item::of_end`] begins with the status.
pub(super) fn setting(
    mut update: UpdateItemFluentBuilder,
    attributes: impl IntoIterator<Item = (String, AttributeValue)>,
) -> UpdateItemFluentBuilder {
    let mut sets = Vec::new();
    for (n, (name, value)) in attributes.into_iter().enumerate() {
        debug_assert!(n > 0 || name == item::STATUS, "#n0 of the condition is the status");
        sets.push(format!("#n{n} = :v{n}"));
        update = update
            .expression_attribute_names(format!("#n{n}"), name)
            .expression_attribute_values(format!(":v{n}"), value);
    }
    update.update_expression(format!("SET {}", sets.join(", ")))
}
