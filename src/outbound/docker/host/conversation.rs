//! What is said with one sandbox: steps in, events out, over the stream that is attached to it.
//!
//! # At most once
//! Once [`Conversation::step`] has begun to send, the code may have run: nothing here is ever tried again.

mod files;
mod frame;
mod lowering;
mod refusal;
mod report;
mod typing;

use sandbox_init::protocol::{self, Ending, FromInit, Kernel, Nonce, Report, ToInit};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, debug_span};

use self::{lowering::Lowering, report::EngineSays, typing::Typing};
use super::{REPORT_GRACE, Ready, admission::Place};
use crate::{
    domain::{
        conversation::{Event, Input, Step, StepInput, StreamName},
        error::SandboxError,
        files::{Collected, Patterns},
        limits::Limits,
        outcome::{Outcome, SandboxFacts, SandboxTimings},
        ports::{Conversation, Sent},
        request::{ExecutionRequest, Program},
    },
    outbound::docker::{
        engine::{calls::Engine, link::LinkError},
        sandbox::spec,
    },
};

/// Bytes of a report beside the two streams that are kept, and of any other message.
const MESSAGE_ROOM: usize = 128 * 1024;

/// A conversation with a sandbox on a Docker host. Dropped, the sandbox ends.
pub struct DockerConversation {
    engine: Engine,
    /// What the sandbox has.
    made: frame::Sandbox,
    /// What the sandbox is to be lowered to before its program runs.
    lowering: Lowering,
    state: State,
    /// What the first step takes along; gone once it is sent.
    program: Option<Program>,
    /// Whether the program may write among its files.
    writable: bool,
    request: Asked,
    sandbox: SandboxFacts,
    timings: SandboxTimings,
    /// When the caller needs no answer any more.
    deadline: Instant,
    nonce: Nonce,
    under_way: UnderWay,
    /// Whether the kernel has killed for memory in a step that is over. The engine's word on that has no step to it: from
    /// then on the engine can tell nothing of the step under way.
    struck: bool,
    typing: Typing,
    _place: Option<Place>,
}

/// What of a request is needed to say that it cannot be run.
struct Asked {
    language: String,
    limits: Limits,
}

enum State {
    /// The sandbox waits for a step, or runs one.
    Open(Box<Ready>),
    /// The step cannot begin for want of memory, for this reason: it ends so at once.
    NoMemory(&'static str),
    Over,
}

/// The step that was sent last.
struct UnderWay {
    number: u16,
    limits: Limits,
    /// Processes and threads that it may have.
    processes: u32,
    begun: Instant,
    /// When the sandbox must have told how the step ended.
    due: Instant,
    /// Whether the sandbox waits for another message after the step.
    goes_on: bool,
    /// What the sandbox told of the end of the step, until the engine has been asked about it.
    report: Option<Report>,
    ended: bool,
}

impl DockerConversation {
    /// A conversation in this sandbox; `None` for one whose interpreter did not fit into its memory.
    pub(super) fn new(
        engine: Engine,
        kernel: Kernel,
        ready: Option<Ready>,
        request: &ExecutionRequest,
        (sandbox, timings): (SandboxFacts, SandboxTimings),
        deadline: Instant,
        place: Option<Place>,
    ) -> Self {
        let now = Instant::now();
        let under_way = UnderWay {
            number: 0,
            limits: request.limits,
            processes: 0,
            begun: now,
            due: now,
            goes_on: true,
            report: None,
            ended: true,
        };
        Self {
            engine,
            made: frame::Sandbox {
                kernel,
                memory_mb: spec::memory_mb(&request.language, &request.limits),
                lowered: None,
            },
            lowering: Lowering::of(request, kernel),
            state: ready.map_or(State::NoMemory(report::NEVER_CAME_UP), |ready| State::Open(Box::new(ready))),
            program: Some(request.program.clone()),
            writable: request.workspace.is_writable(),
            request: Asked { language: request.language.name.clone(), limits: request.limits },
            sandbox,
            timings,
            deadline,
            nonce: rand::random(),
            under_way,
            struck: false,
            typing: Typing::default(),
            _place: place,
        }
    }

