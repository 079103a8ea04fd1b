//! Output: never lost, never altered, and what is cut is said to be cut.

use serde_json::json;

use crate::support::{alone, in_parallel, shared};

const KEPT: usize = 64 * 1024;
const HEAD: usize = 48 * 1024;

#[test]
fn ten_megabytes_in_one_write_are_cut_honestly() {
    let code = "import sys; sys.stdout.buffer.write(b'HEAD' + b'x' * (10 * 1024 * 1024) + b'TAIL\\n')";
    let outcome = shared().python(code);
    // More than 8 MiB in all: that ends the run.
    outcome.ended("output_limit", 137);
    assert_eq!(outcome.limit_name(), Some("output"));
    assert!(outcome.truncated("output"));
    assert!(outcome.bytes("output") >= 8 * 1024 * 1024, "{}", outcome.bytes("output"));
    assert!(outcome.output().starts_with("HEADxxxx"));
    assert_eq!(outcome.output().len(), KEPT);
}

#[test]
fn of_much_output_the_first_and_the_last_part_are_kept() {
    let code = "for n in range(100000): print(n)";
    let whole: String = (0..100_000).map(|n| format!("{n}\n")).collect();
    let outcome = shared().python(code);
    outcome.ended("completed", 0);
    assert!(outcome.truncated("output"));
    assert_eq!(outcome.bytes("output"), whole.len() as u64);
    let expected = format!("{}{}", &whole[..HEAD], &whole[whole.len() - (KEPT - HEAD)..]);
    assert_eq!(outcome.output(), expected);
    assert!(!outcome.truncated("error"));
}

#[test]
fn output_is_whole_up_to_the_cap_and_cut_one_byte_past_it() {
    for (count, cut) in [(KEPT - 1, false), (KEPT, false), (KEPT + 1, true), (KEPT + 5000, true)] {
        let outcome = shared().python(&format!("import sys; sys.stdout.write('x' * {count})"));
        assert_eq!((outcome.truncated("output"), outcome.bytes("output")), (cut, count as u64), "{count}");
        assert_eq!(outcome.output().len(), count.min(KEPT));
    }
}

#[test]
fn stderr_is_kept_by_the_same_rule() {
    let outcome = shared().python("import sys; sys.stderr.write('a' + 'e' * 200000 + 'z')");
    outcome.ended("completed", 0);
    assert!(outcome.truncated("error") && !outcome.truncated("output"));
    assert_eq!((outcome.error().len(), outcome.bytes("error")), (KEPT, 200_002));
    assert!(outcome.error().starts_with("ae") && outcome.error().ends_with("ez"));
}

#[test]
fn a_cut_never_tears_a_character() {
    for text in ["ü", "日", "😀"] {
        let outcome = shared().python(&format!("import sys; sys.stdout.write('a' + '{text}' * 60000)"));
        outcome.ended("completed", 0);
        assert!(outcome.truncated("output"));
        assert!(outcome.0.get("output_base64").is_none(), "valid text was made invalid by cutting it");
        assert!(outcome.output().chars().skip(1).all(|c| text.contains(c)), "{text}");
    }
}

#[test]
fn bytes_that_are_no_text_come_as_base64_beside_the_readable() {
    let code =
        "import sys; sys.stdout.buffer.write(bytes(range(256))); sys.stderr.buffer.write(b'\\xff\\xfe')";
    let outcome = shared().python(code);
    outcome.ended("completed", 0);
    assert_eq!(outcome.raw("output"), (0..=255).collect::<Vec<u8>>());
    assert_eq!(outcome.raw("error"), [0xff, 0xfe]);
    assert!(outcome.output().contains('\u{fffd}') && outcome.output().contains("ABC"));
}

#[test]
fn good_text_has_no_base64_beside_it() {
    let outcome = shared().python("print('grün 日本 😀 \\x00 \\x1b[31m')");
    outcome.printed("grün 日本 😀 \0 \u{1b}[31m\n");
    assert!(outcome.0.get("output_base64").is_none());
}

#[test]
fn a_character_written_in_pieces_is_one_character() {
    let code = "import os, time\nfor b in '😀日ü'.encode():\n os.write(1, bytes([b])); time.sleep(0.01)";
    let outcome = shared().python(code);
    outcome.printed("😀日ü");
}

