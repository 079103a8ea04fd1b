//! Shared sandboxes: containers named `sce-warm-…` that wait on the Docker host for whichever handler claims them. What is
//! in memory here is what this handler has seen of them, and may be out of date.
//!
//! Any number of handlers share them without a coordinator. Claiming is one atomic call: renaming **by id** to
//! `busy-<id>` has exactly one winner. Whatever is not clearly a win counts as lost.

use std::time::{Duration, Instant};

use super::by_language::ByLanguage;
use crate::outbound::docker::sandbox::guard::Room;

/// A sandbox with less of its lease left than this is not claimed: it may end at any moment.
pub const LEASE_MARGIN: Duration = Duration::from_secs(20);

/// A shared sandbox that probably still waits.
#[derive(Debug)]
pub struct SharedSandbox {
    /// Its id.
    pub id: String,
    /// Its room, when this handler made it.
    pub room: Option<Room>,
    /// When its lease ends.
    pub lease_end: Instant,
}

/// The shared sandboxes that this handler knows of, by language.
#[derive(Debug, Default)]
pub struct Shared(ByLanguage<SharedSandbox>);

impl Shared {
    /// Adds one, unless it is known.
    pub fn add(&self, language: &str, new: SharedSandbox) {
        self.0.with(language, |shared| {
            if shared.iter().all(|known| known.id != new.id) {
                shared.push_back(new);
            }
        });
    }

    /// Takes the oldest that has enough of its lease left; forgets those that have not.
    #[must_use]
    pub fn take(&self, language: &str) -> Option<SharedSandbox> {
        let soon = Instant::now() + LEASE_MARGIN;
        self.0.with(language, |shared| {
            shared.retain(|one| one.lease_end > soon);
            shared.pop_front()
        })
    }

    /// Takes the oldest that this handler has room for: removing it makes room. The others stay known.
    #[must_use]
    pub fn take_own(&self, language: &str) -> Option<SharedSandbox> {
        self.0.with(language, |shared| {
            let at = shared.iter().position(|one| one.room.is_some())?;
            shared.remove(at)
        })
    }

    /// How many this handler has room for.
    #[must_use]
    pub fn count_own(&self, language: &str) -> usize {
        self.0.with(language, |shared| shared.iter().filter(|one| one.room.is_some()).count())
    }

    /// Forgets all that are not among `ids`.
    pub fn keep_only(&self, language: &str, ids: &[String]) {
        self.0.with(language, |shared| shared.retain(|one| ids.contains(&one.id)));
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self, language: &str) -> usize {
        let soon = Instant::now() + LEASE_MARGIN;
        self.0.with(language, |shared| {
            shared.retain(|one| one.lease_end > soon);
            shared.len()
        })
    }
}
