//! Walking people out: the whole way, every refusal, both tracks, the clocks, evidence.

use crate::{
    customers,
    kit::{Engine, Hand, Kit, ROOMS},
};
use jiff::{ToSpan, civil::Date};
use std::io::Cursor;
use tenure::{
    backend::{ActReply, Preview, Put, Query, Touched, answer::OffboardingCard, query::CaseView},
    domain::{
        act::{Act, Entity, RefusalClass},
        alert::{AlertKind, AlertOutcome},
        duty::{DutyDone, DutyKind, DutyState},
        handover::{Evidence, FileRef, HandoverItem, ItemKind, ItemState, Location},
        ids::{ApprovalId, CaseId, PersonId},
        offboarding::{CaseState, Gate, NewCase},
        operator::Role,
        person::{ExitKind, SpellState},
        stages::{During, SHIPPED},
    },
    store,
};
use uuid::Uuid;

on_all!(
    a_case_goes_its_whole_way,
    an_item_comes_back_and_is_handed_in_again,
    counts_are_compared_with_the_ledger_of_the_moment,
    a_stage_opens_by_its_own_gates_after_the_stages_it_names,
    what_must_not_be_is_refused,
    a_waiver_takes_two,
    accepted_stays_accepted,
    the_statutory_track_waits_for_no_gate,
    overdue_raises_one_alarm,
    the_clock_comes_past_those_that_are_through,
    a_customer_who_could_decline_is_not_forgotten,
    files_that_nothing_came_of_are_dropped,
    evidence_is_read_with_an_entry,
    a_file_goes_in_parts_and_is_whole_or_not_there,
    the_export_is_a_job_of_the_company,
    a_location_needs_the_switch_consent_and_purpose,
    the_board_is_paged_and_counted,
    an_erased_leaver_leaves_no_words,
    employee_rehired,
    resignation_withdrawn,
    back_dated_termination,
    handover_frozen_out,
    customer_declines_transfer,
    hr_file_marks_3_000_as_left_by_mistake,
    operator_himself_is_leaving,
    what_turns_up_later_joins_the_list,
    job_abandonment_from_any_state,
);

/// The sales director with three customers, and a line manager who reviews.
pub fn company(on: Engine) -> Kit {
    let kit = customers::company(on);
    kit.me().done(Act::OperatorAdd { name: "sun".into(), role: Role::LineManager, person: None, org: None });
    kit
}

pub fn today(kit: &Kit) -> Date {
    kit.service.day(kit.time.now())
}

pub fn last_day(kit: &Kit, days: i64) -> NewCase {
    NewCase { exit: ExitKind::Resigned, last_day: today(kit) + days.days(), notice_on: None }
}

pub fn card_of(reply: &ActReply) -> OffboardingCard {
    let found = reply.touched.iter().find_map(|t| if let Touched::Offboarding(c) = t { Some(*c.clone()) } else { None });
    found.unwrap_or_else(|| panic!("{reply:?}"))
}

pub fn start(kit: &Kit, hand: &Hand, number: &str, days: i64) -> OffboardingCard {
    card_of(&hand.on(Act::OffboardingStart { new: last_day(kit, days) }, kit.person(number), None))
}

pub fn card(kit: &Kit, id: CaseId) -> OffboardingCard {
    *ask!(kit.me(), Query::Offboarding { id } => Offboarding)
}

/// A case that is handed over: started by chen, approved by lin.
pub fn under_way(kit: &Kit, number: &str, days: i64) -> OffboardingCard {
    let c = start(kit, &kit.hand("chen"), number, days);
    kit.hand("lin").on(Act::OffboardingApprove, c.row.case.id, None);
    card_of(&kit.hand("chen").on(Act::OffboardingAdvance, c.row.case.id, None))
}

pub fn put(hand: &Hand, name: &str, bytes: &[u8]) -> FileRef {
    let put = hand.door().put(Put::Evidence { file: name.into() }, Box::new(Cursor::new(bytes.to_vec())), Box::new(|_| {}));
    FileRef { hash: ROOMS.block_on(put).unwrap().hash, name: name.into() }
}

/// What an item wants.
pub fn good(kit: &Kit, hand: &Hand, item: &HandoverItem) -> Evidence {
    let file = Some(put(hand, "letter.pdf", format!("signed {}", item.id).as_bytes()));
    let e = Evidence { file, ..Evidence::default() };
    match item.kind {
        ItemKind::Customer => Evidence { signatory: Some("王经理".into()), signed_on: Some(today(kit)), ..e },
        ItemKind::Visit => {
            Evidence { signatory: Some("王经理".into()), signed_on: Some(today(kit)), place: Some("客户办公室".into()), ..e }
        }
        ItemKind::CustomerList => Evidence { customers: Some(item.ledger.customers), ..e },
        ItemKind::Orders => Evidence { orders: Some(item.ledger.orders), ..e },
        ItemKind::Receivables => Evidence { receivable_fen: Some(item.ledger.receivable_fen), ..e },
        _ => e,
    }
}

pub fn submit(kit: &Kit, hand: &Hand, item: &HandoverItem) -> OffboardingCard {
    let evidence = Box::new(good(kit, hand, item));
    card_of(&hand.on(Act::OffboardingSubmit { evidence }, item.id, None))
}

pub fn item(c: &OffboardingCard, kind: ItemKind) -> HandoverItem {
    c.items.iter().find(|i| i.kind == kind).unwrap_or_else(|| panic!("no {kind}: {c:?}")).clone()
}

pub fn same(c: &OffboardingCard, item: &HandoverItem) -> HandoverItem {
    c.items.iter().find(|i| i.id == item.id).unwrap().clone()
}

pub fn duty(c: &OffboardingCard, kind: DutyKind) -> tenure::domain::duty::Duty {
    c.duties.iter().find(|d| d.kind == kind).unwrap_or_else(|| panic!("no {kind}: {c:?}")).clone()
}

pub fn holds(c: &OffboardingCard, gate: Gate) -> bool {
    c.gates.iter().any(|g| g.gate == gate && g.holds)
}

/// Codes of the missing lines of a gate.
fn missing(c: &OffboardingCard, gate: Gate) -> Vec<String> {
    c.gates.iter().filter(|g| g.gate == gate).flat_map(|g| &g.missing).map(|m| m.code.to_string()).collect()
}

pub fn pending(reply: &ActReply) -> ApprovalId {
    reply.outcomes[0].pending.unwrap_or_else(|| panic!("{reply:?}"))
}

/// Every item of a part of the case is handed in by wang and accepted by its reviewer.
pub fn settle(kit: &Kit, c: &OffboardingCard, of: impl Fn(ItemKind) -> bool) -> OffboardingCard {
    for i in c.items.iter().filter(|i| of(i.kind) && !i.state.is_settled()) {
        submit(kit, &kit.hand("wang"), i);
        kit.hand(i.reviewer_name.as_deref().unwrap()).on(Act::OffboardingReview { hash: None }, i.id, None);
    }
    card(kit, c.row.case.id)
}

pub fn handed(kind: ItemKind) -> bool {
    !matches!(kind, ItemKind::Export | ItemKind::Asset | ItemKind::Accounts)
}

/// The customers of somebody go to another salesperson.
pub fn transfer_all(kit: &Kit, from: &str, to: &str) {
    let (from, to) = (kit.person(from), kit.person(to));
    let lin = kit.hand("lin");
    for h in kit.read(|tx| store::customer::held_by(tx, from)) {
        lin.on(Act::CustomerTransfer { to }, h.customer, None);
        lin.on(Act::CustomerAdvance { confirmed: false }, h.customer, None);
        lin.on(Act::CustomerAdvance { confirmed: false }, h.customer, None);
        kit.time.hours(25);
        lin.on(Act::CustomerAdvance { confirmed: false }, h.customer, None);
    }
}

fn waive(hand: &Hand, by: &Hand, item: &HandoverItem) {
    let reply = hand.on(Act::OffboardingWaive { why: "没有账号".into() }, item.id, None);
    by.on(Act::ApprovalGrant, pending(&reply), None);
}

