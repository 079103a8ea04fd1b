//! The layers of isolation as a sandbox sees them from inside, and whose kernel is beneath it.

use serde::{Deserialize, Serialize};

/// Whose kernel is beneath a sandbox: what confines the program, and who can be asked what it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// The Docker host's, with Landlock.
    Host,
    /// The Docker host's, which has no Landlock or has it switched off. What stands in for Landlock is in `confine.rs`.
    HostWithoutLandlock,
    /// One of the sandbox's own, as gVisor gives it. It has no Landlock and shows no cgroup.
    Own,
}

impl Kernel {
    /// The word for it on the command line of `sandbox-init`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host-kernel",
            Self::HostWithoutLandlock => "host-kernel-without-landlock",
            Self::Own => "own-kernel",
        }
    }

    /// Whether it is the Docker host's, with Landlock or without.
    #[must_use]
    pub const fn is_the_hosts(self) -> bool {
        matches!(self, Self::Host | Self::HostWithoutLandlock)
    }
}

impl std::str::FromStr for Kernel {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Host, Self::HostWithoutLandlock, Self::Own]
            .into_iter()
            .find(|kernel| kernel.as_str() == word)
            .ok_or(())
    }
}

/// The layers of isolation, read from inside the sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layers {
    /// The user id.
    pub uid: u32,
    /// Effective, permitted, inheritable and bounding capabilities, or-ed: 0 when there are none.
    pub capabilities: u64,
    /// `PR_GET_NO_NEW_PRIVS`; gVisor's `/proc/self/status` does not have it.
    pub no_new_privs: bool,
    /// `Seccomp` of `/proc/self/status`: 2 is a filter.
    pub seccomp: u8,
    /// By which rules PID 1 filters the arguments of calls ([`crate::arguments::DIGEST`]); 0 on [`Kernel::Own`], where the engine's
    /// profile has them.
    pub arguments: u64,
    /// Landlock's ABI; 0 where there is none, as on [`Kernel::Own`] and [`Kernel::HostWithoutLandlock`].
    pub landlock_abi: u8,
    /// Which of [`CLOSED`] are on file systems that can be written, by their places: bit 0 is the first.
    pub open: u8,
    /// Network interfaces other than `lo`.
    pub foreign_interfaces: u32,
    /// The cgroup's memory limit in bytes, if it can be read.
    pub memory_bytes: Option<u64>,
    /// The cgroup's limit of processes, if it can be read.
    pub pids: Option<u64>,
    /// Which of [`TRIED_MASKS`] show something, by their places: bit 0 is the first.
    pub unmasked: u8,
    /// What AppArmor says of this process.
    pub apparmor: AppArmor,
}

/// Paths that must show nothing, tried from inside: a runtime may take the list of masked paths and ignore it. Each is
/// on every kernel, and tells of the host.
pub const TRIED_MASKS: [&str; 8] = [
    "/proc/cmdline",
    "/proc/kallsyms",
    "/proc/interrupts",
    "/proc/bus",
    "/proc/sys/net",
    "/sys/devices",
    "/sys/kernel",
    "/sys/module",
];

/// Paths whose file systems are mounted read-only where nothing else keeps programs from writing below them: without
/// Landlock on the host's kernel. In the first each process has files of its own, by which it could change how the kernel
/// treats it and be written to; in the second anybody may leave a queue of messages.
pub const CLOSED: [&str; 2] = ["/proc", "/dev/mqueue"];

/// AppArmor's confinement of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppArmor {
    /// The kernel says nothing of it: it has none, or it is off.
    #[default]
    Absent,
    /// A profile is enforced.
    Enforced,
    /// There is a label, and nothing is enforced: unconfined, or a profile that only complains.
    NotEnforced,
}
