//! Pages: by key, every row once while rows come and change, and a fixed number of statements whatever the size.

use crate::kit::{Article, Engine, HEAD, Kit, SIGNAL_HEAD, file, signals};
use std::collections::{BTreeMap, BTreeSet};
use tenure::{
    backend::{
        Answer, Filter, Query,
        query::{AlertView, Slice},
    },
    domain::{
        act::Act,
        ids::PersonId,
        operator::Role,
        plan::{PlanBody, PlanTemplate},
        signal::SignalKind,
    },
};

on_all!(
    a_page_costs_the_same_at_any_size,
    every_row_once_while_people_come,
    every_row_once_while_alerts_are_worked,
    lines_of_one_instant_are_not_lost,
    pseudonyms_cost_one_statement,
);

/// People `from..to`, each like B of the article.
fn grow(kit: &Kit, from: usize, to: usize) {
    let (mut people, mut lines, now) = (format!("{HEAD}\n"), Vec::new(), kit.time.now());
    for n in from..to {
        people.push_str(&format!("{n:05},员工{n},/集团/{}部,专员,2018-01-01,,,\n", n % 7));
        lines.push(signals(Article::B, &format!("{n:05}"), now));
    }
    kit.load("employees", &people);
    kit.load("signals", &file(&lines));
}

fn slice(limit: u32) -> Slice {
    Slice { after: None, limit }
}

fn lists(person: PersonId) -> Vec<Query> {
    let (filter, slice) = (Filter::default(), slice(10));
    let mut all = vec![
        Query::Today,
        Query::People { filter: filter.clone(), slice: slice.clone() },
        Query::People { filter: Filter { text: Some("员工".into()), ..filter.clone() }, slice: slice.clone() },
        Query::Plans { filter: filter.clone(), slice: slice.clone() },
        Query::Approvals { slice: slice.clone() },
        Query::Quarantine { slice: slice.clone() },
        Query::Jobs { slice: slice.clone() },
        Query::Audit { filter: filter.clone(), slice: slice.clone() },
        Query::Access { slice: slice.clone() },
        Query::Timeline { id: person, kinds: Vec::new(), slice: slice.clone() },
        Query::Evidence { id: person, kind: SignalKind::Late, slice: slice.clone() },
    ];
    for view in
        [AlertView::Open, AlertView::Mine, AlertView::Unacked, AlertView::Stale, AlertView::Snoozed, AlertView::Closed, AlertView::All]
    {
        all.push(Query::Alerts { view, filter: filter.clone(), slice: slice.clone() });
    }
    all
}

/// Work in a home that lengthens every list.
fn work(kit: &Kit, numbers: std::ops::Range<usize>) {
    let chen = kit.hand("chen");
    let first = kit.alert("50000").alert;
    for n in numbers {
        let a = kit.alert(&format!("{n:05}")).alert;
        chen.on(Act::AlertAck, a.id, None);
        let body = PlanBody { template: PlanTemplate::Training, text: "培训".into(), cost_fen: None };
        let plan = chen.on(Act::PlanCreate { alert: None, body }, a.person, None).outcomes[0].id;
        chen.on(Act::PlanSubmit, plan, None);
        chen.on(Act::AlertNote { text: format!("第{n}条") }, first.id, None);
        let (at, line) = (kit.time.now() - jiff::SignedDuration::from_hours(1), format!("{SIGNAL_HEAD}\nq{n},nobody{n}"));
        kit.load("signals", &format!("{line},late,{at},,,\nx{n},50000,late,{at},,,\n"));
        chen.ask(Query::Person { id: a.person });
        kit.write(|tx| {
            let due = tx.now() + jiff::SignedDuration::from_hours(1);
            tenure::store::job::queue(tx, tenure::domain::ids::JobId(uuid::Uuid::new_v4()), "later", &n.to_string(), due, "")
        });
    }
}

