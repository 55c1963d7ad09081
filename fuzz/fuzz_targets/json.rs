//! Any bytes as the JSON body of any operation: never a panic, and whatever is read can be written and read again.

#![no_main]

use api::sqs::{Op, Request};
use libfuzzer_sys::fuzz_target;
use wire::json::{JsonReader, JsonWriter};
use wire::{Incoming, decode};

fuzz_target!(|data: (u8, &[u8])| {
    let (op, body) = data;
    let op = Op::ALL[usize::from(op) % Op::ALL.len()];
    let incoming = Incoming {
        method: "POST",
        target: op.operation().target,
        body,
        ..Incoming::default()
    };
    let Ok(decoded) = decode(&incoming) else {
        return;
    };
    let theirs = serde_json::from_slice::<serde_json::Value>(body);
    assert!(body.is_empty() || theirs.is_ok() || theirs.is_err_and(|e| e.to_string().starts_with("number out")));
    let mut out = Vec::new();
    decoded.request.write(&mut JsonWriter::new(&mut out));
    let text = String::from_utf8(out).expect("the writer writes UTF-8");
    let again = Request::read(op, &mut JsonReader::new(&text)).expect("what is written can be read");
    assert_eq!(again, decoded.request);
});
