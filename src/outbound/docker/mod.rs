//! Docker hosts as a [`Sandbox`]: single-use containers, made ahead of the request where that pays.
//!
//! [`DockerSandbox`] is one host that has passed its checks; [`Fleet`] is all there are, however many.
//!
//! # At most once
//! Until the first byte of code is sent, every failure may be retried on another sandbox. After it, never: what
//! is not reported then is [`SandboxError::Lost`].

mod acquire;
mod admission;
mod blueprint;
mod by_language;
pub mod certificates;
mod common;
pub mod connect;
mod engine;
mod fleet;
mod handshake;
mod host;
pub mod identity;
mod image;
mod layers;
mod link;
mod maintain;
mod masks;
mod pool;
mod preflight;
mod report;
mod rest;
pub mod roster;
mod runtime;
mod seccomp;
mod secret;
mod shelf;
mod sightings;
mod spec;
mod spread;
mod start;
mod summary;
mod tenancy;
mod volume;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use admission::Admission;
pub use admission::{Bounds, Slot};
use blueprint::{Blueprint, NotReady};
use engine::Engine;
pub use fleet::Fleet;
use link::{Link, LinkError};
use pool::Hints;
pub use preflight::Unfit;
use sandbox_init::protocol::{self, Nonce, Report};
use shelf::Shelf;
use sightings::Sightings;
use tenancy::Tenancy;
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};
use tokio_util::task::TaskTracker;
use tracing::{Instrument, debug_span};

use crate::domain::{
    error::SandboxError,
    id::ExecutionId,
    language::Language,
    limits::Limits,
    outcome::{Execution, Outcome, SandboxFacts, SandboxTimings, Start},
    ports::{HostCount, InstalledLanguage, Maintained, PoolDepth, Sandbox, SandboxHealth},
    request::ExecutionRequest,
};

/// How long after its time limit a run may take to report: killing, collecting, a busy host.
const REPORT_GRACE: Duration = Duration::from_secs(10);
/// How long making a sandbox may take.
const MAKE: Duration = Duration::from_mins(1);

/// How the name of a claimed sandbox begins; its id follows.
const BUSY: &str = "busy-";

/// What a handler needs to know to use its Docker hosts.
#[derive(Clone, Debug)]
pub struct DockerConfig {
    /// Where they are.
    pub hosts: roster::Hosts,
    /// The name under which this deployment's sandboxes are known on a host.
    pub deployment: String,
    /// The OCI runtime; `None` is the engine's default.
    pub runtime: Option<String>,
    /// Refuse engine and runtime versions with known weaknesses, instead of warning.
    pub strict_versions: bool,
    /// How much of each host this handler may use.
    pub bounds: Bounds,
    /// Sandboxes that should wait on each host, by language.
    pub pool: HashMap<String, usize>,
    /// Whether any handler may use what waits. Else each handler holds its own, which is faster by two calls to
    /// the engine, and gone at once when the handler is. Share where handlers are frozen, or many.
    pub pool_shared: bool,
    /// How long a sandbox waits for work before it ends itself.
    pub pool_lease: Duration,
    /// The most that any run may use.
    pub limits: Limits,
}

/// Runs programs on a Docker host.
#[derive(Debug)]
pub struct DockerSandbox {
    engine: Engine,
    admission: Admission,
    blueprints: BTreeMap<String, Blueprint>,
    installed: Vec<InstalledLanguage>,
    host: preflight::Host,
    hints: Hints,
    shelf: Shelf,
    sightings: Sightings,
    pool: HashMap<String, usize>,
    pool_shared: bool,
    pool_lease: Duration,
    deployment: String,
    limits: Limits,
    claimed: Notify,
    tasks: TaskTracker,
}

/// A sandbox with its interpreter waiting, and nobody's code in it yet.
struct Ready {
    tenancy: Tenancy,
    link: Link,
    start: Start,
}

impl DockerSandbox {
    fn target(&self, language: &str) -> usize {
        self.pool.get(language).copied().unwrap_or(0)
    }

    /// How many programs run for us now.
    fn running(&self) -> usize {
        self.admission.running()
    }

    /// How many wait, as far as we know.
    fn waiting(&self, language: &str) -> usize {
        self.shelf.count(language) + self.hints.count(language)
    }

    fn facts(&self, request: &ExecutionRequest, start: Start) -> SandboxFacts {
        let digest = self.blueprints.get(&request.language.name).map(|found| found.image.digest.clone());
        SandboxFacts {
            start,
            runtime: self.host.runtime.name.clone(),
            image: request.language.image.clone(),
            digest: digest.unwrap_or_default(),
        }
    }

