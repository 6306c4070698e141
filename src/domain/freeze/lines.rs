//! A plan and an order as lines of sentences: what an approver reads, in any language, and what two plans differ in line by line.

use super::{
    Direction, Gap, Ground, Order, OrderState, Step, StepState,
    order::step_word,
    plan::{Observation, Plan},
    stand_in,
};
use crate::domain::{
    row::Note,
    sentence::Sentence,
    target::{StepCard, TargetKind},
};
use jiff::Timestamp;
use std::borrow::Cow;

fn word(prefix: &str, value: impl ToString) -> String {
    format!("@{prefix}-{}", value.to_string().replace('_', "-"))
}

/// A duration in words, or that it is unknown. What is left over counts as a whole minute.
pub fn bound(seconds: Option<i64>) -> String {
    match seconds {
        None => "@unknown".into(),
        Some(s) if s >= 7200 => match ((s + 59) / 60 / 60, (s + 59) / 60 % 60) {
            (h, 0) => format!("{h} h"),
            (h, min) => format!("{h} h {min} min"),
        },
        Some(s) if s >= 120 => format!("{} min", (s + 59) / 60),
        Some(s) => format!("{s} s"),
    }
}

/// The plan: what blocks it, what to know, every account with its steps, what stays open, and the hash that is approved.
pub fn plan_lines(p: &Plan) -> Vec<Sentence> {
    let i = &p.intent;
    let mut out = Vec::new();
    let head = Sentence::new("plan-head")
        .with("direction", word("direction", i.direction))
        .with("level", word("level", i.level))
        .with("name", &p.employee.name)
        .with("number", &p.employee.number)
        .with("org", &p.employee.org)
        .with("post", &p.employee.post)
        .with("state", word("spell-state", p.employee.state));
    out.push(head);
    out.push(match i.at {
        Some(at) => Sentence::new("plan-when-at").with("mode", word("mode", i.mode)).with("at", at).with("zone", &i.zone),
        None => Sentence::new("plan-when-now").with("mode", word("mode", i.mode)),
    });
    if !p.blocked.is_empty() {
        out.push(Sentence::new("plan-blocked").with("n", p.blocked.len()));
    }
    out.extend(p.blocked.iter().cloned());
    out.extend(p.warnings.iter().cloned());
    for o in &p.observed {
        target_lines(o, p, &mut out);
    }
    out.extend(p.gaps.iter().map(gap_line));
    if i.direction == Direction::Freeze {
        out.push(Sentence::new("plan-residual").with("bound", bound(p.residual_seconds)));
    }
    out.push(Sentence::new("plan-approvals").with("n", p.needed));
    out.push(Sentence::new("plan-hash").with("hash", &p.plan_hash));
    out
}

/// In what a plan differs from one that was seen before, line by line: what is gone, then what is new.
pub fn differences(was: &Plan, now: &Plan) -> Vec<(bool, Sentence)> {
    let said = |p: &Plan| plan_lines(p).into_iter().filter(|l| l.code != "plan-hash").collect::<Vec<_>>();
    let (mut gone, mut new) = (said(was), said(now));
    new.retain(|line| match gone.iter().position(|g| g == line) {
        Some(at) => {
            gone.remove(at);
            false
        }
        None => true,
    });
    gone.into_iter().map(|l| (false, l)).chain(new.into_iter().map(|l| (true, l))).collect()
}

fn target_lines(o: &Observation, p: &Plan, out: &mut Vec<Sentence>) {
    out.push(
        Sentence::new("plan-target").with("target", &o.target).with("kind", word("target-kind", o.card.kind)).with("place", &o.card.place),
    );
    for a in &o.accounts {
        let enabled = a.seen.enabled.map_or("@unknown", |on| if on { "@account-enabled" } else { "@account-disabled" });
        out.push(
            Sentence::new("plan-account")
                .with("login", &a.login)
                .with("display", a.display.as_deref().unwrap_or("-"))
                .with("enabled", enabled)
                .with("seen", a.seen.last_sign_in.map_or_else(|| "@unknown".into(), |t| t.to_string())),
        );
        for s in p.intent.steps.iter().filter(|s| s.target == o.target && s.account == a.id) {
            let how = o.card.step(s.kind).map_or("@step-how-read", how);
            out.push(Sentence::new("plan-step").with("step", step_word(s.kind)).with("how", how));
        }
    }
    if p.intent.direction == Direction::Freeze && !o.accounts.is_empty() {
        let cannot: Vec<_> = p.intent.kinds().iter().filter(|k| o.card.step(**k).is_none()).map(|k| step_word(*k)).collect();
        if !cannot.is_empty() {
            out.push(Sentence::new("plan-cannot").with("kinds", cannot.join(",")));
        }
        // Only a domain says what an account owns.
        if o.card.kind != TargetKind::ActiveDirectory {
            out.push(Sentence::new("plan-owns-unread"));
        }
    }
    if o.accounts.is_empty() && o.fault.is_none() {
        out.push(Sentence::new("plan-no-account").with("target", &o.target));
    }
}

