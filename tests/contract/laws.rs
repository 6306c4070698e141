//! Laws of alerts under any sequence of acts, scores and clocks (domain.md 16, 9 to 13 and 15): on the pure decisions with many cases,
//! and through the service, with two clients that see old versions, with fewer.

use crate::kit::{Article, Engine, Kit, SIGNAL_HEAD, is_open, may_move, monday, runner};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::cell::Cell;
use tenure::{
    backend::ActRequest,
    domain::{
        act::{Act, Change, Context, Entity, Policy, RefusalClass},
        alert::{self, Alert, AlertFacts, AlertOutcome, AlertState, DismissReason, ScoreFacts},
        approval::{self, Approval, ApprovalState},
        ids::{OperatorId, PersonId, SpellId},
        score::Band,
        talk::{Channel, NewTalk},
    },
    store,
};
use uuid::Uuid;

on_all!(two_clients_in_any_order);

/// What a client does; times are hours from now.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Ack,
    Assign(bool),
    Snooze(i64),
    Escalate,
    Note,
    Dismiss,
    Talk,
    Resolve(bool),
    Reopen,
    Grant,
    Deny,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Which client, what, and how old the version is that the client sees (`None`: whatever is there).
    Do(bool, Deed, Option<i64>),
    Score(u8),
    Hours(i64),
}

