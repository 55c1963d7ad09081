//! All numbers in Prometheus's text form.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use api::Op;
use node::{CellGauge, QueueGauge};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabelSet, MetricEncoder, NoLabelSet, text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use super::process::process;
use crate::service::Service;

/// The answer to `GET /metrics`.
pub(crate) fn exposition(service: &Arc<Service>) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Scrape(service.clone())));
    let mut out = String::new();
    text::encode(&mut out, &registry).expect("writing to a string cannot fail");
    out
}

/// One look at everything.
struct Scrape(Arc<Service>);

impl fmt::Debug for Scrape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrape")
    }
}

impl Collector for Scrape {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        let node = &self.0.node;
        self.requests(&mut page)?;
        self.connections(&mut page)?;
        queues(&mut page, &node.queue_gauges())?;
        let gauges: Vec<CellGauge> = (0..node.cells())
            .map(|cell| node.cell_gauge(cell))
            .collect();
        cells(&mut page, &gauges)?;
        operating_system(&mut page)
    }
}

struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    fn family<'r, L: EncodeLabelSet>(
        &mut self,
        name: &str,
        unit: Option<Unit>,
        help: &str,
        kind: MetricType,
        rows: impl IntoIterator<Item = (L, Value<'r>)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, unit.as_ref(), kind)?;
        for (labels, value) in rows {
            value.write(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    /// A number without labels.
    fn alone(
        &mut self,
        name: &str,
        unit: Option<Unit>,
        help: &str,
        value: Value<'_>,
    ) -> fmt::Result {
        value.write(
            self.0
                .encode_descriptor(name, help, unit.as_ref(), value.kind())?,
        )
    }

    fn counters<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        unit: Option<Unit>,
        help: &str,
        rows: impl IntoIterator<Item = (L, f64)>,
    ) -> fmt::Result {
        let rows = rows
            .into_iter()
            .map(|(labels, value)| (labels, Value::Counter(value)));
        self.family(name, unit, help, MetricType::Counter, rows)
    }

    fn gauges<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        unit: Option<Unit>,
        help: &str,
        rows: impl IntoIterator<Item = (L, u64)>,
    ) -> fmt::Result {
        let rows = rows
            .into_iter()
            .map(|(labels, value)| (labels, Value::Gauge(value)));
        self.family(name, unit, help, MetricType::Gauge, rows)
    }
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Counter(f64),
    Gauge(u64),
    Histogram {
        seconds: f64,
        buckets: &'a [(f64, u64)],
    },
}

impl Value<'_> {
    fn kind(&self) -> MetricType {
        match self {
            Value::Counter(_) => MetricType::Counter,
            Value::Gauge(_) => MetricType::Gauge,
            Value::Histogram { .. } => MetricType::Histogram,
        }
    }

    fn write(self, mut line: MetricEncoder<'_>) -> fmt::Result {
        match self {
            Value::Counter(value) if value.fract() == 0.0 => {
                line.encode_counter::<NoLabelSet, u64, u64>(&(value as u64), None)
            }
            Value::Counter(value) => line.encode_counter::<NoLabelSet, f64, u64>(&value, None),
            Value::Gauge(value) => line.encode_gauge(&i64::try_from(value).unwrap_or(i64::MAX)),
            Value::Histogram { seconds, buckets } => {
                let count = buckets.iter().map(|(_, count)| count).sum();
                line.encode_histogram::<NoLabelSet>(seconds, count, buckets, None)
            }
        }
    }
}

