//! CreateTopic: a topic of a name, or the one that is there already if it is what was asked for.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>

use api::Error;
use api::sns::error as kind;
use api::sns::{CreateTopicInput, CreateTopicResponse};
use domain::{AccountId, Region, Time};

use crate::config::Config;
use crate::data_protection_text;
use crate::error::{Refused, invalid_because, invalid_parameter, validation_null};
use crate::limits;
use crate::subscription_attributes::are_same_json;
use crate::tags;
use crate::topic_attributes::{self, TopicAttribute, parse_flag};

const FIFO_SUFFIX: &str = ".fifo";

/// The topic that is asked for. Whether one of that name exists is the caller's to find out (see [`same`]).
pub fn prepare(
    account: AccountId,
    region: Region,
    now: Time,
    input: &CreateTopicInput<'_>,
) -> Result<Config, Error> {
    let name = input
        .name
        .as_deref()
        .ok_or_else(|| validation_null("name"))?;
    let fifo = wants_fifo(input)?;
    check_name(name, fifo)?;
    let mut config = Config::fresh(name, account, region, fifo, now);
    for (attribute, value) in attributes(input, fifo)? {
        topic_attributes::assign(&mut config, attribute, value, now)
            .map_err(Refused::among_attributes)?;
    }
    config.tags = tags::read(input.tags.as_deref().unwrap_or_default())?;
    if let Some(policy) = input.data_protection_policy.as_deref() {
        config.data_protection = data_protection_text::read(&config, policy)?;
    }
    Ok(config)
}

/// Checks that a topic which exists is the one asked for, as `prepare` has read it: what is not given may be as it is.
pub fn same(existing: &Config, wanted: &Config, input: &CreateTopicInput<'_>) -> Result<(), Error> {
    for (attribute, _) in attributes(input, wanted.fifo)? {
        let text = |config| topic_attributes::text(config, attribute);
        let (is, asked) = (text(existing), text(wanted));
        let agree = is == asked || (attribute.is_json() && are_same_json(is, asked));
        if !agree {
            return Err(invalid_because(
                "Attributes",
                "Topic already exists with different attributes",
            ));
        }
    }
    let (is, asked) = (&existing.data_protection, &wanted.data_protection);
    if asked.is_some() && !are_same_json(is.clone(), asked.clone()) {
        return Err(invalid_because(
            "DataProtectionPolicy",
            "Topic already exists with a different data protection policy",
        ));
    }
    if !wanted.tags.iter().all(|tag| existing.tags.contains(tag)) {
        return Err(invalid_because(
            "Tags",
            "Topic already exists with different tags",
        ));
    }
    Ok(())
}

/// Checks that an account with so many topics of this type in this region may have another one.
pub fn check_count(fifo: bool, topics: usize) -> Result<(), Error> {
    let max = if fifo {
        limits::TOPICS_FIFO_MAX
    } else {
        limits::TOPICS_MAX
    };
    if topics >= max {
        return Err(kind::TOPIC_LIMIT_EXCEEDED_EXCEPTION
            .with(format!("An account has at most {max} topics of this type")));
    }
    Ok(())
}

pub fn reply(config: &Config) -> CreateTopicResponse<'static> {
    CreateTopicResponse {
        topic_arn: Some(config.arn().as_str().to_owned().into()),
    }
}

fn given<'a>(input: &'a CreateTopicInput<'_>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let given = input.attributes.as_deref().unwrap_or_default();
    given.iter().map(|(name, value)| (&**name, &**value))
}

fn wants_fifo(input: &CreateTopicInput<'_>) -> Result<bool, Error> {
    let Some((_, value)) = given(input).find(|(name, _)| *name == "FifoTopic") else {
        return Ok(false);
    };
    parse_flag(value).ok_or_else(|| {
        let text = format!("FifoTopic: Invalid value [{value}]. Must be true or false.");
        Refused::new(text).among_attributes()
    })
}

