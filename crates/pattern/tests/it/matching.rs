//! What matches: each operator, in attributes and in bodies.

use pattern::{Attribute, Dialect, Facts, FilterPolicy, Scope};

/// Whether a policy lets a body through.
fn body(policy: &str, message: &str) -> bool {
    let dialect = Dialect::LaterFilterPolicy(Scope::MessageBody);
    let policy = FilterPolicy::compile_as(policy, dialect).unwrap();
    policy.matches(&Facts::new(&[], message))
}

fn attribute<'a>(name: &'a str, data_type: &'a str, value: &'a str) -> Attribute<'a> {
    Attribute {
        name,
        data_type,
        value: Some(value),
    }
}

fn attributes(policy: &str, attributes: &[Attribute<'_>]) -> bool {
    let policy = FilterPolicy::compile(policy, Scope::MessageAttributes).unwrap();
    policy.matches(&Facts::new(attributes, "any message"))
}

/// Which of these values, standing at `key` in a body, a list of terms takes.
fn taken<'a>(terms: &str, values: &[&'a str]) -> Vec<&'a str> {
    let takes = |value: &&str| {
        body(
            &format!(r#"{{"key":{terms}}}"#),
            &format!(r#"{{"key":{value}}}"#),
        )
    };
    values.iter().copied().filter(takes).collect()
}

#[test]
fn plain_values_match_exactly() {
    let all = [
        r#""1""#,
        "1",
        "1.0",
        "10e-1",
        "true",
        r#""true""#,
        "null",
        r#""""#,
        "[]",
        "{}",
    ];
    assert_eq!(taken(r#"["1"]"#, &all), [r#""1""#]);
    assert_eq!(taken("[1]", &all), ["1", "1.0", "10e-1"]);
    assert_eq!(taken("[true]", &all), ["true"]);
    assert_eq!(taken("[false]", &all), [""; 0]);
    assert_eq!(taken("[null]", &all), ["null"]);
    assert_eq!(taken(r#"[""]"#, &all), [r#""""#]);
    assert_eq!(
        taken(r#"["a"]"#, &[r#""A""#, r#""a""#, r#""\u0061""#]),
        [r#""a""#, r#""\u0061""#]
    );
}

#[test]
fn text_operators_look_at_texts_only() {
    let all = [r#""abc""#, r#""ABC""#, r#""ab""#, "12", "null", "true"];
    assert_eq!(taken(r#"[{"prefix":"ab"}]"#, &all), [r#""abc""#, r#""ab""#]);
    assert_eq!(taken(r#"[{"suffix":"bc"}]"#, &all), [r#""abc""#]);
    assert_eq!(
        taken(r#"[{"equals-ignore-case":"aBc"}]"#, &all),
        [r#""abc""#, r#""ABC""#]
    );
    assert_eq!(
        taken(r#"[{"prefix":""}]"#, &all),
        [r#""abc""#, r#""ABC""#, r#""ab""#]
    );
    assert_eq!(taken(r#"[{"wildcard":"a*c"}]"#, &all), [r#""abc""#]);
    assert_eq!(taken(r#"[{"prefix":"1"}]"#, &all), [""; 0]);
}

#[test]
fn numeric_looks_at_numbers_only() {
    let all = ["-1", "0", "1", "100", "100.5", "1e2", r#""1""#, "null"];
    assert_eq!(taken(r#"[{"numeric":["=",100]}]"#, &all), ["100", "1e2"]);
    assert_eq!(taken(r#"[{"numeric":["<",0]}]"#, &all), ["-1"]);
    assert_eq!(taken(r#"[{"numeric":["<=",0]}]"#, &all), ["-1", "0"]);
    assert_eq!(taken(r#"[{"numeric":[">",100]}]"#, &all), ["100.5"]);
    assert_eq!(
        taken(r#"[{"numeric":[">",0,"<=",100]}]"#, &all),
        ["1", "100", "1e2"]
    );
    assert_eq!(taken(r#"[{"numeric":[">=",0,"<",100]}]"#, &all), ["0", "1"]);
}

#[test]
fn anything_but_takes_any_other_value() {
    let all = [
        r#""a""#, r#""ab""#, r#""B""#, "1", "2.0", "null", "true", "[]",
    ];
    assert_eq!(
        taken(r#"[{"anything-but":"a"}]"#, &all),
        [r#""ab""#, r#""B""#, "1", "2.0", "null", "true"]
    );
    assert_eq!(
        taken(r#"[{"anything-but":["a","B"]}]"#, &all),
        [r#""ab""#, "1", "2.0", "null", "true"]
    );
    assert_eq!(
        taken(r#"[{"anything-but":2}]"#, &all),
        [r#""a""#, r#""ab""#, r#""B""#, "1", "null", "true"]
    );
    assert_eq!(
        taken(r#"[{"anything-but":{"prefix":"a"}}]"#, &all),
        [r#""B""#, "1", "2.0", "null", "true"]
    );
    assert_eq!(
        taken(r#"[{"anything-but":{"suffix":["b","a"]}}]"#, &all),
        [r#""B""#, "1", "2.0", "null", "true"]
    );
    assert_eq!(
        taken(
            r#"[{"anything-but":{"equals-ignore-case":["A","b"]}}]"#,
            &all
        ),
        [r#""ab""#, "1", "2.0", "null", "true"]
    );
    assert_eq!(
        taken(r#"[{"anything-but":{"wildcard":"a*"}}]"#, &all),
        [r#""B""#, "1", "2.0", "null", "true"]
    );
    // One element that is not listed is enough.
    assert_eq!(
        taken(r#"[{"anything-but":"a"}]"#, &[r#"["a"]"#, r#"["a","b"]"#]),
        [r#"["a","b"]"#]
    );
}

#[test]
fn networks_have_addresses_in_any_notation() {
    let all = [
        r#""10.0.0.3""#,
        r#""10.0.0.256""#,
        "123",
        r#""2001:0DB8:1234:1a00:0:0:0:7""#,
        r#""text""#,
    ];
    assert_eq!(
        taken(r#"[{"cidr":"10.0.0.0/24"}]"#, &all),
        [r#""10.0.0.3""#]
    );
    assert_eq!(
        taken(r#"[{"cidr":"2001:db8:1234:1a00::/64"}]"#, &all),
        [r#""2001:0DB8:1234:1a00:0:0:0:7""#]
    );
}

#[test]
fn existence_is_of_values_that_stand_at_the_path() {
    let all = [
        r#""a""#,
        "0",
        "false",
        "[1]",
        "null",
        r#""""#,
        "[]",
        r#"{"below":1}"#,
    ];
    assert_eq!(
        taken(r#"[{"exists":true}]"#, &all),
        [r#""a""#, "0", "false", "[1]"]
    );
    assert_eq!(
        taken(r#"[{"exists":false}]"#, &all),
        ["[]", r#"{"below":1}"#]
    );
    assert!(body(r#"{"key":[{"exists":false}]}"#, "{}"));
    assert!(body(r#"{"key":["a",{"exists":false}]}"#, r#"{"other":1}"#));
    for terms in [
        "[null]",
        r#"[{"anything-but":"a"}]"#,
        r#"[{"exists":true}]"#,
    ] {
        assert!(!body(&format!(r#"{{"key":{terms}}}"#), "{}"), "{terms}");
    }
}

#[test]
fn all_keys_must_match_and_one_value_of_each() {
    let policy = r#"{"a":["x","y"],"b":[1]}"#;
    assert!(body(policy, r#"{"a":"y","b":1,"c":2}"#));
    assert!(!body(policy, r#"{"a":"y","b":2}"#));
    assert!(!body(policy, r#"{"a":"y"}"#));
}

#[test]
fn or_is_one_of_its_objects() {
    let policy = r#"{"a":["x"],"$or":[{"b":["x"]},{"c":["x"],"$or":[{"d":["x"]},{"e":["x"]}]}]}"#;
    for (message, expected) in [
        (r#"{"a":"x","b":"x"}"#, true),
        (r#"{"a":"x","c":"x","e":"x"}"#, true),
        (r#"{"a":"x","c":"x"}"#, false),
        (r#"{"a":"x","d":"x"}"#, false),
        (r#"{"b":"x"}"#, false),
    ] {
        assert_eq!(body(policy, message), expected, "{message}");
    }
    let below = r#"{"o":{"$or":[{"a":["x"]},{"b":["x"]}]}}"#;
    assert!(body(below, r#"{"o":{"b":"x"}}"#));
    assert!(!body(below, r#"{"b":"x"}"#));
}

#[test]
fn the_later_of_two_equal_names_overrides() {
    let branch_later = r#"{"a":["1"],"$or":[{"a":["2"]},{"b":["x"]}]}"#;
    assert!(body(branch_later, r#"{"a":"2"}"#));
    assert!(!body(branch_later, r#"{"a":"1"}"#));
    assert!(body(branch_later, r#"{"a":"1","b":"x"}"#));
    let branch_earlier = r#"{"$or":[{"a":["2"]},{"b":["x"]}],"a":["1"]}"#;
    assert!(body(branch_earlier, r#"{"a":"1"}"#));
    assert!(!body(branch_earlier, r#"{"a":"2","b":"x"}"#));
    assert!(body(
        r#"{"a":{"b":["1"]},"a.b":["2"]}"#,
        r#"{"a":{"b":"2"}}"#
    ));
}

#[test]
fn dotted_keys_and_nesting_are_one_path() {
    let bodies = [
        r#"{"object":{"nested":{"test":"v"}}}"#,
        r#"{"object.nested.test":"v"}"#,
        r#"{"object.nested":{"test":"v"}}"#,
        r#"{"object":{"nested.test":"v"}}"#,
    ];
    for policy in [
        r#"{"object.nested.test":["v"]}"#,
        r#"{"object":{"nested":{"test":["v"]}}}"#,
        r#"{"object":{"nested.test":["v"]}}"#,
    ] {
        for message in bodies {
            assert!(body(policy, message), "{policy} {message}");
        }
        assert!(!body(policy, r#"{"object.nested":{"test.more":"v"}}"#));
    }
    assert!(!body(
        r#"{"state.status":["v"]}"#,
        r#"{"state.status":{"status":"v"}}"#
    ));
    assert!(body(r#"{"":{"b":["v"]}}"#, r#"{"":{"b":"v"}}"#));
    assert!(!body(r#"{"":{"b":["v"]}}"#, r#"{"b":"v"}"#));
}

#[test]
fn arrays_match_with_any_of_their_elements() {
    let route = r#"{"headers":{"route-to":["queue1"]}}"#;
    assert!(body(
        route,
        r#"{"headers":{"route-to":["queue1","queue2"]}}"#
    ));
    assert!(!body(route, r#"{"headers":{"route-to":["queue2"]}}"#));
    let records = r#"{"Records":{"s3":{"object":{"key":[{"prefix":"auto-"}]}},"eventName":[{"prefix":"ObjectCreated:"}]}}"#;
    for (message, expected) in [
        (
            r#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":[[{"key":"auto-1"}]]}},{"eventName":"x"}]}"#,
            true,
        ),
        (
            r#"{"Records":[{"eventName":"ObjectRemoved:Delete","s3":{"object":{"key":"auto-1"}}}]}"#,
            false,
        ),
        (r#"{"Records":[]}"#, false),
        // Different elements may satisfy different keys.
        (
            r#"{"Records":[{"eventName":"ObjectCreated:Put"},{"s3":{"object":{"key":"auto-1"}}}]}"#,
            true,
        ),
    ] {
        assert_eq!(body(records, message), expected, "{message}");
    }
    // An empty array is absent and does not disturb.
    assert!(body(
        r#"{"a":[{"exists":false}],"b":[1]}"#,
        r#"{"a":[],"b":[[],1]}"#
    ));
}

#[test]
fn only_json_objects_have_a_body() {
    let policy = r#"{"key":["v",{"exists":false}]}"#;
    assert!(body(policy, r#" {"key":"v"} "#));
    for message in [
        "",
        "text",
        r#""{\"key\":\"v\"}""#,
        r#"[{"key":"v"}]"#,
        r#"{"key":"v"} x"#,
        r#"{"key":"v""#,
        "{key:1}",
        "null",
        "5",
    ] {
        assert!(!body(policy, message), "{message}");
    }
}

#[test]
fn attributes_are_looked_at_by_their_type() {
    let terms = r#"{"key":[1,"1",{"prefix":"ab"}]}"#;
    for (data_type, value, expected) in [
        ("String", "1", true),
        ("String", "abc", true),
        ("Number", "1.00", true),
        ("Number", "2", false),
        ("Number.int", "1", true),
        ("String.mine", "abc", true),
        ("String.Array", r#"["x","abc"]"#, true),
        ("String.Array", r#"["x",1]"#, true),
        ("String.Array", r#"["x",null,true,[1]]"#, true),
        ("String.Array", r#"[{"key":1}]"#, false),
        ("String.Array", r#"["#, false),
        ("String.Array", "abc", false),
        ("Binary", "abc", false),
    ] {
        let published = [attribute("key", data_type, value)];
        assert_eq!(
            attributes(terms, &published),
            expected,
            "{data_type} {value}"
        );
    }
    assert!(!attributes(
        r#"{"key":["1"]}"#,
        &[attribute("key", "Number", "1")]
    ));
    assert!(!attributes(
        r#"{"key":[1]}"#,
        &[attribute("key", "String", "1")]
    ));
    assert!(!attributes(
        r#"{"key":[true]}"#,
        &[attribute("key", "String", "true")]
    ));
    assert!(attributes(
        r#"{"key":[true,null]}"#,
        &[attribute("key", "String.Array", "[null]")]
    ));
    assert!(attributes(
        r#"{"key":[{"numeric":[">",0,"<=",100]}]}"#,
        &[attribute("key", "Number", "99.12")]
    ));
    assert!(attributes(
        r#"{"a.b":["v"]}"#,
        &[attribute("a.b", "String", "v")]
    ));
}

#[test]
fn absence_of_an_attribute_counts_if_there_are_others() {
    let absent = r#"{"store":[{"exists":false}]}"#;
    let others = [attribute("def", "Number", "99")];
    assert!(attributes(absent, &others));
    assert!(!attributes(absent, &[]));
    assert!(!attributes(
        absent,
        &[attribute("store", "Number", "99"), others[0]]
    ));
    assert!(attributes(
        r#"{"store":[{"exists":true}]}"#,
        &[attribute("store", "Number", "99"), others[0]]
    ));
    // Null in a policy is no absence.
    assert!(!attributes(
        r#"{"store":[null,{"anything-but":"whatever"}]}"#,
        &others
    ));
    // An array without elements is absent, one that cannot be read is neither here nor there.
    assert!(attributes(
        absent,
        &[attribute("store", "String.Array", "[]")]
    ));
    assert!(!attributes(
        absent,
        &[attribute("store", "String.Array", "[")]
    ));
    let binary = Attribute {
        name: "store",
        data_type: "Binary",
        value: None,
    };
    assert!(attributes(absent, &[binary]));
}

#[test]
fn an_empty_policy_lets_everything_through() {
    for scope in [Scope::MessageAttributes, Scope::MessageBody] {
        let policy = FilterPolicy::compile(" { } ", scope).unwrap();
        assert!(policy.is_empty());
        assert_eq!(policy.scope(), scope);
        assert!(policy.matches(&Facts::new(&[], "text")));
    }
}
