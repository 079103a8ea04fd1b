//! Output as events, and the waiting for them.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use super::{Does, Subject, begin, much, run, send, step};
use crate::domain::{
    conversation::{Deliver, Event, Input, StepInput, StreamName},
    outcome::Ending,
    ports::Conversation,
};

pub async fn output_comes_as_it_is_asked_for(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    let each =
        [Deliver::Nothing, Deliver::Live, Deliver::Complete, Deliver::CompleteAndLive, Deliver::Nothing];
    for (number, deliver) in (0..).zip(each) {
        let mut step = step(number, Does::PrintsFour);
        step.deliver = deliver;
        step.another_follows = number < 4;
        let told = run(&mut talk, step).await;
        told.printed("4\n");
        let expected: &[u8] = if deliver == Deliver::Nothing { b"" } else { b"4\n" };
        assert_eq!(told.stdout(), expected, "{deliver:?}");
    }
}

pub async fn live_output_says_where_it_belongs(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    let mut step = step(0, Does::WritesMuch);
    step.deliver = Deliver::Live;
    let told = run(&mut talk, step).await;
    told.exited(0);
    let (all, mut upto) = (much(), 0);
    for (stream, at, bytes) in &told.outputs {
        let at = usize::try_from(*at).expect("within what is written");
        assert_eq!(*stream, StreamName::Stdout);
        assert!(at >= upto, "{at} comes after {upto}");
        upto = at + bytes.len();
        assert_eq!(Some(bytes.as_ref()), all.get(at..upto), "other bytes than the program wrote there");
    }
    assert!(!told.outputs.is_empty(), "nothing was told");
    assert_eq!(told.outcome.stdout.total, 200_000);
}

pub async fn complete_output_is_the_whole_of_it_also_beyond_what_is_kept(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    for number in 0..2 {
        let mut step = step(number, Does::WritesMuch);
        step.deliver = Deliver::Complete;
        step.limits.output_bytes = 1000;
        step.another_follows = number == 0;
        let told = run(&mut talk, step).await;
        told.exited(0);
        let (all, kept) = (much(), &told.outcome.stdout);
        assert!(told.stdout() == all, "not what the program wrote: {} bytes", told.stdout().len());
        assert_eq!((kept.total, kept.head.len() + kept.tail.len()), (200_000, 1000));
        assert!(all.starts_with(&kept.head) && all.ends_with(&kept.tail), "{kept:?}");
    }
}

/// The next event, by a caller that gives up after a millisecond and asks again, counting how often it gave up.
async fn impatiently(talk: &mut impl Conversation, given_up: &mut u32) -> Event {
    while *given_up < 60_000 {
        match timeout(Duration::from_millis(1), talk.next()).await {
            Ok(event) => return event.unwrap_or_else(|error| panic!("no event: {error}")),
            Err(_) => *given_up += 1,
        }
    }
    panic!("no event in a minute");
}

pub async fn next_may_be_given_up_at_any_moment(subject: &impl Subject) {
    let mut talk = begin(subject).await;
    let mut given_up = 0;
    let typed = Bytes::from(much());
    for (number, does) in (0..).zip([Does::WritesMuch, Does::Echoes, Does::WritesMuch]) {
        let mut step = step(number, does);
        step.deliver = Deliver::Complete;
        step.another_follows = number < 2;
        if does == Does::Echoes {
            step.stdin = StepInput::Live;
        }
        send(&mut talk, step).await;
        if does == Does::Echoes {
            talk.input(Input::Bytes(typed.clone()));
            talk.input(Input::End);
        }
        let mut heard = Vec::new();
        let outcome = loop {
            match impatiently(&mut talk, &mut given_up).await {
                Event::Output { at, bytes, .. } => {
                    assert_eq!(at, heard.len() as u64, "an event was lost, or came twice");
                    heard.extend_from_slice(&bytes);
                }
                Event::Taken => {}
                Event::Ended(outcome) => break outcome,
            }
        };
        assert_eq!(outcome.ending, Ending::Exited(0), "{outcome:?}");
        assert!(heard == typed, "step {number}: {} of {} bytes", heard.len(), typed.len());
    }
    assert!(given_up > 0, "nobody ever waited: this has shown nothing");
}
