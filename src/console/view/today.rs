//! The first screen: what asks for work, and the most urgent of it. An empty home says how to fill it.

use super::{alerts, layout::TODAY_HEAD, paint::Paint, state};
use crate::{
    backend::answer::Today,
    console::{
        command::{CommandId, enabled::enabled},
        look::Meaning,
        model::dataset::Dataset,
    },
    domain::sentence::Sentence,
};
use ratatui::layout::Rect;

pub fn draw(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    if m.is_empty_home() {
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

/// A count that the role does not show.
const UNSHOWN: i64 = -1;

/// Counts in four columns; what needs a hand is in colour, and zero is quiet.
fn grid(p: &mut Paint<'_>, body: Rect, t: &Today) {
    let m = p.m;
    let cells: [&[(i64, &str, Meaning)]; 4] = [
        &[
            (t.overdue_talks, "today-overdue", Meaning::Danger),
            (t.due_today, "today-due", Meaning::Warn),
            (t.unacked, "today-unacked", Meaning::Notice),
            (t.stale, "today-stale", Meaning::Warn),
        ],
        &[
            (t.open, "today-open", Meaning::Base),
            (t.high.unwrap_or(UNSHOWN), "today-high", Meaning::BandHigh),
            (t.approvals, "today-approvals", Meaning::Notice),
            (t.plans_open, "today-plans", Meaning::Base),
        ],
        &[
            (t.owed.duties_overdue, "today-duties-late", Meaning::Danger),
            (t.owed.duties_due, "today-duties", Meaning::Warn),
            (t.owed.items_returned, "today-returned", Meaning::Warn),
            (t.owed.freezes_unconfirmed, "today-unconfirmed", Meaning::Warn),
        ],
        &[
            (t.owed.freezes_drifted, "today-drifted", Meaning::Danger),
            (t.owed.freezes_partial, "today-partial", Meaning::Warn),
            (t.owed.break_glass, "today-break-glass", Meaning::Warn),
            (t.owed.drills_due, "today-drill", Meaning::Notice),
        ],
    ];
    let step = body.width / 4;
    for (y, row) in (body.y..).zip(&cells) {
        for (x, (n, key, meaning)) in (body.x..).step_by(usize::from(step.max(1))).zip(*row) {
            let count = if *n == UNSHOWN { format!("{:>3}", "-") } else { format!("{n:>3}") };
            let end = p.run(x, y, x + step, &count, if *n > 0 { *meaning } else { Meaning::Muted });
            p.put(end + 1, y, (x + step).saturating_sub(end + 2), &m.t(key), if *n > 0 { Meaning::Base } else { Meaning::Muted });
        }
    }
    let mut x = body.x + 1;
    if t.owed.anchors_late > 0 {
        let what = Sentence::new(if t.owed.anchors_since.is_some() { "today-anchors" } else { "today-anchors-never" });
        let what = t.owed.anchors_since.iter().fold(what, |what, at| what.with("since", at));
        x = p.run(x, body.y + 4, body.right(), &format!("{} {}", p.sym.alarm, m.say(&what)), Meaning::Warn) + 3;
    }
    for (n, key) in [
        (t.owed.contests_overdue, "today-contests-late"),
        (t.owed.contests_open - t.owed.contests_overdue, "today-contests"),
        (t.quarantine, "today-quarantine"),
        (t.failed_jobs, "today-jobs"),
    ] {
        if n > 0 {
            let text = format!("{} {}", p.sym.alarm, m.tf(key, &[("n", &n.to_string())]));
            x = p.run(x, body.y + 4, body.right(), &text, Meaning::Warn) + 3;
        }
    }
}

/// What an empty home offers, each with its key, or with the reason against it.
fn first_run(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    let inner = Rect { x: body.x + 3, width: body.width.saturating_sub(6).min(74), ..body };
    let mut y = p.wrap(inner, body.y + 1, &m.t("first-title"), Meaning::Title) + 1;
    for (id, what) in
        [(CommandId::StartSample, "first-sample"), (CommandId::StartImport, "first-import"), (CommandId::AppClose, "first-leave")]
    {
        let key = m.keys.keys_of(m.scopes(), id).map(|c| c.shown()).unwrap_or_default();
        p.put(inner.x, y, 6, &key, Meaning::Key);
        let place = Rect { x: inner.x + 7, width: inner.width.saturating_sub(7), ..inner };
        let off = enabled(m, id).err();
        y = p.wrap(place, y, &m.t(what), if off.is_some() { Meaning::Muted } else { Meaning::Base });
        if let Some(why) = off {
            let why = format!("{} {}", p.sym.alarm, m.say(&why));
            y = p.wrap(place, y, &why, Meaning::Warn);
        }
        y += 1;
    }
    p.wrap(inner, y, &m.t("first-then"), Meaning::Muted);
}
