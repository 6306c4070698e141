//! Where walking out and freezing meet: the gate of dead accounts, who stays after all, and a handover that is not done by its day.

use crate::{
    freezes::{card as order, request, wish},
    kit::{Engine, Kit},
    offboarding::{card, card_of, company, duty, holds, under_way},
    sim::Sim,
};
use jiff::{SignedDuration, ToSpan, civil::Date};
use tenure::{
    domain::{
        act::Act,
        duty::{DutyDone, DutyKind, DutyState, due_on},
        freeze::{GapKind, Level, Mode, OrderState},
        offboarding::{CaseState, Gate},
        person::SpellState,
    },
    store,
};

on_all!(
    a_case_closes_only_over_dead_accounts,
    a_target_that_nobody_read_keeps_the_gate_shut,
    who_stays_after_a_freeze_is_not_forgotten,
    a_planned_freeze_of_somebody_who_stays_runs_nothing,
    notice_and_withdrawal_of_one_day_freeze_nobody,
    a_last_day_that_a_file_moves_is_followed,
    a_file_that_says_who_stays_stops_the_case,
    a_departure_on_file_leaves_the_case_open,
    an_overdue_handover_asks_for_a_restriction,
    an_overdue_handover_restricts_by_itself_where_the_company_says_so
);

fn frozen_company(on: Engine, config: &str) -> (Kit, Sim) {
    let sim = Sim::new("idp");
    sim.add("u10002", "10002");
    let kit = company(on);
    std::fs::write(kit.dir.path().join("tenure.toml"), config).unwrap();
    (kit.targets(vec![sim.shared()]), sim)
}

fn planned(kit: &Kit, hours: i64) -> Act {
    let at = Some(kit.time.now() + SignedDuration::from_hours(hours));
    let (level, mode) = (Level::Suspend, Mode::Planned);
    Act::FreezeRequest { level, mode, at, plan_hash: None, confirm: None, ticket: None, except: Vec::new() }
}

fn a_case_closes_only_over_dead_accounts(on: Engine) {
    let (kit, _sim) = frozen_company(on, "");
    let case = under_way(&kit, "10002", 20).row.case.id;
    assert!(!holds(&card(&kit, case), Gate::G6));
    // A restriction leaves the accounts alive: the gate stays shut.
    request(&kit, &kit.hand("chen"), "10002", wish(Level::Restrict));
    kit.drain();
    assert!(!holds(&card(&kit, case), Gate::G6));
    let id = request(&kit, &kit.hand("chen"), "10002", wish(Level::Suspend));
    assert!(!holds(&card(&kit, case), Gate::G6), "asked for is not done");
    kit.drain();
    assert_eq!(order(&kit, id).row.order.state, OrderState::Verified);
    assert!(holds(&card(&kit, case), Gate::G6));
}

/// What could not be read when the freeze was planned was not frozen by it.
fn a_target_that_nobody_read_keeps_the_gate_shut(on: Engine) {
    let (idp, crm) = (Sim::new("idp"), Sim::new("crm"));
    for sim in [&idp, &crm] {
        sim.add("u10002", "10002");
    }
    let kit = company(on).targets(vec![idp.shared(), crm.shared()]);
    let case = under_way(&kit, "10002", 20).row.case.id;
    crm.down(true);
    let first = request(&kit, &kit.hand("chen"), "10002", wish(Level::Suspend));
    kit.drain();
    let o = order(&kit, first);
    assert!(!idp.known("u10002").enabled && crm.known("u10002").enabled, "{:?}", o.row.order.state);
    assert!(!holds(&card(&kit, case), Gate::G6));
    let gap = o.row.order.gaps.iter().find(|g| g.what == GapKind::Unread).unwrap().n;
    kit.hand("lin").on(Act::FreezeWaive { step: gap, evidence: "its owner removed the account by hand".into() }, first, None);
    kit.drain();
    assert!(holds(&card(&kit, case), Gate::G6));
}

