//! The executor: one job a target, so that targets are independent and orders on one target are serial.
//!
//! A batch of up to sixteen steps is journalled as sent in one commit, by compare-and-set with the job's lease, before the first byte
//! leaves; then they are sent at once, read back, and settled in one commit. Whatever dies in between is found as `sent`, and is read
//! back by the next worker once no late call of the dead one can arrive any more.

use super::super::Service;
use crate::{
    backend::Failure,
    connect::targets::Target,
    domain::{
        act::Entity,
        alert::AlertKind,
        audit::Item,
        freeze::{
            Order, OrderState, Step, StepState,
            grounds::{self, StartFacts},
            order, pair, step,
        },
        ids::{FreezeId, JobId},
        sentence::Sentence,
        target::{Account, Call, Card, Observed, ReadFault, Sent, StepCard, StepKind},
    },
    store::{self, StoreError, Tx},
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Kind of the job that begins an order; its key is the order's id.
pub const START: &str = "freeze";
/// Kind of the job that works on a target; its key is the target's name.
pub const TARGET: &str = "freeze_target";

/// What an accepted call is given to show.
const MOMENT: Duration = Duration::from_millis(300);
/// Steps in one commit.
const BATCH: usize = 16;
/// Orders begun in one commit, besides the one that was asked for.
const STARTS: i64 = 63;
/// Rows looked at for a batch.
const LOOK: i64 = 64;

/// A worker's hold on a job.
pub struct Hold<'a> {
    pub job: JobId,
    pub token: Uuid,
    /// Extends the lease to that long from now; false when it is lost.
    pub renew: &'a dyn Fn(SignedDuration) -> bool,
    /// True once the worker was told to stop: no further batch is begun.
    pub stop: &'a dyn Fn() -> bool,
}

type Read = Result<Observed, ReadFault>;

/// One step in hand.
#[derive(Clone)]
struct Work {
    order: FreezeId,
    step: Step,
    can: StepCard,
    /// A protected account that was named and approved.
    excepted: bool,
}

