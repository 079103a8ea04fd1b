//! Keeps the stock: fills it, trims it, and removes what is stale or overdue.
//!
//! Can be called from anywhere, any number of times at once. A shared stock is looked at anew before each sandbox
//! that is made for it, and those in the making count: handlers that fill at the same moment make at most one
//! sandbox each too many, and the next round trims it.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use futures_util::{StreamExt, future, stream};
use time::OffsetDateTime;
use tracing::{debug, info, warn};

use super::{
    BUSY, DockerSandbox, REPORT_GRACE,
    blueprint::{Blueprint, NEW, START_UP, WARM},
    engine::{EngineError, LOOK, WORK},
    pool::Hint,
    shelf::Held,
    sightings::Passing,
    spec::{LABEL_DEPLOYMENT, LABEL_ENDS_BY, LABEL_KEY},
    tenancy::LEAVING,
};
use crate::{domain::ports::Maintained, telemetry::metrics::METRICS};

/// How many sandboxes are made for a stock at once that is below its half; above it, one by one. Filling must
/// never starve running: each takes a core for a fifth of a second.
const FILLING: usize = 2;

impl DockerSandbox {
    /// One round: remove what is stale, learn of what others made, trim, fill.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub(super) async fn upkeep(&self) -> Result<Maintained, EngineError> {
        let mut done = Maintained::default();
        let all = self.list_ours().await?;
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let mut stock: HashMap<&str, Vec<&ContainerSummary>> = HashMap::new();
        let mut passing = Vec::new();
        let mut past_lease = 0;
        for container in &all {
            let labels = Labels::of(container);
            let warm = is_running(container, WARM);
            let ours = self.blueprints.values().find(|blueprint| blueprint.key() == labels.key);
            match ours {
                _ if labels.ends_by < now => past_lease += self.discard(container).await,
                Some(blueprint) if warm => {
                    stock.entry(&blueprint.image.language.name).or_default().push(container);
                }
                None if warm => done.removed += self.discard(container).await,
                // Another specification's runs may take longer than ours: those are left to their lease.
                Some(_) => passing.extend(passing_through(container)),
                None => {}
            }
        }
        if past_lease > 0 {
            info!(target: METRICS, SandboxesPastLease = past_lease);
            done.removed += past_lease;
        }
        for id in self.sightings.overdue(passing, Instant::now(), |state| self.may_take(state)) {
            let removed = self.discard_id(&id).await;
            if removed > 0 {
                warn!(sandbox = %id, "a sandbox stayed where it should pass through; it was removed");
            }
            done.removed += removed;
        }
        for (name, blueprint) in &self.blueprints {
            let target = self.target(name);
            let mut there = stock.remove(name.as_str()).unwrap_or_default();
            // Oldest last: what has least of its lease left is trimmed first.
            there.sort_by_key(|container| std::cmp::Reverse(container.created));
            while there.len() > target {
                let Some(surplus) = there.pop() else { break };
                if self.claim(surplus.id.as_deref().unwrap_or_default()).await {
                    self.discard(surplus).await;
                    done.trimmed += 1;
                }
            }
            self.learn(blueprint, &there, now);
            done.warm += there.len();
            let held = self.shelf.count(name);
            done.warm += held;
            let filled = self.fill(blueprint, target.saturating_sub(there.len() + held)).await;
            done.filled += filled;
            done.warm += filled;
        }
        Ok(done)
    }

    /// Learns what waits on the host, and changes nothing.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub(super) async fn survey(&self) -> Result<(), EngineError> {
        let all = self.list_ours().await?;
        let now = OffsetDateTime::now_utc().unix_timestamp();
        for blueprint in self.blueprints.values() {
            let fits = |labels: Labels<'_>| labels.key == blueprint.key() && labels.ends_by >= now;
            let there: Vec<_> =
                all.iter().filter(|one| is_running(one, WARM) && fits(Labels::of(one))).collect();
            self.learn(blueprint, &there, now);
        }
        Ok(())
    }

    /// Makes up to `missing` sandboxes for the stock, a few at once; how many came to be.
    async fn fill(&self, blueprint: &Blueprint, missing: usize) -> usize {
        let plenty = 2 * missing <= self.target(&blueprint.image.language.name);
        let at_once = if self.pool_shared || plenty { 1 } else { FILLING };
        let attempts = stream::iter(0..missing).map(|_| self.fill_one(blueprint)).buffer_unordered(at_once);
        attempts.filter(|made| future::ready(*made)).count().await
    }

    /// Whether the shared stock wants one more, by what is on the host now.
    async fn is_short(&self, blueprint: &Blueprint) -> bool {
        let Ok(all) = self.list_ours().await else { return false };
        let stock = all.iter().filter(|one| {
            let in_the_making = one.state == Some(ContainerSummaryStateEnum::CREATED) && has_name(one, NEW);
            let counts = in_the_making || is_running(one, NEW) || is_running(one, WARM);
            counts && Labels::of(one).key == blueprint.key()
        });
        stock.count() < self.target(&blueprint.image.language.name)
    }

    /// Makes one sandbox for the stock; false when there is no room, others were quicker, or it failed.
    async fn fill_one(&self, blueprint: &Blueprint) -> bool {
        if self.pool_shared && !self.is_short(blueprint).await {
            return false;
        }
        let Some(room) = self.admission.try_room() else { return false };
        let (lease, name) = (self.pool_lease, &blueprint.image.language.name);
        let made = if self.pool_shared {
            blueprint.stock(&self.engine, &self.tasks, room, lease).await.map(|tenancy| {
                let (id, room) = tenancy.hand_over();
                self.hints.add(name, Hint { id, room, lease_end: Instant::now() + lease });
            })
        } else {
            blueprint.hold(&self.engine, &self.tasks, room, lease).await.map(|(tenancy, link)| {
                self.shelf.add(name, Held { tenancy, link, lease_end: Instant::now() + lease });
            })
        };
        if let Err(error) = &made {
            warn!(%error, language = name, "the pool could not be filled for now");
        }
        made.is_ok()
    }

    /// Fills up what is known to be missing, without asking the engine what others have.
    pub(super) async fn top_up(&self) {
        for (name, blueprint) in &self.blueprints {
            while let missing @ 1.. = self.target(name).saturating_sub(self.waiting(name)) {
                if self.fill(blueprint, missing).await == 0 {
                    return;
                }
            }
        }
    }

    /// Removes what we hold, and every sandbox of this deployment that waits for anybody.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn empty_pool(&self) -> Result<usize, EngineError> {
        self.shelf.clear();
        let all = self.list_ours().await?;
        let mut removed = 0;
        for container in all.iter().filter(|container| is_running(container, WARM)) {
            removed += self.discard(container).await;
        }
        debug!(removed, "the pool is empty");
        Ok(removed)
    }

    async fn list_ours(&self) -> Result<Vec<ContainerSummary>, EngineError> {
        self.engine.list(&[format!("{LABEL_DEPLOYMENT}={}", self.deployment)]).await
    }

    fn learn(&self, blueprint: &Blueprint, there: &[&ContainerSummary], now: i64) {
        let name = &blueprint.image.language.name;
        let ids: Vec<String> = there.iter().filter_map(|container| container.id.clone()).collect();
        self.hints.keep_only(name, &ids);
        for container in there {
            let Some(id) = container.id.clone() else { continue };
            // From the moment it is promised to be gone, back to the end of its lease.
            let left = Labels::of(container).ends_by - now - blueprint.after_lease().as_secs().cast_signed();
            let left = Duration::from_secs(u64::try_from(left).unwrap_or(0));
            self.hints.add(name, Hint { id, room: None, lease_end: Instant::now() + left });
        }
    }

    async fn discard(&self, container: &ContainerSummary) -> usize {
        match &container.id {
            Some(id) => self.discard_id(id).await,
            None => 0,
        }
    }

    async fn discard_id(&self, id: &str) -> usize {
        match self.engine.remove(id).await {
            // Engines list what they have removed, at times for ever: nothing was done about it.
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
            Passing::Busy => LOOK + self.limits.longest_wall() + REPORT_GRACE + LEAVING,
            Passing::Leaving => LEAVING,
        }
    }
}

