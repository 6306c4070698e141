//! A list of choices.

use super::{column, title};
use crate::console::{
    look::Meaning,
    model::overlay::{Pick, Picking},
    view::paint::Paint,
};
use ratatui::layout::Rect;

pub fn draw(p: &mut Paint<'_>, pick: &Pick, body: Rect) {
    let m = p.m;
    let key = match pick.what {
        Picking::Owner => "pick-owner-title",
        Picking::Template => "pick-template-title",
        Picking::Report => "pick-report-title",
        Picking::Running if pick.note.as_ref().is_some_and(|n| n.code == "waiting-here") => "pick-waiting-title",
        Picking::Running => "pick-running-title",
        Picking::Reviewer => "pick-reviewer-title",
        Picking::Transfer => "pick-transfer-title",
    };
    let head = m.t(key);
    let mut y = title(p, body, &head, &pick.on) + 1;
    let inner = column(body);
    if let Some(note) = &pick.note {
        y = p.wrap(inner, y, &m.say(note), Meaning::Warn) + 1;
    }
    if let Some(fault) = &pick.fault {
        let what = m.say(fault);
        p.wrap(inner, y, &what, Meaning::Warn);
        return;
    }
    if pick.req.is_some() {
        let what = m.t("state-loading");
        p.put(inner.x, y, inner.width, &what, Meaning::Muted);
        return;
    }
    let room = usize::from(body.bottom().saturating_sub(y)).max(1);
    let top = (pick.at + 1).saturating_sub(room);
    for (i, choice) in pick.rows.iter().enumerate().skip(top).take(room) {
        let here = i == pick.at;
        p.put(inner.x, y, 1, if here { p.sym.cursor } else { " " }, Meaning::Selection);
        let number = if i < 9 { format!("{} ", i + 1) } else { "  ".into() };
        let x = p.run(inner.x + 2, y, inner.right(), &number, Meaning::Key);
        let label = m.say(&choice.label);
        p.run(x, y, inner.right(), &label, if here { Meaning::Selection } else { Meaning::Base });
        y += 1;
    }
}
