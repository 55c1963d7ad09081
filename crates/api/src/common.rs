//! Errors that no service models: those of AWS's common request layer, under the namespace of its serialisation library.
//!
//! Spec sections 1.1 and 4; <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html>.

use crate::ErrorKind;

const NAMESPACE: &str = "com.amazon.coral.service";

pub static INVALID_PARAMETER_VALUE: ErrorKind = sender(
    "InvalidParameterValueException",
    "InvalidParameterValue",
    400,
);
pub static MISSING_PARAMETER: ErrorKind =
    sender("MissingRequiredParameterException", "MissingParameter", 400);
/// An operation that does not exist. Where a request names none at all, the answer is a bare 404 instead.
pub static UNKNOWN_OPERATION: ErrorKind = sender("UnknownOperationException", "InvalidAction", 400);
/// The same in the Query protocol, and for an operation that does not exist at this address.
pub static INVALID_ACTION: ErrorKind = sender("UnknownOperationException", "InvalidAction", 400);
/// JSON that is none, or in which a value is of the wrong type.
pub static SERIALIZATION: ErrorKind =
    sender("SerializationException", "SerializationException", 400);
/// A Query request whose form cannot be read.
pub static MALFORMED_QUERY_STRING: ErrorKind =
    sender("MalformedQueryStringException", "MalformedQueryString", 400);
/// A request to an endpoint that does not take it.
pub static INVALID_REQUEST: ErrorKind = sender("InvalidRequestException", "InvalidRequest", 400);
pub static ACCESS_DENIED: ErrorKind = sender("AccessDeniedException", "AccessDenied", 403);
pub static UNRECOGNIZED_CLIENT: ErrorKind =
    sender("UnrecognizedClientException", "InvalidClientTokenId", 403);
pub static INVALID_SIGNATURE: ErrorKind =
    sender("InvalidSignatureException", "SignatureDoesNotMatch", 403);
pub static INCOMPLETE_SIGNATURE: ErrorKind =
    sender("IncompleteSignatureException", "IncompleteSignature", 400);
pub static MISSING_AUTHENTICATION_TOKEN: ErrorKind = sender(
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    403,
);
pub static REQUEST_EXPIRED: ErrorKind = sender("RequestExpiredException", "RequestExpired", 400);
pub static THROTTLING: ErrorKind = sender("ThrottlingException", "Throttling", 400);
pub static REQUEST_ENTITY_TOO_LARGE: ErrorKind = sender(
    "RequestEntityTooLargeException",
    "RequestEntityTooLarge",
    413,
);
pub static INTERNAL_FAILURE: ErrorKind = receiver("InternalFailure", "InternalFailure", 500);
pub static NOT_IMPLEMENTED: ErrorKind = receiver("NotImplementedException", "NotImplemented", 501);
pub static SERVICE_UNAVAILABLE: ErrorKind =
    receiver("ServiceUnavailableException", "ServiceUnavailable", 503);

const fn sender(shape: &'static str, code: &'static str, status: u16) -> ErrorKind {
    ErrorKind {
        shape,
        namespace: NAMESPACE,
        code,
        status,
        sender_fault: true,
        has_message: true,
        text: "",
        query_text: None,
    }
}

const fn receiver(shape: &'static str, code: &'static str, status: u16) -> ErrorKind {
    ErrorKind {
        sender_fault: false,
        ..sender(shape, code, status)
    }
}
