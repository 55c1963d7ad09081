//! What a topic is told to be: its attributes, tags and policies, in the form the machine acts on.
//!
//! Spec section 2.2. Texts and ranges are checked in `topic_attributes`; a `Config` is always valid.

use domain::bytes::{Malformed, Put, Take};
use domain::{AccountId, Arn, Region, Time};

use crate::codec::{put_list, put_some, take_list, take_some};
use crate::delivery_policy::TopicDeliveryPolicy;
use crate::limits;
use crate::policy;
use crate::subscription::Protocol;

/// Everything settable about a topic, and what it was born with. Replaced whole by [`crate::Command::Configure`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub name: String,
    pub account: AccountId,
    pub region: Region,
    pub fifo: bool,
    pub created: Time,
    pub display_name: String,
    /// The access policy, as the JSON text given; absent, SNS's default counts.
    pub policy: Option<String>,
    pub delivery_policy: Option<TopicDeliveryPolicy>,
    pub kms_key: Option<String>,
    /// Absent until set; version 1 counts then.
    pub signature_version: Option<SignatureVersion>,
    pub tracing: Option<Tracing>,
    /// One for each channel, in the order of [`Channel::ALL`].
    pub feedback: [Feedback; 5],
    pub content_dedup: bool,
    /// Absent until set; the topic counts then.
    pub dedup_scope: Option<DedupScope>,
    pub archive: Option<ArchivePolicy>,
    /// MaximumMessageSize in bytes, absent until set.
    pub message_bytes_max: Option<u32>,
    /// The data protection policy, as the JSON text given.
    pub data_protection: Option<String>,
    /// In the order in which they came.
    pub tags: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignatureVersion {
    /// SHA-1.
    #[default]
    V1,
    /// SHA-256.
    V2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracing {
    PassThrough,
    Active,
}

/// How far a deduplication id reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DedupScope {
    #[default]
    Topic,
    MessageGroup,
}

/// A kind of endpoint, as the feedback attributes tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    Http,
    Firehose,
    Lambda,
    Application,
    Sqs,
}

/// Who is told about deliveries, and about how many of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feedback {
    pub success_role: Option<String>,
    /// Percent of the successful deliveries, 0 to 100; absent until set.
    pub success_rate: Option<u8>,
    pub failure_role: Option<String>,
}

/// What a FIFO topic keeps for replays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivePolicy {
    /// As the JSON text given.
    pub text: String,
    /// MessageRetentionPeriod, 1 to 365 days.
    pub days: u32,
    /// When archiving was switched on.
    pub since: Time,
}

impl Config {
    /// A topic as it is without any attribute given.
    pub fn fresh(
        name: &str,
        account: AccountId,
        region: Region,
        fifo: bool,
        created: Time,
    ) -> Config {
        Config {
            name: name.to_owned(),
            account,
            region,
            fifo,
            created,
            display_name: String::new(),
            policy: None,
            delivery_policy: None,
            kms_key: None,
            signature_version: None,
            tracing: None,
            feedback: Default::default(),
            content_dedup: false,
            dedup_scope: None,
            archive: None,
            message_bytes_max: None,
            data_protection: None,
            tags: Vec::new(),
        }
    }

    pub fn arn(&self) -> Arn {
        Arn::new("sns", self.region, self.account, &self.name)
    }

    /// The access policy that counts: the one set, or SNS's default.
    pub fn access_policy(&self) -> String {
        policy::text(self)
    }

    pub fn signature_version(&self) -> SignatureVersion {
        self.signature_version.unwrap_or_default()
    }

    pub fn content_dedup(&self) -> bool {
        self.content_dedup
    }

    pub fn dedup_scope(&self) -> DedupScope {
        self.dedup_scope.unwrap_or_default()
    }

    /// Largest message with its attributes, and largest sum over a batch, in bytes.
    pub fn max_message_size(&self) -> usize {
        self.message_bytes_max
            .unwrap_or(limits::MESSAGE_BYTES_DEFAULT) as usize
    }

    /// Whether messages may be larger than all protocols take.
    pub(crate) fn has_large_messages(&self) -> bool {
        self.message_bytes_max > Some(limits::MESSAGE_BYTES_DEFAULT)
    }

    /// What is said about deliveries of this protocol; mail and SMS have no such attributes.
    pub fn feedback(&self, protocol: Protocol) -> Option<&Feedback> {
        let channel = Channel::of(protocol)?;
        Some(&self.feedback[channel as usize])
    }

