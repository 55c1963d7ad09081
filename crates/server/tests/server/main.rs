//! A server in this process, spoken to in plain HTTP over loopback.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

mod admin;
mod bounds;
mod calls;
mod http2;
mod life;
mod running;
mod sent;
mod sns;
mod subscriber;
