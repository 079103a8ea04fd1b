//! When a store last wrote with success, so that not every health check has to write.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::domain::error::StoreError;

/// For how long after a write that succeeded a health check takes the store as writable.
pub const SPEAKS_FOR: Duration = Duration::from_secs(10);

/// When a write last succeeded, unless one has failed since.
#[derive(Debug)]
pub struct Writable {
    speaks_for: Duration,
    succeeded: Mutex<Option<Instant>>,
}

impl Writable {
    /// Nothing has been written yet. After a write that succeeds the store counts as writable for `speaks_for`.
    pub const fn new(speaks_for: Duration) -> Self {
        Self { speaks_for, succeeded: Mutex::new(None) }
    }

    /// Notes the result of a write, and returns it. [`StoreError::Corrupt`] counts as success: the store refused what was
    /// asked, and works.
    pub fn saw<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        let works = !matches!(result, Err(StoreError::Unavailable(_)));
        *self.succeeded.lock().unwrap_or_else(PoisonError::into_inner) = works.then(Instant::now);
        result
    }

    /// Whether the latest write succeeded, less than `speaks_for` ago.
    pub fn is_sure(&self) -> bool {
        let succeeded = *self.succeeded.lock().unwrap_or_else(PoisonError::into_inner);
        succeeded.is_some_and(|at| at.elapsed() < self.speaks_for)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_write_speaks_for_the_next_ones_until_it_is_old_or_one_fails() {
        let writable = Writable::new(SPEAKS_FOR);
        assert!(!writable.is_sure(), "nothing was written yet");
        writable.saw(Ok(())).unwrap();
        assert!(writable.is_sure());
        writable.saw::<()>(Err(StoreError::Unavailable("full".to_owned()))).unwrap_err();
        assert!(!writable.is_sure(), "a write failed");
        writable.saw::<()>(Err(StoreError::Corrupt("no start".to_owned()))).unwrap_err();
        assert!(writable.is_sure(), "the store had an opinion");
        tokio::time::advance(SPEAKS_FOR).await;
        assert!(!writable.is_sure(), "that was long ago");
    }
}
