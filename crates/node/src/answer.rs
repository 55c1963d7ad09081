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
    /// Notifications among the answer's messages that are not signed yet: see [`crate::Node::finish`].
    pub(crate) unsigned: Vec<UnsignedMessage>,
}

/// A message of a receive's answer whose body lacks its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnsignedMessage {
    /// Which of the answer's messages.
    pub(crate) index: usize,
    pub(crate) publication: [u8; 16],
    pub(crate) gap: sqs::letter::Unsigned,
}

impl Answer {
    /// An answer that depends on no record.
    pub fn now(result: Reply) -> Answer {
        Answer {
            result,
            after: Vec::new(),
            carry: None,
            unsigned: Vec::new(),
        }
    }

    pub(crate) fn after(result: Reply, cell: usize, offset: Offset) -> Answer {
        Answer {
            result,
            after: vec![Wait { cell, offset }],
            carry: None,
            unsigned: Vec::new(),
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
