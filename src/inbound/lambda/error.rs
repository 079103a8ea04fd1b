//! Why an event is not handled: a type for programs, a sentence for people.

use crate::{
    domain::error::{ExecuteError, StoreError},
    inbound::contract::{failure, rejection::Rejection},
};

/// An event that was not handled. What it shows may be seen by whoever invokes the function.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// A question whether somebody may call an API. Taken for a request it would be answered with a 200.
    #[error("This function authorizes nobody, and was sent {seen}.")]
    Authorizer {
        /// What was sent.
        seen: String,
    },
    /// Nothing that we know.
    #[error(
        "This function takes HTTP requests, SQS, SNS and EventBridge events, {{\"action\":\"maintain\"}} and run \
         requests, and was sent {seen}."
    )]
    Unsupported {
        /// What was sent.
        seen: String,
    },
    /// An event of a kind that we know, without something that such events have.
    #[error("This {kind} event cannot be read: {why}.")]
    Malformed {
        /// The kind.
        kind: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A run request that is refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// There is no outcome.
    #[error("{}", failure::sentence(.0))]
    Failed(#[from] ExecuteError),
}

impl EventError {
    /// The stable type: the codes of the HTTP contract where it has one.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Authorizer { .. } => "authorizer_event",
            Self::Unsupported { .. } => "unsupported_event",
            Self::Malformed { .. } => "malformed_event",
            Self::Rejected(rejection) => rejection.fault.code(),
            Self::Failed(error) => failure::code(error),
        }
    }
}

impl From<StoreError> for EventError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}
