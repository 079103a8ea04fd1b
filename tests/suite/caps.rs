//! What the contract allows is run, all of it at once; what cannot be run is the request's fault. Neither is ever a
//! host's.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Server, alone,
    archive::zipped,
    client::{field, file},
    in_parallel, within,
};

const MAX_FILES: usize = 200;
const MAX_DEPTH: usize = 16;
const MAX_NAME: usize = 255;
const MAX_BYTES: usize = 8 << 20;

/// A name as deep and as long as may be, with a folder of its own at every depth.
fn deep_name(n: usize) -> String {
    let mut name: String = (1..MAX_DEPTH).map(|depth| format!("{n:03}-{depth:02}/")).collect();
    name.push_str(&"f".repeat(MAX_NAME - name.len()));
    name
}

/// As many files as may be beside `main`, as deep as may be, of as many bytes in all as may be.
fn largest_project(name: &str, main: &str) -> Vec<u8> {
    let names: Vec<String> = (1..MAX_FILES).map(deep_name).collect();
    let each = (MAX_BYTES - main.len()) / (MAX_FILES - 1);
    let last = MAX_BYTES - main.len() - each * (MAX_FILES - 2);
    let content = vec![b'x'; last.max(each)];
    let mut files = vec![(name, main.as_bytes())];
    for (n, name) in names.iter().enumerate() {
        let size = if n + 1 == names.len() { last } else { each };
        files.push((name, &content[..size]));
    }
    zipped(&files)
}

const COUNT_IN_PYTHON: &str = "import os, sys\n\
    files = [os.path.join(p, f) for p, _, fs in os.walk('.') for f in fs]\n\
    print(len(files), sum(map(os.path.getsize, files)), max(map(len, files)) - 2)\n\
    print(len(sys.argv) - 1, sum(map(len, sys.argv[1:])), len(sys.stdin.buffer.read()))";

const COUNT_IN_JAVASCRIPT: &str = "const fs = require('fs');\n\
    const files = [];\n\
    const walk = (p) => { for (const e of fs.readdirSync(p, { withFileTypes: true }))\n\
      e.isDirectory() ? walk(`${p}/${e.name}`) : files.push(`${p}/${e.name}`); };\n\
    walk('.');\n\
    console.log(files.length, files.reduce((n, f) => n + fs.statSync(f).size, 0), Math.max(...files.map((f) => f.length)) - 2);\n\
    console.log(process.argv.length - 2, process.argv.slice(2).join('').length, fs.readFileSync(0).length);";

/// Fails unless every host is as good as it was, for everybody.
#[track_caller]
fn hosts_are_well(server: &Server) {
    let health = server.get("/health").json();
    assert_eq!(health["docker"]["hosts"], json!({"up": 1, "total": 1}), "{health}");
    let log = server.log();
    for word in ["a Docker host failed", "a Docker host is back", "cannot be run on a Docker host"] {
        assert!(!log.contains(word), "{word}:\n{log}");
    }
    server.python("print('next')").printed("next\n");
}

#[test]
fn every_cap_of_the_contract_at_once_is_run_in_every_language() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let stdin = "s".repeat(8 << 20);
    let arg = "a".repeat((16 << 10) / 64);
    for (language, name, main) in
        [("python", "main.py", COUNT_IN_PYTHON), ("javascript", "main.js", COUNT_IN_JAVASCRIPT)]
    {
        let project = largest_project(name, main);
        let limits = r#"{"timeout_seconds": 10, "memory_mb": 128, "output_bytes": 65536}"#;
        let mut parts = vec![
            file("project.zip", &project),
            field("language", language),
            field("stdin", &stdin),
            field("limits", limits),
        ];
        parts.extend((0..64).map(|_| field("args", &arg)));
        let outcome = server.form(&parts).outcome();
        outcome.printed(&format!("{MAX_FILES} {MAX_BYTES} {MAX_NAME}\n64 16384 8388608\n"));
    }
    // The same by JSON, with as much code as may be.
    let text = "x = '😀'\n".to_owned();
    let code = format!("{text}{COUNT_IN_PYTHON}\n#");
    let code = format!("{code}{}", "😀".repeat(5000 - code.chars().count()));
    assert_eq!(code.chars().count(), 5000);
    let files: Vec<Value> =
        (1..MAX_FILES).map(|n| json!({"name": deep_name(n), "content": "x".repeat(10_000)})).collect();
    let args = vec![arg; 64];
    let bytes = code.len() + (MAX_FILES - 1) * 10_000;
    let request = json!({"code": code, "files": files, "stdin": stdin, "args": args});
    server.run(&request).printed(&format!("{MAX_FILES} {bytes} {MAX_NAME}\n64 16384 8388608\n"));
    hosts_are_well(&server);
}

