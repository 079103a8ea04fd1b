//! Makes languages ready on a host, and mends what can be mended: the image is looked up, sandbox-init brought to the
//! host, and a first program run, all the way, so that every layer is seen from inside before anybody's code is.
//!
//! Languages stand beside each other: what is wrong with one is told and holds up no other. A first program that has run
//! is remembered in this process, by the engine, the image and sandbox-init.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use time::OffsetDateTime;
use tokio::time::{Instant, timeout};

use super::{DockerHost, MAKE, Ready, conversation::DockerConversation, ready::Fault};
use crate::{
    domain::{
        conversation::{Event, Step},
        files::Workspace,
        language::{CompileArgs, Language, LanguageTable},
        outcome::{Ending, Outcome, SandboxTimings, Start, Status},
        ports::{Conversation, Sent},
        project::Project,
        request::{Args, Code, ExecutionRequest, Program, Stdin},
    },
    outbound::docker::{
        engine::wording,
        sandbox::{
            blueprint::{Blame, Blueprint, NotReady},
            image::{self, Image},
            spec::{self, SandboxSpec},
        },
    },
};

/// How long the first program in a language may take, the making of its sandbox included.
const PROBE: Duration = Duration::from_mins(1);
/// Images that are looked up at once.
const LOOKS: usize = 8;
/// First programs that run at once, at least and at most: each takes a core for a fifth of a second.
const PROBES: (usize, usize) = (2, 8);

/// What first programs said, by all that it may depend on.
static PROBED: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);

/// Runs a step to its end.
async fn to_end(conversation: &mut DockerConversation, step: Step) -> Result<Outcome, String> {
    conversation.step(step, &Sent::default()).await.map_err(|error| error.to_string())?;
    loop {
        if let Event::Ended(outcome) = conversation.next().await.map_err(|error| error.to_string())? {
            return Ok(outcome);
        }
    }
}

impl DockerHost {
    /// Makes these languages ready, side by side. What is wrong with any is noted.
    pub(super) async fn make_ready(&self, languages: Vec<Arc<Language>>) {
        let look_ups = languages.into_iter().map(|language| async move {
            let found = image::look_up(&self.engine, &language).await;
            found.map_err(|why| self.languages.cannot_be_run(&language.name, why.into())).ok()
        });
        let images: Vec<Image> =
            stream::iter(look_ups).buffer_unordered(LOOKS).filter_map(std::future::ready).collect().await;
        let Some(any) = images.first() else { return };
        if let Err(error) = self.volume.ensure(&self.engine, &any.id, &self.deployment).await {
            for image in &images {
                self.languages.cannot_be_run(&image.language.name, Fault::Volume(error.to_string()));
            }
            return;
        }
        let at_once = self.host.cpus.clamp(PROBES.0, PROBES.1);
        stream::iter(images).for_each_concurrent(at_once, |image| self.try_out(image)).await;
    }

    /// Whether the kernel of this host, which is taken to have Landlock, has none: a sandbox tells, from inside. What else is
    /// wrong with it is told when the languages are tried.
    pub(super) async fn lacks_landlock(&self, languages: &LanguageTable) -> bool {
        for language in languages.iter().filter(|_| self.host.runtime.has_landlock()) {
            let Ok(image) = image::look_up(&self.engine, language).await else { continue };
            let Ok(blueprint) = self.blueprint_of(image) else { continue };
            let made = async {
                self.volume.ensure(&self.engine, &blueprint.image.id, &self.deployment).await?;
                let room = self.admission.room().await;
                let limits = language.limits(self.limits);
                blueprint.make(&self.engine, &self.tasks, room.ok_or(NotReady::TimedOut)?, &limits).await
            };
            return match timeout(MAKE, made).await {
                Ok(Err(NotReady::Layer(missing))) => missing.is_landlock(),
                // One that has come up is of no more use, and removed.
                Ok(Ok(_) | Err(_)) | Err(_) => false,
            };
        }
        false
    }

    /// What sandboxes of this image are made from.
    ///
    /// # Errors
    /// A sentence, when the language's bootstrap is too long.
    fn blueprint_of(&self, image: Image) -> Result<Blueprint, String> {
        let compiler = image.language.compiler.clone();
        let limits = image.language.limits(self.limits);
        let longest_step =
            compiler.as_ref().map_or(limits.timeout, |compiler| compiler.limits.timeout.max(limits.timeout));
        let spec = SandboxSpec {
            image: image.id.clone(),
            language: image.language.name.clone(),
            profile: spec::profile(&image.language)?,
            volume: self.volume.name.clone(),
            runtime: self.host.runtime.clone(),
            apparmor: self.host.apparmor,
            cgroup_parent: self.host.cgroup_parent.clone(),
            deployment: self.deployment.clone(),
            key: String::new(),
            memory_bytes: spec::memory_mb(&image.language, &limits).saturating_mul(1024 * 1024),
            processes: spec::most_processes(&image.language),
            build_file_bytes: compiler.map(|compiler| compiler.limits.file_mb.saturating_mul(1024 * 1024)),
            timeout_seconds: longest_step.as_secs() + 1,
            lease_seconds: 0,
            ends_by: OffsetDateTime::now_utc().unix_timestamp(),
        };
        Ok(Blueprint::new(image, spec, self.longest_wall))
    }

