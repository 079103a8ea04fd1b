//! What was last seen of a store's writing, so that not every question for its health has to write.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::domain::error::StoreError;

/// How long a write that succeeded speaks for the next.
pub const SPEAKS_FOR: Duration = Duration::from_secs(10);

/// When a write last succeeded, unless one has failed since.
#[derive(Debug)]
pub struct Writable {
    speaks_for: Duration,
    succeeded: Mutex<Option<Instant>>,
}

impl Writable {
    /// Nothing has been written. A write that succeeds speaks for all that follow within this time.
    pub const fn new(speaks_for: Duration) -> Self {
        Self { speaks_for, succeeded: Mutex::new(None) }
    }

    /// Takes note of what came of a write, and hands it on. A refusal for what was asked is a store that works.
    pub fn saw<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        let works = !matches!(result, Err(StoreError::Unavailable(_)));
        *self.succeeded.lock().unwrap_or_else(PoisonError::into_inner) = works.then(Instant::now);
        result
    }

    /// Whether a write has just succeeded, and none failed since.
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
