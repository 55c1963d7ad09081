//! A data protection policy as it comes in a request.
//!
//! Spec section 2.5;
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-policies.html>.

use api::Error;

use crate::config::Config;
use crate::data_protection::Policy;
use crate::error::invalid_because;

/// The text as it is kept, if it is a policy; the empty text is none.
pub(crate) fn read(topic: &Config, text: &str) -> Result<Option<String>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    if topic.fifo {
        return Err(refused("A FIFO topic has no data protection policy"));
    }
    Policy::parse(text).map(|_| Some(text.to_owned()))
}

fn refused(text: impl std::fmt::Display) -> Error {
    invalid_because("DataProtectionPolicy", text)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::op::samples::standard;

    pub(crate) const POLICY: &str = r#"{"Name":"pii","Description":"","Version":"2021-06-01","Statement":[{"Sid":"in","DataDirection":"Inbound","Principal":["*"],"DataIdentifier":["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],"Operation":{"Deny":{}}}]}"#;

    #[test]
    fn a_policy_is_a_json_object_of_at_most_30720_characters() {
        let padded = |length: usize| format!("{POLICY}{}", " ".repeat(length - POLICY.len()));
        assert!(read(&standard(), &padded(30_720)).is_ok());
        for text in [&padded(30_721), "x", "[]"] {
            let error = read(&standard(), text).unwrap_err();
            let start = "Invalid parameter: DataProtectionPolicy Reason: ";
            assert!(error.message.starts_with(start), "{text}");
        }
    }
}
