//! Alerts: one open alert a person and kind, two clocks, versions, generations (domain.md 4, [AC-1..5], [SC-5]).

use super::{
    act::{Act, Change, Context, Refusal, RefusalClass},
    approval::Approval,
    ids::{AlertId, OperatorId, PersonId, SpellId},
    score::Band,
    sentence::Sentence,
    talk::Talk,
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What an alert is about. Later issues raise the other kinds of domain.md 4. The talk clock is that of the first alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlertKind {
    AttritionRisk,
    /// A handover that is not done by its day.
    HandoverOverdue,
    /// A duty of the statutory track that is not done by its day.
    DutyOverdue,
    /// A frozen account that works again.
    FreezeDrift,
    /// Activity on a frozen account.
    PostFreezeActivity,
    /// A target that cannot be reached or refuses us.
    ConnectorDown,
    /// A freeze on one person's word that nobody confirmed in time.
    FreezeUnconfirmed,
    /// A freeze by break-glass: what was done on one person's word is reviewed (domain.md "Approver unreachable").
    BreakGlass,
    /// A freeze that does not do what was approved: its grounds changed, it cannot be asked for, or its work was set aside.
    FreezeStopped,
}

impl AlertKind {
    /// Whether somebody must be talked with; the other kinds ask for work.
    pub fn wants_talk(self) -> bool {
        self == Self::AttritionRisk
    }

    /// How heavy it is, where no score says so.
    fn weight(self) -> Band {
        match self {
            Self::FreezeDrift | Self::PostFreezeActivity | Self::FreezeUnconfirmed | Self::FreezeStopped | Self::BreakGlass => Band::High,
            _ => Band::MediumHigh,
        }
    }
}

/// State of an alert generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlertState {
    New,
    Acked,
    InProgress,
    Snoozed,
    Dismissed,
    Resolved,
    ClosedExit,
}

impl AlertState {
    /// Whether the alert still asks for work.
    pub fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Acked | Self::InProgress | Self::Snoozed)
    }
}

/// Why an alert was dismissed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DismissReason {
    Expected,
    StaleData,
    Duplicate,
    WrongPerson,
}

/// How an alert ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlertOutcome {
    Staying,
    Undecided,
    Leaving,
    /// The person declined to talk; the refusal is documented.
    RefusedTalk,
    Left,
    /// Kinds without a talk: what was wrong is put right.
    Handled,
    /// Kinds without a talk: nothing was wrong.
    FalseAlarm,
}

impl AlertOutcome {
    /// Whether a kind of alert can end so.
    pub fn fits(self, kind: AlertKind) -> bool {
        matches!(self, Self::Handled | Self::FalseAlarm) != kind.wants_talk()
    }
}

/// Highest escalation level: 0 owner, 1 HR manager, 2 HR director, 3 group [AC-5].
pub const TOP_LEVEL: u8 = 3;

/// One alert generation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    pub id: AlertId,
    pub kind: AlertKind,
    pub state: AlertState,
    /// Counts changes that a person can see; score refreshes, notes and talks carry none.
    pub version: i64,
    /// 1 for the first alert of a person and kind, then one more each time it is raised again.
    pub generation: i64,
    pub person: PersonId,
    pub spell: SpellId,
    #[serde(rename = "owner_id")]
    pub owner: Option<OperatorId>,
    /// Highest band since it was raised.
    #[serde(rename = "alert_band")]
    pub band: Band,
    pub raised_at: Timestamp,
    pub ack_due_at: Timestamp,
    pub acked_at: Option<Timestamp>,
    /// 72 hours after it was raised; an acknowledgement does not stop this clock [AC-3].
    pub talk_due_at: Timestamp,
    pub talked_at: Option<Timestamp>,
    pub snoozed_until: Option<Timestamp>,
    /// State to return to when a snooze ends.
    pub snoozed_from: Option<AlertState>,
    pub escalation: u8,
    /// Scores at or over the line that were merged into this alert.
    pub events: i64,
    pub outcome: Option<AlertOutcome>,
    pub dismissed: Option<DismissReason>,
    pub closed_at: Option<Timestamp>,
    /// Who changed it last, when, and by which act: what the loser of a race is told.
    pub touched_by: Option<String>,
    pub touched_at: Timestamp,
    pub touched_act: String,
}

