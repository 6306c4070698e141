//! What each role may ask and do, about whom, and what is left out of the answers: every act and query of the tables, for every role, about
//! somebody in its scope and somebody outside (domain.md 13 and 16: 19, 41).

use crate::{
    freezes,
    kit::{Engine, Hand, Kit},
    offboarding,
    sim::Sim,
};
use jiff::SignedDuration;
use serde_json::Value;
use std::collections::BTreeMap;
use strum::IntoEnumIterator;
use tenure::{
    backend::{
        ActRequest, Failure, FailureKind, Filter, Query, Target,
        query::{AlertReport, CaseView, CustomerView, FreezeView, QueryKind, Slice},
        table::{self, ACTS},
    },
    domain::{
        act::{Act, ActKind, Entity},
        alert::{AlertOutcome, DismissReason},
        audit::Chain,
        contest,
        duty::DutyDone,
        freeze::{Level, Mode},
        handover::Evidence,
        ids::{AlertId, ApprovalId, CaseId, ContestId, CustomerId, FreezeId, ImportId, PersonId, PlanId},
        operator::Role,
        person::HIDDEN,
        plan::{PlanBody, PlanOutcome, PlanTemplate},
        role::{Field, Grant, Roles, Scope},
        row::AlertView,
        signal::{LawfulBasis, SignalKind},
        talk::NewTalk,
        token,
    },
    store,
};
use uuid::Uuid;

on_all!(
    every_role_asks_what_it_may_and_sees_what_it_may,
    every_role_does_what_it_may_and_to_whom_it_may,
    a_name_is_revealed_for_a_while_and_a_reason,
    nobody_gives_more_than_they_have_alone,
    two_logins_of_one_person_are_one_person,
    a_salesperson_sees_their_customers_of_the_moment,
    a_key_of_another_role_shows_no_more,
    nothing_is_looked_up_about_whom_a_role_does_not_reach,
    nobody_hears_of_whom_a_role_does_not_reach,
    a_place_in_a_list_tells_no_name,
    the_first_one_owns_the_home_and_others_are_let_in,
);

/// It begins as a mention does.
const NOTE: &str = "@王销远 canary-note of 10002 王销远";
const COST: i64 = 1_234_567;
const UNIT: &str = "/集团/快消部";

/// Somebody with everything that the tables can be asked about.
pub struct Story {
    pub person: PersonId,
    pub number: &'static str,
    pub name: &'static str,
    pub alert: AlertId,
    pub plan: PlanId,
    pub case: CaseId,
    pub item: Uuid,
    duty: Uuid,
    pub freeze: FreezeId,
    contest: ContestId,
    pub customer: CustomerId,
}

/// The sales director with customers, in scope; the head of research, outside.
pub fn company(on: Engine) -> (Kit, Story, Story, Sim) {
    let sim = Sim::new("idp");
    let kit = offboarding::company(on).targets(vec![sim.shared()]);
    for number in ["10001", "10002", "10003", "20001", "20002", "20003"] {
        sim.add(&format!("u{number}"), number);
    }
    kit.load("customers", "number,name,contact,owner,owned_from,owned_until\nK009,别家公司,,10001,2024-01-01,\n");
    let inside = story(&kit, "10002", "王销远", "K001");
    let outside = story(&kit, "10001", "李研秋", "K009");
    let hand = kit.me();
    for role in Role::iter().filter(|r| *r != Role::Owner) {
        let person = Some(inside.person).filter(|_| matches!(role, Role::LineManager | Role::Salesperson));
        hand.done(Act::OperatorAdd { name: format!("the-{role}"), role, person, org: Some(UNIT.into()) });
    }
    std::fs::remove_file(kit.dir.path().join("roles.toml")).unwrap();
    let kit = kit.targets(vec![sim.shared()]);
    (kit, inside, outside, sim)
}

fn story(kit: &Kit, number: &'static str, name: &'static str, customer: &str) -> Story {
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let alert = kit.alert(number);
    let person = alert.alert.person;
    let note = NOTE.replace("10002", number).replace("王销远", name);
    chen.on(Act::AlertNote { text: note.clone() }, alert.alert.id, None);
    let body = PlanBody { template: PlanTemplate::Pay, text: note.clone(), cost_fen: Some(COST) };
    let plan = chen.on(Act::PlanCreate { alert: Some(alert.alert.id), body }, person, None).outcomes[0].id;
    chen.on(Act::PlanSubmit, plan, None);
    let case = chen.on(Act::OffboardingStart { new: offboarding::last_day(kit, 30) }, person, None).outcomes[0].id;
    lin.on(Act::OffboardingApprove, case, None);
    chen.on(Act::OffboardingAdvance, case, None);
    let card = ask!(kit.me(), Query::Offboarding { id: CaseId(case) } => Offboarding);
    let freeze = freezes::request(kit, &chen, number, freezes::wish(Level::Suspend));
    chen.on(Act::FreezeNote { text: note.clone() }, freeze, None);
    Story {
        person,
        number,
        name,
        alert: alert.alert.id,
        plan: PlanId(plan),
        case: CaseId(case),
        item: card.items[0].id.0,
        duty: card.duties[0].id.0,
        freeze,
        // A mention and nothing else looks like the code of a word.
        contest: ContestId(
            chen.on(Act::ScoreContest { text: format!("@{}", alert.employee.sort_name.replace(' ', "")) }, person, None).outcomes[0].id,
        ),
        customer: kit.read(|tx| store::customer::by_number(tx, customer, 1))[0].id,
    }
}

