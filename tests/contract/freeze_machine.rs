//! One machine over everything that freezing is made of: operators, workers, targets that fail, people who sign in, files about who leaves,
//! and clocks. After every move `freeze_checks` holds the store and the targets' own logs against invariants 26 to 38 of domain.md.
//!
//! A failure prints the script, move by move, with what each came to.

use crate::{
    freeze_checks::Checks,
    freezes::{card, company, wish},
    kit::{Engine, Hand, Kit, ROOMS, runner},
    sim::{Fault, Known, Pause, Sim},
};
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;
use std::{cell::Cell, collections::BTreeMap, sync::Arc, thread};
use tenure::{
    backend::{ActRequest, Backend, Preview},
    domain::{
        act::Act,
        freeze::{Direction, Level, Mode, Order, OrderState, Step, StepState},
        ids::{FreezeId, PersonId},
        target::{Protection, StepKind},
    },
    service::Service,
    store, worker,
};
use uuid::Uuid;

on_both!(every_interleaving_keeps_the_laws, faults_and_crashes_leave_what_would_be_without_them);

const HANDS: [&str; 3] = ["chen", "lin", "wang"];
/// Three of one name, one whose account on idp is the last administrator's, one who has lin's account, one with a service account.
const PEOPLE: [&str; 6] = ["20001", "20002", "20003", "10001", "10002", "10003"];

const WHO: [(&str, &str); 6] = [
    ("张伟", "/集团/研发部"),
    ("张伟", "/集团/快消部"),
    ("张伟", "/集团/制造部"),
    ("李研秋", "/集团/研发部"),
    ("王销远", "/集团/快消部"),
    ("赵销明", "/集团/制造部"),
];
const TARGETS: [&str; 3] = ["idp", "crm", "mail"];

/// Which hash an approver reads out.
#[derive(Clone, Copy, Debug)]
enum Read {
    Right,
    /// Of another order.
    Stale,
    Wrong,
}

/// What a file says of somebody.
#[derive(Clone, Copy, Debug)]
enum Fact {
    Notice,
    Withdrawn,
    Left,
    Rehired,
}

/// Orders and lines are meant by their place among those that the act is for.
#[derive(Clone, Copy, Debug)]
enum Move {
    Request {
        by: usize,
        whom: usize,
        level: Level,
        hours: Option<i64>,
        named: bool,
    },
    Overdue {
        whom: usize,
    },
    Approve {
        by: usize,
        order: usize,
        read: Read,
    },
    Deny {
        by: usize,
        order: usize,
    },
    Cancel {
        by: usize,
        order: usize,
    },
    Stop {
        by: usize,
        order: usize,
    },
    Resume {
        by: usize,
        order: usize,
    },
    Waive {
        by: usize,
        order: usize,
        line: usize,
    },
    Confirm {
        by: usize,
        order: usize,
    },
    Verify {
        by: usize,
        order: usize,
    },
    Thaw {
        by: usize,
        order: usize,
    },
    Link {
        by: usize,
        whom: usize,
        account: usize,
    },
    Unlink {
        by: usize,
        whom: usize,
        account: usize,
    },
    /// One of two workers.
    Work(usize),
    BothWork,
    /// A worker is held up past its lease while the other one works.
    Paused {
        target: usize,
        worker: usize,
        when: Pause,
    },
    Fail {
        target: usize,
        fault: Fault,
    },
    Down {
        target: usize,
        down: bool,
    },
    Closed {
        target: usize,
        closed: bool,
    },
    SignsIn {
        target: usize,
        whom: usize,
    },
    EndsSessions {
        target: usize,
        whom: usize,
    },
    /// Somebody or some sync enables the account behind us.
    Enabled {
        target: usize,
        whom: usize,
    },
    Appears {
        target: usize,
        whom: usize,
    },
    Vanishes {
        target: usize,
        whom: usize,
    },
    Minutes(i64),
    Hours(i64),
    Said {
        whom: usize,
        fact: Fact,
    },
}

