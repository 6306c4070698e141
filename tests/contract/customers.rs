//! Customers through the door: a leaver's list, transfers, what files state, and the laws of custody (domain.md 16: 16, 17, 20).

use crate::kit::{EMPLOYEES, Engine, Kit, runner};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tenure::{
    backend::{
        ActReply, ActRequest, Answer, Filter, Preview, Query, Target, Touched,
        answer::{CustomerCard, CustomerRow, ImportState},
        query::{CustomerView, Slice},
    },
    domain::{
        act::{Act, Entity, RefusalClass},
        customer::{self, OrderState, TransferState},
        ids::{CustomerId, PersonId},
    },
    store,
};
use uuid::Uuid;

on_all!(
    a_leavers_list_comes_from_the_store,
    a_transfer_goes_its_whole_way,
    a_customer_that_declines_goes_to_the_pool,
    what_must_not_be_is_refused,
    bad_rows_wait_with_their_reason,
    whoever_comes_later_is_found,
    a_file_takes_nothing_back_that_was_handed_over,
    a_dry_run_says_what_loading_does,
    lists_are_paged_and_filtered,
    every_look_at_a_customer_is_logged,
    people_are_found_by_their_email,
    order_and_split_do_not_matter,
    custody_holds_in_any_order,
);

const HEAD: &str = "number,name,contact,owner,owned_from,owned_until\n";

/// Three customers of 10002, one of 20002, one in the pool.
const CUSTOMERS: &str = "\
K001,宏远贸易,王经理 13800000001,10002,2024-01-01,
K002,华东纺织,,20002,2023-01-01,2023-12-31
K002,华东纺织,,10002,2024-01-01,
K003,顺达物流,,10002,2025-06-01,
K004,金桥电子,,20002,2024-03-01,
K005,无主公司,,pool,,
";

const ORDERS: &str = "\
number,customer,placed_on,amount,state
D1,K001,2026-01-10,1200.50,open
D2,K001,2026-02-10,800,已发货
D3,K001,2025-12-01,99.90,completed
D4,K002,2026-02-20,0.29,
D5,K004,2026-02-21,10,cancelled
";

const RECEIVABLES: &str = "\
number,customer,amount,due_on
R1,K001,4123.00,2026-03-31
R2,K002,0.01,2026-04-30
R3,K003,0,2026-01-31
R4,K004,70,2026-05-31
";

pub fn company(on: Engine) -> Kit {
    let kit = Kit::company(on);
    let state = kit.load("customers", &format!("{HEAD}{CUSTOMERS}"));
    assert_eq!((state.added, state.same, state.refused), (6, 0, 0));
    assert_eq!((kit.load("orders", ORDERS).added, kit.load("receivables", RECEIVABLES).added), (5, 4));
    kit
}

fn id(kit: &Kit, number: &str) -> CustomerId {
    kit.read(|tx| store::customer::by_number(tx, number, 2))[0].id
}

fn card(kit: &Kit, number: &str) -> CustomerCard {
    *ask!(kit.me(), Query::Customer { id: id(kit, number) } => Customer)
}

fn row(reply: &ActReply) -> CustomerRow {
    let found = reply.touched.iter().find_map(|t| if let Touched::Customer(c) = t { Some(*c.clone()) } else { None });
    found.unwrap_or_else(|| panic!("{reply:?}"))
}

/// (number, open orders, their fen, owed fen)
fn held(kit: &Kit, person: &str) -> Vec<(String, i64, i64, i64)> {
    let person = kit.person(person);
    let all = kit.read(|tx| store::customer::held_by(tx, person));
    all.into_iter().map(|h| (h.number, h.open_orders, h.order_fen, h.receivable_fen)).collect()
}

fn notice(kit: &Kit, number: &str) {
    assert_eq!(kit.load("exits", &format!("number,last_day,exit\n{number},2026-03-20,主动辞职\n")).added, 1);
}

/// What holds of customers in every home at every moment.
fn check(kit: &Kit) {
    kit.check();
    let ids = kit.read(|tx| tx.all("select id from customers", &[], |r| r.get::<CustomerId>(0)));
    for id in ids {
        let (c, all) = kit.read(|tx| Ok((store::customer::get(tx, id)?.unwrap(), store::customer::ownerships(tx, id)?)));
        for pair in all.windows(2) {
            assert_eq!(pair[0].to, pair[1].from.yesterday().ok(), "16: {} has a gap or two owners: {all:?}", c.number);
        }
        assert_eq!((c.owner, c.since), all.last().map_or((None, None), |l| (l.owner, Some(l.from))), "16: {}: {all:?}", c.number);
        assert!(c.owner.is_none() || c.collector.is_none(), "{}: an owner and a collector", c.number);
    }
    let doubled = "select count(*) from (select customer from transfers where open = 1 group by customer having count(*) > 1) x";
    assert_eq!(kit.count(doubled), 0, "two transfers of one customer");
    let open = "state in ('proposed', 'requested', 'pending')";
    assert_eq!(kit.count(&format!("select count(*) from transfers where (open = 1) <> ({open})")), 0, "a state and its flag differ");
    assert_eq!(kit.count("select count(*) from receivables where amount_fen < 0"), 0);
}

