//! How many may run at once, and how many may wait, for a short while, to be next.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::domain::error::SandboxError;

/// Bounds of one handler's use of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Programs running at once.
    pub running: usize,
    /// Sandboxes there may be at once: running, waiting for work, being made, being removed.
    pub sandboxes: usize,
    /// Requests that may wait for a place.
    pub queue_length: usize,
    /// How long each may wait.
    pub queue_timeout: Duration,
}

/// Gives out places.
#[derive(Debug)]
pub struct Admission {
    bounds: Bounds,
    running: Arc<Semaphore>,
    sandboxes: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// The right to run one program. Dropped, the place is free again.
#[derive(Debug)]
pub struct Slot {
    pub(super) place: OwnedSemaphorePermit,
    pub(super) queued: Duration,
}

/// The right to have one sandbox on the host. Kept until the sandbox is really gone.
pub type Room = OwnedSemaphorePermit;

impl Admission {
    /// Nobody is in yet.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            running: Arc::new(Semaphore::new(bounds.running)),
            sandboxes: Arc::new(Semaphore::new(bounds.sandboxes)),
            waiting: AtomicUsize::new(0),
        }
    }

    /// A place to run in, now or soon.
    ///
    /// # Errors
    /// [`SandboxError::Busy`] when too many wait already, or none came free in time.
    pub async fn enter(&self) -> Result<Slot, SandboxError> {
        let since = Instant::now();
        if let Ok(place) = Arc::clone(&self.running).try_acquire_owned() {
            return Ok(Slot { place, queued: since.elapsed() });
        }
        let busy = SandboxError::Busy { retry_after: self.bounds.queue_timeout.max(Duration::from_secs(1)) };
        let _turn = Turn::take(&self.waiting, self.bounds.queue_length).ok_or(busy)?;
        let place = Arc::clone(&self.running).acquire_owned();
        match tokio::time::timeout(self.bounds.queue_timeout, place).await {
            Ok(Ok(place)) => Ok(Slot { place, queued: since.elapsed() }),
            _ => {
                Err(SandboxError::Busy { retry_after: self.bounds.queue_timeout.max(Duration::from_secs(1)) })
            }
        }
    }

    /// Room for one more sandbox, if there is any now.
    #[must_use]
    pub fn try_room(&self) -> Option<Room> {
        Arc::clone(&self.sandboxes).try_acquire_owned().ok()
    }

    /// Room for one more sandbox, when there is some. Bound the wait.
    pub async fn room(&self) -> Option<Room> {
        Arc::clone(&self.sandboxes).acquire_owned().await.ok()
    }

    /// Programs running now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.bounds.running - self.running.available_permits()
    }

    /// The bounds.
    #[must_use]
    pub const fn bounds(&self) -> Bounds {
        self.bounds
    }
}

/// A turn in the queue.
struct Turn<'a>(&'a AtomicUsize);

impl<'a> Turn<'a> {
    fn take(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        let enter = |now: usize| (now < most).then_some(now + 1);
        waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, enter).ok()?;
        Some(Self(waiting))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(running: usize, queue_length: usize) -> Bounds {
        Bounds { running, sandboxes: 4, queue_length, queue_timeout: Duration::from_secs(2) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_comes_free_in_time_goes_to_who_waits() {
        let admission = Arc::new(Admission::new(bounds(1, 1)));
        let slot = admission.enter().await.unwrap();
        let next = tokio::spawn({
            let admission = Arc::clone(&admission);
            async move { admission.enter().await }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop(slot);
        let slot = next.await.unwrap().unwrap();
        assert_eq!(slot.queued.as_secs(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_the_bound_and_nobody_queues_past_it() {
        let admission = Arc::new(Admission::new(bounds(1, 1)));
        let _slot = admission.enter().await.unwrap();
        let waiting = tokio::spawn({
            let admission = Arc::clone(&admission);
            async move { admission.enter().await.map(drop) }
        });
        tokio::task::yield_now().await;
        let at_once = Instant::now();
        assert!(matches!(admission.enter().await, Err(SandboxError::Busy { .. })));
        assert_eq!(at_once.elapsed(), Duration::ZERO);
        assert!(matches!(waiting.await.unwrap(), Err(SandboxError::Busy { .. })));
        assert_eq!(at_once.elapsed(), Duration::from_secs(2));
        assert_eq!(admission.waiting.load(Ordering::Relaxed), 0);
    }
}
