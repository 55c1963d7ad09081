//! The letters of header names as they are sent. AWS writes some names small and some large, and hyper can send that,
//! but only as a proxy does: with what its own parser noted of a message that it read.

use std::convert::Infallible;
use std::future::ready;

use bytes::Bytes;
use http::{Extensions, Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;

/// What to put into a request so that its header names have these letters: it is taken from a message in memory.
pub(super) async fn letters<'a>(names: impl Iterator<Item = &'a str>) -> hyper::Result<Extensions> {
    let mut message = String::from("POST / HTTP/1.1\r\n");
    for name in names {
        message.push_str(name);
        // Good for a length too.
        message.push_str(": 0\r\n");
    }
    message.push_str("\r\n");
    let noted = Mutex::new(Extensions::new());
    let note = service_fn(|request: Request<Incoming>| {
        *noted.lock() = request.into_parts().0.extensions;
        ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
    });
    let io = TokioIo::new(tokio::io::join(message.as_bytes(), tokio::io::sink()));
    Builder::new()
        .preserve_header_case(true)
        // The end of the message is no hang-up.
        .half_close(true)
        .serve_connection(io, note)
        .await?;
    Ok(noted.into_inner())
}
