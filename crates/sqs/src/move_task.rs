//! Message move tasks: a dead-letter queue's messages go back, oldest first, at a chosen pace (spec 6.4).
//!
//! A task takes messages into the outbox step by step and counts each as moved once it is delivered.

use std::collections::VecDeque;

use domain::bytes::{Malformed, Put, Take};
use domain::{Arn, Effects, Seconds, Stamp, Time};

use crate::command::{StartMove, StepMove};
use crate::config::decode_arn;
use crate::outbox::Errand;
use crate::outcome::{MoveCancel, MoveStart};
use crate::queue::Queue;

/// Tasks that ListMessageMoveTasks can show.
const KEPT: usize = 10;
/// A task runs this long at most: 36 hours.
const RUNS_MAX: Seconds = Seconds(36 * 3600);
/// Messages that one step takes at most.
const STEP_MAX: u64 = 100;
/// Steps of a task with a rate are this far apart at least, in milliseconds.
const STEP_PAUSE: u64 = 100;
/// With this many messages undelivered, a task waits for the courier.
const OUTBOX_MAX: usize = 1000;

/// One message move task of a dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveTask {
    /// The id inside its TaskHandle.
    pub id: [u8; 16],
    pub status: MoveStatus,
    pub started: Time,
    /// Absent: each message goes back to the queue it was moved from.
    pub destination: Option<Arn>,
    /// Messages per second.
    pub rate: Option<u32>,
    /// Messages delivered so far.
    pub moved: u64,
    /// Messages visible when it started.
    pub total: u64,
    /// Messages taken into the outbox so far.
    taken: u64,
    /// The time of the last step.
    stepped: Option<Time>,
    /// It takes no more: what is left is to be delivered.
    drained: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveStatus {
    Running,
    Completed,
    Cancelled,
    Failed(MoveFailure),
}

/// Why a task has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveFailure {
    /// A message's target does not exist.
    NonExistentQueue,
    /// A message came here by no redrive policy, and the task names no destination.
    UnknownSource,
    /// It ran for 36 hours. How AWS names this is not known.
    TooLong,
}

impl MoveStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            MoveStatus::Running => "RUNNING",
            MoveStatus::Completed => "COMPLETED",
            MoveStatus::Cancelled => "CANCELLED",
            MoveStatus::Failed(_) => "FAILED",
        }
    }

    /// FailureReason, of a failed task.
    pub fn failure(self) -> Option<MoveFailure> {
        match self {
            MoveStatus::Failed(failure) => Some(failure),
            MoveStatus::Running | MoveStatus::Completed | MoveStatus::Cancelled => None,
        }
    }
}

impl MoveFailure {
    pub fn as_str(self) -> &'static str {
        match self {
            MoveFailure::NonExistentQueue => "AWS.SimpleQueueService.NonExistentQueue",
            MoveFailure::UnknownSource => "CouldNotDetermineMessageSource",
            MoveFailure::TooLong => "MaximumTaskDurationExceeded",
        }
    }
}

impl MoveTask {
    /// When its next message may leave: the k-th no earlier than (k - 1) / rate after the start.
    fn next_at(&self) -> Time {
        let Some(rate) = self.rate else {
            return self.stepped.unwrap_or(self.started);
        };
        let paced = self
            .started
            .after_millis((self.taken * 1000).div_ceil(rate.max(1).into()));
        match self.stepped {
            Some(stepped) => paced.max(stepped.after_millis(STEP_PAUSE)),
            None => paced,
        }
    }

    /// How many messages may leave now.
    fn allowance(&self, now: Time) -> u64 {
        if now < self.next_at() {
            return 0;
        }
        let left = self.total - self.taken;
        let Some(rate) = self.rate.map(u64::from) else {
            return left.min(STEP_MAX);
        };
        // After a halt it catches up no faster than its rate.
        let by_pause = (rate * STEP_PAUSE).div_ceil(1000);
        let by_start = now.since(self.started).saturating_mul(rate) / 1000 + 1 - self.taken;
        left.min(by_pause).min(by_start)
    }

