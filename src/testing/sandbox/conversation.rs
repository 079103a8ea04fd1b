//! A conversation with a program that does as planned.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout_at},
};

use super::{
    Counted, FakeSandbox,
    program::{Act, Plan},
    running::Running,
};
use crate::{
    domain::{
        conversation::{Event, Input, Step, StepInput},
        error::SandboxError,
        files::{Collected, OmittedFile, OutFile, Patterns},
        outcome::{SandboxFacts, SandboxTimings, Start},
        ports::{Conversation, Sent},
        request::ExecutionRequest,
    },
    testing::{DIGEST, locked},
};

/// How long a sandbox takes to be had.
const ACQUIRE: Duration = Duration::from_millis(4);
/// What a run takes beside its program.
const AROUND: Duration = Duration::from_micros(1_800);
/// How long a report takes to be read.
const COLLECT: Duration = Duration::from_micros(100);

/// A conversation with a program that does as planned.
pub struct FakeConversation {
    plan: Plan,
    request: ExecutionRequest,
    deadline: Instant,
    sandbox: SandboxFacts,
    timings: SandboxTimings,
    seen: Arc<Mutex<Vec<ExecutionRequest>>>,
    steps: Arc<Mutex<Vec<Step>>>,
    program: Option<Running>,
    /// Whether there is no further step.
    is_over: bool,
    /// Whether files may be asked for.
    files_follow: bool,
    _held: (Counted, OwnedSemaphorePermit),
}

impl FakeConversation {
    pub(super) fn new(
        sandbox: &FakeSandbox,
        plan: Plan,
        request: ExecutionRequest,
        deadline: Instant,
        held: (Counted, OwnedSemaphorePermit),
    ) -> Self {
        Self {
            plan,
            request,
            deadline,
            sandbox: facts(),
            timings: SandboxTimings { acquire: ACQUIRE, ..SandboxTimings::default() },
            seen: Arc::clone(&sandbox.seen),
            steps: Arc::clone(&sandbox.steps),
            program: None,
            is_over: false,
            files_follow: false,
            _held: held,
        }
    }

    /// The program under way, while its input may be typed.
    fn typed_to(&mut self) -> Option<&mut Running> {
        self.program.as_mut().filter(|program| program.step.stdin == StepInput::Live)
    }
}

impl Conversation for FakeConversation {
    fn sandbox(&self) -> &SandboxFacts {
        &self.sandbox
    }

    fn timings(&self) -> SandboxTimings {
        self.timings
    }

    async fn step(&mut self, step: Step, sent: &Sent) -> Result<(), SandboxError> {
        if self.is_over || self.program.is_some() {
            return Err(lost("no step may be sent now"));
        }
        if self.deadline <= Instant::now() {
            return Err(SandboxError::DeadlineExceeded);
        }
        sent.set();
        if step.number == 0 {
            locked(&self.seen).push(self.request.clone());
        }
        locked(&self.steps).push(step.clone());
        self.is_over = !step.another_follows;
        self.files_follow = step.files_follow;
        self.program = Some(Running::begin(step, &self.plan));
        Ok(())
    }

    async fn next(&mut self) -> Result<Event, SandboxError> {
        loop {
            let Some(program) = &mut self.program else { return Err(lost("no step is under way")) };
            if let Some(event) = program.events.pop_front() {
                if let Event::Ended(outcome) = &event {
                    self.timings.run += outcome.usage.wall + AROUND;
                    self.timings.collect += COLLECT;
                    self.program = None;
                }
                return Ok(event);
            }
            let limit = program.begun + program.step.limits.timeout;
            if !program.acts.front().is_some_and(Act::is_held_to_its_time) {
                program.act().await?;
                continue;
            }
            match timeout_at(self.deadline.min(limit), program.act()).await {
                Ok(done) => done?,
                Err(_) if self.deadline <= limit => {
                    self.is_over = true;
                    self.program = None;
                    return Err(SandboxError::DeadlineExceeded);
                }
                Err(_) => program.end_at_its_limit(),
            }
        }
    }

    /// Whatever is asked for, the program has left a file of the first pattern's name, and a pipe.
    async fn collect(&mut self, patterns: &Patterns) -> Result<Collected, SandboxError> {
        if self.program.is_some() || !self.files_follow {
            return Err(lost("no files may be asked for now"));
        }
        self.is_over = true;
        let name = patterns.as_slice().first().cloned().unwrap_or_default();
        let omitted = OmittedFile { name: "pipe".to_owned(), size: 0, why: "It is a named pipe.".to_owned() };
        let files = vec![OutFile { name, content: Bytes::from_static(b"\x89PNG") }];
        Ok(Collected { files, omitted: vec![omitted], more: 0 })
    }

    fn input(&mut self, input: Input) {
        match input {
            Input::Interrupt => {
                if let Some(program) = &mut self.program {
                    program.is_interrupted = true;
                }
            }
            Input::Bytes(bytes) => {
                if let Some(program) = self.typed_to().filter(|program| !program.input_has_ended) {
                    program.input.push_back(bytes);
                }
            }
            Input::End => {
                if let Some(program) = self.typed_to() {
                    program.input_has_ended = true;
                }
            }
        }
    }

    fn pending_input(&self) -> usize {
        match &self.program {
            Some(program) if program.step.stdin == StepInput::Live => {
                program.input.iter().map(Bytes::len).sum()
            }
            _ => 0,
        }
    }
}

fn facts() -> SandboxFacts {
    SandboxFacts {
        start: Start::Warm,
        runtime: "runc".to_owned(),
        landlock: Some(true),
        image: "python:3.11-slim".to_owned(),
        digest: DIGEST.to_owned(),
    }
}

fn lost(reason: &str) -> SandboxError {
    SandboxError::Lost { reason: reason.to_owned() }
}