fn a_page_costs_the_same_at_any_size(on: Engine) {
    let kit = Kit::company(on);
    let who = kit.service.identify(Some("chen")).unwrap();
    let cost = |person| -> Vec<u64> { lists(person).iter().map(|q| kit.service.query(&who, q).unwrap().statements).collect() };
    grow(&kit, 50_000, 50_015);
    work(&kit, 50_001..50_014);
    let person = kit.person("50000");
    let small = cost(person);
    grow(&kit, 50_015, 50_060);
    work(&kit, 50_015..50_055);
    let large = cost(person);
    for ((q, before), after) in lists(person).iter().zip(&small).zip(&large) {
        assert_eq!(before, after, "{q:?}: the statements of a page grow with the company");
    }
    // What every list shows once, besides its rows: one statement, or one for each row where a person's key opens it.
    let dear: Vec<_> = lists(person).into_iter().zip(large).filter(|(_, n)| *n > 40).collect();
    assert!(dear.is_empty(), "{dear:?}");
}

/// Who is shown pseudonyms costs one statement more, not one for each of them.
fn pseudonyms_cost_one_statement(on: Engine) {
    let kit = Kit::company(on).strict();
    kit.me().done(Act::OperatorAdd { name: "masked".into(), role: Role::HrManager, person: None, org: None });
    grow(&kit, 50_000, 50_060);
    let cost = |name: Option<&str>, limit| {
        let people = Query::People { filter: Filter::default(), slice: Slice { after: None, limit } };
        kit.service.query(&kit.service.identify(name).unwrap(), &people).unwrap().statements
    };
    assert_eq!(cost(Some("masked"), 50), cost(Some("masked"), 5));
    // What else they cost is the look at who is revealed.
    assert!(cost(Some("masked"), 50) <= cost(None, 50) + 3);
}

/// Walks a list, calling `between` after every page; answers how often each row came.
fn walk(kit: &Kit, ask: impl Fn(Slice) -> Query, mut between: impl FnMut(usize)) -> BTreeMap<String, usize> {
    let (hand, mut after, mut seen) = (kit.hand("lin"), None, BTreeMap::new());
    for n in 0.. {
        let (rows, next): (Vec<String>, _) = match hand.ask(ask(Slice { after, limit: 7 })) {
            Answer::People(p) => (p.rows.into_iter().map(|r| r.person.number).collect(), p.next),
            Answer::Alerts(p) => (p.rows.into_iter().map(|r| r.alert.id.to_string()).collect(), p.next),
            Answer::Timeline(p) => (p.rows.into_iter().map(|r| format!("{} {:?} {:?} {:?}", r.at, r.kind, r.id, r.what)).collect(), p.next),
            Answer::Evidence(p) => (p.rows.into_iter().map(|r| r.event).collect(), p.next),
            Answer::Audit(p) => (p.rows.into_iter().map(|r| r.entry.seq.to_string()).collect(), p.next),
            Answer::Quarantine(p) => (p.rows.into_iter().map(|r| r.id.to_string()).collect(), p.next),
            other => panic!("{other:?}"),
        };
        assert!(rows.len() <= 7 && (next.is_none() || !rows.is_empty()));
        for r in rows {
            *seen.entry(r).or_insert(0) += 1;
        }
        after = next;
        if after.is_none() {
            break;
        }
        between(n);
    }
    seen
}

fn every_row_once_while_people_come(on: Engine) {
    let kit = Kit::company(on);
    grow(&kit, 60_000, 60_040);
    let there: BTreeSet<String> = kit.sql_texts("select number from spells where live = 1").into_iter().collect();
    let people = |slice| Query::People { filter: Filter::default(), slice };
    let seen = walk(&kit, people, |n| {
        // Somebody before every cursor and somebody behind it; and a correction that moves somebody who was shown to the end.
        kit.load("employees", &format!("{HEAD}\n7{n:04},安{n},/集团,专员,2020-01-01,,,\n8{n:04},祖{n},/集团,专员,2020-01-01,,,\n"));
    });
    assert!(there.iter().all(|p| seen.get(p) == Some(&1)), "{seen:?}");
    assert!(seen.values().all(|n| *n == 1));
    assert!(seen.keys().any(|k| k.starts_with("80")), "who came behind the cursor is shown");
    kit.check();
}

