//! Decisions about orders: who may ask, approve, confirm, waive, stop, cancel and thaw (domain.md 10).

use super::{
    Direction, Gap, GapKind, Ground, Level, Mode, Order, OrderState, Step, StepState, Word,
    plan::{FreezePolicy, Plan, Planned, hash, same_login},
    stand_in, step,
};
use crate::domain::{
    act::{Act, Change, Context, Entity, Refusal, RefusalClass},
    approval::{Approval, ApprovalState},
    ids::{FreezeId, OperatorId},
    sentence::Sentence,
    target::StepKind,
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a decision about an order may look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrderFacts {
    pub order: Order,
    pub steps: Vec<Step>,
    /// The approval that waits for it.
    pub approval: Option<Approval>,
    /// Operators who are the person, and the numbers of all their employments.
    pub own: Vec<String>,
}

fn policy(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Policy, Sentence::new(code))
}

/// `@freeze-state-pending-approval`
pub fn state_word(state: OrderState) -> String {
    format!("@freeze-state-{}", state.to_string().replace('_', "-"))
}

fn wrong_state(o: &Order) -> Refusal {
    Refusal::new(
        RefusalClass::Conflict,
        Sentence::new("refused-freeze-state")
            .with("state", state_word(o.state))
            .with("by", o.touched_by.as_deref().unwrap_or("@machine"))
            .with("at", o.touched_at),
    )
}

/// Refuses when the operator saw an older version.
pub fn check_version(o: &Order, seen: Option<i64>) -> Result<(), Refusal> {
    match seen {
        Some(v) if v != o.version => Err(Refusal::new(
            RefusalClass::Conflict,
            Sentence::new("refused-conflict")
                .with("by", o.touched_by.as_deref().unwrap_or("@machine"))
                .with("at", o.touched_at)
                .with("act", "@act-freeze-change")
                .with("state", state_word(o.state))
                .with("seen", v)
                .with("version", o.version),
        )),
        _ => Ok(()),
    }
}

/// Another order holds accounts that this one would work on.
pub fn busy(o: &Order) -> Sentence {
    Sentence::new("freeze-busy").with("order", o.id).with("state", state_word(o.state))
}

/// What an operator says with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Hash of the plan that was looked at; `None` takes the plan as it is now.
    pub plan_hash: Option<&'a str>,
    /// What was typed to confirm; `None` where nothing is typed (a script names the person by number).
    pub confirm: Option<&'a str>,
    pub reason: &'a str,
    pub ticket: Option<&'a str>,
    /// Of a thaw.
    pub ground: Option<Ground>,
}

/// Turns a plan into an order, or refuses. `undoes` is the order that a thaw takes back; orders of `over` yield to it.
pub fn request(
    plan: &Plan,
    asked: &Asked,
    undoes: Option<&Order>,
    over: &[Order],
    limits: &FreezePolicy,
    cx: &mut Context,
) -> Result<Vec<Change>, Refusal> {
    if asked.confirm.is_some_and(|typed| !typed.trim().eq_ignore_ascii_case(&plan.confirm)) {
        return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-freeze-confirm")));
    }
    if asked.plan_hash.is_some_and(|h| h != plan.plan_hash) {
        return Err(Refusal::new(RefusalClass::Conflict, Sentence::new("refused-plan-hash").with("hash", short(&plan.plan_hash))));
    }
    if let Some(why) = plan.blocked.first() {
        return Err(Refusal::new(RefusalClass::Policy, why.clone()));
    }
    if plan.intent.mode == Mode::Emergency && asked.ticket.is_none_or(|t| t.trim().is_empty()) {
        return Err(policy("refused-emergency-ticket"));
    }
    let id = cx.freeze_id();
    let alone = plan.needed == 0;
    let mut order = Order {
        id,
        person: plan.intent.person,
        spell: plan.intent.spell,
        state: if alone { OrderState::Approved } else { OrderState::PendingApproval },
        version: 1,
        intent: plan.intent.clone(),
        plan_hash: plan.plan_hash.clone(),
        observed: plan.observed.clone(),
        gaps: plan.gaps.clone(),
        requester: cx.operator,
        requester_name: cx.operator_name.clone(),
        reason: asked.reason.to_owned(),
        ticket: asked.ticket.map(Into::into),
        needed: plan.needed,
        approvals: Vec::new(),
        confirm_due: alone.then(|| cx.now + SignedDuration::from_hours(limits.confirm_hours)),
        confirmed: None,
        lapsed_at: None,
        held: false,
        leaving: false,
        last_day: plan.last_day,
        undoes: undoes.map(|o| o.id),
        ground: asked.ground,
        renews: None,
        yields_to: None,
        meanwhile: Vec::new(),
        spent: false,
        created_at: cx.now,
        started_at: None,
        completed_at: None,
        verified_at: None,
        check_at: None,
        why: None,
        touched_by: Some(cx.operator_name.clone()),
        touched_at: cx.now,
    };
    let mut more = Vec::new();
    if !alone {
        more.push(Change::Approval(ask(&order, cx)));
    }
    if plan.intent.steps.is_empty() {
        order.state = OrderState::Failed;
    }
    let steps = plan.intent.steps.iter().zip(1..).map(|(p, n)| fresh(p, n, cx)).collect();
    more.insert(0, Change::Freeze(Box::new(order)));
    more.insert(1, Change::Steps(id, steps));
    for of in undoes.into_iter().chain(over).filter(|o| o.state.is_live()) {
        let why = Some(Sentence::new(if undoes.is_some() { "order-thaw-asked" } else { "order-higher-asked" }));
        let check_at = Some(cx.now + SignedDuration::from_secs(PATIENCE));
        let mut waits = Order { held: true, yields_to: Some(id), why, state: OrderState::Partial, check_at, ..of.clone() };
        touch(&mut waits, Some(cx.operator_name.clone()), cx.now);
        // Before the new one: it lets go of the accounts.
        more.insert(0, Change::Freeze(Box::new(waits)));
    }
    Ok(more)
}

