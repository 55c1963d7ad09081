//! From a request's bytes to the operation and its input: which protocol, which operation, which queue.
//!
//! Spec section 1. The protocol follows from headers and parameters, never from the path.

use api::common::{INVALID_ACTION, NOT_IMPLEMENTED, SERIALIZATION, UNKNOWN_OPERATION};
use api::{Error, Op, Request, Service, Str, sqs};

use crate::dialect::{query_protocol, query_service};
use crate::form::{self, Parameter};
use crate::json::JsonReader;
use crate::query::{self, QueryReader};
use crate::{Dialect, queue_url, shown};

/// What of an HTTP request tells what is asked. Headers that are missing are empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Incoming<'a> {
    pub method: &'a str,
    /// Path without the query string, as it came.
    pub path: &'a str,
    /// What follows the question mark, as it came.
    pub query: &'a str,
    pub host: &'a str,
    pub content_type: &'a str,
    /// `X-Amz-Target`.
    pub target: &'a str,
    pub accept: &'a str,
    /// The service that the signature's scope names.
    pub scope: Option<&'a str>,
    /// The caller bounds its length.
    pub body: &'a [u8],
}

#[derive(Clone, Debug, PartialEq)]
pub struct Decoded<'a> {
    pub dialect: Dialect,
    pub request: Request<'a>,
    /// Whether the path is a queue's URL. It is then the request's `QueueUrl` if that was missing.
    pub at_queue_url: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// Nothing says which operation is wanted: the answer is [`crate::NO_OPERATION`].
    NoOperation,
    Error {
        dialect: Dialect,
        /// The operation, if that much could be told.
        op: Option<Op>,
        error: Error,
    },
}

/// Reads a request.
///
/// # Errors
///
/// UnknownOperationException or InvalidAction for an operation that does not exist or not here, NotImplemented for one
/// that is not built yet, SerializationException for JSON that does not fit, InvalidParameterValue, MissingParameter or
/// MalformedQueryString for parameters that do not.
pub fn decode<'a>(incoming: &Incoming<'a>) -> Result<Decoded<'a>, Refused> {
    if !matches!(incoming.method, "GET" | "POST") {
        return Err(Refused::NoOperation);
    }
    let at_queue_url = queue_url::is_queue_path(incoming.path);
    let (dialect, mut request) = match incoming.target {
        "" => decode_query(incoming, at_queue_url)?,
        _ => decode_json(incoming)?,
    };
    if let Request::Sqs(request) = &mut request
        && let Some(queue_url @ None) = request.queue_url_mut()
        && at_queue_url
    {
        *queue_url = Some(url_of(incoming));
    }
    Ok(Decoded {
        dialect,
        request,
        at_queue_url,
    })
}

fn decode_json<'a>(incoming: &Incoming<'a>) -> Result<(Dialect, Request<'a>), Refused> {
    let dialect = Dialect::of_target(incoming.target);
    let refused = |op, error| Refused::Error { dialect, op, error };
    let named = incoming.target.split_once('.');
    let name = named.filter(|(prefix, _)| *prefix == dialect.service.target_prefix);
    let op = match name {
        Some((_, name)) => found(dialect.service, name),
        None => Ok(None),
    };
    match op {
        Ok(Some(op)) => read_json(op, incoming.body)
            .map(|request| (dialect, request))
            .map_err(|error| refused(Some(op), error)),
        Ok(None) => Err(refused(None, no_such_action(incoming.target))),
        Err(error) => Err(refused(None, error)),
    }
}

/// The operation of that name, or an error for one that AWS has and this server has not.
fn found(service: &Service, name: &str) -> Result<Option<Op>, Error> {
    if service.lacks(name) {
        let (service, name) = (service.name, shown(name));
        return Err(NOT_IMPLEMENTED.with(format!("{service}:{name} is not built yet.")));
    }
    Ok(Op::of(service, name))
}

fn read_json(op: Op, body: &[u8]) -> Result<Request<'_>, Error> {
    let text = std::str::from_utf8(body)
        .map_err(|_| SERIALIZATION.with("Malformed JSON: invalid UTF-8"))?;
    let mut reader = JsonReader::new(text);
    let request = Request::read(op, &mut reader)?;
    reader.finish()?;
    Ok(request)
}

fn decode_query<'a>(
    incoming: &Incoming<'a>,
    at_queue_url: bool,
) -> Result<(Dialect, Request<'a>), Refused> {
    let of_head = || Dialect::of_head("", incoming.accept, incoming.scope);
    let mut parameters = parameters(incoming).map_err(|error| Refused::Error {
        dialect: of_head(),
        op: None,
        error,
    })?;
    let action = parameters
        .iter()
        .rev()
        .find(|parameter| parameter.key == "Action");
    let Some(action) = action.map(|parameter| parameter.value.clone()) else {
        return Err(Refused::NoOperation);
    };
    let dialect = Dialect {
        service: query_service(incoming.scope, at_queue_url, &action, &parameters),
        protocol: query_protocol(incoming.accept),
    };
    let refused = |op, error| Refused::Error { dialect, op, error };
    let op = match found(dialect.service, &action).map_err(|error| refused(None, error))? {
        Some(Op::Sqs(sqs::Op::CreateQueue | sqs::Op::ListQueues)) if at_queue_url => None,
        found => found,
    };
    let Some(op) = op else {
        return Err(refused(None, invalid_action(&action)));
    };
    query::sort(&mut parameters);
    Request::read(op, &mut QueryReader::new(&parameters))
        .map(|request| (dialect, request))
        .map_err(|error| refused(Some(op), error))
}

/// Those of the URL, then those of the body, which go before them.
fn parameters<'a>(incoming: &Incoming<'a>) -> Result<Vec<Parameter<'a>>, Error> {
    let mut parameters = Vec::new();
    form::parse(incoming.query.as_bytes(), &mut parameters)?;
    let media_type = incoming
        .content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if media_type.is_empty() || media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        form::parse(incoming.body, &mut parameters)?;
    }
    Ok(parameters)
}

/// The queue URL at which the request stands; the host may name the region.
fn url_of<'a>(incoming: &Incoming<'a>) -> Str<'a> {
    match incoming.host {
        "" => Str::Borrowed(incoming.path),
        host => Str::Owned(format!("http://{host}{}", incoming.path)),
    }
}

fn invalid_action(action: &str) -> Error {
    INVALID_ACTION.with(format!(
        "The action {} is not valid for this endpoint.",
        shown(action)
    ))
}

fn no_such_action(target: &str) -> Error {
    UNKNOWN_OPERATION.with(format!(
        "The action {} is not valid for this endpoint.",
        shown(target)
    ))
}
