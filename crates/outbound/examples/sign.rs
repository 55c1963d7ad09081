//! How long the signing key takes to make, and each version of a signature: `cargo run --release -p outbound --example sign`

#![expect(clippy::print_stdout, reason = "the numbers are for whoever runs it")]

use std::hint::black_box;
use std::time::Instant;

use outbound::signing::{SigningKey, Version};

const ROUNDS: usize = 2000;
const KEYS: usize = 9;

fn main() {
    let mut made: Vec<u128> = (0..KEYS)
        .map(|_| {
            let start = Instant::now();
            black_box(SigningKey::generate());
            start.elapsed().as_millis()
        })
        .collect();
    made.sort_unstable();
    println!("making a key: {} ms (median of {KEYS})", made[KEYS / 2]);

    let key = SigningKey::generate();
    let text = "Message\nHello\nMessageId\n1\nType\nNotification\n".repeat(20);
    // In turn, so that both meet the same weather.
    let mut times = [Version::V1, Version::V2].map(|version| (version, Vec::new()));
    for _ in 0..ROUNDS {
        for (version, taken) in &mut times {
            let start = Instant::now();
            black_box(key.sign(*version, text.as_bytes()));
            taken.push(start.elapsed().as_micros());
        }
    }
    for (version, taken) in &mut times {
        taken.sort_unstable();
        println!(
            "{version:?}: {} us at best, {} us median of {ROUNDS}",
            taken[0],
            taken[ROUNDS / 2]
        );
    }
}
