//! `docker run` with the flags of our own specification, read from it so that the two cannot drift apart.
//!
//! What the command line cannot say is left out: the paths masked beyond the engine's own list.

use std::{
    io::Write,
    process::Command,
    time::{Duration, Instant},
};

use bollard::models::{ContainerCreateBody, HostConfig};
use tempfile::NamedTempFile;

use crate::Result;

/// A `docker run` that is ready to be timed.
pub struct DockerRun {
    arguments: Vec<String>,
    /// The command line takes the profile as a file.
    _seccomp: NamedTempFile,
}

impl DockerRun {
    /// The command line for this body, running `program` in the place of sandbox-init.
    pub fn new(body: &ContainerCreateBody, program: &[&str]) -> Result<Self> {
        if let Err(error) = Command::new("docker").arg("--version").output() {
            return Err(format!(
                "the Docker CLI is missing (`docker`: {error}): install it (Debian: docker-cli), or leave this \
                 variant out with --without-docker-cli"
            )
            .into());
        }
        let host = body.host_config.clone().unwrap_or_default();
        let mut seccomp = NamedTempFile::new()?;
        let options = host.security_opt.clone().unwrap_or_default();
        let profile = options.iter().find_map(|option| option.strip_prefix("seccomp="));
        seccomp.write_all(profile.ok_or("the specification has no seccomp profile")?.as_bytes())?;
        let mut arguments = vec!["run".to_owned(), "--rm".to_owned()];
        let mut flag = |name: &str, value: String| arguments.push(format!("--{name}={value}"));
        of_container(body, &mut flag);
        of_host(&host, &mut flag);
        flag("security-opt", format!("seccomp={}", seccomp.path().display()));
        arguments.push(format!("--entrypoint={}", program[0]));
        arguments.push(body.image.clone().unwrap_or_default());
        arguments.extend(program[1..].iter().map(ToString::to_string));
        Ok(Self { arguments, _seccomp: seccomp })
    }

    /// How long it takes, from spawn to wait. It has to print `4`.
    pub fn time(&self) -> Result<Duration> {
        let mut command = Command::new("docker");
        command.args(&self.arguments);
        let since = Instant::now();
        let ended = command.output()?;
        let took = since.elapsed();
        if ended.status.success() && ended.stdout == b"4\n" {
            return Ok(took);
        }
        let said = String::from_utf8_lossy(&ended.stderr);
        Err(format!("`docker run` failed ({}): {said}", ended.status).into())
    }
}

fn of_container(body: &ContainerCreateBody, flag: &mut impl FnMut(&str, String)) {
    let mut one = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            flag(name, value.clone());
        }
    };
    one("user", &body.user);
    one("workdir", &body.working_dir);
    one("hostname", &body.hostname);
    one("stop-signal", &body.stop_signal);
    flag("stop-timeout", body.stop_timeout.unwrap_or_default().to_string());
    flag("no-healthcheck", "true".to_owned());
    for variable in body.env.iter().flatten() {
        flag("env", variable.clone());
    }
    for (name, value) in body.labels.iter().flatten() {
        flag("label", format!("{name}={value}"));
    }
}

fn of_host(host: &HostConfig, flag: &mut impl FnMut(&str, String)) {
    flag("network", host.network_mode.clone().unwrap_or_default());
    flag("read-only", host.readonly_rootfs.unwrap_or_default().to_string());
    flag("memory", host.memory.unwrap_or_default().to_string());
    flag("memory-swap", host.memory_swap.unwrap_or_default().to_string());
    #[expect(clippy::cast_precision_loss, reason = "a number of CPUs")]
    flag("cpus", (host.nano_cpus.unwrap_or_default() as f64 / 1e9).to_string());
    flag("pids-limit", host.pids_limit.unwrap_or_default().to_string());
    flag("ipc", host.ipc_mode.clone().unwrap_or_default());
    flag("oom-score-adj", host.oom_score_adj.unwrap_or_default().to_string());
    flag("log-driver", host.log_config.clone().and_then(|log| log.typ).unwrap_or_default());
    if let Some(mode) = host.cgroupns_mode {
        flag("cgroupns", mode.to_string());
    }
    for (name, value) in [("cgroup-parent", &host.cgroup_parent), ("runtime", &host.runtime)] {
        if let Some(value) = value {
            flag(name, value.clone());
        }
    }
    for capability in host.cap_drop.iter().flatten() {
        flag("cap-drop", capability.clone());
    }
    for option in host.security_opt.iter().flatten().filter(|option| !option.starts_with("seccomp=")) {
        flag("security-opt", option.clone());
    }
    for (path, options) in host.tmpfs.iter().flatten() {
        flag("tmpfs", format!("{path}:{options}"));
    }
    for limit in host.ulimits.iter().flatten() {
        let (soft, hard) = (limit.soft.unwrap_or_default(), limit.hard.unwrap_or_default());
        flag("ulimit", format!("{}={soft}:{hard}", limit.name.clone().unwrap_or_default()));
    }
    for mount in host.mounts.iter().flatten() {
        let (source, target) =
            (mount.source.clone().unwrap_or_default(), mount.target.clone().unwrap_or_default());
        flag("mount", format!("type=volume,source={source},target={target},readonly,volume-nocopy"));
    }
}
