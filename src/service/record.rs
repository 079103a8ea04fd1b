//! What the service writes about an execution, and how hard it tries. Knows nothing of how a run is run.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument as _, debug_span, warn};

use super::{ExecutionService, Job};
use crate::domain::{
    error::{SandboxError, StoreError},
    outcome::{Execution, SandboxTimings},
    ports::{ExecutionStore, Sandbox, Sent},
    record::{EndRecord, FailedStatus, RanRecord, StartRecord},
};

/// What the record of an execution says that its caller stopped.
pub(super) const STOPPED: &str = "The run was stopped by its caller.";
/// The wait before the second attempt to write an end; doubled each time.
const FIRST_RETRY: Duration = Duration::from_millis(50);

impl<S: Sandbox, R: ExecutionStore> ExecutionService<S, R> {
    pub(super) fn start_record(&self, job: &Job) -> StartRecord {
        let started_at = whole_milliseconds((self.clock)());
        let submission = &job.submission;
        // An end can be written until the last attempt has failed; only then is the record given up.
        let recording = self.longest_end();
        StartRecord {
            id: submission.id,
            caller: submission.caller.clone(),
            source: submission.source,
            language: submission.request.language.name.clone(),
            code: Bytes::copy_from_slice(submission.request.program.source()),
            started_at,
            abandoned_at: started_at + job.longest + super::BACKSTOP + recording,
            expires_at: started_at + self.config.retention,
        }
    }

    /// The longest that writing an end may take: every attempt, each as long as a call to the store may be, and the
    /// pauses between them.
    pub(super) fn longest_end(&self) -> Duration {
        let attempts = self.config.end_attempts.max(1);
        self.store.time_limit() * attempts + FIRST_RETRY * 2_u32.saturating_pow(attempts)
    }

    pub(super) fn end_record(&self, job: &Job, result: &Result<Execution, SandboxError>) -> EndRecord {
        let failed = |status, message: &str| EndRecord::Failed { status, message: message.to_owned() };
        match result {
            Ok(execution) => {
                let queued = SandboxTimings { queue: job.queue, ..execution.timings };
                let execution = Execution { timings: queued, ..execution.clone() };
                EndRecord::Ran(RanRecord::of(&execution, job.submission.request.limits))
            }
            Err(SandboxError::Cancelled) if job.stop.is_cancelled() => {
                failed(FailedStatus::Cancelled, STOPPED)
            }
            Err(SandboxError::Cancelled) => match (self.stopping.is_cancelled(), job.sent.is_set()) {
                (true, true) => {
                    failed(FailedStatus::Cancelled, "The service was shut down. The run was stopped.")
                }
                (true, false) => failed(
                    FailedStatus::NotStarted,
                    "The service was shut down before the run could begin. The code did not run.",
                ),
                (false, true) => {
                    failed(FailedStatus::Cancelled, "The caller went away. The run was stopped.")
                }
                (false, false) => failed(
                    FailedStatus::Cancelled,
                    "The caller went away before the run could begin. The code did not run.",
                ),
            },
            Err(error @ SandboxError::Refused { .. }) => failed(FailedStatus::Rejected, error.public()),
            // Whatever it says of itself: what was not sent did not run.
            Err(error) if !job.sent.is_set() || error.never_ran() => {
                failed(FailedStatus::NotStarted, error.public())
            }
            Err(error) => failed(FailedStatus::SandboxError, error.public()),
        }
    }

    pub(super) async fn write_start(&self, start: &StartRecord) -> Result<(), StoreError> {
        self.store.start(start).instrument(debug_span!("record_start")).await
    }

    /// Writes the end, with a few attempts: whoever ran the program has no second chance to tell.
    pub(super) async fn write_end(&self, start: &StartRecord, end: &EndRecord) -> Result<(), StoreError> {
        let write = self.with_attempts(start, || self.store.finish(&start.caller, start.id, end));
        write.instrument(debug_span!("record_end")).await
    }

    async fn with_attempts<F: Future<Output = Result<(), StoreError>>>(
        &self,
        start: &StartRecord,
        write: impl Fn() -> F,
    ) -> Result<(), StoreError> {
        let mut pause = FIRST_RETRY;
        let mut attempt = 1;
        loop {
            match write().await {
                Err(StoreError::Unavailable(reason)) if attempt < self.config.end_attempts => {
                    warn!(id = %start.id, attempt, reason, "the end of an execution is not written yet");
                }
                result => return result,
            }
            sleep(pause).await;
            pause *= 2;
            attempt += 1;
        }
    }

    /// A start that "may not have been written" may have been, or may still arrive: nothing is to read as running, and
    /// hold a key, that is never run. A shutdown waits for this. So does a caller who has until `settled_by`: a function
    /// is frozen once it has answered, and would do nothing more for this start.
    pub(super) async fn close_doubtful_start(
        self: &Arc<Self>,
        start: StartRecord,
        end: EndRecord,
        settled_by: Option<Instant>,
    ) {
        let service = Arc::clone(self);
        let closing = self.tasks.spawn(async move {
            let close = service.with_attempts(&start, || service.store.close(&start, &end));
            if let Err(error) = close.await {
                warn!(id = %start.id, %error, "a start that failed could not be closed");
            }
        });
        if let Some(settled_by) = settled_by {
            timeout_at(settled_by, closing).await.ok();
        }
    }
}

/// The end of an execution whose start the store failed to write.
pub(super) fn unrecorded(sent: &Sent) -> EndRecord {
    let (status, message) = if sent.is_set() {
        (FailedStatus::SandboxError, "The record store failed. The run was stopped.")
    } else {
        (
            FailedStatus::NotStarted,
            "The record store failed before the run could begin. The code did not run.",
        )
    };
    EndRecord::Failed { status, message: message.to_owned() }
}

pub(super) fn whole_milliseconds(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_nanosecond(time.nanosecond() / 1_000_000 * 1_000_000).unwrap_or(time)
}
