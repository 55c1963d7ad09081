//! What a call comes to, and from when on it may be told.

use domain::Offset;

use crate::polls::Ticket;

/// A position a cell's journal must have made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    pub cell: usize,
    pub offset: Offset,
}

pub type Reply = Result<api::Reply<'static>, api::Error>;

/// An answer that may leave once every wait in `after` is over: `durable(cell) >= offset`.
#[derive(Debug)]
pub struct Answer {
    pub result: Reply,
    pub after: Vec<Wait>,
    /// Messages of this answer's command still have to reach queues of other cells: call
    /// [`crate::Node::carry`] for this cell once the waits are over, then answer.
    pub carry: Option<usize>,
}

impl Answer {
    /// An answer that depends on no record.
    pub(crate) fn now(result: Reply) -> Answer {
        Answer {
            result,
            after: Vec::new(),
            carry: None,
        }
    }

    pub(crate) fn after(result: Reply, cell: usize, offset: Offset) -> Answer {
        Answer {
            result,
            after: vec![Wait { cell, offset }],
            carry: None,
        }
    }
}

/// How far a call has come.
#[derive(Debug)]
pub enum Step {
    Answer(Answer),
    /// The call waits; its answer comes through what `park` gave.
    Parked(Ticket),
}
