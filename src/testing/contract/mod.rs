//! What every [`Sandbox`] promises, as functions over any of them. `sandbox_contract!(Subject)` makes a test of each;
//! nothing in here knows what it runs against.
//!
//! The fake runs them in the library's own tests (`cargo test --lib contract`). `tests/suite/contract.rs` includes this
//! folder by its path, and runs them on a Docker engine (`cargo test --test suite contract::`; with gVisor: `make
//! test-gvisor`).

mod ending;
mod input;
mod output;
mod steps;

use std::time::Duration;

use bytes::Bytes;
pub use ending::*;
pub use input::*;
pub use output::*;
pub use steps::*;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::domain::{
    conversation::{Deliver, Event, Step, StepInput, StreamName, Task},
    error::SandboxError,
    id::ExecutionId,
    limits::Limits,
    outcome::{Ending, Outcome},
    ports::{Conversation, Sandbox, Sent},
    request::{Args, ExecutionRequest},
};

/// A test for each promise, of a sandbox of this type. `promises` must name this module where it is written.
macro_rules! sandbox_contract {
    ($subject:ty) => {
        sandbox_contract!($subject:
            a_step_is_sent_when_it_is_given_and_ends_once,
            steps_follow_one_another_each_with_its_own_arguments_and_input,
            what_a_step_uses_is_its_own,
            times_are_told_and_cover_the_steps,
            output_comes_as_it_is_asked_for,
            live_output_says_where_it_belongs,
            complete_output_is_the_whole_of_it_also_beyond_what_is_kept,
            next_may_be_given_up_at_any_moment,
            what_is_typed_arrives_while_the_program_runs,
            the_end_of_input_reaches_the_program_and_what_is_typed_after_it_does_not,
            more_than_is_taken_at_once_arrives_whole_and_in_order,
            it_is_told_when_the_program_takes_what_is_typed,
            what_is_typed_to_a_program_that_is_gone_does_no_harm,
            an_interrupt_reaches_a_program_that_loops,
            a_time_limit_ends_its_own_step_and_no_other,
            a_deadline_that_is_past_takes_no_sandbox,
            a_deadline_ends_the_step_under_way,
            given_up_before_the_first_step_nothing_is_left,
            given_up_while_a_step_runs_nothing_is_left,
            given_up_between_two_steps_nothing_is_left,
            given_up_while_it_is_being_made_nothing_is_left,
            after_the_last_step_nothing_is_left,
        );
    };
    ($subject:ty: $($name:ident),+ $(,)?) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let subject = <$subject as promises::Subject>::fresh().await;
            promises::$name(&subject).await;
            promises::Subject::close(subject).await;
        })+
    };
}

/// A sandbox under test, which has a place for one program at a time.
pub trait Subject: Sized {
    type Sandbox: Sandbox;

    /// One of its own for each test.
    async fn fresh() -> Self;

    fn sandbox(&self) -> &Self::Sandbox;

    /// A request to run a program that does what the first argument of a step says: see [`Does`].
    fn request(&self) -> ExecutionRequest;

    /// What there is now of conversations that were had here, in words.
    async fn left(&self) -> Vec<String>;

    /// The test is over.
    async fn close(self);
}

/// What the program under test does in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Prints 4 and a line feed.
    PrintsFour,
    /// Exits with 3.
    ExitsWithThree,
    /// Writes its further arguments, then its standard input as it comes, and ends with it.
    Echoes,
    /// Reads a line and writes it, and once more.
    EchoesTwoLines,
    /// Writes [`much`].
    WritesMuch,
    /// Uses [`COMPUTED`] of CPU time.
    Computes,
    /// Writes `looping` and a line feed, and loops for ever. At an interrupt it exits with 130.
    Loops,
}

/// The CPU time of a program that computes.
pub const COMPUTED: Duration = Duration::from_millis(600);

impl Does {
    /// The argument that says so.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PrintsFour => "four",
            Self::ExitsWithThree => "three",
            Self::Echoes => "echo",
            Self::EchoesTwoLines => "lines",
            Self::WritesMuch => "much",
            Self::Computes => "compute",
            Self::Loops => "loop",
        }
    }
}

/// 200 KB in which no two places within 23 bytes of each other look alike.
pub fn much() -> Vec<u8> {
    (b'a'..=b'w').cycle().take(200_000).collect()
}

/// How long a whole conversation may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How soon a conversation that was given up must be gone. Most of it is for an engine that was interrupted while it
/// made a container.
const GONE: Duration = Duration::from_secs(30);

/// A conversation with the sandbox under test.
type Talk<S> = <<S as Subject>::Sandbox as Sandbox>::Conversation;

