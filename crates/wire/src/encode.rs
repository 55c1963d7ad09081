//! From an answer to its bytes, in the protocol the request came in.

use api::{Error, Reply};

use crate::json::JsonWriter;
use crate::{Dialect, Protocol, json, query_json, xml};

/// The answer to a request that names no operation, XML whatever it accepts; its status is
/// [`NO_OPERATION_STATUS`].
pub const NO_OPERATION: &str = "<UnknownOperationException/>\n";
pub const NO_OPERATION_STATUS: u16 = 404;

/// What an error's answer has outside its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorHead {
    pub status: u16,
    pub content_type: &'static str,
    /// The header `x-amzn-query-error`, from which SDKs take the code. JSON only.
    pub query_error: Option<String>,
}

/// Appends the body of an answer with status 200 to `out` and returns its `Content-Type`.
///
/// `request_id` is what the header `x-amzn-RequestId` says; it must need no escaping.
pub fn encode_reply(
    protocol: Protocol,
    reply: &Reply<'_>,
    request_id: &str,
    out: &mut Vec<u8>,
) -> &'static str {
    let op = reply.op();
    let operation = op.operation();
    let has_result = operation.output.is_some();
    match protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 if has_result => {
            reply.write(&mut JsonWriter::new(out));
        }
        Protocol::AwsJson10 | Protocol::AwsJson11 => out.extend_from_slice(b"{}"),
        Protocol::Query => {
            let result =
                has_result.then_some(|writer: &mut xml::XmlWriter<'_>| reply.write(writer));
            xml::reply(
                operation.name,
                op.service().xml_namespace,
                result,
                request_id,
                out,
            );
        }
        Protocol::QueryJson => {
            let result = has_result
                .then_some(|writer: &mut query_json::QueryJsonWriter<'_>| reply.write(writer));
            query_json::reply(operation.name, result, request_id, out);
        }
    }
    protocol.content_type()
}

/// Appends the body of an error's answer to `out` and returns the rest of it.
pub fn encode_error(
    dialect: Dialect,
    error: &Error,
    request_id: &str,
    out: &mut Vec<u8>,
) -> ErrorHead {
    let Dialect { service, protocol } = dialect;
    match protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 => json::error(error, out),
        Protocol::Query => xml::error(error, service, request_id, out),
        Protocol::QueryJson => query_json::error(error, request_id, out),
    }
    let fault = if error.kind.sender_fault {
        "Sender"
    } else {
        "Receiver"
    };
    ErrorHead {
        status: error.kind.status,
        content_type: protocol.content_type(),
        query_error: match protocol {
            Protocol::AwsJson10 => Some(format!("{};{fault}", error.kind.code)),
            Protocol::AwsJson11 | Protocol::Query | Protocol::QueryJson => None,
        },
    }
}
