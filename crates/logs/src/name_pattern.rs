//! ListLogGroups' logGroupNamePattern: up to five texts, any of which stands in the name, or at its start after `^`.

use api::Error;

use crate::characters;
use crate::error;

const RULE: &str = r"(\^?[\.\-_\/#A-Za-z0-9]{3,24})(\|\^?[\.\-_\/#A-Za-z0-9]{3,24}){0,4}";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamePattern {
    alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Alternative {
    Start(String),
    Anywhere(String),
}

impl NamePattern {
    pub(crate) fn parse(text: &str) -> Result<NamePattern, Error> {
        let parts = text.split('|').map(|part| {
            let (name, start) = match part.strip_prefix('^') {
                Some(name) => (name, true),
                None => (part, false),
            };
            let legal = name.chars().all(characters::group_name) && (3..=24).contains(&name.len());
            legal.then(|| match start {
                true => Alternative::Start(name.to_owned()),
                false => Alternative::Anywhere(name.to_owned()),
            })
        });
        let alternatives: Option<Vec<Alternative>> = parts.take(6).collect();
        match alternatives {
            Some(alternatives) if alternatives.len() <= 5 => Ok(NamePattern { alternatives }),
            Some(_) | None => Err(error::invalid(format!(
                "1 validation error detected: Value '{}' at 'logGroupNamePattern' failed to satisfy constraint: Member \
                 must satisfy regular expression pattern: {RULE}",
                &text[..text.floor_char_boundary(1024)]
            ))),
        }
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        self.alternatives
            .iter()
            .any(|alternative| match alternative {
                Alternative::Start(start) => name.starts_with(start),
                Alternative::Anywhere(part) => name.contains(part),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_alternative_matches_anywhere_or_at_the_start() {
        let pattern = NamePattern::parse("^/aws/lambda|discovery").unwrap();
        for (name, matches) in [
            ("/aws/lambda/f", true),
            ("x/aws/lambda/f", false),
            ("the-discovery-group", true),
            ("Discovery", false),
        ] {
            assert_eq!(pattern.matches(name), matches, "{name}");
        }
    }

    #[test]
    fn alternatives_are_one_to_five_of_3_to_24_characters() {
        for fine in ["abc", &"a".repeat(24), "abc|^def|ghi|jkl|mno"] {
            assert!(NamePattern::parse(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "ab",
            "^ab",
            "abc|",
            "abc|de",
            "a*c",
            &"a".repeat(25),
            "abc|abc|abc|abc|abc|abc",
        ] {
            let error = NamePattern::parse(wrong).unwrap_err();
            assert_eq!(error.kind.code, "InvalidParameterException", "{wrong}");
        }
    }
}