fn fresh(p: &Planned, n: i64, cx: &mut Context) -> Step {
    Step {
        n,
        target: p.target.clone(),
        account: p.account.clone(),
        login: p.login.clone(),
        kind: p.kind,
        state: StepState::Pending,
        attempts: 0,
        key: cx.id(),
        before: None,
        sent_at: None,
        settle_at: None,
        token: None,
        due_at: cx.now,
        confirmed_at: None,
        error: None,
        waived_by: None,
        evidence: None,
        sign_in: None,
    }
}

fn ask(order: &Order, cx: &mut Context) -> Approval {
    let act = Act::FreezeApprove { hash: order.plan_hash.clone() };
    Approval::ask(cx, Entity::Freeze, order.id.into(), order.version, Some(order.person), act)
}

/// First twelve digits of a hash, for the eye.
pub fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

/// Decides an act on one order.
///
/// Nobody decides about an order on an account of their own: neither to stop it nor to let it run.
pub fn decide(f: &OrderFacts, act: &Act, cx: &mut Context) -> Result<Vec<Change>, Refusal> {
    let login = f.steps.iter().map(|s| &s.login).find(|login| same_login(&cx.operator_name, login));
    if let Some(own) = login.or_else(|| f.own.iter().find(|n| same_login(&cx.operator_name, n))) {
        return Err(Refusal::new(RefusalClass::Policy, Sentence::new("freeze-oneself").with("account", own)));
    }
    let mut o = f.order.clone();
    let mut steps = Vec::new();
    let mut more = Vec::new();
    match act {
        Act::FreezeApprove { hash } => approve(&mut o, f, hash, cx, &mut more)?,
        Act::FreezeDeny => {
            // Reached through a denied approval.
            if o.state != OrderState::PendingApproval {
                return Err(wrong_state(&o));
            }
            o.state = OrderState::Cancelled;
            o.why = Some(Sentence::new("order-denied").with("by", &cx.operator_name));
        }
        Act::FreezeConfirm => {
            if o.confirm_due.is_none() || o.confirmed.is_some() || o.state == OrderState::Cancelled {
                return Err(policy("refused-nothing-to-confirm"));
            }
            if o.has_word_of(cx.operator) {
                return Err(policy("refused-own-approval"));
            }
            o.confirmed = Some(Word { operator: cx.operator, name: cx.operator_name.clone(), at: cx.now });
        }
        Act::FreezeCancel => {
            if !matches!(o.state, OrderState::PendingApproval | OrderState::Approved) {
                return Err(wrong_state(&o));
            }
            o.state = OrderState::Cancelled;
            more.extend(unasked(f, cx));
        }
        Act::FreezeStop => {
            if o.held || !matches!(o.state, OrderState::Executing | OrderState::Partial) {
                return Err(wrong_state(&o));
            }
            o.held = true;
            o.why = Some(Sentence::new("order-stopped").with("by", &cx.operator_name));
        }
        Act::FreezeResume => resume(&mut o, f, cx, &mut steps)?,
        Act::FreezeWaive { step, evidence } => waive(&mut o, f, *step, evidence, cx, &mut steps)?,
        Act::FreezeNote { text } => {
            if text.trim().is_empty() {
                return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-empty-text")));
            }
            // What is written about an order leaves it as it is.
            return Ok(vec![Change::OrderNote { order: o.id, person: o.person, text: text.clone() }]);
        }
        Act::FreezeVerify => {
            // What is partial is read back by its own steps.
            if !matches!(o.state, OrderState::Complete | OrderState::Verified | OrderState::Drifted) {
                return Err(wrong_state(&o));
            }
            o.check_at = Some(cx.now);
        }
        _ => return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-wrong-target"))),
    }
    if !steps.is_empty() {
        let merged: Vec<Step> = f.steps.iter().map(|s| steps.iter().find(|n: &&Step| n.n == s.n).unwrap_or(s).clone()).collect();
        settle(&mut o, &merged, cx.now);
    } else if matches!(act, Act::FreezeStop | Act::FreezeWaive { .. }) {
        settle(&mut o, &f.steps, cx.now);
    }
    touch(&mut o, Some(cx.operator_name.clone()), cx.now);
    let id = o.id;
    more.insert(0, Change::Freeze(Box::new(o)));
    if !steps.is_empty() {
        more.push(Change::Steps(id, steps));
    }
    Ok(more)
}

