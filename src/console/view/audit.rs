//! The chain, newest first: who did what to whom; and who read whom.

use super::{
    paint::Paint,
    state,
    table::{self, Cell, Column},
};
use crate::{backend::answer::AuditRow, text::stamp};
use ratatui::layout::Rect;

/// The sentence names who did it; an entry that does not is given the name.
fn what(p: &Paint<'_>, r: &AuditRow) -> String {
    let text = p.m.say(&r.what);
    if text.contains(&r.entry.operator_name) { text } else { format!("{text}  ({})", r.entry.operator_name) }
}

pub fn draw(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    let empty = if m.audit.filter.text.is_empty() { "empty-audit" } else { "empty-filtered" };
    if state::list(p, body, &m.audit.list, empty) {
        return;
    }
    let columns = [
        Column::new(m.t("col-seq"), 7, 0),
        Column::new(m.t("col-at"), 16, 0),
        Column::new(m.t("col-subject"), 14, 1),
        Column::new(m.t("col-what"), 14, 0).flex(),
    ];
    table::draw(p, body, &columns, &m.audit.list, |p, r| {
        let subject = match r.subjects.as_slice() {
            [] => String::new(),
            [one] => format!("{} {}", one.name, one.number),
            [one, rest @ ..] => format!("{} +{}", one.name, rest.len()),
        };
        vec![Cell::base(r.entry.seq.to_string()), Cell::muted(stamp(r.entry.at, &p.m.zone)), Cell::base(subject), Cell::base(what(p, r))]
    });
}
