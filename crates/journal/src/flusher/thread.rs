//! One thread that writes and syncs: works on every system and file system.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use super::{Landed, write};
use crate::batch::Batch;

type Callback = Box<dyn Fn() + Send + Sync>;

pub(crate) struct Thread {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

/// Where batches are handed in and results handed out.
#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    submitted: Condvar,
    landed: Condvar,
    callback: Mutex<Option<Callback>>,
}

#[derive(Default)]
enum State {
    #[default]
    Idle,
    Submitted(Arc<Batch>),
    Flying,
    Landed(Landed),
    Stopped,
}

impl Thread {
    pub(super) fn start(sync: bool) -> io::Result<Thread> {
        let desk = Arc::new(Desk::default());
        let thread = std::thread::Builder::new()
            .name("journal-flush".to_owned())
            .spawn({
                let desk = Arc::clone(&desk);
                move || desk.work(sync)
            })?;
        Ok(Thread {
            desk,
            thread: Some(thread),
        })
    }

    pub(super) fn submit(&mut self, batch: Arc<Batch>) {
        let mut state = self.desk.state.lock();
        assert!(matches!(*state, State::Idle), "one flush at a time");
        *state = State::Submitted(batch);
        self.desk.submitted.notify_one();
    }

    pub(super) fn take(&mut self) -> Option<Landed> {
        self.desk.state.lock().take()
    }

    pub(super) fn wait(&mut self) -> Option<Landed> {
        let mut state = self.desk.state.lock();
        while matches!(*state, State::Submitted(_) | State::Flying) {
            self.desk.landed.wait(&mut state);
        }
        state.take()
    }

    pub(super) fn on_complete(&mut self, callback: Callback) {
        *self.desk.callback.lock() = Some(callback);
    }
}

impl State {
    fn take(&mut self) -> Option<Landed> {
        match std::mem::take(self) {
            State::Landed(landed) => Some(landed),
            other @ (State::Idle | State::Submitted(_) | State::Flying | State::Stopped) => {
                *self = other;
                None
            }
        }
    }
}

impl Desk {
    fn work(&self, sync: bool) {
        while let Some(batch) = self.next() {
            let since = Instant::now();
            let landed = write(&batch, sync).map(|()| since.elapsed());
            // The journal takes the batch's buffer back once it has seen the result.
            drop(batch);
            let mut state = self.state.lock();
            if matches!(*state, State::Stopped) {
                return;
            }
            *state = State::Landed(landed);
            drop(state);
            self.landed.notify_one();
            if let Some(callback) = &*self.callback.lock() {
                callback();
            }
        }
    }

    fn next(&self) -> Option<Arc<Batch>> {
        let mut state = self.state.lock();
        loop {
            match &*state {
                State::Submitted(batch) => {
                    let batch = Arc::clone(batch);
                    *state = State::Flying;
                    return Some(batch);
                }
                State::Stopped => return None,
                State::Idle | State::Flying | State::Landed(_) => self.submitted.wait(&mut state),
            }
        }
    }
}

impl Drop for Thread {
    /// A flight under way comes to its end; a batch that was only handed in stays unwritten, as in a crash.
    fn drop(&mut self) {
        *self.desk.state.lock() = State::Stopped;
        self.desk.submitted.notify_one();
        if let Some(thread) = self.thread.take() {
            let panicked = thread.join().is_err();
            debug_assert!(!panicked, "the flusher has nothing to panic about");
        }
    }
}
