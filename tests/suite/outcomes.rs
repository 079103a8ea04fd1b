//! How programs end: exit codes, signals, exceptions, each told exactly.

use serde_json::json;

use crate::support::{in_parallel, shared};

#[test]
fn every_exit_code_is_told_exactly() {
    let codes: Vec<i64> = (0..=255).collect();
    let outcomes = in_parallel(4, &codes, |code| {
        // Each eighth by Node, which takes longer to start.
        let (language, code) = match code % 8 {
            0..7 => ("python", format!("import sys; sys.exit({code})")),
            _ => ("javascript", format!("process.exit({code})")),
        };
        shared().run(&json!({"language": language, "code": code}))
    });
    for (code, outcome) in codes.iter().zip(outcomes) {
        outcome.ended(if *code == 0 { "completed" } else { "nonzero_exit" }, *code);
        assert_eq!((outcome.output(), outcome.error()), ("", ""), "{code}");
    }
}

#[test]
fn exit_codes_out_of_range_wrap_as_the_kernel_wraps_them() {
    shared().python("import sys; sys.exit(256)").ended("completed", 0);
    shared().python("import sys; sys.exit(-1)").ended("nonzero_exit", 255);
    let outcome = shared().python("import sys; sys.exit('a message')");
    outcome.ended("nonzero_exit", 1);
    assert_eq!(outcome.error(), "a message\n");
}

#[test]
fn every_fatal_signal_is_told_by_name() {
    // Left out: those that by default are ignored (17, 18, 23, 28) or only stop (19 to 22), and 32 and 33,
    // which the C library keeps for itself.
    let fatal = |n: &i64| ![17, 18, 19, 20, 21, 22, 23, 28, 32, 33].contains(n);
    let numbers: Vec<i64> = (1..=64).filter(fatal).collect();
    let outcomes = in_parallel(4, &numbers, |n| {
        let reset = format!("if {n} not in (9,): signal.signal({n}, signal.SIG_DFL)");
        shared().python(&format!(
            "import os, signal\n{reset}\nprint('before', flush=True)\nos.kill(os.getpid(), {n})"
        ))
    });
    for (n, outcome) in numbers.iter().zip(outcomes) {
        outcome.ended("signal", 128 + n);
        assert_eq!(outcome.output(), "before\n", "{n}");
        let name = outcome.signal().unwrap();
        let known = [
            (1, "SIGHUP"),
            (2, "SIGINT"),
            (9, "SIGKILL"),
            (11, "SIGSEGV"),
            (15, "SIGTERM"),
            (34, "SIGRTMIN"),
        ];
        for (number, expected) in known {
            assert_eq!(*n == number, name == expected, "{n} is called {name}");
        }
        assert!(name.starts_with("SIG"), "{name}");
    }
}

#[test]
fn a_crash_of_the_interpreter_is_a_signal() {
    let outcome = shared().python("import ctypes; ctypes.string_at(0)");
    outcome.ended("signal", 139);
    assert_eq!(outcome.signal(), Some("SIGSEGV"));
    shared().python("import os; os.abort()").ended("signal", 134);
    shared().javascript("process.abort()").ended("signal", 134);
}

#[test]
fn a_syntax_error_names_file_and_line() {
    let outcome = shared().python("x = 1\ny = (\nprint(x)");
    outcome.ended("nonzero_exit", 1);
    assert!(outcome.error().starts_with("  File \"/sandbox/main.py\", line 2\n"), "{}", outcome.error());
    assert!(outcome.error().ends_with("SyntaxError: '(' was never closed\n"), "{}", outcome.error());

    let outcome = shared().javascript("let x = 1;\nlet x = 2;");
    outcome.ended("nonzero_exit", 1);
    assert!(outcome.error().starts_with("/sandbox/main.js:2\nlet x = 2;\n"), "{}", outcome.error());
}

#[test]
fn an_exception_gives_the_traceback_that_the_interpreter_gives() {
    let outcome = shared().python("def f():\n    1 / 0\n\nf()");
    outcome.ended("nonzero_exit", 1);
    let expected = "Traceback (most recent call last):\n  \
        File \"/sandbox/main.py\", line 4, in <module>\n    f()\n  \
        File \"/sandbox/main.py\", line 2, in f\n    1 / 0\n    ~~^~~\n\
        ZeroDivisionError: division by zero\n";
    assert_eq!(outcome.error(), expected);

    let outcome = shared().javascript("\n\nthrow new TypeError('no')");
    outcome.ended("nonzero_exit", 1);
    let error = outcome.error();
    assert!(
        error.starts_with("/sandbox/main.js:3\nthrow new TypeError('no')\n^\n\nTypeError: no\n"),
        "{error}"
    );
    assert!(error.contains("at Object.<anonymous> (/sandbox/main.js:3:7)"), "{error}");
}

#[test]
fn sys_exit_three_is_three() {
    shared().python("import sys; print('bye'); sys.exit(3)").ended("nonzero_exit", 3);
}

#[test]
fn an_unhandled_rejection_ends_node_with_1() {
    let outcome = shared().javascript("Promise.reject(new Error('lost'))");
    outcome.ended("nonzero_exit", 1);
    assert!(outcome.error().contains("Error: lost"), "{}", outcome.error());
}

#[test]
fn stderr_without_failure_is_no_failure() {
    let outcome = shared().python("import sys; print('careful', file=sys.stderr); print('done')");
    outcome.ended("completed", 0);
    assert_eq!((outcome.output(), outcome.error()), ("done\n", "careful\n"));
}
