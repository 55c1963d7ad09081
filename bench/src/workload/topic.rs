//! A topic with queues subscribed to it, and whether they hold what was published.

use anyhow::{Result, ensure};
use serde_json::json;

use super::depth::expect_depth;
use super::kibibyte;
use crate::load::{self, Measured, Span};
use crate::script::{Script, Step};
use crate::server::{Line, Server};

const CONNECTIONS: usize = 64;
/// Queues that are asked how much they hold.
const ASKED_MAX: usize = 10;
const JOURNALED: &str = "tidings_journal_written_bytes_total";

/// How queues are subscribed.
#[derive(Clone, Copy)]
pub(super) enum Subscribed<'a> {
    /// With nothing set: every message, in its envelope.
    Plain,
    /// Every message as it was published.
    Raw,
    Filtered(&'a [String]),
}

pub(super) struct Topic {
    pub(super) arn: String,
    /// URLs of the queues that get everything.
    pub(super) queues: Vec<String>,
    /// Published before anything is measured: the key for signatures is there once it is answered.
    published: u64,
}

/// What publishing came to.
pub(super) struct Published {
    pub(super) load: Measured,
    pub(super) fan_out: usize,
    /// Bytes flushed for each acknowledged publish.
    pub(super) journaled: f64,
}

impl Published {
    pub(super) fn deliveries_per_second(&self) -> f64 {
        self.load.requests_per_second() * self.fan_out as f64
    }

    pub(super) fn cpu_micros_per_delivery(&self) -> f64 {
        self.load.cpu_micros_per_request() / self.fan_out as f64
    }

    pub(super) fn journaled_per_delivery(&self) -> f64 {
        self.journaled / self.fan_out as f64
    }
}

impl Topic {
    pub(super) fn make(server: &Server, name: &str) -> Result<Topic> {
        let arn = Line::open(server.port)?.query("CreateTopic", &[("Name", name)], "TopicArn")?;
        Ok(Topic {
            arn,
            queues: Vec::new(),
            published: 0,
        })
    }

    /// Makes queues and subscribes them; each name begins with `name`.
    pub(super) fn add_queues(
        &mut self,
        server: &Server,
        name: &str,
        count: usize,
        subscribed: Subscribed<'_>,
    ) -> Result<()> {
        let mut line = Line::open(server.port)?;
        for number in 0..count {
            let queue = format!("{name}-{number}");
            self.queues.push(server.create_queue(&queue, json!({}))?);
            let endpoint = format!("arn:aws:sqs:us-east-1:000000000000:{queue}");
            let mut fields = vec![
                ("TopicArn", &*self.arn),
                ("Protocol", "sqs"),
                ("Endpoint", &endpoint),
            ];
            let attribute = match subscribed {
                Subscribed::Plain => None,
                Subscribed::Raw => Some(("RawMessageDelivery", "true")),
                Subscribed::Filtered(filters) => {
                    Some(("FilterPolicy", &*filters[number % filters.len()]))
                }
            };
            if let Some((name, value)) = attribute {
                fields.push(("Attributes.entry.1.key", name));
                fields.push(("Attributes.entry.1.value", value));
            }
            line.query("Subscribe", &fields, "SubscriptionArn")?;
        }
        Ok(())
    }

    /// Publishes over and over, `more` beside a message of 1 KiB, and sees that it arrived.
    pub(super) fn publish(
        &mut self,
        server: &Server,
        more: &[(&str, &str)],
        span: Span,
    ) -> Result<Published> {
        self.publish_some(server, more, 1, 1)?;
        let step = Step::publish(server.port, &self.arn, more, &kibibyte());
        let script = Script {
            steps: vec![step],
            rounds: None,
            first_number: 0,
        };
        let before = Line::open(server.port)?.counter(JOURNALED)?;
        let load = load::measure(server, vec![script; CONNECTIONS], span)?;
        let after = Line::open(server.port)?.counter(JOURNALED)?;
        self.published += load.answered;
        self.expect_everything(server)?;
        Ok(Published {
            fan_out: self.queues.len(),
            journaled: (after - before) / load.answered as f64,
            load,
        })
    }

    /// Publishes a number of times on each of so many connections.
    pub(super) fn publish_some(
        &mut self,
        server: &Server,
        more: &[(&str, &str)],
        times: u64,
        connections: usize,
    ) -> Result<()> {
        let script = Script {
            steps: vec![Step::publish(server.port, &self.arn, more, &kibibyte())],
            rounds: Some(times),
            first_number: 0,
        };
        let answered = load::complete(server, vec![script; connections])?;
        ensure!(answered == times * connections as u64, "{answered} answers");
        self.published += answered;
        Ok(())
    }

    /// Asks a sample of the queues, the first and the last among them.
    fn expect_everything(&self, server: &Server) -> Result<()> {
        let last = self.queues.len() - 1;
        let asked = self.queues.len().min(ASKED_MAX);
        for n in 0..asked {
            let at = if asked == 1 {
                0
            } else {
                n * last / (asked - 1)
            };
            expect_depth(server, &self.queues[at], self.published)?;
        }
        Ok(())
    }

    /// Empties the queues.
    pub(super) fn purge(&mut self, server: &Server) -> Result<()> {
        let mut line = Line::open(server.port)?;
        for queue in &self.queues {
            line.call("PurgeQueue", &json!({"QueueUrl": queue}))?;
        }
        self.published = 0;
        Ok(())
    }
}
