//! Ends of items that were written before there was a document: an attribute for each part. They go when they expire.

use std::time::Duration;

use super::{attributes::Attributes, item::STATUS};
use crate::{
    domain::{
        error::StoreError,
        outcome::{LimitName, LimitReached, Usage},
        record::{EndRecord, FailedStatus},
    },
    outbound::document::earlier::Parts,
};

/// The end in such an item, with empty streams.
///
/// # Errors
/// [`StoreError::Corrupt`], with the item's key and the attribute's name, when an attribute cannot be understood.
pub(super) fn end_of(item: &Attributes<'_>) -> Result<EndRecord, StoreError> {
    let status = item.text(STATUS)?;
    if let Some(status) = FailedStatus::from_name(status) {
        return Ok(EndRecord::Failed { status, message: item.text("message")?.to_owned() });
    }
    let float = |name| item.named(name, |digits| digits.parse::<f64>().ok());
    let limit = match item.0.get("limit_name") {
        None => None,
        Some(_) => Some(LimitReached {
            name: item.named("limit_name", LimitName::from_name)?,
            value: float("limit_value")?,
            observed: float("limit_observed")?,
            evidence: item.text("limit_evidence")?.to_owned(),
        }),
    };
    let parts = Parts {
        status: status.to_owned(),
        exit_code: item.number("exit_code")?,
        signal: item.0.get("signal").map(|_| item.number("signal")).transpose()?,
        limit,
        timeout: duration(item, "timeout")?,
        usage: Usage {
            wall: duration(item, "wall")?,
            cpu: duration(item, "cpu")?,
            memory_bytes: item.number("memory_bytes")?,
            oom_kills: item.number("oom_kills")?,
        },
        stdout_total: item.number("stdout_total")?,
        stderr_total: item.number("stderr_total")?,
        facts: item.optional("facts")?,
    };
    parts.ran().map(EndRecord::Ran).map_err(|part| item.broken(part))
}

/// Durations were numbers of nanoseconds.
fn duration(item: &Attributes<'_>, name: &str) -> Result<Duration, StoreError> {
    let nanos: u128 = item.number(name)?;
    let (seconds, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    match (u64::try_from(seconds), u32::try_from(rest)) {
        (Ok(seconds), Ok(rest)) => Ok(Duration::new(seconds, rest)),
        _ => Err(item.broken(name)),
    }
}
