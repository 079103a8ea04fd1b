//! Test cases: what is sent to the sandbox, and what is made of what comes back.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::submission;
use crate::{
    domain::{
        caller::Caller,
        compare::Compare,
        conversation::{Deliver, StepInput},
        judging::{
            Summary,
            Verdict::{self, Passed, Ran, RuntimeError, Skipped, TimeLimit, WrongAnswer},
        },
        limits::Limits,
        outcome::{Ending, Outcome},
        record::EndRecord,
        request::{Args, Stdin},
        tests::{Case, Tests},
    },
    service::Submission,
    testing::{House, Plan, exited, locked, time_limit},
};

fn case(stdin: &'static str, expected: Option<&'static str>) -> Case {
    Case {
        name: None,
        stdin: Stdin::parse(stdin).unwrap(),
        args: Args::default(),
        expected_output: expected.map(|text| Bytes::from_static(text.as_bytes())),
        limits: Limits::default(),
    }
}

fn with(cases: Vec<Case>, change: impl FnOnce(&mut Tests)) -> Submission {
    let mut tests = Tests::new(cases).unwrap();
    change(&mut tests);
    let mut submission = submission();
    submission.request.tests = Some(tests);
    submission
}

fn timed_out() -> Outcome {
    Outcome { ending: time_limit(), ..exited(0, "") }
}

fn verdicts(answer: &crate::service::Answer) -> Vec<Verdict> {
    answer.execution.tests.as_ref().unwrap().cases.iter().map(|case| case.verdict).collect()
}

#[tokio::test]
async fn each_case_is_a_step_and_has_its_verdict() {
    let house = House::new();
    let outcomes = vec![exited(0, "1\n"), exited(0, "5\n"), exited(3, "9\n"), timed_out(), exited(0, "x")];
    house.sandbox.plan(Plan::Steps(outcomes));
    let cases = vec![
        case("1", Some("1")),
        case("2", Some("4")),
        case("3", Some("9")),
        case("4", Some("16")),
        case("5", None),
    ];
    let answer = house.service.execute(with(cases, |_| {})).await.unwrap();
    assert_eq!(verdicts(&answer), [Passed, WrongAnswer, RuntimeError, TimeLimit, Ran]);
    let tests = answer.execution.tests.as_ref().unwrap();
    assert_eq!(tests.summary, Summary { passed: 1, failed: 3, skipped: 0, verdict: WrongAnswer });
    let difference = tests.cases[1].difference.as_ref().unwrap();
    assert_eq!((difference.line, &*difference.expected, &*difference.got), (1, "4", "5"));
    assert_eq!(answer.execution.outcome.ending, Ending::Exited(3));
    let steps = locked(&house.sandbox.steps);
    let inputs: Vec<_> = steps.iter().map(|step| step.stdin.clone()).collect();
    assert_eq!(
        inputs,
        ["1", "2", "3", "4", "5"].map(|text| StepInput::Whole(Bytes::from_static(text.as_bytes())))
    );
    assert_eq!(
        steps.iter().map(|step| step.another_follows).collect::<Vec<_>>(),
        [true, true, true, true, false]
    );
    assert_eq!((steps[0].deliver, steps[4].deliver), (Deliver::Complete, Deliver::Nothing));
    let records = locked(&house.store.records);
    let Some(EndRecord::Ran(ran)) = &records[&(answer.id, Caller::local().to_string())].1 else {
        panic!("no end on record")
    };
    assert_eq!(ran.tests.as_ref().unwrap().summary, tests.summary);
}

#[tokio::test]
async fn after_the_first_failure_nothing_is_sent_where_that_is_asked() {
    let house = House::new();
    house.sandbox.plan(Plan::Steps(vec![exited(0, "1"), exited(0, "wrong")]));
    let cases = vec![case("", Some("1")), case("", Some("2")), case("", Some("3")), case("", None)];
    let answer =
        house.service.execute(with(cases, |tests| tests.stop_at_first_failure = true)).await.unwrap();
    assert_eq!(verdicts(&answer), [Passed, WrongAnswer, Skipped, Skipped]);
    assert_eq!(locked(&house.sandbox.steps).len(), 2);
    let why = answer.execution.tests.unwrap().cases[3].why_skipped.clone();
    assert_eq!(why.as_deref(), Some("A test before this one failed."));
}

#[tokio::test]
async fn what_is_not_to_be_revealed_is_neither_shown_nor_compared_less() {
    let house = House::new();
    house.sandbox.plan(Plan::Steps(vec![exited(0, "1  2\n"), exited(0, "1 3")]));
    let cases = vec![case("", Some("1 2")), case("", Some("1 2"))];
    let submission = with(cases, |tests| {
        tests.reveal = false;
        tests.compare = Compare::Tokens;
    });
    let answer = house.service.execute(submission).await.unwrap();
    assert_eq!(verdicts(&answer), [Verdict::Passed, Verdict::WrongAnswer]);
    for case in answer.execution.tests.unwrap().cases {
        assert_eq!(case.difference, None);
        assert!(case.outcome.unwrap().stdout.is_withheld());
    }
    assert!(answer.execution.outcome.stdout.is_withheld());
}

#[tokio::test(start_paused = true)]
async fn what_all_cases_together_may_take_is_shared_out_in_their_order() {
    let house = House::new();
    house.sandbox.plan(Plan::Slow(Duration::from_secs(9), Box::new(exited(0, "1"))));
    let cases = (0..10).map(|_| case("", Some("1"))).collect();
    let answer = house.service.execute(with(cases, |_| {})).await.unwrap();
    let verdicts = verdicts(&answer);
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Passed).count(), 6, "{verdicts:?}");
    let steps = locked(&house.sandbox.steps);
    assert_eq!(steps.last().unwrap().limits.timeout, Duration::from_secs(6), "the last has what is left");
    let why = answer.execution.tests.unwrap().cases[9].why_skipped.clone();
    assert_eq!(why.as_deref(), Some("The 60 seconds that all tests together may take were over."));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_is_nearer_skips_what_it_leaves_no_time_for() {
    let house = House::new();
    house.sandbox.plan(Plan::Slow(Duration::from_secs(4), Box::new(exited(0, ""))));
    let submission = with((0..5).map(|_| case("", None)).collect(), |_| {});
    let deadline = Some(Instant::now() + Duration::from_secs(10));
    let answer = house.service.execute(Submission { deadline, ..submission }).await.unwrap();
    assert_eq!(verdicts(&answer)[..2], [Ran, Ran]);
    assert_eq!(verdicts(&answer)[3..], [Skipped, Skipped]);
    let why = answer.execution.tests.as_ref().unwrap().cases[4].why_skipped.as_deref();
    assert_eq!(why, Some("The time in which this request had to be answered was over."));
}

#[tokio::test]
async fn many_cases_keep_less_of_each_output() {
    let house = House::new();
    house.sandbox.plan(Plan::Steps(vec![exited(0, "1")]));
    let cases = (0..500).map(|_| case("", None)).collect();
    house.service.execute(with(cases, |_| {})).await.unwrap();
    let steps = locked(&house.sandbox.steps);
    assert_eq!((steps.len(), steps[0].limits.output_bytes), (500, 4 * 1024 * 1024 / 2 / 500));
}
