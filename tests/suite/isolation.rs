//! The isolation settings, read back: from the engine that was asked for them, and from inside, where they hold.

mod engine_side;

use std::{collections::BTreeSet, time::Duration};

use bollard::models::ContainerInspectResponse;
use engine_side::{check_config, check_host_config};
use serde_json::{Value, json};

use crate::support::{Server, alone, engine, host, shared, text, within, without_landlock};

pub const MIB: i64 = 1024 * 1024;

/// What a program may use that is not alike in every language.
pub struct Own {
    /// In bytes.
    pub memory: i64,
    pub processes: i64,
    /// Whether there is a folder from which what was compiled is executed.
    pub compiled: bool,
}

/// Python's and JavaScript's.
const USUAL: Own = Own { memory: 128 * MIB, processes: 64, compiled: false };

/// Looks at a sandbox while it runs a program of this server: what the engine says of it, and what the host sees.
fn while_it_runs(server: &Server, language: &str, look: impl FnOnce(&ContainerInspectResponse)) {
    let code = if language == "python" { "import time; time.sleep(3)" } else { "setTimeout(() => {}, 3000)" };
    std::thread::scope(|scope| {
        scope.spawn(|| server.run(&json!({"language": language, "code": code})));
        let ours = || {
            let mut all = engine::running(&server.deployment);
            all.retain(|sandbox| sandbox.labels["sce.language"] == language);
            all.pop()
        };
        let sandbox = within(Duration::from_secs(10), ours).expect("a running sandbox");
        look(&engine::inspect(&sandbox.id).expect("it is there"));
    });
}

/// Checks all that the engine and the host's kernel say of a sandbox that runs.
pub fn check_all(seen: &ContainerInspectResponse, own: &Own) {
    check_config(seen);
    check_host_config(seen.host_config.as_ref().expect("host settings"), own);
    check_from_the_host(seen);
}

#[test]
fn the_engine_applied_every_setting_to_a_cold_sandbox() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    for language in ["python", "javascript"] {
        while_it_runs(&server, language, |seen| check_all(seen, &USUAL));
    }
}

#[test]
fn the_engine_applied_every_setting_to_a_warm_sandbox() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "1")]);
    server.fills(2);
    let waiting = engine::sandboxes(&server.deployment);
    assert_eq!(waiting.iter().filter(|sandbox| sandbox.name.starts_with("sce-held-")).count(), 2);
    for sandbox in waiting {
        check_all(&engine::inspect(&sandbox.id).expect("it is there"), &USUAL);
    }
}

/// What the host's kernel says of the sandbox's processes.
fn check_from_the_host(seen: &ContainerInspectResponse) {
    let pid = seen.state.as_ref().and_then(|state| u32::try_from(state.pid?).ok()).expect("it runs");
    let uid: u32 = seen
        .config
        .as_ref()
        .and_then(|c| c.user.as_ref())
        .and_then(|u| u.split(':').next())
        .and_then(|u| u.parse().ok())
        .expect("a uid");
    assert_eq!(host::uid_of(pid), Some(uid));
    for pid in host::processes_beside(pid) {
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
    server.fills(1);
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
        // Where a read-only /proc stands in for Landlock nobody inside can change either.
        (Some(if without_landlock() { 500 } else { 1000 }), Some(500))
    );
    let limits = &inside["limits"];
    assert_eq!(limits["NOFILE"], json!([1024, 1024]));
    assert_eq!(limits["FSIZE"], json!([2_i64 << 40, 2_i64 << 40]));
    // The kernel's sign for no core dump, not even to a program of the host.
    assert_eq!(limits["CORE"], json!([1, 1]));
    for zero in ["MEMLOCK", "MSGQUEUE"] {
        assert!(limits.get(zero).is_none_or(|limit| *limit == json!([0, 0])), "{zero}: {}", limits[zero]);
    }
    // A program may raise its stack: that is the sandbox's own memory, which the cgroup bounds.
    assert_eq!(limits["STACK"], json!([8 * MIB, -1]));
    let cpu = limits["CPU"][0].as_i64().expect("seconds");
    assert!((11..=20).contains(&cpu), "a backstop a little over the limit: {cpu}");
    assert_eq!(inside["hostname"], "sandbox");
    let mounts = inside["mounts"].as_object().expect("mounts");
    let has = |path: &str, option: &str| {
        mounts[path]["options"].as_array().expect("options").contains(&json!(option))
    };
    assert!(has("/", "ro") && has("/opt/sandbox", "ro"));
    for option in ["nosuid", "nodev", "noexec"] {
        for path in ["/sandbox", "/opt/sandbox/boot", "/dev/shm"] {
            assert!(has(path, option), "{path} without {option}");
        }
    }
    assert!(mounts.keys().all(|path| !path.contains("docker.sock")), "{:?}", mounts.keys());
    // 8 MiB of files, 200 of them each rounded up to a page of 64 KiB; 16 names for each, and some. Beside them 64 MiB and
    // 1024 names that a program may write, and a MiB in which more than that is seen.
    assert_eq!(inside["sandbox"], json!([(8 + 64 + 1) * MIB + 200 * 64 * 1024, 200 * 16 + 1024 + 64]));
    assert_eq!(inside["scratch"], json!([16 * MIB, 4096]));
    // Namespaces of its own: none of them is the host's.
    for (name, own) in inside["namespaces"].as_object().expect("namespaces") {
        let of_host = std::fs::read_link(format!("/proc/self/ns/{name}")).expect("our own");
        assert_ne!(own.as_str(), of_host.to_str(), "the {name} namespace is the host's");
    }
}

#[test]
fn sandbox_init_comes_in_a_volume_that_nobody_can_change() {
    let server = shared();
    let code = "import os\nfor top, _, files in os.walk('/opt/sandbox'):\n for f in files:\n  print(top, f)\n\
        p = '/opt/sandbox/sandbox-init'; print(p, oct(os.stat(p).st_mode & 0o7777), os.stat(p).st_uid)";
    let outcome = server.python(code);
    // Its one file by name: the folder cannot be listed.
    outcome.printed("/opt/sandbox/sandbox-init 0o711 0\n");
}
