//! What an act leaves behind: every change has one place where it is written.

use super::Service;
use crate::{
    backend::{Failure, Touched},
    domain::{
        act::{Change, Context, Entity},
        ids::{AlertId, CaseId, CustomerId, FreezeId, ItemId, PlanId, SpellId},
    },
    store::{self, StoreError, Tx},
};
use std::collections::BTreeSet;
use uuid::Uuid;

impl Service {
    /// Writes one change.
    pub(super) fn apply(&self, tx: &mut Tx, change: &Change, cx: &mut Context, touched: &mut Touch) -> Result<(), Failure> {
        match change {
            Change::Alert(a) => {
                store::alert::put(tx, a)?;
                // Raised just now, or ended: in between nothing is counted.
                if a.kind.wants_talk() && (a.version == 1 || !a.state.is_open()) {
                    touched.uncounted.insert(a.spell);
                }
                touched.alerts.insert(a.id);
            }
            Change::Note { alert, person, text } => {
                let (id, by) = (cx.id(), cx.operator_name.clone());
                store::alert::add_note(tx, id, alert.0, *person, &by, text)?;
                touched.alerts.insert(*alert);
            }
            Change::OrderNote { order, person, text } => {
                let (id, by) = (cx.id(), cx.operator_name.clone());
                store::alert::add_note(tx, id, order.0, *person, &by, text)?;
                touched.freezes.insert(*order);
            }
            Change::Talk(t) => store::alert::add_talk(tx, t)?,
            Change::Contest(c) => self.apply_contest(tx, c, touched)?,
            Change::Plan(p) => {
                store::plan::put(tx, p)?;
                touched.plans.insert(p.id);
            }
            Change::Approval(a) => {
                store::approval::put(tx, a)?;
                touched.other.insert(("approval", a.id.0));
                match a.entity {
                    Entity::Alert => {
                        touched.alerts.insert(AlertId(a.subject));
                    }
                    Entity::Freeze => {
                        touched.freezes.insert(FreezeId(a.subject));
                    }
                    Entity::HandoverItem => touched.cases.extend(store::offboarding::case_of_item(tx, ItemId(a.subject))?),
                    Entity::Plan => {
                        touched.plans.insert(PlanId(a.subject));
                    }
                    _ => {}
                }
            }
            Change::Customer { customer, point } => {
                store::customer::put(tx, customer)?;
                if let Some(point) = point {
                    store::customer::hand_over(tx, customer.id, point)?;
                }
                touched.customers.insert(customer.id);
            }
            Change::Transfer(t) => store::customer::put_transfer(tx, t)?,
            Change::KindPolicy(k) => {
                store::signal::put_kind(tx, k)?;
                // A disabled kind must not influence a new score, an enabled one must: everyone is scored again.
                store::score::mark_all(tx)?;
                self.queue(tx, "score", "all", tx.now(), "")?;
            }
            Change::TokenAdd { token, hash } => store::token::add(tx, token, hash)?,
            Change::Token(t) => store::token::put(tx, t)?,
            Change::SshKey(k) => store::ssh_key::put(tx, k)?,
            Change::Operator(o) => {
                store::operator::put(tx, o)?;
                touched.other.insert(("operator", o.id.0));
            }
            Change::SortName { person, sort_name, version } => {
                store::person::set_sort_name(tx, *person, sort_name, *version)?;
                touched.other.insert(("person", person.0));
            }
            Change::Reveal { person, operator, role, until } => {
                store::reveal::put(tx, *operator, *person, *role, *until)?;
                touched.other.insert(("person", person.0));
            }
            Change::Erase { person } => {
                super::erase::erase(tx, *person)?;
                self.erase_drafts(tx)?;
                touched.other.insert(("person", person.0));
            }
            Change::Freeze(o) => {
                self.apply_order(tx, o)?;
                touched.freezes.insert(o.id);
            }
            Change::Steps(id, steps) => store::freeze::put_steps(tx, *id, steps)?,
            Change::Drill(d) => {
                store::freeze::put_drill(tx, d)?;
                touched.other.insert(("drill", Uuid::nil()));
            }
            Change::Link(l) => {
                store::freeze::put_link(tx, l)?;
                touched.other.insert(("person", l.person.0));
            }
            Change::Unlink { target, account, person } => {
                store::freeze::unlink(tx, target, account, *person)?;
                touched.other.insert(("person", person.0));
            }
            Change::Case { .. } | Change::Item(_) | Change::Duty(_) | Change::Spell { .. } | Change::Export { .. } => {
                self.apply_offboarding(tx, change, touched)?;
            }
        }
        Ok(())
    }

    /// Tells watchers, wakes the clocks, and reads the touched rows back as they are now.
    pub(super) fn announce(&self, tx: &mut Tx, touched: &Touch) -> Result<Vec<Touched>, StoreError> {
        self.uncount(tx, &touched.uncounted)?;
        let mut rows = Vec::new();
        for id in &touched.alerts {
            store::audit::announce(tx, "alert", Some(id.0))?;
            if let Some(row) = store::alert::row(tx, *id)? {
                rows.push(Touched::Alert(Box::new(row)));
            }
        }
        for id in &touched.plans {
            store::audit::announce(tx, "plan", Some(id.0))?;
            if let Some(row) = store::plan::row(tx, *id)? {
                rows.push(Touched::Plan(Box::new(row)));
            }
        }
        for id in &touched.freezes {
            store::audit::announce(tx, "freeze", Some(id.0))?;
            if let Some(row) = store::freeze::row(tx, *id)? {
                rows.push(Touched::Freeze(Box::new(row)));
            }
        }
        for id in &touched.customers {
            store::audit::announce(tx, "customer", Some(id.0))?;
            if let Some(row) = store::customer::row(tx, *id)? {
                rows.push(Touched::Customer(Box::new(row)));
            }
        }
        for id in &touched.cases {
            store::audit::announce(tx, "offboarding", Some(id.0))?;
            if let Some(card) = store::offboarding::card(tx, *id, self.day(tx.now()))? {
                rows.push(Touched::Offboarding(Box::new(card)));
            }
        }
        for (what, id) in &touched.other {
            store::audit::announce(tx, what, Some(*id))?;
        }
        if !(touched.alerts.is_empty() && touched.plans.is_empty() && touched.freezes.is_empty() && touched.customers.is_empty())
            && let Some(due) = super::clocks::next_clock(tx)?
        {
            self.queue(tx, "clocks", "all", due, "")?;
        }
        Ok(rows)
    }
}

/// What a request touched.
#[derive(Default)]
pub(super) struct Touch {
    alerts: BTreeSet<AlertId>,
    plans: BTreeSet<PlanId>,
    freezes: BTreeSet<FreezeId>,
    customers: BTreeSet<CustomerId>,
    pub cases: BTreeSet<CaseId>,
    pub other: BTreeSet<(&'static str, Uuid)>,
    /// Of whom something changed that is counted.
    pub uncounted: BTreeSet<SpellId>,
}
