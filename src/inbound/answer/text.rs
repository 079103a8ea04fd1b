//! What a program wrote, as JSON can hold it.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::domain::outcome::Status;

/// The fields that tell of standard error.
pub struct Errors {
    pub error: String,
    pub stderr: Option<String>,
    pub base64: Option<String>,
}

impl Errors {
    /// When time ran out `error` says so, and what the program wrote stands beside it.
    pub fn of(status: Status, timeout: Duration, stderr: Text) -> Self {
        match status {
            Status::TimeLimit => {
                Self { error: timed_out(timeout), stderr: Some(stderr.text), base64: stderr.base64 }
            }
            _ => Self { error: stderr.text, stderr: None, base64: stderr.base64 },
        }
    }
}

fn timed_out(timeout: Duration) -> String {
    let seconds = timeout.as_secs_f64();
    let unit = if timeout == Duration::from_secs(1) { "second" } else { "seconds" };
    format!("Execution timed out after {seconds} {unit}.")
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
