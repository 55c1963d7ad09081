//! AWS's quotas and ranges of CloudWatch Logs.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>

use std::ops::RangeInclusive;

use domain::Seconds;

/// What each event counts beside its message, everywhere sizes are judged.
pub const EVENT_OVERHEAD: usize = 26;

/// A PutLogEvents request, its events' overhead included.
pub const BATCH_BYTES_MAX: usize = 1_048_576;

/// One event, its overhead included.
pub const EVENT_BYTES_MAX: usize = 1_048_576;

pub const BATCH_EVENTS_MAX: usize = 10_000;

/// From the first accepted event of a request to its last.
pub const BATCH_SPAN: Seconds = Seconds(24 * 3600);

/// An event stamped later than this after now is too new.
pub const TOO_NEW: Seconds = Seconds(2 * 3600);

/// An event stamped earlier than this before now is too old.
pub const TOO_OLD: Seconds = Seconds(14 * 24 * 3600);

/// Events a page of GetLogEvents and FilterLogEvents may hold.
pub const PAGE_EVENTS: RangeInclusive<i64> = 1..=10_000;

/// What the events of a page may come to, their overhead included.
pub const PAGE_BYTES_MAX: usize = 1_048_576;

/// How long FilterLogEvents' tokens are good for.
pub const TOKEN_LIFE: Seconds = Seconds(24 * 3600);

/// Groups a page of DescribeLogGroups may hold, and streams one of DescribeLogStreams.
pub const DESCRIBE_PAGE: RangeInclusive<i64> = 1..=50;

/// Groups a page of ListLogGroups may hold, and how many it does if the caller does not say.
pub const LIST_PAGE: RangeInclusive<i64> = 1..=1000;
pub const LIST_PAGE_DEFAULT: usize = 50;

pub const TAGS_MAX: usize = 50;

/// Retention in days: nothing else may be set.
pub const RETENTION_DAYS: [u16; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// Retention of groups of the class DELIVERY, which nobody can set.
pub const DELIVERY_RETENTION_DAYS: u16 = 1;

/// Regular expressions in one filter pattern of the JSON or space-delimited kind.
pub const PATTERN_REGEX_MAX: usize = 2;

/// Messages that TestMetricFilter takes.
pub const TEST_MESSAGES: RangeInclusive<usize> = 1..=50;

// Bounds of our own.

/// Events that a search looks at under one hold of the cell, and what their messages may come to.
pub const CHUNK_EVENTS: usize = 1024;
pub const CHUNK_BYTES: usize = 1_048_576;

/// What one call of FilterLogEvents looks through before it answers with a token: AWS, too, ends a call after some
/// time, with whatever it has found.
pub const SEARCH_BYTES_MAX: u64 = 64 << 20;