/// Invariant 25.
fn who_stays_after_a_freeze_is_not_forgotten(on: Engine) {
    let (kit, sim) = frozen_company(on, "");
    let case = under_way(&kit, "10002", 20).row.case.id;
    request(&kit, &kit.hand("chen"), "10002", wish(Level::Suspend));
    kit.drain();
    let c = card_of(&kit.hand("chen").on(Act::OffboardingWithdraw, case, None));
    let thaw = c.duties.iter().find(|d| d.kind == DutyKind::Thaw).unwrap();
    assert_eq!((thaw.state, sim.known("u10002").enabled), (DutyState::Open, false));
}

fn a_planned_freeze_of_somebody_who_stays_runs_nothing(on: Engine) {
    let (kit, sim) = frozen_company(on, "");
    let case = under_way(&kit, "10002", 20).row.case.id;
    let id = request(&kit, &kit.hand("chen"), "10002", planned(&kit, 10));
    let hash = order(&kit, id).row.order.plan_hash;
    kit.hand("lin").on(Act::FreezeApprove { hash }, id, None);
    kit.hand("chen").on(Act::OffboardingWithdraw, case, None);
    kit.time.hours(11);
    kit.drain();
    assert_eq!((order(&kit, id).row.order.state, sim.writes().len()), (OrderState::Cancelled, 0));
}

/// Two statements of one day: the hash of neither says who is right.
fn notice_and_withdrawal_of_one_day_freeze_nobody(on: Engine) {
    // Of two posts one comes to a greater hash than the notice and one to a smaller one.
    for post in ["总监", "副总监", "经理", "主管"] {
        let (kit, sim) = frozen_company(on, "");
        let say = |ends: &str| {
            let row = format!("10002,王销远,/集团/快消部,{post},2018-05-01,销售,高,{ends},2026-03-02\n");
            kit.load("employees", &format!("number,name,org,post,started,critical,impact,last_day,stated_on\n{row}"))
        };
        say("2026-03-31");
        let id = request(&kit, &kit.hand("chen"), "10002", planned(&kit, 10));
        let hash = order(&kit, id).row.order.plan_hash;
        kit.hand("lin").on(Act::FreezeApprove { hash }, id, None);
        say("");
        kit.time.hours(11);
        kit.drain();
        let o = order(&kit, id).row.order;
        assert_eq!((o.state, o.why.unwrap().code.as_ref(), sim.writes().len()), (OrderState::Cancelled, "order-spell-changed", 0));
    }
}

/// What a file says of the sales director, on another day than before.
fn record(kit: &Kit, last_day: Option<Date>) {
    kit.time.hours(24);
    let last_day = last_day.map_or_else(String::new, |d| d.to_string());
    let row = format!("10002,王销远,/集团/快消部,销售总监,2018-05-01,销售,高,{last_day}\n");
    kit.load("employees", &format!("number,name,org,post,started,critical,impact,last_day\n{row}"));
}

