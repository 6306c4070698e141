//! Steps: which may be sent, what an answer and a read-back mean, where that leaves the order, and how long access can still go on.

use super::{Direction, Gap, GapKind, Order, OrderState, Step, StepState};
use crate::domain::{
    sentence::Sentence,
    target::{Observed, ReadFault, Sent, StepCard, StepKind},
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest wait between two tries.
const SLOWEST: i64 = 300;

/// Whether a step may be sent now: its order executes, it waits for nothing, and every step before it on the same account is settled.
/// So a sign-in is blocked before sessions are revoked (invariant 27).
pub fn runnable(order: &Order, steps: &[Step], n: i64, now: Timestamp) -> bool {
    let Some(s) = steps.iter().find(|s| s.n == n) else { return false };
    matches!(order.state, OrderState::Executing | OrderState::Partial)
        && !order.held
        && s.state == StepState::Pending
        && s.due_at <= now
        && first_in_line(steps, s)
}

/// Whether every step before it on the same account is settled.
fn first_in_line(steps: &[Step], s: &Step) -> bool {
    steps.iter().filter(|b| b.target == s.target && b.account == s.account && b.n < s.n).all(|b| b.state.is_settled())
}

/// Seconds until the next try: 1, 2, 4, ... at most five minutes, or longer where the target said so, at most an hour.
pub fn wait(tries: i64, retry_after: Option<i64>) -> SignedDuration {
    let own = (1i64 << tries.clamp(0, 9)).min(SLOWEST);
    SignedDuration::from_secs(own.max(retry_after.unwrap_or(0).clamp(0, 3600)))
}

/// Journals a step as about to be sent. Committed before the first byte leaves.
pub fn journal(s: &Step, before: Option<String>, token: uuid::Uuid, now: Timestamp, settle_at: Timestamp) -> Step {
    Step {
        state: StepState::Sent,
        attempts: s.attempts + 1,
        before: before.or_else(|| s.before.clone()),
        sent_at: Some(now),
        settle_at: Some(settle_at),
        token: Some(token),
        error: None,
        ..s.clone()
    }
}

/// What a read-back says about a step, or why it says nothing.
pub type ReadBack<'a> = Result<&'a Observed, Option<&'a Sentence>>;

/// Of a read, where one was made.
pub fn read_back(read: Option<&Result<Observed, ReadFault>>) -> ReadBack<'_> {
    read.map_or(Err(None), |r| r.as_ref().map_err(|e| Some(&e.why)))
}

/// Settles a step after it was sent, by the answer and the read-back. The read-back decides; the answer only explains.
///
/// A step becomes confirmed only when the read-back shows the wanted state (invariant 32). What may have happened and cannot be told
/// stays unknown, and is sent again only when the same call does no harm twice.
pub fn settle(s: &Step, sent: &Sent, seen: ReadBack, card: &StepCard, now: Timestamp) -> Step {
    let mut next = s.clone();
    next.token = None;
    next.settle_at = None;
    let told = seen.ok().and_then(|o| o.done(s.kind, s.before.as_deref()));
    if told == Some(true) {
        return confirm(next, seen, now);
    }
    let again = |next: Step, why: &Sentence, after: Option<i64>| Step {
        state: StepState::Pending,
        error: Some(why.clone()),
        due_at: now + wait(next.attempts, after),
        ..next
    };
    match sent {
        // What must not happen twice is sent again only once no late call of ours can arrive any more.
        Sent::Accepted | Sent::Unknown { .. } if told == Some(false) && !card.idempotent => {
            Step { state: StepState::Unknown, due_at: s.settle_at.unwrap_or(now), error: Some(Sentence::new("step-not-seen")), ..next }
        }
        // The target said yes and shows no: it may need a moment, or it lied.
        Sent::Accepted if told == Some(false) => again(next, &Sentence::new("step-not-seen"), None),
        Sent::Accepted if !card.reads_back => Step { state: StepState::Unknown, error: Some(Sentence::new("step-no-read-back")), ..next },
        Sent::Accepted => Step { state: StepState::Unknown, error: Some(unread(seen)), due_at: now + wait(next.attempts, None), ..next },
        Sent::Async => Step { state: StepState::Async, due_at: now + wait(0, None), error: None, ..next },
        Sent::NotSent { why, retry_after } => again(next, why, *retry_after),
        Sent::Unauthorised { why } => again(next, why, None),
        Sent::Rejected { why } => Step { state: StepState::Rejected, error: Some(why.clone()), ..next },
        Sent::Unknown { why } => unknown(next, why, told, card, now),
    }
}

