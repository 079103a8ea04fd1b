//! What can go wrong on our side. Messages are for our log; what callers read is decided by the front door.

use std::time::Duration;

use super::{id::ExecutionId, request::InvalidRequest};

/// What of a request makes it impossible to run, however good each part of it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impossible {
    /// Its files.
    Files,
    /// Its limits.
    Limits,
}

/// A sandbox could not be had, or was lost.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// As many sandboxes are running as are allowed.
    #[error("no free sandbox slot; retry after {retry_after:?}")]
    Busy {
        /// When it may be worth asking again.
        retry_after: Duration,
    },
    /// The Docker host does not answer, or will not start a sandbox. No code was sent.
    #[error("the Docker host is unavailable: {reason}")]
    Unavailable {
        /// What it said.
        reason: String,
    },
    /// The Docker host answers, and cannot run programs in this language for now: its image is gone, say. No code was
    /// sent.
    #[error("{message} ({reason})")]
    LanguageUnavailable {
        /// One sentence fit for a caller's eyes.
        message: String,
        /// What was seen.
        reason: String,
    },
    /// The request cannot be run as it is, here or on any other host, now or later. No code was run.
    #[error("the request was refused: {why}")]
    Refused {
        /// What of it is the reason.
        what: Impossible,
        /// One sentence fit for a caller's eyes, with the cap.
        why: String,
    },
    /// The deadline leaves too little time to run anything. No code was sent.
    #[error("the deadline came before the run began")]
    TooLate,
    /// The sandbox was lost after the code was sent: it may have run, and is not run again.
    #[error("the sandbox was lost after its code was sent: {reason}")]
    Lost {
        /// What was seen.
        reason: String,
    },
    /// The run had not ended when the caller's deadline came. It was stopped.
    #[error("the deadline came before the run ended")]
    DeadlineExceeded,
    /// The caller went away, or we are shutting down. The run was stopped.
    #[error("the run was cancelled")]
    Cancelled,
}

/// The store of records failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, is too slow or refuses work for now. Worth trying again.
    #[error("the record store is unavailable: {0}")]
    Unavailable(String),
    /// It holds something that cannot be understood.
    #[error("the record store holds a broken record: {0}")]
    Corrupt(String),
}

/// Why an execution has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The request is not good.
    #[error(transparent)]
    Invalid(#[from] InvalidRequest),
    /// The sandbox failed us.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The store failed us.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The idempotency key was used for another request.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    /// The execution that has the idempotency key has not ended yet.
    #[error("the execution of this idempotency key is still running; ask again after {retry_after:?}")]
    StillRunning {
        /// The id of that execution, where it is known.
        id: Option<ExecutionId>,
        /// How long that execution may still take.
        retry_after: Duration,
    },
    /// The execution that has the idempotency key has no outcome, and may have run: it is not run again.
    #[error("the execution of this idempotency key has no outcome: {0}")]
    NotRunAgain(String),
    /// The execution that has the idempotency key has no outcome because its caller stopped it or deleted its record, or
    /// because the record was older than records are kept. It is not run again.
    #[error("the execution of this idempotency key was withdrawn: {0}")]
    Withdrawn(&'static str),
    /// We are shutting down and take nothing on; what was running is stopped.
    #[error("the service is shutting down")]
    ShuttingDown,
}

impl SandboxError {
    /// This language cannot be run for now; `reason` is for the log.
    #[must_use]
    pub fn language_unavailable(language: &str, reason: impl Into<String>) -> Self {
        let message =
            format!("The language `{language}` is unavailable on the Docker host. Try again later.");
        Self::LanguageUnavailable { message, reason: reason.into() }
    }

    /// Whether it is certain that no code was run: then an idempotency key is free again.
    #[must_use]
    pub const fn never_ran(&self) -> bool {
        match self {
            Self::Busy { .. }
            | Self::Unavailable { .. }
            | Self::LanguageUnavailable { .. }
            | Self::Refused { .. }
            | Self::TooLate => true,
            Self::Lost { .. } | Self::DeadlineExceeded | Self::Cancelled => false,
        }
    }

    /// One sentence fit for a caller's eyes: what happened to the run, without reasons from inside.
    #[must_use]
    pub fn public(&self) -> &str {
        match self {
            Self::LanguageUnavailable { message, .. } => message,
            Self::Refused { why, .. } => why,
            Self::Busy { .. } => "All sandboxes are busy. Try again shortly.",
            Self::Unavailable { .. } => "The Docker host is unavailable. Try again later.",
            Self::Lost { .. } => "The sandbox was lost while the code was running. It is not run again.",
            Self::DeadlineExceeded => "The deadline came before the run ended. The run was stopped.",
            Self::TooLate => "The deadline came before the run could begin. The code did not run.",
            Self::Cancelled => "The run was cancelled before it ended.",
        }
    }
}

impl StoreError {
    /// One sentence fit for a caller's eyes.
    #[must_use]
    pub const fn public(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "The record store is unavailable. Try again later.",
            Self::Corrupt(_) => "The record store holds a record that cannot be read.",
        }
    }
}
