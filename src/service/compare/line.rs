//! One line as a difference shows it, and the output's present line as it arrives.

use super::is_space;
use crate::domain::judging::DIFFERENCE_CHARS;

/// Bytes that [`DIFFERENCE_CHARS`] characters can have: a character has at most four.
const SHOWN_BYTES: usize = DIFFERENCE_CHARS * 4;

/// Whether white space at the end of a line, the line feed among it, is part of what is compared, and so is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    Counts,
    DoesNotCount,
}

/// The line of the output that arrives now: as much of it as can be shown.
#[derive(Debug)]
pub(super) struct Line {
    /// At most one byte more than can be shown.
    bytes: Vec<u8>,
    /// Whether its line feed has come.
    ended: bool,
    number: u64,
}

impl Default for Line {
    fn default() -> Self {
        Self { bytes: Vec::new(), ended: false, number: 1 }
    }
}

impl Line {
    /// Takes the next byte; the one after a line feed begins the next line.
    pub fn push(&mut self, byte: u8) {
        if self.ended {
            self.bytes.clear();
            self.ended = false;
            self.number += 1;
        }
        if self.bytes.len() <= SHOWN_BYTES {
            self.bytes.push(byte);
        }
        self.ended = byte == b'\n';
    }

    /// Its number; the first line is 1.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// How many bytes of it are kept.
    #[cfg(test)]
    pub const fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Whether its line feed has come, so that what follows stands in the next line.
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether no later byte can change how the line is shown.
    pub const fn is_shown_whole(&self) -> bool {
        self.ended || self.bytes.len() > SHOWN_BYTES
    }

    /// The line as a difference shows it.
    pub fn shown(&self, end: LineEnd) -> String {
        shown(&self.bytes, end)
    }
}

/// The line that begins at `start` in `text`, as a difference shows it.
pub(super) fn shown_at(text: &[u8], start: usize, end: LineEnd) -> String {
    let rest = &text[start..];
    let rest = &rest[..rest.len().min(SHOWN_BYTES + 1)];
    let line = rest.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
    shown(line, end)
}

/// The first [`DIFFERENCE_CHARS`] characters of a line of which at most one byte more than can be shown is given.
/// Replacement characters stand for what is not UTF-8. White space at the end that does not count is left out, where the end
/// is given.
fn shown(mut line: &[u8], end: LineEnd) -> String {
    if end == LineEnd::DoesNotCount && line.len() <= SHOWN_BYTES {
        while let [rest @ .., last] = line
            && is_space(*last)
        {
            line = rest;
        }
    }
    // A character that is torn by the cut stands behind at least `DIFFERENCE_CHARS` others.
    String::from_utf8_lossy(line).chars().take(DIFFERENCE_CHARS).collect()
}