fn a_move() -> impl Strategy<Value = Move> {
    use Move::*;
    // Few people are meant most of the time: what never meets proves little.
    let whom = || prop_oneof![6 => Just(0usize), 3 => Just(1usize), 1 => 2usize..PEOPLE.len()];
    let (by, order, target) = (|| 0..HANDS.len(), || 0usize..4, || 0usize..3);
    let level = prop_oneof![3 => Just(Level::Suspend), 1 => Just(Level::Restrict)];
    let hours = prop_oneof![4 => Just(None), 1 => (1i64..30).prop_map(Some)];
    let read = prop_oneof![6 => Just(Read::Right), 1 => Just(Read::Stale), 1 => Just(Read::Wrong)];
    let fact = prop_oneof![Just(Fact::Notice), Just(Fact::Withdrawn), Just(Fact::Left), Just(Fact::Rehired)];
    let operators = prop_oneof![
        6 => (by(), whom(), level, hours, any::<bool>()).prop_map(|(by, whom, level, hours, named)| Request { by, whom, level, hours, named }),
        1 => whom().prop_map(|whom| Overdue { whom }),
        9 => (by(), order(), read).prop_map(|(by, order, read)| Approve { by, order, read }),
        1 => (by(), order()).prop_map(|(by, order)| Deny { by, order }),
        1 => (by(), order()).prop_map(|(by, order)| Cancel { by, order }),
        1 => (by(), order()).prop_map(|(by, order)| Stop { by, order }),
        4 => (by(), order()).prop_map(|(by, order)| Resume { by, order }),
        4 => (by(), order(), 0usize..8).prop_map(|(by, order, line)| Waive { by, order, line }),
        1 => (by(), order()).prop_map(|(by, order)| Confirm { by, order }),
        2 => (by(), order()).prop_map(|(by, order)| Verify { by, order }),
        5 => (by(), order()).prop_map(|(by, order)| Thaw { by, order }),
        1 => (by(), whom(), 0usize..3).prop_map(|(by, whom, account)| Link { by, whom, account }),
        1 => (by(), whom(), 0usize..3).prop_map(|(by, whom, account)| Unlink { by, whom, account }),
    ];
    let machines = prop_oneof![
        12 => (0usize..2).prop_map(Work),
        1 => Just(BothWork),
        2 => (target(), 0usize..2, prop_oneof![Just(Pause::Read), Just(Pause::Send)])
            .prop_map(|(target, worker, when)| Paused { target, worker, when }),
        4 => (target(), a_fault()).prop_map(|(target, fault)| Fail { target, fault }),
        1 => (target(), any::<bool>()).prop_map(|(target, down)| Down { target, down }),
        1 => (target(), any::<bool>()).prop_map(|(target, closed)| Closed { target, closed }),
    ];
    let world = prop_oneof![
        2 => (target(), whom()).prop_map(|(target, whom)| SignsIn { target, whom }),
        1 => (target(), whom()).prop_map(|(target, whom)| EndsSessions { target, whom }),
        2 => (target(), whom()).prop_map(|(target, whom)| Enabled { target, whom }),
        1 => (target(), whom()).prop_map(|(target, whom)| Appears { target, whom }),
        1 => (target(), whom()).prop_map(|(target, whom)| Vanishes { target, whom }),
        6 => (1i64..20).prop_map(Minutes),
        5 => (1i64..30).prop_map(Hours),
        1 => (whom(), fact).prop_map(|(whom, fact)| Said { whom, fact }),
    ];
    prop_oneof![5 => operators, 4 => machines, 3 => world]
}

/// What scripts drawn move by move seldom come to: a freeze that was verified, and what somebody does to its account afterwards.
fn a_story() -> impl Strategy<Value = Vec<Move>> {
    use Move::*;
    (0..HANDS.len(), 0usize..2, 0usize..2, a_move()).prop_map(|(by, whom, target, between)| {
        let asked = Request { by, whom, level: Level::Suspend, hours: None, named: true };
        let ended = (0..TARGETS.len()).map(|target| EndsSessions { target, whom });
        let confirmed = Approve { by: (by + 1) % HANDS.len(), order: 0, read: Read::Right };
        [asked, confirmed, Work(0)]
            .into_iter()
            .chain(ended)
            .chain([Hours(9), Work(1), between, Enabled { target, whom }, Hours(25), Work(0)])
            .collect()
    })
}

fn a_script() -> impl Strategy<Value = Vec<Move>> {
    let part = prop_oneof![20 => a_move().prop_map(|m| vec![m]), 1 => a_story()];
    proptest::collection::vec(part, 10..60).prop_map(|parts| parts.concat())
}

