//! Fakes of the two ports, for the faults and orders of events that no real engine or store gives on demand. Each keeps
//! the contract of its port: `contract` and `tests/store`.

#[macro_use]
mod contract;
pub mod foreign;
mod rooms;
mod sandbox;
mod store;
pub mod zip;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

pub use sandbox::{FakeSandbox, Plan};
pub use store::FakeStore;
use time::OffsetDateTime;

use crate::{
    domain::{
        clock::Clock,
        language::{ARGS, Compiler, CompilerLimits, Language, LanguageTable, SOURCES},
        limits::Limits,
        outcome::{Captured, Ending, LimitName, LimitReached, Outcome, Usage},
        request::{DEFAULT_CODE_CHARS, ExecutionRequest},
    },
    inbound::contract::run_request::{RunRequest, RunRules},
    service::{ExecutionService, LineConfig, ServiceConfig},
};

pub const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// How large a file of the page is.
pub fn asset_bytes(name: &str) -> usize {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/dist").join(name);
    usize::try_from(std::fs::metadata(path).expect("a built page").len()).expect("small")
}

pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A program that its time limit ended.
pub fn time_limit() -> Ending {
    let (value, observed) = (10.0, 10.0);
    Ending::Limit(LimitReached { name: LimitName::WallTime, value, observed, evidence: "seen".to_owned() })
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

pub fn languages() -> LanguageTable {
    let language = |name: &str, aliases: &[&str], entries: &[&str], extensions: &[&str]| Language {
        name: name.to_owned(),
        family: name.to_owned(),
        version: "1".parse().expect("a version"),
        title: name.to_owned(),
        aliases: aliases.iter().map(ToString::to_string).collect(),
        image: format!("{name}:1"),
        version_program: "print(1)".to_owned(),
        command: vec![name.to_owned()],
        run: Vec::new(),
        compiler: None,
        memory_mb: None,
        timeout: None,
        processes: None,
        start_in: None,
        environment: BTreeMap::new(),
        later_environment: BTreeMap::new(),
        bootstrap: [("boot".to_owned(), "wait".to_owned())].into(),
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

/// A table of one language, which is compiled.
pub fn compiled_languages() -> LanguageTable {
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let python = languages().default_language();
    let c = Language {
        name: "c".to_owned(),
        family: "c".to_owned(),
        title: "C".to_owned(),
        aliases: Vec::new(),
        command: Vec::new(),
        bootstrap: BTreeMap::new(),
        run: words(&["/build/main"]),
        compiler: Some(Compiler {
            command: words(&["cc", "-o", "/build/main", ARGS, SOURCES, "-lm"]),
            sources: words(&["c"]),
            args: words(&["-O2", "-Wall", "-D*"]),
            environment: [("LC_ALL".to_owned(), "C".to_owned())].into(),
            limits: CompilerLimits { memory_mb: 256, ..CompilerLimits::default() },
        }),
        entry_points: words(&["main.c"]),
        extensions: words(&["c"]),
        ..(*python).clone()
    };
    LanguageTable::new(vec![c]).expect("a good table")
}

/// The rules of a server that has that table.
pub fn compiled_rules() -> RunRules {
    RunRules { languages: Arc::new(compiled_languages()), ..rules() }
}

/// A request to compile and run this.
pub fn compiled_request(code: &str) -> ExecutionRequest {
    let code = RunRequest { code: Some(code.to_owned()), ..RunRequest::default() };
    code.into_domain(&compiled_rules()).expect("a good request")
}

/// A request to run this as a program in Python.
pub fn request(code: &str) -> ExecutionRequest {
    let code = RunRequest { code: Some(code.to_owned()), ..RunRequest::default() };
    code.into_domain(&rules()).expect("a good request")
}

pub fn rules() -> RunRules {
    RunRules {
        languages: Arc::new(languages()),
        limits: Limits::default(),
        max_code_chars: DEFAULT_CODE_CHARS,
    }
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
        // What finds no place is not to hold up the tests.
        let line = LineConfig { patience: Duration::from_millis(200), ..LineConfig::default() };
        Self::over(Arc::default(), NOW, ServiceConfig { line, ..ServiceConfig::default() })
    }

    pub fn keeping_records_for(retention: Duration) -> Self {
        Self::over(Arc::default(), NOW, ServiceConfig { retention, ..ServiceConfig::default() })
    }

    /// One in which so many may wait for a place.
    pub fn where_may_wait(length: usize) -> Self {
        let line = LineConfig { length, ..LineConfig::default() };
        Self::over(Arc::default(), NOW, ServiceConfig { line, ..ServiceConfig::default() })
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
        store.set_clock(Clock::from_fn(move || now));
        let service = ExecutionService::new(Arc::clone(&sandbox), Arc::clone(&store), config);
        Self { sandbox, store, service: Arc::new(service.with_clock(move || now)) }
    }
}
