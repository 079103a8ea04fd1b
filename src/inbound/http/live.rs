//! An execution that a client looks on at: its run, and what is told of it until the last event. Shared by the stream of
//! server-sent events and the socket.

mod dialect;
mod handshake;
mod inbox;
mod ours;
mod session;
pub(super) mod socket;

use std::sync::Arc;

use futures_util::{FutureExt as _, future::BoxFuture};
use tracing::{Instrument as _, info};

pub use self::dialect::{Dialect, Farewell, Tell};
use super::{Held, RequestId, error::ApiError};
use crate::{
    domain::{
        error::ExecuteError,
        ports::{ExecutionStore, Sandbox},
    },
    inbound::contract::live_event::{Telling, Told},
    service::{Answer, ExecutionService, Submission, live::Listener},
};

/// A run under way. Dropped, its client has gone: what becomes of the run then its submission says.
pub(super) struct Watched<T = Telling> {
    /// `None` when the run has ended.
    run: Option<BoxFuture<'static, Result<Answer, ExecuteError>>>,
    listener: Listener,
    telling: T,
    /// What came of the run, until it is told.
    result: Option<Result<Answer, ExecuteError>>,
    id: RequestId,
    how: &'static str,
    told_all: bool,
    /// Whether the run had no outcome, once that is told.
    failed: bool,
    /// The connection, which is at work for as long as the run lasts.
    held: Option<Held>,
}

impl<T: Tell> Watched<T> {
    /// Submits it, with the listener that belongs to its live end, to be told as `telling` does. `how` names the protocol in
    /// the log.
    pub fn new<S: Sandbox, R: ExecutionStore>(
        service: Arc<ExecutionService<S, R>>,
        submission: Submission,
        (listener, telling): (Listener, T),
        id: RequestId,
        how: &'static str,
        held: Option<Held>,
    ) -> Self {
        let run = async move { service.execute(submission).await }.in_current_span().boxed();
        Self {
            run: Some(run),
            listener,
            telling,
            result: None,
            id,
            how,
            told_all: false,
            failed: false,
            held,
        }
    }

    /// Waits for the end of the run before anything is told. What finds no room in the listener's buffer meanwhile is
    /// left out: for fronts that hand an answer over whole, and bound it.
    pub async fn wait_for_its_end(&mut self) {
        if let Some(run) = &mut self.run {
            let result = run.await;
            self.ended(result);
        }
    }

    /// The next event; `None` after the last. May be dropped and called again: no event is lost.
    pub async fn next(&mut self) -> Option<T::Told> {
        if let Some(told) = self.next_of_the_run().await {
            return Some(told);
        }
        self.told_all = true;
        match self.result.take()? {
            Ok(answer) => self.telling.answered(&answer),
            Err(error) => {
                self.failed = true;
                self.telling.failed(error.into(), &self.id)
            }
        }
    }

    /// Whether the run had no outcome. Known when all is told.
    pub const fn has_failed(&self) -> bool {
        self.failed
    }

    /// The next event but the last.
    async fn next_of_the_run(&mut self) -> Option<T::Told> {
        loop {
            if let Some(told) = self.telling.told() {
                return Some(told);
            }
            let event = match &mut self.run {
                Some(run) => tokio::select! {
                    biased;
                    event = self.listener.next() => event,
                    result = run => {
                        self.ended(result);
                        continue;
                    }
                },
                // All that will be told is in the buffer by now.
                None => self.listener.next().now_or_never().flatten(),
            };
            match (event, &mut self.run) {
                (Some(event), _) => self.telling.take(event),
                (None, None) => return None,
                (None, Some(run)) => {
                    let result = run.await;
                    self.ended(result);
                }
            }
        }
    }

    fn ended(&mut self, result: Result<Answer, ExecuteError>) {
        self.result = Some(result);
        self.run = None;
        self.held = None;
    }
}

impl Watched {
    /// The first event; or what the request is refused with, before there is an execution.
    pub async fn first(&mut self) -> Result<Told, ApiError> {
        if let Some(told) = self.next_of_the_run().await {
            return Ok(told);
        }
        match self.result.take() {
            Some(Ok(answer)) => {
                // Answered before, under the same key: nothing is on record anew.
                let accepted = Told::accepted(answer.id);
                self.result = Some(Ok(answer));
                Ok(accepted)
            }
            Some(Err(error)) => {
                self.told_all = true;
                Err(error.into())
            }
            None => Err(ApiError::internal()),
        }
    }

    /// Whether the first event is of an execution that was answered before.
    pub fn is_replayed(&self) -> bool {
        matches!(&self.result, Some(Ok(answer)) if answer.replayed)
    }
}

impl<T> Drop for Watched<T> {
    fn drop(&mut self) {
        if !self.told_all {
            let running = self.run.is_some();
            info!(how = self.how, running, "a client that looked on has gone before the last event");
        }
    }
}
