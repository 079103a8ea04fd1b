//! What can be run here, as contracts list it: from the hosts' own word, where they have given it, else from the table.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use super::tool::Offer;
use crate::{
    domain::{
        language::Language,
        limits::Limits,
        ports::{ExecutionStore, Sandbox},
    },
    inbound::http::Desk,
};

/// A language that can be run.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The table's entry.
    pub language: Arc<Language>,
    /// Its version: three numbers with dots between, as far as it is known.
    pub version: String,
    /// Packages beside the standard library, each with its version, as far as the language tells of them.
    pub packages: BTreeMap<String, String>,
}

/// The languages that can be run now, the default first. Where no host has told what it has, those of the table.
pub async fn languages<S: Sandbox, R: ExecutionStore>(desk: &Desk<S, R>) -> Vec<Offered> {
    let installed = desk.service().languages().await.unwrap_or_default();
    let there: Vec<Offered> = installed
        .into_iter()
        .filter(|language| language.problem.is_none())
        .map(|installed| {
            let version = exact(&installed.version, &installed.language);
            Offered { language: installed.language, version, packages: installed.packages }
        })
        .collect();
    if !there.is_empty() {
        return there;
    }
    let table = desk.rules().languages.iter();
    let untold = |language: &Arc<Language>| Offered {
        language: Arc::clone(language),
        version: exact("", language),
        packages: BTreeMap::new(),
    };
    table.map(untold).collect()
}

/// What the tool offers.
pub async fn of<S: Sandbox, R: ExecutionStore>(desk: &Desk<S, R>) -> Offer {
    let all = languages(desk).await;
    let limits = desk.rules().limits;
    let names = all.iter().map(|offered| offered.language.name.clone()).collect();
    let versions: Vec<String> = all.iter().map(|offered| offered.described(limits)).collect();
    let longest = all.iter().map(|offered| offered.language.limits(limits).timeout).max();
    Offer { names, versions: versions.join(", "), longest: longest.unwrap_or(limits.timeout) }
}

impl Offered {
    /// Its name and version; its limits where they are not the server's; its packages, where it has any.
    fn described(&self, server: Limits) -> String {
        let Self { language, version, packages } = self;
        let mut text = format!("{} ({} {version}", language.name, language.title);
        let limits = language.limits(server);
        if (limits.timeout, limits.memory_mb) != (server.timeout, server.memory_mb) {
            let (seconds, memory) = (limits.timeout.as_secs_f64(), limits.memory_mb);
            write!(text, "; {seconds} seconds, {memory} MB").ok();
        }
        if !packages.is_empty() {
            let named: Vec<_> = packages.iter().map(|(name, version)| format!("{name} {version}")).collect();
            write!(text, "; with {}", named.join(", ")).ok();
        }
        text + ")"
    }
}

/// The version in an interpreter's own words, such as `Python 3.11.14`: its first numbers, filled up to three. Clients match
/// ranges against it.
fn exact(words: &str, language: &Language) -> String {
    let numbers = |text: &str| -> Option<Vec<String>> {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let end = text[start..]
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .map_or(text.len(), |length| start + length);
        let parts = text[start..end].split('.').filter(|part| !part.is_empty()).take(3);
        Some(
            parts
                .map(|part| part.trim_start_matches('0'))
                .map(|part| if part.is_empty() { "0" } else { part })
                .map(str::to_owned)
                .collect(),
        )
    };
    let mut parts = numbers(words).or_else(|| numbers(&language.version.to_string())).unwrap_or_default();
    parts.resize(3, "0".to_owned());
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::testing::languages;

    #[test]
    fn a_language_is_told_with_its_own_limits_and_its_packages() {
        let table = languages();
        let language = Language::clone(table.iter().next().unwrap());
        let server = Limits::default();
        let offered = |language: Language, packages: &[(&str, &str)]| Offered {
            language: Arc::new(language),
            version: "1.2.3".to_owned(),
            packages: packages
                .iter()
                .map(|(name, version)| ((*name).to_owned(), (*version).to_owned()))
                .collect(),
        };
        let (name, title) = (language.name.clone(), language.title.clone());
        let plain = offered(language.clone(), &[]).described(server);
        assert_eq!(plain, format!("{name} ({title} 1.2.3)"));
        let mut large = language;
        (large.timeout, large.memory_mb) = (Some(Duration::from_secs(30)), Some(512));
        let told = offered(large, &[("numpy", "1.24.2"), ("pandas", "1.5.3")]).described(server);
        assert_eq!(
            told,
            format!("{name} ({title} 1.2.3; 30 seconds, 512 MB; with numpy 1.24.2, pandas 1.5.3)")
        );
    }

    #[test]
    fn a_version_is_three_numbers_whatever_the_interpreter_says() {
        let table = languages();
        let language = table.iter().next().unwrap();
        for (words, version) in [
            ("3.11.14", "3.11.14"),
            ("v18.20.8", "18.20.8"),
            ("Python 3.11.2 (main)", "3.11.2"),
            ("gcc 12.2", "12.2.0"),
            ("go1.19.8 linux", "1.19.8"),
            ("2.0.07", "2.0.7"),
            ("", "1.0.0"),
            ("unknown", "1.0.0"),
        ] {
            assert_eq!(exact(words, language), version, "{words}");
        }
    }
}
