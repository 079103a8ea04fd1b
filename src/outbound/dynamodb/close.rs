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
/// The wait before the next attempt, when another transaction was writing the same item: it ends within a few
/// milliseconds. The store's time limit bounds the number of attempts.
const PAUSE: Duration = Duration::from_millis(20);

impl Table {
    /// Writes an item under the execution's key, or finds one. `start` and `reserve` write only where there is none, so that
    /// a start which arrives after this call is refused.
    pub async fn close(&self, start: &StartRecord, end: &EndRecord) -> Result<(), StoreError> {
        let body = Body::of_code(&start.code);
        self.put_body(DOING, &start.caller, start.id, body.as_ref(), item::ttl(start.expires_at)).await?;
        let ended = item::of_end(end);
        for body in &ended.bodies {
            self.put_body(DOING, &start.caller, start.id, Some(body), item::ttl(start.expires_at)).await?;
        }
        let client = self.client.get().await;
        let update = client
            .update_item()
            .table_name(&self.name)
            .key(PARTITION_KEY, text(key::executions_of(&start.caller)))
            .key(SORT_KEY, text(key::execution(start.id)))
            .condition_expression("attribute_not_exists(#n0)");
        let begun = item::of_start(start, body.as_ref()).into_iter();
        let begun = begun.filter(|(name, _)| name != PARTITION_KEY && name != SORT_KEY);
        let update = setting(update, ended.attributes.into_iter().map(owned).chain(begun));
        loop {
            let Err(error) = update.clone().send().await else { return Ok(()) };
            match error.as_service_error() {
                // The execution has an end already.
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => return Ok(()),
                // The start is being written at this very moment.
                Some(UpdateItemError::TransactionConflictException(_)) => sleep(PAUSE).await,
                _ => return Err(unavailable(DOING, error)),
            }
        }
    }
}

/// A pair whose name [`setting`] can keep.
pub(super) fn owned((name, value): (&'static str, AttributeValue)) -> (String, AttributeValue) {
    (name.to_owned(), value)
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
