//! The connections that may be open at once. When all seats are taken and somebody new comes, the connection that has
//! stood idle the longest leaves. So kept-alive connections may idle for as long as load balancers like, and clients
//! that are silent, or do not read their answers, keep nobody out.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::debug;

/// How long a connection stands idle before it may be asked to leave: one that was opened just now has not had the time
/// to send its request.
const AT_LEAST_IDLE: Duration = Duration::from_secs(1);
/// How often a newcomer looks whether somebody can leave.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// All seats.
pub(super) struct Seats {
    free: Arc<Semaphore>,
    taken: Mutex<HashMap<u64, Sitting>>,
    next: AtomicU64,
}

/// What is known of a connection.
struct Sitting {
    /// Since when none of its requests is being handled; `None` while one is.
    idle_since: Option<Instant>,
    leave: CancellationToken,
}

/// A connection's seat. Dropped, it is free again.
pub(super) struct Seat {
    seats: Arc<Seats>,
    number: u64,
    leave: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

/// A request that is being handled. Dropped, its connection is idle again.
pub(super) struct Handling {
    seats: Arc<Seats>,
    number: u64,
}

impl Seats {
    pub fn new(count: usize) -> Arc<Self> {
        Arc::new(Self {
            free: Arc::new(Semaphore::new(count)),
            taken: Mutex::default(),
            next: AtomicU64::new(0),
        })
    }

    /// A seat, as soon as one is free or somebody idle has left.
    pub async fn take(self: &Arc<Self>) -> Seat {
        let permit = loop {
            if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
                break permit;
            }
            self.make_room();
            if let Ok(Ok(permit)) = timeout(LOOK_AGAIN, Arc::clone(&self.free).acquire_owned()).await {
                break permit;
            }
        };
        let (number, leave) = (self.next.fetch_add(1, Ordering::Relaxed), CancellationToken::new());
        let sitting = Sitting { idle_since: Some(Instant::now()), leave: leave.clone() };
        self.sitting().insert(number, sitting);
        Seat { seats: Arc::clone(self), number, leave, _permit: permit }
    }

    fn make_room(&self) {
        let mut sitting = self.sitting();
        let idle = sitting.values_mut().filter_map(|one| Some((one.idle_since?, one)));
        let longest = idle.min_by_key(|(since, _)| *since);
        if let Some((since, one)) = longest.filter(|(since, _)| since.elapsed() >= AT_LEAST_IDLE) {
            debug!(idle = ?since.elapsed(), "all connections are taken: an idle one is closed");
            one.idle_since = None; // Asked once.
            one.leave.cancel();
        }
    }

    fn sitting(&self) -> MutexGuard<'_, HashMap<u64, Sitting>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_idle(&self, number: u64, since: Option<Instant>) {
        if let Some(sitting) = self.sitting().get_mut(&number).filter(|one| !one.leave.is_cancelled()) {
            sitting.idle_since = since;
        }
    }
}

impl Seat {
    /// Notes that a request is handled now. A connection has one at a time.
    pub fn handling(&self) -> Handling {
        self.seats.set_idle(self.number, None);
        Handling { seats: Arc::clone(&self.seats), number: self.number }
    }

    /// Done when the connection has to leave.
    pub fn asked_to_leave(&self) -> impl Future<Output = ()> + Send + use<> {
        self.leave.clone().cancelled_owned()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.sitting().remove(&self.number);
    }
}

impl Drop for Handling {
    fn drop(&mut self) {
        self.seats.set_idle(self.number, Some(Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_idle_leaves_and_nobody_at_work_does() {
        let seats = Seats::new(3);
        let (working, first, second) = (seats.take().await, seats.take().await, seats.take().await);
        let work = working.handling();
        advance(AT_LEAST_IDLE).await;
        drop(first.handling()); // Idle since now; the second since a second.
        let newcomer = tokio::spawn({
            let seats = Arc::clone(&seats);
            async move { seats.take().await }
        });
        second.asked_to_leave().await;
        assert!(first.asked_to_leave().now_or_never().is_none());
        assert!(working.asked_to_leave().now_or_never().is_none());
        drop(second);
        let _newcomer = newcomer.await.unwrap();
        drop(work);
    }

    #[tokio::test(start_paused = true)]
    async fn where_all_are_at_work_a_newcomer_waits() {
        let seats = Seats::new(1);
        let only = seats.take().await;
        let work = only.handling();
        assert!(timeout(Duration::from_mins(10), seats.take()).await.is_err());
        assert!(only.asked_to_leave().now_or_never().is_none());
        drop(work);
        let begun = Instant::now();
        let newcomer = async {
            only.asked_to_leave().await;
            drop(only);
        };
        tokio::join!(seats.take(), newcomer);
        assert!(begun.elapsed() >= AT_LEAST_IDLE && begun.elapsed() < AT_LEAST_IDLE * 2);
    }
}
