//! Retention plans: every act, every refusal, four eyes.

use crate::kit::{Engine, Hand, Kit};
use tenure::{
    backend::{ActReply, Query, Touched, answer::PlanRow},
    domain::{
        act::{Act, Entity, RefusalClass},
        approval::ApprovalState,
        ids::{ApprovalId, PlanId},
        plan::{PlanBody, PlanOutcome, PlanState, PlanTemplate},
    },
    store,
};
use uuid::Uuid;

on_all!(a_plan_goes_its_whole_way, a_plan_that_ends_early, four_eyes_on_plans, a_plan_belongs_to_its_person);

fn body() -> PlanBody {
    PlanBody { template: PlanTemplate::Pay, text: "晋升并调薪15%".into(), cost_fen: Some(6_000_000) }
}

pub fn create(kit: &Kit, hand: &Hand, number: &str) -> PlanRow {
    let alert = Some(kit.alert(number).alert.id);
    let reply = hand.on(Act::PlanCreate { alert, body: body() }, kit.person(number), None);
    row(&reply)
}

fn row(reply: &ActReply) -> PlanRow {
    let found = reply.touched.iter().find_map(|t| if let Touched::Plan(p) = t { Some(*p.clone()) } else { None });
    found.unwrap_or_else(|| panic!("{reply:?}"))
}

/// Does an act on a plan and looks at what it leaves behind.
fn done(kit: &Kit, hand: &Hand, act: Act, plan: &PlanRow) -> (ActReply, PlanRow) {
    let (seq, mark) = (kit.seq(), hand.watch(0).0);
    let reply = hand.on(act.clone(), plan.plan.id, Some(plan.plan.version));
    let now = row(&reply);
    let outcome = &reply.outcomes[0];
    assert_eq!((outcome.entity, outcome.id, outcome.version), (Entity::Plan, plan.plan.id.into(), Some(plan.plan.version + 1)));
    assert_eq!((now.plan.version, now.plan.touched_by.as_str()), (plan.plan.version + 1, hand.name()));
    let [entry] = <[_; 1]>::try_from(kit.entries(seq)).unwrap();
    assert_eq!((entry.act.as_str(), reply.entry), (act.name(), Some(entry.seq)));
    assert_eq!((entry.items[0].before, entry.items[0].after), (Some(plan.plan.version), Some(now.plan.version)));
    let lines: Vec<_> = kit.timeline(&now.employee.number).into_iter().filter(|l| l.at == entry.at).collect();
    assert_eq!((lines.len(), lines[0].id), (1, Some(plan.plan.id.into())));
    assert!(hand.watch(mark).1.contains(&plan.plan.id.0));
    (reply, now)
}

fn pending(reply: &ActReply) -> ApprovalId {
    reply.outcomes[0].pending.unwrap_or_else(|| panic!("{reply:?}"))
}

fn a_plan_goes_its_whole_way(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let seq = kit.seq();
    let p = create(&kit, &chen, "10001");
    assert_eq!((p.plan.state, p.plan.version, p.plan.proposer_name.as_str()), (PlanState::Draft, 1, "chen"));
    assert_eq!(kit.entries(seq).len(), 1);
    // Before approval nothing is carried out.
    assert_eq!(chen.refused(Act::PlanAdvance, p.plan.id, None).why.code, "refused-plan-state");
    let (reply, p) = done(&kit, &chen, Act::PlanSubmit, &p);
    assert_eq!(p.plan.state, PlanState::Submitted);
    let asked = pending(&reply);
    assert_eq!(p.approval, Some(asked.0));

    let seq = kit.seq();
    let granted = lin.on(Act::ApprovalGrant, asked, None);
    let [entry] = <[_; 1]>::try_from(kit.entries(seq)).unwrap();
    assert_eq!(entry.items.iter().map(|i| i.entity).collect::<Vec<_>>(), [Entity::Approval, Entity::Plan]);
    let p = row(&granted);
    assert_eq!((p.plan.state, p.plan.approver_name.as_deref(), p.approval), (PlanState::Approved, Some("lin"), None));

    let (_, p) = done(&kit, &chen, Act::PlanAdvance, &p);
    let (_, p) = done(&kit, &chen, Act::PlanAdvance, &p);
    assert_eq!(p.plan.state, PlanState::Committed);
    let retained = |days| Act::PlanOutcome { days, outcome: PlanOutcome::Retained };
    assert_eq!(chen.refused(retained(90), p.plan.id, None).why.code, "refused-plan-state");
    let (_, p) = done(&kit, &chen, Act::PlanAdvance, &p);
    assert_eq!((p.plan.state, p.plan.delivered_at.is_some()), (PlanState::Delivered, true));
    kit.time.hours(24 * 90 - 1);
    assert_eq!(chen.refused(retained(90), p.plan.id, None).why.code, "refused-outcome-early");
    assert_eq!(chen.refused(retained(60), p.plan.id, None).class, RefusalClass::Usage);
    kit.time.hours(2);
    let (_, p) = done(&kit, &chen, retained(90), &p);
    assert_eq!((p.plan.state, p.plan.outcome_90), (PlanState::Delivered, Some(PlanOutcome::Retained)));
    assert_eq!(chen.refused(retained(180), p.plan.id, None).why.code, "refused-outcome-early");
    kit.time.hours(24 * 90);
    let (_, p) = done(&kit, &chen, retained(180), &p);
    assert_eq!(p.plan.state, PlanState::Closed);
    assert_eq!(chen.refused(Act::PlanCancel, p.plan.id, None).why.code, "refused-plan-state");
    let listed = ask!(chen, Query::Plans { filter: Default::default(), slice: Default::default() } => Plans);
    assert_eq!(listed.rows.len(), 1);
    let one = ask!(chen, Query::Plan { id: p.plan.id } => Plan);
    assert_eq!(*one, listed.rows[0]);
    kit.check();
}

