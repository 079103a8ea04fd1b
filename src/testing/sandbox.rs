//! A sandbox in memory that does what it is told to. The contract of its port (`testing::contract`) holds for it too.

mod conversation;
mod program;
mod running;
mod tests;

use std::{
    collections::BTreeMap,
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

pub use conversation::FakeConversation;
pub use program::Plan;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep},
};

use super::{DIGEST, exited, languages, locked};
use crate::domain::{
    conversation::Step,
    error::SandboxError,
    id::ExecutionId,
    language::Language,
    ports::{HostCount, InstalledLanguage, Maintained, PoolDepth, Sandbox, SandboxHealth},
    request::ExecutionRequest,
};

/// How often it says that a place comes free.
const FREE_EVERY: Duration = Duration::from_secs(1);

pub struct FakeSandbox {
    plan: Mutex<Plan>,
    places: Arc<Semaphore>,
    pub healthy: Mutex<bool>,
    /// Runs that are under way.
    pub running: Arc<AtomicUsize>,
    /// How often it was asked how it is.
    pub asked: AtomicUsize,
    /// What was sent to be run, or failed just before.
    pub seen: Arc<Mutex<Vec<ExecutionRequest>>>,
    /// The steps of all conversations, in the order in which they were sent.
    pub steps: Arc<Mutex<Vec<Step>>>,
}

impl Default for FakeSandbox {
    fn default() -> Self {
        Self::with_places(Semaphore::MAX_PERMITS)
    }
}

impl FakeSandbox {
    /// One that runs so many programs at once.
    pub fn with_places(places: usize) -> Self {
        Self {
            plan: Mutex::new(Plan::Answer(Box::new(exited(0, "4\n")))),
            places: Arc::new(Semaphore::new(places)),
            healthy: Mutex::new(true),
            running: Arc::default(),
            asked: AtomicUsize::default(),
            seen: Arc::default(),
            steps: Arc::default(),
        }
    }

    pub fn plan(&self, plan: Plan) {
        *locked(&self.plan) = plan;
    }

    pub fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// How many runs there were.
    pub fn runs(&self) -> usize {
        locked(&self.seen).len()
    }

    pub fn last_seen(&self) -> ExecutionRequest {
        locked(&self.seen).last().cloned().expect("something was run")
    }
}

/// Counts one more for as long as it lives.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Sandbox for FakeSandbox {
    type Slot = OwnedSemaphorePermit;
    type Conversation = FakeConversation;

    async fn admit(&self, _: &Language) -> Result<OwnedSemaphorePermit, SandboxError> {
        let retry_after = match &*locked(&self.plan) {
            Plan::Busy(retry_after) => Some(*retry_after),
            Plan::Queue => Some(FREE_EVERY),
            _ => None,
        };
        match (retry_after, Arc::clone(&self.places).try_acquire_owned()) {
            (None, Ok(place)) => Ok(place),
            (retry_after, _) => Err(SandboxError::Busy { retry_after: retry_after.unwrap_or(FREE_EVERY) }),
        }
    }

    fn freed(&self) -> impl Future<Output = ()> + Send {
        let places = Arc::clone(&self.places);
        async move {
            loop {
                sleep(Duration::from_millis(1)).await;
                if places.available_permits() > 0 {
                    return;
                }
            }
        }
    }

    async fn begin(
        &self,
        place: OwnedSemaphorePermit,
        _: ExecutionId,
        request: &ExecutionRequest,
        deadline: Instant,
    ) -> Result<FakeConversation, SandboxError> {
        let running = Counted::new(&self.running);
        let plan = locked(&self.plan).clone();
        if let Plan::NeverReady = plan {
            return pending().await;
        }
        if deadline <= Instant::now() {
            return Err(SandboxError::TooLate);
        }
        if let Err(error) = plan.refuses(request) {
            locked(&self.seen).push(request.clone());
            return Err(error);
        }
        Ok(FakeConversation::new(self, plan, request.clone(), deadline, (running, place)))
    }

    fn longest(&self, timeout: Duration) -> Duration {
        timeout + Duration::from_secs(5)
    }

    async fn health(&self) -> SandboxHealth {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let ok = *locked(&self.healthy);
        SandboxHealth {
            ok,
            hosts: HostCount { up: usize::from(ok), total: 1 },
            problem: (!ok).then(|| "no engine".to_owned()),
            engine: Some("20.10.24".to_owned()),
            runtime: Some("runc".to_owned()),
            apparmor: Some(false),
            landlock: Some(true),
            running: self.running(),
            capacity: 4,
            pool: vec![PoolDepth { language: "python".to_owned(), warm: 1, target: 2 }],
        }
    }

    async fn maintain(&self) -> Result<Maintained, SandboxError> {
        match *locked(&self.plan) {
            Plan::Fail(error) => Err(error()),
            _ => Ok(Maintained { filled: 2, trimmed: 0, removed: 1, warm: 4 }),
        }
    }

    async fn languages(&self) -> Result<Vec<InstalledLanguage>, SandboxError> {
        let installed = |language: &Arc<Language>| InstalledLanguage {
            language: Arc::clone(language),
            version: "1.2.3".to_owned(),
            packages: BTreeMap::new(),
            digest: DIGEST.to_owned(),
            problem: None,
        };
        Ok(languages().iter().map(installed).collect())
    }
}
