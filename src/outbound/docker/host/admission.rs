//! How many programs may run at once on a host, and how many sandboxes there may be. Who is next is not decided here.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::{
    domain::error::SandboxError,
    outbound::docker::{config::Bounds, sandbox::guard::Room},
};

/// The least and the most programs that run at once on a host unless it is set.
const RUNNING: (usize, usize) = (2, 64);
/// Programs for each CPU of a host unless it is set. Two: while one waits (for its sandbox, its input, a file) another
/// computes, and at worst each has half a CPU.
const PER_CPU: usize = 2;
/// The bounds on one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// Programs running at once.
    pub running: usize,
    /// Sandboxes at once.
    pub sandboxes: usize,
}

impl Bounds {
    /// What comes of them on a host with so many CPUs, where so many sandboxes are to wait in all.
    #[must_use]
    pub fn on(&self, cpus: usize, waiting: usize) -> Places {
        let by_cpus = cpus.saturating_mul(PER_CPU).clamp(RUNNING.0, RUNNING.1);
        let running = self.running.unwrap_or_else(|| by_cpus.min(self.sandboxes.unwrap_or(by_cpus)));
        let sandboxes = self.sandboxes.unwrap_or(running + running.max(waiting));
        Places { running, sandboxes }
    }
}

/// Gives out places.
#[derive(Debug)]
pub struct Admission {
    places: Places,
    running: Arc<Semaphore>,
    sandboxes: Arc<Semaphore>,
    holds: Arc<Mutex<Holds>>,
    freed: Arc<Notify>,
}

/// The right to run one program, and since when it is taken. Dropped, the place is free again.
#[derive(Debug)]
pub struct Place {
    permit: Option<OwnedSemaphorePermit>,
    since: Instant,
    holds: Arc<Mutex<Holds>>,
    freed: Arc<Notify>,
}

/// How long places are held: what the advice to come back later is made from.
#[derive(Debug, Default)]
struct Holds {
    /// Of those that are over, the latest counting most; in seconds.
    mean: Option<f64>,
    /// Since when those that are taken have been.
    now: Vec<Instant>,
}

impl Holds {
    /// The time, in seconds, that a place is likely to be held: as long as they were, and no shorter than they are now.
    fn likely(&self) -> f64 {
        let ages = self.now.iter().map(|since| since.elapsed().as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "a few hundred places")]
        let age = if self.now.is_empty() { 0.0 } else { ages.sum::<f64>() / self.now.len() as f64 };
        self.mean.unwrap_or(0.0).max(age)
    }
}

fn locked(holds: &Mutex<Holds>) -> MutexGuard<'_, Holds> {
    holds.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Place {
    fn drop(&mut self) {
        /// How much the latest counts.
        const LATEST: f64 = 0.2;
        let held = self.since.elapsed().as_secs_f64();
        let mut holds = locked(&self.holds);
        holds.mean = Some(holds.mean.map_or(held, |mean| mean + LATEST * (held - mean)));
        if let Some(at) = holds.now.iter().position(|since| *since == self.since) {
            holds.now.swap_remove(at);
        }
        drop(holds);
        // Free before anybody is told.
        self.permit = None;
        self.freed.notify_waiters();
    }
}

impl Admission {
    /// Nobody is in yet. `freed` is told of each place that comes free.
    #[must_use]
    pub fn new(places: Places, freed: Arc<Notify>) -> Self {
        Self {
            places,
            running: Arc::new(Semaphore::new(places.running)),
            sandboxes: Arc::new(Semaphore::new(places.sandboxes)),
            holds: Arc::default(),
            freed,
        }
    }

    /// A place to run in, if one is free.
    ///
    /// # Errors
    /// [`SandboxError::Busy`] when none is.
    pub fn enter(&self) -> Result<Place, SandboxError> {
        let permit = Arc::clone(&self.running).try_acquire_owned().map_err(|_| self.busy())?;
        let since = Instant::now();
        locked(&self.holds).now.push(since);
        let (holds, freed) = (Arc::clone(&self.holds), Arc::clone(&self.freed));
        Ok(Place { permit: Some(permit), since, holds, freed })
    }

    /// No place, and when one is likely to come free: they come free one after another.
    #[must_use]
    pub fn busy(&self) -> SandboxError {
        #[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
        let seconds = locked(&self.holds).likely() / self.places.running as f64;
        SandboxError::Busy { retry_after: Duration::from_secs_f64(seconds) }
    }

    /// Told of each place that comes free.
    #[must_use]
    pub fn freed(&self) -> &Notify {
        &self.freed
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
        self.places.running - self.running.available_permits()
    }

    /// The bounds.
    #[must_use]
    pub const fn places(&self) -> Places {
        self.places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(running: usize) -> Admission {
        Admission::new(Places { running, sandboxes: 4 }, Arc::default())
    }

    #[test]
    fn bounds_that_are_not_set_come_from_the_hosts_cpus_and_the_pool() {
        let asked = |running, sandboxes| Bounds { running, sandboxes };
        let on = |bounds: Bounds, cpus, waiting| {
            let places = bounds.on(cpus, waiting);
            (places.running, places.sandboxes)
        };
        for (cpus, running) in [(1, 2), (2, 4), (4, 8), (32, 64), (192, 64)] {
            assert_eq!(on(asked(None, None), cpus, 4), (running, running + running.max(4)), "{cpus}");
        }
        // Twenty languages with two each.
        assert_eq!(on(asked(None, None), 2, 40), (4, 44));
        assert_eq!(on(asked(Some(100), None), 2, 4), (100, 200));
        assert_eq!(on(asked(Some(3), Some(4)), 2, 4), (3, 4));
        assert_eq!(on(asked(None, Some(3)), 8, 2), (3, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_no_place_is_told_when_there_will_be_one() {
        let admission = admission(2);
        let retry = || match admission.busy() {
            SandboxError::Busy { retry_after } => retry_after.as_secs(),
            other => panic!("{other}"),
        };
        let both = [admission.enter().unwrap(), admission.enter().unwrap()];
        assert!(matches!(admission.enter(), Err(SandboxError::Busy { .. })));
        assert_eq!(retry(), 0, "they began just now");
        tokio::time::sleep(Duration::from_secs(8)).await;
        assert_eq!(retry(), 4, "two that have run for eight seconds end every four");
        drop(both);
        assert_eq!(retry(), 4, "as it was");
        for _ in 0..50 {
            drop(admission.enter().unwrap());
        }
        assert_eq!(retry(), 0, "short runs of late count most");
        let _both = [admission.enter().unwrap(), admission.enter().unwrap()];
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert_eq!(retry(), 30, "those that run now have run for long");
    }

    #[tokio::test]
    async fn a_place_is_free_when_that_is_told() {
        let admission = admission(1);
        let place = admission.enter().unwrap();
        let freed = admission.freed().notified();
        drop(place);
        freed.await;
        assert_eq!(admission.running(), 0);
        drop(admission.enter().unwrap());
    }
}
