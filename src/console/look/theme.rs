//! Meanings to styles. A theme is a TOML file; `ansi` uses the terminal's own colours and so is right on light and dark ones.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use std::{collections::BTreeMap, str::FromStr};
use strum::{Display, EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

/// What a piece of the screen means. Nothing is told by colour alone: a letter or a word always says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Meaning {
    /// Everything else.
    Base,
    /// Secondary text: labels, column heads.
    Muted,
    /// Names of panes and dialogs.
    Title,
    /// The name cell under the cursor.
    Selection,
    Mark,
    /// A key in the footer and in help.
    Key,
    /// The pane that is open, the field that has the keyboard.
    Focus,
    Good,
    Notice,
    Warn,
    Danger,
    /// Rows whose freshness is not known.
    Stale,
    /// The made-data mark and a production environment.
    Made,
    Environment,
    Locked,
    /// Text that is being typed.
    Input,
    BandLow,
    BandMedium,
    BandMediumHigh,
    BandHigh,
    Chart,
    ChartLine,
}

/// The shipped themes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Display, EnumIter, EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum ThemeName {
    #[default]
    Ansi,
    Dark,
    Light,
    Mono,
}

impl ThemeName {
    fn text(self) -> &'static str {
        match self {
            Self::Ansi => include_str!("../../../themes/ansi.toml"),
            Self::Dark => include_str!("../../../themes/dark.toml"),
            Self::Light => include_str!("../../../themes/light.toml"),
            Self::Mono => include_str!("../../../themes/mono.toml"),
        }
    }
}

/// A style for each meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    styles: BTreeMap<Meaning, Style>,
}

/// A theme file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTheme {
    #[error("{0}")]
    Syntax(String),
    #[error("unknown meaning: {0}")]
    Meaning(String),
    #[error("{0}: not a colour: {1}")]
    Color(String, String),
    #[error("{0}: not a modifier: {1}")]
    Modifier(String, String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    mods: Vec<String>,
}

impl Theme {
    /// A shipped theme; that each parses is held by a test.
    pub fn shipped(name: ThemeName, no_color: bool) -> Self {
        Self::parse(name.text(), no_color).unwrap_or_default()
    }

    /// Reads a theme: a table for each meaning with `fg`, `bg` and `mods`. Meanings that it leaves out look like the base.
    pub fn parse(text: &str, no_color: bool) -> Result<Self, BadTheme> {
        let rows: BTreeMap<String, Row> = toml::from_str(text).map_err(|e| BadTheme::Syntax(e.to_string()))?;
        let mut styles = BTreeMap::new();
        for (name, row) in rows {
            let meaning = Meaning::from_str(&name).map_err(|_| BadTheme::Meaning(name.clone()))?;
            let color = |c: &Option<String>| match c {
                None => Ok(None),
                Some(c) => Color::from_str(c).map(Some).map_err(|_| BadTheme::Color(name.clone(), c.clone())),
            };
            let mut style = Style { fg: color(&row.fg)?, bg: color(&row.bg)?, ..Style::default() };
            if no_color {
                (style.fg, style.bg) = (None, None);
            }
            for m in &row.mods {
                style = style.add_modifier(match m.as_str() {
                    "bold" => Modifier::BOLD,
                    "dim" => Modifier::DIM,
                    "italic" => Modifier::ITALIC,
                    "underlined" => Modifier::UNDERLINED,
                    "reversed" => Modifier::REVERSED,
                    _ => return Err(BadTheme::Modifier(name.clone(), m.clone())),
                });
            }
            styles.insert(meaning, style);
        }
        let base = styles.get(&Meaning::Base).copied().unwrap_or_default();
        for meaning in Meaning::iter() {
            let own = styles.get(&meaning).copied().unwrap_or_default();
            styles.insert(meaning, base.patch(own));
        }
        Ok(Self { styles })
    }

    /// The style of a meaning.
    pub fn style(&self, meaning: Meaning) -> Style {
        self.styles.get(&meaning).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shipped_themes_parse_and_say_every_meaning() {
        for name in ThemeName::iter() {
            let theme = Theme::parse(name.text(), false).unwrap();
            let rows: toml::Table = name.text().parse().unwrap();
            for meaning in Meaning::iter() {
                assert!(rows.contains_key(<&str>::from(meaning)), "{name}: {meaning:?}");
            }
            // The selection is seen without colour.
            assert!(!theme.style(Meaning::Selection).add_modifier.is_empty(), "{name}");
        }
    }

    #[test]
    fn ansi_leaves_the_terminals_background_alone_and_no_theme_but_mono_goes_without_colour() {
        let theme = Theme::shipped(ThemeName::Ansi, false);
        assert!(Meaning::iter().all(|m| !matches!(theme.style(m).fg, Some(Color::Rgb(..) | Color::Indexed(_)))));
        assert_eq!(theme.style(Meaning::Base), Style::default());
        for name in ThemeName::iter() {
            let bare = Theme::shipped(name, true);
            assert!(Meaning::iter().all(|m| bare.style(m).fg.is_none() && bare.style(m).bg.is_none()));
        }
    }

    proptest! {
        #[test]
        fn any_theme_is_read_without_panic(text in "\\PC{0,200}", meaning in "[a-z_]{0,8}", color in "\\PC{0,8}") {
            let _ = Theme::parse(&text, false);
            let _ = Theme::parse(&format!("[{meaning}]\nfg = {color:?}"), false);
            let _ = Theme::parse(&format!("[base]\nfg = {color:?}"), false);
        }
    }
}