fn a_case_goes_its_whole_way(on: Engine) {
    let kit = company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let (seq, mark) = (kit.seq(), chen.watch(0).0);
    let c = start(&kit, &chen, "10002", 20);
    let id = c.row.case.id;
    let [entry] = <[_; 1]>::try_from(kit.entries(seq)).unwrap();
    assert_eq!((entry.act.as_str(), entry.items.len(), entry.items[0].entity), ("offboarding.start", 1, Entity::Offboarding));
    assert!(chen.watch(mark).1.contains(&id.0));
    let lines: Vec<_> = kit.timeline("10002").into_iter().filter(|l| l.at == entry.at).collect();
    assert_eq!((lines.len(), lines[0].id), (1, Some(id.0)));
    assert_eq!(
        (c.row.case.state, c.leaver.state, c.leaver.last_day),
        (CaseState::Submitted, SpellState::Notice, Some(c.row.case.last_day))
    );
    // Drawn from the store: three customers, their orders, what they owe.
    let kinds = |k| c.items.iter().filter(|i| i.kind == k).count();
    assert_eq!(
        (kinds(ItemKind::Customer), kinds(ItemKind::CustomerList), kinds(ItemKind::Orders), kinds(ItemKind::Receivables)),
        (3, 1, 1, 1)
    );
    assert_eq!((item(&c, ItemKind::Orders).ledger.orders, item(&c, ItemKind::Receivables).ledger.receivable_fen), (3, 412_301));
    assert_eq!(item(&c, ItemKind::Customer).reviewer_name.as_deref(), Some("sun"), "a sales manager");
    assert_eq!(item(&c, ItemKind::Export).reviewer_name.as_deref(), Some("chen"), "an HR specialist");
    assert_eq!(missing(&c, Gate::G6), ["missing-no-freeze"]);
    // Nobody approves what they started.
    assert_eq!(chen.refused(Act::OffboardingApprove, id, None).why.code, "refused-own-case");
    let a = item(&c, ItemKind::Asset);
    assert_eq!(chen.refused(Act::OffboardingSubmit { evidence: Box::default() }, a.id, None).why.code, "refused-case-state");
    let c = card_of(&lin.on(Act::OffboardingApprove, id, Some(1)));
    assert_eq!((c.row.case.state, c.row.case.version, c.row.case.approver_name.as_deref()), (CaseState::Approved, 2, Some("lin")));
    let why = chen.refused(Act::OffboardingAdvance, id, Some(1));
    assert_eq!((why.class, why.why.args["by"].as_str()), (RefusalClass::Conflict, "lin"));
    let c = card_of(&chen.on(Act::OffboardingAdvance, id, None));
    assert_eq!(c.row.case.state, CaseState::Handover);
    // A stage does not open until its gate holds, and says which line is missing.
    let why = chen.refused(Act::OffboardingAdvance, id, None);
    assert_eq!((why.class, why.why.code.as_ref(), why.why.args["gate"].as_str()), (RefusalClass::Policy, "refused-gate-shut", "@gate-g1"));
    let evidence = Box::new(good(&kit, &chen, &a));
    assert_eq!(lin.refused(Act::OffboardingSubmit { evidence }, a.id, None).why.code, "refused-gate-shut");

    let c = settle(&kit, &c, handed);
    assert_eq!(c.row.case.state, CaseState::Review);
    assert_eq!(c.gates.iter().map(|g| g.holds).collect::<Vec<_>>(), [true, false, true, true, false, false]);
    assert_eq!(missing(&c, Gate::G2), ["missing-customer-held"; 3]);
    let owed = kit.read(store::customer::owed);
    transfer_all(&kit, "10002", "10003");
    assert_eq!(kit.read(store::customer::owed), owed, "17: receivables are conserved");
    let c = card_of(&chen.on(Act::OffboardingAdvance, id, None));
    assert_eq!(c.row.case.state, CaseState::Clearance);
    assert_eq!(chen.refused(Act::OffboardingAdvance, id, None).why.args["gate"], "@gate-g5");
    settle(&kit, &c, |k| matches!(k, ItemKind::Asset | ItemKind::Export));
    let c = card_of(&chen.on(Act::OffboardingAdvance, id, None));
    assert_eq!(c.row.case.state, CaseState::ReadyToClose);
    assert_eq!(chen.refused(Act::OffboardingClose, id, None).why.args["gate"], "@gate-g6");
    let accounts = item(&c, ItemKind::Accounts);
    assert_eq!(lin.refused(Act::OffboardingSubmit { evidence: Box::default() }, accounts.id, None).why.code, "refused-accounts-by-order");
    waive(&chen, &lin, &accounts);
    let c = card_of(&chen.on(Act::OffboardingClose, id, None));
    assert_eq!(c.row.case.state, CaseState::Closed);
    assert!(c.gates.iter().all(|g| g.holds), "21: {:?}", c.gates);
    // Closed stays closed.
    for act in [Act::OffboardingAdvance, Act::OffboardingClose, Act::OffboardingWithdraw, Act::OffboardingApprove] {
        assert_eq!(chen.refused(act, id, None).why.code, "refused-case-state");
    }
    // The statutory track goes on.
    let d = duty(&c, DutyKind::SocialInsurance);
    let done = DutyDone { note: Some("已办理转移".into()), ..DutyDone::default() };
    assert_eq!(duty(&card_of(&chen.on(Act::OffboardingDuty { done }, d.id, None)), d.kind).state, DutyState::Done);
    kit.check();
}

fn an_item_comes_back_and_is_handed_in_again(on: Engine) {
    let kit = company(on);
    let c = under_way(&kit, "10002", 20);
    let (wang, sun) = (kit.hand("wang"), kit.hand("sun"));
    let letter = item(&c, ItemKind::Customer);
    let hand_in = |e: Evidence| card_of(&wang.on(Act::OffboardingSubmit { evidence: Box::new(e) }, letter.id, None));
    // What a rule can see comes back at once: missing, unsigned, other figures than the ledger's.
    let full = good(&kit, &wang, &letter);
    let faults = [
        (Evidence { file: None, ..full.clone() }, "return-no-file"),
        (Evidence { signatory: None, ..full.clone() }, "return-unsigned"),
        (Evidence { signed_on: None, ..full.clone() }, "return-unsigned"),
        (Evidence { orders: Some(letter.ledger.orders + 1), ..full.clone() }, "return-orders"),
        (Evidence { receivable_fen: Some(1), ..full.clone() }, "return-receivables"),
    ];
    for (n, (e, code)) in faults.into_iter().enumerate() {
        let c = hand_in(e);
        let i = same(&c, &letter);
        assert_eq!((i.state, i.evidence.len(), c.row.case.state), (ItemState::Returned, n + 1, CaseState::Returned));
        assert_eq!(i.returned_why().unwrap().code, code);
        assert_eq!(i.evidence[n].verdict.as_ref().unwrap().by, None, "the machine");
    }
    let c = hand_in(full.clone());
    let i = same(&c, &letter);
    assert_eq!((i.state, i.evidence.len(), c.row.case.state), (ItemState::UnderReview, 6, CaseState::Handover));
    assert_eq!(wang.refused(Act::OffboardingSubmit { evidence: Box::new(full.clone()) }, i.id, None).why.code, "refused-item-state");
    // A reviewer sends it back, with a reason; the same one sees it again.
    assert_eq!(sun.refused(Act::OffboardingReturn { why: " ".into() }, i.id, None).class, RefusalClass::Usage);
    let c = card_of(&sun.on(Act::OffboardingReturn { why: "缺客户签字".into() }, i.id, Some(i.version)));
    let back = same(&c, &letter);
    assert_eq!((back.state, back.returned_why().unwrap().args["why"].as_str()), (ItemState::Returned, "缺客户签字"));
    let c = hand_in(Evidence { note: Some("补签".into()), ..full.clone() });
    let again = same(&c, &letter);
    assert_eq!((again.state, again.reviewer_name.as_deref()), (ItemState::UnderReview, Some("sun")));
    // The file that was looked at is the one that is accepted.
    let other = Act::OffboardingReview { hash: Some("0".repeat(64)) };
    assert_eq!(sun.refused(other, again.id, None).why.code, "refused-other-hash");
    let hash = full.file.as_ref().map(|f| f.hash.clone());
    let c = card_of(&sun.on(Act::OffboardingReview { hash }, again.id, None));
    let done = same(&c, &letter);
    assert_eq!((done.state, done.evidence.len()), (ItemState::Accepted, 7));
    // Nothing that was handed in is lost, and each version has the verdict that it got.
    assert_eq!(done.evidence.iter().map(|v| v.n).collect::<Vec<_>>(), (1..=7).collect::<Vec<_>>());
    assert_eq!(
        done.evidence.iter().map(|v| v.verdict.as_ref().unwrap().accepted).collect::<Vec<_>>(),
        [false, false, false, false, false, false, true]
    );
    assert!(done.evidence[5].evidence.note.is_none() && done.evidence[6].evidence.note.is_some());
    kit.check();
}

