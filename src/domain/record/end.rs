//! How an execution ended, as it is kept. A store keeps an [`EndRecord`] as JSON, so that the names of the fields and
//! variants here are on record: they are not renamed, and a field that comes later has a default.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{CompileRecord, FilesRecord, TestsRecord};
use crate::domain::{
    limits::Limits,
    outcome::{Captured, Ending, Execution, LimitMet, Outcome, SandboxFacts, SandboxTimings, Status, Usage},
};

/// The end of an execution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "nearly every execution that ends has run")]
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

impl EndRecord {
    /// The word for it.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match self {
            Self::Ran(ran) => ran.status().as_str(),
            Self::Failed { status, .. } => status.as_str(),
        }
    }
}

/// What is kept of a run that took place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RanRecord {
    /// How the program ended.
    pub ending: Ending,
    /// Standard output as it was answered (what was kept of it). A store keeps it apart from the rest.
    #[serde(skip)]
    pub stdout: Bytes,
    /// Standard error as the program wrote it (what was kept of it). A store keeps it apart from the rest.
    #[serde(skip)]
    pub stderr: Bytes,
    /// Every byte written to standard output.
    pub stdout_total: u64,
    /// Every byte written to standard error.
    pub stderr_total: u64,
    /// The time limit in force, which the answer's message names.
    pub timeout: Duration,
    /// What the program used.
    pub usage: Usage,
    /// Limits that the program met and that did not end it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits_met: Vec<LimitMet>,
    /// What else the answer said; `None` in records of before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Box<RunFacts>>,
    /// What came of the test cases; `None` where the execution had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestsRecord>,
    /// What came of the compiler; `None` where the language has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compile: Option<Box<CompileRecord>>,
    /// The files that came back; `None` where none was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FilesRecord>,
}

/// What the answer to a run said beyond its outcome: with it a record can be answered again, word for word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// Where the program ran.
    pub sandbox: SandboxFacts,
    /// The memory limit in force; MiB.
    pub memory_mb: u64,
    /// The bytes of each stream that were to be kept at most.
    pub output_bytes: u64,
    /// Where the time went.
    pub timings: SandboxTimings,
    /// Bytes of standard output that stand before what was left out of it.
    pub stdout_head: u64,
    /// Bytes of standard error that stand before what was left out of it.
    pub stderr_head: u64,
}

impl RanRecord {
    /// What is kept of this run.
    #[must_use]
    pub fn of(execution: &Execution, limits: Limits) -> Self {
        let Execution { outcome, compile, sandbox, timings, tests, collected } = execution;
        let Outcome { ending, stdout, stderr, usage, limits_met } = outcome;
        Self {
            ending: ending.clone(),
            stdout: stdout.bytes(),
            stderr: stderr.bytes(),
            stdout_total: stdout.total,
            stderr_total: stderr.total,
            timeout: limits.timeout,
            usage: *usage,
            limits_met: limits_met.clone(),
            facts: Some(Box::new(RunFacts {
                sandbox: sandbox.clone(),
                memory_mb: limits.memory_mb,
                output_bytes: limits.output_bytes,
                timings: *timings,
                stdout_head: stdout.kept_head().len() as u64,
                stderr_head: stderr.kept_head().len() as u64,
            })),
            tests: tests.as_ref().map(TestsRecord::of),
            compile: compile.as_ref().map(|outcome| Box::new(CompileRecord::of(outcome))),
            files: collected.as_ref().map(FilesRecord::of),
        }
    }

    /// The word for the ending.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.ending.status()
    }

    /// The exit code of the answer.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        self.ending.exit_code()
    }

    /// The run that this is the record of; `None` when not enough was kept of it.
    #[must_use]
    pub fn execution(&self) -> Option<(Execution, Limits)> {
        let facts = self.facts.as_ref()?;
        let stream = |bytes: &Bytes, head: u64, total| {
            let head = usize::try_from(head).unwrap_or(usize::MAX).min(bytes.len());
            Captured { head: bytes.slice(..head), tail: bytes.slice(head..), total }
        };
        let outcome = Outcome {
            ending: self.ending.clone(),
            stdout: stream(&self.stdout, facts.stdout_head, self.stdout_total),
            stderr: stream(&self.stderr, facts.stderr_head, self.stderr_total),
            usage: self.usage,
            limits_met: self.limits_met.clone(),
        };
        let limits =
            Limits { timeout: self.timeout, memory_mb: facts.memory_mb, output_bytes: facts.output_bytes };
        let tests = self.tests.as_ref().map(TestsRecord::result);
        let (sandbox, timings) = (facts.sandbox.clone(), facts.timings);
        let compile = self.compile.as_ref().map(|compile| compile.outcome());
        let collected = self.files.as_ref().map(FilesRecord::collected);
        Some((Execution { outcome, compile, sandbox, timings, tests, collected }, limits))
    }
}

/// Why there is no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
