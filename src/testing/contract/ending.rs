//! Ends that do not come from the program: limits, deadlines, and nobody who waits any more.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout};

use super::{
    Does, PATIENCE, Subject, begin, begin_until, hears, is_full, nothing_is_left, run, send, step, to_end,
};
use crate::domain::{
    conversation::{Deliver, StepInput},
    error::SandboxError,
    outcome::{Ending, LimitName},
    ports::Conversation,
};

pub async fn a_time_limit_ends_its_own_step_and_no_other(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    for number in 0..2 {
        let mut looping = step(number * 2, Does::Loops);
        looping.limits.timeout = Duration::from_millis(300);
        looping.another_follows = true;
        let told = run(&mut talk, looping).await;
        let Ending::Limit(limit) = &told.outcome.ending else { panic!("{:?}", told.outcome) };
        assert!(matches!(limit.name, LimitName::WallTime | LimitName::CpuTime), "{limit:?}");
        assert!((limit.value - 0.3).abs() < 1e-9, "{limit:?}");
        let mut clean = step(number * 2 + 1, Does::Echoes);
        clean.stdin = StepInput::Whole(Bytes::from_static(b"clean"));
        clean.another_follows = number == 0;
        run(&mut talk, clean).await.printed("clean");
    }
}

pub async fn a_deadline_that_is_past_takes_no_sandbox(subject: &impl Subject) {
    let now = Instant::now();
    for deadline in [now, now - Duration::from_secs(5)] {
        let late = begin_until(subject, deadline).await.err();
        assert!(matches!(late, Some(SandboxError::TooLate)), "{late:?}");
        assert_eq!(subject.left().await, Vec::<String>::new(), "a sandbox was made");
    }
    run(&mut begin(subject).await, step(0, Does::PrintsFour)).await.printed("4\n");
}

pub async fn a_deadline_ends_the_step_under_way(subject: &impl Subject) {
    // How long it takes to make a sandbox differs much.
    for seconds in [2, 4, 8, 16] {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        let mut talk = match begin_until(subject, deadline).await {
            Ok(talk) => talk,
            Err(SandboxError::TooLate) => continue,
            Err(error) => panic!("no sandbox: {error}"),
        };
        let mut looping = step(0, Does::Loops);
        looping.limits.timeout = Duration::from_secs(30);
        looping.another_follows = true;
        send(&mut talk, looping).await;
        let ended = timeout(PATIENCE, talk.next()).await.expect("an answer within a minute");
        assert!(matches!(ended, Err(SandboxError::DeadlineExceeded)), "{ended:?}");
        let late = Instant::now().checked_duration_since(deadline);
        assert!(late.is_some_and(|late| late < Duration::from_secs(2)), "early, or too late: {late:?}");
        drop(talk);
        return nothing_is_left(subject).await;
    }
    panic!("no sandbox could be had in 16 s");
}

pub async fn given_up_before_the_first_step_nothing_is_left(subject: &impl Subject) {
    let talk = begin(subject).await;
    assert!(!subject.left().await.is_empty(), "what is there is not seen");
    is_full(subject).await;
    drop(talk);
    nothing_is_left(subject).await;
}

pub async fn given_up_while_a_step_runs_nothing_is_left(subject: &impl Subject) {
    for follows in [false, true] {
        let mut talk = begin(subject).await;
        let mut looping = step(0, Does::Loops);
        looping.deliver = Deliver::Live;
        looping.another_follows = follows;
        send(&mut talk, looping).await;
        hears(&mut talk, "looping\n").await;
        is_full(subject).await;
        drop(talk);
        nothing_is_left(subject).await;
    }
}

pub async fn given_up_between_two_steps_nothing_is_left(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    let mut first = step(0, Does::PrintsFour);
    first.another_follows = true;
    run(&mut talk, first).await.printed("4\n");
    is_full(subject).await;
    drop(talk);
    nothing_is_left(subject).await;
}

pub async fn given_up_while_it_is_being_made_nothing_is_left(subject: &impl Subject) {
    for millis in [1, 30, 150] {
        let deadline = Instant::now() + PATIENCE;
        drop(timeout(Duration::from_millis(millis), begin_until(subject, deadline)).await);
        nothing_is_left(subject).await;
    }
}

pub async fn after_the_last_step_nothing_is_left(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    send(&mut talk, step(0, Does::ExitsWithThree)).await;
    to_end(&mut talk).await.exited(3);
    drop(talk);
    nothing_is_left(subject).await;
}
