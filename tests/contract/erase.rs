//! Erasure (domain.md 16, 42): nothing that any query answers names an erased person any more, and both chains still verify.

use crate::{
    access::every_query,
    acts::{done, talk},
    kit::{Engine, Hand, Kit},
    offboarding,
};
use tenure::{
    domain::{
        act::{Act, RefusalClass},
        alert::DismissReason,
        plan::{PlanBody, PlanTemplate},
    },
    store,
};

on_all!(an_erased_person_is_unreadable, an_erased_person_stays_erased, nobody_is_erased_on_whom_something_hangs);

/// Words that only stand for this person.
const WORDS: &[&str] = &["李研秋", "想去深圳陪家人", "张经理", "希望晋升", "下周与总监谈", "先不惊动", "晋升并调薪", "liyanqiu"];

/// Everything that a company writes about a person.
fn written_about(kit: &Kit) -> (Hand, Vec<uuid::Uuid>) {
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let a = kit.alert("10001");
    chen.on(Act::PersonSortName { sort_name: "liyanqiu".into() }, a.alert.person, None);
    let (_, a) = done(kit, &chen, Act::AlertNote { text: "想去深圳陪家人".into() }, &a);
    let (_, a) = done(kit, &chen, Act::AlertTalk { talk: talk(kit) }, &a);
    let body = PlanBody { template: PlanTemplate::Pay, text: "晋升并调薪".into(), cost_fen: Some(100) };
    let plan = chen.on(Act::PlanCreate { alert: Some(a.alert.id), body: body.clone() }, a.alert.person, None).outcomes[0].id;
    chen.on(Act::PlanSubmit, plan, None);
    let open = chen.on(Act::PlanCreate { alert: None, body }, a.alert.person, None).outcomes[0].id;
    let until = a.alert.talk_due_at;
    done(kit, &lin, Act::AlertSnooze { until }, &a);
    // A row about them that nobody could take yet.
    kit.load("signals", "event,number,kind,observed_at,note\nq1,10001,location,2026-03-01,先不惊动\n");
    kit.load("employees", "number,name,org,post,started,last_day,state\n10001,李研秋,/集团,总监,2025-03-01,2019-01-01,departed\n");
    assert_eq!(kit.read(store::import::count_quarantine), 2);
    (chen, vec![a.alert.id.0, plan, open])
}

fn answers(kit: &Kit, person: tenure::domain::ids::PersonId, ids: &[uuid::Uuid]) -> String {
    let hand = kit.me();
    let mut text = String::new();
    for q in every_query(person, ids[0], ids[1], ids[0]) {
        if let Ok(reply) = hand.try_ask(q) {
            text.push_str(&serde_json::to_string(&reply.answer).unwrap());
        }
    }
    text
}

fn an_erased_person_is_unreadable(on: Engine) {
    let kit = Kit::company(on);
    let (chen, ids) = written_about(&kit);
    let person = kit.person("10001");
    let before = answers(&kit, person, &ids);
    for word in WORDS {
        assert!(before.contains(word), "{word} is nowhere to begin with");
    }
    let (entries, people) = (kit.seq(), kit.read(store::import::counts).0);
    let reply = chen.on(Act::PersonErase, person, None);
    assert_eq!((reply.entry, kit.seq()), (Some(entries + 1), entries + 1));
    kit.drain();
    let after = answers(&kit, person, &ids);
    for word in WORDS {
        assert!(!after.contains(word), "{word} is still told:\n{after}");
    }
    // Not only the queries: no text of the store holds them, in clear.
    for (table, column) in texts(&kit) {
        for value in kit.sql_texts(&format!("select coalesce({column}, '') from {table}")) {
            for word in WORDS {
                assert!(!value.contains(word), "{word} is still in {table}.{column}");
            }
        }
    }
    assert_eq!(kit.read(store::import::counts).0, people - 1);
    for gone in ["10001", "", "李研秋", "liyanqiu"] {
        assert_eq!(kit.read(|tx| store::person::find(tx, gone, 20)), [], "{gone:?}");
    }
    // The others are untouched.
    for number in ["10002", "10003"] {
        assert_eq!(kit.alert(number).alert.version, 1);
    }
    kit.check();
}

