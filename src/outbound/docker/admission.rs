//! How many may run at once, and how many may wait, for a short while, to be next.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::domain::error::SandboxError;

/// The least and the most programs that run at once on a host unless it is set.
const RUNNING: (usize, usize) = (2, 64);
/// Programs for each CPU of a host unless it is set. Two: while one waits (for its sandbox, its input, a file) another
/// computes, and at worst each has half a CPU.
const PER_CPU: usize = 2;
/// The longest that anybody is told to stay away.
const LONGEST_ADVICE: Duration = Duration::from_mins(1);

/// Bounds of one handler's use of a host, as they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Programs running at once; `None` is twice the host's CPUs, at least 2 and at most 64.
    pub running: Option<usize>,
    /// Sandboxes there may be at once: running, waiting for work, being made, being removed. `None` is enough for all
    /// that run and as many again, or all that are to wait.
    pub sandboxes: Option<usize>,
    /// Requests that may wait for a place.
    pub queue_length: usize,
    /// How long each may wait.
    pub queue_timeout: Duration,
}

/// The bounds on one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// Programs running at once.
    pub running: usize,
    /// Sandboxes at once.
    pub sandboxes: usize,
    queue_length: usize,
    queue_timeout: Duration,
}

impl Bounds {
    /// What comes of them on a host with so many CPUs, where so many sandboxes are to wait in all.
    #[must_use]
    pub fn on(&self, cpus: usize, waiting: usize) -> Places {
        let by_cpus = cpus.saturating_mul(PER_CPU).clamp(RUNNING.0, RUNNING.1);
        let running = self.running.unwrap_or_else(|| by_cpus.min(self.sandboxes.unwrap_or(by_cpus)));
        let sandboxes = self.sandboxes.unwrap_or(running + running.max(waiting));
        let Self { queue_length, queue_timeout, .. } = *self;
        Places { running, sandboxes, queue_length, queue_timeout }
    }
}

/// Gives out places.
#[derive(Debug)]
pub struct Admission {
    places: Places,
    running: Arc<Semaphore>,
    sandboxes: Arc<Semaphore>,
    waiting: AtomicUsize,
    holds: Arc<Mutex<Holds>>,
}

/// The right to run one program. Dropped, the place is free again.
#[derive(Debug)]
pub struct Slot {
    pub(super) place: Place,
    pub(super) queued: Duration,
}

/// A place that is taken, and since when.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
    since: Instant,
    holds: Arc<Mutex<Holds>>,
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
    }
}

/// The right to have one sandbox on the host. Kept until the sandbox is really gone.
pub type Room = OwnedSemaphorePermit;

impl Admission {
    /// Nobody is in yet.
    #[must_use]
    pub fn new(places: Places) -> Self {
        Self {
            places,
            running: Arc::new(Semaphore::new(places.running)),
            sandboxes: Arc::new(Semaphore::new(places.sandboxes)),
            waiting: AtomicUsize::new(0),
            holds: Arc::default(),
        }
    }

    /// A place to run in, now or soon.
    ///
    /// # Errors
    /// [`SandboxError::Busy`] when too many wait already, or none came free in time.
    pub async fn enter(&self) -> Result<Slot, SandboxError> {
        let since = Instant::now();
        if let Ok(permit) = Arc::clone(&self.running).try_acquire_owned() {
            return Ok(self.slot(permit, since));
        }
        let _turn = Turn::take(&self.waiting, self.places.queue_length).ok_or_else(|| self.busy())?;
        let permit = Arc::clone(&self.running).acquire_owned();
        match tokio::time::timeout(self.places.queue_timeout, permit).await {
            Ok(Ok(permit)) => Ok(self.slot(permit, since)),
            _ => Err(self.busy()),
        }
    }

    fn slot(&self, permit: OwnedSemaphorePermit, asked: Instant) -> Slot {
        let since = Instant::now();
        locked(&self.holds).now.push(since);
        let place = Place { _permit: permit, since, holds: Arc::clone(&self.holds) };
        Slot { place, queued: since.duration_since(asked) }
    }

    /// No place, and when there will be one: places come free one after another, and those who wait go first.
    #[must_use]
    pub fn busy(&self) -> SandboxError {
        let before = self.waiting.load(Ordering::Relaxed) + 1;
        #[expect(clippy::cast_precision_loss, reason = "at most some ten thousand")]
        let seconds = locked(&self.holds).likely() * before as f64 / self.places.running as f64;
        let seconds = seconds.clamp(1.0, LONGEST_ADVICE.as_secs_f64());
        SandboxError::Busy { retry_after: Duration::from_secs_f64(seconds) }
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

    fn places(running: usize, queue_length: usize) -> Places {
        Places { running, sandboxes: 4, queue_length, queue_timeout: Duration::from_secs(2) }
    }

    #[test]
    fn bounds_that_are_not_set_come_from_the_hosts_cpus_and_the_stock() {
        let asked = |running, sandboxes| Bounds {
            running,
            sandboxes,
            queue_length: 0,
            queue_timeout: Duration::ZERO,
        };
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
        let admission = Admission::new(places(2, 0));
        let retry = || match admission.busy() {
            SandboxError::Busy { retry_after } => retry_after.as_secs(),
            other => panic!("{other}"),
        };
        let both = [admission.enter().await.unwrap(), admission.enter().await.unwrap()];
        assert_eq!(retry(), 1, "they began just now");
        tokio::time::sleep(Duration::from_secs(8)).await;
        assert_eq!(retry(), 4, "two that have run for eight seconds end every four");
        drop(both);
        assert_eq!(retry(), 4, "as it was");
        for _ in 0..50 {
            drop(admission.enter().await.unwrap());
        }
        assert_eq!(retry(), 1, "short runs of late count most");
        let _both = [admission.enter().await.unwrap(), admission.enter().await.unwrap()];
        tokio::time::sleep(Duration::from_hours(1)).await;
        assert_eq!(retry(), 60, "nobody is sent away for longer than a minute");
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_comes_free_in_time_goes_to_who_waits() {
        let admission = Arc::new(Admission::new(places(1, 1)));
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
        let admission = Arc::new(Admission::new(places(1, 1)));
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
