//! Tokens as numbers.
//!
//! Judges agree on plain decimal numbers and on nothing else: testlib (Codeforces, Polygon) and newer `DOMjudge` take digits, a
//! sign, a point and an exponent alone, older Kattis and `DOMjudge` whatever C's `scanf` takes, DMOJ whatever Python's
//! `float` takes. None of them finds NaN near anything. So:
//!
//! | token | is |
//! |---|---|
//! | `3`, `-3`, `+3`, `007`, `1.`, `.5`, `1e-6`, `2.5E+3` | a number |
//! | `-0` | a number, equal to `0` |
//! | `NaN`, `inf`, `Infinity` | text, equal to the very same text |
//! | `0x10`, `1_000`, `1,5`, `1.2.3`, `.`, `e5`, `--1` | text |
//! | `1e400` | text: it is beyond what a double can hold |
//! | `1e-400` | a number: 0 to a double |
//! | longer than 1024 bytes | text |
//!
//! Numbers are doubles (IEEE 754, binary64): beyond 2^53 whole numbers that differ by one can be equal. Who wants them told
//! apart compares tokens.

use crate::domain::compare::Tolerance;

/// The most bytes that a token may have to be a number.
pub const MAX_NUMBER_BYTES: usize = 1024;

/// How far two numbers may differ.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tolerances {
    absolute: f64,
    relative: f64,
}

impl Tolerances {
    pub const fn new(absolute: Tolerance, relative: Tolerance) -> Self {
        Self { absolute: absolute.get(), relative: relative.get() }
    }

    /// Whether both tokens are numbers and `got` is near enough to `expected`.
    pub fn allow(self, expected: &[u8], got: &[u8]) -> bool {
        let (Some(expected), Some(got)) = (number(expected), number(got)) else { return false };
        // Infinite for numbers so far apart that a double cannot say how far: then it is within no tolerance.
        let difference = (expected - got).abs();
        difference <= self.absolute || difference <= self.relative * expected.abs()
    }
}

/// The number that a token is, if it is one; see the table above.
#[must_use]
pub fn number(token: &[u8]) -> Option<f64> {
    // Without this Rust would take `inf` and `NaN`. Everything else it takes is in the table.
    let plain = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    if token.len() > MAX_NUMBER_BYTES || !token.iter().all(plain) {
        return None;
    }
    let number: f64 = std::str::from_utf8(token).ok()?.parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_every_judge_takes_for_one() {
        for (token, value) in [
            ("3", 3.0),
            ("-3", -3.0),
            ("+3", 3.0),
            ("007", 7.0),
            ("1.", 1.0),
            (".5", 0.5),
            ("-.5", -0.5),
            ("1e-6", 1e-6),
            ("2.5E+3", 2500.0),
            ("-0", 0.0),
            ("1e-400", 0.0),
        ] {
            assert_eq!(number(token.as_bytes()), Some(value), "{token}");
        }
        for token in [
            "", "NaN", "nan", "inf", "-inf", "Infinity", "0x10", "1_000", "1,5", "1.2.3", ".", "-", "+",
            "e5", "1e", "--1", "+-1", "1e400", "-1e400", "1e5.0", "٣",
        ] {
            assert_eq!(number(token.as_bytes()), None, "{token}");
        }
        assert_eq!(number(&[b'0'; MAX_NUMBER_BYTES]), Some(0.0));
        assert_eq!(number(&[b'0'; MAX_NUMBER_BYTES + 1]), None);
    }

    #[test]
    fn one_tolerance_that_is_kept_is_enough() {
        let tolerances = |absolute, relative| Tolerances { absolute, relative };
        let allow = |tolerances: Tolerances, expected: &str, got: &str| {
            tolerances.allow(expected.as_bytes(), got.as_bytes())
        };
        assert!(allow(tolerances(1e-6, 0.0), "0", "0.0000001"));
        assert!(!allow(tolerances(1e-6, 0.0), "1000000", "1000001"));
        assert!(allow(tolerances(0.0, 1e-6), "1000000", "1000001"));
        assert!(!allow(tolerances(0.0, 1e-6), "0", "0.0000001"), "no part of nothing");
        assert!(allow(tolerances(0.0, 0.0), "0", "-0"));
        assert!(allow(tolerances(0.0, 0.0), "1.50", "15e-1"));
        assert!(!allow(tolerances(f64::MAX, 1.0), "1e308", "-1e308"), "the difference is beyond a double");
        assert!(!allow(tolerances(f64::MAX, 1.0), "NaN", "NaN"));
    }
}
