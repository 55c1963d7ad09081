//! `{"wildcard": "a*b"}`: a star stands for any characters or none, a backslash takes a star or backslash literally.

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wildcard {
    /// What stands before, between and behind the stars: one piece more than there are stars.
    pieces: Box<[Box<str>]>,
}

impl Wildcard {
    /// Positions in the text of an error count the value's opening quote, as AWS's do.
    pub(crate) fn parse(text: &str) -> Result<Wildcard, String> {
        let mut pieces = vec![String::new()];
        let mut characters = text.char_indices();
        let mut star_before = None;
        while let Some((at, character)) = characters.next() {
            match character {
                '*' if star_before.is_some_and(|star| star + 1 == at) => {
                    return Err(format!("Consecutive wildcard characters at pos {at}"));
                }
                '*' => {
                    star_before = Some(at);
                    pieces.push(String::new());
                }
                '\\' => match characters.next() {
                    Some((_, literal @ ('*' | '\\'))) => push(&mut pieces, literal),
                    Some(_) | None => {
                        return Err(format!("Invalid escape character at pos {}", at + 1));
                    }
                },
                other => push(&mut pieces, other),
            }
        }
        Ok(Wildcard {
            pieces: pieces.into_iter().map(String::into_boxed_str).collect(),
        })
    }

    /// How every text begins that matches.
    pub(crate) fn head(&self) -> &str {
        self.pieces.first().map_or("", |piece| &**piece)
    }

    /// Taking each piece at its first place leaves the most for those behind it, so nothing is tried twice.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some((first, others)) = self.pieces.split_first() else {
            return false;
        };
        let Some((last, inner)) = others.split_last() else {
            return **first == *text;
        };
        let Some(mut rest) = text.strip_prefix(&**first) else {
            return false;
        };
        for piece in inner {
            let Some(found) = rest.find(&**piece) else {
                return false;
            };
            rest = &rest[found + piece.len()..];
        }
        rest.ends_with(&**last)
    }
}

fn push(pieces: &mut [String], character: char) {
    if let Some(piece) = pieces.last_mut() {
        piece.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_characters_or_none() {
        for (pattern, text, expected) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acb", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("*ab*ba*", "xabbax", true),
            ("*ab*ba*", "xabax", false),
            ("*.txt", "a.txt.txt", true),
            ("a\\*c", "a*c", true),
            ("a\\*c", "abc", false),
            ("a\\\\*", "a\\b", true),
            ("é*", "é", true),
        ] {
            let wildcard = Wildcard::parse(pattern).unwrap();
            assert_eq!(wildcard.matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn stars_in_a_row_and_strange_escapes_are_refused() {
        let refused = |text| Wildcard::parse(text).unwrap_err();
        assert_eq!(
            refused("abc**def"),
            "Consecutive wildcard characters at pos 4"
        );
        assert_eq!(refused("a*c\\def"), "Invalid escape character at pos 4");
        assert_eq!(refused("\\"), "Invalid escape character at pos 1");
        assert!(Wildcard::parse("*\\**").is_ok());
    }
}
