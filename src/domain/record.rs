//! What is kept of an execution: its start, its end, and how a list of them is asked for.

mod compiled;
mod end;
mod files;
mod judged;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use time::OffsetDateTime;

pub use self::{
    compiled::{CompileRecord, CompilerStreams, Stream},
    end::{EndRecord, FailedStatus, RanRecord, RunFacts},
    files::{FileRecord, FilesRecord},
    judged::{CaseRecord, CaseRun, TestsRecord},
};
use super::{
    caller::{Caller, Source},
    clock::to_millis,
    id::ExecutionId,
    outcome::whole_chars_end,
};

/// Bytes of code and of each stream that the list of executions shows; the single record has them whole.
pub const PREVIEW_BYTES: usize = 2048;
/// Bytes of code that are kept at all; the count beside them tells the truth about the rest.
pub const MAX_CODE_BYTES: usize = 256 * 1024;
/// Bytes of each stream that are kept at all: the most that `SCE_OUTPUT_BYTES` can be, so that a record has all that the
/// answer had, the end as well as the beginning.
pub const MAX_STREAM_BYTES: usize = 512 * 1024;
/// Bytes of a message, of a limit's evidence and of a test case's name that are kept.
pub const MAX_MESSAGE_BYTES: usize = 1024;
/// Bytes that the test cases of one execution may have on record, as JSON. Texts that do not fit are left out, and
/// [`TestsRecord::cut`] says so; 500 cases without their texts always fit.
pub const MAX_CASES_BYTES: usize = 512 * 1024;
/// Bytes of files that came back which are kept of one execution. Those that do not fit are named, without their content.
pub const MAX_FILES_BYTES: usize = 256 * 1024;
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
    /// From when on a record without an end reads as abandoned: whoever ran the execution must have died by then.
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

/// What came of the wish to have an execution forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// Its record is gone.
    Done,
    /// It is running, and its record stays.
    StillRunning,
    /// The caller has no such execution.
    NotFound,
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
    /// Where it stands. In a list, streams are cut to [`PREVIEW_BYTES`] and test cases left out.
    pub state: RecordState,
}