fn a_leavers_list_comes_from_the_store(on: Engine) {
    let kit = company(on);
    let list = vec![("K001".into(), 2, 200_050, 412_300), ("K002".into(), 1, 29, 1), ("K003".into(), 0, 0, 0)];
    assert_eq!(held(&kit, "10002"), list);
    assert_eq!(held(&kit, "20002"), [("K004".into(), 0, 0, 7_000)]);
    // Notice, departure, and whatever else becomes of the leaver change nothing about the list.
    notice(&kit, "10002");
    assert_eq!(held(&kit, "10002"), list);
    kit.time.hours(24 * 30);
    kit.service.run_daily().unwrap();
    kit.drain();
    assert_eq!(held(&kit, "10002"), list);
    let person = kit.person("10002");
    let (orders, owed, n) = kit.read(|tx| {
        Ok((
            store::customer::open_orders_of(tx, person)?,
            store::customer::receivables_of(tx, person)?,
            store::customer::count_held(tx, person)?,
        ))
    });
    assert_eq!(n, 3);
    assert_eq!(
        orders.iter().map(|o| (o.number.as_str(), o.state)).collect::<Vec<_>>(),
        [("D1", OrderState::Open), ("D2", OrderState::Shipped), ("D4", OrderState::Open)]
    );
    assert_eq!(owed.iter().map(|r| (r.number.as_str(), r.amount_fen)).collect::<Vec<_>>(), [("R1", 412_300), ("R2", 1)]);
    // Pages by key give the same rows, each once.
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = kit.read(|tx| store::customer::held_page(tx, person, &after, 2));
        let Some(last) = page.last() else { break };
        after = Some((last.number.clone(), last.customer));
        paged.extend(page);
    }
    assert_eq!(paged, kit.read(|tx| store::customer::held_by(tx, person)));
    // The past is answered too.
    let k2 = id(&kit, "K002");
    let owner = |day: Date| kit.read(|tx| store::customer::owner_at(tx, k2, day));
    assert_eq!(owner(date(2023, 6, 1)), Some(kit.person("20002")));
    assert_eq!((owner(date(2024, 1, 1)), owner(date(2022, 1, 1))), (Some(person), None));
    check(&kit);
}

fn a_transfer_goes_its_whole_way(on: Engine) {
    let kit = company(on);
    let chen = kit.hand("chen");
    let (k1, from, to) = (id(&kit, "K001"), kit.person("10002"), kit.person("20002"));
    let owed = kit.read(store::customer::owed);
    let mut version = 1;
    let advance = |confirmed| Act::CustomerAdvance { confirmed };
    use TransferState::{Pending, Proposed, Requested};
    for (act, state) in [(Act::CustomerTransfer { to }, Proposed), (advance(false), Requested), (advance(false), Pending)] {
        let (seq, mark) = (kit.seq(), chen.watch(0).0);
        let reply = chen.on(act.clone(), k1, Some(version));
        version += 1;
        let now = row(&reply);
        assert_eq!((now.customer.version, now.customer.owner, now.customer.touched_by.as_deref()), (version, Some(from), Some("chen")));
        let t = now.transfer.unwrap();
        assert_eq!((t.state, t.from, t.to, t.open_orders, t.receivable_fen), (state, Some(from), Some(to), 2, 412_300));
        let outcome = &reply.outcomes[0];
        assert_eq!((outcome.entity, outcome.id, outcome.version), (Entity::Customer, k1.into(), Some(version)));
        let [entry] = <[_; 1]>::try_from(kit.entries(seq)).unwrap();
        assert_eq!((entry.act.as_str(), reply.entry, entry.detail), (act.name(), Some(entry.seq), None));
        assert_eq!(entry.items.iter().filter_map(|i| i.person).collect::<BTreeSet<_>>(), BTreeSet::from([from, to]));
        assert!(
            entry.items.iter().all(|i| (i.entity, i.id, i.before, i.after) == (Entity::Customer, k1.0, Some(version - 1), Some(version)))
        );
        // Both of them have it on their timeline.
        for number in ["10002", "20002"] {
            assert_eq!(kit.timeline(number).iter().filter(|l| l.at == entry.at).count(), 1, "{number} {act:?}");
        }
        assert!(chen.watch(mark).1.contains(&k1.0));
    }
    let why = chen.refused(advance(false), k1, Some(version));
    assert_eq!((why.class, why.why.code.as_ref()), (RefusalClass::Policy, "refused-transfer-early"));
    kit.time.hours(24);
    let now = row(&chen.on(advance(false), k1, Some(version)));
    assert_eq!((now.customer.owner, now.transfer, now.receivable_fen), (Some(to), None, 412_300));
    assert_eq!(now.customer.since, Some(kit.service.day(kit.time.now())));
    let card = card(&kit, "K001");
    let told: Vec<_> = card.ownerships.iter().map(|o| (o.owner, o.to.is_none(), o.transfer.is_some())).collect();
    assert_eq!(told, [(Some(from), false, false), (Some(to), true, true)]);
    assert_eq!(
        (card.transfers.len(), card.transfers[0].state, card.transfers[0].ended_at.is_some()),
        (1, TransferState::Transferred, true)
    );
    assert_eq!(held(&kit, "10002").len(), 2);
    assert_eq!(held(&kit, "20002")[0], ("K001".into(), 2, 200_050, 412_300));
    assert_eq!(kit.read(store::customer::owed), owed, "17: what is owed changed in a transfer");
    check(&kit);
}