pub fn hand_of(kit: &Kit, role: Role) -> Hand {
    if role == Role::Owner { kit.me() } else { kit.hand(&format!("the-{role}")) }
}

pub fn roles(kit: &Kit) -> Roles {
    let rows = ask!(kit.me(), Query::Roles => Roles);
    Roles(rows.into_iter().map(|r| (r.role, r.grants)).collect())
}

/// Every permission with what each role has of it: scope, and the first letters of what is hidden. What ships is changed with open eyes.
#[test]
fn what_every_role_may_is_this() {
    let kit = Kit::new(Engine::Sqlite).strict();
    let roles = roles(&kit);
    let cell = |role, permission: &str| {
        roles.grant(role, permission).map_or("-".to_owned(), |g| {
            let hidden: String = g.hides.iter().map(|f| f.to_string()[..1].to_uppercase()).collect();
            format!("{}{hidden}", g.scope)
        })
    };
    let mut table = String::new();
    for role in Role::iter() {
        table += &format!("{role}\n");
        let mut of: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for permission in table::permissions() {
            of.entry(cell(role, permission)).or_default().push(permission);
        }
        for (what, permissions) in of.iter().filter(|(what, _)| *what != "-") {
            table += &format!("  {what}: {}\n", permissions.join(" "));
        }
    }
    insta::assert_snapshot!("shipped", table);
}

/// What domain.md 13 says of roles, whatever their grants look like.
#[test]
fn the_shipped_roles_keep_what_they_are_for() {
    let kit = Kit::new(Engine::Sqlite).strict();
    let roles = roles(&kit);
    let all = table::permissions();
    let begins = |role, starts: &[&str]| all.iter().any(|p| starts.iter().any(|s| p.starts_with(s)) && roles.grant(role, p).is_some());
    let acts = |role| ACTS.iter().filter(|a| roles.grant(role, a.permission).is_some()).map(|a| a.name).collect::<Vec<_>>();
    let cases = ["alert.", "person.", "score.", "contest.", "plan.", "offboarding.", "freeze.", "customer.", "evidence.", "approval."];
    let of_cases = || all.iter().filter(|p| cases.iter().any(|c| p.starts_with(c)));
    let shows = |role, field| of_cases().any(|p| roles.grant(role, p).is_some_and(|g| !g.hides(field)));
    // Who reads about the work does none of it.
    assert_eq!((acts(Role::Auditor), acts(Role::PrivacyOfficer)), (vec![], vec![]));
    assert!(!begins(Role::SysAdmin, &cases) && !begins(Role::Auditor, &cases[..9]));
    for role in [Role::ItSupport, Role::LineManager, Role::Salesperson, Role::SalesManager, Role::SecurityApprover, Role::SysAdmin] {
        assert!(!begins(role, &["score.", "plan."]) && !shows(role, Field::Score) && !shows(role, Field::Resume), "{role}");
    }
    assert!(!shows(Role::Triager, Field::Identity) && !shows(Role::Triager, Field::Resume) && !shows(Role::Triager, Field::Pay));
    assert!(roles.grant(Role::LineManager, "alert.report").is_none(), "the summary, and nothing that it was made from");
    for (role, least) in
        [(Role::Hrbp, Scope::Org), (Role::SalesManager, Scope::Org), (Role::LineManager, Scope::Own), (Role::Salesperson, Scope::Own)]
    {
        for p in of_cases() {
            assert!(roles.grant(role, p).is_none_or(|g| g.scope == least), "{role} {p}");
        }
    }
    for role in Role::iter().filter(|r| !matches!(r, Role::Owner | Role::HrDirector | Role::HrManager)) {
        // Who asks for a freeze gives it no second word; the two who may do both are held apart order by order.
        assert!(roles.grant(role, "freeze.request").is_none() || roles.grant(role, "freeze.approve").is_none(), "{role}");
        assert!(roles.grant(role, "person.erase").is_none(), "{role}");
    }
    for role in Role::iter().filter(|r| !matches!(r, Role::Owner | Role::SysAdmin)) {
        assert!(roles.grant(role, "operator.admin").is_none(), "{role}");
    }
    for role in Role::iter().filter(|r| !matches!(r, Role::Owner | Role::PrivacyOfficer | Role::Auditor)) {
        assert!(roles.grant(role, "access.read").is_none(), "{role}");
    }
}