fn a_plan_that_ends_early(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    // Denied.
    let (reply, p) = done(&kit, &chen, Act::PlanSubmit, &create(&kit, &chen, "10001"));
    assert_eq!(lin.refused(Act::PlanReject, p.plan.id, None).why.code, "refused-plan-state", "only a denial rejects");
    let p = row(&lin.on(Act::ApprovalDeny, pending(&reply), None));
    assert_eq!(p.plan.state, PlanState::Rejected);
    // Cancelled, with its approval still open: the subject has changed.
    let (reply, p) = done(&kit, &chen, Act::PlanSubmit, &create(&kit, &chen, "10001"));
    let (_, p) = done(&kit, &chen, Act::PlanCancel, &p);
    assert_eq!(p.plan.state, PlanState::Cancelled);
    assert_eq!(lin.refused(Act::ApprovalGrant, pending(&reply), None).why.code, "refused-subject-changed");
    // Left within 90 days of delivery.
    let p = create(&kit, &chen, "10002");
    let (reply, _) = done(&kit, &chen, Act::PlanSubmit, &p);
    let mut p = row(&lin.on(Act::ApprovalGrant, pending(&reply), None));
    for _ in 0..3 {
        p = done(&kit, &chen, Act::PlanAdvance, &p).1;
    }
    kit.time.hours(24 * 91);
    let (_, p) = done(&kit, &chen, Act::PlanOutcome { days: 90, outcome: PlanOutcome::Left }, &p);
    assert_eq!(p.plan.state, PlanState::Closed);
    // An older version is a conflict that names who was first.
    let p = create(&kit, &chen, "10003");
    done(&kit, &chen, Act::PlanCancel, &p);
    let why = lin.refused(Act::PlanSubmit, p.plan.id, Some(p.plan.version));
    assert_eq!((why.class, why.why.args["by"].as_str()), (RefusalClass::Conflict, "chen"));
    kit.check();
}

/// Whoever drafted a plan and whoever submitted it have both proposed it.
fn four_eyes_on_plans(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin, wang) = (kit.hand("chen"), kit.hand("lin"), kit.hand("wang"));
    let (reply, p) = done(&kit, &lin, Act::PlanSubmit, &create(&kit, &chen, "10001"));
    let (asked, seq) = (pending(&reply), kit.seq());
    for own in [&chen, &lin] {
        let why = own.refused(Act::ApprovalGrant, asked, None);
        assert_eq!((why.class, why.why.code.as_ref()), (RefusalClass::Policy, "refused-own-approval"));
    }
    assert_eq!((kit.seq(), kit.read(|tx| store::approval::get(tx, asked)).unwrap().state), (seq, ApprovalState::Open));
    let p2 = row(&wang.on(Act::ApprovalGrant, asked, None));
    assert_eq!((p2.plan.id, p2.plan.state), (p.plan.id, PlanState::Approved));
    // What is decided stays decided, and says by whom.
    for act in [Act::ApprovalGrant, Act::ApprovalDeny] {
        let why = lin.refused(act, asked, None);
        assert_eq!((why.class, why.why.args["by"].as_str()), (RefusalClass::Conflict, "wang"));
    }
    kit.check();
}

fn a_plan_belongs_to_its_person(on: Engine) {
    let kit = Kit::company(on);
    let (chen, seq) = (kit.hand("chen"), kit.seq());
    let create = |alert, body| Act::PlanCreate { alert, body };
    let other = Some(kit.alert("10002").alert.id);
    let why = chen.refused(create(other, body()), kit.person("10001"), None);
    assert_eq!(why.class, RefusalClass::NotFound, "the alert of somebody else");
    assert_eq!(chen.refused(create(None, body()), Uuid::from_u128(9), None).class, RefusalClass::NotFound);
    let empty = PlanBody { text: " ".into(), ..body() };
    assert_eq!(chen.refused(create(None, empty), kit.person("10001"), None).why.code, "refused-empty-text");
    let gift = PlanBody { cost_fen: Some(-1), ..body() };
    assert_eq!(chen.refused(create(None, gift), kit.person("10001"), None).why.code, "refused-negative-cost");
    assert_eq!(chen.refused(Act::PlanSubmit, PlanId(Uuid::from_u128(9)), None).class, RefusalClass::NotFound);
    assert_eq!(kit.seq(), seq);
    kit.check();
}
