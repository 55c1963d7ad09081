//! ARNs of platform applications and endpoints: `…:app/{Platform}/{Name}`, `…:endpoint/{Platform}/{App}/{uuid}`.

use api::Error;
use domain::{AccountId, Arn, Region};

use crate::application::ApplicationName;
use crate::error::{invalid, no_application, no_endpoint};
use crate::id::Id;
use crate::platform::Platform;

/// Whose ARNs are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    pub account: AccountId,
    pub region: Region,
}

impl Home {
    pub fn application(self, name: &ApplicationName) -> Arn {
        let (platform, name) = (name.0.name(), &name.1);
        self.arn(&format!("app/{platform}/{name}"))
    }

    pub fn endpoint(self, name: &ApplicationName, id: Id) -> Arn {
        let (platform, name) = (name.0.name(), &name.1);
        self.arn(&format!("endpoint/{platform}/{name}/{id}"))
    }

    fn arn(self, resource: &str) -> Arn {
        Arn::new("sns", self.region, self.account, resource)
    }

    /// The application that an ARN names. An ARN of another account or region names none that is here.
    pub(crate) fn read_application(self, arn: &str) -> Result<ApplicationName, Error> {
        let [kind, platform, name] = slashed(arn, "PlatformApplicationArn")?;
        let platform = Platform::from_name(platform).filter(|_| kind == "app");
        let name = (platform.ok_or_else(no_application)?, name.to_owned());
        if self.application(&name).as_str() == arn {
            Ok(name)
        } else {
            Err(no_application())
        }
    }

    /// The id of the endpoint that an ARN names, and the name of its application.
    pub(crate) fn read_endpoint(self, arn: &str) -> Result<(ApplicationName, Id), Error> {
        let [kind, platform, name, id] = slashed(arn, "EndpointArn")?;
        let platform = Platform::from_name(platform).filter(|_| kind == "endpoint");
        let id = Id::parse(id).ok_or_else(no_endpoint)?;
        let name = (platform.ok_or_else(no_endpoint)?, name.to_owned());
        if self.endpoint(&name, id).as_str() == arn {
            Ok((name, id))
        } else {
            Err(no_endpoint())
        }
    }
}

/// The parts of an ARN's last element, which must be as many as asked for.
fn slashed<'a, const N: usize>(arn: &'a str, parameter: &str) -> Result<[&'a str; N], Error> {
    let elements = arn.split(':').count();
    if elements < 6 {
        return Err(invalid(
            parameter,
            format_args!("An ARN must have at least 6 elements, not {elements}"),
        ));
    }
    let relative = arn.splitn(6, ':').last().unwrap_or_default();
    let parts: Vec<&str> = relative.split('/').collect();
    parts.try_into().map_err(|_| {
        invalid(
            parameter,
            "Wrong number of slashes in relative portion of the ARN.",
        )
    })
}

/// Account and region of an endpoint's ARN, for who looks up what was sent to it.
pub fn home_of(arn: &str) -> Option<Home> {
    let arn = Arn::parse(arn).ok()?;
    Some(Home {
        account: AccountId::parse(arn.account()).ok()?,
        region: Region::parse(arn.region()).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        Home {
            account: AccountId::DEFAULT,
            region: Region::default(),
        }
    }

    #[test]
    fn an_arn_is_read_as_it_is_written() {
        let name = (Platform::Gcm, "shop.app".to_owned());
        let arn = home().application(&name);
        assert_eq!(
            arn.as_str(),
            "arn:aws:sns:us-east-1:000000000000:app/GCM/shop.app"
        );
        assert_eq!(home().read_application(arn.as_str()), Ok(name.clone()));
        let id = Id::of([7; 16]);
        let arn = home().endpoint(&name, id);
        assert_eq!(
            arn.as_str(),
            format!("arn:aws:sns:us-east-1:000000000000:endpoint/GCM/shop.app/{id}")
        );
        assert_eq!(home().read_endpoint(arn.as_str()), Ok((name, id)));
        assert_eq!(home_of(arn.as_str()), Some(home()));
    }

    #[test]
    fn a_text_that_is_no_arn_is_told_how_many_elements_it_has() {
        for (text, elements) in [("", 1), ("randomarn", 1), ("arn:aws:sns", 3)] {
            assert_eq!(
                home().read_application(text).unwrap_err().message,
                format!(
                    "Invalid parameter: PlatformApplicationArn Reason: An ARN must have at least 6 elements, \
                     not {elements}"
                )
            );
        }
    }

    #[test]
    fn the_last_element_has_its_number_of_slashes() {
        assert_eq!(
            home()
                .read_endpoint("arn:aws:sns:us-east-1:000000000000:endpoint/GCM/app")
                .unwrap_err()
                .message,
            "Invalid parameter: EndpointArn Reason: Wrong number of slashes in relative portion of the ARN."
        );
    }

    #[test]
    fn what_is_elsewhere_does_not_exist_here() {
        for arn in [
            "arn:aws:sns:eu-west-1:000000000000:app/GCM/shop",
            "arn:aws:sns:us-east-1:111111111111:app/GCM/shop",
            "arn:aws:sqs:us-east-1:000000000000:app/GCM/shop",
            "arn:aws:sns:us-east-1:000000000000:app/FCM/shop",
            "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/shop",
        ] {
            assert_eq!(home().read_application(arn), Err(no_application()));
        }
        assert_eq!(
            home().read_endpoint("arn:aws:sns:us-east-1:000000000000:endpoint/GCM/shop/x"),
            Err(no_endpoint())
        );
    }
}
