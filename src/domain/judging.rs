//! Test cases judged: what came of each test case of a submission, and of all of them together.
//!
//! Knows the words and the numbers. Comparing a program's output with what was expected is not here.

use serde::{Deserialize, Serialize};

use super::outcome::{Ending, Outcome, Status};

/// The most characters of an expected and of a written line that a [`Difference`] shows.
pub const DIFFERENCE_CHARS: usize = 200;

/// The word for what came of a test case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The program exited with code 0 and wrote what was expected.
    Passed,
    /// The program exited with code 0 and wrote something else than was expected.
    WrongAnswer,
    /// The time limit ended the program.
    TimeLimit,
    /// The memory limit ended the program.
    MemoryLimit,
    /// The output limit ended the program.
    OutputLimit,
    /// The program exited with another code than 0, or a signal ended it.
    RuntimeError,
    /// The program was not run for this test case; [`CaseResult::why_skipped`] says why.
    Skipped,
    /// The program exited with code 0 and nothing was expected of its output.
    Ran,
}

impl Verdict {
    /// Every verdict there is.
    pub const ALL: [Self; 8] = [
        Self::Passed,
        Self::WrongAnswer,
        Self::TimeLimit,
        Self::MemoryLimit,
        Self::OutputLimit,
        Self::RuntimeError,
        Self::Skipped,
        Self::Ran,
    ];

    /// The name in answers and on record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::WrongAnswer => "wrong_answer",
            Self::TimeLimit => "time_limit",
            Self::MemoryLimit => "memory_limit",
            Self::OutputLimit => "output_limit",
            Self::RuntimeError => "runtime_error",
            Self::Skipped => "skipped",
            Self::Ran => "ran",
        }
    }

    /// The verdict of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == name)
    }

    /// The verdict that an ending alone gives, whatever the program wrote; `None` for exit code 0, where the
    /// output decides between [`Passed`](Self::Passed), [`WrongAnswer`](Self::WrongAnswer) and [`Ran`](Self::Ran).
    #[must_use]
    pub const fn of(ending: &Ending) -> Option<Self> {
        match ending.status() {
            Status::Completed => None,
            Status::NonzeroExit | Status::Signal | Status::DiskLimit => Some(Self::RuntimeError),
            // Where there is no program no case is run: nobody asks.
            Status::CompileError => Some(Self::Skipped),
            Status::TimeLimit => Some(Self::TimeLimit),
            Status::MemoryLimit => Some(Self::MemoryLimit),
            Status::OutputLimit => Some(Self::OutputLimit),
        }
    }

    /// Whether the test case counts as failed: the program was run for it, and ended badly or wrote the wrong output.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        match self {
            Self::Passed | Self::Skipped | Self::Ran => false,
            Self::WrongAnswer
            | Self::TimeLimit
            | Self::MemoryLimit
            | Self::OutputLimit
            | Self::RuntimeError => true,
        }
    }
}

/// The first line in which a program's output differs from what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The line's number; the first line is 1.
    pub line: u64,
    /// The line as it was expected, its first [`DIFFERENCE_CHARS`] characters; empty where none was expected any more.
    pub expected: String,
    /// The line as the program wrote it, its first [`DIFFERENCE_CHARS`] characters; empty where it wrote none any more.
    pub got: String,
}

/// What came of one test case.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseResult {
    /// The name that the caller gave it.
    pub name: Option<String>,
    /// The word for what came of it.
    pub verdict: Verdict,
    /// What came of the run; `None` where the case was skipped.
    pub outcome: Option<Outcome>,
    /// Where the output differs first; `None` where it does not, or where the caller wants it left out.
    pub difference: Option<Difference>,
    /// Why the program was not run for this case, in one sentence fit for the caller's eyes.
    pub why_skipped: Option<String>,
}

