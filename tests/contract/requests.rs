//! Requests: idempotency keys, reasons, usage; and the acts that are not about alerts or plans.

use crate::kit::{Engine, Kit, monday};
use tenure::{
    backend::{ActRequest, Failure, FailureKind, Filter, Preview, Query, Target, query::Slice},
    domain::{
        act::{Act, Entity, RefusalClass},
        alert::DismissReason,
        operator::Role,
        signal::{LawfulBasis, SignalKind},
    },
    worker,
};
use uuid::Uuid;

on_all!(
    a_home_says_what_it_decides_with,
    a_key_gives_the_same_answer_once,
    reasons_are_required_where_policy_asks,
    requests_that_make_no_sense,
    settings_and_people_leave_one_entry_each,
    a_revoked_operator_does_nothing_more,
    a_read_only_home_refuses_every_act,
);

fn keyed(act: Act, id: impl Into<Uuid>, key: &str) -> ActRequest {
    ActRequest { key: Some(key.into()), ..ActRequest::one(act, id, None) }
}

fn a_key_gives_the_same_answer_once(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let (a, b) = (kit.alert("10001").alert.id, kit.alert("10002").alert.id);
    let first = chen.send(keyed(Act::AlertAck, a, "k1")).unwrap();
    let seq = kit.seq();
    let again = chen.send(keyed(Act::AlertAck, a, "k1")).unwrap();
    assert_eq!((&first.outcomes, first.entry, first.replayed), (&again.outcomes, again.entry, false));
    assert!(again.replayed);
    // Another act, another target, another reason: another body.
    for other in [
        keyed(Act::AlertEscalate, a, "k1"),
        keyed(Act::AlertAck, b, "k1"),
        ActRequest { reason: Some("x".into()), ..keyed(Act::AlertAck, a, "k1") },
    ] {
        let why = chen.send(other).unwrap_err();
        assert_eq!((why.kind, why.what.code.as_ref()), (FailureKind::Refused, "act-key-reused"));
        assert!(why.next.is_some());
    }
    assert_eq!(kit.seq(), seq, "a replay leaves nothing");
    // Scoped to the operator.
    let reply = lin.send(keyed(Act::AlertAck, b, "k1")).unwrap();
    assert_eq!((reply.replayed, reply.entry), (false, Some(seq + 1)));
    // Refusals are not stored: the same key may be used for what is possible.
    let refused = chen.send(keyed(Act::AlertAck, b, "k2")).unwrap();
    assert!(refused.outcomes[0].refusal.is_some());
    let reply = chen.send(keyed(Act::AlertEscalate, b, "k2")).unwrap();
    assert_eq!((reply.replayed, reply.outcomes[0].refusal.is_none()), (false, true));
    // Kept for 30 days.
    kit.time.hours(24 * 29);
    kit.drain();
    assert!(chen.send(keyed(Act::AlertAck, a, "k1")).unwrap().replayed);
    kit.time.hours(24 * 3);
    kit.drain();
    let note = Act::AlertNote { text: "三十天后".into() };
    assert!(!chen.send(keyed(note, a, "k1")).unwrap().replayed);
    kit.check();
}

fn reasons_are_required_where_policy_asks(on: Engine) {
    let kit = Kit::company(on);
    let (chen, seq) = (kit.hand("chen"), kit.seq());
    let a = kit.alert("10001").alert;
    let person = kit.person("10001");
    let cases: [(Act, Uuid); 4] = [
        (Act::AlertSnooze { until: a.talk_due_at }, a.id.0),
        (Act::AlertReopen, a.id.0),
        (Act::ApprovalDeny, a.id.0),
        (Act::PersonErase, person.0),
    ];
    for (act, id) in cases {
        for reason in [None, Some(String::new()), Some(" \t".into())] {
            let why = chen.send(ActRequest { reason, ..ActRequest::one(act.clone(), id, None) }).unwrap_err();
            assert_eq!((why.kind, why.what.code.as_ref()), (FailureKind::Usage, "act-reason"), "{act:?}");
        }
    }
    assert_eq!((kit.stored(a.id), kit.seq()), (a, seq));
    kit.check();
}

