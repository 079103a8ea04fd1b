//! The life of a sandbox: harden, start what waits for the first step, say hello, wait for a job, take its steps in order.

use std::{io, os::fd::AsFd, path::Path, time::Duration};

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
    unistd::getpid,
};

use crate::{
    arguments, build,
    cgroup::Cgroup,
    child::{Child, set_nonblocking},
    collect::{self, Untouched},
    disk::Disk,
    exchange::{Line, not_legal},
    files,
    inbox::Inbox,
    layers, link,
    names::Names,
    protocol::{
        self, BOOT, BUILD, Ending, File, FromInit, Hello, Job, Kernel, MAX_BODY, Profile, Step, Task, ToInit,
        WORKDIR, Workspace,
    },
    reap::Toll,
    scratch,
    starter::{Place, Starter, has_died},
    step::{self, Before, Order, Over},
    supervisor::Policy,
};

/// How often an idle sandbox looks at the clock: the time it may have been suspended does not end a poll.
const TICK: Duration = Duration::from_secs(15);
/// How long the handler may take to decide about the next step. A handler that lives decides at once; one whose host
/// has vanished leaves a connection that never ends.
const DECISION: Duration = Duration::from_mins(5);

/// Lives one sandbox's life, from start to the last report.
///
/// # Errors
/// When the sandbox cannot do its work, or the handler says what it may not; the handler sees that no report came.
pub fn live(profile: &Profile, lease: Duration, kernel: Kernel, root: &Path) -> io::Result<()> {
    // What kills everything at the end is a signal to every process there is.
    if getpid().as_raw() != 1 {
        return Err(io::Error::other("sandbox-init must be PID 1 of its own PID namespace"));
    }
    prctl::set_dumpable(false)?;
    // A kernel of the sandbox's own has these rules from the engine.
    let arguments = if kernel.is_the_hosts() { arguments::filter_own()? } else { 0 };
    close_inherited()?;
    umask(Mode::from_bits_truncate(0o022));
    let mask = SigSet::from(Signal::SIGCHLD);
    mask.thread_block()?;
    let signals = SignalFd::with_flags(&mask, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
    let mut line = Line { input: io::stdin(), output: io::stdout(), inbox: Inbox::with_room(MAX_BODY) };
    set_nonblocking(&line.input)?;
    set_nonblocking(&line.output)?;

    let [workdir, boot, build] = [WORKDIR, BOOT, BUILD].map(|folder| root.join(&folder[1..]));
    bring_bootstrap(profile, &boot)?;
    let policy = Policy::of(&scratch::folder(&workdir), &workdir, &boot, &build);
    let (cgroup, names) = (Cgroup::detect(), Names::open());
    let place = Place { profile, workdir, build, kernel, cgroup, signals, policy, names };
    let lease_end = boot_time()? + lease;
    let mut toll = Toll::default();
    let mut starter = Starter::new(&place);
    let (child, interpreter) = starter.first(&mut toll)?;
    let hello =
        Hello { version: protocol::VERSION, interpreter, layers: layers::read(place.cgroup, arguments) };
    link::send(&line.output, &hello)?;
    let Some(child) = child else { return Ok(()) };
    let before = Before::look(place.cgroup, &child);
    if !wait_for_a_message(&line, &place, Some(&child), lease_end, &mut toll)? {
        return Ok(());
    }
    link::receive_into(&line.input, &mut line.inbox)?;
    let frame = line.inbox.take();
    let ToInit::Job(job) = protocol::decode(&frame).map_err(io::Error::other)? else {
        return Err(not_legal("something before its job"));
    };
    let entry = job.entry.to_owned();
    let files =
        Files { workspace: job.workspace, disk: None, untouched: Untouched::default(), frame: Vec::new() };
    let files_follow = job.step.files_follow;
    let mut sandbox =
        Sandbox { place: &place, starter, line, toll, nonce: job.nonce, entry, files, files_follow };
    let before = sandbox.begin(&job, child, before)?;
    if job.workspace == Workspace::ReadOnly {
        drop(frame);
    } else {
        sandbox.files.frame = frame;
    }
    before.map_or(Ok(()), |before| sandbox.go_on(before))
}

/// A sandbox that has its program.
struct Sandbox<'a> {
    place: &'a Place<'a>,
    starter: Starter<'a>,
    line: Line,
    toll: Toll,
    nonce: protocol::Nonce,
    entry: String,
    files: Files,
    /// Whether the handler may ask for files now.
    files_follow: bool,
}

