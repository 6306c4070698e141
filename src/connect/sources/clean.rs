//! The edge where text from outside becomes text that may be stored.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Whether a character may never be stored: C0 and C1 controls, bidi controls, the byte order mark.
pub(super) fn is_forbidden(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Text as it is kept: no control and no bidi character, NFC, no space at the ends. Line breaks and tabs become one space, so that
/// words stay apart.
///
/// Nothing below this edge ever holds an escape code or a bidi mark. Display is made safe again by `text`, which trusts nobody.
pub(super) fn clean(s: &str) -> String {
    let s = s.trim();
    if s.bytes().all(|b| matches!(b, 0x20..=0x7e)) {
        return s.to_owned();
    }
    let kept = || s.chars().filter_map(keep);
    let out: String =
        if kept().eq(s.chars()) && is_nfc_quick(s.chars()) == IsNormalized::Yes { s.to_owned() } else { kept().nfc().collect() };
    if out.trim().len() == out.len() { out } else { out.trim().to_owned() }
}

fn keep(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        c if is_forbidden(c) => None,
        c => Some(c),
    }
}

/// What a value looks like, without what it says: digits are `9`, letters `a`, other writing `x`. For messages about values that may
/// be personal.
pub(super) fn shape(s: &str) -> String {
    const LONGEST: usize = 24;
    let mut out: String = s
        .chars()
        .filter(|&c| !is_forbidden(c))
        .take(LONGEST)
        .map(|c| match c {
            c if c.is_numeric() => '9',
            c if c.is_ascii_alphabetic() => 'a',
            c if c.is_ascii_punctuation() || c == ' ' => c,
            _ => 'x',
        })
        .collect();
    if s.chars().nth(LONGEST).is_some() {
        out.push_str("...");
    }
    out
}
