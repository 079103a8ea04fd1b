//! A language without a bootstrap: init executes its command when the step comes.

use nix::libc;
use sandbox_init::protocol::{Ending, File, Interpreter, Stdin, Step, ToInit};

use super::support::{Run, Setup, more, run, text};

fn shell() -> Setup {
    Setup::that_executes(&["bash", "--norc", "{entry}"])
}

#[test]
fn a_copy_of_init_waits_for_a_program() {
    let sandbox = shell().start();
    assert_eq!(sandbox.hello().interpreter, Interpreter::NotNeeded);
    assert_eq!(sandbox.population(), 2);
    let code = "echo \"$0 $GREETING $1\"; cat; pwd; echo $PPID; ls /proc/self/fd | wc -l; exit 5";
    let workdir = sandbox.workdir();
    let report = sandbox.run(&Run { args: vec!["-c"], stdin: b"input\n", ..run(code) });
    assert_eq!(report.ending, Ending::Exited(5));
    assert_eq!(text(&report.stdout), format!("./main hello -c\ninput\n{}\n1\n4\n", workdir.display()));
}

#[test]
fn a_command_is_executed_at_each_step() {
    let mut sandbox = shell().start();
    let code = "read -r line; echo \"$((line * line)) $1\"; test $$ -ne 0";
    let step_of = |number, stdin: &'static [u8], arg| Step {
        stdin: Stdin::Whole(stdin),
        args: vec![arg],
        ..more(number)
    };
    let first = sandbox.run_step(&run(code).with(step_of(1, b"3\n", "a")));
    let second = sandbox.run_step(&ToInit::Step(step_of(2, b"4\n", "b c")));
    let last = Step { another_follows: false, ..step_of(3, b"5\n", "d") };
    let third = sandbox.run_step(&ToInit::Step(last));
    let said = [&first, &second, &third].map(|report| text(&report.stdout));
    assert_eq!(said, ["9 a\n", "16 b c\n", "25 d\n"]);
    assert!(sandbox.end().status.success());
}

#[test]
fn a_file_with_the_name_of_an_option_is_a_file() {
    for name in ["-c", "--help", "-", "a/-c", "$(reboot)", "two words"] {
        let files = vec![File { name, content: b"echo \"ran $0\"" }];
        let report = shell().start().run(&Run { entry: name, files, ..run("") });
        assert_eq!(text(&report.stdout), format!("ran ./{name}\n"));
    }
}

#[test]
fn a_command_that_cannot_be_executed_says_why_and_ends_the_conversation() {
    let cases: [(&[&str], i32); 3] = [
        (&["/no-such-command", "{entry}"], libc::ENOENT),
        // A file without the right to be executed.
        (&["{entry}"], libc::EACCES),
        (&[], libc::ENOENT),
    ];
    for (command, errno) in cases {
        let mut sandbox = Setup::that_executes(command).start();
        let report = sandbox.run_step(&run("").with(more(1)));
        assert_eq!(report.ending, Ending::NotRun(errno), "{command:?}");
        let end = sandbox.end();
        assert!(end.status.success() && end.frames.is_empty(), "{command:?}: {end:?}");
    }
}

#[test]
fn what_is_executed_is_confined_and_signals_do_again_what_they_do_by_default() {
    let code = "echo x >new; ls; grep -E 'Sig(Blk|Ign)|NoNewPrivs' /proc/self/status | tr -d '0\\t\\n'; cat /proc/self/oom_score_adj";
    let sandbox = shell().prologue("trap '' HUP INT TERM USR1 CHLD").start();
    let report = sandbox.run(&run(code));
    assert_eq!(text(&report.stdout), "main\nSigBlk:SigIgn:NoNewPrivs:11000\n");
}
