//! SetSMSAttributes' keys, what each may hold, and what messages take from them.

use std::collections::BTreeMap;

use api::{Error, Str};
use domain::bytes::{Malformed, Put, Take};

use crate::application_attributes::is_percentage;
use crate::error::invalid_bare;

/// A key of SetSMSAttributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SmsAttribute {
    MonthlySpendLimit,
    DeliveryStatusIamRole,
    DeliveryStatusSuccessSamplingRate,
    DefaultSenderId,
    DefaultSmsType,
    UsageReportS3Bucket,
}

impl SmsAttribute {
    pub const ALL: [SmsAttribute; 6] = [
        SmsAttribute::MonthlySpendLimit,
        SmsAttribute::DeliveryStatusIamRole,
        SmsAttribute::DeliveryStatusSuccessSamplingRate,
        SmsAttribute::DefaultSenderId,
        SmsAttribute::DefaultSmsType,
        SmsAttribute::UsageReportS3Bucket,
    ];

    pub fn name(self) -> &'static str {
        match self {
            SmsAttribute::MonthlySpendLimit => "MonthlySpendLimit",
            SmsAttribute::DeliveryStatusIamRole => "DeliveryStatusIAMRole",
            SmsAttribute::DeliveryStatusSuccessSamplingRate => "DeliveryStatusSuccessSamplingRate",
            SmsAttribute::DefaultSenderId => "DefaultSenderID",
            SmsAttribute::DefaultSmsType => "DefaultSMSType",
            SmsAttribute::UsageReportS3Bucket => "UsageReportS3Bucket",
        }
    }

    pub(crate) fn parse(name: &str) -> Result<SmsAttribute, Error> {
        let found = SmsAttribute::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| invalid_bare(format!("{name} is not a valid attribute")))
    }

    /// An empty text takes any of them away. Only DefaultSMSType's error is recorded; the others follow it. There is
    /// no S3 here that a usage report could go to, so a bucket is refused rather than kept and forgotten.
    pub(crate) fn check(self, value: &str) -> Result<(), Error> {
        let legal = match self {
            _ if value.is_empty() => true,
            SmsAttribute::MonthlySpendLimit => {
                value.len() <= 9 && value.bytes().all(|b| b.is_ascii_digit())
            }
            SmsAttribute::DeliveryStatusIamRole => value.starts_with("arn:"),
            SmsAttribute::DeliveryStatusSuccessSamplingRate => is_percentage(value),
            SmsAttribute::DefaultSenderId => is_sender_id(value),
            SmsAttribute::DefaultSmsType => SmsType::parse(value).is_some(),
            SmsAttribute::UsageReportS3Bucket => {
                let text = "UsageReportS3Bucket is invalid: this server writes no usage reports";
                return Err(invalid_bare(text.to_owned()));
            }
        };
        if legal {
            Ok(())
        } else {
            Err(invalid_bare(format!("{} is invalid", self.name())))
        }
    }
}

