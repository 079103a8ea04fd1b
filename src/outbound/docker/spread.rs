//! Which host a run goes to: one that has a sandbox of its language waiting, else the one that does least for us.
//!
//! # At most once
//! A host that is full or fails **before it was sent any code** is stepped over, within the deadline. What may have
//! run is never run again.

use std::{sync::Arc, time::Duration};

use futures_util::{
    FutureExt,
    future::{join_all, select_ok},
};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{Instrument, debug_span, info};

use super::{
    Fleet, Slot,
    fleet::Candidate,
    host::{Host, Standing},
    summary::{self, Report},
};
use crate::domain::{
    error::SandboxError,
    id::ExecutionId,
    language::Language,
    outcome::Execution,
    ports::{InstalledLanguage, Maintained, Sandbox, SandboxHealth, Sent},
    request::ExecutionRequest,
};

/// How long a host may take to say how it is.
const ANSWER: Duration = Duration::from_millis(1500);

/// A place on one of the hosts.
pub struct Admitted {
    at: Candidate,
    slot: Slot,
}

impl Fleet {
    /// A place on the best of these hosts that has one, now or soon.
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
        // Asked in this order, and waited for together where all are full.
        let attempts = ranked.into_iter().map(|at| {
            async move {
                let slot = at.sandbox.admit(language).await?;
                Ok::<_, SandboxError>(Admitted { at, slot })
            }
            .boxed()
        });
        select_ok(attempts).await.map(|(admitted, _)| admitted)
    }

    /// A place on a host that has not been tried, also on one that has just come up behind the name.
    async fn step_over(&self, tried: &[Arc<Host>], language: &Language) -> Option<Admitted> {
        let others = self.usable(tried).await.ok()?;
        self.admit_to(others, language).await.ok()
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

    /// Waits for a host as well, where none is open yet.
    async fn admit(&self, language: &Language) -> Result<Admitted, SandboxError> {
        let candidates = self.usable(&[]).await?;
        self.admit_to(candidates, language).await
    }

    async fn run(
        &self,
        mut admitted: Admitted,
        id: ExecutionId,
        request: &ExecutionRequest,
        deadline: Instant,
        sent: &Sent,
    ) -> Result<Execution, SandboxError> {
        let begun = Instant::now();
        let mut tried = Vec::new();
        loop {
            let lost = begun.elapsed();
            let Admitted { at: Candidate { host, sandbox }, slot } = admitted;
            let error = match sandbox.run(slot, id, request, deadline, sent).await {
                Ok(mut execution) => {
                    host.succeeded();
                    execution.timings.acquire += lost;
                    return Ok(execution);
                }
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

    fn longest(&self, timeout: Duration) -> Duration {
        super::longest(&self.common.config.bounds, timeout)
    }

    async fn health(&self) -> SandboxHealth {
        // Whoever asks waits for the checks, as long as they like.
        self.usable(&[]).await.ok();
        let reports = self.hosts().into_iter().map(|host| async move {
            let (sandbox, used) = match host.standing() {
                Standing::Fine(sandbox) => (sandbox, true),
                Standing::Doubtful(sandbox) => (sandbox, false),
                Standing::Opening | Standing::Closed => return Report::NotOpen,
            };
            match timeout(ANSWER, sandbox.health()).await {
                Ok(health) if health.ok && used => Report::Fine(health),
                Ok(health) if health.ok => Report::Doubtful(health),
                _ => Report::Silent,
            }
        });
        summary::health(join_all(reports).await, &self.common.config, &self.common.languages)
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
