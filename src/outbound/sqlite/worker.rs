//! A thread that owns a connection and does one thing after the other for async callers.
//!
//! A thread of our own, not the runtime's blocking pool: the connection and its prepared statements stay where
//! they are, nothing waits for a lock inside this process, and order of arrival is order of writing.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tokio::{sync::oneshot, time::timeout};

use super::error::OpenError;
use crate::domain::error::StoreError;

/// Jobs that may wait. A job takes some 0.1 ms: a queue this long means the disk has stopped.
const QUEUE: usize = 1024;

/// How long after a panic upkeep is tried again.
const AFTER_A_PANIC: Duration = Duration::from_mins(1);
/// How long a job may take once it has its turn and the file, before its caller is told that the disk hangs.
const AT_THE_DISK: Duration = Duration::from_secs(1);

/// Does a job with the connection; with `None` says that it will not be done.
type Job = Box<dyn FnOnce(Option<&mut Connection>) + Send>;

/// What a worker does between jobs; returns the time after which it wants to be called again.
pub(super) type Upkeep = Box<dyn FnMut(&mut Connection) -> Duration + Send>;

/// The sending end. When it is dropped the thread does what is queued, closes the connection and ends.
#[derive(Debug)]
pub(super) struct Worker {
    jobs: SyncSender<(Instant, Job)>,
    time_limit: Duration,
}

impl Worker {
    /// Starts a thread for this connection. A job that has waited longer than `patience` is not begun.
    ///
    /// # Errors
    /// [`OpenError::Thread`] when the system refuses to start one.
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
        Ok(Self { jobs, time_limit: patience * 2 + AT_THE_DISK })
    }

    /// The longest that a call takes.
    pub(super) const fn time_limit(&self) -> Duration {
        self.time_limit
    }

    /// Does `job` on the thread. Once sent it is done even when this future is dropped: a caller that goes away
    /// takes no record with it.
    ///
    /// # Errors
    /// The job's, and [`StoreError::Unavailable`] when it cannot be queued, waited too long to be begun, panicked, or
    /// did not end within [`time_limit`](Self::time_limit).
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
            // The caller may have gone away. The job is done all the same.
            let _ = answer.send(done);
        });
        self.jobs.try_send((Instant::now(), job)).map_err(|error| match error {
            TrySendError::Full(_) => unavailable("too many are waiting for the database"),
            TrySendError::Disconnected(_) => unavailable("the database's thread has died"),
        })?;
        match timeout(self.time_limit, wait).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(unavailable("the job for the database panicked")),
            Err(_) => Err(unavailable("the disk did not answer in time")),
        }
    }
}

fn work(queue: &Receiver<(Instant, Job)>, mut conn: Connection, patience: Duration, mut upkeep: Upkeep) {
    let mut next = Instant::now();
    loop {
        match queue.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok((since, job)) => survived("a job", || job((since.elapsed() <= patience).then_some(&mut conn))),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        // Also under constant load: a queue that is never empty must not keep old records for ever.
        if Instant::now() >= next {
            let mut pause = AFTER_A_PANIC;
            survived("upkeep", || pause = upkeep(&mut conn));
            next = Instant::now() + pause;
        }
    }
}

/// Does this, and lives on when it panics: all that come after need the thread. A transaction that was open is rolled
/// back as its guard is dropped; whoever waits for the job is told, since the sender of its answer is dropped too.
fn survived(what: &'static str, work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        tracing::error!(
            what,
            "the thread of the database has survived a panic; the panic's words stand above"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker(upkeep: Upkeep) -> Worker {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
        Worker::start("test", conn, Duration::from_secs(2), upkeep).unwrap()
    }

    fn count(conn: &mut Connection) -> Result<i64, StoreError> {
        conn.query_one("SELECT count(*) FROM t", [], |row| row.get(0))
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    #[tokio::test]
    async fn a_job_that_panics_is_undone_and_told_and_the_next_one_is_done() {
        let worker = worker(Box::new(|_| Duration::from_hours(1)));
        for _ in 0..3 {
            let panicked = worker.call(|conn| {
                let tx = conn.transaction().unwrap();
                tx.execute("INSERT INTO t VALUES (1)", []).unwrap();
                assert!(tx.is_autocommit(), "a transaction is open: this panics");
                tx.commit().unwrap();
                Ok(())
            });
            let Err(StoreError::Unavailable(why)) = panicked.await else { panic!("no panic") };
            assert!(why.contains("panicked"), "{why}");
            assert_eq!(worker.call(count).await.unwrap(), 0, "half a job is there");
        }
    }

    #[tokio::test]
    async fn upkeep_that_panics_does_not_take_the_thread_with_it() {
        let worker = worker(Box::new(|_| panic!("upkeep was told to")));
        for _ in 0..3 {
            worker.call(count).await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_disk_that_hangs_is_told_in_time_and_the_job_still_done() {
        let worker = worker(Box::new(|_| Duration::from_hours(1)));
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let hangs = worker.call(move |conn| {
            wait.recv().ok();
            conn.execute("INSERT INTO t VALUES (1)", []).unwrap();
            Ok(())
        });
        let begun = tokio::time::Instant::now();
        let Err(StoreError::Unavailable(why)) = hangs.await else { panic!("it does not hang") };
        assert!(why.contains("in time"), "{why}");
        assert_eq!(begun.elapsed(), worker.time_limit());
        go_on.send(()).unwrap();
        tokio::time::resume();
        assert_eq!(worker.call(count).await.unwrap(), 1);
    }
}
