//! Learning about the host, the server, or other runs.

use crate::{
    attacks::attacks,
    support::{nonce, server::DECOYS, shared, text},
};

attacks! { "looking_around":
    no_environment_tells_of_the_server_or_the_cloud => "environments.py".gets_only(&["nothing"]);
    nodes_environment_tells_nothing => "environments.js".gets_only(&["nothing"]);
    masked_files_tell_nothing => "masked_files.py"
        .gets_only(&["nothing", "FileNotFoundError", "PermissionError", "OSError"]);
    no_file_of_the_host_is_there => "host_files.py".gets_only(&["ENOENT", "EACCES", "EPERM", "ENOTDIR"]);
    secrets_of_the_image_are_closed => "shadow.py".gets_only(&["EACCES", "ENOENT", "EPERM"]);
    nobody_else_is_there => "other_processes.py".says(
        "processes: 2 with init first: True and me: True\ninit is: sandbox-init\nparent: 1\nsession of my own: True\n");
    only_the_expected_is_mounted => "mounts.py".and(|outcome| {
        let mounts: std::collections::BTreeMap<&str, &str> =
            outcome.output().lines().filter_map(|line| line.split_once(": ")).collect();
        assert!(mounts["/"].ends_with(" ro"), "the root is writable: {mounts:?}");
        assert_eq!(mounts["/sandbox"], "tmpfs nosuid nodev noexec");
        assert!(mounts["/opt/sandbox"].contains(" ro"), "{mounts:?}");
        assert_eq!(mounts["/opt/sandbox/boot"], "tmpfs nosuid nodev noexec");
        assert_eq!(mounts["/dev/shm"], "tmpfs nosuid nodev noexec");
        let known = ["/", "/dev/shm", "/sandbox", "/opt/sandbox", "/opt/sandbox/boot", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];
        let extra: Vec<_> = mounts.keys().filter(|path| !known.contains(path)).collect();
        assert!(extra.is_empty(), "{extra:?}");
    });
    the_hosts_name_and_the_containers_id_are_hidden => "names_of_the_host.py"
        .says("sandbox sandbox\ncontainer ids in /proc/self/cgroup: nothing\n\
            mounts whose sources have names of the engine's, besides the known: nothing\n");
    what_can_be_read_of_the_kernel_is_known => "open_files.py".and(|outcome| {
        let known = text("suite/attacks/open_files.txt");
        let is_known = |path: &str| {
            known.lines().any(|line| line == path || line.ends_with('/') && path.starts_with(line))
        };
        let unknown: Vec<&str> = outcome.output().lines().filter(|path| !is_known(path)).collect();
        assert!(unknown.is_empty(), "to be masked, or to be listed in open_files.txt:\n{}", unknown.join("\n"));
    });
    nothing_is_written_into_the_hosts_log => "kernel_log.py"
        .says("deprecated files that can be read: nothing\n")
        .and(|_| {
            let log = std::process::Command::new("dmesg").output().map(|output| output.stdout).unwrap_or_default();
            assert!(!String::from_utf8_lossy(&log).contains("NOBODY-S-TEXT"), "the host's kernel has logged it");
        });
}

#[test]
fn no_decoy_secret_of_the_server_can_be_found_anywhere_in_a_sandbox() {
    // Searches every readable file of /proc and every environment for the values the server was started with.
    let words: Vec<&str> = DECOYS.iter().map(|(_, value)| *value).collect();
    let code = format!(
        "import os\nwords = [w.encode() for w in {words:?}]\nself = str(os.getpid())\nhits, read = [], 0\n\
         for top, folders, files in os.walk('/proc', onerror=lambda e: None):\n \
         folders[:] = [f for f in folders if f not in ('task', 'fd', 'map_files', 'ns')]\n \
         for name in files:\n  path = os.path.join(top, name)\n  \
         if name in ('mem', 'kmsg', 'pagemap', 'clear_refs', 'kcore') or path.endswith('/cmdline'): continue\n  \
         try: data = os.read(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 1 << 20)\n  except OSError: continue\n  \
         read += 1\n  hits += [path for w in words if w in data]\n  os.closerange(3, 200)\nprint(hits, read > 50)"
    );
    shared().python(&code).printed("[] True\n");
}

#[test]
fn two_runs_at_once_see_nothing_of_each_other() {
    let mark = nonce();
    let hide = format!("import time, sys\nsecret = '{mark}'\nsys.argv.append(secret)\ntime.sleep(2)");
    let seek = format!(
        "import os\nhits = []\nfor pid in filter(str.isdigit, os.listdir('/proc')):\n \
         if int(pid) in (os.getpid(),): continue\n \
         for name in ('cmdline', 'environ', 'comm', 'status', 'maps', 'mountinfo'):\n  \
         try:\n   if b'{mark}' in open(f'/proc/{{pid}}/{{name}}', 'rb').read(): hits.append((pid, name))\n  \
         except OSError: pass\nprint(hits, os.listdir('/sandbox'))"
    );
    std::thread::scope(|scope| {
        let hidden =
            scope.spawn(|| shared().run(&serde_json::json!({"code": hide, "args": [mark], "stdin": mark})));
        std::thread::sleep(std::time::Duration::from_millis(700));
        shared().python(&seek).printed("[] ['main.py']\n");
        hidden.join().unwrap().ended("completed", 0);
    });
}
