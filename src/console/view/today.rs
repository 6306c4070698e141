//! The first screen: what asks for work, and the most urgent of it. An empty home says how to fill it.

use super::{alerts, layout::TODAY_HEAD, paint::Paint, state};
use crate::{
    backend::answer::Today,
    console::{look::Meaning, model::dataset::Dataset},
};
use ratatui::layout::Rect;

pub fn draw(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    if m.home.data.value().is_some_and(|h| h.people == 0) {
        return first_run(p, body);
    }
    let (counts, stale) = match &m.today.counts.data {
        Dataset::NotAsked | Dataset::Loading => return state::loading(p, body),
        Dataset::Failed(why) => return state::failed(p, body, why),
        Dataset::Ready { value, .. } => (value, m.is_stale()),
        Dataset::Stale { value, .. } => (value, true),
    };
    p.stale = stale;
    grid(p, body, counts);
    let y = body.y + TODAY_HEAD - 2;
    let title = m.t("today-urgent");
    p.rule(body, y, &title);
    let below = Rect { y: y + 1, height: body.height.saturating_sub(TODAY_HEAD - 1), ..body };
    if !state::list(p, below, &m.today.urgent, "empty-today") {
        p.stale = stale;
        alerts::rows(p, below, &m.today.urgent);
    }
}

/// Counts in four columns; what needs a hand is in colour, and zero is quiet.
fn grid(p: &mut Paint<'_>, body: Rect, t: &Today) {
    let m = p.m;
    let cells = [
        [
            (t.overdue_talks, "today-overdue", Meaning::Danger),
            (t.due_today, "today-due", Meaning::Warn),
            (t.unacked, "today-unacked", Meaning::Notice),
            (t.stale, "today-stale", Meaning::Warn),
        ],
        [
            (t.open, "today-open", Meaning::Base),
            (t.high, "today-high", Meaning::BandHigh),
            (t.approvals, "today-approvals", Meaning::Notice),
            (t.plans_open, "today-plans", Meaning::Base),
        ],
    ];
    let step = body.width / 4;
    for (y, row) in (body.y..).zip(&cells) {
        for (x, (n, key, meaning)) in (body.x..).step_by(usize::from(step.max(1))).zip(row) {
            let count = format!("{n:>4}");
            p.put(x, y, 5, &count, if *n > 0 { *meaning } else { Meaning::Muted });
            p.put(x + 5, y, step.saturating_sub(6), &m.t(key), if *n > 0 { Meaning::Base } else { Meaning::Muted });
        }
    }
    let mut x = body.x + 1;
    for (n, key) in [(t.quarantine, "today-quarantine"), (t.failed_jobs, "today-jobs")] {
        if n > 0 {
            let text = format!("{} {}", p.sym.alarm, m.tf(key, &[("n", &n.to_string())]));
            x = p.run(x, body.y + 2, body.right(), &text, Meaning::Warn) + 3;
        }
    }
}

fn first_run(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    let inner = Rect { x: body.x + 3, width: body.width.saturating_sub(6).min(74), ..body };
    let mut y = body.y + 1;
    for (key, meaning) in [
        ("first-title", Meaning::Title),
        ("", Meaning::Base),
        ("first-demo", Meaning::Base),
        ("first-demo-command", Meaning::Key),
        ("", Meaning::Base),
        ("first-import", Meaning::Base),
        ("first-import-command", Meaning::Key),
        ("", Meaning::Base),
        ("first-then", Meaning::Muted),
    ] {
        y = if key.is_empty() { y + 1 } else { p.wrap(inner, y, &m.t(key), meaning) };
    }
}
