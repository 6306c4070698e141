//! After the freeze: looking again on a schedule, drift, the tripwire, and the second person's word that did not come.

use super::{super::Service, run::observed};
use crate::{
    backend::Failure,
    domain::{
        act::Entity,
        alert::AlertKind,
        audit::Item,
        freeze::{Order, Step, order, step},
        ids::FreezeId,
        target::{Observed, ReadFault},
    },
    store::{self, StoreError, Tx},
};
use futures_util::future::join_all;
use std::collections::BTreeMap;

/// Kind of the job that looks at frozen accounts again.
pub const WATCH: &str = "freeze_watch";
/// Orders in one look.
const BATCH: i64 = 32;

impl Service {
    /// Sees to it that the next look and the next lapse are in the queue.
    pub(super) fn queue_watch(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let due = [store::freeze::next_check(tx)?, store::freeze::next_confirm(tx)?].into_iter().flatten().min();
        match due {
            Some(due) => self.queue(tx, WATCH, "all", due, ""),
            None => Ok(()),
        }
    }

    /// Looks at every frozen order that is due, and at words that did not come.
    pub fn watch_orders(&self) -> Result<(), Failure> {
        self.lapses()?;
        let mut closed = None;
        loop {
            let due = self.db.read(|tx| store::freeze::to_check(tx, BATCH))?;
            if due.is_empty() {
                break;
            }
            for id in due {
                if !self.look_again(id)? {
                    closed = closed.or(Some(id));
                }
            }
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

    /// Reads a frozen person's accounts once more. False: a target refuses our credential.
    fn look_again(&self, id: FreezeId) -> Result<bool, Failure> {
        let Some(f) = self.db.read(|tx| store::freeze::facts(tx, id))? else { return Ok(true) };
        let mut accounts: Vec<(String, String)> = f.steps.iter().map(|s| (s.target.clone(), s.account.clone())).collect();
        accounts.sort();
        accounts.dedup();
        let targets: BTreeMap<String, _> = self.targets.all().iter().map(|t| (t.card().name.clone(), t.clone())).collect();
        let asked = accounts.clone();
        let read: Vec<Option<Result<Observed, ReadFault>>> = if targets.is_empty() {
            vec![None; accounts.len()]
        } else {
            self.targets.wait(async move {
                join_all(asked.iter().map(|(t, a)| {
                    let target = targets.get(t);
                    async move {
                        match target {
                            Some(t) => Some(t.get(a).await.map(observed)),
                            None => None,
                        }
                    }
                }))
                .await
            })?
        };
        let open = !read.iter().flatten().any(|r| r.as_ref().is_err_and(|e| e.unauthorised));
        let all_read = read.iter().all(|r| r.as_ref().is_some_and(Result::is_ok));
        let seen: BTreeMap<(String, String), Observed> =
            accounts.into_iter().zip(read).filter_map(|(key, o)| Some((key, o?.ok()?))).collect();
        self.db.write(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let Some(now_facts) = store::freeze::facts(tx, id)? else { return Ok(()) };
            let (o, steps) = (now_facts.order, now_facts.steps);
            // Somebody changed it while we read: what was read is of another order. A thaw gives back what would look like drift.
            if o.version != f.order.version {
                return Ok(());
            }
            let limits = self.config.policy().freeze;
            let of = |s: &Step| seen.get(&(s.target.clone(), s.account.clone())).cloned();
            let drift = step::drift(&steps, &of);
            let now = tx.now();
            let (next, changed) = order::verified(&o, &steps, &drift, all_read, &limits, now);
            let mut changed = changed;
            if !drift.sign_ins.is_empty() {
                // The wire is set anew at the sign-in that tripped it: one is told once.
                for s in steps.iter().filter(|s| drift.sign_ins.contains(&s.n)) {
                    let sign_in = of(s).and_then(|o| o.last_sign_in);
                    match changed.iter_mut().find(|c| c.n == s.n) {
                        Some(c) => c.sign_in = sign_in,
                        None => changed.push(Step { sign_in, ..s.clone() }),
                    }
                }
                self.raise(tx, &next, AlertKind::PostFreezeActivity)?;
            }
            // Sessions that were over are open again.
            if next.gaps.iter().zip(&o.gaps).any(|(now, before)| now.over_at.is_none() && before.over_at.is_some()) {
                self.raise(tx, &next, AlertKind::PostFreezeActivity)?;
            }
            if !drift.steps.is_empty() && o.state != next.state {
                self.raise(tx, &next, AlertKind::FreezeDrift)?;
            }
            store::freeze::put_steps(tx, id, &changed)?;
            store::freeze::put(tx, &next)?;
            if next.version != o.version || !changed.is_empty() {
                store::audit::announce(tx, "freeze", Some(id.0))?;
                let act = if drift.steps.is_empty() { "freeze.verified" } else { "freeze.drift" };
                let steps: Vec<_> = changed.into_iter().map(|s| (id, s)).collect();
                self.entry(tx, act, &[(next, o.version)], &steps)?;
            }
            Ok(())
        })?;
        Ok(open)
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
    fn raise(&self, tx: &mut Tx, o: &Order, kind: AlertKind) -> Result<(), Failure> {
        let before = store::alert::of_spell(tx, o.spell, kind)?.0.map(|a| a.version);
        let mut cx = self.machine(tx.now());
        let a = store::alert::raise(tx, kind, o.person, o.spell, &mut cx)?;
        let item = Item { entity: Entity::Alert, id: a.id.0, person: Some(o.person), before, after: Some(a.version), sealed: None };
        self.machine_entry(tx, "alert.raise", 1, &[], vec![item])?;
        Ok(self.queue(tx, "clocks", "all", a.ack_due_at, "")?)
    }
}
