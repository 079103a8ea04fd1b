//! An HTTP answer, and what every answer of ours must be.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::Outcome;

/// One HTTP answer, whatever its status.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// By lower-case name; repeated ones joined by a comma.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    /// From the first byte sent to the last received.
    pub took: Duration,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body is UTF-8")
    }

    /// The body as JSON, announced as such.
    #[track_caller]
    pub fn json(&self) -> Value {
        let announced = self.header("content-type").unwrap_or_default();
        assert!(announced.starts_with("application/json"), "{announced:?} announced: {self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }

    /// The outcome of a program that was run: 200, and all that the contract says of one.
    #[track_caller]
    pub fn outcome(&self) -> Outcome {
        assert_eq!(self.status, 200, "not an outcome: {}", self.text());
        let outcome = Outcome::checked(self.json(), self.took);
        let timing = self.header("server-timing").expect("timings also stand in Server-Timing");
        assert!(timing.contains("total;dur="), "Server-Timing: {timing}");
        outcome
    }

    /// A refusal or failure with this status: its stable code and its sentence.
    #[track_caller]
    pub fn refusal(&self, status: u16) -> Refusal {
        assert_eq!(self.status, status, "{}", self.text());
        let body = self.json();
        let text = |field: &str| {
            let value = body[field].as_str().unwrap_or_else(|| panic!("`{field}` is no string in {body}"));
            assert!(!value.is_empty(), "`{field}` is empty in {body}");
            value.to_owned()
        };
        let refusal = Refusal { error: text("error"), code: text("code") };
        text("request_id");
        assert_eq!(body.as_object().unwrap().len(), 3, "an error has three fields and no more: {body}");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(refusal.code.chars().all(plain), "not a stable code: {}", refusal.code);
        for internal in ["src/", ".rs:", "panicked", "docker.sock", "/var/", "/tmp/", "sqlite", "hyper"] {
            assert!(
                !refusal.error.contains(internal),
                "{internal} in what a caller reads: {}",
                refusal.error
            );
        }
        if matches!(status, 429 | 503) {
            let after = self.header("retry-after").expect("429 and 503 say when to try again");
            assert!(after.parse::<u32>().is_ok_and(|seconds| (1..=3600).contains(&seconds)), "{after}");
        }
        refusal
    }
}

/// The error body.
#[derive(Debug)]
pub struct Refusal {
    pub error: String,
    pub code: String,
}
