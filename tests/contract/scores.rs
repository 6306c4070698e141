//! Scores through the service (domain.md 16): replays (6), any order of arrival (7), nothing from the future (8), kinds that are off (5).

use crate::kit::{Engine, Kit, SIGNAL_HEAD, monday, runner};
use jiff::{SignedDuration, Timestamp, civil::Date};
use proptest::prelude::*;
use std::cell::Cell;
use tenure::{
    backend::{Query, answer::Explanation, query::TimelineKind},
    domain::{
        act::Act,
        alert::DismissReason,
        score::Score,
        signal::{LawfulBasis, SignalKind},
    },
    store,
};

on_all!(
    any_order_of_arrival_gives_the_same_score,
    days_between_two_arrivals_change_nothing,
    later_events_leave_earlier_answers_alone,
    a_kind_that_is_off_counts_as_never_received,
    what_is_only_seen_is_no_event_of_an_alert,
);

/// (kind, hours ago, hours until it was known, value, baseline)
pub type Fact = (&'static str, i64, i64, Option<i64>, Option<i64>);

pub fn fact() -> impl Strategy<Value = Fact> {
    let ago = prop_oneof![3 => 1..24 * 40i64, 1 => 24 * 40..24 * 170i64];
    let known = prop_oneof![4 => Just(0), 1 => 1..24 * 20i64];
    let what = prop_oneof![
        3 => Just(("late", None, None)),
        3 => Just(("leave", None, None)),
        2 => Just(("resume_update", None, None)),
        3 => (50..100i64).prop_map(|v| ("perf_score", Some(v), None)),
        1 => (1000..2000i64).prop_map(|v| ("pay_gap", Some(v), Some(1600))),
        1 => (0..300i64).prop_map(|v| ("attendance_growth", Some(v), None)),
        1 => (0..4i64).prop_map(|v| ("perf_streak", Some(v), None)),
        1 => (0..10i64).prop_map(|v| ("stress", Some(v), None)),
        1 => Just(("raise_request", None, None)),
    ];
    // Whole days now and then: ties in time are common in real files.
    (what, ago, known, prop::bool::ANY).prop_map(|((kind, value, baseline), ago, known, whole)| {
        (kind, if whole { (ago / 24).max(1) * 24 } else { ago }, known, value, baseline)
    })
}

pub fn line(number: &str, event: &str, now: Timestamp, (kind, ago, known, value, baseline): &Fact) -> String {
    let at = now - SignedDuration::from_hours(*ago);
    // Nothing is known that is not known yet.
    let known = at + SignedDuration::from_hours(*known.min(ago));
    let text = |v: &Option<i64>| v.map_or_else(String::new, |v| v.to_string());
    format!("{event},{number},{kind},{at},{known},{},{}\n", text(value), text(baseline))
}

/// A home whose clock stands still but for its ticks, with every kind of [`fact`] switched on.
fn lab(on: Engine) -> Kit {
    let kit = Kit::new(on);
    kit.enable(SignalKind::ResumeUpdate);
    kit
}

fn hire(kit: &Kit, numbers: &[String]) {
    let mut text = String::from("number,name,org,post,started\n");
    for n in numbers {
        text.push_str(&format!("{n},某人,/集团,研发,2015-01-01\n"));
    }
    kit.load("employees", &text);
}

/// The current score, but for its id and the moment it was computed at.
fn current(kit: &Kit, number: &str) -> Score {
    let card = ask!(kit.me(), Query::Person { id: kit.person(number) } => Person);
    let s = card.score.unwrap_or_else(|| panic!("{number} has no score"));
    Score { id: tenure::domain::ids::ScoreId(uuid::Uuid::nil()), computed_at: monday(), ..s }
}

/// An explanation without what differs between two people.
fn told(kit: &Kit, number: &str) -> String {
    let mut e: Explanation = kit.explain(number);
    (e.number, e.name) = (String::new(), String::new());
    for f in &mut e.factors {
        for s in &mut f.signals {
            s.event = s.event.replacen(number, "", 1);
        }
    }
    serde_json::to_string(&e).unwrap()
}

/// 6 and 7. The first person's signals come by time and once, the second's in any order, in three files, some of them twice.
fn any_order_of_arrival_gives_the_same_score(on: Engine) {
    let (kit, next) = (lab(on), Cell::new(0));
    let cases = prop::collection::vec((fact(), any::<u64>(), 0..3usize, prop::bool::weighted(0.3)), 1..25);
    runner(on, 24, 5)
        .run(&cases, |facts| {
            let n = next.get();
            next.set(n + 1);
            let (first, second) = (format!("A{n:04}"), format!("B{n:04}"));
            hire(&kit, &[first.clone(), second.clone()]);
            let now = kit.time.now();
            let mut one = format!("{SIGNAL_HEAD}\n");
            let mut three = [one.clone(), one.clone(), one.clone()];
            for (i, (f, ..)) in facts.iter().enumerate() {
                one.push_str(&line(&first, &format!("{first}-{i:03}"), now, f));
            }
            let mut shuffled: Vec<_> = facts.iter().enumerate().collect();
            shuffled.sort_by_key(|(_, (_, by, ..))| *by);
            for (i, (f, _, file, twice)) in shuffled {
                let text = line(&second, &format!("{second}-{i:03}"), now, f);
                three[*file].push_str(&text);
                if *twice {
                    three[(file + 1) % 3].push_str(&text);
                }
            }
            kit.load("signals", &one);
            for text in &three {
                kit.load("signals", text);
            }
            let (a, b) = (current(&kit, &first), current(&kit, &second));
            prop_assert_eq!(&a, &b);
            prop_assert_eq!(told(&kit, &first), told(&kit, &second));
            // The stored score is the one that an explanation works out afresh.
            let e = kit.explain(&first);
            prop_assert_eq!(
                (e.score, e.band, e.logit, e.inputs_hash, e.unweighed),
                (a.score, a.band, a.logit, a.inputs_hash.clone(), a.unweighed.clone())
            );
            prop_assert!((a.intercept + a.contributions.iter().map(|c| c.contribution).sum::<f64>() - a.logit).abs() < 1e-9);

            // 6: the same signals again are nothing.
            let seq = kit.seq();
            let again = kit.load("signals", &one);
            prop_assert_eq!((again.added, again.refused), (0, 0));
            let scores: Vec<_> = kit.entries(seq).into_iter().filter(|e| e.act == "risk.score").collect();
            prop_assert_eq!(scores, Vec::new());
            prop_assert_eq!(current(&kit, &first), a);
            Ok(())
        })
        .unwrap();
    kit.check();
}

/// 7, over days: what leaves a window goes from both scores, also what is only seen.
fn days_between_two_arrivals_change_nothing(on: Engine) {
    let kit = lab(on);
    hire(&kit, &["X".into(), "Y".into()]);
    let now = kit.time.now();
    let old = ("raise_request", 24 * 176, 0, None, None);
    let new = ("raise_request", 24 * 2, 0, None, None);
    let text = |number: &str, facts: &[(usize, &Fact)]| {
        let lines: String = facts.iter().map(|(i, f)| line(number, &format!("{number}-{i:03}"), now, f)).collect();
        format!("{SIGNAL_HEAD}\n{lines}")
    };
    kit.load("signals", &text("X", &[(0, &old), (1, &new)]));
    assert_eq!(current(&kit, "X").unweighed.first().map(|u| u.count), Some(2));
    for _ in 0..8 {
        kit.time.hours(24);
        kit.drain();
    }
    kit.load("signals", &text("Y", &[(1, &new)]));
    kit.load("signals", &text("Y", &[(0, &old)]));
    assert_eq!(current(&kit, "X").unweighed.first().map(|u| u.count), Some(1), "the older one has left its window");
    let (x, y) = (current(&kit, "X"), current(&kit, "Y"));
    // A score stands until something changes: the day of which it speaks is the day it was computed.
    assert_eq!(x, Score { as_of: x.as_of, ..y });
    assert_eq!(told(&kit, "X"), told(&kit, "Y"));
    kit.check();
}

/// A kind that no feature reads makes a new snapshot, and nothing else: no event of an alert, no line in the timeline, nothing reopened.
fn what_is_only_seen_is_no_event_of_an_alert(on: Engine) {
    let kit = Kit::company(on);
    let (open, closed) = (kit.alert("10001").alert, kit.alert("10002").alert);
    kit.me().on(Act::AlertDismiss { reason: DismissReason::Expected, note: None }, closed.id, Some(closed.version));
    let closed = kit.stored(closed.id);
    let scores = |kit: &Kit| kit.count("select count(*) from scores");
    let lines = |kit: &Kit| kit.timeline("10001").into_iter().filter(|r| r.kind == TimelineKind::Score).count();
    let (before, shown, alerts) = (scores(&kit), lines(&kit), kit.count("select count(*) from alerts"));
    let mut text = format!("{SIGNAL_HEAD}\n");
    for number in ["10001", "10002"] {
        text.push_str(&line(number, &format!("{number}-raise"), kit.time.now(), &("raise_request", 30, 0, None, None)));
    }
    let seq = kit.seq();
    assert_eq!(kit.load("signals", &text).added, 2);
    assert_eq!(scores(&kit), before + 2);
    for number in ["10001", "10002"] {
        let (stored, fresh) = (current(&kit, number), kit.explain(number));
        assert_eq!(stored.unweighed.iter().map(|u| (u.kind, u.count)).collect::<Vec<_>>(), [(SignalKind::RaiseRequest, 1)]);
        assert_eq!((stored.unweighed, stored.inputs_hash), (fresh.unweighed, fresh.inputs_hash));
    }
    assert_eq!((kit.stored(open.id), kit.stored(closed.id)), (open, closed), "an alert moved");
    assert_eq!((lines(&kit), kit.count("select count(*) from alerts")), (shown, alerts));
    let scored: Vec<_> = kit.entries(seq).into_iter().filter(|e| e.act == "risk.score").collect();
    assert!(scored.len() == 1 && scored[0].items.is_empty() && scored[0].count == Some(2), "{scored:?}");
    // What is weighed still is one.
    let before = kit.alert("10001").alert.events;
    kit.load("signals", &format!("{SIGNAL_HEAD}\n{}", line("10001", "10001-more", kit.time.now(), &("resume_update", 20, 0, None, None))));
    assert_eq!(kit.alert("10001").alert.events, before + 1);
    kit.check();
}

fn on_days(kit: &Kit, number: &str, days: &[Date]) -> Vec<String> {
    let id = kit.person(number);
    let told = |d: &Date| ask!(kit.me(), Query::Explain { id, as_of: Some(*d), model: None } => Explain);
    days.iter().map(|d| serde_json::to_string(&told(d)).unwrap()).collect()
}

/// 8. What is observed later, and what is observed earlier but known later, changes no earlier answer and no stored snapshot.
fn later_events_leave_earlier_answers_alone(on: Engine) {
    let (kit, next) = (lab(on), Cell::new(0));
    let cases = (prop::collection::vec(fact(), 0..15), prop::collection::vec((fact(), 0..24 * 60i64), 1..10));
    runner(on, 20, 4)
        .run(&cases, |(early, late)| {
            let n = next.get();
            next.set(n + 1);
            let number = format!("N{n:04}");
            hire(&kit, std::slice::from_ref(&number));
            // The past: everything was known before the cut.
            let now = kit.time.now();
            let cut = now - SignedDuration::from_hours(24 * 61);
            let mut text = format!("{SIGNAL_HEAD}\n");
            for (i, (kind, ago, _, value, baseline)) in early.iter().enumerate() {
                text.push_str(&line(&number, &format!("{number}-e{i}"), cut, &(kind, ago % (24 * 110) + 24, 0, *value, *baseline)));
            }
            kit.load("signals", &text);
            let today = kit.service.day(cut);
            let days: Vec<Date> = [0, 1, 7, 29, 30, 31, 60].map(|d| today.checked_sub(jiff::Span::new().days(d)).unwrap()).to_vec();
            let before = on_days(&kit, &number, &days);
            let person = kit.person(&number);
            let snapshots = kit.read(|tx| store::score::of_person(tx, person, now, 100));

            // The future of those days: known in the day after the cut, or later; observed before or after it.
            let mut text = format!("{SIGNAL_HEAD}\n");
            let after = kit.service.zone().clone();
            let start = today.tomorrow().unwrap().to_zoned(after).unwrap().timestamp();
            for (i, ((kind, ago, _, value, baseline), later)) in late.iter().enumerate() {
                let known = start + SignedDuration::from_hours((*later).min(24 * 59));
                let at = (known - SignedDuration::from_hours(ago % (24 * 90))).min(known);
                let number_of = |v: &Option<i64>| v.map_or_else(String::new, |v| v.to_string());
                let (value, baseline) = (number_of(value), number_of(baseline));
                text.push_str(&format!("{number}-l{i},{number},{kind},{at},{known},{value},{baseline}\n"));
            }
            let state = kit.load("signals", &text);
            prop_assert!(state.added > 0, "{:?}", state);
            prop_assert_eq!(before, on_days(&kit, &number, &days));
            let still = kit.read(|tx| store::score::of_person(tx, person, now, 100));
            prop_assert_eq!(snapshots, still);
            Ok(())
        })
        .unwrap();
    kit.check();
}

/// 5, through the service: switching a kind off is as if its signals had never come, and switching it on brings them back.
fn a_kind_that_is_off_counts_as_never_received(on: Engine) {
    let kit = lab(on);
    hire(&kit, &["X".into(), "Y".into()]);
    let now = kit.time.now();
    let facts: Vec<Fact> = vec![
        ("late", 30, 0, None, None),
        ("late", 60, 0, None, None),
        ("leave", 90, 0, None, None),
        ("leave", 130, 0, None, None),
        ("perf_score", 2000, 0, Some(90), None),
        ("perf_score", 50, 0, Some(70), None),
    ];
    let mut text = format!("{SIGNAL_HEAD}\n");
    for (i, f) in facts.iter().enumerate() {
        text.push_str(&line("X", &format!("X-{i:03}"), now, f));
        if f.0 != "late" {
            text.push_str(&line("Y", &format!("Y-{i:03}"), now, f));
        }
    }
    kit.load("signals", &text);
    let with = current(&kit, "X");
    assert_ne!(with.score, current(&kit, "Y").score);
    kit.me().done(Act::SignalDisable { kind: SignalKind::Late });
    kit.drain();
    assert_eq!(current(&kit, "X"), current(&kit, "Y"));
    assert_eq!(told(&kit, "X"), told(&kit, "Y"));
    kit.me().done(Act::SignalEnable { kind: SignalKind::Late, basis: LawfulBasis::Contract });
    kit.drain();
    assert_eq!(current(&kit, "X"), with);
    kit.check();
}
