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
//! * Dropping the future of [`ExecutionService::execute`] stops the run. Its end is still written.

mod log;
mod once;
mod record;
#[cfg(test)]
mod tests;
mod types;

use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt as _;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument as _, debug, debug_span, warn};

use once::Taken;

pub use self::{
    once::Refused,
    types::{Answer, Health, ServiceConfig, Submission, Timings},
};
use crate::domain::{
    caller::Caller,
    error::{ExecuteError, SandboxError, StoreError},
    id::ExecutionId,
    language::Language,
    outcome::{Execution, SandboxTimings},
    ports::{ExecutionStore, InstalledLanguage, Maintained, Sandbox},
    record::{ExecutionRecord, FailedStatus, HistoryLimit},
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
    cancel: CancellationToken,
}

type Clock = dyn Fn() -> OffsetDateTime + Send + Sync;

/// Runs what is submitted, and remembers it.
pub struct ExecutionService<S, R> {
    sandbox: Arc<S>,
    store: Arc<R>,
    config: ServiceConfig,
    clock: Box<Clock>,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl<S: Sandbox, R: ExecutionStore> ExecutionService<S, R> {
    /// The service that runs in `sandbox` and records in `store`.
    pub fn new(sandbox: Arc<S>, store: Arc<R>, config: ServiceConfig) -> Self {
        Self {
            sandbox,
            store,
            config,
            clock: Box::new(OffsetDateTime::now_utc),
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// The same service by another clock. Only the times in records come from it.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Runs what is submitted and waits for its end. Dropping the future stops the run.
    ///
    /// # Errors
    /// Never for what the program did; see [`ExecuteError`].
    ///
    /// # Panics
    /// When the store's adapter panics: the panic is passed on.
    pub async fn execute(self: &Arc<Self>, submission: Submission) -> Result<Answer, ExecuteError> {
        let (given, received) = (submission.deadline, Instant::now());
        let execution = Box::pin(self.execute_in_full(submission));
        // The run itself ends earlier, by the time kept free for this: only a store can be as late.
        let late = || StoreError::Unavailable("the deadline came before everything was recorded".to_owned());
        let result = match given {
            Some(deadline) => timeout_at(deadline, execution).await.unwrap_or_else(|_| Err(late().into())),
            None => execution.await,
        };
        log::metrics(&result, received.elapsed());
        result
    }

    async fn execute_in_full(self: &Arc<Self>, submission: Submission) -> Result<Answer, ExecuteError> {
        let received = Instant::now();
        // Taken before the question whether we are stopping: `shutdown` waits for whoever was told no.
        let presence = self.tasks.token();
        if self.stopping.is_cancelled() {
            return Err(ExecuteError::ShuttingDown);
        }
        if let Some(answer) = self.answered_before(&submission).await? {
            return Ok(answer);
        }
        let reserve = self.config.deadline_reserve;
        let given = submission.deadline.map(|deadline| deadline.checked_sub(reserve).unwrap_or(deadline));
        let slot = self.admit(&submission.request.language, given).await?;

        let longest = self.sandbox.longest(submission.request.limits.timeout);
        let longest = given.map_or(longest, |given| longest.min(given.duration_since(Instant::now())));
        let own = Instant::now() + longest;
        let cancel = self.stopping.child_token();
        let _stop_when_dropped = cancel.clone().drop_guard();
        let job = Job { queue: received.elapsed(), deadline: own, received, longest, cancel, submission };
        let service = Arc::clone(self);
        let task = async move {
            let result = service.run_on_record(&job, slot).await;
            log::execution(&job.submission, &result);
            result
        };
        let task = self.tasks.spawn(task.in_current_span());
        drop(presence);
        match task.await {
            Ok(answer) => answer,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => Err(SandboxError::Cancelled.into()),
        }
    }

    async fn admit(&self, language: &Language, deadline: Option<Instant>) -> Result<S::Slot, ExecuteError> {
        let admission = async {
            match deadline {
                Some(deadline) => timeout_at(deadline, self.sandbox.admit(language))
                    .await
                    .unwrap_or(Err(SandboxError::DeadlineExceeded)),
                None => self.sandbox.admit(language).await,
            }
        };
        tokio::select! {
            () = self.stopping.cancelled() => Err(ExecuteError::ShuttingDown),
            slot = admission.instrument(debug_span!("admit")) => slot.map_err(|error| {
                debug!(%error, "refused for want of a place to run in");
                error.into()
            }),
        }
    }

    /// Everything from admission on. Runs in a task of its own, so that it ends properly whoever goes away.
    async fn run_on_record(self: &Arc<Self>, job: &Job, slot: S::Slot) -> Result<Answer, ExecuteError> {
        let (start, result, ended) = match job.submission.key {
            None => {
                let start = self.start_record(job);
                let run = async { Ok((self.run(job, slot).await, Instant::now())) };
                match tokio::try_join!(self.write_start(&start), run) {
                    Ok(((), (result, ended))) => (start, result, ended),
                    Err(error) => {
                        // The run was dropped just now, and with it its sandbox.
                        self.close_doubtful_start(start, FailedStatus::SandboxError);
                        return Err(error.into());
                    }
                }
            }
            Some(key) => match self.take_key(job, &key).await? {
                Taken::Ours(start) => (start, self.run(job, slot).await, Instant::now()),
                Taken::Answered(answer) => return Ok(*answer),
            },
        };
        self.write_end(&start, &self.end_record(job, &result)).await?;
        let record = ended.elapsed();
        let request = &job.submission.request;
        match result {
            Ok(execution) => Ok(Answer {
                id: start.id,
                replayed: false,
                language: request.language.name.clone(),
                limits: request.limits,
                timings: Timings {
                    queue: job.queue,
                    acquire: execution.timings.acquire,
                    run: execution.timings.run,
                    collect: execution.timings.collect,
                    record,
                    total: job.received.elapsed(),
                },
                execution,
            }),
            Err(SandboxError::Cancelled) if self.stopping.is_cancelled() => Err(ExecuteError::ShuttingDown),
            Err(error) => Err(error.into()),
        }
    }

    /// The run itself, stopped by whichever comes first: its own end, the caller's leaving, the deadline.
    async fn run(&self, job: &Job, slot: S::Slot) -> Result<Execution, SandboxError> {
        let Submission { id, request, .. } = &job.submission;
        let running = AssertUnwindSafe(self.sandbox.run(slot, *id, request, job.deadline)).catch_unwind();
        tokio::select! {
            biased;
            result = running => result.unwrap_or_else(|_| Err(SandboxError::Lost {
                reason: "the sandbox adapter panicked".to_owned(),
                timings: SandboxTimings::default(),
            })),
            () = job.cancel.cancelled() => Err(SandboxError::Cancelled),
            () = sleep_until(job.deadline + BACKSTOP) => Err(SandboxError::DeadlineExceeded),
        }
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
        self.in_time(self.store.history(caller, before, limit)).await
    }

    /// One of the caller's executions; `None` when the caller has none of this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, caller: &Caller, id: ExecutionId) -> Result<Option<ExecutionRecord>, StoreError> {
        self.in_time(self.store.get(caller, id)).await
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
