//! Whether a command can be used now, and if not, why: for an act, the domain's own answer about the row that is shown.

use super::{CommandId, Scope, row};
use crate::{
    backend::{
        answer::AlertRow,
        table::{self, Danger},
    },
    console::{
        model::{Captured, Lock, Model, Pane, admin::AdminLine, approvals::ApprovalView, list::List, list::Row, offboarding::CaseTab},
        update::offboarding::{customers, items},
    },
    domain::{
        act::{Act, Change, Context, Policy, Refusal},
        alert::{self, AlertFacts, AlertOutcome, DismissReason},
        approval::{self, Approval},
        duty::{self, DutyDone},
        freeze::order::{self, OrderFacts},
        handover::{self, Around},
        ids::OperatorId,
        offboarding,
        person::{HIDDEN, SpellState},
        plan::{self, PlanFacts, PlanOutcome},
        sentence::Sentence,
        talk::{Channel, NewTalk},
    },
};
use jiff::SignedDuration;
use uuid::Uuid;

type Enabled = Result<(), Sentence>;

fn no(code: &'static str) -> Enabled {
    Err(Sentence::new(code))
}

/// Whether `id` can be used now; else a sentence that says why not.
pub fn enabled(m: &Model, id: CommandId) -> Enabled {
    let command = row(id);
    if !m.scopes().contains(&command.scope) {
        return Err(Sentence::new("off-elsewhere").with("place", format!("@scope-{}", <&str>::from(command.scope))));
    }
    // What the role has not stays in sight, with that reason.
    command.permission().map_or(Ok(()), |permission| allowed(m, permission))?;
    // These open what can only end in an act beyond the console.
    let acts = matches!(id, CommandId::FreezeApprove | CommandId::FreezeResume | CommandId::FreezeThaw);
    if acts || command.danger() > Danger::Local {
        unlocked(m)?;
    }
    match command.scope {
        Scope::Freeze | Scope::Order => freezes(m, id),
        Scope::Work => work(m, id),
        Scope::Plans => plans(m, id),
        Scope::Approvals => approvals(m, id),
        Scope::Case => case(m, id),
        Scope::Owed => owed(m),
        Scope::Operators | Scope::Tokens | Scope::Targets | Scope::Signals => admin(m, id),
        Scope::Person => match (id, &m.person) {
            (CommandId::PersonLeaves, Some(p)) => match p.card.data.value() {
                Some(c) if c.person.state == SpellState::Departed && c.person.last_day.is_none() => no("off-no-person"),
                Some(_) => Ok(()),
                None => no("off-no-person"),
            },
            (CommandId::PersonReveal, Some(p)) => match p.card.data.value() {
                Some(c) if c.person.number == HIDDEN => Ok(()),
                Some(_) => no("off-revealed"),
                None => no("off-no-person"),
            },
            (CommandId::PersonContest | CommandId::PersonAnswer, Some(p)) => match p.card.data.value() {
                None => no("off-no-person"),
                Some(c) => match (id == CommandId::PersonContest, c.contest.is_some_and(|mark| mark.state.is_open())) {
                    (true, true) => no("off-contested"),
                    (true, false) if c.score.is_none() => no("off-no-score"),
                    (false, false) => no("off-not-contested"),
                    _ => Ok(()),
                },
            },
            (CommandId::PersonLeaves | CommandId::PersonReveal | CommandId::PersonContest | CommandId::PersonAnswer, None) => {
                no("off-no-person")
            }
            (CommandId::PersonWhatIf, Some(p)) if p.card.data.value().is_none_or(|c| c.score.is_none()) => no("off-no-score"),
            _ => Ok(()),
        },
        Scope::List => list(m, id),
        // No act, and yet it changes the machine.
        Scope::Start if id == CommandId::StartSample => unlocked(m).and_then(|()| m.no_sample.clone().map_or(Ok(()), Err)),
        Scope::Global => match id {
            CommandId::GoTimeline if m.pane != Pane::Person && m.person_at_cursor().is_none() && m.person.is_none() => no("off-no-person"),
            CommandId::AppLock if m.lock == Lock::Given => unlocked(m),
            CommandId::AppRepeat if m.last.is_none() => no("off-nothing-to-repeat"),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Why acts are forbidden, if they are.
pub fn unlocked(m: &Model) -> Enabled {
    match m.lock {
        Lock::Given => Err(Sentence::new(m.locked_by.off())),
        Lock::Own => no("off-locked"),
        Lock::Open => Ok(()),
    }
}

/// Whether the operator's role has a permission, as far as it is known yet.
fn allowed(m: &Model, permission: &str) -> Enabled {
    match m.home.data.value().map(|h| &h.me) {
        Some(me) if !me.may.contains(permission) => Err(Sentence::new("off-role").with("role", me.role.word())),
        _ => Ok(()),
    }
}

/// Why there is nothing under the cursor of a list.
fn cursor<R: Row>(list: &List<R>) -> Enabled {
    match (list.current(), list.is_gone()) {
        (Some(_), _) => Ok(()),
        (None, true) => no("off-gone"),
        (None, false) => no("off-nothing-here"),
    }
}

/// The same for the list of the pane.
pub fn pane_cursor(m: &Model) -> Enabled {
    match (m.pane, &m.person) {
        (Pane::Today, _) => cursor(&m.today.urgent),
        (Pane::Alerts, _) => cursor(&m.alerts.list),
        (Pane::People, _) => cursor(&m.people.list),
        (Pane::Person, Some(p)) => cursor(&p.list),
        (Pane::Person, None) => no("off-no-person"),
        (Pane::Plans, _) => cursor(&m.plans.list),
        (Pane::Approvals, _) => cursor(&m.approvals.list),
        (Pane::Freezes, _) => cursor(&m.freezes.list),
        (Pane::Order, _) => match &m.order {
            Some(o) if !o.is_empty() => Ok(()),
            _ => no("off-nothing-here"),
        },
        (Pane::Offboarding, _) if m.board.duties => cursor(&m.board.owed),
        (Pane::Offboarding, _) => cursor(&m.board.list),
        (Pane::Case, _) => m.case.as_ref().map_or_else(|| no("off-nothing-here"), |c| cursor(&c.list)),
        (Pane::Audit, _) => cursor(&m.audit.list),
        (Pane::Admin, _) => cursor(&m.admin.list),
    }
}

/// Whether rows can be marked here.
pub fn marks(m: &Model) -> bool {
    match m.pane {
        Pane::Alerts | Pane::Today => true,
        Pane::Case => m.case.as_ref().is_some_and(|c| c.tab == CaseTab::Items),
        _ => false,
    }
}

fn list(m: &Model, id: CommandId) -> Enabled {
    match id {
        CommandId::ListOpen => pane_cursor(m),
        CommandId::ListMark | CommandId::ListMarkAll if !marks(m) => no("off-no-marks-here"),
        CommandId::ListMark => pane_cursor(m),
        CommandId::ListFilter if m.pane == Pane::Offboarding && m.board.duties => no("off-no-filter-here"),
        CommandId::ListFilter
            if matches!(m.pane, Pane::Today | Pane::Person | Pane::Approvals | Pane::Order | Pane::Case | Pane::Admin) =>
        {
            no("off-no-filter-here")
        }
        CommandId::ListNextView | CommandId::ListPrevView
            if matches!(m.pane, Pane::Today | Pane::People | Pane::Plans | Pane::Approvals | Pane::Order) =>
        {
            no("off-no-views-here")
        }
        CommandId::CopyNumber if m.person_at_cursor().is_none_or(|p| p.2.is_empty()) => no("off-no-person"),
        _ => Ok(()),
    }
}

/// An act of the kind that a command ends in, filled so that only the row can be a reason against it.
fn probe(m: &Model, id: CommandId) -> Option<Act> {
    Some(match id {
        CommandId::AlertAck => Act::AlertAck,
        CommandId::AlertAssign => Act::AlertAssign { owner: "-".into() },
        CommandId::AlertSnooze => Act::AlertSnooze { until: m.now + SignedDuration::from_secs(1) },
        CommandId::AlertEscalate => Act::AlertEscalate,
        CommandId::AlertNote => Act::AlertNote { text: "-".into() },
        CommandId::AlertDismiss => Act::AlertDismiss { reason: DismissReason::Expected, note: None },
        CommandId::AlertTalk => Act::AlertTalk {
            talk: NewTalk { at: m.now, who: String::new(), channel: Channel::InPerson, needs: "-".into(), next_step: String::new() },
        },
        CommandId::AlertResolve => Act::AlertResolve { outcome: AlertOutcome::Undecided, refusal: Some("-".into()) },
        CommandId::AlertReopen => Act::AlertReopen,
        CommandId::PlanSubmit => Act::PlanSubmit,
        CommandId::PlanAdvance => Act::PlanAdvance,
        CommandId::PlanCancel => Act::PlanCancel,
        _ => return None,
    })
}

/// A context whose ids are thrown away with the decision.
fn context(m: &Model) -> Context {
    // Until the home has answered there is no row to decide about either.
    let policy = m.home.data.value().map_or_else(Policy::default, |h| h.policy.clone());
    Context::new(m.now, m.who.operator, m.who.name.clone(), policy, Box::new(|_| Uuid::nil()))
}

fn facts(r: &AlertRow) -> AlertFacts {
    AlertFacts {
        alert: r.alert.clone(),
        talks: r.talks,
        // Somebody else than the owner, for there is always somebody else to try.
        assignee: Some(OperatorId(Uuid::nil())),
        live: r.employee.state.is_live(),
        other_open: false,
        last_generation: r.alert.generation,
        pending: r.pending,
    }
}

/// Whether at least one of the alerts allows the act; a single one gives its own reason.
pub fn alerts_allow(m: &Model, act: &Act, on: &Captured) -> Enabled {
    let rows = m.alert_target_rows(on);
    let mut why = None;
    for r in &rows {
        // The outcome that is tried is one that the kind can have.
        let resolve = Act::AlertResolve { outcome: AlertOutcome::Handled, refusal: None };
        let act = if matches!(act, Act::AlertResolve { .. }) && !r.alert.kind.wants_talk() { &resolve } else { act };
        match alert::decide(&facts(r), act, &mut context(m)) {
            Ok(_) => return Ok(()),
            Err(refusal) => why = why.or(Some(refusal.why)),
        }
    }
    match why {
        // Marked rows outside of the window cannot be judged here; the backend answers for each of them.
        Some(why) if rows.len() == on.items.len() => Err(why),
        _ => Ok(()),
    }
}

fn work(m: &Model, id: CommandId) -> Enabled {
    if id == CommandId::AlertUndo {
        return if m.closed.is_some() { Ok(()) } else { no("off-nothing-to-undo") };
    }
    let on = m.alert_targets();
    if on.items.is_empty() {
        return match (m.pane, &m.person) {
            (Pane::Person, Some(p)) if p.card.data.value().is_some() => no("off-no-alert"),
            (Pane::Person, _) => no("off-nothing-here"),
            _ => pane_cursor(m).and(no("off-nothing-here")),
        };
    }
    // Talks and notes carry no version: they can be begun while another act is on its way.
    let waits = row(id).act.is_some() && !matches!(id, CommandId::AlertTalk | CommandId::AlertNote);
    if waits && on.items.iter().any(|i| m.is_busy(i.target.id)) {
        return no("off-busy");
    }
    let one = matches!(id, CommandId::AlertTalk | CommandId::AlertPlan | CommandId::AlertReport | CommandId::AlertReopen);
    if one && !on.is_one() {
        return no("off-one-only");
    }
    match probe(m, id) {
        Some(act) => alerts_allow(m, &act, &on),
        None => Ok(()),
    }
}

fn plans(m: &Model, id: CommandId) -> Enabled {
    cursor(&m.plans.list)?;
    let Some(r) = m.plans.list.current() else { return no("off-nothing-here") };
    if m.is_busy(r.id()) {
        return no("off-busy");
    }
    let facts = PlanFacts { plan: r.plan.clone(), pending: r.approval.is_some() };
    let decide = |act: &Act| plan::decide(&facts, act, &mut context(m)).map(|_| ()).map_err(|r| r.why);
    match id {
        CommandId::PlanOutcome => {
            let try_days = |days| decide(&Act::PlanOutcome { days, outcome: PlanOutcome::Unknown });
            try_days(90).or_else(|why| try_days(180).map_err(|_| why))
        }
        _ => probe(m, id).map_or(Ok(()), |act| decide(&act)),
    }
}

fn freezes(m: &Model, id: CommandId) -> Enabled {
    if m.pane == Pane::Freezes {
        cursor(&m.freezes.list)?;
    }
    let Some(r) = m.shown_order() else { return no("off-nothing-here") };
    // A note carries no version.
    if id != CommandId::FreezeNote && m.is_busy(r.order.id.0) {
        return no("off-busy");
    }
    if id == CommandId::FreezeThaw {
        return order::can_thaw(&r.order).map_err(|r| r.why);
    }
    let pane = m.order.as_ref().filter(|_| m.pane == Pane::Order);
    let steps = pane.and_then(|o| o.card.data.value()).map(|c| c.steps.clone());
    let act = match id {
        CommandId::FreezeApprove => Act::FreezeApprove { hash: r.order.plan_hash.clone() },
        CommandId::FreezeConfirm => Act::FreezeConfirm,
        CommandId::FreezeResume => Act::FreezeResume,
        CommandId::FreezeStop => Act::FreezeStop,
        CommandId::FreezeVerify => Act::FreezeVerify,
        CommandId::FreezeNote => Act::FreezeNote { text: "-".into() },
        CommandId::FreezeCancel => Act::FreezeCancel,
        CommandId::FreezeWaive => {
            let Some(step) = pane.and_then(|o| o.number()) else { return no("off-nothing-here") };
            Act::FreezeWaive { step, evidence: "-".into() }
        }
        _ => return Ok(()),
    };
    let known = steps.is_some();
    let facts = OrderFacts { order: r.order.clone(), steps: steps.unwrap_or_default(), approval: None, own: Vec::new() };
    match order::decide(&facts, &act, &mut context(m)) {
        Ok(_) => Ok(()),
        // Without its steps at hand the backend is to say.
        Err(r) if !known && r.why.code == "refused-nothing-to-resume" => Ok(()),
        Err(r) => Err(r.why),
    }
}

/// Whether an act on an order is refused because of who would do it, which no state of the order changes.
pub fn is_personal(why: &Sentence) -> bool {
    matches!(why.code.as_ref(), "refused-own-approval" | "refused-own-waiver" | "freeze-oneself")
}

/// What the domain says about the case, the item or the duty that is shown.
fn case(m: &Model, id: CommandId) -> Enabled {
    use CommandId as C;
    let Some((pane, card)) = m.case.as_ref().and_then(|p| p.card.data.value().map(|c| (p, c))) else { return no("off-nothing-here") };
    let items = items(m);
    let here = pane.list.cursor().filter(|_| pane.list.marks() == 0).copied();
    if std::iter::once(card.row.case.id.0).chain(here).chain(items.iter().map(|i| i.id.0)).any(|id| m.is_busy(id)) {
        return no("off-busy");
    }
    if matches!(id, C::CaseSubmit | C::CaseCorrect | C::CaseExport) && items.len() > 1 {
        return no("off-one-only");
    }
    let facts = card.facts();
    let mut cx = context(m);
    let said = |r: Result<Vec<Change>, Refusal>| r.map(|_| ()).map_err(|r| r.why);
    let why = || "-".to_owned();
    let on_item = |act: Act, cx: &mut Context| {
        // Somebody who is nobody, for there is always somebody to try.
        let around = Around { assignee: Some((OperatorId(Uuid::nil()), String::new())), file_known: true };
        // Of several one that may is enough; the others come back refused.
        let mut why = no("off-no-item");
        for (n, i) in items.iter().enumerate() {
            match said(handover::decide(&facts, i.id, &act, &around, cx)) {
                Ok(()) => return Ok(()),
                refused if n == 0 => why = refused,
                _ => {}
            }
        }
        why
    };
    match id {
        C::CaseApprove => said(offboarding::decide(&facts, &Act::OffboardingApprove, &mut cx)),
        C::CaseAdvance => said(offboarding::decide(&facts, &Act::OffboardingAdvance, &mut cx)),
        C::CaseClose => said(offboarding::decide(&facts, &Act::OffboardingClose, &mut cx)),
        C::CaseWithdraw => said(offboarding::decide(&facts, &Act::OffboardingWithdraw, &mut cx)),
        C::CaseAbandon => {
            let last_day = facts.today.max(facts.leaver.started);
            said(offboarding::decide(&facts, &Act::OffboardingAbandon { last_day }, &mut cx))
        }
        C::CaseSubmit => on_item(Act::OffboardingSubmit { evidence: Box::default() }, &mut cx),
        C::CaseAccept => on_item(Act::OffboardingReview { hash: None }, &mut cx),
        C::CaseReturn => on_item(Act::OffboardingReturn { why: why() }, &mut cx),
        C::CaseWaive => on_item(Act::OffboardingWaive { why: why() }, &mut cx),
        C::CaseBlock => on_item(Act::OffboardingBlock { why: why() }, &mut cx),
        C::CaseCorrect => on_item(Act::OffboardingCorrect { why: why() }, &mut cx),
        C::CaseAssign => on_item(Act::OffboardingAssign { reviewer: why() }, &mut cx),
        C::CaseExport => on_item(Act::OffboardingExport, &mut cx),
        C::CaseDuty => {
            let Some(d) = pane.duty() else { return no("off-no-duty") };
            let done = DutyDone { on: None, file: None, note: Some(why()) };
            said(duty::decide(d, &Act::OffboardingDuty { done }, facts.today, true, &mut cx))
        }
        C::CaseTransfer if items.is_empty() => no("off-no-item"),
        C::CaseTransfer => {
            let on = customers(m);
            match on.items.is_empty() {
                true => no("off-no-customer"),
                false if on.items.iter().any(|i| m.is_busy(i.target.id)) => no("off-busy"),
                false => Ok(()),
            }
        }
        C::CaseRead => cursor(&pane.list),
        _ => Ok(()),
    }
}

/// What the domain says about the duty under the cursor.
fn owed(m: &Model) -> Enabled {
    cursor(&m.board.owed)?;
    let Some(r) = m.board.owed.current() else { return no("off-nothing-here") };
    if m.is_busy(r.id()) {
        return no("off-busy");
    }
    let done = DutyDone { on: None, file: None, note: Some("-".into()) };
    let today = m.now.to_zoned(m.zone.clone()).date();
    duty::decide(&r.duty, &Act::OffboardingDuty { done }, today, true, &mut context(m)).map(|_| ()).map_err(|r| r.why)
}

/// What the service would say about the line, as far as it is known here.
fn admin(m: &Model, id: CommandId) -> Enabled {
    use CommandId as C;
    if id == C::OperatorAdd {
        return Ok(());
    }
    cursor(&m.admin.list)?;
    let none = || no("refused-no-change");
    match (id, m.admin.list.current()) {
        (C::OperatorRevoke | C::OperatorRestore, Some(AdminLine::Operator(o))) => match id {
            _ if m.is_busy(o.id.0) => no("off-busy"),
            C::OperatorRevoke if o.id == m.who.operator => no("refused-revoke-self"),
            _ if o.id == m.who.operator => no("refused-operator-self"),
            C::OperatorRevoke if o.revoked_at.is_some() => none(),
            C::OperatorRestore if o.restore().is_none() => none(),
            _ => Ok(()),
        },
        (C::TokenRevoke, Some(AdminLine::Token(t))) => match t.revoke(m.now) {
            _ if m.is_busy(t.id.0) => no("off-busy"),
            done => done.map(|_| ()).map_err(|r| r.why),
        },
        (C::SignalDisable, Some(AdminLine::Kind(k))) if !k.enabled => none(),
        (C::SignalEnable | C::SignalDisable, Some(AdminLine::Kind(k))) if m.is_busy(Uuid::from_u128(k.kind as u128)) => no("off-busy"),
        (C::TargetsCheck, _) if m.admin.health.req.is_some() => no("off-checking"),
        _ => Ok(()),
    }
}

fn approvals(m: &Model, id: CommandId) -> Enabled {
    cursor(&m.approvals.list)?;
    let Some(r) = m.approvals.list.current() else { return no("off-nothing-here") };
    if m.is_busy(r.id()) {
        return no("off-busy");
    }
    decision(m, &r.approval, r.subject_version, id == CommandId::ApprovalGrant)
}

/// What the domain says to a yes or a no to an approval, of a subject at that version.
pub fn decision(m: &Model, a: &Approval, version: Option<i64>, grant: bool) -> Enabled {
    allowed(m, table::decides(a.entity))?;
    approval::decide(a, grant, version, &context(m)).map(|_| ()).map_err(|r| r.why)
}

/// Whether what is read can be said yes or no to. A freeze is decided as its order is.
pub fn approval(m: &Model, view: &ApprovalView, grant: bool) -> Enabled {
    unlocked(m)?;
    let subject = view.row.approval.subject;
    if m.is_busy(view.row.id()) || m.is_busy(subject) {
        return no("off-busy");
    }
    decision(m, &view.row.approval, view.version(), grant)?;
    let Some(card) = view.order().filter(|_| grant) else { return Ok(()) };
    let facts = OrderFacts { order: card.row.order.clone(), steps: card.steps.clone(), approval: None, own: Vec::new() };
    let act = Act::FreezeApprove { hash: card.row.order.plan_hash.clone() };
    order::decide(&facts, &act, &mut context(m)).map(|_| ()).map_err(|r| r.why)
}
