//! Customers and what is owed: who owns a customer when, handing one over, unfinished orders, receivables (domain.md 7, [CU-4], [OF-2]).
//!
//! A customer has exactly one owner, or is in the pool, at every instant. What owns it is folded from [`Point`]s: what files state, and
//! what was handed over here. Money belongs to the customer and never moves: a transfer changes who has to collect it.

use super::{
    act::{Act, Change, Context, Refusal, RefusalClass},
    ids::{CustomerId, OrderId, PersonId, ReceivableId, TransferId},
    person::{PersonRef, SpellState},
    sentence::Sentence,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// State of a hand-over of one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TransferState {
    /// A new owner is named.
    Proposed,
    /// The customer was asked.
    Requested,
    /// 待接替: the customer has a day to decline.
    Pending,
    /// The new owner owns it.
    Transferred,
    /// The customer declined: it is in the pool, and somebody is named for its receivables.
    Declined,
    /// It went to the pool.
    Pooled,
    /// Given up; the owner is who it was.
    Failed,
}

impl TransferState {
    /// Whether it still asks for work; at most one such transfer a customer.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Proposed | Self::Requested | Self::Pending)
    }
}

/// State of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrderState {
    Open,
    Shipped,
    Completed,
    Cancelled,
}

impl OrderState {
    /// Whether somebody still has to see to it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Shipped)
    }
}

/// A customer as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Customer {
    pub id: CustomerId,
    /// Customer number, unique in its source.
    pub number: String,
    pub name: String,
    /// Personal data of the customer: a telephone number, a name, an address.
    pub contact: Option<String>,
    /// `None` is the pool.
    #[serde(rename = "owner_id")]
    pub owner: Option<PersonId>,
    /// Since when that is so; `None` when nothing was ever said about it.
    pub since: Option<Date>,
    /// Who collects the receivables of a customer in the pool.
    #[serde(rename = "collector_id")]
    pub collector: Option<PersonId>,
    /// Counts changes that a person can see; orders and receivables carry none.
    pub version: i64,
    pub touched_by: Option<String>,
    pub touched_at: Timestamp,
}

impl Customer {
    /// Who answers for what the customer owes: the owner, or in the pool whoever was named.
    pub fn responsible(&self) -> Option<PersonId> {
        self.owner.or(self.collector)
    }
}

/// A moment from which a customer had an owner, or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    pub since: Date,
    /// Order within the day: 0 for what a file states, 1 and up for transfers.
    pub n: i64,
    /// `None` is the pool.
    pub owner: Option<PersonId>,
    /// Last day, where a file names one: the pool follows.
    pub until: Option<Date>,
    /// The transfer that made it; `None` for a file.
    pub transfer: Option<TransferId>,
}

/// One interval of ownership. Both days belong to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ownership {
    /// `None` is the pool.
    pub owner: Option<PersonId>,
    pub from: Date,
    /// `None`: until now.
    pub to: Option<Date>,
    pub transfer: Option<TransferId>,
}

/// One word about who owns a customer.
struct Word {
    day: Date,
    n: i64,
    owner: Option<PersonId>,
    transfer: Option<TransferId>,
    /// The end of somebody's time as a file states it; it says nothing about anybody else.
    ends: Option<PersonId>,
}

