//! What the service writes about an execution, and how hard it tries. Knows nothing of how a run is run.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use time::OffsetDateTime;
use tokio::time::{sleep, timeout};
use tracing::{Instrument as _, debug, debug_span, warn};

use super::{ExecutionService, Job};
use crate::domain::{
    error::{SandboxError, StoreError},
    outcome::{Execution, SandboxTimings},
    ports::{ExecutionStore, Sandbox},
    record::{EndRecord, FailedStatus, RanRecord, StartRecord},
};

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

    /// The longest that writing an end may take.
    pub(super) fn longest_end(&self) -> Duration {
        let attempts = self.config.end_attempts.max(1);
        self.config.store_timeout * attempts + FIRST_RETRY * 2_u32.saturating_pow(attempts)
    }

    pub(super) fn end_record(&self, job: &Job, result: &Result<Execution, SandboxError>) -> EndRecord {
        let failed = |status, message: &str| EndRecord::Failed { status, message: message.to_owned() };
        match result {
            Ok(execution) => {
                let queued = SandboxTimings { queue: job.queue, ..execution.timings };
                let execution = Execution { timings: queued, ..execution.clone() };
                EndRecord::Ran(RanRecord::of(&execution, job.submission.request.limits))
            }
            Err(SandboxError::Cancelled) if self.stopping.is_cancelled() => {
                failed(FailedStatus::Cancelled, "The service was shut down. The run was stopped.")
            }
            Err(SandboxError::Cancelled) => {
                failed(FailedStatus::Cancelled, "The caller went away. The run was stopped.")
            }
            Err(error @ SandboxError::Refused { .. }) => failed(FailedStatus::Rejected, error.public()),
            Err(error) if error.never_ran() => failed(FailedStatus::NotStarted, error.public()),
            Err(error) => failed(FailedStatus::SandboxError, error.public()),
        }
    }

    pub(super) async fn write_start(&self, start: &StartRecord) -> Result<(), StoreError> {
        self.in_time(self.store.start(start)).instrument(debug_span!("record_start")).await
    }

    /// Writes the end, with a few attempts: whoever ran the program has no second chance to tell.
    pub(super) async fn write_end(&self, start: &StartRecord, end: &EndRecord) -> Result<(), StoreError> {
        let mut pause = FIRST_RETRY;
        let mut attempt = 1;
        let write = async {
            loop {
                match self.in_time(self.store.finish(&start.caller, start.id, end)).await {
                    Err(StoreError::Unavailable(reason)) if attempt < self.config.end_attempts => {
                        warn!(id = %start.id, attempt, reason, "the end of an execution is not written yet");
                    }
                    result => return result,
                }
                sleep(pause).await;
                pause *= 2;
                attempt += 1;
            }
        };
        write.instrument(debug_span!("record_end")).await
    }

    /// A start that "may not have been written" may have been: nothing is to read as running that was stopped.
    /// The caller, who is told of the store, does not wait for this.
    pub(super) fn close_doubtful_start(self: &Arc<Self>, start: StartRecord, status: FailedStatus) {
        let service = Arc::clone(self);
        self.tasks.spawn(async move {
            let message = "The record store failed. The run was stopped.".to_owned();
            let end = EndRecord::Failed { status, message };
            if let Err(error) = service.write_end(&start, &end).await {
                debug!(id = %start.id, %error, "a start that failed has no end either");
            }
        });
    }

    pub(super) async fn in_time<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let timely = timeout(self.config.store_timeout, call).await;
        timely.unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".to_owned())))
    }
}

pub(super) fn whole_milliseconds(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_nanosecond(time.nanosecond() / 1_000_000 * 1_000_000).unwrap_or(time)
}
