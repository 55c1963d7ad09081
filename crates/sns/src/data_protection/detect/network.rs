//! IP addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::data_protection::Span;

/// The longest address, in characters.
const CHARACTERS_MAX: usize = 45;

/// IPv4 in four decimal numbers, and IPv6 in all its forms.
pub(super) fn address(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let is_part = |byte: u8| byte.is_ascii_hexdigit() || byte == b'.' || byte == b':';
    let (mut spans, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let len = bytes[at..].iter().take_while(|it| is_part(**it)).count();
        let before = at.checked_sub(1).map(|it| bytes[it]);
        let after = bytes.get(at + len).copied();
        if len > 0 && !goes_on(before) && !goes_on(after) {
            spans.extend(within(text, at..at + len));
        }
        at += len.max(1);
    }
    spans
}

fn goes_on(neighbour: Option<u8>) -> bool {
    neighbour.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The address in a run of its characters: the whole, without a sentence's full stop or colon, or without a port.
fn within(text: &str, run: Span) -> Option<Span> {
    let trimmed = text[run.clone()].trim_end_matches('.');
    let lead = trimmed.len() - trimmed.trim_start_matches('.').len();
    let start = run.start + lead;
    let trimmed = &trimmed[lead..];
    if trimmed.len() > CHARACTERS_MAX + 6 {
        return None;
    }
    let without_colon = trimmed.strip_suffix(':').unwrap_or(trimmed);
    let without_port = trimmed.split(':').next().unwrap_or_default();
    [trimmed, without_colon, without_port]
        .into_iter()
        .find(|it| is_address(it))
        .map(|it| start..start + it.len())
}

fn is_address(text: &str) -> bool {
    let v6 = || text.len() > 2 && text.parse::<Ipv6Addr>().is_ok();
    text.parse::<Ipv4Addr>().is_ok() || v6()
}
