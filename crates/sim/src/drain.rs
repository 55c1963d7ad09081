//! The end of a history: a start without faults, every timeout waited out, every queue emptied, and the account closed.

use domain::Time;

use crate::client::Asked;
use crate::model::Phase;
use crate::violation::{Check, ensure, violated};
use crate::world::World;

/// Rounds after which a queue that is still not empty never will be.
const ROUNDS_MAX: u32 = 5_000;

impl World {
    pub(crate) fn drain(&mut self) -> Check {
        self.step_began = self.now();
        self.crash()?;
        for _ in 0..ROUNDS_MAX {
            let mut got = self.answer_all_calls()?;
            for name in self.queue_names() {
                got |= self.drain_once(&name)?;
            }
            if got {
                continue;
            }
            match self.next_turn()? {
                Some(time) => {
                    self.step_began = self.now();
                    self.pass_to(time)?;
                    for cell in 0..self.cells.len() {
                        self.node().tick(cell);
                    }
                    self.behind.clear();
                    self.finish_step()?;
                    self.flush()?;
                }
                None => return self.close_accounts(),
            }
        }
        violated("a queue is never empty".to_owned())
    }

    /// Receives and deletes what is there. True if there was something.
    fn drain_once(&mut self, name: &str) -> Check<bool> {
        let asked = Asked {
            queue: name.to_owned(),
            max: 10,
            visibility: Some(30),
            wait: Some(0),
            attempt: None,
        };
        self.handles.clear();
        self.step_began = self.now();
        self.receive_as(asked)?;
        self.finish_step()?;
        self.tell_all()?;
        let handles = std::mem::take(&mut self.handles);
        if handles.is_empty() {
            return Ok(false);
        }
        for handle in &handles {
            self.ledger.drain(handle.message)?;
        }
        self.step_began = self.now();
        self.delete_with(&handles)?;
        self.finish_step()?;
        self.tell_all()?;
        Ok(true)
    }

    fn tell_all(&mut self) -> Check {
        for _ in 0..200 {
            self.flush()?;
            if self.pending.is_empty() {
                return Ok(());
            }
        }
        let what = self.pending.first().map(|pending| pending.what.clone());
        violated(format!("an answer never leaves: {what:?}"))
    }

    /// When something more may come out of a queue.
    fn next_turn(&mut self) -> Check<Option<Time>> {
        let now = self.now();
        let mut turns = Vec::new();
        for queue in self.cells.iter().flat_map(|cell| cell.now.queues.values()) {
            if !queue.takeable(now).is_empty() {
                turns.push(now.after_millis(1));
            }
            for stay in &queue.stays {
                if let Some(leaving) = &stay.leaving {
                    let gone = self.lost_on_the_way.contains(&stay.number);
                    ensure(gone || self.queue(&leaving.to).is_none(), || {
                        format!("m{} never comes to {}", stay.content.number, leaving.to)
                    })?;
                    continue;
                }
                let delay = domain::Seconds(queue.config.delay);
                turns.extend(match queue.phase(stay, now) {
                    Phase::Visible => None,
                    Phase::Hidden => Some(stay.hidden_until),
                    Phase::Delayed if queue.is_fifo() => Some(stay.sent.after(delay)),
                    Phase::Delayed => Some(stay.delay_ends),
                });
            }
        }
        turns.extend(self.next_call().map(|due| due.max(now.after_millis(1))));
        for name in self.queue_names() {
            if self.list_moves(&name)? {
                turns.push(now.after_millis(1_000));
            }
        }
        Ok(turns.into_iter().min())
    }

    fn close_accounts(&mut self) -> Check {
        self.topics_are_done()?;
        let queues = self.cells.iter().flat_map(|cell| cell.now.queues.values());
        let expired: Vec<u64> = queues
            .flat_map(|queue| {
                let leaving = queue.stays.iter().map(|stay| stay.content.number);
                leaving.chain(queue.expired.iter().copied())
            })
            .collect();
        for message in expired {
            self.ledger.may_go(message);
        }
        self.ledger.close()
    }
}
