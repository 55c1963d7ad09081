//! What the journal keeps of a request to a log group: one variant per kind of change.
//!
//! `encode` and `decode` are each other's inverse. The engine always applies what `decode` gives back from the
//! journal's own bytes, so that a replay cannot differ from the first time.
//!
//! ```text
//! tag  command        then
//!   1  Configure      the configuration
//!   2  CreateStream   name run
//!   3  DeleteStream   name run
//!   4  Put            stream run, n u32, each: timestamp u64, message run
//! ```

use domain::bytes::{Malformed, Put as _, Take};
use domain::{Body, Time};

use crate::config::Config;

#[derive(Clone, Debug, PartialEq)]
pub enum Command<'a> {
    /// Whatever sets retention, protection or tags: the whole new configuration.
    Configure(Box<Config>),
    CreateStream(&'a str),
    DeleteStream(&'a str),
    Put(Put<'a>),
}

/// The events of a PutLogEvents that are accepted, oldest first. Makes the stream where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Put<'a> {
    pub stream: &'a str,
    pub events: Vec<Event<'a>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Event<'a> {
    pub timestamp: Time,
    pub message: &'a str,
    /// Where the message stands inside the record; `decode` fills it, `encode` ignores it.
    pub body: Body,
}

impl<'a> Command<'a> {
    /// Appends the command as the journal keeps it.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Command::Configure(config) => {
                out.put_u8(1);
                config.encode(out);
            }
            Command::CreateStream(name) => {
                out.put_u8(2);
                out.put_text(name);
            }
            Command::DeleteStream(name) => {
                out.put_u8(3);
                out.put_text(name);
            }
            Command::Put(put) => {
                out.put_u8(4);
                out.put_text(put.stream);
                out.put_u32(u32::try_from(put.events.len()).expect("a batch has 10,000 events"));
                for event in &put.events {
                    out.put_u64(event.timestamp.millis());
                    out.put_text(event.message);
                }
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
        let command = match take.u8()? {
            1 => Command::Configure(Box::new(Config::decode(&mut take)?)),
            2 => Command::CreateStream(take.text()?),
            3 => Command::DeleteStream(take.text()?),
            4 => Command::Put(Put {
                stream: take.text()?,
                events: (0..take.u32()?)
                    .map(|_| Event::take(&mut take))
                    .collect::<Result<_, _>>()?,
            }),
            _ => return Err(Malformed("a command is of no known kind")),
        };
        if take.is_empty() {
            Ok(command)
        } else {
            Err(Malformed("a command is followed by something else"))
        }
    }

    /// Whether it only gives room back, and so may use the reserve of a full disk.
    pub fn frees(&self) -> bool {
        match self {
            Command::DeleteStream(_) => true,
            Command::Configure(_) | Command::CreateStream(_) | Command::Put(_) => false,
        }
    }
}

impl<'a> Event<'a> {
    pub(crate) fn new(timestamp: Time, message: &'a str) -> Event<'a> {
        Event {
            timestamp,
            message,
            body: Body::default(),
        }
    }

    fn take(take: &mut Take<'a>) -> Result<Event<'a>, Malformed> {
        let timestamp = Time::from_millis(take.u64()?);
        let message = take.text()?;
        let end =
            u32::try_from(take.position()).map_err(|_| Malformed("a record is over 4 GiB"))?;
        let len = u32::try_from(message.len()).map_err(|_| Malformed("a record is over 4 GiB"))?;
        Ok(Event {
            timestamp,
            message,
            body: Body { at: end - len, len },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples;

    fn round_trip(command: &Command<'_>) {
        const HEADER: &[u8] = b"header";
        let mut record = HEADER.to_vec();
        command.encode(&mut record);
        let decoded = Command::decode_at(&record, HEADER.len()).unwrap();
        let mut again = HEADER.to_vec();
        decoded.encode(&mut again);
        assert_eq!(again, record);
        if let Command::Put(put) = &decoded {
            for event in &put.events {
                assert_eq!(event.body.of(&record), event.message.as_bytes());
            }
        } else {
            assert_eq!(decoded, *command);
        }
        for len in HEADER.len()..record.len() {
            assert!(
                Command::decode_at(&record[..len], HEADER.len()).is_err(),
                "{len}"
            );
        }
        record.push(0);
        assert!(Command::decode_at(&record, HEADER.len()).is_err());
    }

    #[test]
    fn every_command_comes_back_from_its_bytes_and_from_nothing_shorter_or_longer() {
        let events = vec![
            Event::new(Time::from_millis(1), "first"),
            Event::new(Time::from_millis(1), "ünicode"),
            Event::new(Time::from_millis(9), "third"),
        ];
        for command in [
            Command::Configure(Box::new(samples::config())),
            Command::CreateStream("s"),
            Command::DeleteStream("s"),
            Command::Put(Put {
                stream: "s/1",
                events,
            }),
        ] {
            round_trip(&command);
        }
    }

    #[test]
    fn a_full_batch_of_events_fits_a_record() {
        let message =
            "m".repeat(crate::limits::BATCH_BYTES_MAX / 10_000 - crate::limits::EVENT_OVERHEAD);
        let events = vec![Event::new(Time::ZERO, &message); 10_000];
        let mut record = Vec::new();
        Command::Put(Put {
            stream: "s",
            events,
        })
        .encode(&mut record);
        assert!(record.len() <= domain::limits::RECORD_BYTES_MAX - 1024);
    }
}
