//! After the freeze: looking again on a schedule, drift, the tripwire, and the second person's word that did not come.

use super::{super::Service, REPLAN, TARGET, run::observed};
use crate::{
    backend::Failure,
    domain::{
        act::Entity,
        alert::AlertKind,
        audit::Item,
        freeze::{
            Order, OrderState, Step, StepState, grounds,
            order::{self, OrderFacts},
            step,
        },
        ids::{FreezeId, PersonId, SpellId},
        sentence::Sentence,
        target::{Observed, ReadFault},
    },
    store::{self, StoreError, Tx},
};
use futures_util::future::join_all;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// Kind of the job that looks at frozen accounts again.
pub const WATCH: &str = "freeze_watch";
/// Orders in one look.
const BATCH: i64 = 16;

/// What was read, by (target, account).
type Readings = BTreeMap<(String, String), Result<Observed, ReadFault>>;
/// Orders with the versions before, and steps of theirs, of one entry.
type Entries = (Vec<(Order, i64)>, Vec<(FreezeId, Step)>);

/// What a look came to.
#[derive(Default)]
struct Noted {
    well: Entries,
    drifted: Entries,
}

impl Service {
    /// Sees to it that the next look and the next lapse are in the queue.
    pub(super) fn queue_watch(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let due = [store::freeze::next_check(tx)?, store::freeze::next_confirm(tx)?].into_iter().flatten().min();
        match due {
            Some(due) => self.queue(tx, WATCH, "all", due, ""),
            None => Ok(()),
        }
    }

    /// Looks at every frozen order that is due, and at words that did not come. `go_on` as of [`Service::start_order`].
    pub fn watch_orders(&self, go_on: &dyn Fn(SignedDuration) -> bool) -> Result<(), Failure> {
        self.lapses()?;
        let mut closed = None;
        while go_on(self.slowest()) {
            let due = self.db.read(|tx| store::freeze::to_check(tx, BATCH))?;
            if due.is_empty() {
                break;
            }
            closed = closed.or(self.look_again(&due)?);
        }
        if let Some(of) = closed {
            // Nothing of that target is covered; one alert says so, not one a person.
            self.db.write(|tx| -> Result<(), Failure> {
                tx.lock()?;
                self.connector_down(tx, of)
            })?;
        }
        self.db.write(|tx| Ok::<_, Failure>(self.queue_watch(tx)?))
    }

