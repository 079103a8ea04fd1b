//! One Docker host, which may not be there yet, or not any more.
//!
//! Opening it (preflight, sandbox-init, a first program in each language) goes on in the background, so that what needs
//! no sandbox is answered at once. **Nothing runs before it has succeeded.** An open host that fails is left alone
//! for a while and then asked whether it is back, and whether it is still the same engine on the same kernel: another one
//! has to pass all checks anew.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep, timeout};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::{info, warn};

use super::common::Common;
use crate::outbound::docker::{
    engine::connect::Place,
    host::{DockerHost, Pace, Unfit},
};

/// Delay before a host is opened, so that a cold function first answers requests that need no sandbox (`/`, `/ui`).
/// Opening takes the processor and loads half the program, and takes 300 ms or more: 20 ms are nothing beside that.
const HEAD_START: Duration = Duration::from_millis(20);
/// The longest that opening the host may take: first programs, some at once, on a busy host, and a volume to fill.
const OPENING: Duration = Duration::from_mins(2);
/// How long a host that failed is left alone, and how often that is doubled: up to eight seconds.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const DOUBLINGS: u32 = 3;
/// How long a host may take to say that it is there.
const ANSWER: Duration = Duration::from_secs(2);

/// A host at one place.
pub struct Member {
    place: Place,
    common: Arc<Common>,
    stop: CancellationToken,
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    pace: Pace,
    /// Ends the upkeep of the engine that was opened last.
    upkeep: CancellationToken,
}

enum Phase {
    Opening,
    Open(Arc<DockerHost>),
    /// Was open, and failed.
    Doubtful(Arc<DockerHost>),
    /// Was open, failed, and is being asked whether it is back.
    Asked(Arc<DockerHost>),
    Closed(Unfit),
}

/// What a host is good for now.
pub enum Standing {
    /// Its checks go on.
    Opening,
    /// Runs programs.
    Fine(Arc<DockerHost>),
    /// Failed lately: for whoever has nothing better.
    Doubtful(Arc<DockerHost>),
    /// Runs nothing.
    Closed,
}

