//! GetPlatformApplicationAttributes: what an application was given, without its credentials.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetPlatformApplicationAttributes.html>

use api::Error;
use api::sns::{GetPlatformApplicationAttributesInput, GetPlatformApplicationAttributesResponse};

use crate::application_attributes::shown;
use crate::op::application;
use crate::outreach::Outreach;

pub fn reply(
    outreach: &Outreach,
    input: &GetPlatformApplicationAttributesInput<'_>,
) -> Result<GetPlatformApplicationAttributesResponse<'static>, Error> {
    let application = application(outreach, input.platform_application_arn.as_deref())?;
    Ok(GetPlatformApplicationAttributesResponse {
        attributes: Some(shown(application)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{fresh, map, with_application};

    fn get(
        outreach: &Outreach,
        arn: &str,
    ) -> Result<Option<api::Map<'static, api::Str<'static>>>, Error> {
        let input = GetPlatformApplicationAttributesInput {
            platform_application_arn: Some(arn.to_owned().into()),
        };
        reply(outreach, &input).map(|reply| reply.attributes)
    }

    #[test]
    fn what_was_set_reads_back_except_the_credentials() {
        let mut outreach = fresh();
        let arn = with_application(
            &mut outreach,
            "shop",
            &[("SuccessFeedbackSampleRate", "100")],
        );
        assert_eq!(
            get(&outreach, &arn),
            Ok(map(&[
                ("Enabled", "true"),
                ("SuccessFeedbackSampleRate", "100")
            ]))
        );
    }

    #[test]
    fn an_unknown_application_is_not_found() {
        let error = get(&fresh(), "arn:aws:sns:us-east-1:000000000000:app/ADM/none").unwrap_err();
        assert_eq!((error.kind.code, error.kind.status), ("NotFound", 404));
        assert_eq!(error.message, "PlatformApplication does not exist");
    }
}
