//! A Docker host that may not be there yet: for a function, which must answer even when it cannot run anything.
//!
//! Opening the host (preflight, sandbox-init, a first program in each language) goes on in the background from the
//! beginning, so that what needs no sandbox is answered at once. **Nothing runs before it has succeeded.** When it
//! failed, whoever asks next sets it going again: a host that comes back needs nobody to restart us.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{DockerConfig, DockerSandbox, Slot, Unfit};
use crate::domain::{
    error::SandboxError,
    id::ExecutionId,
    language::LanguageTable,
    outcome::Execution,
    ports::{InstalledLanguage, Maintained, PoolDepth, Sandbox, SandboxHealth},
    request::ExecutionRequest,
};

/// What waits for no sandbox is answered first: beside it, the opening would take the processor, and load half the program.
/// Nothing to who waits for the opening, which takes many times as long.
const HEAD_START: Duration = Duration::from_millis(20);
/// The longest that opening the host may take: two first programs on a busy host, and a volume to fill.
const OPENING: Duration = Duration::from_mins(2);
/// The longest that anybody waits for it: well within API Gateway's patience, with time left to run something.
const PATIENCE: Duration = Duration::from_secs(15);
/// After a failure the host is left alone for so long; who asks meanwhile is told at once.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs programs on a Docker host, as soon as it has passed its checks.
#[derive(Clone, Debug)]
pub struct LazyDocker {
    host: Arc<Host>,
}

#[derive(Debug)]
struct Host {
    config: DockerConfig,
    languages: LanguageTable,
    state: watch::Sender<State>,
}

#[derive(Debug)]
enum State {
    Opening,
    Open(Arc<DockerSandbox>),
    Closed { since: Instant },
}

impl LazyDocker {
    /// Begins to open the host. Must be called within a Tokio runtime.
    #[must_use]
    pub fn open(config: DockerConfig, languages: LanguageTable) -> Self {
        let state = watch::Sender::new(State::Opening);
        let host = Arc::new(Host { config, languages, state });
        let opening = Arc::clone(&host);
        tokio::spawn(async move {
            sleep(HEAD_START).await;
            opening.open().await;
        });
        Self { host }
    }

    /// A host that is open already.
    #[must_use]
    pub fn opened(config: DockerConfig, languages: LanguageTable, sandbox: Arc<DockerSandbox>) -> Self {
        let state = watch::Sender::new(State::Open(sandbox));
        Self { host: Arc::new(Host { config, languages, state }) }
    }

    /// The open host, once it is open.
    async fn sandbox(&self) -> Result<Arc<DockerSandbox>, SandboxError> {
        let unavailable = |reason: &str| Err(SandboxError::Unavailable { reason: reason.to_owned() });
        self.host.try_again();
        let mut state = self.host.state.subscribe();
        let settled = state.wait_for(|state| !matches!(state, State::Opening));
        match timeout(PATIENCE, settled).await {
            Err(_) => unavailable("its checks are not over yet"),
            Ok(Err(_)) => unavailable("it is no longer looked at"),
            Ok(Ok(settled)) => match &*settled {
                State::Open(sandbox) => Ok(Arc::clone(sandbox)),
                _ => unavailable("it has not passed its checks"),
            },
        }
    }
}

impl Host {
    async fn open(self: Arc<Self>) {
        let begun = Instant::now();
        let host = Arc::clone(&self);
        // A task of its own: should it panic, those who wait must still be told.
        let opening = tokio::spawn(async move {
            let sandbox = DockerSandbox::open(host.config.clone(), &host.languages).await?;
            // What other instances left waiting is ours as well.
            if let Err(error) = sandbox.survey().await {
                warn!(%error, "the pool is not known yet");
            }
            Ok::<_, Unfit>(sandbox)
        });
        let why = match timeout(OPENING, opening).await {
            Ok(Ok(Ok(sandbox))) => {
                let sandbox = Arc::new(sandbox);
                info!(ms = begun.elapsed().as_millis(), "the Docker host is open");
                self.state.send_replace(State::Open(Arc::clone(&sandbox)));
                return sandbox.look_after_pool(CancellationToken::new()).await;
            }
            Ok(Ok(Err(unfit))) => unfit.to_string(),
            Ok(Err(panic)) => panic.to_string(),
            Err(_) => format!("not open after {OPENING:?}"),
        };
        warn!(why, "nothing is run: the Docker host could not be opened");
        self.state.send_replace(State::Closed { since: Instant::now() });
    }

    /// Sets the opening going again, where it has failed a while ago.
    fn try_again(self: &Arc<Self>) {
        let again = self.state.send_if_modified(|state| {
            let rested = matches!(state, State::Closed { since } if since.elapsed() >= PAUSE);
            if rested {
                *state = State::Opening;
            }
            rested
        });
        if again {
            tokio::spawn(Arc::clone(self).open());
        }
    }
}

impl Sandbox for LazyDocker {
    type Slot = (Arc<DockerSandbox>, Slot);

    /// Waits for the host as well, where it is being opened.
    async fn admit(&self) -> Result<Self::Slot, SandboxError> {
        let sandbox = self.sandbox().await?;
        let slot = sandbox.admit().await?;
        Ok((sandbox, slot))
    }

    async fn run(
        &self,
        (sandbox, slot): Self::Slot,
        id: ExecutionId,
        request: &ExecutionRequest,
        deadline: Instant,
    ) -> Result<Execution, SandboxError> {
        sandbox.run(slot, id, request, deadline).await
    }

    fn longest(&self, timeout: Duration) -> Duration {
        super::longest(&self.host.config.bounds, timeout)
    }

    async fn health(&self) -> SandboxHealth {
        match self.sandbox().await {
            Ok(sandbox) => sandbox.health().await,
            Err(_) => SandboxHealth {
                ok: false,
                problem: Some("the Docker host has not passed its checks".to_owned()),
                engine: None,
                runtime: None,
                running: 0,
                capacity: self.host.config.bounds.running,
                pool: self.host.config.pool.iter().map(depth).collect(),
            },
        }
    }

    async fn languages(&self) -> Result<Vec<InstalledLanguage>, SandboxError> {
        self.sandbox().await?.languages().await
    }

    async fn maintain(&self) -> Result<Maintained, SandboxError> {
        self.sandbox().await?.maintain().await
    }
}

fn depth((language, target): (&String, &usize)) -> PoolDepth {
    PoolDepth { language: language.clone(), warm: 0, target: *target }
}