/// A file comes after the list was drawn up, and another between handing in and accepting.
fn counts_are_compared_with_the_ledger_of_the_moment(on: Engine) {
    let kit = company(on);
    let c = under_way(&kit, "10002", 20);
    let (id, wang, sun) = (c.row.case.id, kit.hand("wang"), kit.hand("sun"));
    let (list, orders, owed) = (item(&c, ItemKind::CustomerList), item(&c, ItemKind::Orders), item(&c, ItemKind::Receivables));
    let ledger = |i: &HandoverItem| same(&card(&kit, id), i).ledger;
    let order = |n: &str, day: &str, state: &str| {
        let row = format!("number,customer,placed_on,amount,state\n{n},K001,{day},5,{state}\n");
        assert_eq!(kit.load("orders", &row).refused, 0);
    };
    assert_eq!((orders.ledger.orders, owed.ledger.receivable_fen, list.ledger.customers), (3, 412_301, 3));
    order("D9", "2026-03-01", "open");
    kit.load("receivables", "number,customer,amount,due_on\nR9,K003,1.00,2026-04-30\n");
    kit.load("customers", "number,name,contact,owner,owned_from,owned_until\nK009,新到公司,,10002,2026-03-02,\n");
    let state_orders = |n| {
        let e = Evidence { orders: Some(n), ..good(&kit, &wang, &orders) };
        same(&card_of(&wang.on(Act::OffboardingSubmit { evidence: Box::new(e) }, orders.id, None)), &orders)
    };
    // What the list said is not true any more.
    let back = state_orders(3);
    let why = back.returned_why().unwrap();
    assert_eq!(
        (back.state, why.code.as_ref(), why.args["stated"].as_str(), why.args["ledger"].as_str()),
        (ItemState::Returned, "return-orders", "3", "4")
    );
    assert_eq!(state_orders(4).state, ItemState::UnderReview);
    for (i, figure) in [
        (&list, Evidence { customers: Some(4), ..Evidence::default() }),
        (&owed, Evidence { receivable_fen: Some(412_401), ..Evidence::default() }),
    ] {
        let e = Evidence { file: good(&kit, &wang, i).file, ..figure };
        let c = card_of(&wang.on(Act::OffboardingSubmit { evidence: Box::new(e) }, i.id, None));
        assert_eq!(same(&c, i).state, ItemState::UnderReview, "a truthful figure is not sent back: {:?}", same(&c, i));
    }
    // What became wrong since is not accepted: the reviewer sees both figures, sends it back, and it is stated again.
    order("D8", "2026-03-02", "open");
    assert_eq!(ledger(&orders).orders, 5);
    let why = sun.refused(Act::OffboardingReview { hash: None }, orders.id, None);
    assert_eq!((why.class, why.why.code.as_ref(), why.why.args["ledger"].as_str()), (RefusalClass::Policy, "return-orders", "5"));
    assert!(!holds(&card(&kit, id), Gate::G4));
    sun.on(Act::OffboardingReturn { why: "台账有变动，请重新核对".into() }, orders.id, None);
    assert_eq!(state_orders(5).state, ItemState::UnderReview);
    // Customers who were handed over meanwhile count with what went with them; what their new owner sells is not the leaver's.
    transfer_all(&kit, "10002", "10003");
    order("D7", "2026-03-04", "open");
    assert_eq!((ledger(&orders).orders, ledger(&list).customers, ledger(&owed).receivable_fen), (5, 4, 412_401));
    for i in [&orders, &list, &owed] {
        sun.on(Act::OffboardingReview { hash: None }, i.id, None);
    }
    // Accepted stays accepted, with the figures that it was accepted with.
    let kept = ledger(&orders);
    order("D9", "2026-03-01", "completed");
    assert_eq!((kept.orders, ledger(&orders)), (5, kept));
    kit.check();
}

/// A company that exports while reviews go on, and takes laptops back only then.
fn a_stage_opens_by_its_own_gates_after_the_stages_it_names(on: Engine) {
    let kit = company(on);
    let gates = "opens_after = [\"g1\", \"g2\", \"g3\", \"g4\"]";
    let text = SHIPPED.1.replacen(gates, "opens_after = [\"g1\"]", 1).replacen(gates, &format!("{gates}\nafter = [\"data_export\"]"), 1);
    std::fs::create_dir(kit.dir.path().join("offboarding")).unwrap();
    std::fs::write(kit.dir.path().join("offboarding").join(SHIPPED.0), text).unwrap();
    let kit = kit.targets(Vec::new());
    let c = under_way(&kit, "10002", 20);
    let (id, wang) = (c.row.case.id, kit.hand("wang"));
    let (export, asset) = (item(&c, ItemKind::Export), item(&c, ItemKind::Asset));
    let refused = |i: &HandoverItem| {
        let evidence = Box::new(good(&kit, &wang, i));
        wang.refused(Act::OffboardingSubmit { evidence }, i.id, None).why
    };
    assert_eq!(refused(&export).args["gate"], "@gate-g1");
    assert_eq!(kit.hand("chen").refused(Act::OffboardingAdvance, id, None).why.args["gate"], "@gate-g1");
    for i in c.items.iter().filter(|i| handed(i.kind)) {
        submit(&kit, &wang, i);
    }
    assert_eq!(card_of(&kit.hand("chen").on(Act::OffboardingAdvance, id, None)).row.case.state, CaseState::Clearance);
    submit(&kit, &wang, &export);
    assert_eq!(refused(&asset).args["gate"], "@gate-g2", "its own gates");
    for i in c.items.iter().filter(|i| handed(i.kind)) {
        kit.hand(i.reviewer_name.as_deref().unwrap()).on(Act::OffboardingReview { hash: None }, i.id, None);
    }
    transfer_all(&kit, "10002", "10003");
    let why = refused(&asset);
    assert_eq!((why.code.as_ref(), why.args["state"].as_str()), ("refused-stage-shut", "@item-state-under-review"));
    kit.hand("chen").on(Act::OffboardingReview { hash: None }, export.id, None);
    submit(&kit, &wang, &asset);
    kit.check();
}

fn what_must_not_be_is_refused(on: Engine) {
    let kit = company(on);
    let (chen, wang, sun, lin) = (kit.hand("chen"), kit.hand("wang"), kit.hand("sun"), kit.hand("lin"));
    let seq = kit.seq();
    let start = |new| Act::OffboardingStart { new };
    let person = kit.person("10002");
    let early = NewCase { last_day: "2018-04-30".parse().unwrap(), ..last_day(&kit, 0) };
    assert_eq!(chen.refused(start(early), person, None).why.code, "refused-last-day-before-start");
    let told = NewCase { notice_on: Some(today(&kit) + 1.days()), ..last_day(&kit, 20) };
    assert_eq!(chen.refused(start(told), person, None).why.code, "refused-notice-day");
    assert_eq!(chen.refused(start(last_day(&kit, 0)), PersonId(Uuid::from_u128(7)), None).class, RefusalClass::NotFound);
    assert_eq!(chen.refused(Act::OffboardingApprove, Uuid::from_u128(7), None).class, RefusalClass::NotFound);
    assert_eq!(kit.seq(), seq);
    let c = under_way(&kit, "10002", 20);
    let why = chen.refused(start(last_day(&kit, 20)), person, None);
    assert_eq!((why.class, why.why.code.as_ref()), (RefusalClass::Conflict, "refused-case-exists"));
    let letter = item(&c, ItemKind::Customer);
    let full = || Box::new(good(&kit, &wang, &letter));
    // The reviewer hands nothing in, who hands in reviews nothing, and nobody reviews in another's place.
    assert_eq!(sun.refused(Act::OffboardingSubmit { evidence: full() }, letter.id, None).why.code, "refused-reviewer-submits");
    assert_eq!(sun.refused(Act::OffboardingReview { hash: None }, letter.id, None).why.code, "refused-item-state");
    submit(&kit, &wang, &letter);
    assert_eq!(wang.refused(Act::OffboardingReview { hash: None }, letter.id, None).why.code, "refused-submitter-reviews");
    assert_eq!(wang.refused(Act::OffboardingAssign { reviewer: "wang".into() }, letter.id, None).why.code, "refused-submitter-reviews");
    let why = lin.refused(Act::OffboardingReview { hash: None }, letter.id, None);
    assert_eq!((why.why.code.as_ref(), why.why.args["name"].as_str()), ("refused-not-reviewer", "sun"));
    assert_eq!(lin.refused(Act::OffboardingAssign { reviewer: "nobody".into() }, letter.id, None).class, RefusalClass::NotFound);
    assert_eq!(lin.refused(Act::OffboardingAssign { reviewer: "sun".into() }, letter.id, None).why.code, "refused-already-reviewer");
    lin.on(Act::OffboardingAssign { reviewer: "lin".into() }, letter.id, None);
    let seen = same(&card(&kit, c.row.case.id), &letter).version;
    lin.on(Act::OffboardingReview { hash: None }, letter.id, Some(seen));
    let why = lin.refused(Act::OffboardingReturn { why: "x".into() }, letter.id, Some(seen));
    assert_eq!((why.class, why.why.args["by"].as_str()), (RefusalClass::Conflict, "lin"));
    // Evidence that nobody stored, a signature of tomorrow, negative figures.
    let list = item(&c, ItemKind::CustomerList);
    let none = Evidence { file: Some(FileRef { hash: "ab".repeat(32), name: "x".into() }), ..Evidence::default() };
    let submit = |e: Evidence| wang.refused(Act::OffboardingSubmit { evidence: Box::new(e) }, list.id, None).why.code;
    assert_eq!(submit(none), "refused-file-unknown");
    assert_eq!(submit(Evidence { signed_on: Some(today(&kit) + 1.days()), ..Evidence::default() }), "refused-signed-future");
    assert_eq!(submit(Evidence { customers: Some(-1), ..Evidence::default() }), "refused-negative-figure");
    assert_eq!(lin.refused(Act::OffboardingExport, list.id, None).why.code, "refused-not-export");
    // An item that is stuck says why, and is handed in all the same later.
    let c = card_of(&wang.on(Act::OffboardingBlock { why: "客户出差".into() }, list.id, None));
    assert_eq!((same(&c, &list).state, missing(&c, Gate::G1).len()), (ItemState::Blocked, 6));
    kit.check();
}

