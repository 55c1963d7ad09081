//! The key that notifications are signed with: RSA of 2048 bits, and the certificate that recipients check with.
//!
//! What is signed here is right: a signature leaves only after the public key has confirmed it. The key is made when
//! it is first needed, which takes a good part of a second, and may be kept in a file.

mod components;
mod keeper;
mod legacy;
mod pair;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use keeper::{Keep, Keeper};
use legacy::Legacy;
use pair::Pair;

use crate::hex::hex;

/// Bytes of the modulus, and of every signature.
const MODULUS: usize = 256;
/// Bytes of the certificate's hash that name it.
const ID: usize = 16;

/// AWS's `SignatureVersion`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// RSA with SHA-1: what topics use unless told otherwise.
    V1,
    /// RSA with SHA-256.
    V2,
}

/// A key that is ready to sign.
pub struct SigningKey {
    key: RsaKeyPair,
    legacy: Legacy,
    check_sha1: ParsedPublicKey,
    check_sha256: ParsedPublicKey,
    certificate: String,
    id: String,
}

impl SigningKey {
    /// A new key with a new certificate. Keeps a processor busy for a good part of a second.
    pub fn generate() -> SigningKey {
        let made = Pair::generate();
        SigningKey::of(&made).expect("a pair that was just made fits together")
    }

    /// None if the two do not belong together, or are of another kind than what is made here.
    fn of(pair: &Pair) -> Option<SigningKey> {
        let key = RsaKeyPair::from_pkcs8(&pair.key).ok()?;
        let public = key.public_key().as_ref();
        let certified = pair
            .certificate
            .windows(public.len())
            .any(|run| run == public);
        if !certified {
            return None;
        }
        let hash = digest(&SHA256, &pair.certificate);
        Some(SigningKey {
            legacy: Legacy::of(&components::read(&pair.key)?)?,
            check_sha1: UnparsedPublicKey::new(
                &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
                public,
            )
            .parse()
            .ok()?,
            check_sha256: UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
                .parse()
                .ok()?,
            certificate: pair.certificate_pem(),
            id: hex(&hash.as_ref()[..ID]),
            key,
        })
    }

    /// The certificate, as recipients fetch it.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate
    }

    /// 32 hexadecimal digits that name the certificate: `SimpleNotificationService-{id}.pem`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The signature of a text, in base64. Takes about a millisecond (ADR 7).
    pub fn sign(&self, version: Version, text: &[u8]) -> String {
        let (signature, check) = match version {
            Version::V1 => (self.legacy.sign(text), &self.check_sha1),
            Version::V2 => (self.sign_sha256(text), &self.check_sha256),
        };
        // A wrong one would tell the key's factors to whoever gets it.
        assert!(
            check.verify_sig(text, &signature).is_ok(),
            "a signature that its own public key refuses"
        );
        STANDARD.encode(signature)
    }

    fn sign_sha256(&self, text: &[u8]) -> [u8; MODULUS] {
        let mut signature = [0; MODULUS];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text,
                &mut signature,
            )
            .expect("a key that was checked signs");
        signature
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::server::ParsedCertificate;

    use super::*;

    const TEXT: &str = "Message\nHello wörld\nMessageId\n1\nType\nNotification\n";

    /// What a recipient does: the key comes out of the certificate.
    fn recipient_accepts(key: &SigningKey, version: Version, text: &str, signature: &str) -> bool {
        let der = CertificateDer::from_pem_slice(key.certificate_pem().as_bytes()).unwrap();
        let public = ParsedCertificate::try_from(&der)
            .unwrap()
            .subject_public_key_info();
        let algorithm = match version {
            Version::V1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Version::V2 => &RSA_PKCS1_2048_8192_SHA256,
        };
        let signature = STANDARD.decode(signature).unwrap();
        UnparsedPublicKey::new(algorithm, &public)
            .verify(text.as_bytes(), &signature)
            .is_ok()
    }

    #[test]
    fn a_recipient_verifies_either_version_with_the_certificate() {
        let key = pair::tests::key();
        for version in [Version::V1, Version::V2] {
            let signature = key.sign(version, TEXT.as_bytes());
            assert!(recipient_accepts(key, version, TEXT, &signature));
            assert!(!recipient_accepts(key, version, "another text", &signature));
        }
    }

    #[test]
    fn versions_are_not_taken_for_each_other() {
        let key = pair::tests::key();
        let signature = key.sign(Version::V1, TEXT.as_bytes());
        assert!(!recipient_accepts(key, Version::V2, TEXT, &signature));
    }

    #[test]
    fn a_signature_depends_on_nothing_but_key_version_and_text() {
        let key = pair::tests::key();
        for version in [Version::V1, Version::V2] {
            let first = key.sign(version, TEXT.as_bytes());
            assert_eq!(first, key.sign(version, TEXT.as_bytes()));
            assert_ne!(first, key.sign(version, b"another text"));
        }
    }

    #[test]
    fn the_id_is_32_hexadecimal_digits() {
        let id = pair::tests::key().id();
        assert_eq!(id.len(), 32);
        assert!(
            id.bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        );
    }

    #[test]
    fn a_certificate_of_another_key_is_not_taken() {
        let own = pair::tests::pair();
        let other = Pair::generate();
        let mixed = Pair {
            key: own.key.clone(),
            certificate: other.certificate,
        };
        assert!(SigningKey::of(&mixed).is_none());
    }
}
