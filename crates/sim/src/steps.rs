//! What may happen next, and how likely it is.

use std::io::ErrorKind;

use domain::{Seconds, Time};
use journal::sim_disk::Operation;
use node::ClockChange;

use crate::model::FIVE_MINUTES;
use crate::sabotage::Sabotage;
use crate::violation::{Check, Violation, ensure};
use crate::world::{Late, World};

#[derive(Clone, Copy, Debug)]
enum Action {
    Send,
    Receive,
    Delete,
    ChangeVisibility,
    Purge,
    CreateQueue,
    DeleteQueue,
    SetAttributes,
    LookAtAttributes,
    List,
    StartMove,
    CancelMove,
    LookAtMoves,
    Topics,
    Seal,
    Poll,
    Tick,
    Settle,
    Wait,
    CancelPoll,
    EndWait,
    Crash,
    Close,
    Fault,
    Halt,
    FillDisk,
}

const WEIGHTS: [(Action, u64); 26] = [
    (Action::Send, 180),
    (Action::Receive, 200),
    (Action::Delete, 110),
    (Action::ChangeVisibility, 50),
    (Action::Purge, 4),
    (Action::CreateQueue, 15),
    (Action::DeleteQueue, 4),
    (Action::SetAttributes, 20),
    (Action::LookAtAttributes, 20),
    (Action::List, 5),
    (Action::StartMove, 15),
    (Action::CancelMove, 4),
    (Action::LookAtMoves, 8),
    (Action::Topics, 180),
    (Action::Seal, 120),
    (Action::Poll, 160),
    (Action::Tick, 40),
    (Action::Settle, 20),
    (Action::Wait, 90),
    (Action::CancelPoll, 6),
    (Action::EndWait, 6),
    (Action::Crash, 10),
    (Action::Close, 4),
    (Action::Fault, 4),
    (Action::Halt, 4),
    (Action::FillDisk, 5),
];

impl World {
    pub(crate) fn step(&mut self) -> Check {
        self.step_began = self.now();
        self.spoil_state()?;
        if let Some(left) = &mut self.doomed {
            *left -= 1;
            if *left == 0 {
                return self.crash();
            }
        }
        let action = self.draw_action();
        self.act(action)?;
        self.finish_step()?;
        let poisoned = (0..self.cells.len()).any(|cell| self.node().poisoned(cell));
        if poisoned && self.doomed.is_none() {
            ensure(self.trouble.faulty, || {
                "a cell stopped on a healthy disk".to_owned()
            })?;
            self.note(|| "a cell is poisoned".to_owned());
            self.doomed = Some(self.random.between(1, 8));
        }
        Ok(())
    }

    fn draw_action(&mut self) -> Action {
        let all: u64 = WEIGHTS.iter().map(|(_, weight)| weight).sum();
        let mut drawn = self.random.below(all);
        for (action, weight) in WEIGHTS {
            if drawn < weight {
                return action;
            }
            drawn -= weight;
        }
        Action::Poll
    }

    fn act(&mut self, action: Action) -> Check {
        match action {
            Action::Send => self.send(),
            Action::Receive => {
                let before = self.pending.len();
                self.receive()?;
                // With others waiting on the queue it is not clear whose receive moved what.
                if self.pending.len() > before && self.polls.is_empty() {
                    self.receiving = Some(before);
                }
                Ok(())
            }
            Action::Delete => self.delete(),
            Action::ChangeVisibility => self.change_visibility(),
            Action::Purge => self.purge(),
            Action::CreateQueue => self.create_queue(),
            Action::DeleteQueue => self.delete_queue(),
            Action::SetAttributes => self.set_attributes(),
            Action::LookAtAttributes => self.look_at_attributes(),
            Action::List => self.list(),
            Action::StartMove => self.start_move(),
            Action::CancelMove => self.cancel_move(),
            Action::LookAtMoves => self.look_at_moves(),
            Action::Topics => self.step_topics(),
            Action::Seal => {
                let cell = self.draw_cell();
                self.node().seal(cell);
                Ok(())
            }
            Action::Poll => {
                let cell = self.draw_cell();
                self.node().poll(cell);
                Ok(())
            }
            Action::Tick => {
                let cell = self.draw_cell();
                self.tick(cell);
                Ok(())
            }
            Action::Settle => self.settle(),
            Action::Wait => self.wait(),
            Action::CancelPoll => self.cancel_poll(),
            Action::EndWait => self.end_wait(),
            Action::Crash => self.crash(),
            Action::Close => self.close(),
            Action::Fault => self.arm_fault(),
            Action::Halt => self.halt(),
            Action::FillDisk => self.fill_disk(),
        }
    }

