//! Freezing: plans by reading targets, and the facts of every decision about an order. `run` executes, `watch` looks again afterwards,
//! `ask` asks by itself.

mod ask;
mod drill;
mod run;
mod stand_in;
mod watch;

pub use run::{Hold, START, TARGET};
pub use stand_in::STAND_IN;
pub use watch::WATCH;

use super::{
    Service,
    act::{Decided, Told},
    query::Seen,
};
use crate::{
    backend::{ActRequest, Answer, Failure, FailureKind, Reply, Target as ActTarget},
    connect::targets::{NO_VALUE, Target},
    domain::{
        act::{Act, Change, Context, Entity, Refusal, RefusalClass},
        alert::AlertKind,
        freeze::{
            Direction, GapKind, Level, Link, Mode, Order, OrderState, TargetRow,
            drill::Line,
            order::{self, Asked},
            pair,
            plan::{self, Facts, Found, Plan, Wish},
            stand_in as standing_in,
        },
        ids::{FreezeId, PersonId},
        operator::Identity,
        person::Person,
        sentence::Sentence,
        target::{Account, ReadFault, Subject, THREADS},
    },
    store::{self, StoreError, Tx},
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use std::{collections::BTreeMap, future::Future, sync::Arc};
use tokio::runtime::Runtime;

/// Kind of the job that asks for a restriction when a handover is overdue; its key is the person's id.
pub const OVERDUE: &str = "freeze_overdue";
/// Kind of the job that plans a person anew whose account appeared after an order was approved; its key is that order's id.
pub const AMEND: &str = "freeze_amend";

/// Kind of the job that plans a person anew whose freeze drifted; its key is the drifted order's id.
pub const REPLAN: &str = "freeze_replan";

/// People whose accounts are read at once, where every target takes as many calls.
const AT_ONCE: i64 = 16;

/// The targets of a home, and the threads on which they are spoken to.
pub struct Targets {
    list: Vec<Arc<dyn Target>>,
    io: Option<Runtime>,
}

impl Targets {
    /// Targets that are open.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn new(list: Vec<Arc<dyn Target>>) -> Result<Self, Failure> {
        let io = if list.is_empty() {
            None
        } else {
            Some(
                tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .thread_name(THREADS)
                    .enable_all()
                    .build()
                    .map_err(Failure::broken)?,
            )
        };
        Ok(Self { list, io })
    }

    /// All of them.
    pub fn all(&self) -> &[Arc<dyn Target>] {
        &self.list
    }

    /// The target of a name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Target>> {
        self.list.iter().find(|t| t.card().name == name)
    }

    /// Waits for what runs on the targets' own threads. May be called from any thread that may block.
    pub fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T, Failure> {
        let Some(io) = &self.io else { return Err(Failure::broken("no target is open")) };
        let (said, heard) = std::sync::mpsc::sync_channel(1);
        io.spawn(async move {
            // Nobody may wait any more.
            let _ = said.send(work.await);
        });
        heard.recv().map_err(|_| Failure::broken("a target's work ended without an answer"))
    }
}

impl Drop for Targets {
    fn drop(&mut self) {
        if let Some(io) = self.io.take() {
            // A runtime may not be waited for where nothing may block; calls in flight are journalled.
            io.shutdown_background();
        }
    }
}

/// What reading the targets gave: done before the transaction, which must not wait for the network.
#[derive(Default)]
pub(super) struct Read {
    people: BTreeMap<PersonId, Vec<Found>>,
    /// What a drill saw.
    drilled: Vec<Line>,
}

impl Read {
    /// What the entry of the act says of it, where that is not about anybody.
    pub(super) fn said(&self) -> Option<String> {
        (!self.drilled.is_empty()).then(|| serde_json::json!({"act": "freeze.drill", "lines": self.drilled}).to_string())
    }
}

impl Service {
    /// The targets of this home.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// Cards of the declared targets.
    pub(super) fn target_rows(&self) -> Vec<TargetRow> {
        let row = |t: &Arc<dyn Target>| {
            let c = t.card();
            TargetRow {
                name: c.name.clone(),
                kind: c.kind,
                place: c.place.clone(),
                steps: c.steps.iter().map(|s| s.kind).collect(),
                session_max: c.session_max,
                privileged: c.privileged,
            }
        };
        self.targets.all().iter().map(row).collect()
    }

