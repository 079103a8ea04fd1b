//! What the contract needs of an implementation: an empty place, a way in, and a hand on its clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use safe_code_executor::domain::{
    clock::{Clock, from_millis, to_millis},
    ports::ExecutionStore,
};
use time::OffsetDateTime;

/// A place where a store keeps records; it is removed when dropped.
pub trait Backend: Sized {
    type Store: ExecutionStore;

    /// A place without records.
    async fn fresh() -> Self;

    /// Opens the place, as a process that starts does. Any number may have it open.
    async fn open(&self) -> Self::Store;

    /// The clock of all stores opened here.
    fn clock(&self) -> &ManualClock;
}

/// A clock that stands still unless told to move.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    pub fn new() -> Self {
        Self::at(OffsetDateTime::now_utc())
    }

    pub fn at(time: OffsetDateTime) -> Self {
        Self(Arc::new(AtomicI64::new(to_millis(time))))
    }

    pub fn now(&self) -> OffsetDateTime {
        from_millis(self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let clock = self.clone();
        Clock::from_fn(move || clock.now())
    }
}
