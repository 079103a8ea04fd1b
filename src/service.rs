//! Executions from the first step to the last: admit → (record the start ∥ run) → record the end → answer. Under an
//! idempotency key the start is on record before the run begins; see [`once`].
//!
//! The only place that knows this order. Knows neither HTTP nor events, neither Docker nor a database: what asks
//! is a [`Submission`], what runs is a [`Sandbox`], what remembers is an [`ExecutionStore`].
//!
//! # Promises
//! * What was refused at admission (no place free, no host yet) leaves no record; what was accepted has one, with an end, however
//!   it went.
//! * Under one key of one caller code runs at most once, whoever of any number of handlers dies when.
//! * The caller gets an [`Answer`] only when the end is written.
//! * The start is on record before whoever looks on is told anything; the answer comes after all that was told.
//! * Dropping the future of [`ExecutionService::execute`] stops a run that was submitted with [`OnLeave::Stop`], and its
//!   end is still written. One with [`OnLeave::Finish`] goes on to its end, wherever it was: waiting for a place (so many at
//!   a time do, see [`leaving`]), taking its key, running, being recorded.
//! * [`ExecutionService::shutdown`] stops every run, in bounded time. What had not been sent to a sandbox by then is on
//!   record as not started, and leaves its key free.

pub mod compare;
mod compile;
mod converse;
pub mod diagnostics;
mod judge;
mod later;
mod leaving;
mod line;
pub mod live;
mod log;
mod once;
mod record;
mod steps;
#[cfg(test)]
mod tests;
mod types;
mod under_way;

use std::{panic::resume_unwind, sync::Arc, time::Duration};

use time::OffsetDateTime;
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument as _, warn};

pub use self::{
    later::{Gone, Submitted},
    line::LineConfig,
    once::Refused,
    types::{Answer, Health, Holding, OnLeave, ServiceConfig, Submission, Timings},
};
use self::{line::Line, live::Live, under_way::UnderWay};
use crate::domain::{
    caller::Caller,
    error::{ExecuteError, SandboxError, StoreError},
    id::ExecutionId,
    idempotency::Fingerprint,
    ports::{ExecutionStore, InstalledLanguage, Maintained, Sandbox, Sent},
    record::{ExecutionRecord, HistoryLimit},
    request::ExecutionRequest,
};

/// How long past its deadline a sandbox may take to say so itself, before we stop waiting for it.
const BACKSTOP: Duration = Duration::from_millis(250);
/// The longest that a question for our health may take: load balancers ask often and wait little.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

/// A submission on its way.
struct Job {
    submission: Submission,
    received: Instant,
    queue: Duration,
    /// When the run must be over.
    deadline: Instant,
    /// How long the run may take in all, before it must be thought dead.
    longest: Duration,
    /// What is asked, in short; only where there is a key.
    fingerprint: Option<Fingerprint>,
    /// Cancelled when nobody waits for the answer any more.
    left: CancellationToken,
    /// Cancelled when its caller wants it stopped.
    stop: CancellationToken,
    /// Whether code has been sent.
    sent: Sent,
}

type Clock = dyn Fn() -> OffsetDateTime + Send + Sync;

/// Runs what is submitted, and remembers it.
pub struct ExecutionService<S, R> {
    sandbox: Arc<S>,
    line: Arc<Line<S>>,
    store: Arc<R>,
    config: ServiceConfig,
    clock: Box<Clock>,
    stopping: CancellationToken,
    tasks: TaskTracker,
    /// For what waits for a place though its caller has gone.
    orphans: Semaphore,
    under_way: UnderWay,
}

impl<S: Sandbox, R: ExecutionStore> ExecutionService<S, R> {
    /// The service that runs in `sandbox` and records in `store`.
    pub fn new(sandbox: Arc<S>, store: Arc<R>, config: ServiceConfig) -> Self {
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        Self {
            line: Line::new(Arc::clone(&sandbox), config.line, tasks.clone(), stopping.clone()),
            sandbox,
            store,
            config,
            clock: Box::new(OffsetDateTime::now_utc),
            stopping,
            tasks,
            orphans: Semaphore::new(leaving::MAX_ORPHANS),
            under_way: UnderWay::default(),
        }
    }

