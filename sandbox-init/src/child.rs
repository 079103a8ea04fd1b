//! A process that waits to be let go with a program, and the ways to it: its three pipes and its control channel.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs, io,
    io::{PipeReader, PipeWriter, Write},
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd},
        unix::process::CommandExt,
    },
    path::Path,
    process::{Command, Stdio},
    sync::Mutex,
};

use nix::{
    fcntl::{FcntlArg, FdFlag, OFlag, fcntl},
    libc,
    sys::{
        prctl,
        signal::{SigSet, SigmaskHow, pthread_sigmask},
        socket::{AddressFamily, SockFlag, SockType, socketpair},
    },
    unistd::{Pid, setsid},
};

use crate::{
    confine::Rules,
    protocol::{CONTROL_VARIABLE, Kernel, Profile, Waits},
    supervisor::Listener,
};

/// The lowest number that the interpreter's end of the control channel may have.
const CONTROL_FROM: RawFd = 100;

/// The process that waits, and every descriptor that leads to it.
#[derive(Debug)]
pub struct Child {
    /// Its process id.
    pub pid: Pid,
    /// The ways to it.
    pub ways: Ways,
}

/// Init's ends.
#[derive(Debug)]
pub struct Ways {
    /// What the process writes to standard output; does not block.
    pub stdout: PipeReader,
    /// What it writes to standard error; does not block.
    pub stderr: PipeReader,
    /// What it reads from standard input; does not block.
    pub stdin: PipeWriter,
    /// Where it waits: it sends one byte when ready, and gets the program's name and arguments.
    pub control: OwnedFd,
    /// Where the kernel asks about its calls, if it does.
    pub listener: Option<Listener>,
}

/// The process's ends.
#[derive(Debug)]
pub struct Ends {
    /// Standard input.
    pub stdin: PipeReader,
    /// Standard output.
    pub stdout: PipeWriter,
    /// Standard error.
    pub stderr: PipeWriter,
    /// The control channel. Out of the way: the descriptors that the program opens have the numbers that they always have.
    pub control: OwnedFd,
}

impl Ways {
    /// Makes new ones.
    ///
    /// # Errors
    /// When the kernel has no more descriptors.
    pub fn open() -> io::Result<(Self, Ends)> {
        let (child_stdin, stdin) = io::pipe()?;
        let (stdout, child_stdout) = io::pipe()?;
        let (stderr, child_stderr) = io::pipe()?;
        let (control, low) = socketpair(AddressFamily::Unix, SockType::Stream, None, SockFlag::SOCK_CLOEXEC)?;
        let high = fcntl(&low, FcntlArg::F_DUPFD_CLOEXEC(CONTROL_FROM))?;
        // SAFETY: the descriptor has just been made, and nobody else owns it.
        let child_control = unsafe { OwnedFd::from_raw_fd(high) };
        set_nonblocking(&stdin)?;
        set_nonblocking(&stdout)?;
        set_nonblocking(&stderr)?;
        let ends =
            Ends { stdin: child_stdin, stdout: child_stdout, stderr: child_stderr, control: child_control };
        Ok((Self { stdout, stderr, stdin, control, listener: None }, ends))
    }

    /// Takes what a process sends that has settled: see [`settle`].
    ///
    /// # Errors
    /// When it has not.
    pub fn meet(&mut self, kernel: Kernel) -> io::Result<()> {
        if kernel.is_the_hosts() {
            self.listener = Listener::receive(self.control.as_fd())?;
        }
        Ok(())
    }
}