/// A query of each kind about somebody; lists are about everybody.
fn query(kind: QueryKind, s: &Story) -> Vec<Query> {
    let (filter, slice, id) = (Filter::default(), Slice { after: None, limit: 500 }, s.person);
    match kind {
        QueryKind::Today => vec![Query::Today],
        QueryKind::Alerts => AlertView::iter().map(|view| Query::Alerts { view, filter: filter.clone(), slice: slice.clone() }).collect(),
        QueryKind::Alert => vec![Query::Alert { id: s.alert }],
        QueryKind::People => vec![Query::People { filter, slice }],
        QueryKind::Find => vec![Query::Find { text: s.number.into() }, Query::Find { text: s.name.into() }],
        QueryKind::Person => vec![Query::Person { id }],
        QueryKind::Timeline => vec![Query::Timeline { id, kinds: Vec::new(), slice }],
        QueryKind::ScoreSeries => vec![Query::ScoreSeries { id, weeks: 8 }],
        QueryKind::Explain => vec![Query::Explain { id, as_of: None, model: None }],
        QueryKind::WhatIf => vec![Query::WhatIf { id, changes: Default::default() }],
        QueryKind::Predict => vec![Query::Predict { inputs: Default::default(), model: None }],
        QueryKind::Models => vec![Query::Models],
        QueryKind::Effect => vec![Query::Effect { from: None, to: None }],
        QueryKind::Plans => vec![Query::Plans { filter, slice }],
        QueryKind::Plan => vec![Query::Plan { id: s.plan }],
        QueryKind::Customers => CustomerView::iter()
            .flat_map(|view| [None, Some(id)].map(|owner| (view, owner)))
            .map(|(view, owner)| Query::Customers { view, owner, filter: filter.clone(), slice: slice.clone() })
            .collect(),
        QueryKind::Customer => vec![Query::Customer { id: s.customer }],
        QueryKind::FindCustomer => vec![Query::FindCustomer { number: "K001".into() }, Query::FindCustomer { number: "K009".into() }],
        QueryKind::Offboardings => {
            CaseView::iter().map(|view| Query::Offboardings { view, state: None, filter: filter.clone(), slice: slice.clone() }).collect()
        }
        QueryKind::Offboarding => vec![Query::Offboarding { id: s.case }],
        QueryKind::Duties => vec![Query::Duties],
        QueryKind::Approvals => vec![Query::Approvals { slice }],
        QueryKind::AlertReport => AlertReport::iter().map(|report| Query::AlertReport { id: s.alert, report }).collect(),
        QueryKind::Kinds => vec![Query::Kinds],
        QueryKind::Operators => vec![Query::Operators],
        QueryKind::Tokens => vec![Query::Tokens],
        QueryKind::SshKeys => vec![Query::SshKeys],
        QueryKind::Contests => vec![Query::Contests { all: true, slice }],
        QueryKind::Contest => vec![Query::Contest { id: s.contest }],
        QueryKind::Chain => {
            [Chain::Acts, Chain::Access].map(|chain| Query::Chain { chain, slice: Slice { after: None, limit: 50 } }).to_vec()
        }
        QueryKind::Anchors => vec![Query::Anchors],
        QueryKind::Quarantine => vec![Query::Quarantine { slice }],
        QueryKind::Jobs => vec![Query::Jobs { slice }],
        QueryKind::Audit => vec![Query::Audit { filter, slice }],
        QueryKind::Access => vec![Query::Access { slice }],
        QueryKind::AuditVerify => vec![Query::AuditVerify],
        QueryKind::Evidence => {
            [SignalKind::ResumeUpdate, SignalKind::PerfScore].map(|kind| Query::Evidence { id, kind, slice: slice.clone() }).to_vec()
        }
        QueryKind::FreezePlan => {
            vec![Query::FreezePlan { id, level: Level::Suspend, mode: Mode::Immediate, at: None, except: Vec::new() }]
        }
        QueryKind::ThawPlan => vec![Query::ThawPlan { id: s.freeze }],
        QueryKind::Freezes => {
            FreezeView::iter().map(|view| Query::Freezes { view, filter: filter.clone(), slice: slice.clone() }).collect()
        }
        QueryKind::Freeze => vec![Query::Freeze { id: s.freeze }],
        QueryKind::FreezeDrill => vec![Query::FreezeDrill],
        QueryKind::Targets => vec![Query::Targets],
        QueryKind::TargetsCheck => vec![Query::TargetsCheck],
        QueryKind::Import => vec![Query::Import { id: ImportId(Uuid::nil()) }],
        QueryKind::Roles => vec![Query::Roles],
        QueryKind::Home => vec![Query::Home],
    }
}

/// Whether a query asks for one person, or something of one.
fn is_of_one(kind: QueryKind) -> bool {
    use QueryKind::*;
    matches!(
        kind,
        Alert
            | Person
            | Timeline
            | ScoreSeries
            | Explain
            | WhatIf
            | Plan
            | Customer
            | Offboarding
            | AlertReport
            | Evidence
            | FreezePlan
            | ThawPlan
            | Freeze
            | Contest
    )
}

/// Numbers under a key anywhere in a document.
fn has_number(v: &Value, key: &str) -> bool {
    match v {
        Value::Object(fields) => fields.iter().any(|(k, v)| (k == key && v.is_number()) || has_number(v, key)),
        Value::Array(all) => all.iter().any(|v| has_number(v, key)),
        _ => false,
    }
}

/// Asserts that what a grant hides, or does not reach, is not in a document.
pub fn checked(grant: &Grant, said: &Value, outside: &Story, what: &str) {
    let text = said.to_string();
    // A number is looked for as a word: a hash, an id or a time may have any digits in it.
    let has = |needle: &str| match needle.parse::<u32>() {
        Ok(_) => text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == needle),
        Err(_) => text.contains(needle),
    };
    let lacks = |needle: &str| assert!(!has(needle), "{what}: {needle} in {text}");
    if grant.hides(Field::Identity) {
        for needle in ["王销远", "李研秋", "10002", "10001", "wang xiaoyuan", "li yanqiu", "wangxiaoyuan", "liyanqiu", "u10002"] {
            lacks(needle);
        }
    }
    if grant.hides(Field::Score) {
        assert!(!has_number(said, "score") && !has_number(said, "probability"), "{what}: a score in {text}");
        for needle in ["@band-", "contribution\":", "\"8.2\"", "\"7.5\""] {
            lacks(needle);
        }
    }
    if grant.hides(Field::Resume) && !text.contains("keep_days") && !text.contains("\"bytes\"") {
        for needle in ["resume_update", "resume-update"] {
            lacks(needle);
        }
    }
    if grant.hides(Field::Pay) {
        lacks("1234567");
    }
    if grant.hides(Field::Notes) {
        lacks("canary-note");
    }
    if grant.scope != Scope::All {
        lacks(outside.name);
    }
}

