//! Lists: every view and every filter gives the same rows on both engines, in the same order.

use crate::{
    acts::{done, talk},
    kit::{Engine, Hand, Kit},
};
use jiff::SignedDuration;
use tenure::{
    backend::{FailureKind, Filter, Query, query::AlertView, query::Slice, query::TimelineKind},
    domain::{
        act::Act,
        alert::DismissReason,
        plan::{PlanBody, PlanTemplate},
    },
    store,
};

on_all!(
    people_are_found_by_every_filter,
    alerts_are_found_by_every_view_and_filter,
    other_lists_and_blobs,
    names_are_ordered_by_their_letters
);

fn people(hand: &Hand, filter: &str) -> Vec<String> {
    let filter = Filter::parse(filter).unwrap();
    ask!(hand, Query::People { filter, slice: Slice { after: None, limit: 500 } } => People)
        .rows
        .into_iter()
        .map(|r| r.person.number)
        .collect()
}

fn sorted(mut all: Vec<String>) -> Vec<String> {
    all.sort();
    all
}

fn people_are_found_by_every_filter(on: Engine) {
    let kit = Kit::company(on);
    let h = kit.hand("lin");
    for (filter, found) in [
        ("", &["10001", "10002", "10003", "20001", "20002", "20003"][..]),
        ("张伟", &["20001", "20002", "20003"]),
        ("张", &["20001", "20002", "20003"]),
        ("zhang", &["20001", "20002", "20003"]),
        ("Zhao", &["10003"]),
        ("2000", &["20001", "20002", "20003"]),
        ("20002", &["20002"]),
        ("band:high", &["10001", "10003"]),
        ("band:medium_high", &["10002"]),
        ("band:low", &["20001", "20002", "20003"]),
        ("critical:sales", &["10002", "10003"]),
        ("impact:low", &["20002"]),
        ("impact:high critical:research", &["10001"]),
        ("org:/集团/快消部", &["10002", "20002"]),
        ("org:快消部", &["10002", "20002"]),
        ("org:/集团", &["10001", "10002", "10003", "20001", "20002", "20003"]),
        ("org:/集", &[]),
        ("张 org:制造部 impact:medium", &["20003"]),
        ("%", &[]),
        ("org:\"100%\"", &[]),
        ("没有", &[]),
    ] {
        assert_eq!(sorted(people(&h, filter)), found, "{filter:?}");
    }
    kit.check();
}

fn alerts(hand: &Hand, view: AlertView, filter: &str) -> Vec<String> {
    let filter = Filter::parse(filter).unwrap();
    let rows = ask!(hand, Query::Alerts { view, filter, slice: Slice { after: None, limit: 500 } } => Alerts).rows;
    rows.into_iter().map(|r| r.employee.number).collect()
}

fn alerts_are_found_by_every_view_and_filter(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    use AlertView::{All, Closed, Mine, Open, Snoozed, Stale, Unacked};
    done(&kit, &chen, Act::AlertAck, &kit.alert("10001"));
    let until = kit.time.now() + SignedDuration::from_hours(40);
    done(&kit, &chen, Act::AlertSnooze { until }, &kit.alert("10002"));
    let seen = |hand: &Hand, view, filter: &str| sorted(alerts(hand, view, filter));
    for (view, filter, found) in [
        (Open, "", &["10001", "10003"][..]),
        (Mine, "", &["10001"]),
        (Unacked, "", &["10003"]),
        (Stale, "", &[]),
        (Snoozed, "", &["10002"]),
        (Closed, "", &[]),
        (All, "", &["10001", "10002", "10003"]),
        (All, "state:snoozed", &["10002"]),
        (All, "state:acked", &["10001"]),
        (All, "owner:chen", &["10001"]),
        (All, "owner:lin", &[]),
        (All, "band:high", &["10001", "10003"]),
        (All, "critical:sales band:high", &["10003"]),
        (All, "赵", &["10003"]),
        (All, "org:研发部", &["10001"]),
    ] {
        assert_eq!(seen(&chen, view, filter), found, "{view} {filter:?}");
    }
    assert_eq!(seen(&lin, Mine, ""), [""; 0]);
    // Acknowledged and left alone for longer than the policy's hours; a talk ends that.
    kit.time.hours(25);
    assert_eq!(seen(&lin, Stale, ""), ["10001"]);
    let today = ask!(lin, Query::Today => Today);
    assert_eq!((today.open, today.unacked, today.stale, today.overdue_talks, today.due_today, today.high), (3, 1, 1, 0, 0, Some(2)));
    assert_eq!(today.urgent.len(), 2);
    done(&kit, &chen, Act::AlertTalk { talk: talk(&kit) }, &kit.alert("10001"));
    assert_eq!(seen(&lin, Stale, ""), [""; 0]);
    kit.time.hours(30);
    let today = ask!(lin, Query::Today => Today);
    assert_eq!((today.overdue_talks, today.due_today), (0, 2), "the talk with 10001 was held");
    kit.drain();
    for number in ["10003", "10002"] {
        done(&kit, &chen, Act::AlertDismiss { reason: DismissReason::Expected, note: None }, &kit.alert(number));
    }
    assert_eq!((seen(&lin, Closed, ""), seen(&lin, Open, "")), (vec!["10002".into(), "10003".into()], vec!["10001".to_string()]));
    kit.check();
}

