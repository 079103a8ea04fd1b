//! Programs, and the steps that run them.

use sandbox_init::protocol::{self, Deliver, File, Job, RunLimits, Stdin, Step, Task, ToInit, Workspace};

pub const NONCE: protocol::Nonce = *b"a nonce, 16 long";
/// Generous: what a test does not look at must not end its run, on a slow machine neither.
pub const LIMITS: RunLimits = RunLimits {
    wall_us: 20_000_000,
    clock_us: u64::MAX,
    cpu_us: u64::MAX,
    head_bytes: 64 * 1024,
    tail_bytes: 16 * 1024,
    flood_bytes: 64 * 1024 * 1024,
    memory_bytes: None,
};

/// A program and its only step, which nobody watches.
#[derive(Clone)]
pub struct Run<'a> {
    pub nonce: protocol::Nonce,
    pub entry: &'a str,
    pub args: Vec<&'a str>,
    pub stdin: &'a [u8],
    pub files: Vec<File<'a>>,
    pub limits: RunLimits,
}

impl<'a> Run<'a> {
    /// The message that asks for it.
    pub fn job(&self) -> ToInit<'a> {
        self.with(Step {
            args: self.args.clone(),
            stdin: Stdin::Whole(self.stdin),
            limits: self.limits,
            ..step(1)
        })
    }

    /// The message that asks for this program with this first step.
    pub fn with(&self, step: Step<'a>) -> ToInit<'a> {
        ToInit::Job(Job {
            nonce: self.nonce,
            entry: self.entry,
            files: self.files.clone(),
            workspace: Workspace::default(),
            step,
        })
    }
}

/// A step without arguments or input, the last one, which nobody watches.
pub fn step<'a>(number: u16) -> Step<'a> {
    let stdin = Stdin::Whole(b"");
    Step {
        number,
        task: Task::Run,
        args: Vec::new(),
        stdin,
        limits: LIMITS,
        cgroup: None,
        deliver: Deliver::Nothing,
        another_follows: false,
        files_follow: false,
    }
}

/// The same, and another one follows.
pub fn more<'a>(number: u16) -> Step<'a> {
    Step { another_follows: true, ..step(number) }
}

/// A run of `code` as the one file `main`.
pub fn run(code: &str) -> Run<'_> {
    let files = vec![File { name: "main", content: code.as_bytes() }];
    Run { nonce: NONCE, entry: "main", args: Vec::new(), stdin: b"", files, limits: LIMITS }
}