fn a_customer_that_declines_goes_to_the_pool(on: Engine) {
    let kit = company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let (k1, k3, owed) = (id(&kit, "K001"), id(&kit, "K003"), kit.read(store::customer::owed));
    let (to, third) = (kit.person("20002"), kit.person("20003"));
    let advance = Act::CustomerAdvance { confirmed: false };
    chen.on(Act::CustomerTransfer { to }, k1, None);
    chen.on(advance.clone(), k1, None);
    assert_eq!(chen.refused(Act::CustomerDecline { collector: None }, k1, None).why.code, "refused-no-collector");
    let now = row(&chen.on(Act::CustomerDecline { collector: Some(third) }, k1, None));
    assert_eq!((now.owner, now.collector.map(|p| p.number), now.receivable_fen), (None, Some("20003".into()), 412_300));
    assert_eq!(card(&kit, "K001").transfers[0].state, TransferState::Declined);
    let collects = kit.read(|tx| store::customer::collected_by(tx, third));
    assert_eq!(collects.iter().map(|h| h.number.as_str()).collect::<Vec<_>>(), ["K001"]);
    // The collector leaves: somebody else is named; an owner who comes from the pool collects himself.
    let why = lin.refused(Act::CustomerCollect { collector: third }, k1, None);
    assert_eq!(why.why.code, "refused-no-change");
    assert_eq!(row(&lin.on(Act::CustomerCollect { collector: to }, k1, None)).customer.collector, Some(to));
    lin.on(Act::CustomerTransfer { to }, k1, None);
    lin.on(advance.clone(), k1, None);
    lin.on(advance, k1, None);
    let now = row(&lin.on(Act::CustomerAdvance { confirmed: true }, k1, None));
    assert_eq!((now.customer.owner, now.collector), (Some(to), None));
    // Nothing is owed: the pool takes it as it is. An act on the pool of nobody names nobody, and is told in clear.
    let (seq, now) = (kit.seq(), row(&chen.on(Act::CustomerPool { collector: None }, k3, None)));
    assert_eq!((now.owner, now.collector, kit.entries(seq).len()), (None, None, 1));
    assert_eq!(kit.read(|tx| store::customer::pool(tx, &None, 9)).len(), 2);
    assert_eq!(kit.read(store::customer::owed), owed);
    check(&kit);
}

fn what_must_not_be_is_refused(on: Engine) {
    let kit = company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let (k1, k4) = (id(&kit, "K001"), id(&kit, "K004"));
    let (a, b) = (kit.person("10002"), kit.person("20002"));
    let transfer = |to| Act::CustomerTransfer { to };
    let seq = kit.seq();
    assert_eq!(chen.refused(transfer(b), Uuid::from_u128(9), None).class, RefusalClass::NotFound);
    assert_eq!(chen.refused(transfer(PersonId(Uuid::from_u128(9))), k1, None).why.code, "refused-no-taker");
    assert_eq!(chen.refused(transfer(a), k1, None).why.code, "refused-transfer-self");
    assert_eq!(kit.seq(), seq, "a refusal left something");
    notice(&kit, "20002");
    assert_eq!(chen.refused(transfer(b), k1, None).why.code, "refused-taker-leaving");
    // Two operators at once: the second is told who was first.
    let c = kit.person("20003");
    chen.on(transfer(c), k1, Some(1));
    let why = lin.refused(transfer(c), k1, Some(1));
    assert_eq!(
        (why.class, why.why.args["by"].as_str(), why.why.args["state"].as_str()),
        (RefusalClass::Conflict, "chen", "@transfer-state-proposed")
    );
    assert_eq!(lin.refused(transfer(c), k1, Some(2)).why.code, "refused-transfer-open");
    // Whoever gives notice while a transfer is under way no longer gets it.
    chen.on(Act::CustomerAdvance { confirmed: false }, k1, None);
    notice(&kit, "20003");
    assert_eq!(chen.refused(Act::CustomerAdvance { confirmed: true }, k1, None).why.code, "refused-taker-leaving");
    chen.on(Act::CustomerFail, k1, None);
    assert_eq!(card(&kit, "K001").row.customer.owner, Some(a));
    // A file names another owner meanwhile: what was proposed is overtaken.
    let d = kit.person("20001");
    chen.on(transfer(d), k4, None);
    kit.load("customers", &format!("{HEAD}K004,金桥电子,,10002,2026-03-01,\n"));
    assert_eq!(chen.refused(Act::CustomerAdvance { confirmed: false }, k4, None).why.code, "refused-transfer-overtaken");
    // An act that wants a reason does without none.
    let bare = ActRequest::one(Act::CustomerPool { collector: None }, k4, None);
    assert_eq!(chen.send(bare).unwrap_err().what.code, "act-reason");
    // Several customers are one request: those that may, go.
    let targets = ["K001", "K004"].map(|n| Target { id: id(&kit, n).into(), version: None }).to_vec();
    let reply = chen.send(ActRequest { targets, ..ActRequest::one(transfer(d), k1, None) }).unwrap();
    let refusals: Vec<_> = reply.outcomes.iter().map(|o| o.refusal.as_ref().map(|r| r.why.code.as_ref())).collect();
    assert_eq!(refusals, [None, Some("refused-transfer-open")]);
    check(&kit);
}

