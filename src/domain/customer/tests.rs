//! Laws of ownership (domain.md 16: 16, 17) and the moves of a transfer that are forbidden (domain.md 7).

use super::*;
use crate::domain::act::{Context, Policy};
use jiff::{ToSpan, civil::date};
use proptest::prelude::*;
use uuid::Uuid;

fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(n))
}

fn day(n: i64) -> Date {
    date(2026, 1, 1).checked_add(n.days()).unwrap()
}

fn stated(since: i64, owner: Option<u128>, until: Option<i64>) -> Point {
    Point { since: day(since), n: 0, owner: owner.map(person), until: until.map(day), transfer: None }
}

fn moved(since: i64, n: i64, owner: Option<u128>) -> Point {
    Point { since: day(since), n, owner: owner.map(person), until: None, transfer: Some(TransferId(Uuid::from_u128(n as u128))) }
}

/// (owner, first day, last day), in days and small numbers.
fn told(points: &[Point]) -> Vec<(Option<u128>, i64, Option<i64>)> {
    let number = |d: Date| i64::from((d - day(0)).get_days());
    intervals(points).into_iter().map(|i| (i.owner.map(|p| p.0.as_u128()), number(i.from), i.to.map(number))).collect()
}

#[test]
fn intervals_follow_what_was_said() {
    assert_eq!(told(&[]), []);
    assert_eq!(told(&[stated(0, Some(1), None)]), [(Some(1), 0, None)]);
    // A last day is followed by the pool, unless somebody follows.
    assert_eq!(told(&[stated(0, Some(1), Some(9))]), [(Some(1), 0, Some(9)), (None, 10, None)]);
    assert_eq!(told(&[stated(0, Some(1), Some(9)), stated(10, Some(2), None)]), [(Some(1), 0, Some(9)), (Some(2), 10, None)]);
    // The last word of a day is the day's; who owned it for less than a day is in the chain, not here.
    assert_eq!(told(&[stated(0, Some(1), None), moved(5, 1, Some(2)), moved(5, 2, None)]), [(Some(1), 0, Some(4)), (None, 5, None)]);
    assert_eq!(told(&[stated(0, Some(1), None), moved(5, 1, None), moved(5, 2, Some(1))]), [(Some(1), 0, None)]);
}

#[test]
fn a_file_that_is_behind_changes_nothing() {
    let handed = [stated(0, Some(1), None), moved(5, 1, Some(2)), moved(8, 1, Some(3))];
    let after = |more: &[Point]| told(&[&handed, more].concat()).last().copied();
    let three = Some((Some(3), 8, None));
    assert_eq!(after(&[]), three);
    // The file still says what it said, or has come as far as the first hand-over, or all the way.
    assert_eq!(after(&[stated(9, Some(1), None)]), three);
    assert_eq!(after(&[stated(9, Some(2), None)]), three);
    assert_eq!(after(&[stated(9, Some(2), None), stated(10, Some(3), None)]), three);
    // Its end of the first owner's time is no word about the third.
    assert_eq!(told(&[stated(0, Some(1), Some(20)), moved(5, 1, Some(2))]).last(), Some(&(Some(2), 5, None)));
    // A new name is news, and so is an old one once the file had caught up.
    assert_eq!(after(&[stated(9, Some(4), None)]), Some((Some(4), 9, None)));
    assert_eq!(after(&[stated(9, Some(3), None), stated(12, Some(2), None)]), Some((Some(2), 12, None)));
}

fn points() -> impl Strategy<Value = Vec<Point>> {
    let owner = || prop_oneof![Just(None), (1..5_u128).prop_map(Some)];
    let file = (0..40_i64, owner(), prop::option::of(0..15_i64)).prop_map(|(s, o, u)| stated(s, o, u.map(|u| s + u)));
    let hand = (0..40_i64, 1..4_i64, owner()).prop_map(|(s, n, o)| moved(s, n, o));
    prop::collection::vec(prop_oneof![file, hand], 0..12).prop_map(|mut all| {
        // One word a day and place, as the store keeps it.
        all.sort_by_key(|p| (p.since, p.n));
        all.dedup_by_key(|p| (p.since, p.n));
        all
    })
}

proptest! {
    /// 16: exactly one owner or the pool at every instant, without gap or overlap.
    #[test]
    fn there_is_one_owner_or_the_pool_at_every_instant(points in points()) {
        let all = intervals(&points);
        prop_assert_eq!(all.is_empty(), points.is_empty());
        for pair in all.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from.yesterday().ok(), "a gap or an overlap");
            prop_assert!(pair[0].from < pair[1].from);
            prop_assert_ne!(pair[0].owner, pair[1].owner, "one interval in two");
        }
        prop_assert!(all.last().is_none_or(|l| l.to.is_none()));
        for n in -3..60 {
            let fits: Vec<_> = all.iter().filter(|i| i.from <= day(n) && i.to.is_none_or(|to| day(n) <= to)).collect();
            prop_assert!(fits.len() <= 1);
            prop_assert_eq!(owner_on(&all, day(n)), fits.first().and_then(|i| i.owner));
        }
    }

    #[test]
    fn the_order_of_words_does_not_matter(points in points(), seed in any::<u64>()) {
        let mut mixed = points.clone();
        mixed.sort_by_key(|p| (p.n ^ seed as i64, p.since.day() as u64 ^ seed));
        prop_assert_eq!(intervals(&points), intervals(&mixed));
    }

    #[test]
    fn a_file_that_says_the_same_again_changes_nothing(points in points(), later in 60..90_i64) {
        let files = || points.iter().filter(|p| p.transfer.is_none());
        prop_assume!(files().all(|p| p.until.is_none()));
        if let Some(last) = files().max_by_key(|p| p.since) {
            let again = Point { since: day(later), ..last.clone() };
            prop_assert_eq!(intervals(&[points.clone(), vec![again]].concat()), intervals(&points));
        }
    }
}