pub fn as_json(said: &Result<tenure::backend::Reply, Failure>) -> Value {
    match said {
        Ok(reply) => serde_json::to_value(reply).unwrap(),
        Err(e) => serde_json::json!({"what": e.what, "next": e.next}),
    }
}

fn code(e: &Failure) -> &str {
    e.what.code.as_ref()
}

fn every_role_asks_what_it_may_and_sees_what_it_may(on: Engine) {
    let (kit, inside, outside, _sim) = company(on);
    let roles = roles(&kit);
    for role in Role::iter() {
        let hand = hand_of(&kit, role);
        for kind in QueryKind::iter() {
            for (q, is_outside) in
                query(kind, &inside).into_iter().map(|q| (q, false)).chain(query(kind, &outside).into_iter().map(|q| (q, true)))
            {
                let what = format!("{role} {q:?}");
                let said = hand.try_ask(q.clone());
                let Some(grant) = roles.grant(role, table::permission(&q)) else {
                    let e = said.expect_err(&what);
                    assert_eq!((e.kind, code(&e)), (FailureKind::Refused, "role-may-not"), "{what}");
                    continue;
                };
                if matches!(kind, QueryKind::Predict | QueryKind::Models) {
                    continue;
                }
                let json = as_json(&said);
                checked(grant, &json, &outside, &what);
                let id = outside.person.to_string();
                assert!(grant.scope == Scope::All || !json.to_string().contains(&id), "{what}: {json}");
                let owns = role != Role::Salesperson && role != Role::LineManager;
                match said {
                    Ok(_) => assert!(grant.scope == Scope::All || !is_outside || !is_of_one(kind), "{what}: it reaches too far"),
                    Err(e) if is_outside && grant.scope != Scope::All => assert_eq!(code(&e), "refused-scope", "{what}"),
                    Err(e) if kind == QueryKind::Import => assert_eq!(e.kind, FailureKind::NotFound, "{what}"),
                    Err(e) => assert!(code(&e) == "role-hidden" || (!owns && code(&e) == "refused-scope"), "{what}: {e:?}"),
                }
            }
        }
    }
}

