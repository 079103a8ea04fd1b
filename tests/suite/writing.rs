//! The file system: read-only to the program, everywhere.

use serde_json::json;

use crate::support::{shared, text, without_landlock};

#[test]
fn writing_to_tmp_says_read_only_file_system() {
    let outcome = shared().python("open(\"/tmp/hack.txt\",\"w\").write(\"hello\")");
    outcome.ended("nonzero_exit", 1);
    let last = outcome.error().lines().last().unwrap();
    assert_eq!(last, "OSError: [Errno 30] Read-only file system: '/tmp/hack.txt'");

    let outcome = shared().javascript("require('fs').writeFileSync('/tmp/hack.txt', 'hello')");
    outcome.ended("nonzero_exit", 1);
    assert!(outcome.error().contains("EROFS: read-only file system"), "{}", outcome.error());
}

#[test]
fn no_path_at_all_can_be_written() {
    // The program walks every folder it can see and tries each way there is to leave something behind.
    let outcome = shared().run(&json!({
        "code": text("attacks/left_behind/write_everywhere.py"),
        "files": [{"name": "data.txt", "content": "as it was"}],
    }));
    outcome.ended("completed", 0);
    assert_eq!(outcome.error(), "");
    let (written, tried) = outcome.output().trim().rsplit_once("tried ").expect("a count at the end");
    // A pseudo-terminal is the sandbox's own, and so is the scratch space: gone with it.
    let own = |path: &&str| *path != "device /dev/ptmx" && !path.contains(" /dev/shm");
    // Which of the devices can be written, modes say, and Landlock, where the kernel has it. Nothing can be left in these.
    let devices = ["device /dev/full", "device /dev/random", "device /dev/urandom", "device /dev/zero"];
    let own = |path: &&str| own(path) && !(without_landlock() && devices.contains(path));
    let written: Vec<&str> = written.lines().filter(own).collect();
    assert!(written.is_empty(), "these could be written: {written:?}");
    let tried: u32 = tried.split(' ').next().unwrap().parse().unwrap();
    assert!(tried > 500, "only {tried} places were tried");
}

#[test]
fn no_file_in_proc_can_be_written_not_even_ones_own() {
    // Its memory, its name, its turn when the kernel kills for memory, the peak of its memory, its audit id, and what
    // there is besides. What `fd` leads to is elsewhere.
    let code = "import os, stat\ntried = 0\nfor top, folders, files in os.walk('/proc', onerror=lambda e: None):\n \
        folders[:] = [f for f in folders if f not in ('fd', 'map_files')]\n for name in files:\n  path = os.path.join(top, name)\n  try:\n   \
        if stat.S_ISCHR(os.stat(path).st_mode): continue # a mask: /dev/null\n  except OSError: pass\n  tried += 1\n  try: os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))\n  \
        except OSError: continue\n  print(path)\nprint(tried > 200)";
    shared().python(code).printed("True\n");
}

#[test]
fn the_programs_own_file_cannot_be_changed() {
    let code = "import os\nfor act in (lambda: open(__file__, 'a'), lambda: os.remove(__file__),\n  \
        lambda: os.rename(__file__, '/sandbox/x'), lambda: os.chmod(__file__, 0o777), lambda: os.truncate(__file__, 0),\n  \
        lambda: open('/sandbox/new', 'w'), lambda: os.mkdir('/sandbox/d'), lambda: os.symlink('/', '/sandbox/l'),\n  \
        lambda: os.utime(__file__), lambda: os.mkfifo('/sandbox/f')):\n try: act(); print('DONE')\n except OSError as e: print(e.errno)";
    // As on any file system that is mounted read-only (EROFS).
    shared().python(code).printed(&"30\n".repeat(10));
}

#[test]
fn dev_null_can_be_written_and_dev_urandom_read() {
    let code = "import os\nprint(open('/dev/null', 'w').write('x'), len(os.urandom(8)), len(open('/dev/urandom', 'rb').read(4)))";
    shared().python(code).printed("1 8 4\n");
}
