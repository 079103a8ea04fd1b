//! One run on a host: a place, a sandbox, the frame, the report; and the host as a [`Sandbox`].

use std::time::Duration;

use sandbox_init::protocol::{Ending, Nonce, Report};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, debug_span};

use super::{
    DockerSandbox, REPORT_GRACE, Ready,
    acquire::NotHad,
    admission::Slot,
    frame,
    link::LinkError,
    longest, refusal,
    report::{self, EngineSays},
};
use crate::domain::{
    error::SandboxError,
    id::ExecutionId,
    language::Language,
    outcome::{Execution, Outcome, SandboxTimings, Start},
    ports::{HostCount, InstalledLanguage, Maintained, PoolDepth, Sandbox, SandboxHealth, Sent},
    request::ExecutionRequest,
};

/// The least time before its deadline in which a run can be of any use: the quickest takes about as long.
const USEFUL: Duration = Duration::from_millis(50);
/// Bytes of a report beside the two streams that are kept.
const REPORT_ROOM: usize = 64 * 1024;

impl DockerSandbox {
    /// Sends the program to a sandbox and waits for its report.
    ///
    /// # Errors
    /// [`SandboxError::Refused`], [`SandboxError::LanguageUnavailable`] when init says that it was not run;
    /// [`SandboxError::Lost`].
    pub(super) async fn run_in(
        &self,
        mut ready: Ready,
        request: &ExecutionRequest,
        sent: &Sent,
        timings: &mut SandboxTimings,
    ) -> Result<Outcome, SandboxError> {
        let nonce: Nonce = rand::random();
        let frame = frame::of(request, self.host.runtime.kernel, nonce).await;
        let frame = frame.map_err(|_| refusal::too_large())?;
        let kept = usize::try_from(request.limits.output_bytes).unwrap_or(0);
        let most = kept.saturating_mul(2).saturating_add(REPORT_ROOM);
        let begun = Instant::now();
        // From here on the code may have run: nothing below is ever tried again.
        sent.set();
        let reported: Result<Report, _> = async {
            ready.link.send(&frame).await?;
            ready.link.stirs().instrument(debug_span!("run")).await?;
            timings.run = begun.elapsed();
            ready.link.receive(most).instrument(debug_span!("collect")).await
        }
        .await;
        timings.collect = begun.elapsed().saturating_sub(timings.run);
        let report = match reported {
            Ok(report) if report.nonce == nonce => report,
            Ok(_) => {
                return Err(SandboxError::Lost {
                    reason: "a report of another run".into(),
                    timings: *timings,
                });
            }
            // Nobody is left inside to tell why: gVisor's kernel is killed whole, and at worst init is.
            Err(LinkError::Ended { .. }) if self.engine.ran_out_of_memory(ready.tenancy.id()).await => {
                let mut outcome = report::out_of_memory(&request.limits, report::KILLED_WHOLE);
                outcome.usage.wall = timings.run + timings.collect;
                return Ok(outcome);
            }
            Err(error) => return Err(SandboxError::Lost { reason: error.to_string(), timings: *timings }),
        };
        let engine_says = match report.ending {
            Ending::KilledForUnknown if self.engine.ran_out_of_memory(ready.tenancy.id()).await => {
                EngineSays::OutOfMemory
            }
            _ => EngineSays::Nothing,
        };
        ready.tenancy.leave(ready.link);
        if let Ending::NotRun(errno) = report.ending {
            return refusal::not_run(errno, request);
        }
        report::to_outcome(report, &request.limits, engine_says).ok_or_else(|| refusal::unexplained(request))
    }
}

impl Sandbox for DockerSandbox {
    type Slot = Slot;

    async fn admit(&self, language: &Language) -> Result<Slot, SandboxError> {
        self.speaks(language)?;
        self.admission.enter().instrument(debug_span!("queue")).await
    }

    async fn run(
        &self,
        slot: Slot,
        id: ExecutionId,
        request: &ExecutionRequest,
        deadline: Instant,
        sent: &Sent,
    ) -> Result<Execution, SandboxError> {
        let mut timings = SandboxTimings { queue: slot.queued, ..SandboxTimings::default() };
        let _place = slot.place;
        let begun = Instant::now();
        // What is cut off by its deadline anyhow takes no sandbox and is not sent.
        let too_late = || deadline.saturating_duration_since(Instant::now()) < USEFUL;
        if too_late() {
            return Err(SandboxError::TooLate);
        }
        let acquired =
            timeout_at(deadline, self.acquire(request)).instrument(debug_span!("acquire", %id)).await;
        timings.acquire = begun.elapsed();
        let ready = match acquired {
            Err(_) => return Err(SandboxError::TooLate),
            Ok(Ok(_)) if too_late() => return Err(SandboxError::TooLate),
            Ok(Ok(ready)) => ready,
            Ok(Err(NotHad::TooLittleMemory)) => {
                let outcome = report::out_of_memory(&request.limits, report::NEVER_CAME_UP);
                let sandbox = self.facts(request, Start::Cold);
                return Ok(Execution { outcome, sandbox, timings });
            }
            Ok(Err(NotHad::Failed(error))) => return Err(error),
        };
        let sandbox = self.facts(request, ready.start);
        let own = Instant::now() + request.limits.longest_wall() + REPORT_GRACE;
        match timeout_at(deadline.min(own), self.run_in(ready, request, sent, &mut timings)).await {
            Ok(outcome) => Ok(Execution { outcome: outcome?, sandbox, timings }),
            Err(_) if deadline <= own => Err(SandboxError::DeadlineExceeded),
            Err(_) => Err(SandboxError::Lost { reason: "no report in time".to_owned(), timings }),
        }
    }

    fn longest(&self, timeout: Duration) -> Duration {
        longest(&self.bounds, timeout)
    }

    async fn health(&self) -> SandboxHealth {
        let silent = self.engine.ping().await.err().map(|_| "the Docker host does not answer");
        let ready = self.languages.ready();
        let mute = ready.is_empty().then_some("no language can be run on the Docker host");
        let problem = silent.or(mute).map(ToOwned::to_owned);
        let depth = |language: String| {
            let (warm, target) = (self.waiting(&language), self.target(&language));
            PoolDepth { language, warm, target }
        };
        SandboxHealth {
            ok: problem.is_none(),
            hosts: HostCount { up: usize::from(problem.is_none()), total: 1 },
            problem,
            engine: Some(self.host.engine.clone()),
            runtime: Some(self.host.runtime.name.clone()),
            apparmor: Some(self.host.apparmor),
            running: self.running(),
            capacity: self.admission.places().running,
            pool: ready.into_iter().map(|(name, _)| depth(name)).collect(),
        }
    }

    async fn languages(&self) -> Result<Vec<InstalledLanguage>, SandboxError> {
        Ok(self.languages.installed())
    }

    async fn maintain(&self) -> Result<Maintained, SandboxError> {
        self.upkeep().await.map_err(|error| SandboxError::Unavailable { reason: error.to_string() })
    }
}