/// Folds points into intervals: in order, without gap or overlap from the first day on, neighbours with different owners. The order of
/// `points` does not matter.
///
/// A file that repeats what it stated before changes nothing, and neither does one that names somebody who has owned the customer since:
/// it is behind what was handed over here.
pub fn intervals(points: &[Point]) -> Vec<Ownership> {
    let mut words = Vec::with_capacity(points.len());
    for p in points {
        words.push(Word { day: p.since, n: p.n, owner: p.owner, transfer: p.transfer, ends: None });
        // The pool follows, unless the file says who does.
        let next = p.until.and_then(|u| u.tomorrow().ok()).filter(|_| p.transfer.is_none());
        if let Some(day) = next.filter(|day| points.iter().all(|q| q.transfer.is_some() || q.since != *day)) {
            words.push(Word { day, n: 0, owner: None, transfer: None, ends: p.owner });
        }
    }
    words.sort_by_key(|w| (w.day, w.n, w.owner));
    let mut out: Vec<Ownership> = Vec::new();
    // Who came to own it since a file last said something new, and what files said last.
    let mut passed: Vec<Option<PersonId>> = Vec::new();
    let mut stated: Option<Option<PersonId>> = None;
    for w in words {
        if w.ends.is_some() && out.last().is_none_or(|last| last.owner != w.ends) {
            continue;
        }
        if w.transfer.is_some() {
            passed.push(w.owner);
        } else {
            let behind = passed.iter().position(|o| *o == w.owner);
            let echo = stated == Some(w.owner) || behind.is_some();
            stated = Some(w.owner);
            if let Some(at) = behind {
                passed.drain(..=at);
            }
            if echo {
                continue;
            }
            passed.clear();
        }
        // The last word of a day is the day's.
        if out.last().is_some_and(|last| last.from == w.day) {
            out.pop();
        }
        match out.last_mut() {
            Some(last) if last.owner == w.owner => last.to = None,
            last => {
                if let Some(last) = last {
                    last.to = w.day.yesterday().ok();
                }
                out.push(Ownership { owner: w.owner, from: w.day, to: None, transfer: w.transfer });
            }
        }
    }
    out
}

/// Who owned it on a day; `None` is the pool, also before anything was stated.
pub fn owner_on(intervals: &[Ownership], day: Date) -> Option<PersonId> {
    intervals.iter().rev().find(|i| i.from <= day).and_then(|i| i.owner)
}

/// An order that a customer placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    pub id: OrderId,
    pub number: String,
    pub customer: CustomerId,
    pub placed_on: Date,
    /// In fen, 0 or more.
    pub amount_fen: i64,
    pub state: OrderState,
}

/// Money that a customer owes; 0 once it is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receivable {
    pub id: ReceivableId,
    pub number: String,
    pub customer: CustomerId,
    /// In fen, 0 or more.
    pub amount_fen: i64,
    pub due_on: Date,
}

/// A hand-over of one customer, with what is attached to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Transfer {
    pub id: TransferId,
    pub customer: CustomerId,
    /// `None` is the pool.
    pub from: Option<PersonId>,
    /// `None` is the pool.
    pub to: Option<PersonId>,
    pub state: TransferState,
    /// Unfinished orders when it last moved.
    pub open_orders: i64,
    /// What the customer owed when it last moved, in fen.
    pub receivable_fen: i64,
    /// Who collects it after a refusal or in the pool.
    pub collector: Option<PersonId>,
    pub proposed_by: String,
    pub proposed_at: Timestamp,
    /// Until when the customer may decline.
    pub pending_until: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// Somebody who may take a customer, or collect what it owes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Taker {
    pub id: PersonId,
    pub number: String,
    pub state: SpellState,
    /// On notice, departed, or with an open offboarding case.
    pub leaving: bool,
}

/// What a decision about a customer may look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustomerFacts {
    pub customer: Customer,
    /// The transfer that is under way.
    pub open: Option<Transfer>,
    /// Unfinished orders.
    pub open_orders: i64,
    /// What the customer owes, in fen.
    pub receivable_fen: i64,
    /// Who is to own it: named by the act, or by the transfer that is under way.
    pub taker: Option<Taker>,
    /// Who is to collect, where the act names somebody.
    pub collector: Option<Taker>,
    /// The company's civil day.
    pub today: Date,
    /// Points that the day has already, so that a new one comes after them.
    pub points_today: i64,
}

