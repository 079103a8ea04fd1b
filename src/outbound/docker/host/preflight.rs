//! Looks the Docker host over before we serve. What is missing is named, all of it at once, and then we do not.

mod weakness;

use bollard::models::{SystemInfo, SystemVersion};
use time::OffsetDateTime;

use crate::outbound::docker::{
    engine::calls::Engine,
    sandbox::{
        runtime::Runtime,
        volume::{SANDBOX_INIT_ARCH, short_hash},
    },
};

/// Why the host will not do, a sentence each.
#[derive(Debug, thiserror::Error)]
#[error("the Docker host is not fit to run sandboxes:\n{}", .0.iter().map(|fault| format!("  * {fault}")).collect::<Vec<_>>().join("\n"))]
pub struct Unfit(pub Vec<String>);

/// Which engine it is, by its own word, and on which kernel. What its sandboxes have was found on that kernel alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    id: Option<String>,
    kernel: Option<String>,
}

impl Identity {
    /// That of the engine that says this of itself.
    #[must_use]
    pub fn of(info: &SystemInfo) -> Self {
        Self { id: info.id.clone(), kernel: info.kernel_version.clone() }
    }
}

/// What is known of a host that will do.
#[derive(Clone, Debug)]
pub struct HostFacts {
    /// Which engine it is.
    pub identity: Identity,
    /// The engine's version.
    pub engine: String,
    /// The OCI runtime in use.
    pub runtime: Runtime,
    /// Whether the engine confines its containers by AppArmor.
    pub apparmor: bool,
    /// The cgroup above all sandboxes.
    pub cgroup_parent: String,
    /// The CPUs that containers may use.
    pub cpus: usize,
    /// How far the engine's clock is ahead of ours, in seconds.
    pub ahead: i64,
    /// What a first program's success is remembered with: another engine, kernel or version is asked anew.
    pub fingerprint: String,
    /// Known weaknesses of the versions found, a sentence each.
    pub warnings: Vec<String>,
}

/// Checks everything that can be checked without starting a sandbox and that all languages have in common.
///
/// # Errors
/// [`Unfit`], with every fault found.
pub async fn inspect(engine: &Engine, runtime: Option<&str>, strict: bool) -> Result<HostFacts, Unfit> {
    let alone = |fault: String| Unfit(vec![fault]);
    engine.ping().await.map_err(|error| alone(format!("no Docker Engine answers: {error}")))?;
    let version = engine.version().await;
    let version = version.map_err(|error| alone(format!("the engine does not tell its version: {error}")))?;
    // Alone: what else Podman lacks follows from its being Podman, and nobody can mend that.
    if let Some(podman) = podman(&version) {
        return Err(alone(podman));
    }
    let info = engine.describe().await;
    let info = info.map_err(|error| alone(format!("the engine does not describe itself: {error}")))?;

    let mut faults = lacks(&info);
    let runtime = Runtime::find(&info, runtime).map_err(|fault| faults.push(fault)).ok();
    let options = info.security_options.as_deref().unwrap_or_default();
    let apparmor =
        options.iter().any(|option| option == "name=apparmor" || option.starts_with("name=apparmor,"));
    let warnings = weakness::find(&version);
    if strict {
        faults.extend(warnings.iter().map(|warning| format!("{warning} (SCE_STRICT_VERSIONS is on)")));
    }
    let Some(runtime) = runtime.filter(|_| faults.is_empty()) else {
        return Err(Unfit(faults));
    };
    // A cgroup parent is a slice for systemd and a path for everything else.
    let systemd = info.cgroup_driver.is_some_and(|driver| driver.to_string() == "systemd");
    Ok(HostFacts {
        identity: Identity::of(&info),
        engine: version.version.unwrap_or_default(),
        runtime,
        apparmor,
        cgroup_parent: if systemd { "sce.slice" } else { "/sce" }.to_owned(),
        cpus: info.ncpu.and_then(|cpus| usize::try_from(cpus).ok()).unwrap_or(1).max(1),
        ahead: ahead(&info).unwrap_or(0),
        fingerprint: fingerprint(&info),
        warnings,
    })
}

