//! What an index of 100,000 policies costs: memory for each, time for a message of which ten match.
//!
//! `cargo run --release -p pattern --example index` looks at attributes, with `-- body` at bodies.

#![expect(clippy::print_stdout, reason = "it prints its measurements")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use pattern::{Attribute, Facts, FilterPolicy, Index, Scope};

const POLICIES: u32 = 100_000;
const MATCHING: u32 = 10;
const MESSAGES: u32 = 20_000;

/// Bytes of this process in memory, as Linux tells.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * 4096
}

/// Time that this thread had a processor, as Linux tells: others may be busy too.
fn processor() -> Duration {
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let time = status.split(' ').next().and_then(|time| time.parse().ok());
    Duration::from_nanos(time.unwrap_or_default())
}

/// Each customer's policies wait for its number, and for orders or not, or of a region.
fn policy(key: u32, scope: Scope) -> FilterPolicy {
    let customer = key / MATCHING;
    let text = match key % 2 {
        0 => format!(r#"{{"kind":["order","return"],"customer":["customer-{customer}"]}}"#),
        _ => format!(r#"{{"customer":["customer-{customer}"],"region":[{{"prefix":"eu-"}}]}}"#),
    };
    FilterPolicy::compile(&text, scope).expect("a policy as it should be")
}

fn per(total: Duration, count: u32) -> String {
    format!("{:.2} µs", total.as_secs_f64() * 1e6 / f64::from(count))
}

fn measure(scope: Scope) {
    let before = resident();
    let start = processor();
    let policies: Vec<Arc<FilterPolicy>> = (0..POLICIES)
        .map(|key| Arc::new(policy(key, scope)))
        .collect();
    let compiled = processor() - start;
    let alone = resident();
    let start = processor();
    let mut index = Index::default();
    for (key, policy) in (0..).zip(policies) {
        index.insert(key, policy);
    }
    let inserted = processor() - start;
    let both = resident();

    let customers: Vec<String> = (0..MESSAGES)
        .map(|message| format!("customer-{}", message * 7919 % (POLICIES / MATCHING)))
        .collect();
    let bodies: Vec<String> = customers
        .iter()
        .map(|customer| {
            format!(
                r#"{{"kind":"order","customer":"{customer}","region":"eu-west-1","items":[{}1]}}"#,
                r#"{"sku":"A-100","count":2,"price":9.95},"#.repeat(20)
            )
        })
        .collect();
    let mut found = Vec::new();
    let start = processor();
    let mut matched = 0;
    for (customer, body) in customers.iter().zip(&bodies) {
        let attribute = |name, value| Attribute {
            name,
            data_type: "String",
            value: Some(value),
        };
        let attributes = [
            attribute("kind", "order"),
            attribute("customer", customer.as_str()),
            attribute("region", "eu-west-1"),
        ];
        let facts = Facts::new(&attributes, body);
        found.clear();
        black_box(&index).matches(&facts, &mut found);
        matched += found.len();
    }
    let matching = processor() - start;

    let start = processor();
    for key in 0..POLICIES {
        index.remove(key);
    }
    let removed = processor() - start;
    println!("{scope:?}");
    println!(
        "  compile   {} a policy, {} bytes",
        per(compiled, POLICIES),
        (alone - before) / u64::from(POLICIES)
    );
    println!(
        "  insert    {} a policy, {} bytes",
        per(inserted, POLICIES),
        (both - alone) / u64::from(POLICIES)
    );
    println!(
        "  matches   {} a message, {} found on average",
        per(matching, MESSAGES),
        matched / bodies.len()
    );
    println!("  remove    {} a policy", per(removed, POLICIES));
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("body") => measure(Scope::MessageBody),
        _ => measure(Scope::MessageAttributes),
    }
}
