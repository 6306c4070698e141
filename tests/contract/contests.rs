//! Contests of scores (domain.md, failure case "Subject contests a score"): recorded, seen wherever the score is, answered by somebody else.

use crate::kit::{Article, Engine, Hand, Kit, file, signals};
use jiff::SignedDuration;
use tenure::{
    backend::{
        Filter, Query,
        answer::{ContestCard, ContestRow},
        query::{AlertReport, Slice},
    },
    domain::{
        act::{Act, RefusalClass},
        alert::{AlertKind, AlertOutcome, AlertState},
        contest::{Answer, ContestState},
        ids::ContestId,
        operator::Role,
    },
};

on_all!(
    a_contest_is_open_once_and_seen_wherever_the_score_is,
    a_contested_score_raises_no_alert_until_it_is_answered,
    another_person_answers_and_the_record_keeps_what_was_shown,
    an_answer_in_time_or_on_the_first_screen,
    what_was_said_is_gone_with_the_person
);

fn slice() -> Slice {
    Slice { after: None, limit: 200 }
}

fn contest(by: &Hand, kit: &Kit, number: &str) -> ContestId {
    let said = Act::ScoreContest { text: "两次简历更新是应猎头请求，并非求职".into() };
    ContestId(by.on(said, kit.person(number), None).outcomes[0].id)
}

fn answer(answer: Answer) -> Act {
    Act::ScoreAnswer { answer, text: "已与本人核对".into() }
}

fn queue(hand: &Hand, all: bool) -> Vec<ContestRow> {
    ask!(hand, Query::Contests { all, slice: slice() } => Contests).rows
}

fn card(hand: &Hand, id: ContestId) -> ContestCard {
    *ask!(hand, Query::Contest { id } => Contest)
}

/// Where a score is shown: alerts, people, the person's card, explanation, what-if, and the report.
fn marks(kit: &Kit, number: &str) -> [bool; 6] {
    let (hand, id) = (kit.hand("lin"), kit.person(number));
    let alert = kit.alert(number);
    let people = ask!(hand, Query::People { filter: Filter::default(), slice: slice() } => People).rows;
    let report = ask!(hand, Query::AlertReport { id: alert.alert.id, report: AlertReport::HrWarning } => Report);
    let open = |mark: Option<tenure::domain::contest::Mark>| mark.is_some_and(|m| m.state.is_open());
    [
        hand.alerts(tenure::backend::query::AlertView::All).iter().find(|r| r.alert.id == alert.alert.id).unwrap().contested,
        people.iter().find(|r| r.person.id == id).unwrap().contested,
        open(ask!(hand, Query::Person { id } => Person).contest),
        open(ask!(hand, Query::Explain { id, as_of: None, model: None } => Explain).contest),
        open(ask!(hand, Query::WhatIf { id, changes: [].into() } => WhatIf).contest),
        report.sections.iter().any(|s| s.title.code == "report-contested-title"),
    ]
}

fn a_contest_is_open_once_and_seen_wherever_the_score_is(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    assert_eq!(marks(&kit, "10001"), [false; 6]);
    let id = contest(&chen, &kit, "10001");
    assert_eq!(marks(&kit, "10001"), [true; 6]);
    assert_eq!(marks(&kit, "10002"), [false; 6], "nobody else's");
    let [row] = queue(&lin, false).try_into().unwrap();
    assert_eq!((row.contest.id, row.contest.score, row.contest.state), (id, 8.2, ContestState::Open));
    assert_eq!(row.contest.due_at.duration_since(row.contest.opened_at), SignedDuration::from_hours(24 * 30));
    let again = Act::ScoreContest { text: "再次".into() };
    let why = lin.refused(again, kit.person("10001"), None);
    assert_eq!((why.class, why.why.code.as_ref()), (RefusalClass::Conflict, "refused-contest-open"));
    assert_eq!(chen.refused(Act::ScoreContest { text: " ".into() }, kit.person("10002"), None).why.code, "refused-empty-text");
    lin.on(answer(Answer::Upheld), id, None);
    assert_eq!(marks(&kit, "10001"), [false; 6]);
    assert_eq!(queue(&lin, false), []);
    let why = lin.refused(answer(Answer::Withdrawn), id, None);
    assert_eq!((why.class, why.why.code.as_ref()), (RefusalClass::Conflict, "refused-contest-answered"));
    // Whoever is not content may say so again.
    contest(&chen, &kit, "10001");
    assert_eq!(queue(&lin, true).len(), 2);
    kit.check();
}

