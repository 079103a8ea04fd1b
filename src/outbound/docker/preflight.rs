//! Looks the Docker host over before we serve. What is missing is named, all of it at once, and then we do not.

use bollard::models::{SystemInfo, SystemVersion};

use super::{
    engine::Engine,
    image::{self, Image},
    runtime::Runtime,
    volume::SANDBOX_INIT_ARCH,
};
use crate::domain::language::LanguageTable;

/// Why the host will not do, a sentence each.
#[derive(Debug, thiserror::Error)]
#[error("the Docker host is not fit to run sandboxes:\n{}", .0.iter().map(|fault| format!("  * {fault}")).collect::<Vec<_>>().join("\n"))]
pub struct Unfit(pub Vec<String>);

/// What is known of a host that will do.
#[derive(Clone, Debug)]
pub struct Host {
    /// Which engine it is, by its own word.
    pub id: Option<String>,
    /// The engine's version.
    pub engine: String,
    /// The OCI runtime in use.
    pub runtime: Runtime,
    /// Whether the engine confines its containers by AppArmor.
    pub apparmor: bool,
    /// The cgroup above all sandboxes.
    pub cgroup_parent: String,
    /// The images, in the order of the language table.
    pub images: Vec<Image>,
    /// Known weaknesses of the versions found, a sentence each.
    pub warnings: Vec<String>,
}

/// Checks everything that can be checked without starting a sandbox.
///
/// # Errors
/// [`Unfit`], with every fault found.
pub async fn inspect(
    engine: &Engine,
    languages: &LanguageTable,
    runtime: Option<&str>,
    strict: bool,
) -> Result<Host, Unfit> {
    let alone = |fault: String| Unfit(vec![fault]);
    engine.ping().await.map_err(|error| alone(format!("no Docker Engine answers: {error}")))?;
    let info = engine.describe().await;
    let info = info.map_err(|error| alone(format!("the engine does not describe itself: {error}")))?;
    let version = engine.client().version().await;
    let version = version.map_err(|error| alone(format!("the engine does not tell its version: {error}")))?;

    let mut faults = lacks(&info);
    let runtime = Runtime::find(&info, runtime).map_err(|fault| faults.push(fault)).ok();
    let options = info.security_options.as_deref().unwrap_or_default();
    let apparmor =
        options.iter().any(|option| option == "name=apparmor" || option.starts_with("name=apparmor,"));
    let warnings = weaknesses(&version);
    if strict {
        faults.extend(warnings.iter().map(|warning| format!("{warning} (SCE_STRICT_VERSIONS is on)")));
    }
    let mut images = Vec::new();
    for language in languages.iter() {
        match image::look_up(engine, language).await {
            Ok(image) => images.push(image),
            Err(fault) => faults.push(fault),
        }
    }
    let Some(runtime) = runtime.filter(|_| faults.is_empty()) else {
        return Err(Unfit(faults));
    };
    // A cgroup parent is a slice for systemd and a path for everything else.
    let systemd = info.cgroup_driver.is_some_and(|driver| driver.to_string() == "systemd");
    Ok(Host {
        id: info.id.clone(),
        engine: version.version.unwrap_or_default(),
        runtime,
        apparmor,
        cgroup_parent: if systemd { "sce.slice" } else { "/sce" }.to_owned(),
        images,
        warnings,
    })
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

/// A weakness of the parts that contain user code, and the version that no longer has it.
struct Weakness {
    component: &'static str,
    fixed_in: [u32; 3],
    advisory: &'static str,
}

/// Distributions mend old versions without a new number; hence a warning, unless versions are to be strict.
const WEAKNESSES: [Weakness; 3] = [
    Weakness { component: "runc", fixed_in: [1, 1, 12], advisory: "CVE-2024-21626" },
    Weakness { component: "runc", fixed_in: [1, 2, 8], advisory: "CVE-2025-31133" },
    Weakness { component: "Engine", fixed_in: [29, 5, 1], advisory: "CVE-2026-41567" },
];

fn weaknesses(version: &SystemVersion) -> Vec<String> {
    let components = version.components.as_deref().unwrap_or_default();
    let found = |weakness: &Weakness| {
        let component =
            components.iter().find(|component| component.name.eq_ignore_ascii_case(weakness.component))?;
        let numbers = numbers(&component.version)?;
        (numbers < weakness.fixed_in).then(|| {
            format!(
                "{} {} may be open to {} unless the distribution has mended it; fixed in {}",
                component.name,
                component.version,
                weakness.advisory,
                weakness.fixed_in.map(|number| number.to_string()).join(".")
            )
        })
    };
    WEAKNESSES.iter().filter_map(found).collect()
}

/// The three leading numbers of a version such as `20.10.24+dfsg1`.
fn numbers(version: &str) -> Option<[u32; 3]> {
    let mut parts = version.split(['.', '+', '-', '~']).map(|part| part.parse().ok());
    Some([parts.next()??, parts.next()??, parts.next().flatten().unwrap_or(0)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(numbers("20.10.24+dfsg1"), Some([20, 10, 24]));
        assert_eq!(numbers("1.1.5+ds1"), Some([1, 1, 5]));
        assert_eq!(numbers("29.5"), Some([29, 5, 0]));
        assert_eq!(numbers("dev"), None);
        assert!(numbers("1.10.0") > numbers("1.9.9"));
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