fn a_waiver_takes_two(on: Engine) {
    let kit = company(on);
    let c = under_way(&kit, "10002", 20);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let visit = item(&c, ItemKind::Visit);
    let ask = Act::OffboardingWaive { why: "客户已注销".into() };
    let reply = chen.on(ask.clone(), visit.id, None);
    let asked = pending(&reply);
    assert_eq!(same(&card(&kit, c.row.case.id), &visit).state, ItemState::Todo, "nothing changes yet");
    assert_eq!(lin.refused(ask.clone(), visit.id, None).why.code, "refused-approval-pending");
    assert_eq!(chen.refused(Act::ApprovalGrant, asked, None).why.code, "refused-own-approval");
    // An approver is led to the case of what is waived.
    let listed = ask!(lin, Query::Approvals { slice: Default::default() } => Approvals);
    assert_eq!(listed.rows.iter().map(|r| (r.case, r.subject_version)).collect::<Vec<_>>(), [(Some(c.row.case.id), Some(visit.version))]);
    let c = card_of(&lin.on(Act::ApprovalGrant, asked, None));
    let waived = same(&c, &visit);
    assert_eq!((waived.state, waived.why.as_deref(), waived.waived_by.as_deref()), (ItemState::Waived, Some("客户已注销"), Some("lin")));
    // What changed since it was asked for is not let go.
    let list = item(&c, ItemKind::CustomerList);
    let asked = pending(&chen.on(ask.clone(), list.id, None));
    submit(&kit, &kit.hand("wang"), &list);
    assert_eq!(lin.refused(Act::ApprovalGrant, asked, None).why.code, "refused-subject-changed");
    // A denied waiver leaves the item as it is.
    let orders = item(&c, ItemKind::Orders);
    let asked = pending(&chen.on(ask, orders.id, None));
    lin.on(Act::ApprovalDeny, asked, None);
    assert_eq!(same(&card(&kit, c.row.case.id), &orders).state, ItemState::Todo);
    kit.check();
}

fn accepted_stays_accepted(on: Engine) {
    let kit = company(on);
    let c = under_way(&kit, "10002", 20);
    let (chen, wang, sun) = (kit.hand("chen"), kit.hand("wang"), kit.hand("sun"));
    let letter = item(&c, ItemKind::Customer);
    assert_eq!(sun.refused(Act::OffboardingCorrect { why: "x".into() }, letter.id, None).why.code, "refused-correct-state");
    submit(&kit, &wang, &letter);
    sun.on(Act::OffboardingReview { hash: None }, letter.id, None);
    assert_eq!(sun.refused(Act::OffboardingReturn { why: "x".into() }, letter.id, None).why.code, "refused-item-accepted");
    assert_eq!(wang.refused(Act::OffboardingSubmit { evidence: Box::default() }, letter.id, None).why.code, "refused-item-accepted");
    // A correction is an item of its own; the gate waits for it.
    let c = card_of(&sun.on(Act::OffboardingCorrect { why: "签字人写错".into() }, letter.id, None));
    let fix = c.items.iter().find(|i| i.corrects == Some(letter.id)).unwrap().clone();
    assert_eq!((fix.state, same(&c, &letter).state), (ItemState::Todo, ItemState::Accepted));
    assert_eq!(sun.refused(Act::OffboardingCorrect { why: "x".into() }, letter.id, None).why.code, "refused-correcting");
    let c = settle(&kit, &c, handed);
    transfer_all(&kit, "10002", "10003");
    let id = c.row.case.id;
    chen.on(Act::OffboardingAdvance, id, None);
    settle(&kit, &c, |k| matches!(k, ItemKind::Asset | ItemKind::Export));
    chen.on(Act::OffboardingAdvance, id, None);
    waive(&chen, &kit.hand("lin"), &item(&c, ItemKind::Accounts));
    // Through its gate, and back behind it when something is corrected.
    let c = card_of(&sun.on(Act::OffboardingCorrect { why: "电话写错".into() }, fix.id, None));
    assert_eq!(c.row.case.state, CaseState::Handover);
    settle(&kit, &c, handed);
    chen.on(Act::OffboardingAdvance, id, None);
    chen.on(Act::OffboardingAdvance, id, None);
    let closed = card_of(&chen.on(Act::OffboardingClose, id, None));
    // A closed case is corrected by an addendum and stays as it is, to the byte.
    let before = serde_json::to_string(&card(&kit, id)).unwrap();
    let add = card_of(&sun.on(Act::OffboardingCorrect { why: "客户更名".into() }, letter.id, None));
    assert_eq!((add.row.case.addendum_of, add.row.case.state, add.items.len()), (Some(id), CaseState::Handover, 1));
    assert_eq!(serde_json::to_string(&card(&kit, id)).unwrap(), before);
    assert_eq!(closed.row.case.state, CaseState::Closed);
    settle(&kit, &add, handed);
    let add_id = add.row.case.id;
    for act in [Act::OffboardingAdvance, Act::OffboardingAdvance, Act::OffboardingClose] {
        chen.on(act, add_id, None);
    }
    assert_eq!(card(&kit, add_id).row.case.state, CaseState::Closed);
    kit.check();
}

fn the_statutory_track_waits_for_no_gate(on: Engine) {
    let kit = company(on);
    let (chen, last) = (kit.hand("chen"), today(&kit) + 20.days());
    let c = start(&kit, &chen, "10002", 20);
    let due = |k| duty(&c, k).due_on;
    assert_eq!((due(DutyKind::LastDay), due(DutyKind::Certificate), due(DutyKind::FinalPay)), (last, last, last));
    assert_eq!((due(DutyKind::FileTransfer), due(DutyKind::SocialInsurance)), (last + 15.days(), last + 15.days()));
    assert_eq!(due(DutyKind::KeepContract), last + 2.years());
    assert!(c.duties.iter().all(|d| d.kind != DutyKind::Compensation), "who resigns is owed none");
    // Not approved, no item handed in, no gate open: the certificate is given all the same, with its evidence.
    let d = duty(&c, DutyKind::Certificate);
    let mark = |done| Act::OffboardingDuty { done };
    assert_eq!(chen.refused(mark(DutyDone::default()), d.id, None).why.code, "refused-duty-evidence");
    let tomorrow = DutyDone { on: Some(today(&kit) + 1.days()), note: Some("x".into()), file: None };
    assert_eq!(chen.refused(mark(tomorrow), d.id, None).why.code, "refused-duty-future");
    let unknown = DutyDone { file: Some(FileRef { hash: "00".repeat(32), name: "x".into() }), ..DutyDone::default() };
    assert_eq!(chen.refused(mark(unknown), d.id, None).why.code, "refused-file-unknown");
    let file = Some(put(&chen, "certificate.pdf", b"certificate"));
    let c = card_of(&chen.on(mark(DutyDone { file, ..DutyDone::default() }), d.id, Some(1)));
    let done = duty(&c, DutyKind::Certificate);
    assert_eq!((done.state, done.done_by.as_deref(), done.done_on), (DutyState::Done, Some("chen"), Some(today(&kit))));
    assert_eq!(chen.refused(mark(DutyDone::default()), d.id, None).why.code, "refused-duty-state");
    assert_eq!(chen.refused(mark(DutyDone::default()), d.id, Some(1)).class, RefusalClass::Conflict);
    let keep = duty(&c, DutyKind::KeepContract);
    assert_eq!(
        chen.refused(mark(DutyDone { note: Some("x".into()), ..DutyDone::default() }), keep.id, None).why.code,
        "refused-duty-early"
    );
    // The last day comes whatever the gates say: the employment ends on it.
    kit.time.hours(24 * 21);
    kit.service.run_daily().unwrap();
    kit.drain();
    let c = card(&kit, c.row.case.id);
    assert_eq!((c.leaver.state, c.row.case.state), (SpellState::Departed, CaseState::Submitted));
    assert_eq!(
        c.duties.iter().map(|d| (d.kind, d.due_on)).collect::<Vec<_>>(),
        c.duties.iter().map(|d| (d.kind, tenure::domain::duty::due_on(d.kind, last))).collect::<Vec<_>>()
    );
    kit.check();
}