    /// The next that the sandbox tells of the step under way.
    async fn heard(&mut self) -> Result<Event, SandboxError> {
        if self.under_way.report.is_some() {
            return self.ended().await.map(Event::Ended);
        }
        let State::Open(ready) = &mut self.state else { return Err(lost("the sandbox has ended")) };
        let UnderWay { limits, begun, number, .. } = self.under_way;
        let kept = usize::try_from(limits.output_bytes).unwrap_or(0);
        let most = kept.saturating_mul(2).saturating_add(MESSAGE_ROOM);
        let mut stirred = begun.elapsed();
        let message: Result<FromInit, _> = async {
            ready.link.stirs(self.typing.outgoing()).instrument(debug_span!("run")).await?;
            stirred = begun.elapsed();
            ready.link.receive(most).instrument(debug_span!("collect")).await
        }
        .await;
        match message {
            Ok(FromInit::Taken(bytes)) => {
                self.typing.taken(bytes);
                Ok(Event::Taken)
            }
            Ok(FromInit::Output(output)) if output.step == number => {
                let stream = match output.stream {
                    protocol::StreamName::Stdout => StreamName::Stdout,
                    protocol::StreamName::Stderr => StreamName::Stderr,
                };
                Ok(Event::Output { stream, at: output.at, bytes: output.bytes.into() })
            }
            Ok(FromInit::Ended(report)) if report.step == number && report.nonce == self.nonce => {
                self.timings.run += stirred;
                self.timings.collect += begun.elapsed().saturating_sub(stirred);
                self.under_way.report = Some(report);
                self.ended().await.map(Event::Ended)
            }
            Ok(FromInit::Output(_) | FromInit::Ended(_)) => Err(lost("a report of another run")),
            Ok(FromInit::File { .. } | FromInit::Content(_) | FromInit::Collected { .. }) => {
                Err(lost("files that nobody has asked for"))
            }
            // Nobody is left inside to tell why: gVisor's kernel is killed whole, and at worst init is.
            Err(LinkError::Ended { .. })
                if !self.struck && self.engine.ran_out_of_memory(ready.guard.id()).await =>
            {
                let mut outcome = report::out_of_memory(&limits, report::KILLED_WHOLE);
                outcome.usage.wall = begun.elapsed();
                self.timings.run += outcome.usage.wall;
                self.under_way.ended = true;
                self.typing.step_ends();
                self.state = State::Over;
                Ok(Event::Ended(outcome))
            }
            Err(error) => Err(lost(error.to_string())),
        }
    }

    /// What the report means, once the engine has been asked where that is needed.
    async fn ended(&mut self) -> Result<Outcome, SandboxError> {
        let State::Open(ready) = &self.state else { return Err(lost("the sandbox has ended")) };
        let unknown =
            self.under_way.report.as_ref().is_some_and(|report| report.ending == Ending::KilledForUnknown);
        let ask = unknown && !self.struck;
        let engine_says = if ask && self.engine.ran_out_of_memory(ready.guard.id()).await {
            EngineSays::OutOfMemory
        } else {
            EngineSays::Nothing
        };
        let Some(report) = self.under_way.report.take() else { return Err(lost("no report")) };
        self.struck |=
            engine_says == EngineSays::OutOfMemory || report.oom_kills.is_some_and(|kills| kills > 0);
        self.under_way.ended = true;
        self.typing.step_ends();
        self.lowering.ended(&report);
        let goes_on = self.under_way.goes_on && !matches!(report.ending, Ending::NotRun(_));
        if !goes_on {
            self.leave();
        }
        if let Ending::NotRun(errno) = report.ending {
            if let Some(built) = self.lowering.has_built() {
                return Ok(refusal::not_executable(errno, built.max(1)));
            }
            return refusal::not_run(errno, &self.request.language, &self.request.limits);
        }
        if report.ending == Ending::NotLowered {
            return Err(lost("the engine says that the sandbox has less memory now, and it has not"));
        }
        let held = report::Held {
            limits: &self.under_way.limits,
            below_cgroup: self.under_way.limits.memory_mb < self.made.memory_mb,
            processes: self.under_way.processes,
        };
        report::to_outcome(report, held, engine_says)
            .ok_or_else(|| refusal::unexplained(&self.request.language))
    }

