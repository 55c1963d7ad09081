//! Requests as a current SDK writes them, and as little reading of answers as honesty allows.

use std::borrow::Cow;

use anyhow::{Result, bail, ensure};
use memchr::memmem;

/// Length of the head of an answer that nobody sends.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// Appends a call of AWS JSON 1.0 to `out`, signed with a signature of the right shape.
pub(crate) fn write_call(out: &mut Vec<u8>, port: u16, operation: &str, body: &[u8]) {
    let signature = "0123456789abcdef".repeat(4);
    let head = format!(
        "POST / HTTP/1.1\r\n\
         Host: 127.0.0.1:{port}\r\n\
         Accept-Encoding: identity\r\n\
         X-Amz-Target: AmazonSQS.{operation}\r\n\
         Content-Type: application/x-amz-json-1.0\r\n\
         User-Agent: Boto3/1.43.0 md/Botocore#1.43.0 ua/2.1 os/linux lang/python#3.14.0\r\n\
         X-Amz-Date: 20261101T120000Z\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=test/20261101/us-east-1/sqs/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature={signature}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(body);
}

pub(crate) fn call(port: u16, operation: &str, body: &str) -> Vec<u8> {
    let mut out = Vec::new();
    write_call(&mut out, port, operation, body.as_bytes());
    out
}

/// A call of SNS in AWS Query, signed likewise.
pub(crate) fn query(port: u16, action: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = format!("Action={action}&Version=2010-03-31");
    for (name, value) in fields {
        body += &format!("&{}={}", form_encoded(name), form_encoded(value));
    }
    let signature = "0123456789abcdef".repeat(4);
    let head = format!(
        "POST / HTTP/1.1\r\n\
         Host: 127.0.0.1:{port}\r\n\
         Accept-Encoding: identity\r\n\
         Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n\
         User-Agent: Boto3/1.43.0 md/Botocore#1.43.0 ua/2.1 os/linux lang/python#3.14.0\r\n\
         X-Amz-Date: 20261101T120000Z\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=test/20261101/us-east-1/sns/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, Signature={signature}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}

fn form_encoded(text: &str) -> String {
    let encoded = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(encoded).collect()
}

pub(crate) fn get(port: u16, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").into_bytes()
}

/// One whole answer at the start of a buffer.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: Cow<'a, [u8]>,
    /// Bytes of head and body.
    pub(crate) length: usize,
}

/// The answer that `bytes` starts with, or `None` while some of it is still under way.
pub(crate) fn answer(bytes: &[u8]) -> Result<Option<Answer<'_>>> {
    let Some(end) = memmem::find(bytes, b"\r\n\r\n") else {
        ensure!(
            bytes.len() < HEAD_BYTES_MAX,
            "the head of an answer has no end"
        );
        return Ok(None);
    };
    let (head, rest) = (&bytes[..end], &bytes[end + 4..]);
    let framed = match framing(head)? {
        Framing::Length(length) => rest.get(..length).map(|body| (Cow::Borrowed(body), length)),
        Framing::Chunked => chunks(rest)?,
    };
    let Some((body, length)) = framed else {
        return Ok(None);
    };
    let status = head.get(9..12).map(std::str::from_utf8);
    let Some(Ok(status)) = status else {
        bail!("not an HTTP answer: {}", head.escape_ascii());
    };
    Ok(Some(Answer {
        status: status.parse()?,
        body,
        length: end + 4 + length,
    }))
}

/// How an answer's body ends.
enum Framing {
    Length(usize),
    Chunked,
}

fn framing(head: &[u8]) -> Result<Framing> {
    let mut rest = head;
    while let Some(at) = memchr::memchr(b'\n', rest) {
        rest = &rest[at + 1..];
        if let Some(value) = value_of(rest, b"content-length:") {
            return Ok(Framing::Length(number(value, 10)?));
        }
        if let Some(value) = value_of(rest, b"transfer-encoding:") {
            ensure!(value.starts_with(b"chunked"), "an unknown encoding");
            return Ok(Framing::Chunked);
        }
    }
    bail!("an answer without a length: {}", head.escape_ascii())
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, value) = line.split_at_checked(name.len())?;
    start
        .eq_ignore_ascii_case(name)
        .then(|| value.trim_ascii_start())
}

/// The digits that `text` starts with.
fn number(text: &[u8], radix: u32) -> Result<usize> {
    let digits = text
        .iter()
        .take_while(|byte| char::from(**byte).is_digit(radix))
        .count();
    Ok(usize::from_str_radix(
        std::str::from_utf8(&text[..digits])?,
        radix,
    )?)
}

/// A body in chunks and its length on the wire, or `None` while some of it is still under way.
fn chunks(bytes: &[u8]) -> Result<Option<(Cow<'_, [u8]>, usize)>> {
    let mut body = Cow::Borrowed(&bytes[..0]);
    let mut at = 0;
    loop {
        let Some(line) = memchr::memchr(b'\n', &bytes[at..]) else {
            return Ok(None);
        };
        let size = number(&bytes[at..], 16)?;
        let start = at + line + 1;
        at = start + size + 2;
        if bytes.len() < at {
            return Ok(None);
        }
        if size == 0 {
            return Ok(Some((body, at)));
        }
        let chunk = &bytes[start..start + size];
        if body.is_empty() {
            body = Cow::Borrowed(chunk);
        } else {
            body.to_mut().extend_from_slice(chunk);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_only_when_it_is_whole() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx: y\r\n\r\nhelloHTTP/1.1 2";
        for cut in 0..49 {
            assert!(answer(&whole[..cut]).unwrap().is_none(), "{cut}");
        }
        let first = answer(whole).unwrap().unwrap();
        assert_eq!(
            (first.status, &*first.body, first.length),
            (200, b"hello".as_slice(), 49)
        );
    }

    #[test]
    fn a_body_in_chunks_is_put_together() {
        let whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
        for cut in 0..whole.len() {
            assert!(answer(&whole[..cut]).unwrap().is_none(), "{cut}");
        }
        let first = answer(whole).unwrap().unwrap();
        assert_eq!(
            (&*first.body, first.length),
            (b"hello".as_slice(), whole.len())
        );
    }

    #[test]
    fn an_answer_without_a_length_is_refused() {
        assert!(answer(b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n").is_err());
    }

    #[test]
    fn fields_of_a_query_are_encoded_and_counted() {
        let query = String::from_utf8(query(1, "Publish", &[("Message", "a b/\u{e9}")])).unwrap();
        let body = "Action=Publish&Version=2010-03-31&Message=a%20b%2F%C3%A9";
        assert!(query.ends_with(&format!("Content-Length: {}\r\n\r\n{body}", body.len())));
    }

    #[test]
    fn a_call_says_how_long_its_body_is() {
        let call = String::from_utf8(call(1, "SendMessage", "{\"a\":1}")).unwrap();
        assert!(call.contains("Content-Length: 7\r\n\r\n{\"a\":1}"));
    }
}
