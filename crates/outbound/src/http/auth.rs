//! Answers a server's challenge with a user's name and password: Digest (RFC 7616, 2617) or Basic (RFC 7617).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

use crate::hex::hex;
use crate::url::Credentials;

/// One way that the server offers.
#[derive(Debug, PartialEq, Eq)]
struct Challenge {
    /// In lower case.
    scheme: String,
    /// Names in lower case.
    parameters: Vec<(String, String)>,
}

impl Challenge {
    fn get(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        parameters
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The `Authorization` for a POST to this path. `offered` are the `WWW-Authenticate` headers; None if none of what they
/// offer is known. A server that refuses without an offer is taken to mean Basic.
pub(super) fn answer<'a>(
    credentials: &Credentials,
    offered: impl Iterator<Item = &'a str>,
    path: &str,
    chance: &str,
) -> Option<String> {
    let challenges: Vec<Challenge> = offered.flat_map(challenges).collect();
    let of = |scheme| move |challenge: &&Challenge| challenge.scheme == scheme;
    challenges
        .iter()
        .filter(of("digest"))
        .find_map(|challenge| in_digest(credentials, challenge, path, chance))
        .or_else(|| {
            let basic = challenges.is_empty() || challenges.iter().any(|one| of("basic")(&one));
            basic.then(|| in_basic(credentials))
        })
}

fn in_basic(Credentials { user, password }: &Credentials) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn in_digest(
    Credentials { user, password }: &Credentials,
    challenge: &Challenge,
    path: &str,
    chance: &str,
) -> Option<String> {
    let (realm, nonce) = (challenge.get("realm")?, challenge.get("nonce")?);
    let algorithm = challenge.get("algorithm");
    let (hash, session) = hash(algorithm.unwrap_or("MD5"))?;
    let mut secret = hash(&format!("{user}:{realm}:{password}"));
    if session {
        secret = hash(&format!("{secret}:{nonce}:{chance}"));
    }
    let asked = hash(&format!("POST:{path}"));
    let protection = match challenge.get("qop") {
        Some(offered) => Some(
            offered
                .split(',')
                .map(str::trim)
                .find(|one| *one == "auth")?,
        ),
        None => None,
    };
    let response = match protection {
        Some(auth) => hash(&format!(
            "{secret}:{nonce}:00000001:{chance}:{auth}:{asked}"
        )),
        None => hash(&format!("{secret}:{nonce}:{asked}")),
    };
    let mut answer = format!(
        "Digest username={}, realm={}, nonce={}, uri={}, response=\"{response}\"",
        quoted(user),
        quoted(realm),
        quoted(nonce),
        quoted(path),
    );
    if let Some(algorithm) = algorithm {
        answer += &format!(", algorithm={algorithm}");
    }
    if let Some(opaque) = challenge.get("opaque") {
        answer += &format!(", opaque={}", quoted(opaque));
    }
    if let Some(auth) = protection {
        answer += &format!(", qop={auth}, nc=00000001");
    }
    if protection.is_some() || session {
        answer += &format!(", cnonce={}", quoted(chance));
    }
    Some(answer)
}

type Hash = fn(&str) -> String;

/// The hash of an algorithm, and whether the session's numbers go into the secret.
fn hash(algorithm: &str) -> Option<(Hash, bool)> {
    let md5: Hash = |text| hex(&Md5::digest(text));
    let sha256: Hash = |text| hex(digest(&SHA256, text.as_bytes()).as_ref());
    match algorithm.to_ascii_lowercase().as_str() {
        "md5" => Some((md5, false)),
        "md5-sess" => Some((md5, true)),
        "sha-256" => Some((sha256, false)),
        "sha-256-sess" => Some((sha256, true)),
        _ => None,
    }
}

/// What one header offers. What is not understood is left out.
fn challenges(header: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    for item in items(header) {
        let (word, rest) = item.split_once([' ', '\t']).unwrap_or((item, ""));
        let rest = rest.trim();
        let begins = !word.contains('=') && !rest.starts_with('=');
        if begins && !word.is_empty() {
            challenges.push(Challenge {
                scheme: word.to_ascii_lowercase(),
                parameters: Vec::new(),
            });
        }
        let parameter = if begins { rest } else { item };
        if let (Some((name, value)), Some(last)) =
            (parameter.split_once('='), challenges.last_mut())
        {
            let name = name.trim().to_ascii_lowercase();
            last.parameters.push((name, unquoted(value.trim())));
        }
    }
    challenges
}

/// The parts between commas that are not in quotes.
fn items(header: &str) -> Vec<&str> {
    let (mut items, mut start) = (Vec::new(), 0);
    let (mut within, mut escaped) = (false, false);
    for (at, character) in header.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if within => escaped = true,
            '"' => within = !within,
            ',' if !within => {
                items.push(header[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(header[start..].trim());
    items
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return value.to_owned();
    };
    let mut escaped = false;
    inner
        .chars()
        .filter(|character| {
            escaped = *character == '\\' && !escaped;
            !escaped
        })
        .collect()
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(offered: &[&str]) -> Option<String> {
        let credentials = Credentials {
            user: "Mufasa".to_owned(),
            password: "Circle of Life".to_owned(),
        };
        let chance = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        answer(
            &credentials,
            offered.iter().copied(),
            "/dir/index.html",
            chance,
        )
    }

    /// The server's side: the response worked out in the plainest way from what the answer says.
    fn response_by_definition(answer: &str) -> String {
        let challenge = &challenges(answer)[0];
        let get = |name| challenge.get(name).unwrap();
        let md5 = |text: String| hex(&Md5::digest(text));
        let secret = md5(format!(
            "{}:{}:Circle of Life",
            get("username"),
            get("realm")
        ));
        let asked = md5(format!("POST:{}", get("uri")));
        md5(format!(
            "{secret}:{}:{}:{}:{}:{asked}",
            get("nonce"),
            get("nc"),
            get("cnonce"),
            get("qop")
        ))
    }

    #[test]
    fn basic_is_answered_with_name_and_password() {
        let basic = "Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl";
        assert_eq!(answered(&["Basic realm=\"a, b\""]).unwrap(), basic);
        assert_eq!(answered(&["Negotiate, basic realm=x"]).unwrap(), basic);
        assert_eq!(answered(&["Negotiate", "Basic realm=x"]).unwrap(), basic);
    }

    #[test]
    fn a_refusal_without_an_offer_means_basic() {
        assert!(answered(&[]).unwrap().starts_with("Basic "));
    }

    #[test]
    fn digest_comes_before_basic_which_tells_the_password() {
        let offered = [
            "Basic realm=\"x\", Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
             algorithm=MD5, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
        ];
        let answer = answered(&offered).unwrap();
        let response = response_by_definition(&answer);
        assert_eq!(
            answer,
            format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", \
                 response=\"{response}\", algorithm=MD5, \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", qop=auth, nc=00000001, \
                 cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\""
            )
        );
    }

    #[test]
    fn the_old_form_of_digest_has_no_numbers_of_ours() {
        let answer = answered(&["Digest realm=\"r\", nonce=\"n\""]).unwrap();
        assert!(!answer.contains("cnonce"), "{answer}");
        assert!(!answer.contains("algorithm"), "{answer}");
    }

    #[test]
    fn sha_256_and_sessions_change_the_response() {
        let mut responses: Vec<String> = ["MD5", "MD5-sess", "SHA-256", "sha-256-SESS"]
            .map(|algorithm| {
                let offer = format!("Digest realm=r, nonce=n, qop=auth, algorithm={algorithm}");
                let answer = answered(&[&offer]).unwrap();
                assert!(answer.contains(&format!("algorithm={algorithm}")));
                challenges(&answer)[0].get("response").unwrap().to_owned()
            })
            .into();
        assert_eq!(responses[0].len(), 32);
        assert_eq!(responses[2].len(), 64);
        responses.sort_unstable();
        responses.dedup();
        assert_eq!(responses.len(), 4);
    }

    #[test]
    fn what_is_not_known_is_not_answered() {
        assert_eq!(answered(&["Negotiate"]), None);
        assert_eq!(answered(&["Digest realm=r, nonce=n, algorithm=MD4"]), None);
        assert_eq!(
            answered(&["Digest realm=r, nonce=n, qop=\"auth-int\""]),
            None
        );
        assert_eq!(answered(&["Digest realm=r"]), None);
    }

    #[test]
    fn quotes_are_taken_off_and_put_on() {
        let parsed = challenges(r#"Digest realm = "a \"b\", \\c", nonce=n"#);
        assert_eq!(parsed[0].get("realm"), Some(r#"a "b", \c"#));
        assert_eq!(parsed[0].get("nonce"), Some("n"));
        assert_eq!(quoted(r#"a "b", \c"#), r#""a \"b\", \\c""#);
    }

    #[test]
    fn nothing_that_a_server_sends_breaks_the_reader() {
        for header in [
            "",
            ",",
            "=",
            " = ",
            "\"",
            "a\"",
            "Digest \\\"",
            "é é=é",
            ",,Basic",
        ] {
            challenges(header);
        }
    }
}
