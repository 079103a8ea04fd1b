//! Which languages can be run on a host, and why the others cannot. Decides nothing: see [`super::probe`].

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tracing::{info, warn};

use super::pace::Pace;
use crate::{
    domain::{
        error::SandboxError,
        language::{Language, LanguageTable},
        ports::InstalledLanguage,
    },
    outbound::docker::sandbox::{blueprint::Blueprint, image::NoImage},
};

/// Why a language cannot be run on a host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nobody has looked yet.
    #[error("it has not been tried yet")]
    Untried,
    /// It has no image.
    #[error(transparent)]
    Image(#[from] NoImage),
    /// sandbox-init could not be brought to the host.
    #[error("sandbox-init cannot be brought to the host: {0}")]
    Volume(String),
    /// Its first program did not run.
    #[error("its first program did not run: {0}")]
    Program(String),
    /// Its sandboxes do not come up any more.
    #[error("its sandboxes do not come up: {0}")]
    Sandbox(String),
}

impl Fault {
    /// The same for callers: without what engines and interpreters said.
    #[must_use]
    pub fn public(&self) -> String {
        let text = match self {
            Self::Image(NoImage::Unknown { name, .. }) => format!("its image `{name}` cannot be looked up"),
            Self::Untried | Self::Image(_) => self.to_string(),
            Self::Volume(_) => "sandbox-init cannot be brought to the host".to_owned(),
            Self::Program(_) => "its first program did not run".to_owned(),
            Self::Sandbox(_) => "its sandboxes do not come up".to_owned(),
        };
        format!("{text}.")
    }
}

#[derive(Debug)]
enum State {
    Ready(Arc<Blueprint>),
    Unavailable { fault: Fault, pace: Pace },
}

#[derive(Debug)]
struct Entry {
    language: Arc<Language>,
    state: State,
    /// What its version program said of the interpreter and of packages, and the digest of its image, when it was ready last.
    version: String,
    packages: BTreeMap<String, String>,
    digest: String,
}

/// All languages, in the order of their table.
#[derive(Debug)]
pub struct Languages(Mutex<Vec<Entry>>);

impl Languages {
    /// None is ready yet.
    #[must_use]
    pub fn new(table: &LanguageTable) -> Self {
        let entry = |language: &Arc<Language>| Entry {
            language: Arc::clone(language),
            state: State::Unavailable { fault: Fault::Untried, pace: Pace::default() },
            version: String::new(),
            packages: BTreeMap::new(),
            digest: String::new(),
        };
        Self(Mutex::new(table.iter().map(entry).collect()))
    }

    fn all(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.all().iter_mut().find(|entry| entry.language.name == name) {
            change(entry);
        }
    }

    /// What a language's sandboxes are made from.
    ///
    /// # Errors
    /// [`SandboxError::LanguageUnavailable`], when it cannot be run here now.
    pub fn blueprint(&self, name: &str) -> Result<Arc<Blueprint>, SandboxError> {
        let all = self.all();
        let found = all.iter().find(|entry| entry.language.name == name);
        let reason = match found.map(|entry| &entry.state) {
            Some(State::Ready(blueprint)) => return Ok(Arc::clone(blueprint)),
            Some(State::Unavailable { fault, .. }) => fault.to_string(),
            None => "it is not in this host's table".to_owned(),
        };
        Err(SandboxError::language_unavailable(name, reason))
    }

