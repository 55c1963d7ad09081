//! The node under test with its disk and its clock, its clients, and what the oracle knows of them all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use api::sqs::Request;
use domain::{Offset, Time};
use engine::Clock;
use journal::SimDisk;
use node::{Answer, Node, Reply, Step, Ticket};

use crate::change::Change;
use crate::client::{self, Asked};
use crate::history::History;
use crate::ledger::Ledger;
use crate::model::{Errand, Queue, Stay, is_fifo};
use crate::random::Random;
use crate::sabotage::Sabotage;
use crate::topics::Topics;
use crate::trace::Trace;
use crate::violation::{Check, Violation, ensure, violated};

/// What is the matter with the disk.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trouble {
    /// No file may grow.
    pub(crate) full: bool,
    /// A fault waits to strike, or has struck.
    pub(crate) faulty: bool,
    /// The power is about to go, or gone.
    pub(crate) halting: bool,
}

impl Trouble {
    pub(crate) fn any(self) -> bool {
        self.full || self.faulty || self.halting
    }
}

/// An answer on its way: its client has not heard it yet.
pub(crate) struct Pending {
    pub(crate) what: String,
    pub(crate) answer: Answer,
    /// How many entries of a cell's history must stand once this is told.
    pub(crate) tells: Vec<(usize, usize)>,
    /// Handles that the client will have.
    pub(crate) handles: Vec<Handle>,
    /// Messages whose sending this acknowledges, and whose deletion.
    pub(crate) acknowledges: Vec<u64>,
    pub(crate) deletes: Vec<u64>,
    /// Stays that this receive moved to a dead-letter queue.
    pub(crate) moved: Vec<u64>,
    pub(crate) task: Option<String>,
}

/// A receipt handle in a client's hands.
#[derive(Clone, Debug)]
pub(crate) struct Handle {
    pub(crate) queue: String,
    pub(crate) incarnation: u64,
    pub(crate) stay: u64,
    pub(crate) message: u64,
    pub(crate) text: String,
}

/// A stay that may have ended before its time.
pub(crate) struct Late {
    pub(crate) from: String,
    pub(crate) stay: Stay,
    /// Where else its message may have gone.
    pub(crate) exits: Vec<(String, Errand)>,
}

/// A receive that waits.
pub(crate) struct Poll {
    pub(crate) ticket: Ticket,
    pub(crate) asked: Asked,
    pub(crate) deadline: Time,
}

/// A waiting receive got its answer.
pub(crate) struct Event {
    pub(crate) poll: u64,
    pub(crate) time: Time,
    pub(crate) answer: Answer,
}

pub(crate) struct World {
    pub(crate) random: Random,
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) disk: SimDisk,
    pub(crate) clock: Arc<Clock>,
    pub(crate) options: node::Options,
    pub(crate) node: Option<Node>,
    pub(crate) cells: Vec<History>,
    /// For each cell, the name of a queue that would live there and never does.
    probes: Vec<String>,
    homes: BTreeMap<String, usize>,
    pub(crate) trouble: Trouble,
    pub(crate) pending: Vec<Pending>,
    pub(crate) polls: BTreeMap<u64, Poll>,
    next_poll: u64,
    events: Arc<Mutex<Vec<Event>>>,
    pub(crate) handles: Vec<Handle>,
    pub(crate) tasks: Vec<String>,
    pub(crate) ledger: Ledger,
    pub(crate) trace: Trace,
    next_number: u64,
    /// Queues on which a receive may have run in this step.
    pub(crate) polled: BTreeSet<String>,
    /// Queues to which messages came from others in this step.
    pub(crate) arrived_in: BTreeSet<String>,
    /// Dead letters of this step.
    pub(crate) dead_letters: Vec<(String, u64)>,
    /// The clock was set and not every cell has ticked since.
    pub(crate) behind: BTreeSet<usize>,
    /// The clock went on in this step and the cells were told of it only then.
    pub(crate) ticks_late: bool,
    /// Steps until the crash that a poisoned cell needs.
    pub(crate) doomed: Option<u64>,
    /// Stays that were old enough to expire while the clock moved, and might have ended otherwise before.
    pub(crate) late: BTreeMap<u64, Late>,
    /// For each queue that messages left since the start: the message, the cell it came to, and how many entries of
    /// that cell's history tell of it.
    pub(crate) departed: BTreeMap<String, Vec<(u64, usize, usize)>>,
    /// Stays whose messages may have expired between two queues.
    pub(crate) lost_on_the_way: BTreeSet<u64>,
    /// The pending answer of the receive of this step.
    pub(crate) receiving: Option<usize>,
    /// The time at which this step began.
    pub(crate) step_began: Time,
    /// The names of queues that this history plays with.
    pub(crate) names: Vec<String>,
    pub(crate) topics: Topics,
}