    /// Checks every target, all at once.
    pub(super) fn check_targets(&self) -> Result<Answer, Failure> {
        let list = self.targets.all().to_vec();
        if list.is_empty() {
            return Ok(Answer::Health(Vec::new()));
        }
        let checks = self.targets.wait(async move { join_all(list.iter().map(|t| t.check())).await })?;
        Ok(Answer::Health(checks))
    }

    /// Reads every account of a person on every target. Nothing is written anywhere.
    fn read_targets(&self, person: &Person) -> Result<Vec<Found>, Failure> {
        Ok(self.read_people(&self.readable(&[]), std::slice::from_ref(person))?.pop().unwrap_or_default())
    }

    /// For how long a job that reads targets once more is held: as long as the slowest may take, and to spare.
    fn slowest(&self) -> SignedDuration {
        let timeout = self.targets.all().iter().map(|t| t.card().timeout.clamp(1, 600)).max().unwrap_or(0);
        SignedDuration::from_secs(3 * timeout + 60)
    }

    /// How many people are read at once: as many as every target takes calls.
    fn at_once(&self) -> usize {
        let least = self.targets.all().iter().map(|t| t.card().concurrency.clamp(1, AT_ONCE)).min();
        least.unwrap_or(AT_ONCE).unsigned_abs() as usize
    }

    /// The same of several people, of a few at once, on some targets.
    fn read_people(&self, on: &[Arc<dyn Target>], people: &[Person]) -> Result<Vec<Vec<Found>>, Failure> {
        let list = on.to_vec();
        if list.is_empty() {
            return Ok(vec![Vec::new(); people.len()]);
        }
        let asked: Vec<Asking> = self.db.read(|tx| people.iter().map(|p| asking(tx, p)).collect::<Result<_, _>>())?;
        let links: Vec<Vec<Link>> = asked.iter().map(|a| a.by_hand.clone()).collect();
        let at_once = self.at_once();
        let read = self.targets.wait(async move {
            let mut all = Vec::with_capacity(asked.len());
            for some in asked.chunks(at_once) {
                let of_one = some.iter().map(|a| join_all(list.iter().map(|t| accounts(t.as_ref(), a))));
                all.extend(join_all(of_one).await);
            }
            all
        })?;
        self.db.read(|tx| {
            let mut all = Vec::with_capacity(people.len());
            for ((person, links), read) in people.iter().zip(&links).zip(read) {
                let mut found = Vec::with_capacity(read.len());
                for (t, read) in on.iter().zip(read) {
                    let card = t.card().clone();
                    found.push(match read {
                        Ok(read) => sort_out(tx, person, card, read, links)?,
                        Err(fault) => Found { card, accounts: Err(fault.why), quarantined: Vec::new() },
                    });
                }
                all.push(found);
            }
            Ok(all)
        })
    }

    /// Everything a plan is made from, under the lock or on a snapshot.
    fn plan_facts(
        &self,
        tx: &mut Tx,
        person: Person,
        mut found: Vec<Found>,
        undoes: Option<FreezeId>,
        operator: &str,
        at: Option<Timestamp>,
    ) -> Result<Facts, Failure> {
        let begins = at.unwrap_or_else(|| tx.now());
        let undoes = match undoes {
            Some(id) => store::freeze::facts(tx, id)?.map(|f| (f.order, f.steps)),
            None => None,
        };
        if let Some((of, _)) = &undoes {
            found.retain(|f| of.intent.reads(&f.card));
        }
        let homonyms = store::person::homonyms(tx, person.id, &person.name)?.len() as i64;
        let employee = store::person::refs(tx, &[person.id])?.into_iter().next().ok_or_else(not_found)?;
        let targets: Vec<String> =
            found.iter().filter(|f| f.accounts.as_ref().is_ok_and(|a| !a.is_empty())).map(|f| f.card.name.clone()).collect();
        Ok(Facts {
            homonyms,
            employee,
            // A thaw may follow an order that stays partial: that order is no other one.
            busy: {
                let mut all = store::freeze::busy(tx, person.spell, &targets)?;
                all.retain(|other| undoes.as_ref().is_none_or(|(o, _)| o.id != other.id));
                all
            },
            wider: match &undoes {
                Some((of, _)) => {
                    let mut all = store::freeze::standing(tx, person.spell)?;
                    all.retain(|o| pair::shares(o, of) == Some(false));
                    all
                }
                None => Vec::new(),
            },
            suspended_since: store::freeze::suspended_since(tx, person.spell)?,
            recent: plan::together(&store::freeze::beginning(tx, begins, plan::BATCH_SPAN, person.id)?, begins),
            people: store::import::count_live(tx)?,
            operator_name: operator.to_owned(),
            own: store::operator::names_of(tx, person.id)?,
            undoes,
            person,
            found,
        })
    }

