//! Times in buckets that are at most 1/64 of their value wide.

use std::time::Duration;

const STEPS_BITS: u32 = 6;
const STEPS: usize = 1 << STEPS_BITS;

#[derive(Clone)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    pub(crate) fn new() -> Histogram {
        Histogram {
            counts: vec![0; STEPS * (64 - STEPS_BITS as usize + 1)],
            total: 0,
        }
    }

    pub(crate) fn record(&mut self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.counts[bucket(nanos)] += 1;
        self.total += 1;
    }

    /// The time that `share` of all records do not exceed; zero when there are none.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let wanted = (self.total as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted.max(1) {
                return Duration::from_nanos(upper(bucket));
            }
        }
        Duration::ZERO
    }
}

fn bucket(nanos: u64) -> usize {
    let shift = (64 - nanos.leading_zeros()).saturating_sub(STEPS_BITS + 1);
    shift as usize * STEPS + (nanos >> shift) as usize
}

/// The largest value of a bucket.
fn upper(bucket: usize) -> u64 {
    if bucket < 2 * STEPS {
        return bucket as u64;
    }
    let shift = bucket / STEPS - 1;
    let step = (bucket - shift * STEPS) as u64;
    ((step + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_found_within_a_sixty_fourth() {
        for nanos in (0..40).flat_map(|bits| [(1u64 << bits) - 1, 1 << bits, (1 << bits) + 1]) {
            let found = upper(bucket(nanos));
            assert!(
                found >= nanos && found - nanos <= nanos / 64 + 1,
                "{nanos}: {found}"
            );
        }
    }

    #[test]
    fn quantiles_of_a_thousand_steps() {
        let mut histogram = Histogram::new();
        for micros in 1..=1000 {
            histogram.record(Duration::from_micros(micros));
        }
        let p50 = histogram.quantile(0.5).as_micros();
        let p99 = histogram.quantile(0.99).as_micros();
        assert!((500..=508).contains(&p50), "{p50}");
        assert!((990..=1006).contains(&p99), "{p99}");
    }
}
