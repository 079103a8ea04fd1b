//! What is read of the cgroup while a program runs: by descriptors that were opened, and read once, before it began.
//!
//! An open file, and the buffer that the kernel makes for its first read, are charged to the sandbox's own cgroup. At the
//! memory limit such a charge is the one that calls the OOM killer, and where the program has just died of it only init is
//! left to be killed. So nothing here opens anything after [`Gauges::open`], and a read goes into memory that is there.

use std::{fs::File, os::unix::fs::FileExt};

use crate::cgroup::Cgroup;

/// The longest text that is read: 64 task ids, or a cgroup's statistics.
const LONGEST: usize = 4096;

/// Everything that is read of the cgroup during a run. What this host does not have is `None` at each reading.
#[derive(Debug)]
pub struct Gauges {
    cpu: Option<Gauge>,
    oom_kills: Option<Gauge>,
    memory_used: Option<Gauge>,
    memory_peak: Option<Gauge>,
    forks_refused: Option<Gauge>,
    waiting: Option<Gauge>,
    tasks: Option<Text>,
    memory_limit: Option<u64>,
}

impl Gauges {
    /// Opens what there is.
    #[must_use]
    pub fn open(cgroup: Cgroup) -> Self {
        let memory_limit = cgroup.memory_limit();
        match cgroup {
            Cgroup::V1 => Self {
                cpu: Gauge::nanoseconds("/sys/fs/cgroup/cpuacct/cpuacct.usage"),
                oom_kills: Gauge::keyed("/sys/fs/cgroup/memory/memory.oom_control", "oom_kill"),
                memory_used: Gauge::number("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
                memory_peak: Gauge::number("/sys/fs/cgroup/memory/memory.max_usage_in_bytes"),
                forks_refused: Gauge::keyed("/sys/fs/cgroup/pids/pids.events", "max"),
                // Version 1 does not count it for a cgroup: `waiting.rs` asks each task.
                waiting: None,
                tasks: Text::open("/sys/fs/cgroup/cpuacct/tasks"),
                memory_limit,
            },
            Cgroup::V2 => Self {
                cpu: Gauge::keyed("/sys/fs/cgroup/cpu.stat", "usage_usec"),
                oom_kills: Gauge::keyed("/sys/fs/cgroup/memory.events", "oom_kill"),
                memory_used: Gauge::number("/sys/fs/cgroup/memory.current"),
                // `memory.peak` came with Linux 5.19; before it, what is held now is the best there is.
                memory_peak: Gauge::number("/sys/fs/cgroup/memory.peak")
                    .or_else(|| Gauge::number("/sys/fs/cgroup/memory.current")),
                forks_refused: Gauge::keyed("/sys/fs/cgroup/pids.events", "max"),
                waiting: Gauge::pressure("/sys/fs/cgroup/cpu.pressure"),
                tasks: Text::open("/sys/fs/cgroup/cgroup.threads"),
                memory_limit,
            },
            Cgroup::Unseen => Self {
                cpu: None,
                oom_kills: None,
                memory_used: None,
                memory_peak: None,
                forks_refused: None,
                waiting: None,
                tasks: None,
                memory_limit: None,
            },
        }
    }

    /// CPU time of all processes since the sandbox was made, in microseconds. Without a cgroup nobody knows: gVisor counts
    /// who waits for the CPU as having it. The sandbox has one, and its time limit bounds it.
    #[must_use]
    pub fn cpu_us(&self) -> Option<u64> {
        self.cpu.as_ref()?.read()
    }

    /// Processes killed for memory since the sandbox was made; `None` when that cannot be known now.
    #[must_use]
    pub fn oom_kills(&self) -> Option<u64> {
        self.oom_kills.as_ref()?.read()
    }

    /// The most memory held so far, in bytes.
    #[must_use]
    pub fn memory_peak(&self) -> Option<u64> {
        self.memory_peak.as_ref()?.read()
    }

    /// Bytes that the sandbox holds now.
    #[must_use]
    pub fn memory_used(&self) -> Option<u64> {
        self.memory_used.as_ref()?.read()
    }

    /// Bytes that may still be taken before the limit; 0 when that cannot be known.
    #[must_use]
    pub fn memory_left(&self) -> u64 {
        self.memory_limit.zip(self.memory_used()).map_or(0, |(limit, used)| limit.saturating_sub(used))
    }

    /// The memory limit, in bytes.
    #[must_use]
    pub const fn memory_limit(&self) -> Option<u64> {
        self.memory_limit
    }

    /// Says that the memory limit is another one now.
    pub const fn set_memory_limit(&mut self, bytes: u64) {
        self.memory_limit = Some(bytes);
    }

    /// How often a new process or thread was refused for the limit of them, since the sandbox was made.
    #[must_use]
    pub fn forks_refused(&self) -> Option<u64> {
        self.forks_refused.as_ref()?.read()
    }

    /// Time in which something of the sandbox wanted a CPU and nothing of it had one, in microseconds; where the kernel
    /// counts it for a cgroup (version 2 with pressure information).
    #[must_use]
    pub fn waiting_us(&self) -> Option<u64> {
        self.waiting.as_ref()?.read()
    }

    /// Hands each task id of the sandbox to `each`; false when they cannot be listed.
    pub fn for_each_task(&self, mut each: impl FnMut(i32)) -> bool {
        let Some(tasks) = &self.tasks else { return false };
        tasks.with(|text| text.lines().filter_map(|line| line.parse().ok()).for_each(&mut each)).is_some()
    }
}

/// A file of the kernel's, open.
#[derive(Debug)]
pub struct Text(File);

impl Text {
    /// Opens a file and reads it once, so that the kernel has made its buffer.
    #[must_use]
    pub fn open(path: &str) -> Option<Self> {
        let text = Self(File::open(path).ok()?);
        text.with(|_| ())?;
        Some(text)
    }