    pub(super) fn wish(&self, direction: Direction, level: Level, mode: Mode, at: Option<Timestamp>) -> Wish {
        Wish { direction, level, mode, at, zone: self.config.company.zone.clone(), except: Vec::new(), stands_in_for: Vec::new() }
    }

    fn a_person(&self, id: PersonId) -> Result<Person, Failure> {
        self.db.read(|tx| Ok::<_, Failure>(store::person::get(tx, id)?))?.filter(|p| !p.erased).ok_or_else(not_found)
    }

    /// A plan: reads of targets, no write, no order.
    pub(super) fn freeze_plan(&self, operator: &str, id: PersonId, wish: &Wish) -> Result<Seen, Failure> {
        let person = self.a_person(id)?;
        let found = self.read_targets(&person)?;
        let (plan, now) = self.db.read(|tx| -> Result<_, Failure> {
            let facts = self.plan_facts(tx, person, found, None, operator, wish.at)?;
            let now = tx.now();
            let mut plan = plan::make(&facts, wish, &self.config.policy().freeze, now);
            plan.warnings.extend(standing_in::offered(&plan, self.targets.all().iter().map(|t| t.card())));
            Ok((plan, now))
        })?;
        Ok(planned(plan, id, now))
    }

    /// The plan of a thaw.
    pub(super) fn thaw_plan(&self, operator: &str, id: FreezeId) -> Result<Seen, Failure> {
        let order = self.db.read(|tx| store::freeze::get(tx, id))?.ok_or_else(order_not_found)?;
        let person = self.a_person(order.person)?;
        let list = self.readable(std::slice::from_ref(&order));
        let found = self.read_people(&list, std::slice::from_ref(&person))?.pop().unwrap_or_default();
        let wish = self.wish(Direction::Thaw, order.intent.level, Mode::Immediate, None);
        let (plan, now) = self.db.read(|tx| -> Result<_, Failure> {
            let facts = self.plan_facts(tx, person, found, Some(id), operator, None)?;
            let now = tx.now();
            Ok((plan::make(&facts, &wish, &self.config.policy().freeze, now), now))
        })?;
        Ok(planned(plan, order.person, now))
    }

    /// Reads the targets for the people of a request that plans, before its transaction begins.
    pub(super) fn read_for(&self, who: &Identity, act: &Act, of: &[ActTarget]) -> Result<Read, Failure> {
        if *act == Act::FreezeDrill {
            return Ok(Read { drilled: self.drill(who)?, ..Read::default() });
        }
        let (mut people, mut undone) = (Vec::new(), Vec::new());
        for target in of {
            let person = match act {
                Act::FreezeRequest { .. } => Some(PersonId(target.id)),
                Act::FreezeThaw { .. } => {
                    undone.extend(self.db.read(|tx| store::freeze::get(tx, FreezeId(target.id)))?);
                    undone.last().filter(|o| o.id.0 == target.id).map(|o| o.person)
                }
                _ => None,
            };
            let Some(id) = person else { continue };
            people.extend(self.db.read(|tx| store::person::get(tx, id))?.filter(|p| !p.erased));
        }
        let found = self.read_people(&self.readable(&undone), &people)?;
        Ok(Read { people: people.iter().map(|p| p.id).zip(found).collect(), ..Read::default() })
    }

