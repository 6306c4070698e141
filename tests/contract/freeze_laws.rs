//! Laws of orders under random interleavings of operators, workers, faults and clocks: invariants 33, 35 and 36 of domain.md. The others are
//! in `freezes`.

use crate::{
    freezes::{card, company, planned, request, wish},
    kit::{Engine, HEAD, Hand, Kit, ROOMS, runner},
    sim::{Fault, Sim},
};
use jiff::SignedDuration;
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
};
use tenure::{
    backend::{ActReply, ActRequest, Backend},
    domain::{
        act::Act,
        freeze::{Direction, Level, OrderState},
        ids::FreezeId,
        target::StepKind,
    },
    store, worker,
};

on_all!(
    the_residual_clock_never_rises_except_on_drift,
    the_batch_limit_holds_under_concurrent_submission,
    the_batch_limit_goes_by_when_orders_begin,
    orders_on_one_target_are_serial,
);

#[derive(Clone, Copy, Debug)]
enum Event {
    Minutes(i64),
    Verify,
    Waive,
    Drift,
    Resume,
    SessionsEnd,
    Fail(Fault),
}

/// 35. Unknown counts as endless.
fn the_residual_clock_never_rises_except_on_drift(on: Engine) {
    let event = prop_oneof![
        4 => (1i64..200).prop_map(Event::Minutes),
        2 => Just(Event::Verify),
        1 => Just(Event::Waive),
        1 => Just(Event::Drift),
        2 => Just(Event::Resume),
        1 => Just(Event::SessionsEnd),
        1 => prop_oneof![Just(Fault::LostAfter), Just(Fault::LostBefore), Just(Fault::Refused)].prop_map(Event::Fail),
    ];
    let bound = prop_oneof![Just(None), Just(Some(0i64)), Just(Some(1_800)), Just(Some(8 * 3_600))];
    runner(on, 24, 4)
        .run(&((bound.clone(), bound), any::<bool>(), proptest::collection::vec(event, 1..24)), |((a, b), kills, events)| {
            let make = |name: &str, bound| {
                Sim::new(name).with(|c| {
                    c.session_max = bound;
                    c.steps.retain(|s| kills || s.kind != StepKind::KillLive);
                })
            };
            let (idp, crm) = (make("idp", a), make("crm", b));
            let kit = company(on, &[&idp, &crm]);
            let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
            let mut last = i64::MAX;
            for event in events {
                let mut drifted = false;
                match event {
                    Event::Minutes(m) => kit.time.pass(SignedDuration::from_mins(m)),
                    Event::Verify => drop(kit.hand("chen").try_on(Act::FreezeVerify, id, None)),
                    Event::Resume => drop(kit.hand("chen").try_on(Act::FreezeResume, id, None)),
                    Event::Waive => {
                        let c = card(&kit, id);
                        let open = c.row.order.gaps.iter().filter(|g| g.waived_by.is_none()).map(|g| g.n);
                        let n = open.chain(c.steps.iter().filter(|s| !s.state.is_settled()).map(|s| s.n)).next();
                        if let Some(step) = n {
                            kit.hand("lin").try_on(Act::FreezeWaive { step, evidence: "seen".into() }, id, None);
                        }
                    }
                    Event::Drift => {
                        idp.edit("u20001", |k| k.enabled = true);
                        drifted = true;
                    }
                    Event::SessionsEnd => crm.edit("u20001", |k| k.sessions = 0),
                    Event::Fail(fault) => idp.fail(&[fault]),
                }
                let _ = worker::drain(&kit.service);
                let c = card(&kit, id);
                drifted |= c.row.order.state == OrderState::Drifted || idp.known("u20001").enabled;
                // A session that is seen to outlive its bound is a drift from what was declared.
                drifted |= c.row.order.gaps.iter().any(|g| g.open) && c.residual_seconds.is_none();
                let left = c.residual_seconds.unwrap_or(i64::MAX);
                prop_assert!(drifted || last == i64::MAX || left <= last, "{event:?}: {last} -> {left}: {c:#?}");
                prop_assert!(c.row.order.state != OrderState::Verified || left == 0, "{c:#?}");
                last = if drifted { i64::MAX } else { left };
            }
            Ok(())
        })
        .unwrap();
}

