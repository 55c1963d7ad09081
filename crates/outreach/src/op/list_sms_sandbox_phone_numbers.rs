//! ListSMSSandboxPhoneNumbers: the numbers in the sandbox, and which of them are verified.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListSMSSandboxPhoneNumbers.html>

use api::Error;
use api::sns::{
    ListSMSSandboxPhoneNumbersInput, ListSMSSandboxPhoneNumbersResult, SMSSandboxPhoneNumber,
};

use crate::op::list_origination_numbers::check_max;
use crate::outreach::Outreach;
use crate::{limits, paging};

pub fn reply(
    outreach: &Outreach,
    input: &ListSMSSandboxPhoneNumbersInput<'_>,
) -> Result<ListSMSSandboxPhoneNumbersResult<'static>, Error> {
    check_max(input.max_results, limits::SANDBOX_PAGE)?;
    let after = paging::open(input.next_token.as_deref())?;
    let size = input.max_results.unwrap_or(*limits::SANDBOX_PAGE.end()) as usize;
    let all = outreach.sandbox.iter();
    let rest = all.filter(|(number, _)| after.as_deref().is_none_or(|after| *number > after));
    let (page, token) = paging::page(rest, size, |(number, _)| (*number).to_owned());
    let numbers = page.into_iter().map(|(number, it)| SMSSandboxPhoneNumber {
        phone_number: Some(number.to_owned().into()),
        status: Some(if it.verified { "Verified" } else { "Pending" }.into()),
    });
    Ok(ListSMSSandboxPhoneNumbersResult {
        phone_numbers: Some(numbers.collect()),
        next_token: token.map(Into::into),
    })
}
