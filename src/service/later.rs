//! Executions that nobody waits for: submitted now, asked for later, stopped or forgotten on demand.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument as _;

use super::{
    ExecutionService, OnLeave, Submission,
    live::{self, LiveEvent},
};
use crate::domain::{
    caller::Caller,
    error::{ExecuteError, SandboxError, StoreError},
    id::ExecutionId,
    ports::{ExecutionStore, Sandbox},
    record::{ExecutionRecord, Forgotten, RecordState},
};

/// How often the store is asked for the end of an execution that another handler may have under way.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What came of submitting something that nobody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The id of the execution.
    pub id: ExecutionId,
    /// Whether it is one that was submitted before, under the same key.
    pub replayed: bool,
    /// Whether it had not ended a moment ago.
    pub running: bool,
}

/// What became of the wish that an execution be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// It was running, and is being stopped; its record will say so.
    Stopping,
    /// It had ended, and is forgotten.
    Forgotten,
    /// Another handler has it under way: it cannot be stopped from here.
    OutOfReach,
    /// The caller has no such execution.
    Unknown,
}

impl<S: Sandbox, R: ExecutionStore> ExecutionService<S, R> {
    /// Has a submission run to its end, whoever waits for it; returns as soon as its start is on record. Under a key that
    /// was used for the same request before nothing is run: the execution is that one.
    ///
    /// # Errors
    /// As [`execute`](Self::execute), for whatever happened before the start was on record.
    pub async fn submit(self: &Arc<Self>, mut submission: Submission) -> Result<Submitted, ExecuteError> {
        let (told, mut listener) = live::accepted_only();
        submission.live = Some(told);
        submission.on_leave = OnLeave::Finish;
        let service = Arc::clone(self);
        let run = self.tasks.spawn(async move { service.execute(submission).await }.in_current_span());
        if let Some(LiveEvent::Accepted(id)) = listener.next().await {
            return Ok(Submitted { id, replayed: false, running: true });
        }
        // It is over without a start on record of its own: refused, or answered before.
        match run.await {
            Ok(Ok(answer)) => Ok(Submitted { id: answer.id, replayed: answer.replayed, running: false }),
            Ok(Err(ExecuteError::StillRunning { id: Some(id), .. })) => {
                Ok(Submitted { id, replayed: true, running: true })
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(SandboxError::Cancelled.into()),
        }
    }

    /// Stops the caller's execution of this id, if this process has it under way and it has a place to run in; its record
    /// will say so. Returns whether it has.
    pub fn stop(&self, caller: &Caller, id: ExecutionId) -> bool {
        let handle = self.under_way.find(caller, id);
        handle.map(|handle| handle.stop.cancel()).is_some()
    }

    /// Stops an execution that is running, or forgets one that has ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove(&self, caller: &Caller, id: ExecutionId) -> Result<Gone, StoreError> {
        if self.stop(caller, id) {
            return Ok(Gone::Stopping);
        }
        Ok(match self.store.delete(caller, id).await? {
            Forgotten::Done => Gone::Forgotten,
            Forgotten::StillRunning => Gone::OutOfReach,
            Forgotten::NotFound => Gone::Unknown,
        })
    }

    /// One of the caller's executions, as soon as it has ended, and at the latest after `patience`; `None` when the
    /// caller has none of this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get_when_ended(
        &self,
        caller: &Caller,
        id: ExecutionId,
        patience: Duration,
    ) -> Result<Option<ExecutionRecord>, StoreError> {
        let until = Instant::now() + patience;
        loop {
            // Asked for before the record is read: what ends in between is not missed.
            let here = self.under_way.find(caller, id);
            let record = self.store.get(caller, id).await?;
            let running = record.as_ref().is_some_and(|record| record.state == RecordState::Running);
            if !running || Instant::now() >= until || self.stopping.is_cancelled() {
                return Ok(record);
            }
            let change = async {
                match here {
                    Some(handle) => handle.over().await,
                    None => sleep(LOOK_AGAIN).await,
                }
            };
            tokio::select! {
                _ = timeout_at(until, change) => {}
                () = self.stopping.cancelled() => {}
            }
        }
    }
}
