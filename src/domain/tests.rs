//! The test cases of a submission: what the program is run with, once for each, and what it is expected to write.

use std::fmt::Display;

use bytes::Bytes;

use super::{
    compare::Compare,
    judging::TestsResult,
    limits::Limits,
    outcome::{Captured, Outcome, Usage},
    request::{Args, Stdin},
};

/// The most test cases of a submission.
pub const MAX_TESTS: usize = 500;
/// The most bytes that all test cases may have together: names, inputs, arguments and expected outputs, decoded.
pub const MAX_TESTS_BYTES: usize = 16 * 1024 * 1024;
/// The most characters of a test case's name: as many as fit on one line of a report.
pub const MAX_TEST_NAME_CHARS: usize = 200;

/// One test case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What its caller calls it.
    pub name: Option<String>,
    /// What the program reads on standard input, then end of file.
    pub stdin: Stdin,
    /// The program's arguments.
    pub args: Args,
    /// What the program is expected to write to standard output; `None` where anything is right.
    pub expected_output: Option<Bytes>,
    /// The limits in force: those of the request, or lower ones.
    pub limits: Limits,
}

/// The test cases of a submission, at least one, and how they are judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Tests {
    cases: Vec<Case>,
    /// How outputs are compared.
    pub compare: Compare,
    /// Whether the cases after the first that fails are skipped.
    pub stop_at_first_failure: bool,
    /// Whether the caller is shown what the program wrote to standard output, and the first line that differs.
    pub reveal: bool,
}

/// What is wrong with test cases.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTests {
    /// None.
    #[error("`tests` must hold at least one test case.")]
    None,
    /// Over [`MAX_TESTS`].
    #[error("Too many `tests`. Maximum allowed is 500.")]
    TooMany,
    /// Over [`MAX_TESTS_BYTES`].
    #[error("`tests` are too large. Maximum allowed size is 16777216 bytes in all.")]
    TooLarge,
    /// A name that does not fit on a line; of which case.
    #[error("`tests[{0}].name` must have 1 to 200 characters, none of them a control character.")]
    BadName(usize),
    /// Something of one case; a whole sentence that names it.
    #[error("{0}")]
    Case(String),
}

impl InvalidTests {
    /// What is wrong with a part of a case, in a sentence about such a part of a request. Such sentences name the field
    /// between backquotes and nothing else before it: `stdin` becomes `tests[3].stdin`.
    pub fn in_case(index: usize, wrong: &impl Display) -> Self {
        Self::Case(wrong.to_string().replacen('`', &format!("`tests[{index}]."), 1))
    }
}

impl Tests {
    /// These test cases, compared by lines, each run, everything shown.
    ///
    /// # Errors
    /// When there are none, too many, too large, or one has a bad name.
    pub fn new(cases: Vec<Case>) -> Result<Self, InvalidTests> {
        if cases.is_empty() {
            return Err(InvalidTests::None);
        }
        if cases.len() > MAX_TESTS {
            return Err(InvalidTests::TooMany);
        }
        let good = |name: &str| {
            (1..=MAX_TEST_NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control)
        };
        if let Some(bad) = cases.iter().position(|case| !case.name.as_deref().is_none_or(good)) {
            return Err(InvalidTests::BadName(bad));
        }
        if cases.iter().map(Case::bytes).sum::<usize>() > MAX_TESTS_BYTES {
            return Err(InvalidTests::TooLarge);
        }
        Ok(Self { cases, compare: Compare::default(), stop_at_first_failure: false, reveal: true })
    }

    /// The cases, in the caller's order.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// Bytes that they have together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.cases.iter().map(Case::bytes).sum()
    }
}

impl Case {
    fn bytes(&self) -> usize {
        let args: usize = self.args.as_slice().iter().map(String::len).sum();
        self.stdin.as_bytes().len()
            + args
            + self.name.as_ref().map_or(0, String::len)
            + self.expected_output.as_ref().map_or(0, Bytes::len)
    }
}

