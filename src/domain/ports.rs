//! What the service needs from the outside world. Each port has one contract test suite for all that implement it, the
//! fakes of the service's own tests included: `src/testing/contract` for sandboxes, `tests/store` for records.

use std::{
    collections::BTreeMap,
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
    conversation::{Event, Input, Step},
    error::{SandboxError, StoreError},
    files::{Collected, Patterns},
    id::ExecutionId,
    idempotency::{Holder, IdempotencyKey, Reservation, Reserved},
    language::Language,
    outcome::{SandboxFacts, SandboxTimings},
    record::{EndRecord, ExecutionRecord, Forgotten, HistoryLimit, StartRecord},
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
    /// A sandbox of one execution's own.
    type Conversation: Conversation;

    /// A place to run a program of this language in, if one is free now. Waits, for a bounded time, for hosts that are still
    /// being checked, and for nothing else: who is next where all places are taken, others decide.
    ///
    /// # Errors
    /// [`SandboxError::Busy`] when all places are taken, with the time in which one is likely to come free;
    /// [`SandboxError::Unavailable`] when there is no host yet; [`SandboxError::LanguageUnavailable`] when no host can run
    /// this language now.
    fn admit(&self, language: &Language) -> impl Future<Output = Result<Self::Slot, SandboxError>> + Send;

    /// Resolves when a place has come free since the call, whether or not it is free still. Places that come free because a
    /// host comes up are not told.
    fn freed(&self) -> impl Future<Output = ()> + Send;

    /// Gets a sandbox for this request. No code is sent, so that any other sandbox may be taken where one fails.
    /// `deadline` is when the whole conversation must be over.
    ///
    /// # Errors
    /// Any [`SandboxError`] by which no code was sent; [`SandboxError::TooLate`] when the deadline comes first.
    fn begin(
        &self,
        slot: Self::Slot,
        id: ExecutionId,
        request: &ExecutionRequest,
        deadline: Instant,
    ) -> impl Future<Output = Result<Self::Conversation, SandboxError>> + Send;

    /// How long an execution may take in all, from its start on record, before it must be thought dead, when its programs
    /// may run for `wall` by the clock.
    fn longest(&self, wall: Duration) -> Duration;

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

/// A sandbox of one execution's own, and what is said with it. Dropped, it ends.
///
/// # At most once
/// From the first byte of the first step on nothing is tried again, by nobody: every error after it is final.
pub trait Conversation: Send + 'static {
    /// The sandbox.
    fn sandbox(&self) -> &SandboxFacts;

    /// Where the time went so far. What [`begin`](Sandbox::begin) took is in `acquire`.
    fn timings(&self) -> SandboxTimings;

    /// Sends a step; with the first one the program's files. Only while no step is under way, and only after one that
    /// said that another follows. `sent` is set before the first byte leaves, and not earlier.
    ///
    /// # Errors
    /// [`SandboxError::Lost`] when the sandbox is gone; [`SandboxError::Refused`] when the step is larger than can be
    /// sent; [`SandboxError::DeadlineExceeded`], [`SandboxError::TooLate`].
    fn step(&mut self, step: Step, sent: &Sent) -> impl Future<Output = Result<(), SandboxError>> + Send;

    /// Waits for the next event of the step under way, and meanwhile passes queued input on. May be dropped and called
    /// again: no event is lost.
    ///
    /// # Errors
    /// [`SandboxError::Lost`]; [`SandboxError::DeadlineExceeded`]; and, from the first step only,
    /// [`SandboxError::Refused`] and [`SandboxError::LanguageUnavailable`] when the sandbox says that no code was run.
    fn next(&mut self) -> impl Future<Output = Result<Event, SandboxError>> + Send;

    /// Gets the files that the program has left, when a step has ended that said so ([`Step::files_follow`]). No step
    /// follows.
    ///
    /// # Errors
    /// [`SandboxError::Lost`]; [`SandboxError::DeadlineExceeded`].
    fn collect(
        &mut self,
        patterns: &Patterns,
    ) -> impl Future<Output = Result<Collected, SandboxError>> + Send;

    /// Queues input for the step under way, whose input is live. [`next`](Self::next) sends it. What can reach no program
    /// is thrown away: bytes after the end of the input, for a step whose input is not live, or while no step is under
    /// way.
    fn input(&mut self, input: Input);

    /// Bytes of input that the program has not taken yet. [`Event::Taken`] tells when it takes some. The queue has no bound
    /// of its own: whoever feeds it stops at some number.
    fn pending_input(&self) -> usize;
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
    /// Whether Landlock confines the programs on every one of these hosts, once it is known. Where not, other layers stand
    /// in for it.
    pub landlock: Option<bool>,
    /// Sandboxes running programs.
    pub running: usize,
    /// The most programs that may run at once.
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
    /// Packages beside the standard library by name, each with its version, as far as the language tells of them.
    pub packages: BTreeMap<String, String>,
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
    /// [`StoreError::Unavailable`] when the store does not answer in time; [`StoreError::Corrupt`] when what it has under
    /// the key cannot be understood.
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
    /// [`StoreError::Unavailable`] when the store does not answer in time; [`StoreError::Corrupt`] when a record of the
    /// page cannot be understood.
    fn history(
        &self,
        caller: &Caller,
        before: Option<ExecutionId>,
        limit: HistoryLimit,
    ) -> impl Future<Output = Result<Vec<ExecutionRecord>, StoreError>> + Send;

    /// One of the caller's executions, whole; `None` when the caller has no such execution.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the store does not answer in time; [`StoreError::Corrupt`] when the record cannot
    /// be understood, or a text of it is missing.
    fn get(
        &self,
        caller: &Caller,
        id: ExecutionId,
    ) -> impl Future<Output = Result<Option<ExecutionRecord>, StoreError>> + Send;

    /// Forgets one of the caller's executions that has ended or reads as abandoned: its code, its output, all that a
    /// store has of it. A running one stays as it is.
    ///
    /// An idempotency key that the execution has stays taken until the key itself expires: a request under that key is
    /// still not run a second time, although there is no answer to it any more. An end that is written after an abandoned
    /// execution was forgotten finds no start. Dropping the future does not take the wish back.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the record, or some of its texts, may still be there.
    fn delete(
        &self,
        caller: &Caller,
        id: ExecutionId,
    ) -> impl Future<Output = Result<Forgotten, StoreError>> + Send;

    /// Whether it can be written to. Load balancers ask often, so that not every question is a write: one that follows
    /// a write that succeeded within seconds, and none that failed, is answered by a read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be written to, or does not answer in time.
    fn check(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
}