/// A step whose answer is lost: after a read-back it did not happen, or it stays unknown.
fn unknown(next: Step, why: &Sentence, told: Option<bool>, card: &StepCard, now: Timestamp) -> Step {
    let due_at = now + wait(next.attempts, None);
    // Seen not to have happened, or harmless twice: it may be sent again. A late call of ours can arrive until the target gives it up.
    let state = if told == Some(false) || (card.idempotent && told.is_none() && !card.reads_back) {
        StepState::Pending
    } else {
        StepState::Unknown
    };
    Step { state, error: Some(why.clone()), due_at, ..next }
}

/// Settles a step that nobody stands by any more (its sender died), or that was unknown or asynchronous, by a read-back alone.
///
/// # Invariant
/// The caller has waited until [`Step::settle_at`].
pub fn look(s: &Step, seen: ReadBack, card: &StepCard, now: Timestamp) -> Step {
    let mut next = Step { token: None, settle_at: None, ..s.clone() };
    match seen.ok().map(|o| o.done(s.kind, s.before.as_deref())) {
        Some(Some(true)) => confirm(next, seen, now),
        Some(Some(false)) if s.state == StepState::Async && s.attempts_left() => {
            next.attempts += 1;
            Step { state: StepState::Async, due_at: now + wait(next.attempts, None), ..next }
        }
        // Not even sent, and nothing to send it to: there is nothing to give back to an account that is gone.
        Some(Some(false)) if s.state == StepState::Pending => {
            Step { state: StepState::Rejected, error: Some(Sentence::new("target-no-account").with("target", &s.target)), ..next }
        }
        Some(Some(false)) => Step { state: StepState::Pending, due_at: now, error: Some(Sentence::new("step-had-not-happened")), ..next },
        // What cannot be read back at all is not sent again and again: it needs a person.
        Some(None) if card.idempotent && card.reads_back && s.state != StepState::Async => {
            Step { state: StepState::Pending, due_at: now, error: Some(Sentence::new("step-lost")), ..next }
        }
        _ => {
            next.attempts += 1;
            Step { state: StepState::Unknown, due_at: now + wait(next.attempts, None), error: Some(unread(seen)), ..next }
        }
    }
}

/// That a read-back did not tell, with the reason where there is one: its arguments stand beside it.
fn unread(seen: ReadBack) -> Sentence {
    match seen {
        Err(Some(why)) => Sentence { code: "step-unread-why".into(), args: why.args.clone() }.with("why", format!("@{}", why.code)),
        _ => Sentence::new("step-unread"),
    }
}

impl Step {
    /// Polls of an asynchronous call before it counts as unknown.
    fn attempts_left(&self) -> bool {
        self.attempts < 20
    }
}

fn confirm(next: Step, seen: ReadBack, now: Timestamp) -> Step {
    Step { state: StepState::Confirmed, confirmed_at: Some(now), error: None, sign_in: seen.ok().and_then(|o| o.last_sign_in), ..next }
}

/// Where its steps leave an order that runs. `None`: nothing changes.
///
/// Complete only when every step is confirmed or waived (invariant 26). Partial is loud: something is not done and nothing is under way.
pub fn roll_up(order: &Order, steps: &[Step]) -> Option<OrderState> {
    let stuck = matches!(order.state, OrderState::Failed | OrderState::Drifted);
    if !matches!(order.state, OrderState::Executing | OrderState::Partial) && !stuck {
        return None;
    }
    let to = if steps.iter().all(|s| s.state.is_settled()) {
        // What was not read, cannot be blocked or appeared later is alive: partial until another order took it, or somebody looked.
        let alive = order.intent.direction == Direction::Freeze && order.gaps.iter().any(Gap::keeps_open);
        if alive { OrderState::Partial } else { OrderState::Complete }
    } else if stuck {
        // Only somebody's word takes it up again; a waiver may have been the last thing that was open.
        order.state
    } else if steps.iter().any(|s| s.state == StepState::Rejected)
        && steps.iter().all(|s| s.state == StepState::Rejected || (s.state == StepState::Pending && !first_in_line(steps, s)))
    {
        OrderState::Failed
    } else if !order.held && steps.iter().any(|s| under_way(steps, s)) {
        OrderState::Executing
    } else {
        OrderState::Partial
    };
    (to != order.state).then_some(to)
}

