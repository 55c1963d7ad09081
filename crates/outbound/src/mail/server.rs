//! The SMTP server, out of a URL: `smtp://user:password@host:port`, or `smtps://`.

use std::fmt;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};

use crate::Trust;
use crate::url::Target;

/// When the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// `smtps://`: from the start.
    Always,
    /// `smtp://`: if the server offers it.
    Offered,
    /// `smtp://…?tls=required`: else nothing is sent.
    Required,
}

/// Whom mail is given to.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    pub(super) credentials: Option<Credentials>,
    pub(super) tls: TlsParameters,
}

/// What is wrong with the URL of a mail server, or with the authorities it is to be checked by.
#[derive(Debug, PartialEq, Eq)]
pub struct BadServer(String);

impl fmt::Display for BadServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "mail server: {}", self.0)
    }
}

impl std::error::Error for BadServer {}

impl Server {
    pub(super) fn parse(url: &str, trust: &Trust) -> Result<Server, BadServer> {
        let target = Target::parse(url).ok_or_else(|| bad("not a URL with a host"))?;
        let encryption = match (target.scheme.as_str(), target.path.as_str()) {
            ("smtps", "/") => Encryption::Always,
            ("smtp", "/") => Encryption::Offered,
            ("smtp", "/?tls=required") => Encryption::Required,
            ("smtp" | "smtps", _) => {
                return Err(bad("nothing may follow the port but ?tls=required"));
            }
            _ => return Err(bad("the URL begins with neither smtp:// nor smtps://")),
        };
        let usual = match encryption {
            Encryption::Always => 465,
            Encryption::Offered | Encryption::Required => 25,
        };
        Ok(Server {
            tls: tls(&target.host, trust)?,
            port: target.port.unwrap_or(usual),
            encryption,
            credentials: target
                .credentials
                .map(|given| Credentials::new(given.user, given.password)),
            host: target.host,
        })
    }
}

fn bad(text: impl Into<String>) -> BadServer {
    BadServer(text.into())
}

fn tls(host: &str, trust: &Trust) -> Result<TlsParameters, BadServer> {
    let mut parameters = TlsParameters::builder(host.to_owned())
        .dangerous_accept_invalid_certs(!trust.verify)
        .dangerous_accept_invalid_hostnames(!trust.verify);
    if !trust.authorities.is_empty() {
        let authorities = Certificate::from_pem(&trust.authorities);
        let authorities = authorities.map_err(|error| bad(error.to_string()))?;
        parameters = parameters.add_root_certificate(authorities);
    }
    parameters
        .build_rustls()
        .map_err(|error| bad(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Result<Server, BadServer> {
        Server::parse(url, &Trust::default())
    }

    #[test]
    fn a_server_has_its_usual_port_unless_another_is_named() {
        for (url, port, encryption) in [
            ("smtp://mail.example.com", 25, Encryption::Offered),
            ("smtp://mail.example.com:1025/", 1025, Encryption::Offered),
            (
                "smtp://mail.example.com?tls=required",
                25,
                Encryption::Required,
            ),
            ("smtps://mail.example.com", 465, Encryption::Always),
        ] {
            let server = parsed(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!(
                (server.port, server.encryption),
                (port, encryption),
                "{url}"
            );
            assert_eq!(server.host, "mail.example.com");
        }
    }

    #[test]
    fn credentials_come_from_the_url() {
        let server =
            parsed("smtp://user:p%40ss@host:587").unwrap_or_else(|error| panic!("{error}"));
        let expected = Credentials::new("user".to_owned(), "p@ss".to_owned());
        assert_eq!(server.credentials, Some(expected));
    }

    #[test]
    fn what_is_not_understood_is_an_error_and_not_left_out() {
        for url in [
            "",
            "mail.example.com:25",
            "http://host",
            "smtp://host/path",
            "smtp://host?tls=none",
            "smtps://host?tls=required",
        ] {
            assert!(parsed(url).is_err(), "{url}");
        }
    }
}
