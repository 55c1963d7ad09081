//! One cell with what belongs to it but is not state: parked polls, armed wakes, deliveries on their way.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::Error;
use domain::{Effects, Machine as _, MachineId, Offset, Place, Time};
use engine::{Cell, Claim, Refused};
use sns::Topic;
use sqs::command::StepMove;
use sqs::letter::{Copy, Opened, Unsigned};
use sqs::op::receive_message;
use sqs::outcome::{Delivery, Received};
use sqs::{Command, Letter, Queue};

use crate::answer::{Answer, UnsignedMessage};
use crate::calls::{Calls, Outgoing};
use crate::courier::Courier;
use crate::directory::Directory;
use crate::house::{House, Outcome};
use crate::own_logs::Reports;
use crate::polls::{OnAnswer, Polls};
use crate::protection::Protections;
use crate::record::Record;
use crate::signing::Signatures;
use crate::wakes::Wakes;

/// What a receive asks for, remembered while it is parked.
pub(crate) struct Asked {
    pub(crate) keep: receive_message::Keep,
    /// How many messages end the wait: 1, or all where the caller asked to wait for them.
    pub(crate) at_least: u16,
    /// A long poll on a queue with too many messages in flight waits; a short one is told.
    pub(crate) long: bool,
}

/// A message's encoded payload, and what is missing in it: the publication it tells, and where its signature goes.
pub(crate) struct Readable {
    pub(crate) payload: Vec<u8>,
    pub(crate) unsigned: Option<([u8; 16], Unsigned)>,
}

pub(crate) struct CellState {
    pub(crate) index: usize,
    pub(crate) cell: Cell<House>,
    pub(crate) polls: Polls<Asked>,
    pub(crate) wakes: Wakes,
    pub(crate) courier: Courier,
    pub(crate) directory: Arc<Directory>,
    pub(crate) signatures: Arc<Signatures>,
    /// What links in notifications begin with.
    pub(crate) base_url: Arc<str>,
    /// A mail server is there: mails leave this machine.
    pub(crate) mail_leaves: bool,
    pub(crate) calls: Calls,
    pub(crate) protections: Protections,
    /// Calls that wait to be made by whoever owns the sockets.
    pub(crate) outgoing: Vec<Outgoing>,
    pub(crate) reports: Arc<Reports>,
    stirred: BTreeSet<MachineId>,
    /// Answers for parked callers, handed over once the cell is let go.
    pub(crate) answers: Vec<(OnAnswer, Answer)>,
    /// An earlier wake was armed: whoever sleeps for this cell should look again.
    pub(crate) rearmed: bool,
}

/// A command that was applied: what it came to, and from which position on it may be told.
pub(crate) struct Done<O> {
    pub(crate) outcome: O,
    pub(crate) durable_from: Offset,
    /// It put deliveries into the outbox that have not all been taken by their targets.
    pub(crate) carries: bool,
}

impl CellState {
    pub(crate) fn new(
        index: usize,
        cell: Cell<House>,
        directory: Arc<Directory>,
        signatures: Arc<Signatures>,
        base_url: Arc<str>,
        mail_leaves: bool,
        reports: Arc<Reports>,
    ) -> CellState {
        let mut state = CellState {
            index,
            cell,
            polls: Polls::default(),
            wakes: Wakes::default(),
            courier: Courier::default(),
            directory,
            signatures,
            base_url,
            mail_leaves,
            calls: Calls::default(),
            protections: Protections::default(),
            outgoing: Vec::new(),
            reports,
            stirred: BTreeSet::new(),
            answers: Vec::new(),
            rearmed: false,
        };
        state.take_up();
        state
    }

    /// After a recovery: enters what there is into the directory, loads the outboxes, arms the move tasks.
    fn take_up(&mut self) {
        let mut machines = Vec::new();
        for (machine, queue) in self.cell.machines().queues() {
            self.directory.enter(queue.config());
            let outbox: Vec<_> = queue.outbox().cloned().collect();
            self.courier.load(machine, &outbox, Offset::ZERO);
            machines.push(machine);
        }
        for (machine, topic) in self.cell.machines().topics.iter() {
            self.directory.enter_topic(topic.config());
            let outbox: Vec<_> = topic.deliveries().collect();
            self.courier.load(machine, &outbox, Offset::ZERO);
            machines.push(machine);
        }
        for (_, outreach) in self.cell.machines().outreaches.iter() {
            self.directory.enter_home(outreach.home());
        }
        for (_, group) in self.cell.machines().groups.iter() {
            self.directory.enter_group(group.config());
        }
        for machine in machines {
            self.rearm(machine);
        }
    }

