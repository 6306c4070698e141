//! Dialogs: at most one is open, and it has the keyboard.

pub mod confirm;
pub mod filter;
pub mod find;
pub mod form;
pub mod import;
pub mod keys;
pub mod palette;
pub mod pick;
pub mod reader;
pub mod what_if;

use crate::console::{
    command::key::{Code, Key},
    model::{
        Model,
        import::Run,
        overlay::{Input, Overlay},
    },
    update::freeze,
};

/// Gives a key to the overlay.
pub fn key(m: &mut Model, key: Key) {
    let Some(open) = &m.overlay else { return };
    match &open.what {
        Overlay::Confirm(_) => confirm::key(m, key.narrow()),
        Overlay::Pick(_) => pick::key(m, key.narrow()),
        Overlay::Form(_) => form::key(m, key),
        Overlay::Palette(_) => palette::key(m, key),
        Overlay::Keys(_) => keys::key(m, key),
        Overlay::Filter(_) => filter::key(m, key),
        Overlay::Reader(_) => reader::key(m, key.narrow()),
        Overlay::WhatIf(_) => what_if::key(m, key),
        Overlay::FreezePlan(_) => freeze::plan_key(m, key),
        Overlay::Find(_) => find::key(m, key),
        Overlay::Import => import::key(m, key),
    }
}

/// Gives a paste to the input that has the keyboard; false when there is none.
pub fn paste(m: &mut Model, text: &str) -> bool {
    match m.overlay.as_mut().map(|o| &mut o.what) {
        Some(Overlay::Palette(p)) => p.query.insert(text),
        Some(Overlay::Keys(k)) => k.query.insert(text),
        Some(Overlay::Filter(line)) => line.insert(text),
        Some(Overlay::Find(find)) => find.line.insert(text),
        Some(Overlay::FreezePlan(view)) if view.typing => view.when.insert(text),
        Some(Overlay::Import) => match (&m.import.run, m.import.focus) {
            (Run::Asked, 1) => m.import.file.insert(text),
            (Run::Asked, 2) => m.import.map.insert(text),
            _ => return false,
        },
        Some(Overlay::WhatIf(form)) => match form.fields.get_mut(form.focus) {
            Some(field) => field.2.insert(text),
            None => return false,
        },
        Some(Overlay::Form(form)) => match form.fields.get_mut(form.focus).map(|f| &mut f.input) {
            Some(Input::Line(line)) => line.insert(text),
            Some(Input::Area(area)) => {
                area.insert_str(text);
            }
            _ => return false,
        },
        _ => return false,
    }
    true
}

/// Leaves an input: Esc, and Ctrl-C where `q` is a letter.
pub(super) fn leaves_input(key: Key) -> bool {
    key.code == Code::Esc || key == Key::ctrl('c')
}

/// Leaves a dialog without input.
pub(super) fn leaves(key: Key) -> bool {
    leaves_input(key) || key == Key::char('q')
}

/// What a key moves by in a list without an input: -1 up, 1 down.
pub(super) fn moves(key: Key) -> Option<isize> {
    match key.code {
        Code::Char('j') if !key.ctrl && !key.alt => Some(1),
        Code::Char('k') if !key.ctrl && !key.alt => Some(-1),
        _ => arrows(key),
    }
}

/// The same where letters are typed.
pub(super) fn arrows(key: Key) -> Option<isize> {
    match (key.code, key.ctrl) {
        (Code::Down, _) | (Code::Char('n'), true) => Some(1),
        (Code::Up, _) | (Code::Char('p'), true) => Some(-1),
        (Code::PageDown, _) => Some(10),
        (Code::PageUp, _) => Some(-10),
        _ => None,
    }
}

pub(super) fn moved(at: usize, by: isize, len: usize) -> usize {
    at.saturating_add_signed(by).min(len.saturating_sub(1))
}
