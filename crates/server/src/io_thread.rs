//! The threads that serve connections. What is theirs alone needs no lock.

use std::net::TcpStream;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::spawn_local;
use tokio::time::sleep;

use crate::flush::{Nudge, Waiters, pump};
use crate::http::connection;
use crate::http::watch::{Patience, Watches};
use crate::service::Service;

/// How often a stopping thread looks whether it may end.
const END_CHECK: Duration = Duration::from_millis(2);

/// What belongs to one thread.
pub(crate) struct IoThread {
    pub(crate) service: Arc<Service>,
    pub(crate) waiters: Waiters,
    pub(crate) watches: Rc<Watches>,
}

/// An open connection's place in the count.
pub(crate) struct Slot {
    service: Arc<Service>,
    on_thread: Arc<AtomicUsize>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.on_thread.fetch_sub(1, Ordering::Relaxed);
        self.service.metrics.connection_closed();
    }
}

/// The way for new connections into a thread.
pub(crate) struct Door {
    inside: mpsc::UnboundedSender<(TcpStream, Slot)>,
    open: Arc<AtomicUsize>,
}

/// The other end of a [`Door`].
pub(crate) type Arrivals = mpsc::UnboundedReceiver<(TcpStream, Slot)>;

pub(crate) fn door() -> (Door, Arrivals) {
    // Bounded by the permits that the connections hold.
    let (inside, arrivals) = mpsc::unbounded_channel();
    (
        Door {
            inside,
            open: Arc::default(),
        },
        arrivals,
    )
}

impl Door {
    /// Connections that went in and are still open.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    pub(crate) fn enter(
        &self,
        tcp: TcpStream,
        service: &Arc<Service>,
        permit: OwnedSemaphorePermit,
    ) {
        self.open.fetch_add(1, Ordering::Relaxed);
        service.metrics.connection_opened();
        let slot = Slot {
            service: service.clone(),
            on_thread: self.open.clone(),
            _permit: permit,
        };
        // A thread that is gone has left with the whole server.
        drop(self.inside.send((tcp, slot)));
    }
}

/// Serves until the stop, and then until every connection of the server has ended or had its time.
pub(crate) async fn live(
    service: Arc<Service>,
    index: usize,
    nudges: Vec<Nudge>,
    mut arrivals: Arrivals,
) {
    let thread = Rc::new(IoThread {
        waiters: Waiters::new(service.bells[index].clone()),
        watches: Rc::new(Watches::new(Patience::of(&service.settings))),
        service: service.clone(),
    });
    let listener = thread.clone();
    spawn_local(async move { listener.waiters.listen(&listener.service.node).await });
    let watches = thread.watches.clone();
    spawn_local(async move { watches.sweep().await });
    let threads = service.bells.len();
    for (cell, nudge) in nudges
        .into_iter()
        .enumerate()
        .filter(|(cell, _)| cell % threads == index)
    {
        spawn_local(pump(service.clone(), cell, nudge));
    }
    let mut stopping = std::pin::pin!(service.stopping());
    loop {
        tokio::select! {
            biased;
            () = &mut stopping => break,
            Some((tcp, slot)) = arrivals.recv() => enter(&thread, tcp, slot),
        }
    }
    arrivals.close();
    while arrivals.try_recv().is_ok() {}
    thread.watches.stop();
    while !service.may_end() {
        sleep(END_CHECK).await;
    }
}

fn enter(thread: &Rc<IoThread>, tcp: TcpStream, slot: Slot) {
    match tokio::net::TcpStream::from_std(tcp) {
        Ok(tcp) => drop(spawn_local(connection::serve(thread.clone(), tcp, slot))),
        Err(error) => tracing::warn!(%error, "a connection could not be taken"),
    }
}
