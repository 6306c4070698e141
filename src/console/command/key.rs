//! Keys: what arrives from a terminal, how it is written in `keymap.toml`, how it is shown.

use std::{fmt, str::FromStr};

/// Which key. Shift is part of a character; `alt` and `ctrl` are flags of [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    Char(char),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Insert,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}

/// One key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
    pub alt: bool,
    /// Only for keys that are no characters: `shift-tab`.
    pub shift: bool,
}

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// A character without modifiers.
    pub const fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    /// A character with Ctrl.
    pub const fn ctrl(c: char) -> Self {
        Self { ctrl: true, ..Self::char(c) }
    }

    /// The character that this key types into an input, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// A full-width form (`：？／`, `ａ`) as its ASCII twin, so that a Chinese input method left on does not disable the keyboard.
    #[must_use]
    pub fn narrow(self) -> Self {
        match self.code {
            Code::Char('\u{3000}') => Self { code: Code::Char(' '), ..self },
            Code::Char(c @ '\u{ff01}'..='\u{ff5e}') => {
                let ascii = char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c);
                Self { code: Code::Char(ascii), ..self }
            }
            _ => self,
        }
    }
}

const NAMES: &[(&str, Code)] = &[
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("insert", Code::Insert),
    ("left", Code::Left),
    ("right", Code::Right),
    ("up", Code::Up),
    ("down", Code::Down),
    ("home", Code::Home),
    ("end", Code::End),
    ("pgup", Code::PageUp),
    ("pgdn", Code::PageDown),
    ("space", Code::Char(' ')),
    ("minus", Code::Char('-')),
];

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (set, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if set {
                f.write_str(name)?;
            }
        }
        match (NAMES.iter().find(|n| n.1 == self.code), self.code) {
            (Some((name, _)), _) => f.write_str(name),
            (None, Code::F(n)) => write!(f, "f{n}"),
            (None, Code::Char(c)) => write!(f, "{c}"),
            (None, _) => Ok(()),
        }
    }
}

/// A key name that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key: {0}")]
pub struct BadKey(pub String);

impl FromStr for Key {
    type Err = BadKey;

    fn from_str(s: &str) -> Result<Self, BadKey> {
        let bad = || BadKey(s.into());
        let mut key = Key::char(' ');
        let mut rest = s;
        loop {
            if let Some(r) = rest.strip_prefix("ctrl-") {
                (key.ctrl, rest) = (true, r);
            } else if let Some(r) = rest.strip_prefix("alt-") {
                (key.alt, rest) = (true, r);
            } else if let Some(r) = rest.strip_prefix("shift-") {
                (key.shift, rest) = (true, r);
            } else {
                break;
            }
        }
        if let Some((_, code)) = NAMES.iter().find(|n| n.0 == rest) {
            key.code = *code;
        } else if let Some(n) = rest.strip_prefix('f').and_then(|n| n.parse().ok()).filter(|n| (1..=24).contains(n)) {
            key.code = Code::F(n);
        } else {
            let mut chars = rest.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) if !c.is_control() && !c.is_whitespace() && c != '-' => key.code = Code::Char(c),
                _ => return Err(bad()),
            }
        }
        // A character carries its own shift: `A`, not `shift-a`.
        if key.shift && matches!(key.code, Code::Char(_)) {
            return Err(bad());
        }
        Ok(key)
    }
}

/// Keys pressed one after the other: `g a`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord(pub Vec<Key>);

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, key) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{key}")?;
        }
        Ok(())
    }
}

impl FromStr for Chord {
    type Err = BadKey;

    fn from_str(s: &str) -> Result<Self, BadKey> {
        let keys = s.split_whitespace().map(str::parse).collect::<Result<Vec<Key>, _>>()?;
        if keys.is_empty() || keys.len() > 3 { Err(BadKey(s.into())) } else { Ok(Self(keys)) }
    }
}

impl Chord {
    /// How the footer and the help show it: `ga`, `Ctrl-D`, `Space`.
    pub fn shown(&self) -> String {
        let one = |k: &Key| {
            let text = k.to_string();
            if text.chars().count() == 1 {
                return text;
            }
            text.split('-')
                .map(|part| {
                    let mut chars = part.chars();
                    chars.next().map(|c| c.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
                })
                .collect::<Vec<_>>()
                .join("-")
        };
        self.0.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn full_width_forms_are_their_ascii_twins() {
        for (wide, narrow) in [('：', ':'), ('？', '?'), ('／', '/'), ('ａ', 'a'), ('\u{3000}', ' ')] {
            assert_eq!(Key::char(wide).narrow(), Key::char(narrow));
        }
        assert_eq!(Key::char('警').narrow(), Key::char('警'));
    }

    #[test]
    fn chords_are_shown_short() {
        for (chord, shown) in
            [("g a", "ga"), ("ctrl-d", "Ctrl-D"), ("space", "Space"), ("O", "O"), ("pgdn", "Pgdn"), ("shift-tab", "Shift-Tab")]
        {
            assert_eq!(chord.parse::<Chord>().unwrap().shown(), shown);
        }
    }

    proptest! {
        #[test]
        fn a_key_reads_back_as_it_is_written(c in proptest::char::any(), ctrl: bool, alt: bool, shift: bool, i in 0usize..20) {
            let code = NAMES.get(i).map_or(Code::Char(c), |n| n.1);
            let key = Key { code, ctrl, alt, shift: shift && !matches!(code, Code::Char(_)) };
            prop_assume!(!matches!(code, Code::Char(c) if c != ' ' && (c.is_control() || c.is_whitespace())));
            prop_assert_eq!(key.to_string().parse::<Key>(), Ok(key));
        }

        #[test]
        fn parsing_never_panics(s in "\\PC{0,12}") {
            let _ = s.parse::<Chord>();
        }
    }
}
