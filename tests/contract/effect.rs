//! What came of alerts: counted as things change, whoever changes them, and reported with how sure it is (domain.md 16: 14).

use crate::{
    acts::talk,
    kit::{Article, Engine, Kit},
    offboarding,
};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use std::collections::{BTreeMap, BTreeSet};
use tenure::{
    backend::{ActRequest, FailureKind, Query},
    domain::{
        act::Act,
        alert::AlertOutcome,
        effect::{Effect, FEWEST, Share},
        offboarding::NewCase,
        person::ExitKind,
    },
    store,
};
use uuid::Uuid;

on_all!(alerts_come_true_or_not, a_change_of_the_end_changes_what_is_counted, an_erased_person_stays_counted);

/// 14: what is counted as things change is what the rows of alerts, cases and employments say when they are all read again.
pub fn counted(kit: &Kit) {
    type Read = (Uuid, Option<String>, Option<i64>, Option<i64>);
    let day = |at: Option<i64>| kit.service.day(Timestamp::from_microsecond(at.unwrap()).unwrap());
    let rows = |columns: &str, rest: &str| -> Vec<Read> {
        let sql = format!("select s.id, {columns} from {rest} and not exists (select 1 from uncounted u where u.spell = s.id)");
        kit.read(|tx| tx.all(&sql, &[], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))))
    };
    let mut notices: BTreeMap<Uuid, Date> = BTreeMap::new();
    for (spell, on, begun, _) in
        rows("c.notice_on, c.started_at, c.started_at", "spells s join cases c on c.spell = s.id where c.state <> 'withdrawn'")
    {
        let on = on.map_or_else(|| day(begun), |on| on.parse().unwrap());
        let first = notices.entry(spell).or_insert(on);
        *first = on.min(*first);
    }
    let ends = rows("s.last_day, s.live, s.live", "spells s where s.exit in ('resigned', 'abandoned') and s.last_day is not null");
    let left: BTreeMap<Uuid, Date> = ends
        .into_iter()
        .map(|(spell, last, _, _)| (spell, last.unwrap().parse().unwrap()))
        .map(|(spell, last): (Uuid, Date)| (spell, notices.get(&spell).map_or(last, |on| *on.min(&last))))
        .collect();
    let (mut fresh, mut told) = ([0, 0, left.len() as i64, 0], BTreeSet::new());
    let alerts = "spells s join alerts a on a.spell = s.id where a.kind = 'attrition_risk'";
    for (spell, outcome, raised, closed) in rows("a.outcome, a.raised_at, a.closed_at", alerts) {
        let (raised, left) = (day(raised), left.get(&spell).copied());
        let said = (outcome.as_deref() == Some("leaving")).then(|| day(closed));
        fresh[0] += 1;
        fresh[1] += i64::from(said.into_iter().chain(left).any(|end| (0..=180).contains(&(end - raised).get_days())));
        if left.is_some_and(|end| (end - raised).get_days() >= 30) {
            told.insert(spell);
        }
    }
    fresh[3] = told.len() as i64;
    let kept = ["alerts", "hits", "leavers", "foreseen"].map(|what| {
        let counted = "from effect e where not exists (select 1 from uncounted u where u.spell = e.spell)";
        kit.count(&format!("select cast(coalesce(sum({what}), 0) as bigint) {counted}"))
    });
    assert_eq!(kept, fresh, "14: alerts, hits, leavers, foreseen");
}

fn effect(kit: &Kit) -> Effect {
    kit.drain();
    let e = *ask!(kit.me(), Query::Effect { from: None, to: None } => Effect);
    assert_eq!(e.waiting, 0);
    e
}

/// What a report's shares are made of; itself it does not say so of a few.
fn shares(kit: &Kit, e: &Effect) -> [(i64, i64); 2] {
    let old = offboarding::today(kit) - 180.days();
    let all = kit.read(|tx| store::effect::sums(tx, e.from, e.to, old)).judged;
    for (share, of, n) in [(&e.precision, all.hits, all.alerts), (&e.recall, all.foreseen, all.leavers)] {
        assert_eq!(*share, Share::new(of, n));
        assert_eq!(share.of.is_some(), n >= FEWEST);
    }
    [(all.hits, all.alerts), (all.foreseen, all.leavers)]
}

