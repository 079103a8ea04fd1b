//! Which host a run goes to: one that has a sandbox of its language waiting, else the one that does least for us.
//!
//! # At most once
//! A host that is full or fails **before it was sent any code** is stepped over, within the deadline. What may have
//! run is never run again.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{Instrument, debug_span, info};

use super::{
    Candidate, Fleet,
    health::{self, HostHealth},
    member::{Member, Standing},
};
use crate::{
    domain::{
        conversation::{Event, Input, Step},
        error::SandboxError,
        files::{Collected, Patterns},
        id::ExecutionId,
        language::Language,
        outcome::{SandboxFacts, SandboxTimings},
        ports::{Conversation, InstalledLanguage, Maintained, Sandbox, SandboxHealth, Sent},
        request::ExecutionRequest,
    },
    outbound::docker::host::{self, DockerConversation, Place},
};

/// How long a host may take to say how it is.
const ANSWER: Duration = Duration::from_millis(1500);
/// How long a place on another host is waited for, where a host failed before any code was sent.
const ANOTHER_HOST: Duration = Duration::from_secs(5);

/// A place on one of the hosts.
pub struct Admitted {
    at: Candidate,
    slot: Place,
}

/// A conversation on one of the hosts, which counts as well again when a step of it has ended.
pub struct FleetConversation {
    host: Arc<Member>,
    conversation: DockerConversation,
    /// What the hosts took that failed before this one.
    lost: Duration,
}

impl Conversation for FleetConversation {
    fn sandbox(&self) -> &SandboxFacts {
        self.conversation.sandbox()
    }

    fn timings(&self) -> SandboxTimings {
        let timings = self.conversation.timings();
        SandboxTimings { acquire: timings.acquire + self.lost, ..timings }
    }

    async fn step(&mut self, step: Step, sent: &Sent) -> Result<(), SandboxError> {
        self.conversation.step(step, sent).await
    }

    async fn next(&mut self) -> Result<Event, SandboxError> {
        let event = self.conversation.next().await?;
        if let Event::Ended(_) = event {
            self.host.succeeded();
        }
        Ok(event)
    }

    async fn collect(&mut self, patterns: &Patterns) -> Result<Collected, SandboxError> {
        self.conversation.collect(patterns).await
    }

    fn input(&mut self, input: Input) {
        self.conversation.input(input);
    }

    fn pending_input(&self) -> usize {
        self.conversation.pending_input()
    }
}

impl Fleet {
    /// A place on the best of these hosts that has one.
    async fn admit_to(
        &self,
        candidates: Vec<Candidate>,
        language: &Language,
    ) -> Result<Admitted, SandboxError> {
        let (able, unable): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|candidate| candidate.sandbox.speaks(language).is_ok());
        if let ([], Some(host)) = (able.as_slice(), unable.first()) {
            // Why, by the first one's word.
            return host.sandbox.admit(language).await.map(|slot| Admitted { at: host.clone(), slot });
        }
        let ranked = ranked(able, language);
        let mut free = Vec::new();
        for at in ranked {
            match at.sandbox.admit(language).await {
                Ok(slot) => return Ok(Admitted { at, slot }),
                Err(SandboxError::Busy { retry_after }) => free.push(retry_after),
                Err(error) => return Err(error),
            }
        }
        Err(SandboxError::Busy { retry_after: one_of(&free) })
    }

    /// A place, now or within [`ANOTHER_HOST`], on a host that has not been tried, also on one that has just come up behind
    /// the name.
    async fn step_over(&self, tried: &[Arc<Member>], language: &Language) -> Option<Admitted> {
        let until = Instant::now() + ANOTHER_HOST;
        loop {
            let freed = self.freed();
            let others = self.usable(tried).await.ok()?;
            match self.admit_to(others, language).await {
                Err(SandboxError::Busy { .. }) => timeout_at(until, freed).await.ok()?,
                admitted => return admitted.ok(),
            }
        }
    }
}

/// Whether another host may be asked: no code was run, and the request is not the reason.
const fn may_go_on(error: &SandboxError) -> bool {
    match error {
        SandboxError::Unavailable { .. }
        | SandboxError::LanguageUnavailable { .. }
        | SandboxError::Busy { .. } => true,
        SandboxError::Refused { .. }
        | SandboxError::TooLate
        | SandboxError::Lost { .. }
        | SandboxError::DeadlineExceeded
        | SandboxError::Cancelled => false,
    }
}