fn other_lists_and_blobs(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let body = PlanBody { template: PlanTemplate::Transfer, text: "调岗".into(), cost_fen: None };
    for number in ["10001", "20001"] {
        chen.on(Act::PlanCreate { alert: None, body: body.clone() }, kit.person(number), None);
    }
    let plans = |filter: &str| {
        let filter = Filter::parse(filter).unwrap();
        let rows = ask!(lin, Query::Plans { filter, slice: Slice::default() } => Plans).rows;
        rows.into_iter().map(|r| r.employee.number).collect::<Vec<_>>()
    };
    assert_eq!(
        (plans(""), plans("张"), plans("critical:research")),
        (vec!["20001".into(), "10001".into()], vec!["20001".into()], vec!["10001".to_string()])
    );
    let person = kit.person("10001");
    assert_eq!(kit.read(|tx| store::plan::of_person(tx, person)).len(), 1);
    chen.on(Act::AlertAck, kit.alert("10001").alert.id, None);
    let acts = |filter: &str| {
        let filter = Filter::parse(filter).unwrap();
        let rows = ask!(lin, Query::Audit { filter, slice: Slice { after: None, limit: 500 } } => Audit).rows;
        rows.into_iter().map(|r| r.entry.act).collect::<Vec<_>>()
    };
    assert_eq!(acts("owner:chen"), ["alert.ack", "plan.create", "plan.create"]);
    assert_eq!((acts("act:alert"), acts("owner:chen act:plan").len(), acts("act:a%").len()), (vec!["alert.ack".to_string()], 2, 0));
    let lines = |kinds: &[TimelineKind]| {
        let slice = Slice { after: None, limit: 500 };
        let rows = ask!(lin, Query::Timeline { id: person, kinds: kinds.to_vec(), slice } => Timeline).rows;
        rows.iter().map(|r| r.kind).collect::<Vec<_>>()
    };
    use TimelineKind::{Act as Acts, Alert, Plan, Score, Signal, Talk};
    assert_eq!(lines(&[Plan]), [Plan]);
    assert_eq!(lines(&[Acts, Talk]), [Acts]);
    assert_eq!(lines(&[Alert]), [Alert]);
    assert_eq!(lines(&[]).len(), lines(&[Signal]).len() + lines(&[Score]).len() + 3);
    let bad = lin.try_ask(Query::People { filter: Filter::default(), slice: Slice { after: Some("x".into()), limit: 5 } }).unwrap_err();
    assert_eq!(bad.kind, FailureKind::Usage);
    let missing = lin.file("00").unwrap_err();
    assert_eq!(missing.kind, FailureKind::NotFound);
    kit.check();
}

/// Pages go by sort name in the order of code points, whatever order the server has for text.
fn names_are_ordered_by_their_letters(on: Engine) {
    let kit = Kit::new(on);
    let names = ["a b", "a-b", "ab", "aB", "AB", "ä", "b", "a_b", "a1", "zhang wei", "zhangwei", "Zhang"];
    let mut text = String::from("number,name,org,post,started,sort_name\n");
    for (n, name) in names.iter().enumerate() {
        text.push_str(&format!("{n},某{n},/集团,员,2020-01-01,{name}\n"));
    }
    kit.load("employees", &text);
    let stored = kit.sql_texts("select sort_name from persons");
    let h = kit.me();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let p = ask!(h, Query::People { filter: Filter::default(), slice: Slice { after, limit: 2 } } => People);
        seen.extend(p.rows.into_iter().map(|r| r.person.sort_name));
        after = p.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, sorted(stored));
    kit.check();
}
