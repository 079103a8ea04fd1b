//! The executions that this process has under way, by their ids: who asks for one can wait for its end, or stop it.
//! Knows nothing of executions that other handlers have under way.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::domain::{caller::Caller, id::ExecutionId};

/// An execution under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Handle {
    /// Cancelled by its caller, who wants it stopped.
    pub(super) stop: CancellationToken,
    /// Cancelled when its end is on record, or there will be none.
    over: CancellationToken,
}

impl Handle {
    /// Waits until its end is on record, or there will be none.
    pub(super) async fn over(&self) {
        self.over.cancelled().await;
    }
}

/// All executions under way.
#[derive(Clone, Debug, Default)]
pub(super) struct UnderWay(Arc<Mutex<HashMap<ExecutionId, (Caller, Handle)>>>);

/// Keeps an execution among those under way. Dropped, it is over.
#[derive(Debug)]
pub(super) struct Entry {
    all: UnderWay,
    id: ExecutionId,
    handle: Handle,
}

impl UnderWay {
    /// Enters an execution, before its start is on record.
    pub(super) fn enter(&self, caller: &Caller, id: ExecutionId) -> Entry {
        let handle = Handle::default();
        self.lock().insert(id, (caller.clone(), handle.clone()));
        Entry { all: self.clone(), id, handle }
    }

    /// The caller's execution of this id, if this process has it under way.
    pub(super) fn find(&self, caller: &Caller, id: ExecutionId) -> Option<Handle> {
        let all = self.lock();
        all.get(&id).filter(|(whose, _)| whose == caller).map(|(_, handle)| handle.clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ExecutionId, (Caller, Handle)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// The handle that others find.
    pub(super) fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.all.lock().remove(&self.id);
        self.handle.over.cancel();
    }
}
