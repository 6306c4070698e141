//! Freeze orders on a target that fails in every way: invariants 26 to 38 of domain.md.

use crate::{
    kit::{Engine, Hand, Kit, runner},
    sim::{Fault, Pause, Sim},
};
use jiff::{SignedDuration, tz::TimeZone};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tenure::{
    backend::{ActReply, ActRequest, Query, Target, Touched, answer::FreezeCard},
    domain::{
        act::{Act, Refusal, RefusalClass},
        freeze::{GapKind, Level, Mode, OrderState, StepState, plan::Plan},
        ids::FreezeId,
        target::{Protection, StepKind},
    },
    store::{self, audit::Chain},
    text::{Lang, Texts},
    worker,
};

on_all!(
    a_plan_only_reads,
    an_immediate_order_ends_verified,
    a_planned_order_waits_for_another_person,
    the_wrong_hash_is_refused,
    notes_stay_with_the_order_and_change_nothing_of_it,
    cancelled_before_its_hour_nothing_is_sent,
    an_approval_that_runs_out_frees_the_accounts,
    no_order_on_protected_accounts_or_oneself,
    an_address_of_two_is_nobodys,
    over_the_batch_limit_two_people_approve,
    a_second_order_on_the_same_accounts_is_refused,
    lost_replies_are_read_back,
    a_read_back_that_fails_says_why,
    a_refused_step_stops_what_follows_and_is_waived_by_another,
    a_target_that_is_down_holds_up_nobody_else,
    a_dead_workers_step_is_read_back_first,
    a_paused_worker_sends_nothing,
    a_withdrawn_resignation_voids_the_order,
    an_account_that_appeared_runs_nothing,
    a_second_match_keeps_the_order_open,
    a_stopped_order_still_learns_what_happened,
    a_refused_order_is_complete_once_all_is_waived,
    what_must_not_happen_twice_waits_out_a_late_call,
    an_account_that_vanished_is_settled,
    drift_and_later_sign_ins_raise_alerts,
    what_is_done_of_a_partial_order_is_watched,
    nobody_confirmed_in_time,
    a_thaw_gives_back_what_was_taken,
    a_thaw_gives_back_nothing_that_was_not_taken,
    no_thaw_while_old_sessions_may_live,
    unknown_never_counts_as_zero,
    a_restriction_and_its_gap,
    deleting_comes_last,
    asynchronous_targets_are_polled,
    a_batch_is_two_commits,
    any_faults_never_falsely_complete,
);

/// A company with one target or two on which everybody has an account.
pub fn company(on: Engine, sims: &[&Sim]) -> Kit {
    let kit = Kit::company(on).targets(sims.iter().map(|s| s.shared()).collect());
    for sim in sims {
        for number in ["10001", "10002", "10003", "20001", "20002", "20003"] {
            sim.add(&format!("u{number}"), number);
        }
    }
    kit
}

pub fn wish(level: Level) -> Act {
    Act::FreezeRequest { level, mode: Mode::Immediate, at: None, plan_hash: None, confirm: None, ticket: None, except: Vec::new() }
}

pub fn plan(kit: &Kit, number: &str, level: Level) -> Plan {
    *ask!(kit.hand("chen"), Query::FreezePlan { id: kit.person(number), level, mode: Mode::Immediate, at: None, except: Vec::new() } => FreezePlan)
}

pub fn order_of(reply: &ActReply) -> FreezeId {
    let made = reply.outcomes.first().unwrap_or_else(|| panic!("{reply:?}"));
    assert!(reply.touched.iter().any(|t| matches!(t, Touched::Freeze(r) if r.order.id.0 == made.id)), "{reply:?}");
    FreezeId(made.id)
}

pub fn request(kit: &Kit, hand: &Hand, number: &str, act: Act) -> FreezeId {
    order_of(&hand.on(act, kit.person(number), None))
}

pub fn card(kit: &Kit, id: FreezeId) -> FreezeCard {
    *ask!(kit.me(), Query::Freeze { id } => Freeze)
}

pub fn state(kit: &Kit, id: FreezeId) -> OrderState {
    card(kit, id).row.order.state
}

pub fn steps(card: &FreezeCard) -> Vec<(StepKind, StepState)> {
    card.steps.iter().map(|s| (s.kind, s.state)).collect()
}

/// Runs jobs as time passes; a job may end with its worker.
pub fn pass(kit: &Kit, minutes: i64) {
    for _ in 0..minutes {
        let _ = worker::drain(&kit.service);
        kit.time.pass(SignedDuration::from_mins(1));
    }
    let _ = worker::drain(&kit.service);
}

