//! Smithy's protocol compliance tests, as botocore ships them: its input cases are requests to read, its output cases
//! answers to write. They come with models of their own, whose shapes are built when the tests run.

pub(crate) mod element;
mod model;
mod value;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use api::{Error, ErrorKind, Structure};
use serde_json::{Value as Json, json};
use wire::json::{JsonReader, JsonWriter};
use wire::query::QueryReader;
use wire::{form, query, xml};

use element::Element;
use model::{Model, leak};

/// Cases that are not run, and why.
const SKIPPED: &[(&str, &str)] = &[
    (
        "SDKAppliedContentEncoding_awsJson1_0",
        "compresses, and gives no bytes to read",
    ),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0",
        "compresses, and gives no bytes to read",
    ),
    (
        "SDKAppliedContentEncoding_awsQuery",
        "compresses, and gives no bytes to read",
    ),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery",
        "compresses, and gives no bytes to read",
    ),
    (
        "QueryProtocolIdempotencyTokenAutoFill",
        "the client makes up what is sent",
    ),
    (
        "QueryEmptyQueryMaps",
        "the client leaves the empty map out, so there is none to read",
    ),
    (
        "AwsJson10FooErrorUsingXAmznErrorType",
        "an error's name in a form that clients accept and we do not write",
    ),
    (
        "AwsJson10FooErrorUsingXAmznErrorTypeWithUri",
        "an error's name in a form that clients accept and we do not write",
    ),
    (
        "AwsJson10FooErrorUsingXAmznErrorTypeWithUriAndNamespace",
        "an error's name in a form that clients accept and we do not write",
    ),
    (
        "AwsJson10FooErrorUsingCode",
        "an error's name in a form that clients accept and we do not write",
    ),
    (
        "AwsJson10FooErrorUsingCodeAndNamespace",
        "an error's name in a form that clients accept and we do not write",
    ),
    (
        "AwsJson10FooErrorUsingCodeUriAndNamespace",
        "an error's name in a form that clients accept and we do not write",
    ),
    (
        "AwsJson10FooErrorWithDunderType",
        "an error's name in a form that clients accept and we do not write",
    ),
    (
        "AwsJson10FooErrorWithDunderTypeUriAndNamespace",
        "an error's name in a form that clients accept and we do not write",
    ),
    (
        "AwsJson10ComplexError",
        "no error of ours has members beside its message",
    ),
    (
        "QueryComplexError",
        "no error of ours has members beside its message",
    ),
    ("QueryEmptyInputAndEmptyOutput", "gives no bytes to write"),
    ("QueryNoInputAndNoOutput", "gives no bytes to write"),
    ("QueryNoInputAndOutput", "gives no bytes to write"),
    (
        "AwsQueryDateTimeWithNegativeOffset",
        "our answers are in UTC",
    ),
    (
        "AwsQueryDateTimeWithPositiveOffset",
        "our answers are in UTC",
    ),
];

/// Answers that clients accept and that we read, but would not write like this.
const READ_ONLY: &[&str] = &[
    "AwsJson10DeserializeIgnoreType",
    "AwsJson10DeserializeAllowNulls",
    "AwsJson10HandlesUnexpectedJsonOutput",
    "AwsJson10ServiceRespondsWithNoPayload",
];

