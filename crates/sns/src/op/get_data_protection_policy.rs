//! GetDataProtectionPolicy: what may not pass through a topic, as it was put.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetDataProtectionPolicy.html>

use api::sns::GetDataProtectionPolicyResponse;

use crate::topic::Topic;

/// A topic without a policy answers an empty text.
pub fn reply(topic: &Topic) -> GetDataProtectionPolicyResponse<'static> {
    let text = topic.config().data_protection.clone();
    GetDataProtectionPolicyResponse {
        data_protection_policy: Some(text.unwrap_or_default().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::standard;

    #[test]
    fn a_policy_reads_back_as_it_was_put() {
        let mut config = standard();
        let shown = |config| {
            let reply = reply(&Topic::new(config));
            reply.data_protection_policy.unwrap().into_owned()
        };
        assert_eq!(shown(config.clone()), "");
        config.data_protection = Some(" {}".to_owned());
        assert_eq!(shown(config), " {}");
    }
}