/// What a host says when it is asked.
enum Word {
    Same,
    Another,
    None,
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Member {
    /// Begins to open it. Must be called within a Tokio runtime.
    #[must_use]
    pub fn begin(place: Place, common: &Arc<Common>) -> Arc<Self> {
        let stop = common.stop.child_token();
        let state = State {
            phase: Phase::Opening,
            pace: Pace::new(FIRST_PAUSE, DOUBLINGS),
            upkeep: stop.child_token(),
        };
        let host = Arc::new(Self { place, common: Arc::clone(common), stop, state: Mutex::new(state) });
        let opening = Arc::clone(&host);
        host.common.tasks.spawn(async move {
            sleep(HEAD_START).await;
            opening.open().await;
        });
        host
    }

    /// Ends its upkeep; what runs there runs to its end.
    pub fn retire(&self) {
        info!(host = %self.place, "a Docker host is no longer behind its name");
        self.stop.cancel();
    }

    /// What it is good for now.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match &self.state().phase {
            Phase::Opening => Standing::Opening,
            Phase::Open(sandbox) => Standing::Fine(Arc::clone(sandbox)),
            Phase::Doubtful(sandbox) | Phase::Asked(sandbox) => Standing::Doubtful(Arc::clone(sandbox)),
            Phase::Closed(_) => Standing::Closed,
        }
    }

    /// Why it runs nothing, if its checks found so.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        match &self.state().phase {
            Phase::Closed(Unfit(faults)) => faults.clone(),
            _ => Vec::new(),
        }
    }

    /// It did what it was asked.
    pub fn succeeded(&self) {
        self.state().pace.succeeded();
    }

    /// It failed: others are asked first, until it is seen to be back.
    pub fn failed(&self, why: &str) {
        let mut state = self.state();
        if let Phase::Open(sandbox) | Phase::Asked(sandbox) = &state.phase {
            if matches!(state.phase, Phase::Open(_)) {
                warn!(host = %self.place, why, "a Docker host failed; it is left alone for a while");
            }
            state.phase = Phase::Doubtful(Arc::clone(sandbox));
            state.pace.failed();
        }
    }

    /// Sets going again what has failed and rested; whether it is being opened now. `alone` says that there is no
    /// other host to be used meanwhile.
    pub fn try_again(self: &Arc<Self>, alone: bool) -> bool {
        let mut state = self.state();
        let rested = if alone { state.pace.is_due_alone() } else { state.pace.is_due() };
        if !rested {
            return false;
        }
        match &state.phase {
            Phase::Opening | Phase::Open(_) | Phase::Asked(_) => {}
            Phase::Closed(_) => {
                state.phase = Phase::Opening;
                self.common.tasks.spawn(Arc::clone(self).open());
                return true;
            }
            Phase::Doubtful(sandbox) => {
                let sandbox = Arc::clone(sandbox);
                state.phase = Phase::Asked(Arc::clone(&sandbox));
                self.common.tasks.spawn(Arc::clone(self).ask(sandbox));
            }
        }
        false
    }

    /// Asks a host that is open whether it still is, so that one that hangs is noticed before many wait for it.
    pub fn look_after(self: &Arc<Self>) {
        if let Phase::Open(sandbox) = &self.state().phase {
            self.common.tasks.spawn(Arc::clone(self).ask(Arc::clone(sandbox)));
        }
    }

    async fn ask(self: Arc<Self>, sandbox: Arc<DockerHost>) {
        let answer = timeout(ANSWER, sandbox.is_the_same());
        let word = tokio::select! {
            () = self.stop.cancelled() => return,
            answer = answer => match answer {
                Ok(Ok(true)) => Word::Same,
                Ok(Ok(false)) => Word::Another,
                Ok(Err(_)) | Err(_) => Word::None,
            },
        };
        match word {
            Word::None => self.failed("it does not answer"),
            Word::Same => self.is_back(&sandbox),
            Word::Another => {
                warn!(host = %self.place, "another engine, or another kernel, is at a Docker host's place; it has to pass the checks");
                if self.forget() {
                    self.open().await;
                }
            }
        }
    }

    fn is_back(&self, sandbox: &Arc<DockerHost>) {
        let mut state = self.state();
        if matches!(state.phase, Phase::Asked(_)) {
            info!(host = %self.place, "a Docker host is back");
            state.phase = Phase::Open(Arc::clone(sandbox));
            sandbox.refill();
        }
    }

    /// What is known is of an engine that is gone. False when that was noticed already.
    fn forget(&self) -> bool {
        let mut state = self.state();
        if matches!(state.phase, Phase::Opening | Phase::Closed(_)) {
            return false;
        }
        state.phase = Phase::Opening;
        state.upkeep.cancel();
        state.upkeep = self.stop.child_token();
        true
    }

    async fn open(self: Arc<Self>) {
        let begun = Instant::now();
        let host = Arc::clone(&self);
        // A task of its own: should it panic, those who wait must still be told.
        let opening = AbortOnDropHandle::new(tokio::spawn(async move {
            let sandbox = host.common.open(&host.place).await?;
            // What other handlers left waiting is ours as well.
            if let Err(error) = sandbox.survey().await {
                warn!(%error, "the pool is not known yet");
            }
            Ok::<_, Unfit>(sandbox)
        }));
        let opened = tokio::select! {
            () = self.stop.cancelled() => return,
            opened = timeout(OPENING, opening) => opened,
        };
        let unfit = match opened {
            Ok(Ok(Ok(sandbox))) => {
                let sandbox = Arc::new(sandbox);
                info!(host = %self.place, ms = begun.elapsed().as_millis(), "the Docker host is open");
                self.settle(Phase::Open(Arc::clone(&sandbox)));
                let upkeep = self.state().upkeep.clone();
                return sandbox.look_after(upkeep).await;
            }
            Ok(Ok(Err(unfit))) => unfit,
            Ok(Err(panic)) => Unfit(vec![panic.to_string()]),
            Err(_) => Unfit(vec![format!("not open after {OPENING:?}")]),
        };
        warn!(host = %self.place, why = %unfit, "nothing is run there: the Docker host could not be opened");
        self.state().pace.failed();
        self.settle(Phase::Closed(unfit));
    }

    fn settle(&self, phase: Phase) {
        self.state().phase = phase;
        self.common.changed.send_replace(());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
