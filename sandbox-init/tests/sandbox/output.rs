//! What becomes of a program's output.

use std::{
    thread,
    time::{Duration, Instant},
};

use sandbox_init::protocol::{Ending, RunLimits};

use super::support::{LIMITS, Run, bash, python, run, text};

#[test]
fn the_first_and_the_last_bytes_are_kept_and_all_are_counted() {
    // Seven digits and a newline, so that every byte tells its place.
    let code = "import sys; sys.stdout.write(''.join(f'{n:07}\\n' for n in range(1250000))); print('no', file=sys.stderr)";
    let limits = RunLimits { head_bytes: 80, tail_bytes: 24, ..LIMITS };
    let report = python().start().run(&Run { limits, ..run(code) });
    let lines = |range: std::ops::Range<u32>| range.map(|n| format!("{n:07}\n")).collect::<String>();
    assert_eq!(report.ending, Ending::Exited(0));
    assert_eq!(report.stdout.total, 10_000_000);
    assert_eq!(String::from_utf8_lossy(&report.stdout.head), lines(0..10));
    assert_eq!(String::from_utf8_lossy(&report.stdout.tail), lines(1_249_997..1_250_000));
    assert_eq!(text(&report.stderr), "no\n");
}

#[test]
fn every_byte_value_comes_through() {
    let code = "import sys; sys.stdout.buffer.write(bytes(range(256))); sys.stderr.buffer.write(bytes(range(255, -1, -1)))";
    let report = python().start().run(&run(code));
    let up: Vec<u8> = (0..=255).collect();
    let down: Vec<u8> = (0..=255).rev().collect();
    assert_eq!((report.stdout.head, report.stderr.head), (up, down));
}

#[test]
fn the_last_words_before_the_end_are_never_lost() {
    // A pipe's worth at once, then the end, by leaving or by being killed.
    let code = "printf '%065528d%s' 0 'the end' ; printf 'the end' >&2; case $RANDOM in *[02468]) exit 0;; esac; kill -9 $$";
    let round = || {
        for _ in 0..100 {
            let report = bash().start().run(&run(code));
            assert_eq!(report.stdout.total, 65_535);
            assert_eq!(report.stdout.head, [&[b'0'; 65_528][..], b"the end"].concat());
            assert_eq!(text(&report.stderr), "the end");
        }
    };
    thread::scope(|scope| {
        scope.spawn(round);
        scope.spawn(round);
    });
}

#[test]
fn the_last_words_of_a_child_that_outlives_its_parent_are_kept() {
    let report = bash().start().run(&run("(printf child; kill -9 $$; sleep 60) & wait"));
    assert_eq!((report.ending, text(&report.stdout).as_str()), (Ending::Signaled(9), "child"));
}

#[test]
fn a_flood_is_ended_as_soon_as_it_is_one() {
    let limits = RunLimits { flood_bytes: 1 << 20, ..LIMITS };
    for code in
        ["yes 'all of this'", "yes 'all of this' >&2", "yes one & yes two >&2", "yes | head -c 1500000"]
    {
        let sandbox = bash().start();
        let begun = Instant::now();
        let report = sandbox.run(&Run { limits, ..run(code) });
        assert_eq!(report.ending, Ending::Flood, "{code}");
        let total = report.stdout.total + report.stderr.total;
        // What was in the two pipes when it ended, and the last read, may come on top.
        assert!(total > 1 << 20 && total < (1 << 20) + 4 * 65_536 + 450_000, "{code}: {total}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{code}: {:?}", begun.elapsed());
    }
}

#[test]
fn a_flood_in_the_very_last_bytes_is_one_too() {
    let limits = RunLimits { flood_bytes: 1000, ..LIMITS };
    let report = bash().start().run(&Run { limits, ..run("printf '%01001d' 7; exit 3") });
    assert_eq!(report.ending, Ending::Flood);
    let report = bash().start().run(&Run { limits, ..run("printf '%01000d' 7; exit 3") });
    assert_eq!(report.ending, Ending::Exited(3));
}

#[test]
fn tiny_writes_without_end_are_bounded_by_time_like_anything_else() {
    let limits = RunLimits { wall_us: 400_000, ..LIMITS };
    let code = "import os\nwhile True: os.write(1, b'.'); os.write(2, b'!')";
    let report = python().start().run(&Run { limits, ..run(code) });
    assert_eq!(report.ending, Ending::WallTime);
    assert!(report.stdout.total > 100 && report.stdout.total.abs_diff(report.stderr.total) <= 1);
}
