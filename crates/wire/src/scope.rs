//! The credential scope: who asks, where, and of which service, as the request claims it.
//!
//! Read from the `Authorization` header or a presigned URL's `X-Amz-Credential`, without a look at the signature.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

/// Longest credential looked at.
const CREDENTIAL_BYTES_MAX: usize = 512;

/// The account of callers whose access key names none.
pub const DEFAULT_ACCOUNT: &str = "000000000000";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'a> {
    pub access_key: &'a str,
    /// `yyyymmdd`.
    pub date: &'a str,
    /// Absent in SigV4A, whose signatures count in several regions.
    pub region: Option<&'a str>,
    pub service: &'a str,
}

impl<'a> Scope<'a> {
    /// The scope of a request: its `Authorization` header goes before its query string. Absent where there is none or
    /// it has not the form AWS gives it.
    pub fn of(authorization: &'a str, query: &'a str) -> Option<Self> {
        in_header(authorization).or_else(|| in_query(query))
    }

    /// The account: an access key of 12 digits is one, as in other emulators; else [`DEFAULT_ACCOUNT`].
    pub fn account(&self) -> &'a str {
        match is_account(self.access_key) {
            true => self.access_key,
            false => DEFAULT_ACCOUNT,
        }
    }
}

pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn in_header(authorization: &str) -> Option<Scope<'_>> {
    let (algorithm, fields) = authorization.trim_start().split_once(' ')?;
    if !algorithm.starts_with("AWS4-") {
        return None;
    }
    let mut fields = fields.split([',', ' ']);
    parse(fields.find_map(|field| field.strip_prefix("Credential="))?)
}

fn in_query(query: &str) -> Option<Scope<'_>> {
    let mut pairs = query.split('&');
    parse(pairs.find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?)
}

/// `key/date/region/service/aws4_request`, in which slashes may be escaped and the key may hold some.
fn parse(credential: &str) -> Option<Scope<'_>> {
    if credential.len() > CREDENTIAL_BYTES_MAX {
        return None;
    }
    let (rest, end) = rsplit(credential)?;
    if end != "aws4_request" {
        return None;
    }
    let (rest, service) = rsplit(rest)?;
    let (before, last) = rsplit(rest)?;
    let (access_key, date, region) = match is_date(last) {
        true => (before, last, None),
        false => {
            let (access_key, date) = rsplit(before)?;
            (access_key, date, Some(last))
        }
    };
    let complete = is_date(date) && !access_key.is_empty() && !service.is_empty();
    complete.then_some(Scope {
        access_key,
        date,
        region: region.filter(|region| !region.is_empty()),
        service,
    })
}

fn is_date(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Splits at the last slash.
fn rsplit(text: &str) -> Option<(&str, &str)> {
    if !text.contains('%') {
        return text.rsplit_once('/');
    }
    ["/", "%2F", "%2f"]
        .into_iter()
        .filter_map(|slash| text.rsplit_once(slash))
        .min_by_key(|(_, last)| last.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_key_region_and_service() {
        let header = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261125/eu-west-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";
        let scope = Scope::of(header, "").unwrap();
        assert_eq!(scope.access_key, "AKIDEXAMPLE");
        assert_eq!(scope.region, Some("eu-west-1"));
        assert_eq!(scope.service, "sqs");
        assert_eq!(scope.account(), DEFAULT_ACCOUNT);
    }

    #[test]
    fn header_without_spaces_is_understood() {
        let header = "AWS4-HMAC-SHA256 Credential=test/20261125/us-east-1/sqs/aws4_request,SignedHeaders=host,Signature=0";
        assert_eq!(Scope::of(header, "").unwrap().region, Some("us-east-1"));
    }

    #[test]
    fn presigned_url_names_them_too() {
        let query = "Action=ListQueues&X-Amz-Credential=AKID%2F20261125%2Fus-west-2%2Fsqs%2Faws4_request&X-Amz-Signature=0";
        let scope = Scope::of("", query).unwrap();
        assert_eq!(
            (scope.access_key, scope.region),
            ("AKID", Some("us-west-2"))
        );
    }

    #[test]
    fn twelve_digit_access_key_is_the_account() {
        let header = "AWS4-HMAC-SHA256 Credential=123456789012/20261125/us-east-1/sqs/aws4_request";
        assert_eq!(Scope::of(header, "").unwrap().account(), "123456789012");
    }

    #[test]
    fn regionless_signature_has_no_region() {
        let header =
            "AWS4-ECDSA-P256-SHA256 Credential=AKID/20261125/sqs/aws4_request, SignedHeaders=host";
        let scope = Scope::of(header, "").unwrap();
        assert_eq!((scope.region, scope.service), (None, "sqs"));
    }

    #[test]
    fn access_key_may_hold_slashes() {
        let header = "AWS4-HMAC-SHA256 Credential=a/b/20261125/us-east-1/sqs/aws4_request";
        assert_eq!(Scope::of(header, "").unwrap().access_key, "a/b");
    }

    #[test]
    fn what_is_no_scope_is_none() {
        for header in [
            "",
            "Basic dTpw",
            "Bearer x",
            "AWS4-HMAC-SHA256 ",
            "AWS4-HMAC-SHA256 Credential=a/b/c",
        ] {
            assert_eq!(Scope::of(header, ""), None, "{header}");
        }
        let long = format!(
            "AWS4-HMAC-SHA256 Credential={}/20261125/r/s/aws4_request",
            "a".repeat(600)
        );
        assert_eq!(Scope::of(&long, ""), None);
    }
}
