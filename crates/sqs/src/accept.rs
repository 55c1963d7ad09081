//! How a message out of another queue's outbox comes in, once.

use std::collections::BTreeMap;

use domain::bytes::{Malformed, Put, Take};
use domain::{Arn, Effects, Machine as _, Place, Seconds, Stamp, Time};

use crate::command::{Accept, Accepted, Command};
use crate::config::decode_arn;
use crate::key::Key;
use crate::live::{Origin, Stage};
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
            Accepted::Published => unreachable!("no queue publishes"),
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
    /// By the sender's name and incarnation: (sequence, when it came).
    heard: BTreeMap<(Arn, u64), (u64, Time)>,
}

impl Senders {
    /// Whether this delivery is new. A sender's deliveries come in the order of its outbox.
    fn hear(&mut self, from: &Arn, incarnation: u64, sequence: u64, now: Time) -> bool {
        let sender = (from.clone(), incarnation);
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
        for ((from, incarnation), (sequence, last)) in &self.heard {
            out.put_text(from.as_str());
            out.put_u64(*incarnation);
            out.put_u64(*sequence);
            out.put_u64(last.millis());
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Senders, Malformed> {
        let mut senders = Senders::default();
        for _ in 0..take.u32()? {
            let sender = (decode_arn(take)?, take.u64()?);
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
        incarnation: u64,
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
            incarnation,
            sequence: deliver_sequence,
            payload,
            body: domain::Body::default(),
            kind,
        }))
    }

