//! Output as it appears, and input while the program runs.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use sandbox_init::protocol::{
    self, Deliver, Ending, FromInit, INPUT_WINDOW, Output, Report, Stdin, Step, StreamName, ToInit,
};

use super::support::{LIMITS, Sandbox, bash, more, python, run, step, text};

fn live<'a>(number: u16) -> Step<'a> {
    Step { stdin: Stdin::Live, deliver: Deliver::Live, ..step(number) }
}

/// Everything that init says until the step has ended.
fn until_end(sandbox: &mut Sandbox) -> (Vec<Output>, usize, Report) {
    let (mut outputs, mut taken) = (Vec::new(), 0);
    loop {
        match sandbox.hear() {
            FromInit::Output(output) => outputs.push(output),
            FromInit::Taken(bytes) => taken += bytes as usize,
            FromInit::Ended(report) => return (outputs, taken, report),
            other => panic!("{other:?}"),
        }
    }
}

/// What was told of a stream: its bytes, and how many were left out.
fn told(outputs: &[Output], stream: StreamName) -> (Vec<u8>, u64) {
    let (mut bytes, mut at, mut gaps) = (Vec::new(), 0, 0);
    for output in outputs.iter().filter(|output| output.stream == stream) {
        assert!(output.at >= at && !output.bytes.is_empty(), "{} after {at}", output.at);
        gaps += output.at - at;
        at = output.at + output.bytes.len() as u64;
        bytes.extend(&output.bytes);
    }
    (bytes, gaps)
}

#[test]
fn output_is_told_as_it_appears() {
    let mut sandbox = bash().start();
    let code = "for n in 1 2 3 4; do echo $n; echo e$n >&2; sleep 0.3; done";
    sandbox.say(&run(code).with(Step { deliver: Deliver::Live, ..more(7) }));
    let (mut outputs, mut arrived) = (Vec::new(), Vec::new());
    let report = loop {
        match sandbox.hear() {
            FromInit::Output(output) => {
                assert_eq!(output.step, 7);
                outputs.push(output);
                arrived.push(Instant::now());
            }
            FromInit::Ended(report) => break report,
            other => panic!("{other:?}"),
        }
    };
    // The program wrote its lines over 0.9 s; told at its end only, they would arrive together.
    let over = *arrived.last().unwrap() - arrived[0];
    assert!(over > Duration::from_millis(500), "all within {over:?}");
    assert_eq!(told(&outputs, StreamName::Stdout), (b"1\n2\n3\n4\n".to_vec(), 0));
    assert_eq!(told(&outputs, StreamName::Stderr), (b"e1\ne2\ne3\ne4\n".to_vec(), 0));
    assert_eq!(text(&report.stdout), "1\n2\n3\n4\n");
    // And the next step's is told with its number.
    sandbox.say(&ToInit::Step(Step { deliver: Deliver::Live, ..step(8) }));
    let (outputs, _, _) = until_end(&mut sandbox);
    assert!(outputs.iter().all(|output| output.step == 8));
    assert_eq!(told(&outputs, StreamName::Stdout).0, b"1\n2\n3\n4\n");
}

#[test]
fn a_listener_that_stops_does_not_slow_the_program_and_is_told_how_much_it_missed() {
    let mut sandbox = python().start();
    let code = "import os, time\nbegun = time.monotonic()\nfor _ in range(112): os.write(1, b'x' * 65536)\n\
                os.write(2, b'%f' % (time.monotonic() - begun))\ntime.sleep(1.5)\nos.write(1, b'end')";
    sandbox.say(&run(code).with(Step { deliver: Deliver::Live, ..step(1) }));
    sleep(Duration::from_millis(2500));
    let (outputs, _, report) = until_end(&mut sandbox);
    let seconds: f64 = text(&report.stderr).parse().unwrap();
    assert!(seconds < 1.5, "{seconds}");
    assert_eq!(report.stdout.total, 112 * 65_536 + 3);
    let (bytes, gaps) = told(&outputs, StreamName::Stdout);
    assert!(gaps > 4 << 20, "{gaps}");
    assert!(bytes.len() as u64 + gaps <= report.stdout.total);
}

