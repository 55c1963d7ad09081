//! Mail addresses.

use crate::data_protection::Span;

/// The longest local part and domain, in bytes (RFC 5321).
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 255;

/// `local@domain.tld`, in ASCII.
pub(super) fn address(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut spans: Vec<Span> = Vec::new();
    for at in text.match_indices('@').map(|(at, _)| at) {
        let from = spans.last().map_or(0, |last| last.end);
        let start = local(&bytes[from..at]).map(|len| at - len);
        let end = domain(&bytes[at + 1..]).map(|len| at + 1 + len);
        if let (Some(start), Some(end)) = (start, end) {
            spans.push(start..end);
        }
    }
    spans
}

/// The length of the local part at the end of `before`.
fn local(before: &[u8]) -> Option<usize> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    let quoting = |byte: u8| b"'`{|.".contains(&byte);
    let part = before.iter().rev().take_while(|it| legal(**it));
    let len = part.take(LOCAL_MAX + 1).count();
    // What only quotes the address does not belong to it.
    let lead = before[before.len() - len..].iter();
    let len = len - lead.take_while(|it| quoting(**it)).count();
    let part = &before[before.len() - len..];
    let dots = part.last() == Some(&b'.') || part.windows(2).any(|it| it == b"..");
    ((1..=LOCAL_MAX).contains(&len) && !dots).then_some(len)
}

/// The length of the domain at the start of `after`: labels, and a last one of letters.
fn domain(after: &[u8]) -> Option<usize> {
    let (mut len, mut at, mut labels) = (None, 0, 0);
    loop {
        let label = after[at..]
            .iter()
            .take_while(|it| it.is_ascii_alphanumeric() || **it == b'-')
            .count();
        let text = &after[at..at + label];
        if label == 0 || label > 63 || text[0] == b'-' || at + label > DOMAIN_MAX {
            return len;
        }
        labels += 1;
        let is_top = label >= 2 && text.iter().all(u8::is_ascii_alphabetic);
        if labels >= 2 && is_top {
            len = Some(at + label);
        }
        at += label;
        if after.get(at) != Some(&b'.') {
            return len;
        }
        at += 1;
    }
}
