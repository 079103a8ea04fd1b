//! What this process remembers of submissions beside their records: what a record has no place for, and those that wait in line
//! after their tokens were given. Bounded; what is forgotten is still on record.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::domain::{caller::Caller, id::ExecutionId};

/// Submissions that are remembered.
const MOST: usize = 10_000;
/// Submissions that may wait in line after their tokens were given. Their programs are in the room that all bodies share.
pub const MOST_WAITING: usize = 200;

/// What is remembered of one.
#[derive(Clone, Debug)]
pub struct Note {
    /// The id of its language, as it was given.
    pub language_id: u32,
    /// Whether both streams are shown in one.
    pub joined: bool,
    /// Where it stands before it has a record.
    pub stage: Stage,
}

/// Where a submission stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It waits in line.
    Waits,
    /// It has a record, which tells the rest.
    OnRecord,
    /// It never ran: why.
    Failed(String),
}

/// All that is remembered.
#[derive(Clone, Debug, Default)]
pub struct Kept(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    notes: HashMap<ExecutionId, (Caller, Note)>,
    order: VecDeque<ExecutionId>,
    waiting: usize,
}

impl Kept {
    /// Remembers a submission. False when it would wait and too many do.
    pub fn note(&self, caller: &Caller, id: ExecutionId, note: Note) -> bool {
        let mut inner = self.lock();
        let waits = note.stage == Stage::Waits;
        if waits && inner.waiting >= MOST_WAITING {
            return false;
        }
        inner.waiting += usize::from(waits);
        inner.notes.insert(id, (caller.clone(), note));
        inner.order.push_back(id);
        while inner.order.len() > MOST
            && let Some(oldest) = inner.order.pop_front()
            && let Some((_, note)) = inner.notes.remove(&oldest)
        {
            inner.waiting -= usize::from(note.stage == Stage::Waits);
        }
        true
    }

    /// One that waited does so no longer.
    pub fn goes_on(&self, id: ExecutionId, stage: Stage) {
        let mut inner = self.lock();
        let Some((_, note)) = inner.notes.get_mut(&id) else { return };
        let waited = std::mem::replace(&mut note.stage, stage) == Stage::Waits;
        inner.waiting -= usize::from(waited);
    }

    /// What is remembered of this caller's submission.
    pub fn find(&self, caller: &Caller, id: ExecutionId) -> Option<Note> {
        let inner = self.lock();
        inner.notes.get(&id).filter(|(whose, _)| whose == caller).map(|(_, note)| note.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(stage: Stage) -> Note {
        Note { language_id: 71, joined: false, stage }
    }

    #[test]
    fn what_is_remembered_is_bounded_and_each_callers_own() {
        let (kept, caller) = (Kept::default(), Caller::local());
        let first = ExecutionId::generate();
        assert!(kept.note(&caller, first, note(Stage::Waits)));
        assert!(kept.find(&Caller::anonymous(), first).is_none());
        for _ in 1..MOST_WAITING {
            assert!(kept.note(&caller, ExecutionId::generate(), note(Stage::Waits)));
        }
        assert!(!kept.note(&caller, ExecutionId::generate(), note(Stage::Waits)));
        kept.goes_on(first, Stage::OnRecord);
        assert!(kept.note(&caller, ExecutionId::generate(), note(Stage::Waits)));
        for _ in 0..MOST {
            assert!(kept.note(&caller, ExecutionId::generate(), note(Stage::OnRecord)));
        }
        assert!(kept.find(&caller, first).is_none());
        assert_eq!(kept.lock().waiting, 0, "what is forgotten waits no more");
    }
}
