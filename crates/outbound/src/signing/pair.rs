//! A private key and its certificate: how they are made, and how they are written in one file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
    RsaKeySize, date_time_ymd,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

/// Whom the certificate names, as AWS's does: some recipients look.
const NAME: &str = "sns.amazonaws.com";
/// Characters of a line of PEM.
const LINE: usize = 64;

/// Both in DER, the key as PKCS #8.
pub(super) struct Pair {
    pub(super) key: Vec<u8>,
    pub(super) certificate: Vec<u8>,
}

impl Pair {
    pub(super) fn generate() -> Pair {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)
            .expect("making a key needs nothing but memory and chance");
        let certificate = parameters()
            .self_signed(&key)
            .expect("nothing in the certificate comes from outside");
        Pair {
            key: key.serialized_der().to_vec(),
            certificate: certificate.der().to_vec(),
        }
    }

    /// Reads what [`Pair::to_pem`] wrote.
    pub(super) fn from_pem(text: &[u8]) -> Option<Pair> {
        Some(Pair {
            key: PrivatePkcs8KeyDer::from_pem_slice(text)
                .ok()?
                .secret_pkcs8_der()
                .to_vec(),
            certificate: CertificateDer::from_pem_slice(text).ok()?.to_vec(),
        })
    }

    pub(super) fn to_pem(&self) -> String {
        pem("PRIVATE KEY", &self.key) + &self.certificate_pem()
    }

    pub(super) fn certificate_pem(&self) -> String {
        pem("CERTIFICATE", &self.certificate)
    }
}

fn parameters() -> CertificateParams {
    let mut parameters =
        CertificateParams::new([NAME.to_owned()]).expect("the name is one that DNS can have");
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, NAME);
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // No clock: a certificate that nothing renews had better not run out.
    parameters.not_before = date_time_ymd(2020, 1, 1);
    parameters.not_after = date_time_ymd(2120, 1, 1);
    parameters
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem + &format!("-----END {label}-----\n")
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::signing::SigningKey;

    /// Making a key is slow without optimisation, so most tests share one.
    static PAIR: LazyLock<Pair> = LazyLock::new(Pair::generate);
    static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::of(pair()).unwrap());

    pub(in crate::signing) fn pair() -> &'static Pair {
        &PAIR
    }

    pub(in crate::signing) fn key() -> &'static SigningKey {
        &KEY
    }

    #[test]
    fn a_pair_survives_being_written() {
        let read = Pair::from_pem(pair().to_pem().as_bytes()).unwrap();
        assert_eq!(read.key, pair().key);
        assert_eq!(read.certificate, pair().certificate);
    }

    #[test]
    fn pem_has_lines_of_64_characters() {
        assert_eq!(
            pem("X", &[0; 49]),
            format!(
                "-----BEGIN X-----\n{}\nAA==\n-----END X-----\n",
                "A".repeat(64)
            )
        );
        assert_eq!(
            pem("X", &[0; 48]),
            format!("-----BEGIN X-----\n{}\n-----END X-----\n", "A".repeat(64))
        );
    }

    #[test]
    fn a_key_or_a_certificate_alone_is_no_pair() {
        assert!(Pair::from_pem(pair().certificate_pem().as_bytes()).is_none());
        assert!(Pair::from_pem(pem("PRIVATE KEY", &pair().key).as_bytes()).is_none());
    }
}