#[test]
fn output_right_before_the_exit_is_never_lost() {
    let _alone = alone();
    // 500 runs, five ways of leaving in the same breath; two of them do not even flush by themselves.
    let ways = [
        ("python", "import os, sys; sys.stdout.write('{}'); sys.stdout.flush(); os._exit(0)"),
        ("python", "print('{}', end='')"),
        ("python", "import atexit; atexit.register(print, '{}', end='')"),
        ("python", "import os; os.write(1, b'x' * 60000 + b'{}'); os._exit(0)"),
        ("javascript", "process.stdout.write('{}'); process.exit(0)"),
    ];
    let runs: Vec<(usize, String)> = (0..500).map(|n| (n % ways.len(), format!("end-{n}"))).collect();
    let lost: Vec<String> = in_parallel(4, &runs, |(way, mark)| {
        let (language, code) = ways[*way];
        let outcome = shared().run(&json!({"language": language, "code": code.replace("{}", mark)}));
        let whole = outcome.status() == "completed" && outcome.output().trim_start_matches('x') == mark;
        (!whole).then(|| format!("{language} way {way}: {}", outcome.0))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(lost.is_empty(), "{} of 500 lost their last words:\n{}", lost.len(), lost.join("\n"));
}

#[test]
fn the_two_streams_do_not_mix() {
    let code =
        "import os\nfor n in range(2000):\n os.write(1, b'o' * 20 + b'\\n'); os.write(2, b'e' * 20 + b'\\n')";
    let outcome = shared().python(code);
    assert_eq!(outcome.output(), format!("{}\n", "o".repeat(20)).repeat(2000));
    assert_eq!(outcome.error(), format!("{}\n", "e".repeat(20)).repeat(2000));
}

#[test]
fn output_of_children_is_the_programs_output() {
    let code = "import subprocess\nprint('parent', flush=True)\nsubprocess.run(['sh', '-c', 'echo child; echo oops >&2'])";
    let outcome = shared().python(code);
    assert_eq!((outcome.output(), outcome.error()), ("parent\nchild\n", "oops\n"));
}

/// Plain `python3` keeps what it prints in a buffer of its own, which dies with it.
#[test]
fn what_a_python_program_printed_is_kept_when_a_limit_ends_it() {
    let eats = "rows = []\nwhile True:\n    rows.append('x' * 1_000_000)";
    let at_once = "x = bytearray(b'x') * 1_000_000_000";
    let limited = json!({"timeout_seconds": 1});
    for (prints, printed) in [
        ("print('one')\nprint('two', end='')", "one\ntwo"),
        ("import sys\nsys.stdout.write('no newline')", "no newline"),
        ("import sys\nsys.stdout.buffer.write(b'bytes')", "bytes"),
        ("for i in range(3): print(i, end=' ')", "0 1 2 "),
    ] {
        for (ends, limits, status, code) in [
            ("while True: pass", &limited, "time_limit", -2),
            ("import time; time.sleep(60)", &limited, "time_limit", -2),
            (eats, &json!({}), "memory_limit", 137),
            (at_once, &json!({}), "memory_limit", 137),
        ] {
            let outcome = shared().run(&json!({"code": format!("{prints}\n{ends}"), "limits": limits}));
            outcome.ended(status, code);
            assert_eq!(outcome.output(), printed, "{ends}");
        }
    }
}

#[test]
fn what_a_python_program_printed_is_kept_in_every_test_case_and_by_every_name_of_the_file() {
    let code = "print(input())\nwhile True: pass";
    let answer = shared().run(&json!({
        "code": code, "tests": [{"stdin": "a"}, {"stdin": "b"}], "limits": {"timeout_seconds": 0.5},
    }));
    let printed: Vec<_> = answer.0["tests"].as_array().unwrap().iter().map(|test| &test["output"]).collect();
    assert_eq!(printed, ["a\n", "b\n"], "{}", answer.0);
    let answer = shared().run(&json!({
        "files": [{"name": "-c.py", "content": "print('here')\nwhile True: pass"}],
        "entrypoint": "-c.py", "limits": {"timeout_seconds": 0.5},
    }));
    answer.ended("time_limit", -2);
    assert_eq!(answer.output(), "here\n");
}

#[test]
fn what_is_written_in_little_pieces_is_whole_and_in_order() {
    let code =
        "import sys\nfor n in range(30000):\n    print(n)\n    if n % 100 == 0: sys.stderr.write(f'{n} ')";
    let outcome = shared().python(code);
    outcome.ended("completed", 0);
    let whole: usize = (0..30_000).map(|n: usize| n.to_string().len() + 1).sum();
    assert_eq!(outcome.bytes("output"), whole as u64);
    let errors: String = (0..30_000).step_by(100).map(|n| format!("{n} ")).collect();
    assert_eq!(outcome.error(), errors);
}
