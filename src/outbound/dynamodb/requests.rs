//! What the port asks for, as requests.
//!
//! # No record is ever half
//! Bodies are written first, the execution's item last and in one conditional write: until that one succeeds the
//! record is as it was, and once it has, all that it names is there. A body that is left over, because we died
//! between the two, is named by nobody and goes by its TTL. A transaction would do the same for twice the price.
//!
//! # Retries
//! A write whose answer was lost is made again, by the SDK or by the caller. A start finds itself written before
//! and is content; so does an end.

use aws_sdk_dynamodb::{
    operation::{put_item::PutItemError, update_item::UpdateItemError},
    types::{AttributeValue, ConsumedCapacity, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure},
};
use bytes::Bytes;
use futures_util::future::{try_join, try_join_all};
use time::OffsetDateTime;

use super::{
    client::Making,
    close::{owned, setting},
    error::unavailable,
    item::{self, Body, Item, blob, text},
    key::{self, PARTITION_KEY, SORT_KEY, TTL},
};
use crate::{
    domain::{
        caller::Caller,
        error::StoreError,
        id::ExecutionId,
        record::{EndRecord, ExecutionRecord, HistoryLimit, MAX_HISTORY, RecordState, StartRecord},
    },
    outbound::document,
};

/// A table and how long records live in it.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub client: Making,
    pub name: String,
    pub retention: std::time::Duration,
}

