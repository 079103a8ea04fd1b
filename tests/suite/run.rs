//! The plain cases: what a newcomer tries first.

use std::os::unix::fs::MetadataExt;

use serde_json::json;

use crate::support::{Server, runtime, shared};

#[test]
fn the_root_says_that_the_service_is_running() {
    let reply = shared().get("/");
    assert_eq!((reply.status, reply.text().trim_end()), (200, "Safe Code Executor API is running!"));
    assert!(reply.header("content-type").unwrap().starts_with("text/plain"), "{reply:?}");
}

#[test]
fn code_without_a_language_is_python() {
    let outcome = shared().run(&json!({"code": "print('Hello World')"}));
    outcome.printed("Hello World\n").ended("completed", 0);
    assert_eq!(outcome.0["language"], "python");
}

#[test]
fn python_computes() {
    shared().python("print(2+2)").printed("4\n");
}

#[test]
fn javascript_computes() {
    shared().javascript("console.log(2+2)").printed("4\n");
}

#[test]
fn every_alias_names_its_language() {
    for (alias, code, language) in [
        ("py", "print(1)", "python"),
        ("python3", "print(1)", "python"),
        ("Python", "print(1)", "python"),
        ("js", "console.log(1)", "javascript"),
        ("node", "console.log(1)", "javascript"),
        ("JavaScript", "console.log(1)", "javascript"),
    ] {
        let outcome = shared().run(&json!({"language": alias, "code": code}));
        outcome.printed("1\n");
        assert_eq!(outcome.0["language"], language, "{alias}");
    }
}

#[test]
fn the_answer_names_the_image_the_runtime_and_the_limits() {
    let outcome = shared().python("pass");
    assert_eq!(outcome.0["sandbox"]["image"], "python:3.11-slim");
    assert_eq!(outcome.0["sandbox"]["runtime"], runtime());
    assert_eq!(outcome.0["limits"], json!({"timeout_seconds": 10, "memory_mb": 128, "output_bytes": 65536}));
}

#[test]
fn standard_input_is_exactly_the_bytes_given_then_its_end() {
    let outcome = shared().run(&json!({
        "code": "import sys; print(repr(sys.stdin.buffer.read())); print(repr(sys.stdin.read()))",
        "stdin": "a\nb"
    }));
    outcome.printed("b'a\\nb'\n''\n");
    let outcome = shared().run(&json!({
        "language": "js",
        "code": "process.stdout.write(JSON.stringify(require('fs').readFileSync(0, 'utf8')))",
        "stdin": "a\r\n\u{0}ü😀"
    }));
    assert_eq!(outcome.output(), "\"a\\r\\n\\u0000ü😀\"");
}

#[test]
fn without_stdin_a_program_reads_end_of_file_at_once() {
    let outcome = shared().python("import sys; print(repr(sys.stdin.read()))");
    outcome.printed("''\n");
    let outcome = shared().python("input()");
    outcome.ended("nonzero_exit", 1);
    assert!(outcome.error().ends_with("EOFError: EOF when reading a line\n"), "{}", outcome.error());
}

#[test]
fn the_longest_stdin_arrives_whole() {
    let lines = 512 * 1024;
    let stdin = "0123456789abcde\n".repeat(lines);
    assert_eq!(stdin.len(), 8 * 1024 * 1024);
    let code = format!(
        "import sys; d = sys.stdin.buffer.read(); print(len(d), d == b'0123456789abcde\\n' * {lines})"
    );
    shared().run(&json!({"code": code, "stdin": stdin})).printed("8388608 True\n");
    let refusal = shared().post(&json!({"code": code, "stdin": format!("{stdin}x")})).refusal(400);
    assert_eq!(refusal.error, "`stdin` is too long. Maximum allowed length is 8388608 bytes.");
}

#[test]
fn input_that_is_no_text_arrives_by_base64() {
    let request = json!({
        "code": "import sys; print(list(sys.stdin.buffer.read()))", "stdin": "AP+A", "stdin_encoding": "base64",
    });
    shared().run(&request).printed("[0, 255, 128]\n");
}

#[test]
fn code_may_be_as_long_as_the_server_is_told() {
    let server = Server::start(&[("SCE_MAX_CODE_CHARS", "200000"), ("SCE_POOL_SIZE", "0")]);
    let code = format!("print('long')\n#{}", "é".repeat(200_000 - 15));
    assert_eq!(code.chars().count(), 200_000);
    server.python(&code).printed("long\n");
    let refusal = server.post(&json!({"code": format!("{code}x")})).refusal(400);
    assert_eq!(refusal.error, "Code too long. Maximum allowed length is 200000 characters.");
}

#[test]
fn a_fault_of_the_program_is_told_with_its_place() {
    let outcome = shared().python("def f(x):\n    return 1 / x\n\nf(0)\n");
    let message = "ZeroDivisionError: division by zero";
    assert_eq!(
        outcome.0["diagnostics"],
        json!([{"file": "main.py", "line": 2, "severity": "error", "message": message, "phase": "run"}])
    );
    let outcome = shared().python("x = (1\n");
    assert_eq!(outcome.0["diagnostics"][0]["line"], 1);
    assert_eq!(outcome.0["diagnostics"][0]["phase"], "compile");
    let outcome = shared().run(&json!({"language": "js", "code": "let a = 1;\nlet a = 2;\n"}));
    let message = "SyntaxError: Identifier 'a' has already been declared";
    let expected = json!([{
        "file": "main.js", "line": 2, "column": 5, "severity": "error", "message": message, "phase": "compile",
    }]);
    assert_eq!(outcome.0["diagnostics"], expected);
    let outcome = shared().run(&json!({"language": "js", "code": "\n  null.x;"}));
    assert_eq!(outcome.0["diagnostics"][0]["column"], 8);
    assert_eq!(shared().python("import sys; sys.exit(1)").0.get("diagnostics"), None);
}

