//! Whom calls over TLS trust.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// What makes a server's certificate good, beside the authorities that browsers trust.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Certificates of further authorities, in PEM; empty if there are none.
    pub authorities: Vec<u8>,
    /// False takes any certificate, which is for development.
    pub verify: bool,
}

impl Default for Trust {
    fn default() -> Trust {
        Trust {
            authorities: Vec::new(),
            verify: true,
        }
    }
}

/// The further authorities are not certificates in PEM.
#[derive(Debug, PartialEq, Eq)]
pub struct BadAuthorities(String);

impl fmt::Display for BadAuthorities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "not certificates in PEM: {}", self.0)
    }
}

impl std::error::Error for BadAuthorities {}

impl Trust {
    pub(crate) fn client(&self) -> Result<ClientConfig, BadAuthorities> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("the provider has the default versions' ciphers");
        let roots = self.roots()?;
        let config = if self.verify {
            config.with_root_certificates(roots)
        } else {
            config
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
        };
        Ok(config.with_no_client_auth())
    }

    fn roots(&self) -> Result<RootCertStore, BadAuthorities> {
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let bad = |error: &dyn fmt::Display| BadAuthorities(error.to_string());
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(&self.authorities) {
            let certificate = certificate.map_err(|error| bad(&error))?;
            roots.add(certificate).map_err(|error| bad(&error))?;
        }
        if roots.len() == before && !self.authorities.is_empty() {
            return Err(bad(&"there is none"));
        }
        Ok(roots)
    }
}

/// Takes any certificate, but still one whose key the server has.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_that_are_none_are_an_error() {
        for text in [
            "something else",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let trust = Trust {
                authorities: text.into(),
                verify: true,
            };
            assert!(trust.client().is_err(), "{text}");
        }
        assert!(Trust::default().client().is_ok());
    }
}
