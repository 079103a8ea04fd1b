//! The one place that turns an outcome into JSON, for every protocol. Knows no protocol itself.

mod compile;
mod diagnostics;
mod files;
mod parts;
mod test_cases;
#[cfg(test)]
mod tests;
mod text;

use serde::Serialize;
use utoipa::ToSchema;

pub use self::compile::{CompileAnswer, CompilerAnswer};
pub use self::diagnostics::DiagnosticAnswer;
pub use self::files::{FileAnswer, OmittedAnswer};
pub use self::parts::{
    Gap, LimitAnswer, LimitsAnswer, Omitted, SandboxAnswer, Streams, TimingsAnswer, UsageAnswer,
};
pub use self::test_cases::{DifferenceAnswer, RanTest, SkippedTest, SummaryAnswer, TestAnswer};
pub(super) use self::{
    files::Files,
    parts::milliseconds,
    test_cases::own_timeout,
    text::{Errors, Text},
};
use super::schema;
use crate::{
    domain::outcome::{Outcome, Signal},
    service::{Answer, diagnostics as diagnosed},
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
    /// Standard error as the program wrote it; when time ran out, a sentence that says so; the compiler's words where the
    /// program was not compiled.
    pub error: String,
    /// The program's exit code; 128 + n for signal n, -2 when time ran out, 137 when killed for memory or output. The
    /// compiler's where the program was not compiled.
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
    /// Faults of the program and their places, where standard error names some; only there when it does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(nullable = false)]
    pub diagnostics: Vec<DiagnosticAnswer>,
    /// What came of the compiler; only there for a language that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub compile: Option<CompileAnswer>,
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
    /// What came of each test case, in the request's order; only there when the request has some. `status`, `exit_code`,
    /// `output` and `error` are then those of the first one that a limit, a signal or an exit code other than 0 ended, else
    /// those of the last one that was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tests: Option<Vec<TestAnswer>>,
    /// All test cases together; only there when the request has some.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub summary: Option<SummaryAnswer>,
    /// The files that fit a pattern of `collect` and that the program has made or changed; only there with `collect`. Those
    /// of the first pattern come first; at most 32, and 4 MiB in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub files: Option<Vec<FileAnswer>>,
    /// What fits a pattern and is not among `files`, at most 256 names; only there with `collect`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub files_omitted: Option<Vec<OmittedAnswer>>,
    /// How many more are not among `files`; only there when there are more than `files_omitted` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub files_omitted_more: Option<u32>,
}

impl From<&Answer> for RunAnswer {
    fn from(answer: &Answer) -> Self {
        let tests = answer.execution.tests.as_ref();
        let outcome = &answer.execution.outcome;
        let Outcome { ending, stdout, stderr, usage, limits_met } = outcome;
        let files = Files::of(answer.execution.collected.as_ref());
        let output = Text::of(&stdout.bytes());
        let errors = match tests {
            Some(_) => test_cases::errors(ending, stderr),
            None => Errors::of(ending, answer.limits.timeout, Text::of(&stderr.bytes())),
        };
        Self {
            id: answer.id.to_string(),
            language: answer.language.clone(),
            output: output.text,
            error: errors.error,
            exit_code: ending.exit_code(),
            status: ending.status().as_str(),
            output_base64: output.base64,
            error_base64: errors.base64,
            stderr: errors.stderr,
            signal: ending.signal().map(Signal::name),
            limit: ending.limit().map(LimitAnswer::from),
            limits_met: limits_met.iter().map(|met| met.name.as_str()).collect(),
            limits_met_evidence: limits_met.iter().map(|met| met.evidence.clone()).collect(),
            diagnostics: diagnostics_of(&answer.language, outcome),
            compile: answer.execution.compile.as_ref().map(CompileAnswer::from),
            truncated: Streams { output: stdout.truncated(), error: stderr.truncated() },
            bytes: Streams { output: stdout.total, error: stderr.total },
            omitted: Omitted::of(stdout, stderr),
            usage: usage.into(),
            limits: answer.limits.into(),
            sandbox: (&answer.execution.sandbox).into(),
            timings_ms: answer.timings.into(),
            tests: tests
                .map(|tests| tests.cases.iter().map(|case| TestAnswer::of(&answer.language, case)).collect()),
            summary: tests.map(|tests| tests.summary.into()),
            files: files.files,
            files_omitted: files.omitted,
            files_omitted_more: files.more,
        }
    }
}

/// What the outcome of a program in this language says of its faults.
fn diagnostics_of(language: &str, outcome: &Outcome) -> Vec<DiagnosticAnswer> {
    diagnosed::of(language, outcome).into_iter().map(DiagnosticAnswer::from).collect()
}