/// Ends the approval that waits for an order which is no more.
fn unasked(f: &OrderFacts, cx: &Context) -> Option<Change> {
    let a = f.approval.as_ref().filter(|a| a.state == ApprovalState::Open)?;
    let (version, by) = (a.version + 1, Some(cx.operator_name.clone()));
    Some(Change::Approval(Approval { state: ApprovalState::Expired, version, decided_by: by, decided_at: Some(cx.now), ..a.clone() }))
}

/// A drifted order is resumed: what the machine asked for in its place, and nobody approved yet, is not needed any more.
pub fn not_needed(f: &OrderFacts, resumed: FreezeId, cx: &Context) -> Vec<Change> {
    if f.order.renews != Some(resumed) || f.order.state != OrderState::PendingApproval {
        return Vec::new();
    }
    let why = Some(Sentence::new("order-resumed-instead"));
    let mut o = Order { state: OrderState::Cancelled, why, ..f.order.clone() };
    touch(&mut o, Some(cx.operator_name.clone()), cx.now);
    std::iter::once(Change::Freeze(Box::new(o))).chain(unasked(f, cx)).collect()
}

fn approve(o: &mut Order, f: &OrderFacts, of: &str, cx: &mut Context, more: &mut Vec<Change>) -> Result<(), Refusal> {
    if o.state != OrderState::PendingApproval {
        return Err(wrong_state(o));
    }
    // What was read aloud is what is approved: neither another hash nor an intent that no longer has it.
    if of != o.plan_hash || hash(&o.intent) != o.plan_hash {
        return Err(Refusal::new(RefusalClass::Conflict, Sentence::new("refused-plan-hash").with("hash", short(&o.plan_hash))));
    }
    if f.approval.as_ref().is_some_and(|a| a.expires_at <= cx.now) {
        return Err(policy("refused-approval-expired"));
    }
    if o.has_word_of(cx.operator) {
        return Err(policy("refused-own-approval"));
    }
    if o.intent.at.is_some_and(|at| at <= cx.now) && o.intent.mode == Mode::Planned {
        // Past due: it runs at once, as the plan says; nobody has to plan again at night.
        o.why = Some(Sentence::new("order-late"));
    }
    o.approvals.push(Word { operator: cx.operator, name: cx.operator_name.clone(), at: cx.now });
    if let Some(a) = f.approval.as_ref().filter(|a| a.state == ApprovalState::Open) {
        let by = Some(cx.operator_name.clone());
        let granted =
            Approval { state: ApprovalState::Granted, version: a.version + 1, decided_by: by, decided_at: Some(cx.now), ..a.clone() };
        more.push(Change::Approval(granted));
    }
    if (o.approvals.len() as i64) < o.needed {
        let next = Order { version: o.version + 1, ..o.clone() };
        more.push(Change::Approval(ask(&next, cx)));
    } else {
        o.state = OrderState::Approved;
    }
    Ok(())
}