    /// Reads the accounts of frozen people once more: all at once, and in one commit. Gives an order whose target refuses our credential.
    fn look_again(&self, due: &[FreezeId]) -> Result<Option<FreezeId>, Failure> {
        let looked: Vec<OrderFacts> = self.db.read(|tx| -> Result<_, StoreError> {
            let mut all = Vec::with_capacity(due.len());
            for id in due {
                all.extend(store::freeze::facts(tx, *id)?);
            }
            Ok(all)
        })?;
        let accounts: BTreeSet<(String, String)> =
            looked.iter().flat_map(|f| f.steps.iter().map(|s| (s.target.clone(), s.account.clone()))).collect();
        let read = self.read_accounts(accounts)?;
        let of = |s: &Step| read.get(&(s.target.clone(), s.account.clone()));
        let shut = |f: &&OrderFacts| f.steps.iter().filter_map(of).any(|r| r.as_ref().is_err_and(|e| e.unauthorised));
        let closed = looked.iter().find(shut).map(|f| f.order.id);
        self.db.write(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let mut done = Noted::default();
            for before in &looked {
                let id = before.order.id;
                // Somebody changed it while we read: what was read is of another order. A thaw gives back what would look like drift.
                let Some(f) = store::freeze::facts(tx, id)?.filter(|f| f.order.version == before.order.version) else { continue };
                // Nor does a reading from before a step was confirmed say anything about it.
                let read = |s: &Step| of(s).filter(|_| before.steps.contains(s)).and_then(|r| r.as_ref().ok()).cloned();
                self.looked_at(tx, &f, &read, &mut done)?;
            }
            for (act, (orders, steps)) in [("freeze.verified", done.well), ("freeze.drift", done.drifted)] {
                if !orders.is_empty() {
                    self.entry(tx, act, &orders, &steps)?;
                }
            }
            Ok(())
        })?;
        Ok(closed)
    }

    /// Reads accounts, by (target, account); those of a target that is no longer declared are missing.
    fn read_accounts(&self, accounts: BTreeSet<(String, String)>) -> Result<Readings, Failure> {
        if self.targets.all().is_empty() {
            return Ok(Readings::new());
        }
        let asked: Vec<_> = accounts.into_iter().filter_map(|(t, a)| Some((self.targets.get(&t)?.clone(), t, a))).collect();
        self.targets.wait(async move {
            join_all(asked.into_iter().map(|(target, t, a)| async move {
                let read = target.get(&a).await.map(observed);
                ((t, a), read)
            }))
            .await
            .into_iter()
            .collect()
        })
    }

    /// What one look changes.
    fn looked_at(&self, tx: &mut Tx, f: &OrderFacts, seen: &dyn Fn(&Step) -> Option<Observed>, done: &mut Noted) -> Result<(), Failure> {
        let (o, steps) = (&f.order, &f.steps);
        let limits = self.config.policy().freeze;
        let drift = step::drift(steps, seen);
        let now = tx.now();
        let all_read = steps.iter().all(|s| seen(s).is_some());
        let (mut next, mut changed) = order::verified(o, steps, &drift, all_read, &limits, now);
        self.tell(tx, o, &mut next)?;
        if !drift.sign_ins.is_empty() {
            // The wire is set anew at the sign-in that tripped it: one is told once.
            for s in steps.iter().filter(|s| drift.sign_ins.contains(&s.n)) {
                let sign_in = seen(s).and_then(|o| o.last_sign_in);
                match changed.iter_mut().find(|c| c.n == s.n) {
                    Some(c) => c.sign_in = sign_in,
                    None => changed.push(Step { sign_in, ..s.clone() }),
                }
            }
            self.raise(tx, &next, AlertKind::PostFreezeActivity)?;
        }
        // Sessions that were over are open again.
        let again = next.gaps.iter().zip(&o.gaps).any(|(now, before)| now.over_at.is_none() && before.over_at.is_some());
        if again || next.gaps.len() > o.gaps.len() {
            self.raise(tx, &next, AlertKind::PostFreezeActivity)?;
        }
        if !drift.steps.is_empty() {
            // What the HR record says is read now: a sync goes by it.
            next.why = store::person::record(tx, o.spell)?.map(|r| grounds::drifted(&r)).or(next.why);
            self.raise(tx, &next, AlertKind::FreezeDrift)?;
            if next.state == OrderState::Drifted && o.state != OrderState::Drifted {
                self.queue(tx, REPLAN, &o.id.to_string(), now, "")?;
            }
        }
        store::freeze::put_steps(tx, o.id, &changed)?;
        store::freeze::put(tx, &next)?;
        if next.state == OrderState::Partial {
            // It takes back by itself what drifted.
            for s in changed.iter().filter(|s| s.state == StepState::Pending) {
                self.queue(tx, TARGET, &s.target, tx.now(), "")?;
            }
        }
        if next.version != o.version || !changed.is_empty() {
            store::audit::announce(tx, "freeze", Some(o.id.0))?;
            let (orders, noted) = if drift.steps.is_empty() { &mut done.well } else { &mut done.drifted };
            noted.extend(changed.into_iter().map(|s| (o.id, s)));
            orders.push((next, o.version));
        }
        Ok(())
    }

    /// Says once of a freeze that it has no grounds any more, or that it does not come to an end.
    fn tell(&self, tx: &mut Tx, before: &Order, next: &mut Order) -> Result<(), Failure> {
        let stays = matches!(self.lost_grounds(tx, next.id)?, Some((_, "order-withdrawn"))) && next.why.is_none();
        if stays {
            next.why = Some(Sentence::new("order-stays"));
            if next.version == before.version {
                order::touch(next, None, tx.now());
            }
        }
        let stuck = next.state == OrderState::Partial && store::alert::of_spell(tx, next.spell, AlertKind::FreezeStopped)?.0.is_none();
        if stays || stuck {
            self.raise(tx, next, AlertKind::FreezeStopped)?;
        }
        Ok(())
    }

    /// Immediate orders that nobody confirmed in time: an alert, and no thaw.
    fn lapses(&self) -> Result<(), Failure> {
        self.db.write(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let now = tx.now();
            for o in store::freeze::unconfirmed(tx, 200)?.iter().filter(|o| order::unconfirmed(o, now)) {
                self.raise(tx, o, AlertKind::FreezeUnconfirmed)?;
                let lapsed = Order { lapsed_at: Some(now), ..o.clone() };
                store::freeze::put(tx, &lapsed)?;
            }
            Ok(())
        })
    }

    /// Orders that wait for an hour at which they will be void: said now, not then.
    pub(in crate::service) fn outdated_orders(&self) -> Result<(), Failure> {
        if self.db.read(store::freeze::planned_otherwise)?.is_empty() {
            return Ok(());
        }
        self.db.write(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let now = tx.now();
            for o in store::freeze::planned_otherwise(tx)? {
                let Some(person) = store::person::get(tx, o.person)? else { continue };
                let Some(next) = grounds::outdated(&o, &person, now) else { continue };
                store::freeze::put(tx, &next)?;
                self.raise(tx, &next, AlertKind::FreezeStopped)?;
                store::audit::announce(tx, "freeze", Some(o.id.0))?;
                self.entry(tx, "freeze.outdated", &[(next, o.version)], &[])?;
            }
            Ok(())
        })
    }

    /// The approval of an order ran out.
    pub(in crate::service) fn expire_order(&self, tx: &mut Tx, id: FreezeId) -> Result<Option<Item>, StoreError> {
        let Some(o) = store::freeze::get(tx, id)? else { return Ok(None) };
        let now = tx.now();
        let Some(next) = order::expired(&o, now) else { return Ok(None) };
        store::freeze::put(tx, &next)?;
        store::audit::announce(tx, "freeze", Some(id.0))?;
        let (before, after) = (Some(o.version), Some(next.version));
        Ok(Some(Item { entity: Entity::Freeze, id: id.0, person: Some(o.person), before, after, sealed: None }))
    }

    /// Our own credential was refused: nothing of that target is covered.
    pub(super) fn connector_down(&self, tx: &mut Tx, order: FreezeId) -> Result<(), Failure> {
        match store::freeze::get(tx, order)? {
            Some(o) => self.raise(tx, &o, AlertKind::ConnectorDown),
            None => Ok(()),
        }
    }

    /// Raises an alert about the person of an order, or adds to the open one.
    pub(super) fn raise(&self, tx: &mut Tx, o: &Order, kind: AlertKind) -> Result<(), Failure> {
        self.raise_of(tx, kind, o.person, o.spell)
    }

    /// The same where there is no order yet.
    pub(super) fn raise_of(&self, tx: &mut Tx, kind: AlertKind, person: PersonId, spell: SpellId) -> Result<(), Failure> {
        let before = store::alert::of_spell(tx, spell, kind)?.0.map(|a| a.version);
        let mut cx = self.machine(tx.now());
        let a = store::alert::raise(tx, kind, person, spell, &mut cx)?;
        let item = Item { entity: Entity::Alert, id: a.id.0, person: Some(person), before, after: Some(a.version), sealed: None };
        self.machine_entry(tx, "alert.raise", 1, &[], vec![item])?;
        Ok(self.queue(tx, "clocks", "all", a.ack_due_at, "")?)
    }
}
