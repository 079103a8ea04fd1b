//! How soon something that failed is tried again: after a pause, then after twice as long each time, up to a bound, and
//! never at the same moment as whoever else failed with it.

use std::time::Duration;

use tokio::time::Instant;

/// The failures of one thing since it last succeeded.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    first: Duration,
    doublings: u32,
    failures: u32,
    /// When it failed last, and how long it is then left alone.
    rests: Option<(Instant, Duration)>,
}

impl Default for Pace {
    /// For what makes a slow engine slower: from 2 seconds to 64.
    fn default() -> Self {
        Self::new(Duration::from_secs(2), 5)
    }
}

impl Pace {
    /// One whose longest first pause is this, and is doubled so often at most.
    #[must_use]
    pub const fn new(first: Duration, doublings: u32) -> Self {
        Self { first, doublings, failures: 0, rests: None }
    }

    /// It failed just now.
    pub fn failed(&mut self) {
        let whole = self.first * 2_u32.pow(self.failures.min(self.doublings));
        // Between half of the pause and all of it.
        let pause = whole.mul_f64(rand::random_range(0.5..=1.0));
        self.failures = self.failures.saturating_add(1);
        self.rests = Some((Instant::now(), pause));
    }

    /// It did what it should.
    pub fn succeeded(&mut self) {
        *self = Self::new(self.first, self.doublings);
    }

    /// Whether it may be tried now.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.rests.is_none_or(|(since, pause)| since.elapsed() >= pause)
    }

    /// Whether it may be tried now where there is nothing else to try: the first pause is enough, however often it failed.
    #[must_use]
    pub fn is_due_alone(&self) -> bool {
        self.rests.is_none_or(|(since, pause)| since.elapsed() >= pause.min(self.first))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_their_bound_and_are_never_shorter_than_half_of_that() {
        for (new, all) in [
            (Pace::default(), vec![2, 4, 8, 16, 32, 64, 64, 64]),
            (Pace::new(Duration::from_secs(1), 3), vec![1, 2, 4, 8, 8, 8]),
        ] {
            let mut pace = new;
            assert!(pace.is_due() && pace.is_due_alone());
            for seconds in all {
                pace.failed();
                advance(Duration::from_secs(seconds) / 2 - Duration::from_millis(1)).await;
                assert!(!pace.is_due(), "{seconds}");
                let first_is_over = Duration::from_secs(seconds) / 2 > new.first;
                assert!(
                    !first_is_over || pace.is_due_alone(),
                    "what is alone rests for its first pause only"
                );
                advance(Duration::from_secs(seconds) / 2 + Duration::from_millis(1)).await;
                assert!(pace.is_due() && pace.is_due_alone(), "{seconds}");
            }
            pace.succeeded();
            assert!(pace.is_due());
            pace.failed();
            advance(new.first).await;
            assert!(pace.is_due(), "it begins anew after a success");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn two_that_fail_together_are_not_tried_together() {
        let pauses: std::collections::BTreeSet<Duration> = (0..20)
            .filter_map(|_| {
                let mut pace = Pace::default();
                pace.failed();
                pace.rests.map(|(_, pause)| pause)
            })
            .collect();
        assert!(pauses.len() > 1);
    }
}
