//! What can happen to the model: one variant for each kind of record a journal keeps of a queue.

use domain::{Seconds, Time};

use crate::model::{Attempt, Cell, Config, Leaving, Queue, Remembered, Stay, Task};
use crate::topics::TopicChange;

#[derive(Clone, Debug)]
pub(crate) enum Change {
    Create(Box<Queue>),
    Drop(String),
    Configure(String, Config),
    Send {
        queue: String,
        stays: Vec<Stay>,
        remembered: Vec<Remembered>,
    },
    Receive {
        queue: String,
        /// Stays and their new handles.
        given: Vec<(u64, String)>,
        visibility: Seconds,
        attempt: Option<String>,
        /// The same messages again, for an attempt id: it does not count.
        again: bool,
    },
    /// Messages go into the outbox.
    Leave {
        queue: String,
        leaving: Vec<(u64, Leaving)>,
    },
    /// A message comes out of another queue's outbox; the stay it leaves behind is over.
    Arrive {
        queue: String,
        stay: Box<Stay>,
        before: u64,
        /// What deduplication knows of it, where it comes from a topic.
        remembered: Option<Remembered>,
    },
    /// A message that was leaving is back, since its target is gone.
    Return {
        queue: String,
        stay: u64,
    },
    Delete {
        queue: String,
        stays: Vec<u64>,
    },
    Hide {
        queue: String,
        stays: Vec<(u64, Seconds)>,
    },
    Purge(String),
    StartMove(String, Task),
    EndMove(String),
    Topic(TopicChange),
}

impl Change {
    /// The queue or the topic.
    pub(crate) fn queue(&self) -> &str {
        match self {
            Change::Create(queue) => &queue.name,
            Change::Topic(change) => change.topic(),
            Change::Drop(queue)
            | Change::Configure(queue, _)
            | Change::Purge(queue)
            | Change::StartMove(queue, _)
            | Change::EndMove(queue)
            | Change::Send { queue, .. }
            | Change::Receive { queue, .. }
            | Change::Leave { queue, .. }
            | Change::Arrive { queue, .. }
            | Change::Return { queue, .. }
            | Change::Delete { queue, .. }
            | Change::Hide { queue, .. } => queue,
        }
    }
}

impl Cell {
    pub(crate) fn apply(&mut self, now: Time, change: &Change) {
        if let Change::Create(queue) = change {
            self.queues.insert(queue.name.clone(), (**queue).clone());
            return;
        }
        if let Change::Topic(change) = change {
            self.apply_to_topic(now, change);
            return;
        }
        let Some(queue) = self.queues.get_mut(change.queue()) else {
            return;
        };
        if let Change::Arrive { before, .. } = change {
            self.taken_in.insert(*before, queue.incarnation);
        }
        queue.advance(now);
        match change {
            Change::Create(_) | Change::Topic(_) => {}
            Change::Drop(name) => {
                self.queues.remove(name);
                return;
            }
            Change::Configure(_, config) => queue.config = config.clone(),
            Change::Send {
                stays, remembered, ..
            } => {
                for stay in stays {
                    queue.sequence = queue.sequence.max(stay.sequence.unwrap_or(0));
                    queue.stays.push(stay.clone());
                }
                queue.remembered.extend_from_slice(remembered);
            }
            Change::Receive {
                given,
                visibility,
                attempt,
                again,
                ..
            } => queue.receive(now, given, *visibility, attempt, *again),
            Change::Leave { leaving, .. } => {
                for (number, leaving) in leaving {
                    queue.leave(*number, leaving);
                }
            }
            Change::Arrive {
                stay, remembered, ..
            } => {
                queue.remembered.extend(remembered.clone());
                queue.sequence = queue.sequence.max(stay.sequence.unwrap_or(0));
                // A later one may have been seen first.
                let at = queue.stays.partition_point(|other| {
                    stay.sequence.is_none() || other.sequence < stay.sequence
                });
                queue.stays.insert(at, (**stay).clone());
            }
            Change::Return { stay, .. } => {
                if let Some(stay) = queue.find_mut(*stay) {
                    stay.leaving = None;
                    stay.fresh = false;
                }
            }
            Change::Delete { stays, .. } => {
                queue.stays.retain(|stay| !stays.contains(&stay.number));
            }
            Change::Hide { stays, .. } => {
                for (number, visibility) in stays {
                    if let Some(stay) = queue.find_mut(*number) {
                        stay.hidden_until = now.after(*visibility);
                        stay.fresh = stay.fresh && visibility.0 == 0;
                        stay.changed = true;
                    }
                }
            }
            Change::Purge(_) => {
                queue.stays.retain(|stay| stay.leaving.is_some());
                queue.remembered.clear();
                queue.attempts.clear();
            }
            Change::StartMove(_, task) => queue.task = Some(task.clone()),
            Change::EndMove(_) => {
                if let Some(task) = &mut queue.task {
                    task.over = true;
                }
            }
        }
        queue.advance(now);
    }
}

impl Queue {
    fn receive(
        &mut self,
        now: Time,
        given: &[(u64, String)],
        visibility: Seconds,
        attempt: &Option<String>,
        again: bool,
    ) {
        let mut remembered = Vec::new();
        for (number, handle) in given {
            let Some(stay) = self.find_mut(*number) else {
                continue;
            };
            stay.hidden_until = now.after(visibility);
            stay.last = Some(now);
            if !again {
                stay.receives += 1;
                stay.first.get_or_insert(now);
                stay.fresh = false;
                stay.changed = false;
                stay.handles.push(handle.clone());
            }
            remembered.push((*number, handle.clone(), stay.receives));
        }
        if let Some(attempt) = attempt
            && !again
            && !remembered.is_empty()
        {
            let attempt_given = Attempt {
                at: now,
                given: remembered,
            };
            self.attempts.insert(attempt.clone(), attempt_given);
        }
    }

    fn leave(&mut self, number: u64, leaving: &Leaving) {
        if leaving.errand == crate::model::Errand::Move
            && let Some(task) = &mut self.task
        {
            task.taken += 1;
        }
        if let Some(stay) = self.find_mut(number) {
            stay.leaving = Some(leaving.clone());
        }
    }
}
