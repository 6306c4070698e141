//! Offboarding cases, keyed by employment spell: the company track and its gates (domain.md 8, [OF-1..7]).
//!
//! Items of the handover are in [`super::handover`], the statutory track in [`super::duty`], the stages in [`super::stages`].

mod record;
#[cfg(test)]
mod tests;

pub use record::follow_record;

use super::{
    act::{Act, Change, Context, Refusal, RefusalClass},
    duty::{self, Duty, DutyKind, DutyState},
    handover::{self, HandoverItem, Holding, ItemKind, ItemState},
    ids::{CaseId, ItemId, OperatorId, PersonId, SpellId},
    person::{ExitKind, SpellState},
    sentence::Sentence,
    stages::{During, Template},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// State of the company track.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CaseState {
    Submitted,
    Approved,
    Handover,
    /// An item came back.
    Returned,
    Review,
    Clearance,
    ReadyToClose,
    /// The person walked out: others hand over in their place. Still asks for work.
    Abandoned,
    Closed,
    Withdrawn,
}

impl CaseState {
    /// Whether the case still asks for work.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Withdrawn)
    }

    /// Column of the board, from the left.
    pub fn rank(self) -> i64 {
        self as i64
    }

    /// Whether the handover is under way: items are submitted and reviewed.
    pub fn hands_over(self) -> bool {
        matches!(self, Self::Handover | Self::Review | Self::Returned)
    }
}

/// What must hold before the company track goes on (domain.md 8).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Gate {
    /// The checklist is filled: customers, open orders, receivables.
    G1,
    /// Every customer is transferred, pooled, or waived with a reason.
    G2,
    /// The customer's signed confirmation letter, or the customer's documented refusal.
    G3,
    /// The reviewer accepted all items.
    G4,
    /// Assets and data are returned.
    G5,
    /// All accounts of the plan are confirmed dead or waived.
    G6,
}

impl Gate {
    /// Whether the gate waits for items of a kind that are handed in during clearance.
    pub fn wants(self, kind: ItemKind) -> bool {
        self == Self::G5 && matches!(kind, ItemKind::Asset | ItemKind::Export)
    }
}

/// How the freeze of the leaver's accounts stands.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FreezeStanding {
    /// No order was made.
    #[default]
    None,
    /// An order is not complete.
    Open,
    /// A step may or may not have happened.
    UnknownSteps,
    /// Every step is confirmed, or waived with evidence by a second person.
    Complete,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    pub id: CaseId,
    pub person: PersonId,
    pub spell: SpellId,
    pub state: CaseState,
    /// Counts changes that a person can see.
    pub version: i64,
    pub exit: ExitKind,
    /// When notice was given.
    pub notice_on: Option<Date>,
    pub last_day: Date,
    /// The last day was over when the case was started.
    pub backdated: bool,
    /// When the handover must be done; a date of the company's zone.
    pub handover_due: Date,
    /// Name and version of the template, `standard 1`.
    pub template: String,
    #[serde(rename = "starter_id")]
    pub starter: OperatorId,
    pub starter_name: String,
    pub started_at: Timestamp,
    pub approver_name: Option<String>,
    pub approved_at: Option<Timestamp>,
    /// When the clocks found the handover overdue and raised the alarm.
    pub overdue_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// The closed case that this one corrects.
    pub addendum_of: Option<CaseId>,
    pub touched_by: Option<String>,
    pub touched_at: Timestamp,
    pub touched_act: String,
}

/// What the store knows of the leaver's employment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leaver {
    pub person: PersonId,
    pub spell: SpellId,
    pub number: String,
    pub sort_name: String,
    pub state: SpellState,
    pub started: Date,
    pub last_day: Option<Date>,
    /// Operators who were linked to the person, and the numbers of all their employments.
    #[serde(default)]
    pub also: Vec<String>,
}

impl Leaver {
    /// Whether an operator's name is the leaver's own: what is linked to them, any employee number they ever had, or their Latin name written
    /// together. A guard: with a homonym it forbids too much rather than too little.
    pub fn is_operator(&self, name: &str) -> bool {
        let together = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
        let name = together(name);
        !name.is_empty() && [&self.number, &self.sort_name].into_iter().chain(&self.also).any(|own| together(own) == name)
    }
}

