//! Percentiles, and how far to trust them.

use serde::{Deserialize, Serialize};

/// A set of measurements in short.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How many there are.
    pub count: usize,
    /// The smallest.
    pub min: f64,
    /// The median.
    pub p50: f64,
    /// Lower end of the median's 95 % confidence interval, from the order of the values alone.
    pub p50_low: f64,
    /// Its upper end.
    pub p50_high: f64,
    /// 19 of 20 are not above this.
    pub p95: f64,
    /// 99 of 100 are not above this; with fewer than 100 values the largest.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

impl Summary {
    /// The summary; `None` of nothing.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let (low, high) = median_interval(sorted.len());
        Some(Self {
            count: sorted.len(),
            min,
            p50: median(&sorted),
            p50_low: sorted[low],
            p50_high: sorted[high],
            p95: percentile(&sorted, 95),
            p99: percentile(&sorted, 99),
            max,
        })
    }
}

/// The median of unsorted values; not a number for none.
pub fn median_of(values: &[f64]) -> f64 {
    Summary::of(values).map_or(f64::NAN, |summary| summary.p50)
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    }
}

/// By nearest rank: always a value that was measured, and never a smaller one than interpolation gives.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted[rank.max(1) - 1]
}

/// Ranks between which the median lies in 95 of 100 repetitions, by the binomial distribution's normal form.
fn median_interval(count: usize) -> (usize, usize) {
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let half = count as f64 / 2.0;
    let reach = 0.98 * (half * 2.0).sqrt();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the ranks")]
    let rank = |at: f64| at.clamp(0.0, half * 2.0 - 1.0) as usize;
    (rank((half - reach).floor()), rank((half + reach).floor()))
}
