//! Any text as the parameters of any operation, in the URL and in the body: never a panic or a long wait.

#![no_main]

use api::sqs::Op;
use libfuzzer_sys::fuzz_target;
use wire::{Incoming, decode};

fuzz_target!(|data: (u8, &str, &[u8])| {
    let (op, query, body) = data;
    let action = format!("Action={}&{query}", Op::ALL[usize::from(op) % Op::ALL.len()].name());
    for path in ["/", "/000000000000/queue"] {
        let incoming = Incoming {
            method: "POST",
            path,
            query: &action,
            content_type: "application/x-www-form-urlencoded",
            body,
            ..Incoming::default()
        };
        let _ = decode(&incoming);
    }
});
