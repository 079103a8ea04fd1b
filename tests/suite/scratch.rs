//! The scratch space that every program has, `/dev/shm` and `TMPDIR`: what needs one works, and nothing outlives a step.

use serde_json::json;

use crate::support::{shared, text};

fn program(name: &str) -> serde_json::Value {
    let language = if name.ends_with(".py") { "python" } else { "javascript" };
    json!({"language": language, "code": text(format!("programs/scratch/{name}"))})
}

#[test]
fn pools_semaphores_and_queues_work_by_fork_and_by_spawn() {
    let squares = "[0, 1, 4, 9]\n";
    let methods = ["fork", "spawn", "forkserver"].map(|method| format!("{method} {squares}[True, True]\n"));
    shared().run(&program("pools.py")).printed(&format!(
        "{squares}{squares}{squares}{}{{'a': 1, 'b': 2}}\n<Lock(owner=None)> 3 /dev/shm\n",
        methods.concat()
    ));
}

#[test]
fn memory_is_shared_by_name() {
    shared().run(&program("shared_memory.py")).printed("b'hello' [0, 7, 0]\n[1, 2.5, 'three']\nb'abc'\n");
}

#[test]
fn sqlite_sorts_groups_indexes_and_vacuums_more_than_its_cache() {
    let once = "[(0,), (1,), (10,)]\n(30000,)\n('ok',)\n";
    shared().run(&program("sqlite.py")).printed(&format!("{once}{once}('wal',)\n[(1,)]\n"));
}

#[test]
fn temporary_files_are_files_as_anywhere() {
    shared().run(&program("temporary.py")).printed(
        "0o100640 1100000000 True\n('tree/moved/b', [], [])\nTrue\n['a,b', '1,2'] ['a', 'moved']\n\
         Permission denied\n{'link': 'l', 'hard': '-', 'pipe': 'p', 'socket': 's'} 2\n\
         CompletedProcess(args=\"umask 022; cp -p data.csv c; touch -d @5 c; chmod u=rwx,go= c; stat -c '%a %Y' c; \
         rm -r tree; ls | wc -l\", returncode=0, stdout='700 5\\n13\\n', stderr='')\na,\nnamed /dev/shm\n1000 1000\n\
         False []\n",
    );
}

#[test]
fn nodes_temporary_files_are_files_as_anywhere() {
    shared().run(&program("temporary.js")).printed(
        "/dev/shm\n640 1100000000000\n600\ntrue 4\n[ 'copy.csv.gz', 'data.csv', 'link', 'moved.csv' ] true\n[]\n\
         EROFS -30\nEROFS\nEROFS\n",
    );
}

#[test]
fn what_a_case_leaves_in_the_scratch_space_is_gone_before_the_next() {
    let code = r"
import os, socket
print(os.listdir('/dev/shm'), oct(os.stat('/dev/shm').st_mode))
os.chdir('/dev/shm')
os.makedirs('a/b/c')
open('a/b/c/file', 'w').write('x' * 100000)
os.mkdir('closed', 0o300)
open('closed/hidden', 'w').close()
os.chmod('closed', 0)
os.mkdir('shut', 0)
os.mkfifo('pipe')
os.symlink('/sandbox', 'link')
socket.socket(socket.AF_UNIX).bind('socket')
os.chdir('a')
for _ in range(1500):
    os.mkdir('in'); os.chdir('in')
try: os.chmod('/dev/shm', 0)
except PermissionError: pass
";
    for language in ["python", "javascript"] {
        let code = if language == "python" {
            code
        } else {
            "const fs = require('fs'); console.log(`[${fs.readdirSync('/dev/shm')}]`,
                '0o' + fs.statSync('/dev/shm').mode.toString(8)); fs.mkdirSync('/dev/shm/a/b', { recursive: true });
             fs.writeFileSync('/dev/shm/a/b/c', 'x'); fs.chmodSync('/dev/shm/a', 0);"
        };
        let tests = vec![json!({"expected_output": "[] 0o41777"}); 3];
        let outcome = shared().run(&json!({"language": language, "code": code, "tests": tests}));
        assert_eq!(outcome.0["summary"]["passed"], 3, "{}", outcome.0);
    }
}

#[test]
fn a_program_cannot_give_itself_the_right_to_write_its_own_folder() {
    // By each of the calls that change modes, and by paths whose text another thread changes meanwhile.
    let code = r"
import ctypes, os, threading
libc = ctypes.CDLL(None, use_errno=True)
open('/dev/shm/mine', 'w').close()
path = ctypes.create_string_buffer(b'/dev/shm/mine\0')
stop = False
def change():
    while not stop:
        ctypes.memmove(path, b'/sandbox/main', 13)
        ctypes.memmove(path, b'/dev/shm/mine', 13)
threading.Thread(target=change).start()
for _ in range(2000):
    libc.chmod(path, 0o777)
stop = True
folder = os.open('/sandbox', os.O_RDONLY)
for act in (lambda: os.chmod('/sandbox', 0o777), lambda: os.fchmod(folder, 0o777), lambda: os.chmod('.', 0o777, dir_fd=folder),
            lambda: os.chmod(f'/proc/self/fd/{folder}', 0o777), lambda: os.chmod(f'/proc/self/cwd', 0o777),
            lambda: os.utime('.'), lambda: os.utime(folder)):
    try: act(); print('DONE')
    except OSError as e: print(e.errno, end=' ')
print(oct(os.stat('/sandbox').st_mode), oct(os.stat('/sandbox/main.py').st_mode))
try: open('new', 'w')
except OSError as e: print(e)
";
    let outcome = shared().python(code);
    outcome.printed("30 30 30 30 30 30 30 0o40555 0o100444\n[Errno 30] Read-only file system: 'new'\n");
}
