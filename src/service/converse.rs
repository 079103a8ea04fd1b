//! The conversation with one sandbox: which steps are sent, and what is made of what comes back.
//!
//! Knows what to send next and who is told. Does not know how long an execution may take in all, nor when it is stopped:
//! whoever drops the future ends the sandbox.

use tokio::time::Instant;

use super::{
    ExecutionService, Job,
    compile::{Compiled, compile},
    judge::{Judged, Until, judge, none_judged},
    live::Live,
};
use crate::domain::{
    conversation::{Deliver, Event, Step, StepInput, StreamName},
    error::SandboxError,
    files::Collected,
    outcome::{Execution, Outcome},
    ports::{Conversation, ExecutionStore, Sandbox, Sent},
    request::ExecutionRequest,
};

/// Bytes of live input that may wait for the program before no more is taken from whoever types.
const INPUT_AHEAD: usize = 256 * 1024;

impl<S: Sandbox, R: ExecutionStore> ExecutionService<S, R> {
    /// Runs what the job asks for in a sandbox of its own.
    ///
    /// # Errors
    /// As [`Sandbox::begin`] and [`Conversation`] say.
    pub(super) async fn converse(&self, job: &Job, slot: S::Slot) -> Result<Execution, SandboxError> {
        let request = &job.submission.request;
        let mut conversation = self.sandbox.begin(slot, job.submission.id, request, job.deadline).await?;
        let reveals = request.tests.as_ref().is_none_or(|tests| tests.reveal);
        let patterns = request.workspace.collects();
        let live = job.submission.live.as_ref();
        let of = StepOf { sent: &job.sent, live, reveals, collects: patterns.is_some() };
        let since = Instant::now();
        let compiler = compile(&mut conversation, &of, request).await?;
        let (compile, refused) = compiler.map(|Compiled { compiler, refused }| (compiler, refused)).unzip();
        let refused = refused.flatten();
        let compiled = refused.is_none();
        let (outcome, tests) = match (refused, &request.tests) {
            (Some(refused), tests) => (refused, tests.as_ref().map(none_judged)),
            (None, None) => {
                (one_step(&mut conversation, only_step(request, of.live), &of, |_| {}).await?, None)
            }
            (None, Some(tests)) => {
                let first = Step::first_run(request);
                let deadline = job.submission.deadline.map(|_| job.deadline);
                let until = Until::of(since, self.config.total, deadline);
                let Judged { tests, outcome } = judge(&mut conversation, &of, (tests, first), &until).await?;
                (outcome, Some(tests))
            }
        };
        let collected = match patterns {
            Some(patterns) if compiled => Some(conversation.collect(patterns).await?),
            // Without a program there are no files of its own.
            Some(_) => Some(Collected::default()),
            None => None,
        };
        if let Some((live, collected)) = live.zip(collected.as_ref()) {
            live.files(&collected.files);
        }
        let (sandbox, timings) = (conversation.sandbox().clone(), conversation.timings());
        Ok(Execution { outcome, compile, sandbox, timings, tests, collected })
    }
}

/// The step of a request without test cases.
fn only_step(request: &ExecutionRequest, live: Option<&Live>) -> Step {
    let mut step = Step::only(request);
    if live.is_some_and(Live::has_events) {
        step.deliver = Deliver::Live;
    }
    if live.is_some_and(Live::has_input) {
        step.stdin = StepInput::Live;
    }
    step
}

/// What every step of an execution has in common.
pub(super) struct StepOf<'a> {
    /// Set when the first byte of code leaves.
    pub(super) sent: &'a Sent,
    /// Whoever looks on.
    pub(super) live: Option<&'a Live>,
    /// Whether standard output is told. Where it is not, a gap has its length.
    pub(super) reveals: bool,
    /// Whether files come back after the last step.
    pub(super) collects: bool,
}

/// Runs one step to its end, and tells whoever looks on. `stdout` is given what is delivered of standard output.
///
/// # Errors
/// As [`Conversation`] says.
pub(super) async fn one_step(
    conversation: &mut impl Conversation,
    step: Step,
    of: &StepOf<'_>,
    mut stdout: impl FnMut(&[u8]),
) -> Result<Outcome, SandboxError> {
    let (number, compiles) = (step.number, step.compiles());
    conversation.step(step, of.sent).await?;
    if let Some(live) = of.live {
        live.began(number, compiles);
    }
    loop {
        // What is typed is the program's: while its compiler runs only an interrupt is heard.
        let more = !compiles && conversation.pending_input() < INPUT_AHEAD;
        let event = match of.live.filter(|live| live.has_input()) {
            None => conversation.next().await?,
            Some(live) => tokio::select! {
                event = conversation.next() => event?,
                input = live.input(more) => {
                    conversation.input(input);
                    continue;
                }
            },
        };
        if let Event::Output { stream: StreamName::Stdout, bytes, .. } = &event {
            stdout(bytes);
        }
        if let Some(live) = of.live
            && (of.reveals || !matches!(event, Event::Output { stream: StreamName::Stdout, .. }))
        {
            live.event(number, &event);
        }
        if let Event::Ended(outcome) = event {
            return Ok(outcome);
        }
    }
}