/// Letters, digits, hyphens and underscores; a FIFO topic's name ends as only a FIFO topic's may.
fn check_name(name: &str, fifo: bool) -> Result<(), Error> {
    let stem = match name.strip_suffix(FIFO_SUFFIX) {
        Some(stem) if fifo => Some(stem),
        None if !fifo => Some(name),
        Some(_) | None => None,
    };
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let fits = name.len() <= limits::NAME_CHARS_MAX;
    match stem {
        Some(stem) if !stem.is_empty() && fits && stem.bytes().all(legal) => Ok(()),
        Some(_) | None => Err(invalid_parameter("Topic Name")),
    }
}

/// The attributes given beside the type, each of which a topic of this type has.
fn attributes<'a>(
    input: &'a CreateTopicInput<'_>,
    fifo: bool,
) -> Result<Vec<(TopicAttribute, &'a str)>, Error> {
    let others = given(input).filter(|(name, _)| *name != "FifoTopic");
    let read = |(name, value): (&str, &'a str)| {
        let attribute = TopicAttribute::parse(name);
        attribute
            .filter(|attribute| attribute.is_settable(fifo))
            .map(|attribute| (attribute, value))
            .ok_or_else(|| Refused::new(format!("Unknown attribute {name}")).among_attributes())
    };
    others.map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_protection_text::tests::POLICY;
    use crate::op::samples::{NOW, map, standard, tags};
    use crate::policy;

    type Entries<'e> = &'e [(&'static str, &'static str)];

    fn input(name: &str, attributes: Entries<'_>) -> CreateTopicInput<'static> {
        CreateTopicInput {
            name: Some(name.to_owned().into()),
            attributes: map(attributes),
            ..Default::default()
        }
    }

    fn prepared(input: &CreateTopicInput<'_>) -> Result<Config, Error> {
        prepare(AccountId::DEFAULT, Region::default(), NOW, input)
    }

    fn refusal(name: &str, attributes: Entries<'_>) -> String {
        prepared(&input(name, attributes))
            .unwrap_err()
            .message
            .into_owned()
    }

    /// Creates a topic, then asks for it again with other attributes and tags.
    fn again(first: Entries<'_>, second: Entries<'_>) -> Result<(), Error> {
        let existing = prepared(&input("orders", first)).unwrap();
        let input = input("orders", second);
        same(&existing, &prepared(&input).unwrap(), &input)
    }

    #[test]
    fn a_topic_without_attributes_is_as_sns_has_it() {
        assert_eq!(prepared(&input("orders", &[])).unwrap(), standard());
        let arn = reply(&standard()).topic_arn.unwrap();
        assert_eq!(arn, "arn:aws:sns:us-east-1:000000000000:orders");
    }

    #[test]
    fn a_name_has_1_to_256_letters_digits_hyphens_and_underscores() {
        let longest = "n".repeat(256);
        assert!(prepared(&input(&longest, &[])).is_ok());
        assert!(prepared(&input("A-z_9", &[])).is_ok());
        for name in ["", "a.b", "ä", "a b", &format!("{longest}n"), ".fifo"] {
            assert_eq!(
                refusal(name, &[]),
                "Invalid parameter: Topic Name",
                "{name}"
            );
        }
    }

    #[test]
    fn the_suffix_and_the_attribute_of_a_fifo_topic_go_together() {
        let fifo = [("FifoTopic", "true")];
        assert!(prepared(&input("orders.fifo", &fifo)).unwrap().fifo);
        let longest = format!("{}.fifo", "n".repeat(251));
        assert!(prepared(&input(&longest, &fifo)).is_ok());
        for (name, attributes) in [
            ("orders.fifo", &[][..]),
            ("orders.fifo", &[("FifoTopic", "false")]),
            ("orders", &fifo),
            (".fifo", &fifo),
            (&format!("n{longest}"), &fifo),
        ] {
            assert_eq!(refusal(name, attributes), "Invalid parameter: Topic Name");
        }
        assert!(
            !prepared(&input("orders", &[("FifoTopic", "false")]))
                .unwrap()
                .fifo
        );
    }

    #[test]
    fn attributes_that_the_topic_cannot_have_are_unknown() {
        for name in [
            "Owner",
            "Colour",
            "ContentBasedDeduplication",
            "ArchivePolicy",
        ] {
            assert_eq!(
                refusal("orders", &[(name, "true")]),
                format!("Invalid parameter: Attributes Reason: Unknown attribute {name}")
            );
        }
    }

    #[test]
    fn a_bad_value_is_told_among_the_attributes() {
        assert_eq!(
            refusal("orders", &[("SQSSuccessFeedbackSampleRate", "500")]),
            "Invalid parameter: Attributes Reason: SQSSuccessFeedbackSampleRate: 500 value provided is not an integer \
             between 0-100"
        );
    }

    #[test]
    fn a_name_is_required() {
        let nameless = CreateTopicInput::default();
        assert_eq!(
            prepared(&nameless).unwrap_err().message,
            "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"
        );
    }

    #[test]
    fn a_topic_is_made_again_with_what_it_has_or_nothing() {
        let all = [("DisplayName", "Orders"), ("SignatureVersion", "2")];
        assert_eq!(again(&all, &all), Ok(()));
        assert_eq!(again(&all, &all[..1]), Ok(()));
        assert_eq!(again(&all, &[]), Ok(()));
        assert_eq!(again(&[], &[("FifoTopic", "false")]), Ok(()));
    }

    #[test]
    fn json_attributes_are_the_same_whatever_their_blanks() {
        let spaced: &'static str = policy::text(&standard()).replace(',', ", ").leak();
        assert_eq!(again(&[], &[("Policy", spaced)]), Ok(()));
    }

    #[test]
    fn a_topic_is_not_made_again_with_other_or_new_attributes() {
        for second in [("DisplayName", "Other"), ("SignatureVersion", "1")] {
            let error = again(&[("DisplayName", "Orders")], &[second]).unwrap_err();
            assert_eq!(
                error.message,
                "Invalid parameter: Attributes Reason: Topic already exists with different attributes"
            );
        }
    }

    #[test]
    fn a_topic_is_made_again_with_some_of_its_tags() {
        let with = |entries: Entries<'_>| CreateTopicInput {
            tags: Some(tags(entries)),
            ..input("orders", &[])
        };
        let existing = prepared(&with(&[("a", "1"), ("b", "2")])).unwrap();
        let asked = |entries: Entries<'_>| {
            let input = with(entries);
            same(&existing, &prepared(&input).unwrap(), &input)
        };
        assert_eq!(asked(&[("b", "2"), ("a", "1")]), Ok(()));
        assert_eq!(asked(&[("b", "2")]), Ok(()));
        assert_eq!(asked(&[]), Ok(()));
        for other in [("b", "3"), ("c", "2")] {
            assert_eq!(
                asked(&[other]).unwrap_err().message,
                "Invalid parameter: Tags Reason: Topic already exists with different tags"
            );
        }
    }

    #[test]
    fn a_topic_is_not_made_again_with_another_data_protection_policy() {
        let with = |policy: Option<&'static str>| CreateTopicInput {
            data_protection_policy: policy.map(Into::into),
            ..input("orders", &[])
        };
        let existing = prepared(&with(Some(POLICY))).unwrap();
        assert_eq!(existing.data_protection.as_deref(), Some(POLICY));
        let asked = |existing: &Config, policy| {
            let input = with(policy);
            same(existing, &prepared(&input).unwrap(), &input).is_ok()
        };
        assert!(asked(&existing, Some(POLICY)));
        assert!(asked(&existing, None));
        assert!(!asked(&standard(), Some(POLICY)));
    }

    #[test]
    fn an_account_has_so_many_topics_of_a_type() {
        assert!(check_count(true, 999).is_ok());
        let error = check_count(true, 1000).unwrap_err();
        assert_eq!(
            (error.kind.code, error.kind.status),
            ("TopicLimitExceeded", 403)
        );
        assert!(check_count(false, 99_999).is_ok());
        assert!(check_count(false, 100_000).is_err());
    }
}
