//! The order of things, faults included, on fakes of the two ports.

mod compiled;
mod judged;
mod later;
mod leaving;
mod once;

use std::{sync::Arc, time::Duration};

use time::macros::datetime;
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

use super::{Holding, OnLeave, Submission};
use crate::{
    domain::{
        caller::{Caller, Source},
        error::{ExecuteError, SandboxError, StoreError},
        id::ExecutionId,
        record::{EndRecord, FailedStatus},
    },
    testing::{House, Plan, locked, request},
};

fn submission() -> Submission {
    Submission {
        id: ExecutionId::generate(),
        caller: Caller::local(),
        source: Source::Http,
        request: request("print(2+2)"),
        key: None,
        deadline: None,
        on_leave: OnLeave::Stop,
        holds: Holding::default(),
        live: None,
    }
}

fn failed(status: FailedStatus, message: &str) -> Option<EndRecord> {
    Some(EndRecord::Failed { status, message: message.to_owned() })
}

async fn eventually(what: impl Fn() -> bool) {
    while !what() {
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_answer_comes_with_its_record_and_its_times() {
    let house = House::new();
    let answer = house.service.execute(submission()).await.unwrap();
    assert_eq!(&answer.execution.outcome.stdout.bytes()[..], b"4\n");
    assert_eq!(answer.timings.acquire, Duration::from_millis(4));
    assert!(answer.timings.total >= answer.timings.record);
    let records = locked(&house.store.records);
    let (start, end) = &records[&(answer.id, Caller::local().to_string())];
    assert!(matches!(end, Some(EndRecord::Ran(ran)) if ran.exit_code() == 0));
    assert_eq!(&start.code[..], b"print(2+2)");
    assert_eq!(start.started_at, datetime!(2025-02-12 21:00:00.123 UTC));
    assert!(start.abandoned_at > start.started_at + Duration::from_secs(15));
    assert_eq!(start.expires_at, datetime!(2025-03-14 21:00:00.123 UTC));
}

#[tokio::test]
async fn what_is_refused_leaves_no_record() {
    let house = House::new();
    house.sandbox.plan(Plan::Busy(Duration::from_secs(2)));
    let error = house.service.execute(submission()).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Sandbox(SandboxError::Busy { .. })));
    assert_eq!(house.store.len(), 0);
}

#[tokio::test]
async fn our_own_failures_are_on_record_without_their_reasons() {
    let unavailable = || SandboxError::Unavailable { reason: "tcp://10.0.0.7:2376".to_owned() };
    let lost = || SandboxError::Lost { reason: "tcp://10.0.0.7".to_owned() };
    for plan in [
        Plan::Fail(unavailable),
        Plan::Fail(lost),
        Plan::Fail(|| SandboxError::DeadlineExceeded),
        Plan::Fail(|| SandboxError::TooLate),
        Plan::Fail(|| SandboxError::language_unavailable("python", "10.0.0.7")),
        Plan::Panic,
    ] {
        let house = House::new();
        house.sandbox.plan(plan);
        let error = house.service.execute(submission()).await.unwrap_err();
        assert!(matches!(error, ExecuteError::Sandbox(_)), "{error}");
        let Some(EndRecord::Failed { status, message }) = house.store.only_end() else { panic!("no end") };
        let never_ran = matches!(
            error,
            ExecuteError::Sandbox(
                SandboxError::Unavailable { .. }
                    | SandboxError::LanguageUnavailable { .. }
                    | SandboxError::TooLate
            )
        );
        let expected = if never_ran { FailedStatus::NotStarted } else { FailedStatus::SandboxError };
        assert_eq!(status, expected);
        assert!(!message.contains("10.0.0.7"), "{message}");
    }
}

#[tokio::test]
async fn a_caller_who_goes_away_stops_the_run_and_the_record_says_so() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let service = Arc::clone(&house.service);
    let asking = tokio::spawn(async move { service.execute(submission()).await });
    eventually(|| house.sandbox.running() == 1).await;
    asking.abort();
    eventually(|| house.sandbox.running() == 0).await;
    house.service.shutdown().await;
    let end = failed(FailedStatus::Cancelled, "The caller went away. The run was stopped.");
    assert_eq!(house.store.only_end(), end);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_by_its_deadline_is_on_record_as_not_started() {
    let house = House::new();
    house.sandbox.plan(Plan::NeverReady);
    let error = house.service.execute(submission()).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Sandbox(SandboxError::TooLate)), "{error}");
    let end = failed(
        FailedStatus::NotStarted,
        "The deadline came before the run could begin. The code did not run.",
    );
    assert_eq!(house.store.only_end(), end);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_begun_for_somebody_whose_deadline_is_past() {
    let house = House::new();
    for left in [0, 500, 505] {
        let deadline = Instant::now() + Duration::from_millis(left);
        let submission = Submission { deadline: Some(deadline), ..submission() };
        let error = house.service.execute(submission).await.unwrap_err();
        assert!(matches!(error, ExecuteError::Sandbox(SandboxError::TooLate)), "{left}: {error}");
        sleep(Duration::from_secs(1)).await;
        assert_eq!((house.sandbox.runs(), house.store.len()), (0, 0), "{left}");
    }
}

