//! The application-to-person side of SNS as a pure machine: one [`Outreach`] per account and region.
//!
//! It keeps platform applications and their endpoints, SMS attributes, the SMS sandbox, opted-out numbers, and *what
//! was sent*: nothing here leaves the machine it runs on, so mails, SMS and pushes go into a bounded log that can be
//! read and emptied. An operation's way is that of every core: its file under [`op`] prepares a [`Command`], the
//! engine journals it, [`Outreach`] applies it. What a topic or a Publish hands over comes in by [`deliver`].
//!
//! Documents of what was sent lie in the records that sent them; [`listing`] makes answers of them.

pub mod application;
pub mod arn;
pub mod command;
pub mod deliver;
pub mod endpoint;
pub mod id;
pub mod limits;
pub mod listing;
pub mod op;
pub mod outcome;
pub mod phone;
pub mod platform;
pub mod segments;
pub mod sent;
pub mod spend;

pub use arn::Home;
pub use command::Command;
pub use notice::Notice;
pub use outcome::Outcome;
pub use outreach::Outreach;
pub use status::StatusLog;

mod application_attributes;
mod applications;
mod document;
mod endpoints;
mod error;
mod notice;
mod opt_outs;
mod outreach;
mod paging;
mod payload;
mod reserved;
mod sandbox;
mod secret;
mod sms_attributes;
mod snapshot;
mod status;
mod structure;
mod timestamp;

#[cfg(test)]
mod tests;
