//! The parts of a URL that a call needs.

use http::Uri;
use percent_encoding::percent_decode_str;

/// Where a call goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// In lower case.
    pub(crate) scheme: String,
    /// In lower case; an IPv6 address without its brackets.
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    /// The path and what follows it.
    pub(crate) path: String,
    pub(crate) credentials: Option<Credentials>,
}

/// What a URL says before the `@`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) user: String,
    pub(crate) password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Credentials(****)")
    }
}

impl Target {
    /// None if the text is not an absolute URL with a host.
    pub(crate) fn parse(url: &str) -> Option<Target> {
        let uri: Uri = url.parse().ok()?;
        let (given, place) = match uri.authority()?.as_str().rsplit_once('@') {
            Some((given, place)) => (Some(given), place),
            None => (None, uri.authority()?.as_str()),
        };
        let named = uri.host()?;
        // What is no number is not left out silently.
        let port = match place.strip_prefix(named)? {
            "" | ":" => None,
            port => Some(port.strip_prefix(':')?.parse().ok()?),
        };
        let host = named
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(named);
        if host.is_empty() {
            return None;
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Some(Target {
            scheme: uri.scheme_str()?.to_ascii_lowercase(),
            host: host.to_ascii_lowercase(),
            port,
            path: if path.starts_with('/') {
                path.to_owned()
            } else {
                format!("/{path}")
            },
            credentials: match given {
                Some(given) => Some(Credentials::parse(given)?),
                None => None,
            },
        })
    }
}

impl Credentials {
    /// None if they are no text, or none that a header can have.
    fn parse(given: &str) -> Option<Credentials> {
        let (user, password) = given.split_once(':').unwrap_or((given, ""));
        let decode = |text| {
            let decoded = percent_decode_str(text).decode_utf8().ok()?;
            (!decoded.contains(char::is_control)).then(|| decoded.into_owned())
        };
        Some(Credentials {
            user: decode(user)?,
            password: decode(password)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Target {
        Target::parse(url).unwrap()
    }

    #[test]
    fn a_url_has_its_parts() {
        let parsed = target("HTTPS://Example.COM:8443/a/B?c=D#fragment");
        assert_eq!(parsed.scheme, "https");
        assert_eq!(parsed.host, "example.com");
        assert_eq!(parsed.port, Some(8443));
        assert_eq!(parsed.path, "/a/B?c=D");
        assert_eq!(parsed.credentials, None);
    }

    #[test]
    fn a_path_begins_with_a_slash() {
        assert_eq!(target("http://host").path, "/");
        assert_eq!(target("http://host?a=b").path, "/?a=b");
    }

    #[test]
    fn an_ipv6_address_loses_its_brackets() {
        let parsed = target("http://[::1]:8080/");
        assert_eq!((parsed.host.as_str(), parsed.port), ("::1", Some(8080)));
    }

    #[test]
    fn credentials_are_decoded_and_not_shown() {
        let parsed = target("https://user%40home:p%3Ass%25@host/");
        let credentials = parsed.credentials.as_ref().unwrap();
        assert_eq!(credentials.user, "user@home");
        assert_eq!(credentials.password, "p:ss%");
        assert!(!format!("{parsed:?}").contains("p:ss"));
        assert_eq!(
            target("https://user@host/").credentials.unwrap().password,
            ""
        );
    }

    #[test]
    fn what_is_no_absolute_url_is_none() {
        for url in [
            "",
            "host",
            "/path",
            "http://",
            "http:///path",
            "http://host:99999/",
            "http://ho st/",
            "http://a%0d%0ab:c@host/",
        ] {
            assert_eq!(Target::parse(url), None, "{url}");
        }
    }
}
