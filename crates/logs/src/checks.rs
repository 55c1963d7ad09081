//! The checks that AWS's request layer makes of every request before the service sees it, and their texts.
//!
//! `1 validation error detected: Value 'x' at 'member' failed to satisfy constraint: Member must …`; all that a request
//! gets wrong stands in one text.

use std::fmt::Display;
use std::ops::RangeInclusive;

use api::{Error, Str};

use crate::characters;
use crate::error;

/// What the model says of a text.
#[derive(Debug)]
pub(crate) struct Rule {
    chars: RangeInclusive<usize>,
    legal: fn(char) -> bool,
    /// How AWS writes `legal`; empty where it has no pattern.
    pattern: &'static str,
    /// A name that is too long has a text of its own.
    is_name: bool,
}

pub(crate) static GROUP_NAME: Rule = Rule {
    chars: 1..=512,
    legal: characters::group_name,
    pattern: r"[\.\-_/#A-Za-z0-9]+",
    is_name: true,
};

pub(crate) static GROUP_NAME_PATTERN: Rule = Rule {
    chars: 0..=512,
    legal: characters::group_name,
    pattern: r"[\.\-_/#A-Za-z0-9]*",
    is_name: false,
};

pub(crate) static STREAM_NAME: Rule = Rule {
    chars: 1..=512,
    legal: characters::stream_name,
    pattern: "[^:*]*",
    is_name: true,
};

pub(crate) static IDENTIFIER: Rule = Rule {
    chars: 1..=2048,
    legal: characters::identifier,
    pattern: r"[\w#+=/:,.@-]*",
    is_name: false,
};

pub(crate) static RESOURCE_ARN: Rule = Rule {
    chars: 1..=1011,
    legal: characters::resource_arn,
    pattern: r"[\w+=/:,.@-]*",
    is_name: false,
};

pub(crate) static TAG_KEY: Rule = Rule {
    chars: 1..=128,
    legal: characters::tag,
    pattern: r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$",
    is_name: false,
};

pub(crate) static TAG_VALUE: Rule = Rule {
    chars: 0..=256,
    legal: characters::tag,
    pattern: r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$",
    is_name: false,
};

pub(crate) static TOKEN: Rule = any(1, usize::MAX);
pub(crate) static KMS_KEY: Rule = any(0, 256);
pub(crate) static FILTER_PATTERN: Rule = any(0, 1024);
pub(crate) static MESSAGE: Rule = any(1, usize::MAX);

const fn any(least: usize, most: usize) -> Rule {
    Rule {
        chars: least..=most,
        legal: |_| true,
        pattern: "",
        is_name: false,
    }
}

/// So much of a value as a text repeats.
const SHOWN_BYTES: usize = 1024;

/// What a request has got wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    failures: Vec<String>,
    name_too_long: bool,
}

impl Checks {
    pub(crate) fn new() -> Checks {
        Checks::default()
    }

    /// A text that may be missing.
    pub(crate) fn text(
        &mut self,
        member: &str,
        value: Option<&Str<'_>>,
        rule: &Rule,
    ) -> &mut Checks {
        let Some(value) = value else {
            return self;
        };
        let chars = value.chars().count();
        if chars < *rule.chars.start() {
            self.fail(member, value, &at_least("length", rule.chars.start()));
        } else if chars > *rule.chars.end() {
            self.name_too_long |= rule.is_name;
            self.fail(member, value, &at_most("length", rule.chars.end()));
        }
        if !value.chars().all(rule.legal) {
            let constraint = format!("satisfy regular expression pattern: {}", rule.pattern);
            self.fail(member, value, &constraint);
        }
        self
    }

    pub(crate) fn required(
        &mut self,
        member: &str,
        value: Option<&Str<'_>>,
        rule: &Rule,
    ) -> &mut Checks {
        self.present(member, value.is_some());
        self.text(member, value, rule)
    }

    pub(crate) fn present(&mut self, member: &str, present: bool) -> &mut Checks {
        if !present {
            self.failures.push(format!(
                "Value null at '{member}' failed to satisfy constraint: Member must not be null"
            ));
        }
        self
    }

    /// A number that may be missing.
    pub(crate) fn number(
        &mut self,
        member: &str,
        value: Option<i64>,
        range: &RangeInclusive<i64>,
    ) -> &mut Checks {
        match value {
            Some(value) if value < *range.start() => {
                self.fail(member, value, &at_least("value", range.start()))
            }
            Some(value) if value > *range.end() => {
                self.fail(member, value, &at_most("value", range.end()))
            }
            Some(_) | None => self,
        }
    }

    /// A point in time that may be missing.
    pub(crate) fn time(&mut self, member: &str, value: Option<i64>) -> &mut Checks {
        self.number(member, value, &(0..=i64::MAX))
    }