    /// How many days published messages are kept for replays, if they are.
    pub fn archive_days(&self) -> Option<u32> {
        self.archive.as_ref().map(|archive| archive.days)
    }

    /// Appends the configuration as records and snapshots keep it, the fields in the order of the struct.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_text(&self.name);
        out.put_text(self.account.as_str());
        out.put_text(self.region.as_str());
        out.put_bool(self.fifo);
        out.put_u64(self.created.millis());
        out.put_text(&self.display_name);
        out.put_some_text(self.policy.as_deref());
        put_some(self.delivery_policy.as_ref(), out, |policy, out| {
            policy.encode(out);
        });
        out.put_some_text(self.kms_key.as_deref());
        out.put_u8(match self.signature_version {
            None => 0,
            Some(SignatureVersion::V1) => 1,
            Some(SignatureVersion::V2) => 2,
        });
        out.put_u8(match self.tracing {
            None => 0,
            Some(Tracing::PassThrough) => 1,
            Some(Tracing::Active) => 2,
        });
        for feedback in &self.feedback {
            feedback.encode(out);
        }
        out.put_bool(self.content_dedup);
        out.put_u8(match self.dedup_scope {
            None => 0,
            Some(DedupScope::Topic) => 1,
            Some(DedupScope::MessageGroup) => 2,
        });
        put_some(self.archive.as_ref(), out, |archive, out| {
            out.put_text(&archive.text);
            out.put_u32(archive.days);
            out.put_u64(archive.since.millis());
        });
        put_some(self.message_bytes_max.as_ref(), out, |bytes, out| {
            out.put_u32(*bytes);
        });
        out.put_some_text(self.data_protection.as_deref());
        put_list(&self.tags, out, |(key, value), out| {
            out.put_text(key);
            out.put_text(value);
        });
    }

    /// Reads what `encode` wrote and leaves `take` behind it.
    pub fn decode(take: &mut Take<'_>) -> Result<Config, Malformed> {
        Ok(Config {
            name: take.text()?.to_owned(),
            account: AccountId::parse(take.text()?)
                .map_err(|_| Malformed("an account id has not 12 digits"))?,
            region: Region::parse(take.text()?).map_err(|_| Malformed("a region is none"))?,
            fifo: take.bool()?,
            created: Time::from_millis(take.u64()?),
            display_name: take.text()?.to_owned(),
            policy: take.some_text()?.map(str::to_owned),
            delivery_policy: take_some(take, TopicDeliveryPolicy::decode)?,
            kms_key: take.some_text()?.map(str::to_owned),
            signature_version: match take.u8()? {
                0 => None,
                1 => Some(SignatureVersion::V1),
                2 => Some(SignatureVersion::V2),
                _ => return Err(Malformed("a signature version is unknown")),
            },
            tracing: match take.u8()? {
                0 => None,
                1 => Some(Tracing::PassThrough),
                2 => Some(Tracing::Active),
                _ => return Err(Malformed("a tracing mode is unknown")),
            },
            feedback: [
                Feedback::decode(take)?,
                Feedback::decode(take)?,
                Feedback::decode(take)?,
                Feedback::decode(take)?,
                Feedback::decode(take)?,
            ],
            content_dedup: take.bool()?,
            dedup_scope: match take.u8()? {
                0 => None,
                1 => Some(DedupScope::Topic),
                2 => Some(DedupScope::MessageGroup),
                _ => return Err(Malformed("a deduplication scope is unknown")),
            },
            archive: take_some(take, |take| {
                Ok(ArchivePolicy {
                    text: take.text()?.to_owned(),
                    days: take.u32()?,
                    since: Time::from_millis(take.u64()?),
                })
            })?,
            message_bytes_max: take_some(take, |take| take.u32())?,
            data_protection: take.some_text()?.map(str::to_owned),
            tags: take_list(take, |take| {
                Ok((take.text()?.to_owned(), take.text()?.to_owned()))
            })?,
        })
    }
}

impl Channel {
    pub const ALL: [Channel; 5] = [
        Channel::Http,
        Channel::Firehose,
        Channel::Lambda,
        Channel::Application,
        Channel::Sqs,
    ];

