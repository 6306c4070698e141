//! Dialogs fill the body: nothing beneath them can be taken for what they are about.

pub mod admin;
pub mod approval;
pub mod confirm;
pub mod find;
pub mod form;
pub mod freeze;
pub mod import;
pub mod item;
pub mod palette;
pub mod pick;
pub mod reader;
pub mod what_if;

use super::paint::Paint;
use crate::console::{
    look::Meaning,
    model::{
        Captured, Model, Pane,
        freeze::Planning,
        import::Run,
        overlay::{Overlay, Reader, Reading},
    },
};
use ratatui::layout::Rect;

/// Whether the pane stays visible: the filter line is below it.
pub fn leaves_the_body(what: &Overlay) -> bool {
    matches!(what, Overlay::Filter(_))
}

/// Key of the footer's text while an overlay has the keyboard.
pub fn hint(m: &Model, what: &Overlay) -> &'static str {
    match what {
        Overlay::Confirm(_) => "hint-confirm",
        Overlay::Pick(_) => "hint-pick",
        Overlay::Form(_) => "hint-form",
        Overlay::Palette(_) => "hint-palette",
        Overlay::Keys(_) => "hint-keys",
        Overlay::Filter(_) => match m.pane {
            Pane::Alerts => "hint-filter-alerts",
            Pane::People => "hint-filter-people",
            _ => "hint-filter",
        },
        Overlay::Reader(Reader { what: Reading::Item(view), .. }) if view.item.evidence.len() > 1 => "hint-reader-item",
        Overlay::Reader(Reader { what: Reading::Approval(_), .. }) => "hint-reader-approval",
        Overlay::Reader(Reader { what: Reading::Contest(_), .. }) => "hint-reader-contest",
        Overlay::Reader(_) => "hint-reader",
        Overlay::WhatIf(_) => "hint-what-if",
        Overlay::FreezePlan(view) if matches!(view.about, Planning::Thaw(..)) => "hint-thaw-plan",
        Overlay::FreezePlan(_) => "hint-freeze-plan",
        Overlay::Find(_) => "hint-find",
        Overlay::Import => match m.import.run {
            Run::Asked => "hint-import",
            Run::Going { .. } => "hint-import-going",
            Run::Done(_) => "hint-import-done",
        },
    }
}

pub fn draw(p: &mut Paint<'_>, what: &Overlay, body: Rect) {
    match what {
        Overlay::Confirm(c) => confirm::draw(p, c, body),
        Overlay::Pick(pick) => pick::draw(p, pick, body),
        Overlay::Form(form) => form::draw(p, form, body),
        Overlay::Palette(palette) => palette::draw(p, palette, body),
        Overlay::Keys(keys) => palette::draw_keys(p, keys, body),
        Overlay::Reader(r) => reader::draw(p, r, body),
        Overlay::WhatIf(form) => what_if::draw(p, form, body),
        Overlay::FreezePlan(view) => freeze::plan(p, view, body),
        Overlay::Find(find) => find::draw(p, find, body),
        Overlay::Import => import::draw(p, &p.m.import, body),
        Overlay::Filter(_) => {}
    }
}

/// The title of a dialog and the people it is about; returns the line after.
fn title(p: &mut Paint<'_>, body: Rect, title: &str, on: &Captured) -> u16 {
    p.rule(body, body.y, title);
    let names = match on.items.as_slice() {
        [] => String::new(),
        [one] => one.label.clone(),
        [one, rest @ ..] => p.m.tf("and-more", &[("who", &one.label), ("n", &rest.len().to_string())]),
    };
    p.put(body.x + 2, body.y + 1, body.width.saturating_sub(4), &names, Meaning::Selection);
    body.y + 2
}

/// Lines are not longer than is good to read.
fn column(body: Rect) -> Rect {
    Rect { x: body.x + 2, width: body.width.saturating_sub(4).min(100), ..body }
}