/// The program's files.
struct Files {
    workspace: Workspace,
    /// How much the program may write among them.
    disk: Option<Disk>,
    untouched: Untouched,
    /// The job's frame, where a step can change the files, so that the next one can have them again.
    frame: Vec<u8>,
}

impl Files {
    /// Writes the files that a step finds.
    fn write(&mut self, files: &[File], workdir: &Path) -> io::Result<()> {
        if self.workspace == Workspace::ReadOnly {
            return bring(workdir, files);
        }
        files::write(workdir, files, files::WRITABLE)?;
        self.disk = Disk::begin(workdir, self.workspace)?;
        self.untouched = Untouched::look(workdir)?;
        Ok(())
    }

    /// Puts back what a step may have changed.
    fn put_back(&mut self, workdir: &Path) -> io::Result<()> {
        if self.workspace == Workspace::ReadOnly {
            return Ok(());
        }
        files::open(workdir)?;
        scratch::empty(workdir)?;
        let frame = std::mem::take(&mut self.frame);
        if let ToInit::Job(job) = protocol::decode(&frame).map_err(io::Error::other)? {
            self.write(&job.files, workdir)?;
        }
        self.frame = frame;
        Ok(())
    }
}

impl Sandbox<'_> {
    /// Writes the program's files and runs its first step; `None` when no other may follow.
    fn begin(&mut self, job: &Job, child: Child, before: Before) -> io::Result<Option<Before>> {
        if let Err(error) = self.files.write(&job.files, &self.place.workdir) {
            let errno = error.raw_os_error().unwrap_or(libc::EIO);
            link::send(
                &self.line.output,
                &FromInit::Ended(step::not_run(job.nonce, job.step.number, errno)),
            )?;
            return Ok(None);
        }
        let compiles = matches!(job.step.task, Task::Compile(_));
        if compiles != self.place.profile.compiles {
            return Err(not_legal("a first step of another kind than the one that is waited for"));
        }
        if compiles {
            return self.run(&job.step, child, before, true);
        }
        let pid = child.pid;
        let child = self.starter.begin(child, job.step.another_follows, &mut self.toll)?;
        let before = if pid == child.pid { before } else { before.again(&child) };
        self.run(&job.step, child, before, true)
    }

    /// Runs what the handler sends, step by step, until it is over.
    fn go_on(&mut self, mut before: Before) -> io::Result<()> {
        loop {
            scratch::empty(&scratch::folder(&self.place.workdir))?;
            // What the handler may ask for is still there: it says so first.
            let mut said = None;
            if self.files_follow {
                let Some(frame) = self.next_message(None)? else { return Ok(()) };
                match protocol::decode(&frame).map_err(io::Error::other)? {
                    ToInit::Collect(wish) => return self.collect(&wish),
                    ToInit::Stop => return Ok(()),
                    _ => said = Some(frame),
                }
            }
            self.files.put_back(&self.place.workdir)?;
            let child = self.starter.next(&mut self.toll)?;
            before = before.again(&child);
            if said.is_none() {
                said = self.next_message(Some(&child))?;
            }
            let Some(frame) = said else { return Ok(()) };
            match protocol::decode(&frame).map_err(io::Error::other)? {
                ToInit::Step(Step { task: Task::Compile(_), .. }) => {
                    return Err(not_legal("a compile step that is not the first"));
                }
                ToInit::Step(step) => match self.run(&step, child, before, false)? {
                    Some(next) => before = next,
                    None => return Ok(()),
                },
                ToInit::Stop => return Ok(()),
                _ => return Err(not_legal("a second job, or a wish for files")),
            }
        }
    }

    /// The next message that is not a late one of the step before; `None` when there will be none.
    fn next_message(&mut self, child: Option<&Child>) -> io::Result<Option<Vec<u8>>> {
        let until = boot_time()? + DECISION;
        loop {
            if !wait_for_a_message(&self.line, self.place, child, until, &mut self.toll)? {
                return Ok(None);
            }
            link::receive_into(&self.line.input, &mut self.line.inbox)?;
            match protocol::decode(self.line.inbox.frame()).map_err(io::Error::other)? {
                ToInit::Input(_) | ToInit::EndOfInput | ToInit::Signal(_) => self.line.inbox.clear(),
                ToInit::Job(_) | ToInit::Step(_) | ToInit::Collect(_) | ToInit::Stop => {
                    return Ok(Some(self.line.inbox.take()));
                }
            }
        }
    }

    /// Runs one step and reports it; `None` when no other may follow.
    fn run(
        &mut self,
        step: &Step,
        child: Child,
        mut before: Before,
        is_first: bool,
    ) -> io::Result<Option<Before>> {
        if let Some(limits) = step.cgroup {
            if !self.place.cgroup.has(limits) {
                let report = step::not_lowered(self.nonce, step.number);
                link::send(&self.line.output, &FromInit::Ended(report))?;
                return Ok(None);
            }
            before.lowered_to(limits);
        }
        let writable = self.files.workspace != Workspace::ReadOnly;
        let building = matches!(step.task, Task::Compile(_));
        let policy = Policy { building, writable, ..self.place.policy };
        let disk = self.files.disk.as_ref();
        let order = Order { nonce: self.nonce, entry: &self.entry, step, policy, disk, is_first };
        let over = step::run(&order, child, before, &mut self.starter, &mut self.line, &mut self.toll)?;
        // The handler is gone: nobody is there to be told.
        let Some(Over { mut report, frame, renamed, before }) = over else { return Ok(None) };
        if building {
            build::close(&self.place.build, self.place.kernel)?;
            report.built_bytes = build::bytes(&self.place.build);
        }
        let last = matches!(report.ending, Ending::Stopped | Ending::NotRun(_));
        link::send_in(&self.line.output, &FromInit::Ended(report), frame)?;
        // Files that the program may write are written anew for the next step.
        if let Some(renamed) = renamed.filter(|_| !writable) {
            files::rename(&renamed, &self.place.workdir.join(&self.entry))?;
        }
        self.files_follow = step.files_follow;
        Ok(Some(before).filter(|_| (step.another_follows || step.files_follow) && !last))
    }

    /// Sends the files that are wished for: then the conversation is over.
    fn collect(&mut self, wish: &protocol::Collect) -> io::Result<()> {
        files::open(&self.place.workdir)?;
        let output = &self.line.output;
        collect::collect(&self.place.workdir, wish, &self.files.untouched, |message| {
            link::send(output, &message)
        })
    }
}