fn a_last_day_that_a_file_moves_is_followed(on: Engine) {
    let kit = company(on);
    let chen = kit.hand("chen");
    let before = under_way(&kit, "10002", 20);
    let id = before.row.case.id;
    let done = DutyDone { note: Some("已结清".into()), ..DutyDone::default() };
    let paid = duty(&card_of(&chen.on(Act::OffboardingDuty { done }, duty(&before, DutyKind::FinalPay).id, None)), DutyKind::FinalPay);
    // A row that says nothing new about the end moves nothing.
    record(&kit, None);
    assert_eq!(card(&kit, id).row.case, before.row.case);
    let (seq, to) = (kit.seq(), before.row.case.last_day + 30.days());
    record(&kit, Some(to));
    let c = card(&kit, id);
    let k = &c.row.case;
    assert_eq!((k.last_day, k.handover_due, k.state, k.exit), (to, to, before.row.case.state, before.row.case.exit));
    assert_eq!((k.version, k.touched_by.as_deref(), k.touched_act.as_str()), (before.row.case.version + 1, None, "offboarding.follow"));
    for d in c.duties.iter().filter(|d| d.kind != DutyKind::FinalPay) {
        assert_eq!((d.due_on, d.version), (due_on(d.kind, to), 2), "22: {d:?}");
    }
    assert_eq!(duty(&c, DutyKind::FinalPay), paid, "what was done keeps its day");
    // One entry, which the person's timeline shows.
    let [entry] = <[_; 1]>::try_from(kit.entries(seq).into_iter().filter(|e| e.act == "offboarding.follow").collect::<Vec<_>>()).unwrap();
    assert_eq!((entry.operator, entry.items.len(), entry.items[0].id), (None, c.duties.len(), id.0));
    assert!(kit.timeline("10002").iter().any(|l| l.id == Some(id.0) && l.at == entry.at));
    // A list of departures moves it too; a case that has ended is nobody's to move (invariant 24).
    let sooner = to - 10.days();
    kit.load("exits", &format!("number,last_day,exit\n10002,{sooner},resigned\n"));
    assert_eq!(card(&kit, id).row.case.last_day, sooner);
    chen.on(Act::OffboardingWithdraw, id, None);
    let ended = card(&kit, id).row.case;
    record(&kit, Some(sooner));
    record(&kit, Some(to));
    kit.service.run_daily().unwrap();
    kit.drain();
    assert_eq!(card(&kit, id).row.case, ended);
    kit.check();
}

/// The file takes the notice back that it gave: the case stands still until somebody settles it; whoever stays is not left locked out.
fn a_file_that_says_who_stays_stops_the_case(on: Engine) {
    for withdrawn in [true, false] {
        let (kit, sim) = frozen_company(on, "");
        let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
        let last_day = crate::offboarding::today(&kit) + 20.days();
        record(&kit, Some(last_day));
        let id = under_way(&kit, "10002", 19).row.case.id;
        request(&kit, &chen, "10002", wish(Level::Suspend));
        kit.drain();
        let before = card(&kit, id).row.case;
        record(&kit, None);
        let c = card(&kit, id);
        assert!(c.facts().stays() && c.row.case.state == before.state && c.row.case.version == before.version + 1);
        let (stays, thaw) = (duty(&c, DutyKind::Stays), duty(&c, DutyKind::Thaw));
        assert_eq!((stays.state, thaw.state, sim.known("u10002").enabled), (DutyState::Open, DutyState::Open, false), "25");
        for act in [Act::OffboardingAdvance, Act::OffboardingClose] {
            assert_eq!(chen.refused(act, id, None).why.code, "refused-case-stays");
        }
        let done = DutyDone { note: Some("x".into()), ..DutyDone::default() };
        assert_eq!(chen.refused(Act::OffboardingDuty { done }, stays.id, None).why.code, "refused-duty-stays");
        // It is not forgotten, and said once.
        for _ in 0..3 {
            kit.time.hours(24);
            kit.service.run_daily().unwrap();
            kit.drain();
        }
        assert_eq!(kit.count("select count(*) from alerts where kind = 'duty_overdue' and open = 1"), 1);
        assert_eq!(card(&kit, id).duties.iter().filter(|d| d.state == DutyState::Open && d.kind == DutyKind::Stays).count(), 1);
        let c = if withdrawn {
            card_of(&lin.on(Act::OffboardingWithdraw, id, None))
        } else {
            record(&kit, Some(last_day));
            card(&kit, id)
        };
        let (stays, thaw) = (duty(&c, DutyKind::Stays), duty(&c, DutyKind::Thaw));
        assert_eq!(c.duties.iter().filter(|d| d.kind == DutyKind::Thaw).count(), 1);
        if withdrawn {
            assert_eq!((c.row.case.state, stays.state, thaw.state), (CaseState::Withdrawn, DutyState::Void, DutyState::Open));
        } else {
            assert_eq!((c.row.case.last_day, stays.state, thaw.state), (last_day, DutyState::Void, DutyState::Void));
            assert_ne!(chen.refused(Act::OffboardingAdvance, id, None).why.code, "refused-case-stays");
        }
        kit.check();
    }
}

