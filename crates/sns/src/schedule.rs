//! When a delivery that failed is tried again (spec 6.6).
//!
//! A retry policy has four phases: at once, then a few times after its shortest delay, then with a delay that grows,
//! then at its longest delay. AWS adds chance to its delays; here they are exact, so that a replay of the journal and
//! a test see the same.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>

use domain::Time;

use crate::config::Config;
use crate::delivery_policy::{Backoff, RetryPolicy, effective};
use crate::limits;
use crate::subscription::{Protocol, Subscription};

/// Endpoints that AWS runs itself: Lambda, SQS, Firehose.
const AWS_MANAGED: RetryPolicy = RetryPolicy {
    min_delay: 1,
    max_delay: 20,
    retries: 100_015,
    no_delay: 3,
    min_delay_retries: 2,
    max_delay_retries: 100_000,
    backoff: Backoff::Exponential,
};

/// Endpoints of others that SNS has no HTTP policy for: mail, SMS, mobile push.
const CUSTOMER_MANAGED: RetryPolicy = RetryPolicy {
    min_delay: 10,
    max_delay: 600,
    retries: 50,
    no_delay: 0,
    min_delay_retries: 2,
    max_delay_retries: 38,
    backoff: Backoff::Exponential,
};

/// What is known of a delivery that has failed, this time included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failures {
    pub(crate) count: u32,
    pub(crate) first: Time,
}

/// When to try again; absent, it has been tried often enough.
pub(crate) fn next(
    topic: &Config,
    subscription: &Subscription,
    failures: Failures,
    now: Time,
) -> Option<Time> {
    let protocol = subscription.protocol;
    let (policy, within) = match protocol {
        Protocol::Http | Protocol::Https => (
            effective(topic, subscription).retry,
            Some(limits::RETRY_SECONDS_MAX),
        ),
        Protocol::Email | Protocol::EmailJson | Protocol::Sms | Protocol::Application => {
            (CUSTOMER_MANAGED, None)
        }
        Protocol::Sqs | Protocol::Lambda | Protocol::Firehose => (AWS_MANAGED, None),
    };
    let due = now.after_millis(delay(&policy, failures.count)?);
    let in_time = |within: u32| due.since(failures.first) <= u64::from(within) * 1000;
    within.is_none_or(in_time).then_some(due)
}

/// Milliseconds before the retry of this number, counted from 1; absent beyond the last.
fn delay(policy: &RetryPolicy, retry: u32) -> Option<u64> {
    if retry > policy.retries {
        return None;
    }
    let RetryPolicy {
        min_delay,
        max_delay,
        retries,
        no_delay,
        min_delay_retries,
        max_delay_retries,
        ..
    } = *policy;
    // Phases longer than all retries together end with them.
    let at_least = no_delay.saturating_add(min_delay_retries);
    let growing = retries
        .saturating_sub(at_least)
        .saturating_sub(max_delay_retries);
    Some(if retry <= no_delay {
        0
    } else if retry <= at_least {
        millis(min_delay)
    } else if retry <= at_least + growing {
        backoff(policy, retry - at_least - 1, growing)
    } else {
        millis(max_delay)
    })
}

/// The delay of one of the `steps` retries of the growing phase, counted from 0: it begins with the shortest delay and
/// ends with the longest.
fn backoff(policy: &RetryPolicy, step: u32, steps: u32) -> u64 {
    let (min, max) = (millis(policy.min_delay), millis(policy.max_delay));
    let (way, step, last) = (
        max.saturating_sub(min),
        u64::from(step),
        u64::from(steps) - 1,
    );
    if last == 0 {
        return min;
    }
    match policy.backoff {
        // Grows by the same each time.
        Backoff::Linear => min + way * step / last,
        // Grows by ever more, and that by the same each time.
        Backoff::Arithmetic => min + way * step * (step + 1) / (last * (last + 1)),
        // Grows by the same factor each time.
        Backoff::Geometric => geometric(min, max, step, last),
        // Doubles until it is the longest.
        Backoff::Exponential => min
            .saturating_mul(1u64.checked_shl(step as u32).unwrap_or(u64::MAX))
            .min(max),
    }
}