fn notes_stay_with_the_order_and_change_nothing_of_it(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let id = request(&kit, &chen, "20001", wish(Level::Suspend));
    let note = |text: &str| Act::FreezeNote { text: text.into() };
    let (before, seq, mark) = (card(&kit, id), kit.seq(), chen.watch(0).0);
    let version = before.row.order.version;
    let said = chen.on(note("02:18 read back\nstill one session"), id, Some(version));
    assert_eq!(said.outcomes[0].version, Some(version));
    assert!(chen.watch(mark).1.contains(&id.0), "nobody was told");
    // Somebody who saw an older order is refused where they say which one they saw, as with a note on an alert; the console says none.
    assert_eq!(lin.refused(note("-"), id, Some(version - 1)).why.code, "refused-conflict");
    assert_eq!(lin.refused(note(" \n"), id, None).why.code, "refused-empty-text");
    kit.time.pass(SignedDuration::from_mins(5));
    lin.on(note("taken over"), id, None);
    let after = card(&kit, id);
    assert_eq!((&after.row.order, &after.steps), (&before.row.order, &before.steps));
    let all: Vec<_> = after.notes.iter().map(|n| (n.by.as_str(), n.text.as_str())).collect();
    assert_eq!(all, [("chen", "02:18 read back\nstill one session"), ("lin", "taken over")], "in order of time");
    assert!(after.notes[0].at < after.notes[1].at);
    let entries = kit.entries(seq);
    let acts: Vec<_> = entries.iter().map(|e| (e.act.as_str(), e.detail.as_deref(), e.items[0].before, e.items[0].after)).collect();
    assert_eq!(acts, [("freeze.note", None, Some(version), None); 2], "what is written about a person is sealed");
    let lines = kit.timeline("20001");
    assert!(lines.iter().any(|l| l.note.as_deref().is_some_and(|n| n.contains("taken over"))), "{lines:?}");
    // They are there whatever becomes of the order, and after a restart.
    pass(&kit, 90);
    assert_ne!(state(&kit, id), before.row.order.state);
    lin.on(note("done"), id, None);
    let card = *match Kit::hand_in(&kit.again(false), "wang").ask(Query::Freeze { id }) {
        tenure::backend::Answer::Freeze(card) => card,
        other => panic!("{other:?}"),
    };
    assert_eq!((card.notes.len(), &card.row.order.plan_hash), (3, &before.row.order.plan_hash));
}

fn a_plan_only_reads(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let (acts, reads) = (kit.seq(), kit.read_seq());
    let first = plan(&kit, "20001", Level::Suspend);
    assert_eq!((kit.seq(), kit.count("select count(*) from freezes"), sim.writes().len()), (acts, 0, 0));
    let logged = kit.reads(reads);
    assert_eq!((logged.len(), logged[0].act.as_str(), logged[0].items[0].person), (1, "freeze_plan", Some(kit.person("20001"))));
    let kinds: Vec<_> = first.intent.steps.iter().map(|s| s.kind).collect();
    assert_eq!(kinds, [StepKind::BlockSignIn, StepKind::ResetSecret, StepKind::KillLive, StepKind::Verify]);
    // What is to be typed is not handed out.
    let confirm = if on.is_wire() { "" } else { "0001Z" };
    assert_eq!((first.confirm.as_str(), first.needed), (confirm, 0));
    assert!(first.warnings.iter().any(|w| w.code == "freeze-homonyms"), "three people are called 张伟");
    // A day later, after somebody signed in: what was seen differs, what would be done does not.
    kit.time.hours(24);
    sim.edit("u20001", |k| k.last_sign_in = Some("2026-03-03T00:00:00Z".parse().unwrap()));
    let second = plan(&kit, "20001", Level::Suspend);
    assert_ne!(first.observed, second.observed);
    assert_eq!(first.plan_hash, second.plan_hash);
    assert_ne!(second.plan_hash, plan(&kit, "20001", Level::Restrict).plan_hash);
    assert_ne!(second.plan_hash, plan(&kit, "20002", Level::Suspend).plan_hash);
}

fn an_immediate_order_ends_verified(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let chen = kit.hand("chen");
    let seq = kit.seq();
    let seen = plan(&kit, "20001", Level::Suspend);
    let typed = |confirm: &str| Act::FreezeRequest {
        level: Level::Suspend,
        mode: Mode::Immediate,
        at: None,
        plan_hash: Some(seen.plan_hash.clone()),
        confirm: Some(confirm.into()),
        ticket: None,
        except: Vec::new(),
    };
    assert_eq!(chen.refused(typed("0002Z"), kit.person("20001"), None).why.code, "refused-freeze-confirm");
    let id = request(&kit, &chen, "20001", typed("0001z"));
    assert_eq!(state(&kit, id), OrderState::Approved);
    kit.drain();
    let done = card(&kit, id);
    assert_eq!((done.row.order.state, done.residual_seconds), (OrderState::Verified, Some(0)), "{:?}", steps(&done));
    assert!(done.steps.iter().all(|s| s.state == StepState::Confirmed));
    let known = sim.known("u20001");
    assert_eq!((known.enabled, known.sessions, known.secret), (false, 0, 1));
    // 27: the sign-in was blocked before anything else was sent.
    let at = |kind| done.steps.iter().find(|s| s.kind == kind).unwrap();
    assert!(at(StepKind::BlockSignIn).confirmed_at <= at(StepKind::KillLive).sent_at);
    // Nobody else of the name was touched.
    assert!(sim.known("u20002").enabled && sim.known("u20003").enabled);
    let acts: Vec<String> = kit.entries(seq).into_iter().map(|e| e.act).collect();
    assert_eq!(acts[0], "freeze.request");
    assert!(acts.contains(&"freeze.start".into()) && acts.contains(&"freeze.send".into()) && acts.contains(&"freeze.settle".into()));
    assert!(kit.timeline("20001").iter().any(|l| l.id == Some(id.0)));
    // 37: looking again only reads.
    let writes = sim.writes().len();
    chen.on(Act::FreezeVerify, id, None);
    kit.drain();
    assert_eq!((sim.writes().len(), state(&kit, id)), (writes, OrderState::Verified));
    // The second person's word.
    assert_eq!(chen.refused(Act::FreezeConfirm, id, None).why.code, "refused-own-approval");
    kit.hand("lin").on(Act::FreezeConfirm, id, None);
    kit.check();
}

pub fn planned(kit: &Kit, hours: i64) -> Act {
    let at = Some(kit.time.now() + SignedDuration::from_hours(hours));
    Act::FreezeRequest { level: Level::Suspend, mode: Mode::Planned, at, plan_hash: None, confirm: None, ticket: None, except: Vec::new() }
}

