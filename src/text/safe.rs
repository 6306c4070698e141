//! Text from outside, made harmless before it reaches a model, a screen, a log or a clipboard (domain.md 16, invariant 45).
//!
//! What a terminal would obey becomes a visible `�`; what a reader could not see at all is dropped.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, char::is_combining_mark, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// Marks that may follow one base: Vietnamese and Tibetan need three, stacks beyond four are noise.
const MARKS: usize = 4;

/// One line of harmless text, at most `max_chars` graphemes long (the last two are `..` when it was cut).
///
/// Line breaks and tabs become spaces. The result is NFC, and making it safe again changes nothing.
pub fn safe(text: &str, max_chars: usize) -> String {
    clean(text, max_chars, false).into_owned()
}

/// Like [`safe`], but keeps line feeds. Borrows when there is nothing to do.
pub fn safe_multiline(text: &str, max_chars: usize) -> Cow<'_, str> {
    clean(text, max_chars, true)
}

fn clean(text: &str, max: usize, lines: bool) -> Cow<'_, str> {
    // The common case by far, and the only one on a hot path.
    if text.len() <= max && text.bytes().all(|b| matches!(b, b' '..=b'~') || (lines && b == b'\n')) {
        return Cow::Borrowed(text);
    }
    let visible = Visible { chars: text.chars().peekable(), lines };
    let text: String = visible.collect();
    let text = if is_nfc_quick(text.chars()) == IsNormalized::Yes { text } else { text.nfc().collect() };
    cut(few_marks(&text), max).into()
}

/// Characters that are left when controls are made visible and the invisible is dropped.
struct Visible<'a> {
    chars: std::iter::Peekable<std::str::Chars<'a>>,
    lines: bool,
}

impl Iterator for Visible<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        loop {
            let c = self.chars.next()?;
            return Some(match c {
                '\r' if self.chars.peek() == Some(&'\n') => continue,
                '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' if self.lines => '\n',
                '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
                c if c.is_control() || is_noncharacter(c) => char::REPLACEMENT_CHARACTER,
                c if is_invisible(c) => continue,
                c => c,
            });
        }
    }
}

fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// Format characters, fillers, selectors and tags: bidi marks, embeddings, overrides and isolates are among them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character sits on the one before it.
fn joins(c: char) -> bool {
    is_combining_mark(c) || c.width() == Some(0)
}

/// Cuts floods of marks, and marks that would sit on whatever the screen shows to the left.
fn few_marks(text: &str) -> String {
    let mut on_base = MARKS;
    text.chars()
        .filter(|c| {
            on_base = match *c {
                '\n' => MARKS,
                c if joins(c) => on_base + 1,
                _ => 0,
            };
            *c == '\n' || on_base <= MARKS
        })
        .collect()
}

fn cut(text: String, max: usize) -> String {
    // No text has more graphemes than bytes.
    if text.len() <= max {
        return text;
    }
    if text.graphemes(true).nth(max).is_none() {
        return text;
    }
    let keep = text.grapheme_indices(true).nth(max.saturating_sub(2)).map_or(0, |(i, _)| i);
    let dots = "..".get(..max.min(2)).unwrap_or_default();
    format!("{}{dots}", text.get(..keep).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn controls_show_and_the_invisible_goes() {
        assert_eq!(safe("张\u{1b}[31m伟", 99), "张\u{fffd}[31m伟");
        assert_eq!(safe("a\u{202e}b\u{2066}c\u{200b}d\u{e0041}e\u{9b}f", 99), "abcde\u{fffd}f");
        assert_eq!(safe("a\tb\r\nc\rd\u{2028}e", 99), "a b c d e");
        assert_eq!(safe_multiline("a\tb\r\nc\rd\u{2028}e", 99), "a b\nc\nd\ne");
        assert_eq!(safe("e\u{301}", 99), "\u{e9}");
        assert_eq!(safe("\u{301}x", 99), "x");
        assert_eq!(safe(&format!("e{}x", "\u{316}".repeat(200)), 99), format!("e{}x", "\u{316}".repeat(4)));
    }

    #[test]
    fn length_is_counted_in_graphemes() {
        assert_eq!(safe(&"王".repeat(200), 10), format!("{}..", "王".repeat(8)));
        assert_eq!(safe("王小明", 3), "王小明");
        assert_eq!(safe("abc", 3), "abc");
        assert_eq!(safe("abcd", 3), "a..");
        assert_eq!(safe("王小明", 2), "..");
        assert_eq!(safe("王小明", 1), ".");
        assert_eq!(safe("王小明", 0), "");
    }

    proptest! {
        #[test]
        fn safe_text_is_safe_and_stays(text in any_text(), max in 0usize..40) {
            let once = safe(&text, max);
            prop_assert!(!once.chars().any(|c| c.is_control() || is_invisible(c)), "{once:?}");
            prop_assert!(once.graphemes(true).count() <= max);
            prop_assert_eq!(&safe(&once, max), &once);
            let lines = safe_multiline(&text, max);
            prop_assert!(!lines.chars().any(|c| c != '\n' && (c.is_control() || is_invisible(c))), "{lines:?}");
            prop_assert_eq!(&safe_multiline(&lines, max), &lines);
        }
    }

    /// Any text, with the dangerous and the joining overrepresented.
    fn any_text() -> impl Strategy<Value = String> {
        let nasty = prop::sample::select(
            "\u{1b}[]0;m\n\r\t\u{7}\u{9b}\u{202e}\u{2066}\u{200d}\u{fe0f}\u{301}\u{323}\u{1100}\u{1161}\u{11a8}\u{e0041}\u{600}王👩👧🇨🇳éa "
                .chars()
                .collect::<Vec<_>>(),
        );
        prop::collection::vec(prop_oneof![any::<char>(), nasty], 0..40).prop_map(|v| v.into_iter().collect())
    }
}
