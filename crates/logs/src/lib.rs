//! The semantics of CloudWatch Logs as a pure machine: one `LogGroup` per group.
