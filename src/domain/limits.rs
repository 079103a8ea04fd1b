//! What a run may use. A caller may lower what the server allows, never raise it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The least memory a caller may ask for: below it no interpreter starts.
pub const MIN_MEMORY_MB: u64 = 16;
/// The shortest time limit a caller may ask for.
pub const MIN_TIMEOUT: Duration = Duration::from_millis(10);
/// Bytes (stdout and stderr together) after which a run is ended as `output_limit`.
pub const FLOOD_BYTES: u64 = 8 * 1024 * 1024;

/// The longest that all test cases of a submission may take together, unless the server is told otherwise.
pub const DEFAULT_TOTAL: Duration = Duration::from_mins(1);

/// How many times longer than its time limit a run may take by the clock, where others keep it from its CPU.
///
/// The time limit counts the clock without the time in which the program wanted a CPU that others had. A handler runs two
/// programs for each CPU of a host unless it is told otherwise, so each gets at least half of one: after four times the limit
/// the least favoured of them has had twice what it was promised. A host where that does not hold is too
/// busy to wait for.
pub const MOST_TIMES_LONGER: u32 = 4;

/// The limits in force for one run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Time that the program may take: CPU time, and time by the clock without that in which others had its CPU.
    pub timeout: Duration,
    /// Memory of the whole sandbox in MiB; there is no swap.
    pub memory_mb: u64,
    /// Bytes kept of each output stream; the rest is counted and dropped.
    pub output_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), memory_mb: 128, output_bytes: 64 * 1024 }
    }
}

/// The limits a caller asks for: nothing, or less than the server's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RequestedLimits {
    /// Seconds, fractions allowed.
    pub timeout_seconds: Option<f64>,
    /// Whole MiB.
    pub memory_mb: Option<f64>,
    /// Whole bytes.
    pub output_bytes: Option<f64>,
}

/// A limit that was asked for and cannot be had.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("`limits.{field}` must be {rule}.")]
pub struct InvalidLimit {
    /// The field within `limits`.
    pub field: &'static str,
    /// What it must be.
    pub rule: String,
}

impl Limits {
    /// These limits, lowered as asked.
    ///
    /// # Errors
    /// When a limit is not a finite number, out of bounds, or fractional where it must be whole.
    pub fn lowered_by(self, asked: RequestedLimits) -> Result<Self, InvalidLimit> {
        let mut limits = self;
        if let Some(seconds) = asked.timeout_seconds {
            let (min, max) = (MIN_TIMEOUT.as_secs_f64(), self.timeout.as_secs_f64());
            if !(min..=max).contains(&seconds) {
                let rule = format!("a number of seconds from {min} to {max}");
                return Err(InvalidLimit { field: "timeout_seconds", rule });
            }
            limits.timeout = Duration::from_secs_f64(seconds);
        }
        if let Some(mb) = asked.memory_mb {
            limits.memory_mb = whole("memory_mb", "MiB", mb, MIN_MEMORY_MB, self.memory_mb)?;
        }
        if let Some(bytes) = asked.output_bytes {
            limits.output_bytes = whole("output_bytes", "bytes", bytes, 1, self.output_bytes)?;
        }
        Ok(limits)
    }

    /// The longest that a run may take by the clock, however busy the host: every deadline of ours is beyond it.
    #[must_use]
    pub const fn longest_wall(&self) -> Duration {
        longest_wall(self.timeout)
    }

    /// Memory in bytes.
    #[must_use]
    pub const fn memory_bytes(&self) -> u64 {
        self.memory_mb * 1024 * 1024
    }
}

/// The longest that a run with this time limit may take by the clock: [`MOST_TIMES_LONGER`] times as long.
#[must_use]
pub const fn longest_wall(timeout: Duration) -> Duration {
    timeout.saturating_mul(MOST_TIMES_LONGER)
}

fn whole(field: &'static str, unit: &str, value: f64, min: u64, max: u64) -> Result<u64, InvalidLimit> {
    // Both bounds are far below 2^53, where every whole number has an exact f64.
    #[expect(clippy::cast_precision_loss, reason = "bounds are far below 2^53")]
    let fits = value.fract() == 0.0 && (min as f64..=max as f64).contains(&value);
    if !fits {
        return Err(InvalidLimit { field, rule: format!("a whole number of {unit} from {min} to {max}") });
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just above")]
    Ok(value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lowered(asked: RequestedLimits) -> Result<Limits, InvalidLimit> {
        Limits::default().lowered_by(asked)
    }

    #[test]
    fn asking_for_nothing_changes_nothing() {
        assert_eq!(lowered(RequestedLimits::default()), Ok(Limits::default()));
    }

    #[test]
    fn limits_can_be_lowered_to_their_bounds() {
        let asked =
            RequestedLimits { timeout_seconds: Some(0.5), memory_mb: Some(16.0), output_bytes: Some(1.0) };
        let limits = lowered(asked).unwrap();
        assert_eq!(limits.timeout, Duration::from_millis(500));
        assert_eq!((limits.memory_mb, limits.output_bytes), (16, 1));
    }

    #[test]
    fn what_is_not_a_lower_limit_is_refused_by_name() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, 5e-324, 10.000_001] {
            let asked = RequestedLimits { timeout_seconds: Some(bad), ..Default::default() };
            assert_eq!(lowered(asked).unwrap_err().field, "timeout_seconds", "{bad}");
        }
        for bad in [0.0, -1.0, f64::NAN, 1e308, 15.0, 64.5, 129.0] {
            let asked = RequestedLimits { memory_mb: Some(bad), ..Default::default() };
            assert_eq!(lowered(asked).unwrap_err().field, "memory_mb", "{bad}");
        }
        for bad in [0.0, -1.0, f64::NAN, 1.5, 65537.0] {
            let asked = RequestedLimits { output_bytes: Some(bad), ..Default::default() };
            assert_eq!(lowered(asked).unwrap_err().field, "output_bytes", "{bad}");
        }
    }

    #[test]
    fn a_busy_host_may_take_four_times_the_limit_and_no_more() {
        assert_eq!(Limits::default().longest_wall(), Duration::from_secs(40));
        assert_eq!(longest_wall(Duration::MAX), Duration::MAX);
    }

    #[test]
    fn the_message_names_the_field_and_the_rule() {
        let asked = RequestedLimits { memory_mb: Some(4096.0), ..Default::default() };
        let message = lowered(asked).unwrap_err().to_string();
        assert_eq!(message, "`limits.memory_mb` must be a whole number of MiB from 16 to 128.");
    }
}
