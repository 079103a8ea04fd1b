//! The isolation settings, read back: from the engine that was asked for them, and from inside, where they hold.

use std::{collections::BTreeSet, time::Duration};

use bollard::models::{ContainerInspectResponse, HostConfig};
use serde_json::{Value, json};

use crate::support::{Server, alone, engine, host, text, within};

const MIB: i64 = 1024 * 1024;

/// A sandbox while it runs a program of this server: what the engine says of it, and its first process's pid.
fn seen_by_the_engine(server: &Server, language: &str) -> (ContainerInspectResponse, u32) {
    let code = if language == "python" { "import time; time.sleep(2)" } else { "setTimeout(() => {}, 2000)" };
    std::thread::scope(|scope| {
        scope.spawn(|| server.run(&json!({"language": language, "code": code})));
        let ours = || {
            let mut all = engine::running(&server.deployment);
            all.retain(|sandbox| sandbox.labels["sce.language"] == language);
            all.pop()
        };
        let sandbox = within(Duration::from_secs(10), ours).expect("a running sandbox");
        let pid = engine::host_pid(&sandbox.id).expect("it runs");
        (engine::inspect(&sandbox.id).expect("it is there"), pid)
    })
}

#[test]
fn the_engine_applied_every_setting_to_a_cold_sandbox() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    for language in ["python", "javascript"] {
        let (seen, pid) = seen_by_the_engine(&server, language);
        check_config(&seen);
        check_host_config(seen.host_config.as_ref().expect("host settings"));
        check_from_the_host(pid, &seen);
    }
}

#[test]
fn the_engine_applied_every_setting_to_a_warm_sandbox() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "1")]);
    let warm = || {
        Some(engine::sandboxes(&server.deployment))
            .filter(|all| all.iter().filter(|s| s.name.starts_with("sce-warm-")).count() == 2)
    };
    let waiting = within(Duration::from_secs(30), warm).expect("the pool fills");
    for sandbox in waiting {
        let seen = engine::inspect(&sandbox.id).expect("it is there");
        check_config(&seen);
        check_host_config(seen.host_config.as_ref().expect("host settings"));
        check_from_the_host(engine::host_pid(&sandbox.id).expect("it runs"), &seen);
    }
}

fn check_config(seen: &ContainerInspectResponse) {
    let config = seen.config.as_ref().expect("a configuration");
    let user = config.user.as_deref().expect("a user");
    let (uid, gid) = user.split_once(':').expect("user and group by number");
    assert!(uid == gid && uid.parse::<u32>().is_ok_and(|uid| uid >= 100_000), "{user}");
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
        ["PATH", "HOME", "LANG", "PYTHONDONTWRITEBYTECODE"].map(str::to_owned).into();
    assert!(names.is_subset(&allowed), "more than that leaks in: {names:?}");
    let state = seen.state.as_ref().expect("a state");
    assert_eq!(state.running, Some(true));
    let mounts = seen.mounts.as_deref().unwrap_or_default();
    let volumes: Vec<_> =
        mounts.iter().filter(|mount| mount.destination.as_deref() != Some("/sandbox")).collect();
    assert_eq!(volumes.len(), 1, "one mount and no other: {mounts:?}");
    assert_eq!((volumes[0].destination.as_deref(), volumes[0].rw), (Some("/opt/sandbox"), Some(false)));
}

