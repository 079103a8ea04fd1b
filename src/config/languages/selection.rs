//! Which languages of all folders are served, in which versions: `SCE_LANGUAGES`.

use std::collections::BTreeMap;

use super::{NAMES, folder::DEFAULT};
use crate::domain::language::{BadVersion, Language, Version, VersionReq};

/// The languages to serve, in order; the first is the default.
pub struct Selection(Vec<Choice>);

struct Choice {
    name: String,
    versions: Versions,
}

/// Which versions of a language.
enum Versions {
    /// The one that its manifest has first.
    First,
    /// Those that will do.
    These(VersionReq),
}

impl Selection {
    /// What is served where nobody names any: the languages of our table, then the operator's own.
    pub fn default(own: &[String]) -> Self {
        let ours: Vec<&str> = DEFAULT.lines().filter(|line| !line.is_empty()).collect();
        let more = own.iter().map(String::as_str).filter(|name| !ours.contains(name));
        let first = |name: &str| Choice { name: name.to_owned(), versions: Versions::First };
        Self(ours.iter().copied().chain(more).map(first).collect())
    }

    /// `all`, or names with commas between, each with the version that is wanted: `python, ruby@3.1, java@*`. A name alone
    /// is the version that the manifest has first, and `@*` is every version. `all` is every language in every version,
    /// those of the default table first.
    ///
    /// # Errors
    /// Every part that is not the name of a folder, or whose version is none.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, Vec<String>> {
        if text.trim() == "all" {
            let others: Vec<String> = known.iter().map(ToString::to_string).collect();
            let Self(choices) = Self::default(&others);
            let every = |choice: Choice| {
                Some(Choice { versions: Versions::These("*".parse().ok()?), name: choice.name })
            };
            return Ok(Self(choices.into_iter().filter_map(every).collect()));
        }
        let mut faults = Vec::new();
        let mut choices = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (name, version) =
                part.split_once('@').map_or((part, None), |(name, text)| (name, Some(text)));
            if !known.contains(&name) {
                faults.push(format!("{NAMES}: `{name}` is none of the languages: {}", known.join(", ")));
            }
            match version.map(wanted).transpose() {
                Ok(wanted) => choices.push(Choice {
                    name: name.to_owned(),
                    versions: wanted.map_or(Versions::First, Versions::These),
                }),
                Err(why) => faults.push(format!("{NAMES}: `{part}`: the version {why}")),
            }
        }
        if faults.is_empty() { Ok(Self(choices)) } else { Err(faults) }
    }

    /// Whether this language is asked for.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|choice| choice.name == name)
    }

    /// The languages that were chosen. One that is not in `languages` has faults that were told already.
    ///
    /// # Errors
    /// Each choice of a version that is not there.
    pub fn choose(&self, languages: &BTreeMap<&str, Vec<Language>>) -> Result<Vec<Language>, Vec<String>> {
        let mut chosen: Vec<Language> = Vec::new();
        let mut faults = Vec::new();
        for Choice { name, versions } in &self.0 {
            let Some(all) = languages.get(name.as_str()) else { continue };
            let found: Vec<&Language> = match versions {
                Versions::First => all.iter().take(1).collect(),
                Versions::These(wanted) => all.iter().filter(|one| wanted.matches(&one.version)).collect(),
            };
            if found.is_empty() {
                let there: Vec<String> = all.iter().map(|one| one.version.to_string()).collect();
                faults.push(format!(
                    "{NAMES}: `{name}` has no version that will do. Its versions: {}",
                    there.join(", ")
                ));
            }
            // `python@3.11, python@*` names one version twice, and means it once.
            for language in found {
                if !chosen.contains(language) {
                    chosen.push(language.clone());
                }
            }
        }
        if faults.is_empty() { Ok(chosen) } else { Err(faults) }
    }
}

/// The versions that `*` or a version means. Ranges are for requests: scripts read this too.
fn wanted(text: &str) -> Result<VersionReq, BadVersion> {
    if text != "*" {
        text.parse::<Version>()?;
    }
    text.parse()
}
