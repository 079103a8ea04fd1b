//! The one place that turns a record into JSON. A list and a single record differ only in how much was read.

#[cfg(test)]
mod tests;

use bytes::Bytes;
use serde::Serialize;
use time::{OffsetDateTime, format_description::StaticFormatDescription, macros::format_description};
use utoipa::ToSchema;

use super::{
    answer::{
        CompileAnswer, DiagnosticAnswer, Errors, FileAnswer, Files, LimitAnswer, OmittedAnswer, Streams,
        SummaryAnswer, TestAnswer, Text, UsageAnswer, milliseconds, own_timeout,
    },
    schema,
};
use crate::{
    domain::{
        outcome::{Captured, Signal},
        record::{EndRecord, ExecutionRecord, FilesRecord, RanRecord, RecordState, TestsRecord},
    },
    service::diagnostics::read,
};

const TIME: StaticFormatDescription = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const RFC_3339: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// An execution on record. Every field is always there unless it says otherwise.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HistoryEntry {
    /// The canonical name of the language.
    pub language: String,
    /// The source of the file that was run.
    pub code: String,
    /// Standard output.
    pub output: String,
    /// Standard error, or a sentence that says why there is no outcome, or that time ran out.
    pub error: String,
    /// The exit code, as it was answered; null when there is no outcome.
    #[schema(required = true)]
    pub exit_code: Option<i32>,
    /// When it began, in UTC.
    #[schema(pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$", example = "2025-02-12 21:00:00")]
    pub time: String,
    /// The id of the execution.
    #[schema(format = "uuid")]
    pub id: String,
    /// How it ended, or where it stands.
    #[schema(schema_with = schema::record_status)]
    pub status: &'static str,
    /// How it came in.
    #[schema(schema_with = schema::source)]
    pub source: &'static str,
    /// When it began.
    #[schema(format = DateTime)]
    pub started_at: String,
    /// How long the program ran, in milliseconds; null when there is no outcome.
    #[schema(required = true)]
    pub wall_ms: Option<f64>,
    /// Whether `code` is only the beginning.
    pub code_truncated: bool,
    /// Whether `output` is not all that the program wrote.
    pub output_truncated: bool,
    /// Whether what is here of standard error is not all that the program wrote.
    pub error_truncated: bool,
    /// The bytes of `code`; only there when they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub code_base64: Option<String>,
    /// The bytes of `output`; only there when they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub output_base64: Option<String>,
    /// The bytes of standard error; only there when they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error_base64: Option<String>,
    /// What the program wrote to standard error; only there when `error` says that time ran out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stderr: Option<String>,
    /// The name of the signal that ended the program; only there when one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub signal: Option<String>,
    /// The limit that ended the program; only there when one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub limit: Option<LimitAnswer>,
    /// The limits that the program met and that did not end it; only there when it met some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(schema_with = schema::limits_met)]
    pub limits_met: Vec<&'static str>,
    /// Bytes the program wrote, kept or not; only there when it ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub bytes: Option<Streams<u64>>,
    /// What the program used; only there when it ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub usage: Option<UsageAnswer>,
    /// Faults of the program and their places, as in the answer; only there when there are some and `error` is whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(nullable = false)]
    pub diagnostics: Vec<DiagnosticAnswer>,
    /// What came of the compiler; only there for a language that has one. Without what it wrote in a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub compile: Option<CompileAnswer>,
    /// All test cases together; only there when the request had some.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub summary: Option<SummaryAnswer>,
    /// What came of each test case, without what the program wrote; only there when the request had some, and not in a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tests: Option<Vec<TestAnswer>>,
    /// Whether texts or cases of `tests` were left out because they are too large to be kept; only there when some were.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tests_truncated: bool,
    /// The files that came back; only there when some were asked for, and not in a list. Of one execution 256 KiB are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub files: Option<Vec<FileAnswer>>,
    /// What fits a pattern and is not among `files`; only there when `files` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub files_omitted: Option<Vec<OmittedAnswer>>,
    /// How many more are not among `files`; only there when there are more than `files_omitted` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub files_omitted_more: Option<u32>,
}

