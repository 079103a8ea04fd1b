//! Reads this sandbox's own cgroup, version 1 or 2, from inside, before there is a program. Where none can be seen (gVisor)
//! it says so. What is read while a program runs is in `gauges.rs`.

use std::{
    fs::{self, File},
    io::Read,
};

use crate::{gauges, protocol::CgroupLimits};

/// The files that tell what the sandbox uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cgroup {
    /// One hierarchy per controller.
    V1,
    /// The unified hierarchy.
    V2,
    /// None to be seen.
    Unseen,
}

impl Cgroup {
    /// Finds out which there is.
    #[must_use]
    pub fn detect() -> Self {
        if fs::exists("/sys/fs/cgroup/memory.events").unwrap_or(false) {
            Self::V2
        } else if fs::exists("/sys/fs/cgroup/memory/memory.oom_control").unwrap_or(false) {
            Self::V1
        } else {
            Self::Unseen
        }
    }

    /// Processes killed for memory since the sandbox was made, as far as it can be read.
    #[must_use]
    pub fn oom_kills(self) -> u64 {
        let path = match self {
            Self::V1 => "/sys/fs/cgroup/memory/memory.oom_control",
            Self::V2 => "/sys/fs/cgroup/memory.events",
            Self::Unseen => return 0,
        };
        keyed(path, "oom_kill").unwrap_or(0)
    }

    /// The memory limit in bytes.
    #[must_use]
    pub fn memory_limit(self) -> Option<u64> {
        match self {
            Self::V1 => number("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
            Self::V2 => number("/sys/fs/cgroup/memory.max"),
            Self::Unseen => None,
        }
    }

    /// The limit of processes and threads.
    #[must_use]
    pub fn pids_limit(self) -> Option<u64> {
        match self {
            Self::V1 => number("/sys/fs/cgroup/pids/pids.max"),
            Self::V2 => number("/sys/fs/cgroup/pids.max"),
            Self::Unseen => None,
        }
    }

    /// Whether these limits are in force.
    #[must_use]
    pub fn has(self, limits: CgroupLimits) -> bool {
        self.memory_limit() == Some(limits.memory_bytes) && self.pids_limit() == Some(limits.pids)
    }
}

fn number(path: &str) -> Option<u64> {
    read(path)?.trim().parse().ok()
}

fn keyed(path: &str, key: &str) -> Option<u64> {
    gauges::keyed_in(&read(path)?, key)
}

/// The kernel writes these files anew for each reader, whole, and each is short: one read is all it takes.
fn read(path: &str) -> Option<String> {
    let mut text = [0; 4096];
    let length = File::open(path).ok()?.read(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text[..length]).into_owned())
}
