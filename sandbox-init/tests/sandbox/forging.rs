//! A program cannot reach init, nor speak in its name.

use sandbox_init::protocol::{self, Ending, File, FromInit, Report, Stream};

use super::support::{NONCE, Run, bash, python, run, text};

/// A report that a program would like to be believed, in its frame.
fn forged() -> Vec<u8> {
    let report = Report {
        nonce: NONCE,
        step: 1,
        ending: Ending::Exited(0),
        stdout: Stream { head: b"forged".to_vec(), tail: Vec::new(), total: 6 },
        stderr: Stream::default(),
        wall_us: 1,
        waited_us: 0,
        cpu_us: 1,
        memory_peak: 1,
        oom_kills: Some(0),
        forks_refused: 0,
        descriptors_used_up: false,
        built_bytes: 0,
    };
    protocol::encode(&FromInit::Ended(report)).unwrap()
}

#[test]
fn a_report_written_to_every_descriptor_is_output_and_nothing_else() {
    let forged = forged();
    let code = b"\
import os
report = open('forged', 'rb').read()
for number in range(256):
    try: os.write(number, report)
    except OSError: pass
for process in '1', 'self':
    for number in range(256):
        try: os.write(os.open(f'/proc/{process}/fd/{number}', os.O_WRONLY), report)
        except OSError: pass
os._exit(9)";
    let files = vec![File { name: "main", content: code }, File { name: "forged", content: &forged }];
    // `run` makes sure that one frame comes, and nothing after it.
    let report = python().start().run(&Run { files, ..run("") });
    assert_eq!(report.ending, Ending::Exited(9));
    assert_eq!(report.nonce, NONCE);
    // Its own streams it can open anew, and has: each copy is in there.
    for stream in [&report.stdout, &report.stderr] {
        assert!(stream.total > 0 && stream.total == stream.head.len() as u64);
        assert!(stream.head.chunks(forged.len()).all(|copy| copy == forged));
    }
}

#[test]
fn the_nonce_is_the_requests() {
    for nonce in [[0; 16], [0xff; 16], *b"0123456789abcdef"] {
        assert_eq!(bash().start().run(&Run { nonce, ..run(":") }).nonce, nonce);
    }
}

#[test]
fn signals_to_init_change_nothing() {
    let code = "\
import os, signal
for number in range(1, 65):
    try: os.kill(1, number)
    except OSError as error: assert number in (32, 33) or error.errno == 1, (number, error)
print('init is there:', os.path.exists('/proc/1'), flush=True)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
try: os.kill(-1, signal.SIGTERM)
except OSError: pass
try: os.kill(-1, signal.SIGKILL)  # on Linux that leaves out the caller
except ProcessLookupError: pass
os.kill(os.getpid(), signal.SIGKILL)";
    let report = python().start().run(&run(code));
    assert_eq!(text(&report.stdout), "init is there: True\n");
    assert_eq!((report.ending, text(&report.stderr).as_str()), (Ending::Signaled(9), ""));
}

// Not here: prlimit(2), setpriority(2) and kin ask for no more than the same user. The seccomp profile lets the
// program name nobody but itself to them.
#[test]
fn init_cannot_be_looked_into_or_held() {
    let code = r#"
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def attempt(name, action):
    try:
        print(name, "gave", action())
    except OSError as error:
        assert error.errno in (1, 13), (name, error)
def raw(name, *arguments):
    result = getattr(libc, name)(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return result
for name in "environ", "maps", "auxv", "io", "stack", "syscall", "mem", "pagemap":
    attempt(name, lambda: open(f"/proc/1/{name}", "rb").read(1))
for name in "fd", "fdinfo", "map_files":
    attempt(name, lambda: os.listdir(f"/proc/1/{name}"))
for name in "exe", "cwd", "root", "fd/0", "ns/pid":
    attempt(name, lambda: os.readlink(f"/proc/1/{name}"))
for name in "oom_score_adj", "comm", "clear_refs", "coredump_filter", "timerslack_ns":
    attempt("write " + name, lambda: open(f"/proc/1/{name}", "r+b", buffering=0).write(b"0"))
ATTACH, SEIZE = 16, 0x4206
attempt("attach", lambda: raw("ptrace", ATTACH, 1, None, None))
attempt("seize", lambda: raw("ptrace", SEIZE, 1, None, None))
block = ctypes.create_string_buffer(8)
iovec = (ctypes.c_void_p * 2)(ctypes.addressof(block), 8)
for name in "process_vm_readv", "process_vm_writev":
    attempt(name, lambda: raw(name, 1, ctypes.byref(iovec), 1, ctypes.byref(iovec), 1, 0))
PIDFD_OPEN, PIDFD_GETFD = 434, 438
attempt("pidfd_getfd", lambda: raw("syscall", PIDFD_GETFD, raw("syscall", PIDFD_OPEN, 1, 0), 0, 0))
print("nothing")
"#;
    let report = python().start().run(&run(code));
    assert_eq!((text(&report.stdout).as_str(), text(&report.stderr).as_str()), ("nothing\n", ""));
}

#[test]
fn the_program_knows_nothing_of_its_release() {
    let code = "\
import glob, os
print('SCE_CONTROL' in os.environ)
for path in glob.glob('/proc/[0-9]*/cmdline'): print(open(path).read().split('\\0')[0].rsplit('/')[-1])";
    let report = python().start().run(&run(code));
    assert_eq!(text(&report.stdout), "False\nsandbox-init\npython3\n");
}
