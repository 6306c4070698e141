//! Domain.md "Failure cases", the rows that touch freezing: one test a row, named after it. Rows that a real server shows are in tests/peers.

use crate::{
    freezes::{card, company, order_of, pass, plan, planned, request, state, steps, wish},
    kit::{Engine, HEAD, Kit, ROOMS},
    offboarding,
    sim::{Fault, Sim},
};
use jiff::SignedDuration;
use std::thread;
use tenure::{
    backend::{ActRequest, Backend, FailureKind, Query, Target},
    domain::{
        act::{Act, RefusalClass},
        alert::AlertState,
        duty::{DutyDone, DutyKind, DutyState},
        freeze::{GapKind, Ground, Level, Mode, Order, OrderState, StepState, lines},
        handover::{ItemKind, ItemState},
        ids::FreezeId,
        operator::Role,
        target::{Protection, StepKind},
    },
    worker,
};

on_all!(
    idp_down_half_way,
    idp_down_half_way_a_gateway_blocks_meanwhile,
    provider_accepted_async_not_finished,
    credential_of_our_connector_expired,
    hr_sync_reactivates_the_frozen_user,
    hr_sync_reactivates_and_the_plan_is_made_anew,
    employee_rehired,
    employee_rehired_while_the_provider_was_down,
    an_account_in_hand_is_linked_to_nobody_else,
    what_lost_its_job_is_taken_up_again,
    resignation_withdrawn_after_planned_freeze_set,
    resignation_withdrawn_while_the_order_runs,
    what_changes_before_the_hour_of_a_planned_freeze,
    a_job_that_was_set_aside_is_told,
    no_thaw_over_sessions_that_came_back,
    a_session_that_is_seen_is_open_whatever_was_waived,
    an_account_that_appeared_is_asked_for_anew,
    a_stuck_restriction_gives_way_to_a_suspension,
    a_thaw_that_is_waived_to_its_end_ends_the_freeze,
    a_frozen_person_who_stays_is_told,
    approver_unreachable_is_reviewed,
    back_dated_termination,
    wrong_person_selected,
    wrong_person_is_owed_an_apology,
    two_operators_act_at_once,
    one_freezes_another_thaws,
    clock_skew,
    network_lost_after_sending,
    approver_unreachable_at_02_00,
    approver_unreachable_is_drilled_every_month,
    operator_himself_is_the_target,
    operator_himself_is_leaving_and_is_ended,
    operator_himself_is_known_by_name_and_number,
    last_admin_or_service_account_in_plan,
    handover_frozen_out,
);

fn alerts(kit: &Kit, kind: &str) -> i64 {
    kit.count(&format!("select count(*) from alerts where kind = '{kind}' and open = 1"))
}

fn approve(kit: &Kit, name: &str, id: FreezeId) {
    let hash = card(kit, id).row.order.plan_hash;
    kit.hand(name).on(Act::FreezeApprove { hash }, id, None);
}

fn idp_down_half_way(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    // The block lands, its answer is lost, and then nothing answers.
    idp.fail(&[Fault::GoesDown]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    pass(&kit, 3);
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.residual_seconds), (OrderState::Partial, None), "loud");
    assert!(c.steps.iter().filter(|s| s.target == "crm").all(|s| s.state == StepState::Confirmed), "{:?}", steps(&c));
    assert!(c.steps.iter().any(|s| s.target == "idp" && s.error.is_some()));
    idp.down(false);
    pass(&kit, 6);
    assert_eq!(state(&kit, id), OrderState::Verified);
    assert_eq!(idp.writes().iter().filter(|w| w.1 == StepKind::BlockSignIn).count(), 1);
}

fn provider_accepted_async_not_finished(on: Engine) {
    let sim = Sim::new("idp").with(|c| {
        c.steps.retain(|s| s.kind == StepKind::BlockSignIn);
        c.session_max = Some(0);
    });
    let kit = company(on, &[&sim]);
    sim.edit("u20001", |k| k.sessions = 0);
    // Says "later" and never does it: polled, then looked at again, and never complete.
    sim.fail(&[Fault::Later]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    pass(&kit, 0);
    sim.edit("u20001", crate::sim::Known::forget);
    let mut seen = Vec::new();
    for _ in 0..4 {
        pass(&kit, 1);
        let c = card(&kit, id);
        seen.push(c.steps[0].state);
        assert_ne!(c.row.order.state, OrderState::Complete);
        if sim.known("u20001").enabled {
            assert!(c.residual_seconds.is_none());
        }
        if c.steps[0].state == StepState::Confirmed {
            break;
        }
    }
    assert!(seen.contains(&StepState::Async), "{seen:?}");
    // Its deadline passes, it counts as undone, and is sent once more.
    kit.time.hours(3);
    pass(&kit, 120);
    assert_eq!(state(&kit, id), OrderState::Verified, "{:?}", steps(&card(&kit, id)));
    assert!(!sim.known("u20001").enabled);
    assert_eq!(sim.writes().len(), 2);
}

fn credential_of_our_connector_expired(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    let frozen = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    kit.drain();
    assert_eq!(state(&kit, frozen), OrderState::Verified);
    // It expires. The look after the freeze says so: nobody waits for weeks.
    idp.closed(true);
    kit.time.hours(2);
    pass(&kit, 1);
    assert_eq!(alerts(&kit, "connector_down"), 1);
    // A plan does not claim what it could not read, and an order made of it is not verified.
    kit.time.hours(25);
    let seen = plan(&kit, "20002", Level::Suspend);
    assert!(seen.gaps.iter().any(|g| (g.target.as_str(), g.what, g.bound) == ("idp", GapKind::Unread, None)));
    assert_eq!(seen.residual_seconds, None);
    let id = request(&kit, &kit.hand("chen"), "20002", wish(Level::Suspend));
    pass(&kit, 2);
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.residual_seconds), (OrderState::Partial, None));
    assert!(idp.known("u20002").enabled && !crm.known("u20002").enabled);
    // It expires between the plan and the write.
    idp.closed(false);
    kit.time.hours(25);
    let id = request(&kit, &kit.hand("chen"), "20003", wish(Level::Suspend));
    idp.closed(true);
    pass(&kit, 3);
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.residual_seconds), (OrderState::Partial, None));
    assert_eq!(kit.count("select count(distinct spell) from alerts where kind = 'connector_down'"), 2);
    idp.closed(false);
    pass(&kit, 8);
    assert_eq!(state(&kit, id), OrderState::Verified);
}

