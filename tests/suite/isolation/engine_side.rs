//! What the engine says that it applied, field by field.

use std::collections::BTreeSet;

use bollard::models::{ContainerInspectResponse, HostConfig};
use serde_json::Value;

use super::Own;

pub fn check_config(seen: &ContainerInspectResponse) {
    let config = seen.config.as_ref().expect("a configuration");
    let user = config.user.as_deref().expect("a user");
    let (uid, gid) = user.split_once(':').expect("user and group by number");
    assert!(uid == gid && uid.parse::<u32>().is_ok_and(|uid| uid >= 10_000), "{user}");
    assert_eq!(config.hostname.as_deref(), Some("sandbox"));
    assert_eq!(config.tty, Some(false));
    assert_eq!((config.open_stdin, config.stdin_once), (Some(true), Some(true)));
    assert_eq!(config.network_disabled, Some(true));
    assert_eq!(config.stop_signal.as_deref(), Some("SIGKILL"));
    assert_eq!(config.stop_timeout, Some(0));
    assert_eq!(
        config.healthcheck.as_ref().and_then(|check| check.test.clone()),
        Some(vec!["NONE".to_owned()])
    );
    assert!(
        config.image.as_deref().expect("an image").starts_with("sha256:"),
        "an image by name can be moved"
    );
    assert!(
        config.volumes.clone().unwrap_or_default().is_empty()
            && config.exposed_ports.clone().unwrap_or_default().is_empty()
    );
    let names: BTreeSet<String> = config
        .env
        .clone()
        .unwrap_or_default()
        .iter()
        .map(|pair| pair.split('=').next().unwrap_or_default().to_owned())
        .collect();
    let allowed: BTreeSet<String> =
        ["PATH", "HOME", "LANG", "LOGNAME", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "TMPDIR", "USER"]
            .map(str::to_owned)
            .into();
    assert!(names.is_subset(&allowed), "more than that leaks in: {names:?}");
    let state = seen.state.as_ref().expect("a state");
    assert_eq!(state.running, Some(true));
    let mounts = seen.mounts.as_deref().unwrap_or_default();
    // A volume by its type: never a path of the host.
    let volumes: Vec<_> = mounts
        .iter()
        .filter(|mount| mount.typ.as_ref().map(ToString::to_string).as_deref() != Some("tmpfs"))
        .collect();
    assert_eq!(volumes.len(), 1, "one mount and no other: {mounts:?}");
    assert_eq!(volumes[0].typ.as_ref().map(ToString::to_string).as_deref(), Some("volume"));
    assert_eq!((volumes[0].destination.as_deref(), volumes[0].rw), (Some("/opt/sandbox"), Some(false)));
}

