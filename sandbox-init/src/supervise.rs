//! The life of a sandbox until its frame arrives: harden, start the interpreter, say hello, wait.

use std::{
    io,
    os::fd::AsFd,
    path::Path,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    libc,
    poll::{PollFd, PollFlags},
    sys::{
        prctl,
        signal::{SigSet, Signal},
        signalfd::{SfdFlags, SignalFd},
        stat::{Mode, umask},
    },
    time::{ClockId, clock_gettime},
    unistd::{getpid, read},
};

use crate::{
    cgroup::Cgroup,
    child::{Child, set_nonblocking},
    files, layers, link,
    protocol::{self, BOOT, File, Hello, Interpreter, Kernel, Profile, Run, WORKDIR},
    reap::{self, Found},
    run,
};

/// How long an interpreter may take to come up.
const START_UP: Duration = Duration::from_secs(30);
/// How often an idle sandbox looks at the clock: the time it may have been suspended does not end a poll.
const TICK: Duration = Duration::from_secs(15);

/// Lives one sandbox's life, from start to report.
///
/// # Errors
/// When the sandbox cannot do its work; the handler sees that no report came.
pub fn live(profile: &Profile, lease: Duration, kernel: Kernel, root: &Path) -> io::Result<()> {
    // What kills everything at the end is a signal to every process there is.
    if getpid().as_raw() != 1 {
        return Err(io::Error::other("sandbox-init must be PID 1 of its own PID namespace"));
    }
    prctl::set_dumpable(false)?;
    close_inherited()?;
    umask(Mode::from_bits_truncate(0o022));
    let mask = SigSet::from(Signal::SIGCHLD);
    mask.thread_block()?;
    let signals = SignalFd::with_flags(&mask, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
    let (input, output) = (io::stdin(), io::stdout());
    set_nonblocking(&output)?;

    bring_bootstrap(profile, &root.join(&BOOT[1..]), kernel)?;
    let cgroup = Cgroup::detect();
    let workdir = root.join(&WORKDIR[1..]);
    let lease_end = boot_time()? + lease;
    let (child, interpreter) = match Child::start(profile, &workdir, kernel) {
        Ok(child) => {
            let interpreter = wait_until_ready(&child, &signals, cgroup)?;
            (Some(child), interpreter)
        }
        Err(error) => {
            (None, dead(cgroup, format!("{} cannot be started: {error}", profile.command.join(" "))))
        }
    };
    let ready = interpreter == Interpreter::Ready;
    let hello = Hello { version: protocol::VERSION, interpreter, layers: layers::read(cgroup) };
    link::send(&output, &hello)?;
    let Some(child) = child.filter(|_| ready) else { return Ok(()) };
    let before = run::Before::look(cgroup, &child);
    loop {
        let left = lease_end.saturating_sub(boot_time()?);
        if left.is_zero() {
            return Ok(());
        }
        let mut fds =
            [PollFd::new(input.as_fd(), PollFlags::POLLIN), PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
        link::wait(&mut fds, left.min(TICK))?;
        if link::readable(&fds[1]) && has_died(&child, &signals)? {
            return Err(io::Error::other("the interpreter died while it waited"));
        }
        if link::readable(&fds[0]) {
            break;
        }
    }
    let frame = link::receive(&input)?;
    let request: Run = protocol::decode(&frame).map_err(io::Error::other)?;
    match run::execute(&request, child, &signals, before, &workdir, kernel, &input)? {
        Some(over) => link::send_in(&output, &over.report, over.frame),
        // The handler is gone: nobody is there to be told.
        None => Ok(()),
    }
}

/// Writes the interpreter's bootstrap where the program can read it, and cannot change it.
fn bring_bootstrap(profile: &Profile, boot: &Path, kernel: Kernel) -> io::Result<()> {
    let files: Vec<File> =
        profile.bootstrap.iter().map(|(name, text)| File { name, content: text.as_bytes() }).collect();
    files::write(boot, &files)?;
    match kernel {
        Kernel::Host => Ok(()),
        Kernel::Own => files::seal(boot),
    }
}

/// Closes everything but the standard streams: what a runtime has left open by mistake (runc's CVE-2024-21626)
/// must not reach the program.
fn close_inherited() -> io::Result<()> {
    // SAFETY: nothing here owns a descriptor yet. A descriptor is an `int`; gVisor refuses a range beyond.
    Errno::result(unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_int::MAX, 0) })?;
    Ok(())
}

/// Time since boot, suspension included: a lease must not stand still with a frozen host.
fn boot_time() -> io::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_BOOTTIME)?.into())
}

fn wait_until_ready(child: &Child, signals: &SignalFd, cgroup: Cgroup) -> io::Result<Interpreter> {
    let until = Instant::now() + START_UP;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::other("the interpreter did not come up in time"));
        }
        let mut fds = [
            PollFd::new(child.control.as_fd(), PollFlags::POLLIN),
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
        ];
        link::wait(&mut fds, left)?;
        // One that dies closes its channel a moment before it is dead: either tells.
        let spoke = link::readable(&fds[0]);
        if spoke && read(&child.control, &mut [0; 1]) == Ok(1) {
            return Ok(Interpreter::Ready);
        }
        if spoke || link::readable(&fds[1]) && has_died(child, signals)? {
            let mut said = vec![0; 2048];
            let length = read(&child.stderr, &mut said).unwrap_or(0);
            return Ok(dead(cgroup, String::from_utf8_lossy(&said[..length]).into_owned()));
        }
    }
}

fn dead(cgroup: Cgroup, stderr: String) -> Interpreter {
    Interpreter::Died { oom_kills: cgroup.oom_kills(), stderr }
}

fn has_died(child: &Child, signals: &SignalFd) -> io::Result<bool> {
    while signals.read_signal()?.is_some() {}
    while let Found::Dead(pid, _) = reap::look()? {
        if pid == child.pid {
            return Ok(true);
        }
    }
    Ok(false)
}
