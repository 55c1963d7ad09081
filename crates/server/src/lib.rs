//! The outside world: sockets, HTTP, settings, metrics, and the pump that brings journals to the disk.
//!
//! The only crate with sockets and tokio. A few threads serve connections, each with a runtime of its own; they
//! share a [`node::Node`] and call it directly. What they do not do: know what a queue is, or hold an answer back
//! for any other reason than that its record is not durable yet.

mod accept;
mod admin;
mod aws;
mod deliveries;
mod flush;
mod hooks;
mod http;
mod io_thread;
pub mod logs;
mod metrics;
mod request_id;
mod rfc3339;
mod server;
mod service;
pub mod settings;
mod settler;
mod signer;

pub use server::{Server, Stopper};
pub use settings::Settings;
