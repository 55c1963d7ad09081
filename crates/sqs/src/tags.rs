//! A queue's tags: what may be one, and how many.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html>

use api::Str;

use crate::config::Config;
use crate::error::Error;
use crate::limits;

/// Adds tags to those a queue has, replacing the values of keys it has already.
pub(crate) fn add(config: &mut Config, given: &[(Str<'_>, Str<'_>)]) -> Result<(), Error> {
    for (key, value) in given {
        check(key, value)?;
        match config
            .tags
            .binary_search_by(|(known, _)| known.as_str().cmp(key))
        {
            Ok(at) => config.tags[at].1 = value.to_string(),
            Err(at) => config.tags.insert(at, (key.to_string(), value.to_string())),
        }
    }
    if config.tags.len() > limits::TAGS_MAX {
        return Err(Error::InvalidParameterValue(
            format!("Too many tags added for queue {}.", config.name).into(),
        ));
    }
    Ok(())
}

fn check(key: &str, value: &str) -> Result<(), Error> {
    if !limits::TAG_KEY_CHARS.contains(&key.chars().count()) {
        return Err(refused(
            "Tag keys must be between 1 and 128 characters in length.",
        ));
    }
    if value.chars().count() > limits::TAG_VALUE_CHARS_MAX {
        return Err(refused(
            "Tag values must be between 0 and 256 characters in length.",
        ));
    }
    if !key.chars().chain(value.chars()).all(is_legal) {
        return Err(refused(
            "Tag keys and values can only contain Unicode letters, digits, white space and the characters _.:/=+-@",
        ));
    }
    if key
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    {
        return Err(refused(
            "Tag keys must not start with aws:, which is reserved.",
        ));
    }
    Ok(())
}

fn is_legal(c: char) -> bool {
    let blank = c.is_whitespace() && !c.is_control();
    c.is_alphanumeric() || blank || "_.:/=+-@".contains(c)
}

fn refused(text: &'static str) -> Error {
    Error::InvalidParameterValue(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::standard;

    fn add_all(tags: &[(&str, &str)]) -> Result<Config, Error> {
        let mut config = standard();
        let tags: Vec<(Str<'_>, Str<'_>)> = tags
            .iter()
            .map(|&(key, value)| (key.into(), value.into()))
            .collect();
        add(&mut config, &tags).map(|()| config)
    }

    #[test]
    fn keys_and_values_are_words_in_any_script() {
        let long_key = "k".repeat(128);
        let long_value = "v".repeat(256);
        for (key, value) in [
            ("Ключ", ""),
            ("a b_.:/=+-@9", "x"),
            (&long_key, &long_value),
            ("awsome", "1"),
        ] {
            assert!(add_all(&[(key, value)]).is_ok(), "{key}");
        }
        let longer_key = "k".repeat(129);
        let longer_value = "v".repeat(257);
        for (key, value) in [
            ("", "x"),
            ("a\n", "x"),
            ("a!", "x"),
            ("a", "x*"),
            (&longer_key, "x"),
            ("a", &longer_value),
            ("AWS:x", "x"),
        ] {
            let refused = add_all(&[(key, value)]);
            assert!(
                matches!(refused, Err(Error::InvalidParameterValue(_))),
                "{key}"
            );
        }
    }

    #[test]
    fn a_queue_has_at_most_50_tags() {
        let keys: Vec<String> = (0..51).map(|n| format!("k{n}")).collect();
        let tags: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "")).collect();
        assert_eq!(add_all(&tags[..50]).unwrap().tags.len(), 50);
        assert_eq!(
            add_all(&tags).unwrap_err().message(),
            "Too many tags added for queue orders."
        );
    }
}
