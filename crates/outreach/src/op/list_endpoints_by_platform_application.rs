//! ListEndpointsByPlatformApplication: an application's endpoints, in order of creation.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListEndpointsByPlatformApplication.html>

use api::Error;
use api::sns::{
    Endpoint, ListEndpointsByPlatformApplicationInput, ListEndpointsByPlatformApplicationResponse,
};

use crate::op::{application, endpoint_arn_of};
use crate::outreach::Outreach;
use crate::{limits, paging};

pub fn reply(
    outreach: &Outreach,
    input: &ListEndpointsByPlatformApplicationInput<'_>,
) -> Result<ListEndpointsByPlatformApplicationResponse<'static>, Error> {
    let application = application(outreach, input.platform_application_arn.as_deref())?;
    let after = paging::open_number(input.next_token.as_deref())?;
    let rest = outreach.endpoints.after(application.number, after);
    let (page, token) = paging::page(rest, limits::PAGE, |endpoint| endpoint.number.to_string());
    let shown = page.into_iter().map(|endpoint| Endpoint {
        endpoint_arn: Some(endpoint_arn_of(outreach.home, application, endpoint).into()),
        attributes: Some(endpoint.shown()),
    });
    Ok(ListEndpointsByPlatformApplicationResponse {
        endpoints: Some(shown.collect()),
        next_token: token.map(Into::into),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{fresh, map, with_application, with_endpoint};

    #[test]
    fn pages_hold_100_endpoints_of_the_application() {
        let mut outreach = fresh();
        let application = with_application(&mut outreach, "shop", &[]);
        let other = with_application(&mut outreach, "other", &[]);
        let mut arns = Vec::new();
        for n in 0..101 {
            arns.push(with_endpoint(&mut outreach, &application, &format!("t{n}")));
            with_endpoint(&mut outreach, &other, &format!("t{n}"));
        }
        let list = |token| {
            let input = ListEndpointsByPlatformApplicationInput {
                platform_application_arn: Some(application.clone().into()),
                next_token: token,
            };
            let reply = reply(&outreach, &input).unwrap();
            (reply.endpoints.unwrap(), reply.next_token)
        };
        let (first, token) = list(None);
        assert_eq!(first.len(), 100);
        assert_eq!(
            first[7].attributes,
            map(&[("Enabled", "true"), ("Token", "t7")])
        );
        let (second, end) = list(token);
        let seen: Vec<_> = first
            .into_iter()
            .chain(second)
            .map(|endpoint| endpoint.endpoint_arn.unwrap())
            .collect();
        assert_eq!(seen, arns);
        assert_eq!(end, None);
    }

    #[test]
    fn an_application_that_is_gone_lists_nothing_but_an_error() {
        let input = ListEndpointsByPlatformApplicationInput {
            platform_application_arn: Some(
                "arn:aws:sns:us-east-1:000000000000:app/GCM/gone".into(),
            ),
            next_token: None,
        };
        assert_eq!(
            reply(&fresh(), &input).unwrap_err().message,
            "PlatformApplication does not exist"
        );
    }
}