fn a_fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::LostAfter),
        Just(Fault::GoesDown),
        Just(Fault::LostBefore),
        Just(Fault::Refused),
        Just(Fault::RateLimited),
        Just(Fault::NotConnected),
        Just(Fault::Unauthorised),
        Just(Fault::Lie),
        Just(Fault::DieBefore),
        Just(Fault::DieAfter),
        Just(Fault::Later),
    ]
}

/// The company at a moment of a script.
struct World {
    kit: Kit,
    sims: Vec<Sim>,
    workers: [Arc<Service>; 2],
    people: Vec<PersonId>,
    /// Their numbers, which a rehire changes.
    numbers: Vec<String>,
    /// Accounts by hand and accounts that appear have names of their own.
    made: usize,
}

impl World {
    fn new(on: Engine) -> Self {
        let idp = Sim::new("idp");
        let crm = Sim::new("crm").with(|c| {
            c.steps.retain(|s| s.kind != StepKind::KillLive);
            (c.session_max, c.reads_sessions) = (Some(2 * 3600), false);
        });
        let mail = Sim::new("mail").with(|c| c.steps.retain(|s| s.kind != StepKind::Restrict));
        let kit = company(on, &[&idp, &crm]);
        let sims = vec![idp, crm, mail];
        let shared = || sims.iter().map(Sim::shared).collect();
        let kit = kit.targets(shared());
        let (idp, crm, mail) = (&sims[0], &sims[1], &sims[2]);
        mail.add("u20002", "20002");
        idp.edit("u10001", |k| k.protection = Some(Protection::LastAdmin));
        crm.remove("u10002");
        crm.add("lin", "10002");
        crm.edit("u10003", |k| k.protection = Some(Protection::Service));
        for n in 0..3 {
            idp.add(&format!("x{n}"), "-");
        }
        let people = PEOPLE.iter().map(|n| kit.person(n)).collect();
        let workers = [kit.beside(shared()), kit.beside(shared())];
        Self { kit, workers, people, numbers: PEOPLE.map(Into::into).to_vec(), made: 0, sims }
    }

    fn orders(&self) -> Vec<(Order, Vec<Step>)> {
        self.kit.read(|tx| {
            let ids = tx.all("select id from freezes order by created_at, id", &[], |r| r.get::<FreezeId>(0))?;
            let mut all = Vec::with_capacity(ids.len());
            for id in ids {
                all.extend(store::freeze::facts(tx, id)?.map(|f| (f.order, f.steps)));
            }
            Ok(all)
        })
    }

    fn hand(&self, by: usize) -> Hand {
        if let Err(why) = self.kit.service.identify(Some(HANDS[by])) {
            // Their own accounts were suspended. Somebody gives them back, for there is more to try.
            assert_eq!(why.what.code, "operator-ended");
            self.kit.me().done(Act::OperatorRestore { name: HANDS[by].into() });
        }
        self.kit.hand(HANDS[by])
    }

    /// An act, and what came of it.
    fn act(&self, by: usize, act: Act, id: impl Into<Uuid>) -> String {
        let request = ActRequest { reason: Some("a reason".into()), ..ActRequest::one(act, id, None) };
        match ROOMS.block_on(self.hand(by).session.act(request)) {
            Ok(reply) => match &reply.outcomes[0].refusal {
                None => "done".into(),
                Some(r) => format!("refused, {}", r.why.code),
            },
            Err(e) => format!("failed, {}", e.what.code),
        }
    }

    /// The order that an act is for; any at all where none is, which must be refused.
    fn pick(&self, n: usize, fits: impl Fn(&Order) -> bool) -> Option<(Order, Vec<Step>)> {
        let mut all = self.orders();
        all.reverse();
        let good: Vec<_> = all.iter().filter(|(o, _)| fits(o)).cloned().collect();
        let of = if good.is_empty() { all } else { good };
        of.get(n % of.len().max(1)).cloned()
    }

    fn on(&self, by: usize, n: usize, act: Act, fits: impl Fn(&Order) -> bool) -> String {
        match self.pick(n, fits) {
            Some((o, _)) => format!("{}: {}", name(&o), self.act(by, act, o.id)),
            None => "no order".into(),
        }
    }

    /// An account of a person on a target, as the target has it.
    fn account(&self, target: usize, whom: usize) -> Option<String> {
        self.sims[target].accounts().into_iter().find(|(_, k)| k.number == self.numbers[whom]).map(|(id, _)| id)
    }

