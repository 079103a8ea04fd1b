//! What the handler and PID 1 of a sandbox say to each other: one conversation for each sandbox.
//!
//! ```text
//! to PID 1:     Job{files, step}   Step{…}*   Input{bytes}*   EndOfInput   Signal   Collect   Stop
//! from PID 1:   Hello   Output{step, stream, at, bytes}*   Taken(bytes)*   Ended(report)*   File{name} Content(bytes)* …   Collected
//! ```
//!
//! Each message is one frame, see [`frame_length`]. The handler leads: it sends a [`Job`] with the first step, hears how
//! the step ended, and decides about the next. The documentation of each message says when it is legal. A message that
//! comes at another time ends the conversation: PID 1 says so on its standard error and exits, and the sandbox is gone.
//!
//! Both sides are built from the same commit: the version in [`Hello`] is a guard, not a negotiation.

mod frame;
mod layers;
mod messages;
mod profile;

pub use frame::{BadFrame, MAX_BODY, PREFIX, decode, encode, encode_in, frame_length, from_bytes, to_bytes};
pub use layers::{AppArmor, CLOSED, Kernel, Layers, TRIED_MASKS};
pub use messages::{
    CgroupLimits, Collect, Compile, Deliver, Ending, File, FromInit, Hello, INPUT_WINDOW, Interpreter, Job,
    Nonce, Omitted, Output, Report, RunLimits, Stdin, Step, Stream, StreamName, Task, ToInit, VERSION,
    WhyOmitted, Workspace,
};
pub use profile::{Command, Profile, Waits};

/// Where the volume with this program is mounted. It is one for all sandboxes, so nobody in them may read it: what
/// can be opened can be watched and locked, which would make it a window and a channel between callers.
pub const MOUNT: &str = "/opt/sandbox";
/// Where the interpreter finds its bootstrap: a tmpfs of the sandbox's own, filled by init.
pub const BOOT: &str = "/opt/sandbox/boot";
/// Where the program's files are.
pub const WORKDIR: &str = "/sandbox";
/// The scratch space: what every program may write, emptied between two steps.
pub const SCRATCH: &str = "/dev/shm";
/// Where a compiler writes and the program is executed from: a tmpfs, in sandboxes of languages that are compiled.
pub const BUILD: &str = "/build";
/// Bytes that the kernel may hold for a sandbox's sockets and pseudo-terminals beside what its memory
/// limit counts; see [`crate::uncharged`].
pub const UNCHARGED_BYTES: u64 = 8 * 1024 * 1024;
/// The environment variable that tells the bootstrap which descriptor to wait on.
pub const CONTROL_VARIABLE: &str = "SCE_CONTROL";