/// An act of each kind, on what it is for.
fn act(kind: ActKind, kit: &Kit, s: &Story) -> Act {
    let text = || "words".to_owned();
    let now = kit.time.now();
    let evidence = Evidence { note: Some(text()), ..Evidence::default() };
    match kind {
        ActKind::AlertAck => Act::AlertAck,
        ActKind::AlertAssign => Act::AlertAssign { owner: "chen".into() },
        ActKind::AlertSnooze => Act::AlertSnooze { until: now + SignedDuration::from_hours(1) },
        ActKind::AlertEscalate => Act::AlertEscalate,
        ActKind::AlertNote => Act::AlertNote { text: text() },
        ActKind::AlertDismiss => Act::AlertDismiss { reason: DismissReason::StaleData, note: None },
        ActKind::AlertTalk => {
            let talk = NewTalk { at: now, who: text(), channel: Default::default(), needs: text(), next_step: text() };
            Act::AlertTalk { talk }
        }
        ActKind::AlertResolve => Act::AlertResolve { outcome: AlertOutcome::Staying, refusal: None },
        ActKind::AlertReopen => Act::AlertReopen,
        ActKind::PlanCreate => {
            Act::PlanCreate { alert: None, body: PlanBody { template: PlanTemplate::Training, text: text(), cost_fen: None } }
        }
        ActKind::PlanSubmit => Act::PlanSubmit,
        ActKind::PlanReject => Act::PlanReject,
        ActKind::PlanCancel => Act::PlanCancel,
        ActKind::PlanAdvance => Act::PlanAdvance,
        ActKind::PlanOutcome => Act::PlanOutcome { days: 90, outcome: PlanOutcome::Retained },
        ActKind::ApprovalGrant => Act::ApprovalGrant,
        ActKind::ApprovalDeny => Act::ApprovalDeny,
        ActKind::OffboardingStart => Act::OffboardingStart { new: offboarding::last_day(kit, 30) },
        ActKind::OffboardingApprove => Act::OffboardingApprove,
        ActKind::OffboardingAdvance => Act::OffboardingAdvance,
        ActKind::OffboardingClose => Act::OffboardingClose,
        ActKind::OffboardingWithdraw => Act::OffboardingWithdraw,
        ActKind::OffboardingAbandon => Act::OffboardingAbandon { last_day: offboarding::today(kit) },
        ActKind::OffboardingSubmit => Act::OffboardingSubmit { evidence: Box::new(evidence) },
        ActKind::OffboardingReview => Act::OffboardingReview { hash: None },
        ActKind::OffboardingReturn => Act::OffboardingReturn { why: text() },
        ActKind::OffboardingWaive => Act::OffboardingWaive { why: text() },
        ActKind::OffboardingBlock => Act::OffboardingBlock { why: text() },
        ActKind::OffboardingAssign => Act::OffboardingAssign { reviewer: "chen".into() },
        ActKind::OffboardingCorrect => Act::OffboardingCorrect { why: text() },
        ActKind::OffboardingExport => Act::OffboardingExport,
        ActKind::OffboardingDuty => Act::OffboardingDuty { done: DutyDone::default() },
        ActKind::ScoreContest => Act::ScoreContest { text: text() },
        ActKind::ScoreAnswer => Act::ScoreAnswer { answer: contest::Answer::Upheld, text: text() },
        ActKind::AuditAnchor => Act::AuditAnchor,
        ActKind::SignalEnable => Act::SignalEnable { kind: SignalKind::Location, basis: LawfulBasis::Consent },
        ActKind::SignalDisable => Act::SignalDisable { kind: SignalKind::Location },
        ActKind::OperatorAdd => Act::OperatorAdd { name: "chen".into(), role: Role::Auditor, person: None, org: None },
        ActKind::OperatorLink => Act::OperatorLink { name: "nobody".into(), person: None },
        ActKind::OperatorRole => Act::OperatorRole { name: "nobody".into(), role: Role::Auditor, org: None },
        ActKind::OperatorRevoke => Act::OperatorRevoke { name: "nobody".into() },
        ActKind::OperatorKey => Act::OperatorKey { name: "nobody".into(), fingerprint: text() },
        ActKind::OperatorUnkey => Act::OperatorUnkey { fingerprint: text() },
        ActKind::OperatorRestore => Act::OperatorRestore { name: "nobody".into() },
        ActKind::TokenAdd => Act::TokenAdd { name: "nobody".into(), hash: text(), scope: token::Scope::Read, days: 1 },
        ActKind::TokenRevoke => Act::TokenRevoke,
        ActKind::PersonSortName => Act::PersonSortName { sort_name: "x".into() },
        ActKind::PersonReveal => Act::PersonReveal { minutes: 0 },
        ActKind::PersonErase => Act::PersonErase,
        ActKind::FreezeRequest => freezes::wish(Level::Suspend),
        ActKind::FreezeApprove => Act::FreezeApprove { hash: s.number.into() },
        ActKind::FreezeDeny => Act::FreezeDeny,
        ActKind::FreezeConfirm => Act::FreezeConfirm,
        ActKind::FreezeCancel => Act::FreezeCancel,
        ActKind::FreezeStop => Act::FreezeStop,
        ActKind::FreezeResume => Act::FreezeResume,
        ActKind::FreezeWaive => Act::FreezeWaive { step: 99, evidence: text() },
        ActKind::FreezeNote => Act::FreezeNote { text: text() },
        ActKind::FreezeVerify => Act::FreezeVerify,
        ActKind::FreezeThaw => Act::FreezeThaw { plan_hash: None, confirm: None, ground: None },
        ActKind::FreezeDrill => Act::FreezeDrill,
        ActKind::FreezeLink => Act::FreezeLink { target: "none".into(), account: text() },
        ActKind::FreezeUnlink => Act::FreezeUnlink { target: "none".into(), account: text() },
        ActKind::CustomerTransfer => Act::CustomerTransfer { to: s.person },
        ActKind::CustomerAdvance => Act::CustomerAdvance { confirmed: false },
        ActKind::CustomerDecline => Act::CustomerDecline { collector: None },
        ActKind::CustomerPool => Act::CustomerPool { collector: None },
        ActKind::CustomerFail => Act::CustomerFail,
        ActKind::CustomerCollect => Act::CustomerCollect { collector: s.person },
        ActKind::ImportPublish => Act::ImportPublish,
        ActKind::ImportDiscard => Act::ImportDiscard,
        ActKind::QuarantineRetry => Act::QuarantineRetry,
    }
}

fn target_of(kit: &Kit, entity: Option<Entity>, s: &Story) -> Vec<Target> {
    let id = match entity {
        None => return Vec::new(),
        Some(Entity::Alert) => s.alert.0,
        Some(Entity::Plan) => s.plan.0,
        Some(Entity::Person) => s.person.0,
        Some(Entity::Offboarding) => s.case.0,
        Some(Entity::HandoverItem) => s.item,
        Some(Entity::Duty) => s.duty,
        Some(Entity::Freeze) => s.freeze.0,
        Some(Entity::Contest) => s.contest.0,
        Some(Entity::Customer) => s.customer.0,
        Some(Entity::Approval) => kit.read(|tx| store::approval::open_of(tx, s.plan.0)).map_or(Uuid::nil(), |a| a.id.0),
        Some(_) => Uuid::nil(),
    };
    vec![Target { id, version: None }]
}

