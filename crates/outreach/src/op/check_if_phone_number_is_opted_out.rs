//! CheckIfPhoneNumberIsOptedOut: whether a number wants no SMS from this account any more.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_CheckIfPhoneNumberIsOptedOut.html>

use api::Error;
use api::sns::{CheckIfPhoneNumberIsOptedOutInput, CheckIfPhoneNumberIsOptedOutResponse};

use crate::error::required;
use crate::outreach::Outreach;
use crate::phone;

pub fn reply(
    outreach: &Outreach,
    input: &CheckIfPhoneNumberIsOptedOutInput<'_>,
) -> Result<CheckIfPhoneNumberIsOptedOutResponse, Error> {
    let number = required("phoneNumber", input.phone_number.as_deref())?;
    phone::check_opt_out_form(number)?;
    Ok(CheckIfPhoneNumberIsOptedOutResponse {
        is_opted_out: Some(outreach.is_opted_out(number)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::op::samples::{NOW, apply, fresh};

    fn check(outreach: &Outreach, number: &'static str) -> Result<Option<bool>, Error> {
        let input = CheckIfPhoneNumberIsOptedOutInput {
            phone_number: Some(number.into()),
        };
        reply(outreach, &input).map(|reply| reply.is_opted_out)
    }

    #[test]
    fn a_number_is_opted_out_once_it_is_on_the_list() {
        let mut outreach = fresh();
        assert_eq!(check(&outreach, "+436641234567"), Ok(Some(false)));
        apply(
            &mut outreach,
            NOW,
            &Command::OptOut("+436641234567".to_owned()),
        );
        assert_eq!(check(&outreach, "+436641234567"), Ok(Some(true)));
        assert_eq!(check(&outreach, "436641234567"), Ok(Some(true)));
    }

    #[test]
    fn a_text_that_is_no_number_is_refused() {
        assert_eq!(
            check(&fresh(), "+44DEADBEEF").unwrap_err().message,
            "Invalid parameter: PhoneNumber Reason: input incorrectly formatted"
        );
    }
}
