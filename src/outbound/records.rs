//! The configured store of records, SQLite's or DynamoDB's, as one type. The service is generic over its store: with two
//! types the program would contain it twice, and a Lambda function loads the whole program before its first answer.

use std::time::Duration;

use super::{dynamodb::DynamoStore, sqlite::SqliteStore};
use crate::domain::{
    caller::Caller,
    error::StoreError,
    id::ExecutionId,
    idempotency::{Holder, IdempotencyKey, Reservation, Reserved},
    ports::ExecutionStore,
    record::{EndRecord, ExecutionRecord, Forgotten, HistoryLimit, StartRecord},
};

/// The store that the configuration names.
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

    async fn delete(&self, caller: &Caller, id: ExecutionId) -> Result<Forgotten, StoreError> {
        match self {
            Self::Sqlite(store) => store.delete(caller, id).await,
            Self::DynamoDb(store) => store.delete(caller, id).await,
        }
    }

    async fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.check().await,
            Self::DynamoDb(store) => store.check().await,
        }
    }
}
