//! How long a host that failed is left alone: a second, doubled with each failure in a row.

use std::time::Duration;

use tokio::time::Instant;

/// After the first failure.
const FIRST: Duration = Duration::from_secs(1);
/// The most, as doublings: eight seconds.
const MOST: u32 = 3;

/// The failures of one host since it last did what it was asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rest {
    failures: u32,
    last: Option<Instant>,
}

impl Rest {
    /// It failed just now.
    pub fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
        self.last = Some(Instant::now());
    }

    /// Whether it has rested enough to be tried again. Where there is no other host, the first rest is enough.
    #[must_use]
    pub fn is_over(&self, alone: bool) -> bool {
        let doublings = if alone { 0 } else { self.failures.saturating_sub(1).min(MOST) };
        self.last.is_none_or(|last| last.elapsed() >= FIRST * 2_u32.pow(doublings))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_failure_in_a_row_doubles_the_rest_up_to_a_bound() {
        let mut rest = Rest::default();
        assert!(rest.is_over(false));
        for seconds in [1, 2, 4, 8, 8, 8] {
            rest.failed();
            advance(Duration::from_secs(seconds) - Duration::from_millis(1)).await;
            assert!(!rest.is_over(false), "{seconds}");
            assert!(seconds == 1 || rest.is_over(true), "a host without others rests for a second");
            advance(Duration::from_millis(1)).await;
            assert!(rest.is_over(false), "{seconds}");
        }
    }
}
