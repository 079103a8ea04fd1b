//! At most once per key. The start is on record, and the key with it, before any code is sent; whoever finds the key
//! taken answers from the record of the execution that has it.
//!
//! An execution that never began to run (no sandbox could be had) does not keep its key: the next who asks takes it
//! over. One that may have run keeps it, also without an outcome.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use time::OffsetDateTime;
use tokio::{task::spawn_blocking, time::Instant};
use tracing::{Instrument as _, debug_span, info};

use super::{
    Answer, ExecutionService, Job, Submission, Timings,
    record::{STOPPED, unrecorded, whole_milliseconds},
};
use crate::domain::{
    caller::{Caller, Source},
    error::{ExecuteError, StoreError},
    id::ExecutionId,
    idempotency::{Fingerprint, Holder, IdempotencyKey, Reservation, Reserved},
    limits::Limits,
    outcome::{Execution, SandboxTimings},
    ports::{ExecutionStore, Sandbox, Sent},
    record::{EndRecord, FailedStatus, RecordState, StartRecord},
    request::ExecutionRequest,
};

/// Programs up to this many bytes are hashed where they are: it takes less time than asking another thread.
const HASHED_AT_ONCE: usize = 64 * 1024;
/// What a run usually takes beyond its time limit.
const AROUND_A_RUN: Duration = Duration::from_secs(1);

/// The language of a message that could not be read as far as that.
const UNKNOWN_LANGUAGE: &str = "unknown";

/// Why nothing is answered under a key whose record is not there any more.
const GONE: &str = "It was accepted before, and its record is gone: deleted, or older than records are kept.";

/// What came of asking for a key.
pub(super) enum Taken {
    /// It is this execution's, and its start is on record.
    Ours(StartRecord),
    /// It was answered before.
    Answered(Box<Answer>),
}

/// What the holder of a key means for who asks again.
enum Found {
    Answered(Box<Answer>),
    /// It never ran, and its key can be taken over.
    NeverRan(ExecutionId),
}

/// A message that is no good request, of somebody who does not wait for an answer.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Whose it is.
    pub caller: Caller,
    /// How it came in.
    pub source: Source,
    /// The message as it came.
    pub message: Bytes,
    /// What is wrong with it, in a sentence fit for the caller's eyes.
    pub reason: String,
    /// The message's own key.
    pub key: IdempotencyKey,
    /// When whoever sent it must be told, where the front door knows.
    pub deadline: Option<Instant>,
}

impl<S: Sandbox, R: ExecutionStore> ExecutionService<S, R> {
    /// The answer to an earlier submission under the same key. Asked before admission: it needs no sandbox.
    pub(super) async fn answered_before(
        &self,
        submission: &Submission,
        fingerprint: Option<Fingerprint>,
    ) -> Result<Option<Answer>, ExecuteError> {
        let Some((key, fingerprint)) = submission.key.as_ref().zip(fingerprint) else { return Ok(None) };
        let holder = self.store.holder(&submission.caller, key).await?;
        let Some(holder) = holder else { return Ok(None) };
        match self.find(submission, fingerprint, holder).await? {
            Found::Answered(answer) => Ok(Some(*answer)),
            Found::NeverRan(_) => Ok(None),
        }
    }

    /// Takes the key and writes the start, in one; or finds out what came of whoever has it.
    pub(super) async fn take_key(
        self: &Arc<Self>,
        job: &Job,
        key: &IdempotencyKey,
    ) -> Result<Taken, ExecuteError> {
        let start = self.start_record(job);
        let fingerprint = match job.fingerprint {
            Some(fingerprint) => fingerprint,
            None => fingerprint(&job.submission.request).await,
        };
        let mut reservation = reservation(&start, key, fingerprint);
        let settled_by = job.submission.deadline.map(|_| job.deadline);
        // Twice: the second time in place of an execution that never ran.
        for _ in 0..2 {
            let unrecorded = unrecorded(&Sent::default());
            match self.reserve(&start, &reservation, unrecorded, settled_by).await? {
                Reserved::Ours => return Ok(Taken::Ours(start)),
                Reserved::Held(holder) => {
                    match self.find(&job.submission, reservation.fingerprint, holder).await? {
                        Found::Answered(answer) => return Ok(Taken::Answered(answer)),
                        Found::NeverRan(before) => reservation.instead_of = Some(before),
                    }
                }
            }
        }
        // Somebody else took it over between our two attempts, and failed to start as well.
        Err(ExecuteError::StillRunning { id: None, retry_after: AROUND_A_RUN })
    }