fn alerts_of(kit: &Kit, number: &str) -> Vec<(AlertState, i64)> {
    let person = kit.person(number);
    let all = kit.read(|tx| tenure::store::alert::of_person(tx, person));
    all.into_iter().filter(|a| a.kind == AlertKind::AttritionRisk).map(|a| (a.state, a.generation)).collect()
}

fn a_contested_score_raises_no_alert_until_it_is_answered(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let weighty = |like, number: &str| {
        kit.load("signals", &file(&[signals(like, number, kit.time.now())]));
    };
    // Somebody low contests; what comes meanwhile would raise an alert.
    kit.load("signals", &format!("{}\nx1,20001,late,2026-02-20,,,\nx2,20002,late,2026-02-20,,,\n", crate::kit::SIGNAL_HEAD));
    let ids = ["20001", "20002"].map(|n| contest(&chen, &kit, n));
    weighty(Article::C, "20001");
    weighty(Article::C, "20002");
    assert!(kit.explain("20001").score >= 8.0);
    for number in ["20001", "20002"] {
        assert_eq!(alerts_of(&kit, number), []);
    }
    // Upheld: it is raised now. Withdrawn: it is not, until the evidence changes.
    let reply = lin.on(answer(Answer::Upheld), ids[0], None);
    assert_eq!(alerts_of(&kit, "20001"), [(AlertState::New, 1)]);
    assert!(reply.touched.iter().any(|t| matches!(t, tenure::backend::Touched::Alert(_))));
    lin.on(answer(Answer::Withdrawn), ids[1], None);
    kit.drain();
    assert_eq!((alerts_of(&kit, "20001"), alerts_of(&kit, "20002")), (vec![(AlertState::New, 1)], vec![]));
    let mark = ask!(lin, Query::Person { id: kit.person("20002") } => Person).contest.unwrap();
    assert_eq!((mark.id, mark.state), (ids[1], ContestState::Withdrawn));
    kit.load("signals", &format!("{}\nx3,20002,pay_gap,2026-02-28,,20000,30000\n", crate::kit::SIGNAL_HEAD));
    assert_eq!(ask!(lin, Query::Person { id: kit.person("20002") } => Person).contest, None, "another score");

    // An alert that is open stays as it is, and is marked; one that was closed is raised again by an answer only where it would have been.
    let a = kit.alert("10001").alert;
    chen.on(Act::AlertAck, a.id, None);
    chen.on(Act::AlertResolve { outcome: AlertOutcome::Staying, refusal: Some("不愿谈".into()) }, a.id, None);
    let id = contest(&chen, &kit, "10001");
    lin.on(answer(Answer::Corrected), id, None);
    kit.drain();
    assert_eq!(alerts_of(&kit, "10001"), [(AlertState::Resolved, 1)]);
    kit.check();
}

