//! A mail server that takes one mail, and tells what was said to it.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;

/// How a server differs from one that takes everything.
#[derive(Default)]
pub(crate) struct Habits {
    /// Offered beside what is always offered.
    pub(crate) offers: &'static [&'static str],
    /// Replies to commands that begin like this; `.` is the end of a mail. An empty reply is none.
    pub(crate) replies: &'static [(&'static str, &'static str)],
    /// For STARTTLS, or from the start.
    pub(crate) tls: Option<ServerConfig>,
    pub(crate) tls_from_the_start: bool,
}

pub(crate) struct Smtp {
    pub(crate) address: SocketAddr,
    said: UnboundedReceiver<String>,
}

impl Smtp {
    pub(crate) async fn start(habits: Habits) -> Smtp {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, said) = unbounded_channel();
        tokio::spawn(async move {
            let (tcp, _) = listener.accept().await.unwrap();
            serve(tcp, habits, tell).await;
        });
        Smtp { address, said }
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// All that was said, once the connection has ended.
    pub(crate) async fn conversation(mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.said.recv().await {
            lines.push(line);
        }
        lines
    }
}

async fn serve(tcp: TcpStream, mut habits: Habits, tell: UnboundedSender<String>) {
    let acceptor = habits
        .tls
        .take()
        .map(|config| TlsAcceptor::from(Arc::new(config)));
    match (acceptor, habits.tls_from_the_start) {
        (Some(acceptor), true) => {
            let tls = acceptor.accept(tcp).await.unwrap();
            converse(BufReader::new(tls), &habits, &tell, true).await;
        }
        (acceptor, _) => {
            let plain = converse(BufReader::new(tcp), &habits, &tell, true).await;
            if let (Some(plain), Some(acceptor)) = (plain, acceptor) {
                let tls = acceptor.accept(plain.into_inner()).await.unwrap();
                converse(BufReader::new(tls), &habits, &tell, false).await;
            }
        }
    }
}

/// Until the connection ends (None), or the two are to go on in TLS.
async fn converse<T>(
    mut stream: BufReader<T>,
    habits: &Habits,
    tell: &UnboundedSender<String>,
    greets: bool,
) -> Option<BufReader<T>>
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    if greets {
        reply(&mut stream, habits, "greeting", "220 test").await;
    }
    let (mut line, mut within_mail) = (String::new(), false);
    while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
        let said = line.trim_end_matches("\r\n").to_owned();
        assert_eq!(
            line.len(),
            said.len() + 2,
            "a line that ends otherwise: {line:?}"
        );
        line.clear();
        drop(tell.send(said.clone()));
        let usual = match said.split(' ').next().unwrap() {
            "." if within_mail => "250 taken",
            _ if within_mail => continue,
            "EHLO" => &format!("250-test\r\n{}250 8BITMIME", offers(habits)),
            "AUTH" => "235 welcome",
            "DATA" => "354 go on",
            "STARTTLS" => "220 go on",
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        let answered = reply(&mut stream, habits, &said, usual).await;
        within_mail = answered.starts_with("354");
        if said == "STARTTLS" && answered.starts_with("220") {
            return Some(stream);
        }
    }
    None
}

fn offers(habits: &Habits) -> String {
    habits
        .offers
        .iter()
        .map(|offer| format!("250-{offer}\r\n"))
        .collect()
}

async fn reply<T>(stream: &mut BufReader<T>, habits: &Habits, said: &str, usual: &str) -> String
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let own = habits
        .replies
        .iter()
        .find(|(command, _)| said.starts_with(command));
    let text = own.map_or(usual, |(_, reply)| *reply);
    if !text.is_empty() {
        // A client that has heard enough is gone; the next read tells.
        drop(stream.write_all(format!("{text}\r\n").as_bytes()).await);
        drop(stream.flush().await);
    }
    text.to_owned()
}
