//! The `:` palette: every command, found by title, name or help in either language.

use super::{arrows, leaves_input, moved};
use crate::{
    console::{
        command::{
            COMMANDS, Command,
            key::{Code, Key},
        },
        model::{Model, overlay::Overlay},
        update::run,
    },
    text::Lang,
};
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

pub fn key(m: &mut Model, key: Key) {
    let Some(Overlay::Palette(p)) = m.overlay.as_ref().map(|o| &o.what) else { return };
    if leaves_input(key) || (key.code == Code::Backspace && p.query.text().is_empty()) {
        m.overlay = None;
        return;
    }
    let found = matches(m, p.query.text());
    if key.code == Code::Enter {
        let chosen = found.get(p.at).map(|c| c.id);
        m.overlay = None;
        if let Some(id) = chosen {
            run::key(m, id);
        }
        return;
    }
    if let Some(Overlay::Palette(p)) = m.overlay.as_mut().map(|o| &mut o.what) {
        match arrows(key) {
            Some(by) => p.at = moved(p.at, by, found.len()),
            None => {
                p.query.key(key);
                p.at = 0;
            }
        }
    }
}

/// Commands that fit what was typed, best first; all of them, those of the pane first, when nothing was typed.
pub fn matches(m: &Model, query: &str) -> Vec<&'static Command> {
    // `:theme dark` is typed with the colon by habit.
    let query = query.trim().trim_start_matches([':', '：']);
    let here = |c: &Command| m.scopes().iter().position(|s| *s == c.scope).unwrap_or(usize::MAX);
    let mut all: Vec<&'static Command> = COMMANDS.iter().collect();
    all.sort_by_key(|c| here(c));
    if query.is_empty() {
        return all;
    }
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut score = |text: &str| pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher);
    let mut scored: Vec<(u32, &'static Command)> = all
        .into_iter()
        .filter_map(|c| {
            let titles = Lang::ALL.map(|l| m.texts.get(l, &c.title()));
            let help = Lang::ALL.map(|l| m.texts.get(l, &c.help()));
            let name = c.name.replace('.', " ");
            // A name or a title counts more than a word in the help.
            let strong =
                titles.iter().map(String::as_str).chain([c.name, name.as_str()]).filter_map(&mut score).max().map(|s| s * 2 + 1000);
            let weak = help.iter().filter_map(|h| score(h)).max();
            strong.max(weak).map(|s| (s, c))
        })
        .collect();
    scored.sort_by_key(|(s, _)| std::cmp::Reverse(*s));
    scored.into_iter().map(|(_, c)| c).collect()
}
