//! How a program ends, and what the report says of it.

use std::{
    thread,
    time::{Duration, Instant},
};

use sandbox_init::protocol::{Ending, Report, RunLimits};

use super::{
    cgroup::OwnCgroup,
    support::{LIMITS, NONCE, Run, bash, python, run, text},
};

/// The reports of programs, one for each of `cases`, two at a time.
fn reports(cases: Vec<u8>, code: impl Fn(u8) -> String + Sync) -> Vec<(u8, Report)> {
    let halves: Vec<_> = cases.chunks(cases.len().div_ceil(2)).collect();
    let code = &code;
    thread::scope(|scope| {
        let work = |cases: &[u8]| -> Vec<_> {
            cases.iter().map(|case| (*case, bash().start().run(&run(&code(*case))))).collect()
        };
        let halves: Vec<_> = halves.into_iter().map(|half| scope.spawn(move || work(half))).collect();
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    })
}

#[test]
fn every_exit_code_is_reported_as_it_is() {
    for (code, report) in reports((0..=255).collect(), |code| format!("exit {code}")) {
        assert_eq!(report.ending, Ending::Exited(code));
        assert_eq!(report.nonce, NONCE);
    }
}

#[test]
fn every_signal_that_ends_a_program_is_reported_as_it_is() {
    // Those that by default are ignored (CHLD, CONT, URG, WINCH), or only stop (STOP, TSTP, TTIN, TTOU), end
    // nothing. Not by bash itself, which ignores 3 (QUIT). 32 and 33 are the C library's own; 34 and up are the real-time signals.
    const HARMLESS: [u8; 8] = [17, 18, 19, 20, 21, 22, 23, 28];
    let deadly = (1..=64).filter(|signal| !HARMLESS.contains(signal)).collect();
    for (signal, report) in reports(deadly, |signal| format!("exec sh -c 'kill -{signal} $$; sleep 20'")) {
        assert_eq!(report.ending, Ending::Signaled(signal));
    }
}

#[test]
fn a_signal_that_ends_nothing_ends_nothing() {
    let code = "for signal in 17 18 23 28; do kill -$signal $$; done; echo still here";
    let report = bash().start().run(&run(code));
    assert_eq!((report.ending, text(&report.stdout).as_str()), (Ending::Exited(0), "still here\n"));
}

fn limited(code: &str, limits: RunLimits) -> Run<'_> {
    Run { limits, ..run(code) }
}

#[test]
fn the_wall_limit_ends_programs_that_refuse_to_end() {
    const WALL: Duration = Duration::from_millis(300);
    let limits = RunLimits { wall_us: 300_000, ..LIMITS };
    for code in [
        "trap '' TERM XCPU INT HUP; echo so far; while :; do :; done",
        "echo so far; kill -STOP $$",
        "echo so far; kill -STOP 0",
        "echo so far; sleep 60",
        "echo so far; exec >&- 2>&- <&-; sleep 60",
        "echo so far; (trap '' TERM; sleep 60 & sleep 60 & wait) & wait",
        "echo so far; while :; do sleep 0.001 & done",
    ] {
        let sandbox = bash().start();
        let begun = Instant::now();
        let report = sandbox.run(&limited(code, limits));
        let took = begun.elapsed();
        assert_eq!(report.ending, Ending::WallTime, "{code}");
        assert_eq!(text(&report.stdout), "so far\n", "{code}");
        assert!(report.wall_us >= 300_000, "{code}: {} µs", report.wall_us);
        assert!(took >= WALL && took < WALL + Duration::from_secs(3), "{code}: {took:?}");
    }
}

#[test]
fn a_program_that_ends_in_time_is_not_touched_by_the_wall_limit() {
    let report = bash().start().run(&limited("sleep 0.1", RunLimits { wall_us: 5_000_000, ..LIMITS }));
    assert_eq!(report.ending, Ending::Exited(0));
    assert!((100_000..5_000_000).contains(&report.wall_us), "{}", report.wall_us);
}

#[test]
fn the_report_tells_cpu_time_and_memory_of_the_run() {
    let code =
        "import time, os\nblock = bytearray(30 * 2**20)\nwhile time.process_time() < 0.3: pass\nos._exit(0)";
    let report = python().start().run(&run(code));
    assert!((250_000..3_000_000).contains(&report.cpu_us), "{} µs", report.cpu_us);
    assert!(report.memory_peak > 30 * 1024 * 1024, "{}", report.memory_peak);
    assert!(report.oom_kills.is_none_or(|kills| kills == 0), "{report:?}");
}

#[test]
fn the_cpu_limit_counts_all_processes_of_the_sandbox() {
    let Some(cgroup) = OwnCgroup::make() else {
        println!("not tested: no cgroup of one's own can be made here");
        return;
    };
    let sandbox = bash().prologue(&cgroup.prologue).start();
    // Two at once, each too short-lived for a limit of its own.
    let code = "echo begun; burn() { for _ in 1 2 3 4 5 6 7 8 9; do bash -c 'for ((i=0;i<40000;i++)); do :; done'; \
                done; }; while :; do burn & burn; wait; done";
    let report = sandbox.run(&limited(code, RunLimits { cpu_us: 400_000, ..LIMITS }));
    let Ending::CpuTime(seen) = report.ending else { panic!("{:?}", report.ending) };
    assert!((400_000..2_000_000).contains(&seen), "{seen} µs");
    assert_eq!(text(&report.stdout), "begun\n");
}
