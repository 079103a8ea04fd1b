//! What a language's sandboxes are made from, and how one is made.

use std::time::Duration;

use sandbox_init::protocol::{self, Hello, Interpreter, Kernel, MOUNT};
use time::OffsetDateTime;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::{
    guard::{Guard, Room},
    image::Image,
    layers::{self, MissingLayer},
    spec::{self, LABEL_LASTS, SandboxSpec},
    volume::short_hash,
};
use crate::{
    domain::limits::Limits,
    outbound::docker::engine::{
        calls::{Engine, EngineError},
        link::{Link, LinkError},
        wording,
    },
};

/// The name of a sandbox that is not known to be ready.
pub const NEW: &str = "sce-new-";
/// The name of one that waits for its program.
pub const WARM: &str = "sce-warm-";
/// How the name of a claimed sandbox begins; its id follows.
pub const BUSY: &str = "busy-";
/// The name of one that is, and stays, on the connection of the handler that made it.
const HELD: &str = "sce-held-";
/// How long a sandbox made for a request may wait for it.
const COLD_LEASE: Duration = Duration::from_secs(30);
/// How long the interpreter may take to come up.
pub const START_UP: Duration = Duration::from_secs(30);
/// Bytes of a sandbox's hello: what an interpreter said that did not come up is the longest part of it.
const MAX_HELLO: usize = 16 * 1024;
/// Room for the engine to end and remove a container, in the time it is promised to be gone by.
const GOODBYE: Duration = Duration::from_secs(30);

/// Words by which engines and runtimes say that a container's first process did not fit into its memory.
const NO_MEMORY: [&str; 4] = ["oom", "memory limit", "cannot allocate memory", "out of memory"];

/// Everything that makes one language's sandboxes alike.
#[derive(Clone, Debug)]
pub struct Blueprint {
    /// The language and its image.
    pub image: Image,
    /// What is common to its sandboxes.
    spec: SandboxSpec,
    /// The longest that the programs of one execution may run by the clock.
    longest_wall: Duration,
}

/// Why no sandbox came to be. Each tells whose fault it is.
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
    /// The sandbox did not come up in less memory than others get, and nothing says why.
    #[error("the sandbox did not come up in the memory that was asked for: {0}")]
    InLessMemory(String),
    /// The interpreter ended before it was ready.
    #[error("the interpreter did not come up: {}", wording::shown(.0))]
    Interpreter(String),
    /// No hello in time.
    #[error("no hello from the sandbox within {START_UP:?}")]
    TimedOut,
}

/// Whose fault it is that no sandbox came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The engine's, or that of the line to it: it counts against the host.
    Host,
    /// The language's on this host: its image, its sandbox-init, its interpreter.
    Language,
    /// The request's own.
    Request,
    /// The sandbox's stream failed: the line's, unless the engine still answers.
    Unclear,
}

impl NotReady {
    /// Whose fault it is. Only what the engine or the line to it did counts against a host.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            // It was asked for something that is not there, or that cannot be started.
            Self::Engine(error) if matches!(error.status(), Some(400 | 404)) => Blame::Language,
            // Nor is there anything in a volume that went away and that the engine made anew, empty.
            Self::Engine(error) if error.names(MOUNT) => Blame::Language,
            Self::Engine(_) | Self::Layer(_) => Blame::Host,
            Self::Link(_) => Blame::Unclear,
            Self::Version(_) | Self::Interpreter(_) | Self::TimedOut => Blame::Language,
            Self::TooLittleMemory | Self::InLessMemory(_) => Blame::Request,
        }
    }

    /// The same of a sandbox that was to have less memory than others: that it did not come up is the request's fault,
    /// unless the engine does not answer or refuses a layer.
    async fn in_less_memory(self, engine: &Engine, id: &str) -> Self {
        match self {
            Self::TooLittleMemory | Self::InLessMemory(_) | Self::Layer(_) | Self::Version(_) => self,
            Self::Engine(error) if error.status().is_none() => Self::Engine(error),
            Self::Engine(error) => {
                let said = error.to_string().to_lowercase();
                let memory = NO_MEMORY.iter().any(|words| said.contains(words));
                if memory || engine.ran_out_of_memory(id).await {
                    Self::TooLittleMemory
                } else {
                    Self::Engine(error)
                }
            }
            _ if engine.ran_out_of_memory(id).await => Self::TooLittleMemory,
            _ if engine.ping().await.is_err() => self,
            other => Self::InLessMemory(other.to_string()),
        }
    }
}

impl Blueprint {
    /// The blueprint for this image. `spec` says all but the key.
    #[must_use]
    pub fn new(image: Image, mut spec: SandboxSpec, longest_wall: Duration) -> Self {
        spec.key = String::new();
        // Two sandboxes are alike when the requests that made them are, but for what is each one's own.
        let mut request = spec.request_for(0);
        request.labels = None;
        // By way of a value, whose maps are sorted: the request's own maps have another order in each process.
        let text = serde_json::to_value(&request).unwrap_or_default().to_string();
        spec.key = short_hash(format!("{}\n{text}", env!("CARGO_PKG_VERSION")).as_bytes());
        Self { image, spec, longest_wall }
    }

    /// What the sandboxes are made from, in short: the label [`super::spec::LABEL_KEY`].
    #[must_use]
    pub fn key(&self) -> &str {
        &self.spec.key
    }