/// Runs a file's cases, and returns how many. Every case runs or is in the list.
fn run(file: &str, check: impl Fn(&Model<'_>, &Json)) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../models/protocol-tests")
        .join(file);
    let suites: Vec<Json> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut count = 0;
    for suite in &suites {
        let model = Model::new(&suite["shapes"]);
        for case in suite["cases"].as_array().unwrap() {
            if !is_skipped(file, case) {
                check(&model, case);
                count += 1;
            }
        }
    }
    count
}

/// Some of Query's input and output cases share an id: as requests they run.
fn is_skipped(file: &str, case: &Json) -> bool {
    let id = case["id"].as_str().unwrap();
    let reason = SKIPPED.iter().find(|(skipped, _)| *skipped == id);
    reason.is_some_and(|(_, reason)| {
        !(file.starts_with("input") && *reason == "gives no bytes to write")
    })
}

fn structure(model: &Model<'_>, reference: &Json) -> &'static Structure {
    match reference["shape"].as_str() {
        Some(name) => model.structure(name),
        None => leak(Structure {
            name: "Nothing",
            members: &[],
        }),
    }
}

fn read_json(shape: &'static Structure, text: &str) -> Json {
    let mut reader = JsonReader::new(text);
    let value = value::read_structure(&mut reader, shape).unwrap();
    reader.finish().unwrap();
    value
}

fn write_json(shape: &'static Structure, value: &Json) -> Json {
    let mut out = Vec::new();
    value::write_structure(&mut JsonWriter::new(&mut out), shape, value);
    serde_json::from_slice(&out).unwrap()
}

fn json_input(model: &Model<'_>, case: &Json) {
    let shape = structure(model, &case["given"]["input"]);
    let body = case["serialized"]["body"].as_str().unwrap_or("{}");
    let id = &case["id"];
    assert_eq!(read_json(shape, body), case["params"], "{id}: read");
    let written = write_json(shape, &case["params"]);
    assert_eq!(
        written,
        serde_json::from_str::<Json>(body).unwrap(),
        "{id}: written"
    );
}

fn json_output(model: &Model<'_>, case: &Json) {
    let body = case["response"]["body"].as_str().unwrap_or("");
    let id = case["id"].as_str().unwrap();
    if case.get("errorCode").is_some() {
        return json_error(case, body);
    }
    let shape = structure(model, &case["given"]["output"]);
    assert_eq!(read_json(shape, body), case["result"], "{id}: read");
    if !READ_ONLY.contains(&id) {
        let written = write_json(shape, &case["result"]);
        assert_eq!(
            written,
            serde_json::from_str::<Json>(body).unwrap(),
            "{id}: written"
        );
    }
}

/// The error of an output case, as a service of ours would have it.
fn error_of(case: &Json) -> Error {
    let body = case["response"]["body"].as_str().unwrap();
    let named: Json = serde_json::from_str(body).unwrap_or_default();
    let (namespace, shape) = named["__type"]
        .as_str()
        .unwrap_or("#")
        .split_once('#')
        .unwrap();
    let message = case["errorMessage"].as_str().unwrap_or_default().to_owned();
    let kind = leak(ErrorKind {
        shape: leak(shape.to_owned()),
        namespace: leak(namespace.to_owned()),
        code: leak(case["errorCode"].as_str().unwrap().to_owned()),
        status: case["response"]["status_code"]
            .as_u64()
            .unwrap()
            .try_into()
            .unwrap(),
        sender_fault: true,
        has_message: !message.is_empty(),
        text: "",
        query_text: None,
    });
    kind.with(message)
}

fn json_error(case: &Json, body: &str) {
    let dialect = wire::Dialect {
        service: &api::sqs::SERVICE,
        protocol: wire::Protocol::AwsJson10,
    };
    let mut out = Vec::new();
    let head = wire::encode_error(dialect, &error_of(case), "id", &mut out);
    let written: Json = serde_json::from_slice(&out).unwrap();
    // Smithy's model spells the member with a capital, SQS's without: clients take both.
    let expected: Json = serde_json::from_str(&body.replace("\"Message\"", "\"message\"")).unwrap();
    assert_eq!(written, expected, "{}", case["id"]);
    assert_eq!(json!(head.status), case["response"]["status_code"]);
    if let Some(header) = case["response"]["headers"]["x-amzn-query-error"].as_str() {
        assert_eq!(head.query_error.as_deref(), Some(header));
    }
}

fn query_input(model: &Model<'_>, case: &Json) {
    let shape = structure(model, &case["given"]["input"]);
    let mut parameters = Vec::new();
    form::parse(
        case["serialized"]["body"].as_str().unwrap().as_bytes(),
        &mut parameters,
    )
    .unwrap();
    query::sort(&mut parameters);
    let read = value::read_structure(&mut QueryReader::new(&parameters), shape).unwrap();
    assert_eq!(read, case["params"], "{}", case["id"]);
}

fn query_output(model: &Model<'_>, case: &Json) {
    let body = case["response"]["body"].as_str().unwrap();
    let mut out = Vec::new();
    if case.get("errorCode").is_some() {
        xml::error(
            &error_of_query(case),
            &api::sns::SERVICE,
            "foo-id",
            &mut out,
        );
    } else {
        let shape = structure(model, &case["given"]["output"]);
        let operation = case["given"]["name"].as_str().unwrap();
        let result = |writer: &mut xml::XmlWriter<'_>| {
            value::write_structure(writer, shape, &case["result"])
        };
        xml::reply(operation, "ns", Some(result), "foo-id", &mut out);
    }
    let written = Element::parse(std::str::from_utf8(&out).unwrap())
        .without("ResponseMetadata")
        .without("Detail");
    assert_eq!(written, Element::parse(body), "{}", case["id"]);
}

fn error_of_query(case: &Json) -> Error {
    let mut case = case.clone();
    case["response"]["body"] = json!("");
    error_of(&case)
}

#[test]
fn json_requests_are_read() {
    assert_eq!(run("input/json_1_0.json", json_input), 19);
    assert_eq!(run("input/json_1_0-query-compatible.json", json_input), 1);
}

#[test]
fn json_answers_are_written() {
    assert_eq!(run("output/json_1_0.json", json_output), 23);
    assert_eq!(run("output/json_1_0-query-compatible.json", json_output), 2);
}

#[test]
fn query_requests_are_read() {
    assert_eq!(run("input/query.json", query_input), 34);
}

#[test]
fn query_answers_are_written() {
    assert_eq!(run("output/query.json", query_output), 32);
}

#[test]
fn every_skipped_case_exists() {
    let mut ids = BTreeSet::new();
    for entry in ["input", "output"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/protocol-tests");
        for file in fs::read_dir(folder.join(entry)).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let suites: Vec<Json> = serde_json::from_str(&text).unwrap();
            let cases = suites
                .iter()
                .flat_map(|suite| suite["cases"].as_array().unwrap());
            ids.extend(cases.map(|case| case["id"].as_str().unwrap().to_owned()));
        }
    }
    for (id, _) in SKIPPED {
        assert!(ids.contains(*id), "{id}");
    }
}
