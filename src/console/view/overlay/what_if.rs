//! "What if": inputs at the left, the score now and then.

use super::column;
use crate::console::{
    look::Meaning,
    model::{dataset::Dataset, overlay::WhatIfForm},
    view::{alerts::score_cell, paint::Paint, person, table::widest},
};
use ratatui::layout::Rect;

pub fn draw(p: &mut Paint<'_>, form: &WhatIfForm, body: Rect) {
    let m = p.m;
    let title = m.tf("what-if-title", &[("who", &form.label)]);
    p.rule(body, body.y, &title);
    let inner = column(body);
    let mut y = body.y + 2;
    let names: Vec<String> = form.fields.iter().map(|f| person::feature(p, &f.0)).collect();
    let indent = (widest(&names) + 2).min(inner.width / 2);
    let now = m.t("what-if-now");
    for (i, ((_, today, line), name)) in form.fields.iter().zip(&names).enumerate() {
        let focused = i == form.focus;
        p.put(inner.x.saturating_sub(2), y, 1, if focused { p.sym.cursor } else { " " }, Meaning::Selection);
        p.put(inner.x, y, indent.saturating_sub(1), name, if focused { Meaning::Selection } else { Meaning::Base });
        p.input(inner.x + indent, y, 12, line, focused);
        let was = today.map_or_else(|| m.t("what-if-missing"), person::figure);
        p.put(inner.x + indent + 14, y, inner.width.saturating_sub(indent + 14), &format!("{now} {was}"), Meaning::Muted);
        y += 1;
    }
    y += 1;
    if let Some(fault) = &form.fault {
        let what = m.say(fault);
        p.put(inner.x, y, inner.width, &what, Meaning::Danger);
        return;
    }
    match &form.answer.data {
        Dataset::Failed(why) => {
            let what = m.say(&why.what);
            p.wrap(inner, y, &what, Meaning::Warn);
        }
        d => match d.value() {
            Some(w) => {
                let (a, b) = (score_cell(p, Some(w.now.score), Some(w.now.band)), score_cell(p, Some(w.then.score), Some(w.then.band)));
                let x = p.run(inner.x, y, inner.right(), &format!("{} ", m.t("what-if-now")), Meaning::Muted);
                let x = p.run(x, y, inner.right(), &a.text, a.meaning);
                let x = p.run(x, y, inner.right(), &format!("  {}  ", p.sym.to), Meaning::Muted);
                let x = p.run(x, y, inner.right(), &format!("{} ", m.t("what-if-then")), Meaning::Muted);
                p.run(x, y, inner.right(), &b.text, b.meaning);
            }
            None => {
                let what = m.t("state-loading");
                p.put(inner.x, y, inner.width, &what, Meaning::Muted);
            }
        },
    }
    let note = m.t("what-if-note");
    p.wrap(inner, y + 2, &note, Meaning::Muted);
}
