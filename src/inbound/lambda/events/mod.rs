//! Everything that reaches the function and is not HTTP: queue messages, notifications, bus events, the schedule,
//! direct invocations. One file per source. Knows JSON, not the Lambda runtime.
//!
//! # At most once
//! Sources deliver twice now and then. Each message runs under a key made of its source's own id for it, so that a
//! second delivery finds what came of the first. Who sends a message again, or moves it back from a queue of dead
//! letters, makes a new message with a new id: against that its sender gives it a name, as the attribute
//! [`GIVEN_KEY`].

mod direct;
mod eventbridge;
mod sns;
mod sqs;

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;
use tracing::warn;

pub use self::{eventbridge::BusEvent, sns::Notification, sqs::SqsMessage};
use super::error::EventError;
use crate::{
    domain::{
        caller::{Caller, Source},
        error::ExecuteError,
        id::ExecutionId,
        idempotency::{IdempotencyKey, InvalidKey},
        ports::{ExecutionStore, Maintained, Sandbox},
        request::ExecutionRequest,
    },
    inbound::contract::{
        failure,
        rejection::Rejection,
        run_request::{RunRequest, RunRules},
    },
    service::{Answer, ExecutionService, Holding, OnLeave, Refused, Submission},
};

/// The attribute of a message that names what is to be run once. Only on queues and topics: an event on a bus has none.
const GIVEN_KEY: &str = "idempotency-key";

/// An event of a kind that is handled here.
#[derive(Debug)]
pub enum Event {
    /// A batch of queue messages.
    Sqs(Vec<SqsMessage>),
    /// Notifications of a topic.
    Sns(Vec<Notification>),
    /// An event on a bus.
    EventBridge(BusEvent),
    /// Time for upkeep.
    Maintain,
    /// A run request, from whoever may invoke the function.
    Direct(Value),
}

/// One call of the function.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Its id; the same when Lambda itself tries an asynchronous one again.
    pub request_id: String,
    /// When no answer is of use any more, where that is known.
    pub deadline: Option<Instant>,
}

/// Handles events.
pub struct Events<S, R> {
    service: Arc<ExecutionService<S, R>>,
    rules: RunRules,
    /// Messages of one batch that are run at once.
    parallel: usize,
    /// Whose the records of all events are; else each source is a caller of its own, whom nobody can be.
    owner: Option<Caller>,
}

/// A request from somebody who does not wait for the answer.
struct Message {
    caller: Caller,
    source: Source,
    /// Made of the source's own id for it, which a message that is sent again by hand does not keep.
    own_key: IdempotencyKey,
    /// Made of the name that its sender gave it, where there is one.
    given_key: Option<Result<IdempotencyKey, InvalidKey>>,
    body: Bytes,
}

/// What came of a message that need not be delivered again.
enum Settled {
    Ran(Box<Answer>),
    Rejected(Rejection),
    Failed(ExecuteError),
}

impl<S: Sandbox, R: ExecutionStore> Events<S, R> {
    /// A handler that runs up to `parallel` messages of a batch at once.
    pub const fn new(service: Arc<ExecutionService<S, R>>, rules: RunRules, parallel: usize) -> Self {
        Self { service, rules, parallel, owner: None }
    }

    /// The same handler, whose records belong to this caller.
    #[must_use]
    pub fn with_owner(self, owner: Option<Caller>) -> Self {
        Self { owner, ..self }
    }

    /// The caller that a source's records belong to.
    fn caller(&self, source: &str) -> Caller {
        self.owner.clone().unwrap_or_else(|| Caller::principal(source))
    }

    /// Does what an event asks for.
    ///
    /// # Errors
    /// [`EventError`]; the source may then deliver the event again.
    pub async fn handle(&self, event: Event, invocation: &Invocation) -> Result<Value, EventError> {
        match event {
            Event::Sqs(messages) => Ok(self.batch(messages, invocation).await),
            Event::Sns(notifications) => self.notifications(notifications, invocation).await,
            Event::EventBridge(event) => self.bus_event(event, invocation).await,
            Event::Direct(request) => self.direct(&request, invocation).await,
            Event::Maintain => self.maintain().await,
        }
    }

    async fn maintain(&self) -> Result<Value, EventError> {
        let done = self.service.maintain().await.map_err(ExecuteError::from)?;
        let Maintained { filled, trimmed, removed, warm } = done;
        Ok(json!({ "filled": filled, "trimmed": trimmed, "removed": removed, "warm": warm }))
    }

    fn read(&self, body: &[u8]) -> Result<ExecutionRequest, Rejection> {
        RunRequest::from_json(body)?.into_domain(&self.rules)
    }

    fn read_message(&self, message: &Message) -> Result<ExecutionRequest, Rejection> {
        if let Some(Err(error)) = message.given_key {
            return Err(Rejection::invalid(format!("The attribute `{GIVEN_KEY}`: {error}.")));
        }
        self.read(&message.body)
    }

    /// Runs a message, once, or puts it on record as refused.
    ///
    /// # Errors
    /// When the message should be delivered again.
    async fn settle(&self, message: Message, deadline: Option<Instant>) -> Result<Settled, ExecuteError> {
        match self.read_message(&message) {
            Ok(request) => self.run(message, request, deadline).await,
            Err(rejection) => self.reject(message, rejection, deadline).await,
        }
    }

    async fn run(
        &self,
        message: Message,
        request: ExecutionRequest,
        deadline: Option<Instant>,
    ) -> Result<Settled, ExecuteError> {
        let given_key = message.given_key.and_then(Result::ok);
        let submission = Submission {
            id: ExecutionId::generate(),
            caller: message.caller.clone(),
            source: message.source,
            request,
            key: Some(given_key.unwrap_or(message.own_key)),
            deadline,
            on_leave: OnLeave::Finish,
            holds: Holding::default(),
            live: None,
        };
        match self.service.execute(submission).await {
            Ok(answer) => Ok(Settled::Ran(Box::new(answer))),
            // The sender's mistake, of whom nobody else would hear.
            Err(error @ ExecuteError::KeyReused) if given_key.is_some() => {
                self.reject(message, Rejection::invalid(failure::sentence(&error)), deadline).await
            }
            Err(error) if failure::worth_another_try(&error) => Err(error),
            Err(error) => {
                warn!(%error, "a message has no outcome, and will have none");
                Ok(Settled::Failed(error))
            }
        }
    }

    async fn reject(
        &self,
        message: Message,
        rejection: Rejection,
        deadline: Option<Instant>,
    ) -> Result<Settled, ExecuteError> {
        let Message { caller, source, own_key: key, body, .. } = message;
        let reason = rejection.to_string();
        let refused = Refused { caller, source, message: body, reason, key, deadline };
        self.service.refuse(refused).await?;
        Ok(Settled::Rejected(rejection))
    }
}

impl Settled {
    /// A line for whoever reads the results of asynchronous invocations.
    fn summary(&self, message_id: &str) -> Value {
        match self {
            Self::Ran(answer) => json!({
                "message_id": message_id,
                "id": answer.id.to_string(),
                "status": answer.execution.outcome.ending.status().as_str(),
                "replayed": answer.replayed,
            }),
            Self::Rejected(Rejection { fault, message }) => {
                json!({ "message_id": message_id, "status": "rejected", "code": fault.code(), "error": message })
            }
            Self::Failed(error) => json!({
                "message_id": message_id,
                "status": "failed",
                "code": failure::code(error),
                "error": failure::sentence(error),
            }),
        }
    }
}
