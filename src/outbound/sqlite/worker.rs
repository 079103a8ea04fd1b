//! A thread that owns a connection and does one thing after the other for async callers.
//!
//! A thread of our own, not the runtime's blocking pool: the connection and its prepared statements stay where
//! they are, nothing waits for a lock inside this process, and order of arrival is order of writing.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::error::OpenError;
use crate::domain::error::StoreError;

/// Jobs that may wait. A job takes some 0.1 ms: a queue this long means the disk has stopped.
const QUEUE: usize = 1024;

/// Does a job with the connection; with `None` says that it will not be done.
type Job = Box<dyn FnOnce(Option<&mut Connection>) + Send>;

/// What a worker does between jobs; says after how long it wants to be called again.
pub(super) type Upkeep = Box<dyn FnMut(&mut Connection) -> Duration + Send>;

/// The sending end. When it is dropped the thread does what is queued, closes the connection and ends.
#[derive(Debug)]
pub(super) struct Worker {
    jobs: SyncSender<(Instant, Job)>,
}

impl Worker {
    /// Starts a thread for this connection. A job that has waited longer than `patience` is not begun.
    ///
    /// # Errors
    /// [`OpenError::Thread`].
    pub(super) fn start(
        name: &'static str,
        conn: Connection,
        patience: Duration,
        upkeep: Upkeep,
    ) -> Result<Self, OpenError> {
        let (jobs, queue) = sync_channel(QUEUE);
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(&queue, conn, patience, upkeep))
            .map_err(|source| OpenError::Thread { name, source })?;
        Ok(Self { jobs })
    }

    /// Does `job` on the thread. Once sent it is done even when this future is dropped: a caller that goes away
    /// takes no record with it.
    ///
    /// # Errors
    /// The job's, and [`StoreError::Unavailable`] when it cannot be queued or waited too long to be begun.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let unavailable = |why: &str| StoreError::Unavailable(why.to_owned());
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            let done = match conn {
                Some(conn) => job(conn),
                None => Err(StoreError::Unavailable("the database was busy for too long".to_owned())),
            };
            // Nobody waits any more: fine.
            let _ = answer.send(done);
        });
        self.jobs.try_send((Instant::now(), job)).map_err(|error| match error {
            TrySendError::Full(_) => unavailable("too many are waiting for the database"),
            TrySendError::Disconnected(_) => unavailable("the database's thread has died"),
        })?;
        wait.await.unwrap_or_else(|_| Err(unavailable("the database's thread has died")))
    }
}

fn work(queue: &Receiver<(Instant, Job)>, mut conn: Connection, patience: Duration, mut upkeep: Upkeep) {
    let mut next = Instant::now() + upkeep(&mut conn);
    loop {
        match queue.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok((since, job)) => job((since.elapsed() <= patience).then_some(&mut conn)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        // Also under constant load: a queue that is never empty must not keep old records for ever.
        if Instant::now() >= next {
            next = Instant::now() + upkeep(&mut conn);
        }
    }
}
