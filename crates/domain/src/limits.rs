//! Bounds of our own. AWS's quotas stand in each service's `limits.rs`.

/// The largest record a journal takes, in bytes: a full SQS batch (1 MiB) with room for its attributes' framing.
pub const RECORD_BYTES_MAX: usize = 2 * 1024 * 1024;