/// A Tuesday.
const BEGINNING: Time = Time::from_seconds(1_764_000_000);

impl World {
    pub(crate) fn new(seed: u64, sabotage: Option<Sabotage>, verbose: bool) -> Check<World> {
        node::seed(seed);
        let mut random = Random::new(seed);
        let options = crate::restart::options(&mut random);
        let mut world = World {
            sabotage,
            disk: SimDisk::new(),
            clock: Arc::new(Clock::manual(BEGINNING)),
            node: None,
            cells: Vec::new(),
            probes: Vec::new(),
            homes: BTreeMap::new(),
            trouble: Trouble::default(),
            pending: Vec::new(),
            polls: BTreeMap::new(),
            next_poll: 0,
            events: Arc::default(),
            handles: Vec::new(),
            tasks: Vec::new(),
            ledger: Ledger::default(),
            trace: Trace::new(verbose),
            next_number: 0,
            polled: BTreeSet::new(),
            arrived_in: BTreeSet::new(),
            dead_letters: Vec::new(),
            behind: BTreeSet::new(),
            ticks_late: false,
            doomed: None,
            late: BTreeMap::new(),
            departed: BTreeMap::new(),
            lost_on_the_way: BTreeSet::new(),
            receiving: None,
            step_began: BEGINNING,
            names: crate::queues::names(&mut random),
            topics: Topics::new(&mut random),
            options,
            random,
        };
        let ends = world.open()?;
        world.cells = ends.into_iter().map(History::new).collect();
        world.find_probes()?;
        Ok(world)
    }

