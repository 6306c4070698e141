//! The access log (domain.md 16, 20): every answer with personal fields has its entry, also one that found nobody.

use crate::{
    acts::{done, talk},
    kit::{Engine, Hand, Kit},
    sim::Sim,
};
use jiff::civil::date;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use strum::IntoEnumIterator;
use tenure::{
    backend::{
        Filter, Query,
        query::{AlertReport, AlertView, CaseView, CustomerView, FreezeView, QueryKind, Slice},
    },
    domain::{
        act::Act,
        audit::{Chain, Entry},
        freeze::{Level, Mode},
        ids::{AlertId, CaseId, ContestId, CustomerId, FreezeId, ImportId, PersonId, PlanId},
        plan::{PlanBody, PlanTemplate},
        signal::SignalKind,
    },
};
use uuid::Uuid;

on_all!(
    every_personal_answer_is_logged,
    cards_are_logged_before_they_answer,
    who_finds_nobody_is_logged_too,
    a_group_is_sealed_by_itself,
    a_locked_home_logs_reads_too
);

/// Each query once, about one person; a query without an example here fails a test.
pub fn every_query(person: PersonId, alert: Uuid, plan: Uuid, order: Uuid) -> Vec<Query> {
    let slice = Slice { after: None, limit: 200 };
    let (alert, plan) = (AlertId(alert), PlanId(plan));
    let all: Vec<Query> = QueryKind::iter()
        .map(|kind| match kind {
            QueryKind::Today => Query::Today,
            QueryKind::Alerts => Query::Alerts { view: AlertView::All, filter: Filter::default(), slice: slice.clone() },
            QueryKind::Alert => Query::Alert { id: alert },
            QueryKind::People => Query::People { filter: Filter::default(), slice: slice.clone() },
            QueryKind::Find => Query::Find { text: "张伟".into() },
            QueryKind::Person => Query::Person { id: person },
            QueryKind::Timeline => Query::Timeline { id: person, kinds: Vec::new(), slice: slice.clone() },
            QueryKind::ScoreSeries => Query::ScoreSeries { id: person, weeks: 10 },
            QueryKind::Explain => Query::Explain { id: person, as_of: Some(date(2026, 3, 1)), model: None },
            QueryKind::WhatIf => Query::WhatIf { id: person, changes: BTreeMap::from([("pay_gap".into(), Some(0.0))]) },
            QueryKind::Predict => Query::Predict { inputs: BTreeMap::from([("pay_gap".into(), 0.1)]), model: None },
            QueryKind::Models => Query::Models,
            QueryKind::Effect => Query::Effect { from: None, to: None },
            QueryKind::Plans => Query::Plans { filter: Filter::default(), slice: slice.clone() },
            QueryKind::Plan => Query::Plan { id: plan },
            QueryKind::Customers => {
                Query::Customers { view: CustomerView::All, owner: None, filter: Filter::default(), slice: slice.clone() }
            }
            QueryKind::Customer => Query::Customer { id: CustomerId(Uuid::nil()) },
            QueryKind::FindCustomer => Query::FindCustomer { number: "K001".into() },
            QueryKind::Offboardings => {
                Query::Offboardings { view: CaseView::All, state: None, filter: Filter::default(), slice: slice.clone() }
            }
            QueryKind::Offboarding => Query::Offboarding { id: CaseId(Uuid::nil()) },
            QueryKind::Duties => Query::Duties,
            QueryKind::Contests => Query::Contests { all: true, slice: slice.clone() },
            QueryKind::Contest => Query::Contest { id: ContestId(Uuid::nil()) },
            QueryKind::Approvals => Query::Approvals { slice: slice.clone() },
            QueryKind::AlertReport => Query::AlertReport { id: alert, report: AlertReport::HrWarning },
            QueryKind::Kinds => Query::Kinds,
            QueryKind::Operators => Query::Operators,
            QueryKind::Tokens => Query::Tokens,
            QueryKind::SshKeys => Query::SshKeys,
            QueryKind::Quarantine => Query::Quarantine { slice: slice.clone() },
            QueryKind::Jobs => Query::Jobs { slice: slice.clone() },
            QueryKind::Audit => Query::Audit { filter: Filter::default(), slice: slice.clone() },
            QueryKind::Access => Query::Access { slice: slice.clone() },
            QueryKind::AuditVerify => Query::AuditVerify,
            QueryKind::Chain => Query::Chain { chain: Chain::Acts, slice: slice.clone() },
            QueryKind::Anchors => Query::Anchors,
            QueryKind::Evidence => Query::Evidence { id: person, kind: SignalKind::Late, slice: slice.clone() },
            QueryKind::Import => Query::Import { id: ImportId(Uuid::nil()) },
            QueryKind::FreezePlan => {
                Query::FreezePlan { id: person, level: Level::Suspend, mode: Mode::Immediate, at: None, except: Vec::new() }
            }
            QueryKind::FreezeDrill => Query::FreezeDrill,
            QueryKind::ThawPlan => Query::ThawPlan { id: FreezeId(order) },
            QueryKind::Freezes => Query::Freezes { view: FreezeView::All, filter: Filter::default(), slice: slice.clone() },
            QueryKind::Freeze => Query::Freeze { id: FreezeId(order) },
            QueryKind::Targets => Query::Targets,
            QueryKind::TargetsCheck => Query::TargetsCheck,
            QueryKind::Roles => Query::Roles,
            QueryKind::Home => Query::Home,
        })
        .collect();
    [all, vec![Query::AlertReport { id: alert, report: AlertReport::ManagerSummary }]].concat()
}

