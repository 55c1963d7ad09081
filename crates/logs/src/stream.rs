//! One stream of a group: its events' order, and what DescribeLogStreams tells.

use std::collections::BTreeSet;

use domain::Time;

use crate::order::Position;

#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) created: Time,
    /// When events came last, whether or not they are still there.
    pub(crate) ingested: Option<Time>,
    pub(crate) order: BTreeSet<Position>,
}

impl Stream {
    pub(crate) fn new(created: Time) -> Stream {
        Stream {
            created,
            ingested: None,
            order: BTreeSet::new(),
        }
    }

    pub(crate) fn first(&self) -> Option<Time> {
        self.order.first().map(|position| position.timestamp)
    }

    pub(crate) fn last(&self) -> Option<Time> {
        self.order.last().map(|position| position.timestamp)
    }
}