impl Table {
    pub async fn start(&self, record: &StartRecord, now: OffsetDateTime) -> Result<(), StoreError> {
        const DOING: &str = "writing a start";
        let body = Body::of_code(&record.code);
        self.put_body(DOING, &record.caller, record.id, body.as_ref(), item::ttl(record.expires_at)).await?;
        let put = self
            .client
            .get()
            .await
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item::of_start(record, body.as_ref())))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = put.send().await else { return Ok(()) };
        let Some(PutItemError::ConditionalCheckFailedException(refusal)) = error.as_service_error() else {
            return Err(unavailable(DOING, error));
        };
        if let Some(kept) = refusal.item() {
            let (kept, _) = item::read(kept, &record.caller, now)?;
            if record.is_retry_of(&kept) {
                return Ok(());
            }
        }
        Err(StoreError::Corrupt(format!("another execution {} has begun before", record.id)))
    }

    pub async fn finish(
        &self,
        caller: &Caller,
        id: ExecutionId,
        end: &EndRecord,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        const DOING: &str = "writing an end";
        let ended = item::of_end(end);
        // When the record expires is not known here. No record expires later than this.
        let expires = item::ttl(now + self.retention);
        let put = |body| self.put_body(DOING, caller, id, Some(body), expires.clone());
        try_join_all(ended.bodies.iter().map(put)).await?;

        let update = self
            .client
            .get()
            .await
            .update_item()
            .table_name(&self.name)
            .key(PARTITION_KEY, text(key::executions_of(caller)))
            .key(SORT_KEY, text(key::execution(id)))
            // Only where there is a start and no end yet.
            .condition_expression("attribute_exists(#pk) AND attribute_not_exists(#n0)")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let update = setting(update, ended.attributes.into_iter().map(owned));
        let Err(error) = update.send().await else { return Ok(()) };
        let Some(UpdateItemError::ConditionalCheckFailedException(refusal)) = error.as_service_error() else {
            return Err(unavailable(DOING, error));
        };
        match refusal.item() {
            Some(item) if item.contains_key(item::STATUS) => Ok(()),
            _ => Err(StoreError::Corrupt(format!("execution {id} ends and has never begun"))),
        }
    }

    pub async fn history(
        &self,
        caller: &Caller,
        before: Option<ExecutionId>,
        limit: HistoryLimit,
        now: OffsetDateTime,
    ) -> Result<Vec<ExecutionRecord>, StoreError> {
        const DOING: &str = "reading the history";
        // DynamoDB deletes days after the TTL. What is older than any record lives is left out by the key: a
        // filter would read it, and be charged for it.
        let (from, to) = key::executions_between(now - self.retention, before);
        // The page would be older than any record. DynamoDB refuses a range whose end comes before its beginning.
        if to < from {
            return Ok(Vec::new());
        }
        let mut records = Vec::with_capacity(limit.get());
        let mut page_size = limit.get();
        let mut after: Option<Item> = None;
        let mut capacity = 0.0;
        loop {
            let page = self
                .client
                .get()
                .await
                .query()
                .table_name(&self.name)
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
                .expression_attribute_names("#pk", PARTITION_KEY)
                .expression_attribute_names("#sk", SORT_KEY)
                .expression_attribute_values(":pk", text(key::executions_of(caller)))
                .expression_attribute_values(":from", text(&*from))
                .expression_attribute_values(":to", text(&*to))
                .scan_index_forward(false)
                .consistent_read(true)
                .limit(i32::try_from(page_size).unwrap_or(i32::MAX))
                .set_exclusive_start_key(after.take())
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| unavailable(DOING, error))?;
            capacity +=
                page.consumed_capacity().and_then(ConsumedCapacity::capacity_units).unwrap_or_default();
            for item in page.items() {
                let (record, _) = item::read(item, caller, now)?;
                if !record.start.expired(now) && records.len() < limit.get() {
                    records.push(record);
                }
            }
            after = page.last_evaluated_key;
            if records.len() == limit.get() || after.is_none() {
                tracing::debug!(capacity, records = records.len(), "read a history");
                return Ok(records);
            }
            // Some records of the page had expired, which a shorter life than others' makes possible. That is rare; the
            // next pages are as large as may be.
            page_size = MAX_HISTORY;
        }
    }

    pub async fn get(
        &self,
        caller: &Caller,
        id: ExecutionId,
        now: OffsetDateTime,
    ) -> Result<Option<ExecutionRecord>, StoreError> {
        let Some(item) = self.get_item(key::executions_of(caller), key::execution(id)).await? else {
            return Ok(None);
        };
        let (mut record, bodies) = item::read(&item, caller, now)?;
        if record.start.expired(now) {
            return Ok(None);
        }
        let partition = key::bodies_of(caller, id);
        let whole = async |key: Option<String>, preview: Bytes| match key {
            Some(key) => self.get_body(partition.clone(), key).await,
            None => Ok(preview),
        };
        if let RecordState::Ended(EndRecord::Ran(ran)) = &mut record.state {
            let streams =
                try_join(whole(bodies.stdout, ran.stdout.clone()), whole(bodies.stderr, ran.stderr.clone()));
            let code = whole(bodies.code, record.start.code);
            (record.start.code, (ran.stdout, ran.stderr)) = try_join(code, streams).await?;
            if let Some(key) = bodies.cases {
                let cases = self.get_body(partition.clone(), key).await?;
                let broken = |why| StoreError::Corrupt(format!("the cases of {partition} {why}"));
                document::read_cases(&cases, ran).map_err(broken)?;
            }
        } else {
            record.start.code = whole(bodies.code, record.start.code).await?;
        }
        Ok(Some(record))
    }

    /// Whether the table answers, by the read of one item.
    pub async fn answers(&self) -> Result<(), StoreError> {
        let (partition, sort) = key::HEALTH;
        let client = self.client.get().await;
        let get = client
            .get_item()
            .table_name(&self.name)
            .key(PARTITION_KEY, text(partition))
            .key(SORT_KEY, text(sort));
        get.send().await.map_err(|error| unavailable("checking the table", error))?;
        Ok(())
    }

    /// Writes an item: a table that may only be read, or throttles writes, is noticed.
    pub async fn check(&self, now: OffsetDateTime) -> Result<(), StoreError> {
        let (partition, sort) = key::HEALTH;
        let put = self
            .client
            .get()
            .await
            .put_item()
            .table_name(&self.name)
            .item(PARTITION_KEY, text(partition))
            .item(SORT_KEY, text(sort))
            .item(TTL, item::ttl(now + self.retention));
        put.send().await.map_err(|error| unavailable("checking the table", error))?;
        Ok(())
    }

    /// Writes the items of a body, if there is one.
    pub(super) async fn put_body(
        &self,
        doing: &'static str,
        caller: &Caller,
        id: ExecutionId,
        body: Option<&Body>,
        expires: AttributeValue,
    ) -> Result<(), StoreError> {
        let client = self.client.get().await;
        let puts = body.into_iter().flat_map(|body| &body.items).map(|(key, bytes)| {
            let put = client
                .put_item()
                .table_name(&self.name)
                .item(PARTITION_KEY, text(key::bodies_of(caller, id)))
                .item(SORT_KEY, text(&**key))
                .item(TTL, expires.clone())
                .item("bytes", blob(bytes));
            put.send()
        });
        try_join_all(puts).await.map_err(|error| unavailable(doing, error))?;
        Ok(())
    }

    async fn get_body(&self, partition: String, keys: String) -> Result<Bytes, StoreError> {
        let gets = Body::keys_in(&keys).map(async |key| {
            let item = self.get_item(partition.clone(), key.to_owned()).await?;
            let bytes = item.as_ref().and_then(|item| item.get("bytes")).and_then(|bytes| bytes.as_b().ok());
            let missing = || StoreError::Corrupt(format!("`{key}` of {partition} is missing"));
            bytes.map(|blob| Bytes::copy_from_slice(blob.as_ref())).ok_or_else(missing)
        });
        let parts = try_join_all(gets).await?;
        Ok(match <[Bytes; 1]>::try_from(parts) {
            Ok([whole]) => whole,
            Err(parts) => parts.concat().into(),
        })
    }

    pub(super) async fn get_item(&self, partition: String, sort: String) -> Result<Option<Item>, StoreError> {
        let get = self
            .client
            .get()
            .await
            .get_item()
            .table_name(&self.name)
            .key(PARTITION_KEY, text(partition))
            .key(SORT_KEY, text(sort))
            .consistent_read(true);
        let answer = get.send().await.map_err(|error| unavailable("reading a record", error))?;
        Ok(answer.item)
    }
}
