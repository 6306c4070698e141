//! Acts on alerts: outcome, version, touched row, one entry, one line of the timeline; and who was first.

use crate::kit::{Article, Engine, Hand, Kit, targets};
use jiff::SignedDuration;
use std::thread;
use tenure::{
    backend::{ActReply, ActRequest, Filter, Query, Target, Touched, answer::AlertRow, query::AlertView},
    domain::{
        act::{Act, Entity, RefusalClass},
        alert::{AlertOutcome, AlertState, DismissReason},
        talk::{Channel, NewTalk},
    },
};
use uuid::Uuid;

on_all!(
    every_act_leaves_one_entry_and_one_line,
    closing_needs_a_talk_or_a_documented_refusal,
    the_second_is_told_who_was_first,
    two_clients_at_once_and_one_wins,
    a_bulk_act_answers_for_each_target,
    what_may_not_happen_does_not,
);

/// Does an act on an alert that must be done, and looks at everything that an act leaves behind.
pub fn done(kit: &Kit, hand: &Hand, act: Act, row: &AlertRow) -> (ActReply, AlertRow) {
    let (seq, mark) = (kit.seq(), hand.watch(0).0);
    let before = kit.stored(row.alert.id);
    let reply = hand.on(act.clone(), row.alert.id, Some(row.alert.version));
    let [outcome] = reply.outcomes.as_slice() else { panic!("{reply:?}") };
    assert_eq!((outcome.entity, outcome.pending, reply.replayed), (Entity::Alert, None, false));

    let [Touched::Alert(now)] = reply.touched.as_slice() else { panic!("{reply:?}") };
    let stored = kit.stored(now.alert.id);
    assert_eq!(now.alert, stored);
    assert_eq!(outcome.version, Some(stored.version));
    assert_eq!(outcome.id, Uuid::from(stored.id));

    let [entry] = <[_; 1]>::try_from(kit.entries(seq)).unwrap();
    assert_eq!(reply.entry, Some(entry.seq));
    assert_eq!((entry.act.as_str(), entry.operator_name.as_str(), entry.proof), (act.name(), hand.name(), hand.door().who().proof));
    assert_eq!((entry.count, entry.detail.as_deref()), (None, None), "what an act says about a person is sealed");
    let [item] = entry.items.as_slice() else { panic!("{entry:?}") };
    assert_eq!((item.entity, item.id, item.person), (Entity::Alert, stored.id.into(), Some(stored.person)));
    if matches!(act, Act::AlertNote { .. }) {
        assert_eq!((item.before, item.after, stored.version), (Some(before.version), None, before.version));
    } else if stored.id == before.id {
        assert_eq!((item.before, item.after, stored.version), (Some(before.version), Some(stored.version), before.version + 1));
        assert_eq!((stored.touched_by.as_deref(), stored.touched_act.as_str()), (Some(hand.name()), act.name()));
    }

    let lines: Vec<_> = kit.timeline(&now.employee.number).into_iter().filter(|l| l.at == entry.at).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((lines[0].id, lines[0].by.as_deref()), (Some(item.id), Some(hand.name())));
    assert_eq!(lines[0].what.args["act"], format!("@act-{}", act.name().replace(['.', '_'], "-")));
    assert!(lines[0].note.as_deref().is_some_and(|n| n.contains("reason of a test")), "{lines:?}");

    let (after, changed) = hand.watch(mark);
    assert!(after > mark && changed.contains(&stored.id.0), "nobody was told");
    let row = *now.clone();
    (reply, row)
}

pub fn talk(kit: &Kit) -> NewTalk {
    NewTalk {
        at: kit.time.now(),
        who: "张经理".into(),
        channel: Channel::Phone,
        needs: "希望晋升".into(),
        next_step: "下周与总监谈".into(),
    }
}

