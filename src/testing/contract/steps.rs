//! Steps: their order, and what belongs to each.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use super::{COMPUTED, Does, Subject, args, begin, is_over, run, send, step, to_end};
use crate::domain::{
    conversation::{Event, StepInput},
    error::SandboxError,
    ports::{Conversation, Sent},
};

pub async fn a_step_is_sent_when_it_is_given_and_ends_once(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    let sent = Sent::default();
    let sending = talk.step(step(0, Does::PrintsFour), &sent);
    assert!(!sent.is_set(), "said to be sent before the step was begun");
    sending.await.unwrap_or_else(|error| panic!("a step is not taken: {error}"));
    assert!(sent.is_set(), "sent, and `sent` does not say so");
    let told = to_end(&mut talk).await;
    told.printed("4\n");
    assert!(told.outputs.is_empty(), "output that nobody asked for");
    let after = timeout(Duration::from_millis(200), talk.next()).await;
    let silent = matches!(after, Err(_) | Ok(Err(SandboxError::Lost { .. })));
    assert!(silent, "an event after the end: {after:?}");
    is_over(&mut talk, 1).await;
}

pub async fn steps_follow_one_another_each_with_its_own_arguments_and_input(subject: &impl Subject) {
    for count in [2_u16, 3] {
        let mut talk = begin(subject).await;
        for number in 0..count {
            let mut step = step(number, Does::Echoes);
            step.args = args(&[Does::Echoes.word(), &format!("argument {number}, ")]);
            step.stdin = StepInput::Whole(Bytes::from(format!("input {number}")));
            step.another_follows = number + 1 < count;
            run(&mut talk, step).await.printed(&format!("argument {number}, input {number}"));
        }
        is_over(&mut talk, count).await;
    }
}

pub async fn what_a_step_uses_is_its_own(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    let mut outcomes = Vec::new();
    for (number, does) in
        (0..).zip([Does::Computes, Does::PrintsFour, Does::WritesMuch, Does::ExitsWithThree])
    {
        let mut step = step(number, does);
        step.another_follows = does != Does::ExitsWithThree;
        outcomes.push(run(&mut talk, step).await);
    }
    for (told, code) in outcomes.iter().zip([0, 0, 0, 3]) {
        told.exited(code);
    }
    let [computed, rest @ ..] = outcomes.as_slice() else { panic!("no step") };
    let cpu = computed.outcome.usage.cpu;
    assert!(cpu >= COMPUTED * 9 / 10, "too little CPU time: {cpu:?}");
    assert!(computed.outcome.usage.wall >= cpu * 9 / 10, "{:?}", computed.outcome.usage);
    for told in rest {
        assert!(told.outcome.usage.cpu < COMPUTED, "another step's CPU time: {:?}", told.outcome.usage);
    }
    let written: Vec<_> = outcomes.iter().map(|told| told.outcome.stdout.total).collect();
    assert_eq!(written, [0, 2, 200_000, 0], "another step's bytes");
}

pub async fn times_are_told_and_cover_the_steps(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    let begun = talk.timings();
    assert!(begun.acquire > Duration::ZERO, "a sandbox takes time: {begun:?}");
    assert_eq!((begun.run, begun.collect), (Duration::ZERO, Duration::ZERO), "nothing has run");
    let mut walls = Duration::ZERO;
    for number in 0..2 {
        let mut step = step(number, Does::Computes);
        step.another_follows = number == 0;
        send(&mut talk, step).await;
        walls += to_end(&mut talk).await.outcome.usage.wall;
        let timings = talk.timings();
        assert!(timings.run >= walls, "the programs ran longer than the run: {timings:?}, {walls:?}");
        assert_eq!(timings.acquire, begun.acquire, "a step acquires nothing");
    }
    // An event that is over is not counted again.
    let last = talk.timings();
    let after = timeout(Duration::from_millis(50), talk.next()).await;
    assert!(!matches!(after, Ok(Ok(Event::Ended(_)))), "{after:?}");
    assert_eq!(talk.timings(), last);
}
