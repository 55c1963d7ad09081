//! What the journal keeps of a request to a queue: one variant per kind of change.
//!
//! `encode` and `decode` are each other's inverse. The engine always applies what `decode` gives back from the
//! journal's own bytes, so that a replay cannot differ from the first time.
//!
//! ```text
//! tag  command            then
//!   1  Configure          the configuration
//!   2  Send               n u16, each: delay? u32, payload run
//!   3  Receive            max u16, visibility? u32, attempt? run, dead-letter queue open u8
//!   4  Delete             n u16, each: handle 16
//!   5  ChangeVisibility   n u16, each: handle 16, seconds u32
//!   6  Purge
//!   7  StartMove          task 16, destination? run, rate? u32
//!   8  CancelMove         task 16
//!   9  StepMove           n u16, each: missing target run
//!  10  Accept             from run, incarnation u64, sequence u64,
//!                         0 sent u64 receives u32 (dead letter), 1 (redriven) or 2 (published), payload run
//!  11  Delivered          outbox sequence u64
//!  12  Returned           outbox sequence u64
//! ```

use domain::bytes::{Malformed, Put, Take};
use domain::{Arn, Body, Seconds, Time};

use crate::config::{Config, decode_arn};
use crate::message::Payload;

#[derive(Clone, Debug, PartialEq)]
pub enum Command<'a> {
    /// SetQueueAttributes, TagQueue, UntagQueue, AddPermission, RemovePermission: the whole new configuration.
    Configure(Box<Config>),
    /// SendMessage, SendMessageBatch: 1 to 10 messages, in request order.
    Send(Vec<Outgoing<'a>>),
    Receive(Receive<'a>),
    /// DeleteMessage, DeleteMessageBatch.
    Delete(Vec<Handle>),
    /// ChangeMessageVisibility(Batch).
    ChangeVisibility(Vec<(Handle, Seconds)>),
    Purge,
    StartMove(StartMove),
    /// The id inside a TaskHandle.
    CancelMove([u8; 16]),
    StepMove(StepMove),
    /// A message out of another queue's outbox comes in.
    Accept(Accept<'a>),
    /// The courier has delivered everything in the outbox up to and including this sequence.
    Delivered(u64),
    /// The target of this outbox sequence is gone: the message goes back among the receivable ones.
    Returned(u64),
}

/// One message on its way in.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing<'a> {
    pub payload: Payload<'a>,
    /// Where the encoded payload stands inside the record; `decode` fills it, `encode` ignores it.
    pub body: Body,
    /// The message's own delay; absent, the queue's counts.
    pub delay: Option<Seconds>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Receive<'a> {
    /// 1 to 10 (more only through the override header of spec section 11).
    pub max: u16,
    /// The request's own visibility timeout; absent, the queue's counts.
    pub visibility: Option<Seconds>,
    /// ReceiveRequestAttemptId, FIFO only.
    pub attempt: Option<&'a str>,
    /// Whether the redrive policy's target exists at this moment: a dangling target moves nothing.
    pub dead_letter_open: bool,
}

/// A receipt handle, opened: which message, and which of its receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle {
    /// Index in the queue's slab.
    pub slot: u32,
    /// The message's sequence in its queue: tells a reused slot from the message meant.
    pub sequence: u64,
    /// Which receive gave the handle out, counted from 1.
    pub receive: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StartMove {
    pub task: [u8; 16],
    /// Absent: each message goes back to the queue it was moved from.
    pub destination: Option<Arn>,
    /// Messages per second, 1 to 500; absent: as fast as it goes.
    pub rate: Option<u32>,
}

/// Moves what the running task's rate allows at the stamp's time, bounded to a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct StepMove {
    /// Targets of the messages next in line that do not exist now; a message for one fails the task.
    pub missing: Vec<Arn>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Accept<'a> {
    /// The sending queue and its outbox sequence: a pair seen before is dropped.
    pub from: Arn,
    /// Tells a queue from one created later under the same name.
    pub incarnation: u64,
    pub sequence: u64,
    pub payload: Payload<'a>,
    pub body: Body,
    pub kind: Accepted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Moved by a redrive policy: keeps id, count and (standard) sending time; `from` becomes its
    /// DeadLetterQueueSourceArn.
    DeadLetter { sent: Time, receives: u32 },
    /// Moved by a message move task: a new message.
    Redriven,
    /// Published to a topic: a new message, which keeps the id that it came with.
    Published,
}

