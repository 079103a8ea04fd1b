//! The OCI runtime of the sandboxes, whose kernel it puts beneath them, and what differs on a kernel of their own.
//!
//! gVisor's kernel runs as a process of the host, in the sandbox's cgroup. From inside that cgroup cannot be seen, and
//! what it kills, it kills whole. So the container gets more than the program may use, `sandbox-init` ends the program
//! at its limit, and the cgroup holds what `sandbox-init` cannot.

use bollard::models::SystemInfo;
use sandbox_init::protocol::Kernel;

/// What gVisor's kernel needs beside the program: itself, and its cache of the image's files (Node.js: 90 MiB).
pub const OVERHEAD_BYTES: u64 = 128 * 1024 * 1024;
/// Processes and threads of the host that a sandbox with a kernel of its own may have: one process inside is about
/// seven outside.
pub const OUTSIDE_PIDS: i64 = 1024;
/// gVisor puts a tmpfs that can be written over an empty `/tmp`, unless there is one.
pub const CLOSED_TMPFS: &str = "ro,nosuid,nodev,noexec,size=4k,mode=1777";

/// The runtime in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// What the engine is asked for; `None` is its default.
    pub asked: Option<String>,
    /// Its name.
    pub name: String,
    /// Whose kernel is beneath the sandboxes. What an engine says of itself does not tell a kernel without Landlock: until
    /// a first sandbox has been asked, the host's is taken to have it.
    pub kernel: Kernel,
}

impl Runtime {
    /// What the engine says of the runtime that is asked for.
    ///
    /// # Errors
    /// When it does not know it.
    pub fn find(info: &SystemInfo, asked: Option<&str>) -> Result<Self, String> {
        let name = asked.or(info.default_runtime.as_deref()).unwrap_or_default().to_owned();
        let known = info.runtimes.as_ref().and_then(|runtimes| runtimes.get(&name));
        if known.is_none() && asked.is_some() {
            return Err(format!("the engine does not know the OCI runtime `{name}`"));
        }
        let program = known.and_then(|runtime| runtime.path.as_deref()).unwrap_or_default();
        // By the program's name, or by the name that its makers give it in containerd (io.containerd.runsc.v1).
        let gvisor = [name.as_str(), program].iter().any(|text| text.contains("runsc"));
        let kernel = if gvisor { Kernel::Own } else { Kernel::Host };
        Ok(Self { asked: asked.map(ToOwned::to_owned), name, kernel })
    }

    /// Whether Landlock confines the programs: whether the kernel beneath the sandboxes has it.
    #[must_use]
    pub fn has_landlock(&self) -> bool {
        self.kernel == Kernel::Host
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn engine() -> SystemInfo {
        let runtime =
            |path: &str| bollard::models::Runtime { path: Some(path.to_owned()), ..Default::default() };
        SystemInfo {
            default_runtime: Some("runc".to_owned()),
            runtimes: Some(HashMap::from([
                ("runc".to_owned(), runtime("runc")),
                ("strong".to_owned(), runtime("/usr/local/bin/runsc")),
            ])),
            ..SystemInfo::default()
        }
    }

    #[test]
    fn the_kernel_is_told_by_the_program_behind_the_name() {
        let find = |asked| Runtime::find(&engine(), asked).map(|runtime| (runtime.name, runtime.kernel));
        assert_eq!(find(None), Ok(("runc".to_owned(), Kernel::Host)));
        assert_eq!(find(Some("runc")), Ok(("runc".to_owned(), Kernel::Host)));
        assert_eq!(find(Some("strong")), Ok(("strong".to_owned(), Kernel::Own)));
        assert!(find(Some("kata")).unwrap_err().contains("kata"));
    }
}