    /// The same service by another clock. Only the times in records come from it.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Runs what is submitted and waits for its end. What dropping the future does, [`OnLeave`] says.
    ///
    /// # Errors
    /// Never for what the program did; see [`ExecuteError`].
    ///
    /// # Panics
    /// When the store's adapter panics: the panic is passed on.
    pub async fn execute(self: &Arc<Self>, submission: Submission) -> Result<Answer, ExecuteError> {
        let (given, received) = (submission.deadline, Instant::now());
        if given.is_some_and(|deadline| deadline <= received) {
            let late = Err(SandboxError::TooLate.into());
            log::metrics(&late, Duration::ZERO);
            return late;
        }
        let left = CancellationToken::new();
        let _waits = left.clone().drop_guard();
        let service = Arc::clone(self);
        let listened = submission.live.clone().map(Live::over_when_dropped);
        // A task of its own from the first step on, so that each ends properly whoever goes away. `shutdown` waits for
        // it, also for those that are only told no.
        let task = self.tasks.spawn(
            async move {
                let result = service.execute_in_full(submission, left.clone()).await;
                if left.is_cancelled() {
                    log::metrics(&result, received.elapsed());
                }
                drop(listened);
                result
            }
            .in_current_span(),
        );
        // The run itself ends earlier, by the time kept free for this: only a store can be as late.
        let late = || StoreError::Unavailable("the deadline came before everything was recorded".to_owned());
        let ended = match given {
            Some(deadline) => timeout_at(deadline, task).await.unwrap_or_else(|_| Ok(Err(late().into()))),
            None => task.await,
        };
        let result = match ended {
            Ok(result) => result,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => Err(SandboxError::Cancelled.into()),
        };
        log::metrics(&result, received.elapsed());
        result
    }

    /// The time that the programs of this request may take all together, as time limits count it.
    #[must_use]
    pub fn time_limit(&self, request: &ExecutionRequest) -> Duration {
        request.time_limit(self.config.total)
    }

    /// The caller's latest executions, newest first; with `before` those with a smaller id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn history(
        &self,
        caller: &Caller,
        before: Option<ExecutionId>,
        limit: HistoryLimit,
    ) -> Result<Vec<ExecutionRecord>, StoreError> {
        self.store.history(caller, before, limit).await
    }

    /// One of the caller's executions; `None` when the caller has none of this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, caller: &Caller, id: ExecutionId) -> Result<Option<ExecutionRecord>, StoreError> {
        self.store.get(caller, id).await
    }

    /// The state of everything an execution needs.
    pub async fn health(&self) -> Health {
        let sandbox = timeout(HEALTH_TIMEOUT, self.sandbox.health());
        let store = timeout(HEALTH_TIMEOUT, self.store.check());
        let (sandbox, store) = tokio::join!(sandbox, store);
        if let Ok(Err(error)) = &store {
            warn!(%error, "the store is not healthy");
        }
        Health {
            sandbox: sandbox.ok(),
            store_ok: matches!(store, Ok(Ok(()))),
            shutting_down: self.stopping.is_cancelled(),
        }
    }

    /// One round of upkeep of the sandbox host.
    ///
    /// # Errors
    /// [`SandboxError::Unavailable`].
    pub async fn maintain(&self) -> Result<Maintained, SandboxError> {
        self.sandbox.maintain().await
    }

    /// The languages, as installed.
    ///
    /// # Errors
    /// [`SandboxError::Unavailable`].
    pub async fn languages(&self) -> Result<Vec<InstalledLanguage>, SandboxError> {
        self.sandbox.languages().await
    }

    /// Takes nothing on any more, stops what is running, and waits until every end is written. May be called
    /// more than once.
    pub async fn shutdown(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