    /// Runs a first program, unless that is remembered, and notes what came of it.
    async fn try_out(&self, image: Image) {
        let language = Arc::clone(&image.language);
        let blueprint = match self.blueprint_of(image) {
            Ok(blueprint) => Arc::new(blueprint),
            Err(why) => return self.languages.cannot_be_run(&language.name, Fault::Program(why)),
        };
        let key = format!("{} {}", self.host.fingerprint, blueprint.key());
        let probed = || PROBED.lock().unwrap_or_else(PoisonError::into_inner);
        let known = probed().get(&key).cloned();
        let version = match known {
            Some(version) => Ok(version),
            None => self.probe(&blueprint, &language).await,
        };
        match version {
            Ok(version) => {
                self.languages.can_be_run(&language.name, blueprint, &version);
                probed().insert(key, version);
            }
            Err(why) => self.languages.cannot_be_run(&language.name, Fault::Program(wording::shown(&why))),
        }
    }

    async fn probe(&self, blueprint: &Blueprint, language: &Arc<Language>) -> Result<String, String> {
        let limits = language.limits(self.limits);
        let code = Code::parse(language.version_program.clone()).map_err(|error| error.to_string())?;
        let program = Program::assemble(language, Some(code), Project::default(), None);
        let request = ExecutionRequest {
            language: Arc::clone(language),
            program: program.map_err(|error| error.to_string())?,
            compile_args: CompileArgs::default(),
            tests: None,
            workspace: Workspace::default(),
            stdin: Stdin::default(),
            args: Args::default(),
            limits,
        };
        let first_run = async {
            let room = timeout(MAKE, self.admission.room()).await.ok().flatten();
            let room = room.ok_or("there is no room for its sandbox")?;
            let made = blueprint.make(&self.engine, &self.tasks, room, &limits).await;
            let (guard, link) = made.map_err(|error| error.to_string())?;
            let ready = Ready { guard, link, start: Start::Cold };
            let facts = self.facts(&request, Start::Cold);
            let step = Step::only(&request);
            let (engine, kernel) = (self.engine.clone(), self.host.runtime.kernel);
            let (timings, until) = (SandboxTimings::default(), Instant::now() + PROBE);
            let mut conversation =
                DockerConversation::new(engine, kernel, Some(ready), &request, (facts, timings), until, None);
            if let Some(compile) = Step::compile(&request) {
                let outcome = to_end(&mut conversation, compile).await?;
                if outcome.ending != Ending::Exited(0) {
                    return Ok(outcome);
                }
            }
            to_end(&mut conversation, step).await
        };
        let outcome = timeout(PROBE, first_run).await.map_err(|_| format!("not over after {PROBE:?}"))??;
        let text = |bytes: bytes::Bytes| String::from_utf8_lossy(&bytes).trim().to_owned();
        match outcome.ending.status() {
            Status::Completed => Ok(text(outcome.stdout.bytes())),
            status => Err(format!("it ended as {}: {}", status.as_str(), text(outcome.stderr.bytes()))),
        }
    }

    /// Tries again what cannot be run and has been left alone for long enough.
    pub(super) async fn try_again(&self) {
        let due = self.languages.due();
        if !due.is_empty() {
            self.make_ready(due).await;
        }
    }

    /// Looks whether what ready languages are made from is still there: somebody may have tidied the host.
    pub(super) async fn look_over(&self) {
        let ready = self.languages.ready();
        let looks = ready.into_iter().map(|(name, blueprint)| async move {
            let gone = matches!(self.engine.image(&blueprint.image.id).await, Ok(None));
            gone.then_some((name, blueprint))
        });
        let gone: Vec<_> =
            stream::iter(looks).buffer_unordered(LOOKS).filter_map(std::future::ready).collect().await;
        for (name, blueprint) in gone {
            self.mend(&name, &blueprint).await;
        }
        if let Ok(false) = self.engine.has_volume(&self.volume.name).await
            && let Some((name, blueprint)) = self.languages.ready().into_iter().next()
        {
            self.mend(&name, &blueprint).await;
        }
    }

    /// A sandbox made from this failed in a way that only the language can be blamed for. Brings sandbox-init to the host
    /// again and looks the image up again; whether it is worth another attempt.
    pub(super) async fn mend(&self, name: &str, failed: &Arc<Blueprint>) -> bool {
        let _one_at_a_time = self.mending.lock().await;
        match self.languages.blueprint(name) {
            // Somebody else was quicker.
            Ok(now) if !Arc::ptr_eq(&now, failed) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
        let language = &failed.image.language;
        let image = match image::look_up(&self.engine, language).await {
            Ok(image) => image,
            Err(why) => {
                self.languages.cannot_be_run(name, why.into());
                return false;
            }
        };
        if let Err(error) = self.volume.ensure(&self.engine, &image.id, &self.deployment).await {
            self.languages.cannot_be_run(name, Fault::Volume(error.to_string()));
            return false;
        }
        // As it was: what was missing may have been the volume. Else the name leads to another image, which is new to us.
        if image.id != failed.image.id {
            self.try_out(image).await;
        }
        self.languages.has(name)
    }

    /// What to think of a sandbox that did not come up, once the engine has been asked where that is needed.
    pub(super) async fn blame(&self, error: &NotReady) -> Blame {
        match error.blame() {
            Blame::Unclear if self.engine.ping().await.is_ok() => Blame::Language,
            Blame::Unclear => Blame::Host,
            clear => clear,
        }
    }
}
