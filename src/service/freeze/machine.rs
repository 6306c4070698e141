//! Orders in the machine's name: somebody's word lets them run. And what stands in for a target that cannot be reached.

use super::super::Service;
use crate::{
    backend::Failure,
    connect::targets::Target,
    domain::{
        act::Change,
        alert::AlertKind,
        freeze::{
            Direction, Level, Meanwhile, Mode, Order, Step,
            order::{self, Asked},
            plan::{self, Found, Wish},
            stand_in,
        },
        ids::{FreezeId, PersonId},
        person::Person,
    },
    store::{self, Tx},
};
use jiff::SignedDuration;
use std::sync::Arc;

/// Kind of the job that asks for it; its key is the id of the order that waits for the target.
pub const STAND_IN: &str = "freeze_stand_in";
/// Seconds for which a target may be away before anybody is asked.
const HICCUP: i64 = 60;

impl Service {
    /// Requests a freeze in the machine's name, unless an order that stands does already. Where it cannot be asked for, an alert says so.
    pub(super) fn ask_by_machine(
        &self,
        id: PersonId,
        level: Level,
        reason: &str,
        least: i64,
        done: impl Fn(&Order) -> bool,
    ) -> Result<(), Failure> {
        let Ok(person) = self.a_person(id) else { return Ok(()) };
        let found = self.read_targets(&person)?;
        self.db.write(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let Some(person) = store::person::get(tx, id)?.filter(|p| !p.erased) else { return Ok(()) };
            if store::freeze::standing(tx, person.spell)?.iter().any(&done) {
                return Ok(());
            }
            let wish = self.wish(Direction::Freeze, level, Mode::Immediate, None);
            self.ask_as_machine(tx, person, found, &wish, reason, least).map(|_| ())
        })
    }

    /// An order in the machine's name; `None` and an alert where it cannot be.
    fn ask_as_machine(
        &self,
        tx: &mut Tx,
        person: Person,
        found: Vec<Found>,
        wish: &Wish,
        reason: &str,
        least: i64,
    ) -> Result<Option<FreezeId>, Failure> {
        let mut cx = self.machine(tx.now());
        let limits = cx.policy.freeze.clone();
        let facts = self.plan_facts(tx, person, found, None, "")?;
        let mut plan = plan::make(&facts, wish, &limits, cx.now);
        plan.needed = plan.needed.max(least);
        let asked = Asked { plan_hash: None, confirm: None, reason, ticket: None };
        let changes = match order::request(&plan, &asked, None, &facts.busy, &limits, &mut cx) {
            Ok(changes) => changes,
            // It was to be and it cannot be: somebody has to look.
            Err(_) => return self.raise_of(tx, AlertKind::FreezeStopped, plan.intent.person, plan.intent.spell).map(|()| None),
        };
        let mut made = None;
        for change in changes {
            match change {
                Change::Freeze(o) => {
                    let before = o.version - 1;
                    // The new one comes last: those that give way to it are older.
                    made = Some(o.id);
                    self.apply_order(tx, &o)?;
                    store::audit::announce(tx, "freeze", Some(o.id.0))?;
                    self.entry(tx, "freeze.request", &[(*o, before)], &[])?;
                }
                Change::Steps(order, steps) => store::freeze::put_steps(tx, order, &steps)?,
                Change::Approval(a) => {
                    self.queue(tx, "clocks", "all", a.expires_at, "")?;
                    store::approval::put(tx, &a)?;
                }
                _ => {}
            }
        }
        Ok(made)
    }

    /// The targets that are read for a plan: those that stand in for others only where an order worked on them.
    pub(super) fn readable(&self, undone: &[Order]) -> Vec<Arc<dyn Target>> {
        let worked = |name: &str| undone.iter().any(|o| o.intent.steps.iter().any(|s| s.target == name));
        let all = self.targets.all().iter();
        all.filter(|t| t.card().stands_in_for.is_empty() || worked(&t.card().name)).cloned().collect()
    }

    /// Sees to it that somebody is asked, where a target of an order is out of reach and another stands in for it.
    pub(super) fn queue_stand_in(&self, tx: &mut Tx, o: &Order, steps: &[Step]) -> Result<(), Failure> {
        let down = stand_in::out_of_reach(o, steps);
        if self.targets.all().iter().any(|t| stand_in::wanted(o, &down, t.card())) {
            let due = tx.now() + SignedDuration::from_secs(HICCUP);
            self.queue(tx, STAND_IN, &o.id.to_string(), due, "")?;
        }
        Ok(())
    }

    /// Asks for the block of a person's accounts on what stands in for the targets that an order cannot reach, if it still cannot.
    pub fn ask_stand_in(&self, id: FreezeId) -> Result<(), Failure> {
        let Some(f) = self.db.read(|tx| store::freeze::facts(tx, id))? else { return Ok(()) };
        let down = stand_in::out_of_reach(&f.order, &f.steps);
        let mut list = self.targets.all().to_vec();
        list.retain(|t| stand_in::wanted(&f.order, &down, t.card()));
        let Ok(person) = self.a_person(f.order.person) else { return Ok(()) };
        let mut found = self.read_people(&list, std::slice::from_ref(&person))?.pop().unwrap_or_default();
        // What cannot be read either is asked about at the next try; who has no account there is not stopped there.
        found.retain(|t| t.accounts.as_ref().is_ok_and(|a| !a.is_empty()));
        self.db.write(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let (Some(f), Some(person)) = (store::freeze::facts(tx, id)?, store::person::get(tx, person.id)?.filter(|p| !p.erased)) else {
                return Ok(());
            };
            let down = stand_in::out_of_reach(&f.order, &f.steps);
            let standing = store::freeze::standing(tx, f.order.spell)?;
            let taken = |name: &str| standing.iter().any(|o| o.intent.steps.iter().any(|s| s.target == name));
            found.retain(|t| stand_in::wanted(&f.order, &down, &t.card) && !taken(&t.card.name));
            if found.is_empty() {
                return Ok(());
            }
            let pair = |target: &String, by: &String| Meanwhile { target: target.clone(), by: by.clone(), order: id, over: false };
            let mut pairs: Vec<Meanwhile> = found
                .iter()
                .flat_map(|t| t.card.stands_in_for.iter().filter(|s| down.contains(*s)).map(|s| pair(s, &t.card.name)))
                .collect();
            let mut stands_in_for: Vec<String> = pairs.iter().map(|m| m.target.clone()).collect();
            stands_in_for.sort();
            stands_in_for.dedup();
            let reason = format!("{}: {id}", stands_in_for.join(", "));
            let wish = Wish { stands_in_for, ..self.wish(Direction::Freeze, Level::Suspend, Mode::Immediate, None) };
            let Some(asked) = self.ask_as_machine(tx, person, found, &wish, &reason, 1)? else { return Ok(()) };
            pairs.iter_mut().for_each(|m| m.order = asked);
            let mut o = f.order;
            let before = o.version;
            o.meanwhile.append(&mut pairs);
            order::touch(&mut o, None, tx.now());
            store::freeze::put(tx, &o)?;
            store::audit::announce(tx, "freeze", Some(id.0))?;
            self.entry(tx, "freeze.stand_in", &[(o, before)], &[])
        })
    }
}