/// What a decision about a case, its items and its duties may look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseFacts {
    pub case: Case,
    pub template: Template,
    pub leaver: Leaver,
    pub items: Vec<HandoverItem>,
    pub duties: Vec<Duty>,
    /// Customers that are the leaver's at this moment.
    pub held: Vec<Holding>,
    pub freeze: FreezeStanding,
    /// The day in the company's zone.
    pub today: Date,
    /// Ids of items for which a waiver waits for another person.
    pub pending: Vec<ItemId>,
}

impl CaseFacts {
    /// Whether the record of the employment says that the person stays, though the case is open.
    pub fn stays(&self) -> bool {
        self.case.state.is_open() && self.case.addendum_of.is_none() && self.leaver.state.is_live() && self.leaver.last_day.is_none()
    }

    fn open_duties(&self) -> impl Iterator<Item = &Duty> {
        self.duties.iter().filter(|d| d.state == DutyState::Open)
    }

    /// The duty to give accounts back, where some were taken: nobody stays locked out because nobody thought of it.
    fn thaw(&self, cx: &mut Context) -> Option<Change> {
        let owed = self.freeze != FreezeStanding::None && self.open_duties().all(|d| d.kind != DutyKind::Thaw);
        owed.then(|| Change::Duty(duty::make(&self.case, DutyKind::Thaw, self.today, cx)))
    }
}

/// One gate as it stands, with what is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateStanding {
    pub gate: Gate,
    pub holds: bool,
    pub missing: Vec<Sentence>,
}

fn policy(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Policy, Sentence::new(code))
}

fn state_word(s: CaseState) -> String {
    format!("@case-state-{}", s.to_string().replace('_', "-"))
}

/// The refusal for a state that does not allow an act.
pub(in crate::domain) fn wrong_state(c: &Case) -> Refusal {
    Refusal::new(
        RefusalClass::Policy,
        Sentence::new("refused-case-state")
            .with("state", state_word(c.state))
            .with("by", c.touched_by.as_deref().unwrap_or("@machine"))
            .with("at", c.touched_at),
    )
}

/// Refuses when the operator saw an older version.
pub fn check_version(c: &Case, seen: Option<i64>) -> Result<(), Refusal> {
    match seen {
        Some(v) if v != c.version => Err(Refusal::new(
            RefusalClass::Conflict,
            Sentence::new("refused-conflict")
                .with("by", c.touched_by.as_deref().unwrap_or("@machine"))
                .with("at", c.touched_at)
                .with("act", format!("@act-{}", c.touched_act.replace(['.', '_'], "-")))
                .with("state", state_word(c.state))
                .with("seen", v)
                .with("version", c.version),
        )),
        _ => Ok(()),
    }
}

pub(in crate::domain) fn touch(c: &mut Case, act: &str, by: Option<String>, now: Timestamp) {
    c.version += 1;
    c.touched_by = by;
    c.touched_at = now;
    c.touched_act = act.into();
}

/// Every gate with its missing lines, in order.
pub fn gates(f: &CaseFacts) -> Vec<GateStanding> {
    use strum::IntoEnumIterator;
    Gate::iter()
        .map(|gate| {
            let missing = missing(f, gate);
            GateStanding { gate, holds: missing.is_empty(), missing }
        })
        .collect()
}