/// How far the engine's clock is ahead of ours, in seconds; `None` where it does not tell the time.
#[must_use]
pub fn ahead(info: &SystemInfo) -> Option<i64> {
    let text = info.system_time.as_deref()?;
    let theirs = OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
    Some((theirs - OffsetDateTime::now_utc()).whole_seconds())
}

/// The sentence for an engine that is Podman; `None` where it is not. Podman answers the Docker Engine's calls, and reads
/// some of what they say in another way, or not at all: seen with Podman 5.4.2, whose `MaskedPaths` come from its own
/// configuration alone.
fn podman(version: &SystemVersion) -> Option<String> {
    let components = version.components.as_deref().unwrap_or_default();
    let podman = components.iter().find(|component| component.name.to_lowercase().contains("podman"))?;
    Some(format!(
        "the engine is Podman {}, which is not served, only Docker Engine is: Podman ignores the masks that hide the \
         host from a sandbox (MaskedPaths), and takes neither our seccomp profile nor the bounds of our tmpfs",
        podman.version
    ))
}

fn fingerprint(info: &SystemInfo) -> String {
    let parts = [&info.id, &info.kernel_version, &info.server_version, &info.driver];
    short_hash(format!("{parts:?} {:?} {:?}", info.security_options, info.default_runtime).as_bytes())
}

fn lacks(info: &SystemInfo) -> Vec<String> {
    let mut faults = Vec::new();
    let mut need = |there: bool, fault: &str| {
        if !there {
            faults.push(fault.to_owned());
        }
    };
    let security = info.security_options.clone().unwrap_or_default();
    need(info.os_type.as_deref() == Some("linux"), "the engine does not run Linux containers");
    need(
        security.iter().any(|option| option.starts_with("name=seccomp")),
        "the engine has no seccomp support",
    );
    need(info.memory_limit == Some(true), "the engine cannot limit memory (memory cgroup missing)");
    need(info.pids_limit == Some(true), "the engine cannot limit processes (pids cgroup missing)");
    need(info.cpu_cfs_quota == Some(true), "the engine cannot limit CPU (cpu cgroup missing)");
    let architecture = info.architecture.clone().unwrap_or_default();
    need(
        architecture == SANDBOX_INIT_ARCH,
        &format!("sandbox-init was built for {SANDBOX_INIT_ARCH}, the engine runs on {architecture}"),
    );
    faults
}

#[cfg(test)]
mod tests {
    use bollard::models::SystemVersionComponents;

    use super::*;

    #[test]
    fn podman_is_told_by_the_name_of_its_engine_and_docker_is_not() {
        let engine = |names: &[(&str, &str)]| {
            let component = |(name, version): &(&str, &str)| SystemVersionComponents {
                name: (*name).to_owned(),
                version: (*version).to_owned(),
                details: None,
            };
            let components = Some(names.iter().map(component).collect());
            podman(&SystemVersion { components, ..SystemVersion::default() })
        };
        let said = engine(&[
            ("Podman Engine", "5.4.2"),
            ("Conmon", "conmon version 2.1.12"),
            ("OCI Runtime (crun)", "1.21"),
        ])
        .unwrap();
        assert!(said.contains("Podman 5.4.2") && said.contains("MaskedPaths"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!(engine(&[("Engine", "26.1.5"), ("containerd", "1.7.24"), ("runc", "1.1.15")]), None);
        assert_eq!(podman(&SystemVersion::default()), None, "an engine that names no components");
    }

    #[test]
    fn an_engine_on_another_kernel_has_to_pass_the_checks_anew() {
        let on = |id: &str, kernel: &str| {
            let (id, kernel_version) = (Some(id.to_owned()), Some(kernel.to_owned()));
            Identity::of(&SystemInfo { id, kernel_version, ncpu: Some(2), ..SystemInfo::default() })
        };
        assert_eq!(on("A", "6.1"), on("A", "6.1"));
        assert_ne!(on("A", "6.1"), on("A", "5.15"));
        assert_ne!(on("A", "6.1"), on("B", "6.1"));
    }

    #[test]
    fn everything_an_engine_lacks_is_named() {
        let faults = lacks(&SystemInfo::default());
        for word in ["Linux", "seccomp", "memory", "processes", "CPU", "built for"] {
            let named = faults.iter().any(|fault| fault.contains(word));
            assert!(named, "{word}: {faults:?}");
        }
    }
}
