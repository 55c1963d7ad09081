//! What came of an attempt to deliver.

use domain::bytes::{Malformed, Put, Take};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKey {
    pub matter: u64,
    pub subscription: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Attempted {
    pub key: DeliveryKey,
    pub result: Attempt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    Delivered,
    Failed { permanent: bool },
}

impl Attempted {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.put_u64(self.key.matter);
        out.put_u32(self.key.subscription);
        out.put_u8(match self.result {
            Attempt::Delivered => 0,
            Attempt::Failed { permanent: false } => 1,
            Attempt::Failed { permanent: true } => 2,
        });
    }

    pub(crate) fn decode(take: &mut Take<'_>) -> Result<Attempted, Malformed> {
        Ok(Attempted {
            key: DeliveryKey {
                matter: take.u64()?,
                subscription: take.u32()?,
            },
            result: match take.u8()? {
                0 => Attempt::Delivered,
                1 => Attempt::Failed { permanent: false },
                2 => Attempt::Failed { permanent: true },
                _ => return Err(Malformed("an attempt has no known result")),
            },
        })
    }
}
