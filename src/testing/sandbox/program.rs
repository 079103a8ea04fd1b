//! What programs do in the fake sandbox.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::{
    domain::{
        conversation::{Event, Step, StreamName},
        error::SandboxError,
        outcome::Outcome,
        request::ExecutionRequest,
    },
    testing::exited,
};

/// What the fake sandbox does with the next runs.
#[derive(Clone)]
pub enum Plan {
    Answer(Box<Outcome>),
    /// Each step writes its standard output at once, and ends so after this time.
    Slow(Duration, Box<Outcome>),
    /// Each step of a conversation ends as the next of these says; the last says it for all that follow.
    Steps(Vec<Outcome>),
    Busy(Duration),
    /// Fails so: before anything is sent, where the error says that no code was run; else when the first event is asked
    /// for.
    Fail(fn() -> SandboxError),
    /// Never ends by itself, like an adapter that forgot its deadline.
    Hang,
    Panic,
    /// Tells these events, each so long after the step was sent, whatever limit or deadline there is.
    Script(Vec<(Duration, Event)>),
    /// Writes what is typed, until the input ends. At an interrupt it exits with 130.
    Echo,
    /// A compile step takes so long; the program then writes what is typed, until the input ends.
    CompilesThenEchoes(Duration),
    /// Takes 64 KiB of input in each millisecond, and says nothing of it, until the input ends.
    Sips,
    /// Takes no input. At an interrupt it exits with 130.
    Deaf,
    /// Ends when told.
    Await(Arc<Notify>),
    /// No place, however long one is waited for.
    Queue,
    /// There is a place, and never a sandbox: no code is sent.
    NeverReady,
    /// Fails for programs with this text in them, as if their host were out of reach; else answers.
    FailFor(&'static str),
    /// Does in each step what this says.
    Program(fn(&Step) -> Vec<Act>),
}

/// What a program does next.
#[derive(Clone)]
pub enum Act {
    /// Writes this.
    Writes(StreamName, Bytes),
    /// Computes for so long.
    Computes(Duration),
    /// Writes its input as it comes, until the input ends.
    Echoes,
    /// Reads a line of its input and writes it.
    EchoesLine,
    /// Takes 64 KiB of input in each millisecond, until the input ends.
    Sips,
    /// Waits for ever.
    Loops,
    /// Waits until told.
    Awaits(Arc<Notify>),
    /// Ends with this code, having written what it has written.
    Exits(u8),
    /// Ends so. What it had not written of its standard output, it writes before.
    Ends(Box<Outcome>),
    /// Is an adapter that tells this event, so long after the step was sent.
    Tells(Duration, Box<Event>),
    /// Is an adapter that has forgotten everything.
    Forgets,
    /// Is an adapter that fails.
    Fails(fn() -> SandboxError),
    /// Is an adapter that panics.
    Panics,
}

impl Act {
    /// Whether a limit or the deadline ends it.
    pub const fn is_held_to_its_time(&self) -> bool {
        !matches!(self, Self::Tells(..) | Self::Forgets)
    }

    /// Whether an interrupt ends it.
    pub const fn is_interruptible(&self) -> bool {
        matches!(self, Self::Computes(_) | Self::Echoes | Self::EchoesLine | Self::Sips | Self::Loops)
    }
}

impl Plan {
    /// Fails before any code is sent, where that is the plan.
    pub fn refuses(&self, request: &ExecutionRequest) -> Result<(), SandboxError> {
        match self {
            Self::Fail(error) if error().never_ran() => Err(error()),
            Self::FailFor(text) if String::from_utf8_lossy(request.program.source()).contains(text) => {
                Err(SandboxError::Unavailable { reason: "tcp://10.0.0.7:2376".to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// What the program does in this step.
    pub fn acts(&self, step: &Step) -> Vec<Act> {
        match self {
            Self::Answer(outcome) => vec![Act::Ends(outcome.clone())],
            Self::Slow(time, outcome) => vec![
                Act::Writes(StreamName::Stdout, outcome.stdout.bytes()),
                Act::Computes(*time),
                Act::Ends(outcome.clone()),
            ],
            Self::Steps(outcomes) => {
                let outcome = outcomes.get(usize::from(step.number)).or(outcomes.last());
                vec![Act::Ends(Box::new(outcome.cloned().expect("a step that was planned")))]
            }
            Self::Fail(error) => vec![Act::Fails(*error)],
            Self::Panic => vec![Act::Panics],
            Self::Script(events) => {
                events.iter().map(|(at, event)| Act::Tells(*at, Box::new(event.clone()))).collect()
            }
            Self::CompilesThenEchoes(time) if step.compiles() => vec![Act::Computes(*time), Act::Exits(0)],
            Self::Echo | Self::CompilesThenEchoes(_) => vec![Act::Echoes, Act::Exits(0)],
            Self::Sips => vec![Act::Sips, Act::Exits(0)],
            Self::Deaf => vec![Act::Loops],
            Self::Await(told) => {
                vec![Act::Awaits(Arc::clone(told)), Act::Ends(Box::new(exited(0, "told\n")))]
            }
            Self::FailFor(_) => vec![Act::Ends(Box::new(exited(0, "ok\n")))],
            Self::Hang | Self::Busy(_) | Self::NeverReady | Self::Queue => vec![Act::Forgets],
            Self::Program(acts) => acts(step),
        }
    }
}