impl Service {
    /// Begins an order whose hour has come, and others with it whose hour has come too, unless `alone`; nothing is sent yet. `go_on` holds the
    /// job for that long; false ends the work, which stays in the queue.
    pub fn start_order(&self, id: FreezeId, alone: bool, go_on: &dyn Fn(SignedDuration) -> bool) -> Result<(), Failure> {
        let more = if alone { 0 } else { STARTS };
        let due = self.db.read(|tx| -> Result<_, StoreError> {
            let Some(first) = store::freeze::get(tx, id)?.filter(|o| o.state == OrderState::Approved) else { return Ok(Vec::new()) };
            let mut due = Vec::new();
            for o in std::iter::once(first).chain(store::freeze::waiting(tx, id, more)?) {
                due.extend(store::person::get(tx, o.person)?.map(|p| (o.id, p)));
            }
            Ok(due)
        })?;
        let (ids, people): (Vec<_>, Vec<_>) = due.into_iter().unzip();
        // Accounts that appeared since the plan was approved; what cannot be read now is as it was planned.
        let mut found = Vec::with_capacity(people.len());
        for some in people.chunks(self.at_once()) {
            if !go_on(self.slowest()) {
                return self.db.write_urgent(|tx| Ok(self.queue(tx, START, &id.to_string(), tx.now(), "")?));
            }
            found.extend(self.read_people(&self.readable(&[]), some)?);
        }
        self.db.write_urgent(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let (mut begun, mut void) = (Vec::new(), Vec::new());
            for (of, found) in ids.into_iter().zip(found) {
                let Some(order) = store::freeze::get(tx, of)? else { continue };
                let Some(person) = store::person::get(tx, order.person)? else { continue };
                if of == id && order.state == OrderState::Approved && order.run_at() > tx.now() {
                    self.queue(tx, START, &id.to_string(), order.run_at(), "")?;
                    continue;
                }
                // One that may be theirs has appeared as well: nothing is done with it, and the order is not complete over it.
                let accounts = found.into_iter().flat_map(|f| {
                    let all = f.accounts.unwrap_or_default().into_iter().chain(f.quarantined);
                    all.map(move |a| (f.card.name.clone(), a.id))
                });
                let before = order.version;
                let undoes = order.undoes.map(|of| store::freeze::facts(tx, of)).transpose()?.flatten().map(|f| (f.order, f.steps));
                let facts = StartFacts { order, person, accounts: accounts.collect(), undoes };
                let Some(started) = grounds::start(&facts, tx.now()) else { continue };
                if let Some(of) = started.undoes.filter(|_| started.state == OrderState::Executing) {
                    self.mark_undone(tx, of, OrderState::Thawing)?;
                }
                self.apply_order(tx, &started)?;
                if started.state == OrderState::Executing {
                    self.end_operators(tx, &started)?;
                    self.owe_apology(tx, &started)?;
                }
                store::audit::announce(tx, "freeze", Some(of.0))?;
                if of != id {
                    store::job::drop_pending(tx, START, &of.to_string())?;
                }
                if started.state == OrderState::Cancelled {
                    self.raise(tx, &started, AlertKind::FreezeStopped)?;
                    void.push((started, before));
                    continue;
                }
                begun.push((started, before));
            }
            for (act, orders) in [("freeze.start", begun), ("freeze.void", void)] {
                if !orders.is_empty() {
                    self.entry(tx, act, &orders, &[])?;
                }
            }
            Ok(())
        })
    }

    /// An order that may send nothing more, and why.
    pub(super) fn lost_grounds(&self, tx: &mut Tx, id: FreezeId) -> Result<Option<(Order, &'static str)>, StoreError> {
        let Some(o) = store::freeze::get(tx, id)? else { return Ok(None) };
        let Some(person) = store::person::get(tx, o.person)? else { return Ok(None) };
        Ok(grounds::lost_grounds(&o, &person).map(|why| (o, why)))
    }

    /// Stops an order that lost its grounds while it ran, and says so in the queue.
    fn hold_back(&self, tx: &mut Tx, mut o: Order, why: &'static str) -> Result<(), Failure> {
        let (before, steps) = (o.version, store::freeze::steps(tx, o.id)?);
        o.held = true;
        o.why = Some(Sentence::new(why));
        order::settle(&mut o, &steps, tx.now());
        order::touch(&mut o, None, tx.now());
        self.apply_order(tx, &o)?;
        self.raise(tx, &o, AlertKind::FreezeStopped)?;
        store::audit::announce(tx, "freeze", Some(o.id.0))?;
        self.entry(tx, "freeze.void", &[(o, before)], &[])
    }

    /// A job about orders failed for the last time: whoever waits for it is told, and what they can do. The daily round queues it anew.
    pub fn freeze_job_failed(&self, kind: &str, key: &str) -> Result<(), Failure> {
        self.db.write_urgent(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let orders = match kind {
                START => key.parse().ok().map(|id| store::freeze::get(tx, id)).transpose()?.flatten().into_iter().collect(),
                TARGET => store::freeze::in_hand_of(tx, key)?,
                _ => Vec::new(),
            };
            for mut o in orders {
                let before = o.version;
                o.why = Some(Sentence::new("order-job-failed"));
                order::touch(&mut o, None, tx.now());
                store::freeze::put(tx, &o)?;
                self.raise(tx, &o, AlertKind::FreezeStopped)?;
                store::audit::announce(tx, "freeze", Some(o.id.0))?;
                self.entry(tx, "freeze.set_aside", &[(o, before)], &[])?;
            }
            Ok(())
        })
    }

    /// Queues what orders wait for, where its job was set aside or lost. A job that waits already stays as it is.
    pub(crate) fn wake_freezes(&self, tx: &mut Tx) -> Result<(), Failure> {
        let now = tx.now();
        for (id, due) in store::freeze::approved(tx)? {
            self.queue(tx, START, &id.to_string(), due, "")?;
        }
        for target in store::freeze::targets_in_hand(tx)? {
            self.queue(tx, TARGET, &target, now, "")?;
        }
        Ok(self.queue_watch(tx)?)
    }

    /// The frozen order that a thaw takes back, and those that took the same accounts: what is given back is theirs as well.
    pub(super) fn mark_undone(&self, tx: &mut Tx, of: FreezeId, state: OrderState) -> Result<(), Failure> {
        let Some(undone) = store::freeze::get(tx, of)? else { return Ok(()) };
        for other in store::freeze::standing(tx, undone.spell)? {
            if pair::shares(&other, &undone) == Some(true) {
                self.mark_one(tx, other.id, state)?;
            }
        }
        self.mark_one(tx, of, state)
    }

    fn mark_one(&self, tx: &mut Tx, of: FreezeId, state: OrderState) -> Result<(), Failure> {
        if let Some(mut o) = store::freeze::get(tx, of)?.filter(|o| o.state != state) {
            let before = o.version;
            let now = tx.now();
            o.state = state;
            o.check_at = None;
            order::touch(&mut o, None, now);
            store::freeze::put(tx, &o)?;
            store::audit::announce(tx, "freeze", Some(of.0))?;
            self.entry(tx, if state == OrderState::Thawed { "freeze.thawed" } else { "freeze.thawing" }, &[(o, before)], &[])?;
            if state == OrderState::Thawed {
                self.restore_operators(tx, of)?;
            }
        }
        Ok(())
    }

    /// Works on a target until nothing is left that is due; returns when something is due again.
    pub fn run_target(&self, name: &str, hold: &Hold) -> Result<Option<Timestamp>, Failure> {
        let Some(target) = self.targets.get(name).cloned() else {
            // Its table was taken out of the configuration: the orders say so.
            return self.lost_target(name);
        };
        let card = target.card().clone();
        let timeout = Duration::from_secs(card.timeout.clamp(1, 600).unsigned_abs());
        let lease = SignedDuration::from_secs(3 * card.timeout.clamp(1, 600) + 10);
        while !(hold.stop)() {
            if !(hold.renew)(lease) {
                return Ok(None);
            }
            let (fresh, stale) = self.pick(&card)?;
            if fresh.is_empty() && stale.is_empty() {
                break;
            }
            if !stale.is_empty() {
                self.look_at(&target, stale)?;
            }
            if !fresh.is_empty() {
                self.send(&target, fresh, timeout, lease, hold)?;
            }
        }
        Ok(self.db.read(|tx| store::freeze::next_work(tx, name))?)
    }

    /// Steps to send, and steps that only a read-back can settle.
    fn pick(&self, card: &Card) -> Result<(Vec<Work>, Vec<Work>), Failure> {
        let most = BATCH.min(card.concurrency.clamp(1, 64).unsigned_abs() as usize).min(per_batch(card));
        self.db.read(|tx| {
            let (mut fresh, mut stale) = (Vec::new(), Vec::new());
            for (id, n) in store::freeze::work(tx, &card.name, LOOK)? {
                let Some(step) = store::freeze::step(tx, id, n)? else { continue };
                // A card that no longer has the step still reads the account back.
                let can = card.step(step.kind).copied().unwrap_or(READ_ONLY);
                let except = match store::freeze::get(tx, id)? {
                    Some(o) => o.intent.except,
                    None => Vec::new(),
                };
                let excepted = except.contains(&format!("{}:{}", card.name, step.login));
                let work = Work { order: id, step, can, excepted };
                let side = if work.step.state == StepState::Pending { &mut fresh } else { &mut stale };
                if side.len() < most {
                    side.push(work);
                }
            }
            Ok((fresh, stale))
        })
    }

    fn lost_target(&self, name: &str) -> Result<Option<Timestamp>, Failure> {
        self.db.write_urgent(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let now = tx.now();
            let mut changed = Vec::new();
            for (id, n) in store::freeze::work(tx, name, LOOK)? {
                if let Some(s) = store::freeze::step(tx, id, n)? {
                    let error = Some(Sentence::new("step-no-target").with("target", name));
                    // What was sent and not answered can be read back by nobody: it is unknown, and no longer anybody's.
                    let state = if s.state == StepState::Sent { StepState::Unknown } else { s.state };
                    changed.push((id, Step { state, token: None, settle_at: None, due_at: now + step::wait(9, None), error, ..s }));
                }
            }
            self.settled(tx, "freeze.settle", changed)
        })?;
        Ok(self.db.read(|tx| store::freeze::next_work(tx, name))?)
    }

    /// Reads back what nobody stands by any more.
    fn look_at(&self, target: &Arc<dyn Target>, works: Vec<Work>) -> Result<(), Failure> {
        let seen = self.read_back(target, &works)?;
        self.db.write_urgent(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let now = tx.now();
            let mut changed = Vec::new();
            if let Some((w, _)) = works.iter().zip(&seen).find(|(_, s)| s.as_ref().is_err_and(|e| e.unauthorised)) {
                self.connector_down(tx, w.order)?;
            }
            for (w, seen) in works.iter().zip(&seen) {
                // Somebody may have waived it meanwhile, or its sender came back in time.
                let Some(s) = store::freeze::step_if(tx, w.order, w.step.n, w.step.state, w.step.token)? else { continue };
                changed.push((w.order, step::look(&s, step::read_back(Some(seen)), &w.can, now)));
            }
            self.settled(tx, "freeze.settle", changed)
        })
    }

    fn read_back(&self, target: &Arc<dyn Target>, works: &[Work]) -> Result<Vec<Read>, Failure> {
        let (target, accounts) = (target.clone(), works.iter().map(|w| w.step.account.clone()).collect::<Vec<_>>());
        self.targets.wait(async move { join_all(accounts.iter().map(|a| async { target.get(a).await.map(observed) })).await })
    }

    /// Journals, sends, reads back and settles one batch.
    fn send(
        &self,
        target: &Arc<dyn Target>,
        works: Vec<Work>,
        timeout: Duration,
        lease: SignedDuration,
        hold: &Hold,
    ) -> Result<(), Failure> {
        // What only leaves a trace needs the trace from before; what was tried needs a look before it is tried again.
        let (ask, plain): (Vec<_>, Vec<_>) = works.into_iter().partition(|w| {
            matches!(w.step.kind, StepKind::Verify | StepKind::Unblock)
                || w.step.attempts > 0
                || !w.can.idempotent
                || (w.can.reads_back && leaves_trace(w.step.kind))
        });
        let seen = if ask.is_empty() { Vec::new() } else { self.read_back(target, &ask)? };
        let mut known: Vec<(Work, Option<Read>)> = ask.into_iter().zip(seen.into_iter().map(Some)).collect();
        known.extend(plain.into_iter().map(|w| (w, None)));

        let began = Instant::now();
        let journalled = self.db.write_urgent(|tx| -> Result<Vec<Work>, Failure> {
            tx.lock()?;
            let now = tx.now();
            // A call that is late may leave until its deadline and act until the target's time is over; the lease comes on top.
            let settle_at = now + lease + SignedDuration::try_from(timeout * 2).unwrap_or(lease);
            let (mut sent, mut changed) = (Vec::new(), Vec::new());
            if let Some((w, _)) = known.iter().find(|(_, s)| matches!(s, Some(Err(e)) if e.unauthorised)) {
                self.connector_down(tx, w.order)?;
            }
            let mut lost = BTreeMap::new();
            for (w, seen) in known {
                if let Entry::Vacant(e) = lost.entry(w.order) {
                    e.insert(self.lost_grounds(tx, w.order)?);
                }
                if matches!(lost.get(&w.order), Some(Some(_))) {
                    continue;
                }
                let Some(s) = store::freeze::step_if(tx, w.order, w.step.n, StepState::Pending, None)? else { continue };
                match seen {
                    Some(Err(fault)) => {
                        changed.push((
                            w.order,
                            Step {
                                attempts: s.attempts + 1,
                                due_at: now + step::wait(s.attempts, fault.retry_after),
                                error: Some(fault.why),
                                ..s
                            },
                        ));
                        continue;
                    }
                    // Enabling an account revives what is still open on it.
                    Some(Ok(o)) if s.kind == StepKind::Unblock && o.sessions.is_some_and(|n| n > 0) && !there_already(&s, &o) => {
                        let why = Sentence::new("freeze-thaw-sessions").with("target", &s.target).with("account", &s.login);
                        changed.push((w.order, Step { state: StepState::Rejected, error: Some(why), ..s }));
                        continue;
                    }
                    // Nothing is sent twice: the state may be there already.
                    Some(Ok(o)) if s.kind != StepKind::Verify && there_already(&s, &o) => {
                        changed.push((w.order, step::look(&s, Ok(&o), &w.can, now)));
                        continue;
                    }
                    Some(Ok(o)) if s.kind == StepKind::Verify => {
                        changed.extend(verify(tx, w.order, &s, &o, now)?);
                        continue;
                    }
                    _ => {}
                }
                let before = match &seen {
                    Some(Ok(o)) => o.traces.get(&s.kind).cloned(),
                    _ => None,
                };
                let next = step::journal(&s, before, hold.token, now, settle_at);
                if store::freeze::journal(tx, w.order, &next, hold.job, hold.token)? {
                    sent.push(Work { step: next, ..w });
                }
            }
            for (o, why) in lost.into_values().flatten() {
                self.hold_back(tx, o, why)?;
            }
            let ids: Vec<_> = sent.iter().map(|w| (w.order, w.step.clone())).collect();
            if !ids.is_empty() {
                self.note_steps(tx, "freeze.send", &ids)?;
            }
            if !changed.is_empty() {
                self.settled(tx, "freeze.settle", changed)?;
            }
            Ok(sent)
        })?;
        if journalled.is_empty() {
            return Ok(());
        }
        let answers = self.call(target, &journalled, began + timeout)?;
        self.db.write_urgent(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let now = tx.now();
            let mut changed = Vec::new();
            let mut closed = None;
            for (w, (sent, seen)) in journalled.iter().zip(&answers) {
                // Only the one who journalled it may settle it.
                let Some(s) = store::freeze::step_if(tx, w.order, w.step.n, StepState::Sent, Some(hold.token))? else { continue };
                if matches!(sent, Sent::Unauthorised { .. }) {
                    closed = Some(w.order);
                }
                changed.push((w.order, step::settle(&s, sent, step::read_back(seen.as_ref()), &w.can, now)));
            }
            if let Some(of) = closed {
                self.connector_down(tx, of)?;
            }
            self.settled(tx, "freeze.settle", changed)
        })
    }

    /// Sends a batch at once and reads back what may have happened.
    fn call(&self, target: &Arc<dyn Target>, works: &[Work], deadline: Instant) -> Result<Vec<(Sent, Option<Read>)>, Failure> {
        let calls: Vec<(Call, Option<String>)> = works
            .iter()
            .map(|w| {
                let call = Call {
                    account: w.step.account.clone(),
                    login: w.step.login.clone(),
                    kind: w.step.kind,
                    key: w.step.key.to_string(),
                    excepted: w.excepted,
                };
                (call, w.step.before.clone())
            })
            .collect();
        let target = target.clone();
        self.targets.wait(async move {
            join_all(calls.iter().map(|(call, before)| {
                let target = &target;
                async move {
                    // A worker that was paused past its deadline sends nothing.
                    if Instant::now() >= deadline {
                        return (Sent::NotSent { why: Sentence::new("step-late"), retry_after: None }, None);
                    }
                    let sent = target.send(call).await;
                    let read = || async { target.get(&call.account).await.map(observed) };
                    let mut seen = match sent {
                        Sent::NotSent { .. } | Sent::Unauthorised { .. } => None,
                        _ => Some(read().await),
                    };
                    // A yes takes a moment to show: processes die, replicas follow.
                    let shows = |o: &Observed| o.done(call.kind, before.as_deref()) != Some(false);
                    if sent == Sent::Accepted && matches!(&seen, Some(Ok(o)) if !shows(o)) {
                        tokio::time::sleep(MOMENT).await;
                        seen = Some(read().await);
                    }
                    (sent, seen)
                }
            }))
            .await
        })
    }

    /// Writes settled steps, moves their orders, and notes it as one batch.
    pub(super) fn settled(&self, tx: &mut Tx, act: &str, changed: Vec<(FreezeId, Step)>) -> Result<(), Failure> {
        if changed.is_empty() {
            return Ok(());
        }
        for (id, s) in &changed {
            store::freeze::put_steps(tx, *id, std::slice::from_ref(s))?;
        }
        let ids: std::collections::BTreeSet<FreezeId> = changed.iter().map(|(id, _)| *id).collect();
        let now = tx.now();
        let mut moved = Vec::new();
        for id in ids {
            let Some(f) = store::freeze::facts(tx, id)? else { continue };
            let (mut o, before) = (f.order, f.steps);
            let was = o.version;
            let from = (o.state, o.spent, o.meanwhile.clone());
            order::settle(&mut o, &before, now);
            self.queue_stand_in(tx, &o, &before)?;
            if (o.state, o.spent, &o.meanwhile) != (from.0, from.1, &from.2) {
                order::touch(&mut o, None, now);
                self.apply_order(tx, &o)?;
            }
            store::audit::announce(tx, "freeze", Some(id.0))?;
            moved.push((o, was));
        }
        self.entry(tx, act, &moved, &changed)
    }

    fn note_steps(&self, tx: &mut Tx, act: &str, steps: &[(FreezeId, Step)]) -> Result<(), Failure> {
        let ids: BTreeMap<FreezeId, ()> = steps.iter().map(|(id, _)| (*id, ())).collect();
        let mut orders = Vec::new();
        for id in ids.into_keys() {
            store::audit::announce(tx, "freeze", Some(id.0))?;
            if let Some(o) = store::freeze::get(tx, id)? {
                let v = o.version;
                orders.push((o, v));
            }
        }
        self.entry(tx, act, &orders, steps)
    }

    /// One entry for a batch: its orders as items, the steps in the digest and, without anything personal, in the detail.
    pub(super) fn entry(&self, tx: &mut Tx, act: &str, orders: &[(Order, i64)], steps: &[(FreezeId, Step)]) -> Result<(), Failure> {
        let mut digest = Sha256::new();
        let mut said = Vec::new();
        for (id, s) in steps {
            digest.update(id.0.as_bytes());
            digest.update(s.n.to_be_bytes());
            digest.update(s.state.to_string().as_bytes());
            said.push(
                serde_json::json!({"order": id, "n": s.n, "target": s.target, "step": s.kind, "state": s.state, "attempts": s.attempts}),
            );
        }
        let mut items = Vec::new();
        for (o, before) in orders {
            digest.update(o.id.0.as_bytes());
            digest.update(o.version.to_be_bytes());
            items.push(Item {
                entity: Entity::Freeze,
                id: o.id.0,
                person: Some(o.person),
                before: Some(*before),
                after: Some(o.version),
                sealed: None,
            });
        }
        let count = if steps.is_empty() { items.len() } else { steps.len() } as i64;
        let detail = (!said.is_empty()).then(|| serde_json::Value::from(said).to_string());
        self.machine_entry_with(tx, act, count, &digest.finalize(), items, detail)?;
        Ok(())
    }
}