/// Refuses when the operator saw an older version.
pub fn check_version(f: &CustomerFacts, seen: Option<i64>) -> Result<(), Refusal> {
    let c = &f.customer;
    match seen {
        Some(v) if v != c.version => Err(Refusal::new(
            RefusalClass::Conflict,
            Sentence::new("refused-conflict")
                .with("by", c.touched_by.as_deref().unwrap_or("@machine"))
                .with("at", c.touched_at)
                .with("act", "@act-customer-change")
                .with("state", state_key(f))
                .with("seen", v)
                .with("version", c.version),
        )),
        _ => Ok(()),
    }
}

/// The state that a reader sees: of the transfer that is under way, else whether somebody owns it.
fn state_key(f: &CustomerFacts) -> String {
    match (&f.open, f.customer.owner) {
        (Some(t), _) => format!("@transfer-state-{}", t.state),
        (None, Some(_)) => "@custody-owned".into(),
        (None, None) => "@custody-pool".into(),
    }
}

fn policy(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Policy, Sentence::new(code))
}

/// Whether somebody may take over: in post, and not leaving.
pub fn may_take(taker: Option<&Taker>) -> Result<PersonId, Refusal> {
    let Some(t) = taker else { return Err(Refusal::new(RefusalClass::NotFound, Sentence::new("refused-no-taker"))) };
    let say = |code| Err(Refusal::new(RefusalClass::Policy, Sentence::new(code).with("number", &t.number)));
    match t.state {
        _ if t.leaving => say("refused-taker-leaving"),
        SpellState::Active | SpellState::Probation => Ok(t.id),
        _ => say("refused-taker-not-in-post"),
    }
}

/// Who collects what a customer in the pool owes: somebody must, where it owes anything.
fn collector(f: &CustomerFacts, named: Option<PersonId>) -> Result<Option<PersonId>, Refusal> {
    match named {
        Some(_) => may_take(f.collector.as_ref()).map(Some),
        None if f.receivable_fen > 0 => Err(policy("refused-no-collector")),
        None => Ok(None),
    }
}

