//! What is published, as a record keeps it.

use domain::bytes::{Malformed, Put, Take};
use domain::{Body, Time};

#[derive(Clone, Debug, PartialEq)]
pub struct Publish<'a> {
    pub publications: Vec<Publication<'a>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Publication<'a> {
    pub id: [u8; 16],
    pub time: Time,
    pub sequence: u64,
    pub message: &'a str,
    pub routes: Routes<'a>,
    pub body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Routes<'a>(pub &'a [u8]);

impl<'a> Routes<'a> {
    pub fn iter(self) -> impl Iterator<Item = u32> + 'a {
        self.0
            .chunks_exact(4)
            .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
    }
}

impl<'a> Publish<'a> {
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_u32(0);
    }

    pub fn decode(take: &mut Take<'a>) -> Result<Publish<'a>, Malformed> {
        take.u32()?;
        Ok(Publish {
            publications: Vec::new(),
        })
    }
}
