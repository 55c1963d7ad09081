//! Any text as a filter policy, held against any message: never a panic, and the index finds what the policy alone matches.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use pattern::{Attribute, Dialect, Facts, FilterPolicy, Index, Scope};

const TYPES: [&str; 4] = ["String", "Number", "String.Array", "Binary"];

fuzz_target!(|data: (bool, &str, &str, u8, &str, &str)| {
    let (body, policy, name, kind, value, message) = data;
    let scope = if body {
        Scope::MessageBody
    } else {
        Scope::MessageAttributes
    };
    let policy = match FilterPolicy::compile_as(policy, Dialect::LaterFilterPolicy(scope)) {
        Ok(policy) => Arc::new(policy),
        Err(error) => {
            assert!(!error.text().is_empty());
            assert!(FilterPolicy::compile(policy, scope).is_err());
            return;
        }
    };
    let attributes = [Attribute {
        name,
        data_type: TYPES[usize::from(kind) % TYPES.len()],
        value: Some(value),
    }];
    for attributes in [&attributes[..], &[]] {
        let facts = Facts::new(attributes, message);
        let mut index = Index::default();
        index.insert(7, Arc::clone(&policy));
        let mut found = Vec::new();
        index.matches(&facts, &mut found);
        assert_eq!(!found.is_empty(), policy.matches(&facts));
    }
});
