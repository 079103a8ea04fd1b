//! The OCI runtime of the sandboxes, whose kernel it puts beneath them, and what differs on a kernel of their own.
//!
//! gVisor's kernel runs as a process of the host, in the sandbox's cgroup. From inside that cgroup cannot be seen, and
//! what it kills, it kills whole. So the container gets more than the program may use, `sandbox-init` ends the program
//! at its limit, and the cgroup holds what `sandbox-init` cannot.

use std::sync::LazyLock;

use bollard::models::SystemInfo;
use sandbox_init::protocol::Kernel;
use serde_json::{Value, json};

use super::spec::SECCOMP_PROFILE;

/// What gVisor's kernel needs beside the program: itself, and its cache of the image's files (Node.js: 90 MiB).
pub const OVERHEAD_BYTES: u64 = 128 * 1024 * 1024;
/// Processes and threads of the host that a sandbox with a kernel of its own may have: one process inside is about
/// seven outside.
pub const OUTSIDE_PIDS: i64 = 1024;
/// gVisor puts a tmpfs that can be written over an empty `/tmp`, unless there is one.
pub const CLOSED_TMPFS: &str = "ro,nosuid,nodev,noexec,size=4k,mode=1777";

/// Our profile where gVisor's kernel applies it: `sandbox-init` may take rights away with `fchmod`, and denies the
/// program both that and `clone3`, for which a profile cannot say ENOSYS there. `pselect` is its name for `pselect6`.
pub static OWN_KERNEL_PROFILE: LazyLock<String> = LazyLock::new(|| {
    const BESIDES: [&str; 3] = ["fchmod", "clone3", "pselect"];
    let mut profile: Value = serde_json::from_str(SECCOMP_PROFILE).unwrap_or_default();
    if let Some(rules) = profile["syscalls"].as_array_mut() {
        for names in rules.iter_mut().filter_map(|rule| rule["names"].as_array_mut()) {
            names.retain(|name| !BESIDES.iter().any(|call| name == call));
        }
        rules.push(json!({"names": BESIDES, "action": "SCMP_ACT_ALLOW"}));
    }
    profile.to_string()
});

/// The runtime in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// What the engine is asked for; `None` is its default.
    pub asked: Option<String>,
    /// Its name.
    pub name: String,
    /// Whose kernel is beneath the sandboxes.
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

    #[test]
    fn the_profile_for_a_kernel_of_its_own_differs_in_three_names() {
        let rules = |text: &str| {
            let profile: Value = serde_json::from_str(text).unwrap();
            let mut rules = Vec::new();
            for rule in profile["syscalls"].as_array().unwrap() {
                for name in rule["names"].as_array().unwrap() {
                    rules.push((name.to_string(), rule["action"].to_string(), rule["args"].to_string()));
                }
            }
            rules.sort();
            (profile["defaultAction"].clone(), rules)
        };
        let (default, shared) = rules(SECCOMP_PROFILE);
        let (own_default, own) = rules(&OWN_KERNEL_PROFILE);
        assert_eq!((&default, &own_default), (&json!("SCMP_ACT_ERRNO"), &default));
        let without = |list: &[(String, String, String)]| -> Vec<_> {
            let besides = ["\"fchmod\"", "\"clone3\"", "\"pselect\""];
            list.iter().filter(|rule| !besides.contains(&rule.0.as_str())).cloned().collect()
        };
        assert_eq!(without(&own), without(&shared));
        assert_eq!(own.len(), without(&own).len() + 3);
    }
}
