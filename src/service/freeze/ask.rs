//! Orders that the machine asks for: a plan made by reads, and its word starts nothing where a person has to say yes.

use super::super::{Service, config::OnOverdue};
use crate::{
    backend::Failure,
    domain::{
        act::Change,
        alert::AlertKind,
        freeze::{
            Direction, Level, Mode, Order, OrderState,
            order::{self, Asked},
            plan,
        },
        ids::{FreezeId, PersonId},
    },
    store,
};

impl Service {
    /// A handover was not done by its day: a restriction is asked for in the machine's name [OF-4]. With `restrict` the machine's word starts
    /// nothing: somebody approves it, or not. With `automatic` the company's policy is the word, and a second person confirms afterwards.
    pub fn restrict_overdue_person(&self, id: PersonId) -> Result<(), Failure> {
        let least = i64::from(self.config.offboarding.on_overdue != OnOverdue::Automatic);
        self.ask_by_machine(id, Level::Restrict, "OF-4", least, |o| o.intent.direction == Direction::Freeze)
    }

    /// An account appeared after an order was approved, and the order has done its part: the person is planned anew, and somebody approves.
    pub fn amend_order(&self, id: FreezeId) -> Result<(), Failure> {
        let order = self.db.read(|tx| store::freeze::get(tx, id))?.filter(|o| o.state == OrderState::Partial && o.spent);
        let Some(o) = order else { return Ok(()) };
        self.ask_by_machine(o.person, o.intent.level, &format!("+ {id}"), 1, move |other| {
            other.id != id && other.created_at > o.created_at && other.state.is_live()
        })
    }

    /// Requests a freeze in the machine's name, unless an order that stands does already. Where it cannot be asked for, an alert says so.
    fn ask_by_machine(&self, id: PersonId, level: Level, reason: &str, least: i64, done: impl Fn(&Order) -> bool) -> Result<(), Failure> {
        let Ok(person) = self.a_person(id) else { return Ok(()) };
        let found = self.read_targets(&person)?;
        self.db.write(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let Some(person) = store::person::get(tx, id)?.filter(|p| !p.erased) else { return Ok(()) };
            if store::freeze::standing(tx, person.spell)?.iter().any(&done) {
                return Ok(());
            }
            let mut cx = self.machine(tx.now());
            let limits = cx.policy.freeze.clone();
            let facts = self.plan_facts(tx, person, found, None, "")?;
            let mut plan = plan::make(&facts, &self.wish(Direction::Freeze, level, Mode::Immediate, None), &limits, cx.now);
            plan.needed = plan.needed.max(least);
            let asked = Asked { plan_hash: None, confirm: None, reason, ticket: None };
            let changes = match order::request(&plan, &asked, None, &facts.busy, &limits, &mut cx) {
                Ok(changes) => changes,
                // It was to be and it cannot be: somebody has to look.
                Err(_) => return self.raise_of(tx, AlertKind::FreezeStopped, plan.intent.person, plan.intent.spell),
            };
            for change in changes {
                match change {
                    Change::Freeze(o) => {
                        let before = o.version - 1;
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
            Ok(())
        })
    }
}
