//! One engine in use: opened once it has passed its checks, looked after while it is open, and closed again.
//!
//! Knows `engine`, `sandbox` and `pool`. Nothing here knows that there may be other hosts.

mod acquire;
mod admission;
mod conversation;
mod open;
mod pace;
mod preflight;
mod probe;
mod ready;
mod run;
mod tidy;
mod upkeep;

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicI64, AtomicU32, AtomicUsize},
    },
    time::Duration,
};

use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use self::{admission::Admission, ready::Languages};
pub use self::{admission::Place, conversation::DockerConversation, pace::Pace, preflight::Unfit};
use crate::{
    domain::{
        limits::Limits,
        outcome::{SandboxFacts, Start},
        request::ExecutionRequest,
    },
    outbound::docker::{
        engine::{calls::Engine, link::Link},
        pool::{held::Held, overdue::Overdue, shared::Shared},
        sandbox::{guard::Guard, volume::Volume},
    },
};

/// How long after its time limit a run may take to report: killing, collecting, a busy host.
const REPORT_GRACE: Duration = Duration::from_secs(10);
/// How long making a sandbox may take.
const MAKE: Duration = Duration::from_mins(1);

/// Runs programs on a Docker host.
#[derive(Debug)]
pub struct DockerHost {
    engine: Engine,
    admission: Admission,
    languages: Languages,
    host: preflight::HostFacts,
    volume: Volume,
    shared: Shared,
    held: Held,
    overdue: Overdue,
    pool: HashMap<String, usize>,
    pool_shared: bool,
    pool_lease: Duration,
    deployment: String,
    limits: Limits,
    longest_wall: Duration,
    /// How far the engine's clock is ahead of ours, in seconds, when it was asked last.
    ahead: AtomicI64,
    /// Rounds of upkeep so far.
    rounds: AtomicU32,
    /// Which language comes first this time.
    turn: AtomicUsize,
    /// When the pool may be filled again after filling it failed.
    filling: Mutex<Pace>,
    /// Held by whoever looks again for what a language is made from.
    mending: tokio::sync::Mutex<()>,
    claimed: Notify,
    doubted: Notify,
    tasks: TaskTracker,
}

/// A sandbox with its interpreter waiting, and nobody's code in it yet.
struct Ready {
    guard: Guard,
    link: Link,
    start: Start,
}

impl DockerHost {
    fn target(&self, language: &str) -> usize {
        self.pool.get(language).copied().unwrap_or(0)
    }

    /// How many programs run for us now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.admission.running()
    }

    /// How many wait, as far as we know.
    #[must_use]
    pub fn waiting(&self, language: &str) -> usize {
        self.held.count(language) + self.shared.count(language)
    }

    fn facts(&self, request: &ExecutionRequest, start: Start) -> SandboxFacts {
        let blueprint = self.languages.blueprint(&request.language.name);
        let digest = blueprint.map(|blueprint| blueprint.image.digest.clone());
        SandboxFacts {
            start,
            runtime: self.host.runtime.name.clone(),
            landlock: Some(self.host.runtime.has_landlock()),
            image: request.language.image.clone(),
            digest: digest.unwrap_or_default(),
        }
    }
}

/// The longest that an execution may take from being admitted to its last report, when its programs may run for `wall` by
/// the clock.
#[must_use]
pub fn longest(wall: Duration) -> Duration {
    MAKE + wall + REPORT_GRACE
}
