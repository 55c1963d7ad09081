//! Private keys, by the lines that begin and end them.

use crate::data_protection::Span;

pub(super) fn openssh(text: &str) -> Vec<Span> {
    blocks(text, |label| label == "OPENSSH PRIVATE KEY")
}

pub(super) fn pgp(text: &str) -> Vec<Span> {
    blocks(text, |label| label == "PGP PRIVATE KEY BLOCK")
}

pub(super) fn pkcs(text: &str) -> Vec<Span> {
    blocks(text, |label| {
        let kind = label.strip_suffix("PRIVATE KEY").map(str::trim_end);
        matches!(kind, Some("" | "RSA" | "EC" | "DSA" | "ENCRYPTED"))
    })
}

/// `PuTTY-User-Key-File-…` to the line of its MAC.
pub(super) fn putty(text: &str) -> Vec<Span> {
    let (mut spans, mut at) = (Vec::new(), 0);
    while let Some(start) = find(text, at, "PuTTY-User-Key-File-") {
        let end = find(text, start, "Private-MAC:").map(|mac| line_end(text, mac));
        at = end.unwrap_or(text.len());
        spans.push(start..at);
    }
    spans
}

/// `-----BEGIN {label}-----` to `-----END {label}-----`; a block that does not end goes on to the text's end.
fn blocks(text: &str, wanted: fn(&str) -> bool) -> Vec<Span> {
    const BEGIN: &str = "-----BEGIN ";
    const LABEL_MAX: usize = 40;
    let (mut spans, mut at) = (Vec::new(), 0);
    while let Some(start) = find(text, at, BEGIN) {
        at = start + BEGIN.len();
        let head: String = text[at..].chars().take(LABEL_MAX).collect();
        let Some((label, _)) = head.split_once("-----") else {
            continue;
        };
        if wanted(label) {
            let end = format!("-----END {label}-----");
            at = find(text, at, &end).map_or(text.len(), |it| it + end.len());
            spans.push(start..at);
        }
    }
    spans
}

fn find(text: &str, at: usize, wanted: &str) -> Option<usize> {
    text[at..].find(wanted).map(|found| at + found)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..]
        .find(['\n', '\r'])
        .map_or(text.len(), |it| at + it)
}
