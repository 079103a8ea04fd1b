//! What somebody who looks on at an execution is told, as JSON. Knows neither server-sent events nor sockets.

pub mod characters;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::Serialize;
use utoipa::ToSchema;

use self::characters::Characters;
use super::{
    answer::{FileAnswer, LimitAnswer, RunAnswer, Streams, UsageAnswer},
    schema,
};
use crate::{
    domain::{
        conversation::StreamName,
        id::ExecutionId,
        outcome::{Outcome, Signal},
    },
    service::live::LiveEvent,
};

/// The kind of the step that runs the compiler.
const COMPILE: &str = "compile";

/// An event as it is told: its name, and a JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Such as `output`.
    pub name: &'static str,
    /// The object.
    pub data: String,
}

impl Told {
    /// The execution has an id, and its start is on record.
    #[must_use]
    pub fn accepted(id: ExecutionId) -> Self {
        Self::of("accepted", &Accepted { id: id.to_string() })
    }

    /// The last event of an execution that was run: the answer, byte for byte as it is without events.
    #[must_use]
    pub fn result(answer: &RunAnswer) -> Self {
        Self::of("result", answer)
    }

    /// The last event of an execution without an outcome. `body` is the JSON object of the error.
    #[must_use]
    pub const fn error(body: String) -> Self {
        Self { name: "error", data: body }
    }

    fn of(name: &'static str, data: &impl Serialize) -> Self {
        // Strings and numbers always serialise.
        Self { name, data: serde_json::to_string(data).unwrap_or_default() }
    }

    /// The event as one JSON object, with its name as `type`.
    #[must_use]
    pub fn into_object(self) -> String {
        let Self { name, data } = self;
        // No event's object is empty.
        format!("{{\"type\":\"{name}\",{}", data.strip_prefix('{').unwrap_or(&data))
    }
}

/// The first event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveAccepted)]
pub(in crate::inbound) struct Accepted {
    /// The id of the execution.
    #[schema(format = "uuid")]
    id: String,
}

/// A step begins.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveBegan)]
pub(in crate::inbound) struct Began {
    /// Its number, from 0.
    step: u16,
    /// Only there when it runs the compiler and not the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::step_kind)]
    kind: Option<&'static str>,
}

/// The program wrote something: `text`, or `base64` where the bytes are no whole characters in UTF-8.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveOutput)]
pub(in crate::inbound) struct Output {
    /// The number of the step.
    step: u16,
    /// Where to: `output` or `error`.
    #[schema(pattern = "^(output|error)$")]
    stream: &'static str,
    /// Bytes that the program had written to this stream before, in this step.
    at: u64,
    /// What it wrote. No character is torn between two events.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    text: Option<String>,
    /// What it wrote, where that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    base64: Option<String>,
}

/// Output is left out here, because it was not read in time. The result has the first and the last part of each stream.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveGap)]
pub(in crate::inbound) struct Gap {
    /// The number of the step.
    step: u16,
    /// Of which stream.
    #[schema(pattern = "^(output|error)$")]
    stream: &'static str,
    /// How many bytes.
    bytes: u64,
}

/// A step is over.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveEnded)]
pub(in crate::inbound) struct Ended {
    /// Its number.
    step: u16,
    /// Only there when it ran the compiler and not the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::step_kind)]
    kind: Option<&'static str>,
    /// How the program ended.
    #[schema(schema_with = schema::status)]
    status: &'static str,
    /// Its exit code, as in an answer.
    exit_code: i32,
    /// The name of the signal that ended it; only there when one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    signal: Option<String>,
    /// The limit that ended it; only there when one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    limit: Option<LimitAnswer>,
    /// Bytes that it wrote, told or not.
    bytes: Streams<u64>,
    /// What it used.
    usage: UsageAnswer,
}

impl Ended {
    fn of(step: u16, kind: Option<&'static str>, outcome: &Outcome) -> Self {
        let ending = &outcome.ending;
        Self {
            step,
            kind,
            status: ending.status().as_str(),
            exit_code: ending.exit_code(),
            signal: ending.signal().map(Signal::name),
            limit: ending.limit().map(LimitAnswer::from),
            bytes: Streams { output: outcome.stdout.total, error: outcome.stderr.total },
            usage: (&outcome.usage).into(),
        }
    }
}

/// Tells one execution's events, in their order. Keeps the beginning of a character until its end comes, of each stream.
#[derive(Debug, Default)]
pub struct Telling {
    step: u16,
    kind: Option<&'static str>,
    streams: [Characters; 2],
    waiting: VecDeque<Told>,
}

impl Telling {
    /// Takes an event. What is told for it, nothing or several events, is to be had by [`told`](Self::told).
    pub fn take(&mut self, event: LiveEvent) {
        match event {
            LiveEvent::Accepted(id) => self.waiting.push_back(Told::accepted(id)),
            LiveEvent::Began { step, compiles } => {
                self.step = step;
                self.kind = compiles.then_some(COMPILE);
                self.waiting.push_back(Told::of("began", &Began { step, kind: self.kind }));
            }
            LiveEvent::Output { stream, at, bytes, .. } => {
                let pieces = self.characters(stream).take(at, bytes);
                self.tell(stream, pieces);
            }
            LiveEvent::Gap { step, stream, bytes } => {
                self.flush(stream);
                let stream = stream.as_str();
                self.waiting.push_back(Told::of("gap", &Gap { step, stream, bytes }));
            }
            LiveEvent::Ended { step, outcome } => {
                self.flush(StreamName::Stdout);
                self.flush(StreamName::Stderr);
                self.streams = Default::default();
                self.waiting.push_back(Told::of("ended", &Ended::of(step, self.kind, &outcome)));
            }
            LiveEvent::File(file) => self.waiting.push_back(Told::of("file", &FileAnswer::from(&file))),
        }
    }

    /// The next event to be told.
    pub fn told(&mut self) -> Option<Told> {
        self.waiting.pop_front()
    }

    fn characters(&mut self, stream: StreamName) -> &mut Characters {
        &mut self.streams[usize::from(stream == StreamName::Stderr)]
    }

    /// Tells what waits for the end of its character, which does not come.
    fn flush(&mut self, stream: StreamName) {
        let rest = self.characters(stream).flush();
        self.tell(stream, rest);
    }

    fn tell(&mut self, stream: StreamName, pieces: impl IntoIterator<Item = (u64, Bytes)>) {
        let (step, stream) = (self.step, stream.as_str());
        for (at, bytes) in pieces {
            let (text, base64) = match std::str::from_utf8(&bytes) {
                Ok(text) => (Some(text.to_owned()), None),
                Err(_) => (None, Some(BASE64_STANDARD.encode(&bytes))),
            };
            self.waiting.push_back(Told::of("output", &Output { step, stream, at, text, base64 }));
        }
    }
}
