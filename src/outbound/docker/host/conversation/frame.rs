//! The frames that steps are sent in, made off the runtime's threads where they are large.

use std::time::Duration;

use sandbox_init::protocol::{self, CgroupLimits, Kernel, Nonce, RunLimits, ToInit};
use tokio::task::spawn_blocking;

use crate::domain::{
    conversation::{Deliver, Step, StepInput, Task},
    files::{WORKSPACE_BYTES, WORKSPACE_NAMES},
    limits::FLOOD_BYTES,
    request::Program,
};

/// Programs and input up to this many bytes are copied where they are: it takes less time than asking another thread.
const COPIED_AT_ONCE: usize = 256 * 1024;

/// What of a sandbox decides who holds its programs to their memory limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sandbox {
    /// Whose kernel is beneath it.
    pub(super) kernel: Kernel,
    /// The memory that its cgroup has now, in MiB.
    pub(super) memory_mb: u64,
    /// What its cgroup must say, where that was just changed.
    pub(super) lowered: Option<CgroupLimits>,
}

impl Sandbox {
    /// Whether sandbox-init holds a step to this memory limit: where the sandbox has a kernel of its own, and where the
    /// limit is lower than that of the cgroup.
    pub(super) const fn init_watches(self, memory_mb: u64) -> bool {
        matches!(self.kernel, Kernel::Own) || memory_mb < self.memory_mb
    }
}

/// The bytes that send a program and its first step to this sandbox; `writable` where the program may write among its files.
///
/// # Errors
/// Why there is no frame, in words for the log: the request is larger than the protocol carries.
pub(super) async fn job(
    program: &Program,
    writable: bool,
    step: Step,
    of: Sandbox,
    nonce: Nonce,
) -> Result<Vec<u8>, String> {
    let make = move |program: &Program, step: &Step| {
        encode(&ToInit::Job(to_job((program, writable), step, of, nonce)))
    };
    if program.project().bytes() + input_bytes(&step) <= COPIED_AT_ONCE {
        return make(program, &step);
    }
    let program = program.clone();
    apart(move || make(&program, &step)).await
}

/// The bytes that send one more step.
///
/// # Errors
/// As [`job`].
pub(super) async fn step(step: Step, of: Sandbox) -> Result<Vec<u8>, String> {
    let make = move |step: &Step| encode(&ToInit::Step(to_step(step, of)));
    if input_bytes(&step) <= COPIED_AT_ONCE { make(&step) } else { apart(move || make(&step)).await }
}

/// The bytes of a message that cannot be too long.
pub(super) fn encode(message: &ToInit<'_>) -> Result<Vec<u8>, String> {
    protocol::encode(message).map_err(|error| error.to_string())
}

fn input_bytes(step: &Step) -> usize {
    match &step.stdin {
        StepInput::Whole(bytes) => bytes.len(),
        StepInput::Live => 0,
    }
}

async fn apart(make: impl FnOnce() -> Result<Vec<u8>, String> + Send + 'static) -> Result<Vec<u8>, String> {
    spawn_blocking(make).await.unwrap_or_else(|error| Err(error.to_string()))
}

/// The program and its first step, as this sandbox is told.
fn to_job<'a>(
    (program, writable): (&'a Program, bool),
    step: &'a Step,
    of: Sandbox,
    nonce: Nonce,
) -> protocol::Job<'a> {
    let files = program.project().iter();
    protocol::Job {
        nonce,
        entry: program.entrypoint().as_str(),
        files: files.map(|(name, content)| protocol::File { name: name.as_str(), content }).collect(),
        workspace: if writable {
            protocol::Workspace::Writable { max_bytes: WORKSPACE_BYTES, max_names: WORKSPACE_NAMES }
        } else {
            protocol::Workspace::ReadOnly
        },
        step: to_step(step, of),
    }
}

/// A step, as this sandbox is told.
fn to_step(step: &Step, of: Sandbox) -> protocol::Step<'_> {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let limits = &step.limits;
    // Three quarters from the beginning, one from the end: the end is where programs say why they ended.
    let kept = u32::try_from(limits.output_bytes).unwrap_or(u32::MAX);
    let tail = kept / 4;
    protocol::Step {
        number: step.number,
        task: match &step.task {
            Task::Run => protocol::Task::Run,
            Task::Compile(compile) => protocol::Task::Compile(protocol::Compile {
                line: compile.line.iter().map(String::as_str).collect(),
                environment: compile
                    .environment
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect(),
            }),
        },
        args: step.args.as_slice().iter().map(String::as_str).collect(),
        stdin: match &step.stdin {
            StepInput::Whole(bytes) => protocol::Stdin::Whole(bytes),
            StepInput::Live => protocol::Stdin::Live,
        },
        limits: RunLimits {
            wall_us: micros(limits.timeout),
            clock_us: micros(limits.longest_wall()),
            cpu_us: micros(limits.timeout),
            head_bytes: kept - tail,
            tail_bytes: tail,
            flood_bytes: FLOOD_BYTES,
            memory_bytes: of.init_watches(limits.memory_mb).then(|| limits.memory_bytes()),
        },
        cgroup: of.lowered,
        deliver: match step.deliver {
            Deliver::Nothing => protocol::Deliver::Nothing,
            Deliver::Live => protocol::Deliver::Live,
            Deliver::Complete => protocol::Deliver::Complete,
            Deliver::CompleteAndLive => protocol::Deliver::CompleteAndLive,
        },
        another_follows: step.another_follows,
        files_follow: step.files_follow,
    }
}
