//! A small handler: starts sandbox-init as PID 1 of its own namespace, and speaks its frames.

mod binary;
mod bootstraps;
mod program;
mod unlocked;

use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, geteuid},
};
use sandbox_init::{
    link,
    protocol::{
        self, Command as Template, FromInit, Hello, Interpreter, Kernel, Profile, Report, ToInit, Waits,
    },
};
use tempfile::TempDir;

pub use self::program::{LIMITS, NONCE, Run, more, run, step};
use self::{
    binary::program,
    bootstraps::{BASH, forking_python},
};

/// Whom sandboxes run as when the tests run as root: nobody, so that nothing passes by being root.
const NOBODY: u32 = 65534;

/// A sandbox to be.
pub struct Setup {
    /// Empty where there is no interpreter that waits.
    command: Vec<String>,
    /// The command that is executed at each step instead.
    template: Option<Template>,
    /// Whether the first step runs a compiler.
    compiles: bool,
    /// The longest file that the program may write, where that is not what the sandbox has.
    file_bytes: Option<u64>,
    lease: u64,
    kernel: Kernel,
    /// Whether the kernel is to seem to have Landlock.
    landlock: bool,
    /// A shell's words to run as root before init, in its own mount namespace.
    prologue: String,
    root: TempDir,
}

/// A sandbox that has said hello.
pub struct Sandbox {
    unshare: Child,
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    hello: Hello,
    namespace: Option<fs::File>,
    root: TempDir,
}

/// All there is to know of a sandbox that has ended.
#[derive(Debug)]
pub struct End {
    pub status: ExitStatus,
    /// What it still wrote to the handler.
    pub frames: Vec<u8>,
    pub stderr: String,
}

/// A sandbox whose interpreter is a shell: up in two milliseconds.
pub fn bash() -> Setup {
    Setup::of(&["bash", "@/boot.sh"])
}

/// A sandbox with Python. Not a version manager's shim where the system has its own: that is a script of many
/// processes.
pub fn python() -> Setup {
    let python = if Path::new("/usr/bin/python3").exists() { "/usr/bin/python3" } else { "python3" };
    Setup::of(&[python, "-I", "-S", "@/boot.py"])
}