#[test]
fn complete_output_is_told_whole_however_slowly_it_is_read() {
    let mut sandbox = python().start();
    let code =
        "import os\nfor n in range(500): os.write(1, b'%07d\\n' % n * 1250); os.write(2, b'e' * 20_000)";
    let limits = protocol::RunLimits { flood_bytes: 32 << 20, ..LIMITS };
    for (number, deliver) in [(1, Deliver::Complete), (2, Deliver::Complete), (3, Deliver::CompleteAndLive)] {
        let step = Step { deliver, limits, ..more(number) };
        sandbox.say(&if number == 1 { run(code).with(step) } else { ToInit::Step(step) });
        sleep(Duration::from_millis(300));
        let (outputs, _, report) = until_end(&mut sandbox);
        assert!(outputs.iter().all(|output| output.step == number));
        let (errors, left_out) = told(&outputs, StreamName::Stderr);
        match deliver {
            Deliver::Complete => assert!(errors.is_empty()),
            // For 300 ms nobody read, and the program did not wait for that.
            _ => assert!(!errors.is_empty() && errors.len() as u64 + left_out <= 10_000_000, "{left_out}"),
        }
        let (bytes, gaps) = told(&outputs, StreamName::Stdout);
        assert_eq!((bytes.len(), gaps), (5_000_000, 0));
        let expected: Vec<u8> =
            (0..500).flat_map(|n| format!("{n:07}\n").repeat(1250).into_bytes()).collect();
        assert!(bytes == expected);
        assert_eq!((report.ending, report.stdout.total), (Ending::Exited(0), 5_000_000));
        assert_eq!(report.stderr.total, 10_000_000);
    }
}

#[test]
fn a_program_that_nobody_reads_waits_within_its_limits() {
    let mut sandbox = python().start();
    let limits = protocol::RunLimits { wall_us: 700_000, ..LIMITS };
    let code = "import os\nwhile True: os.write(1, b'x' * 65536)";
    sandbox.say(&run(code).with(Step { deliver: Deliver::Complete, limits, ..step(1) }));
    sleep(Duration::from_millis(1200));
    let (outputs, _, report) = until_end(&mut sandbox);
    assert_eq!(report.ending, Ending::WallTime);
    let (bytes, gaps) = told(&outputs, StreamName::Stdout);
    assert_eq!((bytes.len() as u64, gaps), (report.stdout.total, 0));
    assert!(report.stdout.total < 1 << 20, "{}", report.stdout.total);
}

#[test]
fn what_is_typed_is_read_and_the_prompt_comes_before_it() {
    let mut sandbox = python().start();
    let code = "name = input('name? '); age = int(input('age? ')); print(f'{name} {age + 1}')\n\
                import sys; print(sys.stdin.read())";
    sandbox.say(&run(code).with(live(1)));
    let mut taken = 0;
    for (prompt, answer) in [("name? ", "ada\n"), ("age? ", "36\n")] {
        let mut seen = Vec::new();
        while !seen.ends_with(prompt.as_bytes()) {
            match sandbox.hear() {
                FromInit::Output(output) => seen.extend(output.bytes),
                FromInit::Taken(bytes) => taken += bytes,
                other => panic!("{other:?}"),
            }
        }
        sandbox.say(&ToInit::Input(answer.as_bytes()));
    }
    sandbox.say(&ToInit::Input(b"rest"));
    sandbox.say(&ToInit::EndOfInput);
    let (_, more_taken, report) = until_end(&mut sandbox);
    assert_eq!(text(&report.stdout), "name? age? ada 37\nrest\n");
    assert_eq!(taken as usize + more_taken, 4 + 3 + 4);
}

