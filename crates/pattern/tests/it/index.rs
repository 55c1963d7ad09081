//! The index: who is in, and who is found.

use std::sync::Arc;

use pattern::{Attribute, Facts, FilterPolicy, Index, Scope};

fn policy(text: &str, scope: Scope) -> Arc<FilterPolicy> {
    Arc::new(FilterPolicy::compile(text, scope).unwrap())
}

fn found(index: &Index, kind: &str, message: &str) -> Vec<u32> {
    let attributes = [Attribute {
        name: "kind",
        data_type: "String",
        value: Some(kind),
    }];
    let mut keys = vec![99];
    index.matches(&Facts::new(&attributes, message), &mut keys);
    assert_eq!(keys.remove(0), 99, "what stood there before stays");
    keys
}

#[test]
fn keys_are_found_in_order_over_both_scopes() {
    let mut index = Index::default();
    index.insert(7, policy(r#"{"kind":["order"]}"#, Scope::MessageAttributes));
    index.insert(3, policy(r#"{"kind":["order"]}"#, Scope::MessageBody));
    index.insert(
        9,
        policy(r#"{"kind":[{"prefix":"o"}]}"#, Scope::MessageAttributes),
    );
    index.insert(
        5,
        policy(r#"{"other":[{"exists":false}]}"#, Scope::MessageBody),
    );
    index.insert(1, policy("{}", Scope::MessageBody));
    assert_eq!(index.len(), 5);
    assert_eq!(
        found(&index, "order", r#"{"kind":"order"}"#),
        [1, 3, 5, 7, 9]
    );
    assert_eq!(found(&index, "other", r#"{"kind":"other"}"#), [1, 5, 9]);
    assert_eq!(found(&index, "x", "text"), [1]);
}

#[test]
fn a_key_has_the_policy_it_was_last_given() {
    let mut index = Index::default();
    index.insert(1, policy(r#"{"kind":["order"]}"#, Scope::MessageAttributes));
    index.insert(1, policy(r#"{"kind":["other"]}"#, Scope::MessageAttributes));
    assert_eq!(found(&index, "order", "{}"), [0; 0]);
    assert_eq!(found(&index, "other", "{}"), [1]);
    index.insert(1, policy(r#"{"kind":["body"]}"#, Scope::MessageBody));
    assert_eq!(found(&index, "other", "{}"), [0; 0]);
    assert_eq!(found(&index, "other", r#"{"kind":"body"}"#), [1]);
    index.remove(1);
    index.remove(1);
    assert!(index.is_empty());
    assert_eq!(found(&index, "other", r#"{"kind":"body"}"#), [0; 0]);
}
