//! Codes of letters and digits: bank accounts, vehicles, licences, secret keys.

use super::checks::iban;
use crate::data_protection::Span;

/// The longest code looked for, in characters.
const CHARACTERS_MAX: usize = 34;

/// Letters and digits from one place on, with single spaces or hyphens left out.
struct Code {
    characters: Vec<u8>,
    /// The end of each character, and whether a code may end there.
    ends: Vec<(usize, bool)>,
}

/// All codes that pass the check: `lengths` says how long one may be that begins so, 0 for not at all.
fn find(text: &str, length: fn(&[u8]) -> usize, check: fn(&[u8]) -> bool) -> Vec<Span> {
    let bytes = text.as_bytes();
    let is_word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let (mut spans, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if !is_word(at) || (at > 0 && is_word(at - 1)) {
            at += 1;
            continue;
        }
        let len = length(&bytes[at..]);
        let code = (len > 0).then(|| Code::at(bytes, at, len));
        let end = code.and_then(|code| {
            let (end, may_end) = *code.ends.get(len - 1)?;
            (may_end && check(&code.characters)).then_some(end)
        });
        if let Some(end) = end {
            spans.push(at..end);
            at = end;
        } else {
            at += 1;
        }
    }
    spans
}

impl Code {
    fn at(bytes: &[u8], start: usize, len: usize) -> Code {
        let mut code = Code {
            characters: Vec::with_capacity(len),
            ends: Vec::with_capacity(len),
        };
        let (mut at, mut apart) = (start, false);
        while let Some(byte) = bytes.get(at).copied() {
            if byte.is_ascii_alphanumeric() && code.characters.len() < len.min(CHARACTERS_MAX) {
                code.characters.push(byte.to_ascii_uppercase());
                let next = bytes.get(at + 1);
                let goes_on = next.is_some_and(u8::is_ascii_alphanumeric);
                code.ends.push((at + 1, !goes_on));
                apart = false;
            } else if (byte == b' ' || byte == b'-') && !apart {
                apart = true;
            } else {
                break;
            }
            at += 1;
        }
        code
    }
}

/// An IBAN of one of five countries, each of which has one length.
fn iban_of(text: &str, country: &'static [u8; 2]) -> Vec<Span> {
    let spans = find(
        text,
        |start| match start {
            [b'D', b'E', ..] | [b'G', b'B', ..] => 22,
            [b'E', b'S', ..] => 24,
            [b'F', b'R', ..] | [b'I', b'T', ..] => 27,
            _ => 0,
        },
        |code| code[2].is_ascii_digit() && code[3].is_ascii_digit() && iban(code),
    );
    let spans = spans.into_iter();
    spans
        .filter(|span| text.as_bytes()[span.start..].starts_with(country))
        .collect()
}

pub(super) fn iban_de(text: &str) -> Vec<Span> {
    iban_of(text, b"DE")
}

pub(super) fn iban_es(text: &str) -> Vec<Span> {
    iban_of(text, b"ES")
}

pub(super) fn iban_fr(text: &str) -> Vec<Span> {
    iban_of(text, b"FR")
}

pub(super) fn iban_gb(text: &str) -> Vec<Span> {
    iban_of(text, b"GB")
}

pub(super) fn iban_it(text: &str) -> Vec<Span> {
    iban_of(text, b"IT")
}

/// Seventeen letters and digits without I, O and Q, the ninth of them a check digit.
pub(super) fn vin(text: &str) -> Vec<Span> {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    find(
        text,
        |_| 17,
        |code| {
            let values: Option<Vec<u32>> = code.iter().map(|byte| transliterated(*byte)).collect();
            let Some(values) = values else {
                return false;
            };
            let sum: u32 = values
                .iter()
                .zip(WEIGHTS)
                .map(|(it, weight)| it * weight)
                .sum();
            let wanted = match sum % 11 {
                10 => b'X',
                digit => b'0' + digit as u8,
            };
            code[8] == wanted && code.iter().any(u8::is_ascii_alphabetic)
        },
    )
}

/// A character's value in a vehicle identification number.
fn transliterated(byte: u8) -> Option<u32> {
    Some(match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'H' => u32::from(byte - b'A') + 1,
        b'J'..=b'N' => u32::from(byte - b'J') + 1,
        b'P' => 7,
        b'R' => 9,
        b'S'..=b'Z' => u32::from(byte - b'S') + 2,
        _ => return None,
    })
}

/// Two letters and seven digits, the last of them a check digit.
pub(super) fn dea_us(text: &str) -> Vec<Span> {
    find(
        text,
        |_| 9,
        |code| {
            let (letters, digits) = code.split_at(2);
            if !letters.iter().all(u8::is_ascii_alphabetic)
                || !digits.iter().all(u8::is_ascii_digit)
            {
                return false;
            }
            let d = |n: usize| u32::from(digits[n] - b'0');
            (d(0) + d(2) + d(4) + 2 * (d(1) + d(3) + d(5))) % 10 == d(6)
        },
    )
}

/// `QQ 12 34 56 C`, with the letters that are given out.
pub(super) fn nino_gb(text: &str) -> Vec<Span> {
    find(
        text,
        |_| 9,
        |code| {
            let (first, second) = (code[0], code[1]);
            let legal = |byte: u8| byte.is_ascii_alphabetic() && !b"DFIQUV".contains(&byte);
            legal(first)
                && legal(second)
                && second != b'O'
                && !matches!(
                    &code[..2],
                    b"BG" | b"GB" | b"KN" | b"NK" | b"NT" | b"TN" | b"ZZ"
                )
                && code[2..8].iter().all(u8::is_ascii_digit)
                && matches!(code[8], b'A'..=b'D')
        },
    )
}

/// Forty characters of base64, mixed as only chance mixes them.
pub(super) fn aws_secret_key(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'/' || byte == b'+';
    let (mut spans, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let len = bytes[at..].iter().take_while(|it| is_part(**it)).count();
        let run = &bytes[at..at + len];
        if len == 40
            && run.iter().any(u8::is_ascii_uppercase)
            && run.iter().any(u8::is_ascii_lowercase)
            && run.iter().any(u8::is_ascii_digit)
        {
            spans.push(at..at + len);
        }
        at += len.max(1);
    }
    spans
}
