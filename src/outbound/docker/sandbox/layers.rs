//! Judges what sandbox-init read of its isolation from inside. Every sandbox is judged, not only the first.

use sandbox_init::{
    arguments,
    protocol::{AppArmor, CLOSED, Kernel, Layers, TRIED_MASKS},
};

use super::spec::SandboxSpec;

/// A layer that was asked for and is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a layer of isolation is missing: {0}")]
pub struct MissingLayer(pub String);

/// What is missing on a host whose kernel has no Landlock.
const NO_LANDLOCK: &str = "the host's kernel has no Landlock (Linux 5.13 or newer with `landlock` among its LSMs); \
     with SCE_LANDLOCK=optional other layers stand in for it";

impl MissingLayer {
    /// Whether it is Landlock that is missing, for which other layers can stand in.
    #[must_use]
    pub fn is_landlock(&self) -> bool {
        self.0 == NO_LANDLOCK
    }
}

/// Checks every layer of a sandbox made so.
///
/// # Errors
/// The first that is missing.
pub fn check(layers: &Layers, spec: &SandboxSpec) -> Result<(), MissingLayer> {
    let missing = |what: &str| Err(MissingLayer(what.to_owned()));
    let own_kernel = spec.runtime.kernel == Kernel::Own;
    if layers.uid == 0 {
        return missing("the sandbox runs as root");
    }
    if layers.capabilities != 0 {
        return missing("the sandbox has capabilities");
    }
    if !layers.no_new_privs {
        return missing("no-new-privileges is not in force");
    }
    if layers.seccomp != 2 {
        return missing(if own_kernel {
            "the seccomp filter is not in force (the runtime wants the argument --oci-seccomp)"
        } else {
            "the seccomp filter is not in force"
        });
    }
    if !own_kernel && layers.arguments != arguments::DIGEST {
        return missing(
            "sandbox-init filters the arguments of calls by other rules than those of this build",
        );
    }
    // Where there is no Landlock sandbox-init puts seccomp filters in its place, tests them (`Rules::put_on`) and starts no
    // program if a test fails: an interpreter that waits proves that the filters are in force.
    match spec.runtime.kernel {
        Kernel::Host if layers.landlock_abi == 0 => return missing(NO_LANDLOCK),
        Kernel::HostWithoutLandlock if layers.open != 0 => {
            let open = named(&CLOSED, layers.open);
            return Err(MissingLayer(format!("without Landlock, and {open} can be written")));
        }
        Kernel::Host | Kernel::HostWithoutLandlock | Kernel::Own => {}
    }
    if layers.foreign_interfaces != 0 {
        return missing("the sandbox has a network");
    }
    // What a kernel of the sandbox's own shows is not the host's, and AppArmor confines that kernel, not what is in it.
    if !own_kernel {
        if layers.unmasked != 0 {
            let seen = named(&TRIED_MASKS, layers.unmasked);
            return Err(MissingLayer(format!("the runtime does not mask {seen}")));
        }
        if spec.apparmor && layers.apparmor != AppArmor::Enforced {
            return missing("the engine has AppArmor, and no profile of it is enforced");
        }
    }
    let (memory, pids) = (spec.container_bytes(), spec.pids());
    if layers.memory_bytes != Some(memory) {
        let seen = layers.memory_bytes;
        return Err(MissingLayer(format!("the memory limit is {seen:?} bytes, not {memory}")));
    }
    if layers.pids != u64::try_from(pids).ok() {
        return Err(MissingLayer(format!("the limit of processes is {:?}, not {pids}", layers.pids)));
    }
    Ok(())
}

