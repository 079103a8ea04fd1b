//! Who waits, and who is next.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::sync::oneshot;

use crate::domain::{caller::Caller, language::Language};

/// All lines. Callers who neither wait nor run anything are not here.
pub(super) struct State<T> {
    lines: HashMap<Caller, One<T>>,
    /// Of the next one who joins.
    number: u64,
    /// Places given out so far.
    given: u64,
    /// Whether somebody gives out places.
    at_work: bool,
    /// How often a place comes free, as the sandbox said last.
    pub(super) free_every: Duration,
}

/// The line of one caller.
struct One<T> {
    waiting: VecDeque<Waiter<T>>,
    running: usize,
    /// When this caller got a place last, counted in places.
    last: u64,
}

struct Waiter<T> {
    number: u64,
    language: Arc<Language>,
    tell: oneshot::Sender<T>,
}

/// What came of joining.
pub(super) struct Joined<T> {
    /// The new one's.
    pub(super) number: u64,
    /// Whether nobody gives out places yet: who joined sees to it.
    pub(super) first: bool,
    /// Who had to make way.
    pub(super) instead_of: Option<oneshot::Sender<T>>,
}

impl<T> Default for State<T> {
    fn default() -> Self {
        Self { lines: HashMap::new(), number: 0, given: 0, at_work: false, free_every: Duration::ZERO }
    }
}

impl<T> Default for One<T> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), running: 0, last: 0 }
    }
}

impl<T> State<T> {
    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.lines.values().map(|line| line.waiting.len()).sum()
    }

    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.values().all(|line| line.waiting.is_empty())
    }

    /// Puts one more at the end of the caller's line, if there is room or another caller's line is longer by two or more.
    pub(super) fn join(
        &mut self,
        caller: &Caller,
        language: &Arc<Language>,
        tell: oneshot::Sender<T>,
        most: usize,
    ) -> Option<Joined<T>> {
        let mut instead_of = None;
        if self.waiting() >= most {
            let own = self.lines.get(caller).map_or(0, |line| line.waiting.len());
            let longest = self.lines.values_mut().max_by_key(|line| line.waiting.len())?;
            if longest.waiting.len() < own + 2 {
                return None;
            }
            instead_of = longest.waiting.pop_back().map(|last| last.tell);
        }
        self.number += 1;
        let waiter = Waiter { number: self.number, language: Arc::clone(language), tell };
        self.lines.entry(caller.clone()).or_default().waiting.push_back(waiter);
        let first = !std::mem::replace(&mut self.at_work, true);
        Some(Joined { number: self.number, first, instead_of })
    }

    /// Who is next, of those whose language has a place left: whose caller runs the least, then got a place the longest
    /// ago, then joined first.
    pub(super) fn next(&self, full: &[String]) -> Option<(Caller, u64, Arc<Language>)> {
        let able = |waiter: &&Waiter<T>| !full.contains(&waiter.language.name);
        let heads = self.lines.iter().filter_map(|(caller, line)| {
            let waiter = line.waiting.iter().find(able)?;
            Some(((line.running, line.last, waiter.number), caller, waiter))
        });
        let (_, caller, waiter) = heads.min_by_key(|(rank, ..)| *rank)?;
        Some((caller.clone(), waiter.number, Arc::clone(&waiter.language)))
    }

    /// Takes one out of the line, if it is still there.
    pub(super) fn leave(&mut self, caller: &Caller, number: u64) -> Option<oneshot::Sender<T>> {
        let line = self.lines.get_mut(caller)?;
        let at = line.waiting.iter().position(|waiter| waiter.number == number)?;
        let waiter = line.waiting.remove(at);
        self.forget(caller);
        waiter.map(|waiter| waiter.tell)
    }

    /// The caller has one more place.
    pub(super) fn begun(&mut self, caller: &Caller) {
        self.given += 1;
        let line = self.lines.entry(caller.clone()).or_default();
        line.running += 1;
        line.last = self.given;
    }

    /// The caller has one place less.
    pub(super) fn ended(&mut self, caller: &Caller) {
        if let Some(line) = self.lines.get_mut(caller) {
            line.running = line.running.saturating_sub(1);
        }
        self.forget(caller);
    }

    /// Whether nobody waits any more. Then nobody gives out places, until somebody joins.
    pub(super) fn is_over(&mut self) -> bool {
        self.at_work = !self.is_empty();
        !self.at_work
    }

    /// Whether nothing is kept of anybody.
    #[cfg(test)]
    pub(super) fn is_forgotten(&self) -> bool {
        self.lines.is_empty()
    }

    fn forget(&mut self, caller: &Caller) {
        if self.lines.get(caller).is_some_and(|line| line.waiting.is_empty() && line.running == 0) {
            self.lines.remove(caller);
        }
    }
}
