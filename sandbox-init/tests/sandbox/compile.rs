//! A language that is compiled: its compiler is run first, and may write what the program may only execute.
//!
//! The compiler here is a shell: what a compiler may do is what is tested, not what it does.

use nix::libc;
use sandbox_init::protocol::{CgroupLimits, Compile, Ending, File, Kernel, Step, Task, ToInit};

use super::support::{NONCE, Run, Sandbox, Setup, eventually, more, run, step, text};

/// Makes of the program's file one that can be executed, as a linker does: with its mode from the beginning.
const LINK: &str = r#"perl -e 'use Fcntl; sysopen(F, $ARGV[1], O_CREAT | O_WRONLY | O_EXCL, 0755) or die $!; open(I, $ARGV[0]) or die; print F <I>' ./main "$BUILD/main""#;

/// The first step of a job: this shell's words are the compiler.
fn compile(sandbox: &mut Sandbox, words: &str, program: &str) -> sandbox_init::protocol::Report {
    let build = sandbox.build();
    let build = build.to_str().unwrap();
    let task = Task::Compile(Compile {
        line: vec!["sh", "-c", words],
        environment: vec![("BUILD", build), ("ONLY", "the compiler's")],
    });
    let report = sandbox.run_step(&run(program).with(Step { task, ..more(0) }));
    assert_eq!(report.nonce, NONCE);
    report
}

#[test]
fn what_the_compiler_makes_is_executed_by_every_step_that_follows() {
    let mut sandbox = Setup::that_compiles(&["@/main", "a"]).start();
    let program = "#!/bin/bash\nread -r line; echo \"$line $1 $2 $GREETING $ONLY\"; exit 3";
    let compiled = compile(&mut sandbox, &format!("{LINK} && echo \"$ONLY $GREETING\" && pwd >&2"), program);
    assert_eq!(compiled.ending, Ending::Exited(0));
    assert_eq!(text(&compiled.stdout), "the compiler's \n", "the profile's variables are the program's");
    assert_eq!(text(&compiled.stderr).trim_end(), sandbox.workdir().to_str().unwrap());
    let run = |number| Step {
        args: vec!["b"],
        stdin: sandbox_init::protocol::Stdin::Whole(b"input\n"),
        ..more(number)
    };
    for number in 1..3 {
        let report = sandbox.run_step(&ToInit::Step(run(number)));
        assert_eq!(report.ending, Ending::Exited(3));
        assert_eq!((text(&report.stdout).as_str(), report.built_bytes), ("input a b hello \n", 0));
    }
    let last = Step { another_follows: false, ..run(3) };
    assert_eq!(sandbox.run_step(&ToInit::Step(last)).ending, Ending::Exited(3));
    assert!(sandbox.end().status.success());
}

/// Tries to change everything that a compiler made, and says what could be changed.
const CHANGES: &str = r#"#!/bin/bash
cd "$(dirname "$0")"
for change in 'echo x >new' 'echo x >>main' ': >data' 'mkdir folder' 'rm data' 'rmdir empty' 'mv data other' \
    'ln -s main link' 'ln main hard' 'mkfifo pipe' 'echo x >deep/er/new' 'rm deep/er/file' ': >../sandbox/main'; do
    if (eval "$change") 2>/dev/null; then echo "$change"; fi
done
cat data deep/er/file
ls -A
"#;

#[test]
fn a_program_changes_nothing_that_its_compiler_made() {
    for kernel in [Kernel::Host, Kernel::HostWithoutLandlock, Kernel::Own] {
        let mut sandbox = Setup::that_compiles(&["@/main"]).kernel(kernel).start();
        let words = format!(
            "{LINK} && cd $BUILD && mkdir empty deep deep/er && echo made >data && echo below >deep/er/file && mkdir gone \
             && rmdir gone && ln -s data link && rm link"
        );
        let compiled = compile(&mut sandbox, &words, CHANGES);
        assert_eq!((compiled.ending, text(&compiled.stderr).as_str()), (Ending::Exited(0), ""));
        let report = sandbox.run_step(&ToInit::Step(step(1)));
        assert_eq!(text(&report.stdout), "made\nbelow\ndata\ndeep\nempty\nmain\n", "{kernel:?}");
    }
}