impl Scrape {
    fn requests(&self, page: &mut Page<'_>) -> fmt::Result {
        let metrics = &self.0.metrics;
        let good = Op::all().map(|op| {
            let answered = metrics.operations[op.index()]
                .answered
                .load(Ordering::Relaxed);
            ((Some(op), "OK"), answered)
        });
        let bad = metrics.errors.lock().clone();
        let rows = good
            .filter(|&(_, count)| count > 0)
            .chain(bad)
            .map(|((op, code), count)| {
                let [service, operation] = labels(op);
                ([service, operation, ("code", code)], count as f64)
            });
        page.counters(
            "tidings_requests",
            None,
            "Requests answered, by service, operation and code",
            rows,
        )?;

        let histograms: Vec<_> = Op::all()
            .map(|op| {
                let seconds = &metrics.operations[op.index()].seconds;
                (op, seconds.sum_seconds(), seconds.buckets())
            })
            .collect();
        let used = histograms
            .iter()
            .filter(|(_, _, buckets)| buckets.iter().any(|&(_, count)| count > 0));
        let rows = used.map(|(op, seconds, buckets)| {
            (
                labels(Some(*op)),
                Value::Histogram {
                    seconds: *seconds,
                    buckets,
                },
            )
        });
        page.family(
            "tidings_request_duration",
            Some(Unit::Seconds),
            "From the head of a request to its answer, the wait of a long poll included",
            MetricType::Histogram,
            rows,
        )
    }

    fn connections(&self, page: &mut Page<'_>) -> fmt::Result {
        let metrics = &self.0.metrics;
        let open = metrics.connections.load(Ordering::Relaxed) as u64;
        page.alone(
            "tidings_connections",
            None,
            "Connections that are open",
            Value::Gauge(open),
        )?;
        let accepted = metrics.connections_accepted.load(Ordering::Relaxed) as f64;
        page.alone(
            "tidings_connections_accepted",
            None,
            "Connections ever accepted",
            Value::Counter(accepted),
        )?;
        let cut = metrics.connections_cut.load(Ordering::Relaxed) as f64;
        page.alone(
            "tidings_connections_cut",
            None,
            "Connections cut because the client took too long",
            Value::Counter(cut),
        )?;
        let parked = self.0.node.parked() as u64;
        page.alone(
            "tidings_long_polls",
            None,
            "Calls that wait for messages",
            Value::Gauge(parked),
        )
    }
}

/// Both empty for a request that names no operation.
fn labels(op: Option<Op>) -> [(&'static str, &'static str); 2] {
    [
        ("service", op.map_or("", |op| op.service().name)),
        ("operation", op.map_or("", Op::name)),
    ]
}

fn queues(page: &mut Page<'_>, gauges: &[QueueGauge]) -> fmt::Result {
    type Read = fn(&QueueGauge) -> u64;
    let families: [(&str, Option<Unit>, &str, Read); 4] = [
        (
            "tidings_queue_visible_messages",
            None,
            "Messages that can be received",
            |queue| queue.visible,
        ),
        (
            "tidings_queue_in_flight_messages",
            None,
            "Messages received and neither deleted nor visible again",
            |queue| queue.in_flight,
        ),
        (
            "tidings_queue_delayed_messages",
            None,
            "Messages whose delay is not over",
            |queue| queue.delayed,
        ),
        (
            "tidings_queue_oldest_message_age",
            Some(Unit::Seconds),
            "Age of the oldest message",
            |queue| queue.oldest_age_seconds,
        ),
    ];
    for (name, unit, help, read) in families {
        let rows = gauges.iter().map(|queue| {
            let labels = [
                ("account", queue.account.as_str()),
                ("region", queue.region.as_str()),
                ("queue", &queue.name),
            ];
            (labels, read(queue))
        });
        page.gauges(name, unit, help, rows)?;
    }
    Ok(())
}

