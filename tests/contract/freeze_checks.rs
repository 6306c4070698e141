//! What must hold of orders after every move, seen in the store and in the targets' own logs (domain.md 16, invariants 26 to 38).

use crate::{
    freeze_machine::name,
    sim::{Arrival, Known, Sim},
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use tenure::domain::{
    freeze::{Direction, GapKind, Level, Mode, Order, OrderState, Step, StepState, plan, step},
    ids::{FreezeId, OperatorId, PersonId},
    target::{Protection, StepKind},
};

/// People of the company of which two per cent are none: one a day goes on fewer than two words.
const LIMIT: usize = 1;

type Place = (String, String);
pub type Orders = BTreeMap<FreezeId, (Order, Vec<Step>)>;

macro_rules! law {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+));
        }
    };
}

/// What was seen so far.
#[derive(Default)]
pub struct Checks {
    before: Orders,
    residual: BTreeMap<FreezeId, i64>,
    /// Arrivals by target that were judged.
    judged: BTreeMap<String, usize>,
    /// Accounts that somebody else enabled, used or made since our last block arrived there.
    outside: BTreeSet<Place>,
    /// The same as it was before this move's writes.
    lately: BTreeSet<Place>,
    /// Accounts that a thaw gave back and no freeze has taken since: to another freeze that stands on them that is drift.
    given_back: BTreeSet<Place>,
    /// Block and unblock writes by account, in the order of their arrival.
    doors: BTreeMap<Place, Vec<(FreezeId, StepKind)>>,
    took: BTreeMap<String, u32>,
}

fn over(o: &Order) -> bool {
    matches!(o.state, OrderState::Complete | OrderState::Verified)
}

fn waived(steps: &[Step], of: &Place, kind: StepKind) -> bool {
    steps.iter().any(|s| s.target == of.0 && s.account == of.1 && s.kind == kind && s.state == StepState::Waived)
}

fn lines(steps: &[Step]) -> String {
    let line = |s: &Step| {
        let error = s.error.as_ref().map_or_else(String::new, |e| format!(" ({})", e.code));
        format!("{} {} {} {} {}{error}", s.n, s.target, s.account, s.kind, s.state)
    };
    steps.iter().map(line).collect::<Vec<_>>().join(", ")
}

impl Checks {
    /// Looks at everything after a move; `touched` are accounts that it changed from outside.
    pub fn after(&mut self, sims: &[Sim], orders: Vec<(Order, Vec<Step>)>, touched: &[Place], now: Timestamp) -> Result<(), String> {
        self.outside.extend(touched.iter().cloned());
        self.lately = self.outside.clone();
        let orders: Orders = orders.into_iter().map(|(o, s)| (o.id, (o, s))).collect();
        let mut of_key: BTreeMap<String, FreezeId> = BTreeMap::new();
        for (id, (_, steps)) in &orders {
            of_key.extend(steps.iter().map(|s| (s.key.to_string(), *id)));
        }
        for sim in sims {
            let target = sim.name();
            let from = self.judged.get(target).copied().unwrap_or(0);
            for a in sim.arrivals(from) {
                *self.judged.entry(target.to_owned()).or_default() += 1;
                let id = of_key.get(&a.key).ok_or_else(|| format!("29: a write of no order: {a:?}"))?;
                self.arrived(&orders, *id, target, &a)?;
            }
        }
        for (o, steps) in orders.values() {
            self.order(o, steps, sims, touched, now)?;
        }
        batch(&orders)?;
        self.before = orders;
        Ok(())
    }

