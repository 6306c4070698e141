//! Acts: what was captured at the key press is what is shown, confirmed and sent. Outcomes and the rows they touched come together.

use super::{freeze, lists, offboarding, overlay::form, person, watch};
use crate::{
    backend::{ActReply, ActRequest, Failure, FailureKind, Touched, table},
    console::{
        command::{CommandId, enabled},
        effect::{Effect, JobId},
        model::{
            Captured, Item, Job, Model, Tone,
            overlay::{Confirm, Confirming, Overlay, Prepared, Reader, Reading},
        },
    },
    domain::{
        act::{Act, Entity, RefusalClass},
        freeze::{Direction, Order},
        handover::FileRef,
        row::FreezeRow,
        sentence::Sentence,
    },
};
use jiff::{SignedDuration, Timestamp};

/// Does what a key asked for with as much ceremony as it deserves: none for one reversible write, a question for several targets and
/// for acts that close something.
pub fn go(m: &mut Model, p: Prepared) {
    let closing = matches!(
        p.act,
        Act::AlertDismiss { .. }
            | Act::AlertResolve { .. }
            | Act::PlanCancel
            | Act::ApprovalGrant
            | Act::CustomerDecline { .. }
            | Act::CustomerPool { .. }
            | Act::CustomerTransfer { .. }
            | Act::FreezeCancel
            | Act::FreezeConfirm
            | Act::FreezeResume
            | Act::FreezeStop
            | Act::OperatorRestore { .. }
            | Act::OperatorRevoke { .. }
            | Act::ScoreAnswer { .. }
            | Act::SignalDisable { .. }
            | Act::SignalEnable { .. }
            | Act::TokenRevoke
            | Act::OffboardingAbandon { .. }
            | Act::OffboardingClose
            | Act::OffboardingReview { .. }
            | Act::OffboardingWithdraw
    );
    if closing || p.on.items.len() > 1 {
        m.open(Overlay::Confirm(Confirm { what: Confirming::Act(Box::new(p)), yes: false, top: 0 }));
    } else {
        m.overlay = None;
        send(m, p);
    }
}

/// Sends an act. Nothing of it is looked up again: ids and versions are those of the key press.
pub fn send(m: &mut Model, p: Prepared) {
    if let Err(why) = enabled::unlocked(m) {
        return form::back(m, p.form, why);
    }
    let submit = matches!(p.act, Act::PlanCreate { .. });
    let id: JobId = m.number();
    let key = Some(m.key());
    let file = p.file;
    // An act without a target names what it is about itself.
    let named = table::row(&p.act).target.is_some();
    let targets = p.on.items.iter().filter(|_| named).map(|i| i.target).collect();
    let request = ActRequest { act: p.act, targets, key, reason: p.reason, written: None };
    m.outbox.push(match &file {
        Some(path) => Effect::Put { job: id, path: path.clone() },
        None => Effect::Act { job: id, request: request.clone() },
    });
    m.jobs.push(Job { id, command: p.command, request, on: p.on, form: p.form, unknown: None, tries: 0, submit, file });
}

/// The file of an act is in the store: the act goes, and names it by its hash.
pub fn stored(m: &mut Model, id: JobId, result: Result<FileRef, Failure>) {
    let Some(at) = m.jobs.iter().position(|j| j.id == id) else { return };
    match result {
        Ok(file) => {
            let Some(job) = m.jobs.get_mut(at) else { return };
            match &mut job.request.act {
                Act::OffboardingSubmit { evidence } => evidence.file = Some(file),
                Act::OffboardingDuty { done } => done.file = Some(file),
                _ => {}
            }
            m.outbox.push(Effect::Act { job: id, request: job.request.clone() });
        }
        Err(why) => {
            // Nothing was sent: what was typed is still there.
            let job = m.jobs.remove(at);
            form::back(m, job.form, why.what);
        }
    }
}

/// Takes the outcome of an act.
pub fn acted(m: &mut Model, id: JobId, result: Result<ActReply, Failure>) {
    let Some(at) = m.jobs.iter().position(|j| j.id == id) else { return };
    match result {
        Ok(reply) => {
            let job = m.jobs.remove(at);
            done(m, &job, reply);
        }
        Err(why) if why.kind == FailureKind::Unknown => unknown(m, at),
        Err(why) => {
            let job = m.jobs.remove(at);
            form::back(m, job.form, why.what);
            lists::refresh(m);
        }
    }
}

