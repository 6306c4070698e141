//! The plan: what an approval is for. Built from reads alone; its hash covers the intent, never what was merely seen.

use super::{Direction, Gap, GapKind, Level, Mode, Order, OrderState, StepState, stand_in};
use crate::domain::{
    ids::{PersonId, SpellId},
    person::{Person, PersonRef, SpellState},
    sentence::Sentence,
    target::{Account, Card, Protection, StepKind},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// What is to be done to whom: the subject of an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Intent {
    pub direction: Direction,
    pub person: PersonId,
    pub spell: SpellId,
    /// Version of the person when the plan was made: a withdrawal or a new spell makes it another plan.
    pub spell_version: i64,
    pub level: Level,
    pub mode: Mode,
    /// Instant of a planned order.
    pub at: Option<Timestamp>,
    /// IANA zone in which that instant was said.
    pub zone: String,
    /// Protected accounts that are frozen all the same, as `target:login`: named, and approved with the rest.
    pub except: Vec<String>,
    pub steps: Vec<Planned>,
    /// (target, account, what, bound): part of what is approved.
    pub gaps: Vec<(String, Option<String>, GapKind, Option<i64>)>,
    /// Targets that cannot be reached, in whose place this blocks others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stands_in_for: Vec<String>,
}

impl Intent {
    /// Whether it blocks in the place of targets that cannot be reached.
    pub fn stands_in(&self) -> bool {
        !self.stands_in_for.is_empty()
    }

    /// Kinds of steps that it takes.
    pub(super) fn kinds(&self) -> &'static [StepKind] {
        if self.stands_in() { stand_in::KINDS } else { kinds(self.level) }
    }

    /// Whether a thaw of it looks at a target: at every ordinary one, and at what it worked on.
    pub fn reads(&self, card: &Card) -> bool {
        self.steps.iter().any(|s| s.target == card.name) || (!self.stands_in() && card.stands_in_for.is_empty())
    }
}

/// One step as planned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Planned {
    pub target: String,
    pub account: String,
    pub login: String,
    pub kind: StepKind,
}

/// SHA-256 of an intent, hex. Fields are hashed in declaration order, so the same plan made a day later or read in another language
/// has the same hash.
pub fn hash(intent: &Intent) -> String {
    hex::encode(Sha256::digest(serde_json::to_vec(intent).unwrap_or_default()))
}

/// What stood beside the plan when it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Observation {
    pub target: String,
    pub card: Card,
    /// Why the target could not be read.
    pub fault: Option<Sentence>,
    pub accounts: Vec<Account>,
}

/// A plan: intent, hash, and what an approver should see beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FreezePlan")]
pub struct Plan {
    pub employee: PersonRef,
    /// Last day, where one is known.
    pub last_day: Option<Date>,
    pub intent: Intent,
    pub plan_hash: String,
    pub observed: Vec<Observation>,
    pub gaps: Vec<Gap>,
    /// Why it may not be requested at all.
    pub blocked: Vec<Sentence>,
    /// What the approver should know: what is lost, what breaks for others, who has the same name.
    pub warnings: Vec<Sentence>,
    /// Approvals that it needs before it runs.
    pub needed: i64,
    /// Seconds for which access may go on after the last step; `None` is unknown.
    pub residual_seconds: Option<i64>,
    /// What is typed to confirm it: the last four of the number and the initial.
    #[serde(skip)]
    pub confirm: String,
}

/// What reading one target for a person gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub card: Card,
    /// Accounts by rule and by hand, or why the target could not be read.
    pub accounts: Result<Vec<Account>, Sentence>,
    /// Accounts that also match other people, or of which a rule gives several: nothing is done with them until they are linked by hand.
    pub quarantined: Vec<Account>,
}