fn every_row_once_while_alerts_are_worked(on: Engine) {
    let kit = Kit::company(on);
    grow(&kit, 60_000, 60_030);
    let all = |view| move |slice| Query::Alerts { view, filter: Filter::default(), slice };
    let rows = kit.hand("lin").alerts(AlertView::All);
    assert_eq!(rows.len(), 33);
    let chen = kit.hand("chen");
    let seen = walk(&kit, all(AlertView::All), |n| {
        // Work on rows that were shown, and on rows that were not.
        for (i, act) in [(n, Act::AlertAck), (32 - n, Act::AlertEscalate)] {
            chen.on(act, rows[i].alert.id, None);
        }
        kit.hire(&format!("7{n:04}"), Article::B);
    });
    assert!(rows.iter().all(|r| seen.get(&r.alert.id.to_string()) == Some(&1)), "{seen:?}");
    // The chain grows at its head, while a walk goes towards its beginning.
    let (acts, before) = (|slice| Query::Audit { filter: Filter::default(), slice }, kit.seq());
    let seen = walk(&kit, acts, |_| drop(chen.on(Act::AlertNote { text: "又一条".into() }, rows[0].alert.id, None)));
    assert_eq!(seen.len() as i64, before);
    assert!((1..=before).all(|n| seen.get(&n.to_string()) == Some(&1)));
    kit.check();
}

/// Files with whole days put many facts at one instant; a granted snooze is two lines of one entry.
fn lines_of_one_instant_are_not_lost(on: Engine) {
    let kit = Kit::company(on);
    let person = kit.person("20001");
    let mut text = format!("{SIGNAL_HEAD}\n");
    for n in 0..40 {
        text.push_str(&format!("same-{n},20001,late,2026-02-{:02},,,\n", 10 + n / 20));
    }
    kit.load("signals", &text);
    let seen = walk(&kit, |slice| Query::Evidence { id: person, kind: SignalKind::Late, slice }, |_| {});
    assert_eq!((seen.len(), seen.values().max()), (40, Some(&1)), "{seen:?}");
    for (n, q) in [("x1", "late"), ("x2", "late"), ("x3", "leave")] {
        kit.load("signals", &format!("{SIGNAL_HEAD}\n{n},nobody-{n},{q},2026-02-01,,,\n"));
    }
    let seen = walk(&kit, |slice| Query::Quarantine { slice }, |_| {});
    assert_eq!((seen.len(), seen.values().max()), (3, Some(&1)));

    let a = kit.alert("10001").alert;
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    for n in 0..4 {
        let until = a.talk_due_at + jiff::SignedDuration::from_hours(24 + n);
        let id = chen.on(Act::AlertSnooze { until }, a.id, None).outcomes[0].pending.unwrap();
        lin.on(Act::ApprovalGrant, id, None);
        kit.time.hours(1);
        kit.write(|tx| tx.exec("update alerts set snoozed_until = 1 where state = 'snoozed'", &[]).map(|_| ()));
        kit.service.run_clocks().unwrap();
    }
    let whole = kit.timeline("10001").len();
    for limit in [1, 2, 3, 5] {
        let (hand, mut after, mut lines) = (kit.hand("lin"), None, Vec::new());
        loop {
            let q = Query::Timeline { id: a.person, kinds: Vec::new(), slice: Slice { after, limit } };
            let page = ask!(hand, q => Timeline);
            lines.extend(page.rows);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(lines.len(), whole, "pages of {limit}");
        assert!(lines.windows(2).all(|w| w[0].at >= w[1].at));
    }
    kit.check();
}
