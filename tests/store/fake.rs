//! The store in memory on which the service's own tests stand: it keeps what it is given as the real ones do.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::backend::{Backend, ManualClock};

#[path = "../../src/testing/store.rs"]
#[expect(dead_code, reason = "how it fails is for the service's tests")]
mod store;

contract_tests!(super::Fake);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A place in memory.
pub struct Fake {
    store: store::FakeStore,
    clock: ManualClock,
}

impl Backend for Fake {
    type Store = store::FakeStore;

    async fn fresh() -> Self {
        let (store, clock) = (store::FakeStore::default(), ManualClock::new());
        store.set_clock(clock.clock());
        Self { store, clock }
    }

    async fn open(&self) -> Self::Store {
        self.store.clone()
    }

    fn clock(&self) -> &ManualClock {
        &self.clock
    }
}