fn a_planned_order_waits_for_another_person(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let id = request(&kit, &chen, "20001", planned(&kit, 8));
    let hash = card(&kit, id).row.order.plan_hash;
    assert_eq!(chen.refused(Act::FreezeApprove { hash: hash.clone() }, id, None).why.code, "refused-own-approval");
    pass(&kit, 1);
    assert_eq!((state(&kit, id), sim.writes().len()), (OrderState::PendingApproval, 0));
    lin.on(Act::FreezeApprove { hash }, id, None);
    assert_eq!(state(&kit, id), OrderState::Approved);
    assert_eq!(kit.count("select count(*) from approvals where state = 'granted'"), 1);
    pass(&kit, 1);
    assert_eq!(sim.writes().len(), 0, "its hour has not come");
    kit.time.hours(8);
    kit.drain();
    assert_eq!(state(&kit, id), OrderState::Verified);
    // 30: the requester is not among the approvers; 29: what ran is what was approved.
    let o = card(&kit, id).row.order;
    assert!(o.approvals.iter().all(|w| w.operator != o.requester));
    assert_eq!(tenure::domain::freeze::plan::hash(&o.intent), o.plan_hash);

    // The same through the list of approvals; and a denial ends it.
    let id = request(&kit, &chen, "20002", planned(&kit, 1));
    let approval = kit.read(|tx| store::approval::open_of(tx, id.0)).unwrap();
    assert_eq!(chen.refused(Act::ApprovalGrant, approval.id, None).why.code, "refused-own-approval");
    lin.on(Act::ApprovalDeny, approval.id, None);
    assert_eq!(state(&kit, id), OrderState::Cancelled);
    kit.check();
}

fn the_wrong_hash_is_refused(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", planned(&kit, 8));
    let refusal: Refusal = kit.hand("lin").refused(Act::FreezeApprove { hash: "00".into() }, id, None);
    assert_eq!((refusal.class, refusal.why.code.as_ref()), (RefusalClass::Conflict, "refused-plan-hash"));
    // A request for a plan that is no longer the plan.
    let seen = plan(&kit, "20002", Level::Suspend);
    sim.add("second", "20002");
    let act = Act::FreezeRequest {
        level: Level::Suspend,
        mode: Mode::Immediate,
        at: None,
        plan_hash: Some(seen.plan_hash),
        confirm: None,
        ticket: None,
        except: Vec::new(),
    };
    assert_eq!(kit.hand("chen").refused(act, kit.person("20002"), None).why.code, "refused-plan-hash");
    assert_eq!(sim.writes().len(), 0);
}

fn cancelled_before_its_hour_nothing_is_sent(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", planned(&kit, 2));
    let hash = card(&kit, id).row.order.plan_hash;
    kit.hand("lin").on(Act::FreezeApprove { hash }, id, None);
    kit.hand("wang").on(Act::FreezeCancel, id, None);
    kit.time.hours(3);
    pass(&kit, 2);
    assert_eq!((state(&kit, id), sim.writes().len()), (OrderState::Cancelled, 0));
}

fn an_approval_that_runs_out_frees_the_accounts(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", planned(&kit, 200));
    assert_eq!(kit.hand("lin").refused(wish(Level::Suspend), kit.person("20001"), None).why.code, "freeze-busy");
    kit.time.hours(73);
    // Also before the clock has said so.
    let hash = card(&kit, id).row.order.plan_hash;
    assert_eq!(kit.hand("lin").refused(Act::FreezeApprove { hash }, id, None).why.code, "refused-approval-expired");
    pass(&kit, 1);
    assert_eq!((state(&kit, id), sim.writes().len()), (OrderState::Expired, 0));
    request(&kit, &kit.hand("lin"), "20001", wish(Level::Suspend));
    kit.check();
}

fn no_order_on_protected_accounts_or_oneself(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    for p in [Protection::Service, Protection::BreakGlass, Protection::LastAdmin] {
        sim.edit("u20001", |k| k.protection = Some(p));
        assert_eq!(kit.hand("chen").refused(wish(Level::Suspend), kit.person("20001"), None).why.code, "freeze-protected");
    }
    sim.add("chen@example.test", "20002");
    assert_eq!(kit.hand("chen").refused(wish(Level::Suspend), kit.person("20002"), None).class, RefusalClass::Policy);
    sim.remove("u20002");
    assert_eq!(kit.hand("chen").refused(wish(Level::Suspend), kit.person("20002"), None).why.code, "freeze-oneself");
    // Two accounts by one rule: neither until one is linked by hand.
    sim.add("u20003b", "20003");
    assert_eq!(kit.hand("chen").refused(wish(Level::Suspend), kit.person("20003"), None).why.code, "freeze-ambiguous");
    pass(&kit, 2);
    assert_eq!(sim.writes().len(), 0);
}