    fn load(&self, kind: &str, text: &str) -> String {
        let me = self.kit.me();
        let staged = me.stage(kind, text, None, Preview::No);
        let said = match staged.map(|s| s.id) {
            Ok(Some(id)) => me.try_on(Act::ImportPublish, id, None).outcomes[0]
                .refusal
                .as_ref()
                .map_or_else(|| "said".into(), |r| r.why.code.to_string()),
            Ok(None) => "not staged".into(),
            Err(e) => e.what.code.to_string(),
        };
        let _ = worker::drain(&self.kit.service);
        said
    }

    /// Makes a move; says what came of it, and whose access it touched from outside.
    fn play(&mut self, m: Move, touched: &mut dyn FnMut(&str, &str)) -> String {
        match m {
            Move::Request { by, whom, level, hours, named } => {
                let at = hours.map(|h| self.kit.time.now() + SignedDuration::from_hours(h));
                let mode = if at.is_some() { Mode::Planned } else { Mode::Immediate };
                let except = if named { vec!["crm:u10003".into(), "idp:u10001".into()] } else { Vec::new() };
                let act = Act::FreezeRequest { level, mode, at, plan_hash: None, confirm: None, ticket: None, except };
                self.act(by, act, self.people[whom])
            }
            Move::Overdue { whom } => match self.kit.service.restrict_overdue_person(self.people[whom]) {
                Ok(()) => "asked by the machine".into(),
                Err(e) => e.what.code.to_string(),
            },
            Move::Approve { by, order, read } => {
                let Some((o, _)) = self.pick(order, |o| o.state == OrderState::PendingApproval) else { return "no order".into() };
                let hash = match read {
                    Read::Right => o.plan_hash.clone(),
                    Read::Stale => self.orders().into_iter().map(|(o, _)| o.plan_hash).find(|h| *h != o.plan_hash).unwrap_or_default(),
                    Read::Wrong => "00".into(),
                };
                let right = hash == o.plan_hash;
                let said = self.act(by, Act::FreezeApprove { hash }, o.id);
                assert!(right || said != "done", "29: {} was approved by another hash", name(&o));
                format!("{}: {said}", name(&o))
            }
            Move::Deny { by, order } => {
                let Some((o, _)) = self.pick(order, |o| o.state == OrderState::PendingApproval) else { return "no order".into() };
                match self.kit.read(|tx| store::approval::open_of(tx, o.id.0)) {
                    Some(a) => format!("{}: {}", name(&o), self.act(by, Act::ApprovalDeny, a.id)),
                    None => "nothing waits".into(),
                }
            }
            Move::Cancel { by, order } => {
                self.on(by, order, Act::FreezeCancel, |o| matches!(o.state, OrderState::PendingApproval | OrderState::Approved))
            }
            Move::Stop { by, order } => {
                self.on(by, order, Act::FreezeStop, |o| matches!(o.state, OrderState::Executing | OrderState::Partial))
            }
            Move::Resume { by, order } => {
                self.on(by, order, Act::FreezeResume, |o| matches!(o.state, OrderState::Drifted | OrderState::Failed | OrderState::Partial))
            }
            Move::Waive { by, order, line } => {
                let open = |o: &Order| o.gaps.iter().filter(|g| g.waived_by.is_none()).map(|g| g.n).collect::<Vec<_>>();
                let at_work = |o: &Order| o.started_at.is_some() && (!open(o).is_empty() || o.state == OrderState::Partial);
                let Some((o, steps)) = self.pick(order, at_work) else { return "no order".into() };
                let left = steps.iter().filter(|s| !s.state.is_settled()).map(|s| s.n);
                let lines: Vec<i64> = open(&o).into_iter().chain(left).collect();
                let Some(step) = lines.get(line % lines.len().max(1)).copied() else { return "nothing is open".into() };
                let said = self.act(by, Act::FreezeWaive { step, evidence: "seen by hand".into() }, o.id);
                format!("{} line {step}: {said}", name(&o))
            }
            Move::Confirm { by, order } => self.on(by, order, Act::FreezeConfirm, |o| o.confirm_due.is_some() && o.confirmed.is_none()),
            Move::Verify { by, order } => self.on(by, order, Act::FreezeVerify, |o| o.state.is_frozen() && o.state != OrderState::Partial),
            Move::Thaw { by, order } => {
                let act = Act::FreezeThaw { plan_hash: None, confirm: None, ground: None };
                self.on(by, order, act, |o| o.intent.direction == Direction::Freeze && o.state.is_frozen())
            }
            Move::Link { by, whom, account } => {
                let account = format!("x{account}");
                touched("idp", &account);
                self.act(by, Act::FreezeLink { target: "idp".into(), account }, self.people[whom])
            }
            Move::Unlink { by, whom, account } => {
                self.act(by, Act::FreezeUnlink { target: "idp".into(), account: format!("x{account}") }, self.people[whom])
            }
            Move::Work(n) => {
                let _ = worker::drain(&self.workers[n]);
                "worked".into()
            }
            Move::BothWork => {
                thread::scope(|s| {
                    for w in &self.workers {
                        s.spawn(|| drop(worker::drain(w)));
                    }
                });
                "worked".into()
            }
            Move::Paused { target, worker, when } => {
                let (time, other) = (self.kit.time.clone(), self.workers[1 - worker].clone());
                // A lease is 25 seconds; a call that is sent late is one that still arrives within its own time.
                let by = SignedDuration::from_secs(if when == Pause::Read { 600 } else { 30 });
                self.sims[target].pause(when, move || {
                    time.pass(by);
                    let _ = worker::drain(&other);
                });
                let _ = worker::drain(&self.workers[worker]);
                self.sims[target].go_on();
                "worked".into()
            }
            Move::Fail { target, fault } => {
                self.sims[target].fail(&[fault]);
                String::new()
            }
            Move::Down { target, down } => {
                self.sims[target].down(down);
                String::new()
            }
            Move::Closed { target, closed } => {
                self.sims[target].closed(closed);
                String::new()
            }
            Move::SignsIn { target, whom } => {
                let now = self.kit.time.now();
                let Some(id) = self.account(target, whom) else { return "no account".into() };
                if !self.sims[target].known(&id).enabled {
                    return "turned away".into();
                }
                self.sims[target].edit(&id, |k| {
                    k.sessions += 1;
                    k.last_sign_in = Some(now);
                });
                touched(self.name(target), &id);
                format!("{id} signed in")
            }
            Move::EndsSessions { target, whom } => {
                let Some(id) = self.account(target, whom) else { return "no account".into() };
                self.sims[target].edit(&id, |k| k.sessions = 0);
                String::new()
            }
            Move::Enabled { target, whom } => {
                let Some(id) = self.account(target, whom) else { return "no account".into() };
                self.sims[target].edit(&id, |k| k.enabled = true);
                touched(self.name(target), &id);
                format!("{id} is on")
            }
            Move::Appears { target, whom } => {
                self.made += 1;
                let id = format!("a{}", self.made);
                self.sims[target].add(&id, &self.numbers[whom]);
                touched(self.name(target), &id);
                id
            }
            Move::Vanishes { target, whom } => {
                let Some(id) = self.account(target, whom) else { return "no account".into() };
                self.sims[target].remove(&id);
                format!("{id} is gone")
            }
            Move::Minutes(n) => {
                self.kit.time.pass(SignedDuration::from_mins(n));
                String::new()
            }
            Move::Hours(n) => {
                self.kit.time.hours(n);
                String::new()
            }
            Move::Said { whom, fact } => self.said(whom, fact),
        }
    }