/// What a decision about an alert may look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertFacts {
    pub alert: Alert,
    /// Talks recorded for this generation.
    pub talks: i64,
    /// The operator an assignment names, if there is one under that name.
    pub assignee: Option<OperatorId>,
    /// False once the spell has departed: nothing is opened then.
    pub live: bool,
    /// Whether another generation of the same spell and kind is open.
    pub other_open: bool,
    /// Highest generation of the same spell and kind.
    pub last_generation: i64,
    /// An approval that is already waiting for this alert.
    pub pending: bool,
}

/// The clock that a row shows first: the acknowledgement while it is unowned, then the talk.
pub fn next_due(a: &Alert) -> Option<Timestamp> {
    match a.state {
        AlertState::New => Some(a.ack_due_at.min(a.talk_due_at)),
        _ if a.state.is_open() && a.talked_at.is_none() && a.kind.wants_talk() => Some(a.talk_due_at),
        _ => None,
    }
}

/// Refuses when the operator saw an older version: names who was first and what the state is now.
pub fn check_version(a: &Alert, seen: Option<i64>) -> Result<(), Refusal> {
    match seen {
        Some(v) if v != a.version => Err(Refusal::new(
            RefusalClass::Conflict,
            Sentence::new("refused-conflict")
                .with("by", a.touched_by.as_deref().unwrap_or("@machine"))
                .with("at", a.touched_at)
                .with("act", format!("@act-{}", a.touched_act.replace(['.', '_'], "-")))
                .with("state", format!("@alert-state-{}", state_key(a.state)))
                .with("seen", v)
                .with("version", a.version),
        )),
        _ => Ok(()),
    }
}

fn state_key(s: AlertState) -> String {
    s.to_string().replace('_', "-")
}

fn wrong_state(a: &Alert) -> Refusal {
    // Whoever comes second to the same work is told who was first, also without a version.
    Refusal::new(
        RefusalClass::Conflict,
        Sentence::new("refused-alert-state")
            .with("state", format!("@alert-state-{}", state_key(a.state)))
            .with("by", a.touched_by.as_deref().unwrap_or("@machine"))
            .with("at", a.touched_at),
    )
}

fn policy(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Policy, Sentence::new(code))
}

