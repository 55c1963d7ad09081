//! A histogram of durations without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The smallest bound. Each next one is twice as large; the largest finite one is 26.2 s, above the longest poll.
const FIRST_MICROS: u64 = 50;
const FINITE: usize = 20;

#[derive(Debug, Default)]
pub(crate) struct Histogram {
    buckets: [AtomicU64; FINITE + 1],
    micros: AtomicU64,
}

impl Histogram {
    pub(crate) fn observe(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.buckets[bucket(micros)].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Each bucket's upper bound in seconds and its own count.
    pub(crate) fn buckets(&self) -> Vec<(f64, u64)> {
        let bound = |n: usize| match n {
            FINITE => f64::INFINITY,
            _ => (FIRST_MICROS << n) as f64 / 1e6,
        };
        let counts = self
            .buckets
            .iter()
            .map(|bucket| bucket.load(Ordering::Relaxed));
        counts
            .enumerate()
            .map(|(n, count)| (bound(n), count))
            .collect()
    }

    pub(crate) fn sum_seconds(&self) -> f64 {
        self.micros.load(Ordering::Relaxed) as f64 / 1e6
    }
}

/// The first bucket whose bound is at least `micros`.
fn bucket(micros: u64) -> usize {
    let firsts = micros.saturating_sub(1) / FIRST_MICROS;
    let doublings = u64::BITS - firsts.leading_zeros();
    (doublings as usize).min(FINITE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_the_first_bucket_that_holds_it() {
        let cases = [
            (0, 0),
            (1, 0),
            (50, 0),
            (51, 1),
            (100, 1),
            (101, 2),
            (200, 2),
            (201, 3),
            (26_214_400, 19),
        ];
        for (micros, wanted) in cases {
            assert_eq!(bucket(micros), wanted, "{micros} µs");
        }
        assert_eq!(bucket(26_214_401), FINITE);
        assert_eq!(bucket(u64::MAX), FINITE);
    }

    #[test]
    fn sum_and_buckets_follow_what_was_observed() {
        let histogram = Histogram::default();
        histogram.observe(Duration::from_micros(70));
        histogram.observe(Duration::from_secs(3600));
        let buckets = histogram.buckets();
        assert_eq!(buckets[1], (0.0001, 1));
        assert_eq!(buckets[FINITE], (f64::INFINITY, 1));
        assert_eq!(buckets.iter().map(|(_, count)| count).sum::<u64>(), 2);
        assert!((histogram.sum_seconds() - 3600.00007).abs() < 1e-9);
    }
}