    fn name(&self, target: usize) -> &'static str {
        TARGETS[target]
    }

    /// A file of today about one person. Who is back has a new number, and the accounts of before.
    fn said(&mut self, whom: usize, fact: Fact) -> String {
        self.kit.time.hours(24);
        let today = self.kit.service.day(self.kit.time.now());
        let (number, (name, org)) = (self.numbers[whom].clone(), WHO[whom]);
        let head = "person,number,name,org,post,started,last_day,stated_on";
        match fact {
            Fact::Notice => {
                self.load("employees", &format!("{head}\n,{number},{name},{org},专员,2020-01-01,{},{today}\n", today + 20.days()))
            }
            Fact::Withdrawn => self.load("employees", &format!("{head}\n,{number},{name},{org},专员,2020-01-01,,{today}\n")),
            Fact::Left => self.load("exits", &format!("number,last_day,exit\n{number},{},resigned\n", today - 1.days())),
            Fact::Rehired => {
                self.made += 1;
                let new = format!("3{:04}", self.made);
                let said = self.load("employees", &format!("{head}\n{number},{new},{name},{org},专员,{today},,{today}\n"));
                let known = self.kit.read(|tx| store::person::find(tx, &new, 1));
                if known.first().is_some_and(|p| p.id == self.people[whom]) {
                    for sim in &self.sims {
                        for id in sim.accounts().into_iter().filter(|(_, k)| k.number == number).map(|(id, _)| id) {
                            sim.edit(&id, |k| k.number = new.clone());
                        }
                    }
                    self.numbers[whom] = new;
                }
                said
            }
        }
    }
}

