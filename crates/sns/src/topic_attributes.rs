//! Topic attributes: their names, what may be given for them, and how they read back.
//!
//! Spec section 2.2; <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>.

use domain::Time;

use crate::archive_policy;
use crate::config::{Channel, Config, DedupScope, SignatureVersion, Tracing};
use crate::delivery_policy;
use crate::envelope::iso;
use crate::error::Refused;
use crate::limits;
use crate::policy;
use crate::topic::Topic;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TopicAttribute {
    TopicArn,
    Owner,
    Policy,
    DisplayName,
    SubscriptionsPending,
    SubscriptionsConfirmed,
    SubscriptionsDeleted,
    DeliveryPolicy,
    EffectiveDeliveryPolicy,
    KmsMasterKeyId,
    SignatureVersion,
    TracingConfig,
    MaximumMessageSize,
    FifoTopic,
    ContentBasedDeduplication,
    FifoThroughputScope,
    ArchivePolicy,
    BeginningArchiveTime,
    SuccessFeedbackRoleArn(Channel),
    SuccessFeedbackSampleRate(Channel),
    FailureFeedbackRoleArn(Channel),
}

use TopicAttribute as Attr;

/// The attributes that come once, in the order they read back.
const TABLE: [(Attr, &str); 18] = [
    (Attr::TopicArn, "TopicArn"),
    (Attr::Owner, "Owner"),
    (Attr::Policy, "Policy"),
    (Attr::DisplayName, "DisplayName"),
    (Attr::SubscriptionsPending, "SubscriptionsPending"),
    (Attr::SubscriptionsConfirmed, "SubscriptionsConfirmed"),
    (Attr::SubscriptionsDeleted, "SubscriptionsDeleted"),
    (Attr::DeliveryPolicy, "DeliveryPolicy"),
    (Attr::EffectiveDeliveryPolicy, "EffectiveDeliveryPolicy"),
    (Attr::KmsMasterKeyId, "KmsMasterKeyId"),
    (Attr::SignatureVersion, "SignatureVersion"),
    (Attr::TracingConfig, "TracingConfig"),
    (Attr::MaximumMessageSize, "MaximumMessageSize"),
    (Attr::FifoTopic, "FifoTopic"),
    (Attr::ContentBasedDeduplication, "ContentBasedDeduplication"),
    (Attr::FifoThroughputScope, "FifoThroughputScope"),
    (Attr::ArchivePolicy, "ArchivePolicy"),
    (Attr::BeginningArchiveTime, "BeginningArchiveTime"),
];

/// Which attribute it is for a channel.
type OfChannel = fn(Channel) -> Attr;

/// The attributes that come once for each channel, behind its name.
const OF_CHANNELS: [(OfChannel, &str); 3] = [
    (Attr::SuccessFeedbackRoleArn, "SuccessFeedbackRoleArn"),
    (Attr::SuccessFeedbackSampleRate, "SuccessFeedbackSampleRate"),
    (Attr::FailureFeedbackRoleArn, "FailureFeedbackRoleArn"),
];

impl TopicAttribute {
    /// All attributes with their names, in the order they read back.
    pub(crate) fn all() -> impl Iterator<Item = (TopicAttribute, String)> {
        let once = TABLE.iter().map(|&(attr, name)| (attr, name.to_owned()));
        let of_channels = Channel::ALL.into_iter().flat_map(|channel| {
            OF_CHANNELS
                .iter()
                .map(move |(attr, name)| (attr(channel), format!("{}{name}", channel.name())))
        });
        once.chain(of_channels)
    }

    pub(crate) fn parse(name: &str) -> Option<TopicAttribute> {
        let once = TABLE.iter().find(|(_, known)| *known == name);
        once.map(|&(attr, _)| attr).or_else(|| {
            let (channel, rest) = Channel::ALL
                .into_iter()
                .find_map(|channel| Some((channel, name.strip_prefix(channel.name())?)))?;
            let (attr, _) = OF_CHANNELS.iter().find(|(_, known)| *known == rest)?;
            Some(attr(channel))
        })
    }