fn a_departure_on_file_leaves_the_case_open(on: Engine) {
    let kit = company(on);
    let c = under_way(&kit, "10002", 20);
    let gone = crate::offboarding::today(&kit) - 1.days();
    kit.load("exits", &format!("number,last_day,exit\n10002,{gone},dismissed\n"));
    let now = card(&kit, c.row.case.id);
    assert_eq!((now.leaver.state, now.row.case.last_day, now.row.case.state), (SpellState::Departed, gone, c.row.case.state));
    assert!(now.duties.iter().all(|d| d.due_on == due_on(d.kind, gone)), "22: {:?}", now.duties);
    // Late from that moment, not from tomorrow.
    assert!(now.row.case.overdue_at.is_some());
    assert_eq!(kit.count("select count(*) from alerts where kind = 'handover_overdue' and open = 1"), 1);
    kit.check();
}

/// [OF-4], automatic: the policy is the word, and a second person confirms afterwards.
fn an_overdue_handover_restricts_by_itself_where_the_company_says_so(on: Engine) {
    let (kit, sim) = frozen_company(on, "[offboarding]\non_overdue = \"automatic\"\n");
    under_way(&kit, "10002", 1);
    for _ in 0..3 {
        kit.time.hours(24);
        kit.service.run_daily().unwrap();
        kit.drain();
    }
    let orders = kit.read(|tx| store::freeze::of_person(tx, kit.person("10002")));
    let [row] = orders.as_slice() else { panic!("{orders:?}") };
    assert_eq!((row.order.intent.level, row.order.needed, row.order.confirm_due.is_some()), (Level::Restrict, 0, true));
    assert!(sim.known("u10002").restricted && sim.known("u10002").enabled, "the handover form stays open");
    kit.time.hours(5);
    kit.drain();
    assert_eq!(kit.count("select count(*) from alerts where kind = 'freeze_unconfirmed' and open = 1"), 1);
    kit.hand("lin").on(Act::FreezeConfirm, row.order.id, None);
    kit.check();
}

/// [OF-4]: by policy an overdue handover leads to a restriction, which somebody approves.
fn an_overdue_handover_asks_for_a_restriction(on: Engine) {
    for (policy, asked) in [("ask", 0), ("restrict", 1)] {
        let (kit, sim) = frozen_company(on, &format!("[offboarding]\non_overdue = \"{policy}\"\n"));
        under_way(&kit, "10002", 1);
        for _ in 0..3 {
            kit.time.hours(24);
            kit.service.run_daily().unwrap();
            kit.drain();
        }
        assert_eq!(kit.count("select count(*) from alerts where kind = 'handover_overdue' and open = 1"), 1);
        let orders = kit.read(|tx| store::freeze::of_person(tx, kit.person("10002")));
        assert_eq!((orders.len(), sim.writes().len()), (asked, 0), "{policy}");
        let Some(row) = orders.first() else { continue };
        assert_eq!((row.order.state, row.order.intent.level), (OrderState::PendingApproval, Level::Restrict));
        sim.fail(&[crate::sim::Fault::Refused]);
        kit.hand("lin").on(Act::FreezeApprove { hash: row.order.plan_hash.clone() }, row.order.id, None);
        kit.drain();
        // Whoever alone let the machine's request run does not declare it done as well.
        let waive = Act::FreezeWaive { step: 1, evidence: "they promised".into() };
        assert_eq!(kit.hand("lin").refused(waive, row.order.id, None).why.code, "refused-own-waiver");
        kit.hand("lin").on(Act::FreezeResume, row.order.id, None);
        kit.drain();
        assert!(sim.known("u10002").restricted && sim.known("u10002").enabled, "the handover form stays open");
        kit.check();
    }
}
