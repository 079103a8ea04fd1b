//! Limits: each ends a run in time, says so truthfully, and can be lowered by the caller.

use std::time::Duration;

use serde_json::json;

use crate::support::{Outcome, alone, in_parallel, shared};

/// Fails unless the default time limit ended it, in the 10 to 11 seconds that the contract allows: what others had the CPU
/// for meanwhile comes on top, up to 40 seconds by the clock.
#[track_caller]
fn timed_out(outcome: &Outcome) {
    outcome.ended("time_limit", -2);
    assert_eq!(outcome.error(), "Execution timed out after 10 seconds.");
    let counted = outcome.0["limit"]["observed"].as_f64().expect("a number");
    let evidence = outcome.0["limit"]["evidence"].as_str().unwrap_or_default();
    let longest = if evidence.starts_with("the host was too busy") { 40.0 } else { 10.0 };
    assert!((longest..longest + 1.0).contains(&counted), "{}", outcome.0);
    assert!(outcome.wall_ms() >= 10_000.0, "{}", outcome.0);
}

#[test]
fn programs_without_an_end_are_stopped_after_ten_seconds() {
    let dots = "import time\nwhile True:\n print('.', end='', flush=True)\n time.sleep(0.2)";
    let outcomes = in_parallel(
        4,
        &[
            json!({"code": "while True: pass"}),
            json!({"language": "javascript", "code": "while(true){}"}),
            json!({"code": "import time\nprint('asleep', flush=True)\ntime.sleep(1e6)"}),
            json!({"code": dots}),
        ],
        |request| shared().run(request),
    );
    outcomes.iter().for_each(timed_out);
    assert_eq!(outcomes[2].output(), "asleep\n");
    let dots = outcomes[3].output();
    // Five in a second at most. On a busy host fewer, and some more in all: waiting for a CPU does not count as its time.
    let seconds = outcomes[3].0["usage"]["wall_ms"].as_f64().unwrap() / 1000.0;
    assert!((10.0..41.0).contains(&seconds), "{seconds}");
    let most = (seconds * 5.0) as usize + 1;
    assert!((most / 2..=most).contains(&dots.len()) && dots.chars().all(|c| c == '.'), "{seconds} {dots}");
}

#[test]
fn what_a_program_wrote_before_its_time_was_over_is_kept() {
    let code = "import sys, time\nprint('out', flush=True)\nprint('err', file=sys.stderr)\ntime.sleep(60)";
    let outcome = shared().run(&json!({"code": code, "limits": {"timeout_seconds": 1}}));
    outcome.ended("time_limit", -2);
    assert_eq!((outcome.output(), outcome.stderr()), ("out\n", "err\n"));
    assert_eq!(outcome.0["limit"]["value"].as_f64(), Some(1.0));
    let observed = outcome.0["limit"]["observed"].as_f64().unwrap();
    assert!((1.0..2.0).contains(&observed), "{}", outcome.0);
}

#[test]
fn cpu_time_counts_over_all_processes() {
    // One CPU, so CPU time cannot pass wall time: what is looked for is an end in time by either limit.
    let code = "import os\nfor _ in range(5): os.fork()\nwhile True: pass";
    let outcome = shared().run(&json!({"code": code, "limits": {"timeout_seconds": 1.5}}));
    outcome.ended("time_limit", -2);
    // Time in which other programs of this machine had the CPU does not count.
    let observed = outcome.0["limit"]["observed"].as_f64().unwrap();
    assert!((1.5..2.5).contains(&observed), "{}", outcome.0);
}

#[test]
fn sleeping_is_not_cpu_time() {
    let outcome = shared().python("import time; time.sleep(1)");
    outcome.ended("completed", 0);
    assert!(outcome.wall_ms() >= 1000.0, "{}", outcome.0);
    assert!(outcome.0["usage"]["cpu_ms"].as_f64().unwrap() < 900.0, "{}", outcome.0);
}

#[test]
fn a_program_over_its_memory_is_said_to_be_so_with_evidence() {
    let outcome = shared().python("x = \"a\" * 1000000000");
    outcome.ended("memory_limit", 137);
    assert_eq!((outcome.error(), outcome.output()), ("", ""));
    assert_eq!(outcome.limit_name(), Some("memory"));
    assert_eq!(outcome.0["limit"]["value"].as_f64(), Some(128.0 * 1024.0 * 1024.0));
}