fn every_role_does_what_it_may_and_to_whom_it_may(on: Engine) {
    let (kit, inside, outside, _sim) = company(on);
    let roles = roles(&kit);
    for role in Role::iter().filter(|r| *r != Role::Owner) {
        let hand = hand_of(&kit, role);
        for row in ACTS {
            for s in [&inside, &outside] {
                // Versions that nobody saw: what may be done comes to a decision, and is refused there.
                let targets: Vec<Target> = target_of(&kit, row.target, s).into_iter().map(|t| Target { version: Some(-1), ..t }).collect();
                let request = ActRequest { act: act(row.kind, &kit, s), targets, key: None, reason: Some("reason".into()), written: None };
                let what = format!("{role} {} {}", row.name, s.number);
                let said = hand.send(request);
                let Some(grant) = roles.grant(role, row.permission) else {
                    let e = said.expect_err(&what);
                    assert_eq!((e.kind, code(&e)), (FailureKind::Refused, "role-may-not"), "{what}");
                    continue;
                };
                let text = match &said {
                    Ok(reply) => serde_json::to_value(reply).unwrap(),
                    Err(e) => serde_json::json!({"what": e.what}),
                };
                checked(grant, &text, &outside, &what);
                let refused =
                    said.ok().and_then(|r| r.outcomes.into_iter().next()).and_then(|o| o.refusal).map(|r| r.why.code.into_owned());
                let reaches =
                    grant.scope == Scope::All || s.number == inside.number || row.target.is_none() || row.target == Some(Entity::Import);
                // To decide what was asked for wants the right to the thing itself besides.
                assert!(refused.as_deref() != Some("role-may-not") || row.target == Some(Entity::Approval), "{what}");
                assert!(reaches || matches!(refused.as_deref(), Some("refused-scope" | "role-may-not")), "{what}: {refused:?}");
            }
        }
    }
    kit.check();
}

fn a_name_is_revealed_for_a_while_and_a_reason(on: Engine) {
    let (kit, inside, _, _sim) = company(on);
    let hand = kit.hand("the-triager");
    let card = |hand: &Hand| ask!(hand, Query::Person { id: inside.person } => Person).person;
    assert_eq!((card(&hand).name.as_str(), card(&hand).number.as_str()), ("王**", HIDDEN));
    let reveal = |minutes| ActRequest::one(Act::PersonReveal { minutes }, inside.person, None);
    let because = |minutes| ActRequest { reason: Some("asked to freeze, ticket T-1".into()), ..reveal(minutes) };
    assert_eq!(code(&hand.send(reveal(30)).unwrap_err()), "act-reason");
    for minutes in [0, 61] {
        let said = hand.send(because(minutes)).unwrap().outcomes.remove(0).refusal.unwrap();
        assert_eq!(said.why.code, "refused-reveal-minutes");
    }
    let seq = kit.seq();
    hand.send(because(30)).unwrap();
    let entry = kit.entries(seq).pop().unwrap();
    assert_eq!(
        (entry.act.as_str(), entry.operator_name.as_str(), entry.items[0].person),
        ("person.reveal", "the-triager", Some(inside.person))
    );
    assert_eq!((card(&hand).name, card(&hand).number), (inside.name.to_owned(), inside.number.to_owned()));
    // To this operator alone, and of this person alone.
    assert_eq!(card(&kit.hand("wang")).name, "王**");
    let others = ask!(hand, Query::People { filter: Filter::default(), slice: Slice::default() } => People).rows;
    assert!(others.iter().all(|r| r.person.is_hidden() == (r.person.id != inside.person)), "{others:?}");
    assert!(ask!(hand, Query::Home => Home).me.revealed.contains(&inside.person));
    // A change of the role ends it at once, and back again does not bring it back... until it is asked for anew.
    kit.me()
        .send(ActRequest {
            act: Act::OperatorRole { name: "the-triager".into(), role: Role::Hrbp, org: Some(UNIT.into()) },
            targets: Vec::new(),
            key: None,
            reason: Some("moves".into()),
            written: None,
        })
        .unwrap();
    assert_eq!(card(&kit.hand("the-triager")).name, "王**");
    let hand = kit.hand("the-triager");
    hand.send(because(30)).unwrap();
    assert_eq!(card(&hand).name, inside.name);
    kit.time.pass(SignedDuration::from_mins(30));
    assert_eq!(card(&hand).name, "王**");
    kit.check();
}

fn nobody_gives_more_than_they_have_alone(on: Engine) {
    let (kit, ..) = company(on);
    let admin = kit.hand("the-sys_admin");
    let ask = |hand: &Hand, act: Act| {
        let request = ActRequest { act, targets: Vec::new(), key: None, reason: Some("new here".into()), written: None };
        hand.send(request).unwrap().outcomes.remove(0)
    };
    let add = |name: &str, role| Act::OperatorAdd { name: name.into(), role, person: None, org: None };
    assert_eq!(ask(&admin, add("nowhere", Role::Hrbp)).refusal.unwrap().why.code, "refused-operator-org");
    // A second login of the administrator's own, with a role that sees cases.
    let asked = ask(&admin, add("shadow", Role::HrManager));
    let approval = asked.pending.unwrap();
    assert_eq!(kit.service.identify(Some("shadow")).unwrap_err().what.code, "operator-unknown");
    let listed = ask!(kit.hand("the-security_approver"), Query::Approvals { slice: Slice::default() } => Approvals).rows;
    assert!(listed.iter().any(|r| r.approval.id == approval && r.employee.is_none()));
    assert!(admin.send(ActRequest::one(Act::ApprovalGrant, approval, None)).is_err(), "an administrator decides nothing");
    assert_eq!(kit.hand("the-hrbp").refused(Act::ApprovalGrant, approval, None).why.code, "role-may-not");
    kit.hand("the-security_approver").on(Act::ApprovalGrant, approval, None);
    assert_eq!(kit.hand("shadow").role(), Role::HrManager);
    // The same for a role that is changed; what changed meanwhile is another subject.
    let role = |name: &str, role| Act::OperatorRole { name: name.into(), role, org: None };
    let pending = ask(&admin, role("wang", Role::HrDirector)).pending.unwrap();
    ask(&kit.me(), role("wang", Role::Auditor));
    assert_eq!(kit.hand("the-security_approver").refused(Act::ApprovalGrant, pending, None).why.code, "refused-subject-changed");
    let pending = ask(&admin, role("wang", Role::HrDirector)).pending.unwrap();
    kit.hand("the-security_approver").try_on(Act::ApprovalDeny, pending, None);
    assert_eq!(kit.hand("wang").role(), Role::Auditor);
    // A door of somebody else's opens what they may: it waits as well, and a key that is denied is none.
    let hash = "ab".repeat(32);
    let token = Act::TokenAdd { name: "lin".into(), hash: hash.clone(), scope: token::Scope::Full, days: 1 };
    let waits = ask(&admin, token.clone()).pending.unwrap();
    assert!(kit.read(|tx| store::token::by_hash(tx, &hash)).is_none());
    let fingerprint = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU".to_owned();
    let key = ask(&admin, Act::OperatorKey { name: "lin".into(), fingerprint: fingerprint.clone() }).pending.unwrap();
    kit.hand("the-security_approver").on(Act::ApprovalGrant, waits, None);
    assert!(kit.read(|tx| store::token::by_hash(tx, &hash)).is_some());
    kit.hand("the-security_approver").on(Act::ApprovalDeny, key, None);
    assert!(kit.read(|tx| store::ssh_key::by_fingerprint(tx, &fingerprint)).is_none());
    assert_eq!(
        ask(&admin, Act::TokenAdd { name: "the-sys_admin".into(), hash: "cd".repeat(32), scope: token::Scope::Full, days: 1 }).pending,
        None
    );
    // Its own kind, and nobody's own.
    assert_eq!(ask(&admin, add("second", Role::SysAdmin)).pending, None);
    assert_eq!(ask(&admin, role("the-sys_admin", Role::Owner)).refusal.unwrap().why.code, "refused-operator-self");
    kit.check();
}

