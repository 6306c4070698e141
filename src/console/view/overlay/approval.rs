//! An approval as it is read before a yes: who asks for what, what stands against it, and the whole of its subject.

use super::item::Lines;
use crate::{
    backend::{
        Answer,
        answer::{AlertCard, FreezeCard, OffboardingCard},
    },
    console::{
        command::enabled,
        look::Meaning,
        model::{Model, approvals::ApprovalView, dataset::Dataset},
        view::approvals::what,
    },
    domain::{act::Act, freeze::lines, ids::ItemId},
    text::{score, stamp},
};

/// The approval and its subject, but for a plan, which is drawn as everywhere.
pub fn lines(m: &Model, view: &ApprovalView) -> Lines {
    let a = &view.row.approval;
    let mut out = Lines::new();
    fact(m, &mut out, "col-what", what(m, a));
    fact(m, &mut out, "col-proposer", format!("{}  {}", a.proposer_name, stamp(a.asked_at, &m.zone)));
    fact(m, &mut out, "col-expires", stamp(a.expires_at, &m.zone));
    for (label, value) in said(m, view) {
        out.push((0, m.tf("fact-line", &[("label", &label), ("value", &value)]), Meaning::Base));
    }
    // A lock is no reason of this approval; the header says it.
    if let Err(why) = enabled::decision(m, a, view.version(), true) {
        out.push((0, m.say(&why), Meaning::Warn));
    }
    match &view.subject.data {
        _ if view.query().is_none() => {}
        Dataset::Failed(why) => out.push((0, m.say(&why.what), Meaning::Warn)),
        d => match d.value().map(AsRef::as_ref) {
            None => out.push((0, m.t("state-loading"), Meaning::Muted)),
            Some(Answer::Freeze(card)) => freeze(m, &mut out, card),
            Some(Answer::Alert(card)) => alert(m, &mut out, card),
            Some(Answer::Offboarding(card)) => item(m, &mut out, card, ItemId(a.subject)),
            Some(_) => {}
        },
    }
    out
}

/// What the act itself carries: a text that somebody wrote, else its fields as they are.
fn said(m: &Model, view: &ApprovalView) -> Vec<(String, String)> {
    match &view.row.approval.act {
        Act::OffboardingWaive { why } => vec![(m.t("field-reason"), why.clone())],
        Act::OperatorAdd { name, role, org, .. } | Act::OperatorRole { name, role, org } => {
            let unit = org.iter().map(|org| (m.t("col-org"), org.clone()));
            [(m.t("col-operator"), name.clone()), (m.t("col-role"), m.word("role", role))].into_iter().chain(unit).collect()
        }
        Act::OperatorLink { name, .. } => {
            let whose = view.row.employee.as_ref().map_or_else(|| m.t("admin-nobody"), |e| format!("{}  {}", e.number, e.name));
            vec![(m.t("col-operator"), name.clone()), (m.t("col-login"), whose)]
        }
        Act::OperatorKey { name, fingerprint } => {
            vec![(m.t("col-operator"), name.clone()), (m.t("entity-ssh-key"), fingerprint.clone())]
        }
        Act::TokenAdd { name, scope, days, .. } => {
            vec![(m.t("col-operator"), name.clone()), (m.t("col-scope"), m.word("token-scope", scope)), (m.t("col-days"), days.to_string())]
        }
        // What these carry stands in the words for them, or in their subject.
        Act::AlertSnooze { .. } | Act::PlanSubmit | Act::FreezeApprove { .. } => Vec::new(),
        act => {
            let fields = serde_json::to_value(act).ok().and_then(|v| v.as_object().cloned()).unwrap_or_default();
            let text = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
            fields.iter().filter(|(k, v)| *k != "act" && !v.is_null()).map(|(k, v)| (k.clone(), text(v))).collect()
        }
    }
}

fn fact(m: &Model, out: &mut Lines, label: &str, value: impl AsRef<str>) {
    out.push((0, m.tf("fact-line", &[("label", &m.t(label)), ("value", value.as_ref())]), Meaning::Base));
}

fn head(out: &mut Lines, text: String) {
    out.push((0, String::new(), Meaning::Base));
    out.push((0, text, Meaning::Title));
}

/// The plan that is approved by its hash: how, when, every step, what stays open.
fn freeze(m: &Model, out: &mut Lines, card: &FreezeCard) {
    let o = &card.row.order;
    let i = &o.intent;
    head(out, format!("{} {}, {}", m.word("direction", i.direction), m.word("level", i.level), m.word("mode", i.mode)));
    fact(m, out, "col-when", stamp(o.run_at(), &m.zone));
    out.extend(lines::order_lines(o).iter().map(|l| (0, m.say(l), Meaning::Base)));
    out.push((0, m.tf("plan-hash", &[("hash", &o.plan_hash)]), Meaning::Notice));
    head(out, m.tf("approval-steps", &[("n", &card.steps.len().to_string())]));
    let wide = |f: fn(&crate::domain::freeze::Step) -> &str| card.steps.iter().map(|s| crate::text::width(f(s))).max().unwrap_or(0);
    let (targets, logins) = (wide(|s| &s.target), wide(|s| &s.login));
    let pad = |text: &str, w: usize| format!("{text}{}", " ".repeat(w.saturating_sub(crate::text::width(text))));
    for s in &card.steps {
        let text = format!("{}  {}  {}", pad(&s.target, targets), pad(&s.login, logins), m.word("step", s.kind));
        out.push((2, text, Meaning::Base));
    }
    out.extend(o.gaps.iter().map(|g| (2, m.say(&lines::gap_line(g)), Meaning::Warn)));
}

fn alert(m: &Model, out: &mut Lines, card: &AlertCard) {
    let a = &card.row.alert;
    head(out, m.word("alert-kind", a.kind));
    fact(m, out, "col-state", m.word("alert-state", a.state));
    if let Some(s) = card.row.score {
        fact(m, out, "col-score", score(s));
    }
    fact(m, out, "field-talk-due", stamp(a.talk_due_at, &m.zone));
    fact(m, out, "col-owner", card.row.owner.as_deref().unwrap_or("-"));
    for n in &card.notes {
        out.push((2, m.say(&lines::note_line(n)), Meaning::Base));
    }
}

fn item(m: &Model, out: &mut Lines, card: &OffboardingCard, id: ItemId) {
    let Some(i) = card.items.iter().find(|i| i.id == id) else { return };
    head(out, m.say(&i.name()));
    fact(m, out, "col-state", m.word("item-state", i.state));
    fact(m, out, "col-last-day", card.row.case.last_day.to_string());
    fact(m, out, "col-reviewer", i.reviewer_name.as_deref().unwrap_or("-"));
    if let Some(why) = &i.why {
        fact(m, out, "field-note", why);
    }
}
