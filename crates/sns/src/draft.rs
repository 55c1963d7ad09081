//! One message on its way in, of a Publish or of a batch entry: what is accepted.
//!
//! Two steps, so that parsing and hashing need no topic and no lock: a [`Draft`] judges what the request says by
//! itself, and is held against what the topic asks for. AWS's order of validation runs through both (spec 4.1).

use api::sns::{PublishBatchRequestEntry, PublishInput};
use api::{Error, Map, Str};
use pattern::Facts;

use crate::digest::ContentId;
use crate::error::{invalid_because, invalid_parameter, topic_does_not_exist, validation_null};
use crate::limits;
use crate::message_attributes::{self, Given};
use crate::message_structure;
use crate::publication::{Attribute, facts};

/// Subjects, in characters.
/// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
const SUBJECT_CHARS_MAX: usize = 100;
/// MessageGroupId and MessageDeduplicationId, in characters.
const TOKEN_CHARS_MAX: usize = 128;

/// Ids come from outside: the node makes 16 random bytes at a time.
pub type Ids<'i> = &'i mut dyn FnMut() -> [u8; 16];

/// Who publishes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Publisher<'a> {
    /// The request's `X-Amzn-Trace-Id` header.
    pub trace: Option<&'a str>,
}

/// The members that a Publish request and a batch entry share.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    message: Option<&'a str>,
    subject: Option<&'a str>,
    structure: Option<&'a str>,
    attributes: &'a Given<'a>,
    dedup: Option<&'a str>,
    group: Option<&'a str>,
}

fn entries<'a, T>(map: &'a Option<Map<'a, T>>) -> &'a [(Str<'a>, T)] {
    map.as_deref().unwrap_or_default()
}

impl<'a> From<&'a PublishInput<'a>> for Parts<'a> {
    fn from(input: &'a PublishInput<'a>) -> Parts<'a> {
        Parts {
            message: input.message.as_deref(),
            subject: input.subject.as_deref(),
            structure: input.message_structure.as_deref(),
            attributes: entries(&input.message_attributes),
            dedup: input.message_deduplication_id.as_deref(),
            group: input.message_group_id.as_deref(),
        }
    }
}

impl<'a> From<&'a PublishBatchRequestEntry<'a>> for Parts<'a> {
    fn from(entry: &'a PublishBatchRequestEntry<'a>) -> Parts<'a> {
        Parts {
            message: entry.message.as_deref(),
            subject: entry.subject.as_deref(),
            structure: entry.message_structure.as_deref(),
            attributes: entries(&entry.message_attributes),
            dedup: entry.message_deduplication_id.as_deref(),
            group: entry.message_group_id.as_deref(),
        }
    }
}

/// A message as far as it can be judged without its topic. Each part is what it comes to, or the rule it breaks.
#[derive(Debug)]
pub struct Draft<'a> {
    /// Bytes that count against the size limits: the message and its attributes.
    pub(crate) size: usize,
    /// Members that must be there are.
    pub(crate) complete: Result<(), Error>,
    /// The message and its subject.
    text: Result<&'a str, Error>,
    pub(crate) subject: Option<&'a str>,
    /// MessageStructure is `json`, whatever the message is.
    wants_json: bool,
    structure: Result<bool, Error>,
    attributes: Result<Vec<Attribute<'a>>, Error>,
    pub(crate) group: Option<&'a str>,
    dedup: Option<&'a str>,
    /// The deduplication id that the message stands for, where it may be needed.
    content: Option<ContentId>,
    /// What filter policies look at.
    pub(crate) facts: Facts<'a>,
}

/// What a message is held against.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'r> {
    pub(crate) size_max: usize,
    pub(crate) fifo: bool,
    pub(crate) content_dedup: bool,
    /// It goes to an endpoint of this platform only.
    pub(crate) platform: Option<&'r str>,
}

impl Default for Rules<'_> {
    fn default() -> Self {
        Rules {
            size_max: limits::MESSAGE_BYTES_DEFAULT as usize,
            fifo: false,
            content_dedup: false,
            platform: None,
        }
    }
}

/// What has passed.
pub(crate) struct Checked<'a> {
    pub(crate) message: &'a str,
    pub(crate) json: bool,
    pub(crate) attributes: Vec<Attribute<'a>>,
}

/// A message that goes to a phone number or an endpoint, past all topics.
#[derive(Clone, Debug, PartialEq)]
pub struct Direct<'a> {
    pub message: &'a str,
    /// MessageStructure is `json`.
    pub json: bool,
    pub subject: Option<&'a str>,
    pub attributes: Vec<Attribute<'a>>,
}

