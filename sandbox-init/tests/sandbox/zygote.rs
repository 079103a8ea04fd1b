//! A step that an interpreter has forked is like a fresh process, and what a program does to the zygote changes no later step.

use sandbox_init::protocol::{Ending, Report, Step, ToInit};

use super::support::{Sandbox, Setup, more, python, run, text};

/// What a process can see of itself, but for numbers of processes and addresses.
const LOOK: &str = r"
import os, resource, signal, sys, time
print(sorted(sys.modules))
print(sys.flags, sys.argv, sys.path_importer_cache.keys())
print(os.listdir('/proc/self/fd'), os.getcwd(), os.getppid(), os.getsid(0) == os.getpid() == os.getpgrp())
print(sorted(os.environ.items()))
for line in open('/proc/self/status'):
    if line.split(':')[0] in ('Sig' 'Blk', 'SigPnd', 'ShdPnd', 'SigIgn', 'SigCgt', 'NoNewPrivs', 'Seccomp', 'Threads', 'Cpus_allowed', 'CapEff', 'TracerPid'):
        print(line.strip())
print(open('/proc/self/limits').read(), open('/proc/self/oom_score_adj').read())
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.getsignal(signal.SIGINT), [signal.getsignal(n) for n in range(1, 20)])
print(os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), os.sched_getaffinity(0), os.umask(0o22))
print([os.fstat(n).st_mode for n in range(3)], [os.get_inheritable(n) for n in range(3)], [os.get_blocking(n) for n in range(3)])
print([stream.line_buffering for stream in (sys.stdin, sys.stdout, sys.stderr)], sys.stdin.buffer.raw.closefd)
print(time.process_time() < 0.2, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
import socket, threading, random, subprocess
a, b = socket.socketpair(); a.send(b'x'); print(b.recv(1), issubclass(socket.timeout, OSError))
thread = threading.Thread(target=print, args=('a thread',)); thread.start(); thread.join()
print(threading.main_thread() is threading.current_thread(), threading.active_count())
print(subprocess.run(['sh', '-c', 'echo child; exit 3'], stdout=subprocess.PIPE))
try: os.waitpid(-1, 0)
except ChildProcessError: print('no children')
";

#[test]
fn a_step_sees_what_a_single_run_sees() {
    let single = python().start();
    let folder = single.workdir().parent().unwrap().display().to_string();
    let single = text(&single.run(&run(LOOK)).stdout).replace(&folder, "");
    assert!(single.ends_with("no children\n"), "{single}");
    let mut sandbox = python().start();
    let folder = sandbox.workdir().parent().unwrap().display().to_string();
    let first = sandbox.run_step(&run(LOOK).with(more(1)));
    let second = sandbox.run_step(&ToInit::Step(more(2)));
    for report in [first, second] {
        assert_eq!(text(&report.stderr), "");
        for (seen, expected) in text(&report.stdout).replace(&folder, "").lines().zip(single.lines()) {
            assert_eq!(seen, expected);
        }
    }
}

#[test]
fn what_is_random_in_one_step_is_not_the_same_in_the_next() {
    let mut sandbox = python().start();
    let code = "import random, uuid, secrets; print(random.random(), uuid.uuid4(), secrets.token_hex())";
    let first = sandbox.run_step(&run(code).with(more(1)));
    let second = sandbox.run_step(&ToInit::Step(more(2)));
    assert_ne!(text(&first.stdout), text(&second.stdout));
}

/// Runs `attack`, which finds the zygote's number in `zygote`, as a first step; then tells what the next two see of themselves.
fn attacked(attack: &str) -> (Sandbox, Report, [String; 2]) {
    let code = format!(
        "
import os, signal, sys, time
zygote = next(int(n) for n in os.listdir('/proc') if n.isdigit() and int(n) not in (1, os.getpid()))
def look():
    for line in open('/proc/self/status'):
        if line.split(':')[0] in ('SigBlk', 'SigPnd', 'ShdPnd', 'SigIgn', 'Cpus_allowed'): print(line.strip())
    print(open('/proc/self/limits').read(), open('/proc/self/oom_score_adj').read())
    print(os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), os.sched_getaffinity(0))
    for line in open(f'/proc/{{zygote}}/status'):
        if line.split(':')[0] in ('State', 'SigPnd', 'ShdPnd', 'Cpus_allowed', 'Threads'): print('zygote', line.strip())
    print(open(f'/proc/{{zygote}}/limits').read())
if sys.argv[1:] == ['attack']:
{}
else: look()
",
        attack.trim().lines().map(|line| format!("    {line}\n")).collect::<String>()
    );
    let mut sandbox = python().start();
    let looks = |sandbox: &mut Sandbox, number| {
        let report = sandbox.run_step(&ToInit::Step(more(number)));
        assert_eq!((report.ending, text(&report.stderr).as_str()), (Ending::Exited(0), ""), "{attack}");
        text(&report.stdout)
    };
    let clean = sandbox.run_step(&run(&code).with(more(1)));
    let clean = text(&clean.stdout).replace("R (running)", "S (sleeping)");
    let report = sandbox.run_step(&ToInit::Step(Step { args: vec!["attack"], ..more(2) }));
    let after = [looks(&mut sandbox, 3), looks(&mut sandbox, 4)]
        .map(|text| text.replace("R (running)", "S (sleeping)"));
    for after in &after {
        assert_eq!(after, &clean, "{attack}");
    }
    (sandbox, report, after)
}

