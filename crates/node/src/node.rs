//! The node: its cells, and how whoever owns the sockets or the simulation steps them.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::{AccountId, Offset, Region};
use engine::{Cell, CellOwner, Clock, Settled};
use journal::Readiness;
use parking_lot::Mutex;

use crate::address::{Address, cell_of};
use crate::answer::{Answer, Wait};
use crate::carry::Goods;
use crate::directory::Directory;
use crate::house::House;
use crate::open::Options;
use crate::own_logs::Reports;
use crate::polls::Ticket;
use crate::signing::Signatures;
use crate::state::CellState;

/// Who calls, and what of the request around the operation matters to it.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    pub account: AccountId,
    pub region: Region,
    /// SenderId of the messages that this caller sends.
    pub sender: &'a str,
    /// The host, with its port, that queue URLs are built on.
    pub host: &'a str,
    /// The request's X-Amzn-Trace-Id.
    pub trace: Option<&'a str>,
    pub overrides: Overrides,
    /// The request came by the Query protocol, where a few rules differ.
    pub query_protocol: bool,
    /// The request carries a signature: it is no bare link.
    pub signed: bool,
}

/// What the headers of spec section 11 ask of a receive beyond AWS's limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    pub max: Option<u16>,
    pub wait_seconds: Option<u32>,
}

pub struct Node {
    pub(crate) cells: Vec<CellHost>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) options: Options,
    pub(crate) signatures: Arc<Signatures>,
    pub(crate) reports: Arc<Reports>,
}

/// A cell and what of it can be seen without holding it.
pub(crate) struct CellHost {
    state: Mutex<CellState>,
    durable: AtomicU64,
    poisoned: AtomicBool,
    /// Deliveries wait for another cell.
    carries: AtomicBool,
    /// Calls wait to be made.
    calls: AtomicBool,
    /// Held by whoever carries out of this cell: deliveries of one source stay in order.
    carrying: Mutex<()>,
    on_work: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl CellHost {
    pub(crate) fn new(state: CellState) -> CellHost {
        CellHost {
            durable: AtomicU64::new(state.cell.durable().0),
            poisoned: AtomicBool::new(state.cell.poisoned().is_some()),
            carries: AtomicBool::new(!state.courier.is_empty()),
            calls: AtomicBool::new(false),
            carrying: Mutex::new(()),
            on_work: OnceLock::new(),
            state: Mutex::new(state),
        }
    }

    pub(crate) fn wants_calls(&self) -> bool {
        self.calls.load(Ordering::Acquire)
    }

    /// Holds the cell for `work`, then hands answers to parked callers and tells the pump what there is to do.
    pub(crate) fn hold<R>(&self, work: impl FnOnce(&mut CellState) -> R) -> R {
        let mut state = self.state.lock();
        let result = work(&mut state);
        state.serve_stirred();
        let answers = std::mem::take(&mut state.answers);
        let calls = !state.outgoing.is_empty();
        self.calls.store(calls, Ordering::Release);
        let nudge = std::mem::take(&mut state.rearmed)
            || calls
            || (state.cell.journal().open_records() > 0 && !state.cell.journal().in_flight());
        self.durable
            .store(state.cell.durable().0, Ordering::Release);
        self.poisoned
            .store(state.cell.poisoned().is_some(), Ordering::Release);
        self.carries
            .store(!state.courier.is_empty(), Ordering::Release);
        drop(state);
        if nudge && let Some(on_work) = self.on_work.get() {
            on_work();
        }
        for (caller, answer) in answers {
            caller(answer);
        }
        result
    }
}

impl Node {
    pub fn cells(&self) -> usize {
        self.cells.len()
    }

    /// Everything before this position of the cell's journal is durable.
    pub fn durable(&self, cell: usize) -> Offset {
        Offset(self.cells[cell].durable.load(Ordering::Acquire))
    }

    /// Whether a wait is over.
    pub fn reached(&self, wait: Wait) -> bool {
        self.durable(wait.cell) >= wait.offset
    }

