//! Token by token, with or without tolerances for numbers.

use super::{
    Found, is_space,
    number::{MAX_NUMBER_BYTES, Tolerances},
};

/// Where a comparison token by token stands in the expected text.
#[derive(Debug)]
pub(super) struct Tokens {
    /// How far numbers may differ; `None` where tokens are text.
    tolerances: Option<Tolerances>,
    at: usize,
    /// The number of the line in which `at` is; the first line is 1.
    line: u64,
    /// Where that line begins.
    line_start: usize,
    /// The token of the output that arrives now.
    token: Option<Token>,
}

/// A token of the output, beside the expected one.
#[derive(Debug)]
struct Token {
    /// Where the expected token begins.
    start: usize,
    /// The token of the output, when it differs and may still be a number that is near enough. Until then it is what was
    /// expected from `start` on.
    apart: Option<Vec<u8>>,
}

impl Tokens {
    pub const fn new(tolerances: Option<Tolerances>) -> Self {
        Self { tolerances, at: 0, line: 1, line_start: 0, token: None }
    }

    pub fn byte(&mut self, expected: &[u8], byte: u8, number: u64) -> Option<Found> {
        if is_space(byte) {
            return self.end_token(expected);
        }
        if self.token.is_none() {
            self.skip_space(expected);
            if self.at == expected.len() {
                return Some(Found { number, expected: None, written: true });
            }
            self.token = Some(Token { start: self.at, apart: None });
        }
        let differs = self.differs();
        let token = self.token.as_mut()?;
        let apart = match &mut token.apart {
            Some(apart) => apart,
            None if expected.get(self.at) == Some(&byte) => {
                self.at += 1;
                return None;
            }
            None if self.tolerances.is_none() || self.at - token.start >= MAX_NUMBER_BYTES => {
                return differs;
            }
            apart => apart.insert(expected[token.start..self.at].to_vec()),
        };
        apart.push(byte);
        if apart.len() > MAX_NUMBER_BYTES { differs } else { None }
    }

    pub fn finish(&mut self, expected: &[u8]) -> Option<Found> {
        if let Some(found) = self.end_token(expected) {
            return Some(found);
        }
        self.skip_space(expected);
        (self.at < expected.len()).then_some(Found { written: false, ..self.here() })
    }

    /// Compares the token that has just ended, if there is one.
    fn end_token(&mut self, expected: &[u8]) -> Option<Found> {
        let Token { start, apart } = self.token.take()?;
        let ends = expected.get(self.at).is_none_or(|byte| is_space(*byte));
        if apart.is_none() && ends {
            return None;
        }
        let Some(tolerances) = self.tolerances else { return self.differs() };
        let got = apart.as_deref().unwrap_or(&expected[start..self.at]);
        let length = expected[start..].iter().take(MAX_NUMBER_BYTES + 1).take_while(|byte| !is_space(**byte));
        let end = start + length.count();
        if !tolerances.allow(&expected[start..end], got) {
            return self.differs();
        }
        self.at = end;
        None
    }

    /// Goes to the beginning of the next expected token, or to the end.
    fn skip_space(&mut self, expected: &[u8]) {
        while let Some(byte) = expected.get(self.at).filter(|byte| is_space(**byte)) {
            self.at += 1;
            if *byte == b'\n' {
                self.line += 1;
                self.line_start = self.at;
            }
        }
    }

    /// The present tokens differ.
    const fn differs(&self) -> Option<Found> {
        Some(self.here())
    }

    const fn here(&self) -> Found {
        Found { number: self.line, expected: Some(self.line_start), written: true }
    }
}