/// Every text column of the home.
fn texts(kit: &Kit) -> Vec<(&'static str, &'static str)> {
    let schema =
        concat!(include_str!("../../src/store/migrations/0001.postgres.sql"), include_str!("../../src/store/migrations/0002.postgres.sql"));
    let mut out = Vec::new();
    for table in schema.split("create table ").skip(1) {
        let (name, rest) = table.split_once(";\n").unwrap_or((table, "")).0.split_once(" (").unwrap();
        for column in rest.split(", ").filter(|c| c.contains(" text")) {
            out.push((name, column.split(' ').next().unwrap()));
        }
    }
    assert!(
        out.len() > 40
            && out.contains(&("customers", "contact"))
            && out.contains(&("notes", "text"))
            && out.contains(&("quarantine", "raw")),
        "{out:?}"
    );
    let _ = kit;
    out
}

fn an_erased_person_stays_erased(on: Engine) {
    let kit = Kit::company(on);
    let (chen, ids) = written_about(&kit);
    let person = kit.person("10001");
    let closed = kit.alert("10002");
    done(&kit, &chen, Act::AlertDismiss { reason: DismissReason::Expected, note: None }, &closed);
    let two = closed.alert.person;
    for p in [person, two] {
        chen.on(Act::PersonErase, p, None);
    }
    kit.drain();
    let seq = kit.seq();
    // No act brings words about them back.
    for alert in [tenure::domain::ids::AlertId(ids[0]), closed.alert.id] {
        for act in [Act::AlertNote { text: "又来了".into() }, Act::AlertReopen, Act::AlertAck, Act::AlertTalk { talk: talk(&kit) }] {
            let why = chen.refused(act.clone(), alert, None);
            assert_eq!(why.class, RefusalClass::NotFound, "{act:?}");
        }
    }
    let body = PlanBody { template: PlanTemplate::Training, text: "培训".into(), cost_fen: None };
    assert_eq!(chen.refused(Act::PlanCreate { alert: None, body }, person, None).class, RefusalClass::NotFound);
    for plan in &ids[1..] {
        assert_eq!(chen.refused(Act::PlanSubmit, *plan, None).class, RefusalClass::NotFound);
        assert_eq!(chen.refused(Act::PlanAdvance, *plan, None).class, RefusalClass::NotFound);
    }
    let waiting = ask!(chen, tenure::backend::Query::Approvals { slice: Default::default() } => Approvals);
    assert_eq!(waiting.rows, [], "nobody waits for a word about an erased person");
    assert_eq!(kit.count("select count(*) from approvals where state = 'open'"), 0);
    assert_eq!(kit.count("select count(*) from person_keys where person in (select id from persons where erased = 1)"), 0);
    assert_eq!(kit.seq(), seq);
    kit.check();
}

/// A customer has an owner or is in the pool at every instant (16), and what is being taken from somebody ends under their name.
fn nobody_is_erased_on_whom_something_hangs(on: Engine) {
    let kit = offboarding::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let [two, three] = ["10002", "10003"].map(|n| kit.person(n));
    let why = |person| lin.refused(Act::PersonErase, person, None).why;
    let case = offboarding::start(&kit, &chen, "10002", 20).row.case.id;
    assert_eq!((why(two).code.as_ref(), why(two).args["state"].as_str()), ("refused-erase-case", "@case-state-submitted"));
    chen.on(Act::OffboardingWithdraw, case, None);
    assert_eq!((why(two).code.as_ref(), why(two).args["count"].as_str()), ("refused-erase-owner", "3"));
    let held = kit.read(|tx| store::customer::held_by(tx, two));
    lin.on(Act::CustomerTransfer { to: three }, held[0].customer, None);
    assert_eq!(why(three).code, "refused-erase-taker");
    lin.on(Act::CustomerFail, held[0].customer, None);
    for h in &held {
        lin.on(Act::CustomerPool { collector: Some(three) }, h.customer, None);
    }
    assert_eq!(why(three).code, "refused-erase-collector");
    for h in &held {
        lin.on(Act::CustomerCollect { collector: kit.person("20003") }, h.customer, None);
    }
    for person in [two, three] {
        lin.on(Act::PersonErase, person, None);
    }
    kit.check();
}
