//! Any text as XML character data: no markup comes through, and what XML can hold comes back.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut out = Vec::new();
    wire::xml::escape(text, &mut out);
    let escaped = String::from_utf8(out).expect("the writer writes UTF-8");
    assert!(!escaped.contains(['<', '>', '"', '\r']));
    let back = escaped
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#13;", "\r")
        .replace("&amp;", "&");
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    let expected: String = text.chars().map(|c| if legal(c) { c } else { '\u{fffd}' }).collect();
    assert_eq!(back, expected);
});
