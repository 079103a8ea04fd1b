//! What `/proc` tells of the whole sandbox: which processes there are; and the memory they hold where the sandbox's cgroup
//! cannot be seen, on a kernel of its own (gVisor), whose `/proc` knows nobody else.

use std::{fs, io};

/// Memory that programs hold, the files of their tmpfs included, in bytes. What the kernel keeps of the image's files
/// is not theirs.
#[must_use]
pub fn memory_used() -> Option<u64> {
    meminfo("AnonPages")
}

/// Whether there is a process that is neither of these two.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn is_there_another(one: i32, other: i32) -> io::Result<bool> {
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.parse::<i32>().ok());
        if number.is_some_and(|number| number != one && number != other) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn meminfo(name: &str) -> Option<u64> {
    bytes_in(&fs::read_to_string("/proc/meminfo").ok()?, name)
}

fn bytes_in(meminfo: &str, name: &str) -> Option<u64> {
    let value = meminfo.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    value.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
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
    fn what_is_used_is_less_than_there_is() {
        assert!(memory_used().unwrap() <= meminfo("MemTotal").unwrap());
    }
}
