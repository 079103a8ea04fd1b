//! The store that was configured. One type for either, so that all that is built on a store is built into the program
//! once: what a function has to load before its first answer counts.

use std::time::Duration;

use super::{dynamodb::DynamoStore, sqlite::SqliteStore};
use crate::domain::{
    caller::Caller,
    error::StoreError,
    id::ExecutionId,
    idempotency::{Holder, IdempotencyKey, Reservation, Reserved},
    ports::ExecutionStore,
    record::{EndRecord, ExecutionRecord, HistoryLimit, StartRecord},
};

/// Where records are kept.
#[derive(Debug)]
pub enum Records {
    /// A file on this machine.
    Sqlite(SqliteStore),
    /// A table in DynamoDB.
    DynamoDb(DynamoStore),
}

impl ExecutionStore for Records {
    fn time_limit(&self) -> Duration {
        match self {
            Self::Sqlite(store) => store.time_limit(),
            Self::DynamoDb(store) => store.time_limit(),
        }
    }

    async fn start(&self, record: &StartRecord) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.start(record).await,
            Self::DynamoDb(store) => store.start(record).await,
        }
    }

    async fn reserve(&self, record: &StartRecord, reservation: &Reservation) -> Result<Reserved, StoreError> {
        match self {
            Self::Sqlite(store) => store.reserve(record, reservation).await,
            Self::DynamoDb(store) => store.reserve(record, reservation).await,
        }
    }

    async fn holder(&self, caller: &Caller, key: &IdempotencyKey) -> Result<Option<Holder>, StoreError> {
        match self {
            Self::Sqlite(store) => store.holder(caller, key).await,
            Self::DynamoDb(store) => store.holder(caller, key).await,
        }
    }

    async fn finish(&self, caller: &Caller, id: ExecutionId, end: &EndRecord) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.finish(caller, id, end).await,
            Self::DynamoDb(store) => store.finish(caller, id, end).await,
        }
    }

    async fn close(&self, start: &StartRecord, end: &EndRecord) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.close(start, end).await,
            Self::DynamoDb(store) => store.close(start, end).await,
        }
    }

    async fn history(
        &self,
        caller: &Caller,
        before: Option<ExecutionId>,
        limit: HistoryLimit,
    ) -> Result<Vec<ExecutionRecord>, StoreError> {
        match self {
            Self::Sqlite(store) => store.history(caller, before, limit).await,
            Self::DynamoDb(store) => store.history(caller, before, limit).await,
        }
    }

    async fn get(&self, caller: &Caller, id: ExecutionId) -> Result<Option<ExecutionRecord>, StoreError> {
        match self {
            Self::Sqlite(store) => store.get(caller, id).await,
            Self::DynamoDb(store) => store.get(caller, id).await,
        }
    }

    async fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.check().await,
            Self::DynamoDb(store) => store.check().await,
        }
    }
}
