//! Sandboxes that wait for work. The stock is the Docker host's own: containers named `sce-warm-…`; what is in
//! memory here are hints.
//!
//! Any number of handlers share it without a coordinator. Claiming is one atomic call: renaming **by id** to
//! `busy-<id>` has exactly one winner. Whatever is not clearly a win counts as lost.

use std::time::{Duration, Instant};

use super::{admission::Room, by_language::ByLanguage};

/// A sandbox with less of its lease left than this is not claimed: it may end at any moment.
pub const LEASE_MARGIN: Duration = Duration::from_secs(20);

/// A sandbox that probably waits.
#[derive(Debug)]
pub struct Hint {
    /// Its id.
    pub id: String,
    /// Its room, when this handler made it.
    pub room: Option<Room>,
    /// When its lease ends.
    pub lease_end: Instant,
}

/// What this handler knows of the stock, by language.
#[derive(Debug, Default)]
pub struct Hints(ByLanguage<Hint>);

impl Hints {
    /// Adds one, unless it is known.
    pub fn add(&self, language: &str, hint: Hint) {
        self.0.with(language, |hints| {
            if hints.iter().all(|known| known.id != hint.id) {
                hints.push_back(hint);
            }
        });
    }

    /// Takes the oldest that has enough of its lease left; forgets those that have not.
    #[must_use]
    pub fn take(&self, language: &str) -> Option<Hint> {
        let soon = Instant::now() + LEASE_MARGIN;
        self.0.with(language, |hints| {
            hints.retain(|hint| hint.lease_end > soon);
            hints.pop_front()
        })
    }

    /// Takes the oldest that this handler has room for: removing it makes room. The others stay known.
    #[must_use]
    pub fn take_own(&self, language: &str) -> Option<Hint> {
        self.0.with(language, |hints| {
            let at = hints.iter().position(|hint| hint.room.is_some())?;
            hints.remove(at)
        })
    }

    /// How many this handler has room for.
    #[must_use]
    pub fn count_own(&self, language: &str) -> usize {
        self.0.with(language, |hints| hints.iter().filter(|hint| hint.room.is_some()).count())
    }

    /// Forgets all that are not among `ids`.
    pub fn keep_only(&self, language: &str, ids: &[String]) {
        self.0.with(language, |hints| hints.retain(|hint| ids.contains(&hint.id)));
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self, language: &str) -> usize {
        let soon = Instant::now() + LEASE_MARGIN;
        self.0.with(language, |hints| {
            hints.retain(|hint| hint.lease_end > soon);
            hints.len()
        })
    }
}