#[test]
fn fifty_times_over_memory_is_fifty_times_the_same_answer() {
    let _alone = alone();
    let requests = vec![json!({"code": "x = \"a\" * 1000000000"}); 50];
    for (n, outcome) in in_parallel(2, &requests, |request| shared().run(request)).iter().enumerate() {
        let seen = (outcome.status(), outcome.exit_code(), outcome.error(), outcome.output());
        assert_eq!(seen, ("memory_limit", 137, "", ""), "run {n}: {}", outcome.0);
        assert!(outcome.0["limit"]["evidence"].as_str().is_some_and(|text| !text.is_empty()), "run {n}");
    }
}

#[test]
fn memory_taken_in_small_pieces_ends_the_same_way() {
    let code = "import sys\na = []\nprint('begun', flush=True)\nwhile True: a.append(bytearray(1 << 20))";
    let outcome = shared().python(code);
    outcome.ended("memory_limit", 137);
    assert_eq!(outcome.output(), "begun\n");
}

#[test]
fn a_signal_of_ones_own_is_never_taken_for_the_memory_limit() {
    let outcome = shared().python("import os; os.kill(os.getpid(), 9)");
    outcome.ended("signal", 137);
    assert_eq!(outcome.signal(), Some("SIGKILL"));
    // Nor after much memory was used, short of the limit.
    let outcome = shared().python("import os; x = bytearray(60 << 20); os.kill(os.getpid(), 9)");
    outcome.ended("signal", 137);
}

#[test]
fn an_exit_code_of_137_is_not_taken_for_the_memory_limit() {
    shared().python("import sys; sys.exit(137)").ended("nonzero_exit", 137);
}

#[test]
fn a_memory_error_that_a_program_survives_is_its_own_affair() {
    let code = "try:\n x = bytearray(1 << 60)\nexcept MemoryError:\n print('caught')";
    shared().python(code).printed("caught\n");
}

#[test]
fn a_caller_may_lower_every_limit() {
    let limits = json!({"timeout_seconds": 0.5, "memory_mb": 48, "output_bytes": 100});
    let outcome = shared().run(&json!({"code": "print('x' * 1000)", "limits": limits}));
    assert_eq!(outcome.0["limits"], limits);
    assert!(outcome.truncated("output"));
    assert_eq!(outcome.bytes("output"), 1001);

    let outcome = shared().run(&json!({"code": "import time; time.sleep(9)", "limits": limits}));
    outcome.ended("time_limit", -2);
    assert_eq!(outcome.error(), "Execution timed out after 0.5 seconds.");

    let code = "x = bytearray(60 << 20); print('too much')";
    let outcome = shared().run(&json!({"code": code, "limits": {"memory_mb": 48}}));
    outcome.ended("memory_limit", 137);
    assert_eq!(outcome.0["limit"]["value"].as_f64(), Some(48.0 * 1024.0 * 1024.0));
}

#[test]
fn usage_tells_what_a_program_used() {
    let code = "import time\nx = bytearray(50 << 20)\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass";
    let outcome = shared().python(code);
    outcome.ended("completed", 0);
    let usage = &outcome.0["usage"];
    assert!(usage["memory_bytes"].as_u64().unwrap() > 50 << 20, "{usage}");
    assert!(usage["memory_bytes"].as_u64().unwrap() <= 128 << 20, "{usage}");
    let cpu = usage["cpu_ms"].as_f64().unwrap();
    assert!((390.0..3000.0).contains(&cpu), "{usage}");
}

#[test]
fn connections_to_the_outside_fail_at_once() {
    let code = "import urllib.request; urllib.request.urlopen(\"https://example.com\")";
    let outcome = shared().python(code);
    outcome.ended("nonzero_exit", 1);
    assert!(outcome.wall_ms() < 1000.0, "{}", outcome.0);
    assert!(outcome.error().contains("urllib.error.URLError: <urlopen error [Errno"), "{}", outcome.error());

    let code = "fetch('https://example.com').catch(e => console.log(e.cause.code))";
    let outcome = shared().javascript(code);
    assert!(outcome.wall_ms() < 1000.0 + 500.0, "{}", outcome.0);
    assert!(["EAI_AGAIN\n", "ENOTFOUND\n", "ECONNREFUSED\n"].contains(&outcome.output()), "{}", outcome.0);
}

#[test]
fn a_time_limit_of_a_fraction_of_a_second_is_kept() {
    let outcome = shared().run(&json!({"code": "while True: pass", "limits": {"timeout_seconds": 0.05}}));
    outcome.ended("time_limit", -2);
    assert!(outcome.wall_ms() < 1050.0, "{}", outcome.0);
    assert!(Duration::from_secs_f64(outcome.wall_ms() / 1e3) >= Duration::from_millis(50));
}
