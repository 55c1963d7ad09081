//! Which topic or subscription an ARN of a request names, or AWS's error for one that names none.
//!
//! Spec section 1.2: the error names the kind of ARN, whatever the parameter is called.

use api::Error;
use domain::{AccountId, Region};

use crate::error::{invalid_because, invalid_parameter};

/// A topic as an ARN names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicName<'a> {
    pub account: AccountId,
    pub region: Region,
    pub name: &'a str,
}

/// A subscription as an ARN names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscriptionName<'a> {
    pub topic: TopicName<'a>,
    pub id: [u8; 16],
}

/// The topic that a request made in `region` names.
pub fn topic(text: &str, region: Region) -> Result<TopicName<'_>, Error> {
    let parts = parts(text, "TopicArn")?;
    let named = |parts: &[&'_ str]| -> bool { parts.len() == 6 };
    let refuse = || invalid_parameter("TopicArn");
    if !named(&parts) {
        return Err(refuse());
    }
    of_service(&parts, region).ok_or_else(refuse)
}

fn of_service<'a>(parts: &[&'a str], region: Region) -> Option<TopicName<'a>> {
    let [arn, partition, service, in_region, account, name, ..] = parts else {
        return None;
    };
    let here = *arn == "arn" && *partition == region.partition() && *service == "sns";
    let account = AccountId::parse(account).ok()?;
    (here && *in_region == region.as_str() && !name.is_empty()).then_some(TopicName {
        account,
        region,
        name,
    })
}

fn parts<'a>(text: &'a str, kind: &str) -> Result<Vec<&'a str>, Error> {
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() < 6 {
        let reason = format!("An ARN must have at least 6 elements, not {}", parts.len());
        return Err(invalid_because(kind, reason));
    }
    Ok(parts)
}
