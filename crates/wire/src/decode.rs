//! From a request's bytes to the operation and its input: which protocol, which operation, which queue.
//!
//! Spec section 1. The protocol follows from headers and parameters, never from the path.

use api::common::{INVALID_ACTION, SERIALIZATION, UNKNOWN_OPERATION};
use api::sqs::{Op, Request, SERVICE};
use api::{Error, Str};

use crate::form::{self, Parameter};
use crate::json::JsonReader;
use crate::query::{self, QueryReader};
use crate::{Protocol, queue_url, shown};

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
    /// The caller bounds its length.
    pub body: &'a [u8],
}

#[derive(Clone, Debug, PartialEq)]
pub struct Decoded<'a> {
    pub protocol: Protocol,
    pub request: Request<'a>,
    /// Whether the path is a queue's URL. It is then the request's `QueueUrl` if that was missing.
    pub at_queue_url: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// Nothing says which operation is wanted: the answer is [`crate::NO_OPERATION`].
    NoOperation,
    Error {
        protocol: Protocol,
        /// The operation, if that much could be told.
        op: Option<Op>,
        error: Error,
    },
}

/// Reads a request.
///
/// # Errors
///
/// UnknownOperationException or InvalidAction for an operation that does not exist or not here,
/// SerializationException for JSON that does not fit, InvalidParameterValue, MissingParameter or
/// MalformedQueryString for parameters that do not.
pub fn decode<'a>(incoming: &Incoming<'a>) -> Result<Decoded<'a>, Refused> {
    if !matches!(incoming.method, "GET" | "POST") {
        return Err(Refused::NoOperation);
    }
    let at_queue_url = queue_url::is_queue_path(incoming.path);
    let (protocol, mut request) = match incoming.target {
        "" => decode_query(incoming, at_queue_url)?,
        _ => decode_json(incoming)?,
    };
    if let Some(queue_url @ None) = request.queue_url_mut()
        && at_queue_url
    {
        *queue_url = Some(url_of(incoming));
    }
    Ok(Decoded {
        protocol,
        request,
        at_queue_url,
    })
}

fn decode_json<'a>(incoming: &Incoming<'a>) -> Result<(Protocol, Request<'a>), Refused> {
    let protocol = Protocol::AwsJson10;
    let refused = |op, error| Refused::Error {
        protocol,
        op,
        error,
    };
    let Some(op) = targeted(incoming.target) else {
        return Err(refused(None, no_such_action(incoming.target)));
    };
    read_json(op, incoming.body)
        .map(|request| (protocol, request))
        .map_err(|error| refused(Some(op), error))
}

fn targeted(target: &str) -> Option<Op> {
    let (service, operation) = target.split_once('.')?;
    (service == SERVICE.target_prefix)
        .then(|| Op::from_name(operation))
        .flatten()
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
) -> Result<(Protocol, Request<'a>), Refused> {
    let protocol = match incoming.accept.contains("application/json") {
        true => Protocol::QueryJson,
        false => Protocol::Query,
    };
    let refused = |op, error| Refused::Error {
        protocol,
        op,
        error,
    };
    let mut parameters = parameters(incoming).map_err(|error| refused(None, error))?;
    let action = parameters
        .iter()
        .rev()
        .find(|parameter| parameter.key == "Action");
    let Some(action) = action.map(|parameter| parameter.value.clone()) else {
        return Err(Refused::NoOperation);
    };
    let op = match Op::from_name(&action) {
        Some(Op::CreateQueue | Op::ListQueues) if at_queue_url => None,
        found => found,
    };
    let Some(op) = op else {
        return Err(refused(None, invalid_action(&action)));
    };
    query::sort(&mut parameters);
    Request::read(op, &mut QueryReader::new(&parameters))
        .map(|request| (protocol, request))
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
