//! Receives that may be asked for again by their ReceiveRequestAttemptId (spec 8.3).

use std::collections::{BTreeMap, BTreeSet};

use domain::bytes::{Malformed, Put, Take};
use domain::{Seconds, Time};

use crate::command::Handle;
use crate::key::Key;

const LIFE: Seconds = Seconds(300);

/// What the receives of the last five minutes that carried an attempt id gave out.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    by_id: BTreeMap<Key, Attempt>,
    ends: BTreeSet<(Time, Key)>,
}

#[derive(Debug)]
struct Attempt {
    ends: Time,
    given: Vec<Handle>,
}

impl Attempts {
    /// The handles given out under this id. Whether the messages still are as they were then is the queue's to say.
    pub(crate) fn given(&self, id: Key) -> Option<&[Handle]> {
        self.by_id.get(&id).map(|attempt| attempt.given.as_slice())
    }

    pub(crate) fn remember(&mut self, id: Key, given: Vec<Handle>, now: Time) {
        self.insert(id, now.after(LIFE), given);
    }

    fn insert(&mut self, id: Key, ends: Time, given: Vec<Handle>) {
        if let Some(before) = self.by_id.insert(id, Attempt { ends, given }) {
            self.ends.remove(&(before.ends, id));
        }
        self.ends.insert((ends, id));
    }

    pub(crate) fn expire(&mut self, now: Time) {
        while let Some(&(time, id)) = self.ends.first() {
            if time > now {
                break;
            }
            self.ends.pop_first();
            self.by_id.remove(&id);
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.by_id.len() as u32);
        for (id, attempt) in &self.by_id {
            id.put(out);
            out.put_u64(attempt.ends.millis());
            out.put_u32(attempt.given.len() as u32);
            for handle in &attempt.given {
                out.extend_from_slice(&handle.bytes());
            }
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Attempts, Malformed> {
        let mut attempts = Attempts::default();
        for _ in 0..take.u32()? {
            let id = Key::take(take)?;
            let ends = Time::from_millis(take.u64()?);
            let given = (0..take.u32()?).map(|_| Handle::take(take));
            attempts.insert(id, ends, given.collect::<Result<_, _>>()?);
        }
        Ok(attempts)
    }
}
