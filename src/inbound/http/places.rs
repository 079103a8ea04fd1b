//! Places for work that takes a processor for tens of milliseconds: parsing large bodies and unpacking archives. It is
//! done on threads that serve nobody else, a few at once, and only when the whole body is here.

use std::{panic::resume_unwind, sync::Arc, thread::available_parallelism, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

use crate::inbound::contract::rejection::{Fault, Rejection};

/// Works at once for each processor.
const PER_PROCESSOR: usize = 2;
/// The fewest places there are.
const AT_LEAST: usize = 4;
/// How long a request may wait for a place. At 50 ms a work and four places 400 requests get theirs in this time.
const PATIENCE: Duration = Duration::from_secs(5);

/// The places there are.
#[derive(Clone)]
pub(super) struct Places(Arc<Semaphore>);

/// A place that is taken. Dropped, it is free again.
pub(super) struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Default for Places {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        Self::of(AT_LEAST.max(processors * PER_PROCESSOR))
    }
}

impl Places {
    pub fn of(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count)))
    }

    /// Does the work in a place of its own, which the work owns: it stays taken until the work is done, whoever has
    /// gone away meanwhile, and is then handed on with the result.
    ///
    /// # Errors
    /// When no place is free within five seconds.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<(T, Place), Rejection> {
        let busy =
            || Rejection::new(Fault::Overloaded, "Too many large requests are under way. Try again shortly.");
        let place = timeout(PATIENCE, Arc::clone(&self.0).acquire_owned()).await;
        // The semaphore is never closed.
        let place = Place(place.ok().and_then(Result::ok).ok_or_else(busy)?);
        match spawn_blocking(move || (work(), place)).await {
            Ok(done) => Ok(done),
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => Err(busy()), // The runtime is shutting down.
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn work_keeps_its_place_when_whoever_asked_for_it_goes_away() {
        let places = Places::of(1);
        let (finish, told) = mpsc::channel::<()>();
        let (begin, begun) = mpsc::channel::<()>();
        let asking = tokio::spawn({
            let places = places.clone();
            async move {
                let work = move || {
                    begin.send(()).unwrap();
                    told.recv().unwrap();
                };
                places.work(work).await.map(drop)
            }
        });
        spawn_blocking(move || begun.recv().unwrap()).await.unwrap();
        asking.abort();
        assert!(asking.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(places.0.available_permits(), 0, "the work goes on, and holds its place");
        finish.send(()).unwrap();
        drop(timeout(Duration::from_secs(5), places.work(|| ())).await.expect("free again").unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_finds_no_place_in_time_is_told_so() {
        let places = Places::of(1);
        let ((), place) = places.work(|| ()).await.unwrap();
        let refused = places.work(|| ()).await.map(drop).unwrap_err();
        assert_eq!(refused.fault, Fault::Overloaded);
        drop(place);
        assert!(places.work(|| ()).await.is_ok());
    }
}