fn check_host_config(host: &HostConfig) {
    assert_eq!(host.network_mode.as_deref(), Some("none"));
    assert_eq!(host.readonly_rootfs, Some(true));
    assert_eq!((host.memory, host.memory_swap), (Some(128 * MIB), Some(128 * MIB)));
    assert_eq!((host.nano_cpus, host.cpu_quota.unwrap_or(0)), (Some(1_000_000_000), 0));
    assert_eq!(host.pids_limit, Some(64));
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
    assert_eq!(tmpfs.keys().collect::<Vec<_>>(), ["/sandbox"]);
    for option in ["nosuid", "nodev", "noexec", "size=", "nr_inodes=", "uid="] {
        assert!(tmpfs["/sandbox"].contains(option), "{option} is not in {}", tmpfs["/sandbox"]);
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
        "/sys/block",
        "/sys/class/block",
        "/sys/class/dmi",
        "/sys/devices/virtual/dmi",
        "/sys/module",
        "/sys/kernel/debug",
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

/// What the host's kernel says of the sandbox's processes.
fn check_from_the_host(pid: u32, seen: &ContainerInspectResponse) {
    let uid: u32 = seen
        .config
        .as_ref()
        .and_then(|c| c.user.as_ref())
        .and_then(|u| u.split(':').next())
        .and_then(|u| u.parse().ok())
        .expect("a uid");
    assert_eq!(host::uid_of(pid), Some(uid));
    for pid in host::processes_of(uid) {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        if status.is_empty() {
            continue; // ended meanwhile
        }
        for line in
            ["CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"]
        {
            assert!(status.contains(line), "{line} is not true of process {pid}:\n{status}");
        }
    }
}

#[test]
fn from_inside_every_layer_is_there() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=1")]);
    let warm = || server.get("/health").text().contains("\"warm\":1").then_some(());
    within(Duration::from_secs(30), warm).expect("the pool fills");
    let mut starts = BTreeSet::new();
    // The first comes from the pool; one that asks for less memory is made for it.
    for memory in [128, 96] {
        let outcome =
            server.run(&json!({"code": text("compatibility/identity.py"), "limits": {"memory_mb": memory}}));
        outcome.ended("completed", 0);
        starts.insert(outcome.start().to_owned());
        let inside: Value = serde_json::from_str(outcome.output()).expect("JSON");
        check_inside(&inside, memory);
    }
    assert_eq!(starts.len(), 2, "one warm and one cold: {starts:?}");
}

fn check_inside(inside: &Value, memory: i64) {
    let status = &inside["status"];
    for capabilities in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert_eq!(status[capabilities], "0000000000000000", "{capabilities}");
    }
    assert_eq!((&status["NoNewPrivs"], &status["Seccomp"]), (&json!("1"), &json!("2")));
    for ids in ["Uid", "Gid"] {
        let ids: BTreeSet<&str> = status[ids].as_str().expect("text").split_whitespace().collect();
        assert!(ids.len() == 1 && !ids.contains("0"), "{ids:?}");
    }
    assert_eq!(inside["interfaces"], json!(["lo"]));
    assert_eq!(inside["memory"], (memory * MIB).to_string());
    let swap = inside["swap"].as_str().unwrap_or("0");
    assert!(swap == "0" || swap == (memory * MIB).to_string(), "swap: {swap}");
    assert_eq!(inside["pids"], "64");
    let cpu = &inside["cpu"];
    assert!(*cpu == json!("100000 100000") || *cpu == json!(["100000", "100000"]), "{cpu}");
    assert_eq!(
        (inside["oom_score_adj"].as_i64(), inside["oom_score_adj_of_init"].as_i64()),
        (Some(1000), Some(500))
    );
    let limits = &inside["limits"];
    assert_eq!(limits["NOFILE"], json!([256, 256]));
    assert_eq!(limits["FSIZE"], json!([16 * MIB, 16 * MIB]));
    for zero in ["CORE", "MEMLOCK", "MSGQUEUE"] {
        assert!(limits.get(zero).is_none_or(|limit| *limit == json!([0, 0])), "{zero}: {}", limits[zero]);
    }
    assert_eq!(limits["STACK"], json!([8 * MIB, 8 * MIB]));
    let cpu = limits["CPU"][0].as_i64().expect("seconds");
    assert!((11..=20).contains(&cpu), "a backstop a little over the limit: {cpu}");
    assert_eq!(inside["hostname"], "sandbox");
    let mounts = inside["mounts"].as_object().expect("mounts");
    let has = |path: &str, option: &str| {
        mounts[path]["options"].as_array().expect("options").contains(&json!(option))
    };
    assert!(has("/", "ro") && has("/opt/sandbox", "ro"));
    for option in ["nosuid", "nodev", "noexec"] {
        assert!(has("/sandbox", option), "/sandbox without {option}");
    }
    assert!(
        mounts.keys().all(|path| !path.contains("docker.sock") && path != "/dev/shm"),
        "{:?}",
        mounts.keys()
    );
    assert_eq!(inside["sandbox"], json!([16 * MIB, 1024]));
    // Namespaces of its own: none of them is the host's.
    for (name, own) in inside["namespaces"].as_object().expect("namespaces") {
        let of_host = std::fs::read_link(format!("/proc/1/ns/{name}")).expect("the host's");
        assert_ne!(own.as_str(), of_host.to_str(), "the {name} namespace is the host's");
    }
}

#[test]
fn sandbox_init_comes_in_a_volume_that_nobody_can_change() {
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let (seen, _) = seen_by_the_engine(&server, "python");
    let mounts = seen.mounts.unwrap_or_default();
    let mount =
        mounts.iter().find(|mount| mount.destination.as_deref() == Some("/opt/sandbox")).expect("the volume");
    assert_eq!(
        mount.typ.as_ref().map(ToString::to_string).as_deref(),
        Some("volume"),
        "never a path of the host"
    );
    let code = "import os\nfor top, _, files in os.walk('/opt/sandbox'):\n for f in files:\n  \
        p = os.path.join(top, f); print(p, oct(os.stat(p).st_mode & 0o7022), os.stat(p).st_uid)";
    let outcome = server.python(code);
    assert!(outcome.output().contains("/opt/sandbox/sandbox-init 0o0 "), "{}", outcome.output());
    for line in outcome.output().lines() {
        assert!(line.contains(" 0o0 "), "writable by others, or setuid: {line}");
    }
}
