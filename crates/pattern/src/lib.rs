//! What messages are matched against: SNS filter policies now, EventBridge patterns later.
//!
//! A text is compiled once ([`FilterPolicy::compile`], with AWS's own words for what is wrong with it) and matched many
//! times, alone ([`FilterPolicy::matches`]) or with a topic's other policies ([`Index::matches`]), against what is to be
//! known of a message ([`Facts`]).

mod among;
mod cidr;
mod compile;
mod decimal;
mod dialect;
mod error;
mod facts;
mod field;
mod fold;
mod found;
mod index;
mod json;
mod policy;
mod range;
mod shelf;
mod stems;
mod term;
mod trie;
mod value;
mod waiters;
mod wildcard;

pub use dialect::{Dialect, Scope};
pub use error::PolicyError;
pub use facts::{Attribute, Facts};
pub use index::Index;
pub use policy::FilterPolicy;