const OWNER: u128 = 1;
const TAKER: u128 = 2;

fn cx() -> Context {
    let mut n = 100;
    let id = Box::new(move |_| {
        n += 1;
        Uuid::from_u128(n)
    });
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    Context::new(now, crate::domain::ids::OperatorId(Uuid::nil()), "chen", Policy::default(), id)
}

fn taker(n: u128, state: SpellState) -> Taker {
    Taker { id: person(n), number: n.to_string(), state, leaving: matches!(state, SpellState::Notice | SpellState::Departed) }
}

fn facts(owner: Option<u128>, state: Option<TransferState>, owed: i64) -> CustomerFacts {
    let at = cx().now;
    CustomerFacts {
        customer: Customer {
            id: CustomerId(Uuid::from_u128(9)),
            number: "K1".into(),
            name: "客户".into(),
            contact: None,
            owner: owner.map(person),
            since: Some(day(0)),
            collector: None,
            version: 3,
            touched_by: Some("lin".into()),
            touched_at: at,
        },
        open: state.map(|state| Transfer {
            id: TransferId(Uuid::from_u128(8)),
            customer: CustomerId(Uuid::from_u128(9)),
            from: owner.map(person),
            to: Some(person(TAKER)),
            state,
            open_orders: 0,
            receivable_fen: 0,
            collector: None,
            proposed_by: "lin".into(),
            proposed_at: at,
            pending_until: (state == TransferState::Pending).then(|| at + SignedDuration::from_hours(1)),
            ended_at: None,
        }),
        open_orders: 2,
        receivable_fen: owed,
        taker: Some(taker(TAKER, SpellState::Active)),
        collector: None,
        today: day(60),
        points_today: 0,
    }
}

fn code(f: &CustomerFacts, act: &Act) -> String {
    match decide(f, act, &mut cx()) {
        Ok(done) => panic!("not refused: {done:?}"),
        Err(refusal) => refusal.why.code.into_owned(),
    }
}

fn done(f: &CustomerFacts, act: &Act) -> (Customer, Option<Point>, Option<Transfer>) {
    let changes = decide(f, act, &mut cx()).unwrap();
    let transfer = changes.iter().find_map(|c| if let Change::Transfer(t) = c { Some(t.clone()) } else { None });
    let Some(Change::Customer { customer, point }) = changes.into_iter().last() else { panic!("no customer") };
    assert_eq!((customer.version, customer.touched_by.as_deref()), (4, Some("chen")));
    (customer, point, transfer)
}

#[test]
fn a_transfer_goes_its_way_and_carries_what_is_owed() {
    use TransferState::{Pending, Proposed, Requested, Transferred};
    let to = person(TAKER);
    let (c, point, t) = done(&facts(Some(OWNER), None, 500), &Act::CustomerTransfer { to });
    let t = t.unwrap();
    assert_eq!((t.state, t.from, t.to, t.open_orders, t.receivable_fen), (Proposed, Some(person(OWNER)), Some(to), 2, 500));
    assert_eq!((c.owner, point), (Some(person(OWNER)), None), "nothing is handed over by a proposal");
    for (from, next) in [(Proposed, Requested), (Requested, Pending)] {
        let (c, point, t) = done(&facts(Some(OWNER), Some(from), 500), &Act::CustomerAdvance { confirmed: false });
        assert_eq!((t.unwrap().state, c.owner, point), (next, Some(person(OWNER)), None));
    }
    let f = facts(Some(OWNER), Some(Pending), 700);
    assert_eq!(code(&f, &Act::CustomerAdvance { confirmed: false }), "refused-transfer-early");
    let (c, point, t) = done(&f, &Act::CustomerAdvance { confirmed: true });
    let t = t.unwrap();
    assert_eq!((t.state, t.receivable_fen, t.ended_at.is_some()), (Transferred, 700, true));
    assert_eq!((c.owner, c.responsible()), (Some(to), Some(to)));
    assert_eq!(point, Some(Point { since: day(60), n: 1, owner: Some(to), until: None, transfer: Some(t.id) }));
}

