//! Whether an order may begin, and go on: the employment and the resignation that it was for, and what a thaw must not revive.

use super::{
    Direction, Gap, GapKind, Order, OrderState, Step,
    order::{next_number, touch},
    plan::{self, hash},
};
use crate::domain::{
    person::{Person, SpellState},
    sentence::Sentence,
};
use jiff::{Timestamp, civil::Date};
use std::collections::BTreeSet;

/// What the executor knows when an order's hour has come.
#[derive(Clone, Debug, PartialEq)]
pub struct StartFacts {
    pub order: Order,
    pub person: Person,
    /// Accounts of the person now, by target; a target that could not be read is missing.
    pub accounts: Vec<(String, String)>,
    /// The order that a thaw takes back, with its steps.
    pub undoes: Option<(Order, Vec<Step>)>,
}

/// Begins an approved order, or says why it must not run any more.
///
/// The spell is looked at once more: a resignation that was withdrawn, a last day that was moved, or a new spell, cancels (failure case
/// "Resignation withdrawn"). An account that appeared since runs nothing and makes the order partial.
pub fn start(f: &StartFacts, now: Timestamp) -> Option<Order> {
    let mut o = f.order.clone();
    if o.state != OrderState::Approved || o.run_at() > now {
        return None;
    }
    touch(&mut o, None, now);
    if !as_planned(&o, &f.person) || hash(&o.intent) != o.plan_hash {
        o.state = OrderState::Cancelled;
        o.why = Some(Sentence::new("order-spell-changed"));
        return Some(o);
    }
    // Since it was approved somebody may have come in again.
    if let Some(why) = f.undoes.as_ref().and_then(|(of, done)| plan::still_live(of, done, &o.intent.steps, now)) {
        o.state = OrderState::Cancelled;
        o.why = Some(why);
        return Some(o);
    }
    let known: BTreeSet<(&str, &str)> = o.intent.steps.iter().map(|s| (s.target.as_str(), s.account.as_str())).collect();
    let gapped: BTreeSet<(&str, &str)> = o.gaps.iter().filter_map(|g| Some((g.target.as_str(), g.account.as_deref()?))).collect();
    let appeared: Vec<_> = f
        .accounts
        .iter()
        .filter(|(t, a)| !known.contains(&(t.as_str(), a.as_str())) && !gapped.contains(&(t.as_str(), a.as_str())))
        .cloned()
        .collect();
    // What stands in for a target was never meant to take all accounts.
    if o.intent.direction == Direction::Freeze && !o.intent.stands_in() {
        for (target, account) in appeared {
            let n = next_number(&o);
            o.gaps.push(Gap::new(n, target, Some(account), GapKind::Appeared));
        }
    }
    o.state = OrderState::Executing;
    // What was said of it while it waited is over; that it is late is not.
    o.why = o.why.filter(|why| why.code == "order-late");
    o.started_at = Some(now);
    o.leaving = leaves(f.person.state);
    Some(o)
}

/// Whether a person's employment still is what an order was planned for. Leaving as announced is no change, and what else a file says of
/// somebody who leaves is none either.
pub fn as_planned(o: &Order, p: &Person) -> bool {
    let freeze = o.intent.direction == Direction::Freeze;
    let announced = match p.state {
        SpellState::Departed => freeze,
        SpellState::Notice => freeze && (o.last_day.is_none() || o.last_day == p.last_day),
        _ => false,
    };
    o.spell == p.spell && !p.erased && (p.version == o.intent.spell_version || announced)
}

/// Marks an order that waits for its hour and will be void then, once: whoever counts on it is told at once.
pub fn outdated(o: &Order, p: &Person, now: Timestamp) -> Option<Order> {
    let waits = matches!(o.state, OrderState::PendingApproval | OrderState::Approved) && o.why.is_none();
    (waits && !as_planned(o, p)).then(|| {
        let mut next = Order { why: Some(Sentence::new("order-outdated")), ..o.clone() };
        touch(&mut next, None, now);
        next
    })
}

/// What HR's own record says of an employment, and who said it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub number: String,
    /// The source, and the person's key in it.
    pub source: String,
    pub key: String,
    /// The last file of that source, where there is one.
    pub file: Option<String>,
    pub stated_on: Date,
    pub state: SpellState,
}

/// Why an order has drifted, with the record that is to be mended: a sync that reads it gives access back again and again.
pub fn drifted(r: &Record) -> Sentence {
    Sentence::new(if leaves(r.state) { "order-drifted-behind" } else { "order-drifted-record" })
        .with("number", &r.number)
        .with("source", &r.source)
        .with("key", &r.key)
        .with("file", r.file.as_deref().unwrap_or("-"))
        .with("on", r.stated_on)
        .with("state", format!("@spell-state-{}", r.state.to_string().replace('_', "-")))
}

fn leaves(state: SpellState) -> bool {
    matches!(state, SpellState::Notice | SpellState::Departed)
}

/// Why an order that runs has lost its grounds, if it has; asked before every batch that is sent.
///
/// A freeze ends with its employment or with the resignation that it was for; a thaw gives nothing back to somebody who left meanwhile.
pub fn lost_grounds(o: &Order, person: &Person) -> Option<&'static str> {
    if o.spell != person.spell || person.erased {
        return Some("order-spell-ended");
    }
    match o.intent.direction {
        Direction::Freeze if o.leaving && !leaves(person.state) => Some("order-withdrawn"),
        Direction::Thaw if person.state == SpellState::Departed => Some("order-left"),
        _ => None,
    }
}