/// What one gate still wants.
pub fn missing(f: &CaseFacts, gate: Gate) -> Vec<Sentence> {
    let line = |code: &'static str, i: &HandoverItem| {
        Sentence::new(code)
            .with("item", if i.label() == "-" { format!("@item-kind-{}", i.kind.to_string().replace('_', "-")) } else { i.label() })
            .with("state", format!("@item-state-{}", i.state.to_string().replace('_', "-")))
            .with("reviewer", i.reviewer_name.as_deref().unwrap_or("-"))
    };
    let handed = |i: &&HandoverItem| i.kind.during() == During::Handover;
    match gate {
        Gate::G1 => {
            let unfilled = f.items.iter().filter(handed).filter(|i| matches!(i.state, ItemState::Todo | ItemState::Blocked));
            let unlisted = f.held.iter().filter(|h| !h.declined && !f.items.iter().any(|i| i.customer == Some(h.customer)));
            unfilled
                .map(|i| line("missing-not-submitted", i))
                .chain(unlisted.map(|h| Sentence::new("missing-not-listed").with("customer", h.label())))
                .chain(handover::unlisted_kinds(f).map(|(_, rule)| {
                    let kind = rule.kind.to_string().replace('_', "-");
                    Sentence::new("missing-not-listed").with("customer", format!("@item-kind-{kind}"))
                }))
                .collect()
        }
        Gate::G2 => {
            let of = |h: &Holding| f.items.iter().filter(|i| i.customer == Some(h.customer)).collect::<Vec<_>>();
            let line = |code: &'static str, h: &Holding| Sentence::new(code).with("customer", h.label()).with("state", &h.transfer);
            f.held
                .iter()
                .filter_map(|h| {
                    let items = of(h);
                    if items.iter().any(|i| i.state == ItemState::Waived) {
                        return None;
                    }
                    match h.until {
                        _ if h.declined => {}
                        Some(at) if h.due => return Some(line("missing-customer-due", h).with("at", at)),
                        Some(at) => return Some(line("missing-customer-pending", h).with("at", at)),
                        None => return Some(line("missing-customer-held", h)),
                    }
                    if h.receivable_fen > 0 && !h.collector {
                        return Some(line("missing-collector", h));
                    }
                    // A customer who said no is not let go in silence: the refusal is on record, and a reviewer has seen it.
                    let seen =
                        items.iter().any(|i| i.state == ItemState::Accepted && i.evidence.last().is_some_and(|e| e.evidence.is_refusal()));
                    (!seen).then(|| line("missing-customer-declined", h))
                })
                .collect()
        }
        Gate::G3 => f
            .items
            .iter()
            .filter(|i| i.kind == ItemKind::Customer && i.state != ItemState::Waived)
            .filter(|i| !i.evidence.last().is_some_and(|e| e.evidence.is_letter() || e.evidence.is_refusal()))
            .map(|i| line("missing-letter", i))
            .collect(),
        Gate::G4 => f.items.iter().filter(handed).filter(|i| !i.state.is_settled()).map(|i| line("missing-not-accepted", i)).collect(),
        Gate::G5 => {
            f.items.iter().filter(|i| gate.wants(i.kind) && !i.state.is_settled()).map(|i| line("missing-not-returned", i)).collect()
        }
        Gate::G6 => match f.freeze {
            FreezeStanding::Complete => Vec::new(),
            FreezeStanding::None => {
                // An addendum to a closed case has no accounts of its own.
                let waived = f.items.iter().any(|i| i.kind == ItemKind::Accounts && i.state == ItemState::Waived);
                if waived || f.case.addendum_of.is_some() { Vec::new() } else { vec![Sentence::new("missing-no-freeze")] }
            }
            FreezeStanding::Open => vec![Sentence::new("missing-freeze-open")],
            FreezeStanding::UnknownSteps => vec![Sentence::new("missing-freeze-unknown")],
        },
    }
}

/// Why what waits for some gates does not open yet: the first gate that does not hold, and its first line.
pub(in crate::domain) fn shut(f: &CaseFacts, wanted: &[Gate]) -> Option<Refusal> {
    wanted.iter().find_map(|gate| {
        let missing = missing(f, *gate);
        let first = missing.first()?;
        let mut why = Sentence::new("refused-gate-shut").with("gate", format!("@gate-{gate}")).with("count", missing.len());
        // The first missing line, as far as one sentence can carry another: its words and the customer or item.
        let what = first.args.get("customer").or_else(|| first.args.get("item")).cloned().unwrap_or_default();
        let code = first.code.clone();
        why = why.with("line", format!("@short-{code}")).with("what", what);
        Some(Refusal::new(RefusalClass::Policy, why))
    })
}

/// What HR states when somebody leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewCase {
    pub exit: ExitKind,
    pub last_day: Date,
    #[serde(default)]
    pub notice_on: Option<Date>,
}

/// What starting a case may look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StartFacts {
    pub leaver: Leaver,
    pub template: Template,
    pub held: Vec<Holding>,
    /// A case of this spell that is open or closed.
    pub known: Option<(CaseId, CaseState)>,
    pub today: Date,
    /// Operators for the desks of the template: who reviews by default, fewest open items first.
    pub desks: Vec<handover::DeskHolder>,
}

