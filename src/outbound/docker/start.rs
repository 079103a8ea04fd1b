//! Opens a Docker host for business: preflight, volume, one probe of each language; and closes it again.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bollard::{Docker, models::ContainerCreateBody};
use time::OffsetDateTime;
use tokio::{
    sync::Notify,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{info, warn};

use super::{
    DockerConfig, DockerSandbox, Unfit,
    admission::Admission,
    blueprint::Blueprint,
    engine::{Engine, EngineError},
    pool::Hints,
    preflight,
    shelf::Shelf,
    sightings::Sightings,
    spec::{self, SandboxSpec},
    volume::Volume,
};
use crate::domain::{
    id::ExecutionId,
    language::{Language, LanguageTable},
    outcome::Status,
    ports::{InstalledLanguage, Sandbox},
    project::Project,
    request::{Args, Code, ExecutionRequest, Program, Stdin},
};

/// How often the stock is looked after when nothing is claimed.
const ROUND: Duration = Duration::from_secs(10);
/// How long the first program in a language may take, the making of its sandbox included.
const PROBE: Duration = Duration::from_mins(1);
/// How long sandboxes may take to go when we close.
const CLOSING: Duration = Duration::from_secs(10);

impl DockerSandbox {
    /// Checks the host, brings sandbox-init to it, and runs a first program in each language.
    ///
    /// # Errors
    /// [`Unfit`], naming everything that is missing.
    pub async fn open(
        docker: Docker,
        config: &DockerConfig,
        languages: &LanguageTable,
    ) -> Result<Self, Unfit> {
        let alone = |fault: String| Unfit(vec![fault]);
        let engine = Engine::new(docker);
        let host =
            preflight::inspect(&engine, languages, config.runtime.as_deref(), config.strict_versions).await?;
        for warning in &host.warnings {
            warn!("{warning}");
        }
        let volume = Volume::new(host.runtime.kernel).map_err(|error| alone(error.to_string()))?;
        let any_image = host.images.first().map(|image| image.id.clone()).unwrap_or_default();
        volume
            .ensure(&engine, &any_image, &config.deployment)
            .await
            .map_err(|error| alone(format!("sandbox-init cannot be brought to the host: {error}")))?;
        let mut sandbox = Self::assemble(engine, host, config, &volume).map_err(alone)?;
        sandbox.probe_all().await?;
        Ok(sandbox)
    }

    fn assemble(
        engine: Engine,
        host: preflight::Host,
        config: &DockerConfig,
        volume: &Volume,
    ) -> Result<Self, String> {
        let mut blueprints = BTreeMap::new();
        for image in &host.images {
            let spec = SandboxSpec {
                image: image.id.clone(),
                language: image.language.name.clone(),
                profile: spec::profile(&image.language)?,
                volume: volume.name.clone(),
                runtime: host.runtime.clone(),
                apparmor: host.apparmor,
                cgroup_parent: host.cgroup_parent.clone(),
                deployment: config.deployment.clone(),
                key: String::new(),
                memory_bytes: config.limits.memory_bytes(),
                timeout_seconds: config.limits.timeout.as_secs() + 1,
                lease_seconds: 0,
                ends_by: OffsetDateTime::now_utc().unix_timestamp(),
            };
            let blueprint = Blueprint::new(image.clone(), spec, config.limits.timeout);
            blueprints.insert(image.language.name.clone(), blueprint);
        }
        Ok(Self {
            engine,
            admission: Admission::new(config.bounds),
            blueprints,
            installed: Vec::new(),
            host,
            hints: Hints::default(),
            shelf: Shelf::default(),
            sightings: Sightings::default(),
            pool: config.pool.clone(),
            pool_shared: config.pool_shared,
            pool_lease: config.pool_lease,
            deployment: config.deployment.clone(),
            limits: config.limits,
            claimed: Notify::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// The request by which a sandbox of this language is made: what the benchmark holds us against makes the same.
    #[doc(hidden)]
    #[must_use]
    pub fn creation_request(&self, language: &str, lease: Duration) -> Option<ContainerCreateBody> {
        Some(self.blueprints.get(language)?.spec(lease).to_request())
    }

    /// Runs a program in each language, all the way: every layer is seen from inside before we serve.
    async fn probe_all(&mut self) -> Result<(), Unfit> {
        let mut faults = Vec::new();
        let mut installed = Vec::new();
        for image in &self.host.images {
            match self.probe(&image.language).await {
                Ok(version) => installed.push(InstalledLanguage {
                    language: Arc::clone(&image.language),
                    version,
                    digest: image.digest.clone(),
                }),
                Err(fault) => faults.push(format!("{}: {fault}", image.language.name)),
            }
        }
        self.installed = installed;
        if faults.is_empty() { Ok(()) } else { Err(Unfit(faults)) }
    }

    async fn probe(&self, language: &Arc<Language>) -> Result<String, String> {
        let code = Code::parse(language.version_program.clone()).map_err(|error| error.to_string())?;
        let program = Program::assemble(language, Some(code), Project::default(), None);
        let request = ExecutionRequest {
            language: Arc::clone(language),
            program: program.map_err(|error| error.to_string())?,
            stdin: Stdin::default(),
            args: Args::default(),
            limits: self.limits,
        };
        let slot = self.admit(language).await.map_err(|error| error.to_string())?;
        let deadline = Instant::now() + PROBE;
        let run = self.run(slot, ExecutionId::generate(), &request, deadline).await;
        let outcome = run.map_err(|error| error.to_string())?.outcome;
        let text = |bytes: bytes::Bytes| String::from_utf8_lossy(&bytes).trim().to_owned();
        match outcome.ending.status() {
            Status::Completed => Ok(text(outcome.stdout.bytes())),
            status => Err(format!(
                "its first program ended as {}: {}",
                status.as_str(),
                text(outcome.stderr.bytes())
            )),
        }
    }

    /// Looks after the stock until told to stop: at once when a sandbox is claimed, and every ten seconds.
    pub async fn look_after_pool(&self, stop: CancellationToken) {
        let mut round = interval(ROUND);
        // A frozen function must not make up for the rounds it slept through.
        round.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.claimed.notified() => self.top_up().await,
                _ = round.tick() => match self.upkeep().await {
                    Ok(done) if done.filled + done.trimmed + done.removed > 0 => {
                        info!(filled = done.filled, trimmed = done.trimmed, removed = done.removed,
                            warm = done.warm, "the pool was looked after");
                    }
                    Ok(_) => {}
                    Err(error) => warn!(%error, "the pool cannot be looked after for now"),
                },
            }
        }
    }

    /// Which engine this is, by its own word.
    ///
    /// # Errors
    /// When it does not answer.
    pub(super) async fn engine_id(&self) -> Result<Option<String>, EngineError> {
        Ok(self.engine.describe().await?.id)
    }

    /// Has the stock filled up now instead of at the next round.
    pub(super) fn refill(&self) {
        self.claimed.notify_one();
    }

    /// Removes what waits and waits for what leaves. Call it when nothing runs any more.
    pub async fn close(&self) {
        if let Err(error) = self.empty_pool().await {
            warn!(%error, "the pool could not be emptied; its sandboxes end with their leases");
        }
        self.tasks.close();
        if timeout(CLOSING, self.tasks.wait()).await.is_err() {
            warn!("some sandboxes were still leaving when we closed; they end by themselves");
        }
    }
}