fn hr_sync_reactivates_the_frozen_user(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    kit.drain();
    sim.edit("u20001", |k| k.enabled = true);
    // Within the interval of verifications, and pointing at what to mend.
    kit.time.pass(SignedDuration::from_mins(61));
    pass(&kit, 0);
    let o = card(&kit, id).row.order;
    let why = o.why.unwrap();
    assert_eq!((o.state, why.code.as_ref(), alerts(&kit, "freeze_drift")), (OrderState::Drifted, "order-drifted-record", 1));
    let said = |arg: &str| why.args[arg].as_str();
    assert_eq!(
        ["number", "source", "file", "on", "state"].map(said),
        ["20001", "file", "employees.csv", "2026-03-02", "@spell-state-active"]
    );
    // The alert says so too.
    let id_of = kit.read(|tx| tx.one("select id from alerts where kind = 'freeze_drift'", &[], |r| r.get(0))).unwrap();
    assert_eq!(ask!(kit.hand("lin"), Query::Alert { id: id_of } => Alert).about, [why]);
    kit.hand("chen").on(Act::FreezeResume, id, None);
    pass(&kit, 2);
    assert_eq!((state(&kit, id), sim.known("u20001").enabled), (OrderState::Verified, false));
    // What was asked for in its place was not needed any more.
    let asked = renewals(&kit, id);
    assert_eq!(
        (asked.len(), asked[0].state, asked[0].why.as_ref().unwrap().code.as_ref()),
        (1, OrderState::Cancelled, "order-resumed-instead")
    );
    assert_eq!(kit.count("select count(*) from approvals where state = 'open'"), 0);
}

/// Orders that the machine asked for in place of a drifted one.
fn renewals(kit: &Kit, of: FreezeId) -> Vec<Order> {
    let person = card(kit, of).row.order.person;
    let all = kit.read(|tx| tenure::store::freeze::of_person(tx, person));
    all.into_iter().map(|r| r.order).filter(|o| o.renews == Some(of)).collect()
}

fn hr_sync_reactivates_and_the_plan_is_made_anew(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    crm.remove("u20001");
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    kit.drain();
    // The sync enables the account, and makes another one where there was none; HR's record says that they leave.
    kit.time.hours(24);
    let row = "20001,张伟,/集团/研发部,工程师,2020-01-01,10001,,中,2026-03-31\n";
    kit.load("employees", &format!("{HEAD},last_day\n{row}"));
    idp.edit("u20001", |k| k.enabled = true);
    crm.add("u20001", "20001");
    kit.time.pass(SignedDuration::from_mins(61));
    let writes = idp.writes().len();
    pass(&kit, 2);
    let o = card(&kit, id).row.order;
    assert_eq!((o.state, o.why.unwrap().code.as_ref()), (OrderState::Drifted, "order-drifted-behind"));
    let asked = renewals(&kit, id);
    assert_eq!((asked.len(), asked[0].state, asked[0].needed), (1, OrderState::PendingApproval, 1));
    assert!(asked[0].intent.steps.iter().any(|s| s.target == "crm"), "planned by what is there now");
    // Nothing is sent without a person, and one drift asks once, whatever is seen of it and denied.
    for _ in 0..3 {
        kit.time.hours(2);
        pass(&kit, 1);
    }
    assert_eq!((renewals(&kit, id).len(), idp.writes().len(), crm.writes().len()), (1, writes, 0));
    approve(&kit, "lin", asked[0].id);
    pass(&kit, 4);
    assert_eq!((state(&kit, asked[0].id), state(&kit, id)), (OrderState::Verified, OrderState::Verified));
    assert!(!idp.known("u20001").enabled && !crm.known("u20001").enabled);
    // Another drift asks anew; who stays after all is asked for by nobody.
    idp.edit("u20001", |k| k.enabled = true);
    kit.time.hours(2);
    pass(&kit, 1);
    let again = kit.count("select count(*) from freezes where state = 'pending_approval'");
    assert_eq!((again, state(&kit, id)), (1, OrderState::Drifted));
    kit.check();
}

fn employee_rehired(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let frozen = request(&kit, &chen, "20001", wish(Level::Suspend));
    let later = request(&kit, &chen, "20002", planned(&kit, 24 * 40));
    approve(&kit, "lin", later);
    kit.drain();
    kit.load("exits", "number,last_day,exit\n20001,2026-03-01,resigned\n20002,2026-03-01,resigned\n");
    let old = card(&kit, frozen);
    assert_eq!(
        lin.refused(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, frozen, None).why.code,
        "freeze-thaw-departed"
    );
    kit.time.hours(24 * 30);
    // They return: new spells. The old orders are as they were, and one that still waited does not touch the new employment.
    kit.load(
        "employees",
        &format!("{HEAD}\n20001,张伟,/集团/研发部,工程师,2026-03-30,,,中\n20002,张伟,/集团/快消部,销售,2026-03-30,,,低\n"),
    );
    kit.time.hours(24 * 11);
    pass(&kit, 1);
    let o = card(&kit, later).row.order;
    assert_eq!((o.state, o.why.unwrap().code.as_ref()), (OrderState::Cancelled, "order-spell-changed"));
    assert!(sim.known("u20002").enabled);
    let now = card(&kit, frozen);
    assert_eq!((now.row.order.spell, &now.row.order.intent, &now.steps), (old.row.order.spell, &old.row.order.intent, &old.steps));
    // Access comes back by an order of its own that belongs to the new employment, approved, with old sessions gone.
    let thaw = order_of(&chen.on(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, frozen, None));
    assert_ne!(card(&kit, thaw).row.order.spell, old.row.order.spell);
    approve(&kit, "lin", thaw);
    kit.drain();
    let known = sim.known("u20001");
    assert_eq!((state(&kit, thaw), known.enabled, known.sessions), (OrderState::Complete, true, 0));
    // One account that two people have: neither is frozen until somebody says whose it is.
    sim.add("zhang.wei.old", "20002");
    assert_eq!(chen.refused(wish(Level::Suspend), kit.person("20002"), None).why.code, "freeze-ambiguous");
}

/// The order was for the employment that ended: of the new one nothing is taken, whatever somebody asks of the old order.
fn employee_rehired_while_the_provider_was_down(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    idp.down(true);
    pass(&kit, 3);
    assert_eq!(state(&kit, id), OrderState::Partial);
    kit.load("exits", "number,last_day,exit\n20001,2026-03-01,resigned\n");
    kit.time.hours(24 * 30);
    kit.load("employees", &format!("{HEAD}\n20001,张伟,/集团/研发部,工程师,2026-03-30,,,中\n"));
    idp.down(false);
    pass(&kit, 6);
    let held = || {
        let o = card(&kit, id).row.order;
        assert_eq!((o.state, o.held, o.why.unwrap().code.as_ref()), (OrderState::Partial, true, "order-spell-ended"));
        assert!(idp.known("u20001").enabled && idp.writes().is_empty());
    };
    held();
    assert_eq!(alerts(&kit, "freeze_stopped"), 1);
    assert_eq!(kit.hand("lin").refused(Act::FreezeResume, id, None).why.code, "order-spell-ended");
    pass(&kit, 6);
    held();
}

fn an_account_in_hand_is_linked_to_nobody_else(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", planned(&kit, 24));
    let link = || Act::FreezeLink { target: "idp".into(), account: "u20001".into() };
    assert_eq!(kit.hand("wang").refused(link(), kit.person("20002"), None).why.code, "refused-link-in-hand");
    // To whom the order is for, or once it has ended, it may be.
    kit.hand("wang").on(link(), kit.person("20001"), None);
    kit.hand("wang").on(Act::FreezeUnlink { target: "idp".into(), account: "u20001".into() }, kit.person("20001"), None);
    kit.hand("chen").on(Act::FreezeCancel, id, None);
    kit.hand("wang").on(link(), kit.person("20002"), None);
}

