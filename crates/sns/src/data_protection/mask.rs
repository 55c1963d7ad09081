//! Taking what was found out of a text.

use super::Span;

/// What is put in the place of sensitive data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deidentify {
    /// This character for each of its characters.
    Mask(char),
    /// Nothing.
    Redact,
}

impl Deidentify {
    /// One character that does not end a JSON string.
    pub(super) fn mask(text: &str) -> Result<Deidentify, String> {
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(it), None) if (' '..='~').contains(&it) && it != '"' && it != '\\' => {
                Ok(Deidentify::Mask(it))
            }
            _ => Err("MaskWithCharacter must be one printable ASCII character".to_owned()),
        }
    }
}

/// The text with its spans masked or redacted. Where two overlap, the one that begins first goes first.
pub(super) fn cover(text: &str, mut spans: Vec<(Span, Deidentify)>) -> String {
    spans.sort_by_key(|(span, _)| span.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (span, how) in spans {
        let start = span.start.max(at);
        if start >= span.end {
            continue;
        }
        out.push_str(&text[at..start]);
        let hidden = &text[start..span.end];
        match how {
            Deidentify::Mask(character) => {
                out.extend(std::iter::repeat_n(character, hidden.chars().count()));
            }
            Deidentify::Redact => {}
        }
        at = span.end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_has_as_many_characters_as_what_it_hides_and_a_redaction_none() {
        let spans = vec![
            (11..16, Deidentify::Redact),
            (0..6, Deidentify::Mask('#')),
            (2..8, Deidentify::Mask('x')),
        ];
        assert_eq!(cover("żółw a b, redig", vec![]), "żółw a b, redig");
        assert_eq!(cover("żółw a b, redig", spans), "###xxa big");
    }

    #[test]
    fn a_mask_is_one_character_that_json_can_hold() {
        for text in ["#", "*", " ", "~"] {
            assert!(Deidentify::mask(text).is_ok());
        }
        for text in ["", "##", "\"", "\\", "\n", "é"] {
            assert!(Deidentify::mask(text).is_err());
        }
    }
}
