//! SQS: each message a run request. Messages run side by side, those of one group of a FIFO queue one after another.
//! Only what a later delivery can mend is given back.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use tracing::{info, warn};

use super::{Events, GIVEN_KEY, Invocation, Message};
use crate::domain::{
    caller::Source,
    idempotency::IdempotencyKey,
    ports::{ExecutionStore, Sandbox},
};

/// What a run needs beyond the time limits of its programs: a sandbox, the records, the answer.
const AROUND_A_RUN: Duration = Duration::from_secs(3);

/// A message as Lambda's poller hands it over.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqsMessage {
    message_id: String,
    body: String,
    #[serde(rename = "eventSourceARN")]
    queue: String,
    #[serde(default)]
    attributes: Attributes,
    #[serde(default)]
    message_attributes: HashMap<String, GivenAttribute>,
}

/// An attribute that the sender gave.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenAttribute {
    string_value: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Attributes {
    #[serde(rename = "MessageGroupId")]
    group: Option<String>,
}

impl<S: Sandbox, R: ExecutionStore> Events<S, R> {
    /// Runs a batch; says which of its messages are to be delivered again.
    pub(super) async fn batch(&self, messages: Vec<SqsMessage>, invocation: &Invocation) -> Value {
        let total = messages.len();
        let lanes = lanes(messages).into_iter().enumerate();
        let failed: Vec<Vec<String>> = stream::iter(lanes)
            .map(|(n, lane)| self.lane(lane, n < self.parallel, invocation))
            .buffer_unordered(self.parallel.max(1))
            .collect()
            .await;
        let failed: Vec<Value> =
            failed.into_iter().flatten().map(|id| json!({ "itemIdentifier": id })).collect();
        info!(messages = total, to_deliver_again = failed.len(), "a batch is done");
        json!({ "batchItemFailures": failed })
    }

    /// Runs messages one after another. After one that is to come again, so are all that follow: in a FIFO queue
    /// none may overtake it.
    async fn lane(&self, lane: Vec<SqsMessage>, at_once: bool, invocation: &Invocation) -> Vec<String> {
        let mut messages = lane.into_iter().enumerate();
        let mut failed = Vec::new();
        for (n, message) in messages.by_ref() {
            let id = message.message_id.clone();
            if let Err(why) = self.one(message, at_once && n == 0, invocation).await {
                warn!(message_id = id, why, "a message is to be delivered again");
                failed.push(id);
                break;
            }
        }
        failed.extend(messages.map(|(_, message)| message.message_id));
        failed
    }

    async fn one(&self, message: SqsMessage, at_once: bool, invocation: &Invocation) -> Result<(), String> {
        let SqsMessage { message_id, body, queue, message_attributes, .. } = message;
        // Not the deduplication id of a FIFO queue: that means five minutes, and may be a digest of the body, where two
        // messages a day apart are two on purpose.
        let given = message_attributes.get(GIVEN_KEY).map(|given| {
            // Binary is no string, and no key.
            let text = given.string_value.as_deref().unwrap_or_default();
            IdempotencyKey::of_sender(Source::Sqs, &queue, text)
        });
        let message = Message {
            caller: self.caller(&format!("sqs:{queue}")),
            source: Source::Sqs,
            own_key: IdempotencyKey::of_event(Source::Sqs, &queue, &message_id),
            given_key: given,
            body: Bytes::from(body),
        };
        let settled = match self.read_message(&message) {
            Err(rejection) => self.reject(message, rejection, invocation.deadline).await,
            // A run that the deadline cuts off cannot be repeated, so one begins only if all its time limits fit. The first
            // messages of a batch begin regardless: a function with a short timeout would else never run any.
            Ok(request) if !at_once && !time_for(self.service.time_limit(&request), invocation.deadline) => {
                return Err("too little time is left for it in this invocation".to_owned());
            }
            Ok(request) => self.run(message, request, invocation.deadline).await,
        };
        settled.map(drop).map_err(|error| error.to_string())
    }
}

fn time_for(limit: Duration, deadline: Option<Instant>) -> bool {
    deadline.is_none_or(|deadline| Instant::now() + limit + AROUND_A_RUN <= deadline)
}

/// The messages in lanes: each its own, but those of one group of a FIFO queue together and in order.
fn lanes(messages: Vec<SqsMessage>) -> Vec<Vec<SqsMessage>> {
    let mut lanes: Vec<Vec<SqsMessage>> = Vec::new();
    let mut of_group: HashMap<String, usize> = HashMap::new();
    for message in messages {
        // Other queues may have groups as well, for fairness: their order means nothing.
        let fifo = message.queue.strip_suffix(".fifo").is_some();
        let group = message.attributes.group.clone().filter(|_| fifo);
        let lane = group.map(|group| *of_group.entry(group).or_insert(lanes.len()));
        match lane.and_then(|lane| lanes.get_mut(lane)) {
            Some(lane) => lane.push(message),
            None => lanes.push(vec![message]),
        }
    }
    lanes
}