/// An order for the eye.
pub fn name(o: &Order) -> String {
    format!("{} {} {} ({})", o.intent.direction, o.intent.level, &o.id.to_string()[28..], o.state)
}

/// What scripts must have reached in all: laws over what never happens prove nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    verified: u32,
    thawed: u32,
    drifted: u32,
    partial: u32,
    cancelled: u32,
    waived: u32,
    of_two: u32,
}

/// Invariants 26, 27, 29 to 38, and the effects of 28.
fn every_interleaving_keeps_the_laws(on: Engine) {
    let reached = Cell::new(Reached::default());
    runner(on, 40, 6)
        .run(&a_script(), |moves| {
            let mut w = World::new(on);
            let mut checks = Checks::default();
            let mut script = String::new();
            let fail = |why: String, script: &str| TestCaseError::fail(format!("{why}\n{script}"));
            for m in moves {
                let mut touched = Vec::new();
                let said = w.play(m, &mut |target, account| touched.push((target.to_owned(), account.to_owned())));
                let orders = w.orders();
                let states: Vec<String> = orders.iter().map(|(o, _)| format!("{}={}", &o.id.to_string()[32..], o.state)).collect();
                script.push_str(&format!("{} {m:?}: {said} [{}]\n", w.kit.time.now().strftime("%d %H:%M"), states.join(" ")));
                checks.after(&w.sims, orders, &touched, w.kit.time.now()).map_err(|why| fail(why, &script))?;
            }
            for sim in &w.sims {
                sim.mend();
            }
            for n in 0..14 {
                let _ = worker::drain(&w.workers[n % 2]);
                w.kit.time.pass(SignedDuration::from_mins(if n < 8 { 2 } else { 20 }));
                if n == 7 {
                    worker::retry(&w.kit.service).unwrap();
                }
                checks.after(&w.sims, w.orders(), &[], w.kit.time.now()).map_err(|why| fail(why, &script))?;
            }
            let orders = w.orders();
            checks.at_the_end(&w.sims, &orders).map_err(|why| fail(why, &script))?;
            let v = w.kit.verified();
            prop_assert!(v.ok, "{:?}", v.broken);
            let mut r = reached.get();
            let any = |f: &dyn Fn(&Order) -> bool| u32::from(orders.iter().any(|(o, _)| f(o)));
            r.verified += any(&|o| o.state == OrderState::Verified);
            r.thawed += any(&|o| o.state == OrderState::Thawed);
            r.cancelled += any(&|o| o.state == OrderState::Cancelled);
            r.of_two += any(&|o| o.approvals.len() > 1 && o.started_at.is_some());
            r.waived += u32::from(orders.iter().any(|(_, s)| s.iter().any(|s| s.state == StepState::Waived)));
            r.drifted += u32::from(script.contains("=drifted"));
            r.partial += u32::from(script.contains("=partial"));
            reached.set(r);
            Ok(())
        })
        .unwrap_or_else(|e| panic!("{e}"));
    let r = reached.get();
    if std::env::var_os("TENURE_CASES").is_some() {
        eprintln!("{r:?}");
    }
    let least = [r.verified, r.thawed, r.drifted, r.partial, r.cancelled, r.waived, r.of_two].into_iter().min();
    assert!(on.is_server() || least > Some(0), "the scripts reach too little: {r:?}");
}

/// One order after another, each to its end.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Suspend(usize),
    Restrict(usize),
    Thaw(usize),
}

