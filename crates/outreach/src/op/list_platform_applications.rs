//! ListPlatformApplications: an account's applications, in order of creation.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListPlatformApplications.html>

use api::Error;
use api::sns::{
    ListPlatformApplicationsInput, ListPlatformApplicationsResponse, PlatformApplication,
};

use crate::application_attributes::shown;
use crate::op::arn_of;
use crate::outreach::Outreach;
use crate::{limits, paging};

pub fn reply(
    outreach: &Outreach,
    input: &ListPlatformApplicationsInput<'_>,
) -> Result<ListPlatformApplicationsResponse<'static>, Error> {
    let after = paging::open_number(input.next_token.as_deref())?;
    let rest = outreach.applications.after(after);
    let (page, token) = paging::page(rest, limits::PAGE, |it| it.number.to_string());
    let applications = page.into_iter().map(|application| PlatformApplication {
        platform_application_arn: Some(arn_of(outreach.home, application).into()),
        attributes: Some(shown(application)),
    });
    Ok(ListPlatformApplicationsResponse {
        platform_applications: Some(applications.collect()),
        next_token: token.map(Into::into),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{fresh, map, with_application};

    fn list(
        outreach: &Outreach,
        token: Option<api::Str<'static>>,
    ) -> (Vec<PlatformApplication<'static>>, Option<api::Str<'static>>) {
        let input = ListPlatformApplicationsInput { next_token: token };
        let reply = reply(outreach, &input).unwrap();
        (reply.platform_applications.unwrap(), reply.next_token)
    }

    #[test]
    fn a_fresh_account_has_a_list_that_is_empty() {
        assert_eq!(list(&fresh(), None), (vec![], None));
    }

    #[test]
    fn pages_hold_100_applications_with_their_attributes() {
        let mut outreach = fresh();
        for n in 0..101 {
            with_application(&mut outreach, format!("app{n}").leak(), &[]);
        }
        let (first, token) = list(&outreach, None);
        assert_eq!(first.len(), 100);
        assert_eq!(first[0].attributes, map(&[("Enabled", "true")]));
        let (second, end) = list(&outreach, token);
        assert_eq!(
            second[0].platform_application_arn.as_deref(),
            Some("arn:aws:sns:us-east-1:000000000000:app/GCM/app100")
        );
        assert_eq!((second.len(), end), (1, None));
    }
}