    /// Decides an act about freezing.
    pub(super) fn decide_freeze(&self, tx: &mut Tx, request: &ActRequest, target: ActTarget, read: &Read, cx: &mut Context) -> Told {
        let reason = request.reason.as_deref().unwrap_or_default();
        let limits = cx.policy.freeze.clone();
        match &request.act {
            Act::FreezeRequest { level, mode, at, plan_hash, confirm, ticket, except } => {
                let id = PersonId(target.id);
                let Some(person) = store::person::get(tx, id)?.filter(|p| !p.erased) else { return Ok(Err(nobody())) };
                if let Err(refusal) = same_version(&person, target.version) {
                    return Ok(Err(refusal));
                }
                let facts = self.plan_facts(tx, person, read.people.get(&id).cloned().unwrap_or_default(), None, &cx.operator_name, *at)?;
                let wish = Wish { except: except.clone(), ..self.wish(Direction::Freeze, *level, *mode, *at) };
                let plan = plan::make(&facts, &wish, &limits, cx.now);
                let asked =
                    Asked { plan_hash: plan_hash.as_deref(), confirm: confirm.as_deref(), reason, ticket: ticket.as_deref(), ground: None };
                // Whatever else holds the accounts blocks the plan.
                self.ordered(tx, request, id, order::request(&plan, &asked, None, &facts.busy, &limits, cx))
            }
            Act::FreezeThaw { plan_hash, confirm, ground } => {
                let Some(of) = store::freeze::facts(tx, FreezeId(target.id))? else { return Ok(Err(nobody())) };
                let may = order::check_version(&of.order, target.version).and_then(|()| order::can_thaw(&of.order));
                if let Err(refusal) = may {
                    return Ok(Err(refusal));
                }
                let id = of.order.person;
                let Some(person) = store::person::get(tx, id)?.filter(|p| !p.erased) else { return Ok(Err(nobody())) };
                let facts = self.plan_facts(
                    tx,
                    person,
                    read.people.get(&id).cloned().unwrap_or_default(),
                    Some(of.order.id),
                    &cx.operator_name,
                    None,
                )?;
                let wish = self.wish(Direction::Thaw, of.order.intent.level, Mode::Immediate, None);
                let plan = plan::make(&facts, &wish, &limits, cx.now);
                let asked = Asked { plan_hash: plan_hash.as_deref(), confirm: confirm.as_deref(), reason, ticket: None, ground: *ground };
                self.ordered(tx, request, id, order::request(&plan, &asked, Some(&of.order), &[], &limits, cx))
            }
            Act::FreezeDrill => Ok(Ok(self.decide_drill(&read.drilled, cx))),
            Act::FreezeLink { target: name, account } => self.decide_link(tx, request, target, name, account, cx),
            Act::FreezeUnlink { target: name, account } => {
                let id = PersonId(target.id);
                match store::freeze::link(tx, name, account)?.filter(|l| l.person == id) {
                    Some(_) => self.linked(tx, request, id, Change::Unlink { target: name.clone(), account: account.clone(), person: id }),
                    None => Ok(Err(Refusal::new(RefusalClass::NotFound, Sentence::new("refused-no-link")))),
                }
            }
            act => {
                let Some(facts) = store::freeze::facts(tx, FreezeId(target.id))? else { return Ok(Err(nobody())) };
                let mut spare = Vec::new();
                let others = match act {
                    Act::FreezeResume => self.may_go_on(tx, &facts.order, &mut spare, cx)?,
                    _ => self.another_word(tx, cx, act, &facts.order)?,
                };
                // The machine's own progress is no reason against a stop.
                let seen = target.version.filter(|_| *act != Act::FreezeStop);
                let decided = order::check_version(&facts.order, seen).and(others).and_then(|()| order::decide(&facts, act, cx));
                // First what lets go of the accounts.
                let decided = decided.map(|changes| spare.into_iter().chain(changes).collect());
                let before = Some(facts.order.version);
                self.decided(tx, Entity::Freeze, target.id, facts.order.person, before, decided, request)
            }
        }
    }

    /// Refuses what lost its grounds, and where another order holds the spell on one of the targets: a freeze does not run into a thaw. What
    /// the machine asked for in place of this very order ends instead: `spare`.
    fn may_go_on(&self, tx: &mut Tx, o: &Order, spare: &mut Vec<Change>, cx: &Context) -> Result<Result<(), Refusal>, StoreError> {
        if let Some((_, why)) = self.lost_grounds(tx, o.id)? {
            return Ok(Err(Refusal::new(RefusalClass::Policy, Sentence::new(why))));
        }
        let targets: Vec<String> = o.intent.steps.iter().map(|s| s.target.clone()).collect();
        for other in store::freeze::busy(tx, o.spell, &targets)?.into_iter().filter(|other| other.id != o.id) {
            let ended = store::freeze::facts(tx, other.id)?.map_or_else(Vec::new, |f| order::not_needed(&f, o.id, cx));
            if ended.is_empty() {
                return Ok(Err(Refusal::new(RefusalClass::Policy, order::busy(&other))));
            }
            spare.extend(ended);
        }
        Ok(Ok(()))
    }