    /// One write, at the moment at which the target got it.
    fn arrived(&mut self, orders: &Orders, id: FreezeId, target: &str, a: &Arrival) -> Result<(), String> {
        let (o, steps) = &orders[&id];
        let (who, of) = (name(o), (target.to_owned(), a.account.clone()));
        let s = steps.iter().find(|s| s.key.to_string() == a.key).ok_or("a key of no step")?;
        law!((&s.target, &s.account, s.kind) == (&of.0, &of.1, a.kind), "29: {who} planned {s:?}, and sent {a:?}");
        // 37, 38: only an order that was under way before the move sends; one that ended, or that never began, does not.
        let was = self.before.get(&id).map(|(o, _)| o.state);
        let sends = matches!(was, Some(OrderState::Approved | OrderState::Executing | OrderState::Partial));
        law!(sends, "37: {who} was {was:?} and sends {a:?}");
        law!(o.started_at.is_some(), "38: {who} sends {a:?} and never began");
        // 31.
        let named = o.intent.except.contains(&format!("{target}:{}", s.login)) && !o.approvals.is_empty();
        match a.before.protection {
            Some(Protection::LastAdmin) => law!(o.intent.direction == Direction::Thaw, "31: {who} sends {a:?} to the last administrator"),
            Some(_) => law!(named || o.intent.direction == Direction::Thaw, "31: {who} sends {a:?} to a protected account"),
            None => {}
        }
        let own = o.requester_name == s.login || o.approvals.iter().any(|w| w.name == s.login);
        law!(!own, "31: {who} sends {a:?} on the word of whose account it is");
        // 28.
        if a.kind == StepKind::ResetSecret && a.took {
            let n = self.took.entry(a.key.clone()).or_default();
            *n += 1;
            law!(*n == 1, "28: {who}: {a:?} was done {n} times");
        }
        let outside = self.outside.contains(&of);
        match a.kind {
            // 27: the door was shut before anything else was done, unless somebody else opened it or shut it by hand.
            StepKind::ResetSecret | StepKind::KillLive => {
                law!(!a.before.enabled || outside || waived(steps, &of, StepKind::BlockSignIn), "27: {who}: {a:?} with the door open");
            }
            // 34: what is given back is given back without the sessions of before.
            StepKind::Unblock => {
                let undone = o.undoes.and_then(|id| orders.get(&id));
                let ended = undone.is_some_and(|(_, s)| s.iter().any(|s| s.kind == StepKind::KillLive && s.target == of.0));
                let by_hand =
                    undone.is_some_and(|(f, s)| waived(s, &of, StepKind::KillLive) || f.gaps.iter().any(|g| g.waived_by.is_some()));
                law!(a.before.sessions == 0 || !ended || by_hand, "34: {who}: {a:?} with sessions open");
            }
            _ => {}
        }
        if matches!(a.kind, StepKind::BlockSignIn | StepKind::Unblock) {
            self.door(orders, o, &of, a.kind)?;
            if a.kind == StepKind::BlockSignIn {
                self.outside.remove(&of);
                self.given_back.remove(&of);
            } else {
                self.given_back.insert(of);
            }
        }
        Ok(())
    }

    /// 33: what one order takes and another gives back is never mixed on one account.
    fn door(&mut self, orders: &Orders, o: &Order, of: &Place, kind: StepKind) -> Result<(), String> {
        let log = self.doors.entry(of.clone()).or_default();
        log.push((o.id, kind));
        for (other, (y, steps)) in orders {
            if *other == o.id || y.intent.direction == o.intent.direction || y.yields_to == Some(o.id) {
                continue;
            }
            let at_work = |o: &Order| matches!(o.state, OrderState::Executing | OrderState::Partial) && !o.held;
            let in_hand = steps.iter().any(|s| {
                (&s.target, &s.account) == (&of.0, &of.1)
                    && matches!(s.kind, StepKind::BlockSignIn | StepKind::Unblock)
                    && matches!(s.state, StepState::Sent | StepState::Unknown | StepState::Async)
            });
            let still = self.before.get(other).is_some_and(|(o, _)| at_work(o)) && at_work(y);
            law!(!(still && in_hand), "33: {of:?}: {} writes while {} is at work", name(o), name(y));
        }
        if kind == StepKind::BlockSignIn {
            let given_back = |id: &FreezeId| orders.get(id).is_some_and(|(t, _)| t.undoes == Some(o.id));
            law!(!log.iter().any(|(id, _)| given_back(id)), "33: {of:?}: {} writes after its thaw did", name(o));
        }
        Ok(())
    }

