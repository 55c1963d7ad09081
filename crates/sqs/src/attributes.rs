//! Queue attributes: their names, what may be given for them, and how they read back.
//!
//! Spec section 2.7;
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>.

use std::ops::RangeInclusive;

use api::Str;
use domain::{AccountId, Region, Seconds, Time};

use crate::config::{Config, DedupScope, ThroughputLimit};
use crate::error::Error;
use crate::limits;
use crate::policy;
use crate::queue::Counts;
use crate::redrive_policy::{self, Lookup, number};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueAttribute {
    Policy,
    VisibilityTimeout,
    MaximumMessageSize,
    MessageRetentionPeriod,
    ApproximateNumberOfMessages,
    ApproximateNumberOfMessagesNotVisible,
    ApproximateNumberOfMessagesDelayed,
    CreatedTimestamp,
    LastModifiedTimestamp,
    QueueArn,
    DelaySeconds,
    ReceiveMessageWaitTimeSeconds,
    RedrivePolicy,
    RedriveAllowPolicy,
    FifoQueue,
    ContentBasedDeduplication,
    DeduplicationScope,
    FifoThroughputLimit,
    KmsMasterKeyId,
    KmsDataKeyReusePeriodSeconds,
    SqsManagedSseEnabled,
}

use QueueAttribute as Attr;

/// All attributes in the order they read back.
const TABLE: [(Attr, &str); 21] = [
    (Attr::Policy, "Policy"),
    (Attr::VisibilityTimeout, "VisibilityTimeout"),
    (Attr::MaximumMessageSize, "MaximumMessageSize"),
    (Attr::MessageRetentionPeriod, "MessageRetentionPeriod"),
    (
        Attr::ApproximateNumberOfMessages,
        "ApproximateNumberOfMessages",
    ),
    (
        Attr::ApproximateNumberOfMessagesNotVisible,
        "ApproximateNumberOfMessagesNotVisible",
    ),
    (
        Attr::ApproximateNumberOfMessagesDelayed,
        "ApproximateNumberOfMessagesDelayed",
    ),
    (Attr::CreatedTimestamp, "CreatedTimestamp"),
    (Attr::LastModifiedTimestamp, "LastModifiedTimestamp"),
    (Attr::QueueArn, "QueueArn"),
    (Attr::DelaySeconds, "DelaySeconds"),
    (
        Attr::ReceiveMessageWaitTimeSeconds,
        "ReceiveMessageWaitTimeSeconds",
    ),
    (Attr::RedrivePolicy, "RedrivePolicy"),
    (Attr::RedriveAllowPolicy, "RedriveAllowPolicy"),
    (Attr::FifoQueue, "FifoQueue"),
    (Attr::ContentBasedDeduplication, "ContentBasedDeduplication"),
    (Attr::DeduplicationScope, "DeduplicationScope"),
    (Attr::FifoThroughputLimit, "FifoThroughputLimit"),
    (Attr::KmsMasterKeyId, "KmsMasterKeyId"),
    (
        Attr::KmsDataKeyReusePeriodSeconds,
        "KmsDataKeyReusePeriodSeconds",
    ),
    (Attr::SqsManagedSseEnabled, "SqsManagedSseEnabled"),
];

impl QueueAttribute {
    pub(crate) fn all() -> impl Iterator<Item = QueueAttribute> {
        TABLE.iter().map(|&(attribute, _)| attribute)
    }

    pub(crate) fn parse(name: &str) -> Result<QueueAttribute, Error> {
        let row = TABLE.iter().find(|(_, known)| *known == name);
        row.map(|&(attribute, _)| attribute)
            .ok_or_else(|| Error::unknown_attribute(name))
    }

    pub(crate) fn name(self) -> &'static str {
        let row = TABLE.iter().find(|&&(attribute, _)| attribute == self);
        row.expect("the table holds every attribute").1
    }

    /// Whether a queue of this type can be given this attribute.
    fn check_settable(self, fifo: bool) -> Result<(), Error> {
        match self {
            Attr::ApproximateNumberOfMessages
            | Attr::ApproximateNumberOfMessagesNotVisible
            | Attr::ApproximateNumberOfMessagesDelayed
            | Attr::CreatedTimestamp
            | Attr::LastModifiedTimestamp
            | Attr::QueueArn => Err(Error::unknown_attribute(self.name())),
            Attr::FifoQueue | Attr::ContentBasedDeduplication if !fifo => {
                Err(Error::unknown_attribute(self.name()))
            }
            Attr::DeduplicationScope | Attr::FifoThroughputLimit if !fifo => {
                Err(Error::InvalidAttributeName(
                    format!(
                        "You can specify the {} only when FifoQueue is set to true.",
                        self.name()
                    )
                    .into(),
                ))
            }
            Attr::Policy
            | Attr::VisibilityTimeout
            | Attr::MaximumMessageSize
            | Attr::MessageRetentionPeriod
            | Attr::DelaySeconds
            | Attr::ReceiveMessageWaitTimeSeconds
            | Attr::RedrivePolicy
            | Attr::RedriveAllowPolicy
            | Attr::FifoQueue
            | Attr::ContentBasedDeduplication
            | Attr::DeduplicationScope
            | Attr::FifoThroughputLimit
            | Attr::KmsMasterKeyId
            | Attr::KmsDataKeyReusePeriodSeconds
            | Attr::SqsManagedSseEnabled => Ok(()),
        }
    }

    fn invalid(self) -> Error {
        Error::InvalidAttributeValue(
            format!("Invalid value for the parameter {}.", self.name()).into(),
        )
    }
}

