//! VerifySMSSandboxPhoneNumber: a number proves by its one-time password that somebody reads what it is sent.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_VerifySMSSandboxPhoneNumber.html>

use api::Error;
use api::sns::error as kind;
use api::sns::{VerifySMSSandboxPhoneNumberInput, VerifySMSSandboxPhoneNumberResult};

use crate::command::Command;
use crate::error::{Breaches, sandbox};
use crate::op::Plan;
use crate::outreach::Outreach;
use crate::phone;

pub fn prepare(
    outreach: &Outreach,
    input: &VerifySMSSandboxPhoneNumberInput<'_>,
) -> Result<Plan<()>, Error> {
    let (number, password) = check(input)?;
    let Some(known) = outreach.sandbox.get(number) else {
        return Err(sandbox(
            &kind::RESOURCE_NOT_FOUND_EXCEPTION,
            "The phone number does not exist in the sandbox",
        ));
    };
    if known.password != password {
        return Err(sandbox(
            &kind::VERIFICATION_EXCEPTION,
            "The one-time password is not the one that was sent",
        ));
    }
    if known.verified {
        return Ok(Plan::nothing(()));
    }
    let command = Command::VerifySandboxNumber(number.to_owned());
    Ok(Plan::of(command, ()))
}

pub fn reply() -> VerifySMSSandboxPhoneNumberResult {
    VerifySMSSandboxPhoneNumberResult {}
}

fn check<'r>(input: &'r VerifySMSSandboxPhoneNumberInput<'_>) -> Result<(&'r str, &'r str), Error> {
    let mut breaches = Breaches::default();
    let number = breaches.require("phoneNumber", input.phone_number.as_deref());
    let password = breaches.require("oneTimePassword", input.one_time_password.as_deref());
    if input.phone_number.is_some() {
        phone::check_sandbox_form(number, &mut breaches);
    }
    if input.one_time_password.is_some() {
        let shown = Some(password);
        breaches.check(
            password.len() >= 5,
            "oneTimePassword",
            shown,
            "Member must have length greater than or equal to 5",
        );
        breaches.check(
            password.len() <= 8,
            "oneTimePassword",
            shown,
            "Member must have length less than or equal to 8",
        );
        breaches.check(
            !password.is_empty() && password.bytes().all(|b| b.is_ascii_digit()),
            "oneTimePassword",
            shown,
            "Member must satisfy regular expression pattern: ^[0-9]+$",
        );
    }
    breaches.refuse()?;
    Ok((number, password))
}
