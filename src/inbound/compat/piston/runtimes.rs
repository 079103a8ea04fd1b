//! The languages as Piston calls them, each with its version and other names.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::{
    domain::{
        language::{Version, VersionReq},
        ports::{ExecutionStore, Sandbox},
    },
    inbound::{
        compat::offer::{self, Offered},
        http::Desk,
    },
};

/// A language of ours: Piston's name for it, the runtime where one package there has several languages, and names by which
/// its clients know it beside ours.
struct Known {
    family: &'static str,
    name: &'static str,
    runtime: Option<&'static str>,
    aliases: &'static [&'static str],
}

const fn known(
    family: &'static str,
    name: &'static str,
    runtime: Option<&'static str>,
    aliases: &'static [&'static str],
) -> Known {
    Known { family, name, runtime, aliases }
}

const KNOWN: [Known; 10] = [
    known("python", "python", None, &["py", "py3", "python3", "python3.x"]),
    known("javascript", "javascript", Some("node"), &["node-javascript", "node-js", "js", "node"]),
    known("c", "c", Some("gcc"), &["gcc"]),
    known("cpp", "c++", Some("gcc"), &["cpp", "g++"]),
    known("csharp", "csharp", Some("mono"), &["c#", "cs", "mono-csharp", "mono-c#", "mono-cs"]),
    known("go", "go", None, &["golang"]),
    known("rust", "rust", None, &["rs"]),
    known("ruby", "ruby", None, &["rb", "ruby3"]),
    known("bash", "bash", None, &["sh"]),
    known("sql", "sqlite3", None, &["sql", "sqlite"]),
];

fn known_as(family: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.family == family)
}

/// A language in one version, as Piston tells it.
#[derive(Clone, Debug)]
pub struct Runtime {
    /// What of ours it is.
    pub offered: Offered,
    /// Piston's name of the language.
    pub name: String,
    package: Option<&'static str>,
    aliases: Vec<String>,
}

impl Runtime {
    fn of(offered: Offered) -> Self {
        let language = &offered.language;
        let known = known_as(&language.family);
        let name = known.map_or(language.family.as_str(), |known| known.name).to_owned();
        let ours = std::iter::once(language.family.clone()).chain(language.aliases.iter().cloned());
        let mut aliases: Vec<String> = Vec::new();
        for alias in
            ours.chain(known.into_iter().flat_map(|known| known.aliases.iter().map(ToString::to_string)))
        {
            if alias != name && !aliases.contains(&alias) {
                aliases.push(alias);
            }
        }
        Self { name, package: known.and_then(|known| known.runtime), aliases, offered }
    }

    fn is_called(&self, name: &str) -> bool {
        std::iter::once(&self.name).chain(&self.aliases).any(|known| known.eq_ignore_ascii_case(name))
    }

    fn listed(&self) -> Value {
        let mut listed =
            json!({"language": self.name, "version": self.offered.version, "aliases": self.aliases});
        if let Some(package) = self.package {
            listed["runtime"] = json!(package);
        }
        listed
    }
}

/// All of them.
pub async fn all<S: Sandbox, R: ExecutionStore>(desk: &Desk<S, R>) -> Vec<Runtime> {
    offer::languages(desk).await.into_iter().map(Runtime::of).collect()
}

/// `GET /runtimes`.
pub async fn list<S: Sandbox, R: ExecutionStore>(State(desk): State<Desk<S, R>>) -> Json<Value> {
    Json(all(&desk).await.iter().map(Runtime::listed).collect())
}

/// The newest of these that has the name and a version in the range.
pub fn find<'a>(all: &'a [Runtime], language: &str, range: &str) -> Option<&'a Runtime> {
    let fits = |runtime: &&Runtime| {
        let version: Option<Version> = runtime.offered.version.parse().ok();
        runtime.is_called(language) && version.is_some_and(|version| in_range(range, &version))
    };
    let newest = |runtime: &&Runtime| runtime.offered.version.parse::<Version>().ok();
    all.iter().filter(fits).max_by(|one, other| newest(one).cmp(&newest(other)))
}

/// Whether a version is in a range as npm writes it: what [`VersionReq`] reads, with `||` between several, `1.2 - 1.4`, a `v`
/// before a number and a space after a sign.
fn in_range(range: &str, version: &Version) -> bool {
    range.split("||").any(|part| {
        let part = part.trim().to_lowercase().replace('v', "");
        if part.is_empty() {
            return true;
        }
        let part = match part.split_once(" - ") {
            Some((from, to)) => format!(">={} {}", from.trim(), up_to(to.trim())),
            None => part,
        };
        let mut words: Vec<String> = Vec::new();
        for word in part.split_whitespace() {
            let plain = word.replace(".x", "").replace(".*", "");
            let plain = if plain.is_empty() { "*".to_owned() } else { plain };
            match words.last_mut() {
                Some(last) if last.chars().all(|c| "<>=^~".contains(c)) => last.push_str(&plain),
                _ => words.push(plain),
            }
        }
        words.join(" ").parse::<VersionReq>().is_ok_and(|range| range.matches(version))
    })
}

/// The end of `a - b`: of a version without all its numbers every one that begins with them is in the range.
fn up_to(version: &str) -> String {
    let mut numbers: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    match numbers.last_mut() {
        Some(last) if version.split('.').count() < 3 => {
            *last = last.saturating_add(1);
            format!("<{}", numbers.iter().map(u32::to_string).collect::<Vec<_>>().join("."))
        }
        _ => format!("<={version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::in_range;

    #[test]
    fn ranges_are_those_of_npm() {
        let version = "3.11.14".parse().unwrap();
        for range in [
            "",
            "*",
            "x",
            "3",
            "3.x",
            "3.X",
            "3.11",
            "3.11.x",
            "3.11.14",
            "v3.11.14",
            "=3.11.14",
            ">=3.10",
            ">= 3.10 < 4",
            "^3.9",
            "~3.11",
            "2 || 3",
            "3.10 - 3.12",
            "3.10.0 - 3.11.14",
            "18 || >=3.11 <3.12",
        ] {
            assert!(in_range(range, &version), "{range:?}");
        }
        for range in [
            "4",
            "3.1",
            "3.12.x",
            "<3.11",
            "^4",
            "2 || 4",
            "latest",
            "3.12 - 4",
            "nonsense",
            "3.10.0 - 3.11.13",
        ] {
            assert!(!in_range(range, &version), "{range:?}");
        }
    }
}
