//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;

use super::answer::Answer;
use super::stream::{Stream, Version};
use super::watch::Watch;
use crate::io_thread::{IoThread, Slot};
use crate::{admin, aws};

/// The head of a request, its URL included; also the piece in which bodies are read.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
const HTTP2_STREAMS_MAX: u32 = 256;
const HTTP2_STREAM_WINDOW: u32 = 1 << 20;
const HTTP2_CONNECTION_WINDOW: u32 = 4 << 20;
/// Silent HTTP/2 clients are asked this often whether they are there, and have as long to answer.
const HTTP2_PING: Duration = Duration::from_secs(20);

/// Serves one client until it goes, breaks the protocol, takes too long, or the server stops.
pub(crate) async fn serve(thread: Rc<IoThread>, tcp: TcpStream, _slot: Slot) {
    let guard = thread.watches.open();
    let watch = &guard.watch;
    let mut opened = None;
    let open = async { opened = Stream::open(tcp, watch.clone()).await.ok() };
    drive(std::pin::pin!(open), watch, |_| {}).await;
    if let Some(stream) = opened
        && !watch.is_cut()
    {
        match stream.version() {
            Version::Http1 => http1(&thread, watch, stream).await,
            // An HTTP/2 connection is large and rare; it shall not make every task as large.
            Version::Http2 => Box::pin(http2(&thread, watch, stream)).await,
        }
    }
    if watch.is_cut() {
        thread
            .service
            .metrics
            .connections_cut
            .fetch_add(1, Ordering::Relaxed);
    }
}

async fn http1(thread: &Rc<IoThread>, watch: &Rc<Watch>, stream: Stream) {
    let service = service_fn(|request| answer(thread.clone(), watch.clone(), request));
    let connection = http1::Builder::new()
        .max_buf_size(BUFFER_BYTES_MAX)
        // The watch does this, for heads and idle connections apart.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    let end = |connection: Pin<&mut http1::Connection<_, _>>| connection.graceful_shutdown();
    drive(std::pin::pin!(connection), watch, end).await;
}

async fn http2(thread: &Rc<IoThread>, watch: &Rc<Watch>, stream: Stream) {
    let (thread, of_requests) = (thread.clone(), watch.clone());
    let service = service_fn(move |request| answer(thread.clone(), of_requests.clone(), request));
    let connection = http2::Builder::new(OnThisThread)
        .timer(TokioTimer::new())
        .max_concurrent_streams(HTTP2_STREAMS_MAX)
        .initial_stream_window_size(HTTP2_STREAM_WINDOW)
        .initial_connection_window_size(HTTP2_CONNECTION_WINDOW)
        .max_header_list_size(BUFFER_BYTES_MAX as u32)
        .keep_alive_interval(HTTP2_PING)
        .keep_alive_timeout(HTTP2_PING)
        .serve_connection(TokioIo::new(stream), service);
    let end = |connection: Pin<&mut http2::Connection<_, _, _>>| connection.graceful_shutdown();
    drive(std::pin::pin!(connection), watch, end).await;
}

/// Polls a connection until it ends, unless the watch cuts it; a stop makes it end after what it is doing.
async fn drive<C: Future>(mut connection: Pin<&mut C>, watch: &Watch, end: impl Fn(Pin<&mut C>)) {
    let mut ending = false;
    std::future::poll_fn(|cx| {
        watch.wake_with(cx.waker());
        if watch.is_cut() {
            return std::task::Poll::Ready(());
        }
        if watch.is_stopping() && !ending {
            ending = true;
            end(connection.as_mut());
        }
        // Why a connection ended is the client's affair: it broke the protocol or went away.
        connection.as_mut().poll(cx).map(drop)
    })
    .await;
}

/// Runs an HTTP/2 connection's requests beside it.
#[derive(Clone)]
struct OnThisThread;

impl<F: Future + 'static> hyper::rt::Executor<F> for OnThisThread {
    fn execute(&self, future: F) {
        drop(tokio::task::spawn_local(async move { drop(future.await) }));
    }
}

/// A request that is being answered, as the watch sees it.
struct Busy(Rc<Watch>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.request_ends();
    }
}

/// The future lives as long as a long poll waits: the head is boxed, and what is rare and large is as well.
fn answer(
    thread: Rc<IoThread>,
    watch: Rc<Watch>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Answer, Infallible>> {
    watch.request_begins();
    let busy = Busy(watch);
    let (parts, incoming) = request.into_parts();
    let parts = Box::new(parts);
    async move {
        let watch = &busy.0;
        Ok(match admin::Route::of(parts.uri.path()) {
            None => aws::answer(&thread, watch, parts, incoming).await,
            Some(route) => Box::pin(admin::answer(&thread, watch, route, parts, incoming)).await,
        })
    }
}