/// No answer came: it may have happened. It is asked again with the same key, which answers what happened or does it once.
fn unknown(m: &mut Model, at: usize) {
    let now = m.now;
    if let Some(job) = m.jobs.get_mut(at) {
        job.unknown = Some(now + watch::wait(job.tries));
        job.tries += 1;
        let act = act_word(&job.request.act);
        m.tell(Tone::Warn, Sentence::new("notice-unknown").with("act", act));
    }
}

/// Asks for the outcome of acts whose time has come.
pub fn due(m: &mut Model) {
    let now = m.now;
    for job in m.jobs.iter_mut().filter(|j| j.unknown.is_some_and(|t| t <= now)) {
        // `tries` tells a job that is being settled from a new one.
        job.unknown = None;
        m.outbox.push(Effect::Act { job: job.id, request: job.request.clone() });
    }
}

fn done(m: &mut Model, job: &Job, mut reply: ActReply) {
    for t in &mut reply.touched {
        crate::console::model::clean::touched(t);
        match t {
            Touched::Alert(row) => {
                m.alerts.list.patch(row);
                m.today.urgent.patch(row);
                person::patch(m, row);
            }
            Touched::Plan(row) => m.plans.list.patch(row),
            Touched::Freeze(row) => m.freezes.list.patch(row),
            Touched::Customer(_) => {}
            Touched::Offboarding(card) => {
                let now = m.now;
                offboarding::patch(m, card, now);
            }
        }
    }
    if let (Act::PersonReveal { minutes }, Some(_)) = (&job.request.act, reply.entry) {
        m.hides = Some(m.now + SignedDuration::from_mins(*minutes) + SignedDuration::from_secs(1));
    }
    let refused: Vec<_> = reply.outcomes.iter().filter_map(|o| o.refusal.as_ref()).collect();
    let (all, bad) = (reply.outcomes.len(), refused.len());
    let moved = refused.iter().filter(|r| r.why.code == "refused-conflict").count();
    if bad < all {
        if let Some(form) = &job.form {
            m.drafts.remove(&form.key());
        }
        if job.on.items.len() > 1 {
            lists::unmark(m);
        }
    }
    let order = reply.touched.iter().find_map(|t| if let Touched::Freeze(r) = t { Some(&r.order) } else { None });
    let act = order.map_or_else(|| act_word(&job.request.act), |o| order_word(&job.request.act, o));
    // Whom it names is told as it was confirmed: by the number.
    let whom = job.on.who.as_ref().map(|p| format!("{} {}", p.number, p.name));
    let who = job.on.items.first().map(|i| i.label.clone()).into_iter().chain(whom.clone()).collect::<Vec<_>>().join(" / ");
    match (all, refused.first()) {
        (0 | 1, None) => {
            let outcome = reply.outcomes.first();
            let code = match outcome {
                Some(o) if o.pending.is_some() => "notice-asked-approval",
                _ if job.tries > 0 => "notice-settled",
                Some(o) if o.version.is_some() => "notice-done-version",
                _ => "notice-done",
            };
            let version = outcome.and_then(|o| o.version).unwrap_or_default();
            m.tell(Tone::Good, Sentence::new(code).with("act", act).with("who", who).with("version", version));
            if matches!(job.request.act, Act::AlertDismiss { .. } | Act::AlertResolve { .. }) {
                m.closed = job.on.items.first().map(|i| (i.target.id, i.label.clone()));
            }
        }
        (0 | 1, Some(r))
            if r.class == RefusalClass::Conflict && matches!(job.request.act, Act::FreezeRequest { .. } | Act::FreezeThaw { .. }) =>
        {
            freeze::anew(m, job.form.clone(), r.why.clone());
        }
        (0 | 1, Some(refusal)) => form::back(m, job.form.clone(), refusal.why.clone()),
        (_, None) => {
            let what = match whom {
                Some(to) => Sentence::new("notice-done-all-for").with("to", to),
                None => Sentence::new("notice-done-all"),
            };
            m.tell(Tone::Good, what.with("act", act).with("n", all));
        }
        _ => {
            let what =
                Sentence::new("notice-done-part").with("act", act).with("ok", all - bad).with("moved", moved).with("other", bad - moved);
            m.tell(Tone::Warn, what);
            let rows = reply
                .outcomes
                .iter()
                .map(|o| {
                    let label = job.on.items.iter().find(|i| i.target.id == o.id).map_or_else(|| o.id.to_string(), |i| i.label.clone());
                    (label, o.refusal.as_ref().map(|r| r.why.clone()))
                })
                .collect();
            // Somebody may be typing in a dialog by now: the notice says the same in short.
            if m.overlay.is_none() {
                m.open(Overlay::Reader(Reader { what: Reading::Outcomes(rows), top: 0 }));
            }
        }
    }
    if job.submit {
        submit(m, &reply);
    }
    if matches!(job.request.act, Act::FreezeRequest { .. } | Act::FreezeThaw { .. }) {
        // What was asked for is what is watched next; the order that a thaw takes back was touched as well.
        let asked = |r: &FreezeRow| reply.outcomes.first().is_some_and(|o| o.id == r.order.id.0);
        let made = reply.touched.iter().find_map(|t| if let Touched::Freeze(r) = t { Some(r) } else { None }.filter(|r| asked(r)));
        if let Some((id, name)) = made.map(|r| (r.order.id, crate::console::model::rows::label(&r.employee))) {
            freeze::open(m, id, name);
        }
    }
    if let (Act::OffboardingStart { .. }, Some(Touched::Offboarding(card))) = (&job.request.act, reply.touched.first()) {
        return offboarding::started(m, card);
    }
    // A rule sends it back at once: that is not done, and is said.
    if let (Act::OffboardingSubmit { .. }, Some(Touched::Offboarding(card))) = (&job.request.act, reply.touched.first())
        && let Some(why) = card.items.iter().find(|i| job.on.items.iter().any(|t| t.target.id == i.id.0)).and_then(|i| i.returned_why())
    {
        m.tell(Tone::Warn, why.clone());
    }
    lists::refresh(m);
    if m.pane == crate::console::model::Pane::Person {
        person::refresh_card(m);
    }
}

