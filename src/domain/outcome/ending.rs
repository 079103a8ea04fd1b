//! How a program ended, and what that is called. An [`Ending`] is kept on record as JSON: its names are not changed.

use serde::{Deserialize, Serialize};

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It left with this exit code.
    Exited(u8),
    /// A signal of its own making ended it.
    Signaled(Signal),
    /// A limit ended it.
    Limit(LimitReached),
    /// The program was never begun: its compiler ended so, and not with exit code 0.
    NotCompiled(Box<Ending>),
}

/// A signal, by its number on Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal(pub u8);

impl Signal {
    /// The usual name, such as `SIGKILL`; real-time signals read `SIGRTMIN+n`.
    #[must_use]
    pub fn name(self) -> String {
        const NAMES: [&str; 31] = [
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
            "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
            "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
        ];
        match self.0 {
            n @ 1..=31 => format!("SIG{}", NAMES[usize::from(n) - 1]),
            34 => "SIGRTMIN".to_owned(),
            n @ 35.. => format!("SIGRTMIN+{}", n - 34),
            n => format!("SIG{n}"),
        }
    }
}

/// Which limit a run ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitName {
    /// Wall-clock time.
    WallTime,
    /// CPU time of all its processes.
    CpuTime,
    /// Memory of the sandbox.
    Memory,
    /// Bytes written to stdout and stderr together.
    Output,
    /// Bytes, or files and folders, in the folder of the program's files.
    Disk,
}

impl LimitName {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WallTime => "wall_time",
            Self::CpuTime => "cpu_time",
            Self::Memory => "memory",
            Self::Output => "output",
            Self::Disk => "disk",
        }
    }

    /// Every limit there is.
    pub const ALL: [Self; 5] = [Self::WallTime, Self::CpuTime, Self::Memory, Self::Output, Self::Disk];

    /// The limit of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.as_str() == name)
    }
}

/// A limit that ended a run, with what was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LimitReached {
    /// Which limit.
    pub name: LimitName,
    /// Its value: seconds, bytes, or a number of files and folders.
    #[serde(with = "as_text")]
    pub value: f64,
    /// What was observed, in the same unit.
    #[serde(with = "as_text")]
    pub observed: f64,
    /// How we know, in a short sentence.
    pub evidence: String,
}

/// A number as text: read back, it is the very same `f64`. JSON's numbers do not promise that, and know no infinity.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    pub fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        // As `{:?}` writes it: with an exponent where digits would fill a line.
        serializer.collect_str(&format_args!("{number:?}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A limit that refuses a program something and leaves it to the program what to do about that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetName {
    /// Processes and threads at once.
    Processes,
    /// File descriptors open at once in one process.
    Descriptors,
}

impl MetName {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processes => "processes",
            Self::Descriptors => "descriptors",
        }
    }

    /// Every such limit there is.
    pub const ALL: [Self; 2] = [Self::Processes, Self::Descriptors];
}

/// Such a limit, met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitMet {
    /// Which limit.
    pub name: MetName,
    /// Its value, and how we know, in a short sentence.
    pub evidence: String,
}

/// The word for an ending, as callers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Exit code 0.
    Completed,
    /// Any other exit code.
    NonzeroExit,
    /// Ended by a signal.
    Signal,
    /// Out of wall-clock or CPU time.
    TimeLimit,
    /// Killed for memory.
    MemoryLimit,
    /// Wrote without end.
    OutputLimit,
    /// Wrote more files than it may.
    DiskLimit,
    /// The compiler refused it, or met a limit.
    CompileError,
}

impl Status {
    /// Every word there is.
    pub const ALL: [Self; 8] = [
        Self::Completed,
        Self::NonzeroExit,
        Self::Signal,
        Self::TimeLimit,
        Self::MemoryLimit,
        Self::OutputLimit,
        Self::DiskLimit,
        Self::CompileError,
    ];

    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::NonzeroExit => "nonzero_exit",
            Self::Signal => "signal",
            Self::TimeLimit => "time_limit",
            Self::MemoryLimit => "memory_limit",
            Self::OutputLimit => "output_limit",
            Self::DiskLimit => "disk_limit",
            Self::CompileError => "compile_error",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

impl Ending {
    /// The word for it.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Exited(0) => Status::Completed,
            Self::Exited(_) => Status::NonzeroExit,
            Self::Signaled(_) => Status::Signal,
            Self::Limit(limit) => match limit.name {
                LimitName::WallTime | LimitName::CpuTime => Status::TimeLimit,
                LimitName::Memory => Status::MemoryLimit,
                LimitName::Output => Status::OutputLimit,
                LimitName::Disk => Status::DiskLimit,
            },
            Self::NotCompiled(_) => Status::CompileError,
        }
    }

    /// The signal that ended the program, or its compiler; `None` where none did.
    #[must_use]
    pub fn signal(&self) -> Option<Signal> {
        match self {
            Self::Signaled(signal) => Some(*signal),
            Self::NotCompiled(compiler) => compiler.signal(),
            Self::Exited(_) | Self::Limit(_) => None,
        }
    }

    /// The limit that ended the program, or its compiler; `None` where none did.
    #[must_use]
    pub fn limit(&self) -> Option<&LimitReached> {
        match self {
            Self::Limit(limit) => Some(limit),
            Self::NotCompiled(compiler) => compiler.limit(),
            Self::Exited(_) | Self::Signaled(_) => None,
        }
    }

    /// The exit code in answers: the program's own, 128 + n for a signal, -2 for the time limit, 137 for a kill; the
    /// compiler's where the program was not compiled.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::NotCompiled(compiler) => compiler.exit_code(),
            Self::Exited(code) => i32::from(*code),
            Self::Signaled(signal) => 128 + i32::from(signal.0),
            Self::Limit(limit) => match limit.name {
                LimitName::WallTime | LimitName::CpuTime => -2,
                LimitName::Memory | LimitName::Output | LimitName::Disk => 137,
            },
        }
    }
}