    /// A new order, or its refusal.
    fn ordered(&self, tx: &mut Tx, request: &ActRequest, person: PersonId, decided: Result<Vec<Change>, Refusal>) -> Told {
        let id = match &decided {
            // The new one, and not those that give way to it.
            Ok(changes) => changes.iter().find_map(|c| if let Change::Freeze(o) = c { (o.version == 1).then_some(o.id.0) } else { None }),
            Err(_) => None,
        };
        self.decided(tx, Entity::Freeze, id.unwrap_or(person.0), person, None, decided, request)
    }

    fn decide_link(&self, tx: &mut Tx, request: &ActRequest, target: ActTarget, name: &str, account: &str, cx: &Context) -> Told {
        let id = PersonId(target.id);
        if store::person::get(tx, id)?.is_none_or(|p| p.erased) {
            return Ok(Err(nobody()));
        }
        if self.targets.get(name).is_none() {
            return Ok(Err(Refusal::new(RefusalClass::NotFound, Sentence::new("refused-no-target").with("target", name))));
        }
        if store::freeze::link(tx, name, account)?.is_some() {
            // One account is one person's: a second link would freeze somebody else.
            return Ok(Err(Refusal::new(RefusalClass::Conflict, Sentence::new("refused-linked").with("account", account))));
        }
        if store::freeze::in_hand(tx, name, account, id)? {
            // An order for somebody else works on it: it would go on against the person it is linked to now.
            return Ok(Err(Refusal::new(RefusalClass::Conflict, Sentence::new("refused-link-in-hand").with("account", account))));
        }
        let link = Link { target: name.to_owned(), account: account.to_owned(), person: id, by: cx.operator_name.clone(), at: cx.now };
        self.linked(tx, request, id, Change::Link(link))
    }

    fn linked(&self, tx: &mut Tx, request: &ActRequest, id: PersonId, change: Change) -> Told {
        let item = self.item(tx, Entity::Person, id.0, Some(id), None, None, request)?;
        Ok(Ok(Decided { changes: vec![change], items: vec![item], version: None, pending: None }))
    }

    /// Writes an order, wakes whoever goes on with it, and tells the orders that hang on it.
    pub(super) fn apply_order(&self, tx: &mut Tx, o: &Order) -> Result<(), Failure> {
        store::freeze::put(tx, o)?;
        match o.state {
            OrderState::Approved => self.queue(tx, run::START, &o.id.to_string(), o.run_at(), "")?,
            OrderState::Executing => {
                let targets: std::collections::BTreeSet<&str> = o.intent.steps.iter().map(|s| s.target.as_str()).collect();
                for target in targets {
                    self.queue(tx, run::TARGET, target, tx.now(), "")?;
                }
                // What could not be read when it was planned.
                self.queue_stand_in(tx, o, &[])?;
            }
            OrderState::Partial if o.spent && o.gaps.iter().any(|g| g.what == GapKind::Appeared && g.keeps_open()) => {
                self.queue(tx, AMEND, &o.id.to_string(), tx.now(), "")?;
            }
            OrderState::Complete => self.ended(tx, o)?,
            _ => {}
        }
        if o.version == 1 && o.intent.mode == Mode::Emergency {
            // Loud: whoever handles the alert reviews what was done on one person's word.
            self.raise(tx, o, AlertKind::BreakGlass)?;
        }
        Ok(self.queue_watch(tx)?)
    }

