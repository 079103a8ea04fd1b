//! The machine the figures are of: without it they say nothing.

use std::{fs, process::Command, thread};

use safe_code_executor::outbound::docker::Hosts;
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{Result, bare::Bare, engine::Engine, options::Options};

/// What is known of the machine and of this run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Facts {
    /// When it began, in UTC.
    pub time: String,
    /// The commit, with a `+` when files were changed since.
    pub commit: String,
    /// Rounds of each comparison.
    pub rounds: usize,
    /// Processes that were running or waiting for a CPU when it began: 1, 5 and 15 minutes.
    pub load: String,
    /// The processor.
    pub cpu: String,
    /// How many of it.
    pub cores: usize,
    /// Memory in MB.
    pub memory_mb: u64,
    /// The kernel.
    pub kernel: String,
    /// The engine, and what it runs containers with.
    pub engine: String,
    /// The cgroup version and driver.
    pub cgroup: String,
    /// The storage driver.
    pub storage: String,
    /// How the engine is reached.
    pub transport: String,
    /// The Docker CLI, where there is one.
    pub docker_cli: String,
    /// The images, and the interpreters in them.
    pub images: Vec<String>,
}

impl Facts {
    /// Looks the machine over.
    pub async fn gather(engine: &Engine, options: &Options) -> Result<Self> {
        let info = engine.docker.info().await?;
        let version = engine.docker.version().await?;
        let components = version.components.unwrap_or_default();
        let component = |name: &str| {
            let found = components.iter().find(|component| component.name == name);
            found.map_or_else(|| "?".to_owned(), |component| component.version.clone())
        };
        let cgroup = info.cgroup_version.map_or_else(|| "1".to_owned(), |version| version.to_string());
        let driver = info.cgroup_driver.map_or_else(String::new, |driver| format!(" ({driver})"));
        let mut images = Vec::new();
        for (language, version_of) in [
            ("python", ["python3", "-c", "import sys; print(sys.version.split()[0])"]),
            ("javascript", ["node", "-p", "process.versions.node"]),
        ] {
            images.push(image(engine, language, version_of).await?);
        }
        Ok(Self {
            time: OffsetDateTime::now_utc().replace_nanosecond(0)?.format(&Rfc3339)?,
            commit: commit(),
            rounds: options.rounds,
            load: fs::read_to_string("/proc/loadavg")?.split(' ').take(3).collect::<Vec<_>>().join(" "),
            cpu: field("/proc/cpuinfo", "model name"),
            cores: thread::available_parallelism()?.get(),
            memory_mb: field("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse::<u64>()? / 1024,
            kernel: info.kernel_version.unwrap_or_default(),
            engine: format!(
                "{} (containerd {}, {} {})",
                version.version.unwrap_or_default(),
                component("containerd"),
                info.default_runtime.unwrap_or_default(),
                component("runc"),
            ),
            cgroup: format!("v{}{driver}", cgroup.trim_start_matches('v')),
            storage: info.driver.unwrap_or_default(),
            transport: match &engine.hosts {
                Hosts::Unix(_) => "Unix socket".to_owned(),
                Hosts::Tcp(_, Some(_)) => "TCP with mutual TLS".to_owned(),
                Hosts::Tcp(_, None) => "TCP in plain text".to_owned(),
            },
            docker_cli: said("docker", &["--version"]).unwrap_or_else(|| "none".to_owned()),
            images,
        })
    }
}

async fn image(engine: &Engine, language: &str, version_of: [&str; 3]) -> Result<String> {
    let id = engine.body(language)?.image.unwrap_or_default();
    let found = engine.docker.inspect_image(&id).await?;
    let name = found.repo_tags.unwrap_or_default().into_iter().next().unwrap_or_else(|| id.clone());
    let labels = found.config.and_then(|config| config.labels).unwrap_or_default();
    let stand_in = if labels.contains_key("sce.stand-in") { ", a stand-in from Debian" } else { "" };
    let version = Bare::open(engine, language).await?.output_of(&version_of)?;
    let short: String = id.trim_start_matches("sha256:").chars().take(12).collect();
    Ok(format!("{name} ({short}{stand_in}): {version}"))
}

fn commit() -> String {
    let Some(commit) = said("git", &["rev-parse", "--short=10", "HEAD"]) else { return "?".to_owned() };
    let changed = said("git", &["status", "--porcelain", "--untracked-files=no"]);
    if changed.is_some_and(|changed| !changed.is_empty()) { format!("{commit}+") } else { commit }
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let ended = Command::new(program).args(arguments).output().ok()?;
    ended.status.success().then(|| String::from_utf8_lossy(&ended.stdout).trim().to_owned())
}

fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
    value.map_or_else(String::new, |(_, value)| value.trim().to_owned())
}
