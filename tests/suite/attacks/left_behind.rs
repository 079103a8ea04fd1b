//! Leaving something for the next run, which may be another caller's.

use bollard::query_parameters::{ListImagesOptions, ListNetworksOptions, ListVolumesOptions};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::json;

use crate::{
    attacks::attacks,
    support::{engine, host, in_parallel, shared, text, within},
};

attacks! { "left_behind":
    nothing_can_be_left_in_any_store_of_the_kernel_or_the_disk => "leave.py"
        .gets_only(&["EPERM", "ENOSYS", "EROFS", "EACCES", "ENOENT", "EAGAIN", "FileNotFoundError", "OSError", "PermissionError"]);
    what_is_left_in_the_scratch_space_is_ones_own => "scratch.py".says(
        "['a', 'link', 'mark', 'memory', 'pipe', 'socket']\n");
    a_process_that_stays_with_its_sockets_is_gone_with_its_run => "abstract_socket.py".says("left\n");
    the_next_run_finds_nothing => "find.py".gets_only(&["ECONNREFUSED", "EPERM", "ENOSYS", "ENOENT", "EACCES", "ENOKEY"]);
    changes_to_the_interpreter_are_made_in_ones_own => "interpreter_state.py".says("changed\n");
}

#[test]
fn a_lock_on_a_file_that_all_runs_share_holds_up_nobody() {
    // The image's files are the same inodes for all: a lock held by one run is seen by another, if it may be had.
    let hold = "import fcntl, os, time\nf = os.open('/etc/passwd', os.O_RDONLY)\n\
        try: fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB); print('held', flush=True)\n\
        except OSError as e: print('no')\ntime.sleep(2)";
    std::thread::scope(|scope| {
        scope.spawn(|| shared().python(hold));
        std::thread::sleep(Duration::from_millis(700));
        // What users really do must not wait: reading files, importing modules, asking for users.
        let outcome =
            shared().python("import pwd, sqlite3, json; print(len(open('/etc/passwd').read()) > 0)");
        outcome.printed("True\n");
        assert!(outcome.wall_ms() < 1500.0, "{}", outcome.0);
    });
}

#[test]
fn nothing_that_two_sandboxes_share_can_be_opened_or_watched() {
    let request = json!({"code": text("attacks/left_behind/shared_inodes.py")});
    // At the same time, or a device's number may be given to both one after the other.
    let seen = in_parallel(2, &[(), ()], |()| {
        let outcome = shared().run(&request);
        outcome.ended("completed", 0);
        outcome.output().to_owned()
    });
    let files = |output: &str| -> BTreeMap<String, String> {
        let pairs = output.lines().filter_map(|line| line.split_once(' '));
        pairs.map(|(inode, path)| (inode.to_owned(), path.to_owned())).collect()
    };
    let (one, other) = (files(&seen[0]), files(&seen[1]));
    let of_image = |files: &BTreeMap<String, String>| files.values().any(|path| path == "/etc/passwd");
    assert!(one.len() > 500 && of_image(&one) && of_image(&other), "only {} files", one.len());
    let both: Vec<&str> =
        one.iter().filter(|(inode, _)| other.contains_key(*inode)).map(|(_, path)| path.as_str()).collect();
    // The volume is the one that is known.
    assert!(both.contains(&"/opt/sandbox/sandbox-init"), "{both:?}");
    let outcome = shared().run(&json!({
        "files": [
            {"name": "main.py", "content": text("attacks/left_behind/open_shared.py")},
            {"name": "probe.py", "content": text("attacks/probe.py")},
        ],
        "stdin": both.join("\n"),
    }));
    outcome.ended("completed", 0);
    let tried: Vec<&str> = outcome.output().lines().collect();
    let had: Vec<_> = tried.iter().filter(|line| !line.ends_with(": EACCES")).collect();
    assert!(tried.len() == 2 * both.len() && had.is_empty(), "{had:?}");
}

#[test]
fn two_sandboxes_never_share_a_uid() {
    let ids: Vec<usize> = (0..12).collect();
    let uids = in_parallel(4, &ids, |_| {
        shared().python("import os; print(os.getuid(), os.getgid())").output().to_owned()
    });
    for uid in &uids {
        let (uid, gid) = uid.trim().split_once(' ').unwrap();
        assert!(uid.parse::<u32>().unwrap() >= 1000 && uid == gid, "{uid} {gid}");
    }
    let distinct: BTreeSet<_> = uids.iter().collect();
    assert!(distinct.len() >= 11, "random uids that repeat: {uids:?}");
}

#[test]
fn no_process_of_a_sandbox_stays_on_the_host() {
    let code = "import os, time\nprint(os.getuid(), flush=True)\nfor _ in range(5):\n if os.fork() == 0:\n  os.setsid()\n  time.sleep(600)";
    // Somebody of the machine may have the uid that the sandbox gets: what is there before is not the sandbox's.
    let before = host::pids();
    let outcome = shared().python(code);
    let uid: u32 = outcome.output().trim().parse().unwrap();
    let left = || host::processes_of(uid).into_iter().filter(|pid| !before.contains(pid)).collect::<Vec<_>>();
    let gone = within(Duration::from_secs(5), || left().is_empty().then_some(()));
    assert!(gone.is_some(), "{:?}", left());
}

#[test]
fn hash_seeds_and_random_numbers_differ_between_sandboxes() {
    let runs: Vec<usize> = (0..6).collect();
    for (language, code) in [
        (
            "python",
            "import random, os, uuid; print(hash('x'), random.random(), os.urandom(8).hex(), uuid.uuid4(), id(object()))",
        ),
        (
            "javascript",
            "console.log(Math.random(), require('crypto').randomBytes(8).toString('hex'), process.hrtime.bigint())",
        ),
    ] {
        let seen = in_parallel(3, &runs, |_| {
            let outcome = shared().run(&serde_json::json!({"language": language, "code": code}));
            outcome.output().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        });
        for column in 0..3 {
            let distinct: BTreeSet<_> = seen.iter().map(|row| &row[column]).collect();
            assert_eq!(distinct.len(), runs.len(), "{language}, column {column}: {seen:?}");
        }
    }
}

#[test]
fn runs_leave_no_volume_network_or_image_on_the_engine() {
    let count = || {
        engine::RUNTIME.block_on(async {
            let volumes = engine::DOCKER.list_volumes(None::<ListVolumesOptions>).await.unwrap();
            let volumes = volumes.volumes.unwrap_or_default().len();
            let images = engine::DOCKER.list_images(None::<ListImagesOptions>).await.unwrap().len();
            let networks = engine::DOCKER.list_networks(None::<ListNetworksOptions>).await.unwrap().len();
            (volumes, images, networks)
        })
    };
    shared().python("print('warm up')");
    let before = count();
    for n in 0..5 {
        shared().python(&format!("print({n})"));
    }
    let (volumes, images, networks) = count();
    // Other tests' servers may make their own volume meanwhile; five runs must not make five.
    assert!(volumes < before.0 + 5 && images == before.1 && networks == before.2, "{before:?}");
}
