//! Every symbol that the console draws and that is not a letter: the only file with such literals.
//!
//! The narrow set has no character whose width depends on the terminal's idea of East Asian text, apart from box drawing.

use strum::{Display, EnumString};

/// Which set of symbols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Display, EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Glyphs {
    #[default]
    Narrow,
    /// No symbol beyond ASCII: locales that are not UTF-8, terminals that draw box lines double.
    Ascii,
    /// The same, and every text in Latin letters (names in pinyin), for terminals that have no other glyphs: `TERM=linux|dumb`.
    Letters,
}

/// One set.
#[derive(Debug, PartialEq, Eq)]
pub struct Symbols {
    /// In front of the row that keys act on.
    pub cursor: &'static str,
    /// In front of a marked row.
    pub mark: &'static str,
    /// In front of a clock that ran out, and of a warning.
    pub alarm: &'static str,
    /// Behind what is done or holds.
    pub ok: &'static str,
    /// Between facts of one line.
    pub between: &'static str,
    /// Horizontal rule.
    pub rule: &'static str,
    /// Bar of a contribution.
    pub bar: &'static str,
    /// Before a choice that is chosen, and one that is not.
    pub chosen: &'static str,
    pub choice: &'static str,
    /// More above, more below.
    pub up: &'static str,
    pub down: &'static str,
    /// From one value to another.
    pub to: &'static str,
    /// Corners and sides of a frame: top left, top right, bottom left, bottom right, side.
    pub frame: [&'static str; 5],
    /// The chart draws eight dots a cell.
    pub braille: bool,
    /// A dot and a band line of the chart where it does not.
    pub dot: &'static str,
    pub band_line: &'static str,
}

const NARROW: Symbols = Symbols {
    cursor: ">",
    mark: "*",
    alarm: "!",
    ok: "ok",
    between: "│",
    rule: "─",
    bar: "━",
    chosen: "(x)",
    choice: "( )",
    up: "^",
    down: "v",
    to: "->",
    frame: ["┌", "┐", "└", "┘", "│"],
    braille: true,
    dot: "*",
    band_line: "┄",
};

const ASCII: Symbols =
    Symbols { between: "|", rule: "-", bar: "=", frame: ["+", "+", "+", "+", "|"], braille: false, band_line: ".", ..NARROW };

impl Glyphs {
    /// The set.
    pub fn symbols(self) -> &'static Symbols {
        match self {
            Self::Narrow => &NARROW,
            Self::Ascii | Self::Letters => &ASCII,
        }
    }
}

/// A text in ASCII: Chinese as pinyin, full-width forms and accents as their plain twins.
pub fn letters(text: &str) -> String {
    use pinyin::ToPinyin;
    use unicode_normalization::UnicodeNormalization;
    let mut out = String::with_capacity(text.len());
    for c in text.nfkc() {
        match c {
            ' '..='~' => out.push(c),
            '。' => out.push('.'),
            '、' => out.push(','),
            '「' | '」' | '“' | '”' => out.push('"'),
            _ => match c.to_pinyin() {
                Some(p) => {
                    let mut syllable = p.plain().chars();
                    out.extend(syllable.next().map(|c| c.to_ascii_uppercase()));
                    out.extend(syllable.map(|c| if c.is_ascii() { c } else { 'v' }));
                }
                None => out.push(std::iter::once(c).nfd().next().filter(char::is_ascii).unwrap_or('?')),
            },
        }
    }
    out
}

/// A braille cell with these of its eight dots set (bit order of Unicode).
pub fn braille(dots: u8) -> char {
    char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_become_letters() {
        assert_eq!(letters("王建国 10023"), "WangJianGuo 10023");
        assert_eq!(letters("résumé：“x”，欧阳"), "resume:\"x\",OuYang");
    }

    proptest! {
        #[test]
        fn letters_are_ascii(text in "\\PC{0,30}") {
            prop_assert!(letters(&text).is_ascii());
        }
    }
}