impl TestsResult {
    /// The outcome of the whole submission: how the first case ended that did not leave with exit code 0, and what it
    /// wrote; where there is none, those of the last case that was run. Time is the sum of all cases, memory the most that
    /// one of them held. `None` where every case was skipped.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let outcomes = || self.cases.iter().filter_map(|case| case.outcome.as_ref());
        let decisive =
            outcomes().find(|outcome| outcome.ending.exit_code() != 0).or_else(|| outcomes().last())?;
        let usage = outcomes().fold(Usage::default(), |sum, Outcome { usage, .. }| Usage {
            wall: sum.wall + usage.wall,
            cpu: sum.cpu + usage.cpu,
            memory_bytes: sum.memory_bytes.max(usage.memory_bytes),
            oom_kills: sum.oom_kills + usage.oom_kills,
        });
        Some(Outcome { usage, ..decisive.clone() })
    }
}

impl Captured {
    /// The same stream with nothing kept of it: for a caller who wants it left out, and for the record.
    #[must_use]
    pub fn withheld(&self) -> Self {
        Self { total: self.total, ..Self::default() }
    }

    /// Whether nothing was kept of a stream that has something.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.total > 0 && self.head.is_empty() && self.tail.is_empty()
    }
}

#[cfg(test)]
mod judged {
    use std::time::Duration;

    use super::*;
    use crate::{
        domain::{
            judging::{CaseResult, Verdict},
            outcome::{Ending, LimitName, LimitReached},
        },
        testing::exited,
    };

    fn case(outcome: Option<Outcome>) -> CaseResult {
        let verdict = if outcome.is_some() { Verdict::Ran } else { Verdict::Skipped };
        CaseResult { name: None, verdict, outcome, difference: None, why_skipped: None }
    }

    fn limit(name: LimitName) -> Outcome {
        let limit = LimitReached { name, value: 1.0, observed: 1.0, evidence: "seen".to_owned() };
        Outcome { ending: Ending::Limit(limit), ..exited(0, "limit\n") }
    }

    #[test]
    fn the_first_case_that_ended_badly_is_the_outcome_of_the_whole() {
        for (cases, code, stdout) in [
            (vec![Some(exited(0, "a\n")), Some(exited(0, "b\n")), None], 0, "b\n"),
            (vec![Some(exited(0, "a\n")), Some(exited(3, "b\n")), Some(exited(4, "c\n"))], 3, "b\n"),
            (vec![None, Some(limit(LimitName::WallTime)), Some(exited(1, "c\n"))], -2, "limit\n"),
            (vec![Some(exited(0, "a\n")), Some(limit(LimitName::Output))], 137, "limit\n"),
        ] {
            let outcome = TestsResult::of(cases.into_iter().map(case).collect()).outcome().unwrap();
            assert_eq!((outcome.ending.exit_code(), &outcome.stdout.bytes()[..]), (code, stdout.as_bytes()));
        }
        assert_eq!(TestsResult::of(vec![case(None)]).outcome(), None);
    }

    #[test]
    fn the_whole_took_the_time_of_all_cases_and_the_memory_of_the_largest() {
        let used = |ms, memory_bytes| {
            let usage = Usage {
                wall: Duration::from_millis(ms),
                cpu: Duration::from_millis(1),
                memory_bytes,
                oom_kills: 1,
            };
            Some(Outcome { usage, ..exited(0, "") })
        };
        let cases = vec![case(used(5, 10)), case(None), case(used(7, 30)), case(used(1, 20))];
        let usage = TestsResult::of(cases).outcome().unwrap().usage;
        assert_eq!((usage.wall, usage.cpu), (Duration::from_millis(13), Duration::from_millis(3)));
        assert_eq!((usage.memory_bytes, usage.oom_kills), (30, 3));
    }

    #[test]
    fn what_is_withheld_keeps_its_count_and_nothing_else() {
        let stream = Captured::whole("secret").withheld();
        assert_eq!((stream.bytes().len(), stream.total, stream.is_withheld()), (0, 6, true));
        assert!(!Captured::default().withheld().is_withheld(), "nothing was written");
    }
}
