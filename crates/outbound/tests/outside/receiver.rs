//! An HTTP server that gives the answers it was told, in turn, and tells what it saw.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;

/// What to do with a request.
pub(crate) enum Answer {
    Keep(String),
    /// Close the connection after this, which may be nothing.
    Close(String),
    /// Begin with this, and then nothing more.
    Silence(String),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Opened,
    /// Head and body, byte for byte.
    Request(String),
    Closed,
}

pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    seen: UnboundedReceiver<Seen>,
}

type Answers = Arc<Mutex<VecDeque<Answer>>>;

impl Receiver {
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Receiver {
        Receiver::listen(answers, None).await
    }

    pub(crate) async fn start_tls(
        answers: impl IntoIterator<Item = Answer>,
        config: ServerConfig,
    ) -> Receiver {
        Receiver::listen(answers, Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn listen(
        answers: impl IntoIterator<Item = Answer>,
        tls: Option<TlsAcceptor>,
    ) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers: Answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        let (tell, seen) = unbounded_channel();
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let (answers, tell) = (answers.clone(), tell.clone());
                match tls.clone() {
                    None => drop(tokio::spawn(serve(tcp, answers, tell))),
                    Some(tls) => drop(tokio::spawn(async move {
                        if let Ok(stream) = tls.accept(tcp).await {
                            serve(stream, answers, tell).await;
                        }
                    })),
                }
            }
        });
        Receiver { address, seen }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/in?a=b", self.address)
    }

    pub(crate) async fn next(&mut self) -> Seen {
        self.seen.recv().await.unwrap()
    }

    /// The next request, whatever happens to connections before it.
    pub(crate) async fn request(&mut self) -> String {
        loop {
            if let Seen::Request(request) = self.next().await {
                return request;
            }
        }
    }

    /// Everything seen so far that nobody has asked for.
    pub(crate) fn rest(&mut self) -> Vec<Seen> {
        std::iter::from_fn(|| self.seen.try_recv().ok()).collect()
    }
}

async fn serve<T>(mut stream: T, answers: Answers, tell: UnboundedSender<Seen>)
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    // A test that has what it wants hears no more.
    let tell = |seen| drop(tell.send(seen));
    tell(Seen::Opened);
    while let Some(request) = request(&mut stream).await {
        tell(Seen::Request(request));
        let answer = answers.lock().unwrap().pop_front().unwrap();
        let (text, stays) = match &answer {
            Answer::Keep(text) | Answer::Silence(text) => (text, true),
            Answer::Close(text) => (text, false),
        };
        if stream.write_all(text.as_bytes()).await.is_err() || stream.flush().await.is_err() {
            break;
        }
        if !stays {
            return;
        }
    }
    tell(Seen::Closed);
}

/// None when the connection has ended.
async fn request<T: AsyncRead + Unpin>(stream: &mut T) -> Option<String> {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
        if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return None;
        }
    }
}

/// An answer with a body of known length.
pub(crate) fn answer(status: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers
        .iter()
        .map(|header| format!("{header}\r\n"))
        .collect();
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

pub(crate) fn ok() -> Answer {
    Answer::Keep(answer("200 OK", &[], "fine"))
}
