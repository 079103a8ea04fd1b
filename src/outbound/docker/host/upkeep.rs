//! Keeps the pool: fills it, trims it, and removes sandboxes that are stale or overdue.
//!
//! Can be called from anywhere, any number of times at once. The shared sandboxes are looked at anew before each
//! one that is added to them, and those in the making count: handlers that fill at the same moment make at most one
//! sandbox each too many, and the next round trims it.

use std::{
    collections::HashMap,
    sync::{Arc, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bollard::models::ContainerSummary;
use futures_util::{StreamExt, future, stream};
use tokio::time::timeout;
use tracing::{info, warn};

use super::{DockerHost, REPORT_GRACE, pace::Pace, ready::Fault};
use crate::{
    domain::ports::Maintained,
    outbound::docker::{
        engine::calls::{EngineError, LOOK, WORK},
        pool::{
            held::HeldSandbox,
            labels::{Labels, is_running, is_unstarted, passing_through},
            overdue::Passing,
            shared::SharedSandbox,
        },
        sandbox::{
            blueprint::{Blame, Blueprint, NEW, NotReady, START_UP, WARM},
            guard::{Guard, LEAVING, Room},
            spec::LABEL_DEPLOYMENT,
        },
    },
    telemetry::metrics::METRICS,
};

/// How many held sandboxes of a language are made at once while fewer than half of its target wait; above that, one by
/// one. Filling must never starve running: making one takes a core for a fifth of a second.
const FILLING: usize = 2;
/// How long filling up a pool in which enough wait leaves the CPUs to the programs that run.
const GOING_FIRST: Duration = Duration::from_secs(1);

impl DockerHost {
    /// One round: remove what is overdue, learn of what others made, trim, fill; try again what could not be run.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub(super) async fn upkeep(&self) -> Result<Maintained, EngineError> {
        let mut done = Maintained::default();
        let all = self.list_ours().await?;
        let ready = self.in_turn();
        let overdue = self.past_lease(&all).await;
        let mut shared: HashMap<&str, Vec<&ContainerSummary>> = HashMap::new();
        let mut passing = Vec::new();
        let mut past_lease = 0;
        for container in &all {
            let id = container.id.as_deref().unwrap_or_default();
            if overdue.contains(id) {
                past_lease += self.discard_id(id).await;
                continue;
            }
            // What was made by another specification is another version's of this deployment, or was ours before: it is
            // left to its lease, and its runs may take longer than ours.
            let key = Labels::of(container).key;
            let Some((name, _)) = ready.iter().find(|(_, blueprint)| blueprint.key() == key) else {
                continue;
            };
            if is_running(container, WARM) {
                shared.entry(name).or_default().push(container);
            } else {
                passing.extend(passing_through(container));
            }
        }
        if past_lease > 0 {
            info!(target: METRICS, SandboxesPastLease = past_lease);
            done.removed += past_lease;
        }
        for id in self.overdue.note(passing, Instant::now(), |state| self.may_take(state)) {
            let removed = self.discard_id(&id).await;
            if removed > 0 {
                warn!(sandbox = %id, "a sandbox stayed where it should pass through; it was removed");
            }
            done.removed += removed;
        }
        self.try_again().await;
        self.tidy().await;
        for (name, blueprint) in &ready {
            let target = self.target(name);
            let mut there = shared.remove(name.as_str()).unwrap_or_default();
            // Oldest last: what has least of its lease left is trimmed first.
            there.sort_by_key(|container| std::cmp::Reverse(container.created));
            while there.len() > target {
                let Some(surplus) = there.pop().and_then(|surplus| surplus.id.as_deref()) else { break };
                if self.claim(surplus).await {
                    self.discard_id(surplus).await;
                    done.trimmed += 1;
                }
            }
            self.learn(name, blueprint, &there);
            let held = self.held.count(name);
            let filled = self.fill(name, blueprint, target.saturating_sub(there.len() + held)).await;
            done.filled += filled;
            done.warm += there.len() + held + filled;
        }
        Ok(done)
    }

    /// Learns what waits on the host, and changes nothing.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn survey(&self) -> Result<(), EngineError> {
        let all = self.list_ours().await?;
        let now = self.engine_now();
        for (name, blueprint) in self.languages.ready() {
            let fits = |labels: Labels<'_>| labels.key == blueprint.key() && labels.gone_by >= now;
            let there: Vec<_> =
                all.iter().filter(|one| is_running(one, WARM) && fits(Labels::of(one))).collect();
            self.learn(&name, &blueprint, &there);
        }
        Ok(())
    }

    fn filling(&self) -> MutexGuard<'_, Pace> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes up to `missing` waiting sandboxes, a few at once, and gives how many came to be. Makes none for a while after one
    /// failed for the host's reasons: a slow engine is made slower by more of the same.
    async fn fill(&self, name: &str, blueprint: &Arc<Blueprint>, missing: usize) -> usize {
        let at_once = if self.pool_shared || self.is_plenty(name, missing) { 1 } else { FILLING };
        let attempts =
            stream::iter(0..missing).map(|_| self.fill_one(name, blueprint)).buffer_unordered(at_once);
        attempts.filter(|made| future::ready(*made)).count().await
    }

    /// Whether one more shared sandbox is wanted, by those on the host now.
    async fn is_short(&self, name: &str, blueprint: &Blueprint) -> bool {
        let Ok(all) = self.list_ours().await else { return false };
        let shared = all.iter().filter(|one| {
            let counts = is_unstarted(one, NEW) || is_running(one, NEW) || is_running(one, WARM);
            counts && Labels::of(one).key == blueprint.key()
        });
        shared.count() < self.target(name)
    }

    /// Makes one waiting sandbox; false when there is no room, others were quicker, the host rests, or it failed.
    async fn fill_one(&self, name: &str, blueprint: &Arc<Blueprint>) -> bool {
        let mut blueprint = Arc::clone(blueprint);
        for mended in [false, true] {
            if !self.filling().is_due() || (self.pool_shared && !self.is_short(name, &blueprint).await) {
                return false;
            }
            let Some(room) = self.admission.try_room() else { return false };
            let Err(error) = self.add_one(name, &blueprint, room).await else {
                self.filling().succeeded();
                return true;
            };
            warn!(%error, language = name, "the pool could not be filled for now");
            let of_host = matches!(self.blame(&error).await, Blame::Host | Blame::Unclear);
            if of_host || matches!(error, NotReady::TimedOut) {
                self.filling().failed();
                return false;
            }
            if mended {
                self.languages.cannot_be_run(name, Fault::Sandbox(error.to_string()));
                return false;
            }
            if !self.mend(name, &blueprint).await {
                return false;
            }
            let Ok(now) = self.languages.blueprint(name) else { return false };
            blueprint = now;
        }
        false
    }

    async fn add_one(&self, name: &str, blueprint: &Blueprint, room: Room) -> Result<(), NotReady> {
        let lease = self.pool_lease;
        if self.pool_shared {
            let guard = blueprint.share(&self.engine, &self.tasks, room, lease).await?;
            let (id, room) = guard.hand_over();
            self.shared.add(name, SharedSandbox { id, room, lease_end: Instant::now() + lease });
        } else {
            let (guard, link) = blueprint.hold(&self.engine, &self.tasks, room, lease).await?;
            self.held.add(name, HeldSandbox { guard, link, lease_end: Instant::now() + lease });
        }
        Ok(())
    }

    /// How many more are to wait, as far as we know.
    fn missing(&self, name: &str) -> usize {
        self.target(name).saturating_sub(self.waiting(name))
    }

    /// Whether enough wait where so many are missing: half of what is to wait, or more.
    fn is_plenty(&self, name: &str, missing: usize) -> bool {
        2 * missing <= self.target(name)
    }

    /// Waits until nothing runs, for [`GOING_FIRST`] at most, while enough sandboxes wait in each language. To make one takes
    /// more of a CPU than most programs do, which would take the longer for it: on two CPUs a compiler by a third.
    ///
    /// A handler whose pool is shared does not wait: it may be frozen as soon as it has answered.
    pub(super) async fn let_programs_go_first(&self) {
        if self.pool_shared {
            return;
        }
        let lull = async {
            loop {
                // Before looking, so that no end is missed.
                let freed = self.admission.freed().notified();
                let is_plenty = |name: &str| self.is_plenty(name, self.missing(name));
                if self.running() == 0 || !self.languages.ready().iter().all(|(name, _)| is_plenty(name)) {
                    return;
                }
                tokio::select! {
                    () = freed => {}
                    () = self.claimed.notified() => {}
                }
            }
        };
        timeout(GOING_FIRST, lull).await.ok();
    }

    /// Fills up what is known to be missing, without asking the engine what others have.
    pub(super) async fn top_up(&self) {
        for (name, blueprint) in self.in_turn() {
            while let missing @ 1.. = self.missing(&name) {
                if self.fill(&name, &blueprint, missing).await == 0 {
                    break;
                }
            }
        }
    }

    /// Removes what we hold, and what we made for anybody's use and nobody has claimed. What others made is theirs.
    pub(super) async fn give_up_waiting(&self) {
        self.held.clear();
        let names = self.languages.ready().into_iter().map(|(name, _)| name);
        let own = names.flat_map(|name| std::iter::from_fn(move || self.shared.take_own(&name)));
        future::join_all(own.map(|one| async move {
            // Claimed first: where somebody else was quicker, it is running something.
            if self.claim(&one.id).await {
                drop(Guard::new(self.engine.clone(), self.tasks.clone(), one.id, one.room));
            }
        }))
        .await;
    }

    async fn list_ours(&self) -> Result<Vec<ContainerSummary>, EngineError> {
        self.engine.list(&[format!("{LABEL_DEPLOYMENT}={}", self.deployment)]).await
    }

    fn learn(&self, name: &str, blueprint: &Blueprint, there: &[&ContainerSummary]) {
        let ids: Vec<String> = there.iter().filter_map(|container| container.id.clone()).collect();
        self.shared.keep_only(name, &ids);
        let after_lease = blueprint.after_lease().as_secs().cast_signed();
        for container in there {
            let Some(id) = container.id.clone() else { continue };
            // Seconds left of the lease: the sandbox is promised to be gone `after_lease` seconds after its lease ends.
            let left = Labels::of(container).gone_by - after_lease - self.engine_now();
            let left = Duration::from_secs(u64::try_from(left).unwrap_or(0));
            self.shared.add(name, SharedSandbox { id, room: None, lease_end: Instant::now() + left });
        }
    }

    async fn discard_id(&self, id: &str) -> usize {
        match self.engine.remove(id).await {
            // An engine may go on listing a container that it has removed: then nothing was removed here.
            Ok(there) => usize::from(there),
            Err(error) => {
                warn!(sandbox = %id, %error, "a stale sandbox could not be removed for now");
                0
            }
        }
    }

    /// How long a sandbox may be in such a state with a handler that means to use it; every step of it is bounded.
    fn may_take(&self, state: Passing) -> Duration {
        match state {
            Passing::Unstarted => LOOK + WORK,
            Passing::Unready => START_UP + LOOK,
            Passing::Busy => LOOK + self.longest_wall + REPORT_GRACE + LEAVING,
            Passing::Leaving => LEAVING,
        }
    }
}