/// A target that knows people by their address: an account of an address that two people who work here have is nobody's until it is linked.
fn an_address_of_two_is_nobodys(on: Engine) {
    let (idp, mail) = (Sim::new("idp"), Sim::new("mail").by_email());
    let kit = company(on, &[&idp, &mail]);
    mail.edit("u20001", |k| k.email = Some("zhang.wei@example.test".into()));
    let on_mail = |number: &str| {
        let p = plan(&kit, number, Level::Suspend);
        let accounts: std::collections::BTreeSet<_> =
            p.intent.steps.iter().filter(|s| s.target == "mail").map(|s| s.account.clone()).collect();
        let why: Vec<_> = p.blocked.iter().map(|b| (b.code.to_string(), b.args["target"].clone(), b.args["account"].clone())).collect();
        assert!(p.intent.steps.iter().any(|s| s.target == "idp"), "a number is one person's");
        (accounts.into_iter().collect::<Vec<_>>(), why)
    };
    let nothing = || (vec![], vec![]);
    let mine = || (vec!["u20001".to_owned()], vec![]);
    let doubt = || (vec![], vec![("freeze-ambiguous".to_owned(), "mail".to_owned(), "u20001".to_owned())]);
    assert_eq!(on_mail("20001"), nothing(), "no address is known");
    // Nobody was looked for, and that is not nobody.
    let (unseen, residual) = (plan(&kit, "20001", Level::Suspend).gaps, plan(&kit, "20001", Level::Suspend).residual_seconds);
    assert!(unseen.iter().any(|g| (g.target.as_str(), g.what, g.bound) == ("mail", GapKind::Unread, None)) && residual.is_none());
    let a = kit.person("20001");
    // The same spells, stated a day later with an address.
    let address = |row: &str| {
        kit.time.hours(24);
        assert_eq!(kit.load("employees", &format!("number,name,org,post,started,email\n{row}\n")).added, 1);
    };
    address("20001,张伟,/集团/研发部,工程师,2020-01-01,Zhang.Wei@example.test");
    assert_eq!((on_mail("20001"), on_mail("20002")), (mine(), nothing()));
    address("20002,张伟,/集团/快消部,销售,2021-01-01,zhang.wei@EXAMPLE.test");
    assert_eq!((on_mail("20001"), on_mail("20002")), (doubt(), doubt()));
    let chen = kit.hand("chen");
    assert_eq!(chen.refused(wish(Level::Suspend), a, None).why.code, "freeze-ambiguous");
    // By hand it is somebody's, and then nobody else's.
    kit.hand("wang").on(Act::FreezeLink { target: "mail".into(), account: "u20001".into() }, a, None);
    assert_eq!((on_mail("20001"), on_mail("20002")), (mine(), nothing()));
    kit.hand("wang").on(Act::FreezeUnlink { target: "mail".into(), account: "u20001".into() }, a, None);
    assert_eq!(on_mail("20001"), doubt());
    assert_eq!(kit.load("exits", "number,last_day,exit\n20002,2026-03-01,resigned\n").added, 1);
    // Who has left shares nothing with who stays; the account is not the leaver's for all that.
    assert_eq!((on_mail("20001"), on_mail("20002")), (mine(), doubt()));
    let id = request(&kit, &chen, "20001", wish(Level::Suspend));
    pass(&kit, 2);
    assert_eq!(state(&kit, id), OrderState::Verified);
    assert!(!mail.known("u20001").enabled && !idp.known("u20001").enabled && idp.known("u20002").enabled);
}

fn over_the_batch_limit_two_people_approve(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let (chen, lin, wang) = (kit.hand("chen"), kit.hand("lin"), kit.hand("wang"));
    request(&kit, &chen, "20001", wish(Level::Suspend));
    // Two per cent of six people are none: one a day goes without approval, whoever asks.
    let id = request(&kit, &lin, "20002", wish(Level::Suspend));
    let o = card(&kit, id).row.order;
    assert_eq!((o.state, o.needed), (OrderState::PendingApproval, 2));
    chen.on(Act::FreezeApprove { hash: o.plan_hash.clone() }, id, None);
    assert_eq!(state(&kit, id), OrderState::PendingApproval);
    assert_eq!(chen.refused(Act::FreezeApprove { hash: o.plan_hash.clone() }, id, None).why.code, "refused-own-approval");
    wang.on(Act::FreezeApprove { hash: o.plan_hash }, id, None);
    kit.drain();
    assert_eq!(state(&kit, id), OrderState::Verified);
    // One request for several people counts each of them.
    let targets = ["20003", "10001"].map(|n| Target { id: kit.person(n).0, version: None }).to_vec();
    let reply = chen.send(ActRequest { act: wish(Level::Suspend), targets, key: None, reason: Some("x".into()), written: None }).unwrap();
    assert!(reply.outcomes.iter().all(|o| o.refusal.is_none() && o.pending.is_some()), "{reply:?}");
    kit.time.hours(25);
    let id = request(&kit, &chen, "10003", wish(Level::Suspend));
    assert_eq!(card(&kit, id).row.order.needed, 0, "a day later the count begins anew");
}

fn a_second_order_on_the_same_accounts_is_refused(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Restrict));
    let refusal = kit.hand("lin").refused(wish(Level::Suspend), kit.person("20001"), None);
    assert_eq!((refusal.why.code.as_ref(), refusal.why.args["order"].as_str()), ("freeze-busy", id.to_string().as_str()));
    kit.drain();
    let id = request(&kit, &kit.hand("lin"), "20001", wish(Level::Suspend));
    kit.drain();
    assert_eq!(state(&kit, id), OrderState::Verified);
}

fn a_read_back_that_fails_says_why(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let behind = sim.clone();
    sim.pause(Pause::Read, move || behind.down(true));
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    kit.drain();
    let (step, texts) = (card(&kit, id).steps.remove(0), Texts::new(&[]));
    assert_eq!((step.kind, step.state), (StepKind::BlockSignIn, StepState::Unknown));
    let said = |lang| texts.say(lang, step.error.as_ref().unwrap(), &TimeZone::UTC);
    for (lang, words) in [(Lang::En, "could not be read back"), (Lang::ZhCn, "无法回读")] {
        let (said, cause) = (said(lang), texts.fmt(lang, "target-unreachable", &[("target", "idp"), ("detail", "down")]));
        assert!(said.contains(words) && said.ends_with(&cause), "{said}");
    }
    // It had happened, and is not sent again.
    sim.down(false);
    pass(&kit, 5);
    assert_eq!((state(&kit, id), sim.writes().iter().filter(|w| w.1 == StepKind::BlockSignIn).count()), (OrderState::Verified, 1));
}

