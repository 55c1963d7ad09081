//! What is counted, and how `GET /metrics` shows it.

mod exposition;
mod histogram;
mod process;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use api::Op;
use parking_lot::Mutex;

pub(crate) use exposition::exposition;
use histogram::Histogram;

/// Counters of one process. Counting a good answer is one atomic addition per number; errors, which are rare, take
/// a lock and look their code up.
#[derive(Debug)]
pub(crate) struct Metrics {
    operations: [Operation; Op::COUNT],
    errors: Mutex<BTreeMap<Failure, u64>>,
    /// Connections that are open.
    pub(crate) connections: AtomicUsize,
    pub(crate) connections_accepted: AtomicU64,
    /// Connections cut because the client took too long.
    pub(crate) connections_cut: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics {
            operations: std::array::from_fn(|_| Operation::default()),
            errors: Mutex::default(),
            connections: AtomicUsize::default(),
            connections_accepted: AtomicU64::default(),
            connections_cut: AtomicU64::default(),
        }
    }
}

#[derive(Debug, Default)]
struct Operation {
    answered: AtomicU64,
    seconds: Histogram,
}

/// An operation, none where the request names none, and the code it was answered.
type Failure = (Option<Op>, &'static str);

impl Metrics {
    pub(crate) fn answered(&self, op: Op, took: Duration) {
        let operation = &self.operations[op.index()];
        operation.answered.fetch_add(1, Ordering::Relaxed);
        operation.seconds.observe(took);
    }

    pub(crate) fn failed(&self, op: Option<Op>, code: &'static str, took: Duration) {
        if let Some(op) = op {
            self.operations[op.index()].seconds.observe(took);
        }
        let failure = (op, code);
        *self.errors.lock().entry(failure).or_default() += 1;
    }

    pub(crate) fn connection_opened(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.connections_accepted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connection_closed(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
