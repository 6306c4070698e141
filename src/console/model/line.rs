//! One line of typed text: filter, palette, search, short form fields.

use crate::console::command::key::{Code, Key};
use unicode_segmentation::UnicodeSegmentation;

/// Longest line, in bytes: nobody types more, and a paste must not fill the memory.
const MOST: usize = 4096;

/// Text and a caret, in bytes at a grapheme boundary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
    caret: usize,
}

impl Line {
    /// A line with the caret at its end.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { caret: text.len(), text }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before the caret.
    pub fn before(&self) -> &str {
        self.text.get(..self.caret).unwrap_or(&self.text)
    }

    fn after(&self) -> &str {
        self.text.get(self.caret..).unwrap_or("")
    }

    /// Inserts typed or pasted text; line breaks become spaces.
    pub fn insert(&mut self, text: &str) {
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if self.text.len() + text.len() > MOST {
            return;
        }
        let at = self.before().len();
        self.text.insert_str(at, &text);
        self.caret = at + text.len();
        // What was typed may have joined its neighbours into one grapheme.
        let ends = self.text.grapheme_indices(true).map(|(i, g)| i + g.len()).find(|end| *end >= self.caret);
        self.caret = ends.unwrap_or(self.text.len());
    }

    /// Handles an editing key; false when it is none.
    pub fn key(&mut self, key: Key) -> bool {
        let back = self.before().graphemes(true).next_back().map_or(0, str::len);
        let ahead = self.after().graphemes(true).next().map_or(0, str::len);
        match (key.code, key.ctrl) {
            (Code::Backspace, _) => {
                let at = self.caret - back;
                self.text.replace_range(at..self.caret, "");
                self.caret = at;
            }
            (Code::Delete, false) => self.text.replace_range(self.caret..self.caret + ahead, ""),
            (Code::Left, false) => self.caret -= back,
            (Code::Right, false) => self.caret += ahead,
            (Code::Home, false) | (Code::Char('a'), true) => self.caret = 0,
            (Code::End, false) | (Code::Char('e'), true) => self.caret = self.text.len(),
            (Code::Char('u'), true) => {
                self.text.replace_range(..self.caret, "");
                self.caret = 0;
            }
            (Code::Char('w'), true) => {
                let kept = self.before().trim_end().rfind(' ').map_or(0, |i| i + 1);
                self.text.replace_range(kept..self.caret, "");
                self.caret = kept;
            }
            _ => match key.typed() {
                Some(c) => self.insert(c.encode_utf8(&mut [0; 4])),
                None => return false,
            },
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn backspace_takes_a_whole_grapheme() {
        let mut line = Line::new("张👩‍👩‍👧");
        line.key(Key::plain(Code::Backspace));
        assert_eq!(line.text(), "张");
        line.key(Key::char('伟'));
        line.key(Key::plain(Code::Left));
        line.key(Key::char('-'));
        assert_eq!((line.text(), line.before()), ("张-伟", "张-"));
    }

    proptest! {
        #[test]
        fn any_keys_leave_a_line_whole(keys in proptest::collection::vec((0usize..10, proptest::char::any()), 0..60)) {
            let mut line = Line::default();
            for (k, c) in keys {
                let code = [Code::Backspace, Code::Delete, Code::Left, Code::Right, Code::Home, Code::End].get(k).copied().unwrap_or(Code::Char(c));
                line.key(Key { code, ctrl: k == 6, alt: false, shift: false });
                prop_assert!(line.text().is_char_boundary(line.before().len()));
            }
        }
    }
}
