//! What the program may do with its files, and with everybody else's: read.

use std::fs;

use nix::libc;
use sandbox_init::protocol::{Ending, File};

use super::support::{Run, bash, mode, python, run, text};

fn file<'a>(name: &'a str, content: &'a [u8]) -> File<'a> {
    File { name, content }
}

#[test]
fn files_are_where_they_belong_and_nobody_may_write_them() {
    let files = vec![
        file("main", b"cat data.txt a/b/deep.txt 'n\xc3\xa4me with space'; wc -c <empty"),
        file("data.txt", b"data\n"),
        file("a/b/deep.txt", b"deep\n"),
        file("n\u{e4}me with space", b"spaced\n"),
        file("empty", b""),
    ];
    let mut sandbox = bash().start();
    sandbox.send(&Run { files, ..run("") });
    let report = sandbox.report();
    assert_eq!(text(&report.stdout), "data\ndeep\nspaced\n0\n");
    let workdir = sandbox.workdir();
    assert_eq!(mode(&workdir.join("main")), 0o444);
    assert_eq!(mode(&workdir.join("a/b/deep.txt")), 0o444);
    assert_eq!((mode(&workdir.join("a")), mode(&workdir.join("a/b"))), (0o555, 0o555));
}

#[test]
fn files_that_clash_are_not_run_and_say_why() {
    let clashes: [(&[File], i32); 5] = [
        (&[file("main", b""), file("main", b"")], libc::EEXIST),
        (&[file("a", b""), file("a/b", b"")], libc::EEXIST),
        (&[file("a/b", b""), file("a", b"")], libc::EEXIST),
        (&[file("../out", b"")], libc::EINVAL),
        (&[file("/tmp/out", b"")], libc::EINVAL),
    ];
    for (files, errno) in clashes {
        let report = bash().start().run(&Run { files: files.to_vec(), ..run("") });
        assert_eq!(report.ending, Ending::NotRun(errno), "{files:?}");
        assert_eq!(report.stdout.total + report.stderr.total, 0);
    }
}

/// Tries everything that could change a file, through the C library too, and prints what succeeded.
const ATTEMPTS: &str = r#"
import ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
here, outside = os.getcwd(), sys.argv[1]
def raw(function, *arguments):
    if getattr(libc, function)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), function)
def attempt(name, action):
    try:
        action()
    except OSError as error:
        if error.errno not in (1, 13, 18, 30):
            print(name, "failed for another reason:", error)
        return
    print(name, "succeeded")

places = [here, outside, outside + "/folder", os.path.dirname(here)]
# The machine's own folders, those that it has. Under a name that nobody has: another's file there is none of ours.
places += filter(os.path.isdir, ["/tmp", "/dev", "/dev/shm", "/var/tmp"])
for place in places:
    new = f"{place}/sce-{os.urandom(8).hex()}"
    attempt("create in " + place, lambda: open(new, "x"))
    attempt("mkdir in " + place, lambda: os.mkdir(new))
    attempt("symlink in " + place, lambda: os.symlink("main", new))
    attempt("fifo in " + place, lambda: os.mkfifo(new))
    attempt("link in " + place, lambda: os.link(here + "/main", new))
    attempt("tmpfile in " + place, lambda: os.open(place, os.O_TMPFILE | os.O_RDWR))
    attempt("socket in " + place, lambda: socket.socket(socket.AF_UNIX).bind(new))
for name in here + "/main", here + "/a/data.txt", outside + "/file":
    try: os.chmod(name, 0o666)  # Landlock lets it (seccomp does not); it must not help
    except OSError: pass
    for how in "r+", "w", "a":
        attempt(f"open {name} {how}", lambda: open(name, how))
    attempt("truncate " + name, lambda: os.truncate(name, 0))
    attempt("raw truncate " + name, lambda: raw("truncate", name.encode(), ctypes.c_long(0)))
    attempt("open with O_TRUNC " + name, lambda: os.open(name, os.O_RDONLY | os.O_TRUNC))
    attempt("through /proc " + name, lambda: open(f"/proc/self/fd/{os.open(name, os.O_RDONLY)}", "r+"))
    attempt("remove " + name, lambda: os.remove(name))
    attempt("rename " + name, lambda: os.rename(name, name + ".old"))
    attempt("rename over " + name, lambda: os.rename(here + "/other", name))
    attempt("exchange " + name, lambda: raw("renameat2", -100, name.encode(), -100, (here + "/other").encode(), 2))
attempt("rmdir", lambda: os.rmdir(here + "/a/empty"))
print("writable:", os.write(os.open("/dev/null", os.O_RDWR | os.O_TRUNC), b"x"))
"#;

#[test]
fn a_program_can_write_nothing_but_dev_null() {
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir(outside.path().join("folder")).unwrap();
    fs::write(outside.path().join("file"), "content").unwrap();
    // Free for all, as far as modes go: what denies is Landlock.
    for path in ["", "folder", "file"] {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        fs::set_permissions(outside.path().join(path), mode).unwrap();
    }
    let files = vec![
        file("main", ATTEMPTS.as_bytes()),
        file("other", b"other"),
        file("a/data.txt", b"data"),
        file("a/empty/x", b""),
    ];
    let mut sandbox = python().start();
    let outside_name = outside.path().to_str().unwrap();
    sandbox.send(&Run { files, args: vec![outside_name], ..run("") });
    let report = sandbox.report();
    assert_eq!((text(&report.stdout).as_str(), text(&report.stderr).as_str()), ("writable: 1\n", ""));
    assert_eq!(fs::read(sandbox.workdir().join("main")).unwrap(), ATTEMPTS.as_bytes());
    assert_eq!(fs::read(outside.path().join("file")).unwrap(), b"content");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 2);
}

#[test]
fn the_programs_own_children_are_held_by_the_same_rules() {
    let outside = tempfile::tempdir().unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    fs::set_permissions(outside.path(), mode).unwrap();
    let new = outside.path().join("new").display().to_string();
    let code = format!(
        "(setsid bash -c 'echo >new'); env -i bash -c 'echo >new'; nohup touch '{new}'; ls; ls '{new}'"
    );
    let report = bash().start().run(&run(&code));
    assert_eq!(text(&report.stdout), "main\n");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    assert_ne!(report.ending, Ending::Exited(0));
}
