//! What all threads share: the node, the numbers, the settings, and whether it is time to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use node::Node;
use tokio::sync::Notify;

use crate::deliveries::Calls;
use crate::flush::Bell;
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::signer::KeySigner;

pub(crate) struct Service {
    pub(crate) node: Node,
    pub(crate) metrics: Metrics,
    pub(crate) settings: Settings,
    pub(crate) signer: Arc<KeySigner>,
    /// The way to the thread that makes calls to subscribers.
    pub(crate) calls: Calls,
    /// Where the server listens, with the port it was given.
    pub(crate) address: SocketAddr,
    /// The same as text, for requests that name no host.
    pub(crate) host: String,
    /// One for each thread.
    pub(crate) bells: Vec<Arc<Bell>>,
    stop: Stop,
}

#[derive(Default)]
struct Stop {
    stopping: AtomicBool,
    deadline: OnceLock<Instant>,
    notify: Notify,
}

impl Service {
    pub(crate) fn new(
        node: Node,
        settings: Settings,
        address: SocketAddr,
        signer: Arc<KeySigner>,
        calls: Calls,
    ) -> Service {
        let bells = (0..settings.thread_count())
            .map(|_| Arc::default())
            .collect();
        Service {
            node,
            metrics: Metrics::default(),
            settings,
            signer,
            calls,
            address,
            host: address.to_string(),
            bells,
            stop: Stop::default(),
        }
    }

    /// Journals have moved: whoever waits for that may look.
    pub(crate) fn ring(&self) {
        for bell in &self.bells {
            bell.ring();
        }
    }

    /// Begins the graceful stop: no new connections, no more waiting for messages.
    pub(crate) fn stop(&self) {
        self.stop
            .deadline
            .get_or_init(|| Instant::now() + self.settings.shutdown_timeout);
        self.stop.stopping.store(true, Ordering::SeqCst);
        self.stop.notify.notify_waiters();
        self.node.answer_parked();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.stopping.load(Ordering::SeqCst)
    }

    /// Ends when the stop begins.
    pub(crate) async fn stopping(&self) {
        let mut notified = std::pin::pin!(self.stop.notify.notified());
        notified.as_mut().enable();
        if !self.is_stopping() {
            notified.await;
        }
    }

    /// Whether everything is answered, or has had its time.
    pub(crate) fn may_end(&self) -> bool {
        let over = self
            .stop
            .deadline
            .get()
            .is_some_and(|&deadline| deadline <= Instant::now());
        over || self.metrics.connections.load(Ordering::SeqCst) == 0
    }
}
