//! What init does itself where the sandbox has a kernel of its own. The kernel of these tests is the machine's all the
//! same, so that what gVisor denies besides (see `infra/seccomp.json`) is not denied here.

use sandbox_init::protocol::{Ending, File, Kernel, RunLimits};

use super::support::{LIMITS, Run, bash, python, run, text};

/// Tries everything that could change the program's files, and prints what did not fail as it should.
const ATTEMPTS: &[u8] = br#"
import ctypes, errno, os, socket, subprocess, threading
libc = ctypes.CDLL(None, use_errno=True)
here = os.getcwd()
def attempt(name, action, expected=errno.EACCES):
    try:
        action()
    except OSError as error:
        if error.errno != expected:
            print(name, "failed for another reason:", error)
        return
    print(name, "succeeded")
for place in here, here + "/a", here + "/a/b":
    new = place + "/new"
    # These say that they have worked, and do nothing.
    os.fchmod(os.open(place, os.O_RDONLY), 0o777)
    os.chmod(place, 0o777)
    if os.stat(place).st_mode & 0o222: print("given back:", place)
    attempt("create in " + place, lambda: open(new, "x"))
    attempt("mkdir in " + place, lambda: os.mkdir(new))
    attempt("symlink in " + place, lambda: os.symlink("main", new))
    attempt("link in " + place, lambda: os.link(here + "/main", new))
    attempt("tmpfile in " + place, lambda: os.open(place, os.O_TMPFILE | os.O_RDWR))
    attempt("socket in " + place, lambda: socket.socket(socket.AF_UNIX).bind(new))
for name in here + "/main", here + "/a/b/data":
    os.fchmod(os.open(name, os.O_RDONLY), 0o666)
    if os.stat(name).st_mode & 0o222: print("given back:", name)
    for how in "r+", "w", "a":
        attempt(f"open {name} {how}", lambda: open(name, how))
    attempt("truncate " + name, lambda: os.truncate(name, 0))
    attempt("remove " + name, lambda: os.remove(name))
    attempt("rename " + name, lambda: os.rename(name, name + ".old"))
for number in 0, 9, 15, 19, 64:
    attempt(f"signal {number} to init", lambda: os.kill(1, number), errno.EPERM)
child = subprocess.Popen(["sleep", "60"])
child.kill()
print(child.wait())
# Through a child too, which the filter must hold as well.
print(subprocess.run(["sh", "-c", "echo >new"], stderr=subprocess.DEVNULL).returncode)
thread = threading.Thread(target=print, args=("a thread",))
thread.start()
thread.join()
libc.syscall(435, None, 0)  # clone3
print(errno.errorcode[ctypes.get_errno()])
"#;

#[test]
fn without_landlock_folders_and_files_cannot_be_written_all_the_same() {
    let files = vec![File { name: "main", content: ATTEMPTS }, File { name: "a/b/data", content: b"data" }];
    let report = python().kernel(Kernel::Own).start().run(&Run { files, ..run("") });
    assert_eq!(text(&report.stderr), "");
    assert_eq!(text(&report.stdout), "-9\n2\na thread\nENOSYS\n");
    assert_eq!(report.ending, Ending::Exited(0));
}

#[test]
fn a_program_over_its_memory_is_ended() {
    // More than a byte of this machine's memory is always in use.
    let limits = RunLimits { memory_bytes: Some(1), ..LIMITS };
    let report = bash().kernel(Kernel::Own).start().run(&Run { limits, ..run("sleep 20") });
    assert!(matches!(report.ending, Ending::Memory(2..)), "{report:?}");
    assert!(report.wall_us < LIMITS.wall_us, "{report:?}");
}

#[test]
fn a_program_within_its_memory_ends_as_it_likes() {
    let limits = RunLimits { memory_bytes: Some(u64::MAX), ..LIMITS };
    let report = bash().kernel(Kernel::Own).start().run(&Run { limits, ..run("echo hello; exit 7") });
    assert_eq!(report.ending, Ending::Exited(7));
    assert_eq!(text(&report.stdout), "hello\n");
    assert!(report.memory_peak > 0);
}