/// Goes on: lifts a stop, and makes refused steps and those of a drifted order pending again.
fn resume(o: &mut Order, f: &OrderFacts, cx: &Context, steps: &mut Vec<Step>) -> Result<(), Refusal> {
    if !matches!(o.state, OrderState::Executing | OrderState::Partial | OrderState::Failed | OrderState::Drifted) {
        return Err(wrong_state(o));
    }
    let stuck = |s: &&Step| matches!(s.state, StepState::Rejected | StepState::Pending | StepState::Unknown);
    for s in f.steps.iter().filter(stuck) {
        // What is unknown stays so until it was read: only its next look comes at once.
        let (state, error) = if s.state == StepState::Unknown { (s.state, s.error.clone()) } else { (StepState::Pending, None) };
        steps.push(Step { state, due_at: cx.now, error, ..s.clone() });
    }
    if steps.is_empty() && !o.held {
        return Err(policy("refused-nothing-to-resume"));
    }
    o.held = false;
    o.yields_to = None;
    o.why = None;
    o.state = OrderState::Executing;
    Ok(())
}

fn waive(o: &mut Order, f: &OrderFacts, n: i64, evidence: &str, cx: &Context, steps: &mut Vec<Step>) -> Result<(), Refusal> {
    if evidence.trim().is_empty() {
        return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-empty-text")));
    }
    // Whoever alone let a machine's request run counts as its requester.
    let alone = o.requester == OperatorId::MACHINE && o.approvals.iter().any(|a| a.operator == cx.operator);
    if cx.operator == o.requester || alone {
        return Err(policy("refused-own-waiver"));
    }
    if matches!(
        o.state,
        OrderState::PendingApproval
            | OrderState::Approved
            | OrderState::Cancelled
            | OrderState::Expired
            | OrderState::Thawing
            | OrderState::Thawed
    ) {
        return Err(wrong_state(o));
    }
    if let Some(gap) = o.gaps.iter_mut().find(|g| g.n == n) {
        if gap.waived_by.is_some() {
            return Err(policy("refused-no-change"));
        }
        (gap.waived_by, gap.waived_at) = (Some(cx.operator_name.clone()), Some(cx.now));
        gap.evidence = Some(evidence.to_owned());
        if o.state == OrderState::Complete {
            o.check_at = Some(cx.now);
        }
        return Ok(());
    }
    let Some(s) = f.steps.iter().find(|s| s.n == n) else {
        return Err(Refusal::new(RefusalClass::NotFound, Sentence::new("refused-no-step").with("n", n)));
    };
    // A call that is on its way is nobody's to declare done.
    if matches!(s.state, StepState::Confirmed | StepState::Waived | StepState::Sent) {
        return Err(policy("refused-step-state"));
    }
    steps.push(Step {
        state: StepState::Waived,
        waived_by: Some(cx.operator_name.clone()),
        evidence: Some(evidence.to_owned()),
        confirmed_at: Some(cx.now),
        ..s.clone()
    });
    Ok(())
}

/// Seconds after which an order that is partial is looked at, and told.
const PATIENCE: i64 = 300;

/// Moves an order to where its steps leave it. What is done of one that is partial is watched like one that is complete.
pub fn settle(o: &mut Order, steps: &[Step], now: Timestamp) {
    o.spent = steps.iter().all(|s| s.state.is_settled());
    stand_in::reached(o, steps);
    if let Some(to) = step::roll_up(o, steps) {
        o.state = to;
        if to == OrderState::Complete {
            o.completed_at = Some(now);
            o.why = None;
        }
        o.check_at = match to {
            OrderState::Complete => Some(now),
            // What only waits for a second try is not worth a word yet.
            OrderState::Partial => Some(now + SignedDuration::from_secs(PATIENCE)),
            _ => o.check_at,
        };
    }
}

/// Marks a visible change.
pub fn touch(o: &mut Order, by: Option<String>, now: Timestamp) {
    o.version += 1;
    o.touched_by = by;
    o.touched_at = now;
}

/// Gaps are numbered after the steps.
pub(super) fn next_number(o: &Order) -> i64 {
    o.gaps.iter().map(|g| g.n).max().unwrap_or(o.intent.steps.len() as i64) + 1
}

/// Seconds until open sessions are counted again.
const COUNT_AGAIN: i64 = 60;