/// Decides an act on one customer. Pure: `cx` brings time, ids and policy.
pub fn decide(f: &CustomerFacts, act: &Act, cx: &mut Context) -> Result<Vec<Change>, Refusal> {
    use TransferState::{Declined, Failed, Pending, Pooled, Proposed, Requested, Transferred};
    let mut c = f.customer.clone();
    let mut changes = Vec::new();
    // An act on a transfer that nobody has begun, or that is over.
    let none = || Refusal::new(RefusalClass::Conflict, Sentence::new("refused-no-transfer").with("state", state_key(f)));
    let begin = |cx: &mut Context, to, state| Transfer {
        id: TransferId(cx.id()),
        customer: f.customer.id,
        from: f.customer.owner,
        to,
        state,
        open_orders: f.open_orders,
        receivable_fen: f.receivable_fen,
        collector: None,
        proposed_by: cx.operator_name.clone(),
        proposed_at: cx.now,
        pending_until: None,
        ended_at: None,
    };
    let mut moves = None;
    match act {
        Act::CustomerTransfer { .. } => {
            if let Some(t) = &f.open {
                return Err(Refusal::new(
                    RefusalClass::Conflict,
                    Sentence::new("refused-transfer-open").with("state", format!("@transfer-state-{}", t.state)).with("by", &t.proposed_by),
                ));
            }
            let to = may_take(f.taker.as_ref())?;
            if c.owner == Some(to) {
                return Err(policy("refused-transfer-self"));
            }
            changes.push(Change::Transfer(begin(cx, Some(to), Proposed)));
        }
        Act::CustomerAdvance { confirmed } => {
            let mut t = f.open.clone().ok_or_else(none)?;
            t.state = match t.state {
                Proposed => Requested,
                Requested => {
                    t.pending_until = Some(cx.now + SignedDuration::from_hours(cx.policy.decline_hours));
                    Pending
                }
                _ => {
                    if let Some(until) = t.pending_until.filter(|u| cx.now < *u && !confirmed) {
                        return Err(Refusal::new(RefusalClass::Policy, Sentence::new("refused-transfer-early").with("at", until)));
                    }
                    Transferred
                }
            };
            // Weeks may lie between: whoever was to take it may be leaving by now, and a file may have named another owner.
            let to = may_take(f.taker.as_ref())?;
            if t.to != Some(to) || t.from != c.owner {
                return Err(policy("refused-transfer-overtaken"));
            }
            if t.state == Transferred {
                t.ended_at = Some(cx.now);
                c.collector = None;
                moves = Some((Some(to), t.id));
            }
            changes.push(Change::Transfer(t));
        }
        Act::CustomerDecline { collector: named } => {
            let mut t = f.open.clone().ok_or_else(none)?;
            if t.state == Proposed {
                return Err(policy("refused-decline-unasked"));
            }
            t.collector = collector(f, *named)?;
            t.state = Declined;
            t.ended_at = Some(cx.now);
            c.collector = t.collector;
            moves = Some((None, t.id));
            changes.push(Change::Transfer(t));
        }
        Act::CustomerPool { collector: named } => {
            if c.owner.is_none() {
                return Err(policy("refused-already-pool"));
            }
            let mut t = f.open.clone().unwrap_or_else(|| begin(cx, None, Pooled));
            t.collector = collector(f, *named)?;
            t.state = Pooled;
            t.ended_at = Some(cx.now);
            c.collector = t.collector;
            moves = Some((None, t.id));
            changes.push(Change::Transfer(t));
        }
        Act::CustomerFail => {
            let mut t = f.open.clone().ok_or_else(none)?;
            t.state = Failed;
            t.ended_at = Some(cx.now);
            changes.push(Change::Transfer(t));
        }
        Act::CustomerCollect { .. } => {
            if c.owner.is_some() {
                return Err(policy("refused-collector-owned"));
            }
            let named = may_take(f.collector.as_ref())?;
            if c.collector == Some(named) {
                return Err(policy("refused-no-change"));
            }
            c.collector = Some(named);
        }
        _ => return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-wrong-target"))),
    }
    for change in &mut changes {
        if let Change::Transfer(t) = change {
            t.open_orders = f.open_orders;
            t.receivable_fen = f.receivable_fen;
        }
    }
    c.version += 1;
    c.touched_by = Some(cx.operator_name.clone());
    c.touched_at = cx.now;
    let point = moves.map(|(owner, transfer)| {
        (c.owner, c.since) = (owner, Some(f.today));
        Point { since: f.today, n: f.points_today + 1, owner, until: None, transfer: Some(transfer) }
    });
    changes.push(Change::Customer { customer: c, point });
    Ok(changes)
}

/// A customer that somebody holds, as a hand-over list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Held {
    pub customer: CustomerId,
    pub number: String,
    pub name: String,
    /// Since when it is held.
    pub since: Date,
    /// Version of the customer, for acts on it.
    pub version: i64,
    /// Unfinished orders.
    pub open_orders: i64,
    /// What they come to, in fen.
    pub order_fen: i64,
    /// What the customer owes, in fen.
    pub receivable_fen: i64,
    /// State of the transfer that is under way.
    pub transfer: Option<TransferState>,
    /// Until when the customer may decline it.
    pub until: Option<Timestamp>,
    /// Who takes it over.
    pub to: Option<PersonId>,
}

/// A row of the customer list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustomerRow {
    #[serde(flatten)]
    pub customer: Customer,
    /// `None` is the pool.
    pub owner: Option<PersonRef>,
    pub collector: Option<PersonRef>,
    /// Unfinished orders.
    pub open_orders: i64,
    /// What the customer owes, in fen.
    pub receivable_fen: i64,
    /// The transfer that is under way.
    pub transfer: Option<Transfer>,
}

/// Which customers.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CustomerView {
    #[default]
    All,
    /// Nobody owns them.
    Pool,
    /// Their owner is leaving, or has left.
    Leaving,
    /// A transfer is under way.
    Moving,
}

#[cfg(test)]
mod tests;
