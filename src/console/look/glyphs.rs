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
    /// Nothing beyond ASCII: `TERM=linux|dumb`, non-UTF-8 locales, terminals that draw box lines double.
    Ascii,
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
            Self::Ascii => &ASCII,
        }
    }
}

/// A braille cell with these of its eight dots set (bit order of Unicode).
pub fn braille(dots: u8) -> char {
    char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ')
}