/// Starts a case: the list is drawn from the store, not from the leaver [OF-2], [CU-4].
pub fn start(f: &StartFacts, new: &NewCase, cx: &mut Context) -> Result<Vec<Change>, Refusal> {
    if let Some((_, state)) = f.known.filter(|(_, s)| *s != CaseState::Withdrawn) {
        return Err(Refusal::new(RefusalClass::Conflict, Sentence::new("refused-case-exists").with("state", state_word(state))));
    }
    if new.last_day < f.leaver.started {
        return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-last-day-before-start").with("on", f.leaver.started)));
    }
    if new.notice_on.is_some_and(|n| n > f.today || n > new.last_day) {
        return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-notice-day")));
    }
    if f.leaver.state == SpellState::Departed && f.leaver.last_day.is_some_and(|l| l != new.last_day) {
        // The end of an employment that is over is what the record says, and no screen moves it.
        let known = f.leaver.last_day.unwrap_or(new.last_day);
        return Err(Refusal::new(RefusalClass::Policy, Sentence::new("refused-other-last-day").with("on", known)));
    }
    let case = Case {
        id: CaseId(cx.id()),
        person: f.leaver.person,
        spell: f.leaver.spell,
        state: CaseState::Submitted,
        version: 1,
        exit: new.exit,
        notice_on: new.notice_on,
        last_day: new.last_day,
        backdated: new.last_day < f.today,
        handover_due: due(new.last_day, &f.template),
        template: format!("{} {}", f.template.name, f.template.version),
        starter: cx.operator,
        starter_name: cx.operator_name.clone(),
        started_at: cx.now,
        approver_name: None,
        approved_at: None,
        overdue_at: None,
        ended_at: None,
        addendum_of: None,
        touched_by: Some(cx.operator_name.clone()),
        touched_at: cx.now,
        touched_act: "offboarding.start".into(),
    };
    let items = handover::checklist(&case, &f.template, &f.held, &f.desks, &f.leaver, cx);
    let duties = duty::of_exit(&case, cx);
    let mut changes = vec![Change::Case { case, template: Some(f.template.clone()) }];
    changes.extend(items.into_iter().map(|i| Change::Item(Box::new(i))));
    changes.extend(duties.into_iter().map(Change::Duty));
    if f.leaver.state != SpellState::Departed {
        changes.push(Change::Spell {
            spell: f.leaver.spell,
            state: if new.last_day < f.today { SpellState::Departed } else { SpellState::Notice },
            last_day: Some(new.last_day),
            exit: Some(new.exit),
        });
    }
    Ok(changes)
}

/// When a handover is due: so many days before the last day, whatever stands in the way.
fn due(last_day: Date, template: &Template) -> Date {
    last_day.checked_sub(template.handover_due_days.days()).unwrap_or(last_day)
}

