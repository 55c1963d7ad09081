//! What keeps clients honest: every connection's progress, looked at once in a while.
//!
//! A timer per request would cost more than the limit is worth. Instead a connection notes what it waits for, in
//! plain cells of its own thread, and a sweep cuts those that take too long. A cut comes at most two sweeps late.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::settings::Settings;

/// Bytes a second that a client must move, beyond the time it is given anyway.
const BYTES_A_SECOND_MIN: u64 = 16 * 1024;

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub(crate) header: Duration,
    pub(crate) body: Duration,
    pub(crate) idle: Duration,
}

impl Patience {
    pub(crate) fn of(settings: &Settings) -> Patience {
        Patience {
            header: settings.header_timeout,
            body: settings.body_timeout,
            idle: settings.idle_timeout,
        }
    }

    /// The time between two sweeps.
    pub(crate) fn sweep(&self) -> Duration {
        let shortest = self.header.min(self.body).min(self.idle);
        (shortest / 4).clamp(Duration::from_millis(5), Duration::from_secs(1))
    }

    /// Whether a transfer stands still, or is slower than it may be.
    fn is_over(&self, transfer: Transfer, now: Duration) -> bool {
        now.saturating_sub(transfer.moved) > self.body
            || now.saturating_sub(transfer.since) > self.transfer(transfer.bytes)
    }

    /// Longest time to move `bytes` of a body or an answer.
    pub(crate) fn transfer(&self, bytes: u64) -> Duration {
        self.body + Duration::from_millis(bytes * 1000 / BYTES_A_SECOND_MIN)
    }
}

/// A transfer that has begun and not ended.
#[derive(Clone, Copy, Debug)]
struct Transfer {
    since: Duration,
    /// When the last of the bytes moved.
    moved: Duration,
    bytes: u64,
}

/// One connection's progress.
pub(crate) struct Watch {
    now: Rc<Cell<Duration>>,
    /// When the connection last began to wait for a request, or for the rest of its head.
    since: Cell<Duration>,
    in_head: Cell<bool>,
    /// Requests being answered.
    busy: Cell<u32>,
    body: Cell<Option<Transfer>>,
    answer: Cell<Option<Transfer>>,
    cut: Cell<bool>,
    stopping: Cell<bool>,
    waker: OnceCell<Waker>,
}

impl Watch {
    /// The first bytes of a request are here: its head must follow. HTTP/2 has no use for this, as its frames need
    /// not belong to any request.
    pub(crate) fn bytes_came(&self) {
        if self.busy.get() == 0 && !self.in_head.replace(true) {
            self.since.set(self.now.get());
        }
    }

    pub(crate) fn request_begins(&self) {
        self.busy.set(self.busy.get() + 1);
    }

    pub(crate) fn request_ends(&self) {
        self.busy.set(self.busy.get() - 1);
        self.body.set(None);
        self.in_head.set(false);
        self.since.set(self.now.get());
    }

    /// So many bytes of the request's body have come.
    pub(crate) fn body_at(&self, bytes: u64) {
        let now = self.now.get();
        let since = self.body.get().map_or(now, |body| body.since);
        self.body.set(Some(Transfer {
            since,
            moved: now,
            bytes,
        }));
    }

    pub(crate) fn body_is_whole(&self) {
        self.body.set(None);
    }

    /// The client does not take our bytes at present.
    pub(crate) fn answer_waits(&self) {
        if self.answer.get().is_none() {
            self.answer.set(Some(Transfer {
                since: self.now.get(),
                moved: self.now.get(),
                bytes: 0,
            }));
        }
    }

    pub(crate) fn answer_moves(&self, bytes: usize) {
        if let Some(answer) = self.answer.get() {
            self.answer.set(Some(Transfer {
                moved: self.now.get(),
                bytes: answer.bytes + bytes as u64,
                ..answer
            }));
        }
    }

    pub(crate) fn answer_is_out(&self) {
        self.answer.set(None);
    }

    /// Whether answers wait for the client to take them.
    pub(crate) fn has_untaken(&self) -> bool {
        self.answer.get().is_some()
    }

    /// Whether the sweep has given up on the client.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.get()
    }

    /// Whether the connection should end after what it is doing.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.get()
    }

    /// Remembers whom to wake for a cut or a stop: the connection's task.
    pub(crate) fn wake_with(&self, waker: &Waker) {
        self.waker.get_or_init(|| waker.clone());
    }

    fn overdue(&self, patience: &Patience) -> bool {
        let now = self.now.get();
        let slow = |transfer: Option<Transfer>| {
            transfer.is_some_and(|transfer| patience.is_over(transfer, now))
        };
        if slow(self.answer.get()) || slow(self.body.get()) {
            return true;
        }
        let limit = if self.in_head.get() {
            patience.header
        } else {
            patience.idle
        };
        self.busy.get() == 0
            && self.answer.get().is_none()
            && now.saturating_sub(self.since.get()) > limit
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }
}

/// The connections of one thread.
pub(crate) struct Watches {
    patience: Patience,
    started: Instant,
    now: Rc<Cell<Duration>>,
    open: RefCell<BTreeMap<u64, Rc<Watch>>>,
    next: Cell<u64>,
    stopping: Cell<bool>,
}