    pub(crate) fn node(&self) -> &Node {
        self.node.as_ref().expect("a node runs between two starts")
    }

    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        let now = self.now();
        self.trace.note(now, line());
    }

    /// A number that was never given before.
    pub(crate) fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// A call. Only a receive may wait; its answer then comes as an event of the poll with the given number.
    pub(crate) fn call(&mut self, request: &Request<'_>) -> Result<Answer, (u64, Ticket)> {
        self.next_poll += 1;
        let poll = self.next_poll;
        let (events, clock) = (Arc::clone(&self.events), Arc::clone(&self.clock));
        let mut park = || -> node::OnAnswer {
            let (events, clock) = (Arc::clone(&events), Arc::clone(&clock));
            Box::new(move |answer| {
                let time = clock.now();
                let mut events = events.lock().unwrap_or_else(PoisonError::into_inner);
                events.push(Event { poll, time, answer });
            })
        };
        let request = api::Request::Sqs(request.clone());
        match self.node().call(&client::caller(), &request, &mut park) {
            Step::Answer(answer) => Ok(answer),
            Step::Parked(ticket) => Err((poll, ticket)),
        }
    }

    /// A call that never waits.
    pub(crate) fn ask(&mut self, request: &Request<'_>) -> Check<Answer> {
        let answer = self.call(request);
        answer.map_err(|_| Violation(format!("{:?} waits", request.op())))
    }

    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn find_probes(&mut self) -> Check {
        let cells = self.node().cells();
        let mut probes = BTreeMap::new();
        for number in 0..1000 {
            if probes.len() == cells {
                break;
            }
            let name = format!("probe-{number}");
            let cell = self.home_of(&name)?;
            probes.entry(cell).or_insert(name);
        }
        self.probes = probes.into_values().collect();
        ensure(self.probes.len() == cells, || {
            "some cell has no queue names".to_owned()
        })
    }

    /// The cell a queue lives in: the one whose journal an answer about it waits for.
    pub(crate) fn home_of(&mut self, queue: &str) -> Check<usize> {
        if let Some(&cell) = self.homes.get(queue) {
            return Ok(cell);
        }
        let answer = self.ask(&client::get_attributes(queue))?;
        let Some(wait) = answer.after.first() else {
            return violated(format!("an answer about {queue} waits for nothing"));
        };
        self.homes.insert(queue.to_owned(), wait.cell);
        Ok(wait.cell)
    }

    /// Where a cell's journal ends now.
    pub(crate) fn end_of(&mut self, cell: usize) -> Check<Offset> {
        let probe = self.probes[cell].clone();
        let answer = self.ask(&client::get_attributes(&probe))?;
        match answer.after.first() {
            Some(wait) if wait.cell == cell => Ok(wait.offset),
            Some(_) | None => violated(format!("the probe {probe} has left cell {cell}")),
        }
    }

    pub(crate) fn queue(&self, name: &str) -> Option<&Queue> {
        self.cells.iter().find_map(|cell| cell.now.queues.get(name))
    }

    pub(crate) fn queue_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .cells
            .iter()
            .flat_map(|cell| cell.now.queues.keys().cloned())
            .collect();
        names.sort_unstable();
        names
    }

    /// The stay of a message that counts now, and its queue.
    pub(crate) fn stay_of(&self, message: u64) -> Option<(String, &Stay)> {
        self.cells.iter().find_map(|cell| {
            cell.now.queues.values().find_map(|queue| {
                let stay = queue
                    .stays
                    .iter()
                    .find(|stay| stay.content.number == message)?;
                Some((queue.name.clone(), stay))
            })
        })
    }

    /// Notes a change that a call has made; its answer says where the record stands.
    pub(crate) fn record(&mut self, time: Time, change: Change, answer: &Answer) -> Check<usize> {
        let cell = self.home_of(change.queue())?;
        let soft = matches!(&change, Change::Receive { queue, .. } if !is_fifo(queue));
        let wait = answer.after.iter().find(|wait| wait.cell == cell && !soft);
        self.cells[cell].record(time, change, wait.map(|wait| wait.offset));
        self.tidy();
        Ok(cell)
    }

    /// Notes a change that shows itself only now, and came at some time since the last look.
    pub(crate) fn infer(&mut self, change: Change) -> Check {
        let cell = self.home_of(change.queue())?;
        self.cells[cell].record(Time::ZERO, change, None);
        self.tidy();
        Ok(())
    }

    /// Stays that go on elsewhere are over.
    pub(crate) fn tidy(&mut self) {
        let taken: BTreeSet<u64> = self
            .cells
            .iter()
            .flat_map(|cell| cell.now.taken_in.keys().copied())
            .collect();
        for queue in self
            .cells
            .iter_mut()
            .flat_map(|cell| cell.now.queues.values_mut())
        {
            queue
                .stays
                .retain(|stay| stay.leaving.is_none() || !taken.contains(&stay.number));
        }
        for topic in self
            .cells
            .iter_mut()
            .flat_map(|cell| cell.now.topics.values_mut())
        {
            topic
                .outbox
                .retain(|route| !taken.contains(&route.stay.number));
        }
    }

    pub(crate) fn pass_time(&mut self, now: Time) {
        for cell in &mut self.cells {
            cell.now.advance(now);
        }
    }

    pub(crate) fn pass_time_in(&mut self, queue: &str, now: Time) {
        for cell in &mut self.cells {
            if let Some(queue) = cell.now.queues.get_mut(queue) {
                queue.advance(now);
            }
        }
    }

    pub(crate) fn troubled(&self, cell: usize) -> bool {
        self.trouble.any() || self.node().poisoned(cell)
    }

    pub(crate) fn anything_troubled(&self) -> bool {
        (0..self.cells.len()).any(|cell| self.troubled(cell))
    }

    /// Whether a call was refused because its cell cannot write. Such a call has done nothing.
    pub(crate) fn refused(&self, cell: usize, result: &Reply) -> Check<bool> {
        match result {
            Err(error) if error.kind.status >= 500 => {
                let expected = self.troubled(cell);
                ensure(expected, || format!("a healthy cell answers {error}"))?;
                Ok(true)
            }
            Err(_) | Ok(_) => Ok(false),
        }
    }

    /// An answer that will be told, and what must never be undone from then on.
    pub(crate) fn pend(
        &mut self,
        what: String,
        answer: Answer,
        tells: Vec<(usize, usize)>,
    ) -> &mut Pending {
        self.pending.push(Pending {
            what,
            answer,
            tells,
            handles: Vec::new(),
            acknowledges: Vec::new(),
            deletes: Vec::new(),
            moved: Vec::new(),
            task: None,
        });
        self.pending.last_mut().expect("it was just put there")
    }

    /// All of what has happened in this cell so far.
    pub(crate) fn all_of(&self, cell: usize) -> Vec<(usize, usize)> {
        vec![(cell, self.cells[cell].len())]
    }
}
