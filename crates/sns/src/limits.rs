//! Amazon SNS's quotas, one name each.
//!
//! <https://docs.aws.amazon.com/general/latest/gr/sns.html>; the request rates there are left out on purpose:
//! nothing is throttled.

use std::ops::RangeInclusive;

use domain::Seconds;

/// Topic names, in characters, the suffix of a FIFO topic included.
/// <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>
pub const NAME_CHARS_MAX: usize = 256;
/// DisplayName, in characters.
pub const DISPLAY_NAME_CHARS_MAX: usize = 100;

/// Largest message with its attributes unless the topic says otherwise, in bytes.
pub const MESSAGE_BYTES_DEFAULT: u32 = 262_144;
/// MaximumMessageSize, in bytes.
pub const MESSAGE_BYTES: RangeInclusive<u32> = 1024..=1_048_576;
/// Entries of a batch.
/// <https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>
pub const BATCH_ENTRIES_MAX: usize = 10;

/// Topics of an account in a region.
pub const TOPICS_MAX: usize = 100_000;
/// Those of them that are FIFO topics.
pub const TOPICS_FIFO_MAX: usize = 1000;
/// Subscriptions of a standard topic.
pub const SUBSCRIPTIONS_MAX: usize = 12_500_000;
/// Subscriptions of a FIFO topic, and of one whose messages may be larger than usual.
pub const SUBSCRIPTIONS_FEW_MAX: usize = 100;
/// Subscriptions of a topic that have a filter policy.
pub const FILTER_POLICIES_MAX: usize = 200;

/// How long a subscription may be confirmed.
/// <https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html>
pub const CONFIRMATION_WAIT: Seconds = Seconds(2 * 86_400);
/// How long an ended subscription may be restored with the token of its UnsubscribeConfirmation.
pub const RESTORE_WAIT: Seconds = Seconds(3 * 86_400);

/// How long an ended subscription is counted in SubscriptionsDeleted.
pub const DELETED_SHOWN: Seconds = Seconds(3 * 86_400);

/// Access policy, in bytes and in parts.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-key-concepts.html>
pub const POLICY_BYTES_MAX: usize = 30 * 1024;
pub const POLICY_STATEMENTS_MAX: usize = 100;
pub const POLICY_PRINCIPALS_MAX: usize = 200;
/// Data protection policy, in characters.
/// <https://docs.aws.amazon.com/sns/latest/api/API_PutDataProtectionPolicy.html>
pub const DATA_PROTECTION_CHARS_MAX: usize = 30_720;

/// MessageRetentionPeriod of an ArchivePolicy, in days.
pub const ARCHIVE_DAYS: RangeInclusive<u32> = 1..=365;

/// numRetries of a delivery policy.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>
pub const RETRIES_MAX: u32 = 100;
/// maxDelayTarget of a delivery policy, and all retries to one HTTP endpoint together, in seconds.
pub const RETRY_SECONDS_MAX: u32 = 3600;

/// Topics and subscriptions of a page.
pub const PAGE: usize = 100;

/// Tags of a topic, and the characters of a key and a value.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html>
pub const TAGS_MAX: usize = 50;
pub const TAG_KEY_CHARS: RangeInclusive<usize> = 1..=128;
pub const TAG_VALUE_CHARS_MAX: usize = 256;