    /// How long after the end of its lease a sandbox is promised to be gone.
    #[must_use]
    pub fn after_lease(&self) -> Duration {
        START_UP + self.longest_wall + GOODBYE
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
    ) -> Result<(Guard, Link), NotReady> {
        let memory = spec::memory_mb(&self.image.language, limits).saturating_mul(1024 * 1024);
        let spec = self.spec(COLD_LEASE).with_memory(memory);
        let (guard, made) = self.connected(engine, tasks, room, &spec, "sce-run-").await?;
        match made {
            Ok(link) => Ok((guard, link)),
            Err(why) if spec.memory_bytes < self.spec.memory_bytes => {
                Err(why.in_less_memory(engine, guard.id()).await)
            }
            Err(why) => Err(why),
        }
    }

    /// Makes a sandbox that waits on our connection.
    ///
    /// # Errors
    /// [`NotReady`] when a call to the engine fails, no hello comes in time, or the hello shows a layer missing.
    pub async fn hold(
        &self,
        engine: &Engine,
        tasks: &TaskTracker,
        room: Room,
        lease: Duration,
    ) -> Result<(Guard, Link), NotReady> {
        let (guard, made) = self.connected(engine, tasks, room, &self.spec(lease), HELD).await?;
        Ok((guard, made?))
    }

    /// Makes a sandbox that waits for whoever claims it.
    ///
    /// # Errors
    /// [`NotReady`] when a call to the engine fails, no hello comes in time, or the hello shows a layer missing.
    pub async fn share(
        &self,
        engine: &Engine,
        tasks: &TaskTracker,
        room: Room,
        lease: Duration,
    ) -> Result<Guard, NotReady> {
        let spec = self.spec(lease);
        let guard = self.create(engine, tasks, room, &spec, NEW).await?;
        let mut link = engine.watch(guard.id()).await?;
        engine.start(guard.id()).await?;
        greet(engine, &guard, &mut link, &spec).await?;
        engine.rename(guard.id(), &format!("{WARM}{}", uuid::Uuid::now_v7())).await?;
        Ok(guard)
    }

    /// A sandbox, and the way to it once it is up.
    async fn connected(
        &self,
        engine: &Engine,
        tasks: &TaskTracker,
        room: Room,
        spec: &SandboxSpec,
        prefix: &str,
    ) -> Result<(Guard, Result<Link, NotReady>), NotReady> {
        let guard = self.create(engine, tasks, room, spec, prefix).await?;
        let brought_up = async {
            let mut link = engine.attach(guard.id()).await?;
            engine.start(guard.id()).await?;
            greet(engine, &guard, &mut link, spec).await?;
            Ok(link)
        }
        .await;
        Ok((guard, brought_up))
    }

    async fn create(
        &self,
        engine: &Engine,
        tasks: &TaskTracker,
        room: Room,
        spec: &SandboxSpec,
        prefix: &str,
    ) -> Result<Guard, NotReady> {
        let name = format!("{prefix}{}", uuid::Uuid::now_v7());
        let mut body = spec.to_request();
        let lasts = spec.lease_seconds + self.after_lease().as_secs();
        body.labels.get_or_insert_default().insert(LABEL_LASTS.to_owned(), lasts.to_string());
        // Ours before it is there: of a call that is given up nobody else knows what came of it.
        let guard = Guard::begin(engine.clone(), tasks.clone(), name.clone(), room);
        match engine.create(&name, body).await {
            Ok(id) => Ok(guard.made(id)),
            Err(error) => {
                if error.status().is_some() || error.never_arrived() {
                    guard.was_refused();
                }
                Err(error.into())
            }
        }
    }
}

/// Waits for init's hello and believes only what it read from inside; of a sandbox that cannot see its own cgroup, what
/// the engine reads there.
async fn greet(engine: &Engine, guard: &Guard, link: &mut Link, spec: &SandboxSpec) -> Result<(), NotReady> {
    let mut hello: Hello =
        timeout(START_UP, link.receive(MAX_HELLO)).await.map_err(|_| NotReady::TimedOut)??;
    if hello.version != protocol::VERSION {
        return Err(NotReady::Version(hello.version));
    }
    if spec.runtime.kernel == Kernel::Own {
        (hello.layers.memory_bytes, hello.layers.pids) = engine.limits(guard.id()).await?;
    }
    layers::check(&hello.layers, spec)?;
    match hello.interpreter {
        Interpreter::Ready | Interpreter::NotNeeded => Ok(()),
        Interpreter::Died { oom_kills: 1.., .. } => Err(NotReady::TooLittleMemory),
        Interpreter::Died { stderr, .. } => Err(NotReady::Interpreter(stderr)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{outbound::docker::sandbox::runtime::Runtime, testing::languages};

    #[test]
    fn the_same_specification_has_the_same_key_each_time_it_is_written_down() {
        let language = languages().iter().next().unwrap().clone();
        let key = |memory_bytes: u64| {
            let runtime = Runtime { asked: None, name: "runc".to_owned(), kernel: Kernel::Own };
            let spec = SandboxSpec {
                image: "sha256:1".to_owned(),
                language: language.name.clone(),
                profile: String::new(),
                volume: "sce-init-1".to_owned(),
                runtime,
                apparmor: false,
                cgroup_parent: "/sce".to_owned(),
                deployment: "test".to_owned(),
                key: String::new(),
                memory_bytes,
                processes: 64,
                build_file_bytes: None,
                timeout_seconds: 10,
                lease_seconds: 0,
                ends_by: 0,
            };
            let image =
                Image { language: language.clone(), id: "sha256:1".to_owned(), digest: String::new() };
            Blueprint::new(image, spec, Duration::from_secs(10)).key().to_owned()
        };
        // Each request has maps of its own, whose order is another each time.
        let keys: std::collections::BTreeSet<String> = (0..50).map(|_| key(1 << 27)).collect();
        assert_eq!(keys.len(), 1, "{keys:?}");
        assert!(!keys.contains(&key(1 << 26)));
    }
}
