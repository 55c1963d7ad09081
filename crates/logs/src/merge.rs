//! Several streams read as one, in the order of reading.

use std::collections::BinaryHeap;
use std::collections::btree_set::Range;
use std::sync::Arc;

use crate::order::{Direction, Position};

pub(crate) struct Merge<'g> {
    direction: Direction,
    lanes: Vec<(&'g Arc<str>, Range<'g, Position>)>,
    /// The next event of each lane that has one; the first to give out is the greatest.
    heads: BinaryHeap<(u128, Position, usize)>,
}

impl<'g> Merge<'g> {
    pub(crate) fn new(direction: Direction) -> Merge<'g> {
        Merge {
            direction,
            lanes: Vec::new(),
            heads: BinaryHeap::new(),
        }
    }

    /// A stream that was added before is read twice.
    pub(crate) fn add(&mut self, name: &'g Arc<str>, events: Range<'g, Position>) {
        self.lanes.push((name, events));
        self.refill(self.lanes.len() - 1);
    }

    fn refill(&mut self, lane: usize) {
        let events = &mut self.lanes[lane].1;
        let next = match self.direction {
            Direction::Forward => events.next(),
            Direction::Backward => events.next_back(),
        };
        if let Some(&position) = next {
            let key = u128::from(position.timestamp.millis()) << 64 | u128::from(position.id);
            let rank = match self.direction {
                Direction::Forward => !key,
                Direction::Backward => key,
            };
            self.heads.push((rank, position, lane));
        }
    }
}

impl<'g> Iterator for Merge<'g> {
    type Item = (&'g Arc<str>, Position);

    fn next(&mut self) -> Option<(&'g Arc<str>, Position)> {
        let (_, position, lane) = self.heads.pop()?;
        self.refill(lane);
        Some((self.lanes[lane].0, position))
    }
}