/// Attributes of a request, in the order given.
pub(crate) type Given<'a> = Vec<(QueueAttribute, &'a str)>;

/// Checks the names of what a request sets, before any value is looked at.
pub(crate) fn settable<'a>(
    given: &'a [(Str<'_>, Str<'_>)],
    fifo: bool,
) -> Result<Given<'a>, Error> {
    let mut named = Vec::with_capacity(given.len());
    for (name, value) in given {
        let attribute = QueueAttribute::parse(name)?;
        attribute.check_settable(fifo)?;
        named.push((attribute, &**value));
    }
    Ok(named)
}

/// A queue as it is without any attribute given.
pub(crate) fn fresh(
    name: &str,
    account: AccountId,
    region: Region,
    fifo: bool,
    now: Time,
) -> Config {
    Config {
        name: name.to_owned(),
        account,
        region,
        fifo,
        created: now,
        modified: now,
        delay: limits::DELAY_DEFAULT,
        message_bytes_max: limits::MESSAGE_BYTES_MAX,
        retention: limits::RETENTION_DEFAULT,
        wait: limits::WAIT_DEFAULT,
        visibility: limits::VISIBILITY_DEFAULT,
        policy: None,
        redrive: None,
        redrive_allow: None,
        kms_key: None,
        kms_reuse: limits::KMS_REUSE_DEFAULT,
        managed_sse: true,
        content_dedup: false,
        dedup_scope: DedupScope::Queue,
        dedup_scope_before: None,
        throughput: ThroughputLimit::PerQueue,
        tags: Vec::new(),
    }
}

/// Sets all attributes of a request, or says what is wrong with one of them or with them together.
pub(crate) fn assign_all(
    config: &mut Config,
    given: &Given<'_>,
    lookup: Lookup<'_>,
) -> Result<(), Error> {
    for &(attribute, value) in given {
        assign(config, attribute, value, lookup)?;
    }
    settle_encryption(config, given)?;
    if config.throughput == ThroughputLimit::PerMessageGroupId
        && config.dedup_scope == DedupScope::Queue
    {
        return Err(Error::InvalidAttributeValue(
            "Invalid value for the parameter FifoThroughputLimit. Reason: The perMessageGroupId value is \
             allowed only when the value for DeduplicationScope is messageGroup."
                .into(),
        ));
    }
    Ok(())
}

/// Sets one attribute, whatever the others are.
pub(crate) fn assign(
    config: &mut Config,
    attribute: Attr,
    value: &str,
    lookup: Lookup<'_>,
) -> Result<(), Error> {
    match attribute {
        Attr::DelaySeconds => config.delay = seconds(attribute, value, limits::DELAY_SECONDS)?,
        Attr::MaximumMessageSize => {
            config.message_bytes_max = within(attribute, value, limits::MESSAGE_BYTES)?;
        }
        Attr::MessageRetentionPeriod => {
            config.retention = seconds(attribute, value, limits::RETENTION_SECONDS)?;
        }
        Attr::ReceiveMessageWaitTimeSeconds => {
            config.wait = seconds(attribute, value, limits::WAIT_SECONDS)?;
        }
        Attr::VisibilityTimeout => {
            config.visibility = seconds(attribute, value, limits::VISIBILITY_SECONDS)?;
        }
        Attr::Policy => config.policy = unless_empty(value, policy::check)?,
        Attr::RedrivePolicy => {
            config.redrive =
                unless_empty(value, |text| redrive_policy::parse(text, config, lookup))?;
        }
        Attr::RedriveAllowPolicy => {
            config.redrive_allow = unless_empty(value, redrive_policy::parse_allow)?;
        }
        Attr::KmsMasterKeyId => config.kms_key = unless_empty(value, |key| Ok(key.to_owned()))?,
        Attr::KmsDataKeyReusePeriodSeconds => {
            config.kms_reuse = seconds(attribute, value, limits::KMS_REUSE_SECONDS)?;
        }
        Attr::SqsManagedSseEnabled => config.managed_sse = flag(attribute, value)?,
        Attr::FifoQueue => {
            if !flag(attribute, value)? {
                return Err(Error::InvalidAttributeValue(
                    "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
                        .into(),
                ));
            }
        }
        Attr::ContentBasedDeduplication => config.content_dedup = flag(attribute, value)?,
        Attr::DeduplicationScope => {
            config.dedup_scope = match value {
                "queue" => DedupScope::Queue,
                "messageGroup" => DedupScope::MessageGroup,
                _ => return Err(attribute.invalid()),
            };
        }
        Attr::FifoThroughputLimit => {
            config.throughput = match value {
                "perQueue" => ThroughputLimit::PerQueue,
                "perMessageGroupId" => ThroughputLimit::PerMessageGroupId,
                _ => return Err(attribute.invalid()),
            };
        }
        Attr::ApproximateNumberOfMessages
        | Attr::ApproximateNumberOfMessagesNotVisible
        | Attr::ApproximateNumberOfMessagesDelayed
        | Attr::CreatedTimestamp
        | Attr::LastModifiedTimestamp
        | Attr::QueueArn => return Err(Error::unknown_attribute(attribute.name())),
    }
    Ok(())
}

