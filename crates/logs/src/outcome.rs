//! What a log group answers to a command.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Events were put in; the number that the group's next event will have.
    Put(u64),
}
