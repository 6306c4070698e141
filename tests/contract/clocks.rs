//! Time: snoozes that end, acknowledgements that are overdue, clocks that jump, zones (domain.md 16, 43 and 44).

use crate::{
    acts::{done, talk},
    kit::{Article, Engine, Kit, file, runner, signals},
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use tenure::{
    domain::{
        act::Act,
        alert::AlertState,
        approval::ApprovalState,
        signal::{LawfulBasis, SignalKind},
    },
    store,
};

on_all!(
    a_snooze_ends_where_it_began,
    an_alert_that_nobody_takes_climbs,
    who_left_is_not_woken,
    a_day_goes_by,
    clock_jumps_expire_nothing_early_and_reorder_nothing,
    three_days_are_the_same_instant_in_every_zone,
);

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

fn a_snooze_ends_where_it_began(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let [fresh, acked, talked] = ["10001", "10002", "10003"].map(|n| kit.alert(n));
    let (_, acked) = done(&kit, &chen, Act::AlertAck, &acked);
    let (_, talked) = done(&kit, &chen, Act::AlertTalk { talk: talk(&kit) }, &talked);
    let began = [AlertState::New, AlertState::Acked, AlertState::InProgress];
    let rows = [fresh, acked, talked];
    let until = kit.time.now() + hours(7);
    let slept: Vec<_> = rows.iter().map(|r| done(&kit, &lin, Act::AlertSnooze { until }, r).1).collect();
    kit.time.pass(hours(7) - SignedDuration::from_mins(1));
    kit.drain();
    assert!(slept.iter().all(|r| kit.stored(r.alert.id) == r.alert), "a minute early");
    kit.time.pass(SignedDuration::from_mins(2));
    let seq = kit.seq();
    kit.drain();
    for (row, state) in slept.iter().zip(began) {
        let now = kit.stored(row.alert.id);
        assert_eq!((now.state, now.snoozed_until, now.version), (state, None, row.alert.version + 1));
        assert_eq!((now.talk_due_at, now.touched_by.as_deref()), (row.alert.talk_due_at, None));
    }
    // Machine work: one entry for the batch.
    let [entry] = <[_; 1]>::try_from(kit.entries(seq)).unwrap();
    assert_eq!((entry.act.as_str(), entry.count, entry.items.len(), entry.operator), ("alert.wake", Some(3), 3, None));
    assert_eq!(entry.digest.map(|d| d.len()), Some(64));
    kit.check();
}

fn an_alert_that_nobody_takes_climbs(on: Engine) {
    let kit = Kit::company(on);
    let raised = kit.alert("10001").alert;
    assert_eq!(raised.raised_at.duration_until(raised.ack_due_at), hours(8));
    for level in 1..=4 {
        kit.time.hours(9);
        kit.drain();
        let now = kit.stored(raised.id);
        assert_eq!((now.escalation, now.state, now.talk_due_at), (level.min(3), AlertState::New, raised.talk_due_at));
    }
    kit.check();
}

/// Somebody leaves while their snooze runs out: one change, one line.
fn who_left_is_not_woken(on: Engine) {
    let kit = Kit::company(on);
    let (chen, a) = (kit.hand("chen"), kit.alert("10001"));
    let until = kit.time.now() + hours(5);
    let (_, slept) = done(&kit, &chen, Act::AlertSnooze { until }, &a);
    let staged = kit.staged("exits", "number,last_day,exit\n10001,2026-03-01,resigned\n");
    chen.on(Act::ImportPublish, staged, None);
    kit.time.hours(6);
    let seq = kit.seq();
    kit.drain();
    let now = kit.stored(a.alert.id);
    assert_eq!((now.state, now.version), (AlertState::ClosedExit, slept.alert.version + 1));
    let changes: Vec<_> = kit.entries(seq).into_iter().filter(|e| e.items.iter().any(|i| i.id == now.id.0)).map(|e| e.act).collect();
    assert_eq!(changes, ["alert.close_exit"]);
    kit.check();
}

/// The daily round of both engines: it backs up where there is a file to back up, and fails on neither.
fn a_day_goes_by(on: Engine) {
    let kit = Kit::company(on);
    for _ in 0..3 {
        kit.time.hours(24);
        kit.drain();
        assert_eq!(kit.count("select count(*) from jobs where kind = 'daily' and state = 'pending'"), 1);
    }
    // An import that was never published is given up after two days, and then cannot be published any more.
    let staged = kit.staged("exits", "number,last_day,exit\n20002,2026-03-01,resigned\n");
    kit.time.hours(72);
    kit.drain();
    assert_eq!(kit.count("select count(*) from import_chunks"), 0);
    let why = kit.me().refused(Act::ImportPublish, staged, None);
    assert_eq!(why.why.code, "refused-import-state");
    // Signals past their keeping time go, and so does what they said.
    let old = kit.count("select count(*) from signals");
    kit.time.hours(24 * 180);
    kit.drain();
    assert!(kit.count("select count(*) from signals") < old);
    assert_eq!(kit.count("select count(*) from signals where kind = 1"), 0, "résumé updates are kept for 180 days");
    let counted = kit.read(store::import::counts);
    assert_eq!(counted, (6, kit.count("select count(*) from signals")));
    let batches: Vec<_> = kit.entries(0).into_iter().filter(|e| e.act == "signal.expire").collect();
    assert!(!batches.is_empty() && batches.iter().all(|e| e.digest.as_ref().is_some_and(|d| d.len() == 64)));
    kit.check();
}

/// 43: the wall clock jumps by an hour, forwards and back, between acts.
fn clock_jumps_expire_nothing_early_and_reorder_nothing(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    // Owned: no clock of the alert itself may make it another subject.
    let (_, a) = done(&kit, &lin, Act::AlertAck, &kit.alert("10001"));
    let until = a.alert.talk_due_at + hours(50);
    let reply = chen.on(Act::AlertSnooze { until }, a.alert.id, None);
    let id = reply.outcomes[0].pending.unwrap();
    let expires = kit.read(|tx| store::approval::get(tx, id)).unwrap().expires_at;
    let note = |n: i64| Act::AlertNote { text: format!("第{n}次") };
    let jumps = prop::collection::vec(prop::bool::ANY, 1..8);
    runner(on, 12, 4)
        .run(&jumps, |jumps| {
            for (n, ahead) in jumps.into_iter().enumerate() {
                kit.time.hours(if ahead { 1 } else { -1 });
                if kit.time.now() > expires - hours(2) || kit.time.now() < a.alert.raised_at - hours(10) {
                    kit.time.pass(kit.time.now().duration_until(a.alert.raised_at) + hours(3));
                }
                let seq = kit.seq();
                lin.on(note(n as i64), a.alert.id, None);
                let entries = kit.entries(seq);
                prop_assert_eq!(entries.len(), 1);
                prop_assert_eq!(entries[0].seq, seq + 1);
                kit.drain();
                let open = kit.read(|tx| store::approval::get(tx, id)).unwrap();
                prop_assert_eq!(open.state, ApprovalState::Open);
            }
            prop_assert!(kit.verified().ok);
            Ok(())
        })
        .unwrap();
    let all = kit.entries(0);
    assert!(all.windows(2).all(|w| w[1].seq == w[0].seq + 1));
    assert!(all.windows(2).any(|w| w[1].at < w[0].at), "no jump back was tried");
    lin.on(Act::ApprovalGrant, id, None);
    assert_eq!(kit.stored(a.alert.id).state, AlertState::Snoozed);
    kit.check();
}

/// 44, also over the nights in which clocks are changed.
fn three_days_are_the_same_instant_in_every_zone(on: Engine) {
    let zones: &[&str] = if on.is_server() {
        &["Asia/Shanghai", "America/New_York"]
    } else {
        &["UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Pacific/Apia", "Asia/Kathmandu"]
    };
    // New York goes to summer time on 2026-03-08, Berlin on 2026-03-29.
    for at in ["2026-03-06T15:00:00Z", "2026-03-27T22:30:00Z"] {
        let at: Timestamp = at.parse().unwrap();
        let mut due = Vec::new();
        for zone in zones {
            let kit = Kit::with(on, at, &format!("[company]\nzone = \"{zone}\"\n"));
            kit.me().done(Act::SignalEnable { kind: SignalKind::ResumeUpdate, basis: LawfulBasis::Consent });
            kit.load("employees", "number,name,org,post,started\n1,甲,/集团,研发,2019-01-01\n");
            // The evidence lies well inside its windows, whatever the zone.
            kit.load("signals", &file(&[signals(Article::C, "1", at - SignedDuration::from_mins(1))]));
            let a = kit.alert("1").alert;
            let three_days: SignedDuration = a.raised_at.duration_until(a.talk_due_at);
            assert_eq!(three_days, hours(72), "{zone}");
            due.push(a.talk_due_at.as_second());
            // It is overdue after 72 hours, to the minute, in every zone.
            let overdue = || ask!(kit.me(), tenure::backend::Query::Today => Today).overdue_talks;
            kit.time.pass(hours(72) - SignedDuration::from_mins(1));
            assert_eq!(overdue(), 0, "{zone}");
            kit.time.pass(SignedDuration::from_mins(2));
            assert_eq!(overdue(), 1, "{zone}");
        }
        assert!(due.windows(2).all(|w| w[0] == w[1]), "{due:?}");
    }
}