fn requests_that_make_no_sense(on: Engine) {
    let kit = Kit::company(on);
    let (chen, seq) = (kit.hand("chen"), kit.seq());
    let a = kit.alert("10001").alert.id;
    let code = |f: Result<_, Failure>| f.map(|_: tenure::backend::ActReply| ()).unwrap_err().what.code.into_owned();
    let bare = |act| ActRequest { act, targets: Vec::new(), key: None, reason: None, written: None };
    assert_eq!(code(chen.send(bare(Act::AlertAck))), "act-no-target");
    let add = Act::OperatorAdd { name: "neu".into(), role: Role::Hrbp, person: None, org: None };
    assert_eq!(code(chen.send(ActRequest::one(add, a, None))), "act-no-target-wanted");
    let many = vec![Target { id: a.0, version: None }; 501];
    assert_eq!(code(chen.send(ActRequest { targets: many, ..bare(Act::AlertEscalate) })), "act-too-many");
    let long = Act::AlertNote { text: "长".repeat(8_001) };
    assert_eq!(code(chen.send(ActRequest::one(long, a, None))), "act-too-long");
    for key in [String::new(), "k".repeat(201)] {
        assert_eq!(code(chen.send(ActRequest { key: Some(key), ..ActRequest::one(Act::AlertAck, a, None) })), "act-key");
    }
    // A target of another kind is nothing that this act knows.
    for id in [kit.person("10001").0, Uuid::nil()] {
        assert_eq!(chen.refused(Act::AlertAck, id, None).class, RefusalClass::NotFound);
        assert_eq!(chen.refused(Act::PlanCancel, id, None).class, RefusalClass::NotFound);
        assert_eq!(chen.refused(Act::ApprovalGrant, id, None).class, RefusalClass::NotFound);
        assert_eq!(chen.refused(Act::ImportPublish, id, None).class, RefusalClass::NotFound);
    }
    assert_eq!(chen.refused(Act::PersonErase, a, None).class, RefusalClass::NotFound);
    assert_eq!(kit.seq(), seq);
    kit.check();
}

fn settings_and_people_leave_one_entry_each(on: Engine) {
    let kit = Kit::company(on);
    let chen = kit.hand("chen");
    let person = kit.person("20001");
    let enable = Act::SignalEnable { kind: SignalKind::JobSeekActivity, basis: LawfulBasis::Consent };
    let disable = Act::SignalDisable { kind: SignalKind::JobSeekActivity };
    let add = Act::OperatorAdd { name: "  Neu ".into(), role: Role::Auditor, person: None, org: None };
    let revoke = Act::OperatorRevoke { name: "neu".into() };
    let sort = Act::PersonSortName { sort_name: "Zhang Wei ".into() };
    let cases: [(Act, Option<Uuid>, Entity); 7] = [
        (enable.clone(), None, Entity::SignalKind),
        (disable.clone(), None, Entity::SignalKind),
        (add.clone(), None, Entity::Operator),
        (revoke.clone(), None, Entity::Operator),
        (add.clone(), None, Entity::Operator),
        (sort, Some(person.0), Entity::Person),
        (Act::PersonErase, Some(person.0), Entity::Person),
    ];
    for (act, id, entity) in cases {
        let seq = kit.seq();
        let targets = id.map(|id| Target { id, version: None }).into_iter().collect();
        let reply = chen.send(ActRequest { act: act.clone(), targets, key: None, reason: Some("按流程 7".into()), written: None }).unwrap();
        assert_eq!(reply.outcomes[0].refusal, None, "{act:?}");
        let [entry] = <[_; 1]>::try_from(kit.entries(seq)).unwrap();
        assert_eq!((entry.act.as_str(), entry.proof, reply.entry), (act.name(), chen.door().who().proof, Some(entry.seq)));
        assert_eq!((entry.items.len(), entry.items[0].entity, entry.items[0].id), (1, entity, reply.outcomes[0].id));
        assert_eq!(entry.items[0].after, reply.outcomes[0].version);
        if id.is_none() {
            let detail = entry.detail.unwrap();
            assert!(detail.contains(act.name()) && !detail.contains("按流程 7"), "an act without a person says all but why: {detail}");
            let line =
                ask!(kit.me(), Query::Audit { filter: Filter::default(), slice: Slice { after: None, limit: 1 } } => Audit).rows.remove(0);
            assert!(line.note.is_some_and(|n| n.contains(act.name()) && n.contains("按流程 7")), "why is for those who read it here");
        }
        kit.drain();
    }
    // What changes nothing, or the wrong thing.
    let code = |act: Act| {
        chen.send(ActRequest { act, targets: Vec::new(), key: None, reason: None, written: None }).unwrap().outcomes[0].refusal.clone()
    };
    assert_eq!(code(disable).unwrap().why.code, "refused-no-change");
    assert_eq!(code(add).unwrap().class, RefusalClass::Conflict);
    assert_eq!(code(Act::OperatorRevoke { name: "chen".into() }).unwrap().why.code, "refused-revoke-self");
    assert_eq!(code(Act::OperatorRevoke { name: "nobody".into() }).unwrap().class, RefusalClass::NotFound);
    assert_eq!(
        code(Act::OperatorAdd { name: "a b".into(), role: Role::Hrbp, person: None, org: None }).unwrap().class,
        RefusalClass::Usage
    );
    assert_eq!(chen.refused(Act::PersonErase, person, None).class, RefusalClass::NotFound, "nobody is erased twice");
    let two = kit.person("20002");
    assert_eq!(chen.refused(Act::PersonSortName { sort_name: "张".into() }, two, None).class, RefusalClass::Usage);
    let why = chen.refused(Act::PersonSortName { sort_name: "zhang wei".into() }, two, Some(99));
    assert_eq!(why.class, RefusalClass::Conflict);

    // A staged import is published or discarded, once.
    for (act, other) in [(Act::ImportPublish, Act::ImportDiscard), (Act::ImportDiscard, Act::ImportPublish)] {
        let staged = kit.staged("exits", "number,last_day,exit\n20002,2026-03-01,resigned\n");
        let seq = kit.seq();
        let reply = chen.on(act.clone(), staged, None);
        assert_eq!(kit.entries(seq).iter().map(|e| e.act.as_str()).collect::<Vec<_>>(), [act.name()]);
        assert_eq!(reply.outcomes[0].entity, Entity::Import);
        for late in [act, other] {
            assert_eq!(chen.refused(late, staged, None).class, RefusalClass::Conflict);
        }
        assert_eq!(worker::drain(&kit.service).unwrap().failed, 0);
    }
    kit.check();
}