#[test]
fn what_must_not_be_is_refused() {
    use TransferState::{Pending, Proposed, Requested};
    let transfer = Act::CustomerTransfer { to: person(TAKER) };
    let advance = Act::CustomerAdvance { confirmed: true };
    // A leaver never takes over, and neither does anybody who is not in post; also not when that has become so since.
    for (state, why) in [
        (SpellState::Notice, "refused-taker-leaving"),
        (SpellState::Departed, "refused-taker-leaving"),
        (SpellState::PreHire, "refused-taker-not-in-post"),
        (SpellState::Suspended, "refused-taker-not-in-post"),
        (SpellState::OnLeave, "refused-taker-not-in-post"),
    ] {
        for (open, act) in [(None, &transfer), (Some(Proposed), &advance), (Some(Requested), &advance), (Some(Pending), &advance)] {
            let f = CustomerFacts { taker: Some(taker(TAKER, state)), ..facts(Some(OWNER), open, 0) };
            assert_eq!(code(&f, act), why, "{state:?} {open:?}");
        }
    }
    // An open offboarding case makes a leaver of somebody who still works.
    let case = Taker { leaving: true, ..taker(TAKER, SpellState::Active) };
    assert_eq!(code(&CustomerFacts { taker: Some(case), ..facts(Some(OWNER), None, 0) }, &transfer), "refused-taker-leaving");
    assert_eq!(code(&CustomerFacts { taker: None, ..facts(Some(OWNER), None, 0) }, &transfer), "refused-no-taker");
    assert_eq!(code(&facts(Some(TAKER), None, 0), &transfer), "refused-transfer-self");
    assert_eq!(code(&facts(Some(OWNER), Some(Requested), 0), &transfer), "refused-transfer-open");
    // Somebody else owns it by now.
    let f = facts(Some(OWNER), Some(Pending), 0);
    let other = CustomerFacts { customer: Customer { owner: Some(person(5)), ..f.customer.clone() }, ..f };
    assert_eq!(code(&other, &advance), "refused-transfer-overtaken");
    // No way on without a transfer, and none for a customer who was not asked.
    for act in [&advance, &Act::CustomerDecline { collector: None }, &Act::CustomerFail] {
        assert_eq!(code(&facts(Some(OWNER), None, 0), act), "refused-no-transfer");
    }
    assert_eq!(code(&facts(Some(OWNER), Some(Proposed), 0), &Act::CustomerDecline { collector: None }), "refused-decline-unasked");
    assert_eq!(code(&facts(None, None, 0), &Act::CustomerPool { collector: None }), "refused-already-pool");
    assert_eq!(code(&facts(Some(OWNER), None, 0), &Act::CustomerCollect { collector: person(TAKER) }), "refused-collector-owned");
    assert_eq!(code(&facts(Some(OWNER), None, 0), &Act::AlertAck), "refused-wrong-target");
    // An older version is a conflict that names who was first.
    let f = facts(Some(OWNER), Some(Pending), 0);
    let why = check_version(&f, Some(2)).unwrap_err();
    assert_eq!((why.class, why.why.args["by"].as_str()), (RefusalClass::Conflict, "lin"));
    assert_eq!((check_version(&f, Some(3)), check_version(&f, None)), (Ok(()), Ok(())));
}

#[test]
fn without_an_owner_somebody_is_named_for_the_money() {
    use TransferState::{Declined, Failed, Pending, Pooled, Requested};
    let named = Some(person(3));
    let with = |mut f: CustomerFacts, state| {
        f.collector = Some(taker(3, state));
        f
    };
    let decline = |collector| Act::CustomerDecline { collector };
    let pool = |collector| Act::CustomerPool { collector };
    for (act, open, state) in
        [(&decline as &dyn Fn(_) -> Act, Some(Requested), Declined), (&pool, Some(Pending), Pooled), (&pool, None, Pooled)]
    {
        let f = || facts(Some(OWNER), open, 500);
        assert_eq!(code(&f(), &act(None)), "refused-no-collector");
        assert_eq!(code(&with(f(), SpellState::Notice), &act(named)), "refused-taker-leaving");
        let (c, point, t) = done(&with(f(), SpellState::Active), &act(named));
        assert_eq!((c.owner, c.collector, c.responsible()), (None, named, named));
        let t = t.unwrap();
        assert_eq!((t.state, t.collector, t.receivable_fen, t.ended_at.is_some()), (state, named, 500, true));
        assert_eq!(point.unwrap().owner, None);
        // Nothing is owed: nobody has to be named.
        let (c, ..) = done(&facts(Some(OWNER), open, 0), &act(None));
        assert_eq!(c.responsible(), None);
    }
    // Giving up leaves the owner.
    let (c, point, t) = done(&facts(Some(OWNER), Some(Pending), 500), &Act::CustomerFail);
    assert_eq!((c.owner, point, t.unwrap().state), (Some(person(OWNER)), None, Failed));
    // From the pool somebody takes it, and then collects.
    let mut f = facts(None, Some(Pending), 500);
    f.customer.collector = named;
    let (c, ..) = done(&f, &Act::CustomerAdvance { confirmed: true });
    assert_eq!((c.owner, c.collector, c.responsible()), (Some(person(TAKER)), None, Some(person(TAKER))));
}
