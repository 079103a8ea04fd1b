//! Reads the layers of isolation from inside, where only the truth shows.

use std::fs;

use crate::{cgroup::Cgroup, confine, protocol::Layers};

/// What is in force for this process now.
#[must_use]
pub fn read(cgroup: Cgroup) -> Layers {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field =
        |name: &str| status.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()));
    // What cannot be read counts as not in force: all capabilities, no filter. Ambient ones are among the permitted.
    let capabilities = ["CapInh", "CapPrm", "CapEff", "CapBnd"]
        .iter()
        .map(|name| field(name).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(u64::MAX))
        .fold(0, |all, some| all | some);
    Layers {
        uid: nix::unistd::getuid().as_raw(),
        capabilities,
        no_new_privs: nix::sys::prctl::get_no_new_privs().unwrap_or(false),
        seccomp: field("Seccomp").and_then(|mode| mode.parse().ok()).unwrap_or(0),
        landlock_abi: confine::landlock_abi(),
        foreign_interfaces: foreign_interfaces(&fs::read_to_string("/proc/net/dev").unwrap_or_default()),
        memory_bytes: cgroup.memory_limit(),
        pids: cgroup.pids_limit(),
    }
}

/// Interfaces besides `lo` that could carry something: a tunnel that the kernel puts into every network
/// namespace (`sit0`, `tunl0` and kin) is down, cannot be brought up without capabilities, and has no address,
/// but counts all the same where it has ever carried a byte.
fn foreign_interfaces(table: &str) -> u32 {
    const FALLBACK_TUNNELS: [&str; 10] =
        ["tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "sit0", "ip6tnl0", "ip6gre0", "bond0"];
    let foreign = table.lines().filter_map(|line| line.split_once(':')).filter(|(name, counters)| {
        let name = name.trim();
        let silent = counters.split_whitespace().all(|count| count == "0");
        name != "lo" && !(FALLBACK_TUNNELS.contains(&name) && silent)
    });
    u32::try_from(foreign.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::foreign_interfaces;

    const HEADER: &str = "Inter-|   Receive  |  Transmit\n face |bytes packets|bytes packets\n";

    #[test]
    fn only_what_could_carry_something_is_foreign() {
        assert_eq!(foreign_interfaces(&format!("{HEADER}    lo: 10 1 10 1\n")), 0);
        assert_eq!(foreign_interfaces(&format!("{HEADER} lo: 0 0\n  sit0: 0 0 0 0\n")), 0);
        assert_eq!(foreign_interfaces(&format!("{HEADER} lo: 0 0\n  sit0: 7 1 0 0\n")), 1);
        assert_eq!(foreign_interfaces(&format!("{HEADER} lo: 0 0\n  eth0: 0 0 0 0\n")), 1);
    }
}