/// (row, column, reason) of the quarantine.
fn waiting(kit: &Kit) -> Vec<(u64, String, String)> {
    let rows = ask!(kit.me(), Query::Quarantine { slice: Slice { after: None, limit: 500 } } => Quarantine).rows;
    let mut all: Vec<_> =
        rows.into_iter().map(|q| (q.row.origin.row, q.row.column.unwrap_or_default(), q.row.why.code.into_owned())).collect();
    all.sort();
    all
}

fn bad_rows_wait_with_their_reason(on: Engine) {
    let kit = company(on);
    let before = kit.read(store::customer::owed);
    let state = kit.load(
        "customers",
        &format!(
            "{HEAD}K101,甲,,99999,2024-01-01,\nK102,乙,,10002,2001-01-01,\nK103,丙,,10002,2024-01-01,2023-01-01\nK002,华东纺织,,20001,2023-06-01,\n\
             K104,丁,,,2024-01-01,\nK105,戊,,10002,2026-03-09,\nK106,,,10002,,\nK107,庚,,10002,,2024-01-01\nK108,辛,,10002,2024-01-01,2026-03-02\n"
        ),
    );
    assert_eq!((state.added, state.refused), (0, 9));
    let told = |column: &str, code: &str, row| (row, column.to_owned(), code.to_owned());
    assert_eq!(
        waiting(&kit),
        [
            told("", "import-unknown-number", 1),
            told("", "import-outside-employment", 2),
            told("owned_until", "row-until-before-from", 3),
            told("", "import-ownership-overlap", 4),
            told("owner", "row-missing", 5),
            told("owned_from", "row-future", 6),
            told("name", "row-missing", 7),
            told("owned_from", "row-missing", 8),
            told("owned_until", "row-future", 9),
        ]
    );
    let clear = |kit: &Kit| kit.write(|tx| tx.exec("delete from quarantine", &[]));
    clear(&kit);
    let state = kit.load(
        "receivables",
        "number,customer,amount,due_on\nR1,K001,-1,2026-03-31\nR8,K001,1.005,2026-03-31\nR9,K777,1,2026-03-31\nR10,K001,1e3,2026-03-31\nR11,K001,,2026-03-31\n",
    );
    assert_eq!((state.added, state.refused), (0, 5));
    assert_eq!(
        waiting(&kit),
        [
            told("amount", "row-negative", 1),
            told("amount", "row-money", 2),
            told("", "import-unknown-customer", 3),
            told("amount", "row-money", 4),
            told("amount", "row-missing", 5),
        ]
    );
    clear(&kit);
    kit.load("orders", "number,customer,placed_on,amount,state\nD8,K001,2026-04-01,1,open\nD9,K001,2026-02-01,1,lost\n");
    assert_eq!(waiting(&kit), [told("placed_on", "row-future", 1), told("state", "row-word", 2)]);
    assert_eq!(kit.read(store::customer::owed), before);
    check(&kit);
}

fn whoever_comes_later_is_found(on: Engine) {
    let kit = Kit::new(on);
    // The files come in the wrong order altogether.
    kit.load("receivables", RECEIVABLES);
    kit.load("orders", ORDERS);
    let state = kit.load("customers", &format!("{HEAD}{CUSTOMERS}"));
    assert_eq!((state.added, state.refused), (1, 5), "nobody works here yet");
    kit.load("employees", EMPLOYEES);
    assert_eq!(waiting(&kit), [], "nobody has to ask for the retry");
    assert_eq!(held(&kit, "10002"), held(&company(on), "10002"));
    check(&kit);
}

