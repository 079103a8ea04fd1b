//! The one place that turns an outcome into JSON, for every protocol. Knows no protocol itself.

mod parts;
mod text;

use serde::Serialize;
use utoipa::ToSchema;

pub use self::parts::{
    Gap, LimitAnswer, LimitsAnswer, Omitted, SandboxAnswer, Streams, TimingsAnswer, UsageAnswer,
};
pub(super) use self::{
    parts::milliseconds,
    text::{Errors, Text},
};
use super::schema;
use crate::{
    domain::outcome::{Ending, Outcome, Status},
    service::Answer,
};

/// What came of a run. Every field is always there unless it says otherwise.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunAnswer {
    /// The id of the execution.
    #[schema(format = "uuid")]
    pub id: String,
    /// The canonical name of the language.
    pub language: String,
    /// Standard output as the program wrote it; replacement characters stand for what is not UTF-8.
    pub output: String,
    /// Standard error as the program wrote it; when time ran out, a sentence that says so.
    pub error: String,
    /// The program's exit code; 128 + n for signal n, -2 when time ran out, 137 when killed for memory or output.
    pub exit_code: i32,
    /// How the program ended.
    #[schema(schema_with = schema::status)]
    pub status: &'static str,
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
    /// The value of each of them and how we know, a sentence each, in the same order; only there when there are some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits_met_evidence: Vec<String>,
    /// Whether a stream was longer than what is kept.
    pub truncated: Streams<bool>,
    /// Bytes the program wrote, kept or not.
    pub bytes: Streams<u64>,
    /// Where bytes were left out; only there when some were.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub omitted: Option<Omitted>,
    /// What the program used.
    pub usage: UsageAnswer,
    /// The limits in force.
    pub limits: LimitsAnswer,
    /// Where it ran.
    pub sandbox: SandboxAnswer,
    /// Where the time went, in milliseconds.
    pub timings_ms: TimingsAnswer,
}

impl From<&Answer> for RunAnswer {
    fn from(answer: &Answer) -> Self {
        let Outcome { ending, stdout, stderr, usage, limits_met } = &answer.execution.outcome;
        let ending = EndingAnswer::of(ending);
        let output = Text::of(&stdout.bytes());
        let errors = Errors::of(ending.status, answer.limits.timeout, Text::of(&stderr.bytes()));
        Self {
            id: answer.id.to_string(),
            language: answer.language.clone(),
            output: output.text,
            error: errors.error,
            exit_code: ending.exit_code,
            status: ending.status.as_str(),
            output_base64: output.base64,
            error_base64: errors.base64,
            stderr: errors.stderr,
            signal: ending.signal,
            limit: ending.limit,
            limits_met: limits_met.iter().map(|met| met.name.as_str()).collect(),
            limits_met_evidence: limits_met.iter().map(|met| met.evidence.clone()).collect(),
            truncated: Streams { output: stdout.truncated(), error: stderr.truncated() },
            bytes: Streams { output: stdout.total, error: stderr.total },
            omitted: Omitted::of(stdout, stderr),
            usage: usage.into(),
            limits: answer.limits.into(),
            sandbox: (&answer.execution.sandbox).into(),
            timings_ms: answer.timings.into(),
        }
    }
}

struct EndingAnswer {
    status: Status,
    exit_code: i32,
    signal: Option<String>,
    limit: Option<LimitAnswer>,
}

impl EndingAnswer {
    pub fn of(ending: &Ending) -> Self {
        let (signal, limit) = match ending {
            Ending::Exited(_) => (None, None),
            Ending::Signaled(signal) => (Some(signal.name()), None),
            Ending::Limit(limit) => (None, Some(limit.into())),
        };
        Self { status: ending.status(), exit_code: ending.exit_code(), signal, limit }
    }
}
