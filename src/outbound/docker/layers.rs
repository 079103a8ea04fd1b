//! Judges what sandbox-init read of its isolation from inside. Every sandbox is judged, not only the first.

use sandbox_init::protocol::Layers;

use super::spec::PIDS_LIMIT;

/// A layer that was asked for and is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a layer of isolation is missing: {0}")]
pub struct MissingLayer(pub String);

/// Checks every layer.
///
/// # Errors
/// The first that is missing.
pub fn check(layers: &Layers, memory_bytes: u64) -> Result<(), MissingLayer> {
    let missing = |what: &str| Err(MissingLayer(what.to_owned()));
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
        return missing("the seccomp filter is not in force");
    }
    if layers.landlock_abi == 0 {
        return missing(
            "the host's kernel has no Landlock (Linux 5.13 or newer with `landlock` among its LSMs)",
        );
    }
    if layers.foreign_interfaces != 0 {
        return missing("the sandbox has a network");
    }
    if layers.memory_bytes != Some(memory_bytes) {
        return Err(MissingLayer(format!(
            "the memory limit is {:?} bytes, not {memory_bytes}",
            layers.memory_bytes
        )));
    }
    if layers.pids != u64::try_from(PIDS_LIMIT).ok() {
        return Err(MissingLayer(format!("the limit of processes is {:?}, not {PIDS_LIMIT}", layers.pids)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Layers = Layers {
        uid: 200_001,
        capabilities: 0,
        no_new_privs: true,
        seccomp: 2,
        landlock_abi: 1,
        foreign_interfaces: 0,
        memory_bytes: Some(1 << 27),
        pids: Some(64),
    };

    #[test]
    fn one_missing_layer_is_enough() {
        assert_eq!(check(&GOOD, 1 << 27), Ok(()));
        for bad in [
            Layers { uid: 0, ..GOOD },
            Layers { capabilities: 1, ..GOOD },
            Layers { no_new_privs: false, ..GOOD },
            Layers { seccomp: 0, ..GOOD },
            Layers { landlock_abi: 0, ..GOOD },
            Layers { foreign_interfaces: 1, ..GOOD },
            Layers { memory_bytes: Some(1 << 28), ..GOOD },
            Layers { memory_bytes: None, ..GOOD },
            Layers { pids: Some(u64::MAX), ..GOOD },
            Layers { pids: None, ..GOOD },
        ] {
            assert!(check(&bad, 1 << 27).is_err(), "{bad:?}");
        }
    }
}
