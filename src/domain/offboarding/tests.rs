//! Invariants 21 to 25 of domain.md over random acts of four operators, one of whom is the leaver, with customers and accounts that move
//! by themselves.

use super::*;
use crate::domain::{
    act::Policy,
    duty::DutyDone,
    handover::{Around, DeskHolder, Evidence, FileRef, Version},
    ids::{CustomerId, OperatorId},
    stages::{Desk, SHIPPED},
};
use jiff::SignedDuration;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use strum::IntoEnumIterator;

const OPERATORS: [&str; 4] = ["chen", "lin", "sun", "10002"];

fn day(s: &str) -> Date {
    s.parse().unwrap()
}

fn start_facts(customers: u128) -> StartFacts {
    let desk = |desk, n: usize| DeskHolder { desk, id: OperatorId(Uuid(n)), name: OPERATORS[n].into() };
    StartFacts {
        leaver: Leaver {
            person: PersonId(Uuid(50)),
            spell: SpellId(Uuid(51)),
            number: "10002".into(),
            sort_name: "wang xiaoyuan".into(),
            state: SpellState::Active,
            started: day("2019-01-01"),
            last_day: None,
            also: vec!["10002".into()],
        },
        template: Template::parse(SHIPPED.1).unwrap(),
        held: (0..customers).map(holding).collect(),
        known: None,
        today: day("2026-03-02"),
        desks: vec![desk(Desk::SalesManager, 2), desk(Desk::HrSpecialist, 0)],
    }
}

#[allow(non_snake_case)]
fn Uuid(n: impl TryInto<u128>) -> uuid::Uuid {
    uuid::Uuid::from_u128(n.try_into().unwrap_or_default())
}

fn holding(n: u128) -> Holding {
    Holding {
        customer: CustomerId(Uuid(100 + n)),
        version: 1,
        number: format!("K{n}"),
        name: format!("客户{n}"),
        open_orders: (n % 2) as i64,
        receivable_fen: 100 * n as i64,
        transfer: "-".into(),
        until: None,
        due: false,
        declined: false,
        collector: false,
    }
}

/// A case and the world around it.
struct World {
    f: CaseFacts,
    at: Timestamp,
    made: u128,
    /// Items whose waiver was asked for, and by whom.
    asked: BTreeMap<ItemId, usize>,
    /// Addenda and whatever else came of decisions on this case.
    others: Vec<CaseId>,
    /// Everything that its decisions ever wrote.
    wrote: BTreeSet<uuid::Uuid>,
}

impl World {
    fn new(customers: u128, last_day: Date) -> Self {
        Self::of(start_facts(customers), last_day, "2026-03-02T02:00:00Z".parse().unwrap(), 1_000)
    }

    /// The same human being on a new employment, and a case of that one too.
    fn again(&self, customers: u128, days: i64) -> Self {
        let mut facts = start_facts(customers);
        facts.today = self.f.today;
        // Beyond whatever the older case still makes.
        let spell = SpellId(Uuid(self.made + 900_000));
        // A new number: an operator named by the number of the earlier employment is the leaver all the same.
        let number = format!("3{}", self.made);
        let also = facts.leaver.also.iter().cloned().chain([number.clone()]).collect();
        let started = facts.today;
        facts.leaver = Leaver { spell, number, also, state: SpellState::Active, started, last_day: None, ..facts.leaver };
        Self::of(facts, self.f.today + days.days(), self.at, self.made + 1_000_000)
    }

    fn of(facts: StartFacts, last_day: Date, at: Timestamp, made: u128) -> Self {
        let mut world = Self {
            f: CaseFacts {
                case: first(&facts, last_day),
                template: facts.template.clone(),
                leaver: facts.leaver.clone(),
                items: Vec::new(),
                duties: Vec::new(),
                held: facts.held.clone(),
                freeze: FreezeStanding::None,
                today: facts.today,
                pending: Vec::new(),
            },
            at,
            made,
            asked: BTreeMap::new(),
            others: Vec::new(),
            wrote: BTreeSet::new(),
        };
        let mut cx = world.context(0);
        let changes = start(&facts, &NewCase { exit: ExitKind::Resigned, last_day, notice_on: None }, &mut cx).unwrap();
        world.take(changes);
        world
    }

