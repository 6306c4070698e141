//! Copying to the clipboard of the operator's own terminal, over any number of SSH hops (OSC 52).
//!
//! The terminal never answers, so nobody may say "copied": the words are "sent to the terminal clipboard".

use crossterm::{Command, clipboard::CopyToClipboard};
use thiserror::Error;

/// The largest text whose base64 form (99,992 bytes) passes xterm, tmux and hterm, which cut at 100,000.
pub const LIMIT: usize = 74_994;

/// The text is larger than terminals take; nothing was sent, because a cut text would be a wrong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{size} bytes are more than the {LIMIT} a terminal takes")]
pub struct TooLong {
    /// Bytes of the safe text.
    pub size: usize,
}

/// Bytes that set the terminal's clipboard to `text`; inside tmux they are wrapped so that tmux hands them on
/// (its own `set-clipboard on` works too, and receives the same text).
///
/// Control characters other than line feed and tab, and marks that turn the direction of text, are left out: what is pasted into a
/// shell must be what was read on screen.
pub fn copy(text: &str, inside_tmux: bool) -> Result<Vec<u8>, TooLong> {
    let text: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !is_unsafe(*c)).collect();
    if text.len() > LIMIT {
        return Err(TooLong { size: text.len() });
    }
    let mut sequence = String::new();
    // Formatting into a String cannot fail.
    let _ = CopyToClipboard::to_clipboard_from(&text).write_ansi(&mut sequence);
    if inside_tmux {
        sequence = format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b"));
    }
    Ok(sequence.into_bytes())
}

/// Characters that act instead of showing: controls, and the marks that reorder or hide text.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{061c}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_wrapped_for_tmux() {
        assert_eq!(copy("hello", false).unwrap(), b"\x1b]52;c;aGVsbG8=\x1b\\");
        assert_eq!(copy("hello", true).unwrap(), b"\x1bPtmux;\x1b\x1b]52;c;aGVsbG8=\x1b\x1b\\\x1b\\");
    }

    #[test]
    fn acting_characters_stay_behind() {
        assert_eq!(copy("a\x1b]0;x\x07\u{202e}\u{9b}b\n", false), copy("a]0;xb\n", false));
    }

    #[test]
    fn size_is_capped_after_cleaning() {
        assert!(copy(&format!("{}\x07", "a".repeat(LIMIT)), false).is_ok());
        assert_eq!(copy(&"张".repeat(24_999), false), Err(TooLong { size: 74_997 }));
        assert!(copy(&"a".repeat(LIMIT), false).unwrap().len() < 100_002);
    }
}