/// Queries whose answers say nothing about a person.
fn impersonal(q: &Query) -> bool {
    matches!(
        q,
        Query::Predict { .. }
            | Query::Models
            | Query::Effect { .. }
            | Query::Kinds
            | Query::Operators
            | Query::Tokens
            | Query::SshKeys
            | Query::Jobs { .. }
            | Query::AuditVerify
            | Query::Anchors
            | Query::Import { .. }
            | Query::FreezeDrill
            | Query::Targets
            | Query::TargetsCheck
            | Query::Home
            | Query::Roles
    )
}

/// Queries that are in the chain before anything is shown.
fn at_once(q: &Query) -> bool {
    matches!(
        q,
        Query::Alert { .. }
            | Query::AlertReport { .. }
            | Query::Explain { .. }
            | Query::Freeze { .. }
            | Query::FreezePlan { .. }
            | Query::Person { .. }
            | Query::ThawPlan { .. }
            | Query::WhatIf { .. }
            | Query::Customer { .. }
            | Query::Offboarding { .. }
            | Query::Contest { .. }
    )
}

/// Queries about things that this company does not have; they are looked at where there are some.
fn elsewhere(q: &Query) -> bool {
    matches!(q, Query::Customer { .. } | Query::Offboarding { .. } | Query::Contest { .. })
}

/// A company with a target.
fn company(on: Engine) -> Kit {
    let sim = Sim::new("idp");
    sim.add("u10001", "10001");
    Kit::company(on).targets(vec![sim.shared()])
}

/// A company with a plan that waits, notes, talks, and a freeze order; answers alert, plan and order.
fn worked(kit: &Kit) -> (Uuid, Uuid, Uuid) {
    let (chen, a) = (kit.hand("chen"), kit.alert("10001"));
    let (_, a) = done(kit, &chen, Act::AlertNote { text: "先看材料".into() }, &a);
    let (_, a) = done(kit, &chen, Act::AlertTalk { talk: talk(kit) }, &a);
    let body = PlanBody { template: PlanTemplate::Pay, text: "调薪".into(), cost_fen: Some(100) };
    let plan = chen.on(Act::PlanCreate { alert: Some(a.alert.id), body }, a.alert.person, None).outcomes[0].id;
    chen.on(Act::PlanSubmit, plan, None);
    let act = Act::FreezeRequest {
        level: Level::Suspend,
        mode: Mode::Immediate,
        at: None,
        plan_hash: None,
        confirm: None,
        ticket: None,
        except: Vec::new(),
    };
    let order = chen.on(act, a.alert.person, None).outcomes[0].id;
    (a.alert.id.0, plan, order)
}

/// Everybody by id, with the names that only they have.
pub fn known(kit: &Kit) -> BTreeMap<String, PersonId> {
    ["10001", "10002", "10003", "20001", "20002", "20003"].map(|n| (n.to_string(), kit.person(n))).into()
}

/// People whose employee number or name is in an answer.
pub fn shown(answer: &Value, people: &BTreeMap<String, PersonId>) -> BTreeSet<PersonId> {
    let mut found = BTreeSet::new();
    let names = [("李研秋", "10001"), ("王销远", "10002"), ("赵销明", "10003")];
    let mut all = vec![answer];
    while let Some(v) = all.pop() {
        match v {
            Value::String(s) => {
                found.extend(people.get(s));
                found.extend(names.iter().filter(|(name, _)| s.contains(name)).map(|(_, n)| people[*n]));
            }
            Value::Array(a) => all.extend(a),
            // A manager is named by number; a name of theirs is found above.
            Value::Object(o) => all.extend(o.iter().filter(|(k, _)| *k != "manager").map(|(_, v)| v)),
            _ => {}
        }
    }
    found
}

pub fn subjects(entry: &Entry) -> BTreeSet<PersonId> {
    entry.items.iter().filter_map(|i| i.person).collect()
}