/// A plan that was just drafted goes to its approver.
fn submit(m: &mut Model, reply: &ActReply) {
    let plan = reply.touched.iter().find_map(|t| match t {
        Touched::Plan(row) => Some(row),
        Touched::Alert(_) | Touched::Customer(_) | Touched::Freeze(_) | Touched::Offboarding(_) => None,
    });
    if let Some(row) = plan {
        let on = crate::console::model::rows::captured(Entity::Plan, Some(row.as_ref()));
        send(m, Prepared { command: CommandId::PlanSubmit, act: Act::PlanSubmit, reason: None, on, form: None, file: None });
    }
}

/// Code of the word for an act.
pub fn act_word(act: &Act) -> String {
    format!("@act-{}", act.name().replace(['.', '_'], "-"))
}

/// The same for an order, which may be a thaw.
pub fn order_word(act: &Act, o: &Order) -> String {
    let of_thaw = matches!(
        act,
        Act::FreezeApprove { .. } | Act::FreezeConfirm | Act::FreezeCancel | Act::FreezeStop | Act::FreezeResume | Act::FreezeVerify
    );
    let word = act_word(act);
    if of_thaw && o.intent.direction == Direction::Thaw { word.replace("freeze", "thaw") } else { word }
}

/// Targets of `u`: the alert that this console closed last. Any version: it is closed, and reopening makes a new one.
pub fn undo_target(m: &Model) -> Option<Captured> {
    let (id, label) = m.closed.clone()?;
    let target = crate::backend::Target { id, version: None };
    Some(Captured { entity: Entity::Alert, items: vec![Item { target, label }], alert: None, plan: None, who: None })
}

/// Acts whose outcome is not known yet, with the time of the next look.
pub fn unsettled(m: &Model) -> Option<(usize, Timestamp)> {
    let times: Vec<_> = m.jobs.iter().filter_map(|j| j.unknown).collect();
    times.iter().min().map(|t| (times.len(), *t))
}
