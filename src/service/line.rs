//! Waiting in line for a place to run in. Each caller has a line of their own, and places are given out in turn: to the
//! caller who has the fewest programs running, then to the one who got a place the longest ago. So a thousand requests of one
//! caller delay another's by one run at most.
//!
//! Knows callers and how many may wait. Does not know how many places there are, nor where: the [`Sandbox`] says when there
//! is one.

mod state;
#[cfg(test)]
mod tests;

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use tokio::{
    sync::{Notify, oneshot},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::state::{Joined, State};
use crate::domain::{caller::Caller, error::SandboxError, language::Language, ports::Sandbox};

/// How often places are asked for where nobody says that one has come free: a host may have come up.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// The least and the most that who finds no place is told to stay away.
const ADVICE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// How many may wait, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineConfig {
    /// Requests that may wait at once, of all callers together. Where so many do, one more of a caller whose line is
    /// shorter takes the place of the last one in the longest line.
    pub length: usize,
    /// How long each may wait.
    pub patience: Duration,
}

impl Default for LineConfig {
    fn default() -> Self {
        Self { length: 32, patience: Duration::from_secs(5) }
    }
}

/// All lines, and what is done for those who wait.
pub(super) struct Line<S> {
    sandbox: Arc<S>,
    config: LineConfig,
    lines: Arc<Lines>,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

/// Those who wait, and those who have a place.
#[derive(Default)]
struct Lines {
    state: Mutex<State<Given>>,
    /// Told when somebody joins or leaves.
    changed: Notify,
}

impl Lines {
    fn state(&self) -> MutexGuard<'_, State<Given>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What comes to who waits. The place is [`Sandbox::Slot`]: without a type here, whatever holds a line needs to know none.
type Given = Result<(Box<dyn Any + Send>, Turn), SandboxError>;

/// Counts as a running program of its caller until it is dropped.
pub(super) struct Turn {
    lines: Arc<Lines>,
    caller: Caller,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.lines.state().ended(&self.caller);
    }
}

/// A place in line. Dropped, it is given up.
struct Ticket {
    lines: Arc<Lines>,
    caller: Caller,
    number: u64,
    given: oneshot::Receiver<Given>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.lines.state().leave(&self.caller, self.number);
        self.lines.changed.notify_one();
    }
}

impl<S: Sandbox> Line<S> {
    /// Nobody waits yet. What is done for those who wait is one of these `tasks`, until `stopping` is cancelled.
    pub(super) fn new(
        sandbox: Arc<S>,
        config: LineConfig,
        tasks: TaskTracker,
        stopping: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self { sandbox, config, lines: Arc::default(), tasks, stopping })
    }

    /// A place for a program of this caller, now or soon, and what counts it until the program is over. Dropping the future
    /// gives up the place in line.
    ///
    /// # Errors
    /// [`SandboxError::Busy`] when too many wait already, none came free in time, or another caller's request took this
    /// one's place in line; and as [`Sandbox::admit`] says.
    pub(super) async fn place(
        self: &Arc<Self>,
        caller: &Caller,
        language: &Arc<Language>,
    ) -> Result<(S::Slot, Turn), SandboxError> {
        if self.lines.state().is_empty() {
            match self.sandbox.admit(language).await {
                Ok(slot) => return Ok((slot, self.turn(caller))),
                Err(SandboxError::Busy { retry_after }) => self.lines.state().free_every = retry_after,
                Err(error) => return Err(error),
            }
        }
        let mut ticket = self.join(caller, language).ok_or_else(|| self.busy())?;
        let Ok(Ok(given)) = timeout(self.config.patience, &mut ticket.given).await else {
            drop(ticket);
            return Err(self.busy());
        };
        let (slot, turn) = given?;
        slot.downcast().map(|slot| (*slot, turn)).map_err(|_| self.busy())
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lines.state().waiting()
    }

    /// The caller has a place from now on.
    fn turn(&self, caller: &Caller) -> Turn {
        self.lines.state().begun(caller);
        Turn { lines: Arc::clone(&self.lines), caller: caller.clone() }
    }

    /// A place in line, if there is one.
    fn join(self: &Arc<Self>, caller: &Caller, language: &Arc<Language>) -> Option<Ticket> {
        if self.config.patience.is_zero() {
            return None;
        }
        let (tell, given) = oneshot::channel();
        let joined = self.lines.state().join(caller, language, tell, self.config.length)?;
        let Joined { number, first, instead_of } = joined;
        // Whose sender is dropped has lost the place.
        drop(instead_of);
        let ticket = Ticket { lines: Arc::clone(&self.lines), caller: caller.clone(), number, given };
        if first {
            let line = Arc::clone(self);
            self.tasks.spawn(async move {
                // An adapter that panics must not leave those who wait to themselves.
                let work = async {
                    while AssertUnwindSafe(line.give_out()).catch_unwind().await.is_err() {
                        sleep(LOOK_AGAIN).await;
                    }
                };
                line.stopping.run_until_cancelled(work).await;
            });
        } else {
            self.lines.changed.notify_one();
        }
        Some(ticket)
    }

    /// Gives out places as they come free, until nobody waits.
    async fn give_out(&self) {
        loop {
            // Asked before the first attempt, so that no place that comes free is missed.
            let freed = self.sandbox.freed();
            let mut full = Vec::new();
            loop {
                let next = self.lines.state().next(&full);
                let Some((caller, number, language)) = next else { break };
                let given: Given = match self.sandbox.admit(&language).await {
                    Ok(slot) => Ok((Box::new(slot), self.turn(&caller))),
                    Err(SandboxError::Busy { retry_after }) => {
                        self.lines.state().free_every = retry_after;
                        full.push(language.name.clone());
                        continue;
                    }
                    Err(error) => Err(error),
                };
                let waiter = self.lines.state().leave(&caller, number);
                // Who has left meanwhile leaves the place free.
                drop(waiter.map(|tell| tell.send(given)));
            }
            if self.lines.state().is_over() {
                return;
            }
            tokio::select! {
                () = freed => {}
                () = self.lines.changed.notified() => {}
                () = sleep(LOOK_AGAIN) => {}
            }
        }
    }

    /// No place, and when there will be one: places come free one after another, and those who wait go first.
    fn busy(&self) -> SandboxError {
        let state = self.lines.state();
        let before = u32::try_from(state.waiting() + 1).unwrap_or(u32::MAX);
        let retry_after = state.free_every.saturating_mul(before).clamp(ADVICE.0, ADVICE.1);
        SandboxError::Busy { retry_after }
    }
}