#[tokio::test]
async fn a_start_that_cannot_be_written_stops_the_run() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    locked(&house.store.faults).start = true;
    let error = house.service.execute(submission()).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Store(StoreError::Unavailable(_))));
    assert_eq!(house.sandbox.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_end_is_written_even_when_the_store_stumbles() {
    let house = House::new();
    locked(&house.store.faults).finish = 3;
    house.service.execute(submission()).await.unwrap();
    assert!(house.store.only_end().is_some());
}

#[tokio::test(start_paused = true)]
async fn an_end_that_cannot_be_written_is_told_to_the_caller() {
    let house = House::new();
    locked(&house.store.faults).finish = 4;
    let error = house.service.execute(submission()).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Store(StoreError::Unavailable(_))));
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_that_forgets_its_deadline_is_given_up() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let begun = Instant::now();
    let error = house.service.execute(submission()).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Sandbox(SandboxError::DeadlineExceeded)));
    // Four times the time limit of 10 s, 5 s which the fake allows itself, and the backstop.
    assert!((45_250..45_500).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    assert_eq!(house.sandbox.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_callers_own_deadline_leaves_time_to_write_the_end() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let deadline = Instant::now() + Duration::from_secs(3);
    let submission = Submission { deadline: Some(deadline), ..submission() };
    let error = house.service.execute(submission).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Sandbox(SandboxError::DeadlineExceeded)));
    assert!(Instant::now() + Duration::from_millis(200) <= deadline);
    assert!(house.store.only_end().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_too_slow_for_the_deadline_is_told_to_the_caller_in_time() {
    let house = House::new();
    locked(&house.store.faults).slow_end = Duration::from_secs(2);
    let deadline = Instant::now() + Duration::from_millis(1500);
    let submission = Submission { deadline: Some(deadline), ..submission() };
    let error = house.service.execute(submission).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Store(StoreError::Unavailable(_))), "{error}");
    assert_eq!(Instant::now(), deadline);
    // What was run is recorded all the same.
    sleep(Duration::from_secs(1)).await;
    assert!(matches!(house.store.only_end(), Some(EndRecord::Ran(_))));
}

#[tokio::test]
async fn shutdown_takes_nothing_on_stops_what_runs_and_waits_for_every_end() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let running: Vec<_> = (0..8)
        .map(|_| {
            let service = Arc::clone(&house.service);
            tokio::spawn(async move { service.execute(submission()).await })
        })
        .collect();
    eventually(|| house.sandbox.running() == 8).await;
    house.service.shutdown().await;
    assert_eq!(house.sandbox.running(), 0);
    let end = failed(FailedStatus::Cancelled, "The service was shut down. The run was stopped.");
    assert!(locked(&house.store.records).values().all(|(_, written)| *written == end));
    for asking in running {
        assert!(matches!(asking.await.unwrap(), Err(ExecuteError::ShuttingDown)));
    }
    assert!(matches!(house.service.execute(submission()).await, Err(ExecuteError::ShuttingDown)));
    assert_eq!(house.store.len(), 8);
    assert!(!house.service.health().await.ok());
}

#[tokio::test]
async fn a_run_that_is_over_is_not_made_undone_by_a_caller_who_leaves() {
    let house = House::new();
    let told = Arc::new(Notify::new());
    house.sandbox.plan(Plan::Await(Arc::clone(&told)));
    let service = Arc::clone(&house.service);
    let asking = tokio::spawn(async move { service.execute(submission()).await });
    eventually(|| house.sandbox.running() == 1).await;
    told.notify_one();
    eventually(|| house.sandbox.running() == 0).await;
    asking.abort();
    house.service.shutdown().await;
    assert!(matches!(house.store.only_end(), Some(EndRecord::Ran(_))));
}
