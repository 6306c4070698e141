//! What the console does to the machine: the terminal, its keys, its clipboard, and the loop that holds them together.

pub mod clipboard;
pub mod colour;
pub mod files;
mod import;
pub mod input;
pub mod outlet;
pub mod output;
mod pen;
mod shell;
mod tasks;
pub mod terminal;

pub use shell::{Screen, shell};

use super::{
    look::{Glyphs, OwnThemes, ThemeName},
    model::{LockedBy, overlay::Draft},
};
use crate::{
    backend::Backend,
    domain::sentence::Sentence,
    text::{Lang, Texts},
};
use colour::Depth;
use files::Files;
use jiff::tz::TimeZone;
use std::{io, sync::Arc};

/// How a console starts.
#[derive(Clone)]
pub struct Options {
    pub lang: Lang,
    pub theme: ThemeName,
    /// Theme files of the home.
    pub themes: OwnThemes,
    pub glyphs: Glyphs,
    /// Text of the operator's `keymap.toml`.
    pub keymap: Option<String>,
    /// Acts are forbidden until a new start.
    pub read_only: bool,
    /// What else forbids them until then: the home's configuration, or a role that may only look.
    pub given: Option<LockedBy>,
    /// Starts locked; `L` lifts it. The night default of the configuration.
    pub locked: bool,
    /// Zone of the times on screen.
    pub zone: TimeZone,
    /// The home holds made data; the home says so itself once it answers.
    pub made_data: bool,
    /// Name of the environment in the header; empty takes the home's.
    pub environment: String,
    /// What keeps the data, for the admin pane: an engine, or the address of an API.
    pub backend: String,
    /// `NO_COLOR` is set.
    pub no_color: bool,
    /// The text table, with the customer's overrides.
    pub texts: Arc<Texts>,
    /// Faults of other files that the operator should see at the start.
    pub faults: Vec<Sentence>,
    /// The jobs of the home run in this process.
    pub runs: bool,
    /// Why no sample company can be made from an empty home; `None` when the caller of [`run`] can make one.
    pub no_sample: Option<Sentence>,
    /// Files that may be read for the operator.
    pub files: Files,
    /// Texts that were typed before and not sent.
    pub drafts: Vec<Draft>,
}

/// How a console was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// For the sample company: the caller makes it and opens it.
    pub for_sample: bool,
    /// The language in the end.
    pub lang: Lang,
    /// What was typed and not sent when the terminal went away; whoever leaves of their own was asked.
    pub drafts: Vec<Draft>,
}

impl Options {
    /// A console in a language, with everything else as it is shipped.
    pub fn new(lang: Lang, texts: Arc<Texts>) -> Self {
        Self {
            lang,
            theme: ThemeName::default(),
            themes: OwnThemes::new(),
            glyphs: Glyphs::default(),
            keymap: None,
            read_only: false,
            given: None,
            locked: false,
            zone: TimeZone::system(),
            made_data: false,
            environment: String::new(),
            backend: String::new(),
            no_color: false,
            texts,
            faults: Vec::new(),
            runs: false,
            no_sample: Some(Sentence::new("off-no-sample")),
            files: Files::Any,
            drafts: Vec::new(),
        }
    }

    /// Takes from the environment what a terminal needs: `NO_COLOR`, and ASCII where `TERM` or the locale cannot show more.
    #[must_use]
    pub fn for_terminal(mut self, var: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name| var(name).filter(|v| !v.is_empty());
        self.no_color |= get("NO_COLOR").is_some();
        let bare = matches!(get("TERM").as_deref(), Some("linux" | "dumb"));
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(get).unwrap_or_default();
        let utf8 = locale.to_lowercase().replace('-', "").contains("utf8");
        if bare && self.lang == Lang::En {
            self.glyphs = Glyphs::Letters;
        } else if bare || !utf8 {
            // Who asks for Chinese can read it, whatever the terminal says of itself; only the symbols are plain.
            self.glyphs = Glyphs::Ascii;
        }
        self
    }
}

/// Runs the console on this process's terminal until the operator leaves. Call it inside a tokio runtime with time and I/O enabled.
///
/// # Errors
/// When standard output is no terminal. One that goes away later is a way of leaving.
pub async fn run(backend: Arc<dyn Backend>, options: Options) -> io::Result<Left> {
    let terminal = terminal::Terminal::enter(Depth::detect(|name| std::env::var(name).ok()))?;
    let inputs = input::Inputs::open()?;
    shell(backend, options, terminal, inputs).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_which_symbols_can_be_shown() {
        let texts = Arc::new(Texts::new(&[]));
        let glyphs = |lang, vars: &'static [(&str, &str)]| {
            let get = |name: &str| vars.iter().find(|v| v.0 == name).map(|v| v.1.to_owned());
            let o = Options::new(lang, Arc::clone(&texts)).for_terminal(get);
            (o.glyphs, o.no_color)
        };
        assert_eq!(glyphs(Lang::En, &[("TERM", "xterm-256color"), ("LANG", "zh_CN.UTF-8")]), (Glyphs::Narrow, false));
        assert_eq!(glyphs(Lang::En, &[("TERM", "xterm"), ("LANG", "C"), ("NO_COLOR", "1")]), (Glyphs::Ascii, true));
        assert_eq!(glyphs(Lang::En, &[("TERM", "dumb"), ("LANG", "C.UTF-8")]), (Glyphs::Letters, false));
        assert_eq!(glyphs(Lang::ZhCn, &[("TERM", "linux"), ("LANG", "C.UTF-8")]), (Glyphs::Ascii, false));
    }
}
