//! Blobs in text: standard base64, in which the padding may be missing.

use api::Blob;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(crate) fn decode(text: &str) -> Option<Blob<'static>> {
    ENGINE.decode(text).ok().map(Blob::Owned)
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}