/// All that a plan is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    pub person: Person,
    pub employee: PersonRef,
    /// Others of the same name.
    pub homonyms: i64,
    pub found: Vec<Found>,
    /// The order that a thaw takes back, with the steps that it confirmed.
    pub undoes: Option<(Order, Vec<super::Step>)>,
    /// Orders of the same spell that hold accounts on these targets.
    pub busy: Vec<Order>,
    /// Freezes that took some of the accounts of the one that is thawed, and more.
    pub wider: Vec<Order>,
    /// L2 of this spell was verified at.
    pub suspended_since: Option<Timestamp>,
    /// Other people whose freezes begin within the same 24 hours as this one: [`together`].
    pub recent: i64,
    /// Live people of the company.
    pub people: i64,
    /// Login of the operator who asks.
    pub operator_name: String,
    /// Operators who are the person, and the numbers of all their employments.
    pub own: Vec<String>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub direction: Direction,
    pub level: Level,
    pub mode: Mode,
    pub at: Option<Timestamp>,
    pub zone: String,
    /// Protected accounts that are meant all the same, as `target:login`.
    pub except: Vec<String>,
    /// [`Intent::stands_in_for`].
    pub stands_in_for: Vec<String>,
}

/// Limits of orders (config `[freeze]`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FreezePolicy {
    /// People whose freezes begin within 24 hours, across requests, that one approval may cover.
    pub batch_people: i64,
    /// The same as a share of the live people, 0 to 1; the smaller one holds.
    pub batch_share: f64,
    /// Hours within which a second person confirms an immediate order.
    pub confirm_hours: i64,
    /// Days after which a verified L2 may become L3.
    pub retention_days: i64,
    /// Minutes between verifications of a frozen account.
    pub verify_minutes: i64,
}

impl Default for FreezePolicy {
    fn default() -> Self {
        Self { batch_people: 5, batch_share: 0.02, confirm_hours: 4, retention_days: 30, verify_minutes: 60 }
    }
}

impl FreezePolicy {
    /// People that may be frozen in 24 hours before two approvals are needed: at least one.
    pub fn batch(&self, people: i64) -> i64 {
        let share = (people as f64 * self.batch_share).floor() as i64;
        self.batch_people.min(share).max(1)
    }
}

/// The span over which the batch limit holds.
pub const BATCH_SPAN: SignedDuration = SignedDuration::from_hours(24);

/// Most people whose freezes begin within one span that an instant lies in: it is the beginning that locks people out, whenever it was asked
/// for.
pub fn together(begins: &[(PersonId, Timestamp)], at: Timestamp) -> i64 {
    let within = |from: Timestamp| {
        let of = begins.iter().filter(|(_, t)| *t >= from && t.duration_since(from) < BATCH_SPAN);
        of.map(|(person, _)| *person).collect::<BTreeSet<_>>().len() as i64
    };
    let froms = begins.iter().map(|(_, t)| *t).filter(|t| *t <= at && at.duration_since(*t) < BATCH_SPAN);
    froms.chain([at]).map(within).max().unwrap_or(0)
}

/// The last four of the employee number and the Latin initial of the sort name, upper case: `0417Z`.
pub fn confirmation(number: &str, sort_name: &str) -> String {
    let tail: Vec<char> = number.chars().filter(|c| c.is_alphanumeric()).collect();
    let from = tail.len().saturating_sub(4);
    let tail: String = tail.into_iter().skip(from).collect();
    let initial = sort_name.chars().find(char::is_ascii_alphabetic);
    format!("{tail:0>4}{}", initial.map(|c| c.to_ascii_uppercase()).into_iter().collect::<String>())
}

/// Kinds of steps that a level takes, in their order.
fn kinds(level: Level) -> &'static [StepKind] {
    use StepKind::{
        BlockSignIn, Delete, DisableApp, KillLive, LockDevice, ResetSecret, Restrict, RevokeKeys, RevokeSessions, RotateShared,
        TransferOwner,
    };
    match level {
        Level::Restrict => &[Restrict],
        Level::Suspend => {
            &[BlockSignIn, RevokeSessions, ResetSecret, KillLive, RevokeKeys, DisableApp, LockDevice, TransferOwner, RotateShared]
        }
        Level::Delete => &[Delete],
    }
}

/// The step that takes a confirmed one back, where there is such a thing.
fn undoing(kind: StepKind) -> Option<StepKind> {
    match kind {
        StepKind::Restrict => Some(StepKind::Release),
        StepKind::BlockSignIn => Some(StepKind::Unblock),
        _ => None,
    }
}