    /// The command that takes a published message in here; the pair of sender and sequence is taken once.
    pub fn accept_published<'a>(
        from: &Arn,
        incarnation: u64,
        sequence: u64,
        payload: Payload<'a>,
    ) -> Command<'a> {
        Command::Accept(Accept {
            from: from.clone(),
            incarnation,
            sequence,
            payload,
            body: domain::Body::default(),
            kind: Accepted::Published,
        })
    }

    /// Takes a copy of a letter in that stands in the same record as others: `letter` is its payload, at `place`. The
    /// copy's label is asked for only if this queue holds no other message of the same copy.
    pub fn take_copy(
        &mut self,
        at: Stamp,
        place: Place,
        letter: &Payload<'_>,
        copy: [u8; 16],
        label: impl FnOnce() -> String,
        effects: &mut Effects,
    ) {
        self.advance(at.time);
        let copy = self.copies.hold(copy, label);
        let held = self.copies.get(copy).expect("it was just put there");
        let id = held.message_id(letter.id);
        let taken = self.take_published(
            Arrival {
                place,
                group: letter.group,
                sent: at.time,
                delay: self.config.delay,
                stage: Stage::Fresh,
                from: None,
                copy: Origin::copy(copy),
            },
            letter,
            id,
        );
        if !taken {
            self.copies.release(copy);
        }
        // Nothing is due that was not before: the message came in now, and a retention is never zero.
        effects.stir |= self.receivable();
    }

    /// A published message is as if sent now: deduplication counts, and tells the message's id to whoever sends it once
    /// more. False if it was a duplicate.
    fn take_published(
        &mut self,
        arrival: Arrival<'_>,
        payload: &Payload<'_>,
        message: MessageId,
    ) -> bool {
        let dedup = payload.dedup.filter(|_| self.config.fifo).map(Key::of);
        let group = Key::of_group(payload.group);
        let sent = arrival.sent;
        let scope = self.config.dedup_scope_at(sent);
        if dedup.is_some_and(|id| self.dedup.find(scope, id, group).is_some()) {
            return false;
        }
        let sequence = self.arrive(arrival);
        if let Some(id) = dedup {
            self.dedup.remember(id, group, message, sequence, sent);
        }
        true
    }

    /// A dead letter keeps its count, and on a standard queue its sending time; no delay holds it up there. A
    /// redriven message is as if sent now. Deduplication lets both pass: their ids are their MessageIds.
    pub(crate) fn take_in(&mut self, at: Stamp, accept: &Accept<'_>, effects: &mut Effects) {
        if !self
            .senders
            .hear(&accept.from, accept.incarnation, accept.sequence, at.time)
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
            copy: Origin::NONE,
        };
        if accept.kind == Accepted::Published {
            self.take_published(new, &accept.payload, accept.payload.id);
            effects.stir |= self.receivable();
            return;
        }
        self.arrive(match accept.kind {
            Accepted::Redriven | Accepted::Published => new,
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
    use crate::op::samples;

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
            assert!(senders.hear(&sender(n), 0, 5, Time::from_seconds(n as u64)));
            assert!(!senders.hear(&sender(n), 0, 5, Time::from_seconds(n as u64)));
        }
        assert!(senders.hear(&sender(0), 0, 6, Time::from_seconds(20_000)));
        assert!(senders.hear(&sender(0), 1, 1, Time::from_seconds(20_000)));
        assert_eq!(senders.heard.len(), SENDERS_MAX);
        assert!(!senders.hear(&sender(0), 0, 6, Time::from_seconds(20_000)));
        assert!(senders.hear(&sender(1), 0, 5, Time::from_seconds(20_000)));
    }

    fn letter<'a>(id: u8, group: Option<&'a str>, dedup: Option<&'a str>) -> Payload<'a> {
        Payload {
            id: MessageId([id; 16]),
            body: "news",
            body_md5: [0; 16],
            attributes: Vec::new(),
            attributes_md5: None,
            sender: "AIDA",
            trace_header: None,
            group,
            dedup,
        }
    }

    fn stamp(seconds: u64) -> Stamp {
        Stamp {
            time: samples::NOW.after(Seconds(seconds as u32)),
            offset: domain::Offset(seconds),
        }
    }

    fn take(queue: &mut Queue, seconds: u64, letter: &Payload<'_>) {
        let place = Place::default();
        let (label, effects) = (|| "arn".to_owned(), &mut Effects::default());
        queue.take_copy(stamp(seconds), place, letter, [7; 16], label, effects);
    }

    #[test]
    fn a_copy_is_received_with_its_label_and_forgotten_with_its_message() {
        let mut queue = samples::queue(samples::standard());
        take(&mut queue, 1, &letter(1, None, None));
        take(&mut queue, 2, &letter(2, None, None));
        let mut bytes = Vec::new();
        queue.snapshot(&mut bytes);
        let mut queue = Queue::restore(&bytes).unwrap();
        let receive = crate::command::Receive {
            max: 10,
            visibility: None,
            attempt: None,
            dead_letter_open: false,
        };
        let effects = &mut Effects::default();
        let received = queue.receive(stamp(3), &receive, effects).messages;
        let labels: Vec<_> = received
            .iter()
            .map(|delivery| &*delivery.copy.as_ref().unwrap().label)
            .collect();
        assert_eq!(labels, ["arn", "arn"]);
        for delivery in &received {
            queue.remove(delivery.handle.slot);
        }
        assert!(queue.copies.is_empty());
    }

    #[test]
    fn a_fifo_queue_takes_a_published_message_once_within_five_minutes() {
        let mut queue = samples::queue(samples::fifo());
        take(&mut queue, 1, &letter(1, Some("g"), Some("d")));
        take(&mut queue, 2, &letter(2, Some("g"), Some("d")));
        assert_eq!(queue.counts().visible, 1);
        take(&mut queue, 400, &letter(3, Some("g"), Some("d")));
        assert_eq!(queue.counts().visible, 2);
    }

    #[test]
    fn what_repeats_a_copy_is_told_the_id_that_the_copy_has_here() {
        let mut queue = samples::queue(samples::fifo());
        take(&mut queue, 1, &letter(1, Some("g"), Some("d")));
        let (id, group) = (Key::of("d"), Key::of_group(Some("g")));
        let scope = queue.config.dedup_scope_at(stamp(2).time);
        let first = queue.dedup.find(scope, id, group).unwrap();
        assert_eq!(first.id, MessageId([1 ^ 7; 16]));
    }
}
