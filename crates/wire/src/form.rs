//! Parameters of a URL's query string or a form body, decoded, in the order given.

use std::borrow::Cow;

use api::common::MALFORMED_QUERY_STRING;
use api::{Error, Str};
use memchr::{memchr, memchr2};

/// More parameters than any request of AWS's can have.
const PARAMETERS_MAX: usize = 10_000;

/// One parameter. Its value is empty where the equals sign is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter<'a> {
    pub key: Str<'a>,
    pub value: Str<'a>,
}

/// Appends the parameters of `text` (`application/x-www-form-urlencoded`) to `parameters`.
///
/// # Errors
///
/// MalformedQueryString for more than 10,000 parameters, or one that is not UTF-8 when decoded.
pub fn parse<'a>(text: &'a [u8], parameters: &mut Vec<Parameter<'a>>) -> Result<(), Error> {
    let mut rest = text;
    while !rest.is_empty() {
        let (pair, after) = split(rest, b'&');
        rest = after;
        if pair.is_empty() {
            continue;
        }
        if parameters.len() == PARAMETERS_MAX {
            return Err(MALFORMED_QUERY_STRING.with("The request has too many parameters."));
        }
        let (key, value) = split(pair, b'=');
        parameters.push(Parameter {
            key: decode(key)?,
            value: decode(value)?,
        });
    }
    Ok(())
}

/// What stands before a separator and after it; all and nothing where there is none.
fn split(text: &[u8], separator: u8) -> (&[u8], &[u8]) {
    match memchr(separator, text) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[]),
    }
}

/// Plus signs are spaces, `%xx` are bytes; a percent sign without two digits stands for itself.
fn decode(text: &[u8]) -> Result<Str<'_>, Error> {
    let bytes = match memchr2(b'+', b'%', text) {
        None => Cow::Borrowed(text),
        Some(first) => Cow::Owned(unescape(text, first)),
    };
    let decoded = match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    };
    decoded.ok_or_else(|| MALFORMED_QUERY_STRING.with("The request is not valid UTF-8."))
}

fn unescape(text: &[u8], first: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    out.extend_from_slice(&text[..first]);
    let mut rest = &text[first..];
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, hex_pair(after)) {
            (b'+', _) => out.push(b' '),
            (b'%', Some(escaped)) => {
                out.push(escaped);
                rest = &after[2..];
            }
            _ => out.push(byte),
        }
    }
    out
}

fn hex_pair(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? << 4 | digit(1)?).ok()
}
