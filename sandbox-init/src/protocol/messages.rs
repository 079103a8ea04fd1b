//! The messages, and when each of them is legal.

use serde::{Deserialize, Serialize};

use super::Layers;

/// Raised with every change of a message.
pub const VERSION: u16 = 8;
/// Bytes of [`ToInit::Input`] that the handler may have sent, and PID 1 not yet acknowledged by [`FromInit::Taken`], at any
/// time of a step. PID 1 keeps so much room for them, and takes no more.
pub const INPUT_WINDOW: usize = 64 * 1024;

/// A number that ties a report to its request; user code never sees it.
pub type Nonce = [u8; 16];

/// What the handler says to PID 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToInit<'a> {
    /// The program's files and its first step. Legal once, as the first message.
    #[serde(borrow)]
    Job(Job<'a>),
    /// One more step. Legal when the step before it has ended ([`FromInit::Ended`]), said that another follows
    /// ([`Step::another_follows`]), and did not end the conversation ([`Ending::Stopped`], [`Ending::NotRun`]).
    #[serde(borrow)]
    Step(Step<'a>),
    /// The next bytes of the program's standard input, at least one. Legal while a step with [`Stdin::Live`] runs, before
    /// [`Self::EndOfInput`], as far as the [`INPUT_WINDOW`] has room. PID 1 acknowledges every byte while the step runs:
    /// also the bytes that a program does not want any more, which PID 1 throws away. Between two steps the message is
    /// thrown away and not acknowledged, since it may have crossed with [`FromInit::Ended`].
    #[serde(borrow, with = "serde_bytes")]
    Input(&'a [u8]),
    /// The program's standard input ends here. Legal once in a step with [`Stdin::Live`]; thrown away between two steps.
    EndOfInput,
    /// A signal for the program's process group. Legal with SIGINT (2), while a step runs; thrown away between two steps. A
    /// signal that comes before the program's first instruction is held back until then.
    Signal(u8),
    /// Asks for files that the program has left. Legal when a step that said so ([`Step::files_follow`]) has ended, and did
    /// not end the conversation. PID 1 sends the files and exits.
    #[serde(borrow)]
    Collect(Collect<'a>),
    /// Ends the conversation. Legal at any time after [`Self::Job`]. A step that runs is killed and reported
    /// ([`Ending::Stopped`]); then PID 1 exits.
    Stop,
}

/// A program and its first step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job<'a> {
    /// Comes back in every report.
    pub nonce: Nonce,
    /// The file to run, relative to [`WORKDIR`](super::WORKDIR).
    pub entry: &'a str,
    /// The files to write into [`WORKDIR`](super::WORKDIR) first.
    #[serde(borrow)]
    pub files: Vec<File<'a>>,
    /// Whether the program may write among them.
    pub workspace: Workspace,
    /// The first step.
    #[serde(borrow)]
    pub step: Step<'a>,
}

/// Whether a program may write in the folder of its files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Workspace {
    /// It may not.
    #[default]
    ReadOnly,
    /// It may, up to a bound, beyond which its run is ended ([`Ending::DiskFull`]). Each step finds the files of the job.
    Writable {
        /// Bytes that it may write beside the files of the job.
        max_bytes: u64,
        /// Files and folders that it may make.
        max_names: u64,
    },
}

/// The wish for files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collect<'a> {
    /// Which: patterns of names relative to [`WORKDIR`](super::WORKDIR), see [`crate::pattern`]. Files of the first pattern
    /// come first.
    #[serde(borrow)]
    pub patterns: Vec<&'a str>,
    /// At most so many files.
    pub max_files: u32,
    /// At most so many bytes in all.
    pub max_bytes: u64,
}

/// A file of the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File<'a> {
    /// Relative name, folders separated by `/`.
    pub name: &'a str,
    /// Its bytes.
    #[serde(borrow, with = "serde_bytes")]
    pub content: &'a [u8],
}

/// One run of the program or of its compiler, from the first instruction to the end of the last process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step<'a> {
    /// The handler's number for the step; comes back in everything that PID 1 says of it.
    pub number: u16,
    /// What is run.
    #[serde(borrow)]
    pub task: Task<'a>,
    /// The program's arguments. None holds a NUL. A compile step has none: they are in its command line.
    #[serde(borrow)]
    pub args: Vec<&'a str>,
    /// The program's standard input.
    #[serde(borrow)]
    pub stdin: Stdin<'a>,
    /// What the step may use.
    pub limits: RunLimits,
    /// What the sandbox's cgroup must say before the step's first instruction, where the engine has just been told to lower
    /// it. Where the cgroup says something else nothing is run: [`Ending::NotLowered`].
    pub cgroup: Option<CgroupLimits>,
    /// What is sent of the program's output while it runs.
    pub deliver: Deliver,
    /// Whether the handler may send another step. PID 1 then has the next interpreter ready after the step, and waits for
    /// [`ToInit::Step`], for [`ToInit::Stop`] or for the end of the connection. Otherwise it exits after the report.
    pub another_follows: bool,
    /// Whether the handler may send [`ToInit::Collect`] after the step. PID 1 then waits for a message and leaves the files
    /// as they are meanwhile.
    pub files_follow: bool,
}