/// What came of all test cases of a submission.
#[derive(Clone, Debug, PartialEq)]
pub struct TestsResult {
    /// Each test case, in the caller's order.
    pub cases: Vec<CaseResult>,
    /// All of them in one word and three numbers.
    pub summary: Summary,
}

impl TestsResult {
    /// These cases with their summary.
    #[must_use]
    pub fn of(cases: Vec<CaseResult>) -> Self {
        let summary = Summary::of(cases.iter().map(|case| case.verdict));
        Self { cases, summary }
    }
}

/// All test cases of a submission in one word and three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How many passed.
    pub passed: u32,
    /// How many failed: see [`Verdict::is_failure`]. Cases of which nothing was expected and that exited with code 0
    /// ([`Verdict::Ran`]) count neither as passed nor as failed.
    pub failed: u32,
    /// How many were skipped.
    pub skipped: u32,
    /// The verdict of the whole: that of the first case that failed; else `skipped` where a case was; else `passed`
    /// where a case passed; else `ran`.
    pub verdict: Verdict,
}

impl Summary {
    /// The summary of cases with these verdicts, given in the caller's order.
    #[must_use]
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        let mut first_failure = None;
        for verdict in verdicts {
            match verdict {
                Verdict::Passed => passed += 1,
                Verdict::Skipped => skipped += 1,
                Verdict::Ran => {}
                failure => {
                    failed += 1;
                    first_failure.get_or_insert(failure);
                }
            }
        }
        let otherwise = match (skipped, passed) {
            (0, 0) => Verdict::Ran,
            (0, _) => Verdict::Passed,
            _ => Verdict::Skipped,
        };
        Self { passed, failed, skipped, verdict: first_failure.unwrap_or(otherwise) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outcome::{LimitName, LimitReached, Signal};

    #[test]
    fn a_verdict_has_one_name_in_answers_and_on_record() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::from_name(verdict.as_str()), Some(verdict));
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.as_str());
        }
        assert_eq!(Verdict::from_name("accepted"), None);
    }

    #[test]
    fn an_ending_gives_the_verdict_unless_the_output_decides() {
        let limit = |name| {
            Ending::Limit(LimitReached { name, value: 1.0, observed: 1.0, evidence: "seen".to_owned() })
        };
        for (ending, verdict) in [
            (Ending::Exited(0), None),
            (Ending::Exited(3), Some(Verdict::RuntimeError)),
            (Ending::Signaled(Signal(11)), Some(Verdict::RuntimeError)),
            (limit(LimitName::WallTime), Some(Verdict::TimeLimit)),
            (limit(LimitName::CpuTime), Some(Verdict::TimeLimit)),
            (limit(LimitName::Memory), Some(Verdict::MemoryLimit)),
            (limit(LimitName::Output), Some(Verdict::OutputLimit)),
        ] {
            assert_eq!(Verdict::of(&ending), verdict, "{ending:?}");
            assert!(verdict.is_none_or(Verdict::is_failure), "{ending:?}");
        }
    }

    #[test]
    fn the_first_failure_is_the_verdict_of_the_whole() {
        use Verdict::{MemoryLimit, Passed, Ran, RuntimeError, Skipped, WrongAnswer};
        for (verdicts, passed, failed, skipped, verdict) in [
            (vec![], 0, 0, 0, Ran),
            (vec![Ran, Ran], 0, 0, 0, Ran),
            (vec![Passed, Ran, Passed], 2, 0, 0, Passed),
            (vec![Passed, MemoryLimit, WrongAnswer], 1, 2, 0, MemoryLimit),
            (vec![Passed, RuntimeError, Skipped, Skipped], 1, 1, 2, RuntimeError),
            (vec![Passed, Skipped], 1, 0, 1, Skipped),
            (vec![Skipped], 0, 0, 1, Skipped),
        ] {
            let expected = Summary { passed, failed, skipped, verdict };
            assert_eq!(Summary::of(verdicts.iter().copied()), expected, "{verdicts:?}");
        }
    }
}