fn every_act_leaves_one_entry_and_one_line(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let raised = kit.alert("10001");
    assert_eq!((raised.alert.state, raised.alert.version, raised.score), (AlertState::New, 1, Some(8.2)));

    let (_, a) = done(&kit, &chen, Act::AlertNote { text: "周二约谈\n第二行".into() }, &raised);
    assert_eq!((a.alert.version, a.last_note.as_deref()), (1, Some("周二约谈")));
    let (_, a) = done(&kit, &chen, Act::AlertAck, &a);
    assert_eq!((a.alert.state, a.owner.as_deref(), a.alert.acked_at.is_some()), (AlertState::Acked, Some("chen"), true));
    assert_eq!(a.alert.talk_due_at, raised.alert.talk_due_at, "an acknowledgement does not stop the talk clock");
    let (_, a) = done(&kit, &chen, Act::AlertAssign { owner: "lin".into() }, &a);
    assert_eq!((a.owner.as_deref(), a.alert.state), (Some("lin"), AlertState::Acked));
    let (_, a) = done(&kit, &lin, Act::AlertEscalate, &a);
    assert_eq!(a.alert.escalation, 1);
    let until = kit.time.now() + SignedDuration::from_hours(10);
    let (_, a) = done(&kit, &lin, Act::AlertSnooze { until }, &a);
    assert_eq!((a.alert.state, a.alert.snoozed_until), (AlertState::Snoozed, Some(until)));
    assert_eq!(a.alert.talk_due_at, raised.alert.talk_due_at);
    let (_, a) = done(&kit, &lin, Act::AlertTalk { talk: talk(&kit) }, &a);
    assert_eq!((a.alert.state, a.talks, a.alert.snoozed_until), (AlertState::InProgress, 1, None));
    let card = ask!(lin, Query::Alert { id: a.alert.id } => Alert);
    assert_eq!((card.talk_records.len(), card.talk_records[0].talk.needs.as_str(), card.notes.len()), (1, "希望晋升", 1));
    let resolve = Act::AlertResolve { outcome: AlertOutcome::Staying, refusal: None };
    let (_, a) = done(&kit, &lin, resolve, &a);
    assert_eq!((a.alert.state, a.alert.outcome), (AlertState::Resolved, Some(AlertOutcome::Staying)));
    assert!(a.alert.closed_at.is_some());

    let (_, again) = done(&kit, &lin, Act::AlertReopen, &a);
    assert_eq!((again.alert.generation, again.alert.version, again.alert.state), (2, 1, AlertState::New));
    assert_eq!(kit.stored(a.alert.id), a.alert, "the closed generation stays as it was");
    let dismiss = Act::AlertDismiss { reason: DismissReason::Expected, note: Some("已谈妥".into()) };
    let (_, again) = done(&kit, &chen, dismiss, &again);
    assert_eq!((again.alert.state, again.alert.dismissed), (AlertState::Dismissed, Some(DismissReason::Expected)));
    kit.check();
}

fn closing_needs_a_talk_or_a_documented_refusal(on: Engine) {
    let kit = Kit::company(on);
    let chen = kit.hand("chen");
    let (_, a) = done(&kit, &chen, Act::AlertAck, &kit.alert("10002"));
    let resolve = |refusal: Option<&str>| Act::AlertResolve { outcome: AlertOutcome::Undecided, refusal: refusal.map(Into::into) };
    for refusal in [None, Some("  ")] {
        let why = chen.refused(resolve(refusal), a.alert.id, Some(a.alert.version));
        assert_eq!((why.class, why.why.code.as_ref()), (RefusalClass::Policy, "refused-no-talk"));
    }
    let (_, a) = done(&kit, &chen, resolve(Some("本人明确拒绝沟通")), &a);
    assert_eq!((a.alert.state, a.alert.outcome), (AlertState::Resolved, Some(AlertOutcome::RefusedTalk)));
    kit.check();
}

fn the_second_is_told_who_was_first(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let seen = kit.alert("10003");
    let (_, now) = done(&kit, &chen, Act::AlertAck, &seen);
    let seq = kit.seq();
    for act in [Act::AlertAck, Act::AlertEscalate, Act::AlertDismiss { reason: DismissReason::Duplicate, note: None }] {
        let why = lin.refused(act, seen.alert.id, Some(seen.alert.version));
        assert_eq!((why.class, why.why.code.as_ref()), (RefusalClass::Conflict, "refused-conflict"));
        let told = |k: &str| why.why.args[k].as_str();
        assert_eq!((told("by"), told("act"), told("state")), ("chen", "@act-alert-ack", "@alert-state-acked"));
        assert_eq!((told("at"), told("seen"), told("version")), (now.alert.touched_at.to_string().as_str(), "1", "2"));
    }
    // Without a version the state decides, and the loser is told all the same.
    let why = lin.refused(Act::AlertAck, seen.alert.id, None);
    assert_eq!((why.class, why.why.args["by"].as_str()), (RefusalClass::Conflict, "chen"));
    assert_eq!((kit.stored(seen.alert.id), kit.seq()), (now.alert.clone(), seq), "a refusal changed something");
    kit.check();
}

/// As two consoles on two machines: nothing is shared but the store.
fn two_clients_at_once_and_one_wins(on: Engine) {
    let kit = Kit::company(on);
    let other = kit.again(false);
    for number in ["10001", "10002", "10003"] {
        let seen = kit.alert(number);
        let hands = [kit.hand("chen"), Kit::hand_in(&other, "lin")];
        let replies: Vec<ActReply> = thread::scope(|s| {
            let ack = |h| s.spawn(move || Hand::try_on(h, Act::AlertAck, seen.alert.id, Some(1)));
            let running: Vec<_> = hands.iter().map(ack).collect();
            running.into_iter().map(|r| r.join().unwrap()).collect()
        });
        let winners: Vec<usize> = (0..2).filter(|i| replies[*i].outcomes[0].refusal.is_none()).collect();
        let [won] = winners[..] else { panic!("{replies:?}") };
        let why = replies[1 - won].outcomes[0].refusal.clone().unwrap();
        assert_eq!((why.class, why.why.args["by"].as_str()), (RefusalClass::Conflict, hands[won].name()));
        let now = kit.stored(seen.alert.id);
        assert_eq!((now.version, now.touched_by.as_deref()), (2, Some(hands[won].name())));
    }
    kit.check();
}

