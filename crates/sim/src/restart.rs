//! The node's starts and ends: opened, crashed, closed, and opened again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{Offset, Time};
use engine::{CellOptions, Clock};
use journal::{Disk, FlusherKind};
use node::{Node, OpenError};

use crate::model::{Cell, Phase, Stay};
use crate::random::Random;
use crate::sabotage::{LyingDisk, Sabotage};
use crate::topics::Exit;
use crate::violation::{Check, Violation, ensure, violated};
use crate::world::{Trouble, World};

/// Small journals, so that segments are used again and settling happens all the time.
pub(crate) fn options(random: &mut Random) -> node::Options {
    node::Options {
        cells: random.between(1, 3) as usize,
        flusher: FlusherKind::Stepped,
        cache_bytes: *random.pick(&[0, 16 << 10, 1 << 20]),
        cell: CellOptions {
            settle_bytes: *random.pick(&[8 << 10, 32 << 10, 128 << 10]),
            tail_bytes: *random.pick(&[0, 4 << 10, 32 << 10]),
            segment_bytes: *random.pick(&[4 << 10, 32 << 10]),
            reserve_bytes: 16 << 10,
        },
        journal_segment_bytes: *random.pick(&[128 << 10, 192 << 10, 512 << 10]),
        journal_seed: Some(random.number()),
        ..node::Options::default()
    }
}

impl World {
    fn start(&mut self) -> Result<Vec<(Offset, bool)>, OpenError> {
        self.options.journal_seed = Some(self.random.number());
        let disk: Arc<dyn Disk> = match self.sabotage {
            Some(Sabotage::ForgetSync) => Arc::new(LyingDisk {
                disk: Arc::new(self.disk.clone()),
                syncs: Arc::default(),
            }),
            Some(_) | None => Arc::new(self.disk.clone()),
        };
        let opened = Node::open(
            disk,
            Arc::clone(&self.clock),
            Arc::new(node::NoSigner),
            self.options.clone(),
        )?;
        self.node = Some(opened.node);
        Ok(opened
            .cells
            .iter()
            .map(|(journal, _)| (journal.end, journal.clean))
            .collect())
    }

    /// Starts the node; where each cell's journal ends.
    pub(crate) fn open(&mut self) -> Check<Vec<Offset>> {
        match self.start() {
            Ok(cells) => Ok(cells.into_iter().map(|(end, _)| end).collect()),
            Err(error) => violated(format!("the node does not start: {error}")),
        }
    }

    /// The process dies and the power fails.
    pub(crate) fn crash(&mut self) -> Check {
        let seed = self.random.number();
        self.note(|| format!("crash {seed}"));
        self.stop();
        self.disk.crash(seed);
        while self.random.percent(25) {
            self.crash_while_starting();
        }
        self.trouble = Trouble::default();
        self.set_clock_for_start();
        let ends = self.open()?;
        self.go_on_from(&ends)
    }

    fn crash_while_starting(&mut self) {
        let (operations, seed) = (self.random.below(80), self.random.number());
        self.disk.halt_after(operations);
        let started = self.start().is_ok();
        self.note(|| format!("crash {seed} after {operations} operations, started: {started}"));
        self.stop();
        self.disk.crash(seed);
    }

    /// Nobody hears of what was under way.
    fn stop(&mut self) {
        self.node = None;
        self.take_events();
        for poll in std::mem::take(&mut self.polls).into_values() {
            self.polled.insert(poll.asked.queue);
        }
        self.pending.clear();
        self.topics.stop();
        self.departed.clear();
        self.behind.clear();
        self.receiving = None;
        self.doomed = None;
    }

    /// The wall clock has gone on, stood still or been set back while the node was down.
    fn set_clock_for_start(&mut self) {
        let now = self.now().millis();
        let start = match self.random.below(6) {
            0 => now - self.random.below(600_000),
            1 => now + self.random.below(30_000),
            2 => now + self.random.below(7_200_000),
            _ => now,
        };
        self.clock = Arc::new(Clock::manual(Time::from_millis(start)));
    }

    /// Cuts every cell's history where its journal was cut.
    fn go_on_from(&mut self, ends: &[Offset]) -> Check {
        let now = self.now();
        let mut starts = Vec::new();
        let mut bounds = Vec::new();
        for (cell, &end) in ends.iter().enumerate() {
            bounds.push(self.cells[cell].kept(cell, end)?);
        }
        for (cell, &end) in ends.iter().enumerate() {
            let (least, most) = bounds[cell];
            let kept = if least == most {
                most
            } else {
                let unclear = self.cells[cell].attempted(least..most);
                self.call_is_unclear(unclear);
                self.find_kept(cell, &bounds)?
            };
            bounds[cell] = (kept, kept);
            let (start, last) = self.cells[cell].replayed(kept);
            let places = self.cells[cell].places();
            self.note(|| format!("cell {cell} kept {kept} of {places:?}, up to {}", end.0));
            ensure(last <= now, || {
                format!("cell {cell} went back from {last:?} to {now:?}")
            })?;
            starts.push(start);
        }
        self.let_return(&mut starts);
        for (cell, start) in starts.into_iter().enumerate() {
            self.cells[cell].restart(start, now, ends[cell]);
        }
        self.tidy();
        self.copies_may_have_expired();
        self.step_began = self.step_began.min(now);
        self.finish_step()
    }

