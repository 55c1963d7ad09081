//! What this server itself writes into log groups: delivery status of SNS and the like.
//!
//! What is to be logged is noted while a cell is held and written once it is let go, since the log group may live in
//! another cell. As on AWS it is best effort: a crash in between loses it, a full disk drops it, and nothing waits for
//! it or fails with it.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::{AccountId, Region};
use logs::config::Class;
use logs::limits::{EVENT_BYTES_MAX, EVENT_OVERHEAD};
use parking_lot::Mutex;

use crate::address::{Address, AddressRef, cell_of};
use crate::node::Node;
use crate::state::CellState;

/// Events that one record brings into a log, at most.
const RECORD_EVENTS_MAX: usize = 128;
/// What they may come to: well below what one record holds.
const RECORD_BYTES_MAX: usize = 512 << 10;

/// One event for a log.
pub(crate) struct Report {
    pub(crate) group: Address,
    pub(crate) stream: String,
    pub(crate) event: String,
}

/// What all cells want logged and nobody has written yet.
#[derive(Default)]
pub(crate) struct Reports {
    any: AtomicBool,
    waiting: Mutex<Vec<Report>>,
}

impl Reports {
    pub(crate) fn note(&self, report: Report) {
        self.waiting.lock().push(report);
        self.any.store(true, Ordering::Release);
    }

    fn take(&self) -> Vec<Report> {
        if !self.any.load(Ordering::Acquire) {
            return Vec::new();
        }
        let mut waiting = self.waiting.lock();
        self.any.store(false, Ordering::Release);
        std::mem::take(&mut waiting)
    }
}

impl CellState {
    /// Writes events into a group, making it on first use. What cannot be written is dropped.
    fn write_events(&mut self, group: AddressRef<'_>, stream: &str, events: &[&str]) {
        let now = self.cell.now();
        let found = self.cell.machines().groups.find(group);
        let fresh = || {
            logs::Config::fresh(
                group.account,
                group.region,
                group.name,
                Class::Standard,
                now,
            )
        };
        let machine = found.map_or_else(|| self.create_group(fresh()), Ok);
        if let Ok(machine) = machine {
            let command = logs::put_internal(stream, now, events.iter().copied());
            let _ = self.group_command(machine, command);
        }
    }
}

impl Node {
    /// Writes one event into a log of this server, making group and stream on first use. Best effort: see the top of
    /// this file. No cell may be held.
    pub fn log(
        &self,
        region: Region,
        account: AccountId,
        group: &str,
        stream: &str,
        message: &str,
    ) {
        let group = AddressRef {
            account,
            region,
            name: group,
        };
        self.log_all(group, stream, &[message]);
    }

    /// Writes what cells wanted logged. No cell may be held.
    pub(crate) fn write_reports(&self) {
        let reports = self.reports.take();
        let alike = |a: &Report, b: &Report| a.group == b.group && a.stream == b.stream;
        for run in reports.chunk_by(alike) {
            let events: Vec<&str> = run.iter().map(|report| report.event.as_str()).collect();
            self.log_all(run[0].group.borrow(), &run[0].stream, &events);
        }
    }

    fn log_all(&self, group: AddressRef<'_>, stream: &str, events: &[&str]) {
        let cell = cell_of(group, self.cells.len());
        let mut rest = events;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(fitting(rest));
            rest = later;
            if let [event] = now
                && event.len() + EVENT_OVERHEAD > EVENT_BYTES_MAX
            {
                continue;
            }
            self.cells[cell].hold(|state| state.write_events(group, stream, now));
        }
    }
}

/// How many of the events go into one record, at least one.
fn fitting(events: &[&str]) -> usize {
    let mut bytes = 0;
    let fits = |event: &&&str| {
        bytes += event.len() + EVENT_OVERHEAD;
        bytes <= RECORD_BYTES_MAX
    };
    let fitting = events.iter().take(RECORD_EVENTS_MAX).take_while(fits);
    fitting.count().max(1)
}
