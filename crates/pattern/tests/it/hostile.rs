//! Bounds: no policy and no message, however it is made, takes the stack, the memory or much time.

use pattern::{Attribute, Facts, FilterPolicy, Index, Scope};

fn compile(policy: &str) -> FilterPolicy {
    FilterPolicy::compile(policy, Scope::MessageBody).unwrap()
}

fn refused(policy: &str) -> String {
    let error = FilterPolicy::compile(policy, Scope::MessageBody).unwrap_err();
    error.text().split('\n').next().unwrap().to_owned()
}

#[test]
fn deep_policies_are_refused() {
    let nested = |depth: usize| "{\"a\":".repeat(depth) + "[1]" + &"}".repeat(depth);
    compile(&nested(150));
    assert_eq!(refused(&nested(151)), "Filter policy is too complex");
    assert_eq!(refused(&nested(999)), "Filter policy is too complex");
    assert!(refused(&nested(20_000)).starts_with("failed to parse JSON. Document nesting depth"));
    let or =
        |depth: usize| r#"{"$or":[{"a":[1]},"#.repeat(depth) + r#"{"a":[2]}"# + &"]}".repeat(depth);
    compile(&or(149));
    assert_eq!(refused(&or(150)), "Filter policy is too complex");
    assert_eq!(refused(&or(400)), "Filter policy is too complex");
    assert!(
        refused(&"[".repeat(200_000)).starts_with("failed to parse JSON. Document nesting depth")
    );
}

#[test]
fn wide_policies_are_refused() {
    let keys: Vec<String> = (0..20_000).map(|key| format!("\"k{key}\":[1]")).collect();
    let flat = format!("{{{}}}", keys.join(","));
    assert_eq!(
        refused(&flat),
        "Filter policy can not have more than 5 keys"
    );
    let below_or = format!(r#"{{"$or":[{flat},{{"a":[1]}}]}}"#);
    assert_eq!(refused(&below_or), "Filter policy is too complex");
    let same: Vec<&str> = vec!["\"k\":[1]"; 30_000];
    compile(&format!("{{{}}}", same.join(",")));
    let long = format!("{{\"a\":[\"{}\"]}}", "x".repeat(256 * 1024));
    assert_eq!(
        refused(&long),
        "Filter policy can not have more than 262144 bytes"
    );
}

#[test]
fn what_or_multiplies_stays_small() {
    let keys: Vec<String> = (0..5_000).map(|key| format!("\"k{key}\":[1]")).collect();
    let branches: Vec<String> = (0..149)
        .map(|branch| format!("{{\"b{branch}\":[1]}}"))
        .collect();
    let policy = format!(
        r#"{{"$or":[{{{},"$or":[{}]}},{{"a":[1]}}]}}"#,
        keys.join(","),
        branches.join(",")
    );
    assert_eq!(refused(&policy), "Filter policy is too complex");
}

#[test]
fn a_body_matches_down_to_a_thousand_levels_and_not_beyond() {
    let policy = compile(r#"{"a":[1]}"#);
    let arrays = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(policy.matches(&Facts::new(&[], &arrays(999))));
    assert!(!policy.matches(&Facts::new(&[], &arrays(1000))));
    assert!(!policy.matches(&Facts::new(&[], &"{\"a\":".repeat(200_000))));
}

#[test]
fn an_array_attribute_is_bounded_like_a_body() {
    let policy = FilterPolicy::compile(r#"{"a":[1]}"#, Scope::MessageAttributes).unwrap();
    let deep = |depth: usize| "[".repeat(depth) + "1" + &"]".repeat(depth);
    for (depth, expected) in [(1000, true), (1001, false), (100_000, false)] {
        let text = deep(depth);
        let attributes = [Attribute {
            name: "a",
            data_type: "String.Array",
            value: Some(&text),
        }];
        assert_eq!(
            policy.matches(&Facts::new(&attributes, "")),
            expected,
            "{depth}"
        );
    }
}

/// Fifty arrays in one another's objects: as combinations they would be more than there are atoms.
#[test]
fn arrays_are_not_multiplied() {
    let mut body = "1".to_owned();
    let mut path = String::new();
    for level in (0..50).rev() {
        let key = format!("k{level}");
        body = format!("[{{\"{key}\":{body}}},{{\"{key}\":2,\"other\":[1,2,3]}},[[]]]");
        path = if path.is_empty() {
            key
        } else {
            format!("{key}.{path}")
        };
    }
    let wide = format!("{{\"x\":{body},\"y\":[{}1]}}", "[[1,2],[3]],".repeat(4_000));
    assert!(wide.len() > 40_000);
    let policy = compile(&format!(r#"{{"x.{path}":[1],"y":[3]}}"#));
    assert!(policy.matches(&Facts::new(&[], &wide)));
}

/// As many values as fit into a message, each of them looked for by a policy of its own.
#[test]
fn very_many_values_and_policies_meet() {
    let values: Vec<String> = (0..100_000).map(|value| value.to_string()).collect();
    let body = format!(
        "{{\"a\":[{}],\"b\":[{}]}}",
        values.join(","),
        values[..10_000].join(",")
    );
    let mut index = Index::default();
    for key in 0..1_000 {
        let policy = compile(&format!(r#"{{"a":[{}],"b":[{}]}}"#, key * 150, key));
        index.insert(key, policy.into());
    }
    let mut found = Vec::new();
    index.matches(&Facts::new(&[], &body), &mut found);
    assert_eq!(found, (0..667).collect::<Vec<u32>>());
}
