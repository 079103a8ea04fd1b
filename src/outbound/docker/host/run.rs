//! A host as a [`Sandbox`].

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, debug_span};

use super::{DockerHost, acquire::NotHad, admission::Place, conversation::DockerConversation, longest};
use crate::domain::{
    error::SandboxError,
    id::ExecutionId,
    language::Language,
    outcome::{SandboxTimings, Start},
    ports::{HostCount, InstalledLanguage, Maintained, PoolDepth, Sandbox, SandboxHealth},
    request::ExecutionRequest,
};

/// The least time before its deadline in which a run can be of any use: the quickest takes about as long.
const USEFUL: Duration = Duration::from_millis(50);

impl Sandbox for DockerHost {
    type Slot = Place;
    type Conversation = DockerConversation;

    async fn admit(&self, language: &Language) -> Result<Place, SandboxError> {
        self.speaks(language)?;
        self.admission.enter()
    }

    fn freed(&self) -> impl Future<Output = ()> + Send {
        self.admission.freed().notified()
    }

    async fn begin(
        &self,
        slot: Place,
        id: ExecutionId,
        request: &ExecutionRequest,
        deadline: Instant,
    ) -> Result<DockerConversation, SandboxError> {
        let begun = Instant::now();
        // What is cut off by its deadline anyhow takes no sandbox and is not sent.
        let too_late = || deadline.saturating_duration_since(Instant::now()) < USEFUL;
        if too_late() {
            return Err(SandboxError::TooLate);
        }
        let acquired =
            timeout_at(deadline, self.acquire(request)).instrument(debug_span!("acquire", %id)).await;
        let acquire = begun.elapsed();
        let ready = match acquired {
            Err(_) => return Err(SandboxError::TooLate),
            Ok(Ok(_)) if too_late() => return Err(SandboxError::TooLate),
            Ok(Ok(ready)) => Some(ready),
            Ok(Err(NotHad::TooLittleMemory)) => None,
            Ok(Err(NotHad::Failed(error))) => return Err(error),
        };
        let facts = self.facts(request, ready.as_ref().map_or(Start::Cold, |ready| ready.start));
        let timings = SandboxTimings { acquire, ..SandboxTimings::default() };
        let engine = self.engine.clone();
        let kernel = self.host.runtime.kernel;
        Ok(DockerConversation::new(engine, kernel, ready, request, (facts, timings), deadline, Some(slot)))
    }

    fn longest(&self, wall: Duration) -> Duration {
        longest(wall)
    }

    async fn health(&self) -> SandboxHealth {
        let silent = self.engine.ping().await.err().map(|_| "the Docker host does not answer");
        let ready = self.languages.ready();
        let mute = ready.is_empty().then_some("no language can be run on the Docker host");
        let problem = silent.or(mute).map(ToOwned::to_owned);
        let depth = |language: String| {
            let (warm, target) = (self.waiting(&language), self.target(&language));
            PoolDepth { language, warm, target }
        };
        SandboxHealth {
            ok: problem.is_none(),
            hosts: HostCount { up: usize::from(problem.is_none()), total: 1 },
            problem,
            engine: Some(self.host.engine.clone()),
            runtime: Some(self.host.runtime.name.clone()),
            apparmor: Some(self.host.apparmor),
            landlock: Some(self.host.runtime.has_landlock()),
            running: self.running(),
            capacity: self.admission.places().running,
            pool: ready.into_iter().map(|(name, _)| depth(name)).collect(),
        }
    }

    async fn languages(&self) -> Result<Vec<InstalledLanguage>, SandboxError> {
        Ok(self.languages.installed())
    }

    async fn maintain(&self) -> Result<Maintained, SandboxError> {
        self.upkeep().await.map_err(|error| SandboxError::Unavailable { reason: error.to_string() })
    }
}
