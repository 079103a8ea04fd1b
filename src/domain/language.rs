//! The languages on offer. A language is data: one entry of a table, not code.

use std::{collections::BTreeMap, sync::Arc};

/// One language: the image it runs in, how its interpreter is started ahead of time, what its programs are called.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// The canonical name, such as `python`.
    pub name: String,
    /// What people read, such as `Python`.
    pub title: String,
    /// Other names that mean this language.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The image, as the Docker host knows it.
    pub image: String,
    /// A program in this language that prints the interpreter's version.
    pub version_program: String,
    /// The interpreter's command line, as it is started before there is a program to run.
    pub command: Vec<String>,
    /// The folder it is started in, where that is not `/sandbox`; the bootstrap goes there by itself.
    #[serde(default)]
    pub start_in: Option<String>,
    /// The environment that makes the interpreter load the bootstrap, on top of the sandbox's own.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// The files of the bootstrap by name; they live read-only in `/opt/sandbox/boot/<language>/`.
    #[serde(default)]
    pub bootstrap: BTreeMap<String, String>,
    /// The names of the files that a project is started by, the preferred first; the first is also what a
    /// bare piece of code is called.
    pub entry_points: Vec<String>,
    /// File name endings (without the dot) by which a lone uploaded file is known to be of this language.
    pub extensions: Vec<String>,
    /// A program that shows the language at work.
    pub example: String,
}

impl Language {
    /// The name a bare piece of code gets.
    #[must_use]
    pub fn default_file(&self) -> &str {
        &self.entry_points[0]
    }
}

/// A language nobody here speaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Unknown language `{asked}`. Supported languages: {supported}.")]
pub struct UnknownLanguage {
    /// What was asked for, shortened.
    pub asked: String,
    /// The canonical names, separated by commas.
    pub supported: String,
}

/// Why a table of languages cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLanguageTable {
    /// Nothing in it.
    #[error("the language table is empty")]
    Empty,
    /// One name for two languages.
    #[error("`{0}` names two languages")]
    NameTwice(String),
    /// A field that must have something in it has not.
    #[error("language `{language}`: `{field}` is empty")]
    EmptyField {
        /// The entry.
        language: String,
        /// Its field.
        field: &'static str,
    },
    /// A name that cannot be part of a label, a path or a URL.
    #[error("`{0}` is no language name: letters, digits, `-`, `_`, `+` and `#`, at most 32")]
    BadName(String),
}

/// All languages, by every name they go by.
#[derive(Clone, Debug)]
pub struct LanguageTable {
    languages: Vec<Arc<Language>>,
}

impl LanguageTable {
    /// The table of these languages; the first is the default.
    ///
    /// # Errors
    /// When it is empty, an entry is incomplete, or a name means two languages.
    pub fn new(languages: Vec<Language>) -> Result<Self, InvalidLanguageTable> {
        if languages.is_empty() {
            return Err(InvalidLanguageTable::Empty);
        }
        let mut seen = std::collections::BTreeSet::new();
        for language in &languages {
            let empty =
                |field| Err(InvalidLanguageTable::EmptyField { language: language.name.clone(), field });
            if language.command.is_empty() {
                return empty("command");
            }
            if language.entry_points.is_empty() {
                return empty("entry_points");
            }
            if language.image.is_empty() {
                return empty("image");
            }
            for name in std::iter::once(&language.name).chain(&language.aliases) {
                let ok = |c: char| c.is_ascii_alphanumeric() || "-_+#".contains(c);
                if name.is_empty() || name.len() > 32 || !name.chars().all(ok) {
                    return Err(InvalidLanguageTable::BadName(name.clone()));
                }
                if !seen.insert(name.to_ascii_lowercase()) {
                    return Err(InvalidLanguageTable::NameTwice(name.clone()));
                }
            }
        }
        Ok(Self { languages: languages.into_iter().map(Arc::new).collect() })
    }

    /// The language of that name or alias; case does not matter.
    ///
    /// # Errors
    /// When there is none; the error names those that are supported.
    pub fn resolve(&self, name: &str) -> Result<Arc<Language>, UnknownLanguage> {
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        let found = self.languages.iter().find(|l| is(&l.name) || l.aliases.iter().any(|a| is(a)));
        found.cloned().ok_or_else(|| UnknownLanguage {
            asked: name.chars().filter(|c| !c.is_control()).take(40).collect(),
            supported: self.languages.iter().map(|l| l.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    /// The language of a request that names none.
    #[must_use]
    pub fn default_language(&self) -> Arc<Language> {
        Arc::clone(&self.languages[0])
    }

    /// The language whose programs have names that end like this one.
    #[must_use]
    pub fn by_file_name(&self, name: &str) -> Option<Arc<Language>> {
        let (_, ending) = name.rsplit_once('.')?;
        let is = |l: &&Arc<Language>| l.extensions.iter().any(|e| e.eq_ignore_ascii_case(ending));
        self.languages.iter().find(is).cloned()
    }

    /// Every language, in the table's order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Language>> {
        self.languages.iter()
    }
}
