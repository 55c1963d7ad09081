//! The matcher, alone and in the index, against the slow and obvious one.

use std::collections::BTreeMap;
use std::sync::Arc;

use pattern::{Attribute, Dialect, Facts, FilterPolicy, Index, Scope};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::reference;

const KEYS: [&str; 6] = ["a", "b", "c", "a.b", "b.a", ""];
const TEXTS: [&str; 8] = ["", "x", "xy", "X", "yx", "10.0.0.1", "ä\\n", "11.0.0.1"];
const NUMBERS: [&str; 6] = ["0", "1", "1.0", "-1", "10e-1", "2.5"];

fn quoted() -> impl Strategy<Value = String> {
    select(&TEXTS[..]).prop_map(|text| format!("\"{text}\""))
}

fn number() -> impl Strategy<Value = String> {
    select(&NUMBERS[..]).prop_map(str::to_owned)
}

fn scalar() -> impl Strategy<Value = String> {
    let literal = select(vec!["true", "false", "null"]).prop_map(str::to_owned);
    prop_oneof![4 => quoted(), 3 => number(), 1 => literal]
}

fn list(
    element: impl Strategy<Value = String>,
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = String> {
    vec(element, count).prop_map(|elements| format!("[{}]", elements.join(",")))
}

fn operator(
    name: &'static str,
    operand: impl Strategy<Value = String>,
) -> impl Strategy<Value = String> {
    operand.prop_map(move |operand| format!("{{\"{name}\":{operand}}}"))
}

fn affix() -> impl Strategy<Value = String> {
    select(vec!["\"x\"", "\"y\"", "\"ä\"", "\"1\""]).prop_map(str::to_owned)
}

fn wildcard() -> impl Strategy<Value = String> {
    select(vec![
        "\"*\"", "\"x*\"", "\"*y\"", "\"*x*\"", "\"\"", "\"x*y\"",
    ])
    .prop_map(str::to_owned)
}

fn numeric() -> impl Strategy<Value = String> {
    let one = (select(vec!["=", "<", "<=", ">", ">="]), number())
        .prop_map(|(operator, number)| format!("[\"{operator}\",{number}]"));
    let range = (select(vec![">", ">="]), select(vec!["<", "<="]))
        .prop_map(|(low, high)| format!("[\"{low}\",-1,\"{high}\",1.0]"));
    prop_oneof![one, range]
}

fn anything_but() -> impl Strategy<Value = String> {
    prop_oneof![
        quoted(),
        number(),
        list(quoted(), 1..3),
        list(number(), 1..3),
        operator("prefix", affix()),
        operator("suffix", list(affix(), 1..3)),
        operator("equals-ignore-case", quoted()),
        operator("wildcard", wildcard()),
    ]
}

fn term() -> impl Strategy<Value = String> {
    let exists = select(vec!["true", "false"]).prop_map(str::to_owned);
    prop_oneof![
        8 => scalar(),
        1 => operator("prefix", quoted()),
        1 => operator("suffix", quoted()),
        1 => operator("equals-ignore-case", quoted()),
        1 => operator("wildcard", wildcard()),
        1 => operator("numeric", numeric()),
        1 => operator("exists", exists),
        1 => operator("cidr", Just("\"10.0.0.0/8\"".to_owned())),
        2 => operator("anything-but", anything_but()),
    ]
}

fn object(
    entries: BTreeMap<&'static str, String>,
    or: Option<Vec<String>>,
    or_first: bool,
) -> String {
    let mut all: Vec<String> = entries
        .iter()
        .map(|(key, value)| format!("\"{key}\":{value}"))
        .collect();
    if let Some(branches) = or {
        let place = if or_first { 0 } else { all.len() };
        all.insert(place, format!("\"$or\":[{}]", branches.join(",")));
    }
    format!("{{{}}}", all.join(","))
}

fn keyed(
    value: impl Strategy<Value = String>,
) -> impl Strategy<Value = BTreeMap<&'static str, String>> {
    proptest::collection::btree_map(select(&KEYS[..]), value, 1..3)
}

fn flat_policy() -> impl Strategy<Value = String> {
    let branch = keyed(list(term(), 1..3)).prop_map(|entries| object(entries, None, false));
    let or = proptest::option::weighted(0.3, vec(branch, 2..4));
    (keyed(list(term(), 1..3)), or, any::<bool>())
        .prop_map(|(entries, or, first)| object(entries, or, first))
}

fn policy() -> impl Strategy<Value = (String, Scope)> {
    let nested = prop_oneof![2 => list(term(), 1..3).boxed(), 1 => flat_policy().boxed()];
    let branch = flat_policy();
    let or = proptest::option::weighted(0.2, vec(branch, 2..3));
    let body = (keyed(nested), or, any::<bool>())
        .prop_map(|(entries, or, first)| object(entries, or, first));
    prop_oneof![
        flat_policy().prop_map(|policy| (policy, Scope::MessageAttributes)),
        body.prop_map(|policy| (policy, Scope::MessageBody)),
    ]
}

