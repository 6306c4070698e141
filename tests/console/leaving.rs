//! People who leave, as the door shows them: cases made and moved by the domain's own decisions.

use crate::company::{id, now, person};
use std::collections::BTreeMap;
use tenure::{
    backend::answer::{Board, DutyRow, OffboardingCard, OffboardingRow, PersonRow},
    domain::{
        act::{Act, Change, Context, Entity, Policy, Refusal},
        customer::{self, Customer, CustomerFacts, Taker, Transfer, TransferState},
        duty::{self, Duty, DutyKind, DutyState},
        handover::{self, Around, DeskHolder, Evidence, FileRef, HandoverItem, Holding, ItemKind},
        ids::{CustomerId, DutyId, ItemId, OperatorId, PersonId, SpellId, TransferId},
        offboarding::{self, CaseFacts, FreezeStanding, Leaver, NewCase, StartFacts},
        person::{ExitKind, SpellState},
        row::ItemCounts,
        stages::{Desk, SHIPPED, Template},
    },
};
use uuid::Uuid;

/// What became of an act: the thing, its card, and the version with whether it now waits.
type Decided = (Entity, OffboardingCard, Result<(i64, bool), Refusal>);

/// A company's cases.
#[derive(Clone)]
pub struct Cases {
    pub all: Vec<CaseFacts>,
    people: Vec<usize>,
    made: u128,
}

fn today() -> jiff::civil::Date {
    "2026-11-22".parse().unwrap()
}

fn file(n: u8) -> FileRef {
    FileRef { hash: hex::encode([n; 32]), name: "交接确认函.pdf".into() }
}

/// The operators of the company: lin looks at the console.
pub fn operator(name: &str) -> OperatorId {
    OperatorId(id(
        9,
        match name {
            "lin" => 1,
            "zhang" => 2,
            _ => 3,
        },
    ))
}

impl Default for Cases {
    fn default() -> Self {
        let mut cases = Self { all: Vec::new(), people: Vec::new(), made: 0 };
        // 欧阳慧敏 hands over: one letter came back, one is under review, one is accepted; the certificate is given.
        let a = cases.start(3, "2026-11-27", 5);
        cases.act(a, "lin", Act::OffboardingApprove);
        cases.act(a, "zhang", Act::OffboardingAdvance);
        let letters: Vec<ItemId> = cases.all[a].items.iter().filter(|i| i.kind == ItemKind::Customer).map(|i| i.id).collect();
        let letter = |n: u8| Act::OffboardingSubmit {
            evidence: Box::new(Evidence {
                file: Some(file(n)),
                signatory: Some("王经理".into()),
                signed_on: Some(today()),
                ..Evidence::default()
            }),
        };
        for (n, letter_id) in letters.iter().enumerate().take(3) {
            cases.on(a, *letter_id, "zhang", letter(n as u8 + 1));
        }
        cases.on(a, letters[0], "lin", Act::OffboardingReview { hash: None });
        cases.on(a, letters[1], "lin", Act::OffboardingReturn { why: "缺客户签字".into() });
        let unsigned = Evidence { file: Some(file(9)), ..Evidence::default() };
        cases.on(a, letters[3], "zhang", Act::OffboardingSubmit { evidence: Box::new(unsigned) });
        cases.on(a, letters[4], "lin", Act::OffboardingAssign { reviewer: "zhang".into() });
        let d = cases.all[a].duties.iter().position(|d| d.kind == DutyKind::Certificate).unwrap();
        let given = &mut cases.all[a].duties[d];
        (given.state, given.done_on, given.done_by) = (DutyState::Done, Some(today()), Some("zhang".into()));
        // 刘洋 has only given notice; 赵敏 left the day before yesterday and nothing is done.
        cases.start(7, "2026-12-20", 2);
        let c = cases.start(6, "2026-11-20", 0);
        cases.act(c, "lin", Act::OffboardingApprove);
        cases
    }
}

impl Cases {
    /// What is owed to leavers, and an apology to somebody who has no case.
    pub fn owed(&self, wronged: Option<usize>) -> Vec<DutyRow> {
        let row = |c: &CaseFacts, who: &usize| {
            let open = c.duties.iter().filter(|d| d.state == DutyState::Open).cloned().collect::<Vec<_>>();
            open.into_iter().map(|duty| DutyRow { duty, employee: person(*who) }).collect::<Vec<_>>()
        };
        let mut all: Vec<DutyRow> = self.all.iter().zip(&self.people).flat_map(|(c, who)| row(c, who)).collect();
        if let (Some(who), Some(first)) = (wronged, all.first().cloned()) {
            let duty = Duty {
                id: DutyId(id(12, who)),
                case: None,
                person: person(who).id,
                kind: DutyKind::Apology,
                due_on: "2026-11-23".parse().unwrap(),
                ..first.duty
            };
            all.push(DutyRow { duty, employee: person(who) });
        }
        all.sort_by_key(|r| r.duty.due_on);
        all
    }