    /// Whether programs in it can be run.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.blueprint(name).is_ok()
    }

    /// Those that can be run.
    #[must_use]
    pub fn ready(&self) -> Vec<(String, Arc<Blueprint>)> {
        let ready = |entry: &Entry| match &entry.state {
            State::Ready(blueprint) => Some((entry.language.name.clone(), Arc::clone(blueprint))),
            State::Unavailable { .. } => None,
        };
        self.all().iter().filter_map(ready).collect()
    }

    /// Those that cannot, and have been left alone for long enough to be tried again.
    #[must_use]
    pub fn due(&self) -> Vec<Arc<Language>> {
        let due = |entry: &&Entry| matches!(&entry.state, State::Unavailable { pace, .. } if pace.is_due());
        self.all().iter().filter(due).map(|entry| Arc::clone(&entry.language)).collect()
    }

    /// All, with a sentence of those that cannot be run.
    #[must_use]
    pub fn installed(&self) -> Vec<InstalledLanguage> {
        let installed = |entry: &Entry| InstalledLanguage {
            language: Arc::clone(&entry.language),
            version: entry.version.clone(),
            packages: entry.packages.clone(),
            digest: entry.digest.clone(),
            problem: match &entry.state {
                State::Ready(_) => None,
                State::Unavailable { fault, .. } => Some(fault.public()),
            },
        };
        self.all().iter().map(installed).collect()
    }

    /// Why those that cannot be run cannot, a sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let fault = |entry: &Entry| match &entry.state {
            State::Ready(_) => None,
            State::Unavailable { fault, .. } => Some(format!("{}: {fault}", entry.language.name)),
        };
        self.all().iter().filter_map(fault).collect()
    }

    /// From now on its programs are run in sandboxes made from this; `said` is what its version program printed.
    pub fn can_be_run(&self, name: &str, blueprint: Arc<Blueprint>, said: &str) {
        self.change(name, |entry| {
            if matches!(&entry.state, State::Unavailable { fault, .. } if *fault != Fault::Untried) {
                info!(language = name, "a language can be run again");
            }
            entry.digest.clone_from(&blueprint.image.digest);
            (entry.version, entry.packages) = read(said);
            entry.state = State::Ready(blueprint);
        });
    }

    /// From now on nothing is run in it, until it has been tried again.
    pub fn cannot_be_run(&self, name: &str, fault: Fault) {
        self.change(name, |entry| {
            let mut pace = match &entry.state {
                State::Unavailable { pace, .. } => *pace,
                State::Ready(_) => Pace::default(),
            };
            pace.failed();
            warn!(language = name, why = %fault, "a language cannot be run on a Docker host for now");
            entry.state = State::Unavailable { fault, pace };
        });
    }
}

/// The version of the interpreter, which is the first line, and those of packages: a name and a version in each line after it.
fn read(said: &str) -> (String, BTreeMap<String, String>) {
    let mut lines = said.lines();
    let version = lines.next().unwrap_or_default().to_owned();
    let pair = |line: &str| line.split_once(' ').map(|(name, version)| (name.to_owned(), version.to_owned()));
    (version, lines.filter_map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_program_may_tell_of_packages_too() {
        assert_eq!(read("3.11.2"), ("3.11.2".to_owned(), BTreeMap::new()));
        let (version, packages) = read("3.11.2\nnumpy 1.24.2\nPillow 9.4.0\n");
        assert_eq!(version, "3.11.2");
        let told: Vec<_> = packages.iter().map(|(name, version)| (name.as_str(), version.as_str())).collect();
        assert_eq!(told, [("Pillow", "9.4.0"), ("numpy", "1.24.2")]);
        assert_eq!(read("").0, "");
    }
    use crate::testing::languages;

    #[test]
    fn a_language_that_cannot_be_run_is_named_with_a_reason_and_without_what_others_said() {
        let known = Languages::new(&languages());
        assert_eq!((known.ready().len(), known.due().len()), (0, 2));
        let said = "dial tcp 10.0.0.7:2376: refused".to_owned();
        known.cannot_be_run("python", Fault::Sandbox(said.clone()));
        let gone = NoImage::Missing("python:1".to_owned());
        known.cannot_be_run("javascript", gone.into());
        let [python, javascript] = known.installed().try_into().unwrap();
        assert_eq!(python.problem.as_deref(), Some("its sandboxes do not come up."));
        assert!(javascript.problem.unwrap().contains("`python:1` is not on the Docker host"));
        assert!(known.faults()[0].contains(&said), "{:?}", known.faults());
        let refused = known.blueprint("python").unwrap_err();
        assert!(refused.to_string().contains(&said) && !refused.public().contains(&said), "{refused}");
        assert!(refused.public().contains("`python`") && refused.never_ran());
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_run_is_left_alone_for_a_while() {
        let known = Languages::new(&languages());
        known.cannot_be_run("python", Fault::Program("no".to_owned()));
        let due = || known.due().iter().map(|language| language.name.clone()).collect::<Vec<_>>();
        assert_eq!(due(), ["javascript"]);
        tokio::time::advance(std::time::Duration::from_secs(2)).await;
        assert_eq!(due(), ["python", "javascript"]);
    }
}
