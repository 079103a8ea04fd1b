//! What came of a run: how the program ended, what it wrote, what it used.
//!
//! The program's failure and ours never mix: an [`Outcome`] is always the program's own doing (or a limit it
//! ran into); what went wrong on our side is an [`error`](super::error).

use std::time::Duration;

use bytes::Bytes;
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

/// What was kept of one output stream: its first part, its last, and how much there was in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    /// The first bytes.
    pub head: Bytes,
    /// The last bytes, when the stream did not fit; else empty.
    pub tail: Bytes,
    /// Every byte the program wrote, kept or not.
    pub total: u64,
}

impl Captured {
    /// A stream that was kept whole.
    #[must_use]
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        let head = bytes.into();
        Self { total: head.len() as u64, head, tail: Bytes::new() }
    }

    /// Whether something in the middle was dropped.
    #[must_use]
    pub fn truncated(&self) -> bool {
        self.total > (self.head.len() + self.tail.len()) as u64
    }

    /// What was kept, in one piece. Where the cut fell inside a UTF-8 character, the character's torn bytes go
    /// too, so that dropping bytes never makes valid text invalid.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        if self.tail.is_empty() {
            return self.kept_head();
        }
        [self.kept_head(), self.kept_tail()].concat().into()
    }

    /// What stands before the cut, without the beginning of a torn character.
    #[must_use]
    pub fn kept_head(&self) -> Bytes {
        let end = if self.truncated() { whole_chars_end(&self.head) } else { self.head.len() };
        self.head.slice(..end)
    }

    /// What stands after the cut, without the end of a torn character.
    #[must_use]
    pub fn kept_tail(&self) -> Bytes {
        let start = if self.truncated() { continuation_bytes(&self.tail) } else { 0 };
        self.tail.slice(start..)
    }
}

/// Where the last whole character of `bytes` ends, if what follows is the beginning of one.
pub(super) fn whole_chars_end(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let at = bytes.len() - back;
        let length = match bytes[at] {
            0b1100_0000..=0b1101_1111 => 2,
            0b1110_0000..=0b1110_1111 => 3,
            0b1111_0000..=0b1111_0111 => 4,
            0b1000_0000..=0b1011_1111 => continue,
            _ => return bytes.len(),
        };
        return if length > back { at } else { bytes.len() };
    }
    bytes.len()
}

/// How many bytes at the start are the rest of a character whose start is gone (three at most).
fn continuation_bytes(bytes: &[u8]) -> usize {
    bytes.iter().take(3).take_while(|byte| (0x80..0xc0).contains(*byte)).count()
}

/// What a run used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// From the release of the program to the end of its last process.
    pub wall: Duration,
    /// CPU time of all its processes.
    pub cpu: Duration,
    /// The most memory the sandbox held at once, interpreter and files included; bytes.
    pub memory_bytes: u64,
    /// Processes of the sandbox that the kernel killed for memory, also when the program outlived them.
    pub oom_kills: u64,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// Standard output.
    pub stdout: Captured,
    /// Standard error.
    pub stderr: Captured,
    /// What it used.
    pub usage: Usage,
}

/// Whether the sandbox was waiting for the request or made for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Start {
    /// It was waiting.
    Warm,
    /// It was made for this request.
    Cold,
}

impl Start {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warm => "warm",
            Self::Cold => "cold",
        }
    }
}

/// The sandbox a run took place in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxFacts {
    /// Warm or cold.
    pub start: Start,
    /// The OCI runtime, such as `runc`.
    pub runtime: String,
    /// The image by name.
    pub image: String,
    /// The image by digest.
    pub digest: String,
}

/// Where a run's time went, on our side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SandboxTimings {
    /// Waiting for a place.
    pub queue: Duration,
    /// Until a sandbox was ready for the code.
    pub acquire: Duration,
    /// From sending the code to the first byte of the report.
    pub run: Duration,
    /// Reading the report.
    pub collect: Duration,
}

/// A run that took place.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    /// What came of it.
    pub outcome: Outcome,
    /// Where.
    pub sandbox: SandboxFacts,
    /// How long each step took.
    pub timings: SandboxTimings,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_never_tears_a_character() {
        let text = "aé日😀z";
        for cut in 0..=text.len() {
            for resume in cut..=text.len() {
                let (head, tail) = (&text.as_bytes()[..cut], &text.as_bytes()[resume..]);
                let captured = Captured {
                    head: Bytes::copy_from_slice(head),
                    tail: Bytes::copy_from_slice(tail),
                    total: text.len() as u64,
                };
                assert!(std::str::from_utf8(&captured.bytes()).is_ok(), "{cut} {resume}");
                if cut == resume {
                    assert_eq!(captured.bytes(), text.as_bytes());
                }
            }
        }
    }

    #[test]
    fn bytes_that_were_never_text_are_kept_as_they_are() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(Captured::whole(bytes.clone()).bytes(), bytes);
    }

    #[test]
    fn signals_have_their_usual_names() {
        for (number, name) in [
            (1, "SIGHUP"),
            (9, "SIGKILL"),
            (11, "SIGSEGV"),
            (15, "SIGTERM"),
            (31, "SIGSYS"),
            (34, "SIGRTMIN"),
            (64, "SIGRTMIN+30"),
        ] {
            assert_eq!(Signal(number).name(), name);
        }
    }
}
