//! The ceiling: a bare hyper 1 server that reads the body and answers a fixed reply of SendMessage's size.
//!
//! What the product adds to this is what the benchmark measures. `ceiling PORT` serves on 127.0.0.1.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{LocalSet, spawn_local};

const REPLY: &str = concat!(
    r#"{"MD5OfMessageBody":"d41d8cd98f00b204e9800998ecf8427e","#,
    r#""MessageId":"00000000-0000-4000-8000-000000000000"}"#
);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

fn main() -> Result<()> {
    let port = std::env::args()
        .nth(1)
        .context("usage: ceiling PORT")?
        .parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    LocalSet::new().block_on(&runtime, serve(port))
}

async fn serve(port: u16) -> Result<()> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    loop {
        let (tcp, _) = listener.accept().await?;
        tcp.set_nodelay(true)?;
        let connection = http1::Builder::new()
            .pipeline_flush(true)
            .max_buf_size(64 * 1024)
            .serve_connection(TokioIo::new(tcp), service_fn(answer));
        // A client that goes away ends its own connection and nothing else.
        spawn_local(async move { drop(connection.await) });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    // A body that breaks off is answered all the same: nobody is there to read it.
    drop(request.into_body().collect().await);
    let mut response = Response::new(Full::new(Bytes::from_static(REPLY.as_bytes())));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-amz-json-1.0"),
    );
    headers.insert(
        REQUEST_ID,
        HeaderValue::from_static("00000000-0000-4000-8000-000000000000"),
    );
    Ok(response)
}