fn a_file_takes_nothing_back_that_was_handed_over(on: Engine) {
    let kit = company(on);
    let chen = kit.hand("chen");
    let (k1, to, third) = (id(&kit, "K001"), kit.person("20002"), kit.person("20003"));
    notice(&kit, "10002");
    let over = |to| {
        chen.on(Act::CustomerTransfer { to }, k1, None);
        chen.on(Act::CustomerAdvance { confirmed: false }, k1, None);
        chen.on(Act::CustomerAdvance { confirmed: false }, k1, None);
        chen.on(Act::CustomerAdvance { confirmed: true }, k1, None);
    };
    over(to);
    let now = |kit: &Kit| card(kit, "K001").row.customer;
    // The other system goes on to name the leaver, day after day, with and without a first day.
    let version = now(&kit).version;
    for _ in 0..3 {
        kit.time.hours(24);
        kit.load("customers", "number,name,contact,owner\nK001,宏远贸易,王经理 13800000001,10002\n");
        kit.load("customers", &format!("{HEAD}{CUSTOMERS}"));
        assert_eq!((now(&kit).owner, now(&kit).version), (Some(to), version));
    }
    // It comes as far as the first hand-over when there was a second one already.
    over(third);
    kit.time.hours(24);
    kit.load("customers", "number,name,contact,owner\nK001,宏远贸易,王经理 13800000001,20002\n");
    assert_eq!(now(&kit).owner, Some(third));
    kit.time.hours(24);
    kit.load("customers", "number,name,contact,owner\nK001,宏远贸易,王经理 13800000001,20003\n");
    assert_eq!((now(&kit).owner, waiting(&kit)), (Some(third), vec![]));
    // Then it names the leaver anew: that is no news to follow.
    kit.time.hours(24);
    let state = kit.load("customers", "number,name,contact,owner\nK001,宏远贸易,王经理 13800000001,10002\n");
    assert_eq!((state.refused, now(&kit).owner), (1, Some(third)));
    assert_eq!(waiting(&kit)[0].2, "import-owner-leaving");
    // Somebody who stays is.
    kit.load("customers", "number,name,contact,owner\nK001,宏远贸易,王经理 13800000001,20001\n");
    assert_eq!(now(&kit).owner, Some(kit.person("20001")));
    check(&kit);
}

fn a_dry_run_says_what_loading_does(on: Engine) {
    let kit = company(on);
    let customers =
        format!("{HEAD}K001,宏远集团,,10002,2024-01-01,\nK004,金桥电子,,20002,2024-03-01,\nK009,新客户,,10002,,\nK010,谁的,,77777,,\n");
    let orders = "number,customer,placed_on,amount,state\nD1,K001,2026-01-10,1200.50,completed\nD3,K001,2025-12-01,99.90,completed\nD7,K999,2026-01-01,1,\n";
    let owed = "number,customer,amount,due_on\nR1,K001,4000.00,2026-03-31\nR4,K004,70.00,2026-05-31\n";
    for (kind, text) in [("customers", customers.as_str()), ("orders", orders), ("receivables", owed)] {
        // Of two statements of one day nobody knows which is the later one.
        kit.time.hours(24);
        let dump = || kit.sql_texts("select number || name || version from customers order by number");
        let (before, staged) = (dump(), kit.stage(kind, text, Preview::Only).unwrap());
        assert_eq!(dump(), before, "a dry run changed something");
        let did = kit.load(kind, text);
        let told = staged.change;
        assert_eq!((told.changed_custody as i64, told.same as i64, told.refused as i64), (did.added, did.same, did.refused), "{kind}");
        assert!(did.added > 0, "{kind}");
        let again = kit.load(kind, text);
        assert_eq!((again.added, again.same), (0, did.added + did.same), "{kind}: twice is once");
    }
    let c = card(&kit, "K001");
    assert_eq!((c.row.customer.name.as_str(), c.row.customer.contact.as_deref(), c.row.customer.version), ("宏远集团", None, 2));
    assert_eq!((c.row.open_orders, c.row.receivable_fen), (1, 400_000));
    check(&kit);
}

