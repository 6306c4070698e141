//! How things look: meanings to styles, and every symbol that is not a letter.

pub mod glyphs;
pub mod theme;

pub use glyphs::{Glyphs, Symbols};
pub use theme::{Meaning, Theme, ThemeName};

/// Theme and glyphs, as chosen and as the terminal allows.
#[derive(Clone, Debug)]
pub struct Look {
    pub theme: Theme,
    pub glyphs: Glyphs,
    /// `NO_COLOR` is set: colours are dropped, modifiers stay.
    pub no_color: bool,
}

impl Look {
    /// A look for a theme.
    pub fn new(name: ThemeName, glyphs: Glyphs, no_color: bool) -> Self {
        Self { theme: Theme::shipped(name, no_color), glyphs, no_color }
    }

    /// Changes the theme; glyphs and `NO_COLOR` stay.
    pub fn set(&mut self, name: ThemeName) {
        self.theme = Theme::shipped(name, self.no_color);
    }

    /// The symbols in use.
    pub fn symbols(&self) -> &'static Symbols {
        self.glyphs.symbols()
    }
}
