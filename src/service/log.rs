//! The one line that every execution leaves in the log, and its metrics. Never holds code or output.

use std::time::Duration;

use tracing::info;

use super::{Answer, Submission};
use crate::{
    domain::{
        error::{ExecuteError, SandboxError},
        record::FailedStatus,
    },
    telemetry::metrics::METRICS,
};

/// One line at info level, whatever came of it.
pub(super) fn execution(submission: &Submission, result: &Result<Answer, ExecuteError>) {
    let id = submission.id;
    let language = submission.request.language.name.as_str();
    let source = submission.source.as_str();
    match result {
        Ok(answer) if answer.replayed => info!(id = %answer.id, language, source, "execution answered again"),
        Ok(answer) => {
            let (execution, timings) = (&answer.execution, &answer.timings);
            info!(
                %id,
                language,
                source,
                status = execution.outcome.ending.status().as_str(),
                exit_code = execution.outcome.ending.exit_code(),
                start = execution.sandbox.start.as_str(),
                queue_ms = ms(timings.queue),
                acquire_ms = ms(timings.acquire),
                run_ms = ms(timings.run),
                collect_ms = ms(timings.collect),
                record_ms = ms(timings.record),
                total_ms = ms(timings.total),
                "execution ended",
            );
        }
        Err(reason) => info!(%id, language, source, status = status(reason), %reason, "execution failed"),
    }
}

/// What is counted of every submission, whoever sent it and whatever came of it.
pub(super) fn metrics(result: &Result<Answer, ExecuteError>, took: Duration) {
    let ran = u64::from(result.as_ref().is_ok_and(|answer| !answer.replayed));
    let faults = u64::from(result.as_ref().is_err_and(is_our_fault));
    info!(target: METRICS, Executions = ran, Errors5xx = faults, DurationMs = ms(took));
}

/// Whether the caller is told a status from 500 on, for something that calls for somebody.
const fn is_our_fault(error: &ExecuteError) -> bool {
    match error {
        ExecuteError::Sandbox(
            SandboxError::Busy { .. } | SandboxError::Refused { .. } | SandboxError::Cancelled,
        )
        | ExecuteError::Invalid(_)
        | ExecuteError::KeyReused
        | ExecuteError::StillRunning { .. }
        | ExecuteError::Withdrawn(_)
        | ExecuteError::ShuttingDown => false,
        ExecuteError::Sandbox(_) | ExecuteError::Store(_) | ExecuteError::NotRunAgain(_) => true,
    }
}

fn status(error: &ExecuteError) -> &'static str {
    match error {
        ExecuteError::Sandbox(SandboxError::Cancelled) | ExecuteError::ShuttingDown => {
            FailedStatus::Cancelled.as_str()
        }
        ExecuteError::Store(_) => "not_recorded",
        ExecuteError::Sandbox(SandboxError::Refused { .. }) => FailedStatus::Rejected.as_str(),
        ExecuteError::Sandbox(error) if error.never_ran() => FailedStatus::NotStarted.as_str(),
        ExecuteError::Sandbox(_) | ExecuteError::Invalid(_) => FailedStatus::SandboxError.as_str(),
        ExecuteError::KeyReused
        | ExecuteError::StillRunning { .. }
        | ExecuteError::NotRunAgain(_)
        | ExecuteError::Withdrawn(_) => "not_run_again",
    }
}

/// Milliseconds to the hundredth.
fn ms(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}
