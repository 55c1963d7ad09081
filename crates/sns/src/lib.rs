//! The semantics of SNS topics as a pure machine: one `Topic` per topic.

pub mod data_protection;
