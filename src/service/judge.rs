//! The test cases of a submission: one step of the conversation for each, judged as its output arrives.
//!
//! What a case is expected to write never leaves this room, and the input of a case is sent only when the case before it
//! is over: so nothing of a case is in the sandbox while another one runs.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    compare::Comparer,
    converse::{StepOf, one_step},
};
use crate::domain::{
    conversation::{Deliver, Step, StepInput, Task},
    error::SandboxError,
    judging::{CaseResult, TestsResult, Verdict},
    limits::{Limits, MIN_TIMEOUT},
    outcome::{Ending, LimitName, Outcome},
    ports::Conversation,
    tests::{Case, Tests},
};

/// Bytes that are kept of the outputs of all test cases together, standard error included: 500 cases of the most that is
/// kept of one run would be 64 MiB in memory, and in the answer.
const KEPT_OF_ALL: u64 = 4 * 1024 * 1024;
/// The least that is kept of each stream of a case, so that its end can be shown.
const KEPT_AT_LEAST: u64 = 1024;

/// Why the cases after one that failed are skipped.
const AFTER_A_FAILURE: &str = "A test before this one failed.";
/// Why the cases that the deadline leaves no time for are skipped.
const DEADLINE: &str = "The time in which this request had to be answered was over.";
/// The time kept free before a deadline for ending the last case and reading its report.
const AROUND_THE_TESTS: Duration = Duration::from_millis(500);

/// What the test cases came to, and the outcome that the whole submission has.
pub(super) struct Judged {
    pub(super) tests: TestsResult,
    pub(super) outcome: Outcome,
}

/// Why no case was run.
const NOT_COMPILED: &str = "The program was not compiled.";

/// The test cases of a program that was not compiled.
pub(super) fn none_judged(tests: &Tests) -> TestsResult {
    TestsResult::of(tests.cases().iter().map(|case| skipped(case, NOT_COMPILED)).collect())
}

/// Until when test cases may run.
pub(super) struct Until {
    at: Instant,
    /// Why the cases after it are skipped.
    why: String,
}

impl Until {
    /// `total` after `since`, or shortly before the deadline of whoever waits for the answer, if that is sooner.
    pub(super) fn of(since: Instant, total: Duration, deadline: Option<Instant>) -> Self {
        let at = since + total;
        match deadline.and_then(|deadline| deadline.checked_sub(AROUND_THE_TESTS)) {
            Some(sooner) if sooner < at => Self { at: sooner, why: DEADLINE.to_owned() },
            _ => {
                let seconds = total.as_secs();
                let why = format!("The {seconds} seconds that all tests together may take were over.");
                Self { at, why }
            }
        }
    }
}

/// Runs each test case, the one after the other, for as long as they may. The `first` has the step of this number.
///
/// # Errors
/// As [`Conversation`] says.
pub(super) async fn judge(
    conversation: &mut impl Conversation,
    of: &StepOf<'_>,
    (tests, first): (&Tests, u16),
    until: &Until,
) -> Result<Judged, SandboxError> {
    let kept = (KEPT_OF_ALL / 2 / tests.cases().len() as u64).max(KEPT_AT_LEAST);
    let mut results = Vec::with_capacity(tests.cases().len());
    let mut skip: Option<String> = None;
    let mut cut_off = None;
    for (index, case) in tests.cases().iter().enumerate() {
        let left = until.at.saturating_duration_since(Instant::now());
        if skip.is_none() && left < MIN_TIMEOUT {
            skip = Some(until.why.clone());
        }
        if let Some(why) = &skip {
            results.push(skipped(case, why));
            continue;
        }
        let limits = Limits {
            timeout: case.limits.timeout.min(left),
            output_bytes: case.limits.output_bytes.min(kept),
            ..case.limits
        };
        let listened = of.live.is_some_and(super::live::Live::has_events);
        let step = Step {
            number: u16::try_from(index).unwrap_or(u16::MAX).saturating_add(first),
            task: Task::Run,
            args: case.args.clone(),
            stdin: StepInput::Whole(case.stdin.bytes()),
            limits,
            deliver: match case.expected_output {
                Some(_) if listened => Deliver::CompleteAndLive,
                Some(_) => Deliver::Complete,
                None if listened => Deliver::Live,
                None => Deliver::Nothing,
            },
            another_follows: index + 1 < tests.cases().len(),
            // Which case is the last to be run is known when it has ended.
            files_follow: of.collects,
        };
        let mut comparer = case.expected_output.clone().map(|text| Comparer::new(text, &tests.compare));
        let outcome = one_step(conversation, step, of, |bytes| {
            if let Some(comparer) = &mut comparer {
                comparer.feed(bytes);
            }
        })
        .await?;
        if limits.timeout < case.limits.timeout && ran_out_of_time(&outcome.ending) {
            // The case had a right to more: nothing can be said of it.
            results.push(skipped(case, &until.why));
            skip = Some(until.why.clone());
            cut_off = Some(outcome);
            continue;
        }
        let result = judged(case, outcome, comparer, tests.reveal);
        if result.verdict.is_failure() && tests.stop_at_first_failure {
            skip = Some(AFTER_A_FAILURE.to_owned());
        }
        results.push(result);
    }
    let tests = TestsResult::of(results);
    match tests.outcome().or(cut_off) {
        Some(outcome) => Ok(Judged { tests, outcome }),
        None => Err(SandboxError::TooLate),
    }
}

fn judged(case: &Case, mut outcome: Outcome, comparer: Option<Comparer>, reveal: bool) -> CaseResult {
    let difference = comparer.map(Comparer::finish);
    let verdict = Verdict::of(&outcome.ending).unwrap_or(match &difference {
        None => Verdict::Ran,
        Some(None) => Verdict::Passed,
        Some(Some(_)) => Verdict::WrongAnswer,
    });
    let difference = difference.flatten().filter(|_| reveal && verdict == Verdict::WrongAnswer);
    if !reveal {
        outcome.stdout = outcome.stdout.withheld();
    }
    CaseResult { name: case.name.clone(), verdict, outcome: Some(outcome), difference, why_skipped: None }
}

fn skipped(case: &Case, why: &str) -> CaseResult {
    CaseResult {
        name: case.name.clone(),
        verdict: Verdict::Skipped,
        outcome: None,
        difference: None,
        why_skipped: Some(why.to_owned()),
    }
}

const fn ran_out_of_time(ending: &Ending) -> bool {
    matches!(ending, Ending::Limit(limit) if matches!(limit.name, LimitName::WallTime | LimitName::CpuTime))
}
