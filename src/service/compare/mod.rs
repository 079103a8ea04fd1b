//! A program's output compared with what was expected of it, while the output arrives.
//!
//! Holds the expected text (which is shared, not copied), one line of the output cut at 801 bytes, and at most one token of
//! 1024 bytes; never the output. Pure: knows neither who reads the output nor what becomes of a difference.
//!
//! # What is equal
//! [`Compare`] says what counts. Bytes are compared, so text that is not UTF-8 is compared as well. White space is what C's
//! `isspace` calls so; a carriage return is white space, so a line that ends in CRLF is the same line as one that ends in LF,
//! except under [`Compare::Exact`].
//!
//! # What is a number
//! See [`number`]. Two numbers are equal when their difference is within the absolute tolerance *or* within the relative one
//! times the expected number, as the checkers of Kattis, `DOMjudge`, DMOJ and Codeforces have it.
//!
//! # Which difference is shown
//! The first one. Under [`Compare::Exact`] and [`Compare::Lines`] that is the first line that differs, and line feeds are
//! shown under [`Compare::Exact`] alone, where they count. Under [`Compare::Tokens`] and [`Compare::Numbers`] that is the
//! first token that differs: shown are the line of the expected text and the line of the output in which the token stands,
//! and the number is that of the expected line. Where nothing was expected any more, the number is that of the output's line.

mod exact;
mod line;
mod lines;
pub mod number;
#[cfg(test)]
mod tests;
mod tokens;

use bytes::Bytes;

use self::{
    exact::Exact,
    line::{Line, LineEnd},
    lines::Lines,
    number::Tolerances,
    tokens::Tokens,
};
use crate::domain::{compare::Compare, judging::Difference};

/// Compares an output that arrives in pieces with an expected text.
#[derive(Debug)]
pub struct Comparer {
    expected: Bytes,
    matcher: Matcher,
    /// The line of the output that arrives now; once a difference is found, the line in which the difference is.
    line: Line,
    found: Option<Found>,
}

/// Where the first difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    /// The line's number; the first line is 1.
    number: u64,
    /// Where the line begins in the expected text; `None` where nothing was expected any more.
    expected: Option<usize>,
    /// Whether the difference is in the output's present line; else the output ended before.
    written: bool,
}

#[derive(Debug)]
enum Matcher {
    Exact(Exact),
    Lines(Lines),
    Tokens(Tokens),
}

impl Comparer {
    /// Compares with this text in this way.
    #[must_use]
    pub fn new(expected: Bytes, how: &Compare) -> Self {
        let matcher = match *how {
            Compare::Exact => Matcher::Exact(Exact::default()),
            Compare::Lines => Matcher::Lines(Lines::default()),
            Compare::Tokens => Matcher::Tokens(Tokens::new(None)),
            Compare::Numbers { absolute, relative } => {
                Matcher::Tokens(Tokens::new(Some(Tolerances::new(absolute, relative))))
            }
        };
        Self { expected, matcher, line: Line::default(), found: None }
    }

    /// Takes the next bytes of the output, in pieces of any size.
    pub fn feed(&mut self, got: &[u8]) {
        for byte in got {
            if self.found.is_some() && self.line.is_shown_whole() {
                return;
            }
            self.line.push(*byte);
            if self.found.is_none() {
                self.found = self.matcher.byte(&self.expected, *byte, self.line.number());
            }
        }
    }

    /// The first difference, now that the output has ended; `None` when there is none.
    #[must_use]
    pub fn finish(mut self) -> Option<Difference> {
        let found = self.found.or_else(|| self.matcher.finish(&self.expected, &self.line))?;
        let end = match self.matcher {
            Matcher::Exact(_) => LineEnd::Counts,
            Matcher::Lines(_) | Matcher::Tokens(_) => LineEnd::DoesNotCount,
        };
        let expected = found.expected.map(|start| line::shown_at(&self.expected, start, end));
        let got = found.written.then(|| self.line.shown(end));
        Some(Difference {
            line: found.number,
            expected: expected.unwrap_or_default(),
            got: got.unwrap_or_default(),
        })
    }
}

impl Matcher {
    fn byte(&mut self, expected: &[u8], byte: u8, number: u64) -> Option<Found> {
        match self {
            Self::Exact(exact) => exact.byte(expected, byte, number),
            Self::Lines(lines) => lines.byte(expected, byte, number),
            Self::Tokens(tokens) => tokens.byte(expected, byte, number),
        }
    }

    fn finish(&mut self, expected: &[u8], line: &Line) -> Option<Found> {
        match self {
            Self::Exact(exact) => exact.finish(expected, line),
            Self::Lines(lines) => lines.finish(expected, line),
            Self::Tokens(tokens) => tokens.finish(expected),
        }
    }
}

/// Whether C's `isspace` calls this byte white space.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}