#[test]
fn a_compiler_writes_below_the_build_folder_and_nowhere_else() {
    let mut sandbox = Setup::that_compiles(&["@/main"]).start();
    let words = "for place in /tmp /dev/shm \"$PWD\" \"$BUILD/..\" \"$TMPDIR\" \"$BUILD\"; do
        if (echo x >\"$place/sce-new-$$\") 2>/dev/null; then echo \"$place\"; fi
    done
    mkfifo $BUILD/pipe 2>/dev/null && echo pipe
    perl -MIO::Socket::UNIX -e 'print \"socket\\n\" if IO::Socket::UNIX->new(Local => \"$ENV{BUILD}/socket\", Listen => 1)'
    echo \"$TMPDIR\"";
    let report = compile(&mut sandbox, words, "");
    let build = sandbox.build().to_str().unwrap().to_owned();
    assert_eq!(text(&report.stdout), format!("{build}/.tmp\n{build}\n{build}/.tmp\n"));
}

#[test]
fn nothing_of_the_compiler_is_left_when_the_program_runs() {
    let mut sandbox = Setup::that_compiles(&["@/main"]).start();
    let words = format!(
        "{LINK}; mkdir -p $TMPDIR/a/b; echo x >$TMPDIR/a/b/c; trap '' TERM HUP; \
         setsid sh -c 'trap \"\" TERM HUP; while :; do sleep 1; done' >/dev/null 2>&1 & exit 0"
    );
    let program = "#!/bin/sh\nls -A \"$(dirname \"$0\")\"; ls -d /proc/[0-9]* | wc -l; echo ${TMPDIR:-none}";
    assert_eq!(compile(&mut sandbox, &words, program).ending, Ending::Exited(0));
    // PID 1, and the one that waits for the next step.
    eventually("the compiler's processes are dead", || sandbox.population() == 2);
    let report = sandbox.run_step(&ToInit::Step(step(1)));
    assert!(text(&report.stdout).starts_with("main\n"), "{}", text(&report.stdout));
    assert!(text(&report.stdout).ends_with("none\n"), "{}", text(&report.stdout));
}

/// Code that a compiler executes (Template Haskell, a tool of Go's) may do as much.
#[test]
fn folders_that_the_compiler_closed_or_replaced_are_emptied_all_the_same() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("kept"), "kept").unwrap();
    let link = format!("rmdir $TMPDIR; ln -s {} $TMPDIR", outside.path().display());
    for kernel in [Kernel::Host, Kernel::HostWithoutLandlock, Kernel::Own] {
        for spoil in [
            "mkdir -p $TMPDIR/a/b; echo x >$TMPDIR/a/b/c; chmod 0 $TMPDIR/a/b $TMPDIR/a $TMPDIR",
            "umask 777; mkdir $BUILD/closed $TMPDIR/closed; chmod 0 $BUILD",
            "rmdir $TMPDIR; echo x >$TMPDIR",
            "cd $TMPDIR; perl -e 'for (1 .. 2000) { mkdir \"deep\"; chdir \"deep\" }'",
            &link,
        ] {
            let mut sandbox = Setup::that_compiles(&["@/main"]).kernel(kernel).start();
            let program = "#!/bin/sh\nls -A \"$(dirname \"$0\")\"";
            compile(&mut sandbox, &format!("{LINK}; {spoil}; exit 0"), program);
            let report = sandbox.run_step(&ToInit::Step(step(1)));
            let left = text(&report.stdout).replace("closed\n", "");
            assert_eq!((report.ending, left.as_str()), (Ending::Exited(0), "main\n"), "{spoil} {kernel:?}");
            assert!(outside.path().join("kept").exists());
        }
    }
}

#[test]
fn what_the_compiler_made_is_counted_and_what_it_needed_for_itself_is_not() {
    let mut sandbox = Setup::that_compiles(&["@/main"]).start();
    let words = "head -c 3000000 /dev/zero >$BUILD/made; head -c 9000000 /dev/zero >$TMPDIR/mine";
    let report = compile(&mut sandbox, words, "");
    assert_eq!(report.ending, Ending::Exited(0));
    assert!((3_000_000..3_200_000).contains(&report.built_bytes), "{}", report.built_bytes);
}

#[test]
fn modes_are_the_compilers_to_change_and_not_the_programs() {
    let mut sandbox = Setup::that_compiles(&["@/main"]).start();
    let words = "cat ./main >$BUILD/main && chmod 755 $BUILD/main && touch -d 2001-02-03 $BUILD/main; chmod 777 ./main";
    let compiled = compile(&mut sandbox, words, "#!/bin/sh\nchmod 700 \"$0\" || stat -c '%a %y' \"$0\"");
    assert!(text(&compiled.stderr).contains("Read-only file system"), "{}", text(&compiled.stderr));
    let report = sandbox.run_step(&ToInit::Step(step(1)));
    assert!(text(&report.stdout).starts_with("755 2001-02-03"), "{}", text(&report.stdout));
    assert!(text(&report.stderr).contains("Read-only file system"), "{}", text(&report.stderr));
}