    fn draw_cell(&mut self) -> usize {
        self.random.index(self.cells.len())
    }

    fn tick(&mut self, cell: usize) {
        self.node().tick(cell);
        self.behind.remove(&cell);
        self.topics.ticked(cell);
    }

    fn settle(&mut self) -> Check {
        let cell = self.draw_cell();
        let node = self.node();
        let flush = || {
            node.poll(cell);
        };
        let settled = self.node().settle(cell, &flush);
        let said = format!("{settled:?}");
        let fine = settled.is_ok() || self.troubled(cell);
        self.note(|| format!("settle cell {cell}: {said}"));
        ensure(fine, || format!("settling a healthy cell fails: {said}"))
    }

    fn cancel_poll(&mut self) -> Check {
        let Some((number, ticket)) = self.draw_poll() else {
            return Ok(());
        };
        self.note(|| format!("{number} is cancelled"));
        self.polls.remove(&number);
        ensure(self.node().cancel(ticket), || {
            format!("receive {number} was not waiting")
        })
    }

    fn end_wait(&mut self) -> Check {
        let Some((number, ticket)) = self.draw_poll() else {
            return Ok(());
        };
        self.note(|| format!("the wait of {number} is ended"));
        ensure(self.node().end_wait(ticket), || {
            format!("receive {number} was not waiting")
        })
    }

    fn draw_poll(&mut self) -> Option<(u64, node::Ticket)> {
        if self.polls.is_empty() {
            return None;
        }
        let at = self.random.index(self.polls.len());
        self.polls
            .iter()
            .nth(at)
            .map(|(&number, poll)| (number, poll.ticket))
    }

    /// Time passes: by itself, with whoever must act coming late, or set from outside.
    fn wait(&mut self) -> Check {
        let now = self.now();
        let to = self.draw_time(now);
        self.pass_to(to)
    }

    pub(crate) fn pass_to(&mut self, to: Time) -> Check {
        let now = self.now();
        self.remember_the_late(to);
        if self.random.percent(60) {
            self.note(|| format!("the clock is advanced by {} ms", to.since(now)));
            let change = ClockChange {
                advance_millis: Some(to.since(now)),
                ..ClockChange::default()
            };
            self.node()
                .change_clock(change, &mut || false)
                .map_err(Violation)?;
            if to > now {
                self.behind.clear();
            }
            return ensure(self.now() == to, || format!("the clock was to show {to:?}"));
        }
        self.note(|| format!("{} ms pass", to.since(now)));
        self.clock.set(to);
        self.behind = (0..self.cells.len()).collect();
        self.ticks_late = true;
        if self.random.percent(70) {
            let first = self.draw_cell();
            for at in 0..self.cells.len() {
                self.tick((first + at) % self.cells.len());
            }
            // What one cell did may be due in another.
            for cell in 0..self.cells.len() {
                self.tick(cell);
            }
        }
        Ok(())
    }

    /// Some time from now; often the very moment at which something ends, or the millisecond before.
    fn draw_time(&mut self, now: Time) -> Time {
        let edge = self.draw_edge().filter(|edge| *edge > now);
        match (self.random.below(20), edge) {
            (0..=7, Some(edge)) => edge,
            (8..=9, Some(edge)) => Time::from_millis(edge.millis() - 1).max(now),
            (10..=14, _) => now.after_millis(self.random.between(1, 2_000)),
            (15..=16, _) => now.after_millis(self.random.between(1, 40_000)),
            (17, _) => now.after(FIVE_MINUTES),
            (18, _) => now.after_millis(self.random.between(1, 4_000_000)),
            (19, _) if self.random.percent(20) => now.after_millis(self.random.below(600_000_000)),
            _ => now.after_millis(self.random.between(1, 200)),
        }
    }

