//! The state of all Docker hosts in one.

use std::collections::BTreeSet;

use crate::{
    domain::{
        language::LanguageTable,
        ports::{HostCount, PoolDepth, SandboxHealth},
    },
    outbound::docker::config::DockerConfig,
};

/// What one host says of itself.
pub enum HostHealth {
    /// The host is used, and answered with this.
    Fine(SandboxHealth),
    /// The host failed lately and is used only where there is no other; it answered with this.
    Doubtful(SandboxHealth),
    /// The host has passed its checks, and did not answer or is not well.
    Silent,
    /// The host has not passed its checks.
    NotOpen,
}

/// What all of them say together.
#[must_use]
pub fn health(reports: Vec<HostHealth>, config: &DockerConfig, languages: &LanguageTable) -> SandboxHealth {
    let total = reports.len();
    let any_open = reports.iter().any(|report| !matches!(report, HostHealth::NotOpen));
    let (mut said, mut doubtful) = (Vec::new(), Vec::new());
    for report in reports {
        match report {
            HostHealth::Fine(health) => said.push(health),
            HostHealth::Doubtful(health) => doubtful.push(health),
            HostHealth::Silent | HostHealth::NotOpen => {}
        }
    }
    if said.is_empty() {
        said = doubtful;
    }
    let up = said.len();
    // What is wanted of hosts that are there; of one, where none is.
    let counted = up.max(1);
    let depth = |language: &String| PoolDepth {
        language: language.clone(),
        warm: said
            .iter()
            .flat_map(|health| &health.pool)
            .filter(|depth| depth.language == *language)
            .map(|depth| depth.warm)
            .sum(),
        target: config.pool.get(language).copied().unwrap_or(0) * counted,
    };
    let names: BTreeSet<&String> = languages.iter().map(|language| &language.name).collect();
    let problem = match (up, any_open) {
        (1.., _) => None,
        (0, true) => Some("the Docker host does not answer"),
        (0, false) if total == 0 => Some("no Docker host is known yet"),
        (0, false) => Some("the Docker host has not passed its checks"),
    };
    SandboxHealth {
        ok: up > 0,
        hosts: HostCount { up, total },
        problem: problem.map(ToOwned::to_owned),
        engine: distinct(said.iter().filter_map(|health| health.engine.as_deref())),
        runtime: distinct(said.iter().filter_map(|health| health.runtime.as_deref())),
        apparmor: said.iter().filter_map(|health| health.apparmor).reduce(|all, one| all && one),
        landlock: said.iter().filter_map(|health| health.landlock).reduce(|all, one| all && one),
        running: said.iter().map(|health| health.running).sum(),
        capacity: match up {
            // What is set, where no host has told its CPUs.
            0 => config.bounds.running.unwrap_or(0),
            _ => said.iter().map(|health| health.capacity).sum(),
        },
        pool: names.into_iter().map(depth).collect(),
    }
}

/// What they have, which is the same everywhere but while they are being upgraded.
fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let texts: BTreeSet<&str> = texts.collect();
    (!texts.is_empty()).then(|| Vec::from_iter(texts).join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{outbound::docker::fleet::tests::config, testing::languages};

    fn said(running: usize, warm: usize) -> SandboxHealth {
        let depth = |language: &str| PoolDepth { language: language.to_owned(), warm, target: 2 };
        SandboxHealth {
            ok: true,
            hosts: HostCount { up: 1, total: 1 },
            problem: None,
            engine: Some("20.10.24".to_owned()),
            runtime: Some("runc".to_owned()),
            apparmor: Some(running == 3),
            landlock: Some(running == 3),
            running,
            capacity: 4,
            pool: vec![depth("python")],
        }
    }

    fn of(reports: Vec<HostHealth>) -> SandboxHealth {
        let mut config = config();
        config.pool.insert("python".to_owned(), 2);
        health(reports, &config, &languages())
    }

    #[test]
    fn hosts_that_answer_are_added_up_and_one_is_enough() {
        let all = of(vec![
            HostHealth::Fine(said(3, 1)),
            HostHealth::Silent,
            HostHealth::Fine(said(1, 2)),
            HostHealth::NotOpen,
        ]);
        assert!(all.ok && all.problem.is_none());
        assert_eq!(all.hosts, HostCount { up: 2, total: 4 });
        assert_eq!((all.running, all.capacity), (4, 8));
        let python = PoolDepth { language: "python".to_owned(), warm: 3, target: 4 };
        assert!(all.pool.contains(&python), "{:?}", all.pool);
        assert_eq!(all.engine.as_deref(), Some("20.10.24"));
        let layers = |health: SandboxHealth| (health.apparmor, health.landlock);
        assert_eq!(layers(all), (Some(false), Some(false)), "one host without them is named");
        assert_eq!(layers(of(vec![HostHealth::Fine(said(3, 1))])), (Some(true), Some(true)));
        assert_eq!(layers(of(vec![HostHealth::NotOpen])), (None, None));
    }

    #[test]
    fn a_host_that_failed_lately_counts_where_there_is_no_other() {
        assert_eq!(of(vec![HostHealth::Fine(said(0, 0)), HostHealth::Doubtful(said(0, 0))]).hosts.up, 1);
        assert_eq!(of(vec![HostHealth::NotOpen, HostHealth::Doubtful(said(0, 0))]).hosts.up, 1);
    }

    #[test]
    fn without_any_host_it_says_why() {
        let why = |reports| {
            let none = of(reports);
            assert!(!none.ok && none.hosts.up == 0 && none.capacity == 4);
            none.problem.unwrap()
        };
        assert!(why(vec![HostHealth::Silent, HostHealth::NotOpen]).contains("does not answer"));
        assert!(why(vec![HostHealth::NotOpen]).contains("has not passed its checks"));
        assert!(why(Vec::new()).contains("no Docker host is known"));
    }
}