fn lost_replies_are_read_back(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    sim.fail(&[Fault::LostAfter, Fault::LostBefore, Fault::LostAfter, Fault::RateLimited]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    pass(&kit, 5);
    assert_eq!(state(&kit, id), OrderState::Verified, "{:?}", steps(&card(&kit, id)));
    // The block landed though its reply was lost, and was not sent again; the reset never landed and was.
    assert_eq!(sim.known("u20001").secret, 1);
    let blocks = sim.writes().iter().filter(|w| w.1 == StepKind::BlockSignIn).count();
    assert_eq!(blocks, 1);
    kit.check();
}

fn a_refused_step_stops_what_follows_and_is_waived_by_another(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    sim.fail(&[Fault::Refused]);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let id = request(&kit, &chen, "20001", wish(Level::Suspend));
    pass(&kit, 3);
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.residual_seconds), (OrderState::Failed, None));
    assert_eq!((c.steps[0].state, c.steps[1].state), (StepState::Rejected, StepState::Pending));
    let waive = |n| Act::FreezeWaive { step: n, evidence: "disabled by hand in the console of the provider".into() };
    assert_eq!(chen.refused(waive(1), id, None).why.code, "refused-own-waiver");
    assert_eq!(lin.refused(waive(9), id, None).why.code, "refused-no-step");
    // Mended there, it goes on from where it stood.
    chen.on(Act::FreezeResume, id, None);
    pass(&kit, 1);
    assert_eq!(state(&kit, id), OrderState::Verified);

    kit.time.hours(25);
    sim.fail(&[Fault::Refused]);
    let id = request(&kit, &chen, "20002", wish(Level::Suspend));
    pass(&kit, 2);
    lin.on(waive(1), id, None);
    chen.on(Act::FreezeResume, id, None);
    pass(&kit, 2);
    let c = card(&kit, id);
    assert_eq!((c.steps[0].state, c.steps[0].waived_by.as_deref()), (StepState::Waived, Some("lin")));
    assert!(c.row.order.state != OrderState::Failed && c.steps[1].state == StepState::Confirmed, "{:?}", steps(&c));
}

fn a_target_that_is_down_holds_up_nobody_else(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    idp.down(true);
    pass(&kit, 3);
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.residual_seconds), (OrderState::Partial, None));
    assert!(!crm.known("u20001").enabled && idp.known("u20001").enabled);
    assert!(c.steps.iter().filter(|s| s.target == "crm").all(|s| s.state == StepState::Confirmed), "{:?}", steps(&c));
    idp.down(false);
    pass(&kit, 6);
    assert_eq!(state(&kit, id), OrderState::Verified);
}

fn a_dead_workers_step_is_read_back_first(on: Engine) {
    for (fault, sent) in [(Fault::DieAfter, 1), (Fault::DieBefore, 1)] {
        let sim = Sim::new("idp");
        let kit = company(on, &[&sim]);
        let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
        sim.fail(&[Fault::None, fault]);
        let _ = worker::drain(&kit.service);
        let c = card(&kit, id);
        assert_eq!(c.steps[1].state, StepState::Sent, "journalled before it was sent");
        let (until, reads) = (c.steps[1].settle_at.unwrap(), sim.reads());
        // Nobody looks before no late call can arrive any more.
        let _ = worker::drain(&kit.service);
        assert_eq!((sim.reads(), card(&kit, id).steps[1].state), (reads, StepState::Sent));
        kit.time.pass(kit.time.now().duration_until(until) + SignedDuration::from_secs(1));
        pass(&kit, 5);
        assert_eq!(state(&kit, id), OrderState::Verified);
        let resets = sim.writes().iter().filter(|w| w.1 == StepKind::ResetSecret).count();
        assert_eq!((resets, sim.known("u20001").secret), (sent, 1), "a call that is not idempotent arrives once");
    }
}

fn a_paused_worker_sends_nothing(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    // Its lease is gone: the journal is not written, and without it nothing is sent.
    let token = uuid::Uuid::new_v4();
    kit.service.start_order(id, false, &|_| true).unwrap();
    let hold = tenure::service::freeze::Hold { job: tenure::domain::ids::JobId(token), token, renew: &|_| true, stop: &|| false };
    let _ = std::thread::scope(|s| {
        // It would look for work for ever: it holds no lease, so every batch stays unsent.
        let stop = std::sync::atomic::AtomicU32::new(0);
        let hold = tenure::service::freeze::Hold { stop: &|| stop.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 3, ..hold };
        s.spawn(|| ());
        kit.service.run_target("idp", &hold)
    });
    assert_eq!((sim.writes().len(), card(&kit, id).steps[0].state), (0, StepState::Pending));
}

fn a_withdrawn_resignation_voids_the_order(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", planned(&kit, 4));
    let hash = card(&kit, id).row.order.plan_hash;
    kit.hand("lin").on(Act::FreezeApprove { hash }, id, None);
    kit.write(|tx| tx.exec("update persons set version = version + 1", &[]));
    kit.time.hours(5);
    pass(&kit, 1);
    let o = card(&kit, id).row.order;
    assert_eq!((o.state, o.why.unwrap().code.as_ref(), sim.writes().len()), (OrderState::Cancelled, "order-spell-changed", 0));
}

fn an_account_that_appeared_runs_nothing(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", planned(&kit, 1));
    let hash = card(&kit, id).row.order.plan_hash;
    kit.hand("lin").on(Act::FreezeApprove { hash }, id, None);
    // Linked by hand after the approval: one more account of the same person.
    sim.add("svc-zhang", "-");
    kit.hand("wang").on(Act::FreezeLink { target: "idp".into(), account: "svc-zhang".into() }, kit.person("20001"), None);
    kit.time.hours(2);
    pass(&kit, 2);
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.residual_seconds), (OrderState::Partial, None));
    let gap = c.row.order.gaps.iter().find(|g| g.what == GapKind::Appeared).unwrap();
    assert_eq!(gap.account.as_deref(), Some("svc-zhang"));
    assert!(sim.known("svc-zhang").enabled && !sim.known("u20001").enabled);
    kit.hand("lin").on(Act::FreezeWaive { step: gap.n, evidence: "a mailbox of the team".into() }, id, None);
    pass(&kit, 2);
    assert_eq!(state(&kit, id), OrderState::Verified);
}