/// A KMS key switches the encryption with SQS's own key off; asking for both is an error.
fn settle_encryption(config: &mut Config, given: &Given<'_>) -> Result<(), Error> {
    if config.kms_key.is_none() || !config.managed_sse {
        return Ok(());
    }
    if given
        .iter()
        .any(|&(attribute, _)| attribute == Attr::SqsManagedSseEnabled)
    {
        return Err(Error::InvalidAttributeName(
            "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE \
             or SQS SSE."
                .into(),
        ));
    }
    config.managed_sse = false;
    Ok(())
}

/// An empty text takes the attribute away.
fn unless_empty<T>(
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    if text.is_empty() {
        Ok(None)
    } else {
        parse(text).map(Some)
    }
}

fn within(attribute: Attr, text: &str, range: RangeInclusive<u32>) -> Result<u32, Error> {
    number(text)
        .filter(|value| range.contains(value))
        .ok_or_else(|| attribute.invalid())
}

fn seconds(attribute: Attr, text: &str, range: RangeInclusive<u32>) -> Result<Seconds, Error> {
    within(attribute, text, range).map(Seconds)
}

fn flag(attribute: Attr, text: &str) -> Result<bool, Error> {
    parse_flag(text).ok_or_else(|| attribute.invalid())
}

/// `true` or `false`, in any case.
pub(crate) fn parse_flag(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// An attribute as it reads back; absent when the queue has no value for it.
pub(crate) fn text(config: &Config, counts: &Counts, attribute: Attr) -> Option<String> {
    match attribute {
        Attr::ApproximateNumberOfMessages => Some(counts.visible.to_string()),
        Attr::ApproximateNumberOfMessagesNotVisible => Some(counts.in_flight.to_string()),
        Attr::ApproximateNumberOfMessagesDelayed => Some(counts.delayed.to_string()),
        Attr::CreatedTimestamp => Some(config.created.seconds().to_string()),
        Attr::LastModifiedTimestamp => Some(config.modified.seconds().to_string()),
        Attr::QueueArn => Some(config.arn().as_str().to_owned()),
        Attr::DelaySeconds => Some(config.delay.0.to_string()),
        Attr::MaximumMessageSize => Some(config.message_bytes_max.to_string()),
        Attr::MessageRetentionPeriod => Some(config.retention.0.to_string()),
        Attr::ReceiveMessageWaitTimeSeconds => Some(config.wait.0.to_string()),
        Attr::VisibilityTimeout => Some(config.visibility.0.to_string()),
        Attr::Policy => config.policy.clone(),
        Attr::RedrivePolicy => config.redrive.as_ref().map(redrive_policy::text),
        Attr::RedriveAllowPolicy => config
            .redrive_allow
            .as_ref()
            .map(redrive_policy::allow_text),
        Attr::KmsMasterKeyId => config.kms_key.clone(),
        Attr::KmsDataKeyReusePeriodSeconds => Some(config.kms_reuse)
            .filter(|&reuse| reuse != limits::KMS_REUSE_DEFAULT)
            .map(|reuse| reuse.0.to_string()),
        Attr::SqsManagedSseEnabled => Some(config.managed_sse.to_string()),
        Attr::FifoQueue => config.fifo.then(|| "true".to_owned()),
        Attr::ContentBasedDeduplication => config.fifo.then(|| config.content_dedup.to_string()),
        Attr::DeduplicationScope => config.fifo.then(|| {
            match config.dedup_scope {
                DedupScope::Queue => "queue",
                DedupScope::MessageGroup => "messageGroup",
            }
            .to_owned()
        }),
        Attr::FifoThroughputLimit => config.fifo.then(|| {
            match config.throughput {
                ThroughputLimit::PerQueue => "perQueue",
                ThroughputLimit::PerMessageGroupId => "perMessageGroupId",
            }
            .to_owned()
        }),
    }
}
