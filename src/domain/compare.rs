//! How a program's output is compared with what was expected of it.

/// The largest difference that may be allowed relative to the expected number: the number itself.
const MAX_RELATIVE: f64 = 1.0;

/// How a program's output is compared with what was expected of it.
///
/// White space is what C's `isspace` calls so: space, tab, line feed, carriage return, vertical tab and form feed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Compare {
    /// Byte by byte.
    Exact,
    /// Line by line. White space at the end of a line and empty lines at the end of the output do not count.
    #[default]
    Lines,
    /// Token by token. A token is a run of bytes without white space; how much white space stands between two tokens, and
    /// of what kind, does not count.
    Tokens,
    /// Token by token, two tokens that are both numbers as numbers. A number that was written is right when its
    /// difference to the expected one is within at least one of the two tolerances.
    Numbers {
        /// The largest difference, as a number.
        absolute: Tolerance,
        /// The largest difference, as a part of the expected number: at most 1.
        relative: Tolerance,
    },
}

/// A difference that is allowed between two numbers: finite, and 0 or more.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tolerance(f64);

/// A tolerance that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`compare.numbers.{field}` must be {rule}.")]
pub struct InvalidTolerance {
    /// The field within `compare.numbers`.
    pub field: &'static str,
    /// What it must be.
    pub rule: &'static str,
}

impl Compare {
    /// The name in requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Lines => "lines",
            Self::Tokens => "tokens",
            Self::Numbers { .. } => "numbers",
        }
    }

    /// Numbers within these tolerances; one that is not given allows no difference.
    ///
    /// # Errors
    /// When neither is given, one is negative or not finite, or `relative` is over 1.
    pub fn numbers(absolute: Option<f64>, relative: Option<f64>) -> Result<Self, InvalidTolerance> {
        if absolute.is_none() && relative.is_none() {
            return Err(InvalidTolerance { field: "absolute", rule: "given, or `relative`, or both" });
        }
        let tolerance = |field, value: Option<f64>, most: f64, rule| match value.unwrap_or_default() {
            value if (0.0..=most).contains(&value) => Ok(Tolerance(value)),
            _ => Err(InvalidTolerance { field, rule }),
        };
        Ok(Self::Numbers {
            absolute: tolerance("absolute", absolute, f64::MAX, "a number of at least 0")?,
            relative: tolerance("relative", relative, MAX_RELATIVE, "a number from 0 to 1")?,
        })
    }
}

impl Tolerance {
    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tolerance_is_a_number_that_can_be_kept_to() {
        for (absolute, relative) in
            [(Some(0.0), None), (None, Some(1.0)), (Some(1e-6), Some(1e-6)), (Some(f64::MAX), None)]
        {
            assert!(Compare::numbers(absolute, relative).is_ok(), "{absolute:?} {relative:?}");
        }
        for (absolute, relative, field) in [
            (None, None, "absolute"),
            (Some(-1e-9), None, "absolute"),
            (Some(f64::NAN), Some(0.1), "absolute"),
            (Some(f64::INFINITY), None, "absolute"),
            (None, Some(1.5), "relative"),
            (Some(0.1), Some(-0.1), "relative"),
            (None, Some(f64::NAN), "relative"),
        ] {
            let refused = Compare::numbers(absolute, relative).unwrap_err();
            assert_eq!(refused.field, field, "{absolute:?} {relative:?}");
        }
    }
}