#[test]
fn the_lowest_limits_and_projects_that_do_not_fit_into_them_are_never_a_hosts_fault() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0"), ("SCE_QUEUE_TIMEOUT_SECONDS", "60")]);
    let lowest = json!({"timeout_seconds": 0.01, "memory_mb": 16, "output_bytes": 1});
    let mut requests = vec![];
    for (language, code) in [("python", "print('x')"), ("javascript", "console.log('x')")] {
        requests.push(json!({"language": language, "code": code, "limits": lowest}));
        for mb in [16, 17, 19, 24, 32, 48] {
            requests.push(json!({"language": language, "code": code, "limits": {"memory_mb": mb}}));
        }
        for field in ["timeout_seconds", "output_bytes"] {
            requests.push(json!({"language": language, "code": code, "limits": {field: lowest[field]}}));
        }
    }
    // Inodes and names are memory as well: a project of nothing but folders.
    let files: Vec<Value> = (1..MAX_FILES).map(|n| json!({"name": deep_name(n), "content": ""})).collect();
    requests.push(json!({"code": "print(1)", "files": files, "limits": {"memory_mb": 16}}));
    let seen = in_parallel(4, &requests, |request| {
        let reply = server.post(request);
        if reply.status == 200 {
            let outcome = reply.outcome();
            let fits = ["completed", "memory_limit", "time_limit"].contains(&outcome.status());
            assert!(fits, "{}: {}", request["limits"], outcome.0);
            outcome.status().to_owned()
        } else {
            let refusal = reply.refusal(400);
            assert!(
                refusal.error.contains("memory_mb") && refusal.error.contains("128"),
                "{}",
                refusal.error
            );
            refusal.code
        }
    });
    assert!(seen.iter().any(|status| status == "completed"), "{seen:?}");
    let project = largest_project("main.py", "print(1)");
    let limits = r#"{"memory_mb": 16}"#;
    let parts = [file("project.zip", &project), field("language", "python"), field("limits", limits)];
    let outcome = server.form(&parts).outcome();
    // Eight megabytes of files, each rounded up to a page, and their folders beside an interpreter of as much.
    assert!(["completed", "memory_limit"].contains(&outcome.status()), "{}", outcome.0);
    hosts_are_well(&server);
}

#[test]
fn no_room_for_a_sandbox_is_busy_and_not_a_hosts_fault() {
    let _alone = alone();
    // As many sandboxes as programs: while one leaves, or is held, there is no room for another.
    let server = Server::start(&[
        ("SCE_POOL_SIZE", "0"),
        ("SCE_MAX_RUNNING", "2"),
        ("SCE_MAX_SANDBOXES", "2"),
        ("SCE_QUEUE_LENGTH", "0"),
    ]);
    let codes = ["import time; time.sleep(3); print('x')"; 12];
    let statuses = in_parallel(12, &codes, |code| {
        let reply = server.post(&json!({"code": code}));
        if reply.status == 200 {
            reply.outcome().printed("x\n");
        } else {
            reply.refusal(429);
        }
        reply.status
    });
    assert!(statuses.contains(&200) && statuses.contains(&429), "{statuses:?}");
    let free = || (server.post(&json!({"code": "print(1)"})).status == 200).then_some(());
    assert!(within(Duration::from_secs(20), free).is_some());
    hosts_are_well(&server);
}
