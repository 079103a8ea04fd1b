//! A sandbox for a request: one that is held for us, else one of the stock, else one made for it.

use tokio::time::timeout;
use tracing::{debug, info};

use super::{
    BUSY, DockerSandbox, MAKE, Ready, admission::Room, blueprint::NotReady, shelf::Held, tenancy::Tenancy,
};
use crate::{
    domain::{outcome::Start, request::ExecutionRequest},
    telemetry::metrics::METRICS,
};

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

    pub(super) async fn acquire(&self, request: &ExecutionRequest) -> Result<Ready, NotReady> {
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
        let blueprint =
            self.blueprints.get(name).ok_or_else(|| NotReady::Interpreter("not installed".to_owned()))?;
        let room = self.make_room().await.ok_or(NotReady::TimedOut)?;
        let (tenancy, link) = blueprint.make(&self.engine, &self.tasks, room, &request.limits).await?;
        Ok(Ready { tenancy, link, start: Start::Cold })
    }

    /// Room for a sandbox that a request waits for: where the stock fills the house, one of it makes way.
    async fn make_room(&self) -> Option<Room> {
        if let Some(room) = self.admission.try_room() {
            return Some(room);
        }
        for name in self.blueprints.keys() {
            // Its room comes free when it is gone.
            if let Some(held) = self.shelf.take(name) {
                drop(held);
                break;
            }
            while let Some(hint) = self.hints.take(name) {
                let Some(room) = hint.room else { continue };
                if self.claim(&hint.id).await {
                    self.engine.remove(&hint.id).await.ok();
                    return Some(room);
                }
            }
        }
        timeout(MAKE, self.admission.room()).await.ok().flatten()
    }
}
