//! A sandbox is made with what a compiler needs, and lowered to what the program may use before the program runs.
//!
//! The engine lowers the limits of the sandbox's cgroup, and sandbox-init reads them there before it lets the program go. On
//! a kernel of the sandbox's own the cgroup holds that kernel, and sandbox-init holds the program to its memory.

use sandbox_init::protocol::{CgroupLimits, Ending, Kernel, Report};

use super::{DockerConversation, State, lost, report};
use crate::{
    domain::{conversation::Step, error::SandboxError, request::ExecutionRequest},
    outbound::docker::sandbox::spec,
};

/// Bytes of a sandbox that are neither the program's nor its files': sandbox-init, and what the kernel keeps for both.
const AROUND: u64 = 4 * 1024 * 1024;

/// What a sandbox is lowered to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lowering {
    /// `None` where it has that already.
    to: Option<CgroupLimits>,
    /// Processes and threads that the program, and that its compiler may have.
    processes: (u32, u32),
    /// Bytes that the compiler's files take; `None` until it has run.
    built: Option<u64>,
    compiles: bool,
}

impl Lowering {
    /// What is to be lowered for this request.
    pub(super) fn of(request: &ExecutionRequest, kernel: Kernel) -> Self {
        let (language, limits) = (&request.language, &request.limits);
        let program = spec::program_limits(language, limits);
        let most = spec::most_processes(language);
        let more = spec::memory_mb(language, limits) > limits.memory_mb || u64::from(most) > program.pids;
        let compiles = language.compiler.is_some();
        let processes = (u32::try_from(program.pids).unwrap_or(most), most);
        Self { to: Some(program).filter(|_| more && kernel.is_the_hosts()), processes, built: None, compiles }
    }

    /// Notes of the compiler's step, which is the first one, what its files take.
    pub(super) fn ended(&mut self, report: &Report) {
        if self.compiles && !matches!(report.ending, Ending::NotRun(_)) {
            self.built.get_or_insert(report.built_bytes);
        }
    }

    /// Bytes that the compiler has made, once it has run.
    pub(super) const fn has_built(&self) -> Option<u64> {
        self.built
    }

    /// Processes and threads that this step may have.
    pub(super) const fn processes(&self, step: &Step) -> u32 {
        if step.compiles() { self.processes.1 } else { self.processes.0 }
    }
}

impl DockerConversation {
    /// Lowers the sandbox to what the program may use, once. Where what the compiler made leaves no room for a program, the
    /// step ends for want of memory before it begins.
    pub(super) async fn lower(&mut self) -> Result<(), SandboxError> {
        let Some(to) = self.lowering.to.take() else { return Ok(()) };
        let State::Open(ready) = &self.state else { return Ok(()) };
        let built = self.lowering.built.unwrap_or_default();
        if built + AROUND > to.memory_bytes {
            self.no_room();
            return Ok(());
        }
        let processes = u32::try_from(to.pids).unwrap_or(u32::MAX);
        match self.engine.set_limits(ready.guard.id(), to.memory_bytes, processes).await {
            Ok(()) => {
                self.made.memory_mb = to.memory_bytes / (1024 * 1024);
                self.made.lowered = Some(to);
                Ok(())
            }
            // The kernel finds nothing more to give up.
            Err(error) if error.status().is_some() && built > to.memory_bytes / 2 => {
                tracing::debug!(%error, "a sandbox could not be lowered for what was built in it");
                self.no_room();
                Ok(())
            }
            Err(error) => Err(lost(error.to_string())),
        }
    }

    fn no_room(&mut self) {
        self.leave();
        self.state = State::NoMemory(report::BUILT_TOO_MUCH);
    }
}