fn alerts_come_true_or_not(on: Engine) {
    let kit = offboarding::company(on);
    let chen = kit.hand("chen");
    kit.hire("30001", Article::A);
    let e = effect(&kit);
    assert_eq!((shares(&kit, &e), e.young), ([(0, 0), (0, 0)], 4), "too young to be judged");
    // One says so and stays after all; one leaves after a month, and one after a week.
    let said = kit.alert("10001").alert.id;
    chen.on(Act::AlertTalk { talk: talk(&kit) }, said, None);
    chen.on(Act::AlertResolve { outcome: AlertOutcome::Leaving, refusal: None }, said, None);
    let leaves = |number: &str, exit| {
        let new = NewCase { exit, last_day: offboarding::today(&kit) + 20.days(), notice_on: Some(offboarding::today(&kit)) };
        chen.on(Act::OffboardingStart { new }, kit.person(number), None);
    };
    kit.time.hours(24 * 7);
    leaves("10002", ExitKind::Resigned);
    kit.time.hours(24 * 23);
    leaves("10003", ExitKind::Resigned);
    // Nobody's choice, and somebody of whom nothing was told.
    leaves("30001", ExitKind::ContractEnded);
    leaves("20002", ExitKind::Resigned);
    assert_eq!(shares(&kit, &effect(&kit)), [(0, 0), (1, 3)]);
    kit.time.hours(24 * 150);
    let e = effect(&kit);
    assert_eq!((shares(&kit, &e), e.young), ([(3, 4), (1, 3)], 0));
    assert_eq!((e.to, e.from), (offboarding::today(&kit), offboarding::today(&kit) - 365.days()));
    // Only these days.
    let of = |from, to| *ask!(kit.me(), Query::Effect { from: Some(from), to: Some(to) } => Effect);
    assert_eq!(shares(&kit, &of(e.from, e.to - 181.days())), [(0, 0), (0, 0)]);
    let why = kit.me().try_ask(Query::Effect { from: Some(e.to), to: Some(e.from) }).unwrap_err();
    assert_eq!((why.kind, why.what.code.as_ref()), (FailureKind::Usage, "effect-days"));
    assert_eq!(shares(&kit, &of(e.to - 180.days(), e.to - 180.days())), [(3, 4), (0, 0)]);
    kit.check();
}

fn a_change_of_the_end_changes_what_is_counted(on: Engine) {
    let kit = offboarding::company(on);
    // With those who have yet to leave.
    let ends = |kit: &Kit| {
        kit.drain();
        let e = ask!(kit.me(), Query::Effect { from: None, to: Some("2026-12-31".parse().unwrap()) } => Effect);
        shares(kit, &e)[1]
    };
    kit.load("exits", "number,last_day,exit\n10002,2026-05-01,resigned\n10003,2026-05-01,retired\n");
    assert_eq!(ends(&kit), (1, 1));
    // Another list says otherwise, then a case that is withdrawn.
    kit.load("exits", "number,last_day,exit\n10002,2026-05-02,retired\n10003,2026-05-02,resigned\n");
    assert_eq!(ends(&kit), (1, 1));
    kit.check();
    let (chen, case) = (kit.hand("chen"), offboarding::start(&kit, &kit.hand("chen"), "10001", 40).row.case.id);
    assert_eq!(ends(&kit), (1, 2), "the notice is of the day on which the case was begun");
    chen.send(ActRequest { reason: Some("stays".into()), ..ActRequest::one(Act::OffboardingWithdraw, case.0, None) }).unwrap();
    assert_eq!(ends(&kit), (1, 1));
    kit.check();
    // Who is talked with again has another alert; what was said about the first stays said.
    let said = kit.alert("10001").alert.id;
    chen.on(Act::AlertTalk { talk: talk(&kit) }, said, None);
    chen.on(Act::AlertResolve { outcome: AlertOutcome::Leaving, refusal: None }, said, None);
    let counts = |kit: &Kit| {
        kit.drain();
        ["alerts", "hits"].map(|what| kit.count(&format!("select cast(sum({what}) as bigint) from effect")))
    };
    let [alerts, hits] = counts(&kit);
    chen.send(ActRequest { reason: Some("said so in anger".into()), ..ActRequest::one(Act::AlertReopen, said.0, None) }).unwrap();
    assert_eq!(counts(&kit), [alerts + 1, hits]);
    kit.check();
}

fn an_erased_person_stays_counted(on: Engine) {
    let kit = offboarding::company(on);
    let day = kit.time.now() - SignedDuration::from_hours(24);
    kit.load("exits", &format!("number,last_day,exit\n10002,{},resigned\n", kit.service.day(day)));
    kit.time.hours(24 * 181);
    assert_eq!(shares(&kit, &effect(&kit)), [(0, 3), (0, 1)]);
    let person = kit.person("10002");
    let erase = ActRequest { reason: Some("asked for".into()), ..ActRequest::one(Act::PersonErase, person.0, None) };
    let refused = kit.me().send(erase).unwrap().outcomes.remove(0).refusal;
    // Who owns customers is not erased before they are handed over.
    if refused.is_some() {
        offboarding::transfer_all(&kit, "10002", "20002");
        kit.me().on(Act::PersonErase, person, None);
    }
    assert_eq!(shares(&kit, &effect(&kit)), [(0, 3), (0, 1)]);
    assert_eq!(kit.read(|tx| store::person::find(tx, "10002", 2)), []);
    kit.check();
}
