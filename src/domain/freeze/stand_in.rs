//! A gateway that blocks a person while a target cannot be reached (failure case "IdP down half-way").
//!
//! A target that stands in for others is part of no ordinary plan. The machine asks for a block on it once one of the others keeps a
//! suspension open; somebody approves that, or not, and nothing of it is taken back by itself.

use super::{Direction, GapKind, Level, Meanwhile, Order, OrderState, Step, StepState, plan::Plan};
use crate::domain::{
    sentence::Sentence,
    target::{Card, StepKind},
};
use std::collections::BTreeSet;

/// What is done on a gateway: nothing that a thaw would not give back.
pub(super) const KINDS: &[StepKind] = &[StepKind::BlockSignIn, StepKind::RevokeSessions, StepKind::KillLive];

/// Targets of a suspension at work on which somebody still gets in because they could not be reached, or did not say what became of a call.
pub fn out_of_reach(o: &Order, steps: &[Step]) -> BTreeSet<String> {
    let suspends = o.intent.direction == Direction::Freeze && o.intent.level == Level::Suspend && !o.intent.stands_in();
    if !suspends || o.held || !matches!(o.state, OrderState::Executing | OrderState::Partial) {
        return BTreeSet::new();
    }
    let unread = o.gaps.iter().filter(|g| g.what == GapKind::Unread && g.keeps_open()).map(|g| &g.target);
    let lost = |s: &&Step| {
        let drifted = s.error.as_ref().is_none_or(|e| e.code == "step-drifted");
        matches!(s.state, StepState::Pending | StepState::Unknown) && s.attempts > 0 && !drifted
    };
    unread.chain(steps.iter().filter(lost).map(|s| &s.target)).cloned().collect()
}

/// Whether a target can stand in for one of these, and has not been asked to for this order: a no is an answer.
pub fn wanted(o: &Order, down: &BTreeSet<String>, card: &Card) -> bool {
    card.stands_in_for.iter().any(|t| down.contains(t)) && o.meanwhile.iter().all(|m| m.by != card.name)
}

/// What a plan says of targets that could not be read and of those that stand in for them.
pub fn offered<'a>(plan: &Plan, cards: impl Iterator<Item = &'a Card>) -> Vec<Sentence> {
    let suspends = plan.intent.direction == Direction::Freeze && plan.intent.level == Level::Suspend;
    let unread: Vec<_> = plan.gaps.iter().filter(|g| suspends && g.what == GapKind::Unread).map(|g| &g.target).collect();
    let of = |c: &'a Card| unread.iter().filter(|t| c.stands_in_for.contains(t)).map(|t| (t.to_string(), c)).collect::<Vec<_>>();
    cards.flat_map(of).map(|(t, c)| Sentence::new("freeze-stand-in").with("target", t).with("by", &c.name)).collect()
}

/// Notes which of the targets that something stands in for are done: its block may then be thawed.
pub(super) fn reached(o: &mut Order, steps: &[Step]) {
    for m in &mut o.meanwhile {
        let unread = o.gaps.iter().any(|g| g.target == m.target && g.what == GapKind::Unread && g.keeps_open());
        m.over = !unread && steps.iter().filter(|s| s.target == m.target).all(|s| s.state.is_settled());
    }
}

/// What an order says of those that stand in, and one that stands in of itself.
pub(super) fn lines(o: &Order) -> Vec<Sentence> {
    let mut out = Vec::new();
    if o.intent.stands_in() {
        out.push(Sentence::new("order-stands-in").with("targets", o.intent.stands_in_for.join(", ")));
    }
    let line = |m: &Meanwhile| {
        let code = if m.over { "order-meanwhile-over" } else { "order-meanwhile" };
        Sentence::new(code).with("target", &m.target).with("by", &m.by).with("order", m.order)
    };
    out.extend(o.meanwhile.iter().map(line));
    out
}
