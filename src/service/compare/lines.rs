//! Line by line: white space at the end of a line and empty lines at the end do not count.

use super::{Found, is_space, line::Line};

/// Where a comparison line by line stands in the expected text.
#[derive(Debug)]
pub(super) struct Lines {
    /// Behind the last byte of the present line that is equal and no white space.
    at: usize,
    /// Where the present line begins.
    line_start: usize,
    /// Bytes of white space that the output has had since then. Whether they count, the next byte tells.
    space: usize,
    /// Whether these are what was expected.
    space_equal: bool,
}

impl Default for Lines {
    fn default() -> Self {
        Self { at: 0, line_start: 0, space: 0, space_equal: true }
    }
}

impl Lines {
    pub fn byte(&mut self, expected: &[u8], byte: u8, number: u64) -> Option<Found> {
        let differs = Some(Found { number, expected: Some(self.line_start), written: true });
        if byte == b'\n' {
            let rest = &expected[self.at..];
            let blanks = rest.iter().take_while(|byte| **byte != b'\n' && is_space(**byte)).count();
            match rest.get(blanks) {
                None => self.begin_line(expected.len()),
                Some(b'\n') => self.begin_line(self.at + blanks + 1),
                Some(_) => return differs,
            }
            return None;
        }
        if is_space(byte) {
            self.space_equal &= expected.get(self.at + self.space) == Some(&byte);
            self.space += 1;
            return None;
        }
        if !self.space_equal || expected.get(self.at + self.space) != Some(&byte) {
            return differs;
        }
        self.at += self.space + 1;
        self.space = 0;
        None
    }

    fn begin_line(&mut self, start: usize) {
        *self = Self { at: start, line_start: start, ..Self::default() };
    }

    pub fn finish(&self, expected: &[u8], line: &Line) -> Option<Found> {
        let rest = &expected[self.at..];
        let blanks = &rest[..rest.iter().position(|byte| !is_space(*byte))?];
        let present = if line.has_ended() { line.number() + 1 } else { line.number() };
        match blanks.iter().rposition(|byte| *byte == b'\n') {
            None => {
                Some(Found { number: present, expected: Some(self.line_start), written: !line.has_ended() })
            }
            Some(last) => {
                let feeds = blanks.split(|byte| *byte == b'\n').count() as u64 - 1;
                let start = self.at + last + 1;
                Some(Found { number: present + feeds, expected: Some(start), written: false })
            }
        }
    }
}
