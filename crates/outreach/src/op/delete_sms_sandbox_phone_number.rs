//! DeleteSMSSandboxPhoneNumber: a number leaves the sandbox, a day after it came at the earliest.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_DeleteSMSSandboxPhoneNumber.html>

use api::Error;
use api::sns::error as kind;
use api::sns::{DeleteSMSSandboxPhoneNumberInput, DeleteSMSSandboxPhoneNumberResult};
use domain::Time;

use crate::command::Command;
use crate::error::{Breaches, sandbox};
use crate::limits;
use crate::op::Plan;
use crate::outreach::Outreach;
use crate::phone;

pub fn prepare(
    outreach: &Outreach,
    now: Time,
    input: &DeleteSMSSandboxPhoneNumberInput<'_>,
) -> Result<Plan<()>, Error> {
    let mut breaches = Breaches::default();
    let number = breaches.require("phoneNumber", input.phone_number.as_deref());
    if input.phone_number.is_some() {
        phone::check_sandbox_form(number, &mut breaches);
    }
    breaches.refuse()?;
    let Some(known) = outreach.sandbox.get(number) else {
        return Err(sandbox(
            &kind::RESOURCE_NOT_FOUND_EXCEPTION,
            "The phone number does not exist in the sandbox",
        ));
    };
    if now < known.added.after(limits::SANDBOX_STAY) {
        return Err(sandbox(
            &kind::USER_ERROR_EXCEPTION,
            "A phone number can be deleted from the sandbox 24 hours after it was added",
        ));
    }
    let command = Command::RemoveSandboxNumber(number.to_owned());
    Ok(Plan::of(command, ()))
}

pub fn reply() -> DeleteSMSSandboxPhoneNumberResult {
    DeleteSMSSandboxPhoneNumberResult {}
}
