//! Answers that wait for a cell's journal.
//!
//! Each thread keeps its own list; a flush wakes a thread once, and the thread wakes those of its answers that may
//! leave. A wait costs no allocation, and none at all if the journal is far enough already.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::task::{Context, Poll, Waker};

use node::Wait;
use tokio::sync::Notify;

/// What a wait needs to know of the node.
pub(crate) trait Durability {
    fn reached(&self, wait: Wait) -> bool;
    /// The cell has stopped: its waits never end.
    fn poisoned(&self, cell: usize) -> bool;
}

impl Durability for node::Node {
    fn reached(&self, wait: Wait) -> bool {
        node::Node::reached(self, wait)
    }

    fn poisoned(&self, cell: usize) -> bool {
        node::Node::poisoned(self, cell)
    }
}

/// The cell stopped before the record was durable: nobody knows whether it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopped;

/// Rung by the pumps, heard by one thread.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    /// Somebody may be waiting. Set before a waiter's last look at the journal, read after the journal moved: one
    /// of the two sees the other.
    wanted: AtomicBool,
    notify: Notify,
}

impl Bell {
    pub(crate) fn ring(&self) {
        fence(Ordering::SeqCst);
        if self.wanted.swap(false, Ordering::SeqCst) {
            self.notify.notify_one();
        }
    }

    fn want(&self) {
        self.wanted.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }
}

struct Waiting {
    wait: Wait,
    waker: Waker,
}

/// The waiting answers of one thread.
pub(crate) struct Waiters {
    bell: Arc<Bell>,
    list: RefCell<Vec<Waiting>>,
}

impl Waiters {
    pub(crate) fn new(bell: Arc<Bell>) -> Waiters {
        Waiters {
            bell,
            list: RefCell::default(),
        }
    }

    /// Wakes answers whenever the bell rings, for ever.
    pub(crate) async fn listen(&self, journals: &impl Durability) {
        loop {
            self.bell.notify.notified().await;
            self.release(journals);
        }
    }

    fn release(&self, journals: &impl Durability) {
        self.bell.want();
        self.list.borrow_mut().retain(|waiting| {
            let over = is_over(journals, waiting.wait).is_some();
            if over {
                waiting.waker.wake_by_ref();
            }
            !over
        });
    }

    /// Ends when the journal of the wait's cell has come that far, or never will.
    pub(crate) fn durable<'a, J: Durability>(
        &'a self,
        journals: &'a J,
        wait: Wait,
    ) -> Durable<'a, J> {
        Durable {
            waiters: self,
            journals,
            wait,
            listed: None,
        }
    }
}

fn is_over(journals: &impl Durability, wait: Wait) -> Option<Result<(), Stopped>> {
    if journals.reached(wait) {
        Some(Ok(()))
    } else if journals.poisoned(wait.cell) {
        Some(Err(Stopped))
    } else {
        None
    }
}

pub(crate) struct Durable<'a, J> {
    waiters: &'a Waiters,
    journals: &'a J,
    wait: Wait,
    /// The waker that stands in the list.
    listed: Option<Waker>,
}

impl<J: Durability> Future for Durable<'_, J> {
    type Output = Result<(), Stopped>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(over) = is_over(self.journals, self.wait) {
            return Poll::Ready(over);
        }
        let listed = self
            .listed
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()));
        if !listed {
            let waker = cx.waker().clone();
            self.waiters.list.borrow_mut().push(Waiting {
                wait: self.wait,
                waker: waker.clone(),
            });
            self.listed = Some(waker);
        }
        self.waiters.bell.want();
        match is_over(self.journals, self.wait) {
            Some(over) => Poll::Ready(over),
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    use domain::Offset;

    use super::*;

    #[derive(Default)]
    struct Journals {
        durable: Cell<u64>,
        poisoned: Cell<bool>,
    }

    impl Durability for Journals {
        fn reached(&self, wait: Wait) -> bool {
            self.durable.get() >= wait.offset.0
        }

        fn poisoned(&self, _: usize) -> bool {
            self.poisoned.get()
        }
    }

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn wait(offset: u64) -> Wait {
        Wait {
            cell: 0,
            offset: Offset(offset),
        }
    }

    fn poll<J: Durability>(
        durable: &mut Durable<'_, J>,
        woken: &Arc<Woken>,
    ) -> Poll<Result<(), Stopped>> {
        let waker = Waker::from(woken.clone());
        Pin::new(durable).poll(&mut Context::from_waker(&waker))
    }

    #[test]
    fn an_answer_leaves_at_once_if_its_record_is_durable() {
        let (journals, waiters) = (Journals::default(), Waiters::new(Arc::default()));
        journals.durable.set(7);
        let woken = Arc::default();
        assert_eq!(
            poll(&mut waiters.durable(&journals, wait(7)), &woken),
            Poll::Ready(Ok(()))
        );
        assert!(waiters.list.borrow().is_empty());
    }

    #[test]
    fn a_flush_wakes_those_it_made_durable_and_no_other() {
        let (journals, waiters) = (Journals::default(), Waiters::new(Arc::default()));
        let (early, late) = (Arc::default(), Arc::default());
        let mut first = waiters.durable(&journals, wait(5));
        let mut second = waiters.durable(&journals, wait(9));
        assert!(poll(&mut first, &early).is_pending() && poll(&mut second, &late).is_pending());
        journals.durable.set(5);
        waiters.release(&journals);
        assert_eq!(
            (
                early.0.load(Ordering::Relaxed),
                late.0.load(Ordering::Relaxed)
            ),
            (1, 0)
        );
        assert_eq!(poll(&mut first, &early), Poll::Ready(Ok(())));
        assert!(poll(&mut second, &late).is_pending());
        assert_eq!(waiters.list.borrow().len(), 1);
    }

    #[test]
    fn a_wait_on_a_stopped_cell_ends() {
        let (journals, waiters) = (Journals::default(), Waiters::new(Arc::default()));
        let woken = Arc::default();
        let mut durable = waiters.durable(&journals, wait(5));
        assert!(poll(&mut durable, &woken).is_pending());
        journals.poisoned.set(true);
        waiters.release(&journals);
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        assert_eq!(poll(&mut durable, &woken), Poll::Ready(Err(Stopped)));
    }

    #[test]
    fn a_bell_that_nobody_waits_for_stays_silent() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let bell = Bell::default();
        bell.ring();
        let heard = |bell: &Bell| {
            let woken: Arc<Woken> = Arc::default();
            let waker = Waker::from(woken);
            let mut notified = std::pin::pin!(bell.notify.notified());
            notified
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_ready()
        };
        runtime.block_on(async { assert!(!heard(&bell)) });
        bell.want();
        bell.ring();
        runtime.block_on(async { assert!(heard(&bell)) });
    }
}
