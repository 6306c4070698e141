//! How things look: meanings to styles, and every symbol that is not a letter.

pub mod glyphs;
pub mod theme;

pub use glyphs::{Glyphs, Symbols};
pub use theme::{Meaning, Theme, ThemeName};

use std::collections::BTreeMap;

/// Theme files of the home, each in place of the shipped one of that name.
pub type OwnThemes = BTreeMap<ThemeName, String>;

/// Theme and glyphs, as chosen and as the terminal allows.
#[derive(Clone, Debug)]
pub struct Look {
    pub theme: Theme,
    pub glyphs: Glyphs,
    /// `NO_COLOR` is set: colours are dropped, modifiers stay.
    pub no_color: bool,
    own: OwnThemes,
}

impl Look {
    /// A look for a theme.
    pub fn new(name: ThemeName, glyphs: Glyphs, no_color: bool, own: OwnThemes) -> Self {
        let mut look = Self { theme: Theme::default(), glyphs, no_color, own };
        look.set(name);
        look
    }

    /// Changes the theme; glyphs and `NO_COLOR` stay.
    pub fn set(&mut self, name: ThemeName) {
        // The home's file was checked before it came here; one that does not parse is as if it were not there.
        let own = self.own.get(&name).and_then(|text| Theme::parse(text, self.no_color).ok());
        self.theme = own.unwrap_or_else(|| Theme::shipped(name, self.no_color));
    }

    /// The symbols in use.
    pub fn symbols(&self) -> &'static Symbols {
        self.glyphs.symbols()
    }
}
