//! What one order of a person means for another.

use super::{
    Direction, Gap, GapKind, Order, OrderState, Step, StepState,
    order::{settle, touch},
    plan::Planned,
};
use jiff::Timestamp;

/// How a freeze that has done its part stands to another one of the same level that is thawed. `None`: they share no account. `Some(true)`:
/// it took nothing else, and is thawed with it; `Some(false)`: it took more, and has to be thawed instead.
pub fn shares(o: &Order, thawed: &Order) -> Option<bool> {
    let done = o.state.is_frozen() && (o.state != OrderState::Partial || o.spent) || o.state == OrderState::Thawing;
    let on = |s: &Planned| thawed.intent.steps.iter().any(|t| t.target == s.target && t.account == s.account);
    let alike = done && o.intent.direction == Direction::Freeze && o.intent.level == thawed.intent.level && o.id != thawed.id;
    (alike && o.intent.steps.iter().any(on)).then(|| o.intent.steps.iter().all(on))
}

/// An order that gave way to a higher one goes on once that is complete.
pub fn goes_on(o: &Order, steps: &[Step], after: &Order, now: Timestamp) -> Option<Order> {
    (o.yields_to == Some(after.id) && o.state.is_live()).then(|| {
        let mut next = Order { held: false, yields_to: None, why: None, state: OrderState::Executing, ..o.clone() };
        // What waits for another try is tried now: the executor says where that leaves it.
        if steps.iter().all(|s| s.state.is_settled()) {
            settle(&mut next, steps, now);
        }
        touch(&mut next, None, now);
        next
    })
}

/// What a complete order does for an older one that drifted: steps that it took anew, and read back, are the older one's as well. `None`
/// when some are not.
pub fn retaken(o: &Order, steps: &[Step], by: &Order, done: &[Step], now: Timestamp) -> Option<(Order, Vec<Step>)> {
    if o.state != OrderState::Drifted || by.intent.direction == Direction::Thaw {
        return None;
    }
    let again = |s: &Step| {
        let same = |d: &&Step| (&d.target, &d.account, d.kind, d.state) == (&s.target, &s.account, s.kind, StepState::Confirmed);
        let d = done.iter().find(same)?;
        Some(Step { state: StepState::Confirmed, confirmed_at: d.confirmed_at, error: None, ..s.clone() })
    };
    let changed: Option<Vec<Step>> = steps.iter().filter(|s| !s.state.is_settled()).map(again).collect();
    let changed = changed?;
    let merged: Vec<Step> = steps.iter().map(|s| changed.iter().find(|c| c.n == s.n).unwrap_or(s).clone()).collect();
    let mut next = Order { state: OrderState::Executing, why: None, ..o.clone() };
    settle(&mut next, &merged, now);
    touch(&mut next, None, now);
    Some((next, changed))
}

/// What a complete order does for an older one that a gap keeps open: accounts that appeared, and targets that could not be read, are
/// closed where the new one took them. `None` when it changes nothing.
pub fn covered(o: &Order, steps: &[Step], by: &Order, now: Timestamp) -> Option<Order> {
    if by.intent.direction == Direction::Thaw || by.intent.level < o.intent.level || o.state != OrderState::Partial {
        return None;
    }
    let took = |g: &Gap| {
        let mut on = by.intent.steps.iter().filter(|s| s.target == g.target);
        g.what != GapKind::SignIn && on.any(|s| g.account.as_ref().is_none_or(|a| *a == s.account))
    };
    let mut next = o.clone();
    let mut any = false;
    for gap in next.gaps.iter_mut().filter(|g| g.keeps_open()) {
        if took(gap) {
            gap.over_at = Some(now);
            any = true;
        }
    }
    any.then(|| {
        settle(&mut next, steps, now);
        touch(&mut next, None, now);
        next
    })
}
