//! All Docker hosts there are, behind one name or several, and which of them can be used.
//!
//! Names are resolved again all the time, and each address is a host of its own. There is no coordinator: DNS and each
//! engine's shared sandboxes are all that handlers share. Where a run goes is decided in [`schedule`].

mod common;
pub mod discovery;
mod health;
mod member;
mod schedule;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tracing::warn;

use self::{
    common::Common,
    discovery::{Discovered, Resolver},
    member::{Member, Standing},
};
use crate::{
    domain::{error::SandboxError, language::LanguageTable},
    outbound::docker::{
        config::{DockerConfig, Hosts},
        engine::connect::Place,
        host::{DockerHost, Unfit},
    },
};

/// How often what has failed is looked at.
const ROUND: Duration = Duration::from_secs(1);
/// Every so many rounds the names are resolved again.
const RESOLVED_EVERY: u32 = 10;
/// Every so many rounds each host is asked whether it is there.
const ASKED_EVERY: u32 = 5;
/// When nothing can be used, names resolved longer ago than this are resolved again at once.
const STALE: Duration = Duration::from_secs(1);
/// The longest that anybody waits for a host to be opened: well within API Gateway's patience, with time left to
/// run something.
const PATIENCE: Duration = Duration::from_secs(15);

/// Runs programs on Docker hosts, each as soon as it has passed its checks.
#[derive(Clone)]
pub struct Fleet {
    common: Arc<Common>,
    resolver: Resolver,
    known: Arc<Mutex<Known>>,
    resolving: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Known {
    discovered: Discovered<Arc<Member>>,
    /// When the names were resolved last.
    resolved: Option<Instant>,
    /// Which could not be.
    faults: Vec<String>,
}

/// A host that can be used.
#[derive(Clone)]
pub struct Candidate {
    /// The host, to be told how it went.
    pub host: Arc<Member>,
    /// What runs programs there.
    pub sandbox: Arc<DockerHost>,
}

/// Which hosts a run can go to.
enum Outlook {
    /// Hosts that may take a run now.
    Usable(Vec<Candidate>),
    /// None is open, and at least one is still being checked.
    Opening,
    /// None is open, and none is being checked.
    Nothing,
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("hosts", &self.hosts()).finish_non_exhaustive()
    }
}

impl Fleet {
    /// Begins to open every host. Must be called within a Tokio runtime.
    #[must_use]
    pub fn open(config: DockerConfig, languages: LanguageTable) -> Self {
        Self::with_resolver(config, languages, discovery::system())
    }

    fn with_resolver(config: DockerConfig, languages: LanguageTable, resolver: Resolver) -> Self {
        let common = Arc::new(Common::new(config, languages));
        let fleet = Self { common, resolver, known: Arc::default(), resolving: Arc::default() };
        if let Hosts::Unix(path) = &fleet.common.config.hosts {
            let mut known = fleet.known();
            known.discovered.add(Place::Unix(path.clone()), |place| Member::begin(place, &fleet.common));
            known.resolved = Some(Instant::now());
        }
        fleet.common.tasks.spawn(fleet.clone().look_after_hosts());
        fleet
    }

    /// Waits until one host is open.
    ///
    /// # Errors
    /// What is wrong with each, when all have failed their checks.
    pub async fn ready(&self) -> Result<(), Unfit> {
        let mut changed = self.common.changed.subscribe();
        loop {
            match self.outlook(&[], true) {
                Outlook::Usable(_) => return Ok(()),
                Outlook::Opening => drop(changed.changed().await),
                Outlook::Nothing => {
                    let mut faults = self.known().faults.clone();
                    faults.extend(self.hosts().iter().flat_map(|host| host.faults()));
                    return Err(Unfit(faults));
                }
            }
        }
    }

    /// Ends what goes on in the background, removes what waits and waits for what leaves. Call it when nothing runs
    /// any more.
    pub async fn close(&self) {
        self.common.stop.cancel();
        self.common.tasks.close();
        self.common.tasks.wait().await;
        let open = self.hosts().into_iter().filter_map(|host| match host.standing() {
            Standing::Fine(sandbox) | Standing::Doubtful(sandbox) => Some(sandbox),
            Standing::Opening | Standing::Closed => None,
        });
        join_all(open.map(|sandbox| async move { sandbox.close().await })).await;
    }

    async fn look_after_hosts(self) {
        let mut round = interval(ROUND);
        // A frozen function must not make up for the rounds it slept through.
        round.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for count in 0_u32.. {
            let due = async {
                round.tick().await;
                if count.is_multiple_of(RESOLVED_EVERY) {
                    self.resolve().await;
                }
            };
            if self.common.stop.run_until_cancelled(due).await.is_none() {
                return;
            }
            let hosts = self.hosts();
            if hosts.len() < 2 {
                // A host without others is looked at when somebody asks for it.
                continue;
            }
            for host in hosts {
                host.try_again(false);
                if count.is_multiple_of(ASKED_EVERY) {
                    host.look_after();
                }
            }
        }
    }