/// Decides an act on a case. Pure.
pub fn decide(f: &CaseFacts, act: &Act, cx: &mut Context) -> Result<Vec<Change>, Refusal> {
    use CaseState::{Abandoned, Approved, Clearance, Closed, Handover, ReadyToClose, Review, Submitted, Withdrawn};
    let mut c = f.case.clone();
    let mut more = Vec::new();
    if f.stays() && matches!(act, Act::OffboardingApprove | Act::OffboardingAdvance | Act::OffboardingClose) {
        // Nobody is walked out on a notice that was taken back.
        return Err(policy("refused-case-stays"));
    }
    match act {
        Act::OffboardingApprove => {
            if c.state != Submitted {
                return Err(wrong_state(&c));
            }
            if cx.operator == c.starter || f.leaver.is_operator(&cx.operator_name) {
                return Err(policy("refused-own-case"));
            }
            c.state = Approved;
            c.approver_name = Some(cx.operator_name.clone());
            c.approved_at = Some(cx.now);
        }
        Act::OffboardingAdvance => {
            let (to, refusal) = match c.state {
                Approved => (Handover, None),
                // Review is reached by the items themselves; saying it once more opens clearance, with the first of its stages that opens.
                Handover | Review | CaseState::Returned => {
                    let all: Vec<_> = f.template.clearance().map(|s| shut(f, &s.opens_after)).collect();
                    (Clearance, if all.contains(&None) { None } else { all.into_iter().next().flatten() })
                }
                Clearance | Abandoned => (ReadyToClose, shut(f, &[Gate::G1, Gate::G2, Gate::G3, Gate::G4, Gate::G5])),
                _ => return Err(wrong_state(&c)),
            };
            if let Some(refusal) = refusal {
                return Err(refusal);
            }
            c.state = to;
        }
        Act::OffboardingClose => {
            if c.state != ReadyToClose {
                return Err(wrong_state(&c));
            }
            if let Some(refusal) = shut(f, &[Gate::G1, Gate::G2, Gate::G3, Gate::G4, Gate::G5, Gate::G6]) {
                return Err(refusal);
            }
            let open = f.items.iter().filter(|i| i.kind != ItemKind::Accounts && !i.state.is_settled()).count();
            if open > 0 {
                return Err(Refusal::new(RefusalClass::Policy, Sentence::new("refused-open-items").with("count", open)));
            }
            c.state = Closed;
            c.ended_at = Some(cx.now);
        }
        Act::OffboardingWithdraw => {
            if !c.state.is_open() || c.addendum_of.is_some() {
                return Err(wrong_state(&c));
            }
            if f.leaver.state == SpellState::Departed {
                return Err(policy("refused-withdraw-departed"));
            }
            c.state = Withdrawn;
            c.ended_at = Some(cx.now);
            more.push(Change::Spell { spell: c.spell, state: SpellState::Active, last_day: None, exit: None });
            // Who stays has no certificate to get; what was given already stays given.
            let frozen = f.freeze != FreezeStanding::None;
            let over = f.open_duties().filter(|d| d.kind != DutyKind::Apology && (d.kind != DutyKind::Thaw || !frozen));
            more.extend(over.map(|d| Change::Duty(duty::void(d, cx))));
            more.extend(f.thaw(cx));
        }
        Act::OffboardingAbandon { last_day } => {
            if !c.state.is_open() || c.state == Abandoned || c.addendum_of.is_some() {
                return Err(wrong_state(&c));
            }
            if *last_day < f.leaver.started {
                return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-last-day-before-start").with("on", f.leaver.started)));
            }
            if *last_day > f.today {
                return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-abandoned-future")));
            }
            c.state = Abandoned;
            c.exit = ExitKind::Abandoned;
            if f.leaver.state != SpellState::Departed {
                c.last_day = *last_day;
                c.handover_due = due(*last_day, &f.template);
                // The last day is a legal date: what hangs on it moves with it.
                more.extend(f.open_duties().filter_map(|d| duty::redate(d, *last_day, f.today, cx)).map(Change::Duty));
                more.push(Change::Spell {
                    spell: c.spell,
                    state: if *last_day < f.today { SpellState::Departed } else { SpellState::Notice },
                    last_day: Some(*last_day),
                    exit: Some(ExitKind::Abandoned),
                });
            }
        }
        _ => return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-wrong-target"))),
    }
    touch(&mut c, act.name(), Some(cx.operator_name.clone()), cx.now);
    if c.state.is_open() {
        // Customers who came to the leaver meanwhile join the list.
        more.extend(handover::unlisted(f, cx).into_iter().map(|i| Change::Item(Box::new(i))));
    }
    more.insert(0, Change::Case { case: c, template: None });
    Ok(more)
}

/// The case after its items changed: handover, review and returned follow from them. `None` when nothing changes.
pub fn follow(case: &Case, items: &[HandoverItem], act: &str, cx: &Context) -> Option<Case> {
    use CaseState::{Approved, Handover, Returned, Review};
    if !(case.state.hands_over() || case.state == Approved) {
        return None;
    }
    let handed = || items.iter().filter(|i| i.kind.during() == During::Handover);
    let to = if handed().any(|i| i.state == ItemState::Returned) {
        Returned
    } else if handed().all(|i| !matches!(i.state, ItemState::Todo | ItemState::Blocked)) {
        Review
    } else {
        Handover
    };
    if to == case.state || (case.state == Approved && handed().all(|i| i.evidence.is_empty())) {
        return None;
    }
    let mut c = case.clone();
    c.state = to;
    touch(&mut c, act, Some(cx.operator_name.clone()), cx.now);
    Some(c)
}

/// What the clocks do to an open case: a handover that is not done by its day is overdue, once.
pub fn on_clock(f: &CaseFacts, cx: &Context) -> Option<Case> {
    let late = f.today > f.case.handover_due && f.case.overdue_at.is_none() && f.case.state.is_open() && !f.stays();
    let done = matches!(f.case.state, CaseState::ReadyToClose) || shut(f, &[Gate::G1, Gate::G2, Gate::G3, Gate::G4]).is_none();
    (late && !done).then(|| {
        let mut c = f.case.clone();
        c.overdue_at = Some(cx.now);
        touch(&mut c, "offboarding.overdue", None, cx.now);
        c
    })
}
