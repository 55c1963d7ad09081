//! Custom data identifiers.

use crate::data_protection::custom::Custom;

fn found<'t>(regex: &str, text: &'t str) -> Vec<&'t str> {
    let custom = Custom::parse(regex).unwrap();
    custom
        .find(text)
        .into_iter()
        .map(|span| &text[span])
        .collect()
}

#[test]
fn an_expression_finds_what_it_says_leftmost_first_and_as_much_as_it_can() {
    for (regex, text, wanted) in [
        (
            r"EmployeeID-\d{9}",
            "x EmployeeID-123456789 EmployeeID-12",
            vec!["EmployeeID-123456789"],
        ),
        (r"X[0-9]+", "X123 X4 aX5b", vec!["X123", "X4", "X5"]),
        ("a|ab", "ab", vec!["a"]),
        ("ab|a", "ab a", vec!["ab", "a"]),
        ("a.c", "aéc abc a\nc", vec!["aéc", "abc"]),
        ("a+?", "aaa", vec!["a", "a", "a"]),
        (r"\bid\b", "id idea (id)", vec!["id", "id"]),
        (r"[\w-]+@", "é-a_1@ b@", vec!["-a_1@", "b@"]),
        (r"[^\d]5", "é5 55", vec!["é5", " 5"]),
        ("^a", "aa a", vec!["a"]),
        ("a$", "aa a", vec!["a"]),
        ("b*", "abba", vec!["bb"]),
        (r"\d", "٣3", vec!["3"]),
        (r"a\.b\\", "a.b\\ axb\\", vec!["a.b\\"]),
    ] {
        assert_eq!(found(regex, text), wanted, "{regex}");
    }
}

#[test]
fn an_expression_is_short_plain_and_valid() {
    let long = "a".repeat(201);
    for (regex, reason) in [
        ("", "must have 1 to 200 characters"),
        (long.as_str(), "must have 1 to 200 characters"),
        ("(a)", "must not contain '('"),
        ("a\"", "must not contain '\"'"),
        ("é", "must not contain 'é'"),
        ("[a", "is not valid"),
        ("a{2", "is not valid"),
        (r"\1", "is not valid"),
        ("*", "is not valid"),
        ("a\\", "is not valid"),
        (r".{1000}.{1000}.{1000}", "is too complex"),
    ] {
        assert_eq!(
            Custom::parse(regex).map(drop),
            Err(reason.to_owned()),
            "{regex}"
        );
    }
    Custom::parse(&long[..200]).unwrap();
}

#[test]
fn a_text_that_cannot_be_looked_at_to_its_end_counts_as_found() {
    // Each a is a match of its own, and each time the text is read to its end for the b that would make it longer.
    let custom = Custom::parse("a.*b|a").unwrap();
    let text = "a".repeat(1 << 17);
    let spans = custom.find(&text);
    assert_eq!(spans.last().unwrap().end, text.len());
    assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
    let short = "a".repeat(200);
    assert_eq!(custom.find(&short).len(), 200);
}

#[test]
fn hard_expressions_come_to_an_end() {
    let text = "ab".repeat(1 << 16);
    for regex in [
        "[ab]*a[ab]{60}c",
        "[ab]+c|a",
        ".*",
        "a.{50}b.{50}a.{50}c",
        r"\w+\d",
    ] {
        Custom::parse(regex).unwrap().find(&text);
    }
}
