//! A sandbox for a request: one that is held for us, else one of the stock, else one made for it.

use std::sync::{Arc, atomic::Ordering};

use tokio::time::timeout;
use tracing::{debug, info};

use super::{
    BUSY, DockerSandbox, MAKE, Ready,
    admission::Room,
    blueprint::{Blame, Blueprint, NotReady},
    ready::Fault,
    shelf::Held,
    tenancy::Tenancy,
};
use crate::{
    domain::{
        error::{Impossible, SandboxError},
        outcome::Start,
        request::ExecutionRequest,
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

impl DockerSandbox {
    /// Tries to win a sandbox of the stock. Exactly one of all who try wins; anything unclear is a loss.
    pub(super) async fn claim(&self, id: &str) -> bool {
        self.engine.rename(id, &format!("{BUSY}{id}")).await.is_ok()
    }

    async fn claim_warm(&self, language: &str) -> Option<Ready> {
        while let Some(hint) = self.hints.take(language) {
            if !self.claim(&hint.id).await {
                debug!(sandbox = hint.id, "lost the claim");
                continue;
            }
            self.claimed.notify_one();
            let tenancy = Tenancy::new(self.engine.clone(), self.tasks.clone(), hint.id, hint.room);
            match self.engine.attach(tenancy.id()).await {
                Ok(link) => return Some(Ready { tenancy, link, start: Start::Warm }),
                Err(error) => debug!(sandbox = tenancy.id(), %error, "claimed, but gone"),
            }
        }
        None
    }

    fn take_held(&self, language: &str) -> Option<Ready> {
        let Held { tenancy, link, .. } = self.shelf.take(language)?;
        self.claimed.notify_one();
        Some(Ready { tenancy, link, start: Start::Warm })
    }

    pub(super) async fn acquire(&self, request: &ExecutionRequest) -> Result<Ready, NotHad> {
        let name = &request.language.name;
        // A container's memory is fixed when it is made: who asks for less gets one made to measure.
        if request.limits.memory_mb == self.limits.memory_mb {
            if let Some(ready) = self.take_held(name) {
                return Ok(ready);
            }
            if let Some(ready) = self.claim_warm(name).await {
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
            let room = self.make_room().await.ok_or_else(|| self.admission.busy())?;
            let error = match blueprint.make(&self.engine, &self.tasks, room, &request.limits).await {
                Ok((tenancy, link)) => return Ok(Ready { tenancy, link, start: Start::Cold }),
                Err(error) => error,
            };
            match (self.blame(&error).await, error) {
                (Blame::Request, NotReady::TooLittleMemory) => return Err(NotHad::TooLittleMemory),
                (Blame::Request, error) => {
                    debug!(%error, language = name, "refused for the memory that was asked for");
                    let why = format!(
                        "`limits.memory_mb` is too low: {} does not start in {} MiB. This server allows {} MiB.",
                        request.language.title, request.limits.memory_mb, self.limits.memory_mb
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

    /// Room for a sandbox that a request waits for: where the stock fills the house, one of it makes way, of the language
    /// that has most.
    async fn make_room(&self) -> Option<Room> {
        if let Some(room) = self.admission.try_room() {
            return Some(room);
        }
        let mut most: Vec<(usize, String)> = self
            .languages
            .ready()
            .into_iter()
            .map(|(name, _)| (self.shelf.count(&name) + self.hints.count_own(&name), name))
            .collect();
        most.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        'found: for (_, name) in most {
            // Its room comes free when it is gone.
            if let Some(held) = self.shelf.take(&name) {
                drop(held);
                break;
            }
            while let Some(hint) = self.hints.take_own(&name) {
                if self.claim(&hint.id).await {
                    // Ours now: it keeps its room until it is gone.
                    drop(Tenancy::new(self.engine.clone(), self.tasks.clone(), hint.id, hint.room));
                    break 'found;
                }
            }
        }
        timeout(MAKE, self.admission.room()).await.ok().flatten()
    }

    /// The languages that can be run, another one first each time: nobody's stock is always looked after last.
    pub(super) fn in_turn(&self) -> Vec<(String, Arc<Blueprint>)> {
        let mut ready = self.languages.ready();
        if !ready.is_empty() {
            let first = self.turn.fetch_add(1, Ordering::Relaxed) % ready.len();
            ready.rotate_left(first);
        }
        ready
    }
}
