//! Reads a request's body, bounded in size; the watch bounds it in time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::watch::Watch;

/// The largest body: 1 MiB of messages, and what JSON's or a form's escapes may make of them.
pub(crate) const BODY_BYTES_MAX: usize = 8 << 20;
/// The largest part of a refused body that is read and dropped, so that the client comes to read the answer.
const DRAIN_BYTES_MAX: usize = 64 << 20;
/// Bytes of bodies under way, over all connections. Those that come in one piece do not count.
const UNDER_WAY_BYTES_MAX: usize = 512 << 20;

static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Above [`BODY_BYTES_MAX`].
    TooLarge,
    /// Too many bytes of other bodies are waiting for their rest.
    Crowded,
    /// The client went away or broke the protocol.
    Broken,
}

/// The whole body. A small one that came with its head is not copied.
pub(crate) async fn read(
    mut body: Incoming,
    expects_continue: bool,
    progress: Pace<'_>,
) -> Result<Bytes, Refused> {
    let announced = body.size_hint().lower();
    if announced > BODY_BYTES_MAX as u64 {
        if !expects_continue {
            drain(body, progress).await;
        }
        return Err(Refused::TooLarge);
    }
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    progress.at(0);
    let Some(first) = next(&mut body, progress).await? else {
        progress.is_whole();
        return Ok(Bytes::new());
    };
    let whole = if body.is_end_stream() {
        first
    } else {
        gather(first, body, progress).await?
    };
    progress.is_whole();
    Ok(whole)
}

async fn next(body: &mut Incoming, pace: Pace<'_>) -> Result<Option<Bytes>, Refused> {
    while let Some(frame) = pace.within(body.frame()).await? {
        if let Ok(data) = frame.map_err(|_| Refused::Broken)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// Grows with what has come, not with what was announced.
async fn gather(first: Bytes, mut body: Incoming, progress: Pace<'_>) -> Result<Bytes, Refused> {
    let mut charge = Charge(0);
    let mut whole = BytesMut::new();
    let mut piece = first;
    loop {
        charge.add(piece.len())?;
        whole.extend_from_slice(&piece);
        drop(piece);
        progress.at(whole.len());
        if whole.len() > BODY_BYTES_MAX {
            drop((whole, charge));
            drain(body, progress).await;
            return Err(Refused::TooLarge);
        }
        match next(&mut body, progress).await? {
            Some(more) => piece = more,
            None => return Ok(whole.freeze()),
        }
    }
}

async fn drain(mut body: Incoming, progress: Pace<'_>) {
    let mut dropped = 0;
    while dropped < DRAIN_BYTES_MAX {
        progress.at(dropped);
        match next(&mut body, progress).await {
            Ok(Some(piece)) => dropped += piece.len(),
            Ok(None) | Err(_) => return,
        }
    }
}

/// Who sees to it that a body goes on coming.
#[derive(Clone, Copy)]
pub(crate) enum Pace<'a> {
    /// The connection's watch, which is told how far the body is.
    Watch(&'a Watch),
    /// A timer for each piece.
    Timer(Duration),
}

impl Pace<'_> {
    fn at(self, bytes: usize) {
        if let Pace::Watch(watch) = self {
            watch.body_at(bytes as u64);
        }
    }

    fn is_whole(self) {
        if let Pace::Watch(watch) = self {
            watch.body_is_whole();
        }
    }

    async fn within<T>(self, piece: impl Future<Output = T>) -> Result<T, Refused> {
        match self {
            Pace::Watch(_) => Ok(piece.await),
            Pace::Timer(limit) => timeout(limit, piece).await.map_err(|_| Refused::Broken),
        }
    }
}

/// A share of the bytes under way, given back when dropped.
struct Charge(usize);

impl Charge {
    fn add(&mut self, bytes: usize) -> Result<(), Refused> {
        let before = UNDER_WAY.fetch_add(bytes, Ordering::Relaxed);
        self.0 += bytes;
        if before + bytes > UNDER_WAY_BYTES_MAX {
            Err(Refused::Crowded)
        } else {
            Ok(())
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        UNDER_WAY.fetch_sub(self.0, Ordering::Relaxed);
    }
}
