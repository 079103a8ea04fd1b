//! Steps in their order, and that each is measured and judged by itself.

use std::time::{Duration, Instant};

use sandbox_init::protocol::{Ending, File, Kernel, RunLimits, Stdin, Step, ToInit};

use super::{
    cgroup::OwnCgroup,
    support::{LIMITS, NONCE, Run, Sandbox, Setup, bash, more, python, run, step, text},
};

/// Runs `code` once for each of these steps, and sees the sandbox off.
fn steps(setup: Setup, code: &str, steps: Vec<Step>) -> Vec<sandbox_init::protocol::Report> {
    let mut sandbox = setup.start();
    let mut reports = Vec::new();
    for (place, step) in steps.into_iter().enumerate() {
        let message = if place == 0 { run(code).with(step) } else { ToInit::Step(step) };
        reports.push(sandbox.run_step(&message));
    }
    let end = sandbox.end();
    assert!(end.status.success() && end.frames.is_empty() && end.stderr.is_empty(), "{end:?}");
    reports
}

const SQUARE: &str = "import sys; print(int(input())**2, sys.argv[1:], __name__)";

fn input<'a>(number: u16, stdin: &'a str, args: Vec<&'a str>) -> Step<'a> {
    Step { stdin: Stdin::Whole(stdin.as_bytes()), args, ..more(number) }
}

#[test]
fn each_step_has_its_own_arguments_and_input() {
    let last = Step { another_follows: false, ..input(9, "12", vec!["a", "b c", ""]) };
    let reports = steps(python(), SQUARE, vec![input(1, "3", vec!["x"]), input(700, "-4", Vec::new()), last]);
    let said: Vec<_> = reports.iter().map(|report| text(&report.stdout)).collect();
    let expected = ["9 ['x'] __main__\n", "16 [] __main__\n", "144 ['a', 'b c', ''] __main__\n"];
    assert_eq!(said, expected);
    assert_eq!(reports.iter().map(|report| report.step).collect::<Vec<_>>(), [1, 700, 9]);
    assert!(reports.iter().all(|report| report.ending == Ending::Exited(0) && report.nonce == NONCE));
}

#[test]
fn an_interpreter_that_cannot_fork_is_started_anew_for_each_step() {
    let reports = steps(bash(), "echo $$; exit $$", vec![more(1), more(2), step(3)]);
    let pids: Vec<_> = reports.iter().map(|report| text(&report.stdout)).collect();
    assert!(pids[0] != pids[1] && pids[1] != pids[2], "{pids:?}");
}

#[test]
fn a_hundred_steps_are_a_hundred_runs() {
    let code = "import os; print(input(), os.getppid())";
    let inputs: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    let all = inputs.iter().zip(0..).map(|(text, number)| input(number, text, Vec::new()));
    let mut all: Vec<_> = all.collect();
    all[99].another_follows = false;
    let begun = Instant::now();
    let reports = steps(python(), code, all);
    println!("{:?} a step", begun.elapsed() / 100);
    for (report, input) in reports.iter().zip(&inputs) {
        assert_eq!((text(&report.stdout), text(&report.stderr)), (format!("{input} 1\n"), String::new()));
    }
}

#[test]
fn a_sandbox_that_waits_for_a_step_ends_when_it_is_told_to_and_when_its_handler_is_gone() {
    for setup in [bash, python] {
        let mut sandbox = setup().start();
        sandbox.run_step(&run("").with(more(1)));
        sandbox.say(&ToInit::Stop);
        let end = sandbox.end();
        assert!(end.status.success() && end.frames.is_empty(), "{end:?}");

        let mut sandbox = setup().start();
        sandbox.run_step(&run("").with(more(1)));
        sandbox.hang_up();
        let end = sandbox.end();
        assert!(end.frames.is_empty(), "{end:?}");
    }
}

#[test]
fn what_may_not_be_said_between_two_steps_ends_the_conversation() {
    let mut sandbox = bash().start();
    sandbox.run_step(&run("").with(more(1)));
    sandbox.say(&run("echo again").job());
    let end = sandbox.end();
    assert!(!end.status.success() && end.frames.is_empty() && end.stderr.contains("second job"), "{end:?}");

    // As the first message of all.
    for message in
        [ToInit::Step(step(1)), ToInit::Input(b"x"), ToInit::EndOfInput, ToInit::Signal(2), ToInit::Stop]
    {
        let mut sandbox = bash().start();
        sandbox.say(&message);
        let end = sandbox.end();
        assert!(!end.status.success() && end.frames.is_empty(), "{message:?}: {end:?}");
    }
}

