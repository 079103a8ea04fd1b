//! What to say of an execution without an outcome, in every protocol: a stable word, a sentence, and whether asking
//! again can help.

use crate::domain::error::{ExecuteError, Impossible, SandboxError, StoreError};

/// The stable code of the contract.
#[must_use]
pub const fn code(error: &ExecuteError) -> &'static str {
    match error {
        ExecuteError::Invalid(_)
        | ExecuteError::Sandbox(SandboxError::Refused { what: Impossible::Limits, .. }) => "invalid_request",
        ExecuteError::Sandbox(SandboxError::Busy { .. }) => "busy",
        ExecuteError::Sandbox(SandboxError::Unavailable { .. }) => "docker_unavailable",
        ExecuteError::Sandbox(SandboxError::LanguageUnavailable { .. }) => "language_unavailable",
        ExecuteError::Sandbox(SandboxError::Refused { what: Impossible::Files, .. }) => "project_too_large",
        ExecuteError::Sandbox(SandboxError::Lost { .. }) => "sandbox_lost",
        ExecuteError::Sandbox(SandboxError::DeadlineExceeded | SandboxError::TooLate) => "deadline_exceeded",
        ExecuteError::Sandbox(SandboxError::Cancelled) => "cancelled",
        ExecuteError::Store(StoreError::Unavailable(_)) => "store_unavailable",
        ExecuteError::Store(StoreError::Corrupt(_)) => "internal_error",
        ExecuteError::KeyReused => "idempotency_key_reused",
        ExecuteError::StillRunning { .. } => "still_running",
        ExecuteError::NotRunAgain(_) | ExecuteError::Withdrawn(_) => "not_run_again",
        ExecuteError::ShuttingDown => "shutting_down",
    }
}

/// One sentence or two, fit for a caller's eyes.
#[must_use]
pub fn sentence(error: &ExecuteError) -> String {
    match error {
        ExecuteError::Invalid(error) => error.to_string(),
        ExecuteError::Sandbox(error) => error.public().to_owned(),
        ExecuteError::Store(StoreError::Corrupt(_)) => "Something went wrong on our side.".to_owned(),
        ExecuteError::Store(error) => error.public().to_owned(),
        ExecuteError::KeyReused => "This idempotency key was used for another request.".to_owned(),
        ExecuteError::StillRunning { .. } => {
            "The request of this idempotency key is still running. Ask again for its answer.".to_owned()
        }
        ExecuteError::NotRunAgain(why) => {
            format!("The request of this idempotency key has no outcome, and is not run again. {why}")
        }
        ExecuteError::Withdrawn(why) => {
            format!("The request of this idempotency key is not run again. {why}")
        }
        ExecuteError::ShuttingDown => "The service is shutting down.".to_owned(),
    }
}

/// Whether the same message should be delivered again. Never a danger under a key: what has run is not run again,
/// and what came of it is found on record.
#[must_use]
pub const fn worth_another_try(error: &ExecuteError) -> bool {
    match error {
        ExecuteError::Invalid(_)
        | ExecuteError::Sandbox(SandboxError::Lost { .. } | SandboxError::Refused { .. })
        | ExecuteError::KeyReused
        | ExecuteError::NotRunAgain(_)
        | ExecuteError::Withdrawn(_) => false,
        ExecuteError::Sandbox(_)
        | ExecuteError::Store(_)
        | ExecuteError::StillRunning { .. }
        | ExecuteError::ShuttingDown => true,
    }
}
