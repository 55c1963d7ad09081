//! AWS's protocols: bytes to [`api`] and back, without sockets, without a clock, without knowing what a queue is.
//!
//! [`decode`] tells the protocol from the request and reads it; [`encode_reply`] and [`encode_error`] answer in that
//! protocol. Beside them what else a request says about itself: [`scope`] (who, where) and [`queue_url`] (which queue).
//! Everything read is bounded and checked, and what is wrong with it is AWS's error.

mod base64;
mod decode;
mod dialect;
mod encode;
pub mod form;
pub mod json;
pub mod query;
pub mod query_json;
pub mod queue_url;
mod scan;
pub mod scope;
mod timestamp;
pub mod xml;

pub use decode::{Decoded, Incoming, Refused, decode};
pub use dialect::Dialect;
pub use encode::{ErrorHead, NO_OPERATION, NO_OPERATION_STATUS, encode_error, encode_reply};
pub use queue_url::QueueRef;
pub use scope::Scope;

/// How a request came and its answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// JSON 1.0 under `X-Amz-Target`.
    AwsJson10,
    /// The same with another content type, and no header that repeats an error's code.
    AwsJson11,
    /// Parameters in a form or URL, answered in XML.
    Query,
    /// The same, answered in JSON because the request accepts that.
    QueryJson,
}

impl Protocol {
    /// The `Content-Type` of its answers.
    pub fn content_type(self) -> &'static str {
        match self {
            Protocol::AwsJson10 => "application/x-amz-json-1.0",
            Protocol::AwsJson11 => "application/x-amz-json-1.1",
            Protocol::Query => "text/xml",
            Protocol::QueryJson => "application/json",
        }
    }
}

/// So much of what a request says as an error's text repeats.
fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(1024)]
}
