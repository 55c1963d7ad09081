//! The queues from which redrive policies have moved messages here, each kept once for all of its messages.

use std::collections::BTreeMap;

use domain::Arn;
use domain::bytes::{Malformed, Put, Take};

use crate::config::decode_arn;
use crate::slab::{NONE, Slab};

#[derive(Debug, Default)]
pub(crate) struct Sources {
    all: Slab<Source>,
    by_arn: BTreeMap<Arn, u32>,
}

#[derive(Debug)]
struct Source {
    arn: Arn,
    /// Messages here that came from it.
    live: u32,
}

impl Sources {
    /// The number of a source that one more message has come from.
    pub(crate) fn hold(&mut self, arn: &Arn) -> u32 {
        let number = match self.by_arn.get(arn) {
            Some(&number) => number,
            None => {
                let (arn, live) = (arn.clone(), 0);
                let number = self.all.insert(Source {
                    arn: arn.clone(),
                    live,
                });
                self.by_arn.insert(arn, number);
                number
            }
        };
        self.all[number].live += 1;
        number
    }

    /// A message that came from it is gone.
    pub(crate) fn release(&mut self, number: u32) {
        if number == NONE {
            return;
        }
        let source = &mut self.all[number];
        source.live -= 1;
        if source.live == 0 {
            let source = self.all.remove(number);
            self.by_arn.remove(&source.arn);
        }
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Arn> {
        if number == NONE {
            None
        } else {
            Some(&self.all[number].arn)
        }
    }

    /// All sources that messages here have.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arn> {
        self.by_arn.keys()
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.all.len() as u32);
        for (number, source) in self.all.iter() {
            out.put_u32(number);
            out.put_text(source.arn.as_str());
        }
    }

    /// Restores the names; each message then holds its own again.
    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Sources, Malformed> {
        let mut sources = Sources::default();
        for _ in 0..take.u32()? {
            let number = take.u32()?;
            let arn = decode_arn(take)?;
            sources.all.insert_at(
                number,
                Source {
                    arn: arn.clone(),
                    live: 0,
                },
            )?;
            sources.by_arn.insert(arn, number);
        }
        Ok(sources)
    }

    pub(crate) fn hold_again(&mut self, number: u32) -> Result<(), Malformed> {
        if number != NONE {
            let source = self.all.get_mut(number);
            source
                .ok_or(Malformed("a message's source is not there"))?
                .live += 1;
        }
        Ok(())
    }
}
