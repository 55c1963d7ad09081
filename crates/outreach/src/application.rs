//! A platform application: an app on one push notification service, its credentials and its settings.

use domain::bytes::{Malformed, Put, Take};

use crate::platform::Platform;
use crate::secret::Secret;

/// What names an application: the service and the name under it.
pub type ApplicationName = (Platform, String);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Given once, in order of creation.
    pub number: u32,
    pub platform: Platform,
    pub name: String,
    /// Nothing is pushed to the endpoints of a disabled application.
    pub enabled: bool,
    pub principal: Option<Secret>,
    pub credential: Option<Secret>,
    /// What else was set, in `Setting`'s order.
    pub settings: Vec<(Setting, String)>,
}

/// An attribute that reads back as it was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    EventEndpointCreated,
    EventEndpointDeleted,
    EventEndpointUpdated,
    EventDeliveryFailure,
    SuccessFeedbackRoleArn,
    FailureFeedbackRoleArn,
    SuccessFeedbackSampleRate,
    ApplePlatformTeamId,
    ApplePlatformBundleId,
}

impl Setting {
    pub const ALL: [Setting; 9] = [
        Setting::EventEndpointCreated,
        Setting::EventEndpointDeleted,
        Setting::EventEndpointUpdated,
        Setting::EventDeliveryFailure,
        Setting::SuccessFeedbackRoleArn,
        Setting::FailureFeedbackRoleArn,
        Setting::SuccessFeedbackSampleRate,
        Setting::ApplePlatformTeamId,
        Setting::ApplePlatformBundleId,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Setting::EventEndpointCreated => "EventEndpointCreated",
            Setting::EventEndpointDeleted => "EventEndpointDeleted",
            Setting::EventEndpointUpdated => "EventEndpointUpdated",
            Setting::EventDeliveryFailure => "EventDeliveryFailure",
            Setting::SuccessFeedbackRoleArn => "SuccessFeedbackRoleArn",
            Setting::FailureFeedbackRoleArn => "FailureFeedbackRoleArn",
            Setting::SuccessFeedbackSampleRate => "SuccessFeedbackSampleRate",
            Setting::ApplePlatformTeamId => "ApplePlatformTeamID",
            Setting::ApplePlatformBundleId => "ApplePlatformBundleID",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Setting> {
        Setting::ALL
            .into_iter()
            .find(|setting| setting.name() == name)
    }

    /// The byte that stands for it in records: its place in `ALL`, which never changes.
    fn tag(self) -> u8 {
        Setting::ALL
            .iter()
            .position(|setting| *setting == self)
            .expect("ALL holds every setting") as u8
    }
}

impl Application {
    pub fn get(&self, setting: Setting) -> Option<&str> {
        let found = self.settings.iter().find(|(name, _)| *name == setting);
        found.map(|(_, value)| value.as_str())
    }

    /// An empty text takes the setting away.
    pub(crate) fn set(&mut self, setting: Setting, value: &str) {
        match self
            .settings
            .binary_search_by_key(&setting, |(name, _)| *name)
        {
            Ok(at) if value.is_empty() => {
                self.settings.remove(at);
            }
            Ok(at) => self.settings[at].1 = value.to_owned(),
            Err(at) if !value.is_empty() => self.settings.insert(at, (setting, value.to_owned())),
            Err(_) => {}
        }
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.put_u32(self.number);
        out.put_u8(self.platform.tag());
        out.put_text(&self.name);
        out.put_bool(self.enabled);
        out.put_some_text(self.principal.as_ref().map(Secret::reveal));
        out.put_some_text(self.credential.as_ref().map(Secret::reveal));
        out.put_u8(self.settings.len() as u8);
        for (setting, value) in &self.settings {
            out.put_u8(setting.tag());
            out.put_text(value);
        }
    }

    pub(crate) fn decode(take: &mut Take<'_>) -> Result<Application, Malformed> {
        Ok(Application {
            number: take.u32()?,
            platform: Platform::from_tag(take.u8()?)
                .ok_or(Malformed("an application is of no known platform"))?,
            name: take.text()?.to_owned(),
            enabled: take.bool()?,
            principal: take.some_text()?.map(Secret::new),
            credential: take.some_text()?.map(Secret::new),
            settings: take_settings(take)?,
        })
    }
}

fn take_settings(take: &mut Take<'_>) -> Result<Vec<(Setting, String)>, Malformed> {
    let mut settings = Vec::new();
    for _ in 0..take.u8()? {
        let setting = Setting::ALL.get(usize::from(take.u8()?));
        let setting = *setting.ok_or(Malformed("an application has an unknown setting"))?;
        settings.push((setting, take.text()?.to_owned()));
    }
    if settings.is_sorted_by(|a, b| a.0 < b.0) {
        Ok(settings)
    } else {
        Err(Malformed("an application's settings are out of order"))
    }
}