/// Whether it runs under a name that begins like this.
fn is_running(container: &ContainerSummary, prefix: &str) -> bool {
    container.state == Some(ContainerSummaryStateEnum::RUNNING) && has_name(container, prefix)
}

fn has_name(container: &ContainerSummary, prefix: &str) -> bool {
    let names = container.names.as_deref().unwrap_or_default();
    names.iter().any(|name| name.trim_start_matches('/').starts_with(prefix))
}

fn passing_through(container: &ContainerSummary) -> Option<(String, Passing)> {
    let state = if container.state == Some(ContainerSummaryStateEnum::CREATED) {
        Passing::Unstarted
    } else if container.state != Some(ContainerSummaryStateEnum::RUNNING) {
        Passing::Leaving
    } else if is_running(container, NEW) {
        Passing::Unready
    } else if is_running(container, BUSY) {
        Passing::Busy
    } else {
        return None;
    };
    Some((container.id.clone()?, state))
}

struct Labels<'a> {
    key: &'a str,
    ends_by: i64,
}

impl<'a> Labels<'a> {
    fn of(container: &'a ContainerSummary) -> Self {
        let label = |name| container.labels.as_ref().and_then(|labels| labels.get(name));
        Self {
            key: label(LABEL_KEY).map_or("", String::as_str),
            // Without the label nobody promised anything: overdue.
            ends_by: label(LABEL_ENDS_BY).and_then(|text| text.parse().ok()).unwrap_or(0),
        }
    }
}
