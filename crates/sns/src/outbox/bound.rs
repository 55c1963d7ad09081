//! What the courier carries: deliveries to queues, in the order of their sequences.

use std::collections::BTreeMap;

use domain::Arn;
use domain::bytes::{Malformed, Put, Take};

use super::matters::Matters;
use crate::codec::take_arn;

/// Why a publication goes to a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// The queue has subscribed.
    Own,
    /// The same, out of the archive.
    Replayed,
    /// It could not be delivered to who has subscribed.
    DeadLetter,
}

/// What an item says about its delivery, beside where the publication lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    pub errand: Errand,
    pub subscription: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Leg {
    pub(crate) matter: u64,
    pub(crate) subscription: u32,
    pub(crate) way: Way,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the queue that has subscribed.
    Own { replayed: bool },
    /// To the queue that was for dead letters when the delivery failed.
    DeadLetter(Arn),
}

#[derive(Debug, Default)]
pub(crate) struct Bound {
    legs: BTreeMap<u64, Leg>,
    /// How many legs each subscription has: those to its own queue, and all.
    counts: BTreeMap<u32, Counts>,
    /// Legs put in so far.
    last: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    own: u32,
    all: u32,
}

impl About {
    pub(super) fn encode(self) -> Vec<u8> {
        let mut about = Vec::with_capacity(5);
        about.put_u8(match self.errand {
            Errand::Own => 0,
            Errand::Replayed => 1,
            Errand::DeadLetter => 2,
        });
        about.put_u32(self.subscription);
        about
    }

    /// Reads what an item of a topic says.
    pub fn decode(about: &[u8]) -> Result<About, Malformed> {
        let mut take = Take::new(about);
        let about = About {
            errand: match take.u8()? {
                0 => Errand::Own,
                1 => Errand::Replayed,
                2 => Errand::DeadLetter,
                _ => return Err(Malformed("an item is of no known kind")),
            },
            subscription: take.u32()?,
        };
        if take.is_empty() {
            Ok(about)
        } else {
            Err(Malformed("an item says too much"))
        }
    }
}

impl Leg {
    pub(crate) fn about(&self) -> About {
        About {
            errand: match self.way {
                Way::Own { replayed: false } => Errand::Own,
                Way::Own { replayed: true } => Errand::Replayed,
                Way::DeadLetter(_) => Errand::DeadLetter,
            },
            subscription: self.subscription,
        }
    }

    fn is_own(&self) -> bool {
        matches!(self.way, Way::Own { .. })
    }
}

impl Bound {
    /// Puts a leg in, whose matter is held for it, and gives its sequence.
    pub(crate) fn put(&mut self, leg: Leg) -> u64 {
        self.last += 1;
        self.enter(self.last, leg);
        self.last
    }

    fn enter(&mut self, sequence: u64, leg: Leg) {
        let counts = self.counts.entry(leg.subscription).or_default();
        counts.own += u32::from(leg.is_own());
        counts.all += 1;
        self.legs.insert(sequence, leg);
    }

    pub(crate) fn get(&self, sequence: u64) -> Option<&Leg> {
        self.legs.get(&sequence)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &Leg)> {
        self.legs.iter().map(|(&sequence, leg)| (sequence, leg))
    }

    pub(crate) fn len(&self) -> usize {
        self.legs.len()
    }

    /// Legs on their way to a subscription's own queue.
    pub(crate) fn own(&self, subscription: u32) -> u32 {
        self.counts
            .get(&subscription)
            .map_or(0, |counts| counts.own)
    }

    pub(crate) fn remove(&mut self, sequence: u64) -> Option<Leg> {
        let leg = self.legs.remove(&sequence)?;
        let counts = self.counts.entry(leg.subscription).or_default();
        counts.own -= u32::from(leg.is_own());
        counts.all -= 1;
        if counts.all == 0 {
            self.counts.remove(&leg.subscription);
        }
        Some(leg)
    }

    /// Takes out the first leg, if its sequence is not above the given one.
    pub(crate) fn pop_up_to(&mut self, sequence: u64) -> Option<Leg> {
        let (&first, _) = self.legs.first_key_value()?;
        if first <= sequence {
            self.remove(first)
        } else {
            None
        }
    }

    /// Takes out all legs of a subscription that is no more.
    pub(crate) fn forget(&mut self, subscription: u32, matters: &mut Matters) {
        if self.counts.remove(&subscription).is_none() {
            return;
        }
        self.legs.retain(|_, leg| {
            let stays = leg.subscription != subscription;
            if !stays {
                matters.release(leg.matter);
            }
            stays
        });
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u64(self.last);
        out.put_u32(self.legs.len() as u32);
        for (&sequence, leg) in &self.legs {
            out.put_u64(sequence);
            out.put_u64(leg.matter);
            out.put_u32(leg.subscription);
            match &leg.way {
                Way::Own { replayed } => out.put_u8((*replayed).into()),
                Way::DeadLetter(queue) => {
                    out.put_u8(2);
                    out.put_text(queue.as_str());
                }
            }
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>, matters: &mut Matters) -> Result<Bound, Malformed> {
        let mut bound = Bound {
            last: take.u64()?,
            ..Bound::default()
        };
        for _ in 0..take.u32()? {
            let sequence = take.u64()?;
            let leg = Leg {
                matter: take.u64()?,
                subscription: take.u32()?,
                way: match take.u8()? {
                    0 => Way::Own { replayed: false },
                    1 => Way::Own { replayed: true },
                    2 => Way::DeadLetter(take_arn(take)?),
                    _ => return Err(Malformed("a delivery goes no known way")),
                },
            };
            if sequence > bound.last || bound.legs.contains_key(&sequence) {
                return Err(Malformed("a delivery's sequence was not given to it"));
            }
            matters.restore_holder(leg.matter)?;
            bound.enter(sequence, leg);
        }
        Ok(bound)
    }
}