/// Between the plan and its hour a second account matches: whose is whose nobody knows, and the order says so.
fn a_second_match_keeps_the_order_open(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", planned(&kit, 1));
    let hash = card(&kit, id).row.order.plan_hash;
    kit.hand("lin").on(Act::FreezeApprove { hash }, id, None);
    sim.add("u20001b", "20001");
    kit.time.hours(2);
    pass(&kit, 2);
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.residual_seconds), (OrderState::Partial, None));
    assert!(c.row.order.gaps.iter().any(|g| g.what == GapKind::Appeared && g.account.as_deref() == Some("u20001b")));
    assert!(sim.known("u20001b").enabled && !sim.known("u20001").enabled);
}

/// Nothing is sent for an order that was stopped; what had been sent is read back all the same.
fn a_stopped_order_still_learns_what_happened(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    sim.fail(&[Fault::GoesDown]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    pass(&kit, 1);
    kit.hand("chen").on(Act::FreezeStop, id, None);
    sim.down(false);
    pass(&kit, 3);
    let c = card(&kit, id);
    assert_eq!(c.steps[0].state, StepState::Confirmed, "{:?}", steps(&c));
    assert!(c.row.order.held && c.steps[1..].iter().all(|s| s.state == StepState::Pending), "{:?}", steps(&c));
    assert_eq!(sim.writes().len(), 1);
    kit.hand("chen").on(Act::FreezeResume, id, None);
    pass(&kit, 1);
    assert_eq!(state(&kit, id), OrderState::Verified);
}

/// A waiver may be the last thing that a refused order waits for; one of an order that is being undone is nobody's to give.
fn a_refused_order_is_complete_once_all_is_waived(on: Engine) {
    let sim = Sim::new("idp").with(|c| {
        c.steps.retain(|s| matches!(s.kind, StepKind::BlockSignIn | StepKind::Unblock));
        c.session_max = Some(0);
    });
    let kit = company(on, &[&sim]);
    sim.fail(&[Fault::Refused]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    pass(&kit, 1);
    assert_eq!(state(&kit, id), OrderState::Failed);
    for s in card(&kit, id).steps {
        kit.hand("lin").on(Act::FreezeWaive { step: s.n, evidence: "locked by hand, seen on its screen".into() }, id, None);
    }
    assert!(matches!(state(&kit, id), OrderState::Complete | OrderState::Verified));
}

/// A call that must not happen twice is not sent again while the first one may still arrive, whatever a look says meanwhile.
fn what_must_not_happen_twice_waits_out_a_late_call(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    // The block lands; of the reset the answer is lost, or it is a yes that nothing comes of.
    for (number, fault) in [("20001", Fault::LostBefore), ("20002", Fault::Lie)] {
        sim.fail(&[Fault::None, fault]);
        let account = format!("u{number}");
        let id = request(&kit, &kit.hand("chen"), number, wish(Level::Suspend));
        let resets = || sim.writes().iter().filter(|w| w.0 == account && w.1 == StepKind::ResetSecret).count();
        kit.drain();
        let reset = || card(&kit, id).steps.into_iter().find(|s| s.kind == StepKind::ResetSecret).unwrap();
        let (before, late) = (resets(), reset());
        assert_eq!(late.state, StepState::Unknown, "{number}: {late:?}");
        kit.time.pass(late.due_at.duration_since(kit.time.now()) - SignedDuration::from_secs(1));
        kit.drain();
        assert_eq!((resets(), reset().state), (before, StepState::Unknown), "{number}: a call that is late may still arrive");
        pass(&kit, 3);
        assert_eq!((state(&kit, id), resets(), sim.known(&account).secret), (OrderState::Verified, before + 1, 1), "{number}");
        kit.time.hours(25);
    }
}

fn an_account_that_vanished_is_settled(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    sim.remove("u20001");
    pass(&kit, 3);
    assert_eq!((state(&kit, id), sim.known("u20002").enabled), (OrderState::Verified, true));
}

fn drift_and_later_sign_ins_raise_alerts(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let chen = kit.hand("chen");
    let id = request(&kit, &chen, "20001", wish(Level::Suspend));
    kit.drain();
    let alerts = |kind: &str| kit.count(&format!("select count(*) from alerts where kind = '{kind}' and open = 1"));
    // A sync gives the account back, and somebody uses it.
    sim.edit("u20001", |k| {
        k.enabled = true;
        k.last_sign_in = Some("2026-03-02T09:00:00Z".parse().unwrap());
    });
    kit.time.hours(2);
    pass(&kit, 1);
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.residual_seconds), (OrderState::Drifted, None));
    assert_eq!((alerts("freeze_drift"), alerts("post_freeze_activity")), (1, 1));
    kit.time.hours(2);
    pass(&kit, 1);
    assert_eq!((alerts("freeze_drift"), alerts("post_freeze_activity")), (1, 1), "told once");
    assert!(sim.known("u20001").enabled, "nobody acts on an account by itself");
    chen.on(Act::FreezeResume, id, None);
    pass(&kit, 2);
    assert_eq!((state(&kit, id), sim.known("u20001").enabled), (OrderState::Verified, false));
    kit.check();
}

