//! Amazon SQS's quotas, one name each.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html>; the throughput
//! quotas there are left out on purpose: nothing is throttled.

use std::ops::RangeInclusive;

use domain::Seconds;

/// Largest message, and largest sum over a batch, in bytes.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
pub const MESSAGE_BYTES_MAX: u32 = 1_048_576;
/// MaximumMessageSize, in bytes.
pub const MESSAGE_BYTES: RangeInclusive<u32> = 1024..=MESSAGE_BYTES_MAX;
/// Entries of a batch, and messages of a receive.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api-actions.html>
pub const BATCH_ENTRIES_MAX: usize = 10;
/// MaxNumberOfMessages of a receive.
pub const RECEIVE_MESSAGES: RangeInclusive<i32> = 1..=10;
/// Message attributes of one message.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>
pub const MESSAGE_ATTRIBUTES_MAX: usize = 10;
/// Names and types of message attributes are shorter than this, in bytes.
pub const ATTRIBUTE_NAME_BYTES: usize = 256;
/// Significant digits of a message attribute of type Number.
pub const NUMBER_DIGITS_MAX: usize = 38;
/// Powers of ten of a message attribute of type Number.
pub const NUMBER_EXPONENT: RangeInclusive<i64> = -128..=126;

/// Queue names, batch entry ids and permission labels, in characters.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html>
pub const NAME_CHARS_MAX: usize = 80;
/// MessageGroupId, MessageDeduplicationId, ReceiveRequestAttemptId, in characters.
pub const MESSAGE_TOKEN_CHARS_MAX: usize = 128;

/// DelaySeconds.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>
pub const DELAY_SECONDS: RangeInclusive<u32> = 0..=900;
/// MessageRetentionPeriod: a minute to 14 days.
pub const RETENTION_SECONDS: RangeInclusive<u32> = 60..=1_209_600;
/// ReceiveMessageWaitTimeSeconds and WaitTimeSeconds.
pub const WAIT_SECONDS: RangeInclusive<u32> = 0..=20;
/// VisibilityTimeout; also the most a message may be hidden in all, counted from its receive.
pub const VISIBILITY_SECONDS: RangeInclusive<u32> = 0..=43_200;
/// KmsDataKeyReusePeriodSeconds.
pub const KMS_REUSE_SECONDS: RangeInclusive<u32> = 60..=86_400;

pub const DELAY_DEFAULT: Seconds = Seconds(0);
pub const RETENTION_DEFAULT: Seconds = Seconds(345_600);
pub const WAIT_DEFAULT: Seconds = Seconds(0);
pub const VISIBILITY_DEFAULT: Seconds = Seconds(30);
pub const KMS_REUSE_DEFAULT: Seconds = Seconds(300);

/// How long a changed DeduplicationScope takes to come into force.
pub const SCOPE_CHANGE: Seconds = Seconds(60);
/// A second purge is refused this long after the first.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html>
pub const PURGE_WAIT: Seconds = Seconds(60);
/// A deleted queue's name is refused this long.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html>
pub const DELETED_WAIT: Seconds = Seconds(60);

/// Queue URLs of a page.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html>
pub const PAGE: RangeInclusive<i32> = 1..=1000;

/// Access policy, in bytes and in parts.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html>
pub const POLICY_BYTES_MAX: usize = 8192;
pub const POLICY_STATEMENTS_MAX: usize = 20;
pub const POLICY_PRINCIPALS_MAX: usize = 50;
pub const POLICY_CONDITIONS_MAX: usize = 10;
pub const POLICY_ACTIONS_MAX: usize = 7;

/// maxReceiveCount of a RedrivePolicy.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>
pub const RECEIVE_COUNT: RangeInclusive<u32> = 1..=1000;
/// sourceQueueArns of a RedriveAllowPolicy.
pub const ALLOWED_SOURCES_MAX: usize = 10;
/// MaxNumberOfMessagesPerSecond of a message move task.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>
pub const MOVE_RATE: RangeInclusive<i32> = 1..=500;
/// MaxResults of ListMessageMoveTasks.
pub const MOVE_TASKS_LISTED: RangeInclusive<i32> = 1..=10;

/// Tags of a queue, and the characters of a key and a value.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html>
pub const TAGS_MAX: usize = 50;
pub const TAG_KEY_CHARS: RangeInclusive<usize> = 1..=128;
pub const TAG_VALUE_CHARS_MAX: usize = 256;