    /// A queue remembers what it has sent until its own cell knows for good that it arrived.
    ///
    /// Where the queue that took a message in is gone meanwhile, together with its memory of that, the message may
    /// come back: to a queue of the same name, or to where it was.
    fn let_return(&mut self, starts: &mut [Cell]) {
        let taken: BTreeMap<u64, u64> = starts
            .iter()
            .flat_map(|cell| cell.taken_in.iter().map(|(&stay, &by)| (stay, by)))
            .collect();
        let alive: BTreeSet<u64> = starts
            .iter()
            .flat_map(|cell| cell.queues.values().map(|queue| queue.incarnation))
            .collect();
        // What has gone on from there lives on elsewhere.
        let queues = starts.iter().flat_map(|cell| cell.queues.values());
        let living: BTreeSet<u64> = queues
            .flat_map(|queue| &queue.stays)
            .filter(|stay| stay.leaving.is_none() || !taken.contains_key(&stay.number))
            .map(|stay| stay.content.number)
            .collect();
        let mut returning = BTreeSet::new();
        let late = self.late.values().map(|late| &late.stay);
        let might_return: Vec<(u64, u64)> = starts
            .iter()
            .flat_map(Cell::leaving)
            .chain(late)
            .map(|stay| (stay.number, stay.content.number))
            .collect();
        for (stay, message) in might_return {
            let returns = taken.get(&stay).is_some_and(|by| !alive.contains(by));
            if returns && !living.contains(&message) && !self.comes_at_once(stay) {
                returning.insert(stay);
                self.ledger.may_return(message);
            }
        }
        for start in starts {
            start.taken_in.retain(|stay, _| !returning.contains(stay));
        }
        self.lost_on_the_way.extend(returning);
    }

    /// Where a history was cut inside a step: the shortest part of it that fits what is there.
    ///
    /// What is not in it has happened again during the start, and will be found to have.
    fn find_kept(&mut self, cell: usize, bounds: &[(usize, usize)]) -> Check<usize> {
        let now = self.now();
        let (least, most) = bounds[cell];
        let published = self.published_elsewhere(cell, bounds);
        let mut misfits = Vec::new();
        for kept in least..=most {
            let (mut state, _) = self.cells[cell].replayed(kept);
            state.advance(now);
            match self.misfit(cell, &state, &published, now)? {
                None => return Ok(kept),
                Some(misfit) => misfits.push(misfit),
            }
        }
        violated(format!(
            "what cell {cell} holds is none of its states from {least} to {most}: {misfits:?}"
        ))
    }

    /// Copies that topics of other cells may have on their way, and where each may come.
    fn published_elsewhere(&self, at: usize, bounds: &[(usize, usize)]) -> Vec<Exit> {
        let mut coming = Vec::new();
        for (other, &(least, most)) in bounds.iter().enumerate() {
            for kept in (least..=most).filter(|_| other != at) {
                let (state, _) = self.cells[other].replayed(kept);
                coming.extend(self.exits_out_of(&state));
            }
        }
        coming
    }

