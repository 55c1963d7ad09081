//! Signs notifications, and shows the certificate that proves it (spec sns 5.4, 12).

use std::path::PathBuf;

use node::Signer;
use outbound::signing::{Keep, Keeper, SigningKey, Version};

/// Before the certificate's id in its path.
const CERTIFICATE: &str = "SimpleNotificationService-";

pub(crate) struct KeySigner {
    kept: Keeper,
    /// Used where the kept key cannot be read or made; it ends with the process.
    spare: Keeper,
    /// What the certificate's URL begins with.
    base: String,
}

impl KeySigner {
    /// `directory` keeps the key, or nothing does; `base` is the server's URL, unless a host is named instead.
    pub(crate) fn new(directory: Option<PathBuf>, base: &str, host: Option<&str>) -> KeySigner {
        KeySigner {
            kept: Keeper::new(match directory {
                Some(directory) => Keep::Directory(directory),
                None => Keep::Memory,
            }),
            spare: Keeper::new(Keep::Memory),
            base: match host {
                Some(host) => format!("https://{host}"),
                None => format!("{base}/_aws/sns"),
            },
        }
    }

    fn key(&self) -> &SigningKey {
        if let Some(spare) = self.spare.ready() {
            return spare;
        }
        self.kept.key().unwrap_or_else(|error| {
            tracing::error!(%error, "notifications are signed with a key that ends with this process");
            self.spare
                .key()
                .expect("a key in memory needs nothing that could fail")
        })
    }

    /// The certificate, if `name` is the last part of its path.
    pub(crate) fn certificate(&self, name: &str) -> Option<&str> {
        let id = name.strip_prefix(CERTIFICATE)?.strip_suffix(".pem")?;
        let key = self.key();
        (key.id() == id).then(|| key.certificate_pem())
    }
}

impl Signer for KeySigner {
    fn certificate_url(&self) -> String {
        format!("{}/{CERTIFICATE}{}.pem", self.base, self.key().id())
    }

    fn sign(&self, version: u8, text: &str) -> String {
        let version = if version == 2 {
            Version::V2
        } else {
            Version::V1
        };
        self.key().sign(version, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_is_found_under_the_url_that_is_told() {
        let signer = KeySigner::new(None, "http://localhost:4566", None);
        let url = signer.certificate_url();
        let name = url.strip_prefix("http://localhost:4566/_aws/sns/").unwrap();
        assert!(
            signer
                .certificate(name)
                .unwrap()
                .contains("BEGIN CERTIFICATE")
        );
        assert_eq!(signer.certificate("SimpleNotificationService-0.pem"), None);
        assert_eq!(signer.certificate("other.pem"), None);
    }

    #[test]
    fn a_named_host_stands_in_the_url_with_https() {
        let signer = KeySigner::new(None, "http://x", Some("sns.us-east-1.amazonaws.com"));
        let url = signer.certificate_url();
        assert!(url.starts_with("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-"));
    }
}
