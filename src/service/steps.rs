//! One submission, step by step: answered before? → admitted → (start on record ∥ run) → end on record → answer.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, debug, debug_span};

use super::{
    Answer, BACKSTOP, ExecutionService, Job, Submission, Timings,
    line::Turn,
    log,
    once::{self, Taken},
    record,
};
use crate::domain::{
    error::{ExecuteError, SandboxError},
    limits::MIN_TIMEOUT,
    outcome::Execution,
    ports::{ExecutionStore, Sandbox, Sent},
};

impl<S: Sandbox, R: ExecutionStore> ExecutionService<S, R> {
    /// Everything there is to do for a submission, from the question whether it was answered before.
    pub(super) async fn execute_in_full(
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
        let (slot, _turn) = self.admit(&submission, given, &left).await?;
        // Code that was sent cannot be sent again, so none is sent where the deadline would end the program at once.
        if given.is_some_and(|given| given.duration_since(Instant::now()) < MIN_TIMEOUT) {
            return Err(SandboxError::TooLate.into());
        }
        let longest = self.sandbox.longest(submission.request.longest_wall(self.config.total));
        let longest = given.map_or(longest, |given| longest.min(given.duration_since(Instant::now())));
        let entry = self.under_way.enter(&submission.caller, submission.id);
        let job = Job {
            stop: entry.handle().stop,
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
    ) -> Result<(S::Slot, Turn), ExecuteError> {
        let place = self.line.place(&submission.caller, &submission.request.language);
        let admission = async {
            match deadline {
                Some(deadline) => timeout_at(deadline, place).await.unwrap_or(Err(SandboxError::TooLate)),
                None => place.await,
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
                let run = async { (self.run(job, slot).await, Instant::now()) };
                let ran = if job.submission.live.is_some() {
                    // Whoever looks on is told nothing before the start is on record.
                    match self.write_start(&start).await {
                        Ok(()) => {
                            accepted(job);
                            Ok(run.await)
                        }
                        Err(error) => Err(error),
                    }
                } else {
                    tokio::try_join!(self.write_start(&start), run.map(Ok)).map(|((), ran)| ran)
                };
                match ran {
                    Ok((result, ended)) => (start, result, ended),
                    Err(error) => {
                        // The run was dropped, and with it its sandbox; or it never began.
                        self.close_doubtful_start(start, record::unrecorded(&job.sent), None).await;
                        return Err(error.into());
                    }
                }
            }
            Some(key) => match self.take_key(job, &key).await? {
                Taken::Ours(start) => {
                    accepted(job);
                    (start, self.run(job, slot).await, Instant::now())
                }
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
        // Asked before the first step, which may send the code; and after it last, so that an end that is there counts.
        if self.must_stop(job).now_or_never().is_some() {
            return Err(SandboxError::Cancelled);
        }
        let run = self.converse(job, slot);
        let running = AssertUnwindSafe(run).catch_unwind();
        tokio::select! {
            biased;
            result = running => result.unwrap_or_else(|_| {
                let reason = "the sandbox adapter panicked".to_owned();
                Err(if job.sent.is_set() {
                    SandboxError::Lost { reason }
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
}

/// The start is on record: whoever looks on may know.
fn accepted(job: &Job) {
    if let Some(live) = &job.submission.live {
        live.accepted(job.submission.id);
    }
}
