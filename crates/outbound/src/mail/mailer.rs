//! Gives mails to a server.

use std::time::Duration;

use lettre::transport::smtp;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::{ClientId, Extension};
use tokio::time::timeout;

use super::message::message;
use super::server::{Encryption, Server};
use super::{BadServer, FailureKind, Mail, MailFailure, Settings};
use crate::address::NoAddress;

/// How long a server may take over a goodbye: it has the mail by then.
const GOODBYE: Duration = Duration::from_secs(1);

/// Gives mails to one server. Belongs to a tokio runtime while a mail is on its way; may be shared by threads.
pub struct Mailer {
    server: Server,
    settings: Settings,
}

impl Mailer {
    /// `smtp://user:password@host:port` encrypts if the server offers it, with `?tls=required` or else sends nothing;
    /// `smtps://` encrypts from the start. Credentials and port may be left out.
    pub fn new(url: &str, settings: Settings) -> Result<Mailer, BadServer> {
        Ok(Mailer {
            server: Server::parse(url, &settings.trust)?,
            settings,
        })
    }

    /// Sends a mail: Ok once the server has said that it has it.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailFailure> {
        let limit = self.settings.timeout;
        let mut connection = timeout(limit, self.hand_over(mail)).await.map_err(|_| {
            let text = format!("no word from the server within {limit:?}");
            MailFailure::new(FailureKind::Timeout, text)
        })??;
        // Whatever it answers, or if nothing.
        drop(timeout(GOODBYE, connection.quit()).await);
        Ok(())
    }

    async fn hand_over(&self, mail: &Mail) -> Result<AsyncSmtpConnection, MailFailure> {
        let message = message(mail)?;
        let mut connection = self.connect().await?;
        if let Some(credentials) = &self.server.credentials {
            let authenticated = connection.auth(DEFAULT_MECHANISMS, credentials).await;
            authenticated.map_err(|error| failed(&error))?;
        }
        let sent = connection
            .send(message.envelope(), &message.formatted())
            .await;
        sent.map_err(|error| failed(&error))?;
        Ok(connection)
    }

    /// To the first address that takes the connection, encrypted as far as it is to be.
    async fn connect(&self) -> Result<AsyncSmtpConnection, MailFailure> {
        let Server {
            host,
            port,
            encryption,
            tls,
            ..
        } = &self.server;
        let addresses = self.settings.reach.resolve(host, *port).await;
        let addresses = addresses.map_err(unreachable)?;
        let whole = (*encryption == Encryption::Always).then(|| tls.clone());
        let me = ClientId::default();
        let mut last = MailFailure::new(FailureKind::Unavailable, "the name has no address");
        for address in addresses {
            let within = Some(self.settings.connect);
            match AsyncSmtpConnection::connect_tokio1(address, within, &me, whole.clone(), None)
                .await
            {
                Ok(connection) => return self.encrypt(connection, &me).await,
                Err(error) => last = failed(&error),
            }
        }
        Err(last)
    }

    async fn encrypt(
        &self,
        mut connection: AsyncSmtpConnection,
        me: &ClientId,
    ) -> Result<AsyncSmtpConnection, MailFailure> {
        let offered = connection
            .server_info()
            .supports_feature(Extension::StartTls);
        match self.server.encryption {
            Encryption::Offered | Encryption::Required if offered => {
                let encrypted = connection.starttls(self.server.tls.clone(), me).await;
                encrypted.map_err(|error| failed(&error))?;
                Ok(connection)
            }
            Encryption::Always | Encryption::Offered => Ok(connection),
            Encryption::Required => {
                let text = "the server does not offer the encryption that is required";
                Err(MailFailure::new(FailureKind::Rejected, text))
            }
        }
    }
}

fn unreachable(why: NoAddress) -> MailFailure {
    match why {
        NoAddress::Unknown(error) => MailFailure::new(FailureKind::Unavailable, error.to_string()),
        NoAddress::Refused(address) => {
            let text = format!("{address} is out of reach by this server's rules");
            MailFailure::new(FailureKind::Refused, text)
        }
    }
}

fn failed(error: &smtp::Error) -> MailFailure {
    // A "client" error is something that the mail needs and the server does not offer.
    let kind = if error.is_permanent() || error.is_client() {
        FailureKind::Rejected
    } else if error.is_timeout() {
        FailureKind::Timeout
    } else {
        FailureKind::Unavailable
    };
    MailFailure::new(kind, error.to_string())
}
