//! Orders that the machine asks for: a plan made by reads, and its word starts nothing where a person has to say yes.

use super::super::{Service, config::OnOverdue};
use crate::{
    backend::Failure,
    domain::{
        act::{Change, Entity},
        alert::AlertKind,
        duty,
        freeze::{
            Direction, Ground, Level, Mode, Order, OrderState,
            order::{self, Asked},
            plan::{self, Found, Wish},
        },
        ids::{FreezeId, PersonId},
        person::Person,
    },
    store::{self, Tx},
};

/// What the machine asks for.
pub(super) struct Asks {
    pub level: Level,
    pub reason: String,
    /// Approvals that it needs at least.
    pub least: i64,
    /// Protected accounts that were meant all the same.
    pub except: Vec<String>,
    /// The drifted order in whose place it is.
    pub renews: Option<FreezeId>,
}

impl Service {
    /// A handover was not done by its day: a restriction is asked for in the machine's name [OF-4]. With `restrict` the machine's word starts
    /// nothing: somebody approves it, or not. With `automatic` the company's policy is the word, and a second person confirms afterwards.
    pub fn restrict_overdue_person(&self, id: PersonId) -> Result<(), Failure> {
        let least = i64::from(self.config.offboarding.on_overdue != OnOverdue::Automatic);
        let asks = Asks { level: Level::Restrict, reason: "OF-4".into(), least, except: Vec::new(), renews: None };
        self.ask_by_machine(id, asks, |o| o.intent.direction == Direction::Freeze)
    }

    /// An account appeared after an order was approved, and the order has done its part: the person is planned anew, and somebody approves.
    pub fn amend_order(&self, id: FreezeId) -> Result<(), Failure> {
        let order = self.db.read(|tx| store::freeze::get(tx, id))?.filter(|o| o.state == OrderState::Partial && o.spent);
        let Some(o) = order else { return Ok(()) };
        let asks = Asks { level: o.intent.level, reason: format!("+ {id}"), least: 1, except: Vec::new(), renews: None };
        self.ask_by_machine(o.person, asks, move |other| {
            other.id != id && other.created_at > o.created_at && other.state.is_live() && !other.intent.stands_in()
        })
    }

    /// A freeze drifted: the person is planned anew, for what gave access back may have made accounts too, and somebody approves. Until then
    /// anybody may resume the drifted order, which sends again what was approved for it (domain.md 10, `drifted -> executing`): quicker, and
    /// blind to what is new. Whichever comes first ends the other.
    pub fn replan_order(&self, id: FreezeId) -> Result<(), Failure> {
        let drifted = |tx: &mut Tx| -> Result<Option<Order>, Failure> {
            let Some(o) = store::freeze::get(tx, id)?.filter(|o| o.state == OrderState::Drifted) else { return Ok(None) };
            Ok(self.lost_grounds(tx, id)?.is_none().then_some(o))
        };
        let Some(o) = self.db.read(drifted)? else { return Ok(()) };
        let asks = Asks { level: o.intent.level, reason: format!("~ {id}"), least: 1, except: o.intent.except.clone(), renews: Some(id) };
        self.ask_by_machine(o.person, asks, move |other| {
            if other.id == id { other.state != OrderState::Drifted } else { other.state.is_live() || other.state == OrderState::Thawing }
        })
    }

    /// A thaw began because the wrong person was frozen: two people have said so, and the person is owed an apology.
    pub(super) fn owe_apology(&self, tx: &mut Tx, o: &Order) -> Result<(), Failure> {
        if o.ground != Some(Ground::WrongPerson) {
            return Ok(());
        }
        let (today, mut cx) = (self.day(tx.now()), self.machine(tx.now()));
        let case = store::offboarding::of_person(tx, o.person)?.filter(|c| c.state.is_open()).map(|c| c.id);
        let owed = duty::apology(o.person, case, today, &mut cx);
        store::offboarding::put_duty(tx, &owed)?;
        store::audit::announce(tx, "offboarding", owed.case.map(|c| c.0))?;
        self.by_machine(tx, "duty.apology", vec![(Entity::Duty, owed.id.0, Some(o.person), owed.version)])
    }

    /// Requests a freeze in the machine's name, unless an order that stands does already. Where it cannot be asked for, an alert says so.
    fn ask_by_machine(&self, id: PersonId, asks: Asks, done: impl Fn(&Order) -> bool) -> Result<(), Failure> {
        let Ok(person) = self.a_person(id) else { return Ok(()) };
        let found = self.read_targets(&person)?;
        self.db.write(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let Some(person) = store::person::get(tx, id)?.filter(|p| !p.erased) else { return Ok(()) };
            if store::freeze::standing(tx, person.spell)?.iter().any(&done) {
                return Ok(());
            }
            let wish = Wish { except: asks.except.clone(), ..self.wish(Direction::Freeze, asks.level, Mode::Immediate, None) };
            self.ask_as_machine(tx, person, found, &wish, &asks).map(|_| ())
        })
    }

    /// An order in the machine's name; `None` and an alert where it cannot be.
    pub(super) fn ask_as_machine(
        &self,
        tx: &mut Tx,
        person: Person,
        found: Vec<Found>,
        wish: &Wish,
        asks: &Asks,
    ) -> Result<Option<FreezeId>, Failure> {
        let mut cx = self.machine(tx.now());
        let limits = cx.policy.freeze.clone();
        let facts = self.plan_facts(tx, person, found, None, "", None)?;
        let mut plan = plan::make(&facts, wish, &limits, cx.now);
        plan.needed = plan.needed.max(asks.least);
        let asked = Asked { plan_hash: None, confirm: None, reason: &asks.reason, ticket: None, ground: None };
        let changes = match order::request(&plan, &asked, None, &facts.busy, &limits, &mut cx) {
            Ok(changes) => changes,
            // It was to be and it cannot be: somebody has to look.
            Err(_) => return self.raise_of(tx, AlertKind::FreezeStopped, plan.intent.person, plan.intent.spell).map(|()| None),
        };
        let mut made = None;
        for change in changes {
            match change {
                Change::Freeze(mut o) => {
                    if o.version == 1 {
                        o.renews = asks.renews;
                    }
                    // The new one comes last: those that give way to it are older.
                    made = Some(o.id);
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
        Ok(made)
    }
}