fn list(kit: &Kit, view: CustomerView, owner: Option<&str>, text: &str, limit: u32) -> Vec<String> {
    let (owner, filter) = (owner.map(|n| kit.person(n)), Filter::parse(text).unwrap());
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let slice = Slice { after: after.take(), limit };
        let page = ask!(kit.me(), Query::Customers { view, owner, filter: filter.clone(), slice } => Customers);
        all.extend(page.rows.into_iter().map(|r| r.customer.number));
        match page.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

fn lists_are_paged_and_filtered(on: Engine) {
    let kit = company(on);
    use CustomerView::{All, Leaving, Moving, Pool};
    for limit in [1, 2, 5, 200] {
        assert_eq!(list(&kit, All, None, "", limit), ["K001", "K002", "K003", "K004", "K005"]);
        assert_eq!(list(&kit, All, Some("10002"), "", limit), ["K001", "K002", "K003"]);
    }
    assert_eq!(list(&kit, Pool, None, "", 9), ["K005"]);
    assert_eq!(list(&kit, All, None, "K00", 9).len(), 5);
    assert_eq!(list(&kit, All, None, "华东", 9), ["K002"]);
    assert_eq!(list(&kit, All, None, "org:快消部", 9), ["K001", "K002", "K003", "K004"]);
    assert_eq!(list(&kit, Leaving, None, "", 9), [""; 0]);
    notice(&kit, "20002");
    assert_eq!(list(&kit, Leaving, None, "", 9), ["K004"]);
    assert_eq!(list(&kit, Moving, None, "", 9), [""; 0]);
    kit.me().on(Act::CustomerTransfer { to: kit.person("10002") }, id(&kit, "K004"), None);
    assert_eq!(list(&kit, Moving, None, "", 9), ["K004"]);
    // After an id, as `--after` gives it.
    let slice = Slice { after: Some(id(&kit, "K003").to_string()), limit: 9 };
    let page = ask!(kit.me(), Query::Customers { view: All, owner: None, filter: Filter::default(), slice } => Customers);
    assert_eq!(page.rows.iter().map(|r| r.customer.number.as_str()).collect::<Vec<_>>(), ["K004", "K005"]);
    let found = ask!(kit.me(), Query::FindCustomer { number: "K002".into() } => FoundCustomers);
    assert_eq!(found.len(), 1);
}

fn every_look_at_a_customer_is_logged(on: Engine) {
    let kit = company(on);
    let (hand, k1) = (kit.me(), id(&kit, "K001"));
    let seq = kit.read_seq();
    ask!(hand, Query::Customer { id: k1 } => Customer);
    let [entry] = <[_; 1]>::try_from(kit.reads(seq)).unwrap();
    let customers = |e: &tenure::domain::audit::Entry| -> BTreeSet<Uuid> {
        e.items.iter().filter(|i| i.entity == Entity::Customer).map(|i| i.id).collect()
    };
    assert_eq!((entry.act.as_str(), customers(&entry)), ("customer", BTreeSet::from([k1.0])));
    assert!(entry.items.iter().any(|i| i.person == Some(kit.person("10002"))), "the owner's name was shown");
    // A card that is none is asked for all the same.
    let seq = kit.read_seq();
    assert!(hand.try_ask(Query::Customer { id: CustomerId(Uuid::from_u128(9)) }).is_err());
    assert_eq!(kit.reads(seq).len(), 1);
    // A list names all it showed, and no name of a customer is in the chain in clear.
    let seq = kit.read_seq();
    let rows = ask!(hand, Query::Customers { view: CustomerView::All, owner: None, filter: Filter::default(), slice: Slice::default() } => Customers);
    hand.flush();
    let [entry] = <[_; 1]>::try_from(kit.reads(seq)).unwrap();
    assert_eq!(customers(&entry), rows.rows.iter().map(|r| r.customer.id.0).collect());
    let told = serde_json::to_string(&[kit.reads(0), kit.entries(0)]).unwrap();
    assert!(!told.contains("宏远") && !told.contains("13800000001"));
    // The access list reads well.
    let log = ask!(hand, Query::Access { slice: Slice { after: None, limit: 1 } } => Audit);
    assert_eq!(log.rows[0].what.code, "audit-read-customers");
    assert_eq!(log.rows[0].what.args["count"], "5");
}

fn people_are_found_by_their_email(on: Engine) {
    let kit = Kit::new(on);
    let state = kit.load(
        "employees",
        "number,name,org,post,started,email\n1,甲,/a,员,2020-01-01,Li.Wei@Example.com\n2,乙,/a,员,2020-01-01,li.wei@example.com\n3,丙,/a,员,2020-01-01,\n\
         4,丁,/a,员,2020-01-01,not an address\n",
    );
    assert_eq!((state.added, state.refused), (3, 1));
    assert_eq!(waiting(&kit), [(4, "email".into(), "row-email".into())]);
    let found = |email: &str| -> Vec<String> { kit.read(|tx| store::person::by_email(tx, email)).into_iter().map(|p| p.number).collect() };
    assert_eq!(found(" LI.wei@example.com").len(), 2, "two who share one are both found");
    assert_eq!((found("x@example.com"), found("")), (vec![], vec![]));
    let Answer::Person(card) = kit.me().ask(Query::Person { id: kit.person("1") }) else { panic!() };
    assert_eq!(card.person.email.as_deref(), Some("li.wei@example.com"));
    kit.load("exits", "number,last_day,exit\n1,2026-02-01,resigned\n");
    assert_eq!(found("li.wei@example.com"), ["2", "1"], "the living first");
    kit.me().on(Act::PersonErase, kit.person("2"), None);
    assert_eq!(found("li.wei@example.com"), ["1"]);
    assert_eq!(kit.count("select count(*) from persons where email is not null"), 1);
}

/// What files can say: customers with some pasts, orders, receivables, restated on later days.
fn statements() -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("employees", "10002,王销远,/集团/快消部,销售总监,2018-05-01,2026-01-05".to_owned()),
        ("employees", "20002,张伟,/集团/快消部,销售,2021-01-01,2026-01-05".into()),
        ("employees", "20003,张伟,/集团/制造部,质检员,2022-01-01,2026-01-05".into()),
    ];
    for n in 1..5 {
        let (k, owner) = (format!("K{n:03}"), ["10002", "20002", "20003"][n % 3]);
        rows.push(("customers", format!("{k},客户{n},,20002,2022-0{n}-01,2022-12-31,2026-01-10")));
        rows.push(("customers", format!("{k},客户{n},电话{n},{owner},2023-02-01,,2026-01-11")));
        // Day after day the present owner, and at last another one.
        for day in 12..18 {
            let name = if day < 15 { format!("客户{n}") } else { format!("客户{n}公司") };
            rows.push(("customers", format!("{k},{name},电话{n},{},,,2026-01-{day}", if day < 16 { owner } else { "10002" })));
        }
        for order in 0..3 {
            for (day, state) in [(10 + order, "open"), (14 + order, "shipped"), (17 + order, "completed")] {
                rows.push(("orders", format!("D{n}{order},{k},2026-01-05,{}.50,{state},2026-01-{day}", n * 100)));
            }
        }
        for (day, amount) in [(10, "500"), (15, "200.01"), (19, if n == 2 { "0" } else { "100" })] {
            rows.push(("receivables", format!("R{n},{k},{amount},2026-04-01,2026-01-{day}")));
        }
    }
    rows
}