impl From<&ExecutionRecord> for HistoryEntry {
    fn from(record: &ExecutionRecord) -> Self {
        let begun = Self::begun(record);
        match &record.state {
            RecordState::Running => Self { status: schema::RUNNING, ..begun },
            RecordState::Abandoned => Self {
                status: schema::ABANDONED,
                error: "The service stopped before this execution ended.".to_owned(),
                ..begun
            },
            RecordState::Ended(EndRecord::Failed { status, message }) => {
                Self { status: status.as_str(), error: message.clone(), ..begun }
            }
            RecordState::Ended(EndRecord::Ran(ran)) => begun.ran(ran),
        }
    }
}

impl HistoryEntry {
    /// What is known of every execution.
    fn begun(ExecutionRecord { start, code_bytes, .. }: &ExecutionRecord) -> Self {
        let code = Stream::of(&start.code, *code_bytes);
        Self {
            language: start.language.clone(),
            code: code.text.text,
            output: String::new(),
            error: String::new(),
            exit_code: None,
            time: written(start.started_at, TIME),
            id: start.id.to_string(),
            status: schema::RUNNING,
            source: start.source.as_str(),
            started_at: written(start.started_at, RFC_3339),
            wall_ms: None,
            code_truncated: code.truncated,
            output_truncated: false,
            error_truncated: false,
            code_base64: code.text.base64,
            output_base64: None,
            error_base64: None,
            stderr: None,
            signal: None,
            limit: None,
            limits_met: Vec::new(),
            bytes: None,
            usage: None,
            diagnostics: Vec::new(),
            compile: None,
            summary: None,
            tests: None,
            tests_truncated: false,
            files: None,
            files_omitted: None,
            files_omitted_more: None,
        }
    }

    fn ran(self, ran: &RanRecord) -> Self {
        let stdout = Stream::of(&ran.stdout, ran.stdout_total);
        let stderr = Stream::of(&ran.stderr, ran.stderr_total);
        let timeout = if ran.tests.is_some() { own_timeout(&ran.ending) } else { ran.timeout };
        let errors = Errors::of(&ran.ending, timeout, stderr.text);
        let faults =
            if stderr.truncated { Vec::new() } else { read(&self.language, &ran.ending, &ran.stderr) };
        let tests = ran.tests.as_ref();
        let cases =
            tests.map(TestsRecord::result).map(|result| result.cases).filter(|cases| !cases.is_empty());
        let cases =
            cases.map(|cases| cases.iter().map(|case| TestAnswer::of(&self.language, case)).collect());
        let files = ran.files.as_ref().filter(|files| files.is_whole()).map(FilesRecord::collected);
        let files = Files::of(files.as_ref());
        Self {
            output: stdout.text.text,
            error: errors.error,
            exit_code: Some(ran.exit_code()),
            status: ran.status().as_str(),
            wall_ms: Some(milliseconds(ran.usage.wall)),
            output_truncated: stdout.truncated,
            error_truncated: stderr.truncated,
            output_base64: stdout.text.base64,
            error_base64: errors.base64,
            stderr: errors.stderr,
            signal: ran.ending.signal().map(Signal::name),
            limit: ran.ending.limit().map(LimitAnswer::from),
            limits_met: ran.limits_met.iter().map(|met| met.name.as_str()).collect(),
            bytes: Some(Streams { output: ran.stdout_total, error: ran.stderr_total }),
            usage: Some((&ran.usage).into()),
            diagnostics: faults.into_iter().map(DiagnosticAnswer::from).collect(),
            compile: ran.compile.as_ref().map(|compile| (&compile.outcome()).into()),
            summary: tests.map(|tests| tests.summary.into()),
            tests: cases,
            tests_truncated: tests.is_some_and(|tests| tests.cut),
            files: files.files,
            files_omitted: files.omitted,
            files_omitted_more: files.more,
            ..self
        }
    }
}

/// A text as read: perhaps only its beginning.
struct Stream {
    text: Text,
    truncated: bool,
}

impl Stream {
    fn of(read: &Bytes, total: u64) -> Self {
        let captured = Captured { head: read.clone(), tail: Bytes::new(), total };
        Self { text: Text::of(&captured.bytes()), truncated: captured.truncated() }
    }
}

fn written(time: OffsetDateTime, format: StaticFormatDescription) -> String {
    // Writing numbers into a string cannot fail; an empty text would be seen at once by the tests.
    time.to_offset(time::UtcOffset::UTC).format(format).unwrap_or_default()
}
