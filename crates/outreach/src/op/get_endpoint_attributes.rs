//! GetEndpointAttributes: what an endpoint was given.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetEndpointAttributes.html>

use api::Error;
use api::sns::{GetEndpointAttributesInput, GetEndpointAttributesResponse};

use crate::op::endpoint;
use crate::outreach::Outreach;

pub fn reply(
    outreach: &Outreach,
    input: &GetEndpointAttributesInput<'_>,
) -> Result<GetEndpointAttributesResponse<'static>, Error> {
    let (endpoint, _) = endpoint(outreach, input.endpoint_arn.as_deref())?;
    Ok(GetEndpointAttributesResponse {
        attributes: Some(endpoint.shown()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{fresh, map, with_application, with_endpoint};

    #[test]
    fn an_endpoint_shows_what_it_has() {
        let mut outreach = fresh();
        let application = with_application(&mut outreach, "shop", &[]);
        let arn = with_endpoint(&mut outreach, &application, "t");
        let get = |arn: &str| {
            let input = GetEndpointAttributesInput {
                endpoint_arn: Some(arn.to_owned().into()),
            };
            reply(&outreach, &input).map(|reply| reply.attributes)
        };
        assert_eq!(get(&arn), Ok(map(&[("Enabled", "true"), ("Token", "t")])));
        let error = get(&arn.replace("shop", "other")).unwrap_err();
        assert_eq!((error.kind.code, error.kind.status), ("NotFound", 404));
        assert_eq!(error.message, "Endpoint does not exist");
    }
}
