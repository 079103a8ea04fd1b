//! How soon something that failed is tried again: after two seconds, then twice as long each time, up to a minute, and
//! never at the same moment as whoever else failed with it.

use std::time::Duration;

use tokio::time::Instant;

/// After the first failure.
const FIRST: Duration = Duration::from_secs(2);
/// The most, as doublings: 64 seconds.
const MOST: u32 = 5;

/// The failures of one thing since it last succeeded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    failures: u32,
    due: Option<Instant>,
}

impl Pace {
    /// It failed just now.
    pub fn failed(&mut self) {
        let whole = FIRST * 2_u32.pow(self.failures.min(MOST));
        // Between half of the pause and all of it.
        let pause = whole.mul_f64(rand::random_range(0.5..=1.0));
        self.failures = self.failures.saturating_add(1);
        self.due = Some(Instant::now() + pause);
    }

    /// It did what it should.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Whether it may be tried now.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.due.is_none_or(|due| Instant::now() >= due)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_a_minute_and_are_never_shorter_than_half_of_that() {
        let mut pace = Pace::default();
        assert!(pace.is_due());
        for seconds in [2, 4, 8, 16, 32, 64, 64, 64] {
            pace.failed();
            advance(Duration::from_secs(seconds) / 2 - Duration::from_millis(1)).await;
            assert!(!pace.is_due(), "{seconds}");
            advance(Duration::from_secs(seconds) / 2 + Duration::from_millis(1)).await;
            assert!(pace.is_due(), "{seconds}");
        }
        pace.succeeded();
        assert!(pace.is_due());
        pace.failed();
        advance(Duration::from_secs(2)).await;
        assert!(pace.is_due(), "it begins anew after a success");
    }

    #[tokio::test(start_paused = true)]
    async fn two_that_fail_together_are_not_tried_together() {
        let pauses: std::collections::BTreeSet<Instant> = (0..20)
            .filter_map(|_| {
                let mut pace = Pace::default();
                pace.failed();
                pace.due
            })
            .collect();
        assert!(pauses.len() > 1);
    }
}
