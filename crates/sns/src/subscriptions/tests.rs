//! What a topic does over time, beyond a single operation.

mod lifecycle;
mod random;
mod wide;
