//! The paths of `/proc` and `/sys` that tell of the host, hidden from every sandbox.
//!
//! Whole trees: what one file tells is told by others one folder further. Left open is what programs read, listed in
//! `tests/suite/attacks/open_files.txt`, to which a test holds all that can be read from inside. What a kernel does not
//! have the runtime leaves out.

use sandbox_init::protocol::{CLOSED, Kernel};

/// Paths that show nothing. Naming any replaces the engine's own list, so that is here too.
pub const MASKED_PATHS: [&str; 83] = [
    // The engine's own.
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
    // How the host was started, what its kernel is made of, and what is loaded into it.
    "/proc/bootconfig",
    "/proc/cmdline",
    "/proc/config.gz",
    "/proc/crypto",
    "/proc/devices",
    "/proc/dynamic_debug",
    "/proc/kallsyms",
    "/proc/misc",
    "/proc/modules",
    "/sys/kernel",
    "/sys/module",
    "/sys/hypervisor",
    "/sys/power",
    // Its devices, disks and file systems.
    "/proc/bus",
    "/proc/consoles",
    "/proc/device-tree",
    "/proc/diskstats",
    "/proc/driver",
    "/proc/fb",
    "/proc/fs",
    "/proc/mdstat",
    "/proc/partitions",
    "/proc/tty",
    "/sys/block",
    "/sys/bus",
    "/sys/class",
    "/sys/dev",
    "/sys/devices",
    "/sys/fs/bcachefs",
    "/sys/fs/bpf",
    "/sys/fs/btrfs",
    "/sys/fs/cifs",
    "/sys/fs/erofs",
    "/sys/fs/ext4",
    "/sys/fs/f2fs",
    "/sys/fs/fuse",
    "/sys/fs/nfs",
    "/sys/fs/nilfs2",
    "/sys/fs/pstore",
    "/sys/fs/resctrl",
    "/sys/fs/selinux",
    "/sys/fs/smackfs",
    "/sys/fs/tmpfs",
    "/sys/fs/virtiofs",
    "/sys/fs/xfs",
    // Its memory, as it is laid out and used.
    "/proc/allocinfo",
    "/proc/buddyinfo",
    "/proc/iomem",
    "/proc/ioports",
    "/proc/mtrr",
    "/proc/pagetypeinfo",
    "/proc/slabinfo",
    "/proc/vmallocinfo",
    "/proc/vmstat",
    "/proc/zoneinfo",
    // What it does, and when; how many sandboxes there are now.
    "/proc/cgroups",
    "/proc/irq",
    "/proc/key-users",
    "/proc/pressure",
    "/proc/schedstat",
    "/proc/softirqs",
    // Its settings. Reading some of the network's writes the reader's name into the host's log. Of the kernel's most
    // stay: they are the same on many hosts. The number of this boot is not.
    "/proc/sys/abi",
    "/proc/sys/debug",
    "/proc/sys/dev",
    "/proc/sys/fs",
    "/proc/sys/kernel/pty",
    "/proc/sys/kernel/random/boot_id",
    "/proc/sys/net",
    "/proc/sys/sunrpc",
    "/proc/sys/user",
    "/proc/sys/vm",
];

/// Paths that cannot be written, whoever asks: the engine's own list.
const READONLY_PATHS: [&str; 5] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// Paths that cannot be written on this kernel, whoever asks. Those that stand in for Landlock come first: the runtime
/// mounts one after the other, each over what is there.
#[must_use]
pub fn readonly_paths(kernel: Kernel) -> Vec<&'static str> {
    let closed: &[&str] = if kernel == Kernel::HostWithoutLandlock { &CLOSED } else { &[] };
    closed.iter().chain(&READONLY_PATHS).copied().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sandbox_init::protocol::TRIED_MASKS;

    use super::*;

    #[test]
    fn what_is_tried_from_inside_is_masked() {
        for path in TRIED_MASKS {
            assert!(MASKED_PATHS.contains(&path), "{path}");
        }
    }

    #[test]
    fn without_landlock_more_is_read_only_and_with_it_nothing_else() {
        assert_eq!(readonly_paths(Kernel::Host), READONLY_PATHS);
        assert_eq!(readonly_paths(Kernel::Own), READONLY_PATHS);
        let without = readonly_paths(Kernel::HostWithoutLandlock);
        assert_eq!((&without[..2], &without[2..]), (&CLOSED[..], &READONLY_PATHS[..]));
    }

    #[test]
    fn no_path_is_named_twice_and_the_cgroup_stays() {
        assert_eq!(BTreeSet::from(MASKED_PATHS).len(), MASKED_PATHS.len());
        for path in MASKED_PATHS {
            assert!(!"/sys/fs/cgroup/memory".starts_with(path) && !"/proc/self".starts_with(path), "{path}");
        }
    }
}
