//! The product without sockets: cells, the queues in them, every call, the courier between them.
//!
//! A [`Node`] has no thread of its own. Whoever calls it steps it: `server` from its connection threads and its
//! flush pump, `sim` from a loop. A call gives a [`Step`]; an [`Answer`] may leave once its waits are over.

mod address;
mod answer;
mod call;
mod calls;
mod carry;
mod clock;
mod courier;
mod directory;
mod fan_out;
mod gauges;
mod house;
mod ids;
mod letters;
mod node;
mod open;
mod outbox;
mod own_logs;
mod peek;
mod polls;
mod protection;
mod reach;
mod record;
mod replays;
mod reset;
mod shelf;
mod shelved;
mod signing;
mod state;
mod status;
mod target;
mod target_policy;
#[cfg(test)]
mod tests;
mod token;
mod wakes;

pub use address::{Address, AddressRef};
pub use answer::{Answer, Reply, Step, Wait};
pub use call::Park;
pub use calls::{CallTicket, Called, Outgoing};
pub use clock::ClockChange;
pub use gauges::{CellGauge, QueueGauge, TopicsGauge};
pub use ids::seed;
pub use node::{Caller, Node, Overrides};
pub use open::{OpenError, Opened, Options, QueueUrls};
pub use outbox::{Document, LOOK_MAX, Seen, Whose};
pub use outreach::sent::{Choice, Kind, Sent};
pub use outreach::{Home, listing};
pub use peek::{Peek, PeekOptions};
pub use polls::{OnAnswer, Ticket};
pub use reach::LocalMail;
pub use signing::{NoSigner, Signer};
pub use sns::Attempt;
pub use sns::shaping::Call;