    fn draw_edge(&mut self) -> Option<Time> {
        let mut edges = Vec::new();
        for queue in self.cells.iter().flat_map(|cell| cell.now.queues.values()) {
            for stay in queue.present() {
                edges.extend([stay.hidden_until, stay.delay_ends]);
                edges.push(stay.sent.after(Seconds(queue.config.retention)));
                edges.push(stay.sent.after(Seconds(queue.config.delay)));
            }
            edges.extend(
                queue
                    .remembered
                    .iter()
                    .map(|known| known.at.after(FIVE_MINUTES)),
            );
        }
        edges.extend(self.polls.values().map(|poll| poll.deadline));
        edges.extend(self.next_call());
        let now = self.now();
        edges.retain(|edge| *edge > now);
        edges.sort_unstable();
        // The near ones happen, the far ones now and then.
        edges.truncate(if self.random.percent(80) {
            6
        } else {
            usize::MAX
        });
        (!edges.is_empty()).then(|| *self.random.pick(&edges))
    }

    /// What may leave its queue before it is too old for it, while the clock moves on to `to`.
    fn remember_the_late(&mut self, to: Time) {
        for poll in self.polls.values() {
            self.polled.insert(poll.asked.queue.clone());
        }
        let mut late = Vec::new();
        for queue in self.cells.iter().flat_map(|cell| cell.now.queues.values()) {
            let life = Seconds(queue.config.retention);
            for stay in queue.present().filter(|stay| stay.sent.after(life) <= to) {
                let exits = self.all_exits(queue, stay);
                if !exits.is_empty() {
                    let (from, stay) = (queue.name.clone(), stay.clone());
                    late.push((stay.number, Late { from, stay, exits }));
                }
            }
        }
        self.late.extend(late);
    }

    fn arm_fault(&mut self) -> Check {
        let kinds = [
            Operation::Write,
            Operation::Sync,
            Operation::Sync,
            Operation::SyncDir,
        ];
        let operation = *self.random.pick(&kinds);
        let after = self.random.below(6) as u32;
        self.note(|| format!("fault: {operation:?} after {after}"));
        self.disk.fail(operation, after, ErrorKind::Other);
        self.trouble.faulty = true;
        self.doomed.get_or_insert(self.random.between(5, 30));
        Ok(())
    }

    /// The power goes while the node is busy.
    fn halt(&mut self) -> Check {
        let operations = self.random.below(60);
        self.note(|| format!("the power goes after {operations} operations"));
        self.disk.halt_after(operations);
        self.trouble.halting = true;
        for _ in 0..self.random.between(1, 4) {
            let cell = self.draw_cell();
            match self.random.below(4) {
                0 => self.send()?,
                1 => self.settle()?,
                _ => {
                    self.node().seal(cell);
                    self.node().poll(cell);
                }
            }
            self.finish_step()?;
        }
        self.crash()
    }

    fn fill_disk(&mut self) -> Check {
        if self.trouble.any() {
            return Ok(());
        }
        let left = self.random.below(40_000);
        self.note(|| format!("the disk has {left} bytes left"));
        self.disk.limit(Some(self.disk.bytes() + left));
        self.trouble.full = true;
        for _ in 0..self.random.between(3, 25) {
            let action = loop {
                let action = self.draw_action();
                let disturbs = matches!(
                    action,
                    Action::Crash | Action::Close | Action::Fault | Action::Halt | Action::FillDisk
                );
                if !disturbs {
                    break action;
                }
            };
            self.step_began = self.now();
            self.act(action)?;
            self.finish_step()?;
            for cell in 0..self.cells.len() {
                ensure(!self.node().poisoned(cell), || {
                    "a full disk stopped a cell".to_owned()
                })?;
            }
        }
        self.note(|| "the disk has room again".to_owned());
        self.disk.limit(None);
        self.trouble.full = false;
        self.works_again()
    }

    /// Every queue takes messages.
    fn works_again(&mut self) -> Check {
        for name in self.queue_names() {
            let letter = self.draw_letter(&name);
            self.send_letters(&name, vec![letter], true)?;
            self.finish_step()?;
        }
        Ok(())
    }

    /// Defects that a test makes on purpose, behind the model's back.
    fn spoil_state(&mut self) -> Check {
        let wanted = match self.sabotage {
            Some(Sabotage::ShowHidden | Sabotage::LoseMessage) => self.random.percent(10),
            Some(_) | None => false,
        };
        if !wanted || self.handles.is_empty() {
            return Ok(());
        }
        let at = self.random.index(self.handles.len());
        let handle = self.handles[at].clone();
        let request = match self.sabotage {
            Some(Sabotage::LoseMessage) => crate::client::delete(&handle.queue, &handle.text),
            Some(_) | None => crate::client::change(&handle.queue, &handle.text, 0),
        };
        self.ask(&request).map(|_| ())
    }
}