fn deed() -> impl Strategy<Value = Deed> {
    use Deed::*;
    prop_oneof![
        4 => Just(Ack),
        2 => any::<bool>().prop_map(Assign),
        5 => (-2..72i64).prop_map(Snooze),
        3 => (73..200i64).prop_map(Snooze),
        2 => Just(Escalate),
        1 => Just(Note),
        2 => Just(Dismiss),
        3 => Just(Talk),
        3 => any::<bool>().prop_map(Resolve),
        2 => Just(Reopen),
        8 => Just(Grant),
        1 => Just(Deny),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let seen = prop_oneof![3 => Just(Some(0)), 1 => (1..3i64).prop_map(Some), 2 => Just(None)];
    prop_oneof![
        8 => (any::<bool>(), deed(), seen).prop_map(|(who, what, seen)| Step::Do(who, what, seen)),
        3 => (0..4u8).prop_map(Step::Score),
        2 => (1..40i64).prop_map(Step::Hours),
    ]
}

fn act(deed: Deed, now: Timestamp) -> Act {
    match deed {
        Deed::Ack => Act::AlertAck,
        Deed::Assign(lin) => Act::AlertAssign { owner: if lin { "lin" } else { "chen" }.into() },
        Deed::Snooze(h) => Act::AlertSnooze { until: now + SignedDuration::from_hours(h) },
        Deed::Escalate => Act::AlertEscalate,
        Deed::Note => Act::AlertNote { text: "记一笔".into() },
        Deed::Dismiss => Act::AlertDismiss { reason: DismissReason::Expected, note: None },
        Deed::Talk => Act::AlertTalk {
            talk: NewTalk { at: now, who: "某".into(), channel: Channel::InPerson, needs: "晋升".into(), next_step: "再谈".into() },
        },
        Deed::Resolve(refused) => Act::AlertResolve { outcome: AlertOutcome::Undecided, refusal: refused.then(|| "不愿谈".into()) },
        Deed::Reopen => Act::AlertReopen,
        Deed::Grant => Act::ApprovalGrant,
        Deed::Deny => Act::ApprovalDeny,
    }
}

fn bands() -> [Band; 4] {
    [Band::Low, Band::Medium, Band::MediumHigh, Band::High]
}

/// What must hold between an alert before and after anything. `granted`: another person has approved this snooze.
fn lawful(before: &Alert, after: &Alert, granted: bool) -> Result<(), TestCaseError> {
    prop_assert!(before.state == after.state || may_move(before.state, after.state), "{:?} -> {:?}", before.state, after.state);
    prop_assert!(after.version >= before.version && after.version <= before.version + 1);
    prop_assert!(
        after.version > before.version || Alert { events: before.events, ..after.clone() } == *before,
        "changed under one version"
    );
    prop_assert!(after.talk_due_at <= before.talk_due_at || after.version > before.version, "10: the talk clock moved silently");
    prop_assert!(after.talk_due_at <= before.talk_due_at || before.talked_at.is_some(), "10: moved later though no talk was held");
    prop_assert!(after.events >= before.events, "13");
    prop_assert!(is_open(before) || after == before, "a closed generation changed");
    if after.state == AlertState::Snoozed && before.state != AlertState::Snoozed && after.talked_at.is_none() {
        prop_assert!(after.snoozed_until <= Some(after.talk_due_at) || granted, "12");
    }
    prop_assert!(is_open(after) || after.outcome.is_some() || after.dismissed.is_some(), "15");
    Ok(())
}

/// One person's alerts, in memory, as a store would keep them.
struct World {
    now: Timestamp,
    alerts: Vec<Alert>,
    /// Scores over the line since each generation was raised.
    merged: Vec<i64>,
    talks: Vec<i64>,
    asked: Option<Approval>,
    band: Option<Band>,
}

const HANDS: [(u128, &str); 2] = [(1, "chen"), (2, "lin")];

impl World {
    fn context(&self, who: bool) -> Context {
        let (id, name) = HANDS[usize::from(who)];
        Context::new(self.now, OperatorId(Uuid::from_u128(id)), name, Policy::default(), Box::new(|_| Uuid::new_v4()))
    }

    fn facts(&self, i: usize, assign: Option<bool>) -> AlertFacts {
        AlertFacts {
            alert: self.alerts[i].clone(),
            talks: self.talks[i],
            assignee: assign.map(|lin| OperatorId(Uuid::from_u128(HANDS[usize::from(lin)].0))),
            live: true,
            other_open: self.alerts.iter().enumerate().any(|(n, a)| n != i && is_open(a)),
            last_generation: self.alerts.len() as i64,
            pending: self.asked.as_ref().is_some_and(|a| a.state == ApprovalState::Open),
        }
    }

    fn apply(&mut self, i: usize, changes: &[Change], granted: bool) -> Result<(), TestCaseError> {
        for c in changes {
            match c {
                Change::Alert(a) if self.alerts.get(i).is_some_and(|b| b.id == a.id) => {
                    lawful(&self.alerts[i], a, granted)?;
                    self.alerts[i] = a.clone();
                }
                Change::Alert(a) => {
                    prop_assert_eq!((a.generation, a.version), (self.alerts.len() as i64 + 1, 1));
                    self.alerts.push(a.clone());
                    self.merged.push(1);
                    self.talks.push(0);
                }
                Change::Talk(_) => self.talks[i] += 1,
                Change::Approval(a) => self.asked = Some(a.clone()),
                Change::Note { .. } => {}
                other => prop_assert!(false, "{:?}", other),
            }
        }
        let open: Vec<_> = self.alerts.iter().filter(|a| is_open(a)).collect();
        prop_assert!(open.len() <= 1, "9: {:?}", open);
        for (a, n) in self.alerts.iter().zip(&self.merged) {
            prop_assert_eq!(a.events, *n, "13");
        }
        Ok(())
    }

    fn play(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Hours(h) => {
                self.now += SignedDuration::from_hours(h);
                let cx = self.context(false);
                if let Some(i) = self.alerts.iter().position(is_open)
                    && let Some(next) = alert::on_clock(&self.alerts[i], &cx)
                {
                    prop_assert!(next.version == self.alerts[i].version + 1 && next.touched_by.is_none());
                    self.apply(i, &[Change::Alert(next)], true)?;
                }
            }
            Step::Score(b) => {
                let band = bands()[usize::from(b)];
                let open = self.alerts.iter().position(is_open);
                let closed = self.alerts.iter().rfind(|a| !is_open(a)).map(|a| (a.band, a.generation));
                let facts = ScoreFacts {
                    person: PersonId(Uuid::from_u128(3)),
                    spell: SpellId(Uuid::from_u128(4)),
                    live: true,
                    before: self.band.replace(band),
                    band,
                    open: open.map(|i| self.alerts[i].clone()),
                    closed,
                };
                let mut cx = self.context(false);
                let next = alert::on_score(&facts, &mut cx);
                prop_assert_eq!(next.is_some() && open.is_some(), open.is_some() && band >= Band::MediumHigh);
                if let Some(next) = next {
                    if let Some(i) = open {
                        self.merged[i] += 1;
                        prop_assert!(next.band >= facts.band && next.id == self.alerts[i].id);
                    }
                    self.apply(open.unwrap_or(0), &[Change::Alert(next)], true)?;
                }
            }
            Step::Do(who, Deed::Grant | Deed::Deny, _) => {
                let grant = matches!(step, Step::Do(_, Deed::Grant, _));
                let Some(asked) = self.asked.clone() else { return Ok(()) };
                let i = self.alerts.iter().position(|a| a.id.0 == asked.subject).unwrap();
                let mut cx = self.context(who);
                let done = approval::decide(&asked, grant, Some(self.alerts[i].version), &cx);
                if let Ok(ended) = done {
                    prop_assert!(ended.proposer != cx.operator && self.now < ended.expires_at);
                    if grant {
                        cx.approved = true;
                        let f = self.facts(i, None);
                        let Ok(changes) = alert::decide(&f, &asked.act, &mut cx) else { return Ok(()) };
                        self.apply(i, &changes, true)?;
                    }
                    self.asked = Some(ended);
                }
            }
            Step::Do(who, what, seen) => {
                let Some(i) = self.alerts.len().checked_sub(1) else { return Ok(()) };
                let assign = if let Deed::Assign(lin) = what { Some(lin) } else { None };
                let (f, now) = (self.facts(i, assign), self.now);
                let seen = seen.map(|old| f.alert.version - old);
                let mut cx = self.context(who);
                let decided = alert::check_version(&f.alert, seen).and_then(|()| alert::decide(&f, &act(what, now), &mut cx));
                match decided {
                    Ok(changes) => {
                        prop_assert!(seen.is_none_or(|v| v == f.alert.version), "11: applied on an old version");
                        for c in &changes {
                            if let Change::Alert(a) = c {
                                prop_assert_eq!(a.touched_by.as_deref(), Some(HANDS[usize::from(who)].1));
                            }
                        }
                        self.apply(i, &changes, false)?;
                    }
                    Err(why) if why.class == RefusalClass::Conflict => {
                        let first = f.alert.touched_by.as_deref().unwrap_or("@machine");
                        prop_assert_eq!(why.why.args["by"].as_str(), first, "11: the loser is not told who was first");
                    }
                    Err(_) => {}
                }
            }
        }
        Ok(())
    }
}

