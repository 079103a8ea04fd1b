//! A bound on the requests that hold much memory at once: large bodies, and archives being unpacked.
//!
//! Requests are read before a sandbox slot is asked for, so the bound on sandboxes does not bound these.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Each holds at most a body of 6 MiB and a project of 8 MiB.
const AT_ONCE: usize = 32;

/// The places for heavy requests.
#[derive(Clone)]
pub(super) struct HeavyWork(Arc<Semaphore>);

impl Default for HeavyWork {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl HeavyWork {
    /// One request's claim; it has no place yet.
    pub fn claim(&self) -> Claim {
        Claim { places: Arc::clone(&self.0), held: None }
    }
}

/// A request that may turn out heavy. Dropped, its place is free again.
pub(super) struct Claim {
    places: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Claim {
    /// Waits for a place, the first time; a request needs no second one.
    pub async fn take(&mut self) {
        if self.held.is_none() {
            // The semaphore is never closed.
            self.held = Arc::clone(&self.places).acquire_owned().await.ok();
        }
    }
}