#[test]
fn what_crossed_with_the_end_of_a_step_is_thrown_away() {
    let mut sandbox = bash().start();
    sandbox.run_step(&run("cat").with(more(1)));
    for late in [ToInit::Input(b"late"), ToInit::EndOfInput, ToInit::Signal(2)] {
        sandbox.say(&late);
    }
    let stdin = Stdin::Whole(b"in time");
    let report = sandbox.run_step(&ToInit::Step(Step { stdin, ..step(2) }));
    assert_eq!(text(&report.stdout), "in time");
}

#[test]
fn a_step_that_is_stopped_says_what_it_had_written() {
    let programs = [
        (bash(), "echo so far; trap '' INT TERM; while :; do sleep 0.01; done"),
        (python(), "print('so far', flush=True)\nwhile True: pass"),
    ];
    for (setup, code) in programs {
        let mut sandbox = setup.start();
        sandbox.say(&run(code).with(more(1)));
        std::thread::sleep(Duration::from_millis(300));
        sandbox.say(&ToInit::Stop);
        let report = sandbox.report();
        assert_eq!((report.ending, text(&report.stdout).as_str()), (Ending::Stopped, "so far\n"));
        let end = sandbox.end();
        assert!(end.status.success() && end.frames.is_empty(), "{end:?}");
    }
}

/// Programs that go beyond a limit, and how that ends; `what` is read from the arguments.
const GREEDY: &str = "\
import os, sys, time
what = sys.argv[1] if sys.argv[1:] else ''
print('begun', what, flush=True)
if what == 'loop':
    while True: pass
if what == 'flood':
    while True: os.write(1, b'x' * 65536)
if what == 'sleep': time.sleep(60)
if what == 'memory':
    blocks = []
    while True: blocks.append(bytearray(1 << 20))
if what == 'fork':
    for _ in range(40):
        if os.fork() == 0: time.sleep(60)
if what == 'kill': os.kill(-1, 9)
if what == 'exit': sys.exit(3)
";

#[test]
fn a_step_beyond_a_limit_is_judged_exactly_and_the_next_one_runs_clean() {
    let cgroup = OwnCgroup::make();
    let mut sandbox: Option<Sandbox> = None;
    let limits = RunLimits { wall_us: 700_000, flood_bytes: 1 << 20, ..LIMITS };
    let memory = |cgroup: &OwnCgroup| cgroup.limit_memory(64 << 20);
    let limited = cgroup.as_ref().is_some_and(memory);
    let mut wanted = vec![
        ("loop", Ending::WallTime),
        ("flood", Ending::Flood),
        ("sleep", Ending::WallTime),
        ("fork", Ending::Exited(0)),
        ("exit", Ending::Exited(3)),
    ];
    if limited {
        wanted.push(("memory", Ending::KilledForMemory));
    } else {
        println!("not tested: memory, for no cgroup of one's own can be made here");
    }
    let mut number = 0;
    for (what, ending) in wanted {
        for (arg, ending) in [(what, ending), ("", Ending::Exited(0))] {
            number += 1;
            let step = Step { args: vec![arg], limits, ..more(number) };
            let message = match &mut sandbox {
                None => {
                    let prologue = cgroup.as_ref().map_or("", |cgroup| &cgroup.prologue);
                    sandbox = Some(python().prologue(prologue).start());
                    run(GREEDY).with(step)
                }
                Some(_) => ToInit::Step(step),
            };
            let report = sandbox.as_mut().unwrap().run_step(&message);
            assert_eq!(report.ending, ending, "{arg}: {report:?}");
            let kills = u64::from(arg == "memory");
            assert!(report.oom_kills.is_none_or(|seen| seen == kills), "{arg}: {report:?}");
            if arg.is_empty() {
                assert_eq!(text(&report.stdout), "begun \n");
                assert!(report.cpu_us < 200_000 && report.wall_us < 700_000, "{what}: {report:?}");
                // An interpreter, and a little more.
                let peak = report.memory_peak >> 20;
                assert!(number == 2 || (2..40).contains(&peak), "after {what}: {peak} MiB");
            }
            if arg == "memory" {
                assert_eq!(report.memory_peak, 64 << 20);
            }
        }
    }
}

