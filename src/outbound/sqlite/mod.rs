//! Records in one file on this machine: the store of a laptop and of a single server. Needs nothing installed.
//!
//! Owns the file, its schema and its upkeep. Several processes may use one file at once (on a local disk: SQLite's
//! write-ahead log needs shared memory, which network file systems do not give).
//!
//! # Durability
//! What [`start`](ExecutionStore::start) and [`finish`](ExecutionStore::finish) have confirmed survives the death of
//! this process, also by `kill -9`. A power cut may lose the last commits and never breaks the file.
//!
//! # Liveness
//! Waiting is bounded by [`SqliteConfig::busy_timeout`]: once for a turn, once for the file. A disk that hangs inside a
//! system call can be bounded by nobody; whoever waits for it is told so after [`ExecutionStore::time_limit`], and what
//! was queued is still done, in its order.

mod earlier;
mod error;
mod keys;
mod open;
mod row;
mod schema;
mod statements;
mod upkeep;
mod worker;

use std::{path::PathBuf, time::Duration};

pub use error::OpenError;

use crate::domain::{
    caller::Caller,
    clock::Clock,
    error::StoreError,
    id::ExecutionId,
    idempotency::{Holder, IdempotencyKey, Reservation, Reserved},
    ports::ExecutionStore,
    record::{EndRecord, ExecutionRecord, Forgotten, HistoryLimit, StartRecord},
};
use rusqlite::Connection;
use worker::Worker;

use super::writable::{SPEAKS_FOR, Writable};

/// Where the file is and how it is treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteConfig {
    /// The file. It and its folder are made where missing, for their owner alone.
    pub path: PathBuf,
    /// The longest to wait for a turn, and then for other processes that hold the file.
    pub busy_timeout: Duration,
    /// The most bytes the file may have; `None`: as many as the disk. What does not fit is refused as
    /// [`StoreError::Unavailable`]; records go when they expire, not earlier.
    pub max_bytes: Option<u64>,
    /// How often expired records are looked for.
    pub upkeep_every: Duration,
    /// How long a write that succeeded is proof enough for [`check`](ExecutionStore::check) that the next will.
    pub write_speaks_for: Duration,
}

impl SqliteConfig {
    /// The usual settings, for this file: two seconds of patience, no bound on its size, upkeep twice a minute.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            busy_timeout: Duration::from_secs(2),
            max_bytes: None,
            upkeep_every: Duration::from_secs(30),
            write_speaks_for: SPEAKS_FOR,
        }
    }
}

/// The store. One thread writes, one reads; neither waits for the other.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Worker,
    reader: Worker,
    clock: Clock,
    writable: Writable,
}

impl SqliteStore {
    /// Opens the file, made and migrated where needed. Blocks on the disk: call it while starting up.
    ///
    /// # Errors
    /// [`OpenError`], fit for the operator.
    pub fn open(config: &SqliteConfig, clock: Clock) -> Result<Self, OpenError> {
        let (patience, every) = (config.busy_timeout, config.upkeep_every);
        let upkeep_clock = clock.clone();
        let upkeep = Box::new(move |conn: &mut _| upkeep::upkeep(conn, &upkeep_clock, every));
        let writer = Worker::start("records-writer", open::open_writer(config)?, patience, upkeep)?;
        let idle = Box::new(|_: &mut _| Duration::from_hours(1));
        let reader = Worker::start("records-reader", open::open_reader(config)?, patience, idle)?;
        Ok(Self { writer, reader, clock, writable: Writable::new(config.write_speaks_for) })
    }

    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writable.saw(self.writer.call(job).await)
    }
}

impl ExecutionStore for SqliteStore {
    fn time_limit(&self) -> Duration {
        self.writer.time_limit()
    }

    async fn start(&self, record: &StartRecord) -> Result<(), StoreError> {
        let (record, now) = (record.clone(), self.clock.now());
        self.write(move |conn| statements::start(conn, &record, now)).await
    }

    async fn reserve(&self, record: &StartRecord, reservation: &Reservation) -> Result<Reserved, StoreError> {
        let (record, reservation, now) = (record.clone(), *reservation, self.clock.now());
        self.write(move |conn| keys::reserve(conn, &record, &reservation, now)).await
    }

    async fn holder(&self, caller: &Caller, key: &IdempotencyKey) -> Result<Option<Holder>, StoreError> {
        let (caller, key, now) = (caller.clone(), *key, self.clock.now());
        self.reader.call(move |conn| keys::holder(conn, &caller, &key, now)).await
    }

    async fn finish(&self, caller: &Caller, id: ExecutionId, end: &EndRecord) -> Result<(), StoreError> {
        let (caller, end) = (caller.clone(), end.clone());
        self.write(move |conn| statements::finish(conn, &caller, id, &end)).await
    }

    async fn close(&self, start: &StartRecord, end: &EndRecord) -> Result<(), StoreError> {
        let (start, end) = (start.clone(), end.clone());
        self.write(move |conn| statements::close(conn, &start, &end)).await
    }

    async fn history(
        &self,
        caller: &Caller,
        before: Option<ExecutionId>,
        limit: HistoryLimit,
    ) -> Result<Vec<ExecutionRecord>, StoreError> {
        let (caller, now) = (caller.clone(), self.clock.now());
        self.reader.call(move |conn| statements::history(conn, &caller, before, limit, now)).await
    }

    async fn get(&self, caller: &Caller, id: ExecutionId) -> Result<Option<ExecutionRecord>, StoreError> {
        let (caller, now) = (caller.clone(), self.clock.now());
        self.reader.call(move |conn| statements::get(conn, &caller, id, now)).await
    }

    async fn delete(&self, caller: &Caller, id: ExecutionId) -> Result<Forgotten, StoreError> {
        let (caller, now) = (caller.clone(), self.clock.now());
        self.write(move |conn| statements::delete(conn, &caller, id, now)).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        if self.writable.is_sure() {
            return self.reader.call(statements::answers).await;
        }
        let now = self.clock.now();
        self.write(move |conn| statements::check(conn, now)).await
    }
}