    pub(crate) fn topic(&self, machine: MachineId) -> Option<&Topic> {
        self.cell.machines().topics.get(machine)
    }

    /// The topic as of now: what was due has happened.
    pub(crate) fn topic_now(&mut self, machine: MachineId) -> Option<&mut Topic> {
        let now = self.cell.now();
        let topic = self.cell.machines_mut().topics.get_mut(machine)?;
        topic.advance(now);
        Some(topic)
    }

    pub(crate) fn queue(&self, machine: MachineId) -> Option<&Queue> {
        self.cell.machines().queue(machine)
    }

    /// The queue as of now: what was due has happened.
    pub(crate) fn queue_now(&mut self, machine: MachineId) -> Option<&mut Queue> {
        let now = self.cell.now();
        let queue = self.cell.machines_mut().queue_mut(machine)?;
        queue.advance(now);
        Some(queue)
    }

    /// Journals and applies one record.
    pub(crate) fn submit(
        &mut self,
        machine: MachineId,
        claim: Claim,
        record: &Record<'_>,
    ) -> Result<Done<Outcome>, Error> {
        let applied = self
            .cell
            .submit(claim, |out| record.encode(machine, out))
            .map_err(refused)?;
        let durable_from = applied.durable_from();
        let Effects { deliver, stir } = applied.effects;
        // Time has passed for the queue as well, and what that brought is not among the effects.
        if stir || self.polls.waiting_on(machine) {
            self.stirred.insert(machine);
        }
        if let Outcome::Published(published) = &applied.outcome {
            let polled = published.reached.iter();
            self.stirred
                .extend(polled.filter(|&&queue| self.polls.waiting_on(queue)));
        }
        let carries = !deliver.is_empty();
        if carries {
            self.courier.load(machine, &deliver, durable_from);
            self.carry_here();
        }
        self.rearm(machine);
        Ok(Done {
            outcome: applied.outcome,
            durable_from,
            carries: carries && self.courier.outstanding(machine) > 0,
        })
    }

    /// Submits a command to a queue that is known to be there.
    pub(crate) fn command(
        &mut self,
        machine: MachineId,
        command: Command<'_>,
    ) -> Result<Done<sqs::Outcome>, Error> {
        let claim = match command {
            Command::Send(_) | Command::Accept(_) | Command::Configure(_) => Claim::Grow,
            Command::Purge => Claim::Free,
            Command::Receive(_)
            | Command::Delete(_)
            | Command::ChangeVisibility(_)
            | Command::StartMove(_)
            | Command::CancelMove(_)
            | Command::StepMove(_)
            | Command::Delivered(_)
            | Command::Returned(_) => Claim::Work,
        };
        let done = self.submit(machine, claim, &Record::Queue(command))?;
        match done.outcome {
            Outcome::Queue(outcome) => Ok(Done {
                outcome,
                durable_from: done.durable_from,
                carries: done.carries,
            }),
            Outcome::Created
            | Outcome::Deleted
            | Outcome::Topic
            | Outcome::Published(_)
            | Outcome::Outreach
            | Outcome::Group(_)
            | Outcome::Absent => {
                unreachable!("a queue command answers a queue's outcome while the cell is held")
            }
        }
    }

    /// Submits a command to a topic that is known to be there.
    pub(crate) fn topic_command(
        &mut self,
        machine: MachineId,
        command: sns::Command<'_>,
    ) -> Result<Done<()>, Error> {
        let claim = match command {
            sns::Command::Configure(_)
            | sns::Command::Subscribe { .. }
            | sns::Command::ConfigureSubscription(_)
            | sns::Command::Publish(_)
            | sns::Command::Resend { .. } => Claim::Grow,
            sns::Command::Confirm { .. }
            | sns::Command::Unsubscribe { .. }
            | sns::Command::Attempted(_)
            | sns::Command::Delivered(_)
            | sns::Command::Returned(_)
            | sns::Command::Replay(_) => Claim::Work,
        };
        let done = self.submit(machine, claim, &Record::Topic(command))?;
        Ok(Done {
            outcome: (),
            durable_from: done.durable_from,
            carries: done.carries,
        })
    }

