//! Direct invocation: the event is the run request, the answer its outcome, as `POST /run` gives it.

use serde_json::Value;

use super::{Events, Invocation};
use crate::{
    domain::{
        caller::Source,
        error::{ExecuteError, StoreError},
        id::ExecutionId,
        idempotency::IdempotencyKey,
        ports::{ExecutionStore, Sandbox},
    },
    inbound::{contract::answer::RunAnswer, lambda::error::EventError},
    service::{Holding, OnLeave, Submission},
};

impl<S: Sandbox, R: ExecutionStore> Events<S, R> {
    /// Runs the request. Its key is the invocation's id: Lambda tries an asynchronous invocation again under the same.
    ///
    /// # Errors
    /// When the request is refused or has no outcome.
    pub(super) async fn direct(&self, request: &Value, invocation: &Invocation) -> Result<Value, EventError> {
        let request = self.read(request.to_string().as_bytes())?;
        let submission = Submission {
            id: ExecutionId::generate(),
            // Who may invoke the function is for IAM to say; it does not tell us who did.
            caller: self.caller("direct"),
            source: Source::Direct,
            request,
            key: Some(IdempotencyKey::of_event(Source::Direct, "", &invocation.request_id)),
            deadline: invocation.deadline,
            on_leave: OnLeave::Finish,
            holds: Holding::default(),
            live: None,
        };
        let answer = self.service.execute(submission).await?;
        let json = serde_json::to_value(RunAnswer::from(&answer));
        json.map_err(|error| ExecuteError::Store(StoreError::Corrupt(error.to_string())).into())
    }
}
