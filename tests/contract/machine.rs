//! Machine work: one entry a batch with count and digest, alerts raised, merged, reopened and ended.

use crate::{
    acts::{done, talk},
    kit::{Article, Engine, Kit, SIGNAL_HEAD},
};
use jiff::SignedDuration;
use tenure::{
    backend::query::TimelineKind,
    domain::{
        act::Act,
        alert::{AlertOutcome, AlertState, DismissReason},
        audit::Entry,
        operator::Proof,
        score::Band,
    },
    store,
};

on_all!(
    a_batch_of_scores_is_one_entry,
    a_higher_band_reopens,
    a_merge_counts_and_changes_nothing_else,
    a_closed_alert_comes_back_on_new_evidence
);

fn of(entries: &[Entry], act: &str) -> Vec<Entry> {
    entries.iter().filter(|e| e.act == act).cloned().collect()
}

/// One more signal of a person, observed an hour ago.
fn add(kit: &Kit, number: &str, event: &str, rest: &str) {
    let at = kit.time.now() - SignedDuration::from_hours(1);
    kit.load("signals", &format!("{SIGNAL_HEAD}\n{event},{number},{}\n", rest.replace("NOW", &at.to_string())));
}

fn a_batch_of_scores_is_one_entry(on: Engine) {
    let kit = Kit::new(on);
    let seq = kit.seq();
    kit.settle();
    let entries = kit.entries(seq);
    for e in &entries {
        let machine = e.operator.is_none();
        assert_eq!(e.proof == Proof::Machine, machine, "{e:?}");
        assert_eq!((e.count.is_some(), e.digest.is_some()), (machine, machine), "{e:?}");
    }
    // Six people came, none with evidence: one batch. Then three had signals: another.
    let scores = of(&entries, "risk.score");
    assert_eq!(scores.iter().map(|e| (e.count, e.items.len())).collect::<Vec<_>>(), [(Some(6), 0), (Some(3), 3)]);
    assert_eq!(of(&entries, "import.published").len(), 2);
    assert_eq!(of(&entries, "import.publish").len(), 2);
    for (number, like) in [("10001", Article::A), ("10002", Article::B), ("10003", Article::C)] {
        let row = kit.alert(number);
        assert_eq!(row.score, Some(like.score()));
        assert_eq!((row.alert.generation, row.alert.events, row.alert.version), (1, 1, 1));
        assert_eq!(row.alert.raised_at.duration_until(row.alert.talk_due_at), SignedDuration::from_hours(72));
        let lines = kit.timeline(number);
        assert_eq!(lines.iter().filter(|l| l.kind == TimelineKind::Alert).count(), 1);
        assert_eq!(lines.iter().filter(|l| l.kind == TimelineKind::Score).count(), 2);
    }
    // Scoring again what did not change is no work and no entry.
    let seq = kit.seq();
    kit.write(store::score::mark_all);
    let scored = kit.service.score_waiting().unwrap();
    assert_eq!((scored.weighed, scored.stored, scored.alerts, kit.seq()), (6, 0, 0, seq));
    kit.check();
}

fn a_higher_band_reopens(on: Engine) {
    let kit = Kit::company(on);
    let chen = kit.hand("chen");
    let (_, a) = done(&kit, &chen, Act::AlertTalk { talk: talk(&kit) }, &kit.alert("10002"));
    assert_eq!((a.alert.band, a.alert.state), (Band::MediumHigh, AlertState::InProgress));
    kit.time.hours(5);
    let seq = kit.seq();
    add(&kit, "10002", "more", "pay_gap,NOW,,17000,20000");
    let now = kit.alert("10002").alert;
    assert_eq!((now.id, now.band, now.state), (a.alert.id, Band::High, AlertState::New));
    assert_eq!((now.generation, now.version, now.events), (1, a.alert.version + 1, 2));
    assert!(now.talk_due_at > a.alert.talk_due_at, "the talk that was held answered a lower risk");
    assert_eq!((now.owner, now.talked_at), (a.alert.owner, None), "the owner keeps it and owes a talk");
    // 10: a talk clock that moved has its entry.
    let batch = of(&kit.entries(seq), "risk.score");
    assert_eq!(batch.len(), 1);
    let items: Vec<_> = batch[0].items.iter().map(|i| (i.id, i.before, i.after)).collect();
    assert_eq!(items, [(now.id.0, Some(a.alert.version), Some(now.version))]);
    kit.check();
}

/// 13: an alert counts the scores that were merged into it.
fn a_merge_counts_and_changes_nothing_else(on: Engine) {
    let kit = Kit::company(on);
    let chen = kit.hand("chen");
    let (_, a) = done(&kit, &chen, Act::AlertAck, &kit.alert("10001"));
    for n in 1..=3 {
        kit.time.hours(1);
        add(&kit, "10001", &format!("late-{n}"), "late,NOW,,,");
        let now = kit.alert("10001").alert;
        assert_eq!(now.events, 1 + n);
        assert_eq!(tenure::domain::alert::Alert { events: 1, ..now }, a.alert, "a score refresh is no change that a person can see");
    }
    let over =
        kit.count("select count(*) from scores where band >= 2 and spell = (select spell from alerts where band = 3 and state = 'acked')");
    assert_eq!(kit.alert("10001").alert.events, over);
    kit.check();
}

fn a_closed_alert_comes_back_on_new_evidence(on: Engine) {
    let kit = Kit::company(on);
    let chen = kit.hand("chen");
    let dismiss = Act::AlertDismiss { reason: DismissReason::StaleData, note: None };
    let (_, closed) = done(&kit, &chen, dismiss, &kit.alert("10002"));
    // The same band again is nothing new.
    kit.time.hours(1);
    add(&kit, "10002", "same", "leave,NOW,,,");
    assert!(kit.read(|tx| store::alert::open_of_person(tx, closed.alert.person)).is_none());
    // A higher one is.
    add(&kit, "10002", "gap", "pay_gap,NOW,,17000,20000");
    let second = kit.alert("10002");
    assert_eq!((second.alert.generation, second.alert.events, second.alert.band), (2, 1, Band::High));
    assert_eq!(kit.stored(closed.alert.id), closed.alert, "the old generation is untouched");
    let (_, talked) = done(&kit, &chen, Act::AlertTalk { talk: talk(&kit) }, &second);
    let resolve = Act::AlertResolve { outcome: AlertOutcome::Staying, refusal: None };
    done(&kit, &chen, resolve, &talked);
    // The evidence goes stale and the score falls below the line; then it crosses the line again.
    kit.time.hours(24 * 100);
    kit.drain();
    kit.write(store::score::mark_all);
    kit.service.score_waiting().unwrap();
    assert!(kit.explain("10002").band < Band::MediumHigh);
    for n in 0..6 {
        add(&kit, "10002", &format!("again-{n}"), "leave,NOW,,,");
        add(&kit, "10002", &format!("cv-{n}"), "resume_update,NOW,,,");
    }
    assert_eq!(kit.alert("10002").alert.generation, 3);
    kit.check();
}