fn another_person_answers_and_the_record_keeps_what_was_shown(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let person = kit.person("10001");
    // Whoever the person is, under whatever name they work here.
    kit.me().done(Act::OperatorAdd { name: "li.yanqiu".into(), role: Role::Hrbp, person: Some(person), org: None });
    let own = kit.hand("li.yanqiu");
    let shown = ask!(lin, Query::Person { id: person } => Person).score.unwrap();
    let seq = kit.seq();
    let id = contest(&chen, &kit, "10001");
    assert_eq!(chen.refused(answer(Answer::Upheld), id, None).why.code, "refused-contest-recorder");
    assert_eq!(own.refused(answer(Answer::Withdrawn), id, None).why.code, "refused-contest-own");
    // The evidence moves on; the record does not.
    kit.load("signals", &format!("{}\ny1,10001,late,2026-02-27,,,\n", crate::kit::SIGNAL_HEAD));
    let open = card(&lin, id);
    assert_eq!((open.said.as_deref(), open.answer), (Some("两次简历更新是应猎头请求，并非求职"), None));
    lin.on(answer(Answer::Corrected), id, Some(1));
    let kept = card(&lin, id);
    assert_eq!((kept.answer.as_deref(), kept.row.contest.answered_by.as_deref()), (Some("已与本人核对"), Some("lin")));
    let explained = kept.explained.unwrap();
    assert_eq!((explained.score, &explained.contributions, &explained.inputs_hash), (8.2, &shown.contributions, &shown.inputs_hash));
    assert_ne!(kit.explain("10001").inputs_hash, shown.inputs_hash);
    // Both acts are on the timeline with their words, and in the chain without.
    let timeline = serde_json::to_string(&kit.timeline("10001")).unwrap();
    assert!(timeline.contains("应猎头请求") && timeline.contains("已与本人核对"), "{timeline}");
    let entries = kit.entries(seq);
    let acts: Vec<_> = entries.iter().map(|e| e.act.as_str()).filter(|a| a.starts_with("score.")).collect();
    assert_eq!(acts, ["score.contest", "score.answer"]);
    assert!(!serde_json::to_string(&entries).unwrap().contains("猎头"));
    kit.check();
}

fn an_answer_in_time_or_on_the_first_screen(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let today = || {
        let owed = ask!(lin, Query::Today => Today).owed;
        (owed.contests_open, owed.contests_overdue)
    };
    assert_eq!(today(), (0, 0));
    let first = contest(&chen, &kit, "10001");
    kit.time.hours(24 * 20);
    contest(&chen, &kit, "10002");
    assert_eq!(today(), (2, 0));
    kit.time.hours(24 * 11);
    assert_eq!(today(), (2, 1));
    let rows = queue(&lin, false);
    assert_eq!((rows.len(), rows[0].contest.id), (2, first), "the first due first");
    // A page at a time.
    let page = ask!(lin, Query::Contests { all: false, slice: Slice { after: None, limit: 1 } } => Contests);
    let next = ask!(lin, Query::Contests { all: false, slice: Slice { after: page.next, limit: 1 } } => Contests);
    assert_eq!((page.rows[0].contest.id, &next.rows[0], next.next), (first, &rows[1], None));
    lin.on(answer(Answer::Upheld), first, None);
    assert_eq!(today(), (1, 0));
    kit.drain();
    kit.check();
}

fn what_was_said_is_gone_with_the_person(on: Engine) {
    let kit = Kit::company(on);
    kit.load("signals", &format!("{}\nz1,20001,late,2026-02-27,,,\n", crate::kit::SIGNAL_HEAD));
    let id = contest(&kit.hand("chen"), &kit, "20001");
    assert!(kit.sql_texts("select said || explained from contests").concat().chars().all(|c| c.is_ascii_hexdigit()), "sealed");
    kit.me().on(Act::PersonErase, kit.person("20001"), None);
    let lin = kit.hand("lin");
    assert_eq!(lin.try_ask(Query::Contest { id }).unwrap_err().what.code, "not-found");
    assert_eq!((queue(&lin, true), ask!(lin, Query::Today => Today).owed.contests_open), (vec![], 0));
    assert!(!serde_json::to_string(&lin.ask(Query::Audit { filter: Filter::default(), slice: slice() })).unwrap().contains("猎头"));
    kit.check();
}