fn overdue_raises_one_alarm(on: Engine) {
    let kit = company(on);
    let c = under_way(&kit, "10002", 1);
    let person = kit.person("10002");
    let alerts = |kind: AlertKind| {
        let all = kit.read(|tx| store::alert::of_person(tx, person));
        all.into_iter().filter(|a| a.kind == kind).collect::<Vec<_>>()
    };
    kit.drain();
    assert!(alerts(AlertKind::HandoverOverdue).is_empty());
    for _ in 0..3 {
        kit.time.hours(24);
        kit.service.run_daily().unwrap();
        kit.drain();
    }
    let [late] = <[_; 1]>::try_from(alerts(AlertKind::HandoverOverdue)).unwrap();
    let c = card(&kit, c.row.case.id);
    assert!(c.row.case.overdue_at.is_some());
    // The certificate and the pay were due too: one open alert of the kind, with both as its events.
    let [owed] = <[_; 1]>::try_from(alerts(AlertKind::DutyOverdue)).unwrap();
    assert_eq!(owed.events, 2);
    // Its rules are its own: no talk, an outcome that fits, and departure does not close it.
    let chen = kit.hand("chen");
    let talk = tenure::domain::talk::NewTalk {
        at: kit.time.now(),
        who: "chen".into(),
        channel: Default::default(),
        needs: "x".into(),
        next_step: String::new(),
    };
    assert_eq!(chen.refused(Act::AlertTalk { talk }, late.id, None).why.code, "refused-no-talk-wanted");
    let end = |outcome| Act::AlertResolve { outcome, refusal: None };
    assert_eq!(chen.refused(end(AlertOutcome::Staying), late.id, None).why.code, "refused-outcome-kind");
    chen.on(end(AlertOutcome::Handled), late.id, None);
    let risk = kit.read(|tx| store::alert::of_person(tx, person)).into_iter().find(|a| a.kind == AlertKind::AttritionRisk).unwrap();
    assert!(!risk.state.is_open(), "the person has left");
    kit.check();
}

/// More cases than one batch that are late by their day and through by their gates, and one behind them that is not.
fn the_clock_comes_past_those_that_are_through(on: Engine) {
    let kit = company(on);
    let through: String = (0..205).map(|n| format!("3{n:04},员工{n},/集团/制造部,工人,2020-01-01\n")).collect();
    kit.load("employees", &format!("number,name,org,post,started\n{through}"));
    let ids = kit.read(|tx| tx.all("select person from spells where number like '3____'", &[], |r| r.get::<PersonId>(0)));
    assert_eq!(ids.len(), 205);
    let targets = ids.into_iter().map(|id| tenure::backend::Target { id: id.0, version: None }).collect();
    let act = Act::OffboardingStart { new: last_day(&kit, 0) };
    let request = tenure::backend::ActRequest { act, targets, key: None, reason: Some("搬厂".into()), written: None };
    let reply = kit.hand("chen").send(request).unwrap();
    assert!(reply.outcomes.iter().all(|o| o.refusal.is_none()));
    under_way(&kit, "10002", 1);
    kit.time.hours(24 * 3);
    kit.service.run_daily().unwrap();
    kit.drain();
    let late = "select s.number from alerts a join spells s on s.id = a.spell where a.kind = 'handover_overdue'";
    assert_eq!(kit.sql_texts(late), ["10002"]);
    assert_eq!(
        kit.count("select count(*) from duties where state = 'open' and overdue_at is null and kind in ('certificate', 'final_pay')"),
        0
    );
    kit.check();
}

/// After its day to decline nothing is handed over by itself, and nothing is forgotten.
fn a_customer_who_could_decline_is_not_forgotten(on: Engine) {
    let kit = company(on);
    let (c, lin) = (under_way(&kit, "10002", 20), kit.hand("lin"));
    let k1 = kit.read(|tx| store::customer::by_number(tx, "K001", 2))[0].id;
    lin.on(Act::CustomerTransfer { to: kit.person("10003") }, k1, None);
    for _ in 0..2 {
        lin.on(Act::CustomerAdvance { confirmed: false }, k1, None);
    }
    let line = |kit: &Kit| {
        let c = card(kit, c.row.case.id);
        let h = c.customers.iter().find(|h| h.customer == k1).unwrap().clone();
        let g2 = c.gates.into_iter().find(|g| g.gate == Gate::G2).unwrap();
        let line = g2.missing.into_iter().find(|m| m.args["customer"].contains("K001")).unwrap();
        assert_eq!(line.args["at"], h.until.unwrap().to_string());
        (line.code.into_owned(), h.due)
    };
    let alerts = "select count(*) from alerts where kind = 'handover_overdue' and open = 1 and events = 1";
    kit.drain();
    kit.time.hours(23);
    kit.drain();
    assert_eq!((line(&kit), kit.count(alerts)), (("missing-customer-pending".into(), false), 0));
    kit.time.hours(2);
    // No daily round: its own hour wakes it.
    kit.drain();
    assert_eq!((line(&kit), kit.count(alerts)), (("missing-customer-due".into(), true), 1));
    kit.time.hours(24);
    kit.service.run_daily().unwrap();
    kit.drain();
    assert_eq!((line(&kit), kit.count(alerts)), (("missing-customer-due".into(), true), 1), "asked once");
    let held = |kit: &Kit| kit.read(|tx| store::customer::get(tx, k1)).unwrap().owner;
    assert_eq!(held(&kit), Some(kit.person("10002")));
    lin.on(Act::CustomerAdvance { confirmed: false }, k1, None);
    assert_eq!(held(&kit), Some(kit.person("10003")));
    assert!(card(&kit, c.row.case.id).customers.iter().all(|h| h.customer != k1));
    kit.check();
}

fn files_that_nothing_came_of_are_dropped(on: Engine) {
    let kit = company(on);
    let c = under_way(&kit, "10002", 20);
    let (wang, chen, sun) = (kit.hand("wang"), kit.hand("chen"), kit.hand("sun"));
    let letter = item(&c, ItemKind::Customer);
    // An older version, the one that counts, and what a duty was done with.
    let file_of = |c: &OffboardingCard, n: usize| same(c, &letter).evidence[n].evidence.file.clone().unwrap().hash;
    let c = submit(&kit, &wang, &letter);
    sun.on(Act::OffboardingReturn { why: "缺客户签字".into() }, letter.id, None);
    let second = Evidence { file: Some(put(&wang, "second.pdf", b"second")), ..good(&kit, &wang, &letter) };
    let c2 = card_of(&wang.on(Act::OffboardingSubmit { evidence: Box::new(second) }, letter.id, None));
    let proof = put(&chen, "proof.pdf", b"proof");
    let done = DutyDone { file: Some(proof.clone()), ..DutyDone::default() };
    chen.on(Act::OffboardingDuty { done }, duty(&c, DutyKind::Certificate).id, None);
    let kept = [file_of(&c, 0), file_of(&c2, 1), proof.hash];
    let (stray, again) = (put(&wang, "stray.txt", b"stray").hash, put(&wang, "again.txt", b"again").hash);
    let read = |hash: &str| wang.file(hash).is_ok();
    kit.time.hours(23);
    kit.service.run_daily().unwrap();
    assert!(read(&stray) && read(&again));
    put(&wang, "again.txt", b"again");
    kit.time.hours(2);
    let seq = kit.seq();
    for _ in 0..2 {
        kit.service.run_daily().unwrap();
    }
    assert!(!read(&stray) && read(&again), "what is put again has its day again");
    let purged: Vec<_> = kit.entries(seq).into_iter().filter(|e| e.act == "evidence.purge").map(|e| e.count).collect();
    assert_eq!(purged, [Some(1)]);
    kit.time.hours(24 * 400);
    kit.service.run_daily().unwrap();
    kit.drain();
    assert!(kept.iter().all(|hash| read(hash)) && !read(&again));
    kit.check();
}