/// Ids come from outside: the node makes 16 random bytes at a time.
pub type Ids<'i> = &'i mut dyn FnMut() -> [u8; 16];

impl Handle {
    pub const TEXT_BYTES_MAX: usize = 1024;
}

impl<'a> Command<'a> {
    /// Appends the command as the journal keeps it.
    ///
    /// A message moved to a FIFO queue gets its MessageId as its deduplication id here (spec 6.2), whatever
    /// id it carried in the queue it comes from.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Command::Configure(config) => {
                out.put_u8(1);
                config.encode(out);
            }
            Command::Send(messages) => {
                out.put_u8(2);
                put_count(messages.len(), out);
                for message in messages {
                    put_some_u32(message.delay.map(|delay| delay.0), out);
                    put_payload(&message.payload, message.payload.dedup, out);
                }
            }
            Command::Receive(receive) => {
                out.put_u8(3);
                out.put_u16(receive.max);
                put_some_u32(receive.visibility.map(|visibility| visibility.0), out);
                out.put_some_text(receive.attempt);
                out.put_bool(receive.dead_letter_open);
            }
            Command::Delete(handles) => {
                out.put_u8(4);
                put_count(handles.len(), out);
                for handle in handles {
                    out.extend_from_slice(&handle.bytes());
                }
            }
            Command::ChangeVisibility(changes) => {
                out.put_u8(5);
                put_count(changes.len(), out);
                for (handle, visibility) in changes {
                    out.extend_from_slice(&handle.bytes());
                    out.put_u32(visibility.0);
                }
            }
            Command::Purge => out.put_u8(6),
            Command::StartMove(start) => {
                out.put_u8(7);
                out.extend_from_slice(&start.task);
                out.put_some_text(start.destination.as_ref().map(Arn::as_str));
                put_some_u32(start.rate, out);
            }
            Command::CancelMove(task) => {
                out.put_u8(8);
                out.extend_from_slice(task);
            }
            Command::StepMove(step) => {
                out.put_u8(9);
                put_count(step.missing.len(), out);
                for target in &step.missing {
                    out.put_text(target.as_str());
                }
            }
            Command::Accept(accept) => {
                out.put_u8(10);
                out.put_text(accept.from.as_str());
                out.put_u64(accept.incarnation);
                out.put_u64(accept.sequence);
                match accept.kind {
                    Accepted::DeadLetter { sent, receives } => {
                        out.put_u8(0);
                        out.put_u64(sent.millis());
                        out.put_u32(receives);
                    }
                    Accepted::Redriven => out.put_u8(1),
                    Accepted::Published => out.put_u8(2),
                }
                let moved = accept.kind != Accepted::Published;
                let dedup = accept.payload.dedup.filter(|_| moved);
                let own_id = dedup.map(|_| accept.payload.id.to_string());
                put_payload(
                    &accept.payload,
                    own_id.as_deref().or(accept.payload.dedup),
                    out,
                );
            }
            Command::Delivered(sequence) => {
                out.put_u8(11);
                out.put_u64(*sequence);
            }
            Command::Returned(sequence) => {
                out.put_u8(12);
                out.put_u64(*sequence);
            }
        }
    }

    /// Reads a command from the whole of `record`; bodies' places count from its start.
    pub fn decode(record: &'a [u8]) -> Result<Command<'a>, Malformed> {
        Command::decode_at(record, 0)
    }

    /// Reads a command from `start` to the end of `record`; bodies' places count from the start of `record`.
    pub fn decode_at(record: &'a [u8], start: usize) -> Result<Command<'a>, Malformed> {
        let mut take = Take::new(record);
        take.bytes(start)?;
        let command = Command::take(&mut take)?;
        if take.is_empty() {
            Ok(command)
        } else {
            Err(Malformed("a command is followed by something else"))
        }
    }

    fn take(take: &mut Take<'a>) -> Result<Command<'a>, Malformed> {
        Ok(match take.u8()? {
            1 => Command::Configure(Box::new(Config::decode(take)?)),
            2 => Command::Send(take_list(take, Outgoing::take)?),
            3 => Command::Receive(Receive {
                max: take.u16()?,
                visibility: take_some_u32(take)?.map(Seconds),
                attempt: take.some_text()?,
                dead_letter_open: take.bool()?,
            }),
            4 => Command::Delete(take_list(take, Handle::take)?),
            5 => Command::ChangeVisibility(take_list(take, |take| {
                Ok((Handle::take(take)?, Seconds(take.u32()?)))
            })?),
            6 => Command::Purge,
            7 => Command::StartMove(StartMove {
                task: take.array()?,
                destination: if take.bool()? {
                    Some(decode_arn(take)?)
                } else {
                    None
                },
                rate: take_some_u32(take)?,
            }),
            8 => Command::CancelMove(take.array()?),
            9 => Command::StepMove(StepMove {
                missing: take_list(take, decode_arn)?,
            }),
            10 => Command::Accept(Accept::take(take)?),
            11 => Command::Delivered(take.u64()?),
            12 => Command::Returned(take.u64()?),
            _ => return Err(Malformed("a command is of no known kind")),
        })
    }
}

impl<'a> Outgoing<'a> {
    fn take(take: &mut Take<'a>) -> Result<Outgoing<'a>, Malformed> {
        let delay = take_some_u32(take)?.map(Seconds);
        let (payload, body) = take_payload(take)?;
        Ok(Outgoing {
            payload,
            body,
            delay,
        })
    }
}

impl<'a> Accept<'a> {
    fn take(take: &mut Take<'a>) -> Result<Accept<'a>, Malformed> {
        let from = decode_arn(take)?;
        let incarnation = take.u64()?;
        let sequence = take.u64()?;
        let kind = match take.u8()? {
            0 => Accepted::DeadLetter {
                sent: Time::from_millis(take.u64()?),
                receives: take.u32()?,
            },
            1 => Accepted::Redriven,
            2 => Accepted::Published,
            _ => return Err(Malformed("an accepted message is of no known kind")),
        };
        let (payload, body) = take_payload(take)?;
        Ok(Accept {
            from,
            incarnation,
            sequence,
            payload,
            body,
            kind,
        })
    }
}

impl Handle {
    pub(crate) const BYTES: usize = 16;

    pub(crate) fn bytes(&self) -> [u8; Handle::BYTES] {
        let mut bytes = [0; Handle::BYTES];
        bytes[..4].copy_from_slice(&self.slot.to_le_bytes());
        bytes[4..12].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[12..].copy_from_slice(&self.receive.to_le_bytes());
        bytes
    }

    pub(crate) fn take(take: &mut Take<'_>) -> Result<Handle, Malformed> {
        Ok(Handle {
            slot: take.u32()?,
            sequence: take.u64()?,
            receive: take.u32()?,
        })
    }
}

fn put_count(count: usize, out: &mut Vec<u8>) {
    out.put_u16(u16::try_from(count).expect("a request names far fewer than 65,536 things"));
}

fn take_list<'a, T>(
    take: &mut Take<'a>,
    one: impl Fn(&mut Take<'a>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    (0..take.u16()?).map(|_| one(take)).collect()
}

fn put_some_u32(value: Option<u32>, out: &mut Vec<u8>) {
    out.put_bool(value.is_some());
    if let Some(value) = value {
        out.put_u32(value);
    }
}

fn take_some_u32(take: &mut Take<'_>) -> Result<Option<u32>, Malformed> {
    Ok(if take.bool()? {
        Some(take.u32()?)
    } else {
        None
    })
}

fn put_payload(payload: &Payload<'_>, dedup: Option<&str>, out: &mut Vec<u8>) {
    let at = out.len();
    out.put_u32(0);
    payload.encode_with_dedup(dedup, out);
    let len =
        u32::try_from(out.len() - at - 4).expect("a payload is bounded by the record's limit");
    out[at..at + 4].copy_from_slice(&len.to_le_bytes());
}

fn take_payload<'a>(take: &mut Take<'a>) -> Result<(Payload<'a>, Body), Malformed> {
    let bytes = take.run()?;
    let end = u32::try_from(take.position()).map_err(|_| Malformed("a record is over 4 GiB"))?;
    let len = u32::try_from(bytes.len()).map_err(|_| Malformed("a record is over 4 GiB"))?;
    let body = Body { at: end - len, len };
    Ok((Payload::decode(bytes)?, body))
}
