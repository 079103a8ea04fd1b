//! Fakes of the two ports, for the faults and orders of events that no real engine or store gives on demand.

mod rooms;
mod store;
pub mod zip;

use std::{
    collections::BTreeMap,
    future::pending,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

pub use store::FakeStore;
use time::OffsetDateTime;
use tokio::{sync::Notify, time::Instant};

use crate::{
    domain::{
        error::SandboxError,
        id::ExecutionId,
        language::{Language, LanguageTable},
        limits::Limits,
        outcome::{Captured, Ending, Execution, Outcome, SandboxFacts, SandboxTimings, Start, Usage},
        ports::{HostCount, InstalledLanguage, Maintained, PoolDepth, Sandbox, SandboxHealth, Sent},
        request::ExecutionRequest,
    },
    inbound::run_request::RunRules,
    service::{ExecutionService, ServiceConfig},
};

/// What the fake sandbox does with the next runs.
pub enum Plan {
    Answer(Box<Outcome>),
    Busy(Duration),
    Fail(fn() -> SandboxError),
    /// Never ends by itself, like an adapter that forgot its deadline.
    Hang,
    Panic,
    /// Ends when told.
    Await(Arc<Notify>),
    /// No place until told; the run then never ends by itself.
    Queue(Arc<Notify>),
    /// There is a place, and never a sandbox: no code is sent.
    NeverReady,
    /// Fails for programs with this text in them, as if their host were out of reach; else answers.
    FailFor(&'static str),
}

pub struct FakeSandbox {
    plan: Mutex<Plan>,
    pub healthy: Mutex<bool>,
    /// Runs that are under way.
    pub running: Arc<AtomicUsize>,
    /// Those that wait for a place.
    pub queued: Arc<AtomicUsize>,
    /// How often it was asked how it is.
    pub asked: AtomicUsize,
    /// What was asked to be run.
    pub seen: Mutex<Vec<ExecutionRequest>>,
}

impl Default for FakeSandbox {
    fn default() -> Self {
        Self {
            plan: Mutex::new(Plan::Answer(Box::new(exited(0, "4\n")))),
            healthy: Mutex::new(true),
            running: Arc::default(),
            queued: Arc::default(),
            asked: AtomicUsize::default(),
            seen: Mutex::default(),
        }
    }
}

impl FakeSandbox {
    pub fn plan(&self, plan: Plan) {
        *locked(&self.plan) = plan;
    }

    pub fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    pub fn queued(&self) -> usize {
        self.queued.load(Ordering::SeqCst)
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

struct Running(Arc<AtomicUsize>);

impl Running {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Sandbox for FakeSandbox {
    type Slot = ();

    async fn admit(&self, _: &Language) -> Result<(), SandboxError> {
        let told = match &*locked(&self.plan) {
            Plan::Busy(retry_after) => return Err(SandboxError::Busy { retry_after: *retry_after }),
            Plan::Queue(told) => Arc::clone(told),
            _ => return Ok(()),
        };
        let _queued = Running::new(&self.queued);
        told.notified().await;
        Ok(())
    }

    async fn run(
        &self,
        (): (),
        _: ExecutionId,
        request: &ExecutionRequest,
        _: Instant,
        sent: &Sent,
    ) -> Result<Execution, SandboxError> {
        let _running = Running::new(&self.running);
        let never_ready = matches!(*locked(&self.plan), Plan::NeverReady);
        if never_ready {
            return pending().await;
        }
        sent.set();
        locked(&self.seen).push(request.clone());
        let told = match &*locked(&self.plan) {
            Plan::Answer(outcome) => return Ok(execution(outcome.as_ref().clone())),
            Plan::Fail(error) => return Err(error()),
            Plan::Panic => panic!("the fake sandbox was told to"),
            Plan::Await(told) => Arc::clone(told),
            Plan::FailFor(text) => {
                let source = String::from_utf8_lossy(request.program.source()).into_owned();
                return if source.contains(text) {
                    Err(SandboxError::Unavailable { reason: "tcp://10.0.0.7:2376".to_owned() })
                } else {
                    Ok(execution(exited(0, "ok\n")))
                };
            }
            Plan::Hang | Plan::Busy(_) | Plan::NeverReady | Plan::Queue(_) => Arc::default(),
        };
        told.notified().await;
        Ok(execution(exited(0, "told\n")))
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
            digest: DIGEST.to_owned(),
            problem: None,
        };
        Ok(languages().iter().map(installed).collect())
    }
}

pub const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// How large a file of the page is.
pub fn asset_bytes(name: &str) -> usize {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/dist").join(name);
    usize::try_from(std::fs::metadata(path).expect("a built page").len()).expect("small")
}

pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

pub fn exited(code: u8, stdout: &str) -> Outcome {
    Outcome {
        ending: Ending::Exited(code),
        stdout: Captured::whole(stdout.to_owned()),
        stderr: Captured::default(),
        usage: Usage {
            wall: Duration::from_micros(3_100),
            cpu: Duration::from_micros(2_200),
            memory_bytes: 8_421_376,
            oom_kills: 0,
        },
        limits_met: Vec::new(),
    }
}

pub fn execution(outcome: Outcome) -> Execution {
    Execution {
        outcome,
        sandbox: SandboxFacts {
            start: Start::Warm,
            runtime: "runc".to_owned(),
            image: "python:3.11-slim".to_owned(),
            digest: DIGEST.to_owned(),
        },
        timings: SandboxTimings {
            acquire: Duration::from_millis(4),
            run: Duration::from_micros(4_900),
            collect: Duration::from_micros(100),
            ..SandboxTimings::default()
        },
    }
}

pub fn languages() -> LanguageTable {
    let language = |name: &str, aliases: &[&str], entries: &[&str], extensions: &[&str]| Language {
        name: name.to_owned(),
        title: name.to_owned(),
        aliases: aliases.iter().map(ToString::to_string).collect(),
        image: format!("{name}:1"),
        version_program: "print(1)".to_owned(),
        command: vec![name.to_owned(), "{entry}".to_owned()],
        start_in: None,
        environment: BTreeMap::new(),
        bootstrap: BTreeMap::new(),
        entry_points: entries.iter().map(ToString::to_string).collect(),
        extensions: extensions.iter().map(ToString::to_string).collect(),
        example: "print(2+2)".to_owned(),
    };
    LanguageTable::new(vec![
        language("python", &["py", "python3"], &["main.py", "app.py", "__main__.py"], &["py"]),
        language("javascript", &["js", "node"], &["main.js", "index.js"], &["js", "mjs", "cjs"]),
    ])
    .expect("a good table")
}

pub fn rules() -> RunRules {
    RunRules { languages: Arc::new(languages()), limits: Limits::default() }
}

/// A service over both fakes, with the fakes at hand.
pub struct House {
    pub sandbox: Arc<FakeSandbox>,
    pub store: Arc<FakeStore>,
    pub service: Arc<ExecutionService<FakeSandbox, FakeStore>>,
}

/// When all is submitted.
const NOW: OffsetDateTime = time::macros::datetime!(2025-02-12 21:00:00.1234567 UTC);

impl House {
    pub fn new() -> Self {
        Self::over(Arc::default(), NOW, ServiceConfig::default())
    }

    pub fn keeping_records_for(retention: Duration) -> Self {
        Self::over(Arc::default(), NOW, ServiceConfig { retention, ..ServiceConfig::default() })
    }

    /// Another handler, on the same store.
    pub fn restarted(&self) -> Self {
        self.restarted_at(NOW)
    }

    /// The same, by a clock of its own.
    pub fn restarted_at(&self, now: OffsetDateTime) -> Self {
        Self::over(Arc::clone(&self.store), now, ServiceConfig::default())
    }

    fn over(store: Arc<FakeStore>, now: OffsetDateTime, config: ServiceConfig) -> Self {
        let sandbox = Arc::<FakeSandbox>::default();
        let service = ExecutionService::new(Arc::clone(&sandbox), Arc::clone(&store), config);
        Self { sandbox, store, service: Arc::new(service.with_clock(move || now)) }
    }
}