fn a_file_goes_in_parts_and_is_whole_or_not_there(on: Engine) {
    const PART: usize = store::blob::PART;
    let kit = company(on);
    let lin = kit.hand("lin");
    let file = |n: usize| (0..n).map(|i| (i * 31 / 7) as u8).collect::<Vec<u8>>();
    let rows = |kit: &Kit| ["blobs", "blob_parts"].map(|t| kit.count(&format!("select count(*) from {t}")));
    let before = rows(&kit);
    for size in [1, PART - 1, PART, PART + 1, 2 * PART, 3 * PART + 17] {
        let hash = put(&lin, "scan.pdf", &file(size)).hash;
        assert!(lin.file(&hash).unwrap() == file(size), "{size}");
    }
    assert_eq!(rows(&kit), [before[0] + 6, before[1] + 1 + 1 + 1 + 2 + 2 + 4]);
    // The same by several at once is there once.
    let (all, hands) = (file(5 * PART), ["lin", "wang", "chen"].map(|n| kit.hand(n)));
    let hashes = std::thread::scope(|s| {
        let puts: Vec<_> = hands.iter().map(|h| s.spawn(|| put(h, "scan.pdf", &all).hash)).collect();
        puts.into_iter().map(|p| p.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(hashes.iter().all(|h| *h == hashes[0]) && lin.file(&hashes[0]).unwrap() == all);
    assert_eq!(rows(&kit), [before[0] + 7, before[1] + 11 + 5]);
    // One from before there were parts is read as it is, and not stored again.
    let old = b"an old scan".as_slice();
    let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(old));
    kit.write(|tx| {
        let (sealed, now) = (tx.seal_home_bytes(old)?, tx.now());
        tx.exec("insert into blobs (hash, bytes, at) values ($1, $2, $3)", tenure::vals![&hash, sealed, now])
    });
    assert_eq!(put(&lin, "scan.pdf", old).hash, hash);
    assert_eq!(lin.file(&hash).unwrap(), old);
    kit.write(|tx| store::blob::drop_file(tx, &hash));
    assert_eq!(rows(&kit), [before[0] + 7, before[1] + 11 + 5]);
    // Cut off on its way, and too much: nothing of it stays.
    struct Cut(usize);
    impl std::io::Read for Cut {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(into.len()).ok_or(std::io::ErrorKind::ConnectionReset)?;
            into.fill(7);
            Ok(into.len())
        }
    }
    for bytes in [Box::new(Cut(3 * PART)) as Box<dyn std::io::Read + Send>, Box::new(std::io::Read::take(std::io::repeat(1), 21 << 20))] {
        ROOMS.block_on(lin.door().put(Put::Evidence { file: "x".into() }, bytes, Box::new(|_| {}))).unwrap_err();
    }
    // A server hears of the cut when its connection ends.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while rows(&kit) != [before[0] + 7, before[1] + 16] {
        assert!(std::time::Instant::now() < deadline, "parts of a file that was cut off stay: {:?}", rows(&kit));
        std::thread::yield_now();
    }
    // One part of another's, and one that is gone.
    let hash = &hashes[0];
    kit.write(|tx| tx.exec("update blob_parts set n = 9 where hash = $1 and n = 2", tenure::vals![hash]));
    assert_eq!(lin.file(hash).unwrap_err().what.code, "evidence-changed");
    // What nothing refers to is dropped after a day, parts and all.
    kit.time.hours(49);
    kit.drain();
    assert_eq!(rows(&kit), before);
    kit.check();
}

fn evidence_is_read_with_an_entry(on: Engine) {
    let kit = company(on);
    let c = under_way(&kit, "10002", 20);
    let wang = kit.hand("wang");
    let stray = put(&wang, "stray.txt", b"nobody's");
    let seq = kit.read_seq();
    assert_eq!(wang.file(&stray.hash).unwrap(), b"nobody's");
    assert_eq!(kit.read_seq(), seq);
    // A case names a person: who looks is in the chain before the answer.
    wang.ask(Query::Offboarding { id: c.row.case.id });
    let looked = kit.reads(seq).into_iter().find(|e| e.operator_name == "wang").unwrap();
    assert_eq!((looked.act.as_str(), looked.items[0].person), ("offboarding", Some(kit.person("10002"))));
    let letter = item(&c, ItemKind::Customer);
    let c = submit(&kit, &wang, &letter);
    let hash = same(&c, &letter).evidence[0].evidence.file.clone().unwrap().hash;
    let seq = kit.read_seq();
    assert_eq!(wang.file(&hash).unwrap(), format!("signed {}", letter.id).as_bytes());
    let [read] = <[_; 1]>::try_from(kit.reads(seq)).unwrap();
    assert_eq!((read.act.as_str(), read.items[0].person), ("evidence_file", Some(kit.person("10002"))));
    // Bytes that were changed behind us are handed to nobody and accepted by nobody.
    kit.write(|tx| tx.exec("update blob_parts set bytes = $2 where hash = $1", tenure::vals![&hash, b"forged".as_slice()]));
    assert_eq!(wang.file(&hash).unwrap_err().what.code, "evidence-changed");
    assert_eq!(kit.hand("sun").refused(Act::OffboardingReview { hash: None }, letter.id, None).why.code, "refused-file-gone");
    // Nothing, and too much.
    let bad = |bytes: Vec<u8>| {
        let put = wang.door().put(Put::Evidence { file: "x".into() }, Box::new(Cursor::new(bytes)), Box::new(|_| {}));
        ROOMS.block_on(put).unwrap_err().what.code
    };
    assert_eq!(bad(Vec::new()), "evidence-empty");
    assert_eq!(bad(vec![0; 20 * 1024 * 1024 + 1]), "evidence-large");
}

fn the_export_is_a_job_of_the_company(on: Engine) {
    let kit = company(on);
    let c = settle(&kit, &under_way(&kit, "10002", 20), handed);
    let (lin, export) = (kit.hand("lin"), item(&c, ItemKind::Export));
    assert_eq!(lin.refused(Act::OffboardingExport, export.id, None).why.code, "refused-gate-shut");
    transfer_all(&kit, "10002", "10003");
    lin.on(Act::OffboardingExport, export.id, None);
    let seq = kit.read_seq();
    kit.drain();
    let i = same(&card(&kit, c.row.case.id), &export);
    assert_eq!((i.state, i.evidence.len(), i.evidence[0].by.as_str()), (ItemState::UnderReview, 1, "lin"));
    assert!(kit.reads(seq).iter().any(|e| e.act == "offboarding_export" && e.count == Some(3)));
    let hash = i.evidence[0].evidence.file.clone().unwrap().hash;
    let text = String::from_utf8(lin.file(&hash).unwrap()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "record,customer,name,number,day,amount_fen,state");
    assert!(
        lines.contains(&"order,K001,宏远贸易,D1,2026-01-10,120050,open")
            && lines.contains(&"receivable,K002,华东纺织,R2,2026-04-30,1,open")
    );
    assert_eq!(lines.len(), 1 + 3 + 3 + 2, "{text}");
    kit.hand("chen").on(Act::OffboardingReview { hash: Some(hash) }, export.id, None);
    kit.check();
}

fn a_location_needs_the_switch_consent_and_purpose(on: Engine) {
    let kit = company(on);
    let visit = item(&under_way(&kit, "10002", 20), ItemKind::Visit);
    let wang = kit.hand("wang");
    let at = Location { place: "客户门口".into(), consent: "HR-2026-17".into(), purpose: "核实拜访".into() };
    let with = |kit: &Kit, at: Location| {
        let wang = kit.hand("wang");
        Act::OffboardingSubmit { evidence: Box::new(Evidence { location: Some(at), ..good(kit, &wang, &visit) }) }
    };
    assert_eq!(wang.refused(with(&kit, at.clone()), visit.id, None).why.code, "refused-location-off");
    std::fs::write(kit.dir.path().join("tenure.toml"), "[offboarding]\nlocation = \"on\"\n").unwrap();
    let open = kit.again(false);
    let wang = Kit::hand_in(&open, "wang");
    for bad in [Location { consent: " ".into(), ..at.clone() }, Location { purpose: String::new(), ..at.clone() }] {
        assert_eq!(wang.refused(with(&kit, bad), visit.id, None).why.code, "refused-location-consent");
    }
    let c = card_of(&wang.on(with(&kit, at.clone()), visit.id, None));
    assert_eq!(same(&c, &visit).evidence[0].evidence.location, Some(at));
}

