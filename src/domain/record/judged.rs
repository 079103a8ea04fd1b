//! What is kept of the test cases of an execution: verdicts and numbers, not what the program wrote. The names of the
//! fields are on record, as those of [`EndRecord`](super::EndRecord) are.

use serde::{Deserialize, Serialize};

use crate::domain::{
    judging::{CaseResult, Difference, Summary, TestsResult, Verdict},
    outcome::{Captured, Ending, LimitMet, Outcome, Usage},
};

/// What is kept of all test cases of an execution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestsRecord {
    /// All of them in one word and three numbers.
    pub summary: Summary,
    /// Each test case, in the caller's order; none in a list of executions. A store keeps them apart from the rest.
    #[serde(skip)]
    pub cases: Vec<CaseRecord>,
    /// Whether texts of some cases (differences, evidence, long names), or cases at the end, did not fit and were left
    /// out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// What is kept of a test case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseRecord {
    /// The name that the caller gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The word for what came of it.
    pub verdict: Verdict,
    /// What is kept of the run; `None` where the case was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<CaseRun>,
    /// Where the output differed first from what was expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// Why the program was not run for this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_skipped: Option<String>,
}

/// What is kept of a program's run for one test case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseRun {
    /// How the program ended.
    pub ending: Ending,
    /// What it used.
    pub usage: Usage,
    /// Every byte written to standard output.
    pub stdout_total: u64,
    /// Every byte written to standard error.
    pub stderr_total: u64,
    /// Limits that the program met and that did not end it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits_met: Vec<LimitMet>,
}

impl TestsRecord {
    /// What is kept of these results: all but what the program wrote.
    #[must_use]
    pub fn of(tests: &TestsResult) -> Self {
        Self { summary: tests.summary, cases: tests.cases.iter().map(CaseRecord::of).collect(), cut: false }
    }

    /// The results that this is the record of, without what the program wrote: its streams read as wholly left out,
    /// and their totals are true.
    #[must_use]
    pub fn result(&self) -> TestsResult {
        TestsResult { summary: self.summary, cases: self.cases.iter().map(CaseRecord::result).collect() }
    }
}

impl CaseRecord {
    fn of(case: &CaseResult) -> Self {
        let CaseResult { name, verdict, outcome, difference, why_skipped } = case;
        Self {
            name: name.clone(),
            verdict: *verdict,
            run: outcome.as_ref().map(CaseRun::of),
            difference: difference.clone(),
            why_skipped: why_skipped.clone(),
        }
    }

    fn result(&self) -> CaseResult {
        let Self { name, verdict, run, difference, why_skipped } = self.clone();
        CaseResult { name, verdict, outcome: run.map(CaseRun::outcome), difference, why_skipped }
    }
}

impl CaseRun {
    fn of(outcome: &Outcome) -> Self {
        let Outcome { ending, stdout, stderr, usage, limits_met } = outcome;
        Self {
            ending: ending.clone(),
            usage: *usage,
            stdout_total: stdout.total,
            stderr_total: stderr.total,
            limits_met: limits_met.clone(),
        }
    }

    fn outcome(self) -> Outcome {
        let left_out = |total| Captured { total, ..Captured::default() };
        Outcome {
            ending: self.ending,
            stdout: left_out(self.stdout_total),
            stderr: left_out(self.stderr_total),
            usage: self.usage,
            limits_met: self.limits_met,
        }
    }
}
