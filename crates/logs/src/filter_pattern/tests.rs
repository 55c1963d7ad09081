//! Tables of patterns, the messages they match and those they do not, and the patterns that are none.

use super::Pattern;

/// A pattern, messages that it matches, messages that it does not.
type Row<'r> = (&'r str, &'r [&'r str], &'r [&'r str]);

fn check(rows: &[Row<'_>]) {
    for (text, matching, others) in rows {
        let pattern = Pattern::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        for message in *matching {
            assert!(pattern.matches(message), "{text} matches {message}");
        }
        for message in *others {
            assert!(!pattern.matches(message), "{text} does not match {message}");
        }
    }
}

fn refusal(text: &str) -> String {
    let error = Pattern::parse(text).expect_err(text);
    assert_eq!(error.kind.code, "InvalidParameterException");
    error.message.into_owned()
}

#[test]
fn an_empty_pattern_and_a_blank_phrase_match_everything() {
    let any: &[&str] = &["m", "two words", "{}"];
    check(&[
        ("", any, &[]),
        ("  ", any, &[]),
        ("\" \"", any, &[]),
        ("\"\"", any, &[]),
    ]);
}

#[test]
fn terms_must_all_be_there_anywhere_and_in_their_case() {
    check(&[
        (
            "ERROR",
            &["[ERROR] fatal", "ERRORCODE: -1", "UNERRORED"],
            &["error", "ERRO R"],
        ),
        (
            "ERROR Exception",
            &["Exception after ERROR", "ERRORException"],
            &["ERROR", "Exception"],
        ),
        ("a_1", &["xa_1x"], &["a 1"]),
        ("Fehlerö", &["ein Fehlerö"], &["Fehlero"]),
    ]);
}

#[test]
fn a_phrase_stands_as_it_is() {
    check(&[
        (
            "\"INTERNAL SERVER ERROR\"",
            &["500 INTERNAL SERVER ERROR!"],
            &["SERVER INTERNAL ERROR"],
        ),
        ("\"a-b\" c", &["c a-b"], &["a-b", "a b c"]),
        (r#""say \"hi\"""#, &[r#"they say "hi""#], &["say hi"]),
        (r#""C:\\x""#, &[r"at C:\x"], &[r"at C:\\x"]),
        (r#""a\d""#, &[r"a\d"], &["ad", "a1"]),
    ]);
}

#[test]
fn a_minus_excludes() {
    check(&[
        (
            "ERROR -Exiting",
            &["[ERROR] caught"],
            &["Exiting with ERRORCODE", "caught"],
        ),
        (
            "\"ERROR\" - \"Exiting\"",
            &["[ERROR] caught"],
            &["Exiting with ERRORCODE"],
        ),
        ("-debug", &["info", ""], &["debug: x"]),
        (
            "-\"two words\" -c",
            &["two", "words two"],
            &["two words", "c"],
        ),
    ]);
}

#[test]
fn question_marks_ask_for_any_and_are_ignored_beside_others() {
    check(&[
        ("?ERROR ?WARN", &["ERROR WARN", "ERROR", "WARN"], &["INFO"]),
        ("?\"a b\" ?c", &["a b", "c"], &["ab"]),
        (
            "?INVALID ?DENIED REQUEST",
            &["REQUEST ok", "DENIED REQUEST"],
            &["DENIED"],
        ),
        (
            "?INVALID -REQUEST",
            &["ok", "INVALID"],
            &["INVALID REQUEST"],
        ),
    ]);
}

#[test]
fn a_term_with_other_characters_needs_quotes() {
    for (text, term) in [
        ("(reason", "("),
        ("Status: x", ":"),
        ("?a-b", "-"),
        ("a *", "*"),
        ("`x`", "`"),
        ("a\\b", "\\"),
    ] {
        assert_eq!(
            refusal(text),
            format!("Invalid character(s) in term '{term}'"),
            "{text}"
        );
    }
    for text in ["\"open", "-", "?", "a ?", "\"a\\\""] {
        assert_eq!(refusal(text), "Invalid filter pattern", "{text}");
    }
}

#[test]
fn a_bracket_at_the_start_wants_one_at_the_end() {
    assert_eq!(
        refusal("{ $.a = 1"),
        "If a filter pattern starts with '{' it must end with '}'"
    );
    for text in ["[a, b", "%a", "{", "[", "%", "%a% b"] {
        assert!(
            refusal(text).starts_with("If a filter pattern starts with"),
            "{text}"
        );
    }
}

#[test]
fn regular_expressions_match_anywhere() {
    check(&[
        (
            "%AUTHORIZED%",
            &["UNAUTHORIZED REQUEST", "AUTHORIZED"],
            &["authorized"],
        ),
        ("%^[hc]at%", &["hat", "cat x"], &["a hat", "bat"]),
        ("%[hc]at$%", &["a hat"], &["hat x"]),
        ("%colou?r%", &["color", "colour"], &["colouur"]),
        ("%[a-c_-]x%", &["bx", "_x", "-x"], &["dx"]),
        ("%[^a-c]x%", &["dx", "öx"], &["ax", "x"]),
        ("%^a{2,3}$%", &["aa", "aaa"], &["a", "aaaa"]),
        ("%^a{2}$|^b{2,}$%", &["aa", "bb", "bbb"], &["a", "b", "aaa"]),
        ("%gray|grey%", &["gray", "grey"], &["gruy"]),
        (r"%10\.10\.0\.1%", &["at 10.10.0.1"], &["10x10.0.1"]),
        ("%ab*c%", &["ac", "abbc"], &["adc"]),
        ("%ab+c%", &["abc"], &["ac"]),
        ("%a.c%", &["abc", "aöc"], &["ac"]),
        (r"%^\d+\s\w+$%", &["42 is_it"], &["x 42", "42is"]),
        (r"%^\D\S\W$%", &["ab-", "öö "], &["1b-", "a -", "abc"]),
        (r"%^[\d\s]+$%", &["1 2", "\t"], &["1a"]),
        (r"%^[^\d]$%", &["a"], &["1"]),
        (r"%^[\W]$%", &["-", "ö"], &["_", "a"]),
        (r"%\x41%", &["A"], &["x41"]),
        ("%a--b%", &["a--b"], &["ab"]),
        ("%[+--]%", &[",", "-"], &["."]),
        (r"%\[x\]%", &["[x]"], &["x"]),
        ("%[?]%", &["?"], &["x"]),
    ]);
}

#[test]
fn regular_expressions_are_of_a_small_kind() {
    for (text, term) in [
        ("%something!%", "!"),
        ("%(a|b)%", "("),
        ("%a b%", " "),
        ("%ö%", "ö"),
        ("%a%b%", "%"),
        ("%a{x}%", "x"),
        (r"%\p%", "p"),
        ("%[a&&b]%", "&"),
    ] {
        assert_eq!(
            refusal(text),
            format!("Invalid character(s) in term '{term}'"),
            "{text}"
        );
    }
    for text in [
        "%%",
        "%a{}%",
        "%a{1,1001}%",
        "%a{3,2}%",
        "%*%",
        "%[a%",
        "%[]%",
        "%[b-a]%",
        "%[a--z]%",
        r"%a\%",
        r"%\x8F%",
        r"%\xZZ%",
        r"%[a-\d]%",
    ] {
        assert!(Pattern::parse(text).is_err(), "{text}");
    }
    assert!(Pattern::parse(r"%\w{1000}%").is_ok());
    assert_eq!(
        refusal(r"%\w{1000}{1000}{1000}%"),
        "The regular expression in the filter pattern is too large."
    );
}

const EVENT: &str = r#"{
    "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": null,
    "ThisFlag": true,
    "ThatFlag": false,
    "user": {"id": 1, "email": "John.Stiles@example.com"},
    "coordinates": [[0, 1, 2], [4, 5, 6]],
    "latency": 55.5,
    "code": "404",
    "detail-type": "x y",
    "cluster.name": "c",
    "big": 1e3,
    "negative": -5
}"#;

/// Patterns that match the event above, and patterns that do not.
fn check_event(matching: &[&str], others: &[&str]) {
    for text in matching {
        check(&[(text, &[EVENT], &["no JSON", "{"])]);
    }
    for text in others {
        check(&[(text, &[], &[EVENT])]);
    }
}

#[test]
fn json_properties_are_compared_as_texts() {
    check_event(
        &[
            r#"{ $.eventType = "UpdateTrail" }"#,
            "{$.eventType=UpdateTrail}",
            "{ $.eventType = Update* }",
            "{ $.eventType = *Trail }",
            r#"{ $.eventType = "*date*" }"#,
            "{ $.sourceIPAddress != 123.123.* }",
            r#"{ $.arrayKey[0] = "value" }"#,
            "{ $.arrayKey[1] != value }",
            r#"{ $.detail-type = "x y" }"#,
            "{ $.['cluster.name'] = c }",
            r#"{ $["cluster.name"] = "c" }"#,
            "{ $.eventType = %^Up.*Trail$% }",
            "{ $.eventType != %Delete% }",
            "{ $.latency = * }",
            "{ $.latency = 55* }",
            "{ $.code = 404 }",
        ],
        &[
            r#"{ $.eventType = "updatetrail" }"#,
            "{ $.eventType = Up*il }",
            "{ $.sourceIPAddress != 111.* }",
            "{ $.arrayKey = value }",
            "{ $.arrayKey != value }",
            "{ $.user = * }",
            "{ $.missing = * }",
            "{ $.missing != x }",
            "{ $.ThisFlag = true }",
            "{ $.eventType = %trail% }",
            "{ $.eventType != %Trail% }",
            "{ $.code != 404 }",
            "{ $.eventType[0] = U }",
            "{ $.objectList.name = a }",
        ],
    );
}

#[test]
fn json_numbers_are_compared_as_numbers() {
    check_event(
        &[
            "{ $.latency > 55 }",
            "{ $.latency >= 55.5 }",
            "{ $.latency <= 5.55e1 }",
            "{ $.latency < +56 }",
            "{ $.latency = 55.50 }",
            "{ $.latency != 55 }",
            "{ $.big = 1000 }",
            "{ $.negative < -4.5 }",
            "{ $.negative = -5.0 }",
            "{ $.coordinates[1][2] = 6 }",
            "{ $.objectList[1].id = 2 }",
        ],
        &[
            "{ $.latency > 55.5 }",
            "{ $.latency < 10e-3 }",
            "{ $.code > 1 }",
            "{ $.code < 500 }",
            "{ $.eventType > 1 }",
            "{ $.coordinates[9][0] = 6 }",
            r#"{ $.latency = "55.50" }"#,
        ],
    );
}

#[test]
fn json_properties_are_null_true_false_or_missing() {
    check_event(
        &[
            "{ $.SomeObject IS NULL }",
            "{ $.ThisFlag IS TRUE }",
            "{ $.ThatFlag IS FALSE }",
            "{ $.Other NOT EXISTS }",
            "{ $.user.name NOT EXISTS }",
            "{$.ThisFlag IS TRUE&&$.x NOT EXISTS}",
        ],
        &[
            "{ $.Other IS NULL }",
            "{ $.user IS NULL }",
            "{ $.ThisFlag IS FALSE }",
            "{ $.SomeObject NOT EXISTS }",
            "{ $.user.id NOT EXISTS }",
        ],
    );
}

#[test]
fn json_conditions_are_joined() {
    check_event(
        &[
            r#"{ ($.user.id = 1) && ($.objectList[0].name = "a") }"#,
            r#"{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = no && $.latency = 0 }"#,
            "{ $.user.id = 2 || ($.latency > 1 && ($.code = 4* || $.x = 1)) }",
            "{ ((($.user.id = 1))) }",
        ],
        &[
            r#"{ ($.user.id = 2 && $.objectList[0].name = "a") || $.arrayKey[0] = "GET" }"#,
            r#"{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = no) && $.latency = 0 }"#,
        ],
    );
}

#[test]
fn json_wildcards_mean_any_element_or_property() {
    check_event(
        &[
            "{ $.objectList[*].id = 2 }",
            "{ $.objectList[*].id != 2 }",
            "{ $.arrayKey[*] = \"another value\" }",
            "{ $.user.* = 1 }",
            "{ $.*.id = 1 }",
            "{ $.objectList[*].size NOT EXISTS }",
        ],
        &[
            "{ $.objectList[*].id = 3 }",
            "{ $.eventType[*] = U }",
            "{ $.objectList[*].id NOT EXISTS }",
        ],
    );
    let many = |count: usize| format!("{{ {} }}", vec!["$.a[*] = 1"; count].join(" || "));
    assert!(Pattern::parse(&many(3)).is_ok());
    assert!(Pattern::parse(&many(4)).is_err());
    assert!(Pattern::parse("{ $.a[*].b[*] = 1 }").is_err());
}

#[test]
fn a_message_may_be_any_json() {
    check(&[
        (
            "{ $[1].a = x }",
            &[r#"[0, {"a": "x"}]"#],
            &[r#"{"a": "x"}"#, "7", "null"],
        ),
        (
            "{ $.a.b = 1 }",
            &[r#" {"a":{"b":1}} "#],
            &[r#"{"a":{"b":1}} x"#, r#"{"a":"b"}"#],
        ),
    ]);
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    check(&[("{ $.a = 1 }", &[], &[&deep])]);
}

#[test]
fn other_json_patterns_are_refused() {
    for text in [
        "{}",
        "{ $ = 1 }",
        "{ a = 1 }",
        "{ $.a }",
        "{ $.a = }",
        "{ $.a == 1 }",
        "{ $.a > x }",
        "{ $.a > \"5\" }",
        "{ $.a > %5% }",
        "{ $.a = \"open }",
        "{ $.a = %open }",
        "{ $.a IS 1 }",
        "{ $.a IS NULLS }",
        "{ $.a NOT NULL }",
        "{ $.a EXISTS }",
        "{ $.a[x] = 1 }",
        "{ $.a[0 = 1 }",
        "{ $..a = 1 }",
        "{ ($.a = 1 }",
        "{ $.a = 1) }",
        "{ $.a = 1 $.b = 2 }",
        "{ $.a = 1 && }",
        "{ $.a = 1 || && $.b = 1 }",
        "{ $.a = b@c }",
        "{ $.\"detail-type\" = x }",
        "{ $.a = \"x\", $.b = \"y\" }",
    ] {
        refusal(text);
    }
    refusal(&format!(
        "{{ {}$.a = 1{} }}",
        "(".repeat(65),
        ")".repeat(65)
    ));
    assert_eq!(
        refusal("{ $.a = %a% || $.a = %b% || $.a = %c% }"),
        "A filter pattern can have at most 2 regular expressions."
    );
}

const LINES: [&str; 3] = [
    "127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] \"GET /a.gif HTTP/1.0\" 200 1534",
    "127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] \"GET /b.html HTTP/1.0\" 500 5324",
    "127.0.0.1 - frank [10/Oct/2000:13:50:35 -0700] \"GET /c.html HTTP/1.0\" 404 4355",
];

#[test]
fn fields_are_counted_and_compared() {
    let [a, b, c] = LINES;
    check(&[
        (
            "[ip, user, username, timestamp, request, status, bytes]",
            &LINES,
            &["too few", "1 2 3 4 5 6 7 8"],
        ),
        (
            "[ip, user, username, timestamp, request, status, bytes > 5000]",
            &[b],
            &[a, c],
        ),
        (
            "[ip, user, username, timestamp, request, status = 4*, bytes]",
            &[c],
            &[a, b],
        ),
        ("[..., request=*html*, status=4*, bytes]", &[c], &[a, b]),
        ("[ip, ..., status!=200, bytes]", &[b, c], &[a]),
        ("[ip, user, ...]", &LINES, &["one"]),
        ("[ip, ...]", &["one", "one two"], &["", "  "]),
        ("[...]", &["", "one", a], &[]),
        (
            "[..., status = 4* && status != 403, bytes]",
            &[c],
            &[a, "403 1"],
        ),
        ("[..., status=200 || status=404, bytes]", &[a, c], &[b]),
    ]);
    check(&[
        (
            "[w1=ERROR, w2]",
            &["ERROR message"],
            &["ERROR WARN message", "WARN message", "ERROR"],
        ),
        (
            "[w1=ERROR || w1=WARN, w2]",
            &["WARN x", "ERROR x"],
            &["INFO x"],
        ),
        (
            "[w1!=ERROR&&w1!=WARN, w2]",
            &["INFO x"],
            &["ERROR x", "WARN x"],
        ),
        (
            "[w1=\"two words\", w2]",
            &["\"two words\" x", "[two words] x"],
            &["two words x"],
        ),
        ("[w1=%^[45]%,]", &["404 x", "5 x"], &["200 x", "404"]),
        ("[=a,]", &["a b"], &["b a", "a"]),
        ("[(n > 1 && n < 3) || n = 9]", &["2", "9"], &["1", "3"]),
        ("[n = 007]", &["7", "007", "7.0"], &["seven", "70"]),
        ("[n < 5]", &["4.9", "-1"], &["5", "x", "nan"]),
        (
            "[a, b]",
            &["  x \t y  ", "[x] [y]", "\"open y"],
            &["x", "[x y]"],
        ),
        ("[a]", &["[unclosed", "\"\"", "[]"], &["[a] b"]),
    ]);
}

#[test]
fn fields_are_extracted_by_name_or_number() {
    let extract = |pattern: &str, message: &str| {
        let values = Pattern::parse(pattern).unwrap().extract(message)?;
        let values = values.iter().map(|(name, value)| format!("{name}={value}"));
        Some(values.collect::<Vec<_>>().join(" "))
    };
    assert_eq!(
        extract("[a, , ..., z]", "1 2 3 4 5").unwrap(),
        "$a=1 $2=2 $3=3 $4=4 $z=5"
    );
    assert_eq!(extract("[a=1, b]", "1 2").unwrap(), "$a=1 $b=2");
    assert_eq!(extract("[a=1, b]", "2 2"), None);
    assert_eq!(extract("{ $.a = 1 }", r#"{"a":1}"#).unwrap(), "");
    assert_eq!(extract("x", "y"), None);
}

#[test]
fn other_field_patterns_are_refused() {
    for text in [
        "[a, ..., b, ...]",
        "[a b]",
        "[a = 1 && b = 2]",
        "[a = ]",
        "[a > x]",
        "[a =! ERROR]",
        "[a = \"open]",
        "[a; b]",
        "[a.b]",
        "[(a = 1]",
        "[a = %x% || a = %y%, b = %z%]",
    ] {
        refusal(text);
    }
}

#[test]
fn a_pattern_is_no_longer_than_1024_characters() {
    assert!(Pattern::parse(&"x".repeat(1024)).is_ok());
    refusal(&"x".repeat(1025));
}
