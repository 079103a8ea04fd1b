//! What can be seen from the host: processes, open files, memory, files.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Every file below a folder; links are not followed.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// What a server process holds: grows when something leaks.
#[derive(Clone, Copy, Debug)]
pub struct Footprint {
    pub descriptors: usize,
    pub threads: usize,
    pub memory_kib: u64,
    /// The most memory that it ever had.
    pub peak_kib: u64,
}

/// What this process holds now.
pub fn footprint(pid: u32) -> Footprint {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a living process");
    let number = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    Footprint {
        descriptors: fs::read_dir(format!("/proc/{pid}/fd")).expect("a process of ours").count(),
        threads: usize::try_from(number("Threads:")).unwrap_or(usize::MAX),
        memory_kib: number("VmRSS:"),
        peak_kib: number("VmHWM:"),
    }
}

/// Every pid on the host.
pub fn pids() -> BTreeSet<u32> {
    let entries = fs::read_dir("/proc").expect("/proc");
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The real uid of a process, if it is there.
pub fn uid_of(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The processes in the control groups of this one, itself among them. Not all of its uid: somebody of the machine may have
/// the same.
pub fn processes_beside(pid: u32) -> Vec<u32> {
    let groups = |pid: u32| fs::read_to_string(format!("/proc/{pid}/cgroup")).ok();
    let uid = uid_of(pid).expect("a living process");
    let mut all = processes_of(uid);
    all.retain(|other| groups(*other) == groups(pid));
    all
}

/// The processes that belong to this uid.
pub fn processes_of(uid: u32) -> Vec<u32> {
    pids().into_iter().filter(|pid| uid_of(*pid) == Some(uid)).collect()
}