fn the_board_is_paged_and_counted(on: Engine) {
    let kit = company(on);
    let chen = kit.hand("chen");
    for (number, days) in [("10002", 20), ("10003", 10), ("20001", 30), ("20002", 5), ("20003", 10)] {
        start(&kit, &chen, number, days);
    }
    let of = |kit: &Kit, number: &str| {
        let person = kit.person(number);
        kit.read(|tx| store::offboarding::of_person(tx, person)).unwrap().id
    };
    kit.hand("lin").on(Act::OffboardingApprove, of(&kit, "20002"), None);
    chen.on(Act::OffboardingWithdraw, of(&kit, "20001"), None);
    let ask = |view, state, after, limit| {
        let slice = tenure::backend::query::Slice { after, limit };
        ask!(chen, Query::Offboardings { view, state, filter: Default::default(), slice } => Offboardings)
    };
    let numbers = |b: &tenure::backend::answer::Board| b.page.rows.iter().map(|r| r.employee.number.clone()).collect::<Vec<_>>();
    let all = ask(CaseView::All, None, None, 100);
    assert_eq!(
        all.counts.into_iter().collect::<Vec<_>>(),
        [(CaseState::Submitted, 3), (CaseState::Approved, 1), (CaseState::Withdrawn, 1)]
    );
    let whole = numbers(&ask(CaseView::Open, None, None, 100));
    assert_eq!((whole.len(), whole[2].as_str(), whole[3].as_str()), (4, "10002", "20002"), "{whole:?}");
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = ask(CaseView::Open, None, after, 1);
        paged.extend(numbers(&page));
        after = page.page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, whole);
    let id = of(&kit, "10002");
    assert_eq!(numbers(&ask(CaseView::Open, None, Some(id.to_string()), 9)), ["20002"]);
    assert_eq!(numbers(&ask(CaseView::Closed, None, None, 9)), ["20001"]);
    assert_eq!(numbers(&ask(CaseView::All, Some(CaseState::Approved), None, 9)), ["20002"]);
    assert!(numbers(&ask(CaseView::Mine, None, None, 9)).is_empty());
    let c = under_way_from(&kit, of(&kit, "20002"));
    submit(&kit, &kit.hand("wang"), &item(&c, ItemKind::Customer));
    let sun = kit.hand("sun");
    let mine = ask!(sun, Query::Offboardings { view: CaseView::Mine, state: None, filter: Default::default(), slice: Default::default() } => Offboardings);
    assert_eq!((numbers(&mine), mine.page.rows[0].counts.review, mine.page.rows[0].held), (vec!["20002".into()], 1, 1));
    kit.check();
}

fn under_way_from(kit: &Kit, id: CaseId) -> OffboardingCard {
    card_of(&kit.hand("chen").on(Act::OffboardingAdvance, id, None))
}

fn an_erased_leaver_leaves_no_words(on: Engine) {
    let kit = company(on);
    let c = under_way(&kit, "10002", 20);
    let wang = kit.hand("wang");
    let letter = item(&c, ItemKind::Customer);
    let c = submit(&kit, &wang, &letter);
    let hash = same(&c, &letter).evidence[0].evidence.file.clone().unwrap().hash;
    kit.hand("chen").on(Act::OffboardingWithdraw, c.row.case.id, None);
    transfer_all(&kit, "10002", "10003");
    kit.me().on(Act::PersonErase, kit.person("10002"), None);
    assert_eq!(kit.count("select count(*) from handover_versions where body <> '{}' or hash is not null"), 0);
    assert_eq!(wang.file(&hash).unwrap_err().what.code, "not-found");
    assert_eq!(wang.refused(Act::OffboardingAdvance, c.row.case.id, None).class, RefusalClass::NotFound);
    assert!(wang.try_ask(Query::Offboarding { id: c.row.case.id }).is_err());
    kit.check();
}

/// domain.md, failure case "Employee rehired".
fn employee_rehired(on: Engine) {
    let kit = company(on);
    let chen = kit.hand("chen");
    let c = start(&kit, &chen, "20003", -1);
    let (id, spell) = (c.row.case.id, c.row.case.spell);
    kit.time.hours(24 * 30);
    kit.service.run_daily().unwrap();
    kit.drain();
    let c = card(&kit, id);
    let before = serde_json::to_string(&c).unwrap();
    let head = "person,number,name,org,post,started\n";
    kit.load("employees", &format!("{head}20003,20009,张伟,/集团/制造部,质检员,2026-04-01\n"));
    let person = kit.person("20009");
    assert_eq!(person, c.row.case.person, "the same human being");
    // Another spell, another case; the older one is the same to the byte, whatever happens to the new one (invariant 24).
    let again = start(&kit, &chen, "20009", 60);
    assert_ne!((again.row.case.id, again.row.case.spell), (id, spell));
    kit.hand("lin").on(Act::OffboardingApprove, again.row.case.id, None);
    chen.on(Act::OffboardingWithdraw, again.row.case.id, None);
    let mut now = card(&kit, id);
    now.today = c.today;
    // Who they are known as is no part of the case.
    assert!(now.leaver.is_operator("20009"));
    now.leaver.also = c.leaver.also;
    assert_eq!(serde_json::to_string(&now).unwrap(), before);
    assert_eq!((now.row.employee.number.as_str(), now.leaver.state), ("20003", SpellState::Departed));
    kit.check();
}

/// domain.md, failure case "Resignation withdrawn after planned freeze set": the case's part of it.
fn resignation_withdrawn(on: Engine) {
    let kit = company(on);
    let chen = kit.hand("chen");
    let c = under_way(&kit, "10002", 20);
    let id = c.row.case.id;
    let c = card_of(&chen.on(Act::OffboardingWithdraw, id, None));
    assert_eq!((c.row.case.state, c.leaver.state, c.leaver.last_day), (CaseState::Withdrawn, SpellState::Active, None));
    assert!(c.duties.iter().all(|d| d.state == DutyState::Void), "who stays is owed no certificate");
    kit.time.hours(24 * 40);
    kit.service.run_daily().unwrap();
    kit.drain();
    let person = kit.person("10002");
    let late = kit.read(|tx| store::alert::of_person(tx, person)).into_iter().filter(|a| a.kind != AlertKind::AttritionRisk).count();
    assert_eq!(late, 0, "nothing is overdue for somebody who stays");
    // Leaving after all is another case of the same spell.
    let again = start(&kit, &chen, "10002", 20);
    assert_eq!((again.row.case.spell, again.row.case.id == id), (c.row.case.spell, false));
    // Who has gone cannot withdraw.
    kit.time.hours(24 * 22);
    kit.service.run_daily().unwrap();
    kit.drain();
    assert_eq!(chen.refused(Act::OffboardingWithdraw, again.row.case.id, None).why.code, "refused-withdraw-departed");
    kit.check();
}

/// domain.md, failure case "Back-dated termination".
fn back_dated_termination(on: Engine) {
    let kit = company(on);
    let c = start(&kit, &kit.hand("chen"), "10002", -1);
    assert_eq!((c.row.case.backdated, c.leaver.state), (true, SpellState::Departed));
    // Due at once: the alarms are raised by the jobs that the act itself queued, not by tomorrow's.
    kit.drain();
    let person = kit.person("10002");
    let kinds: Vec<_> =
        kit.read(|tx| store::alert::of_person(tx, person)).into_iter().filter(|a| a.state.is_open()).map(|a| a.kind).collect();
    assert!(kinds.contains(&AlertKind::HandoverOverdue) && kinds.contains(&AlertKind::DutyOverdue), "{kinds:?}");
    assert!(!kinds.contains(&AlertKind::AttritionRisk));
    // An end that is on record is not moved by a form.
    kit.load("exits", "number,last_day,exit\n10003,2026-02-20,主动辞职\n");
    let person = kit.person("10003");
    let why = kit.hand("chen").refused(Act::OffboardingStart { new: last_day(&kit, -3) }, person, None);
    assert_eq!(why.why.code, "refused-other-last-day");
    let new = NewCase { last_day: "2026-02-20".parse().unwrap(), ..last_day(&kit, 0) };
    kit.hand("chen").on(Act::OffboardingStart { new }, person, None);
    kit.check();
}

/// domain.md, failure case "Handover frozen out": whatever is frozen, the form stays open, a deputy fills it, the law's clocks run.
fn handover_frozen_out(on: Engine) {
    let kit = company(on);
    let c = under_way(&kit, "10002", 0);
    kit.time.hours(48);
    kit.service.run_daily().unwrap();
    kit.drain();
    let c = card(&kit, c.row.case.id);
    assert!(c.row.case.overdue_at.is_some() && c.leaver.state == SpellState::Departed);
    // The leaver cannot sign in any more; wang hands in what is missing.
    let c = settle(&kit, &c, handed);
    assert!(holds(&c, Gate::G1) && holds(&c, Gate::G3) && holds(&c, Gate::G4));
    assert!(c.items.iter().filter(|i| handed(i.kind)).all(|i| i.submitter_name.as_deref() == Some("wang")));
    let d = duty(&c, DutyKind::Certificate);
    let done = DutyDone { note: Some("已寄出".into()), ..DutyDone::default() };
    kit.hand("chen").on(Act::OffboardingDuty { done }, d.id, None);
    kit.check();
}

