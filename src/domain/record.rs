//! What is kept of an execution.

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    caller::{Caller, Source},
    clock::to_millis,
    id::ExecutionId,
    limits::Limits,
    outcome::{
        Captured, Ending, Execution, LimitMet, LimitReached, Outcome, SandboxFacts, SandboxTimings, Signal,
        Status, Usage, whole_chars_end,
    },
};

/// Bytes of code and of each stream that the list of executions shows; the single record has them whole.
pub const PREVIEW_BYTES: usize = 2048;
/// Bytes of code that are kept at all; the count beside them tells the truth about the rest.
pub const MAX_CODE_BYTES: usize = 256 * 1024;
/// Bytes of each stream that are kept at all: the most that `SCE_OUTPUT_BYTES` can be, so that a record has all that the
/// answer had, the end as well as the beginning.
pub const MAX_STREAM_BYTES: usize = 512 * 1024;
/// Bytes of a message, and of a limit's evidence, that are kept.
pub const MAX_MESSAGE_BYTES: usize = 1024;
/// How many executions a history query gives when it does not say.
pub const DEFAULT_HISTORY: usize = 10;
/// How many it gives at most.
pub const MAX_HISTORY: usize = 100;

/// How many executions a history query may give: 1 to [`MAX_HISTORY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryLimit(usize);

impl HistoryLimit {
    /// The limit nearest to `wanted`.
    #[must_use]
    pub fn clamped(wanted: usize) -> Self {
        Self(wanted.clamp(1, MAX_HISTORY))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0
    }
}

impl Default for HistoryLimit {
    fn default() -> Self {
        Self(DEFAULT_HISTORY)
    }
}

/// The first `max` bytes, or a few less where that would tear a UTF-8 character.
#[must_use]
pub fn cut(bytes: &Bytes, max: usize) -> Bytes {
    if bytes.len() <= max { bytes.clone() } else { bytes.slice(..whole_chars_end(&bytes[..max])) }
}

/// The first [`MAX_MESSAGE_BYTES`] of a message, or a few less where that would tear a character.
#[must_use]
pub fn cut_message(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_MESSAGE_BYTES)]
}

/// The record of an execution that begins: written beside the run.
#[derive(Clone, Debug, PartialEq)]
pub struct StartRecord {
    /// Its id.
    pub id: ExecutionId,
    /// Whose it is.
    pub caller: Caller,
    /// How it came in.
    pub source: Source,
    /// The canonical name of the language.
    pub language: String,
    /// The source of the file that was run, as bytes: a project's file need not be text. Of a longer one the
    /// first [`MAX_CODE_BYTES`] are kept.
    pub code: Bytes,
    /// When it was accepted. Of this and the other times whole milliseconds are kept.
    pub started_at: OffsetDateTime,
    /// When a record that still says "running" means that we died: it reads as abandoned from then on.
    pub abandoned_at: OffsetDateTime,
    /// When the record may be forgotten; it is not shown from then on.
    pub expires_at: OffsetDateTime,
}

impl StartRecord {
    /// Whether the record is over its age at `now`, and must not be shown.
    #[must_use]
    pub fn expired(&self, now: OffsetDateTime) -> bool {
        now >= self.expires_at
    }

    /// Whether `kept`, read from a store, is this very start written before: a retry, not another execution
    /// under the same id. A store cuts code and times, so what is left of them is compared.
    #[must_use]
    pub fn is_retry_of(&self, kept: &ExecutionRecord) -> bool {
        let them = &kept.start;
        let times = |of: &Self| [of.started_at, of.abandoned_at, of.expires_at].map(to_millis);
        (self.id, &self.caller, self.source, &self.language)
            == (them.id, &them.caller, them.source, &them.language)
            && times(self) == times(them)
            && self.code.len() as u64 == kept.code_bytes
            && self.code.starts_with(&them.code)
    }

    /// How the record reads at `now` while nobody has written its end.
    #[must_use]
    pub fn unended(&self, now: OffsetDateTime) -> RecordState {
        if now >= self.abandoned_at { RecordState::Abandoned } else { RecordState::Running }
    }
}

/// The end of an execution.
#[derive(Clone, Debug, PartialEq)]
pub enum EndRecord {
    /// The program ran.
    Ran(RanRecord),
    /// There is no outcome: we failed, the caller went away, or the message was no good.
    Failed {
        /// Why there is none.
        status: FailedStatus,
        /// One sentence fit for the caller's eyes.
        message: String,
    },
}

/// What is kept of a run that took place.
#[derive(Clone, Debug, PartialEq)]
pub struct RanRecord {
    /// The word for its ending.
    pub status: Status,
    /// The exit code of the answer.
    pub exit_code: i32,
    /// The signal's number, if one ended it.
    pub signal: Option<u8>,
    /// The limit that ended it, if one did.
    pub limit: Option<LimitReached>,
    /// Standard output as it was answered (what was kept of it).
    pub stdout: Bytes,
    /// Standard error as the program wrote it (what was kept of it).
    pub stderr: Bytes,
    /// Every byte written to standard output.
    pub stdout_total: u64,
    /// Every byte written to standard error.
    pub stderr_total: u64,
    /// The time limit in force, which the answer's message names.
    pub timeout: Duration,
    /// What it used.
    pub usage: Usage,
    /// What else the answer said; `None` in records of before this was kept.
    pub facts: Option<Box<RunFacts>>,
}