/// What a look at a frozen person's accounts changes.
pub fn verified(
    o: &Order,
    steps: &[Step],
    drift: &step::Drift,
    all_read: bool,
    limits: &FreezePolicy,
    now: Timestamp,
) -> (Order, Vec<Step>) {
    let mut next = o.clone();
    let mut changed = Vec::new();
    next.check_at = Some(now + SignedDuration::from_mins(limits.verify_minutes));
    for gap in next.gaps.iter_mut().filter(|g| g.what == GapKind::Sessions) {
        let of_gap = |(target, account): &(String, String)| *target == gap.target && gap.account.as_ref() == Some(account);
        match drift.sessions.iter().find(|(of, _)| of_gap(of)) {
            Some((_, 0)) => {
                gap.open = false;
                let known = gap.over_at.filter(|at| step::holds(gap, *at, steps));
                gap.over_at = known.or(Some(now));
            }
            Some(_) => {
                gap.over_at = None;
                gap.open = true;
                next.check_at = next.check_at.min(Some(now + SignedDuration::from_secs(COUNT_AGAIN)));
            }
            None => {}
        }
    }
    if o.intent.direction == Direction::Freeze && o.intent.level >= Level::Suspend {
        // Whatever was said of sessions by hand, one that is seen is open.
        for ((target, account), _) in drift.sessions.iter().filter(|(_, open)| *open > 0) {
            let listed = |g: &Gap| g.what == GapKind::Sessions && g.target == *target && g.account.as_ref() == Some(account);
            if !next.gaps.iter().any(listed) && steps.iter().any(|s| s.target == *target && s.account == *account) {
                let n = next_number(&next);
                next.gaps.push(Gap::new(n, target.clone(), Some(account.clone()), GapKind::Sessions));
                next.check_at = next.check_at.min(Some(now + SignedDuration::from_secs(COUNT_AGAIN)));
            }
        }
    }
    let residual = step::residual(&next, steps, now);
    if !drift.steps.is_empty() {
        // One that is still at work takes back what drifted by itself, and goes on with the rest.
        if o.state != OrderState::Partial || o.spent {
            next.state = OrderState::Drifted;
        }
        next.why = Some(Sentence::new("order-drifted"));
        for s in steps.iter().filter(|s| drift.steps.contains(&s.n)) {
            changed.push(Step {
                state: StepState::Pending,
                confirmed_at: None,
                error: Some(Sentence::new("step-drifted")),
                due_at: now,
                ..s.clone()
            });
        }
    } else if all_read && o.state == OrderState::Complete && o.intent.direction == Direction::Freeze {
        match residual {
            Some(0) => {
                next.state = OrderState::Verified;
                next.verified_at = Some(now);
            }
            // The clock runs out before the next look is due.
            Some(left) => next.check_at = next.check_at.min(Some(now + SignedDuration::from_secs(left))),
            None => {}
        }
    } else if o.state == OrderState::Verified && residual != Some(0) {
        // Sessions are open again, or still: nothing is proven any more.
        next.state = OrderState::Complete;
        next.verified_at = None;
    }
    if next.state != o.state {
        touch(&mut next, None, now);
    }
    (next, changed)
}

/// The approval that an order waited for ran out: nothing was sent, and its targets are free for another order.
pub fn expired(o: &Order, now: Timestamp) -> Option<Order> {
    let mut next = o.clone();
    (o.state == OrderState::PendingApproval).then(|| {
        next.state = OrderState::Expired;
        touch(&mut next, None, now);
        next
    })
}

/// Whether an order ran on one person's word and nobody confirmed it in time.
pub fn unconfirmed(o: &Order, now: Timestamp) -> bool {
    o.confirm_due.is_some_and(|due| due <= now) && o.confirmed.is_none() && o.lapsed_at.is_none() && o.state != OrderState::Cancelled
}

/// Whether a thaw may give back what an order took.
pub fn can_thaw(o: &Order) -> Result<(), Refusal> {
    if !o.state.is_frozen() || o.intent.direction == Direction::Thaw {
        return Err(wrong_state(o));
    }
    if o.intent.level == Level::Delete {
        return Err(policy("refused-thaw-deleted"));
    }
    Ok(())
}

/// Kinds of steps of a list, for the eye.
pub fn step_word(kind: StepKind) -> String {
    format!("@step-{}", kind.to_string().replace('_', "-"))
}
