//! Everybody, found by `/`.

use super::{
    alerts::{contested, score_cell},
    layout,
    paint::Paint,
    state,
    table::{self, Cell, Column, widest},
    unit,
};
use crate::{
    console::model::Model,
    domain::person::{Impact, SpellState},
};
use ratatui::layout::Rect;
use strum::IntoEnumIterator;

/// Room for the longest word for an impact.
pub fn impact_width(m: &Model) -> u16 {
    widest(&Impact::iter().map(|i| m.word("impact", i)).collect::<Vec<_>>())
}

pub fn draw(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    let empty = if m.people.filter.text.is_empty() { "empty-people" } else { "empty-filtered" };
    if state::list(p, body, &m.people.list, empty) {
        return;
    }
    let states: Vec<String> = SpellState::iter().map(|s| m.word("spell-state", s)).collect();
    let columns = [
        Column::new(m.t("col-name"), if body.width >= layout::WIDE { 24 } else { 14 }, 0),
        Column::new(m.t("col-number"), 7, 0),
        Column::new(m.t("col-score"), 8, 0),
        Column::new(m.t("col-spell"), widest(&states), 2),
        Column::new(m.t("col-impact"), impact_width(m), 3),
        Column::new(m.t("col-post"), 14, 1),
        Column::new(m.t("col-org"), 8, 2).flex(),
    ];
    table::draw(p, body, &columns, &m.people.list, |p, r| {
        vec![
            Cell::base(&r.person.name),
            Cell::base(&r.person.number),
            contested(score_cell(p, r.score, r.band), r.contested),
            Cell::base(p.m.word("spell-state", r.person.state)),
            Cell::base(p.m.word("impact", r.person.impact)),
            Cell::base(&r.person.post),
            Cell::muted(unit(&r.person.org)),
        ]
    });
}