fn what_lost_its_job_is_taken_up_again(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    let running = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    let waiting = request(&kit, &kit.hand("chen"), "20002", planned(&kit, 1));
    for name in ["lin", "wang"] {
        approve(&kit, name, waiting);
    }
    idp.down(true);
    pass(&kit, 3);
    idp.down(false);
    // Every worker that took them died.
    kit.write(|tx| tx.exec("delete from jobs where kind like 'freeze%'", &[]));
    pass(&kit, 120);
    assert_eq!((state(&kit, running), state(&kit, waiting)), (OrderState::Partial, OrderState::Approved));
    kit.service.run_daily().unwrap();
    pass(&kit, 6);
    assert_eq!((state(&kit, running), state(&kit, waiting)), (OrderState::Verified, OrderState::Verified));
}

fn resignation_withdrawn_after_planned_freeze_set(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let people = |last_day: &str| format!("{HEAD},last_day\n20001,张伟,/集团/研发部,工程师,2020-01-01,10001,,中,{last_day}\n");
    kit.load("employees", &people("2026-03-31"));
    let id = request(&kit, &kit.hand("chen"), "20001", planned(&kit, 24));
    approve(&kit, "lin", id);
    // A moment before it fires.
    kit.time.pass(SignedDuration::from_secs(24 * 3600 - 2));
    kit.load("employees", &people(""));
    assert_eq!(state(&kit, id), OrderState::Approved);
    kit.time.pass(SignedDuration::from_secs(10));
    pass(&kit, 2);
    let o = card(&kit, id).row.order;
    assert_eq!((o.state, o.why.unwrap().code.as_ref(), sim.writes().len()), (OrderState::Cancelled, "order-spell-changed", 0));
    assert!(kit.timeline("20001").iter().any(|l| l.id == Some(id.0)), "whoever looks is told");
    assert_eq!(alerts(&kit, "freeze_stopped"), 1, "and whoever does not");
}

/// Somebody who leaves is frozen though a file says more of them; a last day that moved is told at once, and then nothing is sent.
fn what_changes_before_the_hour_of_a_planned_freeze(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let people = |post: &str, last_day: &str| {
        kit.time.hours(24);
        let rows = format!("20001,张伟,/集团/研发部,{post},2020-01-01,10001,,中,{last_day}\n");
        assert_eq!(kit.load("employees", &format!("{HEAD},last_day\n{rows}")).added, 1);
        pass(&kit, 1);
    };
    people("工程师", "2026-03-31");
    let chen = kit.hand("chen");
    let id = request(&kit, &chen, "20001", planned(&kit, 48));
    approve(&kit, "lin", id);
    people("高级工程师", "2026-03-31");
    assert_eq!((alerts(&kit, "freeze_stopped"), card(&kit, id).row.order.why), (0, None));
    kit.time.hours(24);
    pass(&kit, 4);
    assert_eq!((state(&kit, id), sim.known("u20001").enabled), (OrderState::Verified, false));
    // Another employment of the same company, whose day moves.
    let row = |last_day: &str| format!("{HEAD},last_day\n20002,张伟,/集团/快消部,销售,2021-01-01,,,中,{last_day}\n");
    kit.load("employees", &row("2026-04-15"));
    kit.time.hours(24);
    let id = request(&kit, &chen, "20002", planned(&kit, 48));
    approve(&kit, "lin", id);
    kit.time.hours(24);
    kit.load("employees", &row("2026-05-15"));
    pass(&kit, 1);
    let o = card(&kit, id).row.order;
    assert_eq!((o.state, o.why.unwrap().code.as_ref()), (OrderState::Approved, "order-outdated"));
    assert_eq!(alerts(&kit, "freeze_stopped"), 1, "a day before its hour");
    kit.time.hours(24);
    pass(&kit, 2);
    assert_eq!((state(&kit, id), sim.known("u20002").enabled), (OrderState::Cancelled, true));
    assert_eq!(kit.count("select max(events) from alerts where kind = 'freeze_stopped'"), 2);
}

/// The provider was down when the order ran, and its person stays: what was not done is not done any more, and what was can be taken back.
fn resignation_withdrawn_while_the_order_runs(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    let people = |last_day: &str| format!("{HEAD},last_day\n20001,张伟,/集团/研发部,工程师,2020-01-01,10001,,中,{last_day}\n");
    kit.time.hours(24);
    kit.load("employees", &people("2026-03-31"));
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    idp.down(true);
    pass(&kit, 3);
    assert_eq!(state(&kit, id), OrderState::Partial);
    kit.time.hours(24);
    kit.load("employees", &people(""));
    idp.down(false);
    pass(&kit, 6);
    let o = card(&kit, id).row.order;
    assert_eq!((o.state, o.held, o.why.unwrap().code.as_ref()), (OrderState::Partial, true, "order-withdrawn"));
    assert!(idp.writes().is_empty() && idp.known("u20001").enabled && !crm.known("u20001").enabled);
    assert_eq!(alerts(&kit, "freeze_stopped"), 1);
    assert_eq!(kit.hand("lin").refused(Act::FreezeResume, id, None).why.code, "order-withdrawn");
    // A thaw that comes to nothing leaves it as it was; one that runs takes it over.
    let ask = || order_of(&kit.hand("chen").on(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, id, None));
    kit.hand("chen").on(Act::FreezeCancel, ask(), None);
    assert_eq!(state(&kit, id), OrderState::Partial);
    let thaw = ask();
    approve(&kit, "lin", thaw);
    pass(&kit, 6);
    assert_eq!((state(&kit, thaw), state(&kit, id), crm.known("u20001").enabled), (OrderState::Complete, OrderState::Thawed, true));
    assert!(idp.writes().is_empty());
}

/// Every worker that took the job died of it: the order says so, and goes on when somebody says so.
fn a_job_that_was_set_aside_is_told(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    idp.down(true);
    pass(&kit, 3);
    idp.down(false);
    kit.write(|tx| {
        let dead = tx.now() - SignedDuration::from_secs(1);
        tx.exec(
            "update jobs set state = 'leased', attempts = 5, lease_until = $1 where kind = 'freeze_target' and key = 'idp'",
            tenure::vals![dead],
        )
    });
    pass(&kit, 6);
    let o = card(&kit, id).row.order;
    assert_eq!((o.state, o.why.unwrap().code.as_ref()), (OrderState::Partial, "order-job-failed"));
    assert_eq!((alerts(&kit, "freeze_stopped"), idp.writes().len()), (1, 0));
    kit.hand("lin").on(Act::FreezeResume, id, None);
    pass(&kit, 6);
    assert_eq!(state(&kit, id), OrderState::Verified);
}