    fn order(&mut self, o: &Order, steps: &[Step], sims: &[Sim], touched: &[Place], now: Timestamp) -> Result<(), String> {
        let who = name(o);
        let before = self.before.get(&o.id);
        // 26.
        law!(!over(o) || steps.iter().all(|s| s.state.is_settled()), "26: {who} with {}", lines(steps));
        law!(o.state != OrderState::Verified || step::residual(o, steps, now) == Some(0), "26: {who} is not");
        if over(o) && o.intent.level == Level::Suspend && o.intent.direction == Direction::Freeze && before.is_none_or(|(o, _)| !over(o)) {
            for s in steps.iter().filter(|s| s.kind == StepKind::BlockSignIn && s.state == StepState::Confirmed) {
                let of = (s.target.clone(), s.account.clone());
                let on = account(sims, &of).is_some_and(|k| k.enabled);
                law!(!on || self.lately.contains(&of), "26: {who} is falsely complete: {of:?} is on");
            }
        }
        // 27, in our own words.
        for s in steps.iter().filter(|s| matches!(s.kind, StepKind::ResetSecret | StepKind::KillLive)) {
            let of = (s.target.clone(), s.account.clone());
            let block = steps.iter().find(|b| (&b.target, &b.account, b.kind) == (&s.target, &s.account, StepKind::BlockSignIn));
            let drifted = before.is_some_and(|(o, _)| o.why.as_ref().is_some_and(|w| w.code == "order-drifted"));
            if let (Some(b), Some(sent)) = (block, s.sent_at)
                && b.state == StepState::Confirmed
                && !self.lately.contains(&of)
                && !drifted
                && before.and_then(|(_, steps)| steps.iter().find(|p| p.n == s.n)).is_none_or(|p| p.sent_at != s.sent_at)
            {
                law!(b.confirmed_at <= Some(sent), "27: {who}: {s:?} before {b:?}");
            }
        }
        // 29.
        law!(plan::hash(&o.intent) == o.plan_hash, "29: {who} is no longer what was approved");
        law!(before.is_none_or(|(b, _)| (&b.intent, &b.plan_hash) == (&o.intent, &o.plan_hash)), "29: the intent of {who} changed");
        for s in steps {
            let p = plan::Planned { target: s.target.clone(), account: s.account.clone(), login: s.login.clone(), kind: s.kind };
            law!(o.intent.steps.contains(&p), "29: {who} has {s:?}");
        }
        // 30.
        let approvers: BTreeSet<_> = o.approvals.iter().map(|w| w.operator).collect();
        law!(approvers.len() == o.approvals.len() && !approvers.contains(&o.requester), "30: {who}: {:?}", o.approvals);
        let first = o.intent.direction == Direction::Thaw
            || o.intent.mode == Mode::Planned
            || o.requester == OperatorId::MACHINE
            || steps.iter().any(|s| o.intent.except.contains(&format!("{}:{}", s.target, s.login)));
        let least = o.needed.max(i64::from(first));
        law!(o.started_at.is_none() || o.approvals.len() as i64 >= least, "30: {who} ran on {} of {least} words", o.approvals.len());
        law!(o.confirmed.as_ref().is_none_or(|w| !o.has_word_of(w.operator)), "30: {who} was confirmed by its own");
        let evidence = steps.iter().map(|s| (&s.waived_by, &s.evidence)).chain(o.gaps.iter().map(|g| (&g.waived_by, &g.evidence)));
        for (by, evidence) in evidence {
            law!(by.as_ref().is_none_or(|by| *by != o.requester_name && evidence.is_some()), "30: {who}: waived by {by:?}, {evidence:?}");
        }
        // 38.
        let never = o.started_at.is_none() && matches!(o.state, OrderState::Cancelled | OrderState::Expired | OrderState::PendingApproval);
        law!(!never || steps.iter().all(|s| s.sent_at.is_none()), "38: {who} sent {}", lines(steps));
        // 32: what is not done says why; a try that is on its way says nothing yet.
        let said = o.held
            || steps.iter().any(|s| s.state == StepState::Sent)
            || o.why.is_some()
            || o.gaps.iter().any(|g| g.waived_by.is_none())
            || steps.iter().any(|s| s.error.is_some());
        law!(!matches!(o.state, OrderState::Partial | OrderState::Failed) || said, "32: {who} for no reason: {}", lines(steps));
        self.clock(o, steps, touched, now)
    }