/// The paths whose bits are set.
fn named(paths: &[&str], bits: u8) -> String {
    let set = paths.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1);
    set.map(|(_, path)| *path).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{super::runtime::Runtime, *};

    fn spec(kernel: Kernel) -> SandboxSpec {
        SandboxSpec {
            image: String::new(),
            language: String::new(),
            profile: String::new(),
            volume: String::new(),
            runtime: Runtime { asked: None, name: String::new(), kernel },
            apparmor: false,
            cgroup_parent: String::new(),
            deployment: String::new(),
            key: String::new(),
            memory_bytes: 1 << 27,
            processes: 64,
            build_file_bytes: None,
            timeout_seconds: 10,
            lease_seconds: 30,
            ends_by: 0,
        }
    }

    const GOOD: Layers = Layers {
        uid: 200_001,
        capabilities: 0,
        no_new_privs: true,
        seccomp: 2,
        arguments: arguments::DIGEST,
        landlock_abi: 1,
        open: 0b11,
        foreign_interfaces: 0,
        memory_bytes: Some(1 << 27),
        pids: Some(64),
        unmasked: 0,
        apparmor: AppArmor::Absent,
    };

    #[test]
    fn one_missing_layer_is_enough() {
        let spec = spec(Kernel::Host);
        assert_eq!(check(&GOOD, &spec), Ok(()));
        for bad in [
            Layers { uid: 0, ..GOOD },
            Layers { capabilities: 1, ..GOOD },
            Layers { no_new_privs: false, ..GOOD },
            Layers { seccomp: 0, ..GOOD },
            Layers { arguments: 0, ..GOOD },
            Layers { landlock_abi: 0, ..GOOD },
            Layers { foreign_interfaces: 1, ..GOOD },
            Layers { memory_bytes: Some(1 << 28), ..GOOD },
            Layers { memory_bytes: None, ..GOOD },
            Layers { pids: Some(u64::MAX), ..GOOD },
            Layers { pids: None, ..GOOD },
            Layers { unmasked: 1, ..GOOD },
            Layers { unmasked: 0x80, ..GOOD },
        ] {
            assert!(check(&bad, &spec).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_is_not_masked_is_named() {
        let seen = check(&Layers { unmasked: 0b101, ..GOOD }, &spec(Kernel::Host)).unwrap_err();
        assert!(seen.0.ends_with("/proc/cmdline, /proc/interrupts"), "{seen}");
    }

    #[test]
    fn without_landlock_the_hosts_kernel_needs_what_stands_in_for_it() {
        let asked_for = check(&Layers { landlock_abi: 0, ..GOOD }, &spec(Kernel::Host)).unwrap_err();
        assert!(asked_for.is_landlock() && asked_for.0.contains("SCE_LANDLOCK=optional"), "{asked_for}");
        let spec = spec(Kernel::HostWithoutLandlock);
        let good = Layers { landlock_abi: 0, open: 0, ..GOOD };
        assert_eq!(check(&good, &spec), Ok(()));
        assert_eq!(
            check(&Layers { landlock_abi: 1, ..good }, &spec),
            Ok(()),
            "what stands in holds all the same"
        );
        let open = check(&Layers { open: 0b10, ..good }, &spec).unwrap_err();
        assert!(open.0.ends_with("/dev/mqueue can be written") && !open.is_landlock(), "{open}");
        for bad in [
            Layers { open: 1, ..good },
            Layers { seccomp: 0, ..good },
            Layers { unmasked: 1, ..good },
            Layers { memory_bytes: None, ..good },
        ] {
            assert!(check(&bad, &spec).is_err_and(|missing| !missing.is_landlock()), "{bad:?}");
        }
    }

    #[test]
    fn where_the_engine_has_apparmor_it_must_be_enforced() {
        let with = SandboxSpec { apparmor: true, ..spec(Kernel::Host) };
        for (apparmor, good) in
            [(AppArmor::Enforced, true), (AppArmor::NotEnforced, false), (AppArmor::Absent, false)]
        {
            let layers = Layers { apparmor, ..GOOD };
            assert_eq!(check(&layers, &with).is_ok(), good, "{apparmor:?}");
            assert_eq!(check(&layers, &spec(Kernel::Host)), Ok(()), "nobody has asked for it");
        }
    }

    #[test]
    fn on_a_kernel_of_its_own_landlock_is_made_up_for_and_nothing_else() {
        let spec = spec(Kernel::Own);
        let (memory_bytes, pids) = (Some(1 << 28), Some(1024));
        let good = Layers { landlock_abi: 0, memory_bytes, pids, unmasked: 0xff, ..GOOD };
        assert_eq!(check(&good, &spec), Ok(()));
        let unfiltered = check(&Layers { seccomp: 0, ..good }, &spec).unwrap_err();
        assert!(unfiltered.0.contains("--oci-seccomp"), "{unfiltered}");
        for bad in [
            Layers { uid: 0, ..good },
            Layers { no_new_privs: false, ..good },
            Layers { foreign_interfaces: 1, ..good },
            Layers { memory_bytes: None, ..good },
            Layers { memory_bytes: Some(1 << 27), ..good },
            Layers { pids: None, ..good },
        ] {
            assert!(check(&bad, &spec).is_err(), "{bad:?}");
        }
    }
}