impl Watches {
    pub(crate) fn new(patience: Patience) -> Watches {
        Watches {
            patience,
            started: Instant::now(),
            now: Rc::default(),
            open: RefCell::default(),
            next: Cell::new(0),
            stopping: Cell::new(false),
        }
    }

    pub(crate) fn patience(&self) -> &Patience {
        &self.patience
    }

    /// Watches a new connection until the guard is dropped.
    pub(crate) fn open(self: &Rc<Self>) -> Guard {
        let watch = Rc::new(Watch {
            now: self.now.clone(),
            since: Cell::new(self.now.get()),
            in_head: Cell::new(true),
            busy: Cell::new(0),
            body: Cell::new(None),
            answer: Cell::new(None),
            cut: Cell::new(false),
            stopping: Cell::new(self.stopping.get()),
            waker: OnceCell::new(),
        });
        let number = self.next.replace(self.next.get() + 1);
        self.open.borrow_mut().insert(number, watch.clone());
        Guard {
            watches: self.clone(),
            number,
            watch,
        }
    }

    /// Cuts connections that take too long, for ever.
    pub(crate) async fn sweep(&self) {
        let mut beat = tokio::time::interval(self.patience.sweep());
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            self.sweep_once(self.started.elapsed());
        }
    }

    fn sweep_once(&self, now: Duration) {
        self.now.set(now);
        for watch in self.open.borrow().values() {
            if watch.overdue(&self.patience) {
                watch.cut.set(true);
                watch.wake();
            }
        }
    }

    /// Tells every connection to end after what it is doing.
    pub(crate) fn stop(&self) {
        self.stopping.set(true);
        for watch in self.open.borrow().values() {
            watch.stopping.set(true);
            watch.wake();
        }
    }
}

/// A connection's place among the watched.
pub(crate) struct Guard {
    watches: Rc<Watches>,
    number: u64,
    pub(crate) watch: Rc<Watch>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.watches.open.borrow_mut().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        header: Duration::from_secs(10),
        body: Duration::from_secs(20),
        idle: Duration::from_secs(60),
    };

    fn watched() -> (Rc<Watches>, Guard) {
        let watches = Rc::new(Watches::new(PATIENCE));
        let guard = watches.open();
        (watches, guard)
    }

    fn cut_at(watches: &Watches, guard: &Guard, seconds: u64) -> bool {
        watches.sweep_once(Duration::from_secs(seconds));
        guard.watch.is_cut()
    }

    #[test]
    fn a_client_that_never_finishes_its_head_is_cut() {
        let (watches, guard) = watched();
        assert!(!cut_at(&watches, &guard, 9));
        guard.watch.bytes_came();
        assert!(cut_at(&watches, &guard, 11));
    }

    #[test]
    fn an_idle_connection_lasts_longer_than_a_head_in_progress() {
        let (watches, guard) = watched();
        guard.watch.request_begins();
        guard.watch.request_ends();
        assert!(!cut_at(&watches, &guard, 59));
        guard.watch.bytes_came();
        assert!(!cut_at(&watches, &guard, 69));
        assert!(cut_at(&watches, &guard, 70));
    }

    #[test]
    fn an_idle_connection_is_cut_in_the_end() {
        let (watches, guard) = watched();
        guard.watch.request_begins();
        guard.watch.request_ends();
        assert!(cut_at(&watches, &guard, 61));
    }

    #[test]
    fn a_request_in_progress_may_take_its_time() {
        let (watches, guard) = watched();
        guard.watch.request_begins();
        assert!(!cut_at(&watches, &guard, 3600));
    }

    #[test]
    fn a_body_must_come_at_a_least_rate() {
        let (watches, guard) = watched();
        guard.watch.request_begins();
        guard.watch.body_at(0);
        assert!(!cut_at(&watches, &guard, 20));
        guard.watch.body_at(BYTES_A_SECOND_MIN * 5);
        assert!(!cut_at(&watches, &guard, 25));
        assert!(cut_at(&watches, &guard, 26));
    }

    #[test]
    fn a_body_that_stops_is_cut_however_much_of_it_came() {
        let (watches, guard) = watched();
        guard.watch.request_begins();
        guard.watch.body_at(BYTES_A_SECOND_MIN * 1000);
        assert!(!cut_at(&watches, &guard, 20));
        assert!(cut_at(&watches, &guard, 21));
    }

    #[test]
    fn an_answer_that_is_not_taken_is_given_up() {
        let (watches, guard) = watched();
        guard.watch.request_begins();
        guard.watch.request_ends();
        guard.watch.answer_waits();
        assert!(!cut_at(&watches, &guard, 20));
        assert!(cut_at(&watches, &guard, 21));
    }

    #[test]
    fn a_closed_connection_is_forgotten() {
        let (watches, guard) = watched();
        drop(guard);
        assert!(watches.open.borrow().is_empty());
    }

    #[test]
    fn connections_opened_during_a_stop_know_of_it() {
        let (watches, guard) = watched();
        watches.stop();
        assert!(guard.watch.is_stopping());
        assert!(watches.open().watch.is_stopping());
    }
}
