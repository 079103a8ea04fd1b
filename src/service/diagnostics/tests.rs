//! What `CPython` 3.11 and Node 18 wrote, word for word, and what is read from it. The fixtures were made by running small
//! programs in the images `python:3.11-slim` and `node:18-slim`.

use super::{Diagnostic, Phase, Severity, of, read};
use crate::{
    domain::outcome::{Captured, Ending, LimitName, LimitReached, Outcome, Signal},
    testing::exited,
};

const PYTHON: &str = include_str!("../../../tests/fixtures/diagnostics/python.txt");
const JAVASCRIPT: &str = include_str!("../../../tests/fixtures/diagnostics/javascript.txt");

/// What the program of that name wrote.
fn written(fixtures: &'static str, name: &str) -> &'static str {
    let (_, rest) = fixtures.split_once(&format!("=== {name}\n")).expect(name);
    rest.split("=== ").next().expect("a text")
}

type Expected = Option<(&'static str, u32, Option<u32>, &'static str, Phase)>;

#[track_caller]
fn reads(language: &str, name: &str, stderr: &str, expected: Expected) {
    let found = read(language, &Ending::Exited(1), stderr.as_bytes());
    let expected = expected.map(|(file, line, column, message, phase)| Diagnostic {
        file: file.to_owned(),
        line,
        column,
        severity: Severity::Error,
        message: message.to_owned(),
        phase,
    });
    assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{name}");
}

#[test]
fn python_names_the_innermost_line_of_the_program() {
    let run = |file, line, message| Some((file, line, None, message, Phase::Run));
    let compile = |file, line, message| Some((file, line, None, message, Phase::Compile));
    for (name, expected) in [
        ("zero.py", run("zero.py", 2, "ZeroDivisionError: division by zero")),
        ("name.py", run("name.py", 3, "NameError: name 'y' is not defined")),
        ("chain.py", run("chain.py", 4, "RuntimeError: bad")),
        ("cls.py", run("cls.py", 2, "E")),
        ("note.py", run("note.py", 3, "ValueError: a")),
        ("ki.py", run("ki.py", 1, "KeyboardInterrupt")),
        ("rec.py", run("rec.py", 2, "RecursionError: maximum recursion depth exceeded")),
        (
            "lib.py",
            run(
                "lib.py",
                2,
                "json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
            ),
        ),
        // What is executed from a text has no file: the line that executes it is told.
        ("ev.py", run("ev.py", 1, "SyntaxError: invalid syntax")),
        ("ex.py", run("ex.py", 1, "ValueError: 1")),
        ("imp.py", run("helper.py", 1, "SyntaxError: invalid syntax")),
        ("unclosed.py", compile("unclosed.py", 3, "SyntaxError: '(' was never closed")),
        (
            "indent.py",
            compile(
                "indent.py",
                2,
                "IndentationError: expected an indented block after function definition on line 1",
            ),
        ),
        (
            "dedent.py",
            compile("dedent.py", 3, "IndentationError: unindent does not match any outer indentation level"),
        ),
        // No place stands on a line of its own, or not in the usual form.
        ("enc.py", None),
        ("exitmsg.py", None),
        ("grp.py", None),
    ] {
        reads("python", name, written(PYTHON, name), expected);
    }
}

#[test]
fn every_version_of_a_language_reports_alike() {
    let expected = Some(("zero.py", 2, None, "ZeroDivisionError: division by zero", Phase::Run));
    reads("python@3.11", "zero.py", written(PYTHON, "zero.py"), expected);
}

#[test]
fn node_names_the_innermost_line_of_the_program() {
    let run = |file, line, column, message| Some((file, line, Some(column), message, Phase::Run));
    let compile = |file, line, column, message| Some((file, line, Some(column), message, Phase::Compile));
    for (name, expected) in [
        ("thr.js", run("thr.js", 2, 9, "Error: x")),
        ("nul.js", run("nul.js", 1, 6, "TypeError: Cannot read properties of null (reading 'x')")),
        ("ref.js", run("ref.js", 2, 1, "ReferenceError: undefinedFn is not defined")),
        ("tmo.js", run("tmo.js", 1, 20, "ReferenceError: x is not defined")),
        ("cls.js", run("cls.js", 2, 7, "MyError: multi")),
        ("cause.js", run("cause.js", 1, 7, "Error: a")),
        ("rej.js", run("rej.js", 1, 16, "TypeError: p")),
        ("str.js", run("str.js", 1, 1, "text")),
        ("fs.js", run("fs.js", 2, 4, "Error: ENOENT: no such file or directory, open '/nope'")),
        ("mod.js", run("mod.js", 1, 1, "Error: Cannot find module 'nope'")),
        ("json.js", run("json.js", 1, 6, "SyntaxError: Unexpected end of JSON input")),
        ("ev.js", run("ev.js", 1, 1, "SyntaxError: Unexpected end of input")),
        ("fn.js", run("fn.js", 1, 1, "SyntaxError: Unexpected identifier")),
        ("req.js", run("helper.js", 1, 1, "SyntaxError: Function statements require a function name")),
        ("tla.mjs", run("tla.mjs", 1, 22, "Error: top")),
        ("dup.js", compile("dup.js", 2, 5, "SyntaxError: Identifier 'a' has already been declared")),
        ("unclosed.js", compile("unclosed.js", 1, 13, "SyntaxError: missing ) after argument list")),
        ("tab.js", compile("tab.js", 2, 7, "SyntaxError: Unexpected token ';'")),
        ("syn.mjs", compile("syn.mjs", 1, 18, "SyntaxError: Unexpected token ';'")),
        // Nothing of the program is named.
        ("rej5.js", None),
        ("miss.mjs", None),
        ("ex.js", None),
    ] {
        reads("javascript", name, written(JAVASCRIPT, name), expected);
    }
}

#[test]
fn what_is_not_the_last_word_of_a_program_that_failed_is_no_diagnostic() {
    let traceback = written(PYTHON, "zero.py");
    assert_eq!(read("python", &Ending::Exited(3), traceback.as_bytes()), [], "it left by itself");
    assert_eq!(read("python", &Ending::Exited(0), traceback.as_bytes()), []);
    assert_eq!(read("python", &Ending::Signaled(Signal(6)), traceback.as_bytes()), []);
    let limit =
        LimitReached { name: LimitName::WallTime, value: 1.0, observed: 1.0, evidence: String::new() };
    assert_eq!(read("python", &Ending::Limit(limit), traceback.as_bytes()), []);
    assert_eq!(read("cobol", &Ending::Exited(1), traceback.as_bytes()), []);
    for cut in [1, 20, 100] {
        let torn = &traceback[cut..];
        assert_eq!(read("python", &Ending::Exited(1), torn.as_bytes()), [], "{torn}");
    }
    let thrown = written(JAVASCRIPT, "thr.js");
    let later = format!("{thrown}and then\n");
    assert_eq!(read("javascript", &Ending::Exited(1), later.as_bytes()), []);
    for noise in
        ["", "\n", "Traceback (most recent call last):", "  File \"", "Node.js v", "a:1\n\n\nNode.js v1"]
    {
        for (language, _) in super::READERS {
            assert_eq!(read(language, &Ending::Exited(1), noise.as_bytes()), [], "{noise}");
        }
    }
}

#[test]
fn of_a_stream_that_was_cut_only_the_whole_lines_of_its_end_are_read() {
    let traceback = written(PYTHON, "zero.py");
    let with_tail = |tail: String| {
        let stderr = Captured { head: "x\n".into(), tail: tail.into(), total: 1_000_000 };
        of("python", &Outcome { ending: Ending::Exited(1), stderr, ..exited(1, "") })
    };
    assert_eq!(with_tail(format!("torn\n{traceback}")).len(), 1);
    assert_eq!(with_tail(traceback.to_owned()), [], "its first line may be torn");
}

#[test]
fn a_message_is_cut_where_it_is_very_long() {
    let text =
        "Traceback (most recent call last):\n  File \"/sandbox/main.py\", line 1, in <module>\nValueError: ";
    let found = read("python", &Ending::Exited(1), format!("{text}{}\n", "é".repeat(9000)).as_bytes());
    assert_eq!(found[0].message.chars().count(), 500);
}
