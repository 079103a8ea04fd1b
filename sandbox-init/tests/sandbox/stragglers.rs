//! Whatever a program leaves behind ends with it.

use std::time::{Duration, Instant};

use sandbox_init::protocol::{Ending, RunLimits};

use super::support::{LIMITS, bash, python, run, text};

#[test]
fn daemons_that_hold_the_output_open_are_killed_when_the_program_ends() {
    let code = "\
import os, sys, time, signal
for n in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            os.write(1, b'daemon\\n')
            time.sleep(60)
        os._exit(0)
    os.wait()
time.sleep(0.3)
print('parent', flush=True)
os._exit(7)";
    let begun = Instant::now();
    let report = python().start().run(&run(code));
    assert_eq!(report.ending, Ending::Exited(7));
    assert_eq!(text(&report.stdout), "daemon\ndaemon\ndaemon\nparent\n");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn a_stopped_straggler_is_killed_too() {
    let report = bash().start().run(&run("bash -c 'kill -STOP $$' & sleep 0.1; exit 2"));
    assert_eq!(report.ending, Ending::Exited(2));
}

#[test]
fn processes_that_keep_forking_are_all_killed() {
    // Each generation leaves the next behind and dies; nothing stays long enough to be named.
    let code = "hop() { (sleep 0.001; hop) & }; hop; hop; hop; sleep 0.1; echo over";
    let report = bash().start().run(&run(code));
    assert_eq!((report.ending, text(&report.stdout).as_str()), (Ending::Exited(0), "over\n"));
}

#[test]
fn orphans_that_die_meanwhile_do_not_end_the_run() {
    let code = "for n in 1 2 3 4 5 6 7 8; do (exit 9 &); (kill -9 $BASHPID &); done; sleep 0.2; exit 5";
    assert_eq!(bash().start().run(&run(code)).ending, Ending::Exited(5));
}

#[test]
fn zombies_and_their_cpu_time_are_taken_in_at_the_wall_limit() {
    let code = "\
import os, time
if os.fork() == 0:
    while True: pass
time.sleep(60)";
    let limits = RunLimits { wall_us: 500_000, ..LIMITS };
    let report = python().start().run(&super::support::Run { limits, ..run(code) });
    assert_eq!(report.ending, Ending::WallTime);
    assert!(report.cpu_us > 100_000, "{} µs", report.cpu_us);
}
