//! Bytes on a slow link, of the real program on real rows (DESIGN.md, "Performance budget").

use crate::{harness::Home, raw::Raw};
use std::time::Duration;

/// Longer than the answers to a key take to arrive.
const SETTLED: Duration = Duration::from_millis(500);

#[test]
fn a_key_costs_few_bytes() {
    let home = Home::sample();
    for (lang, budget) in [("en", 100), ("zh-CN", 140)] {
        let mut raw = Raw::spawn(home.command(&["--lang", lang]).env("TERM", "xterm-256color"));
        raw.until("the first row", |text| text.lines().any(|row| row.starts_with("> ")));
        raw.settle(SETTLED);
        for key in ["g", "a"] {
            let bytes = raw.press(key).map_or(0, |(_, bytes)| bytes.len());
            assert!(bytes < 4_000, "{lang}: another pane costs {bytes} bytes");
        }
        for key in ["j", "j", "k", "j", "k", "k"] {
            let (_, bytes) = raw.press(key).unwrap();
            assert!(bytes.len() <= budget, "{lang}: a row costs {} bytes: {}", bytes.len(), bytes.escape_ascii());
        }
    }
}