    /// The sandbox ends by itself: sees to it that it does, without being waited for.
    fn leave(&mut self) {
        if let State::Open(ready) = std::mem::replace(&mut self.state, State::Over) {
            let Ready { guard, link, .. } = *ready;
            guard.leave(link);
        }
    }

    /// What to say of a step of which nothing was heard in time.
    fn late(&self) -> SandboxError {
        if self.deadline <= self.under_way.due {
            SandboxError::DeadlineExceeded
        } else {
            lost("no report in time")
        }
    }
}

impl Conversation for DockerConversation {
    fn sandbox(&self) -> &SandboxFacts {
        &self.sandbox
    }

    fn timings(&self) -> SandboxTimings {
        self.timings
    }

    async fn step(&mut self, step: Step, sent: &Sent) -> Result<(), SandboxError> {
        if !step.compiles() {
            self.lower().await?;
        }
        let ready = match &mut self.state {
            State::Open(ready) => ready,
            State::NoMemory(_) => {
                self.under_way.limits = step.limits;
                return Ok(());
            }
            State::Over => return Err(lost("the sandbox has ended")),
        };
        let processes = self.lowering.processes(&step);
        let Step { number, limits, another_follows, files_follow, .. } = step;
        let live = step.stdin == StepInput::Live;
        let frame = match self.program.take() {
            Some(program) => frame::job(&program, self.writable, step, self.made, self.nonce).await,
            None => frame::step(step, self.made).await,
        };
        let frame = frame.map_err(|_| refusal::too_large())?;
        let begun = Instant::now();
        let due = begun + limits.longest_wall() + REPORT_GRACE;
        self.made.lowered = None;
        let goes_on = another_follows || files_follow;
        self.under_way =
            UnderWay { number, limits, processes, begun, due, goes_on, report: None, ended: false };
        let left = self.typing.left();
        self.typing.step_begins(live);
        sent.set();
        let sending = async {
            if !left.is_empty() {
                ready.link.send(&left).await?;
            }
            ready.link.send(&frame).await
        };
        match timeout_at(self.deadline.min(due), sending).await {
            Ok(result) => result.map_err(|error| lost(error.to_string())),
            Err(_) => Err(self.late()),
        }
    }

    async fn next(&mut self) -> Result<Event, SandboxError> {
        if let State::NoMemory(why) = self.state {
            self.state = State::Over;
            return Ok(Event::Ended(report::out_of_memory(&self.under_way.limits, why)));
        }
        let until = self.deadline.min(self.under_way.due);
        match timeout_at(until, self.heard()).await {
            Ok(event) => event,
            Err(_) => Err(self.late()),
        }
    }

    async fn collect(&mut self, patterns: &Patterns) -> Result<Collected, SandboxError> {
        let State::Open(ready) = &mut self.state else { return Ok(Collected::default()) };
        let until = self.deadline.min(Instant::now() + REPORT_GRACE);
        let left = self.typing.left();
        let files = files::ask(&mut ready.link, &left, patterns).instrument(debug_span!("files"));
        let collected = match timeout_at(until, files).await {
            Ok(collected) => collected.map_err(|error| lost(error.to_string())),
            Err(_) if self.deadline <= until => Err(SandboxError::DeadlineExceeded),
            Err(_) => Err(lost("no files in time")),
        };
        self.leave();
        collected
    }

    fn input(&mut self, input: Input) {
        self.typing.push(input);
    }

    fn pending_input(&self) -> usize {
        self.typing.pending()
    }
}

impl Drop for DockerConversation {
    /// A sandbox that waits for a step which does not come is told so, and ends by itself: that costs the engine less
    /// than removing it. One that runs a step is removed by force.
    fn drop(&mut self) {
        let told = self.program.is_none() && self.under_way.ended;
        if told
            && let State::Open(ready) = std::mem::replace(&mut self.state, State::Over)
            && let Ok(stop) = frame::encode(&ToInit::Stop)
        {
            let Ready { guard, link, .. } = *ready;
            guard.dismiss(link, [&self.typing.left()[..], &stop].concat());
        }
    }
}

fn lost(reason: impl Into<String>) -> SandboxError {
    SandboxError::Lost { reason: reason.into() }
}
