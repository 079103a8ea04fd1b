//! What stays where it should only pass through: a sandbox made and never started, a claim whose answer was lost,
//! one that ended and was not removed.
//!
//! Nothing in such a sandbox ends it before its lease, and no clock but our own can say how long it has been so:
//! the host's may be wrong. So each round of upkeep notes what it sees, and from when on.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A state that a sandbox passes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Passing {
    /// Made, and not started.
    Unstarted,
    /// Started to be shared, and not yet ready to be claimed.
    Unready,
    /// Claimed.
    Busy,
    /// Ended. An engine that was asked to start and to remove one at the same moment may fail to remove it, keep
    /// it as "dead", and leave it at that.
    Leaving,
}

/// Since when each sandbox has been seen in a state that passes.
#[derive(Debug, Default)]
pub struct Overdue(Mutex<HashMap<(String, Passing), Instant>>);

impl Overdue {
    /// Notes one round's sight at the time `now` and forgets what is not in it. Of `seen`, gives those that have
    /// been in their state for longer than that state may take by `allowed`.
    pub fn note(
        &self,
        seen: Vec<(String, Passing)>,
        now: Instant,
        allowed: impl Fn(Passing) -> Duration,
    ) -> Vec<String> {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *since);
        let mut overdue = Vec::new();
        for sight in seen {
            let first = before.get(&sight).copied().unwrap_or(now);
            if now.saturating_duration_since(first) > allowed(sight.1) {
                overdue.push(sight.0.clone());
            }
            since.insert(sight, first);
        }
        overdue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn allowed(state: Passing) -> Duration {
        match state {
            Passing::Unstarted => SECOND * 3,
            Passing::Unready | Passing::Busy | Passing::Leaving => SECOND * 5,
        }
    }

    #[test]
    fn what_stays_too_long_is_named_each_state_by_its_own_measure() {
        let (overdue, start) = (Overdue::default(), Instant::now());
        let seen = || vec![("a".to_owned(), Passing::Unstarted), ("b".to_owned(), Passing::Busy)];
        assert!(overdue.note(seen(), start, allowed).is_empty());
        assert!(overdue.note(seen(), start + SECOND * 3, allowed).is_empty());
        assert_eq!(overdue.note(seen(), start + SECOND * 4, allowed), ["a"]);
        assert_eq!(overdue.note(seen(), start + SECOND * 6, allowed), ["a", "b"]);
    }

    #[test]
    fn the_time_begins_anew_with_another_state_or_after_an_absence() {
        let (overdue, start) = (Overdue::default(), Instant::now());
        let one = |state| vec![("a".to_owned(), state)];
        overdue.note(one(Passing::Unstarted), start, allowed);
        assert!(overdue.note(one(Passing::Busy), start + SECOND * 9, allowed).is_empty());
        assert!(overdue.note(Vec::new(), start + SECOND * 10, allowed).is_empty());
        assert!(overdue.note(one(Passing::Busy), start + SECOND * 20, allowed).is_empty());
    }
}
