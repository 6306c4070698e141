//! The question: what would be done, to whom exactly, and No as the answer that Enter takes.

use super::column;
use crate::console::{
    look::Meaning,
    model::{
        Captured, Model,
        list::Row,
        overlay::{Confirm, Confirming, Prepared},
    },
    update::act::order_word,
    view::{approvals::what, paint::Paint},
};
use crate::{
    domain::{
        act::{Act, Entity},
        freeze::Direction,
        sentence::Sentence,
    },
    text::stamp,
};
use ratatui::layout::Rect;

pub fn draw(p: &mut Paint<'_>, c: &Confirm, body: Rect) {
    let inner = column(body);
    let y = match &c.what {
        Confirming::Act(prepared) => question(p, prepared, c.top, body, inner),
        Confirming::Quit => quit(p, body, inner),
    };
    buttons(p, inner, y.min(body.bottom().saturating_sub(1)), c.yes);
}

fn question(p: &mut Paint<'_>, prepared: &Prepared, top: usize, body: Rect, inner: Rect) -> u16 {
    let m = p.m;
    let n = prepared.on.items.len();
    let order = m.order_of(&prepared.on);
    let act = match order.map(|r| (order_word(&prepared.act, &r.order), &r.order)) {
        Some((word, o)) if o.intent.direction == Direction::Thaw => word,
        _ => format!("@{}", crate::console::command::row(prepared.command).title()),
    };
    let code = match prepared.on.entity {
        Entity::Customer => "confirm-ask-customers",
        Entity::HandoverItem => "confirm-ask-items",
        Entity::Operator | Entity::Token | Entity::SignalKind => "confirm-ask-of",
        _ => "confirm-ask",
    };
    let ask = Sentence::new(code).with("act", act).with("n", n);
    let ask = m.say(&ask);
    p.rule(body, body.y, &ask);
    let mut y = body.y + 1;
    for line in details(p, prepared) {
        y = p.wrap(inner, y, &line, Meaning::Base);
    }
    y += 1;
    // Three lines stay for the buttons and the count.
    let room = usize::from(body.bottom().saturating_sub(y + 3)).max(1);
    let top = top.min(n.saturating_sub(room));
    for item in prepared.on.items.iter().skip(top).take(room) {
        let version = item.target.version.map(|v| m.tf("confirm-version", &[("version", &v.to_string())])).unwrap_or_default();
        let x = p.run(inner.x + 2, y, inner.right(), &item.label, Meaning::Selection);
        let id = item.target.id.simple().to_string();
        // The last digits: those of ids made in the same moment differ there.
        let tail = id.get(id.len().saturating_sub(8)..).unwrap_or(&id);
        p.run(x + 2, y, inner.right(), &format!("{version} {tail}"), Meaning::Muted);
        y += 1;
    }
    if n > room {
        let more =
            m.tf("confirm-more", &[("from", &(top + 1).to_string()), ("to", &(top + room).min(n).to_string()), ("n", &n.to_string())]);
        p.put(inner.x + 2, y, inner.width, &more, Meaning::Muted);
        y += 1;
    }
    y + 1
}

/// What the act carries, in words.
fn details(p: &Paint<'_>, prepared: &Prepared) -> Vec<String> {
    let m = p.m;
    // Yes to an approval is yes to what it is for.
    let mut lines = if matches!(prepared.act, Act::ApprovalGrant) { asked(m, &prepared.on) } else { Vec::new() };
    let mut fact = |key: &str, value: String| lines.push(m.tf("fact-line", &[("label", &m.t(key)), ("value", &value)]));
    if let Some(o) = m.order_of(&prepared.on).map(|r| &r.order) {
        fact("col-order", format!("{} {}", m.word("direction", o.intent.direction), m.word("level", o.intent.level)));
        fact("col-requester", o.requester_name.clone());
        fact("field-reason", o.reason.clone());
    }
    match &prepared.act {
        Act::AlertDismiss { reason, note } => {
            fact("field-dismiss-reason", m.word("dismiss-reason", reason));
            if let Some(note) = note {
                fact("field-note", note.clone());
            }
        }
        Act::AlertResolve { outcome, refusal } => {
            fact("field-outcome", m.word("alert-outcome", outcome));
            if let Some(refusal) = refusal {
                fact("field-refusal", refusal.clone());
            }
        }
        Act::AlertAssign { owner } => fact("col-owner", owner.clone()),
        Act::SignalEnable { basis, .. } => fact("field-basis", m.word("lawful-basis", basis)),
        Act::AlertSnooze { until } => fact("field-until", crate::text::stamp(*until, &m.zone)),
        Act::OffboardingReview { hash: Some(hash) } => fact("case-file", hash.clone()),
        Act::OffboardingAbandon { last_day } => fact("field-last-day", last_day.to_string()),
        Act::AlertNote { text } | Act::FreezeNote { text } => fact("field-note", text.clone()),
        _ => {}
    }
    if let Some(who) = &prepared.on.who {
        let key = if matches!(prepared.act, Act::CustomerTransfer { .. }) { "field-taker" } else { "field-collector" };
        fact(key, super::find::named(m, who));
    }
    if let Some(reason) = &prepared.reason {
        fact("field-reason", reason.clone());
    }
    lines
}

/// What an approval is for: what will be done, who asks, and since when. Found by the id that was captured: the list may move below.
fn asked(m: &Model, on: &Captured) -> Vec<String> {
    let id = on.items.first().map(|i| i.target.id);
    let Some(a) = m.approvals.list.rows().iter().find(|r| Some(r.id()) == id).map(|r| &r.approval) else { return Vec::new() };
    let args = [("who", a.proposer_name.clone()), ("act", what(m, a)), ("at", stamp(a.asked_at, &m.zone))];
    let mut lines = vec![m.tf("approval-asks", &args.each_ref().map(|(k, v)| (*k, v.as_str())))];
    if let Act::OffboardingWaive { why } = &a.act {
        lines.push(m.tf("fact-line", &[("label", &m.t("field-reason")), ("value", why)]));
    }
    lines
}

fn quit(p: &mut Paint<'_>, body: Rect, inner: Rect) -> u16 {
    let m = p.m;
    let title = m.t("confirm-quit");
    p.rule(body, body.y, &title);
    let mut y = body.y + 2;
    if !m.jobs.is_empty() {
        y = p.wrap(inner, y, &m.tf("confirm-quit-jobs", &[("n", &m.jobs.len().to_string())]), Meaning::Warn);
    }
    if !m.drafts.is_empty() {
        y = p.wrap(inner, y, &m.tf("confirm-quit-drafts", &[("n", &m.drafts.len().to_string())]), Meaning::Warn);
    }
    y + 1
}

fn buttons(p: &mut Paint<'_>, inner: Rect, y: u16, yes: bool) {
    let m = p.m;
    let mut x = inner.x + 2;
    for (key, chosen) in [("confirm-no", !yes), ("confirm-yes", yes)] {
        let text = m.t(key);
        let (text, meaning) = if chosen { (format!("[ {text} ]"), Meaning::Focus) } else { (format!("  {text}  "), Meaning::Base) };
        x = p.run(x, y, inner.right(), &text, meaning) + 2;
    }
}