/// 36. However many ask at once, in however many requests: no more people are frozen on one word than the limit says.
fn the_batch_limit_holds_under_concurrent_submission(on: Engine) {
    runner(on, 4, 2)
        .run(&(proptest::collection::vec(1usize..6, 4..8), 200i64..400), |(sizes, people)| {
            let sim = Sim::new("idp");
            let kit = company(on, &[&sim]);
            let mut text = format!("{HEAD}\n");
            for n in 0..people - 6 {
                text.push_str(&format!("{},员工{n},/集团/客服部,客服,2021-01-01,,,低\n", 50_000 + n));
                sim.add(&format!("u{}", 50_000 + n), &(50_000 + n).to_string());
            }
            kit.load("employees", &text);
            let mut next = 50_000;
            let requests: Vec<Vec<_>> = sizes
                .iter()
                .map(|n| {
                    let all = next..next + *n as i64;
                    next += *n as i64;
                    all.map(|n| tenure::backend::Target { id: kit.person(&n.to_string()).0, version: None }).collect()
                })
                .collect();
            thread::scope(|s| {
                for (i, targets) in requests.into_iter().enumerate() {
                    // Each in a process of its own.
                    let service = kit.beside(vec![sim.shared()]);
                    let session = Kit::hand_in(&service, ["chen", "lin", "wang"][i % 3]).session;
                    let request = ActRequest { act: wish(Level::Suspend), targets, key: None, reason: Some("x".into()), written: None };
                    s.spawn(move || ROOMS.block_on(session.act(request)).unwrap());
                }
            });
            let asked: usize = sizes.iter().sum();
            prop_assert_eq!(kit.count("select count(*) from freezes"), asked as i64);
            let alone = kit.count("select count(*) from freezes where state <> 'pending_approval'");
            let limit = 5.min(people / 50);
            prop_assert_eq!(alone, limit.min(asked as i64), "{} asked, {} people", asked, people);
            let _ = worker::drain(&kit.service);
            let frozen: BTreeSet<String> = sim.writes().into_iter().map(|w| w.0).collect();
            prop_assert_eq!(frozen.len() as i64, alone);
            Ok(())
        })
        .unwrap();
}

/// 36 for planned orders, whenever they are asked for: in no 24 hours do more people's orders begin on one approval than the limit says.
fn the_batch_limit_goes_by_when_orders_begin(on: Engine) {
    runner(on, 12, 3)
        .run(&proptest::collection::vec((0i64..30, 0usize..6, 0i64..120), 4..14), |asks| {
            let sim = Sim::new("idp");
            let kit = company(on, &[&sim]);
            let mut on_one_word = Vec::new();
            for (hours, whom, ahead) in asks {
                kit.time.hours(hours);
                let number = ["10001", "10002", "10003", "20001", "20002", "20003"][whom];
                let act = if ahead == 0 { wish(Level::Suspend) } else { planned(&kit, ahead) };
                let reply = kit.hand("chen").try_on(act, kit.person(number), None);
                if reply.outcomes[0].refusal.is_some() {
                    continue;
                }
                let o = card(&kit, FreezeId(reply.outcomes[0].id)).row.order;
                if o.needed < 2 {
                    on_one_word.push((o.run_at(), o.person));
                }
                let within = |from| {
                    on_one_word.iter().filter(move |(at, _)| *at >= from && at.duration_since(from) < SignedDuration::from_hours(24))
                };
                for (from, _) in &on_one_word {
                    let people: BTreeSet<_> = within(*from).map(|(_, p)| p).collect();
                    prop_assert!(people.len() <= 1, "{:?}", on_one_word);
                }
            }
            Ok(())
        })
        .unwrap();
    // And it asks no more than that: one a day for a week is planned in one sitting, a second one of a day needs two.
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let needed = |number: &str, hours| card(&kit, request(&kit, &kit.hand("chen"), number, planned(&kit, hours))).row.order.needed;
    for (n, number) in ["10002", "10003", "20001", "20002"].into_iter().enumerate() {
        assert_eq!(needed(number, 48 + 25 * n as i64), 1);
    }
    assert_eq!(needed("20003", 48 + 26), 2);
    // Two words are of two human beings, neither of them who asked: under another login as little, and by whichever way they say it.
    let order = kit.read(|tx| store::freeze::of_person(tx, kit.person("20003")))[0].order.id;
    let whose = Some(kit.person("10001"));
    for name in ["chen", "chen-too"] {
        kit.me().done(match name {
            "chen" => Act::OperatorLink { name: name.into(), person: whose },
            _ => Act::OperatorAdd { name: name.into(), role: tenure::domain::operator::Role::Owner, person: whose, org: None },
        });
    }
    kit.me().on(Act::FreezeApprove { hash: hash(&kit, order) }, order, None);
    let second = kit.read(|tx| store::approval::open_of(tx, order.into())).unwrap().id;
    for (act, id) in [(Act::FreezeApprove { hash: hash(&kit, order) }, order.0), (Act::ApprovalGrant, second.0)] {
        assert_eq!(kit.hand("chen-too").refused(act, id, None).why.code, "refused-two-hats");
    }
    let now = request(&kit, &kit.hand("lin"), "10001", wish(Level::Suspend));
    assert_eq!(card(&kit, now).row.order.needed, 0, "what begins in two days is not of today");
}

