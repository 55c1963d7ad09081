//! The log of what was sent: mails, SMS and pushes that would have left, until they are forgotten.
//!
//! A document lies in the record that sent it; here stands where, and what a listing looks for. The log is bounded:
//! beyond a number of documents, or of their bytes, the oldest go.

use std::collections::BTreeMap;

use domain::bytes::{Malformed, Put, Take};
use domain::{Offset, Place, Time};

use crate::limits;

/// By which way something leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Mail,
    Sms,
    Push,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Rises by one with each; the key of its place.
    pub key: u64,
    pub kind: Kind,
    /// The MessageId.
    pub id: String,
    /// The mail address, phone number or endpoint ARN it went to.
    pub to: String,
    pub time: Time,
    pub place: Place,
}

/// Which of them a request means: all of a kind, or those to one destination, or the one of an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub kind: Kind,
    pub to: Option<String>,
    pub id: Option<String>,
}

impl Choice {
    pub fn all(kind: Kind) -> Choice {
        Choice {
            kind,
            to: None,
            id: None,
        }
    }

    pub fn takes(&self, sent: &Sent) -> bool {
        self.kind == sent.kind
            && self.to.as_ref().is_none_or(|to| *to == sent.to)
            && self.id.as_ref().is_none_or(|id| *id == sent.id)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    all: BTreeMap<u64, Sent>,
    bytes: u64,
    last: u64,
}

impl Log {
    pub(crate) fn chosen<'l>(&'l self, choice: &'l Choice) -> impl Iterator<Item = &'l Sent> {
        self.all.values().filter(|sent| choice.takes(sent))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Sent> {
        self.all.values()
    }

    pub(crate) fn get(&self, key: u64) -> Option<&Sent> {
        self.all.get(&key)
    }

    pub(crate) fn places(&self, visit: &mut dyn FnMut(u64, Place)) {
        for (key, sent) in &self.all {
            visit(*key, sent.place);
        }
    }

    pub(crate) fn relocate(&mut self, key: u64, from: Place, to: Place) -> bool {
        match self.all.get_mut(&key) {
            Some(sent) if sent.place == from => {
                sent.place = to;
                true
            }
            Some(_) | None => false,
        }
    }

    /// The key is given here.
    pub(crate) fn add(&mut self, sent: Sent) {
        self.last += 1;
        let sent = Sent {
            key: self.last,
            ..sent
        };
        self.bytes += u64::from(sent.place.len);
        self.all.insert(self.last, sent);
        while self.all.len() > limits::SENT_MAX || self.bytes > limits::SENT_BYTES_MAX {
            let Some((_, oldest)) = self.all.pop_first() else {
                return;
            };
            self.bytes -= u64::from(oldest.place.len);
        }
    }

    /// How many there were.
    pub(crate) fn forget(&mut self, choice: &Choice) -> u64 {
        let before = self.all.len();
        self.all.retain(|_, sent| !choice.takes(sent));
        self.bytes = self
            .all
            .values()
            .map(|sent| u64::from(sent.place.len))
            .sum();
        (before - self.all.len()) as u64
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u64(self.last);
        out.put_u32(self.all.len() as u32);
        for sent in self.all.values() {
            out.put_u64(sent.key);
            sent.kind.put(out);
            out.put_text(&sent.id);
            out.put_text(&sent.to);
            out.put_u64(sent.time.millis());
            out.put_u64(sent.place.offset.0);
            out.put_u32(sent.place.at);
            out.put_u32(sent.place.len);
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Log, Malformed> {
        let mut log = Log {
            last: take.u64()?,
            ..Log::default()
        };
        for _ in 0..take.u32()? {
            let sent = take_sent(take)?;
            let last = log.all.last_key_value().map(|(key, _)| *key);
            if sent.key > log.last || last.is_some_and(|last| sent.key <= last) {
                return Err(Malformed("the log of what was sent is out of order"));
            }
            log.bytes += u64::from(sent.place.len);
            log.all.insert(sent.key, sent);
        }
        Ok(log)
    }
}

fn take_sent(take: &mut Take<'_>) -> Result<Sent, Malformed> {
    Ok(Sent {
        key: take.u64()?,
        kind: Kind::take(take)?,
        id: take.text()?.to_owned(),
        to: take.text()?.to_owned(),
        time: Time::from_millis(take.u64()?),
        place: Place {
            offset: Offset(take.u64()?),
            at: take.u32()?,
            len: take.u32()?,
        },
    })
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Mail, Kind::Sms, Kind::Push];

    /// As the list of everything that was sent names it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Mail => "mail",
            Kind::Sms => "sms",
            Kind::Push => "push",
        }
    }

    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) fn put(self, out: &mut Vec<u8>) {
        out.put_u8(match self {
            Kind::Mail => 1,
            Kind::Sms => 2,
            Kind::Push => 3,
        });
    }

    pub(crate) fn take(take: &mut Take<'_>) -> Result<Kind, Malformed> {
        match take.u8()? {
            1 => Ok(Kind::Mail),
            2 => Ok(Kind::Sms),
            3 => Ok(Kind::Push),
            _ => Err(Malformed("something was sent in no known way")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(len: u32) -> Sent {
        Sent {
            key: 0,
            kind: Kind::Sms,
            id: String::new(),
            to: String::new(),
            time: Time::ZERO,
            place: Place {
                len,
                ..Place::default()
            },
        }
    }

    #[test]
    fn the_log_holds_so_many_documents() {
        let mut log = Log::default();
        for _ in 0..=limits::SENT_MAX {
            log.add(sent(1));
        }
        assert_eq!(log.all.len(), limits::SENT_MAX);
        assert_eq!(log.all.first_key_value().unwrap().0, &2);
    }

    #[test]
    fn the_log_holds_so_many_bytes_and_room_comes_back_when_they_are_forgotten() {
        let mut log = Log::default();
        let third = (limits::SENT_BYTES_MAX / 3) as u32;
        for _ in 0..4 {
            log.add(sent(third));
        }
        assert_eq!(log.all.keys().copied().collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(log.forget(&Choice::all(Kind::Sms)), 3);
        for _ in 0..3 {
            log.add(sent(third));
        }
        assert_eq!(log.all.len(), 3);
    }
}