/// Makes the plan. Pure: what it reads is in the facts.
pub fn make(f: &Facts, wish: &Wish, policy: &FreezePolicy, now: Timestamp) -> Plan {
    let mut steps = Vec::new();
    let mut gaps = Vec::new();
    let (mut blocked, mut warnings) = (Vec::new(), Vec::new());
    let (mut privileged, mut excepted) = (false, false);
    for t in &f.found {
        let name = &t.card.name;
        let accounts = match &t.accounts {
            Ok(accounts) => accounts,
            Err(why) => {
                gaps.push((name.clone(), None, GapKind::Unread, None));
                warnings.push(Sentence::new("freeze-unread").with("target", name));
                warnings.push(why.clone());
                continue;
            }
        };
        for account in &t.quarantined {
            blocked.push(Sentence::new("freeze-ambiguous").with("target", name).with("account", &account.login));
        }
        for a in accounts {
            privileged |= t.card.privileged;
            match a.protection {
                Some(p) if p != Protection::LastAdmin && wish.except.contains(&format!("{name}:{}", a.login)) => {
                    excepted = true;
                    warnings.push(Sentence { code: "freeze-excepted".into(), ..protected(name, a, p) });
                }
                Some(p) if wish.direction == Direction::Freeze => blocked.push(protected(name, a, p)),
                // What was taken from it as an exception is given back.
                Some(p) => warnings.push(Sentence { code: "freeze-excepted".into(), ..protected(name, a, p) }),
                None => {}
            }
            if same_login(&f.operator_name, &a.login) {
                blocked.push(Sentence::new("freeze-oneself").with("account", &a.login));
            }
            if !a.owns.is_empty() {
                warnings.push(Sentence::new("freeze-owns").with("target", name).with("account", &a.login).with("what", a.owns.join(", ")));
            }
            let before = steps.len();
            match &f.undoes {
                Some((order, done)) => thaw_steps(&t.card, a, order, done, &mut steps, &mut gaps, &mut warnings),
                None => freeze_steps(&t.card, a, wish, &mut steps, &mut gaps, &mut warnings),
            }
            if steps.len() > before {
                steps.push(Planned { target: name.clone(), account: a.id.clone(), login: a.login.clone(), kind: StepKind::Verify });
            }
        }
    }
    guards(f, wish, policy, now, &steps, &mut blocked);
    if f.homonyms > 0 {
        warnings.push(Sentence::new("freeze-homonyms").with("name", &f.person.name).with("n", f.homonyms));
    }
    let over = f.recent + 1 > policy.batch(f.people);
    let needed = match (wish.direction, wish.mode, wish.level) {
        _ if over => 2,
        (Direction::Thaw, _, _) | (_, Mode::Planned, _) | (_, _, Level::Delete) => 1,
        _ if privileged || excepted => 1,
        _ => 0,
    };
    let first = steps.len() as i64 + 1;
    let listed = gaps.iter().zip(first..).map(|((target, account, what, bound), n)| Gap {
        n,
        target: target.clone(),
        account: account.clone(),
        what: *what,
        bound: *bound,
        over_at: None,
        open: false,
        waived_by: None,
        waived_at: None,
        evidence: None,
    });
    let listed: Vec<Gap> = listed.collect();
    let residual_seconds = listed.iter().map(|g| g.bound).try_fold(0, |most: i64, b| b.map(|b| most.max(b)));
    let intent = Intent {
        direction: wish.direction,
        person: f.person.id,
        spell: f.person.spell,
        spell_version: f.person.version,
        level: wish.level,
        mode: wish.mode,
        at: wish.at,
        zone: wish.zone.clone(),
        except: wish.except.clone(),
        steps,
        gaps,
        stands_in_for: wish.stands_in_for.clone(),
    };
    Plan {
        employee: f.employee.clone(),
        last_day: f.person.last_day,
        plan_hash: hash(&intent),
        intent,
        observed: f.found.iter().map(observation).collect(),
        gaps: listed,
        blocked,
        warnings,
        needed,
        residual_seconds,
        confirm: confirmation(&f.person.number, &f.person.sort_name),
    }
}

