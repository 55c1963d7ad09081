//! The whole state of a group as bytes: equal states give equal bytes, and what is restored goes on as before.
//!
//! ```text
//! version u8 | configuration | now u64 | next event u64
//! n streams u32, each: name run | created u64 | ingested? u64
//!                      n events u64, each in order: timestamp u64, number u64, ingested u64, place 16
//! ```
//! What is not written follows from that.

use domain::bytes::{Malformed, Put, Take};
use domain::{Offset, Place, Time};

use crate::config::Config;
use crate::group::LogGroup;
use crate::kept::Value;
use crate::order::Position;
use crate::stream::Stream;

const VERSION: u8 = 1;

impl LogGroup {
    /// Appends the state to `out`.
    pub fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u8(VERSION);
        self.config.encode(out);
        out.put_u64(self.now.millis());
        out.put_u64(self.next);
        out.put_u32(u32::try_from(self.streams.len()).expect("memory ends before the streams do"));
        for (name, stream) in &self.streams {
            out.put_text(name);
            out.put_u64(stream.created.millis());
            out.put_bool(stream.ingested.is_some());
            if let Some(ingested) = stream.ingested {
                out.put_u64(ingested.millis());
            }
            out.put_u64(stream.order.len() as u64);
            for position in &stream.order {
                let value = self
                    .kept
                    .get(position.id)
                    .expect("an event in order is kept");
                out.put_u64(position.timestamp.millis());
                out.put_u64(position.id);
                out.put_u64(value.ingested.millis());
                out.put_u64(value.place.offset.0);
                out.put_u32(value.place.at);
                out.put_u32(value.place.len);
            }
        }
    }

    /// Reads what `snapshot` wrote, to the last byte.
    pub fn restore(bytes: &[u8]) -> Result<LogGroup, Malformed> {
        let mut take = Take::new(bytes);
        if take.u8()? != VERSION {
            return Err(Malformed("a log group's snapshot is of another version"));
        }
        let mut group = LogGroup::new(Config::decode(&mut take)?);
        group.now = Time::from_millis(take.u64()?);
        group.next = take.u64()?;
        for _ in 0..take.u32()? {
            group.restore_stream(&mut take)?;
        }
        if take.is_empty() {
            Ok(group)
        } else {
            Err(Malformed(
                "a log group's snapshot is followed by something else",
            ))
        }
    }

    fn restore_stream(&mut self, take: &mut Take<'_>) -> Result<(), Malformed> {
        let name = take.text()?;
        let mut stream = Stream::new(Time::from_millis(take.u64()?));
        if take.bool()? {
            stream.ingested = Some(Time::from_millis(take.u64()?));
        }
        if self.streams.insert(name.into(), stream).is_some() {
            return Err(Malformed("a stream is there twice"));
        }
        for _ in 0..take.u64()? {
            let position = Position {
                timestamp: Time::from_millis(take.u64()?),
                id: take.u64()?,
            };
            let value = Value {
                ingested: Time::from_millis(take.u64()?),
                place: Place {
                    offset: Offset(take.u64()?),
                    at: take.u32()?,
                    len: take.u32()?,
                },
            };
            if position.id >= self.next || self.kept.get(position.id).is_some() {
                return Err(Malformed("an event has a number that it cannot have"));
            }
            self.insert(name, position, value);
        }
        Ok(())
    }
}
