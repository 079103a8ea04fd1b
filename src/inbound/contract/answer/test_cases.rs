//! What came of test cases, as the contract words it.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::{DiagnosticAnswer, Errors, LimitAnswer, Streams, Text, UsageAnswer, diagnostics_of};
use crate::{
    domain::{
        judging::{CaseResult, Difference, Summary},
        outcome::{Captured, Ending, Outcome, Signal, Status},
    },
    inbound::contract::schema,
};

/// What came of one test case.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = TestResult)]
pub enum TestAnswer {
    /// It was run.
    Ran(Box<RanTest>),
    /// It was not.
    Skipped(SkippedTest),
}

/// A test case for which the program was not run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SkippedTest {
    /// Its name in the request; null where it has none.
    #[schema(required = true)]
    pub name: Option<String>,
    /// `skipped`.
    #[schema(pattern = "^skipped$")]
    pub verdict: &'static str,
    /// Why it was skipped.
    pub why: String,
}

/// A test case that was run. Every field is always there unless it says otherwise.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RanTest {
    /// Its name in the request; null where it has none.
    #[schema(required = true)]
    pub name: Option<String>,
    /// What came of it.
    #[schema(schema_with = schema::verdict)]
    pub verdict: &'static str,
    /// How the program ended.
    #[schema(schema_with = schema::status)]
    pub status: &'static str,
    /// The program's exit code, as in the answer itself.
    pub exit_code: i32,
    /// Standard output; not there when the request says `"reveal": false` and the program wrote some.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub output: Option<String>,
    /// Standard error, or a sentence that says that time ran out.
    pub error: String,
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
    /// What the program used; memory is that of this test case's own processes.
    pub usage: UsageAnswer,
    /// The limit that ended the program; only there when one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub limit: Option<LimitAnswer>,
    /// The name of the signal that ended the program; only there when one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub signal: Option<String>,
    /// The limits that the program met and that did not end it; only there when it met some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(schema_with = schema::limits_met)]
    pub limits_met: Vec<&'static str>,
    /// Faults of the program and their places, where standard error names some; only there when it does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(nullable = false)]
    pub diagnostics: Vec<DiagnosticAnswer>,
    /// Whether a stream was longer than what is kept.
    pub truncated: Streams<bool>,
    /// Bytes the program wrote, kept or not.
    pub bytes: Streams<u64>,
    /// The first line that differs from what was expected; only there when one does, and not with `"reveal": false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub difference: Option<DifferenceAnswer>,
}

/// The first line that differs. Under `exact` its line feed is shown; otherwise white space at its end is not.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Difference)]
pub struct DifferenceAnswer {
    /// Its number; the first line is 1.
    pub line: u64,
    /// As it was expected, its first 200 characters; empty where nothing was expected any more.
    pub expected: String,
    /// As the program wrote it, its first 200 characters; empty where it wrote nothing any more.
    pub got: String,
}

/// All test cases together.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = TestSummary)]
pub struct SummaryAnswer {
    /// How many passed.
    pub passed: u32,
    /// How many failed: the output is wrong, a limit or a signal ended the program, or it left with another code than 0.
    pub failed: u32,
    /// How many were skipped.
    pub skipped: u32,
    /// That of the first case that failed; else `skipped` where one was; else `passed` where one did; else `ran`.
    #[schema(schema_with = schema::verdict)]
    pub verdict: &'static str,
}

impl TestAnswer {
    /// What came of this case of a program in this language.
    #[must_use]
    pub fn of(language: &str, case: &CaseResult) -> Self {
        match &case.outcome {
            Some(outcome) => Self::Ran(Box::new(RanTest::of(language, case, outcome))),
            None => Self::Skipped(SkippedTest {
                name: case.name.clone(),
                verdict: case.verdict.as_str(),
                why: case.why_skipped.clone().unwrap_or_default(),
            }),
        }
    }
}

impl RanTest {
    fn of(language: &str, case: &CaseResult, outcome: &Outcome) -> Self {
        let Outcome { ending, stdout, stderr, usage, limits_met } = outcome;
        let output = Text::of(&stdout.bytes());
        let errors = errors(ending, stderr);
        Self {
            name: case.name.clone(),
            verdict: case.verdict.as_str(),
            status: ending.status().as_str(),
            exit_code: ending.exit_code(),
            output: (!stdout.is_withheld()).then_some(output.text),
            error: errors.error,
            output_base64: output.base64,
            error_base64: errors.base64,
            stderr: errors.stderr,
            usage: usage.into(),
            limit: ending.limit().map(LimitAnswer::from),
            signal: ending.signal().map(Signal::name),
            limits_met: limits_met.iter().map(|met| met.name.as_str()).collect(),
            diagnostics: diagnostics_of(language, outcome),
            truncated: Streams { output: stdout.truncated(), error: stderr.truncated() },
            bytes: Streams { output: stdout.total, error: stderr.total },
            difference: case.difference.as_ref().map(DifferenceAnswer::from),
        }
    }
}

/// The fields that tell of the standard error of a test case.
pub(super) fn errors(ending: &Ending, stderr: &Captured) -> Errors {
    Errors::of(ending, own_timeout(ending), Text::of(&stderr.bytes()))
}

/// The time limit of the test case that ended so, where it was met: it may be lower than the request's.
pub(in crate::inbound::contract) fn own_timeout(ending: &Ending) -> Duration {
    match ending {
        Ending::Limit(limit) if ending.status() == Status::TimeLimit => {
            Duration::try_from_secs_f64(limit.value).unwrap_or_default()
        }
        _ => Duration::ZERO,
    }
}

impl From<&Difference> for DifferenceAnswer {
    fn from(Difference { line, expected, got }: &Difference) -> Self {
        Self { line: *line, expected: expected.clone(), got: got.clone() }
    }
}

impl From<Summary> for SummaryAnswer {
    fn from(Summary { passed, failed, skipped, verdict }: Summary) -> Self {
        Self { passed, failed, skipped, verdict: verdict.as_str() }
    }
}