fn header(kind: &str) -> &'static str {
    match kind {
        "employees" => "number,name,org,post,started,stated_on",
        "customers" => "number,name,contact,owner,owned_from,owned_until,stated_on",
        "orders" => "number,customer,placed_on,amount,state,stated_on",
        _ => "number,customer,amount,due_on,stated_on",
    }
}

/// What a home knows about customers, without ids.
fn known(kit: &Kit) -> Vec<String> {
    let mut out = Vec::new();
    for c in kit.read(|tx| store::customer::page(tx, CustomerView::All, None, &Filter::default(), &None, 500)) {
        let k = card(kit, &c.customer.number);
        let people: BTreeMap<PersonId, String> = k.people.iter().map(|p| (p.id, p.number.clone())).collect();
        let owners: Vec<_> = k.ownerships.iter().map(|o| (o.owner.map(|p| people[&p].clone()), o.from, o.to)).collect();
        let orders: BTreeSet<_> = k.orders.iter().map(|o| format!("{} {} {} {}", o.number, o.placed_on, o.amount_fen, o.state)).collect();
        let owed: BTreeSet<_> = k.receivables.iter().map(|r| format!("{} {} {}", r.number, r.amount_fen, r.due_on)).collect();
        out.push(format!("{} {} {:?} {owners:?} {orders:?} {owed:?}", c.customer.number, c.customer.name, c.customer.contact));
    }
    out
}