/// How long until a place comes free on one of several hosts, of which each says how long it takes there.
fn one_of(hosts: &[Duration]) -> Duration {
    // Places per second add up.
    let often: f64 = hosts.iter().map(|every| every.as_secs_f64().max(0.001).recip()).sum();
    Duration::from_secs_f64(often.max(f64::MIN_POSITIVE).recip().min(3600.0))
}

/// The best first: a sandbox of the language waits, then the smallest share of its places taken; else by chance, since
/// many handlers choose at once and do not know of each other.
fn ranked(candidates: Vec<Candidate>, language: &Language) -> Vec<Candidate> {
    if candidates.len() < 2 {
        return candidates;
    }
    let mut ranked: Vec<_> = candidates
        .into_iter()
        .map(|candidate| {
            let cold = candidate.sandbox.waiting(&language.name) == 0;
            ((cold, candidate.sandbox.running(), rand::random::<u32>()), candidate)
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, candidate)| candidate).collect()
}

impl Sandbox for Fleet {
    type Slot = Admitted;
    type Conversation = FleetConversation;

    async fn admit(&self, language: &Language) -> Result<Admitted, SandboxError> {
        let candidates = self.usable(&[]).await?;
        self.admit_to(candidates, language).await
    }

    fn freed(&self) -> impl Future<Output = ()> + Send {
        self.common.freed.notified()
    }

    async fn begin(
        &self,
        mut admitted: Admitted,
        id: ExecutionId,
        request: &ExecutionRequest,
        deadline: Instant,
    ) -> Result<FleetConversation, SandboxError> {
        let begun = Instant::now();
        let mut tried = Vec::new();
        loop {
            let lost = begun.elapsed();
            let Admitted { at: Candidate { host, sandbox }, slot } = admitted;
            let error = match sandbox.begin(slot, id, request, deadline).await {
                Ok(conversation) => return Ok(FleetConversation { host, conversation, lost }),
                Err(error) if may_go_on(&error) && Instant::now() < deadline => error,
                Err(error) => return Err(error),
            };
            // Only what the engine or the line to it did counts against a host.
            if let SandboxError::Unavailable { .. } = &error {
                host.failed(&error.to_string());
            }
            tried.push(host);
            let other = timeout_at(deadline, self.step_over(&tried, &request.language));
            match other.instrument(debug_span!("step_over", %id)).await {
                Ok(Some(other)) => {
                    info!(%id, %error, "no code was sent yet: another Docker host is asked");
                    admitted = other;
                }
                Ok(None) | Err(_) => return Err(error),
            }
        }
    }

    fn longest(&self, wall: Duration) -> Duration {
        host::longest(wall) + ANOTHER_HOST
    }

    async fn health(&self) -> SandboxHealth {
        // Whoever asks waits for the checks, as long as they like.
        self.usable(&[]).await.ok();
        let reports = self.hosts().into_iter().map(|host| async move {
            let (sandbox, used) = match host.standing() {
                Standing::Fine(sandbox) => (sandbox, true),
                Standing::Doubtful(sandbox) => (sandbox, false),
                Standing::Opening | Standing::Closed => return HostHealth::NotOpen,
            };
            match timeout(ANSWER, sandbox.health()).await {
                Ok(health) if health.ok && used => HostHealth::Fine(health),
                Ok(health) if health.ok => HostHealth::Doubtful(health),
                _ => HostHealth::Silent,
            }
        });
        health::health(join_all(reports).await, &self.common.config, &self.common.languages)
    }

    /// A language can be run when one host can run it; else the first host says why none can.
    async fn languages(&self) -> Result<Vec<InstalledLanguage>, SandboxError> {
        let mut hosts = self.usable(&[]).await?.into_iter();
        let mut all = match hosts.next() {
            Some(first) => first.sandbox.languages().await?,
            None => Vec::new(),
        };
        for host in hosts {
            for (known, other) in all.iter_mut().zip(host.sandbox.languages().await?) {
                if known.problem.is_some() && other.problem.is_none() {
                    *known = other;
                }
            }
        }
        Ok(all)
    }

    async fn maintain(&self) -> Result<Maintained, SandboxError> {
        let candidates = self.usable(&[]).await?;
        let rounds = candidates.iter().map(|candidate| candidate.sandbox.maintain());
        let mut sum = Maintained::default();
        let mut failed = None;
        let mut done = false;
        for (candidate, round) in candidates.iter().zip(join_all(rounds).await) {
            match round {
                Ok(round) => {
                    done = true;
                    sum += round;
                }
                Err(error) => {
                    candidate.host.failed(&error.to_string());
                    failed = Some(error);
                }
            }
        }
        match failed {
            Some(error) if !done => Err(error),
            _ => Ok(sum),
        }
    }
}
