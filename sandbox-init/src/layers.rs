//! Reads the layers of isolation from inside, where only the truth shows.

use std::{fs, io::Read, path::Path};

use nix::sys::statvfs::{FsFlags, statvfs};

use crate::{
    cgroup::Cgroup,
    confine,
    protocol::{AppArmor, CLOSED, Layers, TRIED_MASKS},
};

/// What is in force for this process now; `arguments` is what [`crate::arguments::filter_own`] said.
#[must_use]
pub fn read(cgroup: Cgroup, arguments: u64) -> Layers {
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
        arguments,
        landlock_abi: confine::landlock_abi(),
        open: open(),
        foreign_interfaces: foreign_interfaces(&fs::read_to_string("/proc/net/dev").unwrap_or_default()),
        memory_bytes: cgroup.memory_limit(),
        pids: cgroup.pids_limit(),
        unmasked: unmasked(),
        apparmor: apparmor(),
    }
}

/// Looks how the paths of [`CLOSED`] are mounted: bit n for the n-th that is there and not mounted read-only. Init cannot
/// try to write there as a program would: it is not dumpable, so that its own files in `/proc` are not its own.
fn open() -> u8 {
    let written = |path: &str| statvfs(path).is_ok_and(|found| !found.flags().contains(FsFlags::ST_RDONLY));
    CLOSED
        .iter()
        .enumerate()
        .map(|(place, path)| u8::from(written(path)) << place)
        .fold(0, |all, one| all | one)
}

/// Tries the masks: bit n for the n-th that shows something.
fn unmasked() -> u8 {
    let shows = |(place, path): (usize, &&str)| u8::from(shows_something(Path::new(path))) << place;
    TRIED_MASKS.iter().enumerate().map(shows).fold(0, |all, one| all | one)
}

/// Whether a file has a first byte, or a folder a first entry. What cannot be opened shows nothing.
fn shows_something(path: &Path) -> bool {
    if let Ok(mut entries) = fs::read_dir(path) {
        return entries.next().is_some();
    }
    fs::File::open(path).and_then(|mut file| file.read(&mut [0])).is_ok_and(|count| count > 0)
}

/// The label of this process. Kernels before 5.8 know only the older of the two names, which may be another module's.
fn apparmor() -> AppArmor {
    let paths = ["/proc/self/attr/apparmor/current", "/proc/self/attr/current"];
    let label = paths.iter().find_map(|path| fs::read_to_string(path).ok());
    label.map_or(AppArmor::Absent, |label| confinement(&label))
}

fn confinement(label: &str) -> AppArmor {
    match label.trim_end_matches(['\n', '\0']) {
        // SELinux and Smack answer to the older name with labels without a mode, and `kernel` is nobody's profile.
        "" | "kernel" => AppArmor::Absent,
        label if label.ends_with(" (enforce)") => AppArmor::Enforced,
        _ => AppArmor::NotEnforced,
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
    use super::*;

    const HEADER: &str = "Inter-|   Receive  |  Transmit\n face |bytes packets|bytes packets\n";

    #[test]
    fn what_is_hidden_shows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        assert!(!shows_something(folder.path()) && !shows_something(&file));
        fs::write(&file, "").unwrap();
        assert!(shows_something(folder.path()) && !shows_something(&file));
        fs::write(&file, "x").unwrap();
        assert!(shows_something(&file));
        assert!(!shows_something(Path::new("/dev/null")));
    }

    #[test]
    fn the_masks_that_are_tried_are_there_where_nothing_is_masked() {
        // On the machine of the tests nothing is, and one that shows nothing here would prove nothing in a sandbox.
        assert!(unmasked().count_ones() >= 3, "{:b}", unmasked());
    }

    #[test]
    fn apparmor_is_told_by_its_mode() {
        for (label, told) in [
            ("docker-default (enforce)\n", AppArmor::Enforced),
            ("docker-default (complain)\n", AppArmor::NotEnforced),
            ("unconfined\n", AppArmor::NotEnforced),
            ("runc (unconfined)\n", AppArmor::NotEnforced),
            ("kernel\n", AppArmor::Absent),
            ("", AppArmor::Absent),
        ] {
            assert_eq!(confinement(label), told, "{label}");
        }
    }

    #[test]
    fn only_what_could_carry_something_is_foreign() {
        assert_eq!(foreign_interfaces(&format!("{HEADER}    lo: 10 1 10 1\n")), 0);
        assert_eq!(foreign_interfaces(&format!("{HEADER} lo: 0 0\n  sit0: 0 0 0 0\n")), 0);
        assert_eq!(foreign_interfaces(&format!("{HEADER} lo: 0 0\n  sit0: 7 1 0 0\n")), 1);
        assert_eq!(foreign_interfaces(&format!("{HEADER} lo: 0 0\n  eth0: 0 0 0 0\n")), 1);
    }
}
