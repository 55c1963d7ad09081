//! Any text as a filter pattern, on any message: never a panic, and fields are read exactly where the pattern matches.

#![no_main]

use libfuzzer_sys::fuzz_target;
use logs::Pattern;

fuzz_target!(|data: (&str, &str)| {
    let (pattern, message) = data;
    if let Ok(pattern) = Pattern::parse(pattern) {
        assert_eq!(pattern.extract(message).is_some(), pattern.matches(message));
    }
});