/// Decides an act on one alert. Pure: `cx` brings time, ids and policy.
pub fn decide(f: &AlertFacts, act: &Act, cx: &mut Context) -> Result<Vec<Change>, Refusal> {
    use AlertState::{Acked, Dismissed, InProgress, New, Resolved, Snoozed};
    let mut a = f.alert.clone();
    let mut more = Vec::new();
    match act {
        Act::AlertAck => {
            if a.state != New {
                return Err(wrong_state(&a));
            }
            a.state = Acked;
            a.owner = Some(cx.operator);
            a.acked_at = Some(cx.now);
        }
        Act::AlertAssign { .. } => {
            if !matches!(a.state, New | Acked | InProgress) {
                return Err(wrong_state(&a));
            }
            let Some(owner) = f.assignee else { return Err(Refusal::new(RefusalClass::NotFound, Sentence::new("refused-no-operator"))) };
            if a.owner == Some(owner) {
                return Err(policy("refused-already-owner"));
            }
            a.owner = Some(owner);
        }
        Act::AlertSnooze { until } => {
            if !matches!(a.state, New | Acked | InProgress) {
                return Err(wrong_state(&a));
            }
            if *until <= cx.now {
                return Err(policy("refused-snooze-past"));
            }
            if a.kind.wants_talk() && a.talked_at.is_none() && *until > a.talk_due_at && !cx.approved {
                if f.pending {
                    return Err(policy("refused-approval-pending"));
                }
                // Nothing changes yet: another person decides (domain.md 4, [AC-3]).
                return Ok(vec![Change::Approval(Approval::ask(
                    cx,
                    super::act::Entity::Alert,
                    a.id.into(),
                    a.version,
                    Some(a.person),
                    act.clone(),
                ))]);
            }
            a.snoozed_from = Some(a.state);
            a.snoozed_until = Some(*until);
            a.state = Snoozed;
        }
        Act::AlertEscalate => {
            if !a.state.is_open() {
                return Err(wrong_state(&a));
            }
            if a.escalation >= TOP_LEVEL {
                return Err(policy("refused-top-level"));
            }
            a.escalation += 1;
        }
        Act::AlertNote { text } => {
            if text.trim().is_empty() {
                return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-empty-text")));
            }
            return Ok(vec![Change::Note { alert: a.id, person: a.person, text: text.clone() }]);
        }
        Act::AlertDismiss { reason, .. } => {
            if !matches!(a.state, New | Acked) {
                return Err(wrong_state(&a));
            }
            a.state = Dismissed;
            a.dismissed = Some(*reason);
            a.closed_at = Some(cx.now);
        }
        Act::AlertTalk { talk } => {
            if !a.state.is_open() {
                return Err(wrong_state(&a));
            }
            if !a.kind.wants_talk() {
                return Err(policy("refused-no-talk-wanted"));
            }
            if talk.needs.trim().is_empty() && talk.next_step.trim().is_empty() {
                return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-empty-text")));
            }
            if talk.at > cx.now + SignedDuration::from_mins(5) {
                return Err(policy("refused-talk-future"));
            }
            if a.owner.is_none() {
                a.owner = Some(cx.operator);
            }
            a.acked_at = a.acked_at.or(Some(cx.now));
            a.talked_at = Some(a.talked_at.map_or(talk.at, |t| t.max(talk.at)));
            a.state = InProgress;
            a.snoozed_from = None;
            a.snoozed_until = None;
            more.push(Change::Talk(Talk {
                id: cx.talk_id(),
                alert: a.id,
                person: a.person,
                by: cx.operator_name.clone(),
                recorded_at: cx.now,
                talk: talk.clone(),
            }));
        }
        Act::AlertResolve { outcome, refusal } => {
            if !matches!(a.state, New | Acked | InProgress) {
                return Err(wrong_state(&a));
            }
            let refused = refusal.as_deref().is_some_and(|r| !r.trim().is_empty());
            if a.kind.wants_talk() && f.talks == 0 && !refused {
                return Err(policy("refused-no-talk"));
            }
            if !outcome.fits(a.kind) {
                return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-outcome-kind")));
            }
            a.state = Resolved;
            a.outcome = Some(if a.kind.wants_talk() && refused && f.talks == 0 { AlertOutcome::RefusedTalk } else { *outcome });
            a.closed_at = Some(cx.now);
        }
        Act::AlertReopen => {
            if a.state.is_open() {
                return Err(wrong_state(&a));
            }
            if a.kind.wants_talk() && (a.state == AlertState::ClosedExit || !f.live) {
                return Err(policy("refused-departed"));
            }
            if f.other_open {
                return Err(policy("refused-other-open"));
            }
            // The closed generation stays as it is; work starts in a new one.
            let next = raise(cx, a.kind, a.person, a.spell, a.band, f.last_generation + 1);
            return Ok(vec![Change::Alert(Alert { touched_by: Some(cx.operator_name.clone()), touched_act: act.name().into(), ..next })]);
        }
        _ => return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-wrong-target"))),
    }
    touch(&mut a, act.name(), Some(cx.operator_name.clone()), cx.now);
    more.insert(0, Change::Alert(a));
    Ok(more)
}

fn touch(a: &mut Alert, act: &str, by: Option<String>, now: Timestamp) {
    a.version += 1;
    a.touched_by = by;
    a.touched_at = now;
    a.touched_act = act.into();
}

fn raise(cx: &mut Context, kind: AlertKind, person: PersonId, spell: SpellId, band: Band, generation: i64) -> Alert {
    Alert {
        id: cx.alert_id(),
        kind,
        state: AlertState::New,
        version: 1,
        generation,
        person,
        spell,
        owner: None,
        band,
        raised_at: cx.now,
        ack_due_at: cx.now + SignedDuration::from_hours(cx.policy.ack_hours),
        acked_at: None,
        // Without a talk the acknowledgement is the only clock; it is also the place in the queue.
        talk_due_at: cx.now + SignedDuration::from_hours(if kind.wants_talk() { cx.policy.talk_hours } else { cx.policy.ack_hours }),
        talked_at: None,
        snoozed_until: None,
        snoozed_from: None,
        escalation: 0,
        events: 1,
        outcome: None,
        dismissed: None,
        closed_at: None,
        touched_by: None,
        touched_at: cx.now,
        touched_act: "alert.raise".into(),
    }
}