    /// 35: the residual clock only runs down, but for what somebody else did on an account of the order.
    fn clock(&mut self, o: &Order, steps: &[Step], touched: &[Place], now: Timestamp) -> Result<(), String> {
        if o.intent.direction == Direction::Thaw || !o.state.is_frozen() {
            self.residual.remove(&o.id);
            return Ok(());
        }
        let left = step::residual(o, steps, now).unwrap_or(i64::MAX);
        let last = self.residual.insert(o.id, left).unwrap_or(i64::MAX);
        let theirs = |(t, a): &Place| steps.iter().any(|s| (&s.target, &s.account) == (t, a));
        let moved = self.lately.iter().chain(&self.given_back).any(theirs)
            || touched.iter().any(|(_, a)| a.starts_with(['a', 'x']))
            || o.gaps.iter().any(|g| g.what == GapKind::Appeared && g.waived_by.is_none())
            || self.before.get(&o.id).is_some_and(|(b, _)| b.state == OrderState::Drifted);
        law!(left <= last || moved, "35: {}: {last} -> {left}", name(o));
        Ok(())
    }

    /// When everything works again and time enough has passed: an order has ended or says what it waits for, and accounts are as the last
    /// order that ended on them left them.
    pub fn at_the_end(&self, sims: &[Sim], orders: &[(Order, Vec<Step>)]) -> Result<(), String> {
        for (o, steps) in orders {
            let stands = steps.iter().all(|s| !matches!(s.state, StepState::Sent | StepState::Async)) || o.state == OrderState::Failed;
            law!(stands, "32: {} still waits for an answer: {}", name(o), lines(steps));
            law!(
                o.state != OrderState::Executing || steps.iter().all(|s| s.state.is_settled()),
                "32: {} never ends: {}",
                name(o),
                lines(steps)
            );
        }
        for (of, log) in &self.doors {
            let Some((last, kind)) = log.last() else { continue };
            let Some((o, steps)) = orders.iter().find(|(o, _)| o.id == *last) else { continue };
            let done = steps.iter().any(|s| (&s.target, &s.account, s.kind, s.state) == (&of.0, &of.1, *kind, StepState::Confirmed));
            let ended = over(o) && done && !self.outside.contains(of);
            if let Some(known) = account(sims, of).filter(|_| ended) {
                law!(known.enabled == (*kind == StepKind::Unblock), "28: {} ended, and {of:?} is {known:?}", name(o));
            }
        }
        Ok(())
    }
}

fn account(sims: &[Sim], of: &Place) -> Option<Known> {
    sims.iter().find(|s| s.name() == of.0)?.accounts().remove(&of.1)
}

/// 36: of the orders that ran, those on fewer than two words begin, in any 24 hours, for no more people than the limit, as planned: a worker
/// that slept begins late what was due.
pub fn batch(orders: &Orders) -> Result<(), String> {
    let alone: Vec<&Order> = orders
        .values()
        .map(|(o, _)| o)
        .filter(|o| o.intent.direction == Direction::Freeze && o.started_at.is_some() && o.approvals.len() < 2)
        .collect();
    for first in &alone {
        let until = first.run_at() + SignedDuration::from_hours(24);
        let people: BTreeSet<PersonId> =
            alone.iter().filter(|o| o.run_at() >= first.run_at() && o.run_at() < until).map(|o| o.person).collect();
        law!(people.len() <= LIMIT, "36: {} people from {} on", people.len(), name(first));
    }
    Ok(())
}