    async fn run_in(
        &self,
        mut ready: Ready,
        request: &ExecutionRequest,
        timings: &mut SandboxTimings,
    ) -> Result<Outcome, SandboxError> {
        let unavailable = |reason: String| SandboxError::Unavailable { reason };
        let nonce: Nonce = rand::random();
        let frame = protocol::encode(&report::to_run(request, self.host.runtime.kernel, nonce));
        let frame = frame.map_err(|error| unavailable(error.to_string()))?;
        let begun = Instant::now();
        // From here on the code may have run: nothing below is ever tried again.
        let reported: Result<Report, _> = async {
            ready.link.send(&frame).await?;
            ready.link.stirs().instrument(debug_span!("run")).await?;
            timings.run = begun.elapsed();
            ready.link.receive().instrument(debug_span!("collect")).await
        }
        .await;
        timings.collect = begun.elapsed().saturating_sub(timings.run);
        let report = match reported {
            Ok(report) if report.nonce == nonce => report,
            Ok(_) => {
                return Err(SandboxError::Lost {
                    reason: "a report of another run".into(),
                    timings: *timings,
                });
            }
            // Nobody is left inside to tell why: gVisor's kernel is killed whole, and at worst init is.
            Err(LinkError::Ended { .. }) if self.engine.ran_out_of_memory(ready.tenancy.id()).await => {
                let mut outcome = report::out_of_memory(&request.limits, report::KILLED_WHOLE);
                outcome.usage.wall = timings.run + timings.collect;
                return Ok(outcome);
            }
            Err(error) => return Err(SandboxError::Lost { reason: error.to_string(), timings: *timings }),
        };
        ready.tenancy.leave(ready.link);
        let why = report.ending;
        report::to_outcome(report, &request.limits)
            .ok_or_else(|| unavailable(format!("the files could not be written: {why:?}")))
    }
}

fn longest(bounds: &Bounds, timeout: Duration) -> Duration {
    bounds.queue_timeout + MAKE + timeout + REPORT_GRACE
}

impl Sandbox for DockerSandbox {
    type Slot = Slot;

    async fn admit(&self, _: &Language) -> Result<Slot, SandboxError> {
        self.admission.enter().instrument(debug_span!("queue")).await
    }

    async fn run(
        &self,
        slot: Slot,
        id: ExecutionId,
        request: &ExecutionRequest,
        deadline: Instant,
    ) -> Result<Execution, SandboxError> {
        let mut timings = SandboxTimings { queue: slot.queued, ..SandboxTimings::default() };
        let _place = slot.place;
        let begun = Instant::now();
        let acquired =
            timeout_at(deadline, self.acquire(request)).instrument(debug_span!("acquire", %id)).await;
        timings.acquire = begun.elapsed();
        let ready = match acquired {
            // No code was sent: whoever has more time may ask again.
            Err(_) => {
                return Err(SandboxError::Unavailable {
                    reason: "no sandbox before the deadline".to_owned(),
                });
            }
            Ok(Ok(ready)) => ready,
            Ok(Err(NotReady::TooLittleMemory)) => {
                let outcome = report::out_of_memory(&request.limits, report::NEVER_CAME_UP);
                let sandbox = self.facts(request, Start::Cold);
                return Ok(Execution { outcome, sandbox, timings });
            }
            Ok(Err(error)) => return Err(SandboxError::Unavailable { reason: error.to_string() }),
        };
        let sandbox = self.facts(request, ready.start);
        let own = Instant::now() + request.limits.timeout + REPORT_GRACE;
        match timeout_at(deadline.min(own), self.run_in(ready, request, &mut timings)).await {
            Ok(outcome) => Ok(Execution { outcome: outcome?, sandbox, timings }),
            Err(_) if deadline <= own => Err(SandboxError::DeadlineExceeded),
            Err(_) => Err(SandboxError::Lost { reason: "no report in time".to_owned(), timings }),
        }
    }

    fn longest(&self, timeout: Duration) -> Duration {
        longest(&self.admission.bounds(), timeout)
    }

    async fn health(&self) -> SandboxHealth {
        let problem = self.engine.ping().await.err().map(|_| "the Docker host does not answer".to_owned());
        let depth = |name: &String| PoolDepth {
            language: name.clone(),
            warm: self.waiting(name),
            target: self.target(name),
        };
        SandboxHealth {
            ok: problem.is_none(),
            hosts: HostCount { up: usize::from(problem.is_none()), total: 1 },
            problem,
            engine: Some(self.host.engine.clone()),
            runtime: Some(self.host.runtime.name.clone()),
            running: self.running(),
            capacity: self.admission.bounds().running,
            pool: self.blueprints.keys().map(depth).collect(),
        }
    }

    async fn languages(&self) -> Result<Vec<InstalledLanguage>, SandboxError> {
        Ok(self.installed.clone())
    }

    async fn maintain(&self) -> Result<Maintained, SandboxError> {
        self.upkeep().await.map_err(|error| SandboxError::Unavailable { reason: error.to_string() })
    }
}
