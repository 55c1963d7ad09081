//! The pump of one cell: seals, waits for the disk, tells the waiting, and keeps the cell's appointments.
//!
//! The number of flushes decides what durability costs, so it seals late: at [`SEAL_AT`] records, or when one more
//! look at the network brought nothing new. A lone request is not held up by that: the look takes microseconds.

use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use journal::Readiness;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use crate::service::Service;

/// Records that are worth a flush at once.
const SEAL_AT: usize = 32;
/// A flush longer than this many times the linger is slept through, not watched.
const WATCH_FACTOR: u32 = 20;
/// Ticks in a row that bring no record, before the pump takes a breath: what stays due shall not take the core.
const TICKS_AT_ONCE: u32 = 64;
const BREATH: Duration = Duration::from_millis(1);
/// How soon a stopped cell is looked at again.
const STOPPED: Duration = Duration::from_secs(1);

/// Tells a pump that there is something to do. Cheap, and from any thread.
pub(crate) type Nudge = Arc<Notify>;

/// Runs for ever, on one of the connection threads.
pub(crate) async fn pump(service: Arc<Service>, cell: usize, nudge: Nudge) {
    let pump = Pump {
        arrival: Arrival::of(&service, cell),
        spin: service.settings.spin(),
        service,
        cell,
    };
    let node = &pump.service.node;
    let mut ticks = 0;
    loop {
        if node.poisoned(cell) {
            pump.service.ring();
            let _ = timeout(STOPPED, nudge.notified()).await;
            continue;
        }
        let due = node.next_due_millis(cell);
        if due == Some(0) {
            node.tick(cell);
            ticks += 1;
        }
        if node.has_outgoing(cell) {
            for outgoing in node.take_outgoing(cell) {
                // Nobody makes calls any more once the server stops.
                let _ = pump.service.calls.send(outgoing);
            }
        }
        if node.open_records(cell) > 0 || node.in_flight(cell) {
            pump.flush().await;
        } else if due != Some(0) {
            ticks = 0;
            wait(due, &nudge).await;
        } else if ticks < TICKS_AT_ONCE {
            yield_now().await;
        } else {
            ticks = 0;
            sleep(BREATH).await;
        }
    }
}

/// Until something comes, or something is due.
async fn wait(due: Option<u64>, nudge: &Nudge) {
    match due {
        Some(millis) => drop(timeout(Duration::from_millis(millis), nudge.notified()).await),
        None => nudge.notified().await,
    }
}

/// The fields are dropped in order: the arrival goes before what keeps its descriptor open.
struct Pump {
    arrival: Arrival,
    service: Arc<Service>,
    cell: usize,
    spin: Duration,
}

impl Pump {
    /// One flush, from a batch with records to the answers it held back.
    async fn flush(&self) {
        let node = &self.service.node;
        if !node.in_flight(self.cell) {
            self.gather().await;
            node.seal(self.cell);
        }
        let landed = node.poll(self.cell);
        if !landed && node.in_flight(self.cell) {
            if !self.watch().await {
                self.arrival.wait(&self.service, self.cell).await;
            }
        } else if !landed && node.open_records(self.cell) > 0 {
            // The batch could not leave; asking again at once would not help it.
            sleep(BREATH).await;
        }
        self.service.ring();
        self.linger().await;
    }

    /// Lets the batch fill while requests keep coming.
    async fn gather(&self) {
        let mut records = 0;
        loop {
            let now = self.service.node.open_records(self.cell);
            if now >= SEAL_AT || now == records {
                return;
            }
            records = now;
            yield_now().await;
        }
    }

    /// Looks for the flush's end between other work. False if it takes too long for that.
    async fn watch(&self) -> bool {
        let start = Instant::now();
        while start.elapsed() < self.spin * WATCH_FACTOR {
            yield_now().await;
            if self.service.node.poll(self.cell) {
                return true;
            }
        }
        false
    }

    /// Stays awake a little after a flush: the answers that just left bring the next requests.
    async fn linger(&self) {
        let start = Instant::now();
        while start.elapsed() < self.spin && self.service.node.open_records(self.cell) == 0 {
            yield_now().await;
        }
    }
}

/// How the end of a flush is noticed without watching.
enum Arrival {
    Descriptor(AsyncFd<RawFd>),
    Callback(Nudge),
    /// Looking is doing: nothing ever is on its way.
    Step,
}

impl Arrival {
    fn of(service: &Service, cell: usize) -> Arrival {
        let node = &service.node;
        match node.readiness(cell) {
            Readiness::Descriptor(descriptor) => match watched(descriptor) {
                Ok(descriptor) => Arrival::Descriptor(descriptor),
                Err(error) => {
                    tracing::warn!(%error, cell, "flushes are looked for, as their descriptor cannot be waited for");
                    Arrival::Step
                }
            },
            Readiness::Callback => {
                let landed = Nudge::default();
                let ring = landed.clone();
                node.on_complete(cell, Box::new(move || ring.notify_one()));
                Arrival::Callback(landed)
            }
            Readiness::Step => Arrival::Step,
        }
    }

    /// Returns once `poll` had something to tell.
    async fn wait(&self, service: &Service, cell: usize) {
        loop {
            match self {
                Arrival::Descriptor(descriptor) => match descriptor.readable().await {
                    // Cleared before the look, so that what lands after it shows again.
                    Ok(mut guard) => guard.clear_ready(),
                    Err(_) => sleep(Duration::from_millis(1)).await,
                },
                Arrival::Callback(landed) => landed.notified().await,
                Arrival::Step => sleep(Duration::from_millis(1)).await,
            }
            if service.node.poll(cell) || !service.node.in_flight(cell) {
                return;
            }
        }
    }
}

#[expect(
    deprecated,
    reason = "its successor is unsafe; the journal, which the pump holds, keeps the descriptor open"
)]
fn watched(descriptor: RawFd) -> io::Result<AsyncFd<RawFd>> {
    AsyncFd::with_interest(descriptor, Interest::READABLE)
}
