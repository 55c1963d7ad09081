//! Any text as a credential scope: never a panic, and what is found stands in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::Scope;

fuzz_target!(|data: (&str, &str)| {
    let (authorization, query) = data;
    if let Some(scope) = Scope::of(authorization, query) {
        for part in [scope.access_key, scope.date, scope.service, scope.region.unwrap_or_default()] {
            assert!(authorization.contains(part) || query.contains(part));
        }
        assert_eq!(scope.account().len(), 12);
    }
});
