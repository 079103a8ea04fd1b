//! The seccomp profile does not break what users write: a list of the things they do.

use serde_json::json;

use crate::support::{data, in_parallel, runtime, shared, text};

/// What gVisor's kernel, in Debian's version of 2022, does not know.
const NOT_ON_GVISOR: &str = "pidfd.py";

/// Runs every program of `tests/compatibility/<ending>` that ends in `print("ok")`: none may meet a refusal.
#[track_caller]
fn all_work(language: &str, ending: &str) {
    let mut programs: Vec<_> = std::fs::read_dir(data("compatibility"))
        .expect("the folder")
        .flatten()
        .map(|entry| entry.file_name().into_string().expect("a name"))
        .filter(|name| name.ends_with(ending) && name != "identity.py")
        .filter(|name| name != NOT_ON_GVISOR || runtime() != "runsc")
        .collect();
    programs.sort();
    assert!(programs.len() >= 10, "only {}", programs.len());
    let broken: Vec<String> = in_parallel(3, &programs, |name| {
        let code = text(format!("compatibility/{name}"));
        let outcome = shared().run(&json!({"language": language, "code": code}));
        let worked = outcome.status() == "completed" && outcome.output().ends_with("ok\n");
        (!worked).then(|| format!("{name}: {} {}\n{}", outcome.status(), outcome.output(), outcome.error()))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(broken.is_empty(), "broken by the sandbox:\n{}", broken.join("\n"));
}

#[test]
fn a_database_among_the_files_can_be_read() {
    let make = "import sqlite3, base64; c = sqlite3.connect(':memory:'); c.execute('create table t(a)'); \
        c.execute('insert into t values (42)'); c.commit(); print(base64.b64encode(c.serialize()).decode())";
    let made = shared().python(make);
    let read = "import sqlite3; print(sqlite3.connect('data.db').execute('select a from t').fetchall())";
    let outcome = shared().run(&json!({
        "code": read,
        "files": [{"name": "data.db", "content": made.output().trim(), "encoding": "base64"}],
    }));
    outcome.printed("[(42,)]\n");
}

#[test]
fn what_python_programs_do_is_allowed() {
    all_work("python", ".py");
}

#[test]
fn what_javascript_programs_do_is_allowed() {
    all_work("javascript", ".js");
}
