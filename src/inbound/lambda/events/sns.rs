//! SNS: each notification's `Message` a run request.

use std::collections::HashMap;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Events, GIVEN_KEY, Invocation, Message};
use crate::{
    domain::{
        caller::Source,
        idempotency::IdempotencyKey,
        ports::{ExecutionStore, Sandbox},
    },
    inbound::lambda::error::EventError,
};

/// A record of a notification.
#[derive(Clone, Debug, Deserialize)]
pub struct Notification {
    #[serde(rename = "Sns")]
    sns: Sns,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sns {
    message_id: String,
    topic_arn: String,
    message: String,
    #[serde(default)]
    message_attributes: HashMap<String, GivenAttribute>,
}

/// An attribute that the publisher gave.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GivenAttribute {
    value: Option<String>,
}

impl<S: Sandbox, R: ExecutionStore> Events<S, R> {
    /// Runs the notifications, one after another: there is never more than one, says AWS.
    ///
    /// # Errors
    /// When one is to be delivered again. Lambda then delivers all; those that were run are not run again.
    pub(super) async fn notifications(
        &self,
        notifications: Vec<Notification>,
        invocation: &Invocation,
    ) -> Result<Value, EventError> {
        let mut done = Vec::new();
        let mut failed = None;
        for Notification { sns } in notifications {
            let given = sns.message_attributes.get(GIVEN_KEY).map(|given| {
                let text = given.value.as_deref().unwrap_or_default();
                IdempotencyKey::of_sender(Source::Sns, &sns.topic_arn, text)
            });
            let message = Message {
                caller: self.caller(&format!("sns:{}", sns.topic_arn)),
                source: Source::Sns,
                own_key: IdempotencyKey::of_event(Source::Sns, &sns.topic_arn, &sns.message_id),
                given_key: given,
                body: Bytes::from(sns.message),
            };
            match self.settle(message, invocation.deadline).await {
                Ok(settled) => done.push(settled.summary(&sns.message_id)),
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            None => Ok(json!({ "executions": done })),
            Some(error) => Err(error.into()),
        }
    }
}
