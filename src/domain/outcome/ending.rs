//! How a program ended, and what that is called.

use serde::{Deserialize, Serialize};

/// How a program ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// It left with this exit code.
    Exited(u8),
    /// A signal of its own making ended it.
    Signaled(Signal),
    /// A limit ended it.
    Limit(LimitReached),
}

/// A signal, by its number on Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitName {
    /// Wall-clock time.
    WallTime,
    /// CPU time of all its processes.
    CpuTime,
    /// Memory of the sandbox.
    Memory,
    /// Bytes written to stdout and stderr together.
    Output,
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
        }
    }

    /// Every limit there is.
    pub const ALL: [Self; 4] = [Self::WallTime, Self::CpuTime, Self::Memory, Self::Output];

    /// The limit of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.as_str() == name)
    }
}

/// A limit that ended a run, with what was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitReached {
    /// Which limit.
    pub name: LimitName,
    /// Its value: seconds, or bytes.
    pub value: f64,
    /// What was observed, in the same unit.
    pub observed: f64,
    /// How we know, in a short sentence.
    pub evidence: String,
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
}

impl Status {
    /// Every word there is.
    pub const ALL: [Self; 6] = [
        Self::Completed,
        Self::NonzeroExit,
        Self::Signal,
        Self::TimeLimit,
        Self::MemoryLimit,
        Self::OutputLimit,
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
            },
        }
    }

    /// The exit code in answers: the program's own, 128 + n for a signal, -2 for the time limit, 137 for a kill.
    #[must_use]
    pub const fn exit_code(&self) -> i32 {
        match self {
            Self::Exited(code) => *code as i32,
            Self::Signaled(signal) => 128 + signal.0 as i32,
            Self::Limit(limit) => match limit.name {
                LimitName::WallTime | LimitName::CpuTime => -2,
                LimitName::Memory | LimitName::Output => 137,
            },
        }
    }
}
