//! A list of choices.

use super::{column, title};
use crate::console::{
    look::Meaning,
    model::{
        Captured, Model,
        dataset::Dataset,
        list::Row,
        overlay::{Pick, Picking},
    },
    view::paint::Paint,
};
use crate::{
    domain::act::Act,
    text::{money, stamp},
};
use ratatui::layout::Rect;

pub fn draw(p: &mut Paint<'_>, pick: &Pick, body: Rect) {
    let m = p.m;
    let key = match pick.what {
        Picking::Owner => "pick-owner-title",
        Picking::Template => "pick-template-title",
        Picking::Report => "pick-report-title",
        Picking::Decision => "pick-decision-title",
        Picking::Running if pick.note.as_ref().is_some_and(|n| n.code == "waiting-here") => "pick-waiting-title",
        Picking::Running => "pick-running-title",
        Picking::Reviewer => "pick-reviewer-title",
        Picking::Transfer => "pick-transfer-title",
    };
    let head = m.t(key);
    let mut y = title(p, body, &head, &pick.on) + 1;
    let inner = column(body);
    if pick.what == Picking::Decision {
        y = subject(p, pick, inner, y, body.bottom().saturating_sub(4)) + 1;
    }
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

/// What an approval is for: what will be done, who asks, and since when. Found by the id that was captured: the list may move below.
pub(super) fn asked(m: &Model, on: &Captured) -> Vec<String> {
    let id = on.items.first().map(|i| i.target.id);
    let Some(a) = m.plans.approvals.rows().iter().find(|r| Some(r.id()) == id).map(|r| &r.approval) else { return Vec::new() };
    let act = m.t(&format!("act-{}", a.act.name().replace(['.', '_'], "-")));
    let mut lines = vec![m.tf("approval-asks", &[("who", &a.proposer_name), ("act", &act), ("at", &stamp(a.asked_at, &m.zone))])];
    if let Act::AlertSnooze { until } = &a.act {
        lines.push(m.tf("approval-snooze", &[("until", &stamp(*until, &m.zone))]));
    }
    lines
}

/// The approval as it is on the row, and under it the plan that it lets happen.
fn subject(p: &mut Paint<'_>, pick: &Pick, inner: Rect, y: u16, end: u16) -> u16 {
    let m = p.m;
    let mut y = y;
    for line in asked(m, &pick.on) {
        y = p.wrap(inner, y, &line, Meaning::Base);
    }
    let Some(wait) = &pick.about else { return y };
    // The choices below it always have their place; the whole text is in the retention pane.
    let room = Rect { height: end.saturating_sub(inner.y), ..inner };
    match &wait.data {
        Dataset::Failed(why) => p.wrap(room, y, &m.say(&why.what), Meaning::Warn),
        d => match d.value() {
            None => p.wrap(room, y, &m.t("state-loading"), Meaning::Muted),
            Some(row) => {
                let body = &row.plan.body;
                let cost = body.cost_fen.map(money).unwrap_or_else(|| "-".into());
                let args = [("label", m.word("plan-template", body.template)), ("value", cost)];
                let head = m.tf("fact-line", &args.each_ref().map(|(k, v)| (*k, v.as_str())));
                let y = p.wrap(room, y, &head, Meaning::Title);
                p.wrap(room, y, &body.text, Meaning::Base)
            }
        },
    }
}
