//! What the service takes and what it gives: submissions, answers, its own state.

use std::{fmt, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{line::LineConfig, live::Live};
use crate::domain::{
    caller::{Caller, Source},
    id::ExecutionId,
    idempotency::IdempotencyKey,
    limits::{DEFAULT_TOTAL, Limits},
    outcome::Execution,
    ports::SandboxHealth,
    request::ExecutionRequest,
};

/// What the service must be told once.
#[derive(Clone, Copy, Debug)]
pub struct ServiceConfig {
    /// How long a record is kept.
    pub retention: Duration,
    /// How often the end of an execution is tried to be written; at least once.
    pub end_attempts: u32,
    /// The longest that all test cases of a submission may take together.
    pub total: Duration,
    /// The time kept free before a submission's own deadline, for writing the end and answering.
    pub deadline_reserve: Duration,
    /// How many may wait for a place to run in, and how long.
    pub line: LineConfig,
}

impl Default for ServiceConfig {
    fn default() -> Self {
        Self {
            retention: Duration::from_hours(30 * 24),
            end_attempts: 4,
            total: DEFAULT_TOTAL,
            deadline_reserve: Duration::from_millis(500),
            line: LineConfig::default(),
        }
    }
}

/// Something to run, for somebody.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The id the execution will have.
    pub id: ExecutionId,
    /// Whose it is.
    pub caller: Caller,
    /// How it came in.
    pub source: Source,
    /// What is asked.
    pub request: ExecutionRequest,
    /// Under this key it is run one time only.
    pub key: Option<IdempotencyKey>,
    /// When the answer is of no use any more, where the front door knows (on Lambda it does).
    pub deadline: Option<Instant>,
    /// What becomes of it when nobody waits for its answer any more.
    pub on_leave: OnLeave,
    /// What is free again when the execution is over.
    pub holds: Holding,
    /// Where its events go while it runs, and where its input comes from; `None` where nobody looks on.
    pub live: Option<Live>,
}

/// Something that stays taken for as long as an execution is under way, also where its caller has gone: the memory of its
/// request, say.
#[derive(Clone, Default)]
pub struct Holding(Option<Arc<dyn Send + Sync>>);

impl Holding {
    /// Holds this.
    pub fn on(thing: impl Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(thing)))
    }
}

impl fmt::Debug for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Holding(something)" } else { "Holding(nothing)" })
    }
}

/// What becomes of an execution whose caller goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLeave {
    /// It is stopped: its answer is of use to nobody.
    Stop,
    /// It goes on to its end, which is on record for whoever asks for it.
    Finish,
}

impl OnLeave {
    /// What is right under this key, or without one: whoever gives a key comes back for the answer.
    #[must_use]
    pub const fn under(key: Option<&IdempotencyKey>) -> Self {
        if key.is_some() { Self::Finish } else { Self::Stop }
    }
}

/// A run that took place and is on record.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its id.
    pub id: ExecutionId,
    /// The canonical name of its language.
    pub language: String,
    /// The limits that were in force.
    pub limits: Limits,
    /// What came of it, and where.
    pub execution: Execution,
    /// Where the time went.
    pub timings: Timings,
    /// Whether this is the answer to an earlier request under the same key: nothing was run for this one.
    pub replayed: bool,
}

/// Where the time of one execution went. The parts follow one another; what is missing to the total is our own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timings {
    /// Waiting for a place to run in.
    pub queue: Duration,
    /// Until a sandbox was ready for the code.
    pub acquire: Duration,
    /// From sending the code to the first byte of the report.
    pub run: Duration,
    /// Reading the report.
    pub collect: Duration,
    /// What recording added to the wait: the end, and what was left of the start when the run was over.
    pub record: Duration,
    /// All of it.
    pub total: Duration,
}

/// The state of everything an execution needs.
#[derive(Clone, Debug)]
pub struct Health {
    /// The sandbox host; `None` when it did not answer in time.
    pub sandbox: Option<SandboxHealth>,
    /// Whether the store can be written to.
    pub store_ok: bool,
    /// Whether we are on our way out.
    pub shutting_down: bool,
}

impl Health {
    /// Whether an execution would have a chance now.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.store_ok && !self.shutting_down && self.sandbox.as_ref().is_some_and(|sandbox| sandbox.ok)
    }
}