fn what_is_done_of_a_partial_order_is_watched(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    idp.down(true);
    pass(&kit, 3);
    assert_eq!(state(&kit, id), OrderState::Partial);
    let writes = crm.writes().len();
    crm.edit("u20001", |k| k.enabled = true);
    kit.time.hours(2);
    pass(&kit, 4);
    // It is still at work: what somebody gave back behind it is taken again, and somebody is told.
    assert_eq!(kit.count("select count(*) from alerts where kind = 'freeze_drift' and open = 1"), 1);
    assert!(!crm.known("u20001").enabled && crm.writes().len() > writes);
    assert_eq!(state(&kit, id), OrderState::Partial);
    idp.down(false);
    pass(&kit, 8);
    assert_eq!(state(&kit, id), OrderState::Verified);
}

fn nobody_confirmed_in_time(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    kit.drain();
    kit.time.hours(3);
    pass(&kit, 1);
    assert_eq!(kit.count("select count(*) from alerts where kind = 'freeze_unconfirmed'"), 0);
    kit.time.hours(2);
    pass(&kit, 1);
    assert_eq!(kit.count("select count(*) from alerts where kind = 'freeze_unconfirmed' and open = 1"), 1);
    kit.time.hours(30);
    pass(&kit, 1);
    assert_eq!(kit.count("select max(events) from alerts where kind = 'freeze_unconfirmed'"), 1);
    assert_eq!((state(&kit, id), sim.known("u20001").enabled), (OrderState::Verified, false), "a lapse thaws nobody");
    kit.hand("lin").on(Act::FreezeConfirm, id, None);
}

fn a_thaw_gives_back_what_was_taken(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let frozen = request(&kit, &chen, "20001", wish(Level::Suspend));
    kit.drain();
    let id = order_of(&chen.on(Act::FreezeThaw { plan_hash: None, confirm: Some("0001Z".into()), ground: None }, frozen, None));
    let o = card(&kit, id).row.order;
    assert_eq!((o.state, o.undoes), (OrderState::PendingApproval, Some(frozen)), "a thaw always needs approval");
    kit.drain();
    assert!(!sim.known("u20001").enabled);
    lin.on(Act::FreezeApprove { hash: o.plan_hash }, id, None);
    kit.drain();
    assert_eq!((state(&kit, id), state(&kit, frozen)), (OrderState::Complete, OrderState::Thawed));
    // 34: the sessions from before are gone.
    assert_eq!((sim.known("u20001").enabled, sim.known("u20001").sessions), (true, 0));
    // What was given back is no drift.
    kit.time.hours(5);
    pass(&kit, 1);
    assert_eq!((state(&kit, frozen), kit.count("select count(*) from alerts where kind = 'freeze_drift'")), (OrderState::Thawed, 0));
    kit.check();
}

/// An account that somebody had disabled before stays disabled.
fn a_thaw_gives_back_nothing_that_was_not_taken(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    idp.edit("u20001", |k| k.enabled = false);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let frozen = request(&kit, &chen, "20001", wish(Level::Suspend));
    kit.drain();
    let id = order_of(&chen.on(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, frozen, None));
    let hash = card(&kit, id).row.order.plan_hash;
    lin.on(Act::FreezeApprove { hash }, id, None);
    kit.drain();
    assert_eq!((state(&kit, id), state(&kit, frozen)), (OrderState::Complete, OrderState::Thawed));
    assert!(crm.known("u20001").enabled && !idp.known("u20001").enabled);
}

fn no_thaw_while_old_sessions_may_live(on: Engine) {
    let sim = Sim::new("idp").with(|c| {
        c.steps.retain(|s| s.kind != StepKind::KillLive);
        c.session_max = Some(8 * 3600);
    });
    let kit = company(on, &[&sim]);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let id = request(&kit, &chen, "20001", wish(Level::Suspend));
    kit.drain();
    let c = card(&kit, id);
    assert_eq!(c.row.order.state, OrderState::Complete);
    let left = c.residual_seconds.unwrap();
    assert!((8 * 3600 - 60..=8 * 3600).contains(&left), "{left}");
    assert_eq!(lin.refused(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, id, None).why.code, "freeze-thaw-residual");
    // 35: it only runs down, and at zero the order is verified by itself.
    kit.time.hours(4);
    assert!(card(&kit, id).residual_seconds.unwrap() < left);
    pass(&kit, 1);
    assert_eq!(state(&kit, id), OrderState::Complete);
    kit.time.hours(5);
    pass(&kit, 1);
    // A session that is seen is open, whatever the bound says.
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.residual_seconds), (OrderState::Complete, None));
    sim.edit("u20001", |k| k.sessions = 0);
    kit.time.hours(1);
    pass(&kit, 1);
    assert_eq!(state(&kit, id), OrderState::Verified);
    lin.on(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, id, None);
}

fn unknown_never_counts_as_zero(on: Engine) {
    let sim = Sim::new("idp").with(|c| c.steps.retain(|s| s.kind != StepKind::KillLive));
    let kit = company(on, &[&sim]);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let id = request(&kit, &chen, "20001", wish(Level::Suspend));
    kit.drain();
    kit.time.hours(100);
    pass(&kit, 1);
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.residual_seconds), (OrderState::Complete, None));
    assert_eq!(lin.refused(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, id, None).why.code, "freeze-thaw-unknown");
    let gap = &c.row.order.gaps[0];
    assert_eq!((gap.what, gap.bound), (GapKind::Sessions, None));
    lin.on(Act::FreezeWaive { step: gap.n, evidence: "sessions ended by hand, seen in their list".into() }, id, None);
    chen.on(Act::FreezeVerify, id, None);
    kit.drain();
    assert_eq!(state(&kit, id), OrderState::Verified);
}

