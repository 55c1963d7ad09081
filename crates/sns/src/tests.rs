//! What becomes of deliveries, told by a topic with a journal, a courier and a clock that only the test moves.

mod calls;
mod properties;
mod queues;
mod replays;
mod schedules;
mod wide;
pub(crate) mod world;
