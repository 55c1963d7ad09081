//! GetSMSAttributes: the account's settings for SMS.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetSMSAttributes.html>

use api::sns::{GetSMSAttributesInput, GetSMSAttributesResponse};

use crate::outreach::Outreach;

pub fn reply(
    outreach: &Outreach,
    input: &GetSMSAttributesInput<'_>,
) -> GetSMSAttributesResponse<'static> {
    let shown = outreach.sms.shown(input.attributes.as_deref());
    let shown = shown.into_iter();
    GetSMSAttributesResponse {
        attributes: Some(
            shown
                .map(|(name, value)| (name.into(), value.to_owned().into()))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::op::samples::{NOW, apply, fresh, map};
    use crate::sms_attributes::SmsAttribute;

    fn get(
        outreach: &Outreach,
        names: Option<&[&'static str]>,
    ) -> Option<api::Map<'static, api::Str<'static>>> {
        let names = names.map(|names| names.iter().map(|name| (*name).into()).collect());
        reply(outreach, &GetSMSAttributesInput { attributes: names }).attributes
    }

    #[test]
    fn a_fresh_region_has_a_spend_limit_and_nothing_else() {
        assert_eq!(get(&fresh(), None), map(&[("MonthlySpendLimit", "1")]));
    }

    #[test]
    fn what_was_set_is_added_and_names_choose_among_it() {
        let mut outreach = fresh();
        let set = vec![
            (SmsAttribute::DefaultSmsType, "Transactional".to_owned()),
            (SmsAttribute::DefaultSenderId, "Shop".to_owned()),
        ];
        apply(&mut outreach, NOW, &Command::SetSmsAttributes(set));
        let all = [
            ("MonthlySpendLimit", "1"),
            ("DefaultSenderID", "Shop"),
            ("DefaultSMSType", "Transactional"),
        ];
        assert_eq!(get(&outreach, None), map(&all));
        assert_eq!(get(&outreach, Some(&[])), map(&all));
        assert_eq!(
            get(&outreach, Some(&["DefaultSenderID", "Nonsense"])),
            map(&all[1..2])
        );
        let unset = vec![(SmsAttribute::DefaultSmsType, String::new())];
        apply(&mut outreach, NOW, &Command::SetSmsAttributes(unset));
        assert_eq!(get(&outreach, None), map(&all[..2]));
    }
}