impl<'a> Draft<'a> {
    /// `path` leads to the message's members in the spelling of AWS's validator.
    pub(crate) fn of_parts(parts: Parts<'a>, path: &str) -> Draft<'a> {
        let message = parts.message.unwrap_or_default();
        let attributes = message_attributes::read(parts.attributes);
        Draft {
            size: message.len() + message_attributes::size(parts.attributes),
            complete: check_complete(parts, path),
            text: check_text(message, parts.subject),
            subject: parts.subject,
            wants_json: parts.structure == Some("json"),
            structure: read_structure(parts),
            facts: facts(attributes.as_deref().unwrap_or_default(), message),
            attributes,
            group: parts.group,
            dedup: parts.dedup,
            // Only FIFO topics deduplicate, and they refuse messages without a group.
            content: (parts.group.is_some() && parts.dedup.is_none())
                .then(|| ContentId::of(message)),
        }
    }

    /// A message that goes to a phone number, or to an endpoint of this platform.
    pub fn direct(&self, platform: Option<&str>) -> Result<Direct<'a>, Error> {
        let checked = self.check(&Rules {
            platform,
            ..Rules::default()
        })?;
        Ok(Direct {
            message: checked.message,
            json: checked.json,
            subject: self.subject,
            attributes: checked.attributes,
        })
    }

    /// What is said when the topic does not exist, which comes last of all; its name tells whether it would be FIFO.
    pub fn topic_missing(&self, name: &str) -> Error {
        let rules = Rules {
            fifo: name.ends_with(".fifo"),
            content_dedup: true,
            ..Rules::default()
        };
        self.check(&rules)
            .err()
            .unwrap_or_else(topic_does_not_exist)
    }

    /// The deduplication id it has on a FIFO topic: its own, or the one that its content stands for.
    pub(crate) fn dedup(&self) -> Option<&str> {
        let content = self.content.as_ref().map(ContentId::as_str);
        self.dedup.or(content)
    }

    /// Holds it against all rules, in AWS's order.
    pub(crate) fn check(&self, rules: &Rules<'_>) -> Result<Checked<'a>, Error> {
        self.complete.clone()?;
        let message = self.text.clone()?;
        if self.size > rules.size_max {
            return Err(invalid_parameter("Message too long"));
        }
        let json = match &self.structure {
            // The platform's own entry may stand in for the default.
            Err(_) if rules.platform.is_some() && self.wants_json => {
                message_structure::check(message, rules.platform)?;
                true
            }
            structure => structure.clone()?,
        };
        self.check_order(rules)?;
        Ok(Checked {
            message,
            json,
            attributes: self.attributes.clone()?,
        })
    }

    /// Whether group and deduplication id suit the topic.
    fn check_order(&self, rules: &Rules<'_>) -> Result<(), Error> {
        if rules.fifo {
            let group = self.group.filter(|group| !group.is_empty());
            check_token("MessageGroupId", Some(group.ok_or_else(no_group)?))?;
            if self.dedup.is_none() && !rules.content_dedup {
                return Err(no_dedup());
            }
            return check_token("MessageDeduplicationId", self.dedup);
        }
        if self.dedup.is_some() {
            return Err(invalid_because(
                "MessageDeduplicationId",
                "The request includes MessageDeduplicationId parameter that is not valid for this topic type",
            ));
        }
        check_token("MessageGroupId", self.group)
    }
}

/// What AWS's validator sees before SNS sees anything.
fn check_complete(parts: Parts<'_>, path: &str) -> Result<(), Error> {
    if parts.message.is_none() {
        return Err(validation_null(&format!("{path}message")));
    }
    message_attributes::check_types(parts.attributes, &format!("{path}messageAttributes"))
}

fn check_text<'a>(message: &'a str, subject: Option<&str>) -> Result<&'a str, Error> {
    if message.is_empty() {
        return Err(invalid_parameter("Empty message"));
    }
    match subject {
        Some(subject) if !is_subject(subject) => Err(invalid_parameter("Subject")),
        Some(_) | None => Ok(message),
    }
}

/// At most 100 characters on one line, of which the first is a letter, a digit or punctuation.
fn is_subject(subject: &str) -> bool {
    subject.starts_with(|c: char| c.is_ascii_graphic())
        && subject.chars().count() <= SUBJECT_CHARS_MAX
        && !subject.chars().any(char::is_control)
}

fn read_structure(parts: Parts<'_>) -> Result<bool, Error> {
    match parts.structure {
        None => Ok(false),
        Some("json") => {
            message_structure::check(parts.message.unwrap_or_default(), None).map(|()| true)
        }
        Some(_) => Err(invalid_parameter("MessageStructure")),
    }
}

fn check_token(parameter: &str, token: Option<&str>) -> Result<(), Error> {
    let legal = |token: &str| {
        (1..=TOKEN_CHARS_MAX).contains(&token.len())
            && token.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if token.is_none_or(legal) {
        return Ok(());
    }
    let reason = format!(
        "{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length"
    );
    Err(invalid_because(parameter, reason))
}

fn no_group() -> Error {
    invalid_parameter("The MessageGroupId parameter is required for FIFO topics")
}

fn no_dedup() -> Error {
    invalid_parameter(
        "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    )
}