    /// The cell has stopped after an I/O error: its waits never end, its answers are 503.
    pub fn poisoned(&self, cell: usize) -> bool {
        self.cells[cell].poisoned.load(Ordering::Acquire)
    }

    /// Sets, once, what is called when a cell has records to flush or an earlier wake: cheap, from any thread.
    pub fn on_work(&self, cell: usize, call: Box<dyn Fn() + Send + Sync>) {
        let first = self.cells[cell].on_work.set(call).is_ok();
        assert!(first, "a cell's work has one listener");
    }

    /// Sets what is called when a flush has come to its end, for journals whose readiness is a callback.
    pub fn on_complete(&self, cell: usize, call: Box<dyn Fn() + Send + Sync>) {
        self.cells[cell].hold(|state| state.cell.journal_mut().on_complete(call));
    }

    pub fn open_records(&self, cell: usize) -> usize {
        self.cells[cell].state.lock().cell.journal().open_records()
    }

    pub fn in_flight(&self, cell: usize) -> bool {
        self.cells[cell].state.lock().cell.journal().in_flight()
    }

    pub fn readiness(&self, cell: usize) -> Readiness {
        self.cells[cell].state.lock().cell.journal().readiness()
    }

    /// Begins to flush the open batch, if there is one and no flush is on its way.
    pub fn seal(&self, cell: usize) {
        self.cells[cell].hold(|state| state.cell.journal_mut().seal());
    }

    /// Takes a flush that came to its end, and lets the courier go on. True if something did.
    pub fn poll(&self, cell: usize) -> bool {
        let moved = self.cells[cell].hold(|state| state.cell.journal_mut().poll());
        if moved {
            for source in 0..self.cells.len() {
                if self.cells[source].carries.load(Ordering::Acquire) {
                    self.carry(source);
                }
            }
        }
        moved
    }

    /// Real milliseconds until [`Node::tick`] is wanted; none while nothing is due.
    pub fn next_due_millis(&self, cell: usize) -> Option<u64> {
        let due = self.cells[cell].state.lock().next_due()?;
        self.clock.real_millis_until(due)
    }

    /// Does what is due in a cell: ends waits, wakes queues, steps move tasks.
    pub fn tick(&self, cell: usize) {
        self.cells[cell].hold(CellState::tick);
        self.write_reports();
    }

    /// Forgets a parked call whose caller is gone. True if it was still parked.
    pub fn cancel(&self, ticket: Ticket) -> bool {
        self.cells[ticket.cell].hold(|state| state.polls.take(ticket.number).is_some())
    }

    /// Ends a wait whose real time is over: its caller gets its answer. False if it was answered already.
    pub fn end_wait(&self, ticket: Ticket) -> bool {
        self.cells[ticket.cell].hold(|state| state.end_wait(ticket.number))
    }

    /// Makes an answer ready to be shown: signs what of it is not signed yet. It may take a while, and holds no cell.
    pub fn finish(&self, answer: &mut Answer) {
        let unsigned = std::mem::take(&mut answer.unsigned);
        let Ok(api::Reply::Sqs(api::sqs::Reply::ReceiveMessage(reply))) = &mut answer.result else {
            return;
        };
        let messages = reply.messages.as_deref_mut().unwrap_or_default();
        for missing in unsigned {
            let Some(body) = messages
                .get_mut(missing.index)
                .and_then(|message| message.body.as_mut().zip(message.md5_of_body.as_mut()))
            else {
                continue;
            };
            let (body, md5) = body;
            let version = missing.gap.version;
            let signature = self
                .signatures
                .of_notification(missing.publication, version, body);
            body.to_mut()
                .insert_str(missing.gap.at as usize, &signature);
            *md5 = sqs::letter::md5_of_body(body).into();
        }
    }

    /// Calls that are parked, in all cells.
    pub fn parked(&self) -> usize {
        self.cells
            .iter()
            .map(|host| host.state.lock().polls.len())
            .sum()
    }