pub fn check_host_config(host: &HostConfig, own: &Own) {
    assert_eq!(host.network_mode.as_deref(), Some("none"));
    assert_eq!(host.readonly_rootfs, Some(true));
    assert_eq!((host.memory, host.memory_swap), (Some(own.memory), Some(own.memory)));
    assert_eq!((host.nano_cpus, host.cpu_quota.unwrap_or(0)), (Some(1_000_000_000), 0));
    assert_eq!(host.pids_limit, Some(own.processes));
    assert_eq!(host.cap_drop, Some(vec!["ALL".to_owned()]));
    assert!(host.cap_add.clone().unwrap_or_default().is_empty());
    assert_eq!(host.privileged, Some(false));
    let security = host.security_opt.clone().unwrap_or_default();
    assert!(security.iter().any(|option| option == "no-new-privileges"), "{security:?}");
    let profile =
        security.iter().find_map(|option| option.strip_prefix("seccomp=")).expect("a seccomp profile");
    let profile: Value = serde_json::from_str(profile).expect("our own profile, as text");
    assert_eq!(profile["defaultAction"], "SCMP_ACT_ERRNO", "an allow-list");
    assert!(!security.iter().any(|option| option.contains("unconfined")), "{security:?}");
    assert_eq!(host.ipc_mode.as_deref(), Some("none"));
    assert_eq!(host.cgroupns_mode.map(|mode| mode.to_string()).as_deref(), Some("private"));
    for (name, mode) in [("pid", &host.pid_mode), ("uts", &host.uts_mode), ("userns", &host.userns_mode)] {
        assert_eq!(mode.as_deref().unwrap_or_default(), "", "{name}");
    }
    let tmpfs = host.tmpfs.clone().unwrap_or_default();
    let mut writable = BTreeSet::from(["/dev/shm", "/opt/sandbox/boot", "/sandbox"]);
    if own.compiled {
        writable.insert("/build");
    }
    assert_eq!(tmpfs.keys().map(String::as_str).collect::<BTreeSet<_>>(), writable);
    for (path, options) in &tmpfs {
        // The scratch space is everybody's, the others are the sandbox's user's.
        let owner = if path == "/dev/shm" { "mode=1777" } else { "uid=" };
        let executes = if path == "/build" { "exec" } else { "noexec" };
        for option in ["nosuid", "nodev", executes, "size=", "nr_inodes=", owner] {
            assert!(options.contains(option), "{path}: {option} is not in {options}");
        }
    }
    let limits: BTreeSet<String> = host
        .ulimits
        .clone()
        .unwrap_or_default()
        .iter()
        .map(|limit| limit.name.clone().unwrap_or_default())
        .collect();
    let wanted: BTreeSet<String> =
        ["nofile", "fsize", "core", "cpu", "memlock", "msgqueue", "stack", "sigpending"]
            .map(str::to_owned)
            .into();
    assert_eq!(limits, wanted);
    assert_eq!(host.log_config.as_ref().and_then(|log| log.typ.clone()).as_deref(), Some("none"));
    assert_eq!(host.oom_score_adj, Some(500));
    assert_eq!(host.auto_remove, Some(true));
    let restart = host.restart_policy.clone().unwrap_or_default();
    assert!(restart.name.is_none_or(|name| ["", "no"].contains(&name.to_string().as_str())));
    let masked = host.masked_paths.clone().unwrap_or_default();
    for path in [
        "/proc/kcore",
        "/proc/keys",
        "/proc/timer_list",
        "/proc/scsi",
        "/sys/firmware", // the engine's own
        "/proc/cmdline",
        "/proc/kallsyms",
        "/proc/modules",
        "/proc/diskstats",
        "/proc/partitions",
        "/proc/pressure",
        "/proc/key-users",
        "/proc/vmallocinfo",
        "/proc/schedstat",
        "/proc/zoneinfo",
        "/proc/buddyinfo",
        "/proc/softirqs",
        "/proc/iomem",
        "/proc/ioports",
        "/proc/bus",
        "/proc/fs",
        "/proc/irq",
        "/proc/sys/net",
        "/sys/block",
        "/sys/bus",
        "/sys/class",
        "/sys/devices",
        "/sys/module",
        "/sys/kernel",
    ] {
        assert!(masked.iter().any(|known| known == path), "{path} is not masked");
    }
    let read_only = host.readonly_paths.clone().unwrap_or_default();
    for path in ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"] {
        assert!(read_only.iter().any(|known| known == path), "{path} is not read-only");
    }
    assert!(!host.cgroup_parent.clone().unwrap_or_default().is_empty(), "no cgroup for the sum of all");
    assert_eq!(host.init.unwrap_or(false), false);
    assert_eq!(host.publish_all_ports.unwrap_or(false), false);
    assert!(host.binds.clone().unwrap_or_default().is_empty());
    assert!(host.devices.clone().unwrap_or_default().is_empty());
    assert!(host.device_requests.clone().unwrap_or_default().is_empty());
    assert!(host.port_bindings.clone().unwrap_or_default().is_empty());
    assert!(host.links.clone().unwrap_or_default().is_empty());
    assert!(host.extra_hosts.clone().unwrap_or_default().is_empty());
    assert!(host.group_add.clone().unwrap_or_default().is_empty());
    assert!(host.volumes_from.clone().unwrap_or_default().is_empty());
    assert!(host.dns.clone().unwrap_or_default().is_empty());
    assert!(host.sysctls.clone().unwrap_or_default().is_empty());
}