#[test]
fn a_zygote_that_is_killed_is_replaced() {
    let (_, report, _) = attacked("os.kill(zygote, 9)");
    assert_eq!(report.ending, Ending::Exited(0));
    let (_, report, _) = attacked("os.kill(-1, 9)\nos._exit(4)");
    assert_eq!(report.ending, Ending::Exited(4));
    // And then the program itself.
    let (_, report, _) = attacked("os.kill(zygote, 9)\nos.kill(os.getpid(), 9)");
    assert_eq!(report.ending, Ending::Signaled(9));
}

#[test]
fn a_zygote_that_is_stopped_goes_on_or_is_replaced() {
    attacked("os.kill(zygote, signal.SIGSTOP)");
    // By a process that outlives the program, again and again.
    attacked("if os.fork() == 0:\n    while True: os.kill(zygote, signal.SIGSTOP)");
}

#[test]
fn signals_to_the_zygote_reach_no_later_step() {
    attacked("for number in signal.valid_signals() - {9, 19}: os.kill(zygote, number)");
    attacked("for number in 32, 33: os.kill(zygote, number)");
    attacked("for _ in range(1000): os.kill(zygote, signal.SIGRTMIN + 3)");
    attacked("os.kill(zygote, signal.SIGINT)\nos.kill(zygote, signal.SIGCONT)");
}

#[test]
fn a_zygote_that_was_moved_slowed_or_limited_is_replaced() {
    attacked("os.sched_setaffinity(zygote, {0})");
    // In a container nobody can name another process to these: by the engine's profile, and to `prlimit` by init's filter.
    attacked("os.setpriority(os.PRIO_PROCESS, zygote, 19)");
    attacked("os.sched_setscheduler(zygote, os.SCHED_BATCH, os.sched_param(0))");
    attacked("import resource\nresource.prlimit(zygote, resource.RLIMIT_NOFILE, (20, 20))");
    attacked("import resource\nresource.prlimit(zygote, resource.RLIMIT_AS, (1 << 20, 1 << 20))");
}

#[test]
fn nothing_of_a_step_is_in_the_zygote() {
    let code = "\
import os, sys
needle = b'of this ' + b'step only'
zygotes = [n for n in os.listdir('/proc') if n.isdigit() and int(n) not in (1, os.getpid())]
for zygote in zygotes:
    print(sorted(os.listdir(f'/proc/{zygote}/fd')), {os.readlink(f'/proc/{zygote}/fd/{n}') for n in range(3)})
    with open(f'/proc/{zygote}/mem', 'rb', buffering=0) as memory:
        for line in open(f'/proc/{zygote}/maps'):
            begin, end = (int(n, 16) for n in line.split()[0].split('-'))
            try:
                memory.seek(begin)
                assert needle not in memory.read(end - begin), line
            except (OSError, OverflowError, ValueError): pass
    try: open(f'/proc/{zygote}/mem', 'r+b')
    except OSError as error: print(error.errno)
";
    let mut sandbox = python().start();
    let secret = |number| Step {
        args: vec!["of this step only"],
        stdin: sandbox_init::protocol::Stdin::Whole(b"of this step only"),
        ..more(number)
    };
    let first = sandbox.run_step(&run(code).with(secret(1)));
    let second = sandbox.run_step(&ToInit::Step(secret(2)));
    for report in [first, second] {
        assert_eq!(text(&report.stderr), "");
        assert_eq!(text(&report.stdout), "['0', '1', '100', '2'] {'/dev/null'}\n13\n");
    }
}

#[test]
fn an_interpreter_that_says_it_can_fork_and_cannot_is_started_anew_for_each_step() {
    let liar = Setup::of(&[
        "bash",
        "-c",
        "
printf '*' >&$SCE_CONTROL
IFS= read -r -d '' -u $SCE_CONTROL entry || true
[ -n \"$entry\" ] || { sleep 60; exit; }
eval \"exec $SCE_CONTROL>&-\"; . ./$entry",
    ]);
    let mut sandbox = liar.start();
    sandbox.say(&run("echo $1").with(more(1)));
    assert_eq!(text(&sandbox.report().stdout), "\n");
    assert_eq!(sandbox.run_step(&ToInit::Step(more(2))).ending, Ending::Exited(0));
}
