//! A language without a bootstrap, and every compiler: a copy of init waits for the step, and executes a command when it
//! comes.
//!
//! The copy waits like an interpreter that waits: it is let go over the same channel, and closes it, which here the kernel
//! does when the command is executed. So a step is one thing, whoever waits. The copy is made before the step's message
//! arrives, and holds nothing of it: the first one before there is a program at all, so that nobody waits for it.

use std::{
    ffi::{CString, OsString},
    io::{self, Read, Write},
    os::{
        fd::AsFd,
        unix::{ffi::OsStringExt, net::UnixStream},
    },
    path::Path,
};

use nix::{
    errno::Errno,
    libc,
    sys::resource::{Resource, setrlimit},
    unistd::{ForkResult, chdir, dup2_stderr, dup2_stdin, dup2_stdout, execvpe, fork},
};

use crate::{
    build,
    child::{Child, Ends, Ways, environment, settle},
    confine::Rules,
    control::FAILED,
    protocol::{self, Command, Compile, Kernel, Profile},
};

/// What is executed.
#[derive(Clone, Copy, Debug)]
pub enum Executed<'a> {
    /// The program, by the profile's command.
    Program(&'a Profile, &'a Command),
    /// The compiler, which may write below this folder.
    Compiler(&'a Path),
}

/// A command line, and the variables of what it starts.
type Line = (Vec<String>, Vec<(OsString, OsString)>);

impl Executed<'_> {
    /// What is executed for this message: [`Child::release_message`], and of a compiler [`compiler_message`].
    fn line(self, message: &[u8]) -> io::Result<Line> {
        Ok(match self {
            Self::Program(profile, command) => {
                let words = String::from_utf8_lossy(message);
                let mut words = words.split('\0');
                let entry = words.next().unwrap_or_default();
                let line = command.line(entry, &words.collect::<Vec<_>>());
                (line, environment(&profile.environment).collect())
            }
            Self::Compiler(build) => {
                let compile: Compile = protocol::from_bytes(message).map_err(io::Error::other)?;
                let own = compile.environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
                let temporary: (OsString, OsString) = ("TMPDIR".into(), build::temporary(build).into());
                let variables = environment(&own.chain([temporary]).collect::<Vec<_>>()).collect();
                (compile.line.iter().map(|word| (*word).to_owned()).collect(), variables)
            }
        })
    }

    /// What it may write below.
    const fn build(&self) -> Option<&Path> {
        match self {
            Self::Program(..) => None,
            Self::Compiler(build) => Some(build),
        }
    }

    /// Lowers the limit of a file's size for good, where the program has a lower one than its compiler.
    fn limit_files(self) -> io::Result<()> {
        match self {
            Self::Program(Profile { file_bytes: Some(bytes), .. }, _) => {
                Ok(setrlimit(Resource::RLIMIT_FSIZE, *bytes, *bytes)?)
            }
            Self::Program(..) | Self::Compiler(..) => Ok(()),
        }
    }
}

/// The message that lets the copy go which waits to run a compiler.
///
/// # Errors
/// Never for what can be sent in a job.
pub fn compiler_message(compile: &Compile) -> io::Result<Vec<u8>> {
    protocol::to_bytes(compile).map_err(io::Error::other)
}

/// Starts the copy.
///
/// # Errors
/// When there is no process to be had, or no pipe, or no rules to confine the program.
pub fn start(executed: Executed, workdir: &Path, kernel: Kernel) -> io::Result<Child> {
    let (mut ways, ends) = Ways::open()?;
    let rules = Rules::of(kernel, workdir, executed.build())?;
    // SAFETY: this process has one thread, so the child of the fork may allocate and lock.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            // Init's copies, or the end of the process would not be seen.
            drop(ends);
            ways.meet(kernel)?;
            Ok(Child { pid: child, ways })
        }
        ForkResult::Child => {
            drop(ways);
            wait_and_execute(executed, workdir, kernel, ends, rules);
            // SAFETY: nothing of init's is to be run at this exit.
            unsafe { libc::_exit(127) }
        }
    }
}

/// Comes back only when there is nothing to execute.
fn wait_and_execute(executed: Executed, workdir: &Path, kernel: Kernel, ends: Ends, rules: Rules) {
    let mut control = UnixStream::from(ends.control);
    let attempt = || -> io::Result<()> {
        dup2_stdin(&ends.stdin)?;
        dup2_stdout(&ends.stdout)?;
        dup2_stderr(&ends.stderr)?;
        chdir(workdir)?;
        executed.limit_files()?;
        settle(kernel, rules, control.as_fd())?;
        let mut message = Vec::new();
        control.read_to_end(&mut message)?;
        if message.is_empty() {
            return Ok(());
        }
        execute(executed, &message)
    };
    if let Err(error) = attempt() {
        let mut said = vec![FAILED];
        said.extend(error.raw_os_error().unwrap_or(libc::EIO).to_le_bytes());
        // Where init is gone, so is this process.
        control.write_all(&said).ok();
    }
}

/// Executes the command that init's message asks for. Every descriptor beyond the standard three closes with it.
fn execute(executed: Executed, message: &[u8]) -> io::Result<()> {
    let (line, variables) = executed.line(message)?;
    let line = line.into_iter().map(CString::new).collect::<Result<Vec<_>, _>>()?;
    let variables = variables.into_iter().map(|(name, value)| {
        let mut text = name.into_vec();
        text.push(b'=');
        text.extend(value.into_vec());
        CString::new(text)
    });
    let variables = variables.collect::<Result<Vec<_>, _>>()?;
    match execvpe(line.first().ok_or(Errno::ENOENT)?, &line, &variables)? {}
}