fn a_bulk_act_answers_for_each_target(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let [a, b, c] = ["10001", "10002", "10003"].map(|n| kit.alert(n));
    done(&kit, &lin, Act::AlertAck, &b);
    let seq = kit.seq();
    let nobody = Uuid::from_u128(7);
    let all = [targets(&[&a, &b, &c]), vec![Target { id: nobody, version: Some(1) }], targets(&[&a])].concat();
    let act = Act::AlertDismiss { reason: DismissReason::StaleData, note: None };
    let reply = chen.send(ActRequest { act, targets: all.clone(), key: None, reason: None, written: None }).unwrap();
    let classes: Vec<_> = reply.outcomes.iter().map(|o| o.refusal.as_ref().map(|r| r.class)).collect();
    use RefusalClass::{Conflict, NotFound};
    assert_eq!(classes, [None, Some(Conflict), None, Some(NotFound), Some(Conflict)], "in the order of the targets");
    assert!(reply.outcomes.iter().zip(&all).all(|(o, t)| o.id == t.id));
    assert_eq!(reply.outcomes[1].refusal.as_ref().unwrap().why.args["by"], "lin");
    assert_eq!(reply.touched.len(), 2);
    let [entry] = <[_; 1]>::try_from(kit.entries(seq)).unwrap();
    assert_eq!(entry.items.iter().map(|i| i.id).collect::<Vec<_>>(), [a.alert.id.0, c.alert.id.0]);
    let states: Vec<_> = [&a, &b, &c].map(|r| kit.stored(r.alert.id).state).to_vec();
    assert_eq!(states, [AlertState::Dismissed, AlertState::Acked, AlertState::Dismissed]);

    // All refused: no entry, nothing changed.
    let (seq, mark) = (kit.seq(), chen.watch(0).0);
    let act = Act::AlertDismiss { reason: DismissReason::StaleData, note: None };
    let reply = chen.send(ActRequest { act, targets: targets(&[&a, &c]), key: None, reason: None, written: None }).unwrap();
    assert!(reply.outcomes.iter().all(|o| o.refusal.is_some()) && reply.entry.is_none() && reply.touched.is_empty());
    assert_eq!((kit.seq(), chen.watch(0).0), (seq, mark));
    kit.check();
}

fn what_may_not_happen_does_not(on: Engine) {
    let kit = Kit::company(on);
    let (chen, seq) = (kit.hand("chen"), kit.seq());
    let a = kit.alert("10001");
    let code = |act: Act| chen.refused(act, a.alert.id, None).why.code.into_owned();
    let past = Act::AlertSnooze { until: kit.time.now() - SignedDuration::from_hours(1) };
    assert_eq!(code(past), "refused-snooze-past");
    assert_eq!(code(Act::AlertAssign { owner: "nobody".into() }), "refused-no-operator");
    assert_eq!(code(Act::AlertReopen), "refused-alert-state");
    assert_eq!(code(Act::AlertNote { text: " \n".into() }), "refused-empty-text");
    let mut tomorrow = talk(&kit);
    tomorrow.at += SignedDuration::from_hours(24);
    assert_eq!(code(Act::AlertTalk { talk: tomorrow }), "refused-talk-future");
    let mut empty = talk(&kit);
    (empty.needs, empty.next_step) = (String::new(), " ".into());
    assert_eq!(code(Act::AlertTalk { talk: empty }), "refused-empty-text");
    assert_eq!(kit.seq(), seq);

    // Closed while another generation is open; and departed.
    let dismiss = Act::AlertDismiss { reason: DismissReason::WrongPerson, note: None };
    let (_, first) = done(&kit, &chen, dismiss.clone(), &a);
    let (_, second) = done(&kit, &chen, Act::AlertReopen, &first);
    assert_eq!(chen.refused(Act::AlertReopen, first.alert.id, None).why.code, "refused-other-open");
    done(&kit, &chen, dismiss, &second);
    kit.load("exits", "number,last_day,exit\n10001,2026-03-01,resigned\n");
    assert_eq!(chen.refused(Act::AlertReopen, first.alert.id, None).why.code, "refused-departed");
    let open = chen.alerts(AlertView::Open);
    assert!(open.iter().all(|r| r.employee.number != "10001"));
    let all = ask!(chen, Query::Alerts { view: AlertView::All, filter: Filter::default(), slice: Default::default() } => Alerts);
    assert_eq!(all.rows.len(), 4);
    // Their own open alert ends with them.
    kit.load("exits", "number,last_day,exit\n10002,2026-03-01,resigned\n");
    let gone = all.rows.iter().find(|r| r.employee.number == "10002").unwrap();
    let gone = kit.stored(gone.alert.id);
    assert_eq!((gone.state, gone.outcome), (AlertState::ClosedExit, Some(AlertOutcome::Left)));
    assert_eq!(Article::B.score(), 7.5);
    kit.check();
}
