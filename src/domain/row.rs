//! Rows of lists: things joined with the person they concern, as the store reads them and every client shows them.

use super::{
    alert::{Alert, AlertState},
    approval::Approval,
    freeze::Order,
    ids::QuarantineId,
    import::BadRow,
    person::{CriticalPost, Impact, PersonRef},
    plan::Plan,
    score::Band,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use uuid::Uuid;

/// A row of the alert queue. Holds all that `domain::alert::decide` needs, so that a disabled reason on screen is the real one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
}

/// A note on an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub at: Timestamp,
    pub by: String,
    pub text: String,
}

/// A row of the people list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonRow {
    #[serde(flatten)]
    pub person: PersonRef,
    pub score: Option<f64>,
    pub band: Option<Band>,
}

/// A row of the retention pane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRow {
    #[serde(flatten)]
    pub plan: Plan,
    pub employee: PersonRef,
    pub approval: Option<Uuid>,
}

/// An approval with the person it concerns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovalRow {
    #[serde(flatten)]
    pub approval: Approval,
    pub employee: Option<PersonRef>,
}

/// A row of the freeze pane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, EnumIter, IntoStaticStr)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuarantineRow {
    pub id: QuarantineId,
    pub at: Timestamp,
    #[serde(flatten)]
    pub row: BadRow,
}

/// A queued job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, EnumIter, IntoStaticStr)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
}
