//! What the terminal paints with, and the codes that change it.

use super::colour::Depth;
use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};

/// Attributes that show on a cell without a character.
pub(super) const SEEN_ON_BLANK: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);

/// Attributes, the code that sets each and the code that takes it away.
const ATTRIBUTES: [(Modifier, u8, u8); 8] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// Ink, paper and attributes. Underline colours are left out: no theme has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pen {
    pub fg: Color,
    pub bg: Color,
    pub modifier: Modifier,
}

impl Pen {
    /// The pen of a cell at a colour depth. Nothing that cannot be seen is in it: ink and weight of a blank, for one.
    pub fn of(cell: &Cell, depth: Depth) -> Self {
        let mut modifier = cell.modifier;
        if modifier.contains(Modifier::RAPID_BLINK) {
            modifier = modifier.difference(Modifier::RAPID_BLINK).union(Modifier::SLOW_BLINK);
        }
        let pen = Self { fg: depth.fit(cell.fg), bg: depth.fit(cell.bg), modifier };
        let inkless = cell.symbol() == " " && !modifier.intersects(SEEN_ON_BLANK);
        if inkless { Self { bg: pen.bg, ..Self::default() } } else { pen }
    }

    /// The least change of this pen that paints blanks of `bg`.
    pub fn for_blanks(self, bg: Color) -> Self {
        Self { bg, modifier: self.modifier.difference(SEEN_ON_BLANK), ..self }
    }

    /// The sequence that makes `to` of this pen: what differs, or all afresh when that is shorter.
    pub fn change(self, to: Self) -> String {
        if to == self {
            return String::new();
        }
        let changed = sgr_between(self, to);
        let mut afresh = sgr_between(Self::default(), to);
        if !afresh.is_empty() {
            afresh.insert_str(0, "0;");
        }
        format!("\x1b[{}m", if changed.len() <= afresh.len() { changed } else { afresh })
    }
}

/// Codes that turn one pen into another; empty when they are equal.
fn sgr_between(from: Pen, to: Pen) -> String {
    let mut codes = Vec::new();
    let taken = from.modifier.difference(to.modifier);
    let mut kept = from.modifier.intersection(to.modifier);
    for (attribute, _, off) in ATTRIBUTES {
        if taken.contains(attribute) {
            let off = off.to_string();
            if !codes.contains(&off) {
                codes.push(off);
            }
            if attribute.intersects(Modifier::BOLD | Modifier::DIM) {
                // They share the code that takes them away.
                kept = kept.difference(Modifier::BOLD | Modifier::DIM);
            }
        }
    }
    let added = to.modifier.difference(kept);
    codes.extend(ATTRIBUTES.iter().filter(|(attribute, ..)| added.contains(*attribute)).map(|(_, on, _)| on.to_string()));
    if from.fg != to.fg {
        codes.push(colour_code(to.fg, 30));
    }
    if from.bg != to.bg {
        codes.push(colour_code(to.bg, 40));
    }
    codes.join(";")
}

/// The code of a colour: `base` is 30 for ink, 40 for paper.
pub(super) fn colour_code(color: Color, base: u8) -> String {
    let index = match color {
        Color::Reset => return (base + 9).to_string(),
        Color::Rgb(r, g, b) => return format!("{};2;{r};{g};{b}", base + 8),
        Color::Indexed(index) => index,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    match index {
        0..=7 => (base + index).to_string(),
        8..=15 => (base + 60 + (index - 8)).to_string(),
        16..=255 => format!("{};5;{index}", base + 8),
    }
}