    /// Reads it anew. The kernel writes these files for each reader, whole, and each is short: one read is all it takes.
    pub fn with<T>(&self, look: impl FnOnce(&str) -> T) -> Option<T> {
        let mut bytes = [0; LONGEST];
        let length = self.0.read_at(&mut bytes, 0).ok()?;
        std::str::from_utf8(&bytes[..length]).ok().map(look)
    }
}

/// One number in a file of the kernel's.
#[derive(Debug)]
struct Gauge {
    text: Text,
    find: fn(&str, &str) -> Option<u64>,
    key: &'static str,
}

impl Gauge {
    fn number(path: &str) -> Option<Self> {
        Self::open(path, |text, _| text.trim().parse().ok(), "")
    }

    /// A number of nanoseconds, told in microseconds.
    fn nanoseconds(path: &str) -> Option<Self> {
        Self::open(path, |text, _| Some(text.trim().parse::<u64>().ok()? / 1000), "")
    }

    fn keyed(path: &str, key: &'static str) -> Option<Self> {
        Self::open(path, keyed_in, key)
    }

    fn pressure(path: &str) -> Option<Self> {
        Self::open(path, total_in, "full")
    }

    /// A file without the number is none.
    fn open(path: &str, find: fn(&str, &str) -> Option<u64>, key: &'static str) -> Option<Self> {
        let gauge = Self { text: Text::open(path)?, find, key };
        gauge.read()?;
        Some(gauge)
    }

    fn read(&self) -> Option<u64> {
        self.text.with(|text| (self.find)(text, self.key)).flatten()
    }
}

/// The number after a key at the beginning of a line.
#[must_use]
pub fn keyed_in(text: &str, key: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))?;
    value.trim().parse().ok()
}

/// The total in the line of pressure information that begins with this word.
fn total_in(text: &str, word: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '))?;
    line.split(' ').find_map(|field| field.strip_prefix("total="))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_matched_whole() {
        let events = "low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\noom_group_kill 0\n";
        assert_eq!(keyed_in(events, "oom_kill"), Some(1));
        assert_eq!(keyed_in(events, "oom"), Some(2));
        assert_eq!(keyed_in(events, "oom_k"), None);
    }

    #[test]
    fn the_total_of_a_pressure_is_the_one_of_its_line() {
        let text = "some avg10=0.00 avg60=0.12 avg300=0.00 total=1234\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=56\n";
        assert_eq!(total_in(text, "full"), Some(56));
        assert_eq!(total_in(text, "some"), Some(1234));
        assert_eq!(total_in("some avg10=0.00 total=7\n", "full"), None);
    }

    #[test]
    fn what_is_not_there_is_unknown_and_never_nothing() {
        let none = Gauges::open(Cgroup::Unseen);
        assert_eq!((none.oom_kills(), none.cpu_us(), none.forks_refused()), (None, None, None));
        assert!(!none.for_each_task(|_| ()));
    }

    #[test]
    fn a_file_is_read_anew_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        std::fs::write(&path, "oom_kill 1\n").unwrap();
        let gauge = Gauge::keyed(path.to_str().unwrap(), "oom_kill").unwrap();
        std::fs::write(&path, "oom_kill 2\n").unwrap();
        assert_eq!(gauge.read(), Some(2));
        std::fs::write(&path, "").unwrap();
        assert_eq!(gauge.read(), None);
    }
}
