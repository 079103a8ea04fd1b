//! The one frame codec between the handler and PID 1 of a sandbox, and the messages it carries.
//!
//! A frame is a `u32` length (little endian) and that many bytes of [postcard](https://postcard.jamesmunns.com).
//! The handler sends exactly one frame, [`Run`]; init sends two, [`Hello`] and [`Report`]. Both sides are built
//! from the same commit: the version in [`Hello`] is a guard, not a negotiation.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Raised with every change of a message.
pub const VERSION: u16 = 3;
/// Length of the prefix of a frame in bytes.
pub const PREFIX: usize = 4;
/// The longest body of a frame in bytes: an 8 MiB project, its names, 64 KiB of input, and room.
pub const MAX_BODY: usize = 10 * 1024 * 1024;
/// Where the volume with this program is mounted. It is one for all sandboxes, so nobody in them may read it: what
/// can be opened can be watched and locked, which would make it a window and a channel between callers.
pub const MOUNT: &str = "/opt/sandbox";
/// Where the interpreter finds its bootstrap: a tmpfs of the sandbox's own, filled by init.
pub const BOOT: &str = "/opt/sandbox/boot";
/// Where the program's files are.
pub const WORKDIR: &str = "/sandbox";
/// Bytes that the kernel may hold for a sandbox's sockets and pseudo-terminals beside what its memory
/// limit counts; see [`crate::uncharged`].
pub const UNCHARGED_BYTES: u64 = 8 * 1024 * 1024;
/// The environment variable that tells the bootstrap which descriptor to wait on.
pub const CONTROL_VARIABLE: &str = "SCE_CONTROL";

/// Whose kernel is beneath a sandbox: what confines the program, and who can be asked what it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// The Docker host's.
    Host,
    /// One of the sandbox's own, as gVisor gives it. It has no Landlock and shows no cgroup.
    Own,
}

impl Kernel {
    /// The word for it on the command line of `sandbox-init`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host-kernel",
            Self::Own => "own-kernel",
        }
    }
}

impl std::str::FromStr for Kernel {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Host, Self::Own].into_iter().find(|kernel| kernel.as_str() == word).ok_or(())
    }
}

/// A number that ties a report to its request; user code never sees it.
pub type Nonce = [u8; 16];

/// How a language's interpreter is started; the first argument of `sandbox-init`, see [`Profile::to_argument`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The command line.
    pub command: Vec<String>,
    /// The folder it starts in; nothing is [`WORKDIR`].
    pub start_in: Option<String>,
    /// Variables on top of the sandbox's own.
    pub environment: Vec<(String, String)>,
    /// Files to write into [`BOOT`] first: relative names, and texts.
    pub bootstrap: Vec<(String, String)>,
}

impl Profile {
    /// The profile as an argument of a command line: its bytes in hexadecimal.
    ///
    /// # Errors
    /// When it is longer than the kernel takes for one argument, 128 KiB.
    pub fn to_argument(&self) -> Result<String, BadFrame> {
        const LONGEST: usize = 128 * 1024 - 1;
        let mut argument = String::new();
        for byte in to_bytes(self)? {
            let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
            argument.extend([digit(byte >> 4), digit(byte & 15)]);
        }
        if argument.len() > LONGEST { Err(BadFrame::TooLong) } else { Ok(argument) }
    }

    /// The profile in an argument that [`Self::to_argument`] gave.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_argument(argument: &str) -> Result<Self, BadFrame> {
        let pairs = argument.as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = pairs.map(|pair| byte(pair).filter(|_| pair.len() == 2)).collect();
        from_bytes(&bytes.ok_or(BadFrame::Malformed)?)
    }
}

/// What is asked of a sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run<'a> {
    /// Comes back in the report.
    pub nonce: Nonce,
    /// The file to run, relative to [`WORKDIR`].
    pub entry: &'a str,
    /// Its arguments.
    #[serde(borrow)]
    pub args: Vec<&'a str>,
    /// Its standard input.
    #[serde(borrow, with = "serde_bytes")]
    pub stdin: &'a [u8],
    /// The files to write into [`WORKDIR`] first.
    #[serde(borrow)]
    pub files: Vec<File<'a>>,
    /// What it may use.
    pub limits: RunLimits,
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

/// What init says of itself once the interpreter waits; read from inside, before any code arrives.
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
}

