//! Texts that differ in case only, character by character: `ß` is not `SS`, as in AWS's engine.

/// Whether each character of the text is the pattern's, or its upper or lower form.
pub(crate) fn same(pattern: &str, text: &str) -> bool {
    let mut text = text.chars();
    pattern.chars().all(|wanted| {
        text.next().is_some_and(|found| {
            found == wanted
                || Some(found) == only(wanted.to_lowercase())
                || Some(found) == only(wanted.to_uppercase())
        })
    }) && text.next().is_none()
}

/// A form that is more than one character is none.
fn only(mut form: impl Iterator<Item = char>) -> Option<char> {
    let first = form.next();
    first.filter(|_| form.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_all_that_may_differ() {
        for (pattern, text, expected) in [
            ("Straße", "sTRAßE", true),
            ("straße", "STRASSE", false),
            ("ÉCOLE", "école", true),
            ("", "", true),
            ("a", "", false),
            ("", "a", false),
            ("abc", "ab", false),
            ("ab", "abc", false),
            ("ǆ", "Ǆ", true),
        ] {
            assert_eq!(same(pattern, text), expected, "{pattern} {text}");
        }
    }
}