impl Setup {
    /// A sandbox whose interpreter is started by this command; `@` is the folder of its bootstrap.
    pub fn of(command: &[&str]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let boot = root.path().join("opt/sandbox");
        let command = command.iter().map(|word| word.replace('@', &boot.to_string_lossy())).collect();
        fs::create_dir_all(boot.join("boot")).unwrap();
        fs::create_dir(root.path().join("sandbox")).unwrap();
        fs::write(boot.join("boot.sh"), BASH).unwrap();
        fs::write(boot.join("boot.py"), forking_python()).unwrap();
        for path in ["", "opt", "opt/sandbox", "opt/sandbox/boot", "sandbox"] {
            open_to_all(&root.path().join(path), 0o755);
        }
        open_to_all(&boot.join("boot.sh"), 0o644);
        open_to_all(&boot.join("boot.py"), 0o644);
        if geteuid().is_root() {
            chown(root.path().join("sandbox"), Some(NOBODY), Some(NOBODY)).unwrap();
            chown(boot.join("boot"), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        Self {
            command,
            template: None,
            compiles: false,
            file_bytes: None,
            lease: 900,
            kernel: Kernel::Host,
            landlock: true,
            prologue: String::new(),
            root,
        }
    }

    /// A sandbox without an interpreter that waits: this command is executed at each step.
    pub fn that_executes(template: &[&str]) -> Self {
        let template = Template(template.iter().map(|word| (*word).to_owned()).collect());
        Self { template: Some(template), command: Vec::new(), ..Self::of(&[]) }
    }

    /// A sandbox of a language that is compiled: this command is executed at each step that runs the program, and `@` is the
    /// build folder.
    pub fn that_compiles(template: &[&str]) -> Self {
        let setup = Self::of(&[]);
        let build = setup.root.path().join("build");
        fs::create_dir(&build).unwrap();
        open_to_all(&build, 0o755);
        if geteuid().is_root() {
            chown(&build, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let template = template.iter().map(|word| word.replace('@', &build.to_string_lossy())).collect();
        Self { template: Some(Template(template)), compiles: true, ..setup }
    }

    /// Lowers the limit of a file's size for the program.
    pub fn file_bytes(mut self, bytes: u64) -> Self {
        self.file_bytes = Some(bytes);
        self
    }

    pub fn lease(mut self, seconds: u64) -> Self {
        self.lease = seconds;
        self
    }

    /// Has init believe that the kernel is this one. One that has no Landlock really seems to have none, and what the handler
    /// has the engine do there is done.
    pub fn kernel(mut self, kernel: Kernel) -> Self {
        self.kernel = kernel;
        if kernel == Kernel::HostWithoutLandlock { self.without_landlock() } else { self }
    }

    /// As on a kernel without Landlock, whatever init believes.
    pub fn without_landlock(mut self) -> Self {
        self.landlock = false;
        self
    }

    /// With file systems of its own for the program's files and for scratch, as a container has them.
    pub fn mounted(mut self) -> Self {
        let root = self.root.path().display();
        let owner = if geteuid().is_root() { NOBODY } else { 0 };
        self.prologue = format!(
            "mkdir -p {root}/dev/shm\n\
             mount -t tmpfs -o size=90m,nr_inodes=5000,mode=755,uid={owner},gid={owner} none {root}/sandbox\n\
             mount -t tmpfs -o size=16m,nr_inodes=4096,mode=1777 none {root}/dev/shm"
        );
        self
    }

    pub fn prologue(mut self, shell: &str) -> Self {
        shell.clone_into(&mut self.prologue);
        self
    }

    /// Starts it, and expects it to be ready.
    pub fn start(self) -> Sandbox {
        let sandbox = self.start_whatever_comes();
        assert!(!matches!(sandbox.hello.interpreter, Interpreter::Died { .. }), "{:?}", sandbox.hello);
        sandbox
    }

    /// Starts it, and expects a hello.
    pub fn start_whatever_comes(self) -> Sandbox {
        let environment = vec![("GREETING".to_owned(), "hello".to_owned())];
        let bootstrap = vec![("test/hello.txt".to_owned(), "hello".to_owned())];
        let waits = Waits { command: self.command, bootstrap, ..Waits::default() };
        let waits = Some(waits).filter(|waits| !waits.command.is_empty());
        let profile = Profile {
            waits,
            run: self.template,
            compiles: self.compiles,
            environment,
            file_bytes: self.file_bytes,
        };
        let boot = self.root.path().join("opt/sandbox");

        let mut unshare = Command::new("unshare");
        unshare.args(["--pid", "--fork", "--kill-child", "--mount-proc"]);
        let init = boot.join("sandbox-init");
        fs::write(&init, "").unwrap();
        let place = format!("mount --bind {} {}", program().display(), init.display());
        // A file system of its own, as in a container: what may be written is told by that.
        let owner = if geteuid().is_root() { NOBODY } else { 0 };
        let build = format!(
            "if [ -d {0}/build ]; then mount -t tmpfs -o size=64m,mode=0755,uid={owner} none {0}/build; fi",
            self.root.path().display()
        );
        let closed = if self.kernel == Kernel::HostWithoutLandlock { unlocked::CLOSED } else { "" };
        let script = format!("{place}\n{build}\n{closed}\n{}\nexec \"$@\"", self.prologue);
        if !self.landlock {
            unlocked::hide_landlock(&mut unshare);
        }
        let mut privileges = vec!["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"];
        if geteuid().is_root() {
            privileges.extend(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        } else {
            unshare.args(["--user", "--map-root-user"]);
        }
        unshare.args(["sh", "-ec", &script, "sh", "setpriv"]).args(privileges);
        let profile = profile.to_argument().unwrap();
        unshare
            .arg(init)
            .args([&profile, &self.lease.to_string(), self.kernel.as_str()])
            .arg(self.root.path());
        let streams = unshare.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut unshare = streams.env("OF_INIT", "a secret of init's").spawn().expect("unshare is there");

        let stdin = unshare.stdin.take();
        let stdout = unshare.stdout.take().unwrap();
        let hello = link::receive(&stdout).map(|frame| protocol::decode(&frame).unwrap());
        let hello = hello.unwrap_or_else(|error| {
            unshare.kill().unwrap();
            panic!("no hello ({error}): {}", read_all(unshare.stderr.take().unwrap()))
        });
        // Held open: the number of a namespace that has ended may be the next one's. Where init is gone already,
        // there is none to hold.
        let namespace = fs::File::open(format!("/proc/{}/ns/pid_for_children", unshare.id())).ok();
        Sandbox { unshare, stdin, stdout, hello, namespace, root: self.root }
    }
}

impl Sandbox {
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// The folder of the program's files, from outside.
    pub fn workdir(&self) -> PathBuf {
        self.root.path().join("sandbox")
    }

    /// The folder that a compiler writes, from outside.
    pub fn build(&self) -> PathBuf {
        self.root.path().join("build")
    }

    /// Sends bytes as they are. That init has gone meanwhile is seen elsewhere.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.stdin.as_mut().expect("still connected").write_all(bytes).ok();
    }

    pub fn send(&mut self, run: &Run) {
        self.say(&run.job());
    }

    /// Says something as a handler does.
    pub fn say(&mut self, message: &ToInit) {
        self.send_bytes(&protocol::encode(message).unwrap());
    }

    /// Waits for what init says next.
    pub fn hear(&mut self) -> FromInit {
        protocol::decode(&link::receive(&self.stdout).expect("a message")).unwrap()
    }

    /// Waits for the report, which is the next thing that init says.
    pub fn report(&mut self) -> Report {
        match self.hear() {
            FromInit::Ended(report) => report,
            other => panic!("{other:?}"),
        }
    }

    /// Runs one step of several.
    pub fn run_step(&mut self, message: &ToInit) -> Report {
        self.say(message);
        self.report()
    }

    /// Runs, and sees the sandbox off: one report, nothing after it, nobody left.
    pub fn run(mut self, run: &Run) -> Report {
        self.send(run);
        let report = self.report();
        let end = self.end();
        assert!(end.status.success() && end.frames.is_empty() && end.stderr.is_empty(), "{end:?}");
        report
    }

    /// Closes the connection, as a handler does that is gone.
    pub fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// Ends init as the machine's own OOM killer would.
    pub fn kill_init(&self) {
        let children = format!("/proc/{0}/task/{0}/children", self.unshare.id());
        let init = fs::read_to_string(children).unwrap().trim().parse().expect("one child");
        kill(Pid::from_raw(init), Signal::SIGKILL).unwrap();
    }

    /// Waits for init to end by itself, the connection still open, and makes sure that nobody is left.
    pub fn end(mut self) -> End {
        let mut frames = Vec::new();
        self.stdout.read_to_end(&mut frames).unwrap();
        let stderr = read_all(self.unshare.stderr.take().unwrap());
        let status = self.unshare.wait().unwrap();
        assert_eq!(self.population(), 0, "the sandbox outlived its init");
        End { status, frames, stderr }
    }

    /// How many processes of the sandbox there are, as the machine's own /proc knows them.
    pub fn population(&self) -> usize {
        let Some(namespace) = &self.namespace else { return 0 };
        let number = namespace.metadata().unwrap().ino();
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let inside = |process: &fs::DirEntry| {
            let own = fs::metadata(process.path().join("ns/pid"));
            process.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit)
                && own.is_ok_and(|own| own.ino() == number)
        };
        processes.filter(inside).count()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.unshare.kill().ok();
        self.unshare.wait().ok();
    }
}

/// Whoever runs the tests may have any umask.
pub fn open_to_all(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn read_all(mut stream: impl Read) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Waits until something is so.
pub fn eventually(what: &str, so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !so() {
        assert!(Instant::now() < until, "{what}: not within ten seconds");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The text of a stream that was kept whole.
pub fn text(stream: &protocol::Stream) -> String {
    assert!(stream.tail.is_empty(), "more than the head holds");
    String::from_utf8_lossy(&stream.head).into_owned()
}

/// Mode bits of a file.
pub fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}