/// What the answer to a run said beyond its outcome: with it a record can be answered again, word for word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// Where it ran.
    pub sandbox: SandboxFacts,
    /// The limits in force.
    pub limits: Limits,
    /// Where the time went.
    pub timings: SandboxTimings,
    /// Bytes of standard output that stand before what was left out of it.
    pub stdout_head: u64,
    /// The same of standard error.
    pub stderr_head: u64,
    /// Limits that the program met; records of before this was kept have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits_met: Vec<LimitMet>,
}

impl RanRecord {
    /// What is kept of this run.
    #[must_use]
    pub fn of(execution: &Execution, limits: Limits) -> Self {
        let Execution { outcome, sandbox, timings } = execution;
        let facts = RunFacts {
            sandbox: sandbox.clone(),
            limits,
            timings: *timings,
            stdout_head: outcome.stdout.kept_head().len() as u64,
            stderr_head: outcome.stderr.kept_head().len() as u64,
            limits_met: outcome.limits_met.clone(),
        };
        Self { facts: Some(Box::new(facts)), ..Self::of_outcome(outcome, limits.timeout) }
    }

    fn of_outcome(outcome: &Outcome, timeout: Duration) -> Self {
        let (signal, limit) = match &outcome.ending {
            Ending::Exited(_) => (None, None),
            Ending::Signaled(signal) => (Some(signal.0), None),
            Ending::Limit(limit) => (None, Some(limit.clone())),
        };
        Self {
            status: outcome.ending.status(),
            exit_code: outcome.ending.exit_code(),
            signal,
            limit,
            stdout: outcome.stdout.bytes(),
            stderr: outcome.stderr.bytes(),
            stdout_total: outcome.stdout.total,
            stderr_total: outcome.stderr.total,
            timeout,
            usage: outcome.usage,
            facts: None,
        }
    }

    /// The limits that the program met and that did not end it.
    #[must_use]
    pub fn limits_met(&self) -> &[LimitMet] {
        self.facts.as_ref().map_or(&[], |facts| facts.limits_met.as_slice())
    }

    /// The run that this is the record of; `None` when not enough was kept of it.
    #[must_use]
    pub fn execution(&self) -> Option<(Execution, Limits)> {
        let facts = self.facts.as_ref()?;
        let ending = match (self.status, self.signal, &self.limit) {
            (_, _, Some(limit)) => Ending::Limit(limit.clone()),
            (_, Some(signal), None) => Ending::Signaled(Signal(signal)),
            (_, None, None) => Ending::Exited(u8::try_from(self.exit_code).ok()?),
        };
        let stream = |bytes: &Bytes, head: u64, total| {
            let head = usize::try_from(head).unwrap_or(usize::MAX).min(bytes.len());
            Captured { head: bytes.slice(..head), tail: bytes.slice(head..), total }
        };
        let outcome = Outcome {
            ending,
            stdout: stream(&self.stdout, facts.stdout_head, self.stdout_total),
            stderr: stream(&self.stderr, facts.stderr_head, self.stderr_total),
            usage: self.usage,
            limits_met: facts.limits_met.clone(),
        };
        Some((Execution { outcome, sandbox: facts.sandbox.clone(), timings: facts.timings }, facts.limits))
    }
}

/// Why there is no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailedStatus {
    /// Ours, not the program's fault, after its code was sent: it may have run.
    SandboxError,
    /// Ours as well, and before any code was sent: it did not run, and asking again can help.
    NotStarted,
    /// The caller went away before the end, or the service was shut down. It may have run.
    Cancelled,
    /// A message that is no good request. Nobody waits for an answer, so the record tells.
    Rejected,
}

impl FailedStatus {
    /// Every word there is.
    pub const ALL: [Self; 4] = [Self::SandboxError, Self::NotStarted, Self::Cancelled, Self::Rejected];

    /// The name on record, and in the history.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SandboxError => "sandbox_error",
            Self::NotStarted => "not_started",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// Where an execution stands, as read.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly every record that is read has an end")]
pub enum RecordState {
    /// It has begun and may still end.
    Running,
    /// It has begun and can no longer end: whoever ran it is gone.
    Abandoned,
    /// It has ended.
    Ended(EndRecord),
}

/// One execution as read from the store.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecutionRecord {
    /// What was written when it began. In a list, `code` is cut to [`PREVIEW_BYTES`].
    pub start: StartRecord,
    /// Bytes of code there were in all.
    pub code_bytes: u64,
    /// Where it stands. In a list, streams are cut to [`PREVIEW_BYTES`].
    pub state: RecordState,
}