fn observation(t: &Found) -> Observation {
    Observation {
        target: t.card.name.clone(),
        card: t.card.clone(),
        fault: t.accounts.as_ref().err().cloned(),
        accounts: t.accounts.as_ref().map_or_else(|_| Vec::new(), Clone::clone),
    }
}

/// Whether an operator's name is a login: whatever stands behind an `@` aside.
pub fn same_login(operator: &str, login: &str) -> bool {
    let plain = |s: &str| s.split('@').next().unwrap_or_default().trim().to_lowercase();
    !operator.is_empty() && plain(operator) == plain(login)
}

fn protected(target: &str, a: &Account, p: Protection) -> Sentence {
    Sentence::new("freeze-protected")
        .with("target", target)
        .with("account", &a.login)
        .with("why", format!("@protection-{}", p.to_string().replace('_', "-")))
}

fn freeze_steps(
    card: &Card,
    a: &Account,
    wish: &Wish,
    steps: &mut Vec<Planned>,
    gaps: &mut Vec<(String, Option<String>, GapKind, Option<i64>)>,
    warnings: &mut Vec<Sentence>,
) {
    let mut gap = |what, bound| gaps.push((card.name.clone(), Some(a.id.clone()), what, bound));
    let mut ends_sessions = false;
    let level = wish.level;
    for kind in if wish.stands_in_for.is_empty() { kinds(level) } else { stand_in::KINDS } {
        let Some(can) = card.step(*kind) else {
            match kind {
                StepKind::Restrict => gap(GapKind::Restrict, None),
                StepKind::BlockSignIn => gap(GapKind::SignIn, None),
                StepKind::Delete => gap(GapKind::Delete, None),
                _ => {}
            }
            continue;
        };
        steps.push(Planned { target: card.name.clone(), account: a.id.clone(), login: a.login.clone(), kind: *kind });
        if !can.reads_back {
            gap(GapKind::ReadBack, None);
        }
        if can.destroys || !can.reversible {
            let code = if can.destroys { "freeze-destroys" } else { "freeze-one-way" };
            let step = format!("@step-{}", kind.to_string().replace('_', "-"));
            warnings.push(Sentence::new(code).with("target", &card.name).with("account", &a.login).with("step", step));
        }
        ends_sessions |= can.reads_back && matches!(kind, StepKind::RevokeSessions | StepKind::KillLive);
    }
    // A bound that is configured holds beside whatever can be revoked; without either it is unknown.
    match (level, card.session_max, ends_sessions) {
        (Level::Suspend, bound, true) if card.apps && bound != Some(0) => gap(GapKind::Apps, bound),
        (Level::Suspend, Some(bound), _) if bound > 0 => gap(GapKind::Sessions, Some(bound)),
        (Level::Suspend, None, false) => gap(GapKind::Sessions, None),
        _ => {}
    }
}

fn thaw_steps(
    card: &Card,
    a: &Account,
    order: &Order,
    done: &[super::Step],
    steps: &mut Vec<Planned>,
    gaps: &mut Vec<(String, Option<String>, GapKind, Option<i64>)>,
    warnings: &mut Vec<Sentence>,
) {
    // What was so before the freeze is not ours to give back: a disabled account stays disabled, nobody gets a group they never had.
    let held_before = |kind| {
        let before = order.observed.iter().filter(|o| o.target == card.name).flat_map(|o| &o.accounts).find(|b| b.id == a.id);
        before.is_some_and(|b| b.seen.holds.get(&kind) == Some(&true))
    };
    let ours = |s: &&super::Step| s.target == card.name && s.account == a.id && s.state == StepState::Confirmed && s.sent_at.is_some();
    for s in done.iter().filter(ours).filter(|s| !held_before(s.kind)) {
        let Some(kind) = undoing(s.kind) else {
            if s.kind != StepKind::Verify {
                let step = format!("@step-{}", s.kind.to_string().replace('_', "-"));
                warnings.push(Sentence::new("freeze-not-back").with("target", &card.name).with("account", &a.login).with("step", step));
            }
            continue;
        };
        if card.step(kind).is_some() {
            steps.push(Planned { target: card.name.clone(), account: a.id.clone(), login: a.login.clone(), kind });
        } else {
            gaps.push((card.name.clone(), Some(a.id.clone()), GapKind::SignIn, None));
        }
    }
}