fn every_personal_answer_is_logged(on: Engine) {
    let kit = company(on);
    let (alert, plan, order) = worked(&kit);
    let people = known(&kit);
    let lin = kit.hand("lin");
    lin.flush();
    // 20001 has two namesakes and a manager, all of whom their card names.
    for person in [people["10001"], people["20001"]] {
        for q in every_query(person, alert, plan, order).into_iter().filter(|q| !elsewhere(q)) {
            let name: &'static str = (&q).into();
            let seq = kit.read_seq();
            let reply = lin.try_ask(q.clone());
            // What others read may be sealed meanwhile.
            let hers = || kit.reads(seq).into_iter().filter(|e| e.operator_name == "lin").collect::<Vec<Entry>>();
            let before_it_answered = hers();
            lin.flush();
            let entries = hers();
            if impersonal(&q) {
                assert_eq!(entries, [], "{name}");
                continue;
            }
            let reply = reply.unwrap();
            let [entry] = entries.as_slice() else { panic!("{name}: {entries:?}") };
            assert_eq!((entry.act.as_str(), entry.purpose.as_deref(), entry.proof), (name, Some("retention"), lin.door().who().proof));
            assert_eq!((entry.operator, entry.count), (Some(lin.session_id()), Some(entry.items.len() as i64)));
            let missing: Vec<_> =
                shown(&serde_json::to_value(&reply.answer).unwrap(), &people).difference(&subjects(entry)).copied().collect();
            assert_eq!(missing, [], "{name} showed people whom its entry does not name");
            // The others may be by then: they are sealed within a second.
            assert!(before_it_answered.len() == 1 || !at_once(&q), "{name}");
        }
    }
    kit.check();
}

fn cards_are_logged_before_they_answer(on: Engine) {
    let kit = company(on);
    let (alert, plan, order) = worked(&kit);
    let (lin, person) = (kit.hand("lin"), kit.person("10001"));
    for q in every_query(person, alert, plan, order).into_iter().filter(|q| at_once(q) && !elsewhere(q)) {
        // A list that was read just before is in the same group, and in the chain before the card.
        lin.ask(Query::Find { text: "nobody at all".into() });
        let seq = kit.read_seq();
        lin.ask(q.clone());
        let acts: Vec<_> = kit.reads(seq).iter().map(|e| (e.act.clone(), e.count)).collect();
        let name: &'static str = (&q).into();
        assert!(acts.contains(&(name.into(), Some(1))) && acts.contains(&("find".into(), Some(0))), "{name}: {acts:?}");
    }
    kit.check();
}

/// By id, too: whoever looks for somebody who is not there has looked.
fn who_finds_nobody_is_logged_too(on: Engine) {
    let kit = company(on);
    let (lin, nobody, id) = (kit.hand("lin"), PersonId(Uuid::from_u128(5)), Uuid::from_u128(6));
    for q in every_query(nobody, id, id, id) {
        let (name, seq): (&'static str, _) = ((&q).into(), kit.read_seq());
        let found = lin.try_ask(q.clone()).is_ok();
        lin.flush();
        let told: Vec<_> = kit.reads(seq).iter().filter(|e| e.operator_name == "lin").map(|e| e.act.clone()).collect();
        assert_eq!(told, if impersonal(&q) { Vec::new() } else { vec![name.to_string()] }, "found: {found}");
    }
    kit.check();
}

/// Nobody needs to ask again or to leave: a group is in the chain within about a second.
fn a_group_is_sealed_by_itself(on: Engine) {
    let kit = Kit::company(on);
    let lin = kit.hand("lin");
    let mine = |kit: &Kit| kit.reads(0).into_iter().filter(|e| e.operator_name == "lin").collect::<Vec<_>>();
    assert_eq!(mine(&kit), []);
    lin.ask(Query::People { filter: Filter::default(), slice: Slice { after: None, limit: 3 } });
    lin.ask(Query::People { filter: Filter { text: Some("张".into()), ..Filter::default() }, slice: Slice::default() });
    lin.ask(Query::Find { text: "没有这个人".into() });
    let sealed = loop {
        let now = mine(&kit);
        if !now.is_empty() {
            break now;
        }
        std::thread::yield_now();
    };
    // One entry a kind of query, its subjects once each; who found nobody is there too.
    let told: Vec<_> = sealed.iter().map(|e| (e.act.as_str(), subjects(e).len(), e.count)).collect();
    assert_eq!(told, [("find", 0, Some(0)), ("people", 5, Some(5))]);
    kit.check();
}

/// `--read-only` forbids acts, never the log of reads.
fn a_locked_home_logs_reads_too(on: Engine) {
    let kit = Kit::company(on);
    let locked = kit.again(true);
    let lin: Hand = Kit::hand_in(&locked, "lin");
    let (seq, person) = (kit.read_seq(), kit.person("10001"));
    lin.ask(Query::Person { id: person });
    lin.ask(Query::Today);
    lin.flush();
    let told: Vec<_> = kit.reads(seq).iter().map(|e| e.act.clone()).collect();
    assert_eq!(told, ["person", "today"]);
    kit.check();
}