    fn context(&mut self, by: usize) -> Context {
        let mut made = self.made;
        self.made += 1_000;
        let new = Box::new(move |_| {
            made += 1;
            Uuid(made)
        });
        Context::new(self.at, OperatorId(Uuid(by)), OPERATORS[by], Policy::default(), new)
    }

    fn take(&mut self, changes: Vec<Change>) {
        for c in changes {
            self.wrote.extend(match &c {
                Change::Case { case, .. } => Some(case.id.0),
                Change::Item(i) => Some(i.id.0),
                Change::Duty(d) => Some(d.id.0),
                Change::Spell { spell, .. } => Some(spell.0),
                _ => None,
            });
            match c {
                Change::Case { case, .. } if case.addendum_of.is_some() && case.id != self.f.case.id => self.others.push(case.id),
                Change::Case { case, template } => {
                    assert!(case.id == self.f.case.id || template.is_some());
                    self.f.case = case;
                }
                // What belongs to an addendum is not this case's.
                Change::Item(i) if self.others.contains(&i.case) => {}
                Change::Item(i) => match self.f.items.iter_mut().find(|o| o.id == i.id) {
                    Some(old) => *old = *i,
                    None => self.f.items.push(*i),
                },
                Change::Duty(d) => match self.f.duties.iter_mut().find(|o| o.id == d.id) {
                    Some(old) => *old = d,
                    None => self.f.duties.push(d),
                },
                Change::Spell { spell, state, last_day, .. } => {
                    assert_eq!(spell, self.f.leaver.spell);
                    (self.f.leaver.state, self.f.leaver.last_day) = (state, last_day);
                }
                _ => {}
            }
        }
    }
}

fn first(facts: &StartFacts, last_day: Date) -> Case {
    let mut cx =
        Context::new("2026-03-02T02:00:00Z".parse().unwrap(), OperatorId(Uuid(0)), "chen", Policy::default(), Box::new(|_| Uuid(999)));
    let changes = start(facts, &NewCase { exit: ExitKind::Resigned, last_day, notice_on: None }, &mut cx).unwrap();
    changes.into_iter().find_map(|c| if let Change::Case { case, .. } = c { Some(case) } else { None }).unwrap()
}

