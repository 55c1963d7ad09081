//! Requests as botocore sends them: the same calls in both protocols (`testdata/sqs/*.{json,query}.request`).

use std::fs;
use std::path::{Path, PathBuf};

use wire::json::JsonWriter;
use wire::{Decoded, Incoming, Protocol, decode};

pub(crate) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/sqs")
}

/// A recorded request: method and target, headers, an empty line, the body.
fn incoming(recorded: &str) -> Incoming<'_> {
    let (head, body) = recorded.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut incoming = Incoming {
        method,
        path,
        query,
        body: body.as_bytes(),
        ..Incoming::default()
    };
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        match name.to_ascii_lowercase().as_str() {
            "host" => incoming.host = value,
            "content-type" => incoming.content_type = value,
            "x-amz-target" => incoming.target = value,
            _ => {}
        }
    }
    incoming
}

fn recorded() -> Vec<(String, String)> {
    let files = fs::read_dir(testdata())
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut requests: Vec<(String, String)> = files
        .filter(|path| path.to_str().unwrap().ends_with(".json.request"))
        .map(|path| {
            let query = path
                .to_str()
                .unwrap()
                .replace(".json.request", ".query.request");
            (
                fs::read_to_string(path).unwrap(),
                fs::read_to_string(query).unwrap(),
            )
        })
        .collect();
    requests.sort();
    requests
}

fn decoded(recorded: &str) -> Decoded<'_> {
    decode(&incoming(recorded)).unwrap_or_else(|refused| panic!("{recorded}: {refused:?}"))
}

fn of_sqs(decoded: Decoded<'_>) -> api::sqs::Request<'_> {
    match decoded.request {
        api::Request::Sqs(request) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_protocols_carry_the_same_request() {
    let requests = recorded();
    assert!(requests.len() >= 26);
    for (json, query) in &requests {
        let (json, query) = (decoded(json), decoded(query));
        assert_eq!(
            (json.dialect.protocol, query.dialect.protocol),
            (Protocol::AwsJson10, Protocol::Query)
        );
        assert_eq!(json.request, query.request);
    }
}

#[test]
fn json_request_written_again_says_the_same() {
    for (json, _) in &recorded() {
        let mut out = Vec::new();
        of_sqs(decoded(json)).write(&mut JsonWriter::new(&mut out));
        let written: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let given: serde_json::Value = serde_json::from_slice(incoming(json).body).unwrap();
        assert_eq!(written, given);
    }
}

#[test]
fn every_operation_is_recorded() {
    let requests = recorded();
    let mut ops: Vec<_> = requests
        .iter()
        .map(|(json, _)| of_sqs(decoded(json)).op())
        .collect();
    ops.sort_unstable();
    ops.dedup();
    assert_eq!(ops, api::sqs::Op::ALL);
}
