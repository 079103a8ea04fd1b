//! The columns of the matrix: what each language is asked, and what must come of it.

use safe_code_executor::domain::language::Language;
use serde_json::{Value, json};

use super::programs::{Crash, Programs};
use crate::support::{Server, outcome::Outcome};

const INPUT: &str = "1\n2\n3\n40\n";
const UNICODE: &str = "grüße 日本 😀\n";

/// A column of the matrix: runs one program of the language, where there is one.
pub type Case = (&'static str, fn(&Server, &Language, &Programs) -> Option<Outcome>);

pub const CASES: [Case; 17] = [
    ("hello", |server, language, _| {
        let outcome = run(server, language, &language.example, json!({}));
        outcome.printed("Hello, world!\n285\n");
        Some(outcome)
    }),
    ("sum of stdin", |server, language, programs| {
        let outcome = run(server, language, programs.sum.as_ref()?, json!({"stdin": INPUT}));
        outcome.printed("46\n");
        Some(outcome)
    }),
    ("arguments", |server, language, programs| {
        let outcome = run(server, language, programs.args.as_ref()?, json!({"args": ["a b", "ü", "-x"]}));
        outcome.printed("a b\nü\n-x\n");
        Some(outcome)
    }),
    ("two files", |server, language, programs| {
        let named = |name: &str, content: &str| json!({"name": name, "content": content});
        let mut files = vec![named("data.txt", "data\n")];
        files.extend(programs.files.iter().filter(|(name, _)| *name != "main").map(|(n, c)| named(n, c)));
        let outcome = run(server, language, &programs.files["main"], json!({"files": files}));
        outcome.printed("the helper read: data\n");
        Some(outcome)
    }),
    ("Unicode", |server, language, programs| {
        let outcome = run(server, language, &programs.unicode, json!({"stdin": "çã\n"}));
        let reads = programs.sum.is_some();
        outcome.printed(&format!("{UNICODE}{}", if reads { "çã\n" } else { "" }));
        Some(outcome)
    }),
    ("exit code 3", |server, language, programs| {
        let outcome = run(server, language, programs.exit.as_ref()?, json!({}));
        outcome.ended("nonzero_exit", 3);
        Some(outcome)
    }),
    ("crash, with its line", |server, language, programs| {
        let outcome = run(server, language, &programs.crash.code, json!({}));
        assert!(["nonzero_exit", "signal"].contains(&outcome.status()), "{}", outcome.0);
        told(language, &outcome, &programs.crash);
        Some(outcome)
    }),
    ("syntax or type error", |server, language, programs| {
        let outcome = run(server, language, &programs.fault.code, json!({}));
        let refused = if language.compiler.is_some() { "compile_error" } else { "nonzero_exit" };
        assert_eq!(outcome.status(), refused, "{}", outcome.0);
        told(language, &outcome, &programs.fault);
        Some(outcome)
    }),
    ("endless loop", |server, language, programs| {
        let outcome = run(server, language, &programs.r#loop, json!({"limits": {"timeout_seconds": 1}}));
        outcome.ended("time_limit", -2);
        Some(outcome)
    }),
    ("memory bomb", |server, language, programs| {
        let memory_mb = language.memory_mb.unwrap_or(128) / 2;
        let outcome = run(server, language, &programs.memory, json!({"limits": {"memory_mb": memory_mb}}));
        outcome.ended("memory_limit", 137);
        Some(outcome)
    }),
    ("fork or thread bomb", |server, language, programs| {
        let outcome = run(server, language, programs.bomb.as_ref()?, json!({}));
        assert_eq!(outcome.0["limits_met"], json!(["processes"]), "{}", outcome.0);
        let said = if outcome.status() == "completed" { "refused\n" } else { "" };
        assert_eq!(outcome.output(), said, "{}", outcome.0);
        Some(outcome)
    }),
    ("endless output", |server, language, programs| {
        let outcome = run(server, language, &programs.output, json!({}));
        outcome.ended("output_limit", 137);
        Some(outcome)
    }),
    ("network", |server, language, programs| {
        let outcome = run(server, language, programs.network.as_ref()?, json!({}));
        assert_eq!(outcome.output(), "refused\n", "{}", outcome.0);
        Some(outcome)
    }),
    ("writing", |server, language, programs| {
        let outcome = run(server, language, &programs.write, json!({}));
        assert_eq!(outcome.output(), "refused\nrefused\n", "{}", outcome.0);
        Some(outcome)
    }),
    ("`/etc/passwd`", |server, language, programs| {
        let outcome = run(server, language, &programs.passwd, json!({}));
        outcome.ended("completed", 0);
        // The image's own file: users of Debian, and neither ours nor the sandbox's.
        let users: Vec<&str> = outcome.output().lines().map(|line| line.split(':').next().unwrap()).collect();
        assert_eq!((users[0], users.contains(&"nobody")), ("root", true), "{}", outcome.0);
        assert!(users.len() < 30 && !users.contains(&"sandbox"), "{}", outcome.0);
        Some(outcome)
    }),
    ("program of 200 KB", |server, language, programs| {
        let (program, number) = programs.large();
        let entry = &language.entry_points[0];
        let request = json!({
            "language": language.name, "entrypoint": entry, "files": [{"name": entry, "content": program}]
        });
        let outcome = server.run(&request);
        outcome.printed(&format!("{number}\n"));
        Some(outcome)
    }),
    ("ten test cases", |server, language, programs| {
        let case = |n: u32| json!({"stdin": format!("{n}\n{n}\n"), "expected_output": (2 * n).to_string()});
        let tests: Vec<Value> = (1..=10).map(case).collect();
        let outcome = run(server, language, programs.sum.as_ref()?, json!({"tests": tests}));
        assert_eq!(outcome.0["summary"]["passed"], 10, "{}", outcome.0);
        Some(outcome)
    }),
];

/// Fails unless what is said of the fault has its words, and `diagnostics` its line.
fn told(language: &Language, outcome: &Outcome, crash: &Crash) {
    for words in &crash.says {
        assert!(outcome.error().contains(words), "`{words}` is not in {}", outcome.0);
    }
    let Some(line) = crash.line else { return };
    let found = &outcome.0["diagnostics"][0];
    let place = (&found["file"], &found["line"]);
    assert_eq!(place, (&json!(language.entry_points[0]), &json!(line)), "{}", outcome.0);
}

fn run(server: &Server, language: &Language, code: &str, mut request: Value) -> Outcome {
    request["language"] = json!(language.name);
    request["code"] = json!(code);
    server.run(&request)
}
