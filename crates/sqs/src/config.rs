//! What a queue is told to be: its attributes, tags and access policy, in the form the machine acts on.
//!
//! Spec section 2.7. Texts and ranges are checked in `attributes`; a `Config` is always valid.

use domain::bytes::{Malformed, Put, Take};
use domain::{AccountId, Arn, Region, Seconds, Time};

/// Everything settable about a queue, and what it was born with. Replaced whole by [`crate::Command::Configure`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub name: String,
    pub account: AccountId,
    pub region: Region,
    pub fifo: bool,
    pub created: Time,
    pub modified: Time,
    /// Default delay of a message, 0 to 900 s.
    pub delay: Seconds,
    /// Largest message, 1,024 to 1,048,576 bytes.
    pub message_bytes_max: u32,
    /// Life of a message from its sending, 60 s to 14 days.
    pub retention: Seconds,
    /// Default long-poll wait of a receive, 0 to 20 s.
    pub wait: Seconds,
    /// Default visibility timeout, 0 to 43,200 s.
    pub visibility: Seconds,
    /// The access policy, as the JSON text given.
    pub policy: Option<String>,
    pub redrive: Option<Redrive>,
    pub redrive_allow: Option<RedriveAllow>,
    pub kms_key: Option<String>,
    pub kms_reuse: Seconds,
    pub managed_sse: bool,
    pub content_dedup: bool,
    pub dedup_scope: DedupScope,
    /// A scope that a change replaced stays in force until the given time (spec 8.2).
    pub dedup_scope_before: Option<(DedupScope, Time)>,
    pub throughput: ThroughputLimit,
    /// Sorted by key.
    pub tags: Vec<(String, String)>,
}

impl Config {
    pub fn arn(&self) -> Arn {
        Arn::new("sqs", self.region, self.account, &self.name)
    }

    /// The scope that deduplication goes by at `now` (spec 8.2).
    pub fn dedup_scope_at(&self, now: Time) -> DedupScope {
        match self.dedup_scope_before {
            Some((before, until)) if now < until => before,
            Some(_) | None => self.dedup_scope,
        }
    }

    /// Appends the configuration as records and snapshots keep it, the fields in the order of the struct.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_text(&self.name);
        out.put_text(self.account.as_str());
        out.put_text(self.region.as_str());
        out.put_bool(self.fifo);
        out.put_u64(self.created.millis());
        out.put_u64(self.modified.millis());
        out.put_u32(self.delay.0);
        out.put_u32(self.message_bytes_max);
        out.put_u32(self.retention.0);
        out.put_u32(self.wait.0);
        out.put_u32(self.visibility.0);
        out.put_some_text(self.policy.as_deref());
        out.put_bool(self.redrive.is_some());
        if let Some(redrive) = &self.redrive {
            out.put_text(redrive.dead_letter.as_str());
            out.put_u32(redrive.max_receives);
        }
        encode_redrive_allow(self.redrive_allow.as_ref(), out);
        out.put_some_text(self.kms_key.as_deref());
        out.put_u32(self.kms_reuse.0);
        out.put_bool(self.managed_sse);
        out.put_bool(self.content_dedup);
        out.put_u8(self.dedup_scope.tag());
        out.put_bool(self.dedup_scope_before.is_some());
        if let Some((scope, until)) = self.dedup_scope_before {
            out.put_u8(scope.tag());
            out.put_u64(until.millis());
        }
        out.put_u8(self.throughput.tag());
        out.put_u32(u32::try_from(self.tags.len()).expect("a queue has at most 50 tags"));
        for (key, value) in &self.tags {
            out.put_text(key);
            out.put_text(value);
        }
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
            modified: Time::from_millis(take.u64()?),
            delay: Seconds(take.u32()?),
            message_bytes_max: take.u32()?,
            retention: Seconds(take.u32()?),
            wait: Seconds(take.u32()?),
            visibility: Seconds(take.u32()?),
            policy: take.some_text()?.map(str::to_owned),
            redrive: if take.bool()? {
                Some(Redrive {
                    dead_letter: decode_arn(take)?,
                    max_receives: take.u32()?,
                })
            } else {
                None
            },
            redrive_allow: decode_redrive_allow(take)?,
            kms_key: take.some_text()?.map(str::to_owned),
            kms_reuse: Seconds(take.u32()?),
            managed_sse: take.bool()?,
            content_dedup: take.bool()?,
            dedup_scope: DedupScope::from_tag(take.u8()?)?,
            dedup_scope_before: if take.bool()? {
                let scope = DedupScope::from_tag(take.u8()?)?;
                Some((scope, Time::from_millis(take.u64()?)))
            } else {
                None
            },
            throughput: ThroughputLimit::from_tag(take.u8()?)?,
            tags: (0..take.u32()?)
                .map(|_| Ok((take.text()?.to_owned(), take.text()?.to_owned())))
                .collect::<Result<_, Malformed>>()?,
        })
    }
}

fn encode_redrive_allow(allow: Option<&RedriveAllow>, out: &mut Vec<u8>) {
    match allow {
        None => out.put_u8(0),
        Some(RedriveAllow::All) => out.put_u8(1),
        Some(RedriveAllow::None) => out.put_u8(2),
        Some(RedriveAllow::Queues(sources)) => {
            out.put_u8(3);
            out.put_u32(
                u32::try_from(sources.len()).expect("at most 10 queues are allowed by name"),
            );
            for source in sources {
                out.put_text(source.as_str());
            }
        }
    }
}

fn decode_redrive_allow(take: &mut Take<'_>) -> Result<Option<RedriveAllow>, Malformed> {
    Ok(match take.u8()? {
        0 => None,
        1 => Some(RedriveAllow::All),
        2 => Some(RedriveAllow::None),
        3 => {
            let sources = (0..take.u32()?).map(|_| decode_arn(take));
            Some(RedriveAllow::Queues(sources.collect::<Result<_, _>>()?))
        }
        _ => return Err(Malformed("a redrive allow policy is of no known kind")),
    })
}

pub(crate) fn decode_arn(take: &mut Take<'_>) -> Result<Arn, Malformed> {
    Arn::parse(take.text()?).map_err(|_| Malformed("an ARN has not six parts"))
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    pub dead_letter: Arn,
    /// 1 to 1,000.
    pub max_receives: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedriveAllow {
    All,
    None,
    /// 1 to 10 source queues.
    Queues(Vec<Arn>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DedupScope {
    Queue,
    MessageGroup,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThroughputLimit {
    PerQueue,
    PerMessageGroupId,
}

impl DedupScope {
    fn tag(self) -> u8 {
        match self {
            DedupScope::Queue => 0,
            DedupScope::MessageGroup => 1,
        }
    }

    fn from_tag(tag: u8) -> Result<DedupScope, Malformed> {
        match tag {
            0 => Ok(DedupScope::Queue),
            1 => Ok(DedupScope::MessageGroup),
            _ => Err(Malformed("a deduplication scope is of no known kind")),
        }
    }
}

impl ThroughputLimit {
    fn tag(self) -> u8 {
        match self {
            ThroughputLimit::PerQueue => 0,
            ThroughputLimit::PerMessageGroupId => 1,
        }
    }

    fn from_tag(tag: u8) -> Result<ThroughputLimit, Malformed> {
        match tag {
            0 => Ok(ThroughputLimit::PerQueue),
            1 => Ok(ThroughputLimit::PerMessageGroupId),
            _ => Err(Malformed("a throughput limit is of no known kind")),
        }
    }
}
