//! A sandbox for a request: one that this handler holds, else a shared one, else one made for it.

use std::sync::{Arc, atomic::Ordering};

use tokio::time::timeout;
use tracing::{debug, info};

use super::{DockerHost, MAKE, Ready, ready::Fault};
use crate::{
    domain::{
        error::{Impossible, SandboxError},
        outcome::Start,
        request::ExecutionRequest,
    },
    outbound::docker::{
        pool::held::HeldSandbox,
        sandbox::{
            blueprint::{BUSY, Blame, Blueprint, NotReady},
            guard::{Guard, Room},
            spec,
        },
    },
    telemetry::metrics::METRICS,
};

/// Why a request has no sandbox.
#[derive(Debug)]
pub enum NotHad {
    /// No code was sent; this is what to say of it.
    Failed(SandboxError),
    /// The interpreter did not fit into the memory that was asked for.
    TooLittleMemory,
}

impl From<SandboxError> for NotHad {
    fn from(error: SandboxError) -> Self {
        Self::Failed(error)
    }
}

impl DockerHost {
    /// Tries to win a shared sandbox. Exactly one of all handlers that try wins; any unclear answer is a loss.
    pub(super) async fn claim(&self, id: &str) -> bool {
        self.engine.rename(id, &format!("{BUSY}{id}")).await.is_ok()
    }

    async fn claim_shared(&self, language: &str) -> Option<Ready> {
        while let Some(one) = self.shared.take(language) {
            if !self.claim(&one.id).await {
                debug!(sandbox = one.id, "lost the claim");
                continue;
            }
            self.claimed.notify_one();
            let guard = Guard::new(self.engine.clone(), self.tasks.clone(), one.id, one.room);
            match self.engine.attach(guard.id()).await {
                Ok(link) => return Some(Ready { guard, link, start: Start::Warm }),
                Err(error) => debug!(sandbox = guard.id(), %error, "claimed, but gone"),
            }
        }
        None
    }

    fn take_held(&self, language: &str) -> Option<Ready> {
        let HeldSandbox { guard, link, .. } = self.held.take(language)?;
        self.claimed.notify_one();
        Some(Ready { guard, link, start: Start::Warm })
    }

    pub(super) async fn acquire(&self, request: &ExecutionRequest) -> Result<Ready, NotHad> {
        let name = &request.language.name;
        // A container's memory is fixed when it is made: who asks for less gets one made to measure.
        let language = &request.language;
        let usual = language.limits(self.limits);
        if spec::memory_mb(language, &request.limits) == spec::memory_mb(language, &usual) {
            if let Some(ready) = self.take_held(name) {
                return Ok(ready);
            }
            if let Some(ready) = self.claim_shared(name).await {
                return Ok(ready);
            }
            if self.target(name) > 0 {
                info!(target: METRICS, PoolMisses = 1);
            }
        }
        self.make(request).await
    }

    /// Makes a sandbox for the request. Where it does not come up, and only the language can be blamed for that, what it
    /// is made from is looked up again and the attempt repeated, once: no code has been sent yet.
    async fn make(&self, request: &ExecutionRequest) -> Result<Ready, NotHad> {
        let name = &request.language.name;
        let mut mended = false;
        loop {
            let blueprint = self.languages.blueprint(name)?;
            let Some(room) = self.make_room().await else { return Err(self.no_room().await.into()) };
            let error = match blueprint.make(&self.engine, &self.tasks, room, &request.limits).await {
                Ok((guard, link)) => return Ok(Ready { guard, link, start: Start::Cold }),
                Err(error) => error,
            };
            match (self.blame(&error).await, error) {
                (Blame::Request, NotReady::TooLittleMemory) => return Err(NotHad::TooLittleMemory),
                (Blame::Request, error) => {
                    debug!(%error, language = name, "refused for the memory that was asked for");
                    let why = format!(
                        "`limits.memory_mb` is too low: {} does not start in {} MiB. This server allows {} MiB.",
                        request.language.title,
                        request.limits.memory_mb,
                        request.language.limits(self.limits).memory_mb
                    );
                    return Err(SandboxError::Refused { what: Impossible::Limits, why }.into());
                }
                // Half a minute is gone, and a host under load looks the same: nothing is concluded from one.
                (Blame::Language, error @ NotReady::TimedOut) => {
                    return Err(SandboxError::language_unavailable(name, error.to_string()).into());
                }
                (Blame::Language, error) if mended => {
                    self.languages.cannot_be_run(name, Fault::Sandbox(error.to_string()));
                    return Err(SandboxError::language_unavailable(name, error.to_string()).into());
                }
                (Blame::Language, error) => {
                    info!(%error, language = name, "a sandbox did not come up; what it is made from is looked up again");
                    mended = true;
                    if !self.mend(name, &blueprint).await {
                        return Err(SandboxError::language_unavailable(name, error.to_string()).into());
                    }
                }
                (Blame::Host | Blame::Unclear, error) => {
                    return Err(SandboxError::Unavailable { reason: error.to_string() }.into());
                }
            }
        }
    }

    /// Room for a sandbox that a request waits for. If waiting sandboxes use up the bound on sandboxes, one of them is
    /// removed, of the language that has most.
    async fn make_room(&self) -> Option<Room> {
        if let Some(room) = self.admission.try_room() {
            return Some(room);
        }
        let mut most: Vec<(usize, String)> = self
            .languages
            .ready()
            .into_iter()
            .map(|(name, _)| (self.held.count(&name) + self.shared.count_own(&name), name))
            .collect();
        most.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        'found: for (_, name) in most {
            // Its room comes free when it is gone.
            if let Some(held) = self.held.take(&name) {
                drop(held);
                break;
            }
            while let Some(one) = self.shared.take_own(&name) {
                if self.claim(&one.id).await {
                    // Ours now: it keeps its room until it is gone.
                    drop(Guard::new(self.engine.clone(), self.tasks.clone(), one.id, one.room));
                    break 'found;
                }
            }
        }
        timeout(MAKE, self.admission.room()).await.ok().flatten()
    }

    /// Why there is no room. What an engine that does not answer was asked to make or to remove keeps its room until it is known to
    /// be gone: then nobody is busy, and the host is away.
    async fn no_room(&self) -> SandboxError {
        match self.engine.ping().await {
            Ok(()) => self.admission.busy(),
            Err(error) => SandboxError::Unavailable { reason: error.to_string() },
        }
    }

    /// The languages that can be run, another one first each time: no language is always looked after last.
    pub(super) fn in_turn(&self) -> Vec<(String, Arc<Blueprint>)> {
        let mut ready = self.languages.ready();
        if !ready.is_empty() {
            let first = self.turn.fetch_add(1, Ordering::Relaxed) % ready.len();
            ready.rotate_left(first);
        }
        ready
    }
}