/// What a step on a target that lost its card can still do: be read back.
const READ_ONLY: StepCard =
    StepCard { kind: StepKind::Verify, reversible: true, destroys: false, idempotent: true, synchronous: true, reads_back: true };

/// Calls of a batch that a rate limit lets through within the target's time.
fn per_batch(card: &Card) -> usize {
    card.rate.map_or(BATCH, |r| ((r * card.timeout / 120).max(1)).unsigned_abs() as usize)
}

/// Whether a step that waits to be sent has happened, or has nothing to happen to. A trace tells only when one from before was journalled.
fn there_already(s: &Step, seen: &Observed) -> bool {
    !seen.exists || seen.holds.get(&s.kind) == Some(&true) || (s.before.is_some() && seen.done(s.kind, s.before.as_deref()) == Some(true))
}

/// Kinds whose doing is seen by a change, not by a state.
fn leaves_trace(kind: StepKind) -> bool {
    !matches!(
        kind,
        StepKind::BlockSignIn | StepKind::Unblock | StepKind::Restrict | StepKind::Release | StepKind::Delete | StepKind::DisableApp
    )
}

pub(super) fn observed(account: Option<Account>) -> Observed {
    account.map_or_else(Observed::default, |a| a.seen)
}

/// The last step on an account: everything that was confirmed still holds; what does not is done again, before it.
fn verify(tx: &mut Tx, order: FreezeId, s: &Step, seen: &Observed, now: Timestamp) -> Result<Vec<(FreezeId, Step)>, Failure> {
    let steps = store::freeze::steps(tx, order)?;
    let lost: Vec<_> = steps
        .iter()
        .filter(|b| b.target == s.target && b.account == s.account && b.n < s.n && b.state == StepState::Confirmed)
        .filter(|b| seen.exists && seen.holds.get(&b.kind) == Some(&false))
        .map(|b| {
            let error = Some(Sentence::new("step-drifted"));
            (order, Step { state: StepState::Pending, confirmed_at: None, error, due_at: now + step::wait(b.attempts, None), ..b.clone() })
        })
        .collect();
    if !lost.is_empty() {
        return Ok(lost);
    }
    Ok(vec![(
        order,
        Step {
            state: StepState::Confirmed,
            confirmed_at: Some(now),
            attempts: s.attempts + 1,
            error: None,
            sign_in: seen.last_sign_in,
            ..s.clone()
        },
    )])
}
