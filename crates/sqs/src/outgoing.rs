//! One message on its way in, of a SendMessage or of a batch entry: what is accepted, and what it becomes.
//!
//! Two steps, so that hashing needs no queue and no lock: [`Draft::of`] checks and digests what the request says
//! by itself, [`prepare`] adds what the queue asks for.

use api::sqs::{
    MessageAttributeValue, MessageSystemAttributeValue, SendMessageBatchRequestEntry,
    SendMessageRequest,
};
use api::{Map, Str};
use domain::{Body, Seconds};

use crate::characters;
use crate::command::Outgoing;
use crate::config::Config;
use crate::digest::ContentId;
use crate::error::Error;
use crate::limits;
use crate::message::{Attribute, MessageId, Payload, Value};
use crate::message_attributes;

/// Who sends.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// SenderId as ReceiveMessage reports it.
    pub id: &'a str,
    /// The request's `X-Amzn-Trace-Id` header: the message's AWSTraceHeader unless it brings its own.
    pub trace_header: Option<&'a str>,
}

/// The members that a SendMessage request and a batch entry share.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) body: Option<&'a str>,
    pub(crate) delay: Option<i32>,
    pub(crate) attributes: &'a [(Str<'a>, MessageAttributeValue<'a>)],
    pub(crate) system_attributes: &'a [(Str<'a>, MessageSystemAttributeValue<'a>)],
    pub(crate) dedup: Option<&'a str>,
    pub(crate) group: Option<&'a str>,
}

fn entries<'a, T>(map: &'a Option<Map<'a, T>>) -> &'a [(Str<'a>, T)] {
    map.as_deref().unwrap_or_default()
}

impl<'a> From<&'a SendMessageRequest<'a>> for Parts<'a> {
    fn from(input: &'a SendMessageRequest<'a>) -> Parts<'a> {
        Parts {
            body: input.message_body.as_deref(),
            delay: input.delay_seconds,
            attributes: entries(&input.message_attributes),
            system_attributes: entries(&input.message_system_attributes),
            dedup: input.message_deduplication_id.as_deref(),
            group: input.message_group_id.as_deref(),
        }
    }
}

impl<'a> From<&'a SendMessageBatchRequestEntry<'a>> for Parts<'a> {
    fn from(entry: &'a SendMessageBatchRequestEntry<'a>) -> Parts<'a> {
        Parts {
            body: entry.message_body.as_deref(),
            delay: entry.delay_seconds,
            attributes: entries(&entry.message_attributes),
            system_attributes: entries(&entry.message_system_attributes),
            dedup: entry.message_deduplication_id.as_deref(),
            group: entry.message_group_id.as_deref(),
        }
    }
}

/// A message as far as it can be judged and digested without its queue.
#[derive(Debug)]
pub struct Draft<'a> {
    /// Bytes that count against the size limits: the body and the message attributes.
    pub(crate) size: usize,
    /// What the message consists of, or the rule it breaks whatever queue it is for.
    sound: Result<Sound<'a>, Error>,
}

#[derive(Debug)]
struct Sound<'a> {
    body: &'a str,
    attributes: Vec<Attribute<'a>>,
    trace_header: Option<&'a str>,
    digests: Digests,
    /// The deduplication id that the body stands for, where it may be needed.
    content: Option<ContentId>,
}

/// The MD5s that a sender is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digests {
    pub(crate) body: [u8; 16],
    pub(crate) attributes: Option<[u8; 16]>,
    pub(crate) system_attributes: Option<[u8; 16]>,
}