/// The layers of isolation, read from inside the sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layers {
    /// The user id.
    pub uid: u32,
    /// Effective, permitted, inheritable and bounding capabilities, or-ed: 0 when there are none.
    pub capabilities: u64,
    /// `PR_GET_NO_NEW_PRIVS`; gVisor's `/proc/self/status` does not have it.
    pub no_new_privs: bool,
    /// `Seccomp` of `/proc/self/status`: 2 is a filter.
    pub seccomp: u8,
    /// Landlock's ABI; 0 where there is none, as on [`Kernel::Own`].
    pub landlock_abi: u8,
    /// Network interfaces other than `lo`.
    pub foreign_interfaces: u32,
    /// The cgroup's memory limit in bytes, if it can be read.
    pub memory_bytes: Option<u64>,
    /// The cgroup's limit of processes, if it can be read.
    pub pids: Option<u64>,
    /// Which of [`TRIED_MASKS`] show something, by their places: bit 0 is the first.
    pub unmasked: u8,
    /// What AppArmor says of this process.
    pub apparmor: AppArmor,
}

/// Paths that must show nothing, tried from inside: a runtime may take the list of masked paths and ignore it. Each is
/// on every kernel, and tells of the host.
pub const TRIED_MASKS: [&str; 8] = [
    "/proc/cmdline",
    "/proc/kallsyms",
    "/proc/interrupts",
    "/proc/bus",
    "/proc/sys/net",
    "/sys/devices",
    "/sys/kernel",
    "/sys/module",
];

/// AppArmor's confinement of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppArmor {
    /// The kernel says nothing of it: it has none, or it is off.
    #[default]
    Absent,
    /// A profile is enforced.
    Enforced,
    /// There is a label, and nothing is enforced: unconfined, or a profile that only complains.
    NotEnforced,
}

/// What came of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The request's.
    pub nonce: Nonce,
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
    /// The most memory the sandbox held, in bytes.
    pub memory_peak: u64,
    /// Processes that the kernel killed for memory; `None` when its count could not be read.
    pub oom_kills: Option<u64>,
    /// How often a new process or thread was refused for the limit of them.
    pub forks_refused: u64,
    /// Whether the main process was seen with every descriptor open that it may have.
    pub descriptors_used_up: bool,
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
    /// Init ended it: the kernel held more than [`UNCHARGED_BYTES`] that no memory limit counts; with what was seen, in bytes.
    Uncharged(u64),
    /// Init ended it: too much output.
    Flood,
    /// The files could not be written; nothing was run. With the reason, by number (errno).
    NotRun(i32),
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

/// A frame that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadFrame {
    /// Its prefix promises more than [`MAX_BODY`].
    TooLong,
    /// Its body is not the message that is due, or has bytes after it.
    Malformed,
}

impl std::fmt::Display for BadFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "frame too long",
            Self::Malformed => "malformed frame",
        })
    }
}

impl std::error::Error for BadFrame {}

/// The frame of a message.
///
/// # Errors
/// When the message is longer than [`MAX_BODY`].
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, BadFrame> {
    encode_in(message, Vec::new())
}

/// The same, in memory that is there already: none is taken where it is enough.
///
/// # Errors
/// As [`encode`].
pub fn encode_in<T: Serialize>(message: &T, mut room: Vec<u8>) -> Result<Vec<u8>, BadFrame> {
    room.clear();
    room.extend_from_slice(&[0; PREFIX]);
    let mut frame = postcard::to_extend(message, room).map_err(|_| BadFrame::Malformed)?;
    let body = frame.len() - PREFIX;
    if body > MAX_BODY {
        return Err(BadFrame::TooLong);
    }
    let length = u32::try_from(body).map_err(|_| BadFrame::TooLong)?;
    frame[..PREFIX].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

/// The length of the whole frame that `bytes` begin, once the prefix is there.
///
/// # Errors
/// When the prefix promises more than [`MAX_BODY`].
pub fn frame_length(bytes: &[u8]) -> Result<Option<usize>, BadFrame> {
    let Some(prefix) = bytes.first_chunk::<PREFIX>() else { return Ok(None) };
    let body = u32::from_le_bytes(*prefix) as usize;
    if body > MAX_BODY { Err(BadFrame::TooLong) } else { Ok(Some(PREFIX + body)) }
}

/// The message of a whole frame; it may borrow from it.
///
/// # Errors
/// When the body is anything but exactly this message.
pub fn decode<'a, T: Deserialize<'a>>(frame: &'a [u8]) -> Result<T, BadFrame> {
    let body = frame.get(PREFIX..).ok_or(BadFrame::Malformed)?;
    match postcard::take_from_bytes(body) {
        Ok((message, [])) => Ok(message),
        _ => Err(BadFrame::Malformed),
    }
}

/// The bytes of a message without a frame, as kept in a file.
///
/// # Errors
/// When it cannot be written, which none of our messages brings about.
pub fn to_bytes<T: Serialize>(message: &T) -> Result<Vec<u8>, BadFrame> {
    postcard::to_stdvec(message).map_err(|_| BadFrame::Malformed)
}

/// The message kept in a file by [`to_bytes`].
///
/// # Errors
/// When the bytes are not that message.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BadFrame> {
    postcard::from_bytes(bytes).map_err(|_| BadFrame::Malformed)
}
