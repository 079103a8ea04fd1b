//! The engine's calls we make, each with a name and a deadline of its own.
//!
//! # Liveness
//! The engine may hang, restart or be cut off at any moment. No call here waits longer than its bound.

use std::{collections::HashMap, pin::pin, time::Duration};

use bollard::{
    Docker,
    errors::Error,
    models::{ContainerCreateBody, ContainerSummary, ContainerUpdateBody, SystemInfo, SystemVersion},
    query_parameters::{
        AttachContainerOptionsBuilder, CreateContainerOptionsBuilder, EventsOptionsBuilder,
        InspectContainerOptions, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
        RenameContainerOptionsBuilder, StartContainerOptions, StatsOptionsBuilder,
    },
};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::{link::Link, wording};

/// Calls that only look something up.
pub const LOOK: Duration = Duration::from_secs(5);
/// Calls that make, start or remove something: a busy host takes its time.
pub const WORK: Duration = Duration::from_secs(30);
/// How long the engine may take to tell of an event that it has recorded.
const HINDSIGHT: Duration = Duration::from_secs(2);

/// A call to the engine that failed.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {}", wording::with_causes(.why))]
pub struct EngineError {
    /// The step that failed.
    pub step: &'static str,
    /// How.
    pub why: Why,
}

/// How a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// The engine refused, or could not be reached.
    #[error(transparent)]
    Engine(#[from] Error),
    /// No answer in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// It did what was asked, but not as it was asked.
    #[error("the engine warns: {0}")]
    Warned(String),
}

impl EngineError {
    /// The HTTP status of the engine's answer, if it gave one.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match &self.why {
            Why::Engine(Error::DockerResponseServerError { status_code, .. }) => Some(*status_code),
            _ => None,
        }
    }

    /// Whether the engine cannot have heard of the call: no connection to it came about.
    #[must_use]
    pub fn never_arrived(&self) -> bool {
        matches!(&self.why, Why::Engine(Error::HyperLegacyError { err }) if err.is_connect())
    }

    /// Whether the engine's own words name this.
    #[must_use]
    pub fn names(&self, what: &str) -> bool {
        let Why::Engine(Error::DockerResponseServerError { message, .. }) = &self.why else { return false };
        message.contains(what)
    }
}

/// The Docker host.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: Docker,
}

/// A call that takes no longer than `bound`.
///
/// # Errors
/// [`EngineError`], named after `step`.
pub async fn bounded<T>(
    step: &'static str,
    bound: Duration,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, EngineError> {
    match timeout(bound, call).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(EngineError { step, why: error.into() }),
        Err(_) => Err(EngineError { step, why: Why::TimedOut(bound) }),
    }
}

impl Engine {
    /// The engine behind this client.
    #[must_use]
    pub const fn new(docker: Docker) -> Self {
        Self { docker }
    }

    /// The client, for calls that have their bound elsewhere.
    #[must_use]
    pub const fn client(&self) -> &Docker {
        &self.docker
    }

    /// Makes a container and gives its id. A warning counts as a failure: the engine drops what it cannot do.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, gives no answer within [`WORK`], or warns that it leaves
    /// a setting out; the container is removed then.
    pub async fn create(&self, name: &str, body: ContainerCreateBody) -> Result<String, EngineError> {
        let options = CreateContainerOptionsBuilder::default().name(name).build();
        let step = "create";
        let made = bounded(step, WORK, self.docker.create_container(Some(options), body)).await?;
        if made.warnings.is_empty() {
            return Ok(made.id);
        }
        self.remove(&made.id).await.ok();
        Err(EngineError { step, why: Why::Warned(made.warnings.join("; ")) })
    }

    /// Attaches to all three streams; closing the link closes the container's standard input.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`LOOK`].
    pub async fn attach(&self, id: &str) -> Result<Link, EngineError> {
        let options =
            AttachContainerOptionsBuilder::default().stream(true).stdin(true).stdout(true).stderr(true);
        Ok(bounded("attach", LOOK, self.docker.attach_container(id, Some(options.build()))).await?.into())
    }