/// The approval that an act waits for.
fn asked(hand: &Hand, act: Act) -> Option<ApprovalId> {
    let request = ActRequest { act, targets: Vec::new(), key: None, reason: None, written: None };
    hand.send(request).unwrap().outcomes.remove(0).pending
}

/// A login becomes nobody's, by two persons.
fn unlink(kit: &Kit, name: &str) {
    let waits = asked(&kit.me(), Act::OperatorLink { name: name.into(), person: None }).unwrap();
    let whose = || kit.read(|tx| store::operator::by_name(tx, name)).unwrap().person;
    assert!(whose().is_some());
    kit.hand("the-security_approver").on(Act::ApprovalGrant, waits, None);
    assert_eq!(whose(), None);
}

fn two_logins_of_one_person_are_one_person(on: Engine) {
    let (kit, inside, ..) = company(on);
    let me = kit.me();
    for name in ["lin", "the-hr_director"] {
        let person = Some(kit.person("20003"));
        me.done(Act::OperatorLink { name: name.into(), person });
    }
    let body = PlanBody { template: PlanTemplate::Pay, text: "raise".into(), cost_fen: None };
    let plan = kit.hand("lin").on(Act::PlanCreate { alert: None, body }, inside.person, None).outcomes[0].id;
    kit.hand("lin").on(Act::PlanSubmit, plan, None);
    let waiting: ApprovalId = kit.read(|tx| store::approval::open_of(tx, plan)).unwrap().id;
    assert_eq!(kit.hand("the-hr_director").refused(Act::ApprovalGrant, waiting, None).why.code, "refused-two-hats");
    // Nor does anybody part the two alone, whichever way is tried.
    me.done(Act::OperatorRevoke { name: "the-hr_director".into() });
    let back = Act::OperatorAdd { name: "the-hr_director".into(), role: Role::HrDirector, person: Some(kit.person("20002")), org: None };
    assert!(asked(&me, back).is_some());
    me.done(Act::OperatorAdd { name: "the-hr_director".into(), role: Role::HrDirector, person: None, org: None });
    assert_eq!(kit.hand("the-hr_director").refused(Act::ApprovalGrant, waiting, None).why.code, "refused-two-hats");
    // The same of a case, a contest and the second word on an order.
    let (lin, other) = (kit.hand("lin"), kit.hand("the-hr_director"));
    let at = kit.person("10003");
    let case = lin.on(Act::OffboardingStart { new: offboarding::last_day(&kit, 30) }, at, None).outcomes[0].id;
    assert_eq!(other.refused(Act::OffboardingApprove, case, None).why.code, "refused-two-hats");
    let contest = lin.on(Act::ScoreContest { text: "wrong".into() }, at, None).outcomes[0].id;
    let answer = Act::ScoreAnswer { answer: contest::Answer::Upheld, text: "right".into() };
    assert_eq!(other.refused(answer, contest, None).why.code, "refused-two-hats");
    unlink(&kit, "the-hr_director");
    kit.hand("the-hr_director").on(Act::ApprovalGrant, waiting, None);
    kit.hand("the-hr_director").on(Act::OffboardingApprove, case, None);
}