fn cells(page: &mut Page<'_>, cells: &[CellGauge]) -> fmt::Result {
    let names: Vec<String> = (0..cells.len()).map(|cell| cell.to_string()).collect();
    let labelled = || {
        names
            .iter()
            .map(|name| [("cell", name.as_str())])
            .zip(cells)
    };

    type Gauge = fn(&CellGauge) -> u64;
    let gauges: [(&str, Option<Unit>, &str, Gauge); 9] = [
        (
            "tidings_cell_up",
            None,
            "1 while the cell works, 0 after an I/O error has stopped it",
            |cell| cell.poisoned.is_none().into(),
        ),
        ("tidings_cell_queues", None, "Queues of the cell", |cell| {
            cell.queues as u64
        }),
        ("tidings_cell_topics", None, "Topics of the cell", |cell| {
            cell.topics.topics as u64
        }),
        (
            "tidings_cell_subscriptions",
            None,
            "Subscriptions of the cell's topics, those that wait to be confirmed among them",
            |cell| cell.topics.subscriptions as u64,
        ),
        (
            "tidings_deliveries_to_queues",
            None,
            "Deliveries of topics on their way to queues",
            |cell| cell.topics.bound as u64,
        ),
        (
            "tidings_deliveries_by_call",
            None,
            "Deliveries of topics by HTTP, mail, SMS and push that have not come to their end; of a publication to very many subscribers those whose turn has come",
            |cell| cell.topics.calls as u64,
        ),
        (
            "tidings_calls",
            None,
            "Calls to subscribers that are being made",
            |cell| cell.topics.underway as u64,
        ),
        (
            "tidings_journal_size",
            Some(Unit::Bytes),
            "Bytes the journal takes on the disk",
            |cell| cell.journal_bytes,
        ),
        (
            "tidings_settled_size",
            Some(Unit::Bytes),
            "Bytes settled segments take on the disk",
            |cell| cell.settled_bytes,
        ),
    ];
    for (name, unit, help, read) in gauges {
        page.gauges(
            name,
            unit,
            help,
            labelled().map(|(labels, cell)| (labels, read(cell))),
        )?;
    }

    type Counter = fn(&CellGauge) -> u64;
    let counters: [(&str, Option<Unit>, &str, Counter); 3] = [
        (
            "tidings_journal_flushes",
            None,
            "Flushes to the disk",
            |cell| cell.journal.flushes,
        ),
        ("tidings_journal_records", None, "Records flushed", |cell| {
            cell.journal.records
        }),
        (
            "tidings_journal_written",
            Some(Unit::Bytes),
            "Bytes flushed, framing and padding included",
            |cell| cell.journal.bytes,
        ),
    ];
    for (name, unit, help, read) in counters {
        page.counters(
            name,
            unit,
            help,
            labelled().map(|(labels, cell)| (labels, read(cell) as f64)),
        )?;
    }

    let buckets: Vec<Vec<(f64, u64)>> = cells
        .iter()
        .map(|cell| flush_buckets(&cell.journal))
        .collect();
    let rows = labelled().zip(&buckets).map(|((labels, cell), buckets)| {
        (
            labels,
            Value::Histogram {
                seconds: cell.journal.flush_nanos as f64 / 1e9,
                buckets,
            },
        )
    });
    page.family(
        "tidings_journal_flush_duration",
        Some(Unit::Seconds),
        "Time from the start of a flush until its batch was durable",
        MetricType::Histogram,
        rows,
    )
}

fn flush_buckets(stats: &journal::Stats) -> Vec<(f64, u64)> {
    let bounds = journal::FLUSH_MICROS
        .iter()
        .map(|&micros| micros as f64 / 1e6);
    bounds
        .chain([f64::INFINITY])
        .zip(stats.flush_buckets)
        .collect()
}

fn operating_system(page: &mut Page<'_>) -> fmt::Result {
    let Some(process) = process() else {
        return Ok(());
    };
    page.alone(
        "process_resident_memory",
        Some(Unit::Bytes),
        "Resident memory",
        Value::Gauge(process.resident_bytes),
    )?;
    page.alone(
        "process_open_fds",
        None,
        "Open file descriptors",
        Value::Gauge(process.open_descriptors),
    )?;
    page.alone(
        "process_cpu",
        Some(Unit::Seconds),
        "User and system CPU time",
        Value::Counter(process.cpu_seconds),
    )
}
