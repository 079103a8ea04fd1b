//! What is said with a sandbox while it lasts: steps go in one after the other, and events come out.
//!
//! A sandbox belongs to one execution. The handler sends a [`Step`], hears how the program ended, and decides about the
//! next one; so a step that is never sent costs nothing, and what belongs to a later step is not in the sandbox before.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{
    limits::Limits,
    outcome::Outcome,
    request::{Args, ExecutionRequest},
};

/// One start of the program, or of its compiler.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The steps of an execution are counted from 0.
    pub number: u16,
    /// What is started.
    pub task: Task,
    /// The program's command-line arguments.
    pub args: Args,
    /// Its standard input.
    pub stdin: StepInput,
    /// What it may use. Its memory limit is at most that of the sandbox, which was made for the request.
    pub limits: Limits,
    /// Which output is handed on while the program runs.
    pub deliver: Deliver,
    /// Whether another step may follow. Without one the sandbox ends with this step.
    pub another_follows: bool,
    /// Whether files may be asked for after the step ([`Conversation::collect`](super::ports::Conversation::collect)); the
    /// sandbox ends with that.
    pub files_follow: bool,
}

impl Step {
    /// The step that compiles a request's program, before all others; `None` where its language has no compiler.
    #[must_use]
    pub fn compile(request: &ExecutionRequest) -> Option<Self> {
        let compiler = request.language.compiler.as_ref()?;
        Some(Self {
            number: 0,
            task: Task::Compile(CompileTask {
                line: compiler.line(&request.program, &request.compile_args),
                environment: compiler.environment.clone(),
            }),
            args: Args::default(),
            stdin: StepInput::Whole(Bytes::new()),
            limits: compiler.step_limits(request.limits),
            deliver: Deliver::Nothing,
            another_follows: true,
            files_follow: false,
        })
    }

    /// The only step of a request that runs its program, with its arguments and input and nobody who looks on.
    #[must_use]
    pub fn only(request: &ExecutionRequest) -> Self {
        Self {
            number: Self::first_run(request),
            task: Task::Run,
            args: request.args.clone(),
            stdin: StepInput::Whole(request.stdin.bytes()),
            limits: request.limits,
            deliver: Deliver::Nothing,
            another_follows: false,
            files_follow: request.workspace.collects().is_some(),
        }
    }

    /// The number of the first step that runs the program.
    #[must_use]
    pub fn first_run(request: &ExecutionRequest) -> u16 {
        u16::from(request.language.compiler.is_some())
    }

    /// Whether it runs the compiler.
    #[must_use]
    pub const fn compiles(&self) -> bool {
        matches!(self.task, Task::Compile(_))
    }
}

/// What a step starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// The program.
    Run,
    /// The compiler. Only the first step can, and the program is run by those that follow.
    Compile(CompileTask),
}

/// How a compiler is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileTask {
    /// The command line.
    pub line: Vec<String>,
    /// Variables of the compiler's environment, on top of the sandbox's own.
    pub environment: BTreeMap<String, String>,
}

/// The standard input of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepInput {
    /// These bytes, then end of file.
    Whole(Bytes),
    /// What comes by [`Conversation::input`](super::ports::Conversation::input).
    Live,
}

/// Which output of a step comes as events, beside the outcome that has the first and the last part of it in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deliver {
    /// None.
    Nothing,
    /// Both streams, as they are written. What the handler is too slow for is left out: the program is never slowed.
    Live,
    /// Standard output, all of it. While the handler is behind, the program waits.
    Complete,
    /// Standard output as [`Self::Complete`] has it, and standard error as [`Self::Live`] has it.
    CompleteAndLive,
}

/// An output stream of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamName {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl StreamName {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stdout => "output",
            Self::Stderr => "error",
        }
    }
}

/// What a sandbox tells of the step under way.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "each is taken apart as soon as it comes")]
pub enum Event {
    /// The program wrote something.
    Output {
        /// Where to.
        stream: StreamName,
        /// Bytes that it had written to that stream before. More than what was handed on is what was left out.
        at: u64,
        /// What it wrote.
        bytes: Bytes,
    },
    /// The program has taken some of its live input: less of it is pending.
    Taken,
    /// The step is over: nothing of it runs any more.
    Ended(Outcome),
}

/// What is sent to the program of a step whose input is [`StepInput::Live`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Further bytes of standard input.
    Bytes(Bytes),
    /// The end of standard input. Bytes after it are thrown away.
    End,
    /// SIGINT, as Ctrl-C in a terminal sends it.
    Interrupt,
}
