//! What one step leaves behind for the next: nothing. And what it can learn of the next: nothing.

use sandbox_init::protocol::{Ending, Report, Stdin, Step, ToInit};

use super::support::{Setup, bash, eventually, more, python, run, text};

/// Runs `first` and then `second`, which see no argument of each other.
fn both(setup: Setup, first: &str, second: &str) -> [Report; 2] {
    let code =
        format!("import sys\nif sys.argv[1:] == ['first']:\n{}else:\n{}", indented(first), indented(second));
    let mut sandbox = setup.start();
    let one = sandbox.run_step(&run(&code).with(Step { args: vec!["first"], ..more(1) }));
    eventually("only the zygote is left", || sandbox.population() <= 3);
    let two = sandbox.run_step(&ToInit::Step(more(2)));
    assert_eq!(text(&two.stderr), "", "{first}");
    [one, two]
}

fn indented(code: &str) -> String {
    code.lines().map(|line| format!("    {line}\n")).collect()
}

const DAEMONS: &str = "\
import os, signal, sys, time
for n in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(number, signal.SIG_IGN)
            time.sleep(60)
        os._exit(0)
    os.wait()
def hop():
    # Each generation leaves the next behind and dies.
    while True:
        if os.fork(): os._exit(0)
for _ in range(3):
    if os.fork() == 0: hop()
if os.fork() == 0:
    os.kill(os.getpid(), signal.SIGSTOP)
time.sleep(0.2)
os._exit(7)";
const WHO: &str =
    "import os\nprint(sorted(int(n) for n in os.listdir('/proc') if n.isdigit()).index(os.getpid()))";

#[test]
fn daemons_of_a_step_do_not_live_to_see_the_next() {
    for _ in 0..5 {
        let [one, two] = both(python(), DAEMONS, WHO);
        assert_eq!(one.ending, Ending::Exited(7));
        // Init, the zygote, the program.
        assert_eq!(text(&two.stdout), "2\n");
        assert_eq!(two.forks_refused, 0);
    }
}

#[test]
fn sockets_ports_and_locks_of_a_step_are_gone() {
    let hold = "\
import fcntl, os, socket, time
abstract = socket.socket(socket.AF_UNIX); abstract.bind('\\0sce-step'); abstract.listen()
datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); datagram.bind(('127.0.0.1', 45678))
listener = socket.socket(); listener.bind(('127.0.0.1', 45678)); listener.listen()
lock = open('main'); fcntl.flock(lock, fcntl.LOCK_EX)
if os.fork() == 0: time.sleep(60)";
    let again = format!(
        "{}\nfcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)\nprint('all free')",
        hold.rsplit_once('\n').unwrap().0.replace("fcntl.LOCK_EX", "fcntl.LOCK_EX | fcntl.LOCK_NB")
    );
    let [_, two] = both(python(), hold, &again);
    assert_eq!(text(&two.stdout), "all free\n");
}

#[test]
fn modes_that_a_step_has_changed_let_the_next_one_write_nothing() {
    let change = "\
import os
for name in '.', 'main':
    try: os.chmod(name, 0o777)
    except OSError: pass";
    let write = "\
import os
for name in 'new', 'main':
    try: open(name, 'a').close(); print('opened', name)
    except OSError: pass
print(sorted(os.listdir('.')))";
    let [_, two] = both(python(), change, write);
    assert_eq!(text(&two.stdout), "['main']\n");
}

#[test]
fn a_steps_terminal_and_limits_and_mask_are_its_own() {
    let change = "\
import os, pty, resource, signal
pty.openpty()
os.umask(0); os.nice(5)
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
signal.signal(signal.SIGINT, signal.SIG_IGN)";
    let look = "\
import os, resource, signal
print(os.umask(0), os.nice(0) == int(open('/proc/1/stat').read().split(') ')[1].split()[16]), resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 20)
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.getsignal(signal.SIGINT) is signal.default_int_handler)";
    let [_, two] = both(python(), change, look);
    assert_eq!(text(&two.stdout), "18 True True\nset() True\n");
}

/// Looks for what it was told in parts, wherever a program may look: memory, descriptors, arguments and variables of every
/// process there is.
const SEARCH: &str = r"
import os, sys, time
needle = b'input of ' + b'a later step'
found = []
def search(path):
    try:
        with open(path, 'rb', buffering=0) as file:
            if needle in (file.read(1 << 22) or b''): found.append(path)
    except OSError: pass
until = time.monotonic() + 0.3
while time.monotonic() < until:
    for process in filter(str.isdigit, os.listdir('/proc')):
        if int(process) == os.getpid(): continue
        for name in 'mem', 'environ', 'cmdline', 'maps', 'stack', 'syscall', 'auxv': search(f'/proc/{process}/{name}')
        try: numbers = os.listdir(f'/proc/{process}/fd')
        except OSError: continue
        for number in numbers:
            path = f'/proc/{process}/fd/{number}'
            try:
                if os.readlink(path).startswith('pipe'): found.append(path)
            except OSError: pass
for number in range(3, 256):
    try: os.fstat(number); found.append(number)
    except OSError: pass
print(found, os.read(0, 100))
";

#[test]
fn a_step_finds_nothing_of_the_steps_to_come_nor_of_those_before() {
    for setup in [python(), Setup::that_executes(&["python3", "-I", "-S", "{entry}"])] {
        let mut sandbox = setup.start();
        let first = sandbox.run_step(&run(SEARCH).with(more(1)));
        let stdin = Stdin::Whole(b"input of a later step");
        let second =
            sandbox.run_step(&ToInit::Step(Step { stdin, args: vec!["input of a later step"], ..more(2) }));
        let third = sandbox.run_step(&ToInit::Step(more(3)));
        let said = [&first, &second, &third].map(|report| text(&report.stdout));
        assert_eq!(said, ["[] b''\n", "[] b'input of a later step'\n", "[] b''\n"], "{first:?}");
    }
}

#[test]
fn a_step_that_cannot_fork_any_more_leaves_processes_for_the_next() {
    let code = "for n in $(seq 300); do sleep 60 & done 2>/dev/null; echo over";
    let mut sandbox = bash().start();
    for number in 1..4 {
        let message = if number == 1 { run(code).with(more(1)) } else { ToInit::Step(more(number)) };
        let report = sandbox.run_step(&message);
        assert_eq!((report.ending, text(&report.stdout).as_str()), (Ending::Exited(0), "over\n"));
    }
}