fn back_dated_termination(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    // The approval comes after the hour: it runs at once, not never. (A last day that has passed is asked for as immediate: tests/peers.)
    let id = request(&kit, &kit.hand("chen"), "20001", planned(&kit, 1));
    kit.time.hours(20);
    pass(&kit, 1);
    assert_eq!(sim.writes().len(), 0);
    approve(&kit, "lin", id);
    kit.drain();
    assert_eq!((state(&kit, id), sim.known("u20001").enabled), (OrderState::Verified, false));
    // Somebody who has left meanwhile is frozen all the same.
    let id = request(&kit, &kit.hand("chen"), "20002", planned(&kit, 48));
    for name in ["lin", "wang"] {
        if card(&kit, id).row.order.state == OrderState::PendingApproval {
            approve(&kit, name, id);
        }
    }
    kit.load("exits", "number,last_day,exit\n20002,2026-03-02,resigned\n");
    kit.time.hours(49);
    pass(&kit, 1);
    assert_eq!((state(&kit, id), sim.known("u20002").enabled), (OrderState::Verified, false));
}

fn wrong_person_selected(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let chen = kit.hand("chen");
    let seen = plan(&kit, "20001", Level::Suspend);
    assert!(seen.warnings.iter().any(|w| w.code == "freeze-homonyms"));
    let act = |hash: &str, confirm: &str| Act::FreezeRequest {
        level: Level::Suspend,
        mode: Mode::Immediate,
        at: None,
        plan_hash: Some(hash.into()),
        confirm: Some(confirm.into()),
        ticket: None,
        except: Vec::new(),
    };
    // The list was sorted anew under the cursor: another person, or the same one changed meanwhile.
    let (one, two) = (kit.person("20001"), kit.person("20002"));
    assert_eq!(chen.refused(act(&seen.plan_hash, "0001Z"), two, None).why.code, "refused-freeze-confirm");
    assert_eq!(chen.refused(act(&seen.plan_hash, "0002Z"), two, None).why.code, "refused-plan-hash");
    assert_eq!(chen.refused(act(&seen.plan_hash, "0001Z"), one, Some(99)).class, RefusalClass::Conflict);
    assert_eq!(sim.writes().len(), 0);
    // And a wrong freeze is taken back within minutes.
    let id = request(&kit, &chen, "20001", act(&seen.plan_hash, "0001Z"));
    kit.drain();
    let thaw = order_of(&chen.on(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, id, None));
    approve(&kit, "lin", thaw);
    kit.drain();
    assert!(sim.known("u20001").enabled);
}

/// A thaw says that somebody else was meant: once two people have said so, an apology is owed, with a case or without.
fn wrong_person_is_owed_an_apology(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let owed = || ask!(kit.me(), Query::Duties => Duties);
    let thaw = |ground| Act::FreezeThaw { plan_hash: None, confirm: None, ground };
    // Friday evening.
    kit.time.hours(4 * 24 + 8);
    let id = request(&kit, &chen, "20001", wish(Level::Suspend));
    kit.drain();
    // Denied, it was nobody's mistake.
    let asked = order_of(&chen.on(thaw(Some(Ground::WrongPerson)), id, None));
    lin.on(Act::ApprovalDeny, kit.read(|tx| tenure::store::approval::open_of(tx, asked.0)).unwrap().id, None);
    kit.drain();
    assert_eq!(owed(), []);
    let asked = order_of(&chen.on(thaw(Some(Ground::WrongPerson)), id, None));
    approve(&kit, "lin", asked);
    let seq = kit.seq();
    kit.drain();
    assert_eq!((state(&kit, id), sim.known("u20001").enabled), (OrderState::Thawed, true));
    assert_eq!(kit.entries(seq).iter().filter(|e| e.act == "duty.apology").count(), 1);
    assert!(kit.timeline("20001").iter().any(|l| l.what.args["act"] == "@act-duty-apology"));
    let all = owed();
    let row = &all[0];
    assert_eq!((all.len(), row.duty.kind, row.duty.case, row.employee.id), (1, DutyKind::Apology, None, kit.person("20001")));
    assert_eq!(row.duty.due_on.to_string(), "2026-03-09", "the next working day is Monday");
    // Late, it raises its alarm like any duty; done, with what was said, it is off the list.
    kit.time.hours(4 * 24);
    kit.service.run_daily().unwrap();
    kit.drain();
    assert_eq!((alerts(&kit, "duty_overdue"), ask!(kit.me(), Query::Today => Today).owed.duties_overdue), (1, 1));
    let done = |note: Option<&str>| Act::OffboardingDuty { done: DutyDone { note: note.map(Into::into), ..DutyDone::default() } };
    assert_eq!(lin.refused(done(None), row.duty.id, None).why.code, "refused-duty-evidence");
    lin.on(done(Some("called him, wrote to his manager")), row.duty.id, None);
    assert_eq!(owed(), []);
    // With a case it stands there, and who stays after all is owed it still.
    kit.time.hours(24);
    let id = request(&kit, &chen, "20002", wish(Level::Suspend));
    kit.drain();
    let c = offboarding::start(&kit, &chen, "20002", 20);
    let asked = order_of(&chen.on(thaw(Some(Ground::WrongPerson)), id, None));
    approve(&kit, "lin", asked);
    kit.drain();
    chen.on(Act::OffboardingWithdraw, c.row.case.id, None);
    assert_eq!(offboarding::duty(&offboarding::card(&kit, c.row.case.id), DutyKind::Apology).state, DutyState::Open);
    // A thaw for another reason owes nothing.
    kit.time.hours(48);
    let id = request(&kit, &chen, "20003", wish(Level::Suspend));
    kit.drain();
    let asked = order_of(&chen.on(thaw(None), id, None));
    approve(&kit, "lin", asked);
    kit.drain();
    assert_eq!(kit.count("select count(*) from duties where kind = 'apology'"), 2);
    kit.check();
}

fn two_operators_act_at_once(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let one = kit.person("20001");
    let asked = thread::scope(|s| {
        let hands = ["chen", "lin", "wang"].map(|name| {
            let session = kit.hand(name).session;
            s.spawn(move || {
                let request = ActRequest { reason: Some("x".into()), ..ActRequest::one(wish(Level::Suspend), one, None) };
                ROOMS.block_on(session.act(request)).unwrap()
            })
        });
        hands.map(|h| h.join().unwrap())
    });
    let refused: Vec<_> = asked.iter().filter_map(|r| r.outcomes[0].refusal.as_ref().map(|w| w.why.code.clone())).collect();
    assert_eq!(refused, ["freeze-busy", "freeze-busy"], "one is first, and the others are told");
    let id = asked.iter().find(|r| r.outcomes[0].refusal.is_none()).map(order_of).unwrap();
    kit.drain();
    assert_eq!((state(&kit, id), sim.writes().len()), (OrderState::Verified, 3));
    // The same version seen by two: the second is shown what changed.
    let version = card(&kit, id).row.order.version;
    let second = kit.me();
    second.on(Act::FreezeVerify, id, Some(version));
    assert_eq!(kit.hand("lin").refused(Act::FreezeVerify, id, Some(version)).why.code, "refused-conflict");
}