/// `min` times the `step`-th power of the factor that leads to `max` in `last` steps.
///
/// The factor is found by halving: multiplication gives the same result on every machine, which a library's power
/// function need not.
fn geometric(min: u64, max: u64, step: u64, last: u64) -> u64 {
    let power = |factor: f64, times: u64| (0..times).fold(1.0, |product: f64, _| product * factor);
    let ratio = max as f64 / min.max(1) as f64;
    let (mut low, mut high) = (1.0, ratio.max(1.0));
    for _ in 0..64 {
        let middle = (low + high) / 2.0;
        if power(middle, last) < ratio {
            low = middle;
        } else {
            high = middle;
        }
    }
    let delay = min as f64 * power(high, step);
    (delay.round() as u64).clamp(min, max.max(min))
}

fn millis(seconds: u32) -> u64 {
    u64::from(seconds) * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(policy: &RetryPolicy) -> Vec<u64> {
        (1..).map_while(|retry| delay(policy, retry)).collect()
    }

    fn growing(backoff: Backoff) -> Vec<u64> {
        delays(&RetryPolicy {
            min_delay: 5,
            max_delay: 260,
            retries: 6,
            backoff,
            ..RetryPolicy::default()
        })
    }

    #[test]
    fn an_http_endpoint_is_tried_again_three_times_at_20_seconds() {
        assert_eq!(delays(&RetryPolicy::default()), [20_000; 3]);
    }

    #[test]
    fn the_phases_follow_each_other() {
        let sample = RetryPolicy {
            min_delay: 1,
            max_delay: 60,
            retries: 50,
            no_delay: 3,
            min_delay_retries: 2,
            max_delay_retries: 35,
            backoff: Backoff::Exponential,
        };
        let delays = delays(&sample);
        assert_eq!(delays.len(), 50);
        assert_eq!(delays[..5], [0, 0, 0, 1000, 1000]);
        let grown = [1, 2, 4, 8, 16, 32, 60, 60, 60, 60].map(|seconds| seconds * 1000);
        assert_eq!(delays[5..15], grown);
        assert_eq!(delays[15..], [60_000; 35]);
    }

    #[test]
    fn each_backoff_function_leads_from_the_shortest_to_the_longest_delay_in_its_own_way() {
        assert_eq!(
            growing(Backoff::Linear),
            [5_000, 56_000, 107_000, 158_000, 209_000, 260_000]
        );
        assert_eq!(
            growing(Backoff::Arithmetic),
            [5_000, 22_000, 56_000, 107_000, 175_000, 260_000]
        );
        assert_eq!(
            growing(Backoff::Geometric),
            [5_000, 11_020, 24_287, 53_527, 117_970, 260_000]
        );
        assert_eq!(
            growing(Backoff::Exponential),
            [5_000, 10_000, 20_000, 40_000, 80_000, 160_000]
        );
    }

    #[test]
    fn no_retries_is_one_attempt() {
        let once = RetryPolicy {
            retries: 0,
            ..RetryPolicy::default()
        };
        assert_eq!(delay(&once, 1), None);
    }

    #[test]
    fn phases_longer_than_all_retries_end_with_them() {
        let long = RetryPolicy {
            retries: 3,
            no_delay: 2,
            min_delay_retries: u32::MAX,
            max_delay_retries: u32::MAX,
            ..RetryPolicy::default()
        };
        assert_eq!(delays(&long), [0, 0, 20_000]);
    }

    #[test]
    fn a_geometric_backoff_between_equal_delays_stays() {
        assert_eq!(geometric(20_000, 20_000, 3, 9), 20_000);
    }
}
