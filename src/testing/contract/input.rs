//! Input that is typed while the program runs.

use bytes::Bytes;

use super::{Does, Subject, begin, hears, much, next, run, send, step, to_end};
use crate::domain::{
    conversation::{Deliver, Event, Input, Step, StepInput},
    outcome::Ending,
    ports::Conversation,
};

fn typed(text: &'static str) -> Input {
    Input::Bytes(Bytes::from_static(text.as_bytes()))
}

/// A step with live input whose output is told.
fn live(number: u16, does: Does) -> Step {
    Step { stdin: StepInput::Live, deliver: Deliver::Live, ..step(number, does) }
}

pub async fn what_is_typed_arrives_while_the_program_runs(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    send(&mut talk, live(0, Does::EchoesTwoLines)).await;
    assert_eq!(talk.pending_input(), 0, "before anything is typed");
    talk.input(typed("first\n"));
    assert_eq!(talk.pending_input(), 6, "what waits is counted");
    hears(&mut talk, "first\n").await;
    talk.input(typed("sec"));
    talk.input(typed("ond\n"));
    hears(&mut talk, "second\n").await;
    let told = to_end(&mut talk).await;
    told.printed("first\nsecond\n");
    assert_eq!(talk.pending_input(), 0, "the program is gone");
}

pub async fn the_end_of_input_reaches_the_program_and_what_is_typed_after_it_does_not(
    subject: &impl Subject,
) {
    let mut talk = begin(subject).await;
    for number in 0..2 {
        let mut step = live(number, Does::Echoes);
        step.another_follows = number == 0;
        send(&mut talk, step).await;
        talk.input(typed("all there is"));
        talk.input(Input::End);
        talk.input(typed(", and more"));
        talk.input(Input::End);
        to_end(&mut talk).await.printed("all there is");
        assert_eq!(talk.pending_input(), 0);
    }
}

pub async fn more_than_is_taken_at_once_arrives_whole_and_in_order(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    let mut step = live(0, Does::Echoes);
    step.deliver = Deliver::Complete;
    send(&mut talk, step).await;
    let pieces = 4;
    for _ in 0..pieces {
        talk.input(Input::Bytes(Bytes::from(much())));
    }
    assert_eq!(talk.pending_input(), pieces * 200_000);
    talk.input(Input::End);
    let told = to_end(&mut talk).await;
    told.exited(0);
    assert!(told.stdout() == much().repeat(pieces), "{} bytes came back", told.stdout().len());
    assert_eq!(talk.pending_input(), 0);
}

pub async fn it_is_told_when_the_program_takes_what_is_typed(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    let mut step = live(0, Does::Echoes);
    step.deliver = Deliver::Nothing;
    send(&mut talk, step).await;
    talk.input(Input::Bytes(Bytes::from(much())));
    while talk.pending_input() > 0 {
        assert_eq!(next(&mut talk).await, Event::Taken);
    }
    talk.input(Input::End);
    to_end(&mut talk).await.exited(0);
}

/// Types everything that can be typed.
fn late(talk: &mut impl Conversation) {
    for input in [typed("late"), Input::Interrupt, Input::End] {
        talk.input(input);
    }
}

pub async fn what_is_typed_to_a_program_that_is_gone_does_no_harm(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    let mut first = live(0, Does::PrintsFour);
    first.another_follows = true;
    send(&mut talk, first).await;
    talk.input(Input::Bytes(Bytes::from(much())));
    to_end(&mut talk).await.printed("4\n");
    assert_eq!(talk.pending_input(), 0, "nobody takes it any more");
    late(&mut talk);
    assert_eq!(talk.pending_input(), 0, "there is nobody to take it");
    let mut second = step(1, Does::Echoes);
    second.stdin = StepInput::Whole(Bytes::from_static(b"its own"));
    second.another_follows = true;
    run(&mut talk, second).await.printed("its own");
    late(&mut talk);
    send(&mut talk, live(2, Does::Echoes)).await;
    talk.input(typed("in time"));
    talk.input(Input::End);
    to_end(&mut talk).await.printed("in time");
    late(&mut talk);
    assert_eq!(talk.pending_input(), 0, "the sandbox has ended");
}

pub async fn an_interrupt_reaches_a_program_that_loops(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    let mut loops = live(0, Does::Loops);
    loops.another_follows = true;
    send(&mut talk, loops).await;
    hears(&mut talk, "looping\n").await;
    // What nobody reads does not hold it up.
    talk.input(Input::Bytes(Bytes::from(much())));
    talk.input(Input::Interrupt);
    let told = to_end(&mut talk).await;
    assert_eq!(told.outcome.ending, Ending::Exited(130), "{:?}", told.outcome);
    assert_eq!(talk.pending_input(), 0);
    run(&mut talk, step(1, Does::PrintsFour)).await.printed("4\n");
}