#[test]
fn a_program_that_does_not_read_its_input_is_not_disturbed_by_it() {
    shared().run(&json!({"code": "print('deaf')", "stdin": "x".repeat(65_536)})).printed("deaf\n");
}

#[test]
fn arguments_arrive_as_they_were_given() {
    let args = json!(["a b", "", "--flag", "-c", "ü😀", "'\"$HOME`"]);
    let outcome = shared().run(&json!({"code": "import sys; print(sys.argv)", "args": args}));
    outcome.printed("['main.py', 'a b', '', '--flag', '-c', 'ü😀', '\\'\"$HOME`']\n");
    let code = "console.log(JSON.stringify(process.argv.slice(2)))";
    let outcome = shared().run(&json!({"language": "js", "code": code, "args": args}));
    outcome.printed("[\"a b\",\"\",\"--flag\",\"-c\",\"ü😀\",\"'\\\"$HOME`\"]\n");
}

#[test]
fn five_thousand_characters_of_any_script_run() {
    for filler in ["a", "ß", "日", "😀"] {
        let head = "s = '";
        let tail = "'\nprint(len(s))";
        let count = 5000 - head.len() - tail.len();
        let code = format!("{head}{}{tail}", filler.repeat(count));
        assert_eq!(code.chars().count(), 5000);
        shared().python(&code).printed(&format!("{count}\n"));
    }
}

#[test]
fn five_thousand_and_one_characters_do_not() {
    for filler in ["#", "😀"] {
        let refusal = shared().post(&json!({"code": filler.repeat(5001)})).refusal(400);
        assert_eq!(refusal.error, "Code too long. Maximum allowed length is 5000 characters.");
    }
}

#[test]
fn the_code_may_be_written_any_way_people_write_it() {
    shared().python("\u{feff}print('after a byte order mark')").printed("after a byte order mark\n");
    shared().python("print(1)\r\nif True:\r\n    print(2)\r\n").printed("1\n2\n");
    shared().python("print('no newline at the end')").printed("no newline at the end\n");
    shared().python("# -*- coding: utf-8 -*-\nprint('größer 日本 😀')").printed("größer 日本 😀\n");
    shared()
        .javascript("\u{feff}console.log('after a byte order mark')")
        .printed("after a byte order mark\n");
    shared().javascript("#!/usr/bin/env node\nconsole.log('after a hashbang')").printed("after a hashbang\n");
}

#[test]
fn the_etc_passwd_a_program_reads_is_the_containers() {
    let code = "import os; it = os.stat('/etc/passwd'); print(it.st_dev, it.st_ino); print(open('/etc/passwd').read())";
    let outcome = shared().python(code);
    assert_eq!(outcome.status(), "completed");
    let (which, text) = outcome.output().split_once('\n').unwrap();
    assert!(text.starts_with("root:"), "{text}");
    // By which file it is: a machine may be made of the same image as the container, and have the same text.
    let host = std::fs::metadata("/etc/passwd").unwrap();
    assert_ne!(which, format!("{} {}", host.dev(), host.ino()));
}

#[test]
fn languages_are_listed_with_what_is_really_installed() {
    let list = shared().get("/languages").json();
    let text = list.to_string();
    for wanted in ["python", "javascript", "py", "node", "python:3.11-slim", "node:18-slim", "sha256:"] {
        assert!(text.contains(wanted), "{wanted} is not in {text}");
    }
    let python = shared().python("import platform; print(platform.python_version())");
    let node = shared().javascript("console.log(process.versions.node)");
    for version in [python.output().trim(), node.output().trim()] {
        assert!(text.contains(version), "{version} is not in {text}");
    }
}

#[test]
fn each_languages_example_runs() {
    let list = shared().get("/languages").json();
    let languages = list.as_array().or_else(|| list["languages"].as_array()).expect("a list");
    assert!(languages.len() >= 2, "{list}");
    for language in languages {
        let name = language["name"].as_str().unwrap_or_else(|| panic!("no name: {language}"));
        let example = language["example"].as_str().unwrap_or_else(|| panic!("no example: {language}"));
        let outcome = shared().run(&json!({"language": name, "code": example}));
        assert_eq!(outcome.ended("completed", 0).error(), "");
        assert!(!outcome.output().is_empty(), "{name}'s example prints nothing");
    }
}

#[test]
fn health_tells_of_the_engine_the_store_and_the_pool() {
    let reply = shared().get("/health");
    assert_eq!(reply.status, 200);
    let health = reply.json().to_string();
    for wanted in ["python", "javascript", "pool", &runtime()] {
        assert!(health.contains(wanted), "{wanted} is not in {health}");
    }
}

#[test]
fn the_page_answers() {
    let reply = shared().get("/ui");
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-type").unwrap().starts_with("text/html"));
}

#[test]
fn the_contract_is_served() {
    let document = shared().get("/openapi.json").json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."), "{}", document["openapi"]);
    for path in ["/", "/health", "/run", "/run/live", "/languages", "/history", "/history/{id}"] {
        assert!(document["paths"].get(path).is_some(), "{path} is not in the contract");
    }
}