fn how(c: &StepCard) -> &'static str {
    match (c.destroys, c.reversible) {
        (true, _) => "@step-how-destroys",
        (_, false) => "@step-how-one-way",
        _ => "@step-how-reversible",
    }
}

/// A gap in words.
pub fn gap_line(g: &Gap) -> Sentence {
    let code = match (&g.waived_by, g.over_at) {
        (Some(_), _) => "gap-waived",
        (None, Some(_)) => "gap-over",
        (None, None) => "gap-open",
    };
    Sentence::new(code)
        .with("n", g.n)
        .with("target", &g.target)
        .with("what", word("gap", g.what))
        .with("bound", bound(g.bound))
        .with("by", g.waived_by.as_deref().unwrap_or("-"))
        .with("at", g.over_at.map_or_else(|| "-".into(), |t| t.to_string()))
}

/// Who asked, who said yes, who still must.
pub fn order_lines(o: &Order) -> Vec<Sentence> {
    let mut out = vec![Sentence::new("order-asked").with("by", &o.requester_name).with("at", o.created_at).with("reason", &o.reason)];
    if let Some(ticket) = &o.ticket {
        out.push(Sentence::new("order-ticket").with("ticket", ticket));
    }
    out.extend(o.approvals.iter().map(|w| Sentence::new("order-approved-by").with("by", &w.name).with("at", w.at)));
    if o.ground == Some(Ground::WrongPerson) {
        out.push(Sentence::new("order-wrong-person"));
    }
    let open = o.needed - o.approvals.len() as i64;
    if open > 0 {
        out.push(Sentence::new("order-approvals-open").with("n", open));
    }
    match (&o.confirmed, o.confirm_due) {
        (Some(w), _) => out.push(Sentence::new("order-confirmed-by").with("by", &w.name).with("at", w.at)),
        (None, Some(due)) => out.push(Sentence::new("order-confirm-due").with("at", due)),
        _ => {}
    }
    if let Some(why) = &o.why {
        out.push(why.clone());
    }
    out.extend(stand_in::lines(o));
    out
}

/// A note, with who wrote it and when.
pub fn note_line(n: &Note) -> Sentence {
    Sentence::new("order-note").with("at", n.at).with("by", &n.by).with("text", &n.text)
}

/// Where an order stands, in words: a thaw that is complete has frozen nobody.
pub fn state(o: &Order) -> Cow<'static, str> {
    if o.intent.direction == Direction::Thaw && o.state == OrderState::Complete {
        return "thaw-state-complete".into();
    }
    word("freeze-state", o.state).trim_start_matches('@').to_owned().into()
}

/// How far it is: done, all, and what stands in the way of the rest.
pub fn progress(steps: &[Step]) -> Sentence {
    let done = steps.iter().filter(|s| s.state.is_settled()).count();
    let unknown = steps.iter().filter(|s| s.state == StepState::Unknown).count();
    Sentence::new(if unknown > 0 { "order-progress-unknown" } else { "order-progress" })
        .with("done", done)
        .with("all", steps.len())
        .with("unknown", unknown)
}

/// Everything about one step.
pub fn step_lines(s: &Step) -> Vec<Sentence> {
    let head = Sentence::new("step-head")
        .with("n", s.n)
        .with("target", &s.target)
        .with("login", &s.login)
        .with("account", &s.account)
        .with("step", step_word(s.kind))
        .with("state", word("step-state", s.state));
    let mut out = vec![head, Sentence::new("step-tries").with("n", s.attempts).with("key", s.key)];
    out.extend(s.sent_at.map(|at| Sentence::new("step-sent").with("at", at)));
    out.extend(s.confirmed_at.filter(|_| s.state != StepState::Waived).map(|at| Sentence::new("step-confirmed").with("at", at)));
    out.extend(s.error.clone());
    out.extend(waived(&s.waived_by, s.confirmed_at, &s.evidence));
    out
}

/// Everything about one gap.
pub fn gap_lines(g: &Gap) -> Vec<Sentence> {
    std::iter::once(gap_line(g)).chain(waived(&g.waived_by, g.waived_at, &g.evidence)).collect()
}

/// Whose word stands for what could not be read back, and on what it rests.
fn waived(by: &Option<String>, at: Option<Timestamp>, evidence: &Option<String>) -> Option<Sentence> {
    let at = at.map_or_else(|| "-".into(), |t| t.to_string());
    Some(Sentence::new("step-waived").with("by", by.as_deref()?).with("at", at).with("evidence", evidence.as_deref()?))
}
