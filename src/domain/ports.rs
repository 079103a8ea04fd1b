//! What the service needs from the outside world. Each port has one contract test suite for all that implement it.

use std::{
    ops::AddAssign,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::{
    caller::Caller,
    error::{SandboxError, StoreError},
    id::ExecutionId,
    idempotency::{Holder, IdempotencyKey, Reservation, Reserved},
    language::Language,
    outcome::Execution,
    record::{EndRecord, ExecutionRecord, HistoryLimit, StartRecord},
    request::ExecutionRequest,
};

/// Whether any of a program's code has left for a sandbox: from then on the program may have run. Who stops a run from
/// outside learns here what the run can no longer say.
#[derive(Debug, Default)]
pub struct Sent(AtomicBool);

impl Sent {
    /// Says that the first byte leaves now. Called before it does.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it has left.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// A place where untrusted code runs, contained, once.
pub trait Sandbox: Send + Sync + 'static {
    /// The right to run one program now. Dropped, the place is free again.
    type Slot: Send + 'static;

    /// Waits, for a short and bounded time, for a place to run a program of this language in.
    ///
    /// # Errors
    /// [`SandboxError::Busy`] when there is none; [`SandboxError::Unavailable`] when there is no host yet;
    /// [`SandboxError::LanguageUnavailable`] when no host can run this language now.
    fn admit(&self, language: &Language) -> impl Future<Output = Result<Self::Slot, SandboxError>> + Send;

    /// Runs the program, at most once, in a sandbox of its own, and waits for its end. Dropping the future ends
    /// the sandbox; so does `deadline`. `sent` is set before the first byte of the code leaves, and not earlier.
    ///
    /// # Errors
    /// [`SandboxError`]; never for what the program did.
    fn run(
        &self,
        slot: Self::Slot,
        id: ExecutionId,
        request: &ExecutionRequest,
        deadline: Instant,
        sent: &Sent,
    ) -> impl Future<Output = Result<Execution, SandboxError>> + Send;

    /// How long a run with this time limit may take in all, before it must be thought dead.
    fn longest(&self, timeout: Duration) -> Duration;

    /// The state of the hosts, for load balancers and people.
    fn health(&self) -> impl Future<Output = SandboxHealth> + Send;

    /// The languages, with what the host really has for them.
    ///
    /// # Errors
    /// [`SandboxError::Unavailable`] when there is no host yet.
    fn languages(&self) -> impl Future<Output = Result<Vec<InstalledLanguage>, SandboxError>> + Send;

    /// One round of upkeep: removes what is stale, and makes ready what the next runs want.
    ///
    /// # Errors
    /// [`SandboxError::Unavailable`] when the host does not answer.
    fn maintain(&self) -> impl Future<Output = Result<Maintained, SandboxError>> + Send;
}

/// What one round of upkeep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Maintained {
    /// Sandboxes made.
    pub filled: usize,
    /// Sandboxes removed because there were more than wanted.
    pub trimmed: usize,
    /// Sandboxes removed because nobody may use them: another version's, or overdue.
    pub removed: usize,
    /// Sandboxes that wait now.
    pub warm: usize,
}

impl AddAssign for Maintained {
    fn add_assign(&mut self, other: Self) {
        self.filled += other.filled;
        self.trimmed += other.trimmed;
        self.removed += other.removed;
        self.warm += other.warm;
    }
}

/// The state of the sandbox hosts, taken together.
#[derive(Clone, Debug)]
pub struct SandboxHealth {
    /// Whether programs can be run now.
    pub ok: bool,
    /// The hosts there are.
    pub hosts: HostCount,
    /// What is wrong, in a word or two and without addresses.
    pub problem: Option<String>,
    /// The engine's version, once it is known.
    pub engine: Option<String>,
    /// The OCI runtime in use, once it is known.
    pub runtime: Option<String>,
    /// Whether AppArmor confines the sandboxes on every one of these hosts as well, once it is known.
    pub apparmor: Option<bool>,
    /// Sandboxes running programs.
    pub running: usize,
    /// The most that may.
    pub capacity: usize,
    /// Per language: sandboxes waiting, and how many there should be.
    pub pool: Vec<PoolDepth>,
}

