//! What AWS refuses of a filter policy, in its words and with the place it gives. Places were recorded in May 2024.

use pattern::{Dialect, FilterPolicy, PolicyError, Scope};

fn refused(policy: &str) -> PolicyError {
    match FilterPolicy::compile(policy, Scope::MessageBody) {
        Err(error) => error,
        Ok(_) => panic!("accepted: {policy}"),
    }
}

fn accepted(policy: &str, scope: Scope) {
    if let Err(error) = FilterPolicy::compile(policy, scope) {
        panic!("{policy}: {}", error.text());
    }
}

/// Each policy, what is said of it, and the column.
fn check(cases: &[(&str, &str, usize)]) {
    for (policy, reason, column) in cases {
        let tail = format!("\n at [Source: (String)\"{policy}\"; line: 1, column: {column}]");
        assert_eq!(refused(policy).text(), format!("{reason}{tail}"));
    }
}

#[test]
fn values_and_operators_are_checked_where_they_stand() {
    check(&[
        (
            r#"{"key_a":"value_one"}"#,
            r#""key_a" must be an object or an array"#,
            11,
        ),
        (
            r#"{"key":[["value"]]}"#,
            "Match value must be String, number, true, false, or null",
            10,
        ),
        (
            r#"{"key":[{"wrong-operator":true}]}"#,
            "Unrecognized match type wrong-operator",
            31,
        ),
        (
            r#"{"key":[{"suffix":"value","prefix":"value2"}]}"#,
            "Only one key allowed in match expression",
            37,
        ),
        (
            r#"{"key":{"suffix":"value"}}"#,
            r#""suffix" must be an object or an array"#,
            19,
        ),
        (
            r#"{"key":{"suffix":"value","prefix":"value"}}"#,
            r#""suffix" must be an object or an array"#,
            19,
        ),
        (
            r#"{"key":{"not-an-operator":"value"}}"#,
            r#""not-an-operator" must be an object or an array"#,
            28,
        ),
        (r#"{"key":[]}"#, "Empty arrays are not allowed", 10),
        (r#"{"key":{}}"#, "Empty objects are not allowed", 10),
        (r#"{"key":[{}]}"#, "Match expression name not found", 11),
    ]);
}

#[test]
fn text_operators_take_a_text() {
    check(&[
        (
            r#"{"key":[{"suffix":100}]}"#,
            "suffix match pattern must be a string",
            22,
        ),
        (
            r#"{"key":[{"suffix":null}]}"#,
            "suffix match pattern must be a string",
            23,
        ),
        (
            r#"{"key":[{"suffix":[]}]}"#,
            "suffix match pattern must be a string",
            20,
        ),
        (
            r#"{"key":[{"suffix":["test","test2"]}]}"#,
            "suffix match pattern must be a string",
            20,
        ),
        (
            r#"{"key":[{"prefix":100}]}"#,
            "prefix match pattern must be a string",
            22,
        ),
        (
            r#"{"key":[{"equals-ignore-case":100}]}"#,
            "equals-ignore-case match pattern must be a string",
            34,
        ),
        (
            r#"{"key":[{"cidr":100}]}"#,
            "prefix match pattern must be a string",
            20,
        ),
        (
            r#"{"key":[{"exists":null}]}"#,
            "exists match pattern must be either true or false.",
            23,
        ),
        (
            r#"{"key":[{"exists":"no"}]}"#,
            "exists match pattern must be either true or false.",
            20,
        ),
    ]);
}

#[test]
fn networks_are_refused_without_a_place() {
    for (cidr, reason) in [
        ("bad-filter", "Malformed CIDR, one '/' required"),
        ("bad-filter/64/", "Malformed CIDR, one '/' required"),
        (
            "bad-/64filter",
            "Malformed CIDR, mask bits must be an integer",
        ),
        ("bad-filter/64", "Nonstandard IP address: bad-filter"),
    ] {
        let policy = format!(r#"{{"key":[{{"cidr":"{cidr}"}}]}}"#);
        assert_eq!(refused(&policy).text(), reason);
    }
}

#[test]
fn anything_but_takes_values_of_one_kind_or_a_prefix() {
    let value = "Value of anything-but must be an array or single string/number value.";
    let list = "Inside anything but list, start|null|boolean is not supported.";
    let mixed = "Inside anything but list, either all values are number or string, mixed type is not supported";
    check(&[
        (
            r#"{"key":[{"anything-but":{"wrong-operator":null}}]}"#,
            "Unsupported anything-but pattern: wrong-operator",
            47,
        ),
        (
            r#"{"key":[{"anything-but":{"suffix":"test"}}]}"#,
            "Unsupported anything-but pattern: suffix",
            36,
        ),
        (
            r#"{"key":[{"anything-but":{"exists":false}}]}"#,
            "Unsupported anything-but pattern: exists",
            40,
        ),
        (
            r#"{"key":[{"anything-but":{"prefix":false}}]}"#,
            "prefix match pattern must be a string",
            40,
        ),
        (r#"{"key":[{"anything-but":null}]}"#, value, 29),
        (r#"{"key":[{"anything-but":["a",null]}]}"#, list, 34),
        (r#"{"key":[{"anything-but":["a",1]}]}"#, mixed, 32),
        (
            r#"{"key":[{"anything-but":{"prefix":"a","x":1}}]}"#,
            "Only one key allowed in match expression",
            44,
        ),
        (
            r#"{"key":[{"anything-but":{"prefix":""}}]}"#,
            "Null prefix/suffix not allowed",
            37,
        ),
        (
            r#"{"key":[{"anything-but":{}}]}"#,
            "Anything-But expression name not found",
            27,
        ),
    ]);
}

#[test]
fn numeric_is_a_comparison_or_a_range() {
    let too_many = "Too many elements in numeric expression";
    for (members, reason, column) in [
        ("[]", "Invalid member in numeric match: ]", 22),
        (
            r#"["operator"]"#,
            "Unrecognized numeric range operator: operator",
            32,
        ),
        (r#"[1,"<="]"#, "Invalid member in numeric match: 1", 22),
        (r#"["=","000"]"#, "Value of equals must be numeric", 26),
        (r#"[">="]"#, "Value of >= must be numeric", 26),
        (r#"["<",100,">",10]"#, too_many, 30),
        (r#"["=",100,"=",10]"#, too_many, 30),
        (r#"[">=",1,">",2]"#, "Bad numeric range operator: >", 31),
        (r#"[">",3,"<",1]"#, "Bottom must be less than top", 33),
        (r#"[">",3,"<",3]"#, "Bottom must be less than top", 33),
        (r#"[">",20,"<="]"#, "Value of <= must be numeric", 33),
        (r#"[">",20,30]"#, "Bad value in numeric range: 30", 30),
        (r#"[">",20,"test"]"#, "Bad numeric range operator: test", 34),
        (r#"[">","20","<","30"]"#, "Value of > must be numeric", 26),
        (r#"[">",20,"<","30"]"#, "Value of < must be numeric", 33),
        (
            r#"[">",20,"<",30,"<",50]"#,
            "Too many terms in numeric range expression",
            36,
        ),
        ("5", "Value of numeric must be an array.", 21),
    ] {
        check(&[(
            &format!(r#"{{"key":[{{"numeric":{members}}}]}}"#),
            reason,
            column,
        )]);
    }
}

#[test]
fn places_count_the_policy_without_its_white_space() {
    let error = refused("{ \"a \\\" b\" : [ \"x\" ],\n\t\"key\": \"value\" }");
    assert_eq!(
        error.text(),
        "\"key\" must be an object or an array\n at [Source: (String)\"{\"a \\\" b\":[\"x\"],\"key\":\"value\"}\"; line: 1, column: 24]"
    );
}

#[test]
fn a_long_policy_is_shown_in_part() {
    let policy = format!(r#"{{"key":["{}"],"b":1}}"#, "x".repeat(600));
    let error = refused(&policy);
    let shown = format!(
        "(String)\"{}\"[truncated 118 chars]; line: 1, column: 618]",
        &policy[..500]
    );
    assert!(error.text().ends_with(&shown), "{}", error.text());
}

#[test]
fn what_is_not_json_is_refused_in_the_words_of_the_parser() {
    let source =
        "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1";
    for (policy, reason, column) in [
        (
            "{invalid",
            "Unexpected character ('i' (code 105)): was expecting double-quote to start field name",
            2,
        ),
        (
            "invalid",
            "Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            8,
        ),
    ] {
        let text = format!("failed to parse JSON. {reason}\n at {source}, column: {column}]");
        assert_eq!(refused(policy).text(), text);
    }
    for not_an_object in ["[]", "\"a\"", "null"] {
        assert!(
            refused(not_an_object)
                .text()
                .starts_with("Filter is not an object\n at ")
        );
    }
}

#[test]
fn or_needs_two_objects_and_no_operators() {
    let two = "There must have at least 2 Objects in $or relationship.";
    let object = "Only JSON object is allowed in array of $or relationship.";
    let prefix = "prefix is Ruler reserved fieldName which cannot be used inside $or.";
    check(&[
        (
            r#"{"$or":"a"}"#,
            "It must be an Array followed with $or.",
            9,
        ),
        (r#"{"$or":[{"a":["x"]}]}"#, two, 21),
        (r#"{"$or":["a",{"a":["x"]}]}"#, object, 10),
        (r#"{"$or":[{"a":["x"]},{"prefix":["y"]}]}"#, prefix, 32),
        (
            r#"{"$or":[{"a":["x"]},{}]}"#,
            "Empty objects are not allowed",
            23,
        ),
        (
            r#"{"$or":[{"a":["x"]},{"b":"y"}]}"#,
            r#""b" must be an object or an array"#,
            27,
        ),
    ]);
}

#[test]
fn five_keys_are_the_most() {
    let policy = |keys: usize| {
        let entries: Vec<String> = (0..keys).map(|key| format!(r#""k{key}":["v"]"#)).collect();
        format!("{{{}}}", entries.join(","))
    };
    accepted(&policy(5), Scope::MessageAttributes);
    assert_eq!(
        refused(&policy(6)).text(),
        "Filter policy can not have more than 5 keys"
    );
    // Keys below the outermost level are not counted.
    let nested = format!(r#"{{"a":{}}}"#, policy(6));
    accepted(&nested, Scope::MessageBody);
}

#[test]
fn combinations_are_counted_as_aws_counts_them() {
    let list = |count: usize| {
        let values: Vec<String> = (0..count).map(|value| format!("\"v{value}\"")).collect();
        format!("[{}]", values.join(","))
    };
    let flat = |values: usize| format!(r#"{{"key":{}}}"#, list(values));
    let two = |a: usize, b: usize| format!(r#"{{"a":{},"b":{}}}"#, list(a), list(b));
    let flat_or = |space: usize| {
        format!(
            r#"{{"source":{},"$or":[{{"metricName":{}}},{{"metricType":{},"$or":[{{"metricId":{}}},{{"spaceId":{}}}]}}]}}"#,
            list(3),
            list(6),
            list(4),
            list(4),
            list(space)
        )
    };
    let nested = |a: usize| {
        format!(
            r#"{{"key_a":{{"key_b":{{"key_c":{}}}}},"key_d":{{"key_e":{}}},"key_f":{}}}"#,
            list(a),
            list(3),
            list(3)
        )
    };
    let nested_or = |name: usize| {
        format!(
            r#"{{"$or":[{{"metricName":{}}},{{"namespace":{}}}],"detail":{{"scope":{},"$or":[{{"source":{}}},{{"type":{}}}]}}}}"#,
            list(name),
            list(2),
            list(2),
            list(1),
            list(3)
        )
    };
    for (policy, fits) in [
        (flat(150), true),
        (flat(151), false),
        (two(15, 10), true),
        (two(19, 8), false),
        (flat_or(7), true),
        (flat_or(8), false),
        // 216, and 162, and 108
        (nested(4), false),
        (nested(3), false),
        (nested(2), true),
        // 160, and 128
        (nested_or(3), false),
        (nested_or(2), true),
    ] {
        match FilterPolicy::compile(&policy, Scope::MessageBody) {
            Ok(_) => assert!(fits, "{policy}"),
            Err(error) => {
                assert_eq!(error.text(), "Filter policy is too complex");
                assert!(!fits, "{policy}");
            }
        }
    }
}

#[test]
fn nesting_does_not_fit_attributes_and_is_looked_at_last() {
    let scope_error = |policy| FilterPolicy::compile(policy, Scope::MessageAttributes).unwrap_err();
    for policy in [
        r#"{"object":{"key":[{"prefix":"auto-"}]}}"#,
        r#"{"$or":[{"a":["x"]},{"b":{"c":["y"]}}]}"#,
    ] {
        let error = scope_error(policy);
        assert_eq!(
            error.text(),
            "Filter policy scope MessageAttributes does not support nested filter policy"
        );
        assert!(error.is_of_scope());
        accepted(policy, Scope::MessageBody);
    }
    let error = scope_error(r#"{"key":{"suffix":"v"}}"#);
    assert!(
        error
            .text()
            .starts_with(r#""suffix" must be an object or an array"#)
    );
    assert!(!error.is_of_scope());
    accepted(
        r#"{"$or":[{"a.b":["x"]},{"c":["y"]}]}"#,
        Scope::MessageAttributes,
    );
}

#[test]
fn the_first_fault_counts() {
    assert!(
        refused(r#"{"a":[],"b":[{"wrong":1}]}"#)
            .text()
            .starts_with("Empty arrays")
    );
    assert!(
        refused(r#"{"a":[{"wrong":1}],"b":[]}"#)
            .text()
            .starts_with("Unrecognized match type")
    );
    assert!(
        refused(r#"{"a":[],"b":[}"#)
            .text()
            .starts_with("failed to parse JSON. ")
    );
}

#[test]
fn of_two_equal_keys_the_later_counts() {
    let policy = r#"{"a":["1","2"],"a":["3"],"b":["x"],"c":["x"],"d":["x"],"e":["x"]}"#;
    accepted(policy, Scope::MessageAttributes);
}

#[test]
fn later_operators_are_refused_until_they_are_switched_on() {
    let later = [
        (
            r#"{"key":[{"wildcard":"a*b"}]}"#,
            "Unrecognized match type wildcard",
        ),
        (
            r#"{"key":[{"anything-but":{"suffix":"a"}}]}"#,
            "Unsupported anything-but pattern: suffix",
        ),
        (
            r#"{"key":[{"anything-but":{"wildcard":"a*"}}]}"#,
            "Unsupported anything-but pattern: wildcard",
        ),
        (
            r#"{"key":[{"anything-but":{"prefix":["a","b"]}}]}"#,
            "prefix match pattern must be a string",
        ),
    ];
    for (policy, reason) in later {
        assert!(refused(policy).text().starts_with(reason), "{policy}");
        let dialect = Dialect::LaterFilterPolicy(Scope::MessageBody);
        assert!(
            FilterPolicy::compile_as(policy, dialect).is_ok(),
            "{policy}"
        );
    }
}

#[test]
fn later_operators_are_checked_too() {
    let dialect = Dialect::LaterFilterPolicy(Scope::MessageBody);
    for (operator, reason) in [
        (
            r#"{"wildcard":1}"#,
            "wildcard match pattern must be a string",
        ),
        (
            r#"{"wildcard":"a**"}"#,
            "Consecutive wildcard characters at pos 2",
        ),
        (
            r#"{"anything-but":{"suffix":[]}}"#,
            "prefix/suffix match pattern must be a string",
        ),
        (
            r#"{"anything-but":{"suffix":[""]}}"#,
            "Null prefix/suffix not allowed",
        ),
        (
            r#"{"anything-but":{"equals-ignore-case":[1]}}"#,
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        ),
        (
            r#"{"anything-but":{"wildcard":null}}"#,
            "wildcard match pattern must be a string",
        ),
    ] {
        let policy = format!(r#"{{"key":[{operator}]}}"#);
        let error = FilterPolicy::compile_as(&policy, dialect).unwrap_err();
        assert!(
            error.text().starts_with(reason),
            "{policy}: {}",
            error.text()
        );
    }
}