    /// Answers every parked call as if its wait were over: for a graceful stop.
    pub fn answer_parked(&self) {
        for host in &self.cells {
            host.hold(|state| {
                for machine in state.polls.machines() {
                    state.release(machine, |state| state.empty_receive());
                }
            });
        }
    }

    /// Carries deliveries of a cell to other cells as far as durability allows.
    pub fn carry(&self, source: usize) {
        self.carry_out_of(source);
        self.write_reports();
    }

    fn carry_out_of(&self, source: usize) {
        let host = &self.cells[source];
        let _in_order = host.carrying.lock();
        loop {
            let durable = self.durable(source);
            let next = host.hold(|state| {
                state.carry_here();
                let (machine, sequence, leaves, to) = state.next_delivery()?;
                if leaves > durable {
                    return None;
                }
                Some((state.parcel(machine, sequence).ok()?, to))
            });
            let Some((parcel, to)) = next else {
                break;
            };
            let withheld = matches!(parcel.goods, Goods::Withheld);
            let taken = Address::of(&to).filter(|_| !withheld).and_then(|address| {
                let cell = cell_of(address.borrow(), self.cells.len());
                self.cells[cell].hold(|state| {
                    let target = state.cell.machines().find(address.borrow())?;
                    Some(
                        state
                            .accept(target, &parcel)
                            .map(|offset| Wait { cell, offset }),
                    )
                })
            });
            let carried = host.hold(|state| match taken {
                Some(Ok(wait)) => {
                    state.report_carried(parcel.machine, parcel.sequence, true);
                    state
                        .courier
                        .accepted(parcel.machine, parcel.sequence, wait);
                    true
                }
                Some(Err(_)) => false,
                None => state
                    .return_delivery(parcel.machine, parcel.sequence)
                    .is_ok(),
            });
            if !carried {
                break;
            }
        }
        host.hold(|state| state.acknowledge(&|wait| self.reached(wait)));
    }

    /// One round of settling, if the cell's journal has grown enough or, seen `closely`, much has died. Blocks: for a
    /// thread of its own.
    pub fn settle_if_wanted(&self, cell: usize, closely: bool) -> io::Result<Option<Settled>> {
        let host = &self.cells[cell];
        let grown = host.state.lock().cell.wants_settling();
        if grown || (closely && host.hold(|state| state.cell.wastes_space())) {
            let rest = || std::thread::sleep(Duration::from_millis(1));
            self.settle(cell, &rest).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Whether a disk has refused space when it was last asked.
    pub fn is_disk_full(&self) -> bool {
        self.cells
            .iter()
            .any(|host| host.state.lock().cell.is_full())
    }

    /// One round of settling. `let_flush` is called while it waits for the journal.
    pub fn settle(&self, cell: usize, let_flush: &dyn Fn()) -> io::Result<Settled> {
        let owner = Owner {
            host: &self.cells[cell],
            let_flush,
        };
        engine::settle(&owner)
    }

    /// Flushes everything and marks the journals as cleanly closed. Nothing may be called afterwards.
    pub fn close(&self) -> io::Result<()> {
        self.cells
            .iter()
            .try_for_each(|host| host.hold(|state| state.cell.journal_mut().close()))
    }

    /// An answer that shows state of all cells: it leaves once all of that is durable.
    pub(crate) fn seen_everywhere(&self, result: crate::Reply) -> Answer {
        Answer {
            after: self.seen_by_now(),
            ..Answer::now(result)
        }
    }

    /// Everything that anybody can have seen by now, in all cells.
    pub(crate) fn seen_by_now(&self) -> Vec<Wait> {
        let seen = self.cells.iter().enumerate().map(|(cell, host)| Wait {
            cell,
            offset: host.hold(|state| state.cell.end()),
        });
        seen.collect()
    }
}

struct Owner<'a> {
    host: &'a CellHost,
    let_flush: &'a dyn Fn(),
}

impl CellOwner<House> for Owner<'_> {
    fn hold<R>(&self, work: impl FnOnce(&mut Cell<House>) -> R) -> R {
        self.host.hold(|state| work(&mut state.cell))
    }

    fn let_flush(&self) {
        (self.let_flush)();
    }
}
