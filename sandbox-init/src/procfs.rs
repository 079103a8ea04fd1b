//! What `/proc` tells of the whole sandbox where its cgroup cannot be seen: on a kernel of its own (gVisor), whose
//! `/proc` knows nobody else.

use std::{fs, process};

/// `/proc/<pid>/stat` counts in these, on every Linux there is.
const MICROS_PER_TICK: u64 = 10_000;

/// All memory there is, in bytes.
#[must_use]
pub fn memory_total() -> Option<u64> {
    meminfo("MemTotal")
}

/// Memory that programs hold, the files of their tmpfs included, in bytes. What the kernel keeps of the image's files
/// is not theirs.
#[must_use]
pub fn memory_used() -> Option<u64> {
    meminfo("AnonPages")
}

/// CPU time of all processes but this one, and of those that they have waited for, in microseconds.
#[must_use]
pub fn cpu_us() -> Option<u64> {
    let own = process::id();
    let pids = fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| {
        entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()).filter(|pid| *pid != own)
    });
    // One that has ended since counts with whoever waited for it, or at the next look.
    let ticks = pids.filter_map(|pid| ticks_in(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?));
    Some(ticks.sum::<u64>() * MICROS_PER_TICK)
}

fn meminfo(name: &str) -> Option<u64> {
    bytes_in(&fs::read_to_string("/proc/meminfo").ok()?, name)
}

fn bytes_in(meminfo: &str, name: &str) -> Option<u64> {
    let value = meminfo.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    value.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

/// User and system time, of the process and of its children: fields 14 to 17. A name may hold anything, brackets too;
/// the last one ends it.
fn ticks_in(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let times = after_name.split_whitespace().skip(11).take(4);
    times.map(|ticks| ticks.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_bytes() {
        let text = "MemTotal:         131072 kB\nMemFree:          119540 kB\nAnonPages:          4424 kB\n";
        assert_eq!(bytes_in(text, "MemTotal"), Some(128 << 20));
        assert_eq!(bytes_in(text, "AnonPages"), Some(4424 << 10));
        assert_eq!(bytes_in(text, "Mem"), None);
        assert_eq!(bytes_in("MemTotal: much\n", "MemTotal"), None);
    }

    #[test]
    fn the_times_of_a_process_are_found_whatever_its_name() {
        let stat = "7 (a) b) (c) S 1 7 7 0 -1 0 0 0 0 0 1 20 300 4000 20 0 1 0 5 6 7";
        assert_eq!(ticks_in(stat), Some(4321));
        assert_eq!(ticks_in("7 (a) S 1 7"), Some(0));
        assert_eq!(ticks_in(""), None);
    }

    #[test]
    fn a_child_that_works_is_seen_to() {
        let work = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; sleep 5";
        let mut child = process::Command::new("sh").args(["-c", work]).spawn().unwrap();
        let before = cpu_us().unwrap();
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        let mine = || ticks_in(&fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap()).unwrap();
        while mine() < 10 {
            assert!(std::time::Instant::now() < until, "no CPU time was seen");
        }
        assert!(cpu_us().unwrap() >= before);
        assert!(memory_used().unwrap() <= memory_total().unwrap());
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