fn one_freezes_another_thaws(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let frozen = request(&kit, &chen, "20001", wish(Level::Suspend));
    kit.drain();
    let thaw = order_of(&lin.on(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, frozen, None));
    // While the thaw is open nobody freezes beside it, and what drifts is not resumed into it.
    assert_eq!(chen.refused(wish(Level::Suspend), kit.person("20001"), None).why.code, "freeze-busy");
    sim.edit("u20001", |k| k.enabled = true);
    chen.on(Act::FreezeVerify, frozen, None);
    kit.drain();
    assert_eq!(state(&kit, frozen), OrderState::Drifted);
    let refusal = chen.refused(Act::FreezeResume, frozen, None);
    assert_eq!((refusal.why.code.as_ref(), refusal.why.args["order"].as_str()), ("freeze-busy", thaw.to_string().as_str()));
    // The requester of the thaw cannot approve it; cancelled, the freeze goes on.
    let hash = card(&kit, thaw).row.order.plan_hash;
    assert_eq!(lin.refused(Act::FreezeApprove { hash }, thaw, None).why.code, "refused-own-approval");
    lin.on(Act::FreezeCancel, thaw, None);
    chen.on(Act::FreezeResume, frozen, None);
    pass(&kit, 2);
    assert_eq!((state(&kit, frozen), sim.known("u20001").enabled), (OrderState::Verified, false));
    // A look at what is being given back finds no drift, whenever it comes.
    let thaw = order_of(&lin.on(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, frozen, None));
    approve(&kit, "chen", thaw);
    chen.on(Act::FreezeVerify, frozen, None);
    kit.drain();
    kit.time.hours(3);
    pass(&kit, 1);
    assert_eq!((state(&kit, frozen), sim.known("u20001").enabled), (OrderState::Thawed, true));
    assert_eq!(kit.count("select max(events) from alerts where kind = 'freeze_drift'"), 1, "only the one from before");
}

fn clock_skew(on: Engine) {
    for jump in [-60, -10, 10, 60] {
        let sim = Sim::new("idp");
        let kit = company(on, &[&sim]);
        let by = SignedDuration::from_mins(jump);
        sim.fail(&[Fault::None, Fault::LostAfter, Fault::LostBefore]);
        let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
        kit.service.start_order(id, false, &|_| true).unwrap();
        kit.time.pass(by);
        pass(&kit, 1);
        // What waits for a time waits until it is that time again.
        kit.time.pass(SignedDuration::from_mins(2 * jump.abs()));
        pass(&kit, 10);
        let c = card(&kit, id);
        assert_eq!((c.row.order.state, sim.known("u20001").secret), (OrderState::Verified, 1), "{jump}: {:?}", steps(&c));
        // Entries are in the order of their numbers, whatever the clock said; no second word is late.
        kit.check();
        assert_eq!(alerts(&kit, "freeze_unconfirmed"), 0, "{jump}");
    }
}

fn network_lost_after_sending(on: Engine) {
    // The worker dies before the call arrives, or after: nothing that is not idempotent is sent before a read-back.
    for fault in [Fault::DieBefore, Fault::DieAfter] {
        for at in 0..3 {
            let sim = Sim::new("idp");
            let kit = company(on, &[&sim]);
            let mut faults = vec![Fault::None; at];
            faults.push(fault);
            sim.fail(&faults);
            let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
            let _ = worker::drain(&kit.service);
            assert_eq!(card(&kit, id).steps[at].state, StepState::Sent, "journalled before it was sent");
            kit.time.pass(SignedDuration::from_mins(2));
            pass(&kit, 5);
            let known = sim.known("u20001");
            assert_eq!(
                (state(&kit, id), known.enabled, known.secret, known.sessions),
                (OrderState::Verified, false, 1, 0),
                "{fault:?} {at}"
            );
            let writes = sim.writes();
            let keys: std::collections::BTreeSet<_> = writes.iter().map(|w| &w.2).collect();
            assert_eq!(keys.len(), writes.len(), "each once: {writes:?}");
        }
    }
}

fn approver_unreachable_at_02_00(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let chen = kit.hand("chen");
    let broken = |ticket: Option<&str>| Act::FreezeRequest {
        level: Level::Suspend,
        mode: Mode::Emergency,
        at: None,
        plan_hash: None,
        confirm: None,
        ticket: ticket.map(Into::into),
        except: Vec::new(),
    };
    assert_eq!(chen.refused(broken(None), kit.person("20001"), None).why.code, "refused-emergency-ticket");
    let bare = ActRequest::one(broken(Some("T-1")), kit.person("20001"), None);
    assert!(chen.send(bare).is_err(), "without a reason nobody breaks the glass");
    let seq = kit.seq();
    let id = request(&kit, &chen, "20001", broken(Some("T-1")));
    kit.drain();
    let o = card(&kit, id).row.order;
    assert_eq!((o.state, o.needed, o.intent.mode), (OrderState::Verified, 0, Mode::Emergency));
    let owed = || ask!(kit.me(), Query::Today => Today).owed.break_glass;
    assert_eq!(owed(), 1, "counted where everybody looks");
    let due = o.confirm_due.unwrap();
    assert_eq!(due.duration_since(o.created_at), SignedDuration::from_hours(4));
    assert!(kit.entries(seq).iter().any(|e| e.act == "freeze.request" && e.operator_name == "chen"));
    // The lapse is loud and gives nothing back.
    kit.time.hours(5);
    pass(&kit, 1);
    assert_eq!((alerts(&kit, "freeze_unconfirmed"), sim.known("u20001").enabled), (1, false));
    kit.hand("lin").on(Act::FreezeConfirm, id, None);
    assert_eq!(card(&kit, id).row.order.confirmed.unwrap().name, "lin");
    kit.time.hours(30 * 24);
    assert_eq!(owed(), 0);
}

/// Nobody is touched, and every part that a freeze by night would need is looked at.
fn approver_unreachable_is_drilled_every_month(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    let owed = || ask!(kit.me(), Query::Today => Today).owed;
    assert_eq!((owed().drills_due, owed().break_glass), (1, 0));
    assert_eq!(ask!(kit.me(), Query::FreezeDrill => Drill), None);
    let chen = kit.hand("chen");
    let drill = || {
        let seq = kit.seq();
        chen.done(Act::FreezeDrill);
        let d = ask!(kit.me(), Query::FreezeDrill => Drill).unwrap();
        let all = kit.entries(seq);
        assert_eq!((all.len(), all[0].act.as_str(), all[0].operator_name.as_str()), (1, "freeze.drill", "chen"));
        assert!(d.lines.iter().all(|l| d.by == "chen" && (all[0].detail.as_ref().unwrap().contains(l.what.code.as_ref()) || l.what.code == "drill-write")));
        assert!(idp.writes().is_empty() && crm.writes().is_empty());
        let bad: Vec<String> = d.lines.iter().filter(|l| !l.ok).map(|l| l.what.code.to_string()).collect();
        (d, bad)
    };
    let (d, bad) = drill();
    assert_eq!(bad, [""; 0], "{d:?}");
    let names = &d.lines.iter().find(|l| l.what.code == "drill-reviewers").unwrap().what.args["names"];
    assert!(names.contains("lin") && !names.contains("chen"), "{names}");
    assert_eq!((owed().drills_due, d.due_at().duration_since(d.at)), (0, SignedDuration::from_hours(31 * 24)));
    // What would fail that night is said now.
    crm.down(true);
    kit.hand("lin").on(wish(Level::Suspend), kit.person("20001"), None);
    kit.time.hours(1);
    if !on.is_server() {
        std::fs::write(kit.dir.path().join("tenure.reserve"), b"short").unwrap();
    }
    let (_, bad) = drill();
    for code in ["drill-target-down", "drill-lane-behind"] {
        assert!(bad.iter().any(|b| b == code), "{code}: {bad:?}");
    }
    assert_eq!(bad.iter().any(|b| b == "drill-reserve-broken"), !on.is_server(), "{bad:?}");
    kit.time.hours(31 * 24);
    assert_eq!(owed().drills_due, 1);
    kit.check();
}