/// Loads rows in their order, a file for each run of rows of one kind.
fn load(kit: &Kit, rows: &[(&'static str, String)]) -> Vec<ImportState> {
    let files = rows.chunk_by(|a, b| a.0 == b.0);
    files
        .map(|f| kit.load(f[0].0, &format!("{}\n{}\n", header(f[0].0), f.iter().map(|r| r.1.as_str()).collect::<Vec<_>>().join("\n"))))
        .collect()
}

fn order_and_split_do_not_matter(on: Engine) {
    let rows = statements();
    let plain = Kit::new(on);
    load(&plain, &rows);
    let want = known(&plain);
    assert_eq!((want.len(), waiting(&plain)), (4, vec![]));
    assert!(want[0].contains("客户1公司") && want[0].contains("Some(\"20002\")") && want[0].contains("None"), "{want:?}");
    // Twice is once.
    let versions = |kit: &Kit| kit.sql_texts("select number || ' ' || version from customers order by number");
    let before = versions(&plain);
    assert!(load(&plain, &rows).iter().all(|s| (s.added, s.refused) == (0, 0)));
    assert_eq!((known(&plain), versions(&plain)), (want.clone(), before));
    check(&plain);
    let cases = (Just(rows).prop_shuffle(), prop::collection::vec(1..40usize, 0..4), any::<bool>());
    runner(on, 12, 2)
        .run(&cases, |(mut rows, cuts, sorted)| {
            let kit = Kit::new(on);
            if sorted {
                // Whole files of a kind, in an order that has most rows wait for others.
                rows.sort_by_key(|r| std::cmp::Reverse(r.0));
            }
            let mut rest = rows.as_slice();
            for cut in cuts {
                let (part, more) = rest.split_at(cut.min(rest.len()));
                rest = more;
                load(&kit, part);
            }
            load(&kit, rest);
            prop_assert_eq!(waiting(&kit), vec![]);
            prop_assert_eq!(known(&kit), want.clone());
            check(&kit);
            Ok(())
        })
        .unwrap();
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Which customer, whom.
    Propose(usize, usize),
    Advance(usize, bool),
    Decline(usize, Option<usize>),
    Pool(usize, Option<usize>),
    Fail(usize),
    Collect(usize, usize),
    /// A file names an owner.
    Named(usize, usize),
    /// A file states what is owed, in fen.
    Owes(usize, i64),
    Leaves(usize),
    Hours(i64),
}

fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    let (c, p) = (0..3usize, 0..5usize);
    let some = || prop::option::of(0..5usize);
    prop_oneof![
        5 => (c.clone(), p.clone()).prop_map(|(c, p)| Propose(c, p)),
        9 => (c.clone(), any::<bool>()).prop_map(|(c, b)| Advance(c, b)),
        2 => (c.clone(), some()).prop_map(|(c, p)| Decline(c, p)),
        2 => (c.clone(), some()).prop_map(|(c, p)| Pool(c, p)),
        1 => c.clone().prop_map(Fail),
        1 => (c.clone(), p.clone()).prop_map(|(c, p)| Collect(c, p)),
        2 => (c.clone(), p.clone()).prop_map(|(c, p)| Named(c, p)),
        2 => (c, 0..50_000i64).prop_map(|(c, fen)| Owes(c, fen)),
        1 => p.prop_map(Leaves),
        2 => (1..40i64).prop_map(Hours),
    ]
}

const PEOPLE: [&str; 5] = ["10001", "10002", "10003", "20001", "20002"];

/// 16 and 17 under any interleaving of transfers, files and departures.
fn custody_holds_in_any_order(on: Engine) {
    runner(on, 40, 4)
        .run(&prop::collection::vec(step(), 1..30), |steps| {
            let kit = Kit::new(on);
            kit.load("employees", EMPLOYEES);
            kit.load("customers", &format!("{HEAD}K0,零,,10001,2024-01-01,\nK1,一,,10002,2024-01-01,\nK2,二,,pool,2024-01-01,\n"));
            let hand = kit.me();
            let people = PEOPLE.map(|n| kit.person(n));
            let customers = ["K0", "K1", "K2"].map(|n| id(&kit, n));
            let mut leaving = BTreeSet::new();
            let mut owes = [0i64; 3];
            for (n, step) in steps.iter().enumerate() {
                let before = customers.map(|c| kit.read(|tx| store::customer::get(tx, c)).unwrap());
                let act = |c: usize, act| hand.try_on(act, customers[c], None).outcomes[0].refusal.is_none();
                let mut took = None;
                match *step {
                    Step::Propose(c, p) => _ = act(c, Act::CustomerTransfer { to: people[p] }),
                    Step::Advance(c, confirmed) => took = act(c, Act::CustomerAdvance { confirmed }).then_some(c),
                    Step::Decline(c, p) => _ = act(c, Act::CustomerDecline { collector: p.map(|p| people[p]) }),
                    Step::Pool(c, p) => _ = act(c, Act::CustomerPool { collector: p.map(|p| people[p]) }),
                    Step::Fail(c) => _ = act(c, Act::CustomerFail),
                    Step::Collect(c, p) => _ = act(c, Act::CustomerCollect { collector: people[p] }),
                    Step::Named(c, p) => {
                        kit.load("customers", &format!("number,name,owner\nK{c},{},{}\n", ["零", "一", "二"][c], PEOPLE[p]));
                    }
                    Step::Owes(c, fen) => {
                        kit.time.hours(24);
                        owes[c] = fen;
                        kit.load(
                            "receivables",
                            &format!("number,customer,amount,due_on\nR{c},K{c},{}.{:02},2026-12-31\n", fen / 100, fen % 100),
                        );
                    }
                    Step::Leaves(p) => {
                        // Whoever has left already does not leave again.
                        if leaving.insert(people[p]) {
                            notice(&kit, PEOPLE[p]);
                        }
                        kit.time.hours(24 * (n as i64 % 2) * 30);
                        kit.service.run_daily().unwrap();
                        kit.drain();
                    }
                    Step::Hours(h) => kit.time.hours(h),
                }
                check(&kit);
                let after = customers.map(|c| kit.read(|tx| store::customer::get(tx, c)).unwrap());
                if let Some(c) = took
                    && after[c].owner != before[c].owner
                {
                    prop_assert!(!leaving.contains(&after[c].owner.unwrap()), "a leaver took a customer over");
                }
                for (c, (was, is)) in before.iter().zip(&after).enumerate() {
                    if is.collector != was.collector && is.collector.is_some_and(|p| leaving.contains(&p)) {
                        prop_assert!(false, "a leaver collects for K{c}");
                    }
                    let pooled = was.owner.is_some() && is.owner.is_none() && !matches!(step, Step::Named(..));
                    prop_assert!(!pooled || owes[c] == 0 || is.responsible().is_some(), "17: nobody answers for what K{c} owes");
                    if is.owner == was.owner && is.version == was.version {
                        prop_assert_eq!(is, was);
                    }
                }
                // 17: what is owed is what files say, whoever owns whom.
                prop_assert_eq!(kit.read(store::customer::owed), owes.iter().sum::<i64>());
                let mut by = 0;
                for p in people {
                    let (own, pool) = kit.read(|tx| Ok((store::customer::held_by(tx, p)?, store::customer::collected_by(tx, p)?)));
                    by += own.iter().chain(&pool).map(|h| h.receivable_fen).sum::<i64>();
                }
                let nobodys: i64 = after.iter().zip(owes).filter(|(c, _)| c.responsible().is_none()).map(|(_, owes)| owes).sum();
                prop_assert_eq!(by + nobodys, owes.iter().sum::<i64>());
            }
            for c in customers {
                let points = kit.read(|tx| store::customer::points(tx, c));
                prop_assert!(!customer::intervals(&points).is_empty());
            }
            Ok(())
        })
        .unwrap();
}