    /// What hangs on a complete order: the freeze that a thaw took back, orders that gave way to it, and gaps of older ones that it closed.
    fn ended(&self, tx: &mut Tx, o: &Order) -> Result<(), Failure> {
        if o.intent.direction == Direction::Thaw {
            return o.undoes.map_or(Ok(()), |of| self.mark_undone(tx, of, OrderState::Thawed));
        }
        for older in store::freeze::standing(tx, o.spell)?.into_iter().filter(|older| older.id != o.id) {
            let steps = store::freeze::steps(tx, older.id)?;
            let now = tx.now();
            let mut next = pair::goes_on(&older, &steps, o, now).or_else(|| pair::covered(&older, &steps, o, now));
            if older.state == OrderState::Drifted {
                let done = store::freeze::steps(tx, o.id)?;
                if let Some((again, changed)) = pair::retaken(&older, &steps, o, &done, now) {
                    store::freeze::put_steps(tx, older.id, &changed)?;
                    next = Some(again);
                }
            }
            let Some(next) = next else { continue };
            self.apply_order(tx, &next)?;
            store::audit::announce(tx, "freeze", Some(next.id.0))?;
            self.entry(tx, "freeze.covered", &[(next, older.version)], &[])?;
        }
        Ok(())
    }
}

/// Whose accounts are asked for.
struct Asking {
    subject: Subject,
    by_hand: Vec<Link>,
}

fn asking(tx: &mut Tx, p: &Person) -> Result<Asking, StoreError> {
    let subject = Subject { employee_number: p.number.clone(), email: p.email.clone() };
    Ok(Asking { subject, by_hand: store::freeze::links_of(tx, p.id)? })
}

/// What a target has of a person.
struct Has {
    /// By rule, then by hand what the rule does not give.
    accounts: Vec<Account>,
    /// How many of them the rule gave.
    by_rule: usize,
}

async fn accounts(t: &dyn Target, asked: &Asking) -> Result<Has, ReadFault> {
    let (mut accounts, nobody) = match t.find(&asked.subject).await {
        Ok(found) => (found, None),
        Err(e) if e.why.code == NO_VALUE => (Vec::new(), Some(e)),
        Err(e) => return Err(e),
    };
    let by_rule = accounts.len();
    for link in asked.by_hand.iter().filter(|l| l.target == t.card().name) {
        if accounts.iter().all(|a| a.id != link.account) {
            accounts.extend(t.get(&link.account).await?);
        }
    }
    match nobody {
        // Nobody was looked for: that is not the same as nobody being there.
        Some(e) if accounts.is_empty() => Err(e),
        _ => Ok(Has { accounts, by_rule }),
    }
}

/// Which accounts are the person's: found by rule and nobody else's by hand. A rule that gives several gives none, and neither does what is
/// also marked with the number or the address of somebody else who works here.
fn sort_out(tx: &mut Tx, person: &Person, card: crate::domain::target::Card, has: Has, links: &[Link]) -> Result<Found, Failure> {
    let mut quarantined = Vec::new();
    let mut mine = Vec::new();
    for (i, a) in has.accounts.into_iter().enumerate() {
        let by_hand = links.iter().any(|l| l.target == card.name && l.account == a.id);
        if !by_hand && store::freeze::link(tx, &card.name, &a.id)?.is_some_and(|l| l.person != person.id) {
            continue;
        }
        let doubtful = has.by_rule > 1 || store::person::others_known_by(tx, person.id, &a.marks)?;
        if !by_hand && i < has.by_rule && doubtful {
            quarantined.push(a);
            continue;
        }
        mine.push(a);
    }
    Ok(Found { card, accounts: Ok(mine), quarantined })
}

fn planned(plan: Plan, person: PersonId, at: Timestamp) -> Seen {
    Seen {
        reply: Reply { at, behind: None, answer: Answer::FreezePlan(Box::new(plan)) },
        subjects: vec![person],
        customers: Vec::new(),
        personal: true,
        at_once: true,
        statements: 0,
    }
}

fn not_found() -> Failure {
    Failure::new(FailureKind::NotFound, Sentence::new("not-found").with("what", "@entity-person"))
}

fn order_not_found() -> Failure {
    Failure::new(FailureKind::NotFound, Sentence::new("not-found").with("what", "@entity-freeze"))
}

fn nobody() -> Refusal {
    Refusal::new(RefusalClass::NotFound, Sentence::new("refused-not-found"))
}

fn same_version(person: &Person, seen: Option<i64>) -> Result<(), Refusal> {
    match seen {
        Some(v) if v != person.version => Err(Refusal::new(
            RefusalClass::Conflict,
            Sentence::new("refused-person-changed").with("seen", v).with("version", person.version),
        )),
        _ => Ok(()),
    }
}
