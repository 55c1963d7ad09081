//! The push notification services that a platform application can belong to.

/// A push notification service, by AWS's name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    Adm,
    Apns,
    ApnsSandbox,
    ApnsVoip,
    ApnsVoipSandbox,
    Baidu,
    Gcm,
    Macos,
    MacosSandbox,
    Mpns,
    Wns,
}

impl Platform {
    pub const ALL: [Platform; 11] = [
        Platform::Adm,
        Platform::Apns,
        Platform::ApnsSandbox,
        Platform::ApnsVoip,
        Platform::ApnsVoipSandbox,
        Platform::Baidu,
        Platform::Gcm,
        Platform::Macos,
        Platform::MacosSandbox,
        Platform::Mpns,
        Platform::Wns,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Platform::Adm => "ADM",
            Platform::Apns => "APNS",
            Platform::ApnsSandbox => "APNS_SANDBOX",
            Platform::ApnsVoip => "APNS_VOIP",
            Platform::ApnsVoipSandbox => "APNS_VOIP_SANDBOX",
            Platform::Baidu => "BAIDU",
            Platform::Gcm => "GCM",
            Platform::Macos => "MACOS",
            Platform::MacosSandbox => "MACOS_SANDBOX",
            Platform::Mpns => "MPNS",
            Platform::Wns => "WNS",
        }
    }

    pub fn from_name(name: &str) -> Option<Platform> {
        Platform::ALL
            .into_iter()
            .find(|platform| platform.name() == name)
    }

    /// The byte that stands for it in records: its place in `ALL`, which never changes.
    pub(crate) fn tag(self) -> u8 {
        Platform::ALL
            .iter()
            .position(|platform| *platform == self)
            .expect("ALL holds every platform") as u8
    }

    pub(crate) fn from_tag(tag: u8) -> Option<Platform> {
        Platform::ALL.get(usize::from(tag)).copied()
    }

    /// Apple's services: one payload, one set of headers.
    pub fn is_apple(self) -> bool {
        match self {
            Platform::Apns
            | Platform::ApnsSandbox
            | Platform::ApnsVoip
            | Platform::ApnsVoipSandbox
            | Platform::Macos
            | Platform::MacosSandbox => true,
            Platform::Adm | Platform::Baidu | Platform::Gcm | Platform::Mpns | Platform::Wns => {
                false
            }
        }
    }

    pub(crate) fn is_voip(self) -> bool {
        matches!(self, Platform::ApnsVoip | Platform::ApnsVoipSandbox)
    }

    /// Whether a credential needs a principal beside it. FCM's key or service file stands alone.
    pub(crate) fn needs_principal(self) -> bool {
        self != Platform::Gcm
    }

    /// The names by which reserved message attributes mean this platform, the first one first.
    pub(crate) fn attribute_names(self) -> &'static [&'static str] {
        match self {
            Platform::Gcm => &["FCM", "GCM"],
            Platform::Adm => &["ADM"],
            Platform::Apns => &["APNS"],
            Platform::ApnsSandbox => &["APNS_SANDBOX"],
            Platform::ApnsVoip => &["APNS_VOIP"],
            Platform::ApnsVoipSandbox => &["APNS_VOIP_SANDBOX"],
            Platform::Baidu => &["BAIDU"],
            Platform::Macos => &["MACOS"],
            Platform::MacosSandbox => &["MACOS_SANDBOX"],
            Platform::Mpns => &["MPNS"],
            Platform::Wns => &["WNS"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_tags_lead_back_to_their_platform() {
        for platform in Platform::ALL {
            assert_eq!(Platform::from_name(platform.name()), Some(platform));
            assert_eq!(Platform::from_tag(platform.tag()), Some(platform));
        }
        assert_eq!(Platform::from_name("FCM"), None);
        assert_eq!(Platform::from_tag(11), None);
    }
}
