//! Starts the interpreter ahead of its program: confined, on its own pipes, waiting for a word from init.

use std::{
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
    protocol::{CONTROL_VARIABLE, Kernel, Profile},
};

/// The lowest number that the interpreter's end of the control channel may have.
const CONTROL_FROM: RawFd = 100;

/// The interpreter that waits, and every descriptor that leads to it.
#[derive(Debug)]
pub struct Child {
    /// Its process id.
    pub pid: Pid,
    /// What it writes to standard output; does not block.
    pub stdout: PipeReader,
    /// What it writes to standard error; does not block.
    pub stderr: PipeReader,
    /// What it reads from standard input; does not block.
    pub stdin: PipeWriter,
    /// Where its bootstrap waits: it sends one byte when ready, and gets the program's name and arguments.
    pub control: OwnedFd,
}

impl Child {
    /// Starts the interpreter, in `workdir` unless the profile names another folder.
    ///
    /// # Errors
    /// When a pipe cannot be made, the program cannot be confined, or the interpreter is not there.
    pub fn start(profile: &Profile, workdir: &Path, kernel: Kernel) -> io::Result<Self> {
        let (child_stdin, stdin) = io::pipe()?;
        let (stdout, child_stdout) = io::pipe()?;
        let (stderr, child_stderr) = io::pipe()?;
        let stream = SockType::Stream;
        let (control, low) = socketpair(AddressFamily::Unix, stream, None, SockFlag::SOCK_CLOEXEC)?;
        // Out of the way: the descriptors that the interpreter opens have the numbers that they always have.
        let child_control_number = fcntl(&low, FcntlArg::F_DUPFD_CLOEXEC(CONTROL_FROM))?;
        drop(low);
        // SAFETY: it was made just now, and nothing else knows of it.
        let child_control = unsafe { OwnedFd::from_raw_fd(child_control_number) };
        set_nonblocking(&stdout)?;
        set_nonblocking(&stderr)?;
        set_nonblocking(&stdin)?;

        let [program, arguments @ ..] = profile.command.as_slice() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the profile has no command"));
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(profile.environment.iter().map(|(name, value)| (name, value)))
            .env(CONTROL_VARIABLE, child_control.as_raw_fd().to_string())
            .current_dir(profile.start_in.as_deref().map_or(workdir, Path::new))
            .stdin(Stdio::from(child_stdin))
            .stdout(Stdio::from(child_stdout))
            .stderr(Stdio::from(child_stderr));
        let rules = Mutex::new(Some(Rules::of(kernel)?));
        let control_number = child_control.as_raw_fd();
        // SAFETY: this process has one thread, so the child of the fork may allocate and lock; it writes one
        // file of its own, makes system calls, and touches no state of the parent.
        unsafe {
            command.pre_exec(move || {
                setsid()?;
                // A copy of init is not dumpable, and what is not dumpable may not write its own score.
                prctl::set_dumpable(true)?;
                // A kernel of the sandbox's own kills nobody for memory.
                if kernel == Kernel::Host {
                    fs::OpenOptions::new()
                        .write(true)
                        .open("/proc/self/oom_score_adj")?
                        .write_all(b"1000")?;
                }
                reset_signals();
                pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)?;
                fcntl(BorrowedFd::borrow_raw(control_number), FcntlArg::F_SETFD(FdFlag::empty()))?;
                let rules = rules.lock().ok().and_then(|mut rules| rules.take());
                let rules = rules.ok_or_else(|| io::Error::other("no rules"))?;
                rules.put_on()
            });
        }
        let child = command.spawn()?;
        let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
        Ok(Self { pid: Pid::from_raw(pid), stdout, stderr, stdin, control })
    }

    /// The words that let the interpreter go: the file to run and its arguments, NUL between them.
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