    /// What speaks against a state of a cell.
    fn misfit(
        &mut self,
        at: usize,
        cell: &Cell,
        published: &[Exit],
        now: Time,
    ) -> Check<Option<String>> {
        let others = (0..self.cells.len()).filter(|&other| other != at);
        let others: Vec<Cell> = others
            .map(|other| self.cells[other].replayed(self.cells[other].len()).0)
            .collect();
        let is_new = |stay: &Stay| !cell.taken_in.contains_key(&stay.number);
        let mut coming: BTreeSet<(u64, &str)> = BTreeSet::new();
        for stay in others
            .iter()
            .chain([cell])
            .flat_map(Cell::leaving)
            .filter(|stay| is_new(stay))
        {
            let to = stay.leaving.as_ref().map_or("", |leaving| &leaving.to);
            coming.insert((stay.content.number, to));
        }
        for late in self.late.values().filter(|late| is_new(&late.stay)) {
            let exits = late
                .exits
                .iter()
                .map(|(to, _)| (late.stay.content.number, to.as_str()));
            coming.extend(exits);
        }
        let of_topics = self.exits_out_of(cell);
        let of_topics = of_topics.iter().chain(published);
        let published: Vec<(u64, String)> = of_topics
            .filter(|exit| !cell.taken_in.contains_key(&exit.stay))
            .map(|exit| (exit.copy, exit.to.clone()))
            .collect();
        let coming: BTreeSet<(u64, String)> = coming
            .into_iter()
            .map(|(message, to)| (message, to.to_owned()))
            .chain(published)
            .collect();
        for (name, queue) in &cell.queues {
            let seen = match self.peek(name) {
                Ok(seen) => seen,
                Err(error) => return Ok(Some(error.to_string())),
            };
            for seen in &seen {
                let message = seen.content.number;
                let held = queue
                    .stays
                    .iter()
                    .find(|stay| stay.id == seen.id && stay.sequence == seen.sequence);
                let fits = match held {
                    None => coming.contains(&(message, name.clone())),
                    Some(stay) => {
                        let visible = queue.phase(stay, now) != Phase::Hidden;
                        stay.leaving.is_none()
                            && (stay.sent, stay.total(), visible)
                                == (seen.sent, seen.receives, seen.visible)
                    }
                };
                if !fits {
                    let known = held.map(|stay| (stay.sent, stay.total(), queue.phase(stay, now)));
                    return Ok(Some(format!(
                        "m{message} in {name} was sent {:?}, received {} times, is visible: {}; known is {known:?}",
                        seen.sent, seen.receives, seen.visible
                    )));
                }
            }
            let missing = queue
                .present()
                .find(|stay| seen.iter().all(|seen| seen.id != stay.id));
            if let Some(stay) = missing {
                return Ok(Some(format!("no m{} in {name}", stay.content.number)));
            }
        }
        Ok(None)
    }

    /// Everything is written and told.
    pub(crate) fn flush(&mut self) -> Check {
        for _ in 0..100 {
            let mut quiet = true;
            for cell in 0..self.cells.len() {
                if self.node().poisoned(cell) {
                    continue;
                }
                self.node().seal(cell);
                quiet &= !self.node().poll(cell);
            }
            self.finish_step()?;
            if quiet && self.node_is_idle() {
                return Ok(());
            }
        }
        violated("a node that nobody calls always has something to write".to_owned())
    }

    fn node_is_idle(&self) -> bool {
        (0..self.cells.len())
            .filter(|&cell| !self.node().poisoned(cell))
            .all(|cell| self.node().open_records(cell) == 0 && !self.node().in_flight(cell))
    }

    /// A graceful stop and a new start: nothing may differ.
    pub(crate) fn close(&mut self) -> Check {
        self.note(|| "close".to_owned());
        for cell in 0..self.cells.len() {
            self.node().tick(cell);
        }
        self.behind.clear();
        self.finish_step()?;
        self.node().answer_parked();
        self.flush()?;
        if (0..self.cells.len()).any(|cell| self.node().poisoned(cell)) {
            return self.crash();
        }
        let before = self.everything()?;
        if let Err(error) = self.node().close() {
            let troubled = self.trouble.any();
            ensure(troubled, || {
                format!("closing a healthy node fails: {error}")
            })?;
            return self.crash();
        }
        self.stop();
        if self.trouble.any() {
            let seed = self.random.number();
            self.disk.crash(seed);
            self.trouble = Trouble::default();
        }
        self.clock = Arc::new(Clock::manual(self.now()));
        let cells = self
            .start()
            .map_err(|error| Violation(format!("the node does not start: {error}")))?;
        ensure(cells.iter().all(|(_, clean)| *clean), || {
            "a clean close was taken for a crash".to_owned()
        })?;
        let ends: Vec<Offset> = cells.into_iter().map(|(end, _)| end).collect();
        self.go_on_from(&ends)?;
        let after = self.everything()?;
        match before
            .iter()
            .zip(&after)
            .find(|(before, after)| before != after)
        {
            None => ensure(before.len() == after.len(), || {
                "a restart changed something".to_owned()
            }),
            Some((before, after)) => violated(format!("a restart made {after} of {before}")),
        }
    }

    /// All that can be observed, as text.
    pub(crate) fn everything(&mut self) -> Check<Vec<String>> {
        let mut all = self.all_of_topics();
        for name in self.queue_names() {
            let attributes = self.ask(&crate::client::get_attributes(&name))?.result;
            let moves = self.ask(&crate::client::list_moves(&name))?.result;
            all.push(format!("{name} {attributes:?} {moves:?}"));
            all.extend(
                self.peek(&name)?
                    .iter()
                    .map(|seen| format!("{name} {seen:?}")),
            );
        }
        Ok(all)
    }
}
