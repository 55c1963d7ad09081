//! The subscriptions that a publication is for, as few bytes: numbers in rising order, written as runs of neighbours.
//!
//! Each run is two numbers in base 128, the low digits first: how many numbers are left out before it, and its
//! length less one. A topic without filter policies needs a few bytes, however wide it is; a filter that lets every
//! second subscription through, two bytes for each.

use std::borrow::Cow;

use domain::bytes::{Malformed, Put, Take};

use crate::limits;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routes<'a>(Cow<'a, [u8]>);

/// How far somebody has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    at: usize,
    /// The next number of the run that is being read.
    next: u32,
    /// Numbers left in it.
    left: u32,
}

impl Routes<'static> {
    /// Of numbers in rising order.
    pub fn of(numbers: &[u32]) -> Routes<'static> {
        let mut bytes = Vec::new();
        let mut end = 0;
        let neighbours = |a: &u32, b: &u32| a + 1 == *b;
        for run in numbers.chunk_by(neighbours) {
            put_number(run[0] - end, &mut bytes);
            put_number(run.len() as u32 - 1, &mut bytes);
            end = run[0] + run.len() as u32;
        }
        Routes(bytes.into())
    }
}

impl<'a> Routes<'a> {
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let mut cursor = Cursor::default();
        std::iter::from_fn(move || cursor.next(self))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers that a cursor has not passed.
    pub(crate) fn after(&self, mut cursor: Cursor) -> Routes<'static> {
        let left: Vec<u32> = std::iter::from_fn(|| cursor.next(self)).collect();
        Routes::of(&left)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.put_run(&self.0);
    }

    pub(crate) fn decode(take: &mut Take<'a>) -> Result<Routes<'a>, Malformed> {
        let bytes = take.run()?;
        check(bytes)?;
        Ok(Routes(Cow::Borrowed(bytes)))
    }

    pub(crate) fn into_owned(self) -> Routes<'static> {
        Routes(Cow::Owned(self.0.into_owned()))
    }
}

impl Cursor {
    pub(crate) fn next(&mut self, routes: &Routes<'_>) -> Option<u32> {
        if self.left == 0 {
            let gap = take_number(&routes.0, &mut self.at)?;
            let more = take_number(&routes.0, &mut self.at)?;
            self.next += gap;
            self.left = more + 1;
        }
        self.left -= 1;
        self.next += 1;
        Some(self.next - 1)
    }
}

/// Refuses what [`Cursor::next`] could not read, and more subscriptions than a topic may have.
fn check(bytes: &[u8]) -> Result<(), Malformed> {
    const BAD: Malformed = Malformed("routes that lead nowhere");
    let (mut at, mut end, mut count) = (0, 0u32, 0u64);
    while at < bytes.len() {
        let gap = take_number(bytes, &mut at).ok_or(BAD)?;
        let more = take_number(bytes, &mut at).ok_or(BAD)?;
        let past = |end: u32| end.checked_add(gap)?.checked_add(more)?.checked_add(1);
        end = past(end).ok_or(BAD)?;
        count += u64::from(more) + 1;
        if count > limits::SUBSCRIPTIONS_MAX as u64 {
            return Err(BAD);
        }
    }
    Ok(())
}

fn put_number(mut number: u32, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_number(bytes: &[u8], at: &mut usize) -> Option<u32> {
    let mut number = 0u64;
    for shift in (0..35).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return u32::try_from(number).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn encoded(numbers: &[u32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        Routes::of(numbers).encode(&mut bytes);
        bytes
    }

    #[test]
    fn everybody_on_a_wide_topic_is_a_few_bytes() {
        let all: Vec<u32> = (1..100_000).collect();
        assert_eq!(encoded(&all).len(), 4 + 1 + 3);
        let every_second: Vec<u32> = (0..100).map(|n| n * 2).collect();
        assert_eq!(encoded(&every_second).len(), 4 + 200);
    }

    #[test]
    fn routes_that_nobody_wrote_are_refused() {
        let refused = |bytes: &[u8]| {
            let mut run = Vec::new();
            run.put_run(bytes);
            Routes::decode(&mut Take::new(&run)).is_err()
        };
        assert!(!refused(&[]));
        assert!(!refused(&[0, 0]));
        assert!(refused(&[0]), "a run without a length");
        assert!(
            refused(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]),
            "no number"
        );
        assert!(refused(&[0, 0xff, 0xff, 0xff, 0xff, 0x0f]), "too many");
        assert!(
            refused(&[0xff, 0xff, 0xff, 0xff, 0x0f, 1]),
            "beyond the last number"
        );
    }

    proptest! {
        #[test]
        fn numbers_survive_their_encoding(numbers: BTreeSet<u32>, near: BTreeSet<u8>, read in 0usize..20) {
            let mut all = numbers.clone();
            all.extend(near.iter().map(|&n| u32::from(n)));
            all.remove(&u32::MAX);
            let all: Vec<u32> = all.into_iter().collect();
            let bytes = encoded(&all);
            let routes = Routes::decode(&mut Take::new(&bytes)).unwrap();
            prop_assert_eq!(routes.iter().collect::<Vec<_>>(), all.clone());
            prop_assert_eq!(routes.is_empty(), all.is_empty());
            let mut cursor = Cursor::default();
            for _ in 0..read {
                cursor.next(&routes);
            }
            prop_assert_eq!(routes.after(cursor), Routes::of(&all[read.min(all.len())..]));
        }
    }
}