fn a_revoked_operator_does_nothing_more(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let a = kit.alert("10001").alert;
    lin.done(Act::OperatorRevoke { name: "chen".into() });
    let seq = kit.seq();
    let dismiss = Act::AlertDismiss { reason: DismissReason::Expected, note: None };
    for request in [
        ActRequest::one(Act::AlertAck, a.id, None),
        ActRequest::one(dismiss, a.id, None),
        ActRequest {
            act: Act::OperatorAdd { name: "neu".into(), role: Role::Hrbp, person: None, org: None },
            targets: Vec::new(),
            key: None,
            reason: None,
            written: None,
        },
    ] {
        let why = chen.send(request).unwrap_err();
        assert_eq!((why.kind, why.what.code.as_ref()), (FailureKind::Refused, chen.turned_away("operator-revoked")));
    }
    assert_eq!(chen.try_ask(Query::Today).unwrap_err().what.code, chen.turned_away("operator-revoked"));
    assert_eq!(kit.service.identify(Some("chen")).unwrap_err().kind, FailureKind::Refused);
    assert_eq!(kit.service.identify(Some("nobody")).unwrap_err().kind, FailureKind::NotFound);
    assert_eq!((kit.stored(a.id), kit.seq()), (a, seq));
    kit.check();
}

fn a_read_only_home_refuses_every_act(on: Engine) {
    let kit = Kit::company(on);
    let locked = kit.again(true);
    let (chen, a, seq) = (Kit::hand_in(&locked, "chen"), kit.alert("10001").alert, kit.seq());
    let why = chen.send(ActRequest::one(Act::AlertAck, a.id, None)).unwrap_err();
    assert_eq!((why.kind, why.what.code.as_ref()), (FailureKind::Refused, "read-only"));
    assert_eq!(chen.stage("exits", "number,last_day,exit\n", None, Preview::No).unwrap_err().what.code, "read-only");
    assert_eq!((kit.stored(a.id), kit.seq()), (a, seq));
    kit.check();
}

/// The console calls the same decisions as the service, with the same hours.
fn a_home_says_what_it_decides_with(on: Engine) {
    let kit = Kit::with(on, monday(), "[clocks]\ntalk_hours = 24\nack_hours = 2\n");
    let home = ask!(kit.me(), Query::Home => Home);
    assert_eq!((home.policy.talk_hours, home.policy.ack_hours), (24, 2));
    assert_eq!(home.policy, kit.service.config().policy());
}
