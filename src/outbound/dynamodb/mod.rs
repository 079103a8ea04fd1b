//! Records in a DynamoDB table: the store of the serverless form, shared by any number of handlers.
//!
//! Owns the design of the keys and the table. One table, no index, no scan, no filter: a history is one `Query` of
//! as many short items as were asked for, strongly consistent, however many records there are.
//!
//! What it must be allowed, on the table alone: `GetItem`, `PutItem`, `UpdateItem`, `DeleteItem`, `Query`. And,
//! where it is to create the table for DynamoDB Local: `CreateTable`, `DescribeTable`, `UpdateTimeToLive`.
//!
//! # Liveness
//! Every call ends within [`DynamoConfig::deadline`], retries included: with an answer, or with
//! [`StoreError::Unavailable`]. That is the only limit of a call as a whole, here and above; one of its requests has
//! [`DynamoConfig::attempt_timeout`]. A write that was cut off may still have been made, and may still arrive; see
//! [`close`](ExecutionStore::close).

mod attributes;
mod client;
mod close;
mod delete;
mod earlier;
mod error;
mod item;
mod key;
mod once;
mod requests;
mod table;

use std::{sync::Arc, time::Duration};

pub use key::{PARTITION_KEY, SORT_KEY, TTL};

use crate::domain::{
    caller::Caller,
    clock::Clock,
    error::StoreError,
    id::ExecutionId,
    idempotency::{Holder, IdempotencyKey, Reservation, Reserved},
    ports::ExecutionStore,
    record::{EndRecord, ExecutionRecord, Forgotten, HistoryLimit, StartRecord},
};
use requests::Table;

use super::writable::{SPEAKS_FOR, Writable};

/// Which table, and how long it is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DynamoConfig {
    /// The table's name.
    pub table: String,
    /// Its region; `None`: as the environment says (`AWS_REGION`).
    pub region: Option<String>,
    /// Another address than the region's own. With `http://` it is taken for a DynamoDB Local: no credentials are
    /// looked for, and none are sent.
    pub endpoint: Option<String>,
    /// The longest that one call may take, all its requests and retries included.
    pub deadline: Duration,
    /// The longest that one attempt of one request may take.
    pub attempt_timeout: Duration,
    /// The longest that any record lives. A history looks no further back, so that records which have expired and
    /// wait for DynamoDB to delete them cost nothing.
    pub retention: Duration,
    /// How long a write that succeeded is proof enough for [`check`](ExecutionStore::check) that the next will.
    pub write_speaks_for: Duration,
}

impl DynamoConfig {
    /// The usual settings: four seconds in all, one for an attempt.
    #[must_use]
    pub fn new(table: impl Into<String>, retention: Duration) -> Self {
        Self {
            table: table.into(),
            region: None,
            endpoint: None,
            deadline: Duration::from_secs(4),
            attempt_timeout: Duration::from_secs(1),
            retention,
            write_speaks_for: SPEAKS_FOR,
        }
    }

    /// Whether it is a DynamoDB Local, which starts without a table.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"))
    }
}

/// The store. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct DynamoStore {
    table: Table,
    deadline: Duration,
    clock: Clock,
    writable: Arc<Writable>,
}

impl DynamoStore {
    /// A store on this table. Sends nothing: ask [`check`](ExecutionStore::check) whether it is there.
    /// Must be called within a Tokio runtime.
    #[must_use]
    pub fn connect(config: &DynamoConfig, clock: Clock) -> Self {
        let client = client::Making::begin(config);
        let table = Table { client, name: config.table.clone(), retention: config.retention };
        let writable = Arc::new(Writable::new(config.write_speaks_for));
        Self { table, deadline: config.deadline, clock, writable }
    }

    /// Creates the table where it is missing, for DynamoDB Local. In the cloud the template does.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be made, or cannot be used after ten seconds.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        table::create(&self.table.client.get().await, &self.table.name).await
    }

    /// Does `work` within the deadline, on a task of its own: a caller that goes away takes no record with it.
    async fn write<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (deadline, writable) = (self.deadline, Arc::clone(&self.writable));
        let task = tokio::spawn(async move { writable.saw(bounded(deadline, work).await) });
        task.await
            .unwrap_or_else(|error| Err(StoreError::Unavailable(format!("the write was cut off: {error}"))))
    }
}

async fn bounded<T>(
    deadline: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let late = |_| Err(StoreError::Unavailable(format!("no answer within {deadline:?}")));
    // On the heap: the future of an SDK request has tens of kilobytes, and every future that awaits it contains it. In an
    // unoptimised build a few of those fill a thread's stack.
    tokio::time::timeout(deadline, Box::pin(work)).await.unwrap_or_else(late)
}

impl ExecutionStore for DynamoStore {
    fn time_limit(&self) -> Duration {
        self.deadline
    }

    async fn start(&self, record: &StartRecord) -> Result<(), StoreError> {
        let (table, record, now) = (self.table.clone(), record.clone(), self.clock.now());
        self.write(async move { table.start(&record, now).await }).await
    }

    async fn reserve(&self, record: &StartRecord, reservation: &Reservation) -> Result<Reserved, StoreError> {
        let (table, record, wish) = (self.table.clone(), record.clone(), *reservation);
        let now = self.clock.now();
        self.write(async move { table.reserve(&record, &wish, now).await }).await
    }

    async fn holder(&self, caller: &Caller, key: &IdempotencyKey) -> Result<Option<Holder>, StoreError> {
        bounded(self.deadline, self.table.holder(caller, key, self.clock.now())).await
    }

    async fn finish(&self, caller: &Caller, id: ExecutionId, end: &EndRecord) -> Result<(), StoreError> {
        let (table, caller, end, now) = (self.table.clone(), caller.clone(), end.clone(), self.clock.now());
        self.write(async move { table.finish(&caller, id, &end, now).await }).await
    }

    async fn close(&self, start: &StartRecord, end: &EndRecord) -> Result<(), StoreError> {
        let (table, start, end) = (self.table.clone(), start.clone(), end.clone());
        self.write(async move { table.close(&start, &end).await }).await
    }

    async fn history(
        &self,
        caller: &Caller,
        before: Option<ExecutionId>,
        limit: HistoryLimit,
    ) -> Result<Vec<ExecutionRecord>, StoreError> {
        bounded(self.deadline, self.table.history(caller, before, limit, self.clock.now())).await
    }

    async fn get(&self, caller: &Caller, id: ExecutionId) -> Result<Option<ExecutionRecord>, StoreError> {
        bounded(self.deadline, self.table.get(caller, id, self.clock.now())).await
    }

    async fn delete(&self, caller: &Caller, id: ExecutionId) -> Result<Forgotten, StoreError> {
        let (table, caller, now) = (self.table.clone(), caller.clone(), self.clock.now());
        self.write(async move { table.delete(&caller, id, now).await }).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        if self.writable.is_sure() {
            return bounded(self.deadline, self.table.answers()).await;
        }
        let (table, now) = (self.table.clone(), self.clock.now());
        self.write(async move { table.check(now).await }).await
    }
}
