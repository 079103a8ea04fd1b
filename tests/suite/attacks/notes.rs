//! `docs/SECURITY_NOTES.md`: what was tried and what happened, from the run of these tests.
//!
//! Each attack leaves a line in `target/security-notes/`. `SCE_BLESS=1 cargo test --test suite attacks::` writes the
//! page from them; without it, each attack is held against its line of the committed page, and the page must list
//! exactly the attacks there are. Results are compared on the kind of machine that the page names: another engine,
//! kernel or cgroup version may refuse the same thing with another errno.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use serde_json::{Value, json};

use super::{Attack, Words};
use crate::support::{Outcome, engine};

const GROUPS: [(&str, &str, fn() -> Vec<(&'static str, Attack)>); 9] = [
    ("bombs", "Bombs: taking all there is", super::bombs::all),
    ("kernel_memory", "Kernel memory: what no limit counts", super::kernel_memory::all),
    ("ending", "Ending: not to end, or not when told", super::ending::all),
    ("forging", "Forging: lying about the outcome", super::forging::all),
    ("out", "Out: reaching another machine or another run", super::out::all),
    ("up", "Up: gaining rights, or the kernel's ear", super::up::all),
    ("looking_around", "Looking around: learning about the host", super::looking_around::all),
    ("left_behind", "Left behind: leaving something for the next run", super::left_behind::all),
    ("text", "Text: output that means something to whoever reads it", super::text::all),
];

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SECURITY_NOTES.md")
}

fn folder() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder").to_owned();
    target.join("security-notes")
}

fn blessing() -> bool {
    std::env::var_os("SCE_BLESS").is_some_and(|value| value == "1")
}

/// Notes what came of an attack, and holds it against the page.
#[track_caller]
pub fn take(name: &str, attack: &Attack, outcome: &Outcome) {
    let words = if matches!(attack.words, Words::Any) { "" } else { outcome.output() };
    let note = json!({
        "attack": name, "program": attack.path(), "status": outcome.status(), "exit_code": outcome.exit_code(),
        "printed": words,
    });
    fs::create_dir_all(folder()).expect("a folder for notes");
    fs::write(folder().join(format!("{name}.json")), format!("{note}\n")).expect("a note");
    if blessing() {
        write_page();
        return;
    }
    let committed = fs::read_to_string(page()).unwrap_or_default();
    let settled = attack.statuses.len() == 1;
    if settled && committed.contains(&machine_line()) {
        let line = line_of(&note);
        assert!(
            committed.lines().any(|other| other == line),
            "docs/SECURITY_NOTES.md says otherwise. If this is right, write it anew with SCE_BLESS=1. Seen:\n{line}"
        );
    }
}

fn machine_line() -> String {
    format!("Machine: {}.", engine::machine())
}

fn line_of(note: &Value) -> String {
    let text = |field: &str| note[field].as_str().unwrap_or_default();
    let name = text("attack").replace('_', " ");
    let (first, rest) = name.split_at(1);
    let printed = text("printed").trim_end().replace('|', "\\|").replace('`', "'");
    let printed: Vec<String> = printed
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            format!("`{}`", line.escape_debug().to_string().replace("\\'", "'").replace("\\\"", "\""))
        })
        .collect();
    format!(
        "| {}{rest} | [{program}](../tests/attacks/{program}) | `{}`, {} | {} |",
        first.to_uppercase(),
        text("status"),
        note["exit_code"],
        printed.join("<br>"),
        program = text("program"),
    )
}

/// Writes the page from every note there is.
fn write_page() {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock();
    let mut notes = BTreeMap::new();
    for entry in fs::read_dir(folder()).into_iter().flatten().flatten() {
        let text = fs::read_to_string(entry.path()).expect("a note");
        let note: Value = serde_json::from_str(&text).expect("a note is JSON");
        notes.insert(note["attack"].as_str().unwrap_or_default().to_owned(), note);
    }
    let mut out = String::from(
        "# Security notes: what was tried against the sandbox, and what happened\n\n\
         Written by the tests (`SCE_BLESS=1 cargo test --test suite attacks::`), not by hand: each line is what a real\n\
         run on a real engine gave. Each attack is also an ordinary test, which fails when the result is another. After\n\
         every attack the tests check that the answer was typed and in time, that the next caller's run is right, that the\n\
         sandbox is gone and that the server has not grown.\n\n",
    );
    writeln!(out, "{}", machine_line()).expect("a string takes it");
    for (_, title, all) in GROUPS {
        write!(out, "\n## {title}\n\n| attack | program | ended as | it printed |\n|---|---|---|---|\n")
            .expect("text");
        for (name, _) in all() {
            if let Some(note) = notes.get(name) {
                writeln!(out, "{}", line_of(note)).expect("a string takes it");
            }
        }
    }
    fs::create_dir_all(page().parent().expect("docs")).expect("a folder for the page");
    fs::write(page(), out).expect("the page");
}

#[test]
fn the_notes_list_every_attack_there_is_and_no_other() {
    if blessing() {
        return; // it is being written
    }
    let committed = fs::read_to_string(page()).unwrap_or_default();
    let listed: Vec<&str> = committed.lines().filter(|line| line.contains("](../tests/attacks/")).collect();
    let mut expected = 0;
    for (_, _, all) in GROUPS {
        for (name, attack) in all() {
            expected += 1;
            let start = line_of(&json!({"attack": name, "program": attack.path()}));
            let start = start.split("| ``").next().expect("the first columns");
            assert!(
                listed.iter().any(|line| line.starts_with(start)),
                "not in docs/SECURITY_NOTES.md: {start}"
            );
        }
    }
    assert_eq!(listed.len(), expected, "docs/SECURITY_NOTES.md lists attacks that are no more");
}

#[test]
fn every_program_of_attack_is_used() {
    let used: Vec<String> =
        GROUPS.iter().flat_map(|(_, _, all)| all()).map(|(_, attack)| attack.path()).collect();
    let sources = crate::support::host::files_below(&crate::support::data("suite"));
    let sources: String = sources.iter().map(|path| fs::read_to_string(path).unwrap_or_default()).collect();
    for path in crate::support::host::files_below(&crate::support::data("attacks")) {
        let name = path.strip_prefix(crate::support::data("attacks")).expect("below").display().to_string();
        let known = used.contains(&name) || sources.contains(&name) || name.starts_with("probe.");
        assert!(known, "tests/attacks/{name} is run by no test");
    }
}