    fn complete_if_delivered(&mut self) {
        if self.status == MoveStatus::Running && self.drained && self.moved == self.taken {
            self.status = MoveStatus::Completed;
        }
    }
}

/// The tasks of a queue, newest first.
#[derive(Debug, Default)]
pub(crate) struct MoveTasks {
    tasks: VecDeque<MoveTask>,
}

impl MoveTasks {
    /// Only the newest task can run.
    fn running(&self) -> Option<&MoveTask> {
        let newest = self.tasks.front();
        newest.filter(|task| task.status == MoveStatus::Running)
    }

    fn running_mut(&mut self) -> Option<&mut MoveTask> {
        let newest = self.tasks.front_mut();
        newest.filter(|task| task.status == MoveStatus::Running)
    }

    pub(crate) fn delivered(&mut self, id: &[u8; 16]) {
        if let Some(task) = self.tasks.iter_mut().find(|task| task.id == *id) {
            task.moved += 1;
            task.complete_if_delivered();
        }
    }

    pub(crate) fn returned(&mut self, id: &[u8; 16]) {
        if let Some(task) = self.tasks.iter_mut().find(|task| task.id == *id) {
            task.taken -= 1;
            if task.status == MoveStatus::Running {
                task.status = MoveStatus::Failed(MoveFailure::NonExistentQueue);
            }
        }
    }