/// What a step runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task<'a> {
    /// The program, in the way that the profile says.
    Run,
    /// The compiler. Legal in a job's first step, and in no other, where the profile says that it compiles.
    #[serde(borrow)]
    Compile(Compile<'a>),
}

/// How a compiler is run. It may write below [`BUILD`](super::BUILD), and nowhere else; a program may execute what is there,
/// and not write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compile<'a> {
    /// The command line. It is executed in [`WORKDIR`](super::WORKDIR) as it is.
    #[serde(borrow)]
    pub line: Vec<&'a str>,
    /// Variables of the compiler, on top of the sandbox's own and instead of the profile's. `TMPDIR` is a
    /// folder in [`BUILD`](super::BUILD), which is gone when the step is over.
    #[serde(borrow)]
    pub environment: Vec<(&'a str, &'a str)>,
}

/// Limits of the sandbox's cgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CgroupLimits {
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Processes and threads.
    pub pids: u64,
}

/// Where the program's standard input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stdin<'a> {
    /// These bytes, then the end.
    Whole(#[serde(borrow, with = "serde_bytes")] &'a [u8]),
    /// What [`ToInit::Input`] brings, until [`ToInit::EndOfInput`].
    Live,
}

/// What PID 1 sends of the program's output while it runs. The report is the same in each case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deliver {
    /// Nothing.
    Nothing,
    /// Both streams, as they are written. The program is never slowed: what the handler does not read in time is left out,
    /// and a jump in [`Output::at`] tells how much.
    Live,
    /// Standard output alone, every byte of it. While the handler is behind, PID 1 does not read the program's pipe, so
    /// that the program has to wait, within its limits.
    Complete,
    /// Standard output as [`Self::Complete`] has it, and standard error as [`Self::Live`] has it.
    CompleteAndLive,
}

impl Deliver {
    /// Whether every byte of standard output is sent.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::Complete | Self::CompleteAndLive)
    }

    /// Whether somebody follows the program while it runs.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live | Self::CompleteAndLive)
    }

    /// Whether anything of this stream is sent.
    #[must_use]
    pub const fn has(self, stream: StreamName) -> bool {
        match self {
            Self::Nothing => false,
            Self::Complete => matches!(stream, StreamName::Stdout),
            Self::Live | Self::CompleteAndLive => true,
        }
    }
}

/// The limits that init itself enforces (processes and the like are the container's).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLimits {
    /// Time by the clock in microseconds, without that in which others had the program's CPU.
    pub wall_us: u64,
    /// All time by the clock in microseconds, at most: not less than `wall_us`.
    pub clock_us: u64,
    /// CPU time of all processes in microseconds.
    pub cpu_us: u64,
    /// First bytes kept of each stream.
    pub head_bytes: u32,
    /// Last bytes kept of each stream.
    pub tail_bytes: u32,
    /// Bytes of both streams after which the run is ended.
    pub flood_bytes: u64,
    /// Bytes of memory after which the run is ended, where the sandbox has a kernel of its own: a cgroup kills
    /// such a sandbox whole, init and all that was written. `None` leaves it to the cgroup.
    pub memory_bytes: Option<u64>,
}

/// What init says of itself once the interpreter waits; read from inside, before any code arrives. The first frame that
/// PID 1 sends, and the only one that is not a [`FromInit`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`].
    pub version: u16,
    /// Whether the interpreter waits for its program.
    pub interpreter: Interpreter,
    /// The layers as seen from inside.
    pub layers: Layers,
}

/// The state of the interpreter that was started ahead of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Interpreter {
    /// It waits.
    Ready,
    /// It ended before it was ready.
    Died {
        /// Processes that the kernel killed for memory meanwhile.
        oom_kills: u64,
        /// What it said on standard error, shortened; for the log.
        stderr: String,
    },
    /// None is needed: the profile has a command, and what waits is a copy of PID 1 that executes it when the step comes.
    NotNeeded,
}

/// What PID 1 says to the handler, after [`Hello`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromInit {
    /// Output of the step that runs, as its [`Deliver`] says. Comes before the step's [`Self::Ended`].
    Output(Output),
    /// So many more bytes of [`ToInit::Input`] have gone to the program, or were thrown away because it has closed its
    /// standard input. Comes before the step's [`Self::Ended`]; with it, what was not acknowledged is void.
    Taken(u32),
    /// The step has ended: nothing more comes of it.
    Ended(Report),
    /// A file of [`ToInit::Collect`] begins; its bytes follow in [`Self::Content`].
    File {
        /// Its name, relative to [`WORKDIR`](super::WORKDIR).
        name: String,
        /// How many bytes follow.
        size: u64,
    },
    /// The next bytes of the file that began last: 1 byte to 64 KiB.
    Content(#[serde(with = "serde_bytes")] Vec<u8>),
    /// The last answer to [`ToInit::Collect`].
    Collected {
        /// What fits a pattern and was left out: 256 at most.
        omitted: Vec<Omitted>,
        /// How many more were left out than these.
        more: u32,
    },
}