/// How many hosts there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostCount {
    /// Those that can run programs now.
    pub up: usize,
    /// All that are known.
    pub total: usize,
}

/// How many sandboxes of a language wait for work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolDepth {
    /// The language's canonical name.
    pub language: String,
    /// Waiting.
    pub warm: usize,
    /// Wanted.
    pub target: usize,
}

/// A language as it is installed on the host.
#[derive(Clone, Debug)]
pub struct InstalledLanguage {
    /// The table's entry.
    pub language: Arc<Language>,
    /// The interpreter's own word for its version; empty where it was never heard.
    pub version: String,
    /// The image's digest; empty where the image was never found.
    pub digest: String,
    /// Why no program in it can be run now, in a sentence without addresses; `None` when programs can.
    pub problem: Option<String>,
}

/// Where records of executions are kept.
pub trait ExecutionStore: Send + Sync + 'static {
    /// The longest that one call takes, attempts included: whoever waits needs no limit of their own. A write that is
    /// over by it is [`StoreError::Unavailable`], may have been made, and may still arrive: what was sent cannot be
    /// called back.
    fn time_limit(&self) -> Duration;

    /// Writes the record of an execution that begins. Its state reads [`Running`](super::record::RecordState).
    /// Writing the same start again changes nothing. Dropping the future does not take the write back.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it may not have been written; [`StoreError::Corrupt`] when the caller has
    /// another execution under this id, which stays as it is.
    fn start(&self, record: &StartRecord) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Like [`start`](Self::start), and in the same write takes an idempotency key of the record's caller for it: both
    /// or neither. Of any number that ask for one key at once exactly one gets it. The key is free when it was never
    /// taken, has expired, or is held by the execution that the reservation names.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it may not have been written; [`StoreError::Corrupt`] when the key is free and
    /// another execution has the record's id.
    fn reserve(
        &self,
        record: &StartRecord,
        reservation: &Reservation,
    ) -> impl Future<Output = Result<Reserved, StoreError>> + Send;

    /// The execution that has this key of the caller's; `None` when it is free.
    ///
    /// # Errors
    /// [`StoreError`].
    fn holder(
        &self,
        caller: &Caller,
        key: &IdempotencyKey,
    ) -> impl Future<Output = Result<Option<Holder>, StoreError>> + Send;

    /// Writes the end of an execution that has a start and no end yet; a second end changes nothing. An end that
    /// comes when the record already reads as abandoned is still written. Dropping the future does not take the
    /// write back.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it may not have been written; [`StoreError::Corrupt`] when there is no start.
    fn finish(
        &self,
        caller: &Caller,
        id: ExecutionId,
        end: &EndRecord,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Writes the end of an execution whose start may or may not have been written, and the start too where it is
    /// missing. From then on that start cannot be written any more, and takes no key: one that is still on its way
    /// finds its id taken. An end that is there already stays.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it may not have been written.
    fn close(
        &self,
        start: &StartRecord,
        end: &EndRecord,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The caller's latest executions, newest first, long texts cut; with `before` those with a smaller id, whether or
    /// not there is an execution of that id: the id of a page's last record gives the next page. The cost grows
    /// neither with the store nor with how far back the page is.
    ///
    /// # Errors
    /// [`StoreError`].
    fn history(
        &self,
        caller: &Caller,
        before: Option<ExecutionId>,
        limit: HistoryLimit,
    ) -> impl Future<Output = Result<Vec<ExecutionRecord>, StoreError>> + Send;

    /// One of the caller's executions, whole; `None` when the caller has no such execution.
    ///
    /// # Errors
    /// [`StoreError`].
    fn get(
        &self,
        caller: &Caller,
        id: ExecutionId,
    ) -> impl Future<Output = Result<Option<ExecutionRecord>, StoreError>> + Send;

    /// Whether it can be written to. Load balancers ask often, so that not every question is a write: one that follows
    /// a write that succeeded within seconds, and none that failed, is answered by a read.
    ///
    /// # Errors
    /// [`StoreError`].
    fn check(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
}
