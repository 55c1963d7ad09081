//! A connection's bytes on their way in and out, with their progress noted.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::watch::Watch;

/// What an HTTP/2 client with prior knowledge sends first. RFC 9113, section 3.4.
const HTTP2_PREFACE: [u8; 24] = *b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Http1,
    Http2,
}

/// A TCP stream whose first bytes may have been looked at already.
pub(crate) struct Stream {
    tcp: TcpStream,
    watch: Rc<Watch>,
    version: Version,
    seen: [u8; 24],
    seen_len: u8,
    given: u8,
    /// A read was put off until the client has taken its answers.
    withheld: bool,
}

impl Stream {
    /// Reads until it is clear what the client speaks. Whoever is silent is cut by the sweep.
    pub(crate) async fn open(tcp: TcpStream, watch: Rc<Watch>) -> io::Result<Stream> {
        let mut stream = Stream {
            tcp,
            watch,
            version: Version::Http1,
            seen: [0; 24],
            seen_len: 0,
            given: 0,
            withheld: false,
        };
        loop {
            let len = usize::from(stream.seen_len);
            if stream.seen[..len] != HTTP2_PREFACE[..len] {
                return Ok(stream);
            }
            if len == HTTP2_PREFACE.len() {
                stream.version = Version::Http2;
                return Ok(stream);
            }
            let mut buffer = ReadBuf::new(&mut stream.seen[len..]);
            std::future::poll_fn(|cx| Pin::new(&mut stream.tcp).poll_read(cx, &mut buffer)).await?;
            let read = buffer.filled().len();
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            stream.seen_len += read as u8;
        }
    }

    pub(crate) fn version(&self) -> Version {
        self.version
    }

    fn note_written(&self, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Ready(Ok(bytes)) => self.watch.answer_moves(*bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.watch.answer_waits(),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Whoever asks on and on without taking an answer is not read any further: what it is owed would grow
        // without bound.
        if self.version == Version::Http1 && self.watch.has_untaken() {
            self.withheld = true;
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let (given, seen) = (usize::from(self.given), usize::from(self.seen_len));
        if given < seen {
            let len = buffer.remaining().min(seen - given);
            buffer.put_slice(&self.seen[given..given + len]);
            self.given += len as u8;
        }
        // The rest comes in the same read: a first read of a few bytes would make hyper double its buffer.
        let read = match buffer.remaining() {
            0 => Poll::Ready(Ok(())),
            _ => Pin::new(&mut self.tcp).poll_read(cx, buffer),
        };
        if buffer.filled().len() == before {
            return read;
        }
        if self.version == Version::Http1 {
            self.watch.bytes_came();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        self.note_written(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write_vectored(cx, slices);
        self.note_written(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Called once all is written: TCP itself has nothing to flush.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watch.answer_is_out();
        if std::mem::take(&mut self.withheld) {
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