    /// Attaches to the output alone; closing the link changes nothing.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`LOOK`].
    pub async fn watch(&self, id: &str) -> Result<Link, EngineError> {
        let options = AttachContainerOptionsBuilder::default().stream(true).stdout(true).stderr(true);
        Ok(bounded("watch", LOOK, self.docker.attach_container(id, Some(options.build()))).await?.into())
    }

    /// Starts a container.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`WORK`].
    pub async fn start(&self, id: &str) -> Result<(), EngineError> {
        bounded("start", WORK, self.docker.start_container(id, None::<StartContainerOptions>)).await
    }

    /// Gives a running container other limits of memory (bytes; no swap) and of processes.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`WORK`].
    pub async fn set_limits(&self, id: &str, memory_bytes: u64, processes: u32) -> Result<(), EngineError> {
        let memory = i64::try_from(memory_bytes).ok();
        let body = ContainerUpdateBody {
            memory,
            memory_swap: memory,
            pids_limit: Some(processes.into()),
            ..Default::default()
        };
        bounded("update", WORK, self.docker.update_container(id, body)).await
    }

    /// Gives a container another name.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`LOOK`].
    pub async fn rename(&self, id: &str, name: &str) -> Result<(), EngineError> {
        let options = RenameContainerOptionsBuilder::default().name(name).build();
        bounded("rename", LOOK, self.docker.rename_container(id, options)).await
    }

    /// Kills and removes a container; `false` when there is none. That somebody else removes it is no failure.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`WORK`].
    pub async fn remove(&self, id: &str) -> Result<bool, EngineError> {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        match bounded("remove", WORK, self.docker.remove_container(id, Some(options))).await {
            Ok(()) => Ok(true),
            Err(error) if error.status() == Some(404) => Ok(false),
            // Its removal is under way.
            Err(error) if error.status() == Some(409) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Whether a container is gone.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`LOOK`].
    pub async fn is_gone(&self, id: &str) -> Result<bool, EngineError> {
        let look = self.docker.inspect_container(id, None::<InspectContainerOptions>);
        match bounded("inspect", LOOK, look).await {
            Ok(_) => Ok(false),
            Err(error) if error.status() == Some(404) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The limits of memory (bytes) and processes that the host's kernel holds a running container to.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`LOOK`].
    pub async fn limits(&self, id: &str) -> Result<(Option<u64>, Option<u64>), EngineError> {
        let options = StatsOptionsBuilder::default().stream(false).one_shot(true).build();
        let mut stats = self.docker.stats(id, Some(options));
        let first = async { stats.next().await.unwrap_or(Err(Error::RequestTimeoutError)) };
        let stats = bounded("stats", LOOK, first).await?;
        Ok((stats.memory_stats.and_then(|memory| memory.limit), stats.pids_stats.and_then(|pids| pids.limit)))
    }

    /// Whether the engine has recorded that the host's kernel killed a process of this container for memory. The engine
    /// records that before it closes the container's stream, so an event that has not come within [`HINDSIGHT`] is none.
    pub async fn ran_out_of_memory(&self, id: &str) -> bool {
        let filters = HashMap::from([("container", vec![id]), ("event", vec!["oom"])]);
        // Since the oldest event that the engine still keeps.
        let options = EventsOptionsBuilder::default().since("1").filters(&filters).build();
        let mut events = pin!(self.docker.events(Some(options)));
        matches!(timeout(HINDSIGHT, events.next()).await, Ok(Some(Ok(_))))
    }

    /// All containers with these labels (`name=value`), running or not.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`LOOK`].
    pub async fn list(&self, labels: &[String]) -> Result<Vec<ContainerSummary>, EngineError> {
        let filters = HashMap::from([("label", labels.to_vec())]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        bounded("list", LOOK, self.docker.list_containers(Some(options))).await
    }

    /// What the engine says of itself.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`LOOK`].
    pub async fn describe(&self) -> Result<SystemInfo, EngineError> {
        bounded("info", LOOK, self.docker.info()).await
    }

    /// The versions of the engine and of what it runs containers with.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`LOOK`].
    pub async fn version(&self) -> Result<SystemVersion, EngineError> {
        bounded("version", LOOK, self.docker.version()).await
    }

    /// Whether the engine answers.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`LOOK`].
    pub async fn ping(&self) -> Result<(), EngineError> {
        bounded("ping", LOOK, self.docker.ping()).await.map(drop)
    }
}
