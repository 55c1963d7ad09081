//! A topic with very many filter policies: what a subscription takes, and what the many cost a publish to a few.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::topic::{Published, Subscribed, Topic};
use super::{Bench, mebibytes, micros, thousands};
use crate::contender::{Contender, Programs};
use crate::load;
use crate::report::{Finding, Results};
use crate::rounds::{self, Rounds};
use crate::script::{Script, Step};
use crate::server::Server;

const SUBSCRIPTIONS: u64 = 100_000;
/// Of those that let the message through.
const MATCHING: usize = 10;
const CONNECTIONS: u64 = 50;
const CPU_MAX: f64 = 2.0;
/// Background work after the last subscription.
const SETTLE: Duration = Duration::from_secs(3);

/// Attributes of every message.
const ATTRIBUTES: [(&str, &str, &str); 4] = [
    ("amount", "Number", "250"),
    ("kind", "String", "order"),
    ("path", "String", "/tenant-hot/orders/1"),
    ("tenant", "String", "tenant-hot"),
];

/// The forms of filter policy that are mixed, for the tenant of this name.
fn filters(tenant: &str) -> [String; 4] {
    [
        format!(r#"{{"tenant":["tenant-{tenant}"]}}"#),
        format!(r#"{{"kind":["order","refund"],"tenant":["tenant-{tenant}"]}}"#),
        format!(r#"{{"amount":[{{"numeric":[">=",100]}}],"tenant":["tenant-{tenant}"]}}"#),
        format!(r#"{{"path":[{{"prefix":"/tenant-{tenant}/"}}]}}"#),
    ]
}
/// Of ten subscriptions, how many have which form.
type Shares = [usize; 4];
/// Each names a value that the message must have.
const EXACT: Shares = [7, 1, 2, 0];
/// One in ten names no value but a prefix.
const PREFIXED: Shares = [6, 1, 2, 1];

#[derive(Clone, Copy)]
enum Width {
    /// Ten queues, nothing else and no filter.
    Plain,
    /// The same ten with filter policies.
    Few,
    Exact,
    Prefixed,
}

impl Width {
    const ALL: [Width; 4] = [Width::Plain, Width::Few, Width::Exact, Width::Prefixed];
}

struct Round([Published; 4]);

impl Round {
    fn at(&self, width: Width) -> &Published {
        &self.0[width as usize]
    }
}

/// What subscribing came to.
struct Subscribing {
    took: Duration,
    bytes_before: u64,
    bytes_after: u64,
}

pub(super) fn run(bench: &Bench) -> Result<Results> {
    // A tenth in a quick run: a hundredth would hide what the many cost.
    let many = bench.many(SUBSCRIPTIONS * 10).min(SUBSCRIPTIONS);
    let mut flags = bench.programs.tidings_flags.clone();
    flags.push(format!("--sns-filter-policies={}", many + MATCHING as u64));
    let programs = Programs {
        tidings_flags: flags,
        ..bench.programs.clone()
    };
    let server = Server::start(Contender::Tidings, &programs, &bench.home()?)?;
    let mut topics = [
        topic(&server, "plain", Subscribed::Plain)?,
        topic(&server, "few", Subscribed::Filtered(&shared(EXACT, "hot")))?,
        topic(
            &server,
            "exact",
            Subscribed::Filtered(&shared(EXACT, "hot")),
        )?,
        topic(
            &server,
            "prefixed",
            Subscribed::Filtered(&shared(PREFIXED, "hot")),
        )?,
    ];
    // What the first publish makes and what a first publish needs is no subscription's.
    for topic in &mut topics {
        topic.publish_some(&server, &attributes(), 1, 1)?;
    }
    let arn = |width: Width| &*topics[width as usize].arn;
    let subscribing = subscribe(&server, arn(Width::Exact), EXACT, many)?;
    subscribe(&server, arn(Width::Prefixed), PREFIXED, many)?;
    let rounds = rounds::run(bench.rounds(), |_| {
        let mut one = |width: Width| {
            let topic = &mut topics[width as usize];
            topic.purge(&server)?;
            let published = topic.publish(&server, &attributes(), bench.span())?;
            topic.purge(&server)?;
            anyhow::Ok(published)
        };
        let round = Round([
            one(Width::Plain)?,
            one(Width::Few)?,
            one(Width::Exact)?,
            one(Width::Prefixed)?,
        ]);
        let foreign = round.0.iter().map(|it| it.load.foreign).fold(0.0, f64::max);
        Ok((round, foreign))
    })?;
    Ok(results(&rounds, &subscribing, many))
}

/// Filter policies in their shares.
fn shared(shares: Shares, tenant: &str) -> Vec<String> {
    let forms = filters(tenant).into_iter().zip(shares);
    forms
        .flat_map(|(form, share)| std::iter::repeat_n(form, share))
        .collect()
}

fn topic(server: &Server, name: &str, subscribed: Subscribed<'_>) -> Result<Topic> {
    let mut topic = Topic::make(server, name)?;
    topic.add_queues(server, name, MATCHING, subscribed)?;
    Ok(topic)
}

fn attributes() -> Vec<(&'static str, &'static str)> {
    const NAMES: [[&str; 3]; 4] = [
        [
            "MessageAttributes.entry.1.Name",
            "MessageAttributes.entry.1.Value.DataType",
            "MessageAttributes.entry.1.Value.StringValue",
        ],
        [
            "MessageAttributes.entry.2.Name",
            "MessageAttributes.entry.2.Value.DataType",
            "MessageAttributes.entry.2.Value.StringValue",
        ],
        [
            "MessageAttributes.entry.3.Name",
            "MessageAttributes.entry.3.Value.DataType",
            "MessageAttributes.entry.3.Value.StringValue",
        ],
        [
            "MessageAttributes.entry.4.Name",
            "MessageAttributes.entry.4.Value.DataType",
            "MessageAttributes.entry.4.Value.StringValue",
        ],
    ];
    let all = NAMES.into_iter().zip(ATTRIBUTES);
    all.flat_map(|(names, (name, kind, value))| names.into_iter().zip([name, kind, value]))
        .collect()
}

/// Subscribes queues that are not there, none of which lets the message through.
fn subscribe(server: &Server, topic: &str, shares: Shares, many: u64) -> Result<Subscribing> {
    let bytes_before = server.resident_bytes()?;
    let begun = Instant::now();
    let forms = shared(shares, "").len();
    let steps: Vec<Step> = (0..forms)
        .map(|form| {
            Step::subscribe_numbered(server.port, topic, |number| {
                shared(shares, number)[form].clone()
            })
        })
        .collect();
    let each = many / CONNECTIONS;
    ensure!(each.is_multiple_of(forms as u64), "shares of {each}");
    let scripts = (0..CONNECTIONS).map(|index| Script {
        steps: steps.clone(),
        rounds: Some(each / forms as u64),
        first_number: index * each,
    });
    let answered = load::complete(server, scripts.collect()).context("subscribing")?;
    let took = begun.elapsed();
    ensure!(answered == many, "{answered} subscriptions and not {many}");
    sleep(SETTLE);
    Ok(Subscribing {
        took,
        bytes_before,
        bytes_after: server.resident_bytes()?,
    })
}

fn results(rounds: &Rounds<Round>, subscribing: &Subscribing, many: u64) -> Results {
    let cpu = |width| rounds.median(|round| round.at(width).load.cpu_micros_per_request());
    let to = |width, other| {
        rounds.median(|round| {
            let cpu = |width| round.at(width).load.cpu_micros_per_request();
            cpu(width) / cpu(other)
        })
    };
    let finding = |what: &str, width| {
        let ratio = to(width, Width::Plain);
        let what = format!(
            "Publish that {MATCHING} of {} filter policies let through, {what}, CPU",
            many + MATCHING as u64
        );
        Finding::new(
            &what,
            "≤ 2 × a topic with 10 subscriptions and no filter",
            format!("{ratio:.2} ×"),
            ratio <= CPU_MAX,
        )
    };
    let bytes = subscribing
        .bytes_after
        .saturating_sub(subscribing.bytes_before);
    let each = bytes as f64 / many as f64;
    let row = |width: Width| {
        let name = match width {
            Width::Plain => format!("{MATCHING} without filter policy"),
            Width::Few => format!("{MATCHING} with filter policy"),
            Width::Exact => format!("{} with filter policy", many + MATCHING as u64),
            Width::Prefixed => "as many, a tenth of which name a prefix only".to_owned(),
        };
        let median = |figure: fn(&Published) -> f64| rounds.median(|round| figure(round.at(width)));
        vec![
            name,
            thousands(median(|it| it.load.requests_per_second())),
            thousands(median(Published::deliveries_per_second)),
            format!("{:.1}", cpu(width)),
            format!("{:.2}", to(width, Width::Plain)),
            format!("{:.2}", to(width, Width::Few)),
            format!("{:.0}", median(|it| micros(it.load.latency.quantile(0.99)))),
        ]
    };
    Results {
        findings: vec![
            finding("each by a value", Width::Exact),
            finding("a tenth by a prefix", Width::Prefixed),
        ],
        columns: vec![
            "subscriptions",
            "requests/s",
            "deliveries/s",
            "server CPU µs/request",
            "to the first row's",
            "to the second row's",
            "p99 µs",
        ],
        rows: Width::ALL.into_iter().map(row).collect(),
        notes: vec![
            rounds.note(),
            format!(
                "A subscription with its filter policy takes {each:.0} bytes of resident memory ({:.0} MiB for {many}), and \
                 subscribing them on {CONNECTIONS} connections took {:.1} s. Of ten filter policies seven name a tenant, one \
                 a tenant and a kind, two a tenant and a least amount; in the last row six name a tenant and one a prefix.",
                mebibytes(bytes),
                subscribing.took.as_secs_f64(),
            ),
        ],
        rounds: rounds
            .kept
            .iter()
            .map(|round| figures(round, subscribing))
            .collect(),
    }
}

fn figures(round: &Round, subscribing: &Subscribing) -> Value {
    let of = |width: Width| {
        let load = &round.at(width).load;
        json!({
            "requests_per_second": load.requests_per_second().round(),
            "server_cpu_micros_per_request": load.cpu_micros_per_request(),
            "foreign_share_of_a_core": load.foreign,
        })
    };
    json!({
        "plain": of(Width::Plain), "few": of(Width::Few), "exact": of(Width::Exact), "prefixed": of(Width::Prefixed),
        "subscribed_in_seconds": subscribing.took.as_secs_f64(),
        "resident_bytes_before": subscribing.bytes_before,
        "resident_bytes_after": subscribing.bytes_after,
    })
}