    /// Resolves the names, unless that was done just now.
    async fn resolve(&self) {
        let Hosts::Tcp(names, _) = &self.common.config.hosts else { return };
        let _one_at_a_time = self.resolving.lock().await;
        if self.known().resolved.is_some_and(|resolved| resolved.elapsed() < STALE) {
            return;
        }
        let answers = join_all(names.iter().map(|name| (self.resolver)(name.clone()))).await;
        let mut faults = Vec::new();
        let mut known = self.known();
        for (name, answer) in names.iter().zip(answers) {
            let found = answer.unwrap_or_else(|error| {
                faults.push(format!("`{name}` cannot be resolved: {error}"));
                Vec::new()
            });
            for gone in known.discovered.update(name, &found, |place| Member::begin(place, &self.common)) {
                gone.retire();
            }
        }
        for fault in &faults {
            warn!("{fault}");
        }
        known.faults = faults;
        known.resolved = Some(Instant::now());
        drop(known);
        self.common.changed.send_replace(());
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that are known.
    fn hosts(&self) -> Vec<Arc<Member>> {
        self.known().discovered.iter().cloned().collect()
    }

    /// Which hosts a run can go to, without those in `but`. Hosts that failed lately are named only when there are no
    /// others. A closed host whose pause is over is opened again, unless the caller only `looks`.
    fn outlook(&self, but: &[Arc<Member>], looks: bool) -> Outlook {
        let known = self.known();
        let others =
            || known.discovered.iter().filter(|host| but.iter().all(|tried| !Arc::ptr_eq(tried, host)));
        let (mut fine, mut doubtful, mut opening) = (Vec::new(), Vec::new(), known.resolved.is_none());
        for host in others() {
            let candidate = |sandbox| Candidate { host: Arc::clone(host), sandbox };
            match host.standing() {
                Standing::Fine(sandbox) => fine.push(candidate(sandbox)),
                Standing::Doubtful(sandbox) => doubtful.push(candidate(sandbox)),
                Standing::Opening => opening = true,
                Standing::Closed => {}
            }
        }
        let alone = fine.is_empty();
        if !looks && fine.len() < others().count() {
            for host in others() {
                opening |= host.try_again(alone);
            }
        }
        match (fine.is_empty(), doubtful.is_empty()) {
            (false, _) => Outlook::Usable(fine),
            (true, false) => Outlook::Usable(doubtful),
            (true, true) if opening => Outlook::Opening,
            (true, true) => Outlook::Nothing,
        }
    }

    /// The hosts that can be used but these, as soon as there is one.
    async fn usable(&self, but: &[Arc<Member>]) -> Result<Vec<Candidate>, SandboxError> {
        let unavailable = |reason: &str| Err(SandboxError::Unavailable { reason: reason.to_owned() });
        let patience = Instant::now() + PATIENCE;
        let mut changed = self.common.changed.subscribe();
        let mut resolved = false;
        loop {
            match self.outlook(but, false) {
                Outlook::Usable(candidates) => return Ok(candidates),
                Outlook::Opening => {
                    if timeout_at(patience, changed.changed()).await.is_err() {
                        return unavailable("its checks are not over yet");
                    }
                }
                // There may be others by now.
                Outlook::Nothing if !resolved => {
                    self.resolve().await;
                    resolved = true;
                }
                Outlook::Nothing => return unavailable("it has not passed its checks"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap,
        io,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use futures_util::FutureExt;

    use super::*;
    use crate::{
        domain::{limits::Limits, ports::Sandbox},
        outbound::docker::config::{Bounds, Landlock},
        testing::languages,
    };

    pub fn config() -> DockerConfig {
        DockerConfig {
            hosts: Hosts::Tcp(vec!["docker.test:2375".to_owned()], None),
            deployment: "test".to_owned(),
            runtime: None,
            landlock: Landlock::Required,
            strict_versions: false,
            bounds: Bounds { running: Some(4), sandboxes: Some(8) },
            pool: HashMap::new(),
            pool_shared: false,
            pool_lease: Duration::from_mins(1),
            limits: Limits::default(),
            longest_wall: Limits::default().longest_wall(),
        }
    }

    #[tokio::test]
    async fn a_name_without_hosts_is_resolved_again_as_soon_as_somebody_asks() {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let resolver: Resolver = Arc::new(move |name| {
            assert_eq!(name, "docker.test:2375");
            // Nothing listens on these.
            let answer = match count.fetch_add(1, Ordering::SeqCst) {
                0 => Err(io::Error::other("no such name")),
                _ => Ok(vec![([127, 0, 0, 1], 1).into(), ([127, 0, 0, 2], 1).into()]),
            };
            async move { answer }.boxed()
        });
        let fleet = Fleet::with_resolver(config(), languages(), resolver);
        let Unfit(faults) = fleet.ready().await.unwrap_err();
        assert_eq!(faults, ["`docker.test:2375` cannot be resolved: no such name"]);
        assert_eq!(fleet.health().await.hosts.total, 0);
        tokio::time::sleep(STALE).await;
        let python = languages().resolve("python").unwrap();
        let refused = fleet.admit(&python).await.err();
        assert!(matches!(refused, Some(SandboxError::Unavailable { .. })), "{refused:?}");
        assert_eq!((asked.load(Ordering::SeqCst), fleet.hosts().len()), (2, 2));
        let Unfit(faults) = fleet.ready().await.unwrap_err();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults.iter().all(|fault| fault.contains("no Docker Engine answers")), "{faults:?}");
        fleet.close().await;
    }
}
