//! Opens a Docker host for business, looks after it while it is open, and closes it again.

use std::{sync::Arc, time::Duration};

use bollard::{Docker, models::ContainerCreateBody};
use sandbox_init::protocol::Kernel;
use tokio::{
    sync::Notify,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{info, warn};

use super::{DockerHost, Unfit, admission::Admission, preflight, preflight::Identity, ready::Languages};
use crate::{
    domain::{
        error::SandboxError,
        language::{Language, LanguageTable},
    },
    outbound::docker::{
        config::{DockerConfig, Landlock},
        engine::calls::{Engine, EngineError},
        pool::{held::Held, overdue::Overdue, shared::Shared},
        sandbox::volume::Volume,
    },
};

/// How often the pool is looked after when nothing is claimed.
const ROUND: Duration = Duration::from_secs(10);
/// How long languages are tried before the host opens with those that can be run.
const TRYING: Duration = Duration::from_secs(100);
/// How long closing may take in all, whatever the engine does: what is left ends by itself.
const CLOSING: Duration = Duration::from_secs(10);

impl DockerHost {
    /// Checks the host, brings sandbox-init to it, and runs a first program in each language. One language that can be
    /// run is enough; the others are tried again while the host is open. `freed` is told of each place that comes free.
    ///
    /// # Errors
    /// [`Unfit`], naming everything that is missing.
    pub async fn open(
        docker: Docker,
        config: &DockerConfig,
        languages: &LanguageTable,
        freed: Arc<Notify>,
    ) -> Result<Self, Unfit> {
        let alone = |fault: String| Unfit(vec![fault]);
        let engine = Engine::new(docker);
        let host = preflight::inspect(&engine, config.runtime.as_deref(), config.strict_versions).await?;
        for warning in &host.warnings {
            warn!("{warning}");
        }
        if !host.apparmor {
            info!(
                "the Docker host has no AppArmor: its sandboxes are confined by all other layers, without this one"
            );
        }
        let volume = Volume::new(host.runtime.kernel).map_err(|error| alone(error.to_string()))?;
        let mut sandbox = Self::assemble(engine, host, config, languages, volume, freed);
        if config.landlock == Landlock::Optional && sandbox.lacks_landlock(languages).await {
            warn!(
                "the kernel of the Docker host has no Landlock: with SCE_LANDLOCK=optional its sandboxes are confined by \
                 what stands in for it (docs/ARCHITECTURE.md), and programs can do more than with it"
            );
            sandbox.host.runtime.kernel = Kernel::HostWithoutLandlock;
        }
        // What has not been tried by then is tried while the host is open.
        timeout(TRYING, sandbox.make_ready(languages.iter().cloned().collect())).await.ok();
        if sandbox.languages.ready().is_empty() {
            Err(Unfit(sandbox.languages.faults()))
        } else {
            Ok(sandbox)
        }
    }

    fn assemble(
        engine: Engine,
        host: preflight::HostFacts,
        config: &DockerConfig,
        languages: &LanguageTable,
        volume: Volume,
        freed: Arc<Notify>,
    ) -> Self {
        let waiting = config.pool.values().sum();
        Self {
            engine,
            admission: Admission::new(config.bounds.on(host.cpus, waiting), freed),
            languages: Languages::new(languages),
            ahead: host.ahead.into(),
            host,
            volume,
            shared: Shared::default(),
            held: Held::default(),
            overdue: Overdue::default(),
            pool: config.pool.clone(),
            pool_shared: config.pool_shared,
            pool_lease: config.pool_lease,
            deployment: config.deployment.clone(),
            limits: config.limits,
            longest_wall: config.longest_wall,
            rounds: 0.into(),
            turn: 0.into(),
            filling: std::sync::Mutex::default(),
            mending: tokio::sync::Mutex::default(),
            claimed: Notify::new(),
            doubted: Notify::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Whether programs in this language are run here now.
    ///
    /// # Errors
    /// [`SandboxError::LanguageUnavailable`]. Somebody wants it: it is tried again soon.
    pub fn speaks(&self, language: &Language) -> Result<(), SandboxError> {
        self.languages.blueprint(&language.name).map(drop).inspect_err(|_| self.doubted.notify_one())
    }

    /// The request by which a sandbox of this language is made: what the benchmark holds us against makes the same.
    #[doc(hidden)]
    #[must_use]
    pub fn creation_request(&self, language: &str, lease: Duration) -> Option<ContainerCreateBody> {
        Some(self.languages.blueprint(language).ok()?.spec(lease).to_request())
    }

    /// Looks after the host until told to stop, at any moment: when a sandbox is claimed, when a language is asked for that
    /// cannot be run, and every ten seconds.
    pub async fn look_after(&self, stop: CancellationToken) {
        let mut round = interval(ROUND);
        // A frozen function must not make up for the rounds it slept through.
        round.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let looking_after = async {
            loop {
                tokio::select! {
                    () = self.claimed.notified() => {
                        self.let_programs_go_first().await;
                        self.top_up().await;
                    }
                    () = self.doubted.notified() => self.try_again().await,
                    _ = round.tick() => self.round().await,
                }
            }
        };
        // What a hung engine is asked meanwhile is dropped: nobody who stops waits for it.
        stop.run_until_cancelled(looking_after).await;
    }

    async fn round(&self) {
        match self.upkeep().await {
            Ok(done) if done.filled + done.trimmed + done.removed > 0 => {
                info!(
                    filled = done.filled,
                    trimmed = done.trimmed,
                    removed = done.removed,
                    warm = done.warm,
                    "the pool was looked after"
                );
            }
            Ok(_) => {}
            Err(error) => warn!(%error, "the pool cannot be looked after for now"),
        }
    }

    /// Whether the engine that answers now is the one that passed the checks, on the kernel on which it did.
    ///
    /// # Errors
    /// When none answers.
    pub async fn is_the_same(&self) -> Result<bool, EngineError> {
        Ok(Identity::of(&self.engine.describe().await?) == self.host.identity)
    }

    /// Has the pool filled up now instead of at the next round.
    pub fn refill(&self) {
        self.claimed.notify_one();
    }

    /// Removes what waits and is ours, and waits for what leaves, for [`CLOSING`] at most. Call it when nothing runs any
    /// more.
    pub async fn close(&self) {
        let leaving = async {
            self.give_up_waiting().await;
            self.tasks.close();
            self.tasks.wait().await;
        };
        if timeout(CLOSING, leaving).await.is_err() {
            warn!("some sandboxes were still leaving when we closed; they end by themselves");
        }
    }
}