#[test]
fn decisions_keep_the_laws() {
    let reached = Cell::new([0u32; 3]);
    runner(Engine::Sqlite, 3_000, 0)
        .run(&prop::collection::vec(step(), 1..60), |steps| {
            let mut w = World { now: monday(), alerts: Vec::new(), merged: Vec::new(), talks: Vec::new(), asked: None, band: None };
            for s in [Step::Score(2)].into_iter().chain(steps) {
                w.play(s)?;
            }
            let mut r = reached.get();
            r[0] += u32::from(w.alerts.len() > 1);
            r[1] += u32::from(w.asked.is_some_and(|a| a.state == ApprovalState::Granted));
            r[2] += u32::from(w.alerts.iter().any(|a| a.state == AlertState::Resolved));
            reached.set(r);
            Ok(())
        })
        .unwrap();
    assert!(reached.get().iter().all(|n| *n > 5), "the cases reach too little: {:?}", reached.get());
}

/// The same through the door: each case has an alert of its own. What is refused leaves the row and the chain as they were.
fn two_clients_in_any_order(on: Engine) {
    let kit = Kit::company(on);
    let other = kit.again(false);
    let (hands, next) = ([kit.hand("chen"), Kit::hand_in(&other, "lin")], Cell::new(0));
    runner(on, 24, 5)
        .run(&prop::collection::vec(step(), 1..25), |steps| {
            let number = format!("9{:04}", next.get());
            next.set(next.get() + 1);
            let person = kit.hire(&number, Article::B).alert.person;
            let mut asked = None;
            for (n, s) in steps.into_iter().enumerate() {
                let generations = |kit: &Kit| kit.read(|tx| store::alert::of_person(tx, person));
                let (before, seq) = (generations(&kit), kit.seq());
                let latest = before[0].clone();
                let mut granted = true;
                match s {
                    Step::Hours(h) => {
                        kit.time.hours(h);
                        kit.drain();
                    }
                    Step::Score(b) => {
                        let at = kit.time.now() - SignedDuration::from_mins(1);
                        let line = match b {
                            0 | 1 => format!("{number}-s{n},{number},late,{at},,,"),
                            2 => format!("{number}-s{n},{number},resume_update,{at},,,"),
                            _ => format!("{number}-s{n},{number},pay_gap,{at},,15000,20000"),
                        };
                        kit.load("signals", &format!("{SIGNAL_HEAD}\n{line}\n"));
                    }
                    Step::Do(who, what @ (Deed::Grant | Deed::Deny), _) => {
                        let Some(id) = asked else { continue };
                        let open = kit.read(|tx| store::approval::get(tx, id)).unwrap();
                        let reply = hands[usize::from(who)].try_on(act(what, kit.time.now()), id, None);
                        let ok = reply.outcomes[0].refusal.is_none();
                        prop_assert!(!ok || (open.proposer_name != hands[usize::from(who)].name() && open.state == ApprovalState::Open));
                        prop_assert_eq!(kit.seq() - seq, i64::from(ok), "40");
                    }
                    Step::Do(who, what, seen) => {
                        granted = false;
                        let hand = &hands[usize::from(who)];
                        let seen = seen.map(|old| latest.version - old);
                        let reason = Some("性质测试".into());
                        let request = ActRequest { reason, ..ActRequest::one(act(what, kit.time.now()), latest.id, seen) };
                        let reply = hand.send(request).unwrap();
                        let o = &reply.outcomes[0];
                        prop_assert_eq!(kit.seq() - seq, i64::from(o.refusal.is_none()), "40");
                        prop_assert_eq!(o.entity, Entity::Alert);
                        asked = o.pending.or(asked);
                        match &o.refusal {
                            None => prop_assert!(seen.is_none_or(|v| v == latest.version), "11: applied on an old version"),
                            Some(why) => {
                                prop_assert_eq!(&before, &generations(&kit), "a refusal changed something");
                                if why.class == RefusalClass::Conflict {
                                    prop_assert_eq!(why.why.args["by"].as_str(), latest.touched_by.as_deref().unwrap_or("@machine"));
                                }
                            }
                        }
                    }
                }
                let after = generations(&kit);
                prop_assert!(after.iter().filter(|a| is_open(a)).count() <= 1, "9");
                for a in &after {
                    let Some(b) = before.iter().find(|b| b.id == a.id) else { continue };
                    if a.version <= b.version + 1 {
                        lawful(b, a, granted)?;
                    }
                    if a.version > b.version {
                        let named =
                            kit.entries(seq).iter().flat_map(|e| e.items.clone()).any(|i| i.id == a.id.0 && i.after == Some(a.version));
                        prop_assert!(named, "10, 40: {:?} -> {:?} has no entry", b, a);
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    kit.check();
}