#[test]
fn usage_is_the_steps_own() {
    let code = "import sys, time\nblock = bytearray(int(sys.argv[1]) << 20)\nend = float(sys.argv[2])\n\
                while time.process_time() < end: pass";
    let heavy = Step { args: vec!["50", "0.3"], ..more(1) };
    let light = Step { args: vec!["0", "0"], ..more(2) };
    let reports = steps(
        python(),
        code,
        vec![heavy.clone(), light.clone(), heavy, Step { another_follows: false, ..light }],
    );
    for (report, is_heavy) in reports.iter().zip([true, false, true, false]) {
        assert_eq!(report.ending, Ending::Exited(0));
        assert_eq!(report.cpu_us > 250_000, is_heavy, "{report:?}");
        assert_eq!(report.wall_us > 250_000, is_heavy, "{report:?}");
        if is_heavy || report.step > 1 {
            assert_eq!(report.memory_peak > 50 << 20, is_heavy, "{report:?}");
        }
    }
}

#[test]
fn files_that_cannot_be_written_end_a_conversation_that_was_to_go_on() {
    let mut sandbox = python().start();
    let twice = super::support::Run { files: [run("").files, run("").files].concat(), ..run("") };
    let report = sandbox.run_step(&twice.with(more(4)));
    assert_eq!((report.ending, report.step), (Ending::NotRun(nix::libc::EEXIST), 4));
    let end = sandbox.end();
    assert!(end.status.success() && end.frames.is_empty(), "{end:?}");
}

#[test]
fn a_frame_of_the_greatest_project_and_input_is_taken_whole() {
    let file = vec![b'#'; 8 << 20];
    let stdin: Vec<u8> = (0..8_u32 << 20).map(|n| (n % 251) as u8).collect();
    let code = "import sys, hashlib; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest(), len(open('big').read()))";
    let mut run = run(code);
    run.files.push(sandbox_init::protocol::File { name: "big", content: &file });
    let mut sandbox = python().start();
    let whole = Step { stdin: Stdin::Whole(&stdin), ..more(1) };
    let first = sandbox.run_step(&run.with(whole.clone()));
    let second = sandbox.run_step(&ToInit::Step(Step { another_follows: false, ..whole }));
    assert!(text(&first.stdout).ends_with(" 8388608\n"), "{first:?}");
    assert_eq!(text(&first.stdout), text(&second.stdout));
}

#[test]
fn a_file_that_was_renamed_for_a_step_has_its_own_name_in_the_next() {
    // As the bootstrap of JavaScript does: it asks for the other name, again and again, until its channel is closed.
    let bootstrap = "
printf + >&$SCE_CONTROL
IFS= read -r -d '' -u $SCE_CONTROL entry || true
while printf m >&$SCE_CONTROL; do sleep 0.001; done 2>/dev/null
eval \"exec $SCE_CONTROL>&-\"
ls; . ./${entry%.js}.mjs";
    let setup = Setup::of(&["bash", "-c", &format!("trap '' PIPE; {bootstrap}")]);
    let mut sandbox = setup.start();
    let files = vec![File { name: "main.js", content: b"echo ran" }];
    let run = Run { entry: "main.js", files, ..run("") };
    let first = sandbox.run_step(&run.with(more(1)));
    let second = sandbox.run_step(&ToInit::Step(step(2)));
    for report in [first, second] {
        assert_eq!(text(&report.stdout), "main.mjs\nran\n", "{report:?}");
    }
}

#[test]
fn without_landlock_each_step_has_a_fresh_interpreter() {
    for kernel in [Kernel::HostWithoutLandlock, Kernel::Own] {
        fresh_interpreters(kernel);
    }
}

fn fresh_interpreters(kernel: Kernel) {
    let code = "import os; print(input(), [n for n in os.listdir('/proc') if n.isdigit()])";
    let mut sandbox = python().kernel(kernel).start();
    let first = sandbox.run_step(&run(code).with(input(1, "a", Vec::new())));
    let second = sandbox.run_step(&ToInit::Step(input(2, "b", Vec::new())));
    let last = Step { another_follows: false, ..input(3, "c", Vec::new()) };
    let third = sandbox.run_step(&ToInit::Step(last));
    for (report, name) in [first, second, third].iter().zip(["a", "b", "c"]) {
        let said = text(&report.stdout);
        // Init and the program, nobody else.
        assert!(said.starts_with(&format!("{name} ['1', '")) && said.matches(',').count() == 1, "{said}");
    }
    assert!(sandbox.end().status.success());
}