impl Alert {
    /// Raises an alert of a kind without a talk: one open alert a spell and kind. `open` is the one that is open, `last` the highest
    /// generation that there was.
    pub fn raise(kind: AlertKind, person: PersonId, spell: SpellId, open: Option<&Self>, last: i64, cx: &mut Context) -> Self {
        match open {
            Some(open) => Self { events: open.events + 1, ..open.clone() },
            None => raise(cx, kind, person, spell, kind.weight(), last + 1),
        }
    }
}

/// What the scoring job knows when a person's current score changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreFacts {
    pub person: PersonId,
    pub spell: SpellId,
    /// False once the spell has departed: nothing is opened then.
    pub live: bool,
    /// Band of the score before this one; `None` for the first.
    pub before: Option<Band>,
    pub band: Band,
    pub open: Option<Alert>,
    /// Band and generation of the last closed alert.
    pub closed: Option<(Band, i64)>,
}

/// Opens, merges or reopens the attrition alert of a person whose score changed [SC-5].
///
/// A higher band reopens an open alert; after closing, a new generation opens on a higher band or a new crossing of the line.
pub fn on_score(f: &ScoreFacts, cx: &mut Context) -> Option<Alert> {
    let over = f.band >= Band::MediumHigh;
    if !f.live || !over {
        return None;
    }
    if let Some(open) = &f.open {
        let mut a = open.clone();
        a.events += 1;
        if f.band > a.band {
            a.band = f.band;
            a.ack_due_at = cx.now + SignedDuration::from_hours(cx.policy.ack_hours);
            if a.talked_at.take().is_some() {
                // The talk that was held answered a lower risk: a new one is due. Until then the due time only ever stays.
                a.talk_due_at = cx.now + SignedDuration::from_hours(cx.policy.talk_hours);
            }
            a.state = AlertState::New;
            a.acked_at = None;
            a.snoozed_from = None;
            a.snoozed_until = None;
            touch(&mut a, "alert.reopen", None, cx.now);
        }
        return Some(a);
    }
    match f.closed {
        None => Some(raise(cx, AlertKind::AttritionRisk, f.person, f.spell, f.band, 1)),
        Some((band, generation)) => {
            let crossing = f.before.is_some_and(|b| b < Band::MediumHigh);
            (crossing || f.band > band).then(|| raise(cx, AlertKind::AttritionRisk, f.person, f.spell, f.band, generation + 1))
        }
    }
}

/// Ends an open alert because the person left; the outcome is recorded for the effect report.
pub fn on_departure(open: &Alert, now: Timestamp) -> Alert {
    let mut a = open.clone();
    a.state = AlertState::ClosedExit;
    a.outcome = Some(AlertOutcome::Left);
    a.closed_at = Some(now);
    touch(&mut a, "alert.close_exit", None, now);
    a
}

/// Takes an open alert from an owner who is one no more: it is new in the queue, with a time of its own to be taken up. When the talk is due
/// stays, and what was said stays said.
pub fn released(open: &Alert, cx: &Context) -> Alert {
    let mut a = open.clone();
    a.owner = None;
    if a.state == AlertState::Snoozed {
        a.snoozed_from = Some(AlertState::New);
    } else {
        a.state = AlertState::New;
    }
    a.acked_at = None;
    a.ack_due_at = cx.now + SignedDuration::from_hours(cx.policy.ack_hours);
    touch(&mut a, "alert.release", None, cx.now);
    a
}

/// What the clocks do to an open alert by themselves: a snooze that ends, an acknowledgement that is overdue.
pub fn on_clock(open: &Alert, cx: &Context) -> Option<Alert> {
    let mut a = open.clone();
    if a.state == AlertState::Snoozed && a.snoozed_until.is_some_and(|t| t <= cx.now) {
        a.state = a.snoozed_from.take().unwrap_or(AlertState::New);
        a.snoozed_until = None;
        touch(&mut a, "alert.wake", None, cx.now);
        return Some(a);
    }
    if a.state == AlertState::New && a.ack_due_at <= cx.now && a.escalation < TOP_LEVEL {
        a.escalation += 1;
        a.ack_due_at = cx.now + SignedDuration::from_hours(cx.policy.ack_hours);
        touch(&mut a, "alert.escalate", None, cx.now);
        return Some(a);
    }
    None
}
