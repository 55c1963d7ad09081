//! Whose letters a queue holds copies of: each [`Copy`] kept once for all of its messages.

use std::collections::BTreeMap;

use domain::bytes::{Malformed, Put, Take};

use crate::letter::Copy;
use crate::slab::{NONE, Slab};

#[derive(Debug, Default)]
pub(crate) struct Copies {
    all: Slab<Held>,
    by_id: BTreeMap<[u8; 16], u32>,
}

#[derive(Debug)]
struct Held {
    copy: Copy,
    /// Messages here that are it.
    live: u32,
}

impl Copies {
    /// The number of a copy that one more message is. Its label is asked for only if it is new.
    pub(crate) fn hold(&mut self, id: [u8; 16], label: impl FnOnce() -> String) -> u32 {
        let number = match self.by_id.get(&id) {
            Some(&number) => number,
            None => {
                let copy = Copy {
                    id,
                    label: label().into(),
                };
                let number = self.all.insert(Held { copy, live: 0 });
                self.by_id.insert(id, number);
                number
            }
        };
        self.all[number].live += 1;
        number
    }

    /// A message that was it is gone.
    pub(crate) fn release(&mut self, number: u32) {
        if number == NONE {
            return;
        }
        let held = &mut self.all[number];
        held.live -= 1;
        if held.live == 0 {
            let held = self.all.remove(number);
            self.by_id.remove(&held.copy.id);
        }
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Copy> {
        if number == NONE {
            None
        } else {
            Some(&self.all[number].copy)
        }
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.by_id.is_empty() && self.all.len() == 0
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.all.len() as u32);
        for (number, held) in self.all.iter() {
            out.put_u32(number);
            out.extend_from_slice(&held.copy.id);
            out.put_text(&held.copy.label);
        }
    }

    /// Restores the copies; each message then holds its own again.
    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Copies, Malformed> {
        let mut copies = Copies::default();
        for _ in 0..take.u32()? {
            let number = take.u32()?;
            let copy = Copy {
                id: take.array()?,
                label: take.text()?.into(),
            };
            copies.by_id.insert(copy.id, number);
            copies.all.insert_at(number, Held { copy, live: 0 })?;
        }
        Ok(copies)
    }

    pub(crate) fn hold_again(&mut self, number: u32) -> Result<(), Malformed> {
        if number != NONE {
            let held = self.all.get_mut(number);
            held.ok_or(Malformed("a message's copy is not there"))?.live += 1;
        }
        Ok(())
    }
}
