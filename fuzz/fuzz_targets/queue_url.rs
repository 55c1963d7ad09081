//! Any text as a queue URL: never a panic, and what is found stands in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::queue_url;

fuzz_target!(|url: &str| {
    let _ = queue_url::is_queue_path(url);
    if let Ok(queue) = queue_url::parse(url) {
        assert!(!queue.name.is_empty() && url.contains(queue.name));
        assert!(queue.account.is_none_or(|account| account.len() == 12 && url.contains(account)));
    }
});
