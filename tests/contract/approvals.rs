//! Four eyes on long snoozes: the proposer never approves, a changed subject is another subject, and time runs out.

use crate::{
    acts::done,
    kit::{Engine, Kit},
};
use jiff::{SignedDuration, Timestamp};
use tenure::{
    backend::{ActReply, Query, answer::AlertRow},
    domain::{
        act::{Act, Entity, RefusalClass},
        alert::AlertState,
        approval::{Approval, ApprovalState},
        ids::ApprovalId,
    },
    store,
};

on_all!(
    a_long_snooze_waits_for_another_person,
    a_changed_subject_is_another_subject,
    an_approval_runs_out_by_itself,
    a_denied_snooze_leaves_the_alert_alone,
);

fn past_the_talk(a: &AlertRow) -> Act {
    Act::AlertSnooze { until: a.alert.talk_due_at + SignedDuration::from_hours(24) }
}

fn asked(reply: &ActReply) -> ApprovalId {
    assert_eq!(reply.outcomes[0].refusal, None);
    reply.outcomes[0].pending.unwrap_or_else(|| panic!("{reply:?}"))
}

fn approval(kit: &Kit, id: ApprovalId) -> Approval {
    kit.read(|tx| store::approval::get(tx, id)).unwrap()
}

fn a_long_snooze_waits_for_another_person(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let a = kit.alert("10001");
    let seq = kit.seq();
    let reply = chen.on(past_the_talk(&a), a.alert.id, Some(1));
    let id = asked(&reply);
    let now = kit.stored(a.alert.id);
    assert_eq!(now, a.alert, "nothing changes before the other person's word");
    assert_eq!((reply.outcomes[0].version, kit.seq()), (Some(1), seq + 1));
    assert!(kit.alert("10001").pending);
    assert_eq!(chen.refused(past_the_talk(&a), a.alert.id, Some(1)).why.code, "refused-approval-pending");
    let listed = ask!(lin, Query::Approvals { slice: Default::default() } => Approvals);
    assert_eq!(listed.rows.iter().map(|r| (r.approval.id, r.subject_version, r.case)).collect::<Vec<_>>(), [(id, Some(1), None)]);
    assert_eq!(ask!(lin, Query::Today => Today).approvals, 1);

    let why = chen.refused(Act::ApprovalGrant, id, None);
    assert_eq!((why.class, why.why.code.as_ref()), (RefusalClass::Policy, "refused-own-approval"));
    let seq = kit.seq();
    let reply = lin.on(Act::ApprovalGrant, id, None);
    let [entry] = <[_; 1]>::try_from(kit.entries(seq)).unwrap();
    assert_eq!((entry.operator_name.as_str(), reply.entry), ("lin", Some(entry.seq)));
    let items: Vec<_> = entry.items.iter().map(|i| (i.entity, i.before, i.after)).collect();
    assert_eq!(items, [(Entity::Approval, Some(1), Some(2)), (Entity::Alert, Some(1), Some(2))]);
    let now = kit.stored(a.alert.id);
    assert_eq!((now.state, now.talk_due_at), (AlertState::Snoozed, a.alert.talk_due_at));
    assert!(now.snoozed_until > Some(now.talk_due_at));
    // Both lines are on the timeline, one below the other.
    assert_eq!(kit.timeline("10001").iter().filter(|l| l.at == entry.at).count(), 2);
    kit.check();
}

fn a_changed_subject_is_another_subject(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin, wang) = (kit.hand("chen"), kit.hand("lin"), kit.hand("wang"));
    let a = kit.alert("10002");
    let id = asked(&chen.on(past_the_talk(&a), a.alert.id, Some(1)));
    let (_, a) = done(&kit, &wang, Act::AlertAck, &a);
    // The list says so before anybody tries.
    let listed = ask!(lin, Query::Approvals { slice: Default::default() } => Approvals);
    assert_eq!(listed.rows.iter().map(|r| r.subject_version).collect::<Vec<_>>(), [Some(2)]);
    let why = lin.refused(Act::ApprovalGrant, id, None);
    assert_eq!((why.class, why.why.code.as_ref()), (RefusalClass::Policy, "refused-subject-changed"));
    assert_eq!((kit.stored(a.alert.id), approval(&kit, id).state), (a.alert.clone(), ApprovalState::Open));
    // A note is not a change of the subject.
    lin.on(Act::ApprovalDeny, id, None);
    let id = asked(&chen.on(past_the_talk(&a), a.alert.id, Some(2)));
    done(&kit, &wang, Act::AlertNote { text: "我同意".into() }, &a);
    lin.on(Act::ApprovalGrant, id, None);
    assert_eq!(kit.stored(a.alert.id).state, AlertState::Snoozed);
    kit.check();
}

fn an_approval_runs_out_by_itself(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    // Nothing else in the home has a clock that still runs.
    for number in ["10001", "10002", "10003"] {
        done(&kit, &lin, Act::AlertAck, &kit.alert(number));
    }
    kit.drain();
    let a = kit.alert("10003");
    let id = asked(&chen.on(past_the_talk(&a), a.alert.id, None));
    kit.time.pass(SignedDuration::from_hours(72) - SignedDuration::from_mins(1));
    kit.drain();
    assert_eq!(approval(&kit, id).state, ApprovalState::Open);
    kit.time.pass(SignedDuration::from_mins(2));
    assert_eq!(lin.refused(Act::ApprovalGrant, id, None).why.code, "refused-approval-expired");
    let seq = kit.seq();
    kit.drain();
    assert_eq!(approval(&kit, id).state, ApprovalState::Expired, "the machine's clocks end it");
    let [entry] = <[_; 1]>::try_from(kit.entries(seq)).unwrap();
    assert_eq!((entry.act.as_str(), entry.count, entry.digest.map(|d| d.len())), ("approval.expire", Some(1), Some(64)));
    assert_eq!(entry.items.iter().map(|i| (i.id, i.person)).collect::<Vec<_>>(), [(id.0, Some(a.alert.person))]);
    assert!(!kit.alert("10003").pending);
    // It can be asked again.
    let until: Timestamp = kit.time.now() + SignedDuration::from_hours(100);
    asked(&chen.on(Act::AlertSnooze { until }, a.alert.id, None));
    kit.check();
}

fn a_denied_snooze_leaves_the_alert_alone(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    let a = kit.alert("10003");
    let id = asked(&chen.on(past_the_talk(&a), a.alert.id, Some(1)));
    let seq = kit.seq();
    lin.on(Act::ApprovalDeny, id, None);
    assert_eq!(kit.entries(seq).len(), 1);
    let ended = approval(&kit, id);
    assert_eq!((ended.state, ended.decided_by.as_deref()), (ApprovalState::Denied, Some("lin")));
    assert_eq!((kit.stored(a.alert.id), kit.alert("10003").pending), (a.alert.clone(), false));
    // Within the talk clock nobody needs to be asked.
    let reply = chen.on(Act::AlertSnooze { until: a.alert.talk_due_at }, a.alert.id, Some(1));
    assert_eq!((reply.outcomes[0].pending, kit.stored(a.alert.id).state), (None, AlertState::Snoozed));
    kit.check();
}
