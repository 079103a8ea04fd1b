//! What time it is, as the stores are told it, and the whole milliseconds they keep it in.

use std::{fmt, sync::Arc};

use time::OffsetDateTime;

/// Tells the time. Stores ask it whenever a record's age decides how it reads, so that tests can say when it is.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> OffsetDateTime + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(OffsetDateTime::now_utc)
    }

    /// A clock that says what `now` says.
    #[must_use]
    pub fn from_fn(now: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time, in UTC.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

/// Whole milliseconds since 1970 in UTC; what is finer is dropped, towards the past.
#[must_use]
pub fn to_millis(time: OffsetDateTime) -> i64 {
    // `time` goes from year -9999 to 9999: 2^58 milliseconds either way.
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

/// The time that is so many milliseconds after 1970 began in UTC; `None` beyond the year 9999 either way.
#[must_use]
pub fn from_millis(millis: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn milliseconds_are_kept_and_what_is_finer_is_dropped() {
        for (time, kept) in [
            (datetime!(2025-02-12 21:00:00.123_999 UTC), datetime!(2025-02-12 21:00:00.123 UTC)),
            (datetime!(1969-12-31 23:59:59.999_9 UTC), datetime!(1969-12-31 23:59:59.999 UTC)),
            (datetime!(9999-12-31 23:59:59.999 UTC), datetime!(9999-12-31 23:59:59.999 UTC)),
        ] {
            assert_eq!(from_millis(to_millis(time)), Some(kept));
        }
        assert_eq!(from_millis(i64::MAX), None);
    }
}
