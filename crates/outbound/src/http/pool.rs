//! Connections that wait for their next call. A bounded number, each for a bounded time.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use parking_lot::Mutex;
use tokio::task::JoinHandle;

pub(super) type Sender = SendRequest<Full<Bytes>>;

/// Where a connection leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    pub(super) tls: bool,
    pub(super) host: String,
    pub(super) port: u16,
}

pub(super) struct Pool {
    idle: Mutex<Idle>,
    to_host: usize,
    most: usize,
    idle_for: Duration,
}

#[derive(Default)]
struct Idle {
    connections: BTreeMap<Origin, Vec<Waiting>>,
    count: usize,
    sweeper: Option<JoinHandle<()>>,
}

struct Waiting {
    sender: Sender,
    /// Whether a sweep has seen it here already.
    seen: bool,
}

impl Pool {
    pub(super) fn new(to_host: usize, most: usize, idle_for: Duration) -> Pool {
        Pool {
            idle: Mutex::default(),
            to_host,
            most,
            idle_for,
        }
    }

    /// The connection that was put here last: it is the least likely to have been closed.
    pub(super) fn take(&self, origin: &Origin) -> Option<Sender> {
        let idle = &mut *self.idle.lock();
        let waiting = idle.connections.get_mut(origin)?;
        let taken = waiting.pop()?;
        if waiting.is_empty() {
            idle.connections.remove(origin);
        }
        idle.count -= 1;
        Some(taken.sender)
    }

    /// Keeps a connection, or closes it if enough are kept.
    pub(super) fn put(self: &Arc<Pool>, origin: Origin, sender: Sender) {
        let mut idle = self.idle.lock();
        if idle.count >= self.most || sender.is_closed() {
            return;
        }
        let waiting = idle.connections.entry(origin).or_default();
        if waiting.len() >= self.to_host {
            return;
        }
        let seen = false;
        waiting.push(Waiting { sender, seen });
        idle.count += 1;
        if idle.sweeper.as_ref().is_none_or(JoinHandle::is_finished) {
            let sweeper = sweep(Arc::downgrade(self), self.idle_for);
            idle.sweeper = Some(tokio::spawn(sweeper));
        }
    }

    /// Closes what was here at the last sweep already. False if nothing is left.
    fn age(&self) -> bool {
        let idle = &mut *self.idle.lock();
        idle.connections.retain(|_, waiting| {
            waiting.retain_mut(|one| !std::mem::replace(&mut one.seen, true));
            !waiting.is_empty()
        });
        idle.count = idle.connections.values().map(Vec::len).sum();
        if idle.count == 0 {
            idle.sweeper = None;
        }
        idle.count > 0
    }
}

async fn sweep(pool: Weak<Pool>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        if !pool.upgrade().is_some_and(|pool| pool.age()) {
            return;
        }
    }
}