    /// Whether a topic of this type can be given this attribute, after its creation or at it.
    pub(crate) fn is_settable(self, fifo: bool) -> bool {
        match self {
            Attr::TopicArn
            | Attr::Owner
            | Attr::SubscriptionsPending
            | Attr::SubscriptionsConfirmed
            | Attr::SubscriptionsDeleted
            | Attr::EffectiveDeliveryPolicy
            | Attr::BeginningArchiveTime
            | Attr::FifoTopic => false,
            Attr::ContentBasedDeduplication | Attr::FifoThroughputScope | Attr::ArchivePolicy => {
                fifo
            }
            Attr::Policy
            | Attr::DisplayName
            | Attr::DeliveryPolicy
            | Attr::KmsMasterKeyId
            | Attr::SignatureVersion
            | Attr::TracingConfig
            | Attr::MaximumMessageSize
            | Attr::SuccessFeedbackRoleArn(_)
            | Attr::SuccessFeedbackSampleRate(_)
            | Attr::FailureFeedbackRoleArn(_) => true,
        }
    }

    /// Whether two of its values are the same if they are the same JSON.
    pub(crate) fn is_json(self) -> bool {
        matches!(
            self,
            Attr::Policy | Attr::DeliveryPolicy | Attr::ArchivePolicy
        )
    }
}

/// Sets an attribute that can be set, at `now`.
pub(crate) fn assign(
    config: &mut Config,
    attribute: Attr,
    value: &str,
    now: Time,
) -> Result<(), Refused> {
    match attribute {
        Attr::Policy => config.policy = Some(policy::check(value)?),
        Attr::DisplayName => {
            if value.chars().count() > limits::DISPLAY_NAME_CHARS_MAX {
                return Err(Refused::new("DisplayName"));
            }
            config.display_name = value.to_owned();
        }
        Attr::DeliveryPolicy => config.delivery_policy = delivery_policy::parse::topic(value)?,
        Attr::KmsMasterKeyId => config.kms_key = unless_empty(value),
        Attr::SignatureVersion => {
            config.signature_version = Some(match value {
                "1" => SignatureVersion::V1,
                "2" => SignatureVersion::V2,
                _ => {
                    return Err(Refused::new(
                        "SignatureVersion: Invalid value. Must be 1 or 2.",
                    ));
                }
            });
        }
        Attr::TracingConfig => {
            config.tracing = Some(match value {
                "PassThrough" => Tracing::PassThrough,
                "Active" => Tracing::Active,
                _ => {
                    return Err(Refused::new(format!(
                        "Invalid tracing config value: {value}"
                    )));
                }
            });
        }
        Attr::MaximumMessageSize => {
            let (min, max) = limits::MESSAGE_BYTES.into_inner();
            config.message_bytes_max = Some(number("MaximumMessageSize", value, min, max)?);
        }
        Attr::ContentBasedDeduplication => {
            config.content_dedup = parse_flag(value).ok_or_else(|| {
                Refused::new(format!(
                    "ContentBasedDeduplication: Invalid value [{value}]. Must be true or false."
                ))
            })?;
        }
        Attr::FifoThroughputScope => {
            config.dedup_scope = Some(match value {
                "Topic" => DedupScope::Topic,
                "MessageGroup" => DedupScope::MessageGroup,
                _ => {
                    return Err(Refused::new(format!(
                        "FifoThroughputScope: Invalid value [{value}]. Must be Topic or MessageGroup."
                    )));
                }
            });
        }
        Attr::ArchivePolicy => {
            config.archive = archive_policy::parse(value, config.archive.as_ref(), now)?;
        }
        Attr::SuccessFeedbackRoleArn(channel) => {
            config.feedback[channel as usize].success_role = unless_empty(value);
        }
        Attr::SuccessFeedbackSampleRate(channel) => {
            let name = format!("{}SuccessFeedbackSampleRate", channel.name());
            config.feedback[channel as usize].success_rate =
                Some(number(&name, value, 0, 100)? as u8);
        }
        Attr::FailureFeedbackRoleArn(channel) => {
            config.feedback[channel as usize].failure_role = unless_empty(value);
        }
        Attr::TopicArn
        | Attr::Owner
        | Attr::SubscriptionsPending
        | Attr::SubscriptionsConfirmed
        | Attr::SubscriptionsDeleted
        | Attr::EffectiveDeliveryPolicy
        | Attr::BeginningArchiveTime
        | Attr::FifoTopic => unreachable!("whether an attribute can be set is asked before"),
    }
    Ok(())
}

