//! Byte by byte.

use super::{Found, line::Line};

/// Where a comparison byte by byte stands in the expected text.
#[derive(Debug, Default)]
pub(super) struct Exact {
    /// Bytes that are equal.
    at: usize,
    /// Where the line of the next byte begins.
    line_start: usize,
}

impl Exact {
    pub fn byte(&mut self, expected: &[u8], byte: u8, number: u64) -> Option<Found> {
        if expected.get(self.at) != Some(&byte) {
            return Some(Found { number, expected: Some(self.line_start), written: true });
        }
        self.at += 1;
        if byte == b'\n' {
            self.line_start = self.at;
        }
        None
    }

    pub fn finish(&self, expected: &[u8], line: &Line) -> Option<Found> {
        if self.at == expected.len() {
            return None;
        }
        let written = !line.has_ended();
        let number = if written { line.number() } else { line.number() + 1 };
        Some(Found { number, expected: Some(self.line_start), written })
    }
}