/// What happens.
#[derive(Clone, Debug)]
enum Step {
    Case {
        by: usize,
        act: Act,
    },
    Item {
        by: usize,
        n: usize,
        act: Act,
    },
    /// A complete submission of what the item wants.
    Good {
        by: usize,
        n: usize,
    },
    Grant {
        by: usize,
    },
    Duty {
        by: usize,
        n: usize,
    },
    /// A customer goes to somebody else, declines, or comes.
    Customer {
        n: usize,
        how: u8,
    },
    Freeze(u8),
    /// A file says when the employment ends, so many days from now, or that it does not.
    Record(Option<i64>),
    Days(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let by = 0..OPERATORS.len();
    let why = || "because".to_owned();
    let on_case = prop_oneof![
        2 => Just(Act::OffboardingApprove),
        6 => Just(Act::OffboardingAdvance),
        6 => Just(Act::OffboardingClose),
        1 => Just(Act::OffboardingWithdraw),
        1 => Just(Act::OffboardingAbandon { last_day: day("2026-03-01") }),
    ];
    let on_item = prop_oneof![
        8 => Just(Act::OffboardingReview { hash: None }),
        2 => Just(Act::OffboardingReturn { why: why() }),
        3 => Just(Act::OffboardingWaive { why: why() }),
        1 => Just(Act::OffboardingBlock { why: why() }),
        1 => Just(Act::OffboardingCorrect { why: why() }),
        1 => Just(Act::OffboardingSubmit { evidence: Box::default() }),
        1 => Just(Act::OffboardingAssign { reviewer: "lin".into() }),
    ];
    prop_oneof![
        4 => (by.clone(), on_case).prop_map(|(by, act)| Step::Case { by, act }),
        8 => (by.clone(), 0usize..16, on_item).prop_map(|(by, n, act)| Step::Item { by, n, act }),
        8 => (by.clone(), 0usize..16).prop_map(|(by, n)| Step::Good { by, n }),
        3 => by.clone().prop_map(|by| Step::Grant { by }),
        1 => (by, 0usize..8).prop_map(|(by, n)| Step::Duty { by, n }),
        3 => (0usize..4, 0u8..8).prop_map(|(n, how)| Step::Customer { n, how }),
        1 => (0u8..4).prop_map(Step::Freeze),
        1 => proptest::option::of(-3i64..20).prop_map(Step::Record),
        1 => (0i64..9).prop_map(Step::Days),
    ]
}

fn good(i: &HandoverItem, today: Date) -> Evidence {
    Evidence {
        file: Some(FileRef { hash: "ab".repeat(32), name: "f".into() }),
        signatory: Some("王经理".into()),
        signed_on: Some(today),
        place: Some("办公室".into()),
        customers: (i.kind == ItemKind::CustomerList).then_some(i.ledger.customers),
        orders: (i.kind == ItemKind::Orders).then_some(i.ledger.orders),
        receivable_fen: (i.kind == ItemKind::Receivables).then_some(i.ledger.receivable_fen),
        ..Evidence::default()
    }
}

impl World {
    fn run(&mut self, step: &Step) {
        self.at += SignedDuration::from_mins(1);
        match step {
            Step::Case { by, act } => {
                let mut cx = self.context(*by);
                if let Ok(changes) = decide(&self.f.clone(), act, &mut cx) {
                    self.take(changes);
                }
            }
            Step::Item { by, n, act } => {
                let Some(id) = self.f.items.get(n % self.f.items.len().max(1)).map(|i| i.id) else { return };
                self.on_item(*by, id, act);
            }
            Step::Good { by, n } => {
                let Some(i) = self.f.items.get(n % self.f.items.len().max(1)) else { return };
                let (id, evidence) = (i.id, Box::new(good(i, self.f.today)));
                self.on_item(*by, id, &Act::OffboardingSubmit { evidence });
            }
            Step::Grant { by } => {
                let Some((id, asker)) = self.asked.pop_first() else { return };
                self.f.pending.retain(|p| *p != id);
                if asker == *by {
                    return;
                }
                let mut cx = self.context(*by);
                cx.approved = true;
                let act = Act::OffboardingWaive { why: "because".into() };
                if let Ok(changes) = handover::decide(&self.f.clone(), id, &act, &Around::default(), &mut cx) {
                    self.take(changes);
                }
            }
            Step::Duty { by, n } => {
                let Some(d) = self.f.duties.get(n % self.f.duties.len().max(1)).cloned() else { return };
                let done = DutyDone { note: Some("done".into()), ..DutyDone::default() };
                let today = self.f.today;
                let mut cx = self.context(*by);
                let marked = duty::decide(&d, &Act::OffboardingDuty { done }, today, true, &mut cx);
                // Nothing of the company track is asked: only the duty's own state and day count.
                let early = matches!(d.kind, DutyKind::LastDay | DutyKind::KeepContract) && today < d.due_on;
                assert_eq!(marked.is_ok(), d.state == DutyState::Open && !early && d.kind != DutyKind::Stays);
                self.take(marked.unwrap_or_default());
            }
            Step::Customer { n, how } => match how {
                0 => self.f.held.push(holding(50 + self.made)),
                1 => {
                    if let Some(h) = self.f.held.get_mut(*n) {
                        (h.declined, h.collector) = (true, n % 2 == 0);
                    }
                }
                _ => {
                    if *n < self.f.held.len() {
                        self.f.held.remove(*n);
                    }
                }
            },
            Step::Record(ends) => {
                if self.f.leaver.state == SpellState::Departed {
                    return;
                }
                self.f.leaver.last_day = ends.map(|n| self.f.today + n.days());
                let gone = self.f.leaver.last_day.is_some_and(|l| l < self.f.today);
                self.f.leaver.state = match (gone, ends) {
                    (true, _) => SpellState::Departed,
                    (false, Some(_)) => SpellState::Notice,
                    (false, None) => SpellState::Active,
                };
                let mut cx = self.context(0);
                let followed = follow_record(&self.f.clone(), &mut cx);
                self.take(followed.unwrap_or_default());
                let mut cx = self.context(0);
                assert!(follow_record(&self.f, &mut cx).is_none(), "a record is followed once");
            }
            Step::Freeze(n) => self.f.freeze = FreezeStanding::iter().nth(usize::from(*n)).unwrap(),
            Step::Days(n) => self.f.today += n.days(),
        }
    }

