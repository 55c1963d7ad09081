//! The protocols of subscriptions: what their endpoints are, and what they can take.
//!
//! Spec section 3.1; <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>.

use domain::bytes::Malformed;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    Http,
    Https,
    Email,
    EmailJson,
    Sms,
    Sqs,
    Application,
    Lambda,
    Firehose,
}

impl Protocol {
    pub const ALL: [Protocol; 9] = [
        Protocol::Http,
        Protocol::Https,
        Protocol::Email,
        Protocol::EmailJson,
        Protocol::Sms,
        Protocol::Sqs,
        Protocol::Application,
        Protocol::Lambda,
        Protocol::Firehose,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Https => "https",
            Protocol::Email => "email",
            Protocol::EmailJson => "email-json",
            Protocol::Sms => "sms",
            Protocol::Sqs => "sqs",
            Protocol::Application => "application",
            Protocol::Lambda => "lambda",
            Protocol::Firehose => "firehose",
        }
    }

    pub fn parse(name: &str) -> Option<Protocol> {
        Protocol::ALL
            .into_iter()
            .find(|protocol| protocol.name() == name)
    }

    pub fn is_http(self) -> bool {
        matches!(self, Protocol::Http | Protocol::Https)
    }

    pub fn is_mail(self) -> bool {
        matches!(self, Protocol::Email | Protocol::EmailJson)
    }

    /// Whether its endpoints have to agree before they get anything.
    pub(crate) fn needs_confirmation(self) -> bool {
        self.is_http() || self.is_mail()
    }

    /// Whether it takes messages of more than 256 KiB.
    pub(crate) fn takes_large_messages(self) -> bool {
        match self {
            Protocol::Sqs | Protocol::Lambda | Protocol::Firehose => true,
            Protocol::Http
            | Protocol::Https
            | Protocol::Email
            | Protocol::EmailJson
            | Protocol::Sms
            | Protocol::Application => false,
        }
    }

    /// Whether its endpoints are named by ARNs.
    pub(crate) fn has_arn(self) -> bool {
        match self {
            Protocol::Sqs | Protocol::Application | Protocol::Lambda | Protocol::Firehose => true,
            Protocol::Http
            | Protocol::Https
            | Protocol::Email
            | Protocol::EmailJson
            | Protocol::Sms => false,
        }
    }

    pub(crate) fn tag(self) -> u8 {
        match self {
            Protocol::Http => 1,
            Protocol::Https => 2,
            Protocol::Email => 3,
            Protocol::EmailJson => 4,
            Protocol::Sms => 5,
            Protocol::Sqs => 6,
            Protocol::Application => 7,
            Protocol::Lambda => 8,
            Protocol::Firehose => 9,
        }
    }

    pub(crate) fn from_tag(tag: u8) -> Result<Protocol, Malformed> {
        Protocol::ALL
            .into_iter()
            .find(|protocol| protocol.tag() == tag)
            .ok_or(Malformed("a protocol is unknown"))
    }
}
