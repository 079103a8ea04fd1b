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
mod frame;
mod gauge;
mod handshake;
mod host;
pub mod identity;
mod image;
mod labels;
mod layers;
mod link;
mod maintain;
mod masks;
mod pace;
mod pool;
mod preflight;
mod probe;
mod ready;
mod refusal;
mod report;
mod rest;
pub mod roster;
mod run;
mod runtime;
mod seccomp;
mod secret;
mod shelf;
mod sightings;
mod spec;
mod spread;
mod start;
mod stores;
mod summary;
mod tenancy;
mod tidy;
mod volume;
mod weakness;
mod wording;
mod workdir;

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicI64, AtomicU32, AtomicUsize},
    },
    time::Duration,
};

use admission::Admission;
pub use admission::{Bounds, Slot};
use engine::Engine;
pub use fleet::Fleet;
use link::Link;
use pace::Pace;
use pool::Hints;
pub use preflight::Unfit;
use ready::Languages;
use shelf::Shelf;
use sightings::Sightings;
use tenancy::Tenancy;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use volume::Volume;

use crate::domain::{
    limits::{self, Limits},
    outcome::{SandboxFacts, Start},
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
    languages: Languages,
    host: preflight::Host,
    volume: Volume,
    hints: Hints,
    shelf: Shelf,
    sightings: Sightings,
    pool: HashMap<String, usize>,
    pool_shared: bool,
    pool_lease: Duration,
    deployment: String,
    bounds: Bounds,
    limits: Limits,
    /// How far the engine's clock is ahead of ours, in seconds, when it was asked last.
    ahead: AtomicI64,
    /// Rounds of upkeep so far.
    rounds: AtomicU32,
    /// Which language comes first this time.
    turn: AtomicUsize,
    /// How soon the stock is filled after it could not be.
    filling: Mutex<Pace>,
    /// Held by whoever looks again for what a language is made from.
    mending: tokio::sync::Mutex<()>,
    claimed: Notify,
    doubted: Notify,
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
        let blueprint = self.languages.blueprint(&request.language.name);
        let digest = blueprint.map(|blueprint| blueprint.image.digest.clone());
        SandboxFacts {
            start,
            runtime: self.host.runtime.name.clone(),
            image: request.language.image.clone(),
            digest: digest.unwrap_or_default(),
        }
    }
}

fn longest(bounds: &Bounds, timeout: Duration) -> Duration {
    bounds.queue_timeout + MAKE + limits::longest_wall(timeout) + REPORT_GRACE
}
