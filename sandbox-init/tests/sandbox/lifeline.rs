//! A sandbox that is not needed any more ends by itself.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use super::support::{bash, eventually, run};

#[test]
fn an_idle_sandbox_ends_with_its_lease() {
    let sandbox = bash().lease(1).start();
    let begun = Instant::now();
    sleep(Duration::from_millis(300));
    assert!(sandbox.population() >= 2);
    let end = sandbox.end();
    assert!(end.status.success() && end.frames.is_empty(), "{end:?}");
    let took = begun.elapsed();
    assert!(took > Duration::from_millis(500) && took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_lease_that_runs_out_does_not_end_a_run() {
    let report = bash().lease(1).start().run(&run("sleep 1.5; exit 6"));
    assert_eq!(report.ending, sandbox_init::protocol::Ending::Exited(6));
}

#[test]
fn an_idle_sandbox_ends_when_its_handler_is_gone() {
    let mut sandbox = bash().start();
    sandbox.hang_up();
    let begun = Instant::now();
    let end = sandbox.end();
    assert!(end.frames.is_empty(), "{end:?}");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[test]
fn a_run_ends_when_its_handler_is_gone_and_nobody_is_told() {
    for chatter in [&b""[..], b"more bytes than anybody asked for"] {
        let mut sandbox = bash().start();
        let workdir = sandbox.workdir();
        sandbox.send(&run("trap '' TERM HUP; (sleep 60 &) ; while :; do sleep 0.01; done"));
        eventually("the program runs", || workdir.join("main").exists() && sandbox.population() >= 4);
        sandbox.send_bytes(chatter);
        sleep(Duration::from_millis(50));
        sandbox.hang_up();
        let begun = Instant::now();
        let end = sandbox.end();
        assert!(end.frames.is_empty(), "{end:?}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    }
}

#[test]
fn a_handler_that_does_not_listen_does_not_keep_a_sandbox() {
    // The report is far longer than the pipe to the handler; nobody reads, and then nobody is there.
    let mut sandbox = bash().start();
    let limits = sandbox_init::protocol::RunLimits { head_bytes: 1 << 20, ..super::support::LIMITS };
    sandbox.send(&super::support::Run { limits, ..run("printf '%01000000d' 1") });
    sleep(Duration::from_millis(300));
    assert!(sandbox.population() >= 1, "init waits for its reader");
    let report = sandbox.report();
    assert_eq!(report.stdout.total, 1_000_000);
}

#[test]
fn a_sandbox_whose_init_is_killed_is_gone_whole() {
    let mut sandbox = bash().start();
    sandbox.send(&run("(sleep 60 &); (setsid sleep 60 &); sleep 60"));
    eventually("the program runs", || sandbox.population() >= 5);
    sandbox.kill_init();
    let end = sandbox.end();
    assert!(!end.status.success() && end.frames.is_empty(), "{end:?}");
}
