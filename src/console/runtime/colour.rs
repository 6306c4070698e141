//! How many colours the terminal takes, and the nearest of them.

use ratatui::style::Color;

/// Colours a terminal can show. Themes name the colours they would like; [`Depth::fit`] makes the best of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None at all: bold, reverse and the like must do (`NO_COLOR`, the mono theme, `TERM=dumb`).
    Mono,
    Ansi16,
    Ansi256,
    True,
}

impl Depth {
    /// Reads `NO_COLOR`, `COLORTERM` and `TERM` through `var`. Over SSH only `TERM` usually survives.
    pub fn detect(var: impl Fn(&str) -> Option<String>) -> Self {
        if var("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            return Self::Mono;
        }
        let term = var("TERM").unwrap_or_default();
        if matches!(term.as_str(), "" | "dumb") || term.ends_with("-mono") || term.ends_with("-m") || is_monochrome_vt(&term) {
            return Self::Mono;
        }
        if var("COLORTERM").is_some_and(|value| matches!(value.as_str(), "truecolor" | "24bit")) || term.ends_with("-direct") {
            return Self::True;
        }
        let knows_256 = ["256color", "kitty", "ghostty", "alacritty", "wezterm", "foot"].iter().any(|name| term.contains(name));
        if knows_256 { Self::Ansi256 } else { Self::Ansi16 }
    }

    /// The nearest colour that this depth has.
    pub fn fit(self, color: Color) -> Color {
        match (self, color) {
            (Self::Mono, _) => Color::Reset,
            (Self::True, Color::Rgb(..)) => color,
            (Self::Ansi256, Color::Rgb(r, g, b)) => Color::Indexed(nearest_256([r, g, b])),
            (Self::Ansi16, Color::Rgb(r, g, b)) => Color::Indexed(nearest_16([r, g, b])),
            (Self::Ansi16, Color::Indexed(index)) if index > 15 => Color::Indexed(nearest_16(rgb_of(index))),
            _ => color,
        }
    }
}

/// `vt100`, `vt220` and their kind knew bold and reverse only.
fn is_monochrome_vt(term: &str) -> bool {
    term.strip_prefix("vt").is_some_and(|rest| rest.chars().next().is_some_and(|c| c.is_ascii_digit()))
}

/// xterm's defaults for the sixteen; users change them, so the nearest is a good guess and no more.
const ANSI: [[u8; 3]; 16] = [
    [0, 0, 0],
    [205, 0, 0],
    [0, 205, 0],
    [205, 205, 0],
    [0, 0, 238],
    [205, 0, 205],
    [0, 205, 205],
    [229, 229, 229],
    [127, 127, 127],
    [255, 0, 0],
    [0, 255, 0],
    [255, 255, 0],
    [92, 92, 255],
    [255, 0, 255],
    [0, 255, 255],
    [255, 255, 255],
];

/// Levels of the 6x6x6 cube.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

fn nearest_16(rgb: [u8; 3]) -> u8 {
    (0u8..).zip(ANSI).min_by_key(|(_, ansi)| distance(*ansi, rgb)).map_or(7, |(index, _)| index)
}

fn nearest_256(rgb: [u8; 3]) -> u8 {
    // The sixteen are left out: they are whatever the user made of them.
    (16u8..=255).min_by_key(|index| distance(rgb_of(*index), rgb)).unwrap_or(7)
}

fn rgb_of(index: u8) -> [u8; 3] {
    let level = |step: u8| CUBE.get(usize::from(step)).copied().unwrap_or(255);
    match index {
        0..=15 => ANSI.get(usize::from(index)).copied().unwrap_or([0; 3]),
        16..=231 => {
            let cell = index - 16;
            [level(cell / 36), level(cell / 6 % 6), level(cell % 6)]
        }
        232..=255 => [8 + (index - 232) * 10; 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(vars: &[(&str, &str)]) -> Depth {
        Depth::detect(|name| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn depth_comes_from_the_environment() {
        assert_eq!(detect(&[("TERM", "xterm-256color"), ("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), Depth::Mono);
        assert_eq!(detect(&[("TERM", "xterm"), ("NO_COLOR", "")]), Depth::Ansi16);
        assert_eq!(detect(&[("TERM", "xterm-256color"), ("COLORTERM", "24bit")]), Depth::True);
        assert_eq!(detect(&[("TERM", "tmux-256color")]), Depth::Ansi256);
        assert_eq!(detect(&[("TERM", "vt220")]), Depth::Mono);
        assert_eq!(detect(&[("TERM", "vte-direct")]), Depth::True);
        assert_eq!(detect(&[("TERM", "dumb")]), Depth::Mono);
        assert_eq!(detect(&[]), Depth::Mono);
    }

    #[test]
    fn colours_fit_the_depth() {
        let red = Color::Rgb(250, 3, 2);
        assert_eq!(Depth::True.fit(red), red);
        assert_eq!(Depth::Ansi256.fit(red), Color::Indexed(196));
        assert_eq!(Depth::Ansi16.fit(red), Color::Indexed(9));
        assert_eq!(Depth::Ansi16.fit(Color::Indexed(196)), Color::Indexed(9));
        assert_eq!(Depth::Ansi256.fit(Color::Rgb(128, 128, 128)), Color::Indexed(244));
        assert_eq!(Depth::Mono.fit(Color::Yellow), Color::Reset);
        assert_eq!(Depth::Ansi16.fit(Color::Yellow), Color::Yellow);
    }
}
