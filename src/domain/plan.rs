//! Retention plans: proposed by one person, approved by another, delivered, and judged after 90 and 180 days (domain.md 5, [AC-3]).

use super::{
    act::{Act, Change, Context, Entity, Refusal, RefusalClass},
    approval::Approval,
    ids::{AlertId, OperatorId, PersonId, PlanId, SpellId},
    sentence::Sentence,
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What a plan offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PlanTemplate {
    PromotionPath,
    ProjectAuthority,
    Training,
    Pay,
    Transfer,
}

/// State of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PlanState {
    Draft,
    Submitted,
    Approved,
    InTalk,
    Committed,
    Delivered,
    Closed,
    Rejected,
    Cancelled,
}

/// What became of the person after 90 or 180 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PlanOutcome {
    Retained,
    Left,
    Unknown,
}

/// The words and figures of a plan: what an approval is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanBody {
    pub template: PlanTemplate,
    pub text: String,
    /// Cost to the company, in fen; `None` when it costs nothing that is counted.
    pub cost_fen: Option<i64>,
}

/// A retention plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    pub id: PlanId,
    pub person: PersonId,
    pub spell: SpellId,
    pub alert: Option<AlertId>,
    #[serde(flatten)]
    pub body: PlanBody,
    pub state: PlanState,
    pub version: i64,
    pub proposer: OperatorId,
    pub proposer_name: String,
    pub approver_name: Option<String>,
    pub created_at: Timestamp,
    pub approved_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub outcome_90: Option<PlanOutcome>,
    pub outcome_180: Option<PlanOutcome>,
    pub touched_by: String,
    pub touched_at: Timestamp,
}

/// What a decision about a plan may look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanFacts {
    pub plan: Plan,
    pub pending: bool,
}

impl Plan {
    /// A draft for a person.
    pub fn draft(cx: &mut Context, person: PersonId, spell: SpellId, alert: Option<AlertId>, body: PlanBody) -> Result<Self, Refusal> {
        if body.text.trim().is_empty() {
            return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-empty-text")));
        }
        if body.cost_fen.is_some_and(|c| c < 0) {
            return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-negative-cost")));
        }
        Ok(Self {
            id: cx.plan_id(),
            person,
            spell,
            alert,
            body,
            state: PlanState::Draft,
            version: 1,
            proposer: cx.operator,
            proposer_name: cx.operator_name.clone(),
            approver_name: None,
            created_at: cx.now,
            approved_at: None,
            delivered_at: None,
            outcome_90: None,
            outcome_180: None,
            touched_by: cx.operator_name.clone(),
            touched_at: cx.now,
        })
    }
}

/// Refuses when the operator saw an older version.
pub fn check_version(p: &Plan, seen: Option<i64>) -> Result<(), Refusal> {
    match seen {
        Some(v) if v != p.version => Err(Refusal::new(
            RefusalClass::Conflict,
            Sentence::new("refused-conflict")
                .with("by", &p.touched_by)
                .with("at", p.touched_at)
                .with("act", "@act-plan-change")
                .with("state", format!("@plan-state-{}", p.state.to_string().replace('_', "-")))
                .with("seen", v)
                .with("version", p.version),
        )),
        _ => Ok(()),
    }
}

/// Decides an act on one plan.
pub fn decide(f: &PlanFacts, act: &Act, cx: &mut Context) -> Result<Vec<Change>, Refusal> {
    use PlanState::{Approved, Cancelled, Closed, Committed, Delivered, Draft, InTalk, Rejected, Submitted};
    let mut p = f.plan.clone();
    let state = |p: &Plan| {
        Refusal::new(
            RefusalClass::Policy,
            Sentence::new("refused-plan-state").with("state", format!("@plan-state-{}", p.state.to_string().replace('_', "-"))),
        )
    };
    let mut more = Vec::new();
    match act {
        Act::PlanSubmit => {
            if p.state == Submitted && cx.approved {
                if cx.operator == p.proposer {
                    return Err(Refusal::new(RefusalClass::Policy, Sentence::new("refused-own-approval")));
                }
                p.state = Approved;
                p.approved_at = Some(cx.now);
                p.approver_name = Some(cx.operator_name.clone());
            } else if p.state == Draft {
                p.state = Submitted;
                p.version += 1;
                more.push(Change::Approval(Approval::ask(cx, Entity::Plan, p.id.into(), p.version, Some(p.person), act.clone())));
                p.version -= 1;
            } else {
                return Err(state(&p));
            }
        }
        Act::PlanReject => {
            // Only reached through a denied approval.
            if p.state != Submitted || !cx.approved {
                return Err(state(&p));
            }
            p.state = Rejected;
        }
        Act::PlanCancel => {
            if !matches!(p.state, Draft | Submitted | Approved | InTalk | Committed) {
                return Err(state(&p));
            }
            p.state = Cancelled;
        }
        Act::PlanAdvance => {
            p.state = match p.state {
                Approved => InTalk,
                InTalk => Committed,
                Committed => {
                    p.delivered_at = Some(cx.now);
                    Delivered
                }
                _ => return Err(state(&p)),
            };
        }
        Act::PlanOutcome { days, outcome } => {
            let Some(delivered) = p.delivered_at.filter(|_| p.state == Delivered) else { return Err(state(&p)) };
            let slot = match days {
                90 => &mut p.outcome_90,
                180 => &mut p.outcome_180,
                _ => return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-outcome-days"))),
            };
            if cx.now < delivered + SignedDuration::from_hours(24 * days) {
                return Err(Refusal::new(
                    RefusalClass::Policy,
                    Sentence::new("refused-outcome-early").with("at", delivered + SignedDuration::from_hours(24 * days)),
                ));
            }
            *slot = Some(*outcome);
            if *days == 180 || *outcome == PlanOutcome::Left {
                p.state = Closed;
            }
        }
        _ => return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-wrong-target"))),
    }
    p.version += 1;
    p.touched_by = cx.operator_name.clone();
    p.touched_at = cx.now;
    more.insert(0, Change::Plan(p));
    Ok(more)
}