/// An empty text takes the attribute away.
fn unless_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn number(name: &str, text: &str, min: u32, max: u32) -> Result<u32, Refused> {
    let number = text.parse().ok();
    number
        .filter(|number| (min..=max).contains(number))
        .ok_or_else(|| {
            Refused::new(format!(
                "{name}: {text} value provided is not an integer between {min}-{max}"
            ))
        })
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

/// An attribute as it reads back; absent when the topic has no value for it.
pub(crate) fn text(config: &Config, attribute: Attr) -> Option<String> {
    match attribute {
        Attr::TopicArn => Some(config.arn().as_str().to_owned()),
        Attr::Owner => Some(config.account.as_str().to_owned()),
        Attr::Policy => Some(policy::text(config)),
        Attr::DisplayName => Some(config.display_name.clone()),
        Attr::DeliveryPolicy => config
            .delivery_policy
            .as_ref()
            .map(delivery_policy::text::topic),
        Attr::EffectiveDeliveryPolicy => Some(delivery_policy::text::effective_topic(
            config.delivery_policy.as_ref(),
        )),
        Attr::KmsMasterKeyId => config.kms_key.clone(),
        Attr::SignatureVersion => config.signature_version.map(|version| {
            match version {
                SignatureVersion::V1 => "1",
                SignatureVersion::V2 => "2",
            }
            .to_owned()
        }),
        Attr::TracingConfig => config.tracing.map(|tracing| {
            match tracing {
                Tracing::PassThrough => "PassThrough",
                Tracing::Active => "Active",
            }
            .to_owned()
        }),
        Attr::MaximumMessageSize => config.message_bytes_max.map(|bytes| bytes.to_string()),
        Attr::FifoTopic => config.fifo.then(|| "true".to_owned()),
        Attr::ContentBasedDeduplication => config.fifo.then(|| config.content_dedup.to_string()),
        Attr::FifoThroughputScope => config.dedup_scope.map(|scope| {
            match scope {
                DedupScope::Topic => "Topic",
                DedupScope::MessageGroup => "MessageGroup",
            }
            .to_owned()
        }),
        Attr::ArchivePolicy => config.archive.as_ref().map(|archive| archive.text.clone()),
        Attr::SuccessFeedbackRoleArn(channel) => {
            config.feedback[channel as usize].success_role.clone()
        }
        Attr::SuccessFeedbackSampleRate(channel) => config.feedback[channel as usize]
            .success_rate
            .map(|rate| rate.to_string()),
        Attr::FailureFeedbackRoleArn(channel) => {
            config.feedback[channel as usize].failure_role.clone()
        }
        Attr::SubscriptionsPending
        | Attr::SubscriptionsConfirmed
        | Attr::SubscriptionsDeleted
        | Attr::BeginningArchiveTime => None,
    }
}

/// The same for attributes that follow from more than the configuration.
pub(crate) fn text_of_topic(topic: &Topic, attribute: Attr) -> Option<String> {
    match attribute {
        Attr::SubscriptionsPending => Some(topic.subscriptions.pending().to_string()),
        Attr::SubscriptionsConfirmed => Some(topic.subscriptions.confirmed().to_string()),
        Attr::SubscriptionsDeleted => Some(topic.subscriptions.deleted_lately().to_string()),
        Attr::BeginningArchiveTime => archive_policy::beginning(&topic.config, topic.now).map(iso),
        Attr::TopicArn
        | Attr::Owner
        | Attr::Policy
        | Attr::DisplayName
        | Attr::DeliveryPolicy
        | Attr::EffectiveDeliveryPolicy
        | Attr::KmsMasterKeyId
        | Attr::SignatureVersion
        | Attr::TracingConfig
        | Attr::MaximumMessageSize
        | Attr::FifoTopic
        | Attr::ContentBasedDeduplication
        | Attr::FifoThroughputScope
        | Attr::ArchivePolicy
        | Attr::SuccessFeedbackRoleArn(_)
        | Attr::SuccessFeedbackSampleRate(_)
        | Attr::FailureFeedbackRoleArn(_) => text(&topic.config, attribute),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, fifo, standard};

    #[test]
    fn every_name_leads_back_to_its_attribute() {
        let mut count = 0;
        for (attribute, name) in TopicAttribute::all() {
            assert_eq!(TopicAttribute::parse(&name), Some(attribute), "{name}");
            count += 1;
        }
        assert_eq!(count, TABLE.len() + 15);
        for name in ["", "HTTP", "SMSSuccessFeedbackRoleArn", "displayname"] {
            assert_eq!(TopicAttribute::parse(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_set_reads_back_the_same() {
        let policy = policy::text(&standard());
        for (name, value) in [
            ("Policy", policy.as_str()),
            ("DisplayName", "Orders, all"),
            (
                "DeliveryPolicy",
                r#"{"http":{"disableSubscriptionOverrides":true}}"#,
            ),
            ("KmsMasterKeyId", "alias/aws/sns"),
            ("SignatureVersion", "1"),
            ("SignatureVersion", "2"),
            ("TracingConfig", "Active"),
            ("TracingConfig", "PassThrough"),
            ("MaximumMessageSize", "1048576"),
            ("ContentBasedDeduplication", "true"),
            ("FifoThroughputScope", "MessageGroup"),
            ("FifoThroughputScope", "Topic"),
            ("ArchivePolicy", r#"{"MessageRetentionPeriod": "7"}"#),
            ("HTTPSuccessFeedbackRoleArn", "arn:aws:iam::1:role/a"),
            ("SQSSuccessFeedbackSampleRate", "0"),
            ("ApplicationSuccessFeedbackSampleRate", "100"),
            ("LambdaFailureFeedbackRoleArn", "arn:aws:iam::1:role/b"),
            ("FirehoseSuccessFeedbackRoleArn", "arn:aws:iam::1:role/c"),
        ] {
            let attribute = TopicAttribute::parse(name).unwrap();
            let mut config = fifo();
            assert!(attribute.is_settable(true), "{name}");
            assign(&mut config, attribute, value, NOW).unwrap();
            assert_eq!(text(&config, attribute).as_deref(), Some(value), "{name}");
        }
    }

    #[test]
    fn values_out_of_bounds_are_refused_in_awss_words() {
        let long = "d".repeat(101);
        for (name, value, told) in [
            ("DisplayName", long.as_str(), "DisplayName"),
            (
                "SignatureVersion",
                "3",
                "SignatureVersion: Invalid value. Must be 1 or 2.",
            ),
            ("TracingConfig", "Off", "Invalid tracing config value: Off"),
            (
                "SQSSuccessFeedbackSampleRate",
                "500",
                "SQSSuccessFeedbackSampleRate: 500 value provided is not an integer between 0-100",
            ),
            (
                "MaximumMessageSize",
                "1023",
                "MaximumMessageSize: 1023 value provided is not an integer between 1024-1048576",
            ),
            (
                "ContentBasedDeduplication",
                "yes",
                "ContentBasedDeduplication: Invalid value [yes]. Must be true or false.",
            ),
            (
                "FifoThroughputScope",
                "Queue",
                "FifoThroughputScope: Invalid value [Queue]. Must be Topic or MessageGroup.",
            ),
            ("Policy", "", "Policy Error: null"),
        ] {
            let attribute = TopicAttribute::parse(name).unwrap();
            let refused = assign(&mut fifo(), attribute, value, NOW).unwrap_err();
            assert_eq!(refused.0, told, "{name}");
        }
    }

    #[test]
    fn an_empty_text_takes_keys_and_roles_away() {
        for name in [
            "KmsMasterKeyId",
            "SQSFailureFeedbackRoleArn",
            "DeliveryPolicy",
        ] {
            let attribute = TopicAttribute::parse(name).unwrap();
            let mut config = standard();
            config.kms_key = Some("k".to_owned());
            config.delivery_policy = Some(Default::default());
            config.feedback[Channel::Sqs as usize].failure_role = Some("r".to_owned());
            assign(&mut config, attribute, "", NOW).unwrap();
            assert_eq!(text(&config, attribute), None, "{name}");
        }
    }
}