    fn on_item(&mut self, by: usize, id: ItemId, act: &Act) {
        let around = Around { assignee: Some((OperatorId(Uuid(1)), "lin".into())), file_known: true };
        let mut cx = self.context(by);
        let Ok(changes) = handover::decide(&self.f.clone(), id, act, &around, &mut cx) else { return };
        if let [Change::Approval(_)] = changes.as_slice() {
            self.asked.insert(id, by);
            self.f.pending.push(id);
        }
        if matches!(act, Act::OffboardingReview { .. } | Act::OffboardingReturn { .. }) {
            let i = self.f.items.iter().find(|i| i.id == id).unwrap();
            assert_ne!(i.submitter, Some(OperatorId(Uuid(by))), "who handed in reviews");
            assert_ne!(OPERATORS[by], "10002", "the leaver reviews");
        }
        self.take(changes);
    }

    /// What must hold after every step, given what was before it.
    fn check(&self, before: &CaseFacts) {
        let c = &self.f.case;
        if c.state == CaseState::Closed && before.case.state != CaseState::Closed {
            assert!(gates(before).iter().all(|g| g.holds), "21: closed with {:?}", gates(before));
            assert!(before.items.iter().all(|i| i.state.is_settled() || i.kind == ItemKind::Accounts), "21: an open item");
        }
        if !before.case.state.is_open() {
            assert_eq!(&before.case, c, "a case that ended changes");
            assert_eq!(before.items, self.f.items, "an item of a case that ended changes");
        }
        // What was done keeps the day on which it was due then.
        let own = |d: &&Duty| matches!(d.kind, DutyKind::Thaw | DutyKind::Stays);
        for d in self.f.duties.iter().filter(|d| !own(d) && d.state == DutyState::Open) {
            assert_eq!(d.due_on, duty::due_on(d.kind, c.last_day), "22: {d:?}");
        }
        for old in &before.items {
            let now = self.f.items.iter().find(|i| i.id == old.id).expect("an item was lost");
            let kept: &[Version] = now.evidence.get(..old.evidence.len()).expect("23: a version was lost");
            for (a, b) in old.evidence.iter().zip(kept) {
                assert_eq!((a.n, &a.evidence, &a.by, a.at), (b.n, &b.evidence, &b.by, b.at), "23");
                assert!(a.verdict.is_none() || a.verdict == b.verdict, "23: a verdict was changed");
            }
            if old.state.is_settled() {
                assert_eq!(old, now, "what is accepted or waived stays so");
            }
            if now.state == ItemState::Accepted {
                assert!(now.evidence.last().is_some_and(|v| v.verdict.as_ref().is_some_and(|v| v.accepted && v.by.is_some())));
            }
        }
        assert!(self.f.items.iter().all(|i| i.case == c.id), "24: another case's item");
        if c.state == CaseState::Withdrawn {
            let thaw = self.f.duties.iter().any(|d| d.kind == DutyKind::Thaw && d.state == DutyState::Open);
            if before.case.state != CaseState::Withdrawn {
                assert_eq!(thaw, before.freeze != FreezeStanding::None, "25");
            }
            assert!(self.f.duties.iter().all(|d| d.state != DutyState::Open || d.kind == DutyKind::Thaw));
        }
        assert!(c.version >= before.case.version && (c.version > before.case.version || c == &before.case), "a change without a version");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_case_keeps_its_laws_over_random_acts(customers in 0u128..4, days in -3i64..20, steps in proptest::collection::vec(step(), 0..160)) {
        let mut world = World::new(customers, day("2026-03-02") + days.days());
        for s in &steps {
            let before = world.f.clone();
            world.run(s);
            world.check(&before);
        }
    }
}

/// What happens to somebody who comes back.
#[derive(Clone, Debug)]
enum Life {
    /// In the newest case, or in one so many before it.
    On(usize, Step),
    /// They leave if they have not, and are hired again.
    Rehired { customers: u128, days: i64 },
}

fn life() -> impl Strategy<Value = Life> {
    let ago = prop_oneof![3 => Just(0usize), 1 => 1usize..3];
    prop_oneof![
        30 => (ago, step()).prop_map(|(ago, step)| Life::On(ago, step)),
        1 => (0u128..4, 1i64..20).prop_map(|(customers, days)| Life::Rehired { customers, days }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Invariant 24: no decision on the case of one employment writes anything of another one's, whichever is acted on.
    #[test]
    fn a_rehire_changes_no_older_case(days in 0i64..20, lives in proptest::collection::vec(life(), 0..160)) {
        let mut worlds = vec![World::new(2, day("2026-03-02") + days.days())];
        for l in [Life::Rehired { customers: 1, days: 10 }].into_iter().chain(lives) {
            let newest = worlds.len() - 1;
            match l {
                Life::On(ago, step) => {
                    let meant = newest.saturating_sub(ago);
                    let was = worlds[meant].f.clone();
                    worlds[meant].run(&step);
                    worlds[meant].check(&was);
                }
                Life::Rehired { customers, days } => {
                    let old = &mut worlds[newest];
                    old.run(&Step::Record(Some(-1)));
                    prop_assert_eq!(old.f.leaver.state, SpellState::Departed);
                    let next = old.again(customers, days);
                    prop_assert_eq!(next.f.case.person, worlds[newest].f.case.person);
                    prop_assert_ne!(next.f.case.spell, worlds[newest].f.case.spell);
                    worlds.push(next);
                }
            }
        }
        for (n, w) in worlds.iter().enumerate() {
            for other in worlds.iter().skip(n + 1) {
                prop_assert!(w.wrote.is_disjoint(&other.wrote), "24: a decision on one case wrote what belongs to another");
            }
        }
    }
}

/// The random acts do reach the ends: a property over cases that never close proves nothing.
#[test]
fn a_case_can_be_walked_to_its_end() {
    let mut w = World::new(2, day("2026-03-20"));
    let case = |by, act| Step::Case { by, act };
    w.run(&case(1, Act::OffboardingApprove));
    w.f.held.clear();
    for stage in 0..2 {
        for n in 0..w.f.items.len() {
            let (desk, during) = (w.f.items[n].desk, w.f.items[n].kind.during());
            if (during == During::Handover) == (stage == 0) && w.f.items[n].kind != ItemKind::Accounts {
                w.run(&Step::Good { by: 1, n });
                w.run(&Step::Item { by: if desk == Desk::SalesManager { 2 } else { 0 }, n, act: Act::OffboardingReview { hash: None } });
            }
        }
        w.run(&case(0, Act::OffboardingAdvance));
    }
    assert_eq!(w.f.case.state, CaseState::ReadyToClose, "{:?}", gates(&w.f));
    w.run(&case(0, Act::OffboardingClose));
    assert_eq!(w.f.case.state, CaseState::ReadyToClose);
    for standing in [FreezeStanding::Open, FreezeStanding::UnknownSteps] {
        w.f.freeze = standing;
        w.run(&case(0, Act::OffboardingClose));
        assert_eq!(w.f.case.state, CaseState::ReadyToClose, "unknown never counts as done");
    }
    w.f.freeze = FreezeStanding::Complete;
    w.run(&case(0, Act::OffboardingClose));
    assert_eq!(w.f.case.state, CaseState::Closed);
}

/// Invariant 25, plainly.
#[test]
fn who_stays_after_a_freeze_has_a_thaw_to_come() {
    let mut w = World::new(1, day("2026-03-20"));
    w.f.freeze = FreezeStanding::Complete;
    w.run(&Step::Case { by: 1, act: Act::OffboardingWithdraw });
    let thaw: Vec<_> = w.f.duties.iter().filter(|d| d.state == DutyState::Open).map(|d| (d.kind, d.due_on)).collect();
    assert_eq!(thaw, [(DutyKind::Thaw, w.f.today)]);
}

#[test]
fn the_leaver_is_known_by_number_and_by_name() {
    let leaver = start_facts(0).leaver;
    for own in ["10002", "wangxiaoyuan", "Wang.Xiaoyuan", "wang_xiaoyuan"] {
        assert!(leaver.is_operator(own), "{own}");
    }
    for other in ["", "-", "10003", "wang", "chen"] {
        assert!(!leaver.is_operator(other), "{other}");
    }
}
