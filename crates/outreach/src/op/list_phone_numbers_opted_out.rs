//! ListPhoneNumbersOptedOut: the numbers that want no SMS from this account any more.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListPhoneNumbersOptedOut.html>

use api::Error;
use api::sns::{ListPhoneNumbersOptedOutInput, ListPhoneNumbersOptedOutResponse};

use crate::outreach::Outreach;
use crate::{limits, paging};

pub fn reply(
    outreach: &Outreach,
    input: &ListPhoneNumbersOptedOutInput<'_>,
) -> Result<ListPhoneNumbersOptedOutResponse<'static>, Error> {
    let after = paging::open(input.next_token.as_deref())?;
    let rest = outreach.opt_outs.after(after.as_deref());
    let (page, token) = paging::page(rest, limits::PAGE, |number| (*number).to_owned());
    let numbers = page.into_iter().map(|number| number.to_owned().into());
    Ok(ListPhoneNumbersOptedOutResponse {
        phone_numbers: Some(numbers.collect()),
        next_token: token.map(Into::into),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::op::samples::{NOW, apply, fresh};

    fn list(
        outreach: &Outreach,
        token: Option<api::Str<'static>>,
    ) -> (Vec<api::Str<'static>>, Option<api::Str<'static>>) {
        let input = ListPhoneNumbersOptedOutInput { next_token: token };
        let reply = reply(outreach, &input).unwrap();
        (reply.phone_numbers.unwrap(), reply.next_token)
    }

    #[test]
    fn a_fresh_account_has_a_list_that_is_empty() {
        assert_eq!(list(&fresh(), None), (vec![], None));
    }

    #[test]
    fn pages_hold_100_numbers() {
        let mut outreach = fresh();
        for n in 0..101 {
            apply(&mut outreach, NOW, &Command::OptOut(format!("+1555{n:07}")));
        }
        let (first, token) = list(&outreach, None);
        assert_eq!((first.len(), &*first[99]), (100, "+15550000099"));
        let (second, end) = list(&outreach, token);
        assert_eq!((second, end), (vec!["+15550000100".into()], None));
    }
}
