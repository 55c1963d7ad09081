//! What a log group is told to be: its settings and tags, in the form the machine acts on.
//!
//! Texts and ranges are checked by the operations; a `Config` is always valid.

use domain::bytes::{Malformed, Put, Take};
use domain::{AccountId, Arn, Region, Seconds, Time};

use crate::limits;

/// Everything settable about a group, and what it was born with. Replaced whole by [`crate::Command::Configure`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub account: AccountId,
    pub region: Region,
    pub name: String,
    pub created: Time,
    pub class: Class,
    pub kms_key: Option<String>,
    /// In days; absent, events never expire.
    pub retention: Option<u16>,
    /// Nothing of the group may be deleted.
    pub protected: bool,
    /// Sorted by key.
    pub tags: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Standard,
    InfrequentAccess,
    Delivery,
    Essentials,
}

impl Config {
    /// A group as it is made when nothing is said of it.
    pub fn fresh(
        account: AccountId,
        region: Region,
        name: &str,
        class: Class,
        now: Time,
    ) -> Config {
        Config {
            account,
            region,
            name: name.to_owned(),
            created: now,
            class,
            kms_key: None,
            retention: (class == Class::Delivery).then_some(limits::DELIVERY_RETENTION_DAYS),
            protected: false,
            tags: Vec::new(),
        }
    }

    /// `arn:aws:logs:region:account:log-group:name`, without the `:*` of IAM policies.
    pub fn arn(&self) -> Arn {
        let resource = format!("log-group:{}", self.name);
        Arn::new("logs", self.region, self.account, &resource)
    }

    pub(crate) fn stream_arn(&self, stream: &str) -> String {
        format!("{}:log-stream:{stream}", self.arn())
    }

    /// How long an event lives from its timestamp on.
    pub(crate) fn life(&self) -> Option<Seconds> {
        self.retention.map(|days| Seconds(u32::from(days) * 86_400))
    }

    /// Appends the configuration as records and snapshots keep it, the fields in the order of the struct.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_text(self.account.as_str());
        out.put_text(self.region.as_str());
        out.put_text(&self.name);
        out.put_u64(self.created.millis());
        out.put_u8(self.class.tag());
        out.put_some_text(self.kms_key.as_deref());
        out.put_bool(self.retention.is_some());
        if let Some(days) = self.retention {
            out.put_u16(days);
        }
        out.put_bool(self.protected);
        out.put_u32(u32::try_from(self.tags.len()).expect("a group has at most 50 tags"));
        for (key, value) in &self.tags {
            out.put_text(key);
            out.put_text(value);
        }
    }

    /// Reads what `encode` wrote and leaves `take` behind it.
    pub fn decode(take: &mut Take<'_>) -> Result<Config, Malformed> {
        Ok(Config {
            account: AccountId::parse(take.text()?)
                .map_err(|_| Malformed("an account id has not 12 digits"))?,
            region: Region::parse(take.text()?).map_err(|_| Malformed("a region is none"))?,
            name: take.text()?.to_owned(),
            created: Time::from_millis(take.u64()?),
            class: Class::from_tag(take.u8()?)?,
            kms_key: take.some_text()?.map(str::to_owned),
            retention: if take.bool()? {
                Some(take.u16()?)
            } else {
                None
            },
            protected: take.bool()?,
            tags: (0..take.u32()?)
                .map(|_| Ok((take.text()?.to_owned(), take.text()?.to_owned())))
                .collect::<Result<_, Malformed>>()?,
        })
    }
}

impl Class {
    pub(crate) const NAMES: [&str; 4] = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"];

    /// AWS's name for it.
    pub fn name(self) -> &'static str {
        Class::NAMES[usize::from(self.tag())]
    }

    pub(crate) fn from_name(name: &str) -> Option<Class> {
        let tag = Class::NAMES.iter().position(|known| *known == name)?;
        Class::from_tag(tag as u8).ok()
    }

    fn tag(self) -> u8 {
        match self {
            Class::Standard => 0,
            Class::InfrequentAccess => 1,
            Class::Delivery => 2,
            Class::Essentials => 3,
        }
    }

    fn from_tag(tag: u8) -> Result<Class, Malformed> {
        match tag {
            0 => Ok(Class::Standard),
            1 => Ok(Class::InfrequentAccess),
            2 => Ok(Class::Delivery),
            3 => Ok(Class::Essentials),
            _ => Err(Malformed("a log class is of no known kind")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_comes_back_from_its_bytes() {
        let mut config = Config::fresh(
            AccountId::DEFAULT,
            Region::default(),
            "/app/x",
            Class::Delivery,
            Time::from_seconds(7),
        );
        config.kms_key = Some("key".into());
        config.protected = true;
        config.tags = vec![("a".into(), "1".into()), ("b".into(), String::new())];
        for class in [
            Class::Standard,
            Class::InfrequentAccess,
            Class::Delivery,
            Class::Essentials,
        ] {
            config.class = class;
            let mut bytes = Vec::new();
            config.encode(&mut bytes);
            let mut take = Take::new(&bytes);
            assert_eq!(Config::decode(&mut take), Ok(config.clone()));
            assert!(take.is_empty());
            assert_eq!(Class::from_name(class.name()), Some(class));
        }
    }

    #[test]
    fn only_the_delivery_class_begins_with_a_retention() {
        let fresh = |class| {
            Config::fresh(
                AccountId::DEFAULT,
                Region::default(),
                "g",
                class,
                Time::ZERO,
            )
            .life()
        };
        assert_eq!(fresh(Class::Standard), None);
        assert_eq!(fresh(Class::Delivery), Some(Seconds(86_400)));
    }

    #[test]
    fn arns_are_aws_s() {
        let config = Config::fresh(
            AccountId::DEFAULT,
            Region::default(),
            "g",
            Class::Standard,
            Time::ZERO,
        );
        assert_eq!(
            config.stream_arn("s/1"),
            "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:s/1"
        );
    }
}
