//! What a program wrote, as JSON can hold it.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::domain::outcome::{Ending, LimitName, LimitReached, Status};

/// The fields that tell of standard error.
pub struct Errors {
    pub error: String,
    pub stderr: Option<String>,
    pub base64: Option<String>,
}

impl Errors {
    /// When time ran out `error` says so, and what the program wrote stands beside it. The same of a compiler; and where a
    /// limit ended one that had said nothing, `error` says which.
    pub fn of(ending: &Ending, timeout: Duration, stderr: Text) -> Self {
        let instead =
            |error| Self { error, stderr: Some(stderr.text.clone()), base64: stderr.base64.clone() };
        match (ending.status(), ending.limit()) {
            (Status::TimeLimit, _) => instead(timed_out("Execution", timeout.as_secs_f64())),
            (Status::CompileError, Some(limit)) if is_time(limit) => {
                instead(timed_out("Compilation", limit.value))
            }
            (Status::CompileError, Some(limit)) if stderr.text.trim().is_empty() => instead(stopped(limit)),
            _ => Self { error: stderr.text, stderr: None, base64: stderr.base64 },
        }
    }
}

const fn is_time(limit: &LimitReached) -> bool {
    matches!(limit.name, LimitName::WallTime | LimitName::CpuTime)
}

fn timed_out(what: &str, seconds: f64) -> String {
    let unit = if (seconds - 1.0).abs() < f64::EPSILON { "second" } else { "seconds" };
    format!("{what} timed out after {seconds} {unit}.")
}

/// A limit other than time, in bytes.
fn stopped(limit: &LimitReached) -> String {
    let mib = limit.value / (1024.0 * 1024.0);
    format!("Compilation was stopped: its limit of {} is {mib} MiB.", limit.name.as_str())
}

/// Bytes as text, and as they are where text cannot hold them.
pub struct Text {
    pub text: String,
    pub base64: Option<String>,
}

impl Text {
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { text: text.to_owned(), base64: None },
            Err(_) => Self {
                text: String::from_utf8_lossy(bytes).into_owned(),
                base64: Some(BASE64_STANDARD.encode(bytes)),
            },
        }
    }
}