    pub(crate) fn one_of(
        &mut self,
        member: &str,
        value: Option<&Str<'_>>,
        known: &[&str],
    ) -> &mut Checks {
        match value {
            Some(value) if !known.contains(&&**value) => {
                let set = format!("satisfy enum value set: [{}]", known.join(", "));
                self.fail(member, value, &set)
            }
            Some(_) | None => self,
        }
    }

    /// How many entries a list or map has, if it is there.
    pub(crate) fn count(
        &mut self,
        member: &str,
        count: Option<usize>,
        range: &RangeInclusive<usize>,
    ) -> &mut Checks {
        match count {
            Some(count) if count < *range.start() => {
                self.fail(member, "[]", &at_least("length", range.start()))
            }
            Some(count) if count > *range.end() => {
                let entries = format!("[{count} entries]");
                self.fail(member, entries, &at_most("length", range.end()))
            }
            Some(_) | None => self,
        }
    }

    pub(crate) fn fail(
        &mut self,
        member: &str,
        value: impl Display,
        constraint: &str,
    ) -> &mut Checks {
        let mut value = value.to_string();
        value.truncate(value.floor_char_boundary(SHOWN_BYTES));
        self.failures.push(format!(
            "Value '{value}' at '{member}' failed to satisfy constraint: Member must {constraint}"
        ));
        self
    }

    /// All that was wrong, as one error.
    pub(crate) fn done(&mut self) -> Result<(), Error> {
        if self.name_too_long {
            return Err(error::invalid(
                "Invalid LogGroup or LogStream, both must have length less than or equal to 512.",
            ));
        }
        match self.failures.len() {
            0 => Ok(()),
            1 => Err(error::invalid(format!(
                "1 validation error detected: {}",
                self.failures[0]
            ))),
            several => Err(error::invalid(format!(
                "{several} validation errors detected: {}",
                self.failures.join("; ")
            ))),
        }
    }
}

fn at_least(what: &str, bound: impl Display) -> String {
    format!("have {what} greater than or equal to {bound}")
}

fn at_most(what: &str, bound: impl Display) -> String {
    format!("have {what} less than or equal to {bound}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(checks: &mut Checks) -> String {
        let error = checks.done().unwrap_err();
        assert_eq!(error.kind.code, "InvalidParameterException");
        error.message.into_owned()
    }

    #[test]
    fn a_number_out_of_range_is_named_with_its_bound() {
        assert_eq!(
            refusal(Checks::new().number("limit", Some(10_001), &(1..=10_000))),
            "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have \
             value less than or equal to 10000"
        );
        assert_eq!(
            refusal(Checks::new().number("limit", Some(0), &(1..=10_000))),
            "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value \
             greater than or equal to 1"
        );
    }

    #[test]
    fn all_that_is_wrong_stands_in_one_text() {
        let text = refusal(
            Checks::new()
                .required("logGroupName", None, &GROUP_NAME)
                .text(
                    "filterPattern",
                    Some(&"x".repeat(1025).into()),
                    &FILTER_PATTERN,
                ),
        );
        assert!(
            text.starts_with(
                "2 validation errors detected: Value null at 'logGroupName' failed to satisfy constraint: Member must \
                 not be null; Value 'xxx"
            ),
            "{text}"
        );
        assert!(text.ends_with(
            "at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to 1024"
        ));
    }

    #[test]
    fn a_name_of_over_512_characters_has_its_own_text() {
        for rule in [&GROUP_NAME, &STREAM_NAME] {
            assert!(
                Checks::new()
                    .text("name", Some(&"n".repeat(512).into()), rule)
                    .done()
                    .is_ok()
            );
            assert_eq!(
                refusal(Checks::new().text("name", Some(&"n".repeat(513).into()), rule)),
                "Invalid LogGroup or LogStream, both must have length less than or equal to 512."
            );
        }
    }

    #[test]
    fn each_rule_has_its_characters() {
        for (rule, fine, wrong) in [
            (&GROUP_NAME, "a.b-c_d/e#9", "a b"),
            (&GROUP_NAME, "/aws/x", "a:b"),
            (&STREAM_NAME, "2026/01/01/[$LATEST]ä b", "a:b"),
            (&STREAM_NAME, "x", "a*"),
            (
                &IDENTIFIER,
                "arn:aws:logs:r:a:log-group:g",
                "arn:aws:logs:r:a:log-group:g:*",
            ),
            (&TAG_KEY, "Ключ b_.:/=+-@9", "a!"),
            (&TAG_VALUE, "", "a*"),
        ] {
            assert!(
                Checks::new()
                    .text("m", Some(&fine.into()), rule)
                    .done()
                    .is_ok(),
                "{fine}"
            );
            let text = refusal(Checks::new().text("m", Some(&wrong.into()), rule));
            assert!(
                text.contains("Member must satisfy regular expression pattern: "),
                "{text}"
            );
        }
    }
}
