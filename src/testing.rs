//! Fakes of the two ports, for the faults and orders of events that no real engine or store gives on demand.

mod rooms;
pub mod zip;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

use crate::{
    domain::{
        caller::Caller,
        error::{SandboxError, StoreError},
        id::ExecutionId,
        idempotency::{Holder, IdempotencyKey, Reservation, Reserved},
        language::{Language, LanguageTable},
        limits::Limits,
        outcome::{Captured, Ending, Execution, Outcome, SandboxFacts, SandboxTimings, Start, Usage},
        ports::{
            ExecutionStore, HostCount, InstalledLanguage, Maintained, PoolDepth, Sandbox, SandboxHealth,
        },
        record::{EndRecord, ExecutionRecord, HistoryLimit, RecordState, StartRecord},
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
    /// Fails for programs with this text in them, as if their host were out of reach; else answers.
    FailFor(&'static str),
}

pub struct FakeSandbox {
    plan: Mutex<Plan>,
    pub healthy: Mutex<bool>,
    /// Runs that are under way.
    pub running: Arc<AtomicUsize>,
    /// What was asked to be run.
    pub seen: Mutex<Vec<ExecutionRequest>>,
}

impl Default for FakeSandbox {
    fn default() -> Self {
        Self {
            plan: Mutex::new(Plan::Answer(Box::new(exited(0, "4\n")))),
            healthy: Mutex::new(true),
            running: Arc::default(),
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
        match *locked(&self.plan) {
            Plan::Busy(retry_after) => Err(SandboxError::Busy { retry_after }),
            _ => Ok(()),
        }
    }

    async fn run(
        &self,
        (): (),
        _: ExecutionId,
        request: &ExecutionRequest,
        _: Instant,
    ) -> Result<Execution, SandboxError> {
        let _running = Running::new(&self.running);
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
            Plan::Hang | Plan::Busy(_) => Arc::default(),
        };
        told.notified().await;
        Ok(execution(exited(0, "told\n")))
    }

    fn longest(&self, timeout: Duration) -> Duration {
        timeout + Duration::from_secs(5)
    }

    async fn health(&self) -> SandboxHealth {
        let ok = *locked(&self.healthy);
        SandboxHealth {
            ok,
            hosts: HostCount { up: usize::from(ok), total: 1 },
            problem: (!ok).then(|| "no engine".to_owned()),
            engine: Some("20.10.24".to_owned()),
            runtime: Some("runc".to_owned()),
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
        };
        Ok(languages().iter().map(installed).collect())
    }
}

/// How the fake store fails.
#[derive(Default)]
pub struct Faults {
    pub start: bool,
    /// How many attempts to write an end fail.
    pub finish: u32,
    /// How long each attempt to write an end takes.
    pub slow_end: Duration,
    pub reads: bool,
}

#[derive(Default)]
pub struct FakeStore {
    pub faults: Mutex<Faults>,
    pub records: Mutex<BTreeMap<ExecutionId, (StartRecord, Option<EndRecord>)>>,
    keys: Mutex<HashMap<(Caller, [u8; 32]), Holder>>,
}

impl FakeStore {
    /// The end of the only execution there is.
    pub fn only_end(&self) -> Option<EndRecord> {
        let records = locked(&self.records);
        assert_eq!(records.len(), 1);
        records.values().next().and_then(|(_, end)| end.clone())
    }

    pub fn len(&self) -> usize {
        locked(&self.records).len()
    }

    fn reads(&self) -> Result<(), StoreError> {
        if locked(&self.faults).reads {
            Err(StoreError::Unavailable("10.0.0.7:8000".to_owned()))
        } else {
            Ok(())
        }
    }

    fn read((start, end): &(StartRecord, Option<EndRecord>)) -> ExecutionRecord {
        let state = end.clone().map_or(RecordState::Running, RecordState::Ended);
        ExecutionRecord { start: start.clone(), code_bytes: start.code.len() as u64, state }
    }
}

impl ExecutionStore for FakeStore {
    async fn start(&self, record: &StartRecord) -> Result<(), StoreError> {
        if locked(&self.faults).start {
            return Err(StoreError::Unavailable("10.0.0.7:8000".to_owned()));
        }
        locked(&self.records).insert(record.id, (record.clone(), None));
        Ok(())
    }

    async fn reserve(&self, record: &StartRecord, wish: &Reservation) -> Result<Reserved, StoreError> {
        if locked(&self.faults).start {
            return Err(StoreError::Unavailable("10.0.0.7:8000".to_owned()));
        }
        let mut keys = locked(&self.keys);
        let ours = Holder { id: record.id, fingerprint: wish.fingerprint };
        let key = (record.caller.clone(), *wish.key.digest());
        match keys.get(&key) {
            Some(holder) if Some(holder.id) != wish.instead_of => return Ok(Reserved::Held(*holder)),
            _ => keys.insert(key, ours),
        };
        locked(&self.records).insert(record.id, (record.clone(), None));
        drop(keys);
        Ok(Reserved::Ours)
    }

    async fn holder(&self, caller: &Caller, key: &IdempotencyKey) -> Result<Option<Holder>, StoreError> {
        self.reads()?;
        Ok(locked(&self.keys).get(&(caller.clone(), *key.digest())).copied())
    }

    async fn finish(&self, _: &Caller, id: ExecutionId, end: &EndRecord) -> Result<(), StoreError> {
        let slow = locked(&self.faults).slow_end;
        sleep(slow).await;
        let mut faults = locked(&self.faults);
        if faults.finish > 0 {
            faults.finish -= 1;
            return Err(StoreError::Unavailable("10.0.0.7:8000".to_owned()));
        }
        let mut records = locked(&self.records);
        let record = records.get_mut(&id).ok_or_else(|| StoreError::Corrupt("no start".to_owned()))?;
        record.1.get_or_insert_with(|| end.clone());
        drop(records);
        Ok(())
    }

    async fn history(
        &self,
        caller: &Caller,
        limit: HistoryLimit,
    ) -> Result<Vec<ExecutionRecord>, StoreError> {
        self.reads()?;
        let records = locked(&self.records);
        let own = records.values().rev().filter(|(start, _)| start.caller == *caller);
        Ok(own.take(limit.get()).map(Self::read).collect())
    }

    async fn get(&self, caller: &Caller, id: ExecutionId) -> Result<Option<ExecutionRecord>, StoreError> {
        self.reads()?;
        let records = locked(&self.records);
        Ok(records.get(&id).filter(|(start, _)| start.caller == *caller).map(Self::read))
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.reads()
    }
}

pub const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

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

impl House {
    pub fn new() -> Self {
        let (sandbox, store) = (Arc::<FakeSandbox>::default(), Arc::<FakeStore>::default());
        let service =
            ExecutionService::new(Arc::clone(&sandbox), Arc::clone(&store), ServiceConfig::default())
                .with_clock(|| time::macros::datetime!(2025-02-12 21:00:00.1234567 UTC));
        Self { sandbox, store, service: Arc::new(service) }
    }
}
