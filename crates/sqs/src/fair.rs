//! Fair queues: when a tenant counts as noisy, so that others' messages go first (spec 5.6).
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html>. Of AWS's two
//! signs only the share of messages in flight is read; the share of consumers' time is not known here.

use domain::{Seconds, Time};

/// A tenant with fewer messages in flight is never noisy.
const IN_FLIGHT_MIN: u32 = 30;
/// A noisy tenant holds more than one in this many messages in flight.
const SHARE: u32 = 10;
/// A tenant that sends nothing this long is not noisy any more.
const LABEL: Seconds = Seconds(300);

pub(crate) fn is_noisy(of_tenant: u32, of_queue: u32, fed: Time, now: Time) -> bool {
    of_tenant >= IN_FLIGHT_MIN && of_tenant > of_queue / SHARE && now < label_ends(fed)
}

pub(crate) fn label_ends(fed: Time) -> Time {
    fed.after(LABEL)
}
