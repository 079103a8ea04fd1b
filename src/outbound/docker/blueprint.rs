//! What a language's sandboxes are made from, and how one is made.

use std::time::Duration;

use sandbox_init::protocol::{self, Hello, Interpreter, Kernel};
use time::OffsetDateTime;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::{
    admission::Room,
    engine::{Engine, EngineError},
    image::Image,
    layers::{self, MissingLayer},
    link::{Link, LinkError},
    spec::SandboxSpec,
    tenancy::Tenancy,
    volume::short_hash,
};
use crate::domain::limits::Limits;

/// The name of a sandbox that is not known to be ready.
pub const NEW: &str = "sce-new-";
/// The name of one that waits for its program.
pub const WARM: &str = "sce-warm-";
/// The name of one that is, and stays, on the connection of the handler that made it.
const HELD: &str = "sce-held-";
/// How long a sandbox made for a request may wait for it.
const COLD_LEASE: Duration = Duration::from_secs(30);
/// How long the interpreter may take to come up.
pub const START_UP: Duration = Duration::from_secs(30);
/// Room for the engine to end and remove a container, in the time it is promised to be gone by.
const GOODBYE: Duration = Duration::from_secs(30);

/// Everything that makes one language's sandboxes alike.
#[derive(Clone, Debug)]
pub struct Blueprint {
    /// The language and its image.
    pub image: Image,
    /// What is common to its sandboxes.
    spec: SandboxSpec,
    timeout: Duration,
}

/// Why no sandbox came to be.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// A call failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The stream failed.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The sandbox is of another build.
    #[error("sandbox-init speaks version {0} of the protocol, not ours")]
    Version(u16),
    /// A layer of isolation is not there.
    #[error(transparent)]
    Layer(#[from] MissingLayer),
    /// The interpreter was killed for memory before it was up.
    #[error("the interpreter needs more memory than the sandbox has")]
    TooLittleMemory,
    /// The interpreter ended before it was ready.
    #[error("the interpreter did not come up: {0}")]
    Interpreter(String),
    /// No hello in time.
    #[error("no hello from the sandbox within {START_UP:?}")]
    TimedOut,
}

impl Blueprint {
    /// The blueprint for this image. `spec` says all but the key.
    #[must_use]
    pub fn new(image: Image, mut spec: SandboxSpec, timeout: Duration) -> Self {
        spec.key = String::new();
        // Two sandboxes are alike when the requests that made them are, but for what is each one's own.
        let mut request = spec.request_for(0);
        request.labels = None;
        let text = serde_json::to_string(&request).unwrap_or_default();
        spec.key = short_hash(format!("{}\n{text}", env!("CARGO_PKG_VERSION")).as_bytes());
        Self { image, spec, timeout }
    }

    /// What the sandboxes are made from, in short: the label [`super::spec::LABEL_KEY`].
    #[must_use]
    pub fn key(&self) -> &str {
        &self.spec.key
    }

    /// How long after the end of its lease a sandbox is promised to be gone.
    #[must_use]
    pub fn after_lease(&self) -> Duration {
        START_UP + self.timeout + GOODBYE
    }

    /// The specification of a sandbox that waits at most `lease`.
    #[must_use]
    pub fn spec(&self, lease: Duration) -> SandboxSpec {
        let mut spec = self.spec.clone();
        spec.lease_seconds = lease.as_secs();
        spec.ends_by = (OffsetDateTime::now_utc() + lease + self.after_lease()).unix_timestamp();
        spec
    }

    /// Makes a sandbox for a request that is here, ready for its program.
    ///
    /// # Errors
    /// [`NotReady`]; no code was sent.
    pub async fn make(
        &self,
        engine: &Engine,
        tasks: &TaskTracker,
        room: Room,
        limits: &Limits,
    ) -> Result<(Tenancy, Link), NotReady> {
        let spec = self.spec(COLD_LEASE).limited_to(limits);
        connected(engine, tasks, room, &spec, "sce-run-").await
    }

    /// Makes a sandbox that waits on our connection.
    ///
    /// # Errors
    /// [`NotReady`].
    pub async fn hold(
        &self,
        engine: &Engine,
        tasks: &TaskTracker,
        room: Room,
        lease: Duration,
    ) -> Result<(Tenancy, Link), NotReady> {
        connected(engine, tasks, room, &self.spec(lease), HELD).await
    }

    /// Makes a sandbox that waits for whoever claims it.
    ///
    /// # Errors
    /// [`NotReady`].
    pub async fn stock(
        &self,
        engine: &Engine,
        tasks: &TaskTracker,
        room: Room,
        lease: Duration,
    ) -> Result<Tenancy, NotReady> {
        let spec = self.spec(lease);
        let tenancy = create(engine, tasks, room, &spec, NEW).await?;
        let mut link = engine.watch(tenancy.id()).await?;
        engine.start(tenancy.id()).await?;
        greet(engine, &tenancy, &mut link, &spec).await?;
        engine.rename(tenancy.id(), &format!("{WARM}{}", uuid::Uuid::now_v7())).await?;
        Ok(tenancy)
    }
}

async fn connected(
    engine: &Engine,
    tasks: &TaskTracker,
    room: Room,
    spec: &SandboxSpec,
    prefix: &str,
) -> Result<(Tenancy, Link), NotReady> {
    let tenancy = create(engine, tasks, room, spec, prefix).await?;
    let mut link = engine.attach(tenancy.id()).await?;
    engine.start(tenancy.id()).await?;
    greet(engine, &tenancy, &mut link, spec).await?;
    Ok((tenancy, link))
}

async fn create(
    engine: &Engine,
    tasks: &TaskTracker,
    room: Room,
    spec: &SandboxSpec,
    prefix: &str,
) -> Result<Tenancy, NotReady> {
    let name = format!("{prefix}{}", uuid::Uuid::now_v7());
    let id = engine.create(&name, spec.to_request()).await?;
    Ok(Tenancy::new(engine.clone(), tasks.clone(), id, Some(room)))
}

/// Waits for init's hello and believes only what it read from inside; of a sandbox that cannot see its own cgroup, what
/// the engine reads there.
async fn greet(
    engine: &Engine,
    tenancy: &Tenancy,
    link: &mut Link,
    spec: &SandboxSpec,
) -> Result<(), NotReady> {
    let mut hello: Hello = timeout(START_UP, link.receive()).await.map_err(|_| NotReady::TimedOut)??;
    if hello.version != protocol::VERSION {
        return Err(NotReady::Version(hello.version));
    }
    if spec.runtime.kernel == Kernel::Own {
        (hello.layers.memory_bytes, hello.layers.pids) = engine.limits(tenancy.id()).await?;
    }
    layers::check(&hello.layers, spec)?;
    match hello.interpreter {
        Interpreter::Ready => Ok(()),
        Interpreter::Died { oom_kills: 1.., .. } => Err(NotReady::TooLittleMemory),
        Interpreter::Died { stderr, .. } => Err(NotReady::Interpreter(stderr)),
    }
}
