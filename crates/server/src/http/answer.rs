//! What leaves: a status, a few headers, a body in one piece. hyper adds `Date` and `Content-Length`.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;

use crate::request_id::RequestId;

pub(crate) type Answer = Response<Full<Bytes>>;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

pub(crate) fn plain(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

/// A sentence for people.
pub(crate) fn text(status: StatusCode, sentence: impl Into<String>) -> Answer {
    plain(status, "text/plain; charset=utf-8", sentence.into() + "\n")
}

pub(crate) fn json(status: StatusCode, value: &serde_json::Value) -> Answer {
    plain(status, "application/json", value.to_string())
}

/// Done, and nothing to say.
pub(crate) fn nothing() -> Answer {
    let mut answer = Response::default();
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer
}

/// An answer as AWS gives it.
pub(crate) fn aws(
    status: u16,
    id: &RequestId,
    content_type: &'static str,
    body: Vec<u8>,
) -> Answer {
    let status = StatusCode::from_u16(status).expect("statuses come from the table of errors");
    let mut answer = plain(status, content_type, body);
    let id = HeaderValue::from_str(id.as_str()).expect("a request id is made of hex digits");
    answer.headers_mut().insert(REQUEST_ID, id);
    answer
}

/// Adds what JSON clients take an error's code from.
pub(crate) fn with_query_error(mut answer: Answer, code: &str) -> Answer {
    if let Ok(code) = HeaderValue::from_str(code) {
        answer.headers_mut().insert(QUERY_ERROR, code);
    }
    answer
}