#[test]
fn a_longer_file_is_the_compilers_alone() {
    let mut sandbox = Setup::that_compiles(&["@/main"]).file_bytes(1 << 20).start();
    let words = format!("{LINK} && head -c 3000000 /dev/zero >$BUILD/long && ulimit -f");
    let compiled = compile(
        &mut sandbox,
        &words,
        "#!/bin/bash\nulimit -f; ulimit -Hf; ulimit -f unlimited 2>/dev/null || echo no",
    );
    assert_eq!(compiled.ending, Ending::Exited(0));
    let report = sandbox.run_step(&ToInit::Step(step(1)));
    assert_eq!(text(&report.stdout), "1024\n1024\nno\n");
}

#[test]
fn a_compiler_that_fails_says_why_and_the_handler_decides_what_follows() {
    let mut sandbox = Setup::that_compiles(&["@/main"]).start();
    let report = compile(&mut sandbox, "echo main:1: no >&2; exit 2", "");
    assert_eq!((report.ending, text(&report.stderr).as_str()), (Ending::Exited(2), "main:1: no\n"));
    // A handler that runs the program all the same is told that there is none.
    let report = sandbox.run_step(&ToInit::Step(step(1)));
    assert_eq!(report.ending, Ending::NotRun(libc::ENOENT));
    assert!(sandbox.end().status.success());
}

#[test]
fn a_compiler_that_is_not_there_is_told() {
    let mut sandbox = Setup::that_compiles(&["@/main"]).start();
    let task = Task::Compile(Compile { line: vec!["/no-such-compiler"], environment: Vec::new() });
    let report = sandbox.run_step(&run("").with(Step { task, ..more(0) }));
    assert_eq!(report.ending, Ending::NotRun(libc::ENOENT));
    assert!(sandbox.end().status.success());
}

#[test]
fn the_compiler_runs_first_or_never() {
    let task = || Task::Compile(Compile { line: vec!["true"], environment: Vec::new() });
    let mut sandbox = Setup::that_compiles(&["@/main"]).start();
    sandbox.run_step(&run("").with(Step { task: task(), ..more(0) }));
    sandbox.say(&ToInit::Step(Step { task: task(), ..step(1) }));
    let end = sandbox.end();
    assert!(!end.status.success() && end.stderr.contains("compile step that is not the first"), "{end:?}");

    let mut sandbox = super::support::bash().start();
    sandbox.say(&run("").with(Step { task: task(), ..more(0) }));
    let end = sandbox.end();
    assert!(!end.status.success() && end.stderr.contains("of another kind"), "{end:?}");

    let mut sandbox = Setup::that_compiles(&["@/main"]).start();
    sandbox.say(&run("").with(step(0)));
    let end = sandbox.end();
    assert!(!end.status.success() && end.stderr.contains("of another kind"), "{end:?}");
}

#[test]
fn a_program_is_not_begun_where_its_sandbox_has_not_been_lowered() {
    let mut sandbox = Setup::that_compiles(&["@/main"]).start();
    compile(&mut sandbox, LINK, "#!/bin/sh\necho ran");
    let cgroup = Some(CgroupLimits { memory_bytes: 12_345, pids: 7 });
    let report = sandbox.run_step(&ToInit::Step(Step { cgroup, ..more(1) }));
    assert_eq!((report.ending, report.stdout.total), (Ending::NotLowered, 0));
    assert!(sandbox.end().status.success(), "the conversation is over");
}

#[test]
fn names_that_are_options_come_to_the_compiler_as_they_are_sent() {
    let mut sandbox = Setup::that_compiles(&["@/main"]).start();
    let task = Task::Compile(Compile {
        line: vec!["sh", "-c", "printf '%s\\n' \"$@\"", "sh", "./-o", "./--help.c", "{entry}", "a b"],
        environment: Vec::new(),
    });
    let files = vec![File { name: "-o", content: b"" }];
    let job = Run { entry: "-o", files, ..run("") };
    let report = sandbox.run_step(&job.with(Step { task, ..step(0) }));
    assert_eq!(text(&report.stdout), "./-o\n./--help.c\n{entry}\na b\n");
}