/// 1 to 11 letters, digits and hyphens, at least one of them a letter.
/// <https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html>
pub(crate) fn is_sender_id(text: &str) -> bool {
    (1..=11).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SmsType {
    Promotional,
    Transactional,
}

impl SmsType {
    pub(crate) fn name(self) -> &'static str {
        match self {
            SmsType::Promotional => "Promotional",
            SmsType::Transactional => "Transactional",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<SmsType> {
        [SmsType::Promotional, SmsType::Transactional]
            .into_iter()
            .find(|it| it.name() == text)
    }
}

/// What was set, as it was given. A fresh region has a spend limit of 1 US dollar and nothing else.
#[derive(Debug, Default)]
pub(crate) struct SmsAttributes(BTreeMap<SmsAttribute, String>);

const FRESH_LIMIT: &str = "1";

impl SmsAttributes {
    pub(crate) fn set(&mut self, attribute: SmsAttribute, value: String) {
        if value.is_empty() {
            self.0.remove(&attribute);
        } else {
            self.0.insert(attribute, value);
        }
    }

    /// Those of the wanted names, or all; unknown names are left out silently.
    pub(crate) fn shown(&self, wanted: Option<&[Str<'_>]>) -> Vec<(&'static str, &str)> {
        let wanted = wanted.filter(|names| !names.is_empty());
        SmsAttribute::ALL
            .into_iter()
            .filter_map(|attribute| Some((attribute.name(), self.get(attribute)?)))
            .filter(|(name, _)| wanted.is_none_or(|names| names.iter().any(|it| it == name)))
            .collect()
    }

    fn get(&self, attribute: SmsAttribute) -> Option<&str> {
        let set = self.0.get(&attribute).map(String::as_str);
        let fresh = (attribute == SmsAttribute::MonthlySpendLimit).then_some(FRESH_LIMIT);
        set.or(fresh)
    }

    pub(crate) fn default_sender(&self) -> Option<&str> {
        self.get(SmsAttribute::DefaultSenderId)
    }

    pub(crate) fn default_type(&self) -> SmsType {
        let set = self.get(SmsAttribute::DefaultSmsType);
        set.and_then(SmsType::parse).unwrap_or(SmsType::Promotional)
    }

    /// In US dollars.
    pub(crate) fn monthly_limit(&self) -> u64 {
        let limit = self.get(SmsAttribute::MonthlySpendLimit);
        limit.and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// The percentage of successes to log; `None` without a role, when nothing is logged.
    pub(crate) fn log_rate(&self) -> Option<u8> {
        self.get(SmsAttribute::DeliveryStatusIamRole)?;
        let rate = self.get(SmsAttribute::DeliveryStatusSuccessSamplingRate);
        Some(rate.and_then(|rate| rate.parse().ok()).unwrap_or(100))
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        put_attributes(self.0.iter().map(|(it, value)| (*it, value.as_str())), out);
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<SmsAttributes, Malformed> {
        Ok(SmsAttributes(take_attributes(take)?.into_iter().collect()))
    }
}

pub(crate) fn put_attributes<'a>(
    attributes: impl ExactSizeIterator<Item = (SmsAttribute, &'a str)>,
    out: &mut Vec<u8>,
) {
    out.put_u8(attributes.len() as u8);
    for (attribute, value) in attributes {
        let tag = SmsAttribute::ALL.iter().position(|it| *it == attribute);
        out.put_u8(tag.expect("ALL holds every attribute") as u8);
        out.put_text(value);
    }
}

pub(crate) fn take_attributes(
    take: &mut Take<'_>,
) -> Result<Vec<(SmsAttribute, String)>, Malformed> {
    let mut attributes = Vec::new();
    for _ in 0..take.u8()? {
        let attribute = SmsAttribute::ALL.get(usize::from(take.u8()?));
        let attribute = *attribute.ok_or(Malformed("an SMS attribute is unknown"))?;
        attributes.push((attribute, take.text()?.to_owned()));
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_takes_what_it_is_for() {
        for (attribute, legal, illegal) in [
            (SmsAttribute::MonthlySpendLimit, "100", "x"),
            (SmsAttribute::MonthlySpendLimit, "", "-1"),
            (
                SmsAttribute::DeliveryStatusIamRole,
                "arn:aws:iam::1:role/r",
                "r",
            ),
            (
                SmsAttribute::DeliveryStatusSuccessSamplingRate,
                "100",
                "101",
            ),
            (SmsAttribute::DefaultSenderId, "My-Shop", "123"),
            (SmsAttribute::DefaultSenderId, "", "TwelveLetter"),
            (
                SmsAttribute::DefaultSmsType,
                "Transactional",
                "transactional",
            ),
            (SmsAttribute::UsageReportS3Bucket, "", "bucket"),
        ] {
            assert_eq!(attribute.check(legal), Ok(()), "{attribute:?}");
            assert!(
                attribute
                    .check(illegal)
                    .unwrap_err()
                    .message
                    .starts_with(&format!("{} is invalid", attribute.name())),
                "{attribute:?}"
            );
        }
    }

    #[test]
    fn successes_are_logged_only_with_a_role() {
        let mut set = SmsAttributes::default();
        set.set(
            SmsAttribute::DeliveryStatusSuccessSamplingRate,
            "5".to_owned(),
        );
        assert_eq!(set.log_rate(), None);
        set.set(SmsAttribute::DeliveryStatusIamRole, "arn:x".to_owned());
        assert_eq!(set.log_rate(), Some(5));
        set.set(SmsAttribute::DeliveryStatusIamRole, String::new());
        assert_eq!(set.log_rate(), None);
    }
}