    fn context(&mut self, by: &str) -> Context {
        let mut made = self.made;
        self.made += 100;
        Context::new(
            now(),
            operator(by),
            by,
            Policy::default(),
            Box::new(move |_| {
                made += 1;
                id(7, usize::try_from(made).unwrap())
            }),
        )
    }

    fn start(&mut self, who: usize, last_day: &str, customers: usize) -> usize {
        let p = person(who);
        let template = Template::parse(SHIPPED.1).unwrap();
        let leaver = Leaver {
            person: p.id,
            spell: SpellId(id(3, who)),
            number: p.number,
            sort_name: p.sort_name,
            state: SpellState::Active,
            started: "2019-03-01".parse().unwrap(),
            last_day: None,
            also: Vec::new(),
        };
        let names = ["宏远贸易", "华东纺织", "顺达物流", "金桥电子", "Blue Harbour Ltd"];
        let held: Vec<Holding> = (0..customers)
            .map(|n| Holding {
                customer: CustomerId(id(8, who * 10 + n)),
                version: 1,
                number: format!("K{who}{n:02}"),
                name: names[n % names.len()].into(),
                open_orders: n as i64 % 2,
                receivable_fen: 412_300 * n as i64,
                transfer: if n == 4 { "@transfer-state-pending".into() } else { "-".into() },
                until: None,
                due: false,
                declined: false,
                collector: false,
            })
            .collect();
        let desk = |desk, name: &str| DeskHolder { desk, id: operator(name), name: name.into() };
        let facts = StartFacts {
            leaver: leaver.clone(),
            template: template.clone(),
            held: held.clone(),
            known: None,
            today: today(),
            desks: vec![desk(Desk::SalesManager, "lin"), desk(Desk::HrSpecialist, "zhang")],
        };
        let new = NewCase { exit: ExitKind::Resigned, last_day: last_day.parse().unwrap(), notice_on: None };
        let changes = offboarding::start(&facts, &new, &mut self.context("zhang")).unwrap();
        let mut made = None;
        for c in &changes {
            if let Change::Case { case, .. } = c {
                made = Some(case.clone());
            }
        }
        self.all.push(CaseFacts {
            case: made.unwrap(),
            template,
            leaver,
            items: Vec::new(),
            duties: Vec::new(),
            held,
            freeze: FreezeStanding::None,
            today: today(),
            pending: Vec::new(),
        });
        self.people.push(who);
        let at = self.all.len() - 1;
        self.apply(at, changes);
        at
    }

    fn apply(&mut self, at: usize, changes: Vec<Change>) {
        let f = &mut self.all[at];
        for c in changes {
            match c {
                Change::Case { case, .. } => f.case = case,
                Change::Item(i) => match f.items.iter_mut().find(|o| o.id == i.id) {
                    Some(old) => *old = *i,
                    None => f.items.push(*i),
                },
                Change::Duty(d) => match f.duties.iter_mut().find(|o| o.id == d.id) {
                    Some(old) => *old = d,
                    None => f.duties.push(d),
                },
                Change::Spell { state, last_day, .. } => (f.leaver.state, f.leaver.last_day) = (state, last_day),
                _ => {}
            }
        }
    }

    fn act(&mut self, at: usize, by: &str, act: Act) {
        let facts = self.all[at].clone();
        let changes = offboarding::decide(&facts, &act, &mut self.context(by)).unwrap();
        self.apply(at, changes);
    }

    fn on(&mut self, at: usize, item: ItemId, by: &str, act: Act) {
        let facts = self.all[at].clone();
        let around = Around { assignee: Some((operator("zhang"), "zhang".into())), file_known: true };
        let changes = handover::decide(&facts, item, &act, &around, &mut self.context(by)).unwrap();
        self.apply(at, changes);
    }

    /// The item of a case that is about that customer.
    pub fn item(&self, at: usize, label: &str) -> &HandoverItem {
        self.all[at].items.iter().find(|i| i.label().contains(label)).unwrap()
    }

    fn row(&self, at: usize) -> OffboardingRow {
        let f = &self.all[at];
        let count = |of: &dyn Fn(&HandoverItem) -> bool| f.items.iter().filter(|i| of(i)).count() as i64;
        use handover::ItemState::{Returned, Submitted, UnderReview};
        OffboardingRow {
            case: f.case.clone(),
            employee: tenure::domain::person::PersonRef { state: f.leaver.state, ..person(self.people[at]) },
            counts: ItemCounts {
                all: f.items.len() as i64,
                settled: count(&|i| i.state.is_settled()),
                returned: count(&|i| i.state == Returned),
                review: count(&|i| matches!(i.state, Submitted | UnderReview)),
            },
            held: f.held.len() as i64,
            next_duty: f
                .duties
                .iter()
                .filter(|d| d.state == DutyState::Open && !matches!(d.kind, DutyKind::KeepContract | DutyKind::LastDay))
                .map(|d| (d.kind, d.due_on))
                .min_by_key(|d| d.1),
            freeze: f.freeze,
        }
    }

    pub fn card(&self, at: usize) -> OffboardingCard {
        let f = &self.all[at];
        OffboardingCard {
            row: self.row(at),
            gates: offboarding::gates(f),
            items: f.items.clone(),
            duties: f.duties.clone(),
            customers: f.held.clone(),
            leaver: f.leaver.clone(),
            stages: f.template.clone(),
            pending: f.pending.clone(),
            today: f.today,
        }
    }

