//! Queues, one for each language, behind one lock that is never held across an await.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A queue of things for each language.
pub struct ByLanguage<T>(Mutex<HashMap<String, VecDeque<T>>>);

impl<T> ByLanguage<T> {
    /// Does `work` on the language's queue.
    pub fn with<R>(&self, language: &str, work: impl FnOnce(&mut VecDeque<T>) -> R) -> R {
        work(self.all().entry(language.to_owned()).or_default())
    }

    /// Drops everything.
    pub fn clear(&self) {
        self.all().clear();
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, VecDeque<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for ByLanguage<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> fmt::Debug for ByLanguage<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByLanguage").finish_non_exhaustive()
    }
}
