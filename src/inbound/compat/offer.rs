//! What can be run here, as contracts list it: from the hosts' own word, where they have given it, else from the table.

use std::sync::Arc;

use super::tool::Offer;
use crate::{
    domain::{
        language::Language,
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
}

/// The languages that can be run now, the default first. Where no host has told what it has, those of the table.
pub async fn languages<S: Sandbox, R: ExecutionStore>(desk: &Desk<S, R>) -> Vec<Offered> {
    let installed = desk.service().languages().await.unwrap_or_default();
    let there: Vec<Offered> = installed
        .into_iter()
        .filter(|language| language.problem.is_none())
        .map(|installed| {
            let version = exact(&installed.version, &installed.language);
            Offered { language: installed.language, version }
        })
        .collect();
    if !there.is_empty() {
        return there;
    }
    let table = desk.rules().languages.iter();
    table.map(|language| Offered { version: exact("", language), language: Arc::clone(language) }).collect()
}

/// What the tool offers.
pub async fn of<S: Sandbox, R: ExecutionStore>(desk: &Desk<S, R>) -> Offer {
    let all = languages(desk).await;
    let names = all.iter().map(|offered| offered.language.name.clone()).collect();
    let versions: Vec<String> = all
        .iter()
        .map(|Offered { language, version }| format!("{} ({} {version})", language.name, language.title))
        .collect();
    Offer { names, versions: versions.join(", ") }
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
    use super::*;
    use crate::testing::languages;

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
