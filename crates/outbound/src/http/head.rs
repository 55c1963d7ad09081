//! The head of a request: the caller's headers, and among them what only the client knows.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;

use super::letters::letters;
use super::{FailureKind, HttpFailure};

/// What goes into a head.
pub(super) struct Head<'a> {
    pub(super) path: &'a str,
    pub(super) host: &'a str,
    pub(super) given: &'a [(String, String)],
    pub(super) authorization: Option<&'a str>,
}

impl Head<'_> {
    pub(super) async fn request(&self, body: Bytes) -> Result<Request<Full<Bytes>>, HttpFailure> {
        let lines = self.lines(body.len());
        let mut headers = HeaderMap::with_capacity(lines.len());
        for (name, value) in &lines {
            let value = HeaderValue::from_bytes(value.as_bytes());
            let value = value.map_err(|error| HttpFailure::of(FailureKind::BadCall, &error))?;
            headers.append(parsed(name)?, value);
        }
        let uri: Uri = self
            .path
            .parse()
            .map_err(|error| HttpFailure::of(FailureKind::BadCall, &error))?;
        let letters = letters(lines.iter().map(|(name, _)| *name)).await;
        let letters = letters.map_err(|error| HttpFailure::of(FailureKind::BadCall, &error))?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        *request.extensions_mut() = letters;
        Ok(request)
    }

    /// Names and values in their order. How long the body is and how it is framed is not the caller's to say.
    fn lines(&self, length: usize) -> Vec<(&str, String)> {
        let mut own = vec![
            ("Host", self.host.to_owned()),
            ("Content-Length", length.to_string()),
        ];
        let mut lines = Vec::with_capacity(self.given.len() + 3);
        for (name, value) in self.given {
            match own
                .iter()
                .position(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                Some(at) => lines.push((name.as_str(), own.remove(at).1)),
                None if is_ours(name) => {}
                None => lines.push((name.as_str(), value.clone())),
            }
        }
        lines.append(&mut own);
        if let Some(authorization) = self.authorization {
            lines.push(("Authorization", authorization.to_owned()));
        }
        lines
    }
}

/// A second `Host` or `Content-Length`, or another way of framing.
fn is_ours(name: &str) -> bool {
    [HOST, CONTENT_LENGTH, TRANSFER_ENCODING]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own.as_str()))
}

fn parsed(name: &str) -> Result<HeaderName, HttpFailure> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|error| HttpFailure::of(FailureKind::BadCall, &error))
}