/// Feeds `input` in pieces as far as the window lets it; everything that init says meanwhile, and until the end.
fn feed(sandbox: &mut Sandbox, input: &[u8], piece: usize) -> (Vec<Output>, usize, Report) {
    let (mut sent, mut taken, mut outputs) = (0, 0, Vec::new());
    loop {
        while sent < input.len() && sent - taken < INPUT_WINDOW {
            let next = piece.min(input.len() - sent).min(INPUT_WINDOW - (sent - taken));
            sandbox.say(&ToInit::Input(&input[sent..sent + next]));
            sent += next;
            if sent == input.len() {
                sandbox.say(&ToInit::EndOfInput);
            }
        }
        match sandbox.hear() {
            FromInit::Output(output) => outputs.push(output),
            FromInit::Taken(bytes) => taken += bytes as usize,
            FromInit::Ended(report) => return (outputs, taken, report),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn eight_megabytes_that_are_pasted_come_through_whole() {
    let input: Vec<u8> = (0..8_u32 << 20).map(|n| (n % 251) as u8).collect();
    let code = "import sys, hashlib; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())";
    let mut sandbox = python().start();
    sandbox.say(&run(code).with(Step { another_follows: true, ..live(1) }));
    let (_, taken, pasted) = feed(&mut sandbox, &input, 60_000);
    assert_eq!(taken, input.len());
    let whole = sandbox.run_step(&ToInit::Step(Step { stdin: Stdin::Whole(&input), ..step(2) }));
    assert_eq!(text(&pasted.stdout), text(&whole.stdout));
}

#[test]
fn both_directions_full_at_once_never_wait_for_each_other() {
    // An echo that first writes much more than it reads.
    let code = "import os, sys\nwhile block := os.read(0, 65536):\n    for _ in range(3): os.write(1, block)";
    let input = vec![b'x'; 1 << 20];
    for deliver in [Deliver::Live, Deliver::Complete] {
        let mut sandbox = python().start();
        sandbox.say(&run(code).with(Step { deliver, ..live(1) }));
        // The first window whole, before anything is read.
        let (outputs, taken, report) = feed(&mut sandbox, &input, 64);
        assert_eq!((report.ending, report.stdout.total, taken), (Ending::Exited(0), 3 << 20, 1 << 20));
        let (bytes, gaps) = told(&outputs, StreamName::Stdout);
        assert!(deliver == Deliver::Live || bytes.len() == 3 << 20 && gaps == 0);
    }
}

#[test]
fn one_byte_at_a_time_is_taken_too() {
    let input: Vec<u8> = (0..20_000_u32).map(|n| (n % 251) as u8).collect();
    let mut sandbox = bash().start();
    sandbox.say(&run("exec cat").with(Step { deliver: Deliver::Nothing, ..live(1) }));
    let (_, taken, report) = feed(&mut sandbox, &input, 1);
    assert_eq!((taken, report.stdout.head), (input.len(), input));
}

#[test]
fn input_that_a_program_does_not_want_any_more_is_acknowledged() {
    let input = vec![b'x'; 500_000];
    for code in ["exec <&-; sleep 0.5; echo done", "head -c 10 >/dev/null; exec <&-; sleep 0.5; echo done"] {
        let mut sandbox = bash().start();
        sandbox.say(&run(code).with(live(1)));
        let (_, taken, report) = feed(&mut sandbox, &input, 10_000);
        assert_eq!(text(&report.stdout), "done\n");
        assert_eq!(taken, input.len(), "{code}");
    }
}

#[test]
fn input_that_may_not_come_now_ends_the_conversation() {
    let cases: [(Step, Vec<ToInit>); 6] = [
        (step(1), vec![ToInit::Input(b"x")]),
        (step(1), vec![ToInit::EndOfInput]),
        (live(1), vec![ToInit::EndOfInput, ToInit::Input(b"x")]),
        (live(1), vec![ToInit::EndOfInput, ToInit::EndOfInput]),
        (
            live(1),
            vec![ToInit::Input(&[0; INPUT_WINDOW]), ToInit::Input(&[0; INPUT_WINDOW]), ToInit::Input(b"x")],
        ),
        (live(1), vec![ToInit::Signal(9)]),
    ];
    for (step, messages) in cases {
        let mut sandbox = bash().start();
        // It stops its whole session: nothing is read, and nothing acknowledged beyond what the pipe holds.
        sandbox.say(&run("sleep 5").with(Step { deliver: Deliver::Nothing, ..step }));
        for message in &messages {
            sandbox.say(message);
        }
        let begun = Instant::now();
        let end = sandbox.end();
        assert!(!end.status.success() && end.stderr.contains("when it may not"), "{end:?}");
        assert!(begun.elapsed() < Duration::from_secs(3));
    }
}

#[test]
fn an_interrupt_reaches_the_programs_group_and_not_before_the_program_has_begun() {
    let code = "import time\ntry:\n    print('begun', flush=True)\n    time.sleep(20)\nexcept KeyboardInterrupt: print('interrupted')";
    for number in 0..10 {
        let mut sandbox = python().start();
        let step = if number % 2 == 0 { live(1) } else { Step { another_follows: true, ..live(1) } };
        sandbox.say(&run(code).with(step));
        let FromInit::Output(output) = sandbox.hear() else { panic!("no output") };
        assert_eq!(output.bytes, b"begun\n");
        sandbox.say(&ToInit::Signal(2));
        let (_, _, report) = until_end(&mut sandbox);
        assert_eq!(
            (report.ending, text(&report.stdout).as_str()),
            (Ending::Exited(0), "begun\ninterrupted\n")
        );
    }
    // At once: the program's default is to end, by a traceback of its own file and not of the bootstrap.
    let mut sandbox = python().start();
    sandbox.say(&run("import time\ntime.sleep(20)").with(live(1)));
    sandbox.say(&ToInit::Signal(2));
    let (_, _, report) = until_end(&mut sandbox);
    let traceback = text(&report.stderr);
    assert!(traceback.ends_with("KeyboardInterrupt\n"), "{traceback}");
    // A child in the foreground gets it too.
    let mut sandbox = bash().start();
    sandbox.say(&run("echo begun; sleep 20; echo $?").with(live(1)));
    let FromInit::Output(_) = sandbox.hear() else { panic!("no output") };
    sandbox.say(&ToInit::Signal(2));
    let (_, _, report) = until_end(&mut sandbox);
    assert_eq!(report.ending, Ending::Signaled(2));
}

#[test]
fn a_live_step_ends_when_its_handler_is_gone() {
    let mut sandbox = python().start();
    sandbox.say(&run("while True: print('x' * 1000)").with(live(1)));
    sleep(Duration::from_millis(300));
    sandbox.hang_up();
    let begun = Instant::now();
    sandbox.end();
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}