/// Waits until the handler says something. False when nothing will come: the time is over, or the handler gone.
///
/// # Errors
/// When the process that waits for its program dies meanwhile.
fn wait_for_a_message(
    line: &Line,
    place: &Place,
    child: Option<&Child>,
    until: Duration,
    toll: &mut Toll,
) -> io::Result<bool> {
    loop {
        let left = until.saturating_sub(boot_time()?);
        if left.is_zero() {
            return Ok(false);
        }
        let mut fds = [
            PollFd::new(line.input.as_fd(), PollFlags::POLLIN),
            // Where nobody waits no death is of interest.
            PollFd::new(
                place.signals.as_fd(),
                if child.is_some() { PollFlags::POLLIN } else { PollFlags::empty() },
            ),
        ];
        link::wait(&mut fds, left.min(TICK))?;
        if link::readable(&fds[1])
            && let Some(child) = child
            && has_died(child, &place.signals, toll)?
        {
            return Err(io::Error::other("the interpreter died while it waited"));
        }
        if link::readable(&fds[0]) {
            return Ok(true);
        }
    }
}

/// Writes the interpreter's bootstrap.
fn bring_bootstrap(profile: &Profile, boot: &Path) -> io::Result<()> {
    let bootstrap = profile.waits.iter().flat_map(|waits| &waits.bootstrap);
    let files: Vec<File> = bootstrap.map(|(name, text)| File { name, content: text.as_bytes() }).collect();
    bring(boot, &files)
}

/// Writes files where the program can read them, and cannot change them.
fn bring(folder: &Path, files: &[File]) -> io::Result<()> {
    files::write(folder, files, files::READ_ONLY)?;
    files::seal(folder)
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