/// Asks for an order, and does what a patient operator does until it has ended. `None`: it was refused.
fn to_its_end(kit: &Kit, workers: &[Arc<Service>; 2], ask: Ask, sims: &[Sim]) -> Option<OrderState> {
    let (act, whom) = match ask {
        Ask::Suspend(whom) => (wish(Level::Suspend), whom),
        Ask::Restrict(whom) => (wish(Level::Restrict), whom),
        Ask::Thaw(whom) => (Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, whom),
    };
    let person = kit.person(PEOPLE[whom]);
    let on = match ask {
        Ask::Thaw(_) => {
            let orders = kit.read(|tx| store::freeze::of_person(tx, person));
            orders.into_iter().map(|r| r.order).find(|o| o.intent.direction == Direction::Freeze && o.state.is_frozen())?.id.0
        }
        _ => person.0,
    };
    let made = kit.hand("chen").try_on(act, on, None);
    if made.outcomes[0].refusal.is_some() {
        return None;
    }
    let id = FreezeId(made.outcomes[0].id);
    let hash = card(kit, id).row.order.plan_hash;
    for by in ["lin", "wang"] {
        kit.hand(by).try_on(Act::FreezeApprove { hash: hash.clone() }, id, None);
    }
    for n in 0..60 {
        let _ = worker::drain(&workers[n % 2]);
        kit.time.pass(SignedDuration::from_mins(1));
        match card(kit, id).row.order.state {
            end @ (OrderState::Complete | OrderState::Verified) => return Some(end),
            OrderState::Failed | OrderState::Partial if n % 4 == 3 => drop(kit.hand("chen").try_on(Act::FreezeResume, id, None)),
            _ => {}
        }
        if n == 30 {
            worker::retry(&kit.service).unwrap();
        }
    }
    panic!("{ask:?} never ends: {:#?}, {:?}", card(kit, id), sims.iter().map(Sim::accounts).collect::<Vec<_>>());
}

type Shape = Vec<BTreeMap<String, (bool, bool, i64, u32)>>;

/// What the targets come to when the asks are carried out one after another.
fn carried_out(on: Engine, asks: &[Ask], faults: &[Vec<Fault>; 2]) -> (Shape, Vec<Option<OrderState>>) {
    let sims = [Sim::new("idp"), Sim::new("crm")];
    let kit = company(on, &[&sims[0], &sims[1]]);
    for (sim, faults) in sims.iter().zip(faults) {
        sim.fail(faults);
    }
    let shared = || sims.iter().map(Sim::shared).collect();
    let workers = [kit.beside(shared()), kit.beside(shared())];
    let ends = asks.iter().map(|a| to_its_end(&kit, &workers, *a, &sims)).collect();
    let mut tries: BTreeMap<String, u32> = BTreeMap::new();
    for a in sims.iter().flat_map(|s| s.arrivals(0)).filter(|a| a.kind == StepKind::ResetSecret && a.took) {
        *tries.entry(a.key).or_default() += 1;
    }
    assert!(tries.values().all(|n| *n == 1), "28: a call that must not happen twice did: {tries:?}");
    let shape = |k: Known| (k.enabled, k.restricted, k.sessions, k.secret);
    (sims.iter().map(|s| s.accounts().into_iter().map(|(id, k)| (id, shape(k))).collect()).collect(), ends)
}

/// Invariant 28: whatever is lost, refused or killed on the way, the targets end as they do when nothing is.
fn faults_and_crashes_leave_what_would_be_without_them(on: Engine) {
    let ask = prop_oneof![(0usize..2).prop_map(Ask::Suspend), (0usize..2).prop_map(Ask::Restrict), (0usize..2).prop_map(Ask::Thaw)];
    let faults = || proptest::collection::vec(prop_oneof![1 => Just(Fault::None), 2 => a_fault()], 0..10);
    // A target that goes down for good ends nothing.
    let faults = || faults().prop_map(|f| f.into_iter().filter(|f| *f != Fault::GoesDown).collect::<Vec<_>>());
    runner(on, 16, 3)
        .run(&(proptest::collection::vec(ask, 1..5), faults(), faults()), |(asks, idp, crm)| {
            let (plain, ends) = carried_out(on, &asks, &[Vec::new(), Vec::new()]);
            let (faulty, with) = carried_out(on, &asks, &[idp, crm]);
            prop_assert_eq!(ends.iter().map(Option::is_some).collect::<Vec<_>>(), with.iter().map(Option::is_some).collect::<Vec<_>>());
            prop_assert_eq!(plain, faulty);
            Ok(())
        })
        .unwrap_or_else(|e| panic!("{e}"));
}
