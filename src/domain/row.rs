//! Rows of lists: things joined with the person they concern, as the store reads them and every client shows them.

use super::{
    alert::{Alert, AlertState},
    approval::Approval,
    contest::Contest,
    duty::{Duty, DutyKind},
    freeze::Order,
    handover::{HandoverItem, Holding},
    ids::{CaseId, ItemId, PersonId, QuarantineId},
    import::BadRow,
    offboarding::{Case, CaseFacts, FreezeStanding, GateStanding, Leaver},
    person::{CriticalPost, Impact, PersonRef},
    plan::Plan,
    score::Band,
    stages::Template,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use uuid::Uuid;

/// A row of the alert queue. Holds all that `domain::alert::decide` needs, so that a disabled reason on screen is the real one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertRow {
    #[serde(flatten)]
    pub alert: Alert,
    pub employee: PersonRef,
    /// Current score and band of the person.
    pub score: Option<f64>,
    pub band: Option<Band>,
    /// Name of the owner.
    pub owner: Option<String>,
    pub talks: i64,
    /// First line of the last note or talk.
    pub last_note: Option<String>,
    /// An approval waits for this alert.
    pub pending: bool,
    /// The person contests the score.
    #[serde(default)]
    pub contested: bool,
}

/// A note on an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    pub at: Timestamp,
    pub by: String,
    pub text: String,
}

/// A row of the people list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PersonRow {
    #[serde(flatten)]
    pub person: PersonRef,
    pub score: Option<f64>,
    pub band: Option<Band>,
    /// The person contests the score.
    #[serde(default)]
    pub contested: bool,
}

/// A contest with its person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContestRow {
    #[serde(flatten)]
    pub contest: Contest,
    pub employee: PersonRef,
}

/// A row of the retention pane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanRow {
    #[serde(flatten)]
    pub plan: Plan,
    pub employee: PersonRef,
    pub approval: Option<Uuid>,
}

/// Items of a case, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemCounts {
    pub all: i64,
    /// Accepted or waived.
    pub settled: i64,
    pub returned: i64,
    /// Submitted or under review.
    pub review: i64,
}

/// A row of the offboarding board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OffboardingRow {
    #[serde(flatten)]
    pub case: Case,
    /// As the spell of the case says, also when the person has another one by now.
    pub employee: PersonRef,
    pub counts: ItemCounts,
    /// Customers that are the leaver's still.
    pub held: i64,
    /// Next open duty of the statutory track.
    pub next_duty: Option<(DutyKind, Date)>,
    pub freeze: FreezeStanding,
}

/// A case with all that belongs to it. Holds what `domain::offboarding::decide` needs, so that a disabled reason on screen is the real one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OffboardingCard {
    #[serde(flatten)]
    pub row: OffboardingRow,
    pub gates: Vec<GateStanding>,
    pub items: Vec<HandoverItem>,
    pub duties: Vec<Duty>,
    /// Customers of the leaver, as the store has them now.
    pub customers: Vec<Holding>,
    pub leaver: Leaver,
    pub stages: Template,
    /// Items whose waiver waits for another person.
    pub pending: Vec<ItemId>,
    /// The day in the company's zone.
    pub today: Date,
}

impl OffboardingCard {
    /// Whether an item or a duty is one of the case.
    pub fn has(&self, id: Uuid) -> bool {
        self.items.iter().any(|i| i.id.0 == id) || self.duties.iter().any(|d| d.id.0 == id)
    }

    /// What a decision about the case looks at.
    pub fn facts(&self) -> CaseFacts {
        CaseFacts {
            case: self.row.case.clone(),
            template: self.stages.clone(),
            leaver: self.leaver.clone(),
            items: self.items.clone(),
            duties: self.duties.clone(),
            held: self.customers.clone(),
            freeze: self.row.freeze,
            today: self.today,
            pending: self.pending.clone(),
        }
    }
}