    /// Does an act on a customer of a leaver. `None`: the target is none of theirs.
    pub fn customer(
        &mut self,
        people: &[PersonRow],
        act: &Act,
        target: Uuid,
        version: Option<i64>,
        cx: &mut Context,
    ) -> Option<Result<i64, Refusal>> {
        let at = self.all.iter().position(|f| f.held.iter().any(|h| h.customer.0 == target))?;
        let from = self.all[at].leaver.person;
        let h = self.all[at].held.iter_mut().find(|h| h.customer.0 == target)?;
        let taker = |id: PersonId| {
            let p = &people.iter().find(|p| p.person.id == id)?.person;
            let leaving = p.id == from || p.state == SpellState::Notice;
            Some(Taker { id, number: p.number.clone(), state: p.state, leaving })
        };
        let named = match act {
            Act::CustomerTransfer { to } => (taker(*to), None),
            Act::CustomerPool { collector } | Act::CustomerDecline { collector } => (None, collector.and_then(taker)),
            _ => (None, None),
        };
        let customer = Customer {
            id: h.customer,
            number: h.number.clone(),
            name: h.name.clone(),
            contact: None,
            owner: Some(from),
            since: None,
            collector: None,
            version: h.version,
            touched_by: Some("zhang".into()),
            touched_at: now(),
        };
        let open = (h.transfer != "-").then(|| Transfer {
            id: TransferId(id(8, 999)),
            customer: h.customer,
            from: Some(from),
            to: Some(PersonId(id(1, 7))),
            state: TransferState::Pending,
            open_orders: h.open_orders,
            receivable_fen: h.receivable_fen,
            collector: None,
            proposed_by: "zhang".into(),
            proposed_at: now(),
            pending_until: None,
            ended_at: None,
        });
        let facts = CustomerFacts {
            customer,
            open,
            open_orders: h.open_orders,
            receivable_fen: h.receivable_fen,
            taker: named.0,
            collector: named.1,
            today: today(),
            points_today: 0,
        };
        let decided = customer::check_version(&facts, version).and_then(|()| customer::decide(&facts, act, cx));
        Some(decided.map(|changes| {
            for c in changes {
                match c {
                    Change::Transfer(t) if t.state.is_open() => h.transfer = format!("@transfer-state-{}", t.state),
                    Change::Transfer(_) => h.transfer = "-".into(),
                    Change::Customer { customer, .. } => h.version = customer.version,
                    _ => {}
                }
            }
            h.version
        }))
    }

    pub fn find(&self, case: Uuid) -> Option<usize> {
        self.all.iter().position(|f| f.case.id.0 == case)
    }

    /// In the order of the board.
    pub fn board(&self) -> Board {
        let mut board = Board::default();
        let mut at: Vec<usize> = (0..self.all.len()).filter(|i| self.all[*i].case.state.is_open()).collect();
        at.sort_by_key(|i| (self.all[*i].case.state.rank(), self.all[*i].case.handover_due));
        let mut counts = BTreeMap::new();
        for f in &self.all {
            *counts.entry(f.case.state).or_default() += 1;
        }
        board.page.rows = at.into_iter().map(|i| self.row(i)).collect();
        board.counts = counts;
        board
    }

    /// Does an act of the operator who looks at the console. `None`: the target is none of the cases'.
    pub fn done(&mut self, act: &Act, target: Uuid, version: Option<i64>) -> Option<Decided> {
        let at = self
            .all
            .iter()
            .position(|f| f.case.id.0 == target || f.items.iter().any(|i| i.id.0 == target) || f.duties.iter().any(|d| d.id.0 == target))?;
        let f = self.all[at].clone();
        let mut cx = self.context("lin");
        let around = Around { assignee: Some((operator("zhang"), "zhang".into())), file_known: true };
        let (entity, decided) = if let Some(i) = f.items.iter().find(|i| i.id.0 == target) {
            let decided = handover::check_version(i, version).and_then(|()| handover::decide(&f, i.id, act, &around, &mut cx));
            (Entity::HandoverItem, decided)
        } else if let Some(d) = f.duties.iter().find(|d| d.id.0 == target) {
            (Entity::Duty, duty::check_version(d, version).and_then(|()| duty::decide(d, act, f.today, true, &mut cx)))
        } else {
            (Entity::Offboarding, offboarding::check_version(&f.case, version).and_then(|()| offboarding::decide(&f, act, &mut cx)))
        };
        let said = decided.map(|changes| {
            let pending = changes.iter().any(|c| matches!(c, Change::Approval(_)));
            let v = changes.iter().find_map(|c| match c {
                Change::Case { case, .. } => Some(case.version),
                Change::Item(i) => Some(i.version),
                Change::Duty(d) => Some(d.version),
                _ => None,
            });
            self.apply(at, changes);
            (v.unwrap_or(1), pending)
        });
        Some((entity, self.card(at), said))
    }
}
