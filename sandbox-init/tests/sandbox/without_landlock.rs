//! What stands in for Landlock on a host's kernel that has none: to these sandboxes its calls are unknown.

use sandbox_init::protocol::{Ending, File, Interpreter, Kernel};

use super::support::{Run, Sandbox, Setup, bash, python, run, text};

const WITHOUT: Kernel = Kernel::HostWithoutLandlock;

/// Tries everything that could change the program's files, and prints what did not fail as it should.
const ATTEMPTS: &[u8] = br#"
import errno, os, signal, socket, subprocess, threading
here = os.getcwd()
boot = here.replace("/sandbox", "/opt/sandbox/boot/test")
def attempt(name, action, *expected):
    try:
        action()
    except OSError as error:
        if error.errno not in expected:
            print(name, "failed for another reason:", error)
        return
    print(name, "succeeded")
for place in here, here + "/a", here + "/a/b", boot:
    new = place + "/new"
    attempt("chmod " + place, lambda: os.chmod(place, 0o777), errno.EROFS)
    attempt("fchmod " + place, lambda: os.fchmod(os.open(place, os.O_RDONLY), 0o777), errno.EROFS)
    attempt("create in " + place, lambda: open(new, "x"), errno.EROFS)
    attempt("mkdir in " + place, lambda: os.mkdir(new), errno.EROFS)
    attempt("symlink in " + place, lambda: os.symlink("main", new), errno.EROFS)
    attempt("link in " + place, lambda: os.link(here + "/main", new), errno.EROFS, errno.EXDEV)
    attempt("tmpfile in " + place, lambda: os.open(place, os.O_TMPFILE | os.O_RDWR), errno.EACCES)
    attempt("socket in " + place, lambda: socket.socket(socket.AF_UNIX).bind(new), errno.EACCES)
for name in here + "/main", here + "/a/b/data", boot + "/hello.txt":
    attempt("chmod " + name, lambda: os.chmod(name, 0o666), errno.EROFS)
    for how in "r+", "w", "a":
        attempt(f"open {name} {how}", lambda: open(name, how), errno.EROFS)
    attempt("through /proc " + name, lambda: open(f"/proc/self/fd/{os.open(name, os.O_RDONLY)}", "r+"), errno.EACCES)
    attempt("truncate " + name, lambda: os.truncate(name, 0), errno.EROFS)
    attempt("times of " + name, lambda: os.utime(name), errno.EROFS)
    attempt("remove " + name, lambda: os.remove(name), errno.EROFS)
    attempt("rename " + name, lambda: os.rename(name, name + ".old"), errno.EROFS)
for number in 0, 9, 15, 17, 19, 64:
    attempt(f"signal {number} to init", lambda: os.kill(1, number), errno.EPERM)
# Past the filter. Init lives on, and reports.
init = os.open("/proc/1", os.O_RDONLY)
for number in [1, 2, 9, 15, 19, 34] + [17] * 1000:
    signal.pidfd_send_signal(init, number)
attempt("mode of a device", lambda: os.chmod("/dev/null", 0o777), errno.EPERM)
child = subprocess.Popen(["sleep", "60"])
child.kill()
print(child.wait())
# Through a child too, which the filters must hold as well.
print(subprocess.run(["sh", "-c", "echo >new"], stderr=subprocess.DEVNULL).returncode)
thread = threading.Thread(target=print, args=("a thread",))
thread.start()
thread.join()
"#;

#[test]
fn folders_and_files_cannot_be_written_and_init_cannot_be_signalled() {
    let files = vec![File { name: "main", content: ATTEMPTS }, File { name: "a/b/data", content: b"data" }];
    let sandbox = python().kernel(WITHOUT).start();
    let hello = sandbox.hello();
    assert_eq!((hello.layers.landlock_abi, hello.layers.open & 1), (0, 0));
    let report = sandbox.run(&Run { files, ..run("") });
    assert_eq!((text(&report.stdout).as_str(), text(&report.stderr).as_str()), ("-9\n2\na thread\n", ""));
    assert_eq!(report.ending, Ending::Exited(0));
}

/// Tries to open every file of every process for writing, as a program and as a child of it; and says what could be.
const OWN_FILES: &str = r#"
import os, subprocess, sys
def look():
    tried = 0
    for top, folders, files in os.walk("/proc", onerror=lambda error: None):
        folders[:] = [folder for folder in folders if folder not in ("fd", "map_files", "sys")]
        for name in files:
            path = os.path.join(top, name)
            if not top[6:7].isdigit(): continue  # what a container masks is not masked here
            tried += 1
            try: os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
            except OSError: continue
            print(path)
    print(tried > 100, flush=True)
look()
if len(sys.argv) == 1: subprocess.run([sys.executable, "-I", sys.argv[0], "child"], check=True)
"#;

#[test]
fn no_process_can_write_a_file_of_its_own_in_proc_nor_anothers() {
    let report = python().kernel(WITHOUT).start().run(&run(OWN_FILES));
    assert_eq!((text(&report.stdout).as_str(), text(&report.stderr).as_str()), ("True\nTrue\n", ""));
}

#[test]
fn what_a_program_may_write_it_may_change_the_modes_of() {
    let code = "cd ../dev/shm && echo x >x && chmod 751 x && touch -d 2001-02-03 x && stat -c '%a %y' x";
    let report = bash().mounted().kernel(WITHOUT).start().run(&run(code));
    assert!(text(&report.stdout).starts_with("751 2001-02-03"), "{report:?}");
}

#[test]
fn no_program_is_started_where_nothing_stands_in() {
    let sandbox = bash().kernel(WITHOUT).prologue("mount -o remount,bind,rw /proc").start_whatever_comes();
    assert_eq!(sandbox.hello().layers.open & 1, 1);
    was_not_started(&sandbox);
}

#[test]
fn nobody_takes_the_kernel_for_one_with_landlock() {
    for setup in
        [bash(), python(), Setup::that_executes(&["sh", "{entry}"]), Setup::that_compiles(&["@/main"])]
    {
        let sandbox = setup.without_landlock().start_whatever_comes();
        assert_eq!(sandbox.hello().layers.landlock_abi, 0);
        was_not_started(&sandbox);
    }
}

fn was_not_started(sandbox: &Sandbox) {
    let Interpreter::Died { stderr, .. } = &sandbox.hello().interpreter else { panic!("ready?") };
    assert!(stderr.contains("cannot be started"), "{stderr}");
}
