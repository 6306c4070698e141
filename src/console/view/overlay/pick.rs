//! A list of choices.

use super::{column, title};
use crate::console::{
    look::Meaning,
    model::overlay::{Pick, Picking},
    view::paint::Paint,
};
use crate::text::stamp;
use ratatui::layout::Rect;

pub fn draw(p: &mut Paint<'_>, pick: &Pick, body: Rect) {
    let m = p.m;
    let key = match pick.what {
        Picking::Owner => "pick-owner-title",
        Picking::Template => "pick-template-title",
        Picking::Report => "pick-report-title",
        Picking::Decision => "pick-decision-title",
    };
    let head = m.t(key);
    let mut y = title(p, body, &head, &pick.on) + 1;
    let inner = column(body);
    if pick.what == Picking::Decision {
        y = subject(p, inner, y) + 1;
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

/// What the approval is for, as it is on the row: what will be done, who asks, and since when.
fn subject(p: &mut Paint<'_>, inner: Rect, y: u16) -> u16 {
    let m = p.m;
    let Some(row) = m.plans.approvals.current() else { return y };
    let a = &row.approval;
    let act = m.t(&format!("act-{}", a.act.name().replace(['.', '_'], "-")));
    let mut lines = vec![m.tf("approval-asks", &[("who", &a.proposer_name), ("act", &act), ("at", &stamp(a.asked_at, &m.zone))])];
    if let crate::domain::act::Act::AlertSnooze { until } = &a.act {
        lines.push(m.tf("approval-snooze", &[("until", &stamp(*until, &m.zone))]));
    }
    let mut y = y;
    for line in lines {
        y = p.wrap(inner, y, &line, Meaning::Base);
    }
    y
}
