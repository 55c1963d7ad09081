//! The whole state of a topic as bytes: equal states give equal bytes, and what is restored goes on as before.

use domain::bytes::{Malformed, Put, Take};
use domain::{Machine as _, Time};

use crate::archive::Archive;
use crate::config::Config;
use crate::dedup::Dedup;
use crate::outbox::Outbox;
use crate::replay::Replays;
use crate::subscriptions::Subscriptions;
use crate::topic::Topic;

const VERSION: u8 = 1;

impl Topic {
    /// Appends the state to `out`.
    pub fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u8(VERSION);
        self.config.encode(out);
        out.put_u64(self.now.millis());
        out.put_u64(self.next_publication);
        self.subscriptions.snapshot(out);
        self.outbox.snapshot(out);
        self.dedup.snapshot(out);
        self.archive.snapshot(out);
        self.replays.snapshot(out);
    }

    /// Reads what `snapshot` wrote, to the last byte.
    pub fn restore(bytes: &[u8]) -> Result<Topic, Malformed> {
        let mut take = Take::new(bytes);
        if take.u8()? != VERSION {
            return Err(Malformed("a topic's snapshot is of another version"));
        }
        let mut topic = Topic::new(Config::decode(&mut take)?);
        topic.now = Time::from_millis(take.u64()?);
        topic.next_publication = take.u64()?;
        topic.subscriptions = Subscriptions::restore(&mut take)?;
        topic.outbox = Outbox::restore(&mut take)?;
        topic.dedup = Dedup::restore(&mut take)?;
        topic.archive = Archive::restore(&mut take)?;
        topic.replays = Replays::restore(&mut take, &mut topic.outbox)?;
        topic.outbox.check_held()?;
        topic.advance(topic.now);
        if take.is_empty() {
            Ok(topic)
        } else {
            Err(Malformed(
                "a topic's snapshot is followed by something else",
            ))
        }
    }
}
