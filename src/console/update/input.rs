//! Keys and pastes: an overlay has them first, then a chord that has begun, then the pane.

use super::{overlay, run};
use crate::{
    console::{
        command::{
            CommandId, Scope,
            key::{Code, Key},
            keymap::Found,
        },
        model::{Model, Tone},
        msg::Stamp,
    },
    domain::sentence::Sentence,
    text::safe_multiline,
};

/// Longest paste that is taken, in graphemes.
const MOST: usize = 20_000;

/// One key press.
pub fn key(m: &mut Model, key: Key, at: Stamp) {
    if m.overlay.is_some() {
        // Typed before the dialog was on screen: meant for something else (invariant 49).
        if early(m, at) {
            return;
        }
        // Nothing else than the language changes, and no input takes that key: a report can be read in both.
        if key.ctrl && matches!(m.keys.find(&[Scope::Global], &[key]), Found::Command(CommandId::AppLang)) {
            m.lang = m.lang.other();
            return;
        }
        overlay::key(m, key);
        return;
    }
    let key = key.narrow();
    if !m.chord.is_empty() && matches!(key.code, Code::Esc) {
        m.chord.clear();
        return;
    }
    m.chord.push(key);
    match m.keys.find(m.scopes(), &m.chord) {
        Found::Prefix => {}
        Found::Command(id) => {
            m.chord.clear();
            run::key(m, id);
        }
        Found::Nothing => {
            let chord = std::mem::take(&mut m.chord);
            unknown(m, &chord);
        }
    }
}

fn early(m: &Model, at: Stamp) -> bool {
    m.overlay.as_ref().is_some_and(|o| o.what.drops_early_keys() && o.shown.is_none_or(|shown| at < shown))
}

fn unknown(m: &mut Model, keys: &[Key]) {
    let Some(last) = keys.last() else { return };
    match last.typed() {
        // An input method is on: its characters can be no command.
        Some(c) if !c.is_ascii() => m.tell(Tone::Info, Sentence::new("notice-input-method")),
        _ => {
            let shown = super::super::command::key::Chord(keys.to_vec()).shown();
            m.tell(Tone::Info, Sentence::new("notice-no-key").with("keys", shown));
        }
    }
}

/// A paste: text for an input, and nothing anywhere else (invariant 48).
pub fn paste(m: &mut Model, text: &str, at: Stamp) {
    m.chord.clear();
    let text = safe_multiline(text, MOST);
    if early(m, at) {
        return;
    }
    if !overlay::paste(m, &text) {
        m.tell(Tone::Info, Sentence::new("notice-paste-ignored"));
    }
}
