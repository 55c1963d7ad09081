//! What an account's outreach does over time, told by sentences, in two ways that must show the same: as it is, and
//! put away and restored after each command.

mod push;
mod round_trips;
mod sandbox;
mod sent;
mod sms;
mod world;
