//! What this process is told of its Docker hosts: where they are, and how much of them it may use.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use crate::{domain::limits::Limits, outbound::docker::engine::certificates::Source};

/// What a handler needs to know to use its Docker hosts.
#[derive(Clone, Debug)]
pub struct DockerConfig {
    /// Where they are.
    pub hosts: Hosts,
    /// The name under which this deployment's sandboxes are known on a host.
    pub deployment: String,
    /// The OCI runtime; `None` is the engine's default.
    pub runtime: Option<String>,
    /// What to do where the host's kernel has no Landlock.
    pub landlock: Landlock,
    /// Refuse engine and runtime versions with known weaknesses, instead of warning.
    pub strict_versions: bool,
    /// How much of each host this handler may use.
    pub bounds: Bounds,
    /// Sandboxes that should wait on each host, by language.
    pub pool: HashMap<String, usize>,
    /// Whether any handler may use what waits. Else each handler holds its own, which is faster by two calls to
    /// the engine, and gone at once when the handler is. Share where handlers are frozen, or many.
    pub pool_shared: bool,
    /// How long a sandbox waits for work before it ends itself.
    pub pool_lease: Duration,
    /// The most that any run may use.
    pub limits: Limits,
    /// The longest that the programs of one execution may run by the clock, all together, however busy the host.
    pub longest_wall: Duration,
}

/// What to do with a host whose kernel has no Landlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landlock {
    /// The host is refused.
    Required,
    /// Other layers stand in for Landlock, and that is told.
    Optional,
}

/// Where Docker hosts are to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// On this machine.
    Unix(PathBuf),
    /// Behind these names, each with its port; `None` is plain text, only when named insecure on purpose.
    Tcp(Vec<String>, Option<Source>),
}

/// Bounds of one handler's use of a host, as they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Programs running at once; `None` is twice the host's CPUs, at least 2 and at most 64.
    pub running: Option<usize>,
    /// Sandboxes there may be at once: running, waiting for work, being made, being removed. `None` is enough for all
    /// that run and as many again, or all that are to wait.
    pub sandboxes: Option<usize>,
}