fn operator_himself_is_the_target(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    sim.add("chen@example.test", "20001");
    sim.remove("u20001");
    assert_eq!(kit.hand("chen").refused(wish(Level::Suspend), kit.person("20001"), None).why.code, "freeze-oneself");
    let others = request(&kit, &kit.hand("lin"), "20001", wish(Level::Suspend));
    let chen = kit.hand("chen");
    assert_eq!(chen.refused(Act::FreezeConfirm, others, None).why.code, "freeze-oneself");
    kit.drain();
    assert_eq!(state(&kit, others), OrderState::Verified, "somebody else may");
    // Frozen, he is nobody here; given back by hand, still nobody over his own order.
    let waive = || Act::FreezeWaive { step: 1, evidence: "it is only me".into() };
    assert_eq!(chen.send(ActRequest::one(waive(), others, None)).unwrap_err().what.code, chen.turned_away("operator-ended"));
    kit.hand("lin").done(Act::OperatorRestore { name: "chen".into() });
    assert_eq!(chen.refused(waive(), others, None).why.code, "freeze-oneself");
    assert_eq!(chen.refused(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, others, None).why.code, "freeze-oneself");
}

/// What he had in hand is nobody's again, and every session of his ends with the order that suspends his accounts.
fn operator_himself_is_leaving_and_is_ended(on: Engine) {
    let sim = Sim::new("idp");
    let kit = offboarding::company(on).targets(vec![sim.shared()]);
    sim.add("u20001", "20001");
    let (chen, lin, sun) = (kit.hand("chen"), kit.hand("lin"), kit.hand("sun"));
    let person = Some(kit.person("20001"));
    let own = ActRequest { act: Act::OperatorLink { name: "sun".into(), person }, ..bare(Act::AlertAck) };
    assert_eq!(sun.send(own).unwrap().outcomes[0].refusal.as_ref().unwrap().why.code, "refused-operator-self");
    kit.me().done(Act::OperatorLink { name: "sun".into(), person });
    let a = kit.alert("10001").alert;
    sun.on(Act::AlertAck, a.id, None);
    let letter = offboarding::item(&offboarding::under_way(&kit, "10002", 20), ItemKind::Customer);
    assert_eq!(letter.reviewer_name.as_deref(), Some("sun"));
    offboarding::submit(&kit, &chen, &letter);
    assert_eq!(sun.refused(wish(Level::Suspend), kit.person("20001"), None).why.code, "freeze-oneself", "whatever his login is called");

    request(&kit, &chen, "20001", wish(Level::Restrict));
    kit.drain();
    sun.ask(Query::Today);
    let id = request(&kit, &chen, "20001", wish(Level::Suspend));
    assert_eq!(sun.refused(Act::FreezeCancel, id, None).why.code, "freeze-oneself");
    let seq = kit.seq();
    kit.drain();
    let shut = |why: tenure::backend::Failure, code| {
        assert_eq!((why.kind, why.what.code.as_ref()), (FailureKind::Refused, code));
    };
    for why in [
        sun.try_ask(Query::Today).unwrap_err(),
        sun.try_ask(Query::ThawPlan { id }).unwrap_err(),
        sun.send(ActRequest::one(Act::AlertAck, a.id, None)).unwrap_err(),
        sun.stage("exits", "number,last_day,exit\n", None, tenure::backend::Preview::No).unwrap_err(),
        ROOMS.block_on(sun.door().watch(1)).unwrap_err(),
    ] {
        shut(why, sun.turned_away("operator-ended"));
    }
    shut(kit.service.identify(Some("sun")).unwrap_err(), "operator-ended");
    let all = kit.entries(seq);
    let at = |act: &str| all.iter().find(|e| e.act == act).unwrap_or_else(|| panic!("no {act}")).at;
    for act in ["operator.end", "alert.release", "offboarding.release"] {
        assert_eq!(at(act), at("freeze.start"), "in the transaction that begins the order");
    }
    let freed = kit.stored(a.id);
    assert_eq!((freed.state, freed.owner, freed.talk_due_at), (AlertState::New, None, a.talk_due_at));
    assert!(kit.timeline("10001").iter().any(|l| l.what.args["act"] == "@act-alert-release"));
    let case = kit.read(|tx| tenure::store::offboarding::case_of_item(tx, letter.id)).unwrap();
    let freed = offboarding::same(&offboarding::card(&kit, case), &letter);
    assert_eq!((freed.state, freed.reviewer, freed.evidence.len()), (ItemState::Submitted, None, 1));
    assert_eq!(chen.refused(Act::AlertAssign { owner: "sun".into() }, a.id, None).why.code, "refused-no-operator");

    // The thaw of the order gives back what the order took.
    let thaw = || Act::FreezeThaw { plan_hash: None, confirm: None, ground: None };
    let back = order_of(&chen.on(thaw(), id, None));
    approve(&kit, "lin", back);
    kit.drain();
    assert_eq!(state(&kit, id), OrderState::Thawed);
    sun.ask(Query::Today);
    assert_eq!(kit.stored(a.id).owner, None, "and not what others may have taken up meanwhile");
    // So does another operator; he himself has no door to do it through.
    request(&kit, &chen, "20001", wish(Level::Suspend));
    kit.drain();
    let restore = || Act::OperatorRestore { name: "sun".into() };
    shut(sun.send(ActRequest { act: restore(), ..bare(Act::AlertAck) }).unwrap_err(), sun.turned_away("operator-ended"));
    lin.done(restore());
    sun.ask(Query::Today);
    kit.check();
}

