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
//! * Dropping the future of [`ExecutionService::execute`] stops a run that was submitted with [`OnLeave::Stop`], and its
//!   end is still written. One with [`OnLeave::Finish`] goes on to its end, wherever it was: waiting for a place,
//!   taking its key, running, being recorded.
//! * [`ExecutionService::shutdown`] stops every run, in bounded time. What had not been sent to a sandbox by then is on
//!   record as not started, and leaves its key free.

mod leaving;
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
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument as _, debug, debug_span, warn};

use once::Taken;

pub use self::{
    once::Refused,
    types::{Answer, Health, OnLeave, ServiceConfig, Submission, Timings},
};
use crate::domain::{
    caller::Caller,
    error::{ExecuteError, SandboxError, StoreError},
    id::ExecutionId,
    idempotency::Fingerprint,
    limits::MIN_TIMEOUT,
    outcome::{Execution, SandboxTimings},
    ports::{ExecutionStore, InstalledLanguage, Maintained, Sandbox, Sent},
    record::{ExecutionRecord, HistoryLimit},
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
    /// Whether code has been sent.
    sent: Sent,
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
    /// For what waits for a place though its caller has gone.
    orphans: Semaphore,
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
            orphans: Semaphore::new(leaving::MAX_ORPHANS),
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
        // A task of its own from the first step on, so that each ends properly whoever goes away. `shutdown` waits for
        // it, also for those that are only told no.
        let task = self.tasks.spawn(
            async move {
                let result = service.execute_in_full(submission, left.clone()).await;
                if left.is_cancelled() {
                    log::metrics(&result, received.elapsed());
                }
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

    async fn execute_in_full(
        self: &Arc<Self>,
        submission: Submission,
        left: CancellationToken,
    ) -> Result<Answer, ExecuteError> {
        let received = Instant::now();
        if self.stopping.is_cancelled() {
            return Err(ExecuteError::ShuttingDown);
        }
        let fingerprint = match submission.key {
            Some(_) => Some(once::fingerprint(&submission.request).await),
            None => None,
        };
        if let Some(answer) = self.answered_before(&submission, fingerprint).await? {
            return Ok(answer);
        }
        let reserve = self.config.deadline_reserve;
        let given = submission.deadline.map(|deadline| deadline.checked_sub(reserve).unwrap_or(deadline));
        let slot = self.admit(&submission, given, &left).await?;
        // A program that is sent and cut off at once has had its one run.
        if given.is_some_and(|given| given.duration_since(Instant::now()) < MIN_TIMEOUT) {
            return Err(SandboxError::TooLate.into());
        }
        let longest = self.sandbox.longest(submission.request.limits.timeout);
        let longest = given.map_or(longest, |given| longest.min(given.duration_since(Instant::now())));
        let job = Job {
            queue: received.elapsed(),
            deadline: Instant::now() + longest,
            received,
            longest,
            fingerprint,
            left,
            sent: Sent::default(),
            submission,
        };
        let result = self.run_on_record(&job, slot).await;
        log::execution(&job.submission, &result);
        result
    }

    async fn admit(
        &self,
        submission: &Submission,
        deadline: Option<Instant>,
        left: &CancellationToken,
    ) -> Result<S::Slot, ExecuteError> {
        let language = &submission.request.language;
        let admission = async {
            match deadline {
                Some(deadline) => timeout_at(deadline, self.sandbox.admit(language))
                    .await
                    .unwrap_or(Err(SandboxError::TooLate)),
                None => self.sandbox.admit(language).await,
            }
        };
        tokio::select! {
            () = self.stopping.cancelled() => Err(ExecuteError::ShuttingDown),
            () = self.nobody_wants(submission.on_leave, left) => Err(SandboxError::Cancelled.into()),
            slot = admission.instrument(debug_span!("admit")) => slot.map_err(|error| {
                debug!(%error, "refused for want of a place to run in");
                error.into()
            }),
        }
    }

    /// Everything from admission on.
    async fn run_on_record(self: &Arc<Self>, job: &Job, slot: S::Slot) -> Result<Answer, ExecuteError> {
        let (start, result, ended) = match job.submission.key {
            None => {
                let start = self.start_record(job);
                let run = async { Ok((self.run(job, slot).await, Instant::now())) };
                match tokio::try_join!(self.write_start(&start), run) {
                    Ok(((), (result, ended))) => (start, result, ended),
                    Err(error) => {
                        // The run was dropped just now, and with it its sandbox.
                        self.close_doubtful_start(start, record::unrecorded(&job.sent), None).await;
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

    /// The run itself, stopped by whichever comes first: its own end, the caller's leaving, a shutdown, the deadline.
    async fn run(&self, job: &Job, slot: S::Slot) -> Result<Execution, SandboxError> {
        let Submission { id, request, .. } = &job.submission;
        // Asked before the first step, which may send the code; and after it last, so that an end that is there counts.
        if self.must_stop(job).now_or_never().is_some() {
            return Err(SandboxError::Cancelled);
        }
        let run = self.sandbox.run(slot, *id, request, job.deadline, &job.sent);
        let running = AssertUnwindSafe(run).catch_unwind();
        tokio::select! {
            biased;
            result = running => result.unwrap_or_else(|_| {
                let reason = "the sandbox adapter panicked".to_owned();
                Err(if job.sent.is_set() {
                    SandboxError::Lost { reason, timings: SandboxTimings::default() }
                } else {
                    SandboxError::Unavailable { reason }
                })
            }),
            () = self.must_stop(job) => Err(SandboxError::Cancelled),
            () = sleep_until(job.deadline + BACKSTOP) => Err(if job.sent.is_set() {
                SandboxError::DeadlineExceeded
            } else {
                SandboxError::TooLate
            }),
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