fn json() -> impl Strategy<Value = String> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        let members = proptest::collection::btree_map(select(&KEYS[..]), inner.clone(), 0..4)
            .prop_map(|members| object(members, None, false));
        prop_oneof![members, list(inner, 0..4)]
    })
}

fn message() -> impl Strategy<Value = String> {
    let object = proptest::collection::btree_map(select(&KEYS[..]), json(), 0..5)
        .prop_map(|members| object(members, None, false));
    prop_oneof![8 => object.boxed(), 1 => json().boxed(), 1 => Just("{\"a\":".to_owned()).boxed()]
}

/// Names, types and values.
type Published = BTreeMap<&'static str, (&'static str, String)>;

fn published() -> impl Strategy<Value = Published> {
    let array = prop_oneof![6 => list(json(), 0..4).boxed(), 1 => json().boxed(), 1 => Just("[".to_owned()).boxed()];
    let attribute = prop_oneof![
        3 => select(vec!["x", "xy", "X", "yx", "10.0.0.1"]).prop_map(|text| ("String", text.to_owned())),
        3 => number().prop_map(|number| ("Number", number)),
        3 => array.prop_map(|array| ("String.Array", array)),
        1 => Just(("Binary", String::new())),
    ];
    proptest::collection::btree_map(select(&KEYS[..5]), attribute, 0..4)
}

fn attributes(published: &Published) -> Vec<Attribute<'_>> {
    published
        .iter()
        .map(|(name, (data_type, value))| Attribute {
            name,
            data_type,
            value: (*data_type != "Binary").then_some(value.as_str()),
        })
        .collect()
}

/// Policies that are too complex are left out.
fn compile(policy: &str, scope: Scope) -> Option<Arc<FilterPolicy>> {
    match FilterPolicy::compile_as(policy, Dialect::LaterFilterPolicy(scope)) {
        Ok(policy) => Some(Arc::new(policy)),
        Err(error) => {
            assert_eq!(error.text(), "Filter policy is too complex", "{policy}");
            None
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_policy_matches_what_the_obvious_matcher_matches(
        (policy, scope) in policy(),
        messages in vec((message(), published()), 1..8),
    ) {
        let Some(compiled) = compile(&policy, scope) else {
            return Ok(());
        };
        for (message, published) in &messages {
            let attributes = attributes(published);
            let expected = reference::matches(&policy, scope, &attributes, message);
            let facts = Facts::new(&attributes, message);
            prop_assert_eq!(compiled.matches(&facts), expected, "{} {} {:?}", policy, message, attributes);
        }
    }

    #[test]
    fn the_index_finds_what_the_obvious_matcher_finds(
        policies in vec((0_u32..24, proptest::option::weighted(0.8, policy())), 1..24),
        messages in vec((message(), published()), 1..5),
    ) {
        let mut index = Index::default();
        let mut kept = BTreeMap::new();
        for (key, policy) in policies {
            let compiled = policy.and_then(|(policy, scope)| {
                let compiled = compile(&policy, scope)?;
                Some((policy, scope, compiled))
            });
            if let Some((policy, scope, compiled)) = compiled {
                index.insert(key, compiled);
                kept.insert(key, (policy, scope));
            } else {
                index.remove(key);
                kept.remove(&key);
            }
        }
        prop_assert_eq!(index.len(), kept.len());
        for (message, published) in &messages {
            let attributes = attributes(published);
            let matches = |(policy, scope): &(String, Scope)| reference::matches(policy, *scope, &attributes, message);
            let expected: Vec<u32> = kept.iter().filter(|(_, policy)| matches(policy)).map(|(key, _)| *key).collect();
            let mut found = Vec::new();
            index.matches(&Facts::new(&attributes, message), &mut found);
            prop_assert_eq!(found, expected, "{} {:?}", message, attributes);
        }
    }

    #[test]
    fn no_text_makes_the_compiler_panic(policy in "[\\[\\]{}:,\"\\\\a$or0-9<=*/ \n.é-]{0,40}", body in any::<bool>()) {
        let scope = if body { Scope::MessageBody } else { Scope::MessageAttributes };
        if let Err(error) = FilterPolicy::compile(&policy, scope) {
            prop_assert!(!error.text().is_empty());
        }
    }

    #[test]
    fn a_body_is_json_exactly_if_serde_json_says_so(value in "[\\[\\]{}:,\"\\\\a-fnulrtse0-9.eE+ \t\n-]{0,24}") {
        let message = format!("{{\"unknown\":{value}}}");
        let theirs = serde_json::from_str::<serde_json::Value>(&message);
        // Numbers that no double holds, and halves of surrogate pairs, are JSON all the same.
        let lenient = |error: &serde_json::Error| {
            let text = error.to_string();
            text.starts_with("number out of range") || text.contains("surrogate") || text.contains("hex escape")
        };
        if theirs.as_ref().is_err_and(lenient) {
            return Ok(());
        }
        let policy = FilterPolicy::compile(r#"{"absent":[{"exists":false}]}"#, Scope::MessageBody).unwrap();
        let absent = theirs.as_ref().is_ok_and(|body| body.get("absent").is_none());
        prop_assert_eq!(policy.matches(&Facts::new(&[], &message)), absent, "{}", message);
    }
}
