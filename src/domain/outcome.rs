//! What came of a run: how the program ended, what it wrote, what it used.
//!
//! The program's failure and ours never mix: an [`Outcome`] is always the program's own doing (or a limit it
//! ran into); what went wrong on our side is an [`error`](super::error).

mod ending;

use std::time::Duration;

use bytes::Bytes;
pub use ending::{Ending, LimitMet, LimitName, LimitReached, MetName, Signal, Status};
use serde::{Deserialize, Serialize};

use super::{files::Collected, judging::TestsResult};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// Limits that it met and that did not end it, each at most once.
    pub limits_met: Vec<LimitMet>,
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
    /// Whether Landlock confined the program. Where not, other layers stood in for it. Records that are older do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landlock: Option<bool>,
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
    /// What came of it. Where the program was not compiled: that it was not, and the compiler's words as its standard error.
    pub outcome: Outcome,
    /// What came of the compiler; `None` where the language has none.
    pub compile: Option<Outcome>,
    /// Where.
    pub sandbox: SandboxFacts,
    /// How long each step took.
    pub timings: SandboxTimings,
    /// What came of each test case, where the request had some. `outcome` is then [`TestsResult::outcome`].
    pub tests: Option<TestsResult>,
    /// The files that came back; `None` where none was asked for.
    pub collected: Option<Collected>,
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