/// Something that fits a pattern and was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Omitted {
    /// Its name, as far as it can be shown: control characters as `\\n` or `\\u{7}`, at most 256 bytes.
    pub name: String,
    /// Its size in bytes; 0 for what is no file.
    pub size: u64,
    /// Why.
    pub why: WhyOmitted,
}

/// Why something was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyOmitted {
    /// It is larger than what is left of [`Collect::max_bytes`].
    TooLarge,
    /// There are [`Collect::max_files`] already.
    TooMany,
    /// It is a symbolic link.
    Link,
    /// It is a named pipe.
    Pipe,
    /// It is a socket.
    Socket,
    /// It is a device.
    Device,
    /// Its name is not UTF-8, has control characters, or is too long.
    Name,
    /// It lies too many folders deep. The name is the folder's.
    TooDeep,
    /// It cannot be read, for this reason (errno).
    Unreadable(i32),
}

/// A part of what the program wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The step's number.
    pub step: u16,
    /// The stream.
    pub stream: StreamName,
    /// Bytes of the stream before this part.
    pub at: u64,
    /// The part: 1 byte to 64 KiB.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// One of the program's output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StreamName {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What came of a step. What it used is its own: what went before does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The job's.
    pub nonce: Nonce,
    /// The step's number.
    pub step: u16,
    /// How it ended.
    pub ending: Ending,
    /// Standard output.
    pub stdout: Stream,
    /// Standard error.
    pub stderr: Stream,
    /// Wall-clock time in microseconds, from the release of the interpreter to the end of the last process.
    pub wall_us: u64,
    /// Time of it in which the program wanted a CPU and others had it, in microseconds.
    pub waited_us: u64,
    /// CPU time of all processes in that span, in microseconds.
    pub cpu_us: u64,
    /// The most memory in bytes. Of the first step: that the sandbox held, as its cgroup counts it. Of a later step: that
    /// one of the step's processes held, or all of them together as far as it was seen, whichever is more.
    pub memory_peak: u64,
    /// Processes that the kernel killed for memory; `None` when its count could not be read.
    pub oom_kills: Option<u64>,
    /// How often a new process or thread was refused for the limit of them.
    pub forks_refused: u64,
    /// Whether the main process was seen with every descriptor open that it may have.
    pub descriptors_used_up: bool,
    /// Bytes that the files below [`BUILD`](super::BUILD) take after a compile step; 0 after any other.
    pub built_bytes: u64,
}

/// How the program ended, as init saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// By leaving with this code.
    Exited(u8),
    /// By this signal, which neither init sent nor the kernel for want of memory.
    Signaled(u8),
    /// By SIGKILL, which the kernel sent for want of memory.
    KilledForMemory,
    /// By SIGKILL, and whether it was for want of memory cannot be known.
    KilledForUnknown,
    /// Init ended it: its time by the clock was over, not counting what it waited for a CPU.
    WallTime,
    /// Init ended it: it had waited so long for a CPU that all time by the clock was over.
    Clock,
    /// Init ended it: the CPU time was over; with the time seen, in microseconds.
    CpuTime(u64),
    /// Init ended it: too much memory; with what was seen, in bytes.
    Memory(u64),
    /// Init ended it: the kernel held more than [`UNCHARGED_BYTES`](super::UNCHARGED_BYTES) that no memory limit counts; with
    /// what was seen, in bytes.
    Uncharged(u64),
    /// Init ended it: too much output.
    Flood,
    /// Nothing was run, for this reason, by number (errno): the files could not be written, or the command could not be
    /// executed. The conversation is over.
    NotRun(i32),
    /// Nothing was run: the cgroup's limits were not those that [`Step::cgroup`] has. The conversation is over.
    NotLowered,
    /// Init ended it because the handler said [`ToInit::Stop`]. The conversation is over.
    Stopped,
    /// Init ended it, or found when it had ended: it had written more than [`Workspace::Writable`] allows.
    DiskFull {
        /// Bytes that it had written.
        bytes: u64,
        /// Files and folders that it had made.
        names: u64,
    },
}

/// What was kept of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// The first bytes.
    #[serde(with = "serde_bytes")]
    pub head: Vec<u8>,
    /// The last bytes that did not fit in the head.
    #[serde(with = "serde_bytes")]
    pub tail: Vec<u8>,
    /// All bytes written.
    pub total: u64,
}
