//! Whole characters of a stream that comes in pieces.

use bytes::Bytes;

/// Keeps the beginning of a character (three bytes at most) until its end comes.
#[derive(Debug, Default)]
pub struct Characters {
    /// Where the bytes that are kept stand in the stream.
    at: u64,
    kept: Vec<u8>,
}

impl Characters {
    /// Takes the bytes that stand at `at`. Returns what can be told now, each piece with its place.
    pub fn take(&mut self, at: u64, bytes: Bytes) -> Vec<(u64, Bytes)> {
        let mut pieces = Vec::new();
        if !self.kept.is_empty() && self.at + self.kept.len() as u64 != at {
            pieces.extend(self.flush());
        }
        let (mut at, mut bytes) = if self.kept.is_empty() {
            (at, bytes)
        } else {
            let whole = [std::mem::take(&mut self.kept), bytes.to_vec()].concat();
            (self.at, Bytes::from(whole))
        };
        // After a gap, the end of a character whose beginning was left out. It would make all of the piece unreadable.
        let torn = bytes.iter().take(3).take_while(|byte| (0x80..0xc0).contains(*byte)).count();
        if torn > 0 && torn < bytes.len() {
            pieces.push((at, bytes.split_to(torn)));
            at += torn as u64;
        }
        let rest = bytes.split_off(whole_end(&bytes));
        self.at = at + bytes.len() as u64;
        self.kept = rest.to_vec();
        if !bytes.is_empty() {
            pieces.push((at, bytes));
        }
        pieces
    }

    /// What is kept: the end of its character does not come.
    pub fn flush(&mut self) -> Option<(u64, Bytes)> {
        (!self.kept.is_empty()).then(|| (self.at, std::mem::take(&mut self.kept).into()))
    }
}

/// Where the last whole character ends, if what follows it can still become one.
fn whole_end(bytes: &[u8]) -> usize {
    let mut from = 0;
    loop {
        match std::str::from_utf8(&bytes[from..]) {
            Ok(_) => return bytes.len(),
            Err(error) => match error.error_len() {
                None => return from + error.valid_up_to(),
                Some(invalid) => from += error.valid_up_to() + invalid,
            },
        }
    }
}