    /// What the names of its attributes begin with.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Channel::Http => "HTTP",
            Channel::Firehose => "Firehose",
            Channel::Lambda => "Lambda",
            Channel::Application => "Application",
            Channel::Sqs => "SQS",
        }
    }

    /// The channel that deliveries of this protocol count to.
    pub fn of(protocol: Protocol) -> Option<Channel> {
        match protocol {
            Protocol::Http | Protocol::Https => Some(Channel::Http),
            Protocol::Firehose => Some(Channel::Firehose),
            Protocol::Lambda => Some(Channel::Lambda),
            Protocol::Application => Some(Channel::Application),
            Protocol::Sqs => Some(Channel::Sqs),
            Protocol::Email | Protocol::EmailJson | Protocol::Sms => None,
        }
    }
}

impl Feedback {
    fn encode(&self, out: &mut Vec<u8>) {
        out.put_some_text(self.success_role.as_deref());
        put_some(self.success_rate.as_ref(), out, |rate, out| {
            out.put_u8(*rate);
        });
        out.put_some_text(self.failure_role.as_deref());
    }

    fn decode(take: &mut Take<'_>) -> Result<Feedback, Malformed> {
        Ok(Feedback {
            success_role: take.some_text()?.map(str::to_owned),
            success_rate: take_some(take, |take| take.u8())?,
            failure_role: take.some_text()?.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery_policy::parse;
    use crate::op::samples::{archived, standard};

    fn full() -> Config {
        let mut config = archived();
        config.display_name = "Orders".to_owned();
        config.policy = Some(config.access_policy());
        config.delivery_policy = parse::topic(
            r#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":5,"backoffFunction":"exponential"},"defaultThrottlePolicy":{"maxReceivesPerSecond":7},"defaultRequestPolicy":{"headerContentType":"text/csv"},"disableSubscriptionOverrides":true}}"#,
        )
        .unwrap();
        config.kms_key = Some("alias/aws/sns".to_owned());
        config.signature_version = Some(SignatureVersion::V2);
        config.tracing = Some(Tracing::Active);
        for (rate, feedback) in config.feedback.iter_mut().enumerate() {
            feedback.success_role = Some(format!("success {rate}"));
            feedback.success_rate = Some(rate as u8);
            feedback.failure_role = Some(format!("failure {rate}"));
        }
        config.content_dedup = true;
        config.dedup_scope = Some(DedupScope::MessageGroup);
        config.message_bytes_max = Some(1024);
        config.data_protection = Some("{}".to_owned());
        config.tags = vec![
            ("b".to_owned(), "1".to_owned()),
            ("a".to_owned(), String::new()),
        ];
        config
    }

    #[test]
    fn a_configuration_is_decoded_as_it_was_encoded() {
        for config in [standard(), full()] {
            let mut bytes = Vec::new();
            config.encode(&mut bytes);
            let mut take = Take::new(&bytes);
            assert_eq!(Config::decode(&mut take).unwrap(), config);
            assert!(take.is_empty());
        }
    }

    #[test]
    fn half_a_configuration_is_none() {
        let mut bytes = Vec::new();
        full().encode(&mut bytes);
        for end in 0..bytes.len() {
            assert!(
                Config::decode(&mut Take::new(&bytes[..end])).is_err(),
                "{end}"
            );
        }
    }

    #[test]
    fn what_is_not_set_is_as_sns_has_it() {
        let fresh = standard();
        assert_eq!(fresh.signature_version(), SignatureVersion::V1);
        assert_eq!(fresh.dedup_scope(), DedupScope::Topic);
        assert_eq!(fresh.max_message_size(), 262_144);
        assert_eq!(fresh.archive_days(), None);
        assert_eq!(full().max_message_size(), 1024);
    }

    #[test]
    fn feedback_is_told_apart_by_the_kind_of_endpoint() {
        let config = full();
        let rate = |protocol| config.feedback(protocol).and_then(|one| one.success_rate);
        assert_eq!(rate(Protocol::Http), rate(Protocol::Https));
        let rates = [
            Protocol::Http,
            Protocol::Firehose,
            Protocol::Lambda,
            Protocol::Application,
            Protocol::Sqs,
        ]
        .map(rate);
        assert_eq!(rates, [0, 1, 2, 3, 4].map(Some));
        for protocol in [Protocol::Email, Protocol::EmailJson, Protocol::Sms] {
            assert_eq!(config.feedback(protocol), None);
        }
    }
}