/// What one operator tries at a moment; `None` when there is nothing to try it on.
pub fn tries(kit: &Kit, hand: &Hand, number: &str, what: u8) -> Option<ActReply> {
    let orders = kit.read(|tx| store::freeze::of_person(tx, kit.person(number)));
    let newest = |f: &dyn Fn(&tenure::domain::freeze::Order) -> bool| orders.iter().map(|r| &r.order).find(|o| f(o)).map(|o| o.id);
    let (act, id) = match what % 5 {
        0 => return Some(hand.try_on(wish(Level::Suspend), kit.person(number), None)),
        1 => newest(&|o| o.intent.direction == Direction::Freeze && o.state.is_frozen())
            .map(|id| (Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, id)),
        2 => newest(&|o| o.state == OrderState::PendingApproval).map(|id| (Act::FreezeApprove { hash: hash(kit, id) }, id)),
        3 => {
            newest(&|o| matches!(o.state, OrderState::Drifted | OrderState::Partial | OrderState::Failed)).map(|id| (Act::FreezeResume, id))
        }
        _ => newest(&|o| o.state == OrderState::PendingApproval).map(|id| (Act::FreezeCancel, id)),
    }?;
    Some(hand.try_on(act, id, None))
}

fn hash(kit: &Kit, id: FreezeId) -> String {
    card(kit, id).row.order.plan_hash
}

/// Invariant 33. Two workers and three operators at once: the writes of two orders on one account are never mixed, and the last order that ran to
/// its end is what the account shows.
fn orders_on_one_target_are_serial(on: Engine) {
    let moves = proptest::collection::vec((0usize..3, 0usize..2, 0u8..5), 6..24);
    runner(on, 12, 3)
        .run(&(moves, proptest::collection::vec(0usize..6, 0..4)), |(moves, lost)| {
            let sim = Sim::new("idp");
            let kit = company(on, &[&sim]);
            let faults: Vec<Fault> = (0..8).map(|n| if lost.contains(&n) { Fault::LostAfter } else { Fault::None }).collect();
            sim.fail(&faults);
            let workers = [kit.beside(vec![sim.shared()]), kit.beside(vec![sim.shared()])];
            for chunk in moves.chunks(3) {
                thread::scope(|s| {
                    for service in &workers {
                        s.spawn(|| drop(worker::drain(service)));
                    }
                    for (who, person, what) in chunk {
                        let hand = kit.hand(["chen", "lin", "wang"][*who]);
                        let kit = &kit;
                        s.spawn(move || drop(tries(kit, &hand, ["20001", "20002"][*person], *what)));
                    }
                });
                kit.time.pass(SignedDuration::from_mins(2));
            }
            for _ in 0..20 {
                let _ = worker::drain(&kit.service);
                kit.time.pass(SignedDuration::from_mins(2));
            }
            let mut of_key: BTreeMap<String, FreezeId> = BTreeMap::new();
            let ids = kit.read(|tx| tx.all("select id from freezes", &[], |r| r.get::<FreezeId>(0)));
            for id in &ids {
                for s in kit.read(|tx| store::freeze::steps(tx, *id)) {
                    of_key.insert(s.key.to_string(), *id);
                }
            }
            for account in ["u20001", "u20002"] {
                let mut runs: Vec<FreezeId> = Vec::new();
                for (_, _, key) in sim.writes().into_iter().filter(|w| w.0 == account) {
                    let order = of_key[&key];
                    if runs.last() != Some(&order) {
                        prop_assert!(!runs.contains(&order), "33: {account}: the writes of two orders are mixed");
                        runs.push(order);
                    }
                }
                if let Some(last) = runs.last() {
                    let o = card(&kit, *last).row.order;
                    let ended = matches!(o.state, OrderState::Complete | OrderState::Verified);
                    prop_assert!(!ended || sim.known(account).enabled == (o.intent.direction == Direction::Thaw), "{account}: {o:#?}");
                }
            }
            let v = kit.verified();
            prop_assert!(v.ok, "{:?}", v.broken);
            Ok(())
        })
        .unwrap();
}