/// Why what an order took may not be given back yet by these steps: enabling an account revives its sessions that were not revoked
/// (field-notes.md 2.1.4). What the order never reached stays as it is, and says nothing.
pub fn still_live(order: &Order, done: &[super::Step], back: &[Planned], now: Timestamp) -> Option<Sentence> {
    let on = |target: &str, account: Option<&str>| back.iter().any(|s| s.target == target && account.is_none_or(|a| a == s.account));
    let done: Vec<_> = done.iter().filter(|s| on(&s.target, Some(&s.account))).cloned().collect();
    let mut part = Order::clone(order);
    part.gaps.retain(|g| on(&g.target, g.account.as_deref()));
    match super::step::residual(&part, &done, now) {
        Some(0) => None,
        Some(left) => Some(Sentence::new("freeze-thaw-residual").with("bound", super::lines::bound(Some(left)))),
        None => Some(Sentence::new("freeze-thaw-unknown")),
    }
}

/// Whether an order that is at work gives way: what takes more, now, does not wait for what takes less.
pub fn yields(o: &Order, wish: &Wish) -> bool {
    let at_work = matches!(o.state, OrderState::Executing | OrderState::Partial) && o.intent.direction == Direction::Freeze;
    at_work && wish.direction == Direction::Freeze && wish.mode != Mode::Planned && o.intent.level < wish.level
}

fn guards(f: &Facts, wish: &Wish, policy: &FreezePolicy, now: Timestamp, steps: &[Planned], blocked: &mut Vec<Sentence>) {
    let targets: BTreeSet<&str> = steps.iter().map(|s| s.target.as_str()).collect();
    if f.person.erased {
        blocked.push(Sentence::new("freeze-erased"));
    }
    let own = std::iter::once(&f.person.number).chain(&f.own).any(|n| same_login(&f.operator_name, n));
    if own && blocked.iter().all(|b| b.code != "freeze-oneself") {
        blocked.push(Sentence::new("freeze-oneself").with("account", &f.person.number));
    }
    blocked.extend(f.busy.iter().filter(|o| !yields(o, wish)).map(super::order::busy));
    match (wish.mode, wish.at) {
        (Mode::Planned, None) => blocked.push(Sentence::new("freeze-no-time")),
        (Mode::Planned, Some(at)) if at <= now => blocked.push(Sentence::new("freeze-time-past").with("at", at)),
        _ => {}
    }
    if wish.direction == Direction::Thaw && f.person.state == SpellState::Departed {
        blocked.push(Sentence::new("freeze-thaw-departed"));
    }
    if let (Direction::Thaw, Some((order, done))) = (wish.direction, &f.undoes) {
        blocked.extend(still_live(order, done, steps, now));
        blocked.extend(f.wider.iter().map(|o| Sentence::new("freeze-thaw-wider").with("order", o.id)));
        let open = |t: &Found, a: &Account| {
            let back = steps.iter().any(|s| s.kind == StepKind::Unblock && s.target == t.card.name && s.account == a.id);
            back && a.seen.sessions.is_some_and(|n| n > 0)
        };
        for t in &f.found {
            let accounts = t.accounts.iter().flatten().filter(|a| open(t, a));
            blocked.extend(accounts.map(|a| Sentence::new("freeze-thaw-sessions").with("target", &t.card.name).with("account", &a.login)));
        }
    }
    if wish.direction == Direction::Freeze && wish.level == Level::Delete {
        let ripe = f.suspended_since.map(|t| t + SignedDuration::from_hours(24 * policy.retention_days));
        match ripe {
            None => blocked.push(Sentence::new("freeze-delete-first-suspend")),
            Some(at) if at > now => blocked.push(Sentence::new("freeze-delete-early").with("at", at)),
            Some(_) => {}
        }
    }
    if targets.is_empty() {
        let any = f.found.iter().any(|t| t.accounts.as_ref().is_ok_and(|a| !a.is_empty()));
        blocked.push(Sentence::new(match (f.found.is_empty(), any) {
            (true, _) => "freeze-no-targets",
            (_, true) => "freeze-no-steps",
            _ => "freeze-no-accounts",
        }));
    }
}