fn a_restriction_and_its_gap(on: Engine) {
    let crm = Sim::new("crm");
    let hr = Sim::new("hr").with(|c| c.steps.retain(|s| s.kind != StepKind::Restrict));
    let kit = company(on, &[&crm, &hr]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Restrict));
    kit.drain();
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.residual_seconds), (OrderState::Complete, None));
    assert!(crm.known("u20001").restricted && crm.known("u20001").enabled, "the handover form stays open");
    assert!(hr.writes().is_empty());
    assert_eq!(c.row.order.gaps.iter().map(|g| (g.target.as_str(), g.what)).collect::<Vec<_>>(), [("hr", GapKind::Restrict)]);
}

fn deleting_comes_last(on: Engine) {
    let sim = Sim::new("idp").with(|c| {
        let can = c.steps[0];
        c.steps.push(tenure::domain::target::StepCard { kind: StepKind::Delete, destroys: true, reversible: false, ..can });
    });
    let kit = company(on, &[&sim]);
    let chen = kit.hand("chen");
    assert_eq!(chen.refused(wish(Level::Delete), kit.person("20001"), None).why.code, "freeze-delete-first-suspend");
    request(&kit, &chen, "20001", wish(Level::Suspend));
    kit.drain();
    assert_eq!(chen.refused(wish(Level::Delete), kit.person("20001"), None).why.code, "freeze-delete-early");
    kit.time.hours(24 * 31);
    let id = request(&kit, &chen, "20001", wish(Level::Delete));
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.row.order.needed), (OrderState::PendingApproval, 1), "never on one person's word");
}

fn asynchronous_targets_are_polled(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    sim.fail(&[Fault::Later]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    let _ = worker::drain(&kit.service);
    let c = card(&kit, id);
    assert_eq!((c.steps[0].state, c.row.order.state), (StepState::Async, OrderState::Executing), "not complete while it is not done there");
    pass(&kit, 4);
    assert_eq!(state(&kit, id), OrderState::Verified);
}

fn a_batch_is_two_commits(on: Engine) {
    let sim = Sim::new("idp").with(|c| c.steps.retain(|s| s.kind == StepKind::BlockSignIn));
    let kit = company(on, &[&sim]);
    kit.write(|tx| tx.exec("delete from idempotency", &[]));
    let people = ["10001", "10002", "10003", "20001", "20002", "20003"];
    let chen = kit.hand("chen");
    let first = request(&kit, &chen, people[0], wish(Level::Suspend));
    let targets = people[1..].iter().map(|n| Target { id: kit.person(n).0, version: None }).collect();
    let reply = chen.send(ActRequest { act: wish(Level::Suspend), targets, key: None, reason: Some("x".into()), written: None }).unwrap();
    for o in &reply.outcomes {
        let id = FreezeId(o.id);
        let hash = card(&kit, id).row.order.plan_hash;
        for name in ["lin", "wang"] {
            kit.hand(name).on(Act::FreezeApprove { hash: hash.clone() }, id, None);
        }
    }
    for o in reply.outcomes.iter().map(|o| FreezeId(o.id)).chain([first]) {
        kit.service.start_order(o, false, &|_| true).unwrap();
    }
    let seq = kit.seq();
    kit.drain();
    let acts: Vec<String> = kit.entries(seq).into_iter().map(|e| e.act).filter(|a| a == "freeze.send").collect();
    assert_eq!(acts.len(), 1, "six steps of six people are journalled at once");
    assert_eq!(sim.writes().len(), 6);
}

/// Faults and crashes in any order: 26, 28, 31, 32, 33.
fn any_faults_never_falsely_complete(on: Engine) {
    let fault = prop_oneof![
        4 => Just(Fault::None),
        1 => Just(Fault::LostAfter),
        1 => Just(Fault::LostBefore),
        1 => Just(Fault::Refused),
        1 => Just(Fault::RateLimited),
        1 => Just(Fault::NotConnected),
        1 => Just(Fault::Unauthorised),
        1 => Just(Fault::Lie),
        1 => Just(Fault::DieBefore),
        1 => Just(Fault::DieAfter),
        1 => Just(Fault::Later),
    ];
    let faults = proptest::collection::vec(fault, 0..12);
    runner(on, 24, 4)
        .run(&(faults, 0usize..3), |(faults, extra)| {
            let sim = Sim::new("idp");
            let kit = company(on, &[&sim]);
            sim.add("admin", "-");
            sim.edit("admin", |k| k.protection = Some(Protection::LastAdmin));
            sim.fail(&faults);
            let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
            for _ in 0..extra {
                pass(&kit, 1);
                let c = card(&kit, id);
                let complete = matches!(c.row.order.state, OrderState::Complete | OrderState::Verified);
                prop_assert!(!complete || c.steps.iter().all(|s| s.state == StepState::Confirmed));
            }
            pass(&kit, 30);
            let c = card(&kit, id);
            let known = sim.known("u20001");
            if matches!(c.row.order.state, OrderState::Complete | OrderState::Verified) {
                prop_assert!(!known.enabled && known.sessions == 0 && known.secret >= 1, "falsely complete: {known:?}");
                prop_assert!(c.steps.iter().all(|s| s.state == StepState::Confirmed));
            } else {
                prop_assert!(c.steps.iter().any(|s| s.error.is_some()), "partial without a reason: {:?}", steps(&c));
            }
            // Nobody else was touched, and nothing that is not idempotent took effect twice.
            prop_assert!(sim.writes().iter().all(|w| w.0 == "u20001"));
            let mut keys: BTreeMap<String, u32> = BTreeMap::new();
            for (_, kind, key) in sim.writes() {
                if kind == StepKind::ResetSecret {
                    *keys.entry(key).or_default() += 1;
                }
            }
            prop_assert!(known.secret <= 1, "28: reset {} times", known.secret);
            let v = kit.verified();
            prop_assert!(v.ok, "{:?}", v.broken);
            let _ = Chain::Acts;
            Ok(())
        })
        .unwrap();
}
