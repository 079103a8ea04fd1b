//! Forgetting an execution: its item first, so that it is gone for all who read, then the bodies that the item named.
//!
//! An execution that has ended, or reads as abandoned, never runs again: what was read before stays true, and nothing
//! need be asked of the table while it deletes. A body that stays, because we died between the two, is named by nobody
//! and goes by its TTL.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::ReturnValue;
use futures_util::future::try_join_all;
use time::OffsetDateTime;

use super::{
    attributes::Attributes,
    error::unavailable,
    item::{self, text},
    key::{self, PARTITION_KEY, SORT_KEY},
    requests::Table,
};
use crate::domain::{caller::Caller, error::StoreError, id::ExecutionId, record::Forgotten};

const DOING: &str = "deleting a record";

impl Table {
    pub async fn delete(
        &self,
        caller: &Caller,
        id: ExecutionId,
        now: OffsetDateTime,
    ) -> Result<Forgotten, StoreError> {
        let (partition, sort) = (key::executions_of(caller), key::execution(id));
        let Some(read) = self.get_item(partition.clone(), sort.clone()).await? else {
            return Ok(Forgotten::NotFound);
        };
        let attributes = Attributes(&read);
        if attributes.time("expires_at")? <= now {
            return Ok(Forgotten::NotFound);
        }
        if !read.contains_key(item::STATUS) && attributes.time("abandoned_at")? > now {
            return Ok(Forgotten::StillRunning);
        }
        let delete = self.client.get().await.delete_item().table_name(&self.name);
        let delete = delete.key(PARTITION_KEY, text(partition)).key(SORT_KEY, text(sort));
        let deleted = delete.return_values(ReturnValue::AllOld).send().await;
        let deleted = deleted.map_err(|error| unavailable(DOING, error))?.attributes;
        // Of an abandoned execution the end may have come since, with bodies. What is deleted already, by an attempt whose
        // answer was lost, comes back as nothing.
        let named = [&read].into_iter().chain(&deleted);
        let bodies: BTreeSet<&str> = named.flat_map(item::bodies_of).collect();
        self.delete_bodies(caller, id, bodies).await?;
        Ok(Forgotten::Done)
    }

    async fn delete_bodies(
        &self,
        caller: &Caller,
        id: ExecutionId,
        keys: BTreeSet<&str>,
    ) -> Result<(), StoreError> {
        let client = self.client.get().await;
        let deletes = keys.into_iter().map(|key| {
            let delete = client
                .delete_item()
                .table_name(&self.name)
                .key(PARTITION_KEY, text(key::bodies_of(caller, id)))
                .key(SORT_KEY, text(key));
            delete.send()
        });
        try_join_all(deletes).await.map_err(|error| unavailable(DOING, error))?;
        Ok(())
    }
}