/// Which cases of the board.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CaseView {
    /// All that asks for work, by stage.
    #[default]
    Open,
    /// Cases with an item that waits for my review.
    Mine,
    /// Handover or a duty past its day.
    Overdue,
    Closed,
    All,
}

/// A duty with the person to whom it is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DutyRow {
    #[serde(flatten)]
    pub duty: Duty,
    pub employee: PersonRef,
}

/// An approval with the person it concerns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalRow {
    #[serde(flatten)]
    pub approval: Approval,
    pub employee: Option<PersonRef>,
    /// Version that the subject has now: whether it is still what was asked about follows from it.
    #[serde(default)]
    pub subject_version: Option<i64>,
    /// The case of a handover item.
    #[serde(default)]
    pub case: Option<CaseId>,
}

/// A row of the freeze pane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FreezeRow {
    #[serde(flatten)]
    pub order: Order,
    pub employee: PersonRef,
    pub approval: Option<Uuid>,
    /// How many steps it has.
    pub steps_total: i64,
    /// How many of them are confirmed or waived.
    pub steps_settled: i64,
}

/// Saved views of the orders.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FreezeView {
    /// What waits, runs, has stuck, or is not verified yet.
    #[default]
    Open,
    /// Whose accounts are frozen now.
    Frozen,
    All,
}

/// A quarantined row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuarantineRow {
    pub id: QuarantineId,
    pub at: Timestamp,
    #[serde(flatten)]
    pub row: BadRow,
}

/// A queued job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobRow {
    pub id: Uuid,
    pub kind: String,
    pub key: String,
    /// `pending`, `leased`, `failed`.
    pub state: String,
    pub due_at: Timestamp,
    pub attempts: i64,
    pub error: Option<String>,
}

/// Saved views of the alert queue.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlertView {
    /// All that asks for work, by talk clock.
    #[default]
    Open,
    Mine,
    /// Nobody owns it yet.
    Unacked,
    /// Acknowledged and stale: owned, no talk, untouched for longer than the policy's hours.
    Stale,
    Snoozed,
    Closed,
    All,
}

/// A parsed filter. Words are prefixes of the name, the sort name or the employee number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Filter {
    /// Free text, as typed.
    pub text: Option<String>,
    pub band: Option<Band>,
    pub state: Option<AlertState>,
    /// Name of the owner, or of the operator in the audit list.
    pub owner: Option<String>,
    /// Path prefix or unit name of the organisation.
    pub org: Option<String>,
    pub critical: Option<CriticalPost>,
    pub impact: Option<Impact>,
    /// Name or prefix of an act in the audit list.
    pub act: Option<String>,
    /// Set from the role of whoever asks, never by them.
    #[serde(skip)]
    pub within: Within,
}

/// Whose rows a list may hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Within {
    #[default]
    Everybody,
    /// The unit with this path, and what is below it.
    Org(String),
    /// This person, and whom they lead.
    Own(PersonId),
    Nobody,
}

/// What offboarding and freezing ask for, as the first screen counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Owed {
    /// Handover items that came back, of open cases.
    pub items_returned: i64,
    /// Duties of the statutory track that are past their day.
    pub duties_overdue: i64,
    /// Those that are due within three days.
    pub duties_due: i64,
    /// Freezes on one person's word that wait for the second's.
    pub freezes_unconfirmed: i64,
    /// Freezes whose access was given back behind us.
    pub freezes_drifted: i64,
    /// Orders that are done in part, or were refused.
    pub freezes_partial: i64,
    /// Freezes by break-glass of the last 30 days.
    pub break_glass: i64,
    /// 1 when a drill of break-glass is due.
    pub drills_due: i64,
    /// Contested scores that want an answer, and those past their day.
    #[serde(default)]
    pub contests_open: i64,
    #[serde(default)]
    pub contests_overdue: i64,
    /// Sinks that take no anchors, and since when the first of them has not.
    #[serde(default)]
    pub anchors_late: i64,
    #[serde(default)]
    pub anchors_since: Option<Timestamp>,
}