fn operator_himself_is_known_by_name_and_number(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    sim.add("wang", "20002");
    sim.remove("u20002");
    for (name, person) in [("20001", None), ("zhangwei", None), ("20003", Some(kit.person("10001")))] {
        kit.me().done(Act::OperatorAdd { name: name.into(), role: Role::Hrbp, person, org: None });
    }
    let ended = || kit.sql_texts("select name from operators where ended_at is not null order by name");
    for (number, now) in [("20001", &["20001"][..]), ("20002", &["20001", "wang"]), ("20003", &["20001", "wang"])] {
        request(&kit, &kit.hand("chen"), number, wish(Level::Suspend));
        kit.drain();
        // A name of three people is nobody's, and a login that is somebody else's is not ended for its number.
        assert_eq!(ended(), now);
        kit.time.hours(25);
    }
    // A number of an earlier employment is theirs still.
    kit.me().done(Act::OperatorAdd { name: "10002".into(), role: Role::Hrbp, person: None, org: None });
    kit.load("exits", "number,last_day,exit\n10002,2026-03-02,resigned\n");
    kit.load("employees", &format!("{HEAD},person\n90002,王销远,/集团/快消部,销售总监,2026-03-04,,,高,10002\n"));
    sim.add("u90002", "90002");
    assert_eq!(kit.hand("10002").refused(wish(Level::Suspend), kit.person("90002"), None).why.code, "freeze-oneself");
    request(&kit, &kit.hand("chen"), "90002", wish(Level::Suspend));
    kit.drain();
    assert_eq!(ended(), ["10002", "20001", "wang"]);
}

/// A request without targets for an act that has none.
fn bare(act: Act) -> ActRequest {
    ActRequest { act, targets: Vec::new(), key: None, reason: None, written: None }
}

fn last_admin_or_service_account_in_plan(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let chen = kit.hand("chen");
    let with = |except: &[&str]| Act::FreezeRequest {
        level: Level::Suspend,
        mode: Mode::Immediate,
        at: None,
        plan_hash: None,
        confirm: None,
        ticket: None,
        except: except.iter().map(|e| (*e).to_owned()).collect(),
    };
    sim.edit("u20001", |k| k.protection = Some(Protection::LastAdmin));
    for act in [with(&[]), with(&["idp:u20001"])] {
        assert_eq!(chen.refused(act, kit.person("20001"), None).why.code, "freeze-protected", "the last one is never an exception");
    }
    sim.edit("u20001", |k| k.protection = Some(Protection::Service));
    for act in [with(&[]), with(&["idp:u20002"]), with(&["crm:u20001"])] {
        assert_eq!(chen.refused(act, kit.person("20001"), None).why.code, "freeze-protected");
    }
    // Named, it waits for another person even where it is meant to run at once.
    let id = request(&kit, &chen, "20001", with(&["idp:u20001"]));
    pass(&kit, 1);
    assert_eq!((state(&kit, id), sim.writes().len()), (OrderState::PendingApproval, 0));
    approve(&kit, "lin", id);
    kit.drain();
    assert_eq!((state(&kit, id), sim.known("u20001").enabled), (OrderState::Verified, false));
    // One person of a list: refused alone, and the others go.
    sim.edit("u20003", |k| k.protection = Some(Protection::BreakGlass));
    let targets = ["20002", "20003"].map(|n| Target { id: kit.person(n).0, version: None }).to_vec();
    let reply = chen.send(ActRequest { act: with(&[]), targets, key: None, reason: Some("x".into()), written: None }).unwrap();
    assert_eq!(reply.outcomes.iter().filter(|o| o.refusal.is_some()).count(), 1);
}

/// Field-notes.md 2.1.4: to enable an account revives its sessions.
fn no_thaw_over_sessions_that_came_back(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let (chen, thaw) = (kit.hand("chen"), || Act::FreezeThaw { plan_hash: None, confirm: None, ground: None });
    let id = request(&kit, &chen, "20001", wish(Level::Suspend));
    kit.drain();
    assert_eq!(state(&kit, id), OrderState::Verified);
    // Seen when it is asked for.
    sim.edit("u20001", |k| k.sessions = 3);
    assert_eq!(chen.refused(thaw(), id, None).why.code, "freeze-thaw-sessions");
    sim.edit("u20001", |k| k.sessions = 0);
    // Seen by a look between the asking and the approval.
    let asked = order_of(&chen.on(thaw(), id, None));
    sim.edit("u20001", |k| k.sessions = 3);
    kit.time.hours(2);
    pass(&kit, 1);
    approve(&kit, "lin", asked);
    pass(&kit, 2);
    let o = card(&kit, asked).row.order;
    assert_eq!((o.state, sim.known("u20001").enabled), (OrderState::Cancelled, false), "{:?}", o.why);
    // Seen only at the last moment.
    sim.edit("u20001", |k| k.sessions = 0);
    kit.hand("lin").on(Act::FreezeResume, id, None);
    pass(&kit, 8);
    let asked = order_of(&chen.on(thaw(), id, None));
    sim.edit("u20001", |k| k.sessions = 1);
    approve(&kit, "lin", asked);
    pass(&kit, 2);
    let c = card(&kit, asked);
    assert!(!sim.known("u20001").enabled && c.steps.iter().any(|s| s.state == StepState::Rejected), "{:?}", steps(&c));
}