    /// Puts a message on record that is no good request. Once: a second delivery changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn refuse(self: &Arc<Self>, refused: Refused) -> Result<(), StoreError> {
        let now = whole_milliseconds((self.clock)());
        let Refused { caller, source, message, reason, key, deadline } = refused;
        let fingerprint = Fingerprint::of_bytes(&message);
        let start = StartRecord {
            id: ExecutionId::generate(),
            caller,
            source,
            language: UNKNOWN_LANGUAGE.to_owned(),
            code: message,
            started_at: now,
            abandoned_at: now + self.longest_end(),
            expires_at: now + self.config.retention,
        };
        let reservation = reservation(&start, &key, fingerprint);
        let end = EndRecord::Failed { status: FailedStatus::Rejected, message: reason.clone() };
        match self.reserve(&start, &reservation, end.clone(), deadline).await? {
            Reserved::Held(_) => Ok(()),
            Reserved::Ours => {
                info!(id = %start.id, source = source.as_str(), reason, "a message was refused");
                self.write_end(&start, &end).await
            }
        }
    }

    async fn reserve(
        self: &Arc<Self>,
        start: &StartRecord,
        reservation: &Reservation,
        otherwise: EndRecord,
        settled_by: Option<Instant>,
    ) -> Result<Reserved, StoreError> {
        let reserved = self.store.reserve(start, reservation);
        let reserved = reserved.instrument(debug_span!("record_start")).await;
        if let Err(StoreError::Unavailable(_)) = reserved {
            // The key may be ours all the same, now or later: it must not be held by what never runs.
            self.close_doubtful_start(start.clone(), otherwise, settled_by).await;
        }
        reserved
    }

    async fn find(
        &self,
        submission: &Submission,
        fingerprint: Fingerprint,
        holder: Holder,
    ) -> Result<Found, ExecuteError> {
        if holder.fingerprint != fingerprint {
            return Err(ExecuteError::KeyReused);
        }
        let no_outcome = |why: &str| Err(ExecuteError::NotRunAgain(why.to_owned()));
        let Some(record) = self.get(&submission.caller, holder.id).await? else {
            // It may have run: only its record could tell that it did not.
            return Err(ExecuteError::Withdrawn(GONE));
        };
        match record.state {
            RecordState::Running => {
                let retry_after = time_left(&record.start, submission.request.limits, (self.clock)());
                Err(ExecuteError::StillRunning { id: Some(holder.id), retry_after })
            }
            RecordState::Abandoned => no_outcome("The service stopped before this execution ended."),
            // A message that was refused by what it says never gets as far as this.
            RecordState::Ended(EndRecord::Failed {
                status: FailedStatus::NotStarted | FailedStatus::Rejected,
                ..
            }) => Ok(Found::NeverRan(holder.id)),
            RecordState::Ended(EndRecord::Failed { message, .. }) if message == STOPPED => {
                Err(ExecuteError::Withdrawn(STOPPED))
            }
            RecordState::Ended(EndRecord::Failed { message, .. }) => no_outcome(&message),
            RecordState::Ended(EndRecord::Ran(ran)) => match ran.execution() {
                Some((execution, limits)) => {
                    let (id, language) = (record.start.id, record.start.language);
                    Ok(Found::Answered(Box::new(Answer::again(id, language, limits, execution))))
                }
                None => no_outcome("Its answer was not kept."),
            },
        }
    }
}

fn reservation(start: &StartRecord, key: &IdempotencyKey, fingerprint: Fingerprint) -> Reservation {
    let expires_at = start.started_at + key.life();
    Reservation { key: *key, fingerprint, expires_at, instead_of: None }
}

/// Hashing 8 MiB takes a processor some 20 ms, and the runtime's threads have others to answer.
pub(super) async fn fingerprint(request: &ExecutionRequest) -> Fingerprint {
    let bytes: usize = request.program.project().iter().map(|(_, content)| content.len()).sum();
    if bytes <= HASHED_AT_ONCE {
        return Fingerprint::of(request);
    }
    let copy = request.clone();
    // Where there is no other thread, as the runtime ends, it is this one's work after all.
    spawn_blocking(move || Fingerprint::of(&copy)).await.unwrap_or_else(|_| Fingerprint::of(request))
}

/// How long the holder of a key, asked for the same under the same limits, may still take. Nearly every one is over when
/// its time limit is. One that is not yet waits for a sandbox or the store, or its handler is gone: it is over for good
/// when its record reads as abandoned.
fn time_left(holder: &StartRecord, limits: Limits, now: OffsetDateTime) -> Duration {
    let usual = holder.started_at + limits.timeout + AROUND_A_RUN;
    let over = if now < usual { usual.min(holder.abandoned_at) } else { holder.abandoned_at };
    Duration::try_from(over - now).unwrap_or_default()
}

impl Answer {
    /// The answer as it was given; of its times those that were known when the end was written.
    fn again(id: ExecutionId, language: String, limits: Limits, execution: Execution) -> Self {
        let SandboxTimings { queue, acquire, run, collect } = execution.timings;
        let total = queue + acquire + run + collect;
        let timings = Timings { queue, acquire, run, collect, record: Duration::ZERO, total };
        Self { id, language, limits, execution, timings, replayed: true }
    }
}