/// Invariant 19, while customers move.
fn a_salesperson_sees_their_customers_of_the_moment(on: Engine) {
    let (kit, inside, ..) = company(on);
    let hand = kit.hand("the-salesperson");
    let numbers = |hand: &Hand| {
        let all = Query::Customers { view: CustomerView::All, owner: None, filter: Filter::default(), slice: Slice::default() };
        let rows = ask!(hand, all => Customers).rows;
        rows.into_iter().map(|r| r.customer.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&hand), ["K001", "K002", "K003"]);
    let manager = kit.hand("the-sales_manager");
    let to = kit.person("20002");
    manager.on(Act::CustomerTransfer { to }, inside.customer, None);
    assert_eq!(numbers(&hand).len(), 3, "until it is handed over");
    for _ in 0..3 {
        manager.try_on(Act::CustomerAdvance { confirmed: true }, inside.customer, None);
    }
    assert_eq!(numbers(&hand), ["K002", "K003"]);
    assert_eq!(code(&hand.try_ask(Query::Customer { id: inside.customer }).unwrap_err()), "refused-scope");
    assert!(ask!(hand, Query::FindCustomer { number: "K001".into() } => FoundCustomers).is_empty());
    // The manager's unit, and what nobody owns.
    assert_eq!(numbers(&manager), ["K001", "K002", "K003", "K004", "K005"]);
    // Without a person, a role for one's own is a role for nobody.
    unlink(&kit, "the-salesperson");
    assert!(numbers(&hand).is_empty());
}

/// A stored answer is masked as its operator may see it now.
fn a_key_of_another_role_shows_no_more(on: Engine) {
    let (kit, inside, ..) = company(on);
    let ack = ActRequest { key: Some("k-1".into()), ..ActRequest::one(Act::AlertAck, inside.alert, None) };
    let first = kit.hand("the-security_approver").send(ack.clone());
    assert_eq!(code(&first.unwrap_err()), "role-may-not");
    let owner = kit.me();
    let said = serde_json::to_string(&owner.send(ack.clone()).unwrap()).unwrap();
    assert!(said.contains(inside.name), "{said}");
    let other = kit.hand("the-triager").send(ack).unwrap();
    assert!(!other.replayed, "keys are each operator's own");
    assert!(!serde_json::to_string(&other).unwrap().contains(inside.name));
}

/// Not even at the targets: a server that is asked has been told whom it is about.
fn nothing_is_looked_up_about_whom_a_role_does_not_reach(on: Engine) {
    let (kit, inside, outside, sim) = company(on);
    let hand = kit.hand("the-hrbp");
    let reads = sim.reads();
    assert_eq!(hand.refused(freezes::wish(Level::Restrict), outside.person, None).why.code, "refused-scope");
    let plan = |s: &Story| Query::FreezePlan { id: s.person, level: Level::Restrict, mode: Mode::Immediate, at: None, except: Vec::new() };
    assert_eq!(code(&hand.try_ask(plan(&outside)).unwrap_err()), "refused-scope");
    assert_eq!(sim.reads(), reads);
    hand.try_ask(plan(&inside)).unwrap();
    assert!(sim.reads() > reads);
}

/// What changed about somebody outside is not even told as an id.
fn nobody_hears_of_whom_a_role_does_not_reach(on: Engine) {
    let (kit, inside, outside, _sim) = company(on);
    let (near, far) = (kit.hand("the-hrbp"), kit.hand("the-triager"));
    let mark = near.watch(0).0;
    for story in [&outside, &inside] {
        kit.me().on(Act::AlertNote { text: "news".into() }, story.alert, None);
    }
    let all = |hand: &Hand| {
        let (mut mark, mut heard) = (mark, std::collections::BTreeSet::new());
        while !heard.contains(&inside.alert.0) {
            let (next, changed) = hand.watch(mark);
            mark = next;
            heard.extend(changed);
        }
        heard
    };
    assert!(!all(&near).contains(&outside.alert.0));
    assert!(all(&far).contains(&outside.alert.0));
    // Nor of what a role has no business with.
    let mark = far.watch(0).0;
    kit.me().on(Act::FreezeNote { text: "news".into() }, inside.freeze, None);
    kit.me().on(Act::AlertNote { text: "news".into() }, inside.alert, None);
    let (_, changed) = kit.hand("the-salesperson").watch(mark);
    assert!(!changed.contains(&inside.freeze.0) && !changed.contains(&inside.alert.0), "{changed:?}");
}

/// Where a list by name goes on would tell who is before and behind.
fn a_place_in_a_list_tells_no_name(on: Engine) {
    let (kit, inside, ..) = company(on);
    let hand = kit.hand("the-triager");
    let from = |after: String| Query::People { filter: Filter::default(), slice: Slice { after: Some(after), limit: 5 } };
    let why = hand.try_ask(from(format!("m.{}", Uuid::nil()))).unwrap_err();
    assert_eq!(code(&why), "cursor-bad");
    hand.try_ask(from(inside.person.to_string())).unwrap();
}

fn the_first_one_owns_the_home_and_others_are_let_in(on: Engine) {
    let kit = Kit::new(on).strict();
    let me = kit.me();
    assert_eq!(me.role(), Role::Owner);
    let may = ask!(me, Query::Home => Home).me.may;
    assert!(table::permissions().iter().all(|p| may.contains(*p)));
    me.done(Act::OperatorAdd { name: "tri".into(), role: Role::Triager, person: None, org: None });
    let tri = ask!(kit.hand("tri"), Query::Home => Home).me;
    assert!(tri.may.contains("alert.work") && !tri.may.contains("freeze.approve"));
    assert!(kit.service.identify(Some("nobody")).is_err());
    let rows = ask!(me, Query::Roles => Roles);
    assert_eq!(rows.iter().find(|r| r.role == Role::Owner).unwrap().operators, 1);
}
