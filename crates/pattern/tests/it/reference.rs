//! A matcher that is slow and obvious: the policy is multiplied out, the message taken apart altogether, and each value held
//! against each term.

use std::collections::BTreeMap;

use pattern::{Attribute, Scope};
use serde_json::{Map, Value};

/// What stands at each path; nothing, if that cannot be said.
type Leaves = BTreeMap<String, Option<Vec<Value>>>;

/// One way to match: the terms at each path.
type Way = BTreeMap<String, Vec<Value>>;

pub(crate) fn matches(
    policy: &str,
    scope: Scope,
    attributes: &[Attribute<'_>],
    message: &str,
) -> bool {
    let policy: Map<String, Value> = serde_json::from_str(policy).unwrap();
    if policy.is_empty() {
        return true;
    }
    let (leaves, absence_counts) = match scope {
        Scope::MessageAttributes => (of_attributes(attributes), !attributes.is_empty()),
        Scope::MessageBody => match serde_json::from_str(message) {
            Ok(body @ Value::Object(_)) => (of_body(&body), true),
            Ok(_) | Err(_) => return false,
        },
    };
    let none = Some(Vec::new());
    ways(&policy).iter().any(|way| {
        way.iter()
            .all(|(path, terms)| match leaves.get(path).unwrap_or(&none) {
                None => false,
                Some(values) => terms
                    .iter()
                    .any(|term| satisfied(term, values, absence_counts)),
            })
    })
}

fn of_attributes(attributes: &[Attribute<'_>]) -> Leaves {
    let mut leaves = Leaves::new();
    for attribute in attributes {
        let Some(text) = attribute.value else {
            continue;
        };
        let values = match attribute.data_type {
            "String" => Some(vec![Value::from(text)]),
            "Number" => Some(vec![serde_json::from_str(text).unwrap()]),
            "String.Array" => match serde_json::from_str(text) {
                Ok(Value::Array(elements)) => {
                    let mut values = Vec::new();
                    elements
                        .iter()
                        .for_each(|element| flat_elements(element, &mut values));
                    Some(values)
                }
                Ok(_) | Err(_) => None,
            },
            _ => continue,
        };
        leaves.insert(attribute.name.to_owned(), values);
    }
    leaves
}

fn flat_elements(value: &Value, into: &mut Vec<Value>) {
    match value {
        Value::Object(_) => {}
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| flat_elements(element, into)),
        other => into.push(other.clone()),
    }
}

fn of_body(body: &Value) -> Leaves {
    fn flatten(path: &[&str], value: &Value, leaves: &mut Leaves) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    flatten(&[path, &[key]].concat(), member, leaves);
                }
            }
            Value::Array(elements) => {
                elements
                    .iter()
                    .for_each(|element| flatten(path, element, leaves));
            }
            leaf => {
                let values = leaves
                    .entry(path.join("."))
                    .or_insert_with(|| Some(Vec::new()));
                values.as_mut().unwrap().push(leaf.clone());
            }
        }
    }
    let mut leaves = Leaves::new();
    flatten(&[], body, &mut leaves);
    leaves
}

fn ways(policy: &Map<String, Value>) -> Vec<Way> {
    fn extend(path: &[&str], policy: &Map<String, Value>, mut ways: Vec<Way>) -> Vec<Way> {
        for (name, entry) in policy {
            let path = [path, &[name]].concat();
            ways = match entry {
                Value::Object(group) => extend(&path, group, ways),
                Value::Array(branches) if name == "$or" => branches
                    .iter()
                    .flat_map(|branch| {
                        extend(
                            &path[..path.len() - 1],
                            branch.as_object().unwrap(),
                            ways.clone(),
                        )
                    })
                    .collect(),
                terms => {
                    for way in &mut ways {
                        way.insert(path.join("."), terms.as_array().unwrap().clone());
                    }
                    ways
                }
            };
        }
        ways
    }
    extend(&[], policy, vec![Way::new()])
}

fn satisfied(term: &Value, values: &[Value], absence_counts: bool) -> bool {
    match operator(term) {
        Some(("exists", wanted)) if wanted == false => values.is_empty() && absence_counts,
        _ => values.iter().any(|value| takes(term, value)),
    }
}

fn operator(term: &Value) -> Option<(&str, &Value)> {
    let (name, operand) = term.as_object()?.iter().next()?;
    Some((name, operand))
}

fn takes(term: &Value, value: &Value) -> bool {
    let Some((name, operand)) = operator(term) else {
        return equal(term, value);
    };
    let text = value.as_str();
    match name {
        "exists" => !value.is_null() && value != "",
        "prefix" => text.is_some_and(|text| text.starts_with(operand.as_str().unwrap())),
        "suffix" => text.is_some_and(|text| text.ends_with(operand.as_str().unwrap())),
        "equals-ignore-case" => {
            text.is_some_and(|text| text.to_lowercase() == operand.as_str().unwrap().to_lowercase())
        }
        "wildcard" => text.is_some_and(|text| wild(operand.as_str().unwrap(), text)),
        "numeric" => value
            .as_f64()
            .is_some_and(|number| within(operand.as_array().unwrap(), number)),
        "cidr" => text.is_some_and(in_ten),
        "anything-but" => !excluded(operand, value),
        other => panic!("{other} is not known here"),
    }
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b).is_eq(),
        _ => a == b,
    }
}

fn excluded(operand: &Value, value: &Value) -> bool {
    match operand {
        Value::Array(all) => all.iter().any(|one| equal(one, value)),
        Value::Object(nested) => {
            let (name, operand) = nested.iter().next().unwrap();
            let operands = operand
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![operand.clone()]);
            let inner =
                |operand: &Value| Value::Object(Map::from_iter([(name.clone(), operand.clone())]));
            operands.iter().any(|operand| takes(&inner(operand), value))
        }
        one => equal(one, value),
    }
}

fn within(members: &[Value], number: f64) -> bool {
    members.chunks(2).all(|pair| {
        let bound = pair[1].as_f64().unwrap();
        match pair[0].as_str().unwrap() {
            "=" => number.total_cmp(&bound).is_eq(),
            "<" => number < bound,
            "<=" => number <= bound,
            ">" => number > bound,
            ">=" => number >= bound,
            other => panic!("{other} is not known here"),
        }
    })
}

fn wild(pattern: &str, text: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(rest) => (0..=text.len())
            .filter(|&at| text.is_char_boundary(at))
            .any(|at| wild(rest, &text[at..])),
        None => match pattern.chars().next() {
            Some(first) => text
                .strip_prefix(first)
                .is_some_and(|rest| wild(&pattern[first.len_utf8()..], rest)),
            None => text.is_empty(),
        },
    }
}

/// The generated networks are all `10.0.0.0/8`.
fn in_ten(text: &str) -> bool {
    text.parse::<std::net::Ipv4Addr>()
        .is_ok_and(|address| address.octets()[0] == 10)
}