/// The program's only step, or its last.
fn step(number: u16, does: Does) -> Step {
    Step {
        number,
        task: Task::Run,
        args: args(&[does.word()]),
        stdin: StepInput::Whole(Bytes::new()),
        limits: Limits::default(),
        deliver: Deliver::Nothing,
        another_follows: false,
        files_follow: false,
    }
}

fn args(words: &[&str]) -> Args {
    Args::parse(words.iter().map(ToString::to_string).collect()).expect("good arguments")
}

async fn begin<S: Subject>(subject: &S) -> Talk<S> {
    let begun = begin_until(subject, Instant::now() + PATIENCE).await;
    begun.unwrap_or_else(|error| panic!("no sandbox: {error}"))
}

async fn begin_until<S: Subject>(subject: &S, deadline: Instant) -> Result<Talk<S>, SandboxError> {
    let request = subject.request();
    let slot = place(subject, Instant::now() + GONE).await;
    subject.sandbox().begin(slot, ExecutionId::generate(), &request, deadline).await
}

/// What came of a step.
struct Told {
    outputs: Vec<(StreamName, u64, Bytes)>,
    outcome: Outcome,
}

impl Told {
    /// What was told of standard output, which must be without a gap from its first byte on.
    fn stdout(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for (_, at, bytes) in self.outputs.iter().filter(|(stream, ..)| *stream == StreamName::Stdout) {
            assert_eq!(*at, all.len() as u64, "output is missing, or comes twice");
            all.extend_from_slice(bytes);
        }
        all
    }

    #[track_caller]
    fn exited(&self, code: u8) {
        assert_eq!(self.outcome.ending, Ending::Exited(code), "{:?}", self.outcome);
    }

    /// Printed this, and exited with 0.
    #[track_caller]
    fn printed(&self, text: &str) {
        self.exited(0);
        assert_eq!(String::from_utf8_lossy(&self.outcome.stdout.bytes()), text);
    }
}

async fn send(talk: &mut impl Conversation, step: Step) {
    let sent = Sent::default();
    talk.step(step, &sent).await.unwrap_or_else(|error| panic!("a step is not taken: {error}"));
    assert!(sent.is_set(), "a step was sent, and `sent` does not say so");
}

async fn next(talk: &mut impl Conversation) -> Event {
    let event = timeout(PATIENCE, talk.next()).await.expect("an event within a minute");
    event.unwrap_or_else(|error| panic!("no event: {error}"))
}

/// The step under way, to its end.
async fn to_end(talk: &mut impl Conversation) -> Told {
    let mut outputs = Vec::new();
    loop {
        match next(talk).await {
            Event::Output { stream, at, bytes } => outputs.push((stream, at, bytes)),
            Event::Taken => {}
            Event::Ended(outcome) => return Told { outputs, outcome },
        }
    }
}

async fn run(talk: &mut impl Conversation, step: Step) -> Told {
    send(talk, step).await;
    to_end(talk).await
}

/// The next bytes of standard output, as many as these, which they must be.
async fn hears(talk: &mut impl Conversation, text: &str) {
    let mut heard = Vec::new();
    while heard.len() < text.len() {
        match next(talk).await {
            Event::Output { bytes, .. } => heard.extend_from_slice(&bytes),
            Event::Taken => {}
            Event::Ended(outcome) => panic!("ended instead of writing {text:?}: {outcome:?}"),
        }
    }
    assert_eq!(String::from_utf8_lossy(&heard), text);
}

/// No step is taken any more, and nothing is sent of one.
async fn is_over(talk: &mut impl Conversation, number: u16) {
    let sent = Sent::default();
    let refused = talk.step(step(number, Does::PrintsFour), &sent).await;
    assert!(matches!(refused, Err(SandboxError::Lost { .. })), "a step after the last: {refused:?}");
    assert!(!sent.is_set(), "something was sent of a step that is refused");
}

/// Nothing is left of any conversation, and the place is free: all within [`GONE`].
async fn nothing_is_left(subject: &impl Subject) {
    let until = Instant::now() + GONE;
    drop(place(subject, until).await);
    loop {
        let left = subject.left().await;
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "left: {left:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// The one place, which is free or comes free by then.
async fn place<S: Subject>(subject: &S, until: Instant) -> <S::Sandbox as Sandbox>::Slot {
    let request = subject.request();
    loop {
        let freed = subject.sandbox().freed();
        match subject.sandbox().admit(&request.language).await {
            Ok(slot) => return slot,
            Err(SandboxError::Busy { .. }) => {
                timeout_at(until, freed).await.expect("the place is given back in time, and that is told");
            }
            Err(error) => panic!("no place: {error}"),
        }
    }
}

/// The one place is taken.
async fn is_full(subject: &impl Subject) {
    let request = subject.request();
    let slot = subject.sandbox().admit(&request.language).await;
    assert!(matches!(slot, Err(SandboxError::Busy { .. })), "there is a place for a second program");
}
