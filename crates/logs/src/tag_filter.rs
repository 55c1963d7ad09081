//! ListLogGroups' logGroupTags: a key that a group must have, and values of which one must fit.
//!
//! `prod` is that value, `prod*` and `*prod` begin or end with it whatever the case, `!prod` is any other.

use api::logs;

use crate::characters;
use crate::checks::{Checks, TAG_KEY};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagFilter {
    key: String,
    values: Vec<String>,
}

impl TagFilter {
    pub(crate) fn check(checks: &mut Checks, filters: Option<&Vec<logs::TagFilter<'_>>>) {
        checks.count("logGroupTags", filters.map(Vec::len), &(1..=5));
        for (number, filter) in filters.into_iter().flatten().enumerate() {
            let member = format!("logGroupTags.{}.member", number + 1);
            checks.required(&format!("{member}.key"), filter.key.as_ref(), &TAG_KEY);
            let values = filter.values.as_deref().unwrap_or_default();
            checks.count(&format!("{member}.values"), Some(values.len()), &(0..=5));
            for value in values {
                if value.chars().count() > 259 || !bare(value).chars().all(characters::tag) {
                    let rule = r"satisfy regular expression pattern: ^!?\*?([\p{L}\p{Z}\p{N}_.:/=+\-@]*)\*?$";
                    checks.fail(&format!("{member}.values"), value, rule);
                }
            }
        }
    }

    pub(crate) fn all(filters: Option<&Vec<logs::TagFilter<'_>>>) -> Vec<TagFilter> {
        let filters = filters.into_iter().flatten().map(|filter| TagFilter {
            key: filter.key.as_deref().unwrap_or_default().to_owned(),
            values: filter
                .values
                .iter()
                .flatten()
                .map(|value| value.to_string())
                .collect(),
        });
        filters.collect()
    }

    pub(crate) fn matches(&self, tags: &[(String, String)]) -> bool {
        let tag = tags.iter().find(|(key, _)| *key == self.key);
        tag.is_some_and(|(_, value)| {
            self.values.is_empty() || self.values.iter().any(|wanted| fits(wanted, value))
        })
    }
}

/// The text without negation and asterisks.
fn bare(wanted: &str) -> &str {
    let text = wanted.strip_prefix('!').unwrap_or(wanted);
    let text = text.strip_prefix('*').unwrap_or(text);
    text.strip_suffix('*').unwrap_or(text)
}

fn fits(wanted: &str, value: &str) -> bool {
    if let Some(unwanted) = wanted.strip_prefix('!') {
        return !fits(unwanted, value);
    }
    let text = bare(wanted).to_lowercase();
    let lower = value.to_lowercase();
    match (
        wanted.starts_with('*'),
        wanted.len() > 1 && wanted.ends_with('*'),
    ) {
        (false, false) => wanted == value,
        (true, false) => lower.ends_with(&text),
        (false, true) => lower.starts_with(&text),
        (true, true) => lower.contains(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fit_whole_by_a_part_or_by_not_being() {
        for (wanted, value, fit) in [
            ("prod", "prod", true),
            ("prod", "Prod", false),
            ("prod*", "Production", true),
            ("prod*", "preprod", false),
            ("*prod", "preProd", true),
            ("*pro*", "the product", true),
            ("!prod", "test", true),
            ("!prod", "prod", false),
            ("!prod*", "product", false),
            ("*", "", true),
            ("", "", true),
        ] {
            assert_eq!(fits(wanted, value), fit, "{wanted} {value}");
        }
    }

    #[test]
    fn without_values_the_key_is_enough() {
        let tags = vec![("env".to_owned(), String::new())];
        let filter = |key: &str, values: &[&str]| TagFilter {
            key: key.into(),
            values: values.iter().map(|&value| value.into()).collect(),
        };
        assert!(filter("env", &[]).matches(&tags));
        assert!(!filter("Env", &[]).matches(&tags));
        assert!(filter("env", &["a", ""]).matches(&tags));
        assert!(!filter("env", &["a"]).matches(&tags));
        assert!(!filter("none", &["!a"]).matches(&tags));
    }

    #[test]
    fn a_filter_has_legal_texts() {
        let check = |key: Option<&'static str>, value: &'static str| {
            let filter = logs::TagFilter {
                key: key.map(Into::into),
                values: Some(vec![value.into()]),
            };
            let mut checks = Checks::new();
            TagFilter::check(&mut checks, Some(&vec![filter]));
            checks.done().is_ok()
        };
        assert!(check(Some("env"), "!*prod*"));
        assert!(!check(None, "prod"));
        assert!(!check(Some("env"), "a*b"));
        assert!(!check(Some("a!"), "b"));
    }
}
