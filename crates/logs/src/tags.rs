//! A group's tags: what may be one, and how many. Two families of operations work on the one store.

use api::{Error, ErrorKind, Map, Str};

use crate::checks::{Checks, TAG_KEY, TAG_VALUE};
use crate::config::Config;
use crate::{error, limits};

/// What AWS's request layer checks of a map of tags.
pub(crate) fn check(checks: &mut Checks, tags: Option<&Map<'_, Str<'_>>>) {
    checks.count("tags", tags.map(Vec::len), &(1..=limits::TAGS_MAX));
    for (key, value) in tags.into_iter().flatten() {
        checks.text("tags", Some(key), &TAG_KEY);
        checks.text(&format!("tags.{key}.member"), Some(value), &TAG_VALUE);
    }
}

pub(crate) fn check_keys(checks: &mut Checks, member: &str, keys: Option<&Vec<Str<'_>>>) {
    for (number, key) in keys.into_iter().flatten().enumerate() {
        checks.text(
            &format!("{member}.{}.member", number + 1),
            Some(key),
            &TAG_KEY,
        );
    }
}

/// Adds tags to those a group has, replacing the values of keys it has already. Of too many the operations say so by
/// errors of different kinds.
pub(crate) fn add(
    config: &mut Config,
    given: Option<&Map<'_, Str<'_>>>,
    too_many: &'static ErrorKind,
) -> Result<(), Error> {
    for (key, value) in given.into_iter().flatten() {
        if key
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
        {
            return Err(error::invalid(
                "Tag keys must not start with aws:, which is reserved.",
            ));
        }
        match config
            .tags
            .binary_search_by(|(known, _)| known.as_str().cmp(key))
        {
            Ok(at) => config.tags[at].1 = value.to_string(),
            Err(at) => config.tags.insert(at, (key.to_string(), value.to_string())),
        }
    }
    if config.tags.len() > limits::TAGS_MAX {
        return Err(too_many.with("A resource can have at most 50 tags."));
    }
    Ok(())
}

pub(crate) fn remove(config: &mut Config, keys: Option<&Vec<Str<'_>>>) {
    let keys = keys.map(Vec::as_slice).unwrap_or_default();
    config
        .tags
        .retain(|(key, _)| !keys.iter().any(|gone| gone == key));
}

pub(crate) fn of(config: &Config) -> Map<'static, Str<'static>> {
    let tags = config.tags.iter();
    tags.map(|(key, value)| (key.clone().into(), value.clone().into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use api::logs::error::TOO_MANY_TAGS_EXCEPTION;

    use super::*;
    use crate::op::samples::{config, map};

    fn put(config: &mut Config, tags: &[(&'static str, &'static str)]) -> Result<(), Error> {
        add(config, map(tags).as_ref(), &TOO_MANY_TAGS_EXCEPTION)
    }

    #[test]
    fn a_known_key_gets_the_new_value_and_keys_differ_by_case() {
        let mut config = config();
        put(&mut config, &[("env", "test"), ("b", "1")]).unwrap();
        put(&mut config, &[("env", "live"), ("Env", "")]).unwrap();
        let wanted = map(&[("Env", ""), ("b", "1"), ("env", "live")]);
        assert_eq!(of(&config), wanted.unwrap());
        remove(&mut config, Some(&vec!["env".into(), "unknown".into()]));
        assert_eq!(of(&config), map(&[("Env", ""), ("b", "1")]).unwrap());
    }

    #[test]
    fn a_group_has_at_most_50_tags() {
        let mut config = config();
        config.tags = (10..60).map(|n| (format!("k{n}"), String::new())).collect();
        put(&mut config, &[("k10", "known")]).unwrap();
        let error = put(&mut config, &[("one", "more")]).unwrap_err();
        assert_eq!(error.kind.code, "TooManyTagsException");
    }

    #[test]
    fn awss_own_keys_are_reserved() {
        for key in ["aws:x", "AWS:x"] {
            let error = put(&mut config(), &[(key, "")]).unwrap_err();
            assert_eq!(error.kind.code, "InvalidParameterException");
        }
        assert!(put(&mut config(), &[("awsome", "")]).is_ok());
    }
}
