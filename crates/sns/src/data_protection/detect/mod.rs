//! The detectors of managed data identifiers: a form, mostly with check digits, and mostly a keyword close by.
//!
//! Keywords are those AWS documents, matched as it says: in any case, with or without their spaces, or with `_` or
//! `-` for them, at most 30 characters away. <https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-managed-data-identifiers.html>

mod checks;
mod codes;
mod dates;
mod keyword;
mod mail;
mod network;
mod number;
mod numbers;
mod private_key;
mod table;

use super::Span;
use keyword::Keywords;

/// How one managed identifier is found.
#[derive(Debug)]
pub(super) struct Detector {
    /// The identifier's id, with its country where it has one.
    pub(super) name: &'static str,
    /// One of them must be close; none are needed where there are none.
    keywords: &'static [&'static str],
    form: Form,
}

/// Everything of a form in a text, in order and without overlaps, in time that grows with the text's length only.
type Form = fn(&str) -> Vec<Span>;

pub(super) fn by_name(name: &str) -> Option<&'static Detector> {
    table::DETECTORS
        .iter()
        .find(|detector| detector.name == name)
}

#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static Detector> {
    table::DETECTORS.iter()
}

/// Whether there is a detector of this identifier in any country.
pub(super) fn has_family(family: &str) -> bool {
    let mut all = table::DETECTORS.iter();
    all.any(|detector| detector.name.split('-').next() == Some(family))
}

pub(super) fn find(detector: &Detector, text: &str) -> Vec<Span> {
    let mut spans = (detector.form)(text);
    if !detector.keywords.is_empty() && !spans.is_empty() {
        let keywords = Keywords::of(detector.keywords, text);
        spans.retain(|span| keywords.are_close(text, span));
    }
    spans
}