    pub(crate) fn expire(&mut self, now: Time) {
        if let Some(task) = self.running_mut()
            && task.started.after(RUNS_MAX) <= now
        {
            task.status = MoveStatus::Failed(MoveFailure::TooLong);
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.tasks.len() as u32);
        for task in &self.tasks {
            out.extend_from_slice(&task.id);
            out.put_u8(match task.status {
                MoveStatus::Running => 0,
                MoveStatus::Completed => 1,
                MoveStatus::Cancelled => 2,
                MoveStatus::Failed(MoveFailure::NonExistentQueue) => 3,
                MoveStatus::Failed(MoveFailure::UnknownSource) => 4,
                MoveStatus::Failed(MoveFailure::TooLong) => 5,
            });
            out.put_u64(task.started.millis());
            out.put_some_text(task.destination.as_ref().map(Arn::as_str));
            out.put_u32(task.rate.unwrap_or(0));
            out.put_u64(task.moved);
            out.put_u64(task.total);
            out.put_u64(task.taken);
            out.put_bool(task.stepped.is_some());
            out.put_u64(task.stepped.unwrap_or_default().millis());
            out.put_bool(task.drained);
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<MoveTasks, Malformed> {
        let mut tasks = MoveTasks::default();
        for _ in 0..take.u32()? {
            tasks.tasks.push_back(MoveTask {
                id: take.array()?,
                status: match take.u8()? {
                    0 => MoveStatus::Running,
                    1 => MoveStatus::Completed,
                    2 => MoveStatus::Cancelled,
                    3 => MoveStatus::Failed(MoveFailure::NonExistentQueue),
                    4 => MoveStatus::Failed(MoveFailure::UnknownSource),
                    5 => MoveStatus::Failed(MoveFailure::TooLong),
                    _ => return Err(Malformed("a move task is in no known state")),
                },
                started: Time::from_millis(take.u64()?),
                destination: if take.bool()? {
                    Some(decode_arn(take)?)
                } else {
                    None
                },
                rate: Some(take.u32()?).filter(|&rate| rate > 0),
                moved: take.u64()?,
                total: take.u64()?,
                taken: take.u64()?,
                stepped: {
                    let stepped = take.bool()?;
                    Some(Time::from_millis(take.u64()?)).filter(|_| stepped)
                },
                drained: take.bool()?,
            });
        }
        Ok(tasks)
    }
}

impl Queue {
    /// The tasks of this queue as a source, newest first, 10 at most.
    pub fn move_tasks(&self) -> impl Iterator<Item = &MoveTask> {
        self.tasks.tasks.iter()
    }

    /// When the running task wants its next [`Command::StepMove`](crate::Command::StepMove); nothing while none
    /// runs, or while it waits for the courier.
    pub fn step_due(&self) -> Option<Time> {
        let task = self.tasks.running()?;
        let waits = task.drained || self.outbox.len() >= OUTBOX_MAX;
        if waits { None } else { Some(task.next_at()) }
    }

    /// Every queue to which the next step may move something, so that the command can say which of them are gone.
    pub fn next_move_targets(&self) -> Vec<Arn> {
        match self.tasks.running() {
            None => Vec::new(),
            Some(task) => match &task.destination {
                Some(destination) => vec![destination.clone()],
                None => self.sources.iter().cloned().collect(),
            },
        }
    }

    pub(crate) fn start_move(&mut self, at: Stamp, start: StartMove) -> MoveStart {
        if self.tasks.running().is_some() {
            return MoveStart::AlreadyRunning;
        }
        let total = self.counts().visible;
        let mut task = MoveTask {
            id: start.task,
            status: MoveStatus::Running,
            started: at.time,
            destination: start.destination,
            rate: start.rate.filter(|&rate| rate > 0),
            moved: 0,
            total,
            taken: 0,
            stepped: None,
            drained: total == 0,
        };
        task.complete_if_delivered();
        self.tasks.tasks.push_front(task);
        self.tasks.tasks.truncate(KEPT);
        MoveStart::Started
    }

    pub(crate) fn cancel_move(&mut self, id: &[u8; 16]) -> MoveCancel {
        match self.tasks.running_mut() {
            Some(task) if task.id == *id => {
                task.status = MoveStatus::Cancelled;
                MoveCancel::Cancelled(task.moved)
            }
            Some(_) | None => MoveCancel::NotRunning,
        }
    }

    pub(crate) fn step_move(&mut self, at: Stamp, step: &StepMove, effects: &mut Effects) {
        let room = OUTBOX_MAX.saturating_sub(self.outbox.len()) as u64;
        let Some(task) = self.tasks.running_mut().filter(|task| !task.drained) else {
            return;
        };
        let allowance = task.allowance(at.time).min(room);
        if allowance == 0 {
            return;
        }
        task.stepped = Some(at.time);
        let (id, destination) = (task.id, task.destination.clone());
        let mut taken = 0;
        let mut end = None;
        while taken < allowance && end.is_none() {
            match self.next_move(destination.as_ref(), &step.missing) {
                Ok((slot, target)) => {
                    self.move_out(slot, target, Errand::Move(id), effects);
                    taken += 1;
                }
                Err(reason) => end = Some(reason),
            }
        }
        if let Some(task) = self.tasks.running_mut() {
            task.taken += taken;
            match end {
                Some(End::Failure(failure)) => task.status = MoveStatus::Failed(failure),
                Some(End::Empty) => task.drained = true,
                None => task.drained = task.taken == task.total,
            }
            task.complete_if_delivered();
        }
        effects.stir |= self.receivable();
    }

    /// The oldest visible message and where it goes.
    fn next_move(&self, destination: Option<&Arn>, missing: &[Arn]) -> Result<(u32, Arn), End> {
        let slot = self
            .order
            .oldest_visible(&self.messages)
            .ok_or(End::Empty)?;
        let source = self.sources.get(self.messages.all[slot].origin.of_source());
        let target = destination.or(source);
        let target = target.ok_or(End::Failure(MoveFailure::UnknownSource))?;
        if missing.contains(target) {
            return Err(End::Failure(MoveFailure::NonExistentQueue));
        }
        Ok((slot, target.clone()))
    }
}

/// Why a step takes no further message.
enum End {
    Empty,
    Failure(MoveFailure),
}
