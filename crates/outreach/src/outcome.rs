//! What an account's outreach answers to a command.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// How many documents were forgotten.
    Forgotten(u64),
}
