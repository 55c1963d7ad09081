//! Has the next segment ready before it is needed, on a thread of its own or, stepped, within the call.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::segment::Segment;
use crate::yard::{Fill, Yard};

/// After the disk has refused space it is asked again at most this often.
const RETRY: Duration = Duration::from_millis(250);

/// The segment that comes next: where it begins and how large it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Next {
    pub(crate) base: u64,
    pub(crate) size: u64,
}

pub(crate) struct Preparer {
    shop: Arc<Shop>,
    /// None when stepped: then everything is done within the call.
    thread: Option<JoinHandle<()>>,
}

struct Shop {
    yard: Yard,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    wanted: Option<Next>,
    ready: Option<Segment>,
    /// The thread gives a file its header and name: the moment in which nobody else may take that name.
    adopting: bool,
    /// In order: the lowest first, and none after one that failed.
    retired: Vec<Arc<Segment>>,
    refused: Option<Refused>,
    stopped: bool,
}

/// The disk gave no segment, most likely for want of space.
#[derive(Clone, Copy)]
struct Refused {
    /// None when stepped: then every demand asks the disk again.
    until: Option<Instant>,
}

impl Refused {
    fn is_over(self) -> bool {
        self.until.is_none_or(|until| Instant::now() >= until)
    }
}

impl Preparer {
    pub(crate) fn stepped(yard: Yard) -> Preparer {
        Preparer {
            shop: Arc::new(Shop::new(yard)),
            thread: None,
        }
    }

    pub(crate) fn threaded(yard: Yard) -> io::Result<Preparer> {
        let shop = Arc::new(Shop::new(yard));
        let thread = std::thread::Builder::new()
            .name("journal-prepare".to_owned())
            .spawn({
                let shop = Arc::clone(&shop);
                move || shop.work()
            })?;
        Ok(Preparer {
            shop,
            thread: Some(thread),
        })
    }

    /// Asks for the next segment, unless it is there or under way.
    pub(crate) fn want(&self, next: Next) {
        let mut state = self.shop.state.lock();
        let there = state.ready.as_ref().map(|ready| ready.base) == Some(next.base);
        let asked_again_too_soon = state.refused.is_some_and(|refused| !refused.is_over());
        if there || state.wanted == Some(next) || asked_again_too_soon {
            return;
        }
        state.wanted = Some(next);
        if self.thread.is_some() {
            self.shop.changed.notify_all();
        } else {
            self.shop.prepare(&mut state, Fill::Zeros);
        }
    }

    /// The next segment, made on the spot if it is not there in time. `Err` with `StorageFull` may pass.
    pub(crate) fn take(&self, next: Next) -> io::Result<Segment> {
        let mut state = self.shop.state.lock();
        while state.adopting {
            self.shop.changed.wait(&mut state);
        }
        state.wanted = None;
        if let Some(ready) = state.ready.take() {
            assert_eq!(ready.base, next.base, "one segment is prepared at a time");
            return Ok(ready);
        }
        if state.refused.is_some_and(|refused| !refused.is_over()) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let fill = match self.thread {
            Some(_) => Fill::Reserved,
            None => Fill::Zeros,
        };
        let yard = &self.shop.yard;
        let made = yard
            .blank(next.size, fill, &|| false)
            .and_then(|blank| yard.adopt(blank, next.base));
        state.note(made.as_ref().err(), self.thread.is_some());
        made
    }

    /// Hands back segments that are not needed any more, the lowest first.
    pub(crate) fn retire(&self, segments: impl Iterator<Item = Arc<Segment>>) {
        let mut state = self.shop.state.lock();
        state.retired.extend(segments);
        if self.thread.is_some() {
            self.shop.changed.notify_all();
        } else {
            let retired = std::mem::take(&mut state.retired);
            state.retired = self.shop.retire(retired);
        }
    }

    /// Whether the disk gave no segment when it was last asked.
    pub(crate) fn refused(&self) -> bool {
        self.shop.state.lock().refused.is_some()
    }

    /// The size of the segment that is ready.
    pub(crate) fn ready_bytes(&self) -> u64 {
        let state = self.shop.state.lock();
        state.ready.as_ref().map_or(0, |ready| ready.size)
    }

    /// Bytes on the disk that are not part of the journal now.
    pub(crate) fn bytes(&self) -> u64 {
        let state = self.shop.state.lock();
        let ready = state.ready.as_ref().map_or(0, |ready| ready.size);
        let retired: u64 = state.retired.iter().map(|segment| segment.size).sum();
        drop(state);
        ready + retired + self.shop.yard.spare_bytes()
    }

    pub(crate) fn yard(&self) -> &Yard {
        &self.shop.yard
    }

    /// A segment that recovery found standing ready.
    pub(crate) fn found_ready(&self, segment: Segment) {
        self.shop.state.lock().ready = Some(segment);
    }
}

impl State {
    fn note(&mut self, error: Option<&io::Error>, threaded: bool) {
        self.refused = error.map(|_| Refused {
            until: threaded.then(|| Instant::now() + RETRY),
        });
    }
}

impl Shop {
    fn new(yard: Yard) -> Shop {
        Shop {
            yard,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn work(&self) {
        let mut state = self.state.lock();
        while !state.stopped {
            if !state.retired.is_empty() {
                let retired = std::mem::take(&mut state.retired);
                let left = MutexGuard::unlocked(&mut state, || self.retire(retired));
                let stuck = !left.is_empty();
                state.retired.splice(0..0, left);
                if !stuck {
                    continue;
                }
            }
            if state.wanted.is_some() && state.ready.is_none() {
                self.prepare_unlocked(&mut state);
            } else {
                self.changed.wait(&mut state);
            }
        }
    }

    /// Fills a file while the journal goes on, and adopts it if it is still wanted then.
    fn prepare_unlocked(&self, state: &mut MutexGuard<'_, State>) {
        let Some(Next { size, .. }) = state.wanted else {
            return;
        };
        let stop = || self.state.lock().stopped;
        let blank = MutexGuard::unlocked(state, || self.yard.blank(size, Fill::Zeros, &stop));
        let result = match (blank, state.wanted.take()) {
            (Ok(blank), Some(next)) => {
                state.adopting = true;
                let adopted = MutexGuard::unlocked(state, || self.yard.adopt(blank, next.base));
                state.adopting = false;
                self.changed.notify_all();
                adopted.map(|segment| state.ready = Some(segment))
            }
            (Ok(blank), None) => self.yard.keep_or_remove(blank),
            (Err(error), _) => Err(error),
        };
        // What kind of error it was shows itself to the journal, if it lasts, when a segment is made on the spot.
        state.note(result.as_ref().err(), true);
    }

    fn prepare(&self, state: &mut State, fill: Fill) {
        let Some(next) = state.wanted.take() else {
            return;
        };
        let made = self
            .yard
            .blank(next.size, fill, &|| false)
            .and_then(|blank| self.yard.adopt(blank, next.base));
        state.note(made.as_ref().err(), false);
        state.ready = made.ok();
    }

    /// Returns what could not be retired, which is tried again with the next ones.
    fn retire(&self, segments: Vec<Arc<Segment>>) -> Vec<Arc<Segment>> {
        let mut left = segments.into_iter();
        while let Some(segment) = left.as_slice().first() {
            if self.yard.retire(segment).is_err() {
                break;
            }
            left.next();
        }
        left.collect()
    }
}

impl Drop for Preparer {
    fn drop(&mut self) {
        self.shop.state.lock().stopped = true;
        self.shop.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let panicked = thread.join().is_err();
            debug_assert!(!panicked, "the preparer has nothing to panic about");
        }
    }
}