fn under_way(steps: &[Step], s: &Step) -> bool {
    match s.state {
        StepState::Sent | StepState::Async => true,
        // A first try, or a step whose turn has just come; one that failed and waits to be tried again is not under way.
        StepState::Pending => first_in_line(steps, s) && s.error.is_none(),
        _ => false,
    }
}

/// The residual-access clock: seconds for which somebody who had access may still have it, `None` when that is unknown.
///
/// Runs down from the last confirmed step of a target by the bounds of its gaps; a bound that is unknown never counts as zero. While a
/// step that takes access is open there is no bound at all.
pub fn residual(order: &Order, steps: &[Step], now: Timestamp) -> Option<i64> {
    if steps.iter().any(|s| !s.state.is_settled()) {
        return None;
    }
    let mut left = 0;
    for gap in order.gaps.iter().filter(|g| g.waived_by.is_none() && counts(g.what)) {
        if gap.over_at.is_some_and(|at| holds(gap, at, steps)) {
            continue;
        }
        let bound = gap.bound?;
        let since = last_confirmed(gap, steps).or(order.completed_at)?;
        let spent = now.duration_since(since).as_secs().max(0);
        if gap.open && spent >= bound {
            return None;
        }
        left = left.max(bound - spent);
    }
    Some(left)
}

/// When the last step that takes access on a gap's account was confirmed.
fn last_confirmed(gap: &Gap, steps: &[Step]) -> Option<Timestamp> {
    let of_account =
        |s: &&Step| s.target == gap.target && gap.account.as_ref().is_none_or(|a| *a == s.account) && s.kind != StepKind::Verify;
    steps.iter().filter(of_account).filter_map(|s| s.confirmed_at).max()
}

/// Whether what was seen to be over at an instant still is: no step was confirmed anew since, after a drift.
pub fn holds(gap: &Gap, at: Timestamp, steps: &[Step]) -> bool {
    last_confirmed(gap, steps).is_none_or(|confirmed| confirmed <= at)
}

/// Whether a gap leaves access open. A level that a target does not know changes nothing there; that is listed, and waived or not.
fn counts(what: GapKind) -> bool {
    !matches!(what, GapKind::ReadBack)
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    /// Steps whose state no longer holds.
    pub steps: Vec<i64>,
    /// Steps after whose confirmation somebody signed in.
    pub sign_ins: Vec<i64>,
    /// Sessions that are open now, by (target, account), where they can be counted.
    pub sessions: Vec<((String, String), i64)>,
}

/// Compares what was confirmed with what is there now.
pub fn drift(steps: &[Step], seen: &dyn Fn(&Step) -> Option<Observed>) -> Drift {
    let mut found = Drift { steps: Vec::new(), sign_ins: Vec::new(), sessions: Vec::new() };
    for s in steps {
        let Some(o) = seen(s) else { continue };
        let of = (s.target.clone(), s.account.clone());
        if found.sessions.iter().all(|(known, _)| *known != of) {
            // An account that is gone has none.
            found.sessions.extend(o.sessions.or((!o.exists).then_some(0)).map(|n| (of, n)));
        }
        if s.state != StepState::Confirmed || s.kind == StepKind::Verify {
            continue;
        }
        // A trace proves one moment; only a state can drift.
        if o.exists && o.holds.get(&s.kind) == Some(&false) {
            found.steps.push(s.n);
        }
        if s.kind == StepKind::BlockSignIn && o.last_sign_in.is_some_and(|at| wire(s).is_some_and(|wire| at > wire)) {
            found.sign_ins.push(s.n);
        }
    }
    found
}

/// Minutes by which a target's clock may be behind ours.
const SKEW: i64 = 5;

/// A sign-in after this trips the wire: the last one that the read-back saw; where it saw none, or could not tell, our own time of the
/// confirmation, less what clocks differ by.
fn wire(s: &Step) -> Option<Timestamp> {
    s.sign_in.or_else(|| s.confirmed_at.map(|at| at - SignedDuration::from_mins(SKEW)))
}
