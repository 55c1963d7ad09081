//! What a queue answers to a command.

use domain::{Arn, Place, Time};

use crate::command::Handle;
use crate::letter::Copy;
use crate::message::MessageId;

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done,
    /// One for each message, in order.
    Sent(Vec<Sent>),
    Received(Received),
    /// One for each handle, in order.
    Deleted(Vec<HandleFate>),
    Changed(Vec<HandleFate>),
    MoveStarted(MoveStart),
    MoveCancelled(MoveCancel),
    /// What one step of a move task put into the outbox.
    MoveStepped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The first message's id when this one was a duplicate.
    pub id: MessageId,
    /// FIFO only; the first message's when this one was a duplicate.
    pub sequence: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    pub messages: Vec<Delivery>,
    /// A standard queue holds as many messages in flight as it may: OverLimit for a short poll.
    pub over_limit: bool,
    /// The redrive policy moved messages: they stand in the outbox, and the answer waits until they are delivered.
    pub moved: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    pub place: Place,
    pub handle: Handle,
    pub sent: Time,
    pub first_received: Time,
    /// Receives so far, this one included, those in a source queue before a dead-letter move included.
    pub receives: u32,
    /// FIFO only.
    pub sequence: Option<u64>,
    pub dead_letter_source: Option<Arn>,
    /// Absent for a message of its own.
    pub copy: Option<Copy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandleFate {
    Done,
    /// FIFO: the handle's visibility timeout has passed, or a later receive has replaced it.
    Expired,
    /// The message is not there any more. Deleting says success, changing visibility says so.
    Gone,
    /// The total time hidden would pass 12 hours.
    BeyondTotal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveStart {
    Started,
    AlreadyRunning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveCancel {
    /// Messages moved so far.
    Cancelled(u64),
    /// No such task, or it has ended.
    NotRunning,
}