impl Child {
    /// Starts the interpreter that waits, in `workdir` unless the profile names another folder, with the profile's variables
    /// and these.
    ///
    /// # Errors
    /// When a pipe cannot be made, the program cannot be confined, or the interpreter is not there.
    pub fn start(
        profile: &Profile,
        waits: &Waits,
        variables: &[(String, String)],
        workdir: &Path,
        kernel: Kernel,
    ) -> io::Result<Self> {
        let (mut ways, ends) = Ways::open()?;
        let [program, arguments @ ..] = waits.command.as_slice() else {
            return Err(io::Error::other("no command"));
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(profile.environment.iter().chain(variables).map(|(name, value)| (name, value)))
            .env(CONTROL_VARIABLE, ends.control.as_raw_fd().to_string())
            .current_dir(waits.start_in.as_deref().map_or(workdir, Path::new))
            .stdin(Stdio::from(ends.stdin))
            .stdout(Stdio::from(ends.stdout))
            .stderr(Stdio::from(ends.stderr));
        let rules = Mutex::new(Some(Rules::of(kernel, workdir, None)?));
        let control_number = ends.control.as_raw_fd();
        // SAFETY: this process has one thread, so the child of the fork may allocate and lock; it writes one
        // file of its own, makes system calls, and touches no state of the parent.
        unsafe {
            command.pre_exec(move || {
                let control = BorrowedFd::borrow_raw(control_number);
                fcntl(control, FcntlArg::F_SETFD(FdFlag::empty()))?;
                let rules = rules.lock().ok().and_then(|mut rules| rules.take());
                settle(kernel, rules.ok_or_else(|| io::Error::other("no rules"))?, control)
            });
        }
        let child = command.spawn()?;
        ways.meet(kernel)?;
        let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
        Ok(Self { pid: Pid::from_raw(pid), ways })
    }

    /// The words that let the process go: the file to run and its arguments, NUL between them.
    #[must_use]
    pub fn release_message(entry: &str, args: &[&str]) -> Vec<u8> {
        let mut message = entry.as_bytes().to_vec();
        for arg in args {
            message.push(0);
            message.extend_from_slice(arg.as_bytes());
        }
        message
    }
}

/// Makes of a copy of init what a program may be started in: a session of its own, default signals, the first to be
/// killed for memory, and confined. Over `control` goes what [`Ways::meet`] takes.
///
/// # Errors
/// When the kernel refuses any of it.
pub fn settle(kernel: Kernel, rules: Rules, control: BorrowedFd) -> io::Result<()> {
    setsid()?;
    // A copy of init is not dumpable, and what is not dumpable may not write its own score.
    prctl::set_dumpable(true)?;
    // A kernel of the sandbox's own kills nobody for memory. Where there is no Landlock nobody may write in `/proc`, and the
    // kernel kills whoever has the most.
    if kernel == Kernel::Host {
        fs::OpenOptions::new().write(true).open("/proc/self/oom_score_adj")?.write_all(b"1000")?;
    }
    reset_signals();
    pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)?;
    rules.put_on(control)
}

/// The variables of a program: the sandbox's, and its own on top of them.
pub fn environment<T: AsRef<OsStr>>(own: &[(T, T)]) -> impl Iterator<Item = (OsString, OsString)> {
    let named = |name: &OsString| own.iter().any(|(own, _)| name == own.as_ref());
    let own = own.iter().map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned()));
    env::vars_os().filter(move |(name, _)| !named(name)).chain(own)
}

/// Lets every signal do again what it does by default: what an engine started with `nohup` ignores, everything
/// in its containers would ignore. By system call, for the C library keeps two signals from us.
fn reset_signals() {
    // Handler (`SIG_DFL`), flags, restorer and mask, as the kernel takes them.
    const DEFAULT: [u64; 4] = [0; 4];
    for signal in 1..=64 {
        // SAFETY: the kernel reads 32 bytes, and writes nothing. It refuses KILL and STOP.
        unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, DEFAULT.as_ptr(), 0, size_of::<u64>()) };
    }
}

/// Makes reads and writes on a descriptor return at once.
///
/// # Errors
/// When the descriptor is not open.
pub fn set_nonblocking(fd: impl AsFd) -> io::Result<()> {
    let flags = OFlag::from_bits_retain(fcntl(&fd, FcntlArg::F_GETFL)?);
    fcntl(&fd, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}
