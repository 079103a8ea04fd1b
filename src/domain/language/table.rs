//! All languages of one server, and which of them a name means.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::{BadVersion, Language, VersionReq};

/// A request for a language or a version that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownLanguage {
    /// No language has that name.
    #[error("Unknown language `{asked}`. Supported languages: {supported}.")]
    Name {
        /// What was asked for, shortened.
        asked: String,
        /// The canonical names, separated by commas.
        supported: String,
    },
    /// The language has no such version.
    #[error("Language `{language}` has no version `{asked}`. Its versions: {supported}.")]
    Version {
        /// The language, whatever its version.
        language: String,
        /// What was asked for, shortened.
        asked: String,
        /// The versions that are there, the newest first, separated by commas.
        supported: String,
    },
    /// The version was not written as one.
    #[error("The version `{asked}` {why}.")]
    BadVersion {
        /// What was asked for, shortened.
        asked: String,
        /// The rule.
        why: BadVersion,
    },
    /// The version was asked for twice, in the name and beside it.
    #[error("The version stands in `language` and in `version`: give one of them.")]
    VersionTwice,
}

/// A rule that an entry of the table breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageFault {
    /// The language, whatever its version.
    pub language: String,
    /// The field of its manifest.
    pub field: &'static str,
    /// What is wrong with the field.
    pub rule: String,
}

impl fmt::Display for LanguageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` {}", self.language, self.field, self.rule)
    }
}

/// Why a table of languages cannot be used: every rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct InvalidLanguageTable(pub Vec<LanguageFault>);

/// All languages, by every name they go by.
#[derive(Clone, Debug)]
pub struct LanguageTable {
    languages: Vec<Arc<Language>>,
}

impl LanguageTable {
    /// The table of these languages in this order; the first is the default. Versions of one language come together, the
    /// newest first, and get their names here.
    ///
    /// # Errors
    /// Every rule that is broken: an entry is incomplete, a name means two languages, a version is there twice, or
    /// there is no language at all.
    pub fn new(languages: Vec<Language>) -> Result<Self, InvalidLanguageTable> {
        let mut faults: Vec<LanguageFault> = Vec::new();
        for fault in languages.iter().flat_map(Language::faults) {
            // What versions have in common is wrong once.
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        if languages.is_empty() {
            faults.push(LanguageFault {
                language: "languages".to_owned(),
                field: "name",
                rule: "is missing: there is no language".to_owned(),
            });
        }
        let mut families: Vec<Vec<Language>> = Vec::new();
        for language in languages {
            match families.iter_mut().find(|family| family[0].family == language.family) {
                Some(family) => family.push(language),
                None => families.push(vec![language]),
            }
        }
        name_faults(&families, &mut faults);
        for family in &mut families {
            family.sort_by(|one, other| other.version.cmp(&one.version));
            let twice = family.windows(2).filter(|pair| pair[0].version == pair[1].version);
            faults.extend(twice.map(|pair| LanguageFault {
                language: pair[0].family.clone(),
                field: "version",
                rule: format!("`{}` is there twice", pair[0].version),
            }));
            for (age, language) in family.iter_mut().enumerate() {
                let Language { family, version, .. } = &*language;
                language.name = if age == 0 { family.clone() } else { format!("{family}@{version}") };
            }
        }
        if !faults.is_empty() {
            return Err(InvalidLanguageTable(faults));
        }
        Ok(Self { languages: families.into_iter().flatten().map(Arc::new).collect() })
    }

    /// The language of that name or alias in its newest version, or of `name@version` in the newest that will do; case
    /// does not matter.
    ///
    /// # Errors
    /// When there is none; the error names those that are there.
    pub fn resolve(&self, name: &str) -> Result<Arc<Language>, UnknownLanguage> {
        self.resolve_version(name, None)
    }

    /// The same, with the version beside the name; see [`VersionReq`] for how a version is written.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve); also when the version stands in the name as well.
    pub fn resolve_version(
        &self,
        name: &str,
        version: Option<&str>,
    ) -> Result<Arc<Language>, UnknownLanguage> {
        let (plain, wanted) = match (name.split_once('@'), version) {
            (Some(_), Some(_)) => return Err(UnknownLanguage::VersionTwice),
            (Some((plain, wanted)), None) => (plain, Some(wanted)),
            (None, wanted) => (name, wanted),
        };
        let is = |known: &str| known.eq_ignore_ascii_case(plain);
        let mut family =
            self.languages.iter().filter(|l| is(&l.family) || l.aliases.iter().any(|a| is(a))).peekable();
        let Some(newest) = family.peek().copied() else {
            return Err(UnknownLanguage::Name { asked: shown(name), supported: self.families().join(", ") });
        };
        let Some(text) = wanted else { return Ok(Arc::clone(newest)) };
        let wanted: VersionReq =
            text.parse().map_err(|why| UnknownLanguage::BadVersion { asked: shown(text), why })?;
        let versions: Vec<&Arc<Language>> = family.collect();
        let found = versions.iter().find(|language| wanted.matches(&language.version));
        found.map(|found| Arc::clone(found)).ok_or_else(|| UnknownLanguage::Version {
            language: newest.family.clone(),
            asked: shown(text),
            supported: versions.iter().map(|l| l.version.to_string()).collect::<Vec<_>>().join(", "),
        })
    }

    /// The language of a request that names none.
    #[must_use]
    pub fn default_language(&self) -> Arc<Language> {
        Arc::clone(&self.languages[0])
    }

    /// The language whose programs have names that end like this one; the first of the table, where several have.
    #[must_use]
    pub fn by_file_name(&self, name: &str) -> Option<Arc<Language>> {
        let (_, ending) = name.rsplit_once('.')?;
        let is = |l: &&Arc<Language>| l.extensions.iter().any(|e| e.eq_ignore_ascii_case(ending));
        self.languages.iter().find(is).cloned()
    }

    /// Every language in every version, in the table's order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Language>> {
        self.languages.iter()
    }

    /// The names of the languages without their versions, in the table's order.
    fn families(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.languages.iter().map(|l| l.family.as_str()).collect();
        names.dedup();
        names
    }
}

/// Every name that means two languages.
fn name_faults(families: &[Vec<Language>], faults: &mut Vec<LanguageFault>) {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for family in families {
        let own = &family[0].family;
        // All versions have the same aliases: they come from one manifest.
        let aliases = family[0].aliases.iter().map(|alias| (alias, "aliases"));
        let names = std::iter::once((own, "name")).chain(aliases);
        for (name, field) in names {
            if let Some(other) = taken.insert(name.to_ascii_lowercase(), own) {
                let rule = if other == own {
                    format!("`{name}` names this language twice")
                } else {
                    format!("`{name}` names the language `{other}` as well")
                };
                faults.push(LanguageFault { language: own.clone(), field, rule });
            }
        }
    }
}

/// What was asked for, fit to be shown.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
