//! Reads this sandbox's own cgroup, version 1 or 2, from inside. Where none can be seen (gVisor) it says so.

use std::{
    fs::{self, File},
    io::Read,
};

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

    /// Processes killed for memory since the sandbox was made.
    #[must_use]
    pub fn oom_kills(self) -> u64 {
        let path = match self {
            Self::V1 => "/sys/fs/cgroup/memory/memory.oom_control",
            Self::V2 => "/sys/fs/cgroup/memory.events",
            Self::Unseen => return 0,
        };
        keyed(path, "oom_kill").unwrap_or(0)
    }

    /// The most memory held so far, in bytes.
    #[must_use]
    pub fn memory_peak(self) -> Option<u64> {
        match self {
            Self::V1 => number("/sys/fs/cgroup/memory/memory.max_usage_in_bytes"),
            // `memory.peak` came with Linux 5.19; before it, what is held now is the best there is.
            Self::V2 => {
                number("/sys/fs/cgroup/memory.peak").or_else(|| number("/sys/fs/cgroup/memory.current"))
            }
            Self::Unseen => None,
        }
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

    /// CPU time of all processes since the sandbox was made, in microseconds. Without a cgroup nobody knows: gVisor counts
    /// who waits for the CPU as having it. The sandbox has one, and its wall-clock time bounds it.
    #[must_use]
    pub fn cpu_us(self) -> Option<u64> {
        match self {
            Self::V1 => number("/sys/fs/cgroup/cpuacct/cpuacct.usage").map(|ns| ns / 1000),
            Self::V2 => keyed("/sys/fs/cgroup/cpu.stat", "usage_usec"),
            Self::Unseen => None,
        }
    }
}

fn number(path: &str) -> Option<u64> {
    read(path)?.trim().parse().ok()
}

fn keyed(path: &str, key: &str) -> Option<u64> {
    keyed_in(&read(path)?, key)
}

/// The kernel writes these files anew for each reader, whole, and each is short: one read is all it takes.
fn read(path: &str) -> Option<String> {
    let mut text = [0; 4096];
    let length = File::open(path).ok()?.read(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text[..length]).into_owned())
}

fn keyed_in(text: &str, key: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))?;
    value.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::keyed_in;

    #[test]
    fn a_key_is_matched_whole() {
        let events = "low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\noom_group_kill 0\n";
        assert_eq!(keyed_in(events, "oom_kill"), Some(1));
        assert_eq!(keyed_in(events, "oom"), Some(2));
        assert_eq!(keyed_in(events, "oom_k"), None);
    }
}