impl<'a> Draft<'a> {
    /// `body_md5` gives the MD5 of the body; it is asked once the body is known to be sound.
    pub(crate) fn of_parts(parts: Parts<'a>, body_md5: impl FnOnce(&str) -> [u8; 16]) -> Draft<'a> {
        Draft {
            size: parts.body.map_or(0, str::len) + message_attributes::size(parts.attributes),
            sound: Sound::of(parts, body_md5),
        }
    }

    /// What the sender is told if the message is accepted.
    pub(crate) fn digests(&self) -> Result<Digests, Error> {
        match &self.sound {
            Ok(sound) => Ok(sound.digests),
            Err(error) => Err(error.clone()),
        }
    }
}

impl<'a> Sound<'a> {
    fn of(parts: Parts<'a>, body_md5: impl FnOnce(&str) -> [u8; 16]) -> Result<Sound<'a>, Error> {
        let body = parts.body.filter(|body| !body.is_empty());
        let body = body.ok_or(Error::MissingParameter("MessageBody"))?;
        if !characters::are_legal(body) {
            return Err(Error::InvalidMessageContents);
        }
        check_delay(parts.delay)?;
        check_token("MessageGroupId", parts.group)?;
        check_token("MessageDeduplicationId", parts.dedup)?;
        let attributes = message_attributes::read(parts.attributes)?;
        let system = message_attributes::read_system(parts.system_attributes)?;
        Ok(Sound {
            body,
            trace_header: system.as_ref().and_then(|trace| match trace.value {
                Value::Text(header) => Some(header),
                Value::Binary(_) => None,
            }),
            digests: Digests {
                body: body_md5(body),
                attributes: message_attributes::md5(&attributes),
                system_attributes: message_attributes::md5(&system),
            },
            attributes,
            // Only FIFO queues deduplicate, and they refuse messages without a group.
            content: match (parts.group, parts.dedup) {
                (Some(_), None) => Some(ContentId::of(body)),
                (None, _) | (_, Some(_)) => None,
            },
        })
    }
}

fn check_delay(delay: Option<i32>) -> Result<(), Error> {
    match delay {
        Some(seconds) if !is_delay(seconds) => Err(Error::value(
            "DelaySeconds",
            seconds,
            "DelaySeconds must be >= 0 and <= 900.",
        )),
        Some(_) | None => Ok(()),
    }
}

fn is_delay(seconds: i32) -> bool {
    u32::try_from(seconds).is_ok_and(|seconds| limits::DELAY_SECONDS.contains(&seconds))
}

/// Refuses a MessageGroupId, MessageDeduplicationId or ReceiveRequestAttemptId that cannot be one.
pub(crate) fn check_token(parameter: &str, token: Option<&str>) -> Result<(), Error> {
    match token {
        Some(token) if !characters::are_token(token) => {
            let reason = format!(
                "{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length."
            );
            Err(Error::value(parameter, token, &reason))
        }
        Some(_) | None => Ok(()),
    }
}

/// The message as the queue takes it, or why this queue does not.
pub(crate) fn prepare<'a>(
    config: &Config,
    caller: &Sender<'a>,
    id: [u8; 16],
    parts: Parts<'a>,
    draft: &'a Draft<'a>,
) -> Result<Outgoing<'a>, Error> {
    let sound = draft.sound.as_ref().map_err(Error::clone)?;
    let dedup = if config.fifo {
        fifo_dedup(config, parts, sound)?
    } else {
        refuse_dedup(parts)?
    };
    Ok(Outgoing {
        payload: Payload {
            id: MessageId(id),
            body: sound.body,
            body_md5: sound.digests.body,
            attributes: sound.attributes.clone(),
            attributes_md5: sound.digests.attributes,
            sender: caller.id,
            trace_header: sound.trace_header.or(caller.trace_header),
            group: parts.group,
            dedup,
        },
        body: Body::default(),
        delay: own_delay(config, parts.delay),
    })
}

/// FIFO messages never have a delay of their own: 0 is accepted, and the queue's counts all the same.
fn own_delay(config: &Config, delay: Option<i32>) -> Option<Seconds> {
    let seconds = delay.filter(|_| !config.fifo)?;
    Some(Seconds(
        u32::try_from(seconds).expect("the draft was checked for its delay"),
    ))
}

fn fifo_dedup<'a>(
    config: &Config,
    parts: Parts<'a>,
    sound: &'a Sound<'a>,
) -> Result<Option<&'a str>, Error> {
    if let Some(seconds) = parts.delay.filter(|&seconds| seconds != 0) {
        return Err(Error::value(
            "DelaySeconds",
            seconds,
            "The request include parameter that is not valid for this queue type.",
        ));
    }
    if parts.group.is_none() {
        return Err(Error::MissingParameter("MessageGroupId"));
    }
    if parts.dedup.is_some() {
        return Ok(parts.dedup);
    }
    if !config.content_dedup {
        return Err(no_dedup());
    }
    Ok(sound.content.as_ref().map(ContentId::as_str))
}

pub(crate) fn no_dedup() -> Error {
    Error::InvalidParameterValue(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
         explicitly"
            .into(),
    )
}

fn refuse_dedup(parts: Parts<'_>) -> Result<Option<&str>, Error> {
    match parts.dedup {
        Some(id) => Err(Error::value(
            "MessageDeduplicationId",
            id,
            "The request includes a parameter that is not valid for this queue type.",
        )),
        None => Ok(None),
    }
}