fn a_session_that_is_seen_is_open_whatever_was_waived(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    sim.fail(&[Fault::None, Fault::None, Fault::Refused]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    pass(&kit, 2);
    let kill = card(&kit, id).steps.into_iter().find(|s| s.state == StepState::Rejected).unwrap();
    assert_eq!(kill.kind, StepKind::KillLive);
    kit.hand("lin").on(Act::FreezeWaive { step: kill.n, evidence: "told them to log off".into() }, id, None);
    pass(&kit, 3);
    let c = card(&kit, id);
    assert_eq!((c.row.order.state, c.residual_seconds), (OrderState::Complete, None), "{:?}", c.row.order.gaps);
    assert_eq!(
        kit.hand("chen").refused(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, id, None).why.code,
        "freeze-thaw-unknown"
    );
    sim.edit("u20001", |k| k.sessions = 0);
    kit.time.hours(2);
    pass(&kit, 2);
    assert_eq!(state(&kit, id), OrderState::Verified);
}

fn an_account_that_appeared_is_asked_for_anew(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    crm.remove("u20001");
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    crm.add("u20001", "20001");
    pass(&kit, 4);
    assert_eq!(state(&kit, id), OrderState::Partial);
    let person = kit.person("20001");
    let all = kit.read(|tx| tenure::store::freeze::of_person(tx, person));
    let asked = all.into_iter().map(|r| r.order).find(|o| o.id != id).expect("an addendum");
    assert_eq!((asked.state, asked.needed), (OrderState::PendingApproval, 1));
    assert!(crm.known("u20001").enabled, "the machine's word starts nothing");
    approve(&kit, "lin", asked.id);
    pass(&kit, 4);
    assert_eq!((state(&kit, asked.id), crm.known("u20001").enabled), (OrderState::Verified, false));
    assert_eq!(state(&kit, id), OrderState::Verified, "what kept it open is closed");
}

fn a_stuck_restriction_gives_way_to_a_suspension(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let kit = company(on, &[&idp, &crm]);
    let low = request(&kit, &kit.hand("chen"), "20001", wish(Level::Restrict));
    crm.down(true);
    pass(&kit, 3);
    assert_eq!(state(&kit, low), OrderState::Partial);
    crm.down(false);
    let high = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    let o = card(&kit, low).row.order;
    assert_eq!((o.held, o.yields_to, o.why.unwrap().code.as_ref()), (true, Some(high), "order-higher-asked"));
    assert_eq!(kit.hand("lin").refused(Act::FreezeResume, low, None).why.code, "freeze-busy");
    pass(&kit, 6);
    assert_eq!((state(&kit, high), idp.known("u20001").enabled, crm.known("u20001").enabled), (OrderState::Verified, false, false));
    // Then the restriction goes on.
    assert_eq!((state(&kit, low), crm.known("u20001").restricted), (OrderState::Verified, true));
}

fn a_thaw_that_is_waived_to_its_end_ends_the_freeze(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    kit.drain();
    let thaw = order_of(&kit.hand("chen").on(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, id, None));
    sim.fail(&[Fault::Refused]);
    approve(&kit, "lin", thaw);
    pass(&kit, 2);
    assert_eq!((state(&kit, thaw), state(&kit, id)), (OrderState::Failed, OrderState::Thawing));
    for step in card(&kit, thaw).steps.iter().rev() {
        kit.hand("lin").on(Act::FreezeWaive { step: step.n, evidence: "enabled by hand".into() }, thaw, None);
    }
    assert_eq!((state(&kit, thaw), state(&kit, id)), (OrderState::Complete, OrderState::Thawed));
}

/// Invariant 25 where no case is open: the file says that somebody stays who is frozen.
fn a_frozen_person_who_stays_is_told(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let people = |last_day: &str| format!("{HEAD},last_day\n20001,张伟,/集团/研发部,工程师,2020-01-01,10001,,中,{last_day}\n");
    kit.load("employees", &people("2026-03-31"));
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    kit.drain();
    kit.time.hours(24);
    kit.load("employees", &people(""));
    for _ in 0..3 {
        kit.time.hours(2);
        pass(&kit, 1);
    }
    let o = card(&kit, id).row.order;
    assert_eq!((o.state, o.why.unwrap().code.as_ref()), (OrderState::Verified, "order-stays"));
    assert_eq!((alerts(&kit, "freeze_stopped"), kit.count("select max(events) from alerts where kind = 'freeze_stopped'")), (1, 1));
}

fn approver_unreachable_is_reviewed(on: Engine) {
    let sim = Sim::new("idp");
    let kit = company(on, &[&sim]);
    let urgent = Act::FreezeRequest {
        level: Level::Suspend,
        mode: Mode::Emergency,
        at: None,
        plan_hash: None,
        confirm: None,
        ticket: Some("INC-7".into()),
        except: Vec::new(),
    };
    let id = request(&kit, &kit.hand("chen"), "20001", urgent);
    assert_eq!(alerts(&kit, "break_glass"), 1, "loud, and handled by whoever reviews it");
    kit.drain();
    assert_eq!((state(&kit, id), alerts(&kit, "break_glass")), (OrderState::Verified, 1));
}

fn handover_frozen_out(on: Engine) {
    let sim = Sim::new("crm");
    let kit = company(on, &[&sim]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Restrict));
    kit.drain();
    let known = sim.known("u20001");
    assert_eq!((state(&kit, id), known.restricted, known.enabled), (OrderState::Verified, true, true), "the form stays open");
    assert_eq!((known.sessions, known.secret), (2, 0));
}

fn idp_down_half_way_a_gateway_blocks_meanwhile(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    let vpn = Sim::new("vpn").with(|c| c.stands_in_for = vec!["idp".into()]);
    let kit = company(on, &[&idp, &crm, &vpn]);
    let of_vpn = || kit.read(|tx| tenure::store::freeze::of_person(tx, kit.person("20001"))).into_iter().map(|r| r.order);
    let standing = || of_vpn().filter(|o| o.intent.stands_in()).collect::<Vec<_>>();
    let said = |id| lines::order_lines(&card(&kit, id).row.order).into_iter().map(|l| l.code.to_string()).collect::<Vec<_>>();
    // While all is well it is in nobody's plan.
    let well = plan(&kit, "20001", Level::Suspend);
    assert!(well.observed.iter().all(|o| o.target != "vpn") && well.intent.steps.iter().all(|s| s.target != "vpn"));
    idp.down(true);
    let away = plan(&kit, "20001", Level::Suspend);
    assert!(away.warnings.iter().any(|w| w.code == "freeze-stand-in" && w.args["by"] == "vpn"), "{:?}", away.warnings);
    idp.down(false);

    idp.fail(&[Fault::GoesDown]);
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    kit.drain();
    assert_eq!(standing(), [], "a hiccup is nobody's business");
    pass(&kit, 3);
    let asked = standing().pop().expect("the machine asks");
    assert_eq!((asked.state, asked.needed, &asked.intent.stands_in_for[..]), (OrderState::PendingApproval, 1, &["idp".to_owned()][..]));
    let on: Vec<_> = asked.intent.steps.iter().map(|s| (s.target.as_str(), s.kind)).collect();
    assert_eq!(on, [("vpn", StepKind::BlockSignIn), ("vpn", StepKind::KillLive), ("vpn", StepKind::Verify)], "no secret is lost for it");
    assert!(vpn.known("u20001").enabled, "the machine's word starts nothing");
    assert!(said(id).contains(&"order-meanwhile".to_owned()) && said(asked.id).contains(&"order-stands-in".to_owned()));
    // Nobody is asked twice.
    kit.time.hours(1);
    pass(&kit, 10);
    assert_eq!(standing().len(), 1);
    approve(&kit, "lin", asked.id);
    pass(&kit, 2);
    let known = vpn.known("u20001");
    assert_eq!((state(&kit, asked.id), known.enabled, known.sessions, known.secret), (OrderState::Verified, false, 0, 0));
    assert_eq!(state(&kit, id), OrderState::Partial, "it hides nothing of what is open");

    idp.down(false);
    kit.time.hours(1);
    pass(&kit, 6);
    assert_eq!((state(&kit, id), vpn.known("u20001").enabled), (OrderState::Verified, false), "nothing is taken back by itself");
    assert!(said(id).contains(&"order-meanwhile-over".to_owned()));
    // What was blocked in its place comes back alone.
    let thaw = order_of(&kit.hand("chen").on(Act::FreezeThaw { plan_hash: None, confirm: None, ground: None }, asked.id, None));
    approve(&kit, "lin", thaw);
    pass(&kit, 2);
    assert_eq!((state(&kit, asked.id), state(&kit, id)), (OrderState::Thawed, OrderState::Verified));
    assert!(vpn.known("u20001").enabled && !idp.known("u20001").enabled && !crm.known("u20001").enabled);

    // A target that was not to be read when the plan was made, and a no. The next day: one approval is enough again.
    kit.time.hours(25);
    idp.down(true);
    let id = request(&kit, &kit.hand("chen"), "20002", wish(Level::Suspend));
    pass(&kit, 2);
    let mine = || kit.read(|tx| tenure::store::freeze::of_person(tx, kit.person("20002"))).into_iter().map(|r| r.order);
    let asked = mine().find(|o| o.intent.stands_in()).expect("asked for");
    // A no is an answer.
    kit.hand("lin").on(Act::FreezeCancel, asked.id, None);
    kit.time.hours(1);
    pass(&kit, 10);
    assert_eq!((mine().count(), vpn.known("u20002").enabled, state(&kit, id)), (2, true, OrderState::Partial));
}
