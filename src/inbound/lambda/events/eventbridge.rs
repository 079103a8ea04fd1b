//! EventBridge: an event's `detail` is a run request; what a schedule sends is time for upkeep.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Events, Invocation, Message};
use crate::{
    domain::{
        caller::Source,
        idempotency::IdempotencyKey,
        ports::{ExecutionStore, Sandbox},
    },
    inbound::lambda::error::EventError,
};

/// An event on a bus.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BusEvent {
    id: String,
    detail_type: String,
    source: String,
    account: String,
    detail: Value,
}

impl BusEvent {
    /// Whether a rule's or EventBridge Scheduler's clock sent it. Sources that begin with `aws.` are AWS's alone.
    pub(in crate::inbound::lambda) fn is_schedule(&self) -> bool {
        self.detail_type == "Scheduled Event" && matches!(&*self.source, "aws.events" | "aws.scheduler")
    }
}

impl<S: Sandbox, R: ExecutionStore> Events<S, R> {
    /// Runs an event.
    ///
    /// # Errors
    /// When it is to be delivered again.
    pub(super) async fn bus_event(
        &self,
        event: BusEvent,
        invocation: &Invocation,
    ) -> Result<Value, EventError> {
        let BusEvent { id, source, account, detail, .. } = event;
        let origin = format!("{account}:{source}");
        let message = Message {
            caller: self.caller(&format!("eventbridge:{origin}")),
            source: Source::EventBridge,
            own_key: IdempotencyKey::of_event(Source::EventBridge, &origin, &id),
            given_key: None,
            body: Bytes::from(detail.to_string()),
        };
        let settled = self.settle(message, invocation.deadline).await?;
        Ok(json!({ "executions": [settled.summary(&id)] }))
    }
}
