//! How a message out of another queue's outbox comes in, once.

use std::collections::BTreeMap;

use domain::bytes::{Malformed, Put, Take};
use domain::{Arn, Effects, Seconds, Stamp, Time};

use crate::command::{Accept, Accepted, Command};
use crate::config::decode_arn;
use crate::live::Stage;
use crate::message::{MessageId, Payload};
use crate::queue::{Arrival, Queue};

/// Senders remembered; beyond, the one not heard of for longest is forgotten.
const SENDERS_MAX: usize = 10_000;

const DEAD_LETTER: u8 = 1;
const REDRIVEN: u8 = 2;

impl Accepted {
    /// What an item says about its message, beside the payload's bytes.
    pub(crate) fn encode(self) -> Vec<u8> {
        let mut about = Vec::new();
        match self {
            Accepted::DeadLetter { sent, receives } => {
                about.put_u8(DEAD_LETTER);
                about.put_u64(sent.millis());
                about.put_u32(receives);
            }
            Accepted::Redriven => about.put_u8(REDRIVEN),
        }
        about
    }

    fn decode(about: &[u8]) -> Result<Accepted, Malformed> {
        let mut take = Take::new(about);
        let kind = match take.u8()? {
            DEAD_LETTER => Accepted::DeadLetter {
                sent: Time::from_millis(take.u64()?),
                receives: take.u32()?,
            },
            REDRIVEN => Accepted::Redriven,
            _ => return Err(Malformed("an item is of no known kind")),
        };
        if take.is_empty() {
            Ok(kind)
        } else {
            Err(Malformed("an item says too much"))
        }
    }
}

/// The last outbox sequence taken from each sender.
#[derive(Debug, Default)]
pub(crate) struct Senders {
    /// By the sending queue's name and time of creation: (sequence, when it came).
    heard: BTreeMap<(Arn, Time), (u64, Time)>,
}

impl Senders {
    /// Whether this delivery is new. A sender's deliveries come in the order of its outbox.
    fn hear(&mut self, from: &Arn, created: Time, sequence: u64, now: Time) -> bool {
        let sender = (from.clone(), created);
        match self.heard.get_mut(&sender) {
            Some((last, _)) if *last >= sequence => false,
            Some(last) => {
                *last = (sequence, now);
                true
            }
            None => {
                if self.heard.len() >= SENDERS_MAX {
                    self.forget_one();
                }
                self.heard.insert(sender, (sequence, now));
                true
            }
        }
    }

    fn forget_one(&mut self) {
        let longest = self.heard.iter().min_by_key(|(_, (_, last))| *last);
        if let Some(sender) = longest.map(|(sender, _)| sender.clone()) {
            self.heard.remove(&sender);
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.heard.len() as u32);
        for ((from, created), (sequence, last)) in &self.heard {
            out.put_text(from.as_str());
            out.put_u64(created.millis());
            out.put_u64(*sequence);
            out.put_u64(last.millis());
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Senders, Malformed> {
        let mut senders = Senders::default();
        for _ in 0..take.u32()? {
            let sender = (decode_arn(take)?, Time::from_millis(take.u64()?));
            let heard = (take.u64()?, Time::from_millis(take.u64()?));
            senders.heard.insert(sender, heard);
        }
        Ok(senders)
    }
}

impl Queue {
    /// The command that takes a delivery of another queue, or of this one, in here.
    ///
    /// `about` and `payload_bytes` are the delivery's item; `new_id` becomes the MessageId of a message that a
    /// move task brings, which is a new message (spec 6.4). A dead letter keeps its own.
    pub fn accept<'a>(
        &self,
        from: &Arn,
        from_created: Time,
        deliver_sequence: u64,
        about: &[u8],
        payload_bytes: &'a [u8],
        new_id: [u8; 16],
    ) -> Result<Command<'a>, Malformed> {
        let kind = Accepted::decode(about)?;
        let mut payload = Payload::decode(payload_bytes)?;
        if kind == Accepted::Redriven {
            payload.id = MessageId(new_id);
        }
        Ok(Command::Accept(Accept {
            from: from.clone(),
            from_created,
            sequence: deliver_sequence,
            payload,
            body: domain::Body::default(),
            kind,
        }))
    }

    /// A dead letter keeps its count, and on a standard queue its sending time; no delay holds it up there. A
    /// redriven message is as if sent now. Deduplication lets both pass: their ids are their MessageIds.
    pub(crate) fn take_in(&mut self, at: Stamp, accept: &Accept<'_>, effects: &mut Effects) {
        if !self
            .senders
            .hear(&accept.from, accept.from_created, accept.sequence, at.time)
        {
            return;
        }
        let new = Arrival {
            place: accept.body.at(at.offset),
            group: accept.payload.group,
            sent: at.time,
            delay: self.config.delay,
            stage: Stage::Fresh,
            from: None,
        };
        self.arrive(match accept.kind {
            Accepted::Redriven => new,
            Accepted::DeadLetter { receives, .. } if self.config.fifo => Arrival {
                from: Some((&accept.from, receives)),
                ..new
            },
            Accepted::DeadLetter { sent, receives } => Arrival {
                sent,
                delay: Seconds(0),
                stage: Stage::Waiting,
                from: Some((&accept.from, receives)),
                ..new
            },
        });
        effects.stir |= self.receivable();
    }
}

#[cfg(test)]
mod tests {
    use domain::{AccountId, Region};

    use super::*;

    #[test]
    fn each_sender_is_heard_once_per_delivery_and_the_longest_silent_is_forgotten_first() {
        let sender = |n| {
            Arn::new(
                "sqs",
                Region::default(),
                AccountId::DEFAULT,
                &format!("q{n}"),
            )
        };
        let mut senders = Senders::default();
        for n in 0..SENDERS_MAX {
            assert!(senders.hear(&sender(n), Time::ZERO, 5, Time::from_seconds(n as u64)));
            assert!(!senders.hear(&sender(n), Time::ZERO, 5, Time::from_seconds(n as u64)));
        }
        assert!(senders.hear(&sender(0), Time::ZERO, 6, Time::from_seconds(20_000)));
        assert!(senders.hear(
            &sender(0),
            Time::from_millis(1),
            1,
            Time::from_seconds(20_000)
        ));
        assert_eq!(senders.heard.len(), SENDERS_MAX);
        assert!(!senders.hear(&sender(0), Time::ZERO, 6, Time::from_seconds(20_000)));
        assert!(senders.hear(&sender(1), Time::ZERO, 5, Time::from_seconds(20_000)));
    }
}
