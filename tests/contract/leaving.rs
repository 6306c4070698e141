//! Where walking out and freezing meet: the gate of dead accounts, who stays after all, and a handover that is not done by its day.

use crate::{
    freezes::{card as order, request, wish},
    kit::{Engine, Kit},
    offboarding::{card, card_of, company, holds, under_way},
    sim::Sim,
};
use jiff::SignedDuration;
use tenure::{
    domain::{
        act::Act,
        duty::{DutyKind, DutyState},
        freeze::{GapKind, Level, Mode, OrderState},
        offboarding::Gate,
    },
    store,
};

on_both!(
    a_case_closes_only_over_dead_accounts,
    a_target_that_nobody_read_keeps_the_gate_shut,
    who_stays_after_a_freeze_is_not_forgotten,
    a_planned_freeze_of_somebody_who_stays_runs_nothing,
    an_overdue_handover_asks_for_a_restriction
);

fn frozen_company(on: Engine, config: &str) -> (Kit, Sim) {
    let sim = Sim::new("idp");
    sim.add("u10002", "10002");
    let kit = company(on);
    std::fs::write(kit.dir.path().join("tenure.toml"), config).unwrap();
    (kit.targets(vec![sim.shared()]), sim)
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
    let at = Some(kit.time.now() + SignedDuration::from_hours(10));
    let plan = Act::FreezeRequest {
        level: Level::Suspend,
        mode: Mode::Planned,
        at,
        plan_hash: None,
        confirm: None,
        ticket: None,
        except: Vec::new(),
    };
    let id = request(&kit, &kit.hand("chen"), "10002", plan);
    let hash = order(&kit, id).row.order.plan_hash;
    kit.hand("lin").on(Act::FreezeApprove { hash }, id, None);
    kit.hand("chen").on(Act::OffboardingWithdraw, case, None);
    kit.time.hours(11);
    kit.drain();
    assert_eq!((order(&kit, id).row.order.state, sim.writes().len()), (OrderState::Cancelled, 0));
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
