//! The compile step of an execution, before its program is run.
//!
//! Knows when a program counts as compiled, and what an execution comes to whose program does not.

use super::converse::{StepOf, one_step};
use crate::domain::{
    conversation::{Deliver, Step},
    error::SandboxError,
    outcome::{Captured, Ending, LimitName, LimitReached, Outcome},
    ports::Conversation,
    request::ExecutionRequest,
};

/// What came of the compile step.
pub(super) struct Compiled {
    /// What came of the compiler.
    pub(super) compiler: Outcome,
    /// What came of the execution, where there is no program to run.
    pub(super) refused: Option<Outcome>,
}

/// Compiles the request's program; `None` where its language has no compiler.
///
/// # Errors
/// As [`Conversation`] says.
pub(super) async fn compile(
    conversation: &mut impl Conversation,
    of: &StepOf<'_>,
    request: &ExecutionRequest,
) -> Result<Option<Compiled>, SandboxError> {
    let Some(mut step) = Step::compile(request) else { return Ok(None) };
    if of.live.is_some_and(super::live::Live::has_events) {
        step.deliver = Deliver::Live;
    }
    let memory = step.limits.memory_bytes();
    // What a compiler says is nobody's answer to a test case.
    let outcome = one_step(conversation, step, &StepOf { reveals: true, ..*of }, |_| {}).await?;
    Ok(Some(judged(outcome, memory)))
}

/// What a compiler that came to this has made; `memory` is its limit in bytes.
fn judged(mut outcome: Outcome, memory: u64) -> Compiled {
    if outcome.ending == Ending::Exited(0) {
        return Compiled { compiler: outcome, refused: None };
    }
    // Compilers work by other programs: one of these was killed, and the compiler left with a code of its own.
    if let Ending::Exited(_) = outcome.ending
        && outcome.usage.oom_kills > 0
    {
        outcome.ending = Ending::Limit(out_of_memory(&outcome, memory));
    }
    let refused = Outcome {
        ending: Ending::NotCompiled(Box::new(outcome.ending.clone())),
        stdout: Captured::default(),
        stderr: words(&outcome),
        usage: outcome.usage,
        limits_met: outcome.limits_met.clone(),
    };
    Compiled { compiler: outcome, refused: Some(refused) }
}

/// What a compiler says is wrong: standard error, or where that is blank standard output.
fn words(outcome: &Outcome) -> Captured {
    let blank = outcome.stderr.bytes().iter().all(u8::is_ascii_whitespace);
    if blank && outcome.stdout.total > 0 { outcome.stdout.clone() } else { outcome.stderr.clone() }
}

fn out_of_memory(outcome: &Outcome, memory: u64) -> LimitReached {
    #[expect(clippy::cast_precision_loss, reason = "byte counts are far below 2^53")]
    let exact = |bytes: u64| bytes as f64;
    LimitReached {
        name: LimitName::Memory,
        value: exact(memory),
        observed: exact(outcome.usage.memory_bytes),
        evidence: format!(
            "the kernel's OOM killer ended {} of the compiler's processes",
            outcome.usage.oom_kills
        ),
    }
}
