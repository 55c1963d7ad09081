//! What the metrics show of queues, topics and cells: reads beside the records.

use domain::{AccountId, Region};
use engine::Machines as _;
use journal::Stats;

use crate::node::Node;
use crate::state::CellState;

#[derive(Clone, Debug, PartialEq)]
pub struct QueueGauge {
    pub account: AccountId,
    pub region: Region,
    pub name: String,
    pub fifo: bool,
    pub visible: u64,
    pub in_flight: u64,
    pub delayed: u64,
    /// Age of the oldest message in seconds; 0 without messages.
    pub oldest_age_seconds: u64,
}

/// All topics of a cell together: there may be a hundred thousand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TopicsGauge {
    pub topics: usize,
    pub subscriptions: usize,
    /// Deliveries on their way to queues.
    pub bound: usize,
    /// Deliveries that somebody outside is called for.
    pub calls: usize,
    /// Those of them that are being made at this moment.
    pub underway: usize,
}

#[derive(Clone, Debug)]
pub struct CellGauge {
    pub queues: usize,
    pub topics: TopicsGauge,
    /// Bytes of the journal on disk.
    pub journal_bytes: u64,
    /// Bytes of settled segments on disk.
    pub settled_bytes: u64,
    pub journal: Stats,
    pub parked: usize,
    /// Why the cell has stopped, if it has.
    pub poisoned: Option<String>,
}

impl Node {
    /// Every queue as of now, sorted by account, region and name.
    pub fn queue_gauges(&self) -> Vec<QueueGauge> {
        let mut gauges = Vec::new();
        for host in &self.cells {
            host.hold(|state| {
                let now = state.cell.now();
                state.cell.machines_mut().advance(now);
                gauges.extend(state.cell.machines().queues().map(|(_, queue)| {
                    let (config, counts) = (queue.config(), queue.counts());
                    QueueGauge {
                        account: config.account,
                        region: config.region,
                        name: config.name.clone(),
                        fifo: config.fifo,
                        visible: counts.visible,
                        in_flight: counts.in_flight,
                        delayed: counts.delayed,
                        oldest_age_seconds: queue
                            .oldest_sent()
                            .map_or(0, |sent| now.since(sent) / 1000),
                    }
                }));
            });
        }
        gauges.sort_by(|a, b| (a.account, a.region, &a.name).cmp(&(b.account, b.region, &b.name)));
        gauges
    }

    /// Why a cell has stopped, if it has.
    pub fn why_poisoned(&self, cell: usize) -> Option<String> {
        self.cells[cell].hold(|state| state.cell.poisoned().map(str::to_owned))
    }

    pub fn cell_gauge(&self, cell: usize) -> CellGauge {
        self.cells[cell].hold(|state| CellGauge {
            queues: state.cell.machines().queues().count(),
            topics: topics(state),
            journal_bytes: state.cell.journal().bytes(),
            settled_bytes: state.cell.settled_bytes(),
            journal: state.cell.journal().stats(),
            parked: state.polls.len(),
            poisoned: state.cell.poisoned().map(str::to_owned),
        })
    }
}

fn topics(state: &CellState) -> TopicsGauge {
    let mut gauge = TopicsGauge {
        underway: state.calls.len(),
        ..TopicsGauge::default()
    };
    for (_, topic) in state.cell.machines().topics.iter() {
        gauge.topics += 1;
        gauge.subscriptions += topic.subscriptions().len();
        gauge.bound += topic.outbox().bound();
        gauge.calls += topic.outbox().calls();
    }
    gauge
}
