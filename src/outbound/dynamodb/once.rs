//! Idempotency keys: an item each, written with the start it belongs to in one transaction.
//!
//! The price of a transaction is twice that of its writes; only who asks with a key pays it.

use std::time::Duration;

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};
use time::OffsetDateTime;

use super::{
    attributes::Attributes,
    error::unavailable,
    item::{self, Body, Item, blob, number, text},
    key::{self, PARTITION_KEY, SORT_KEY, TTL},
    requests::Table,
};
use crate::domain::{
    caller::Caller,
    clock::to_millis,
    error::StoreError,
    idempotency::{Fingerprint, Holder, IdempotencyKey, Reservation, Reserved},
    record::StartRecord,
};

const DOING: &str = "taking a key";
/// The wait between attempts, when another transaction was writing the same items; milliseconds.
const PAUSE_MILLIS: std::ops::Range<u64> = 5..50;

impl Table {
    /// Unlike `start`, a reservation whose record is there already is refused: of two that ask with the same record only one
    /// may run. When the answer to a transaction is lost, the SDK asks again with the same token, by which DynamoDB knows
    /// the transaction.
    pub async fn reserve(
        &self,
        record: &StartRecord,
        wish: &Reservation,
        now: OffsetDateTime,
    ) -> Result<Reserved, StoreError> {
        let body = Body::of_code(&record.code);
        self.put_body(DOING, &record.caller, record.id, body.as_ref(), item::ttl(record.expires_at)).await?;
        let start = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item::of_start(record, body.as_ref())))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", PARTITION_KEY);
        let items = [self.take(record, wish, now), start].map(|put| {
            let put = put.build().map_err(|error| StoreError::Corrupt(format!("{DOING}: {error}")))?;
            Ok(TransactWriteItem::builder().put(put).build())
        });
        let items: Vec<_> = items.into_iter().collect::<Result<_, StoreError>>()?;
        let client = self.client.get().await;
        loop {
            let sent = client.transact_write_items().set_transact_items(Some(items.clone())).send().await;
            let Err(error) = sent else { return Ok(Reserved::Ours) };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
                error.as_service_error()
            else {
                return Err(unavailable(DOING, error));
            };
            match cancelled.cancellation_reasons() {
                [key, _] if failed(key) => {
                    let held = match key.item() {
                        Some(item) => Some(holder_of(item)?),
                        None => self.holder(&record.caller, &wish.key, now).await?,
                    };
                    if let Some(holder) = held {
                        return Ok(Reserved::Held(holder));
                    }
                }
                [_, start] if failed(start) => {
                    let text = format!("another execution {} has begun before", record.id);
                    return Err(StoreError::Corrupt(text));
                }
                reasons if reasons.iter().any(|reason| reason.code() == Some("TransactionConflict")) => {}
                _ => return Err(unavailable(DOING, error)),
            }
            // The store's deadline bounds the number of attempts.
            tokio::time::sleep(Duration::from_millis(rand::random_range(PAUSE_MILLIS))).await;
        }
    }

    /// The write that takes a key which is free: never taken, expired, or held by the execution `wish.instead_of`.
    fn take(
        &self,
        record: &StartRecord,
        wish: &Reservation,
        now: OffsetDateTime,
    ) -> aws_sdk_dynamodb::types::builders::PutBuilder {
        let (partition, sort) = key::idempotency(&record.caller, &wish.key);
        let free = "attribute_not_exists(#pk) OR #expires <= :now";
        let put = Put::builder()
            .table_name(&self.name)
            .item(PARTITION_KEY, text(partition))
            .item(SORT_KEY, text(sort))
            .item(TTL, item::ttl(wish.expires_at))
            .item("id", text(record.id.to_string()))
            .item("fingerprint", blob(wish.fingerprint.as_bytes()))
            .item("expires_at", number(to_millis(wish.expires_at)))
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_names("#expires", "expires_at")
            .expression_attribute_values(":now", number(to_millis(now)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match wish.instead_of {
            None => put.condition_expression(free),
            Some(before) => put
                .condition_expression(format!("{free} OR #id = :before"))
                .expression_attribute_names("#id", "id")
                .expression_attribute_values(":before", text(before.to_string())),
        }
    }

    pub async fn holder(
        &self,
        caller: &Caller,
        key: &IdempotencyKey,
        now: OffsetDateTime,
    ) -> Result<Option<Holder>, StoreError> {
        let (partition, sort) = key::idempotency(caller, key);
        let Some(item) = self.get_item(partition, sort.to_owned()).await? else { return Ok(None) };
        if Attributes(&item).time("expires_at")? <= now {
            return Ok(None);
        }
        holder_of(&item).map(Some)
    }
}

fn failed(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

fn holder_of(item: &Item) -> Result<Holder, StoreError> {
    let item = Attributes(item);
    let fingerprint = Fingerprint::from_bytes(&item.bytes("fingerprint")?);
    Ok(Holder {
        id: item.named("id", |id| id.parse().ok())?,
        fingerprint: fingerprint.ok_or_else(|| item.broken("fingerprint"))?,
    })
}
