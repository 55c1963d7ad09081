//! What deliveries are about: each publication and confirmation once, for as long as any delivery of it stands.

use std::collections::BTreeMap;

use domain::bytes::{Malformed, Put, Take};
use domain::{Offset, Place, Time};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    Publication {
        place: Place,
        /// When it was published.
        time: Time,
    },
    SubscriptionConfirmation {
        id: [u8; 16],
        time: Time,
    },
    UnsubscribeConfirmation {
        id: [u8; 16],
        time: Time,
    },
}

#[derive(Debug)]
struct Held {
    matter: Matter,
    /// Deliveries, and rows of them, that need it.
    holders: u32,
}

/// By number: a publication's sequence, or a number from the same row.
#[derive(Debug, Default)]
pub(crate) struct Matters {
    held: BTreeMap<u64, Held>,
}

impl Matter {
    pub(crate) fn is_publication(&self) -> bool {
        match self {
            Matter::Publication { .. } => true,
            Matter::SubscriptionConfirmation { .. } | Matter::UnsubscribeConfirmation { .. } => {
                false
            }
        }
    }
}

impl Matters {
    pub(crate) fn get(&self, number: u64) -> Option<&Matter> {
        self.held.get(&number).map(|held| &held.matter)
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    /// One delivery more needs it; the first one brings it.
    pub(crate) fn hold(&mut self, number: u64, matter: impl FnOnce() -> Matter) {
        let held = self.held.entry(number).or_insert_with(|| Held {
            matter: matter(),
            holders: 0,
        });
        held.holders += 1;
    }

    /// One delivery more needs what is held already.
    pub(crate) fn hold_again(&mut self, number: u64) {
        let held = self.held.get_mut(&number);
        held.expect("who holds it again holds it").holders += 1;
    }

    /// One delivery less needs it.
    pub(crate) fn release(&mut self, number: u64) {
        let held = self.held.get_mut(&number);
        let held = held.expect("what is released was held");
        held.holders -= 1;
        if held.holders == 0 {
            self.held.remove(&number);
        }
    }

    pub(crate) fn places(&self, visit: &mut dyn FnMut(u64, Place)) {
        for (&number, held) in &self.held {
            if let Matter::Publication { place, .. } = held.matter {
                visit(number, place);
            }
        }
    }

    pub(crate) fn relocate(&mut self, number: u64, from: Place, to: Place) -> bool {
        match self.held.get_mut(&number).map(|held| &mut held.matter) {
            Some(Matter::Publication { place, .. }) if *place == from => {
                *place = to;
                true
            }
            Some(_) | None => false,
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.held.len() as u32);
        for (&number, held) in &self.held {
            out.put_u64(number);
            match &held.matter {
                Matter::Publication { place, time } => {
                    out.put_u8(0);
                    put_place(*place, out);
                    out.put_u64(time.millis());
                }
                Matter::SubscriptionConfirmation { id, time } => {
                    out.put_u8(1);
                    out.extend_from_slice(id);
                    out.put_u64(time.millis());
                }
                Matter::UnsubscribeConfirmation { id, time } => {
                    out.put_u8(2);
                    out.extend_from_slice(id);
                    out.put_u64(time.millis());
                }
            }
        }
    }

    /// What is held, by nobody yet: those who hold it are restored behind it.
    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Matters, Malformed> {
        let mut matters = Matters::default();
        for _ in 0..take.u32()? {
            let number = take.u64()?;
            let matter = match take.u8()? {
                0 => Matter::Publication {
                    place: take_place(take)?,
                    time: Time::from_millis(take.u64()?),
                },
                1 => Matter::SubscriptionConfirmation {
                    id: take.array()?,
                    time: Time::from_millis(take.u64()?),
                },
                2 => Matter::UnsubscribeConfirmation {
                    id: take.array()?,
                    time: Time::from_millis(take.u64()?),
                },
                _ => return Err(Malformed("a delivery is about nothing known")),
            };
            matters.held.insert(number, Held { matter, holders: 0 });
        }
        Ok(matters)
    }

    /// One delivery that needs it has been restored.
    pub(crate) fn restore_holder(&mut self, number: u64) -> Result<(), Malformed> {
        let held = self.held.get_mut(&number);
        held.ok_or(Malformed("a delivery is about nothing"))?
            .holders += 1;
        Ok(())
    }

    /// All who need anything have been restored.
    pub(crate) fn check_held(&self) -> Result<(), Malformed> {
        if self.held.values().all(|held| held.holders > 0) {
            Ok(())
        } else {
            Err(Malformed("a publication is kept for nobody"))
        }
    }
}

pub(crate) fn put_place(place: Place, out: &mut Vec<u8>) {
    out.put_u64(place.offset.0);
    out.put_u32(place.at);
    out.put_u32(place.len);
}

pub(crate) fn take_place(take: &mut Take<'_>) -> Result<Place, Malformed> {
    Ok(Place {
        offset: Offset(take.u64()?),
        at: take.u32()?,
        len: take.u32()?,
    })
}
