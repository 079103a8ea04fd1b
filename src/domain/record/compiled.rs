//! What is kept of a compiler's run. The names of the fields are on record, as those of [`EndRecord`](super::EndRecord) are.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::domain::outcome::{Captured, Ending, LimitMet, Outcome, Usage};

/// What is kept of a compiler's run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompileRecord {
    /// How the compiler ended.
    pub ending: Ending,
    /// What it used.
    pub usage: Usage,
    /// Every byte written to standard output.
    pub stdout_total: u64,
    /// Every byte written to standard error.
    pub stderr_total: u64,
    /// Limits that it met and that did not end it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits_met: Vec<LimitMet>,
    /// What it wrote; nothing in a list of executions. A store keeps it apart from the rest.
    #[serde(skip)]
    pub streams: CompilerStreams,
}

/// What a compiler wrote, as far as it was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompilerStreams {
    /// Standard output.
    #[serde(default, skip_serializing_if = "Stream::is_empty")]
    pub stdout: Stream,
    /// Standard error.
    #[serde(default, skip_serializing_if = "Stream::is_empty")]
    pub stderr: Stream,
}

/// A stream as text; replacement characters stand for what is not UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// What stands before the place where something was left out, or all of it.
    pub head: String,
    /// What stands after that place.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tail: String,
}

impl CompileRecord {
    /// What is kept of this run.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Self {
        let Outcome { ending, stdout, stderr, usage, limits_met } = outcome;
        Self {
            ending: ending.clone(),
            usage: *usage,
            stdout_total: stdout.total,
            stderr_total: stderr.total,
            limits_met: limits_met.clone(),
            streams: CompilerStreams { stdout: Stream::of(stdout), stderr: Stream::of(stderr) },
        }
    }

    /// The run that this is the record of.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        Outcome {
            ending: self.ending.clone(),
            stdout: self.streams.stdout.captured(self.stdout_total),
            stderr: self.streams.stderr.captured(self.stderr_total),
            usage: self.usage,
            limits_met: self.limits_met.clone(),
        }
    }
}

impl Stream {
    fn of(stream: &Captured) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (head, tail) = (text(&stream.kept_head()), text(&stream.kept_tail()));
        Self { head, tail }
    }

    fn captured(&self, total: u64) -> Captured {
        let bytes = |text: &String| Bytes::copy_from_slice(text.as_bytes());
        Captured { head: bytes(&self.head), tail: bytes(&self.tail), total }
    }

    fn is_empty(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }
}
