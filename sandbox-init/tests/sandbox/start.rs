//! From start to hello.

use sandbox_init::protocol::{Ending, Interpreter, Kernel, Profile, VERSION};

use super::support::{Setup, bash, python, run, text};

#[test]
fn hello_says_that_python_is_ready_and_what_holds_it() {
    let sandbox = python().start();
    let hello = sandbox.hello();
    assert_eq!(hello.version, VERSION);
    assert_eq!(hello.layers.capabilities, 0);
    assert!(hello.layers.no_new_privs);
    assert!(hello.layers.landlock_abi >= 1);
    let report = sandbox.run(&run("print('hi from', __name__)"));
    assert_eq!(report.ending, Ending::Exited(0));
    assert_eq!(text(&report.stdout), "hi from __main__\n");
}

#[test]
fn the_bootstrap_is_there_to_be_read_and_not_to_be_changed() {
    for kernel in [Kernel::Host, Kernel::HostWithoutLandlock, Kernel::Own] {
        let sandbox = bash().kernel(kernel).start();
        let boot = sandbox.workdir().with_file_name("opt/sandbox/boot");
        let code = "cat $1/test/hello.txt; echo x >$1/test/hello.txt; rm -f $1/test/hello.txt; echo x >$1/new; ls $1";
        let code = code.replace("$1", &boot.display().to_string());
        let report = sandbox.run(&run(&code));
        assert_eq!(text(&report.stdout), "hellotest\n");
    }
}

#[test]
fn any_program_that_keeps_to_the_protocol_is_an_interpreter() {
    let report = bash().start().run(&run("echo \"$GREETING\"; echo to stderr >&2; exit 4"));
    assert_eq!(report.ending, Ending::Exited(4));
    assert_eq!((text(&report.stdout).as_str(), text(&report.stderr).as_str()), ("hello\n", "to stderr\n"));
}

#[test]
fn the_program_has_three_descriptors_and_a_session_of_its_own() {
    let code = "import os; print(os.listdir('/proc/self/fd'), os.getsid(0) == os.getpid(), os.getcwd())";
    let sandbox = python().start();
    let workdir = sandbox.workdir();
    let report = sandbox.run(&run(code));
    // The fourth is the folder being listed.
    assert_eq!(text(&report.stdout), format!("['0', '1', '2', '3'] True {}\n", workdir.display()));
}

#[test]
fn the_program_starts_with_no_signal_blocked_or_ignored() {
    // An engine that was started with `nohup` hands on what it ignores.
    let sandbox = bash().prologue("trap '' HUP INT TERM USR1 CHLD").start();
    let report = sandbox.run(&run("exec cat /proc/self/status"));
    let status = text(&report.stdout);
    for mask in ["SigPnd", "ShdPnd", "SigBlk", "SigIgn"] {
        let value = status.lines().find_map(|line| line.strip_prefix(mask)?.strip_prefix(":\t")).unwrap();
        assert_eq!(value.trim_start_matches('0'), "", "{mask}");
    }
}

#[test]
fn an_interpreter_that_is_not_there_is_named_in_the_hello() {
    // In the sandbox's own folder: the machine may have any other.
    let sandbox = Setup::of(&["@/no-such-interpreter"]).start_whatever_comes();
    let Interpreter::Died { oom_kills: _, stderr } = &sandbox.hello().interpreter else { panic!("ready?") };
    assert!(stderr.contains("/no-such-interpreter") && stderr.contains("No such file"), "{stderr}");
    sandbox.end();
}

#[test]
fn an_interpreter_that_dies_early_is_quoted_in_the_hello() {
    // Twenty times: its control channel and its standard error close, and it dies, in the order it likes.
    for _ in 0..20 {
        let sandbox = Setup::of(&["bash", "-c", "echo cannot open this >&2; exit 3"]).start_whatever_comes();
        let Interpreter::Died { oom_kills: _, stderr } = &sandbox.hello().interpreter else {
            panic!("ready?")
        };
        assert_eq!(stderr, "cannot open this\n");
        sandbox.end();
    }
}

#[test]
fn an_interpreter_that_closes_its_channel_and_lives_on_is_ended() {
    let stubborn = "eval \"exec $SCE_CONTROL>&-\"; trap '' TERM; echo changed my mind >&2; sleep 60";
    let sandbox = Setup::of(&["bash", "-c", stubborn]).start_whatever_comes();
    assert!(matches!(sandbox.hello().interpreter, Interpreter::Died { .. }));
    sandbox.end();
}

#[test]
fn an_interpreter_that_dies_while_it_waits_ends_the_sandbox() {
    let short = "printf + >&$SCE_CONTROL; sleep 0.2";
    let end = Setup::of(&["bash", "-c", short]).start().end();
    assert!(!end.status.success() && end.frames.is_empty(), "{end:?}");
}

#[test]
fn outside_a_namespace_of_its_own_init_refuses_to_work() {
    let profile = Profile::default();
    let refused = std::process::Command::new(env!("CARGO_BIN_EXE_sandbox-init"))
        .args([&profile.to_argument().unwrap(), "1", "host-kernel"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("PID 1"));
}
