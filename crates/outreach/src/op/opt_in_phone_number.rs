//! OptInPhoneNumber: a number wants SMS again.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_OptInPhoneNumber.html>

use api::Error;
use api::sns::{OptInPhoneNumberInput, OptInPhoneNumberResponse};
use domain::Time;

use crate::command::Command;
use crate::error::{invalid, required};
use crate::op::Plan;
use crate::outreach::Outreach;
use crate::phone;

/// A number that is not on the list is as it should be. One that comes back a second time within 30 days is refused,
/// as AWS documents; the text is ours.
pub fn prepare(
    outreach: &Outreach,
    now: Time,
    input: &OptInPhoneNumberInput<'_>,
) -> Result<Plan<()>, Error> {
    let number = required("phoneNumber", input.phone_number.as_deref())?;
    phone::check_opt_out_form(number)?;
    let number = phone::bare(number);
    if !outreach.opt_outs.has(&number) {
        return Ok(Plan::nothing(()));
    }
    if outreach.opt_outs.is_resting(&number, now) {
        return Err(invalid(
            "PhoneNumber",
            "a phone number can be opted in only once every 30 days",
        ));
    }
    Ok(Plan::of(Command::OptIn(number), ()))
}

pub fn reply() -> OptInPhoneNumberResponse {
    OptInPhoneNumberResponse {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, after, apply, carry_out, fresh};

    const NUMBER: &str = "+436641234567";
    const DAY: u32 = 24 * 3600;

    fn opt_in(outreach: &Outreach, now: Time, number: &'static str) -> Result<Plan<()>, Error> {
        let input = OptInPhoneNumberInput {
            phone_number: Some(number.into()),
        };
        prepare(outreach, now, &input)
    }

    #[test]
    fn an_unknown_number_is_fine() {
        assert_eq!(opt_in(&fresh(), NOW, NUMBER).unwrap().command, None);
    }

    #[test]
    fn a_number_comes_back_once_in_30_days() {
        let mut outreach = fresh();
        let out = Command::OptOut(NUMBER.to_owned());
        apply(&mut outreach, NOW, &out);
        let plan = opt_in(&outreach, NOW, NUMBER).unwrap();
        carry_out(&mut outreach, NOW, plan);
        assert!(!outreach.is_opted_out(NUMBER));
        apply(&mut outreach, after(DAY), &out);
        assert!(opt_in(&outreach, after(30 * DAY - 1), NUMBER).is_err());
        assert!(opt_in(&outreach, after(30 * DAY), NUMBER).is_ok());
    }

    #[test]
    fn a_text_that_is_no_number_is_refused() {
        assert_eq!(
            opt_in(&fresh(), NOW, "nonsense").unwrap_err().message,
            "Invalid parameter: PhoneNumber Reason: input incorrectly formatted"
        );
    }
}
