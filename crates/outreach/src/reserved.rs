//! The message attributes that SNS keeps for itself: `AWS.SNS.MOBILE.…`, `AWS.SNS.SMS.…`, `AWS.MM.SMS.…`.

use api::Error;
use serde_json::{Map, Value};

use crate::error::invalid;
use crate::platform::Platform;

/// A message's attributes in request form: `{"name":{"DataType":…,"StringValue":…}}`.
#[derive(Debug, Default)]
pub(crate) struct Attributes(Map<String, Value>);

impl Attributes {
    /// What is no such object has no attributes: whoever sends has checked them.
    pub(crate) fn read(text: Option<&str>) -> Attributes {
        match text.map(serde_json::from_str) {
            Some(Ok(Value::Object(attributes))) => Attributes(attributes),
            Some(_) | None => Attributes::default(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.get("StringValue")?.as_str()
    }

    /// `AWS.SNS.MOBILE.{platform}.{name}`, by any of the platform's names. Apple's other services read APNS's.
    pub(crate) fn mobile(&self, platform: Platform, name: &str) -> Option<&str> {
        let apple = platform.is_apple().then_some("APNS");
        let names = platform.attribute_names().iter().copied().chain(apple);
        let mut found = names.map(|it| self.get(&format!("AWS.SNS.MOBILE.{it}.{name}")));
        found.find_map(|it| it)
    }

    /// The TTL in seconds that an attribute asks for. Each platform has an attribute of its own.
    pub(crate) fn ttl(&self, platform: Platform) -> Result<Option<u64>, Error> {
        for name in platform.attribute_names() {
            let name = format!("AWS.SNS.MOBILE.{name}.TTL");
            if let Some(text) = self.get(&name) {
                let seconds = text.parse::<u32>().map(u64::from);
                return seconds
                    .map(Some)
                    .map_err(|_| bad(&name, "must be a number of seconds"));
            }
        }
        Ok(None)
    }
}

/// No recording shows what AWS says to a reserved attribute that cannot be meant; the text is ours.
pub(crate) fn bad(name: &str, rule: &str) -> Error {
    invalid(name, rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apples_services_share_all_but_the_ttl() {
        let attributes = Attributes::read(Some(
            r#"{"AWS.SNS.MOBILE.APNS.TOPIC":{"DataType":"String","StringValue":"com.shop"},
                "AWS.SNS.MOBILE.APNS.TTL":{"DataType":"String","StringValue":"7"},
                "AWS.SNS.MOBILE.FCM.TTL":{"DataType":"String","StringValue":"8"},
                "AWS.SNS.MOBILE.ADM.TTL":{"DataType":"String","StringValue":"-1"}}"#,
        ));
        let topic = |platform| attributes.mobile(platform, "TOPIC");
        assert_eq!(topic(Platform::ApnsSandbox), Some("com.shop"));
        assert_eq!(topic(Platform::Gcm), None);
        assert_eq!(attributes.ttl(Platform::Apns), Ok(Some(7)));
        assert_eq!(attributes.ttl(Platform::ApnsSandbox), Ok(None));
        assert_eq!(attributes.ttl(Platform::Gcm), Ok(Some(8)));
        assert!(attributes.ttl(Platform::Adm).is_err());
    }
}