/// domain.md, failure case "Customer declines transfer".
fn customer_declines_transfer(on: Engine) {
    let kit = company(on);
    let c = under_way(&kit, "10002", 20);
    let (chen, lin, wang, sun) = (kit.hand("chen"), kit.hand("lin"), kit.hand("wang"), kit.hand("sun"));
    let k1 = kit.read(|tx| store::customer::by_number(tx, "K001", 2))[0].id;
    let to = kit.person("10003");
    for act in [Act::CustomerTransfer { to }, Act::CustomerAdvance { confirmed: false }, Act::CustomerAdvance { confirmed: false }] {
        lin.on(act, k1, None);
    }
    lin.on(Act::CustomerDecline { collector: Some(to) }, k1, None);
    let id = c.row.case.id;
    let c = card(&kit, id);
    assert!(c.customers.iter().any(|h| h.customer == k1 && h.declined && h.collector), "{:?}", c.customers);
    assert!(missing(&c, Gate::G2).contains(&"missing-customer-declined".to_owned()));
    // Not in silence: with everything else done the gate still names it.
    for h in c.customers.iter().filter(|h| !h.declined) {
        lin.on(Act::CustomerPool { collector: Some(to) }, h.customer, None);
    }
    let letter = c.items.iter().find(|i| i.customer == Some(k1)).unwrap().clone();
    let c = settle(&kit, &c, |k| handed(k) && k != ItemKind::Customer);
    for i in c.items.iter().filter(|i| i.kind == ItemKind::Customer && i.id != letter.id) {
        submit(&kit, &wang, i);
        sun.on(Act::OffboardingReview { hash: None }, i.id, None);
    }
    let why = chen.refused(Act::OffboardingAdvance, id, None);
    assert_eq!((why.why.args["gate"].as_str(), why.why.args["what"].contains("K001")), ("@gate-g1", true));
    // The customer's refusal, documented and seen by the reviewer.
    let evidence = Box::new(Evidence { refusal: Some("客户要求停止合作，邮件为证".into()), ..Evidence::default() });
    wang.on(Act::OffboardingSubmit { evidence }, letter.id, None);
    assert_eq!(chen.refused(Act::OffboardingAdvance, id, None).why.args["gate"], "@gate-g2");
    sun.on(Act::OffboardingReview { hash: None }, letter.id, None);
    let c = card_of(&chen.on(Act::OffboardingAdvance, id, None));
    assert_eq!(c.row.case.state, CaseState::Clearance);
    kit.check();
}

/// domain.md, failure case "HR file marks 3,000 as left by mistake": nobody's case begins, nobody's employment ends.
fn hr_file_marks_3_000_as_left_by_mistake(on: Engine) {
    let kit = company(on);
    let mut people = String::from("number,name,org,post,started\n");
    let mut exits = String::from("number,last_day,exit\n");
    for n in 0..300 {
        people.push_str(&format!("3{n:04},员工{n},/集团/制造部,工人,2020-01-01\n"));
        if n % 3 == 0 {
            exits.push_str(&format!("3{n:04},2026-02-27,主动辞职\n"));
        }
    }
    kit.load("employees", &people);
    let live = kit.count("select count(*) from spells where live = 1");
    let staged = kit.stage("exits", &exits, Preview::No).unwrap();
    assert!(staged.change.over_exit_limit);
    let why = kit.me().refused(Act::ImportPublish, staged.id.unwrap(), None);
    assert_eq!(why.why.code, "refused-import-exits");
    kit.drain();
    assert_eq!(kit.count("select count(*) from spells where live = 1"), live);
    assert_eq!(kit.count("select count(*) from cases"), 0);
    assert_eq!(kit.count("select count(*) from alerts where kind <> 'attrition_risk'"), 0);
    assert_eq!(kit.count("select count(*) from quarantine"), 100);
    kit.check();
}

/// domain.md, failure case "Operator himself is leaving / is the target": the leaver judges nothing of their own.
fn operator_himself_is_leaving(on: Engine) {
    let kit = company(on);
    kit.me().done(Act::OperatorAdd { name: "10002".into(), role: Role::LineManager, person: None, org: None });
    let leaver = kit.hand("10002");
    let c = start(&kit, &kit.hand("chen"), "10002", 20);
    assert!(c.items.iter().all(|i| i.reviewer_name.as_deref() != Some("10002")), "never the leaver's own desk");
    assert_eq!(leaver.refused(Act::OffboardingApprove, c.row.case.id, None).why.code, "refused-own-case");
    kit.hand("lin").on(Act::OffboardingApprove, c.row.case.id, None);
    let letter = item(&c, ItemKind::Customer);
    // The form is the leaver's to fill.
    submit(&kit, &leaver, &letter);
    assert_eq!(leaver.refused(Act::OffboardingReview { hash: None }, letter.id, None).why.code, "refused-leaver-reviews");
    let lin = kit.hand("lin");
    assert_eq!(lin.refused(Act::OffboardingAssign { reviewer: "10002".into() }, letter.id, None).why.code, "refused-leaver-reviews");
    assert_eq!(
        leaver.refused(Act::OffboardingWaive { why: "x".into() }, item(&c, ItemKind::Orders).id, None).why.code,
        "refused-leaver-reviews"
    );
    // Nor do they grant what another asks for.
    let asked = pending(&lin.on(Act::OffboardingWaive { why: "x".into() }, item(&c, ItemKind::Orders).id, None));
    assert_eq!(leaver.refused(Act::ApprovalGrant, asked, None).why.code, "refused-leaver-reviews");
    kit.check();
}

/// The list is drawn from the store, not from a day: somebody who had no customer has one by a file of tomorrow [CU-4].
fn what_turns_up_later_joins_the_list(on: Engine) {
    let kit = company(on);
    let c = under_way(&kit, "10001", 20);
    assert!(c.items.iter().all(|i| i.kind.during() == During::Clearance), "{:?}", c.items);
    kit.load("customers", "number,name,owner\nK900,新客户,10001\n");
    kit.load("orders", "number,customer,placed_on,amount,state\nD900,K900,2026-03-01,5,open\n");
    // The gate says so at once, and the items are there with the next act.
    let c = card(&kit, c.row.case.id);
    let missing: Vec<_> = c.gates[0].missing.iter().map(|m| m.args["customer"].as_str()).collect();
    assert_eq!(missing, ["K900 新客户", "@item-kind-customer-list", "@item-kind-orders", "@item-kind-visit"]);
    let asset = item(&c, ItemKind::Asset);
    kit.hand("chen").on(Act::OffboardingAssign { reviewer: "wang".into() }, asset.id, None);
    let c = card(&kit, c.row.case.id);
    let orders = item(&c, ItemKind::Orders);
    assert_eq!((orders.state, orders.ledger.orders, orders.ledger.customers), (ItemState::Todo, 1, 1));
    for kind in [ItemKind::Customer, ItemKind::CustomerList, ItemKind::Visit] {
        assert_eq!(c.items.iter().filter(|i| i.kind == kind).count(), 1, "{kind}");
    }
    assert!(c.items.iter().all(|i| i.kind != ItemKind::Receivables), "nothing is owed");
    kit.hand("chen").on(Act::OffboardingAssign { reviewer: "lin".into() }, asset.id, None);
    assert_eq!(card(&kit, c.row.case.id).items.len(), c.items.len(), "once");
    kit.check();
}

fn job_abandonment_from_any_state(on: Engine) {
    let kit = company(on);
    let chen = kit.hand("chen");
    let yesterday = today(&kit) - 1.days();
    for (number, steps) in [("10002", 0), ("10003", 1), ("20002", 2)] {
        let c = start(&kit, &chen, number, 20);
        let id = c.row.case.id;
        if steps > 0 {
            kit.hand("lin").on(Act::OffboardingApprove, id, None);
        }
        if steps > 1 {
            chen.on(Act::OffboardingAdvance, id, None);
        }
        let future = Act::OffboardingAbandon { last_day: today(&kit) + 1.days() };
        assert_eq!(chen.refused(future, id, None).why.code, "refused-abandoned-future");
        let c = card_of(&chen.on(Act::OffboardingAbandon { last_day: yesterday }, id, None));
        assert_eq!((c.row.case.state, c.row.case.exit, c.row.case.last_day), (CaseState::Abandoned, ExitKind::Abandoned, yesterday));
        assert_eq!(c.leaver.state, SpellState::Departed);
        // The law's days hang on the last day, and on nothing else.
        for d in &c.duties {
            assert_eq!(d.due_on, tenure::domain::duty::due_on(d.kind, yesterday), "22: {d:?}");
        }
        assert_eq!(chen.refused(Act::OffboardingAbandon { last_day: yesterday }, id, None).why.code, "refused-case-state");
    }
    // Others hand over in the place of who is gone, through the same gates.
    let person = kit.person("10002");
    let id = kit.read(|tx| store::offboarding::of_person(tx, person)).unwrap().id;
    let c = settle(&kit, &card(&kit, id), handed);
    assert_eq!(c.row.case.state, CaseState::Abandoned);
    transfer_all(&kit, "10002", "10001");
    settle(&kit, &c, |k| matches!(k, ItemKind::Asset | ItemKind::Export));
    waive(&chen, &kit.hand("lin"), &item(&c, ItemKind::Accounts));
    chen.on(Act::OffboardingAdvance, id, None);
    let c = card_of(&chen.on(Act::OffboardingClose, id, None));
    assert!(c.row.case.state == CaseState::Closed && c.gates.iter().all(|g| g.holds));
    kit.drain();
    kit.check();
}