    /// Arms or clears a queue's wake: it has one while somebody waits on it or it runs a move task.
    pub(crate) fn rearm(&mut self, machine: MachineId) {
        let wake = match self.queue(machine) {
            Some(queue) => {
                let polled = self.polls.waiting_on(machine).then(|| queue.wakes_at());
                [polled.flatten(), queue.step_due()]
                    .into_iter()
                    .flatten()
                    .min()
            }
            None => [self.next_call(machine), self.next_replay(machine)]
                .into_iter()
                .flatten()
                .min(),
        };
        self.rearmed |= self.wakes.arm(machine, wake);
    }

    /// When something here falls due next: a wake or the end of a wait.
    pub(crate) fn next_due(&self) -> Option<Time> {
        [self.wakes.next(), self.polls.next_deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what is due: ends waits, wakes queues, steps move tasks.
    pub(crate) fn tick(&mut self) {
        let now = self.cell.now();
        for machine in self.wakes.take_due(now) {
            if self.topic(machine).is_some() {
                self.step_replay(machine);
                self.begin_calls(machine, now);
                self.rearm(machine);
                continue;
            }
            self.step_move(machine, now);
            self.stirred.insert(machine);
            self.serve_stirred();
            self.rearm(machine);
        }
        while let Some(number) = self.polls.overdue(now) {
            self.end_wait(number);
        }
    }

    /// Ends a wait with what is there, which is nothing unless the caller waited for several. False if nobody waits.
    pub(crate) fn end_wait(&mut self, number: u64) -> bool {
        let Some((machine, poll)) = self.polls.take(number) else {
            return false;
        };
        let answer = self
            .receive(machine, &poll.keep)
            .unwrap_or_else(|| self.empty_receive());
        self.answers.push((poll.caller, answer));
        self.rearm(machine);
        true
    }

    fn step_move(&mut self, machine: MachineId, now: Time) {
        let Some(queue) = self.queue_now(machine) else {
            return;
        };
        if queue.step_due().is_none_or(|due| due > now) {
            return;
        }
        let mut missing = queue.next_move_targets();
        missing.retain(|target| !self.directory.exists(target));
        // A journal that refuses leaves the task where it is; its next wake tries again.
        let _ = self.command(machine, Command::StepMove(StepMove { missing }));
    }

    /// Answers everyone who waits on a queue.
    pub(crate) fn release(&mut self, machine: MachineId, answer: impl Fn(&CellState) -> Answer) {
        for poll in self.polls.take_all(machine) {
            let answer = answer(self);
            self.answers.push((poll.caller, answer));
        }
        self.rearm(machine);
    }

    /// What a receive answers when there is nothing.
    pub(crate) fn empty_receive(&self) -> Answer {
        Answer::now(Ok(messages(Default::default())))
    }

    /// Serves waiting callers of every queue where something may have become receivable.
    pub(crate) fn serve_stirred(&mut self) {
        while let Some(machine) = self.stirred.pop_first() {
            self.serve(machine);
        }
    }

    fn serve(&mut self, machine: MachineId) {
        while self.polls.waiting_on(machine) {
            let Some(queue) = self.queue_now(machine) else {
                break;
            };
            let visible = queue.counts().visible;
            let receivable = queue.receivable();
            let at_least = self
                .polls
                .first(machine)
                .map_or(1, |poll| poll.keep.at_least);
            if !receivable || visible < u64::from(at_least) {
                break;
            }
            let poll = self.polls.take_first(machine).expect("somebody waits");
            match self.receive(machine, &poll.keep) {
                Some(answer) => self.answers.push((poll.caller, answer)),
                // Everything receivable was moved away, or too much is in flight: the caller goes on waiting.
                None => {
                    self.polls.park_again(machine, poll);
                    break;
                }
            }
        }
        self.rearm(machine);
    }

    /// Receives what is there now. None: nothing is, and nothing was journaled but moves.
    pub(crate) fn receive(&mut self, machine: MachineId, asked: &Asked) -> Option<Answer> {
        let queue = self.queue_now(machine)?;
        let retry = asked.keep.attempt().is_some_and(|id| queue.has_attempt(id));
        if !queue.receivable() && !retry {
            let told = queue.over_limit() && !asked.long;
            return told.then(|| self.over_limit(machine, asked));
        }
        let redrive = queue.config().redrive.clone();
        let dead_letter_open = redrive.is_some_and(|r| self.directory.exists(&r.dead_letter));
        let done = match self.command(machine, asked.keep.command(dead_letter_open)) {
            Ok(done) => done,
            Err(error) => return Some(Answer::now(Err(error))),
        };
        let sqs::Outcome::Received(received) = done.outcome else {
            unreachable!("a receive answers what it received");
        };
        if received.messages.is_empty() && (asked.long || !received.over_limit) {
            return None;
        }
        let queue = self.queue(machine).expect("the queue was just there");
        let (result, unsigned) = match self.payloads(&received) {
            Ok((payloads, unsigned)) => {
                let reply = receive_message::reply(queue, &asked.keep, &received, &payloads);
                (reply.map(messages).map_err(Error::from), unsigned)
            }
            Err(error) => (Err(error), Vec::new()),
        };
        let soft = !queue.config().fifo && !received.moved;
        let offset = if soft {
            shown(&received)
        } else {
            done.durable_from
        };
        let mut answer = Answer::after(result, self.index, offset);
        answer.carry = done.carries.then_some(self.index);
        answer.unsigned = unsigned;
        Some(answer)
    }

    /// A short poll on a standard queue with as many messages in flight as it may have is told so.
    fn over_limit(&self, machine: MachineId, asked: &Asked) -> Answer {
        let queue = self.queue(machine).expect("the queue was just there");
        let received = Received {
            over_limit: true,
            ..Received::default()
        };
        let result = receive_message::reply(queue, &asked.keep, &received, &[]);
        let result = result.map(messages);
        Answer::after(result.map_err(Error::from), self.index, self.cell.end())
    }

    fn payloads(&self, received: &Received) -> Result<(Vec<Vec<u8>>, Vec<UnsignedMessage>), Error> {
        let mut payloads = Vec::with_capacity(received.messages.len());
        let mut unsigned = Vec::new();
        for (index, delivery) in received.messages.iter().enumerate() {
            let message = self.message(delivery.place, delivery.copy.as_ref())?;
            unsigned.extend(message.unsigned.map(|(publication, gap)| UnsignedMessage {
                index,
                publication,
                gap,
            }));
            payloads.push(message.payload);
        }
        Ok((payloads, unsigned))
    }

    /// A message as its queue has it: of its own, or a copy of a letter.
    pub(crate) fn message(&self, place: Place, copy: Option<&Copy>) -> Result<Readable, Error> {
        let bytes = self.read(place)?;
        let Some(copy) = copy else {
            return Ok(Readable {
                payload: bytes,
                unsigned: None,
            });
        };
        let letter = Letter::decode(&bytes).expect("a letter comes back as it was journaled");
        let opened = letter.open(copy);
        Ok(Readable {
            payload: opened.payload,
            unsigned: opened.unsigned.map(|gap| (letter.payload.id.0, gap)),
        })
    }

    /// The same, signed: it leaves this queue for another one. The cell waits for the signature, which is rare.
    pub(crate) fn whole_message(
        &self,
        place: Place,
        copy: Option<&Copy>,
    ) -> Result<Vec<u8>, Error> {
        let Readable { payload, unsigned } = self.message(place, copy)?;
        let Some((publication, gap)) = unsigned else {
            return Ok(payload);
        };
        let mut opened = Opened {
            payload,
            unsigned: Some(gap),
        };
        let sign = |version, text: &str| {
            let signature = self.signatures.of_notification(publication, version, text);
            signature.as_ref().to_owned()
        };
        let signed = opened.sign(sign);
        signed.expect("an opened letter decodes");
        Ok(opened.payload)
    }

    pub(crate) fn read(&self, place: Place) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::with_capacity(place.len as usize);
        match self.cell.read(place, &mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) => {
                let text = format!("a message body could not be read: {error}");
                Err(api::common::INTERNAL_FAILURE.with(text))
            }
        }
    }
}

fn messages(result: api::sqs::ReceiveMessageResult<'static>) -> api::Reply<'static> {
    api::Reply::Sqs(api::sqs::Reply::ReceiveMessage(result))
}

fn shown(received: &Received) -> Offset {
    let in_journal = |delivery: &Delivery| match delivery.place.segment() {
        None => Offset(delivery.place.offset.0 + 1),
        Some(_) => Offset::ZERO,
    };
    received
        .messages
        .iter()
        .map(in_journal)
        .max()
        .unwrap_or_default()
}

/// What the cell says when it takes no more commands.
pub(crate) fn refused(refused: Refused) -> Error {
    match refused {
        Refused::Full | Refused::Poisoned(_) => {
            api::common::SERVICE_UNAVAILABLE.with(refused.to_string())
        }
        Refused::TooLarge => api::common::INTERNAL_FAILURE.with(refused.to_string()),
    }
}
