//! `/_aws/sqs/messages`: looks at a queue's messages without receiving them. Spec section 11.
//!
//! Three ways in: a QueueUrl in the URL or a form; region, account and name in the path; or this address as an SDK's
//! endpoint, where ReceiveMessage is answered in its own protocol.

use std::rc::Rc;

use api::Error;
use api::common::{INVALID_REQUEST, SERVICE_UNAVAILABLE};
use api::sqs::error::QUEUE_DOES_NOT_EXIST;
use api::sqs::{Op, ReceiveMessageResult, Reply, Request as Input};
use http::Method;
use http::request::Parts;
use node::PeekOptions;
use wire::Dialect;
use wire::form::{self, Parameter};

use crate::aws::{Head, TARGET, error_answer};
use crate::http::answer::{self, Answer};
use crate::io_thread::IoThread;
use crate::request_id::RequestId;

const PREFIX: &str = "/_aws/sqs/messages";

/// Whose messages to show, and how.
struct Asked {
    dialect: Dialect,
    queue_url: Option<String>,
    options: PeekOptions,
    /// Called by an SDK: its errors have the protocol's own form.
    by_sdk: bool,
}

pub(crate) async fn peek(thread: &Rc<IoThread>, parts: &Parts, body: &[u8]) -> Answer {
    let service = &thread.service;
    let id = RequestId::new();
    let head = Head::of(service, parts);
    let asked = match read(&head, parts, body) {
        Ok(asked) => asked,
        Err((dialect, by_sdk, error)) => return fail(dialect, by_sdk, &error, &id),
    };
    let queue_url = asked.queue_url.as_deref();
    let peek = match service.node.peek(
        &head.caller(asked.dialect.protocol),
        queue_url,
        asked.options,
    ) {
        Ok(peek) => peek,
        Err(error) => return fail(asked.dialect, asked.by_sdk, &error, &id),
    };
    if thread
        .waiters
        .durable(&service.node, peek.after)
        .await
        .is_err()
    {
        let error = SERVICE_UNAVAILABLE.with("The journal has stopped after an I/O error.");
        return fail(asked.dialect, asked.by_sdk, &error, &id);
    }
    let messages = Some(peek.messages).filter(|messages| !messages.is_empty());
    let reply = api::Reply::Sqs(Reply::ReceiveMessage(ReceiveMessageResult { messages }));
    let mut out = Vec::new();
    let content_type = wire::encode_reply(asked.dialect.protocol, &reply, id.as_str(), &mut out);
    answer::aws(200, &id, content_type, out)
}

fn read(head: &Head<'_>, parts: &Parts, body: &[u8]) -> Result<Asked, (Dialect, bool, Error)> {
    let dialect = Head::dialect(&parts.headers);
    let parameters = parameters(parts, body).map_err(|error| (dialect, false, error))?;
    let value = |name: &str| {
        parameters
            .iter()
            .rev()
            .find(|it| it.key == name)
            .map(|it| it.value.as_ref())
    };
    let on = |name| value(name).is_some_and(|it| it == "1" || it.eq_ignore_ascii_case("true"));
    let options = PeekOptions {
        invisible: on("ShowInvisible"),
        delayed: on("ShowDelayed"),
    };
    if parts.headers.contains_key(TARGET) || value("Action").is_some() {
        let queue_url = received_from(head, parts, body)?;
        return Ok(Asked {
            dialect,
            queue_url,
            options,
            by_sdk: true,
        });
    }
    let queue_url = match url_in_path(parts.uri.path()) {
        Some(url) => url,
        None => match value("QueueUrl") {
            Some(url) if !url.is_empty() => url.to_owned(),
            _ => return Err((dialect, false, QUEUE_DOES_NOT_EXIST.error())),
        },
    };
    Ok(Asked {
        dialect,
        queue_url: Some(queue_url),
        options,
        by_sdk: false,
    })
}

fn parameters<'a>(parts: &'a Parts, body: &'a [u8]) -> Result<Vec<Parameter<'a>>, Error> {
    let mut parameters = Vec::new();
    form::parse(
        parts.uri.query().unwrap_or_default().as_bytes(),
        &mut parameters,
    )?;
    let is_form = parts.method == Method::POST && !parts.headers.contains_key(TARGET);
    if is_form {
        form::parse(body, &mut parameters)?;
    }
    Ok(parameters)
}

/// The QueueUrl of an SDK's ReceiveMessage.
fn received_from(
    head: &Head<'_>,
    parts: &Parts,
    body: &[u8],
) -> Result<Option<String>, (Dialect, bool, Error)> {
    let only = || INVALID_REQUEST.with("This endpoint only accepts ReceiveMessage calls");
    let decoded = wire::decode(&head.incoming(parts, body)).map_err(|refused| match refused {
        wire::Refused::Error {
            dialect,
            op: Some(api::Op::Sqs(Op::ReceiveMessage)),
            error,
        } => (dialect, true, error),
        wire::Refused::Error { dialect, .. } => (dialect, true, only()),
        wire::Refused::NoOperation => (Head::dialect(&parts.headers), true, only()),
    })?;
    let api::Request::Sqs(Input::ReceiveMessage(input)) = decoded.request else {
        return Err((decoded.dialect, true, only()));
    };
    Ok(input.queue_url.map(std::borrow::Cow::into_owned))
}

/// `…/{region}/{account}/{name}` as a queue URL.
fn url_in_path(path: &str) -> Option<String> {
    let rest = path.strip_prefix(PREFIX)?.trim_matches('/');
    (!rest.is_empty()).then(|| format!("http://localhost/queue/{rest}"))
}

/// Errors have the form of the Query protocol, in JSON with one more level around them.
fn fail(dialect: Dialect, by_sdk: bool, error: &Error, id: &RequestId) -> Answer {
    if dialect.protocol != wire::Protocol::QueryJson || by_sdk {
        return error_answer(dialect, error, id);
    }
    let mut inner = Vec::new();
    let head = wire::encode_error(dialect, error, id.as_str(), &mut inner);
    let body = [br#"{"ErrorResponse":"#.as_slice(), &inner, b"}"].concat();
    answer::aws(head.status, id, head.content_type, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_name_the_queue() {
        assert_eq!(url_in_path("/_aws/sqs/messages"), None);
        assert_eq!(url_in_path("/_aws/sqs/messages/"), None);
        assert_eq!(
            url_in_path("/_aws/sqs/messages/eu-west-1/000000000000/q").as_deref(),
            Some("http://localhost/queue/eu-west-1/000000000000/q")
        );
    }
}
