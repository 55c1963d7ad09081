//! Signatures of notifications (spec sns 5.4): made when a message is read or sent, not when it is published.
//!
//! An RSA signature costs a hundred times what a publish does. Most publications are read by several subscribers within a
//! short while, so that the newest signatures are kept.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use hashbrown::HashMap;
use parking_lot::Mutex;
use serde_json::Value;

/// Who signs.
pub trait Signer: Send + Sync {
    /// The URL under which the certificate can be fetched. Makes the key if there is none yet, which takes a while.
    fn certificate_url(&self) -> String;

    /// A key will soon be needed: it may be made on a thread of its own.
    fn warm(&self) {}

    /// The signature of a text in base64, by SignatureVersion 1 or 2.
    fn sign(&self, version: u8, text: &str) -> String;
}

/// A signer for simulations and tests: its signatures prove nothing.
pub struct NoSigner;

impl Signer for NoSigner {
    fn certificate_url(&self) -> String {
        "http://localhost:4566/none.pem".to_owned()
    }

    fn sign(&self, _version: u8, _text: &str) -> String {
        "bm9uZQ==".to_owned()
    }
}

/// Signatures kept, each some 350 bytes.
const KEPT_MAX: usize = 4096;

pub(crate) struct Signatures {
    signer: Arc<dyn Signer>,
    certificate_url: OnceLock<String>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    by_publication: HashMap<[u8; 16], Arc<str>, foldhash::fast::FixedState>,
    oldest_first: VecDeque<[u8; 16]>,
}

impl Signatures {
    pub(crate) fn new(signer: Arc<dyn Signer>) -> Signatures {
        Signatures {
            signer,
            certificate_url: OnceLock::new(),
            kept: Mutex::default(),
        }
    }

    /// Makes the key if there is none yet, which takes a while.
    pub(crate) fn certificate_url(&self) -> &str {
        self.certificate_url
            .get_or_init(|| self.signer.certificate_url())
    }

    /// Lets the key be made beside other work.
    pub(crate) fn warm(&self) {
        self.signer.warm();
    }

    pub(crate) fn sign(&self, version: u8, text: &str) -> String {
        self.signer.sign(version, text)
    }

    /// The signature of a notification, whose signature is still missing, as queues get it.
    pub(crate) fn of_notification(
        &self,
        publication: [u8; 16],
        version: u8,
        notification: &str,
    ) -> Arc<str> {
        if let Some(known) = self.kept.lock().by_publication.get(&publication) {
            return known.clone();
        }
        let signature: Arc<str> = self
            .signer
            .sign(version, &string_to_sign(notification))
            .into();
        self.kept.lock().keep(publication, &signature);
        signature
    }
}

impl Kept {
    fn keep(&mut self, publication: [u8; 16], signature: &Arc<str>) {
        let before = self.by_publication.insert(publication, signature.clone());
        if before.is_none() {
            self.oldest_first.push_back(publication);
        }
        if self.oldest_first.len() > KEPT_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.by_publication.remove(&oldest);
        }
    }
}

/// What of a notification is signed: each name and value on a line of its own, in this order.
fn string_to_sign(notification: &str) -> String {
    let json: Value = serde_json::from_str(notification).unwrap_or_default();
    let mut text = String::with_capacity(notification.len());
    for name in [
        "Message",
        "MessageId",
        "Subject",
        "Timestamp",
        "TopicArn",
        "Type",
    ] {
        if let Some(value) = json[name].as_str() {
            for piece in [name, "\n", value, "\n"] {
                text.push_str(piece);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn names_and_values_stand_on_lines_of_their_own() {
        let notification = r#"{"Type":"Notification","MessageId":"id","TopicArn":"arn","Subject":"s",
            "Message":"two\nlines","Timestamp":"now","SignatureVersion":"1","Signature":""}"#;
        assert_eq!(
            string_to_sign(notification),
            "Message\ntwo\nlines\nMessageId\nid\nSubject\ns\nTimestamp\nnow\nTopicArn\narn\nType\nNotification\n"
        );
    }

    struct Counting(AtomicUsize);

    impl Signer for Counting {
        fn certificate_url(&self) -> String {
            String::new()
        }

        fn sign(&self, _version: u8, _text: &str) -> String {
            self.0.fetch_add(1, Ordering::Relaxed).to_string()
        }
    }

    #[test]
    fn a_publication_is_signed_once_for_all_who_read_it_soon() {
        let signatures = Signatures::new(Arc::new(Counting(AtomicUsize::new(0))));
        let sign = |n: usize| signatures.of_notification((n as u128).to_be_bytes(), 1, "{}");
        assert_eq!((&*sign(0), &*sign(0)), ("0", "0"));
        for n in 1..=KEPT_MAX {
            sign(n);
        }
        assert_eq!(&*sign(0), (KEPT_MAX + 1).to_string());
        assert_eq!(signatures.kept.lock().by_publication.len(), KEPT_MAX);
    }
}
