//! A new connection to a host.

use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::pool::{Origin, Sender};
use super::{FailureKind, HttpFailure};
use crate::Reach;
use crate::address::NoAddress;

/// Addresses of a name that are tried.
const TRIED: usize = 4;
/// Bytes of an answer's head, and of what hyper holds of its body at a time.
const BUFFER: usize = 64 * 1024;

pub(super) struct Connect {
    pub(super) reach: Reach,
    pub(super) tls: Arc<ClientConfig>,
    /// For all addresses of a name together.
    pub(super) within: Duration,
}

impl Connect {
    pub(super) async fn to(&self, origin: &Origin) -> Result<Sender, HttpFailure> {
        let tcp = self.tcp(origin).await?;
        if !origin.tls {
            return start(tcp).await;
        }
        let name = ServerName::try_from(origin.host.clone())
            .map_err(|error| HttpFailure::of(FailureKind::BadCall, &error))?;
        let tls = TlsConnector::from(self.tls.clone()).connect(name, tcp);
        let tls = tls.await;
        start(tls.map_err(|error| HttpFailure::of(FailureKind::Tls, &error))?).await
    }

    /// Each address has its share of the time, so that one that does not answer leaves some for the next.
    async fn tcp(&self, origin: &Origin) -> Result<TcpStream, HttpFailure> {
        let addresses = self.reach.resolve(&origin.host, origin.port).await;
        let mut addresses = addresses.map_err(unreachable)?;
        addresses.truncate(TRIED);
        let share = self.within / u32::try_from(addresses.len()).expect("no more than are tried");
        let mut last = HttpFailure::new(FailureKind::Connect, "the name has no address");
        for address in addresses {
            last = match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(tcp)) => {
                    // Without it a small body may wait for the head's acknowledgement. If it fails, it only waits.
                    drop(tcp.set_nodelay(true));
                    return Ok(tcp);
                }
                Ok(Err(error)) => {
                    HttpFailure::new(FailureKind::Connect, format!("{address}: {error}"))
                }
                Err(_) => {
                    HttpFailure::new(FailureKind::Timeout, format!("{address}: no connection"))
                }
            };
        }
        Err(last)
    }
}

fn unreachable(why: NoAddress) -> HttpFailure {
    match why {
        NoAddress::Unknown(error) => HttpFailure::of(FailureKind::Connect, &error),
        NoAddress::Refused(address) => {
            let text = format!("{address} is out of reach by this server's rules");
            HttpFailure::new(FailureKind::Refused, text)
        }
    }
}

async fn start<T>(io: T) -> Result<Sender, HttpFailure>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = Builder::new()
        .max_buf_size(BUFFER)
        .handshake(TokioIo::new(io))
        .await
        .map_err(|error| HttpFailure::of(FailureKind::Protocol, &error))?;
    // How it ends is told to whoever waits for an answer.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}
