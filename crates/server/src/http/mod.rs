//! HTTP/1.1 and cleartext HTTP/2 on one port, bounded in size and time; nothing of AWS.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod connection;
mod stream;
pub(crate) mod watch;
