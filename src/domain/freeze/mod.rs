//! Freezing accounts: planned by reads only, approved by hash, journalled step by step, read back, and believed only then
//! ([OF-4], domain.md 10, field-notes.md 2.1).
//!
//! [`plan`] builds what an approval is for, [`order`] decides what operators do with it, [`grounds`] whether it may run, and [`step`] what a
//! worker may send and what the answers mean.

pub mod drill;
pub mod grounds;
pub mod lines;
pub mod order;
pub mod pair;
pub mod plan;
pub mod stand_in;
pub mod step;

pub use plan::same_login;

use super::{
    ids::{FreezeId, OperatorId, PersonId, SpellId},
    sentence::Sentence,
    target::{StepKind, TargetKind},
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use uuid::Uuid;

/// How far a freeze goes.
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
pub enum Level {
    /// L1: orders, customer view and export off; mail, HR and the handover form stay.
    Restrict,
    /// L2: sign-in blocked everywhere, reversible.
    Suspend,
    /// L3: accounts removed; only after L2 was verified and the retention time is over.
    Delete,
}

/// Whether access is taken or given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Direction {
    Freeze,
    Thaw,
}

/// When and on whose word an order runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Mode {
    /// At an instant, after another person's approval.
    Planned,
    /// Now, on one person's word; a second person confirms within the policy's hours.
    Immediate,
    /// Like immediate, by break-glass: loud.
    Emergency,
}

/// Why a freeze is taken back, where the reason is one that asks for more than a thaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Ground {
    /// Somebody else was meant: an apology is owed.
    WrongPerson,
}

/// State of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrderState {
    PendingApproval,
    Approved,
    Executing,
    /// Every step is confirmed or waived.
    Complete,
    /// Something is not done and nothing can go on by itself at this moment.
    Partial,
    /// Everything was refused.
    Failed,
    /// Complete, and the residual-access clock has reached zero.
    Verified,
    /// Somebody or some sync gave access back behind us.
    Drifted,
    Thawing,
    Thawed,
    /// Before it ran: nothing was sent.
    Cancelled,
    /// Its approval ran out.
    Expired,
}

impl OrderState {
    /// Whether the order may still send something: at most one such order a spell and target.
    pub fn is_live(self) -> bool {
        matches!(self, Self::PendingApproval | Self::Approved | Self::Executing | Self::Partial)
    }

    /// Whether access was taken, at least in part, and not given back.
    pub fn is_frozen(self) -> bool {
        matches!(self, Self::Complete | Self::Partial | Self::Verified | Self::Drifted)
    }
}

/// State of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum StepState {
    Pending,
    /// Journalled; no answer yet.
    Sent,
    /// It may have happened. Only a read-back leads out of it.
    Unknown,
    Confirmed,
    /// A definite refusal.
    Rejected,
    /// Taken on by the target and not finished.
    Async,
    /// Done by hand, with evidence by a second person.
    Waived,
}

impl StepState {
    /// Whether nothing is left to do.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Confirmed | Self::Waived)
    }
}

/// One step of an order. Steps of one account run in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FreezeStep")]
pub struct Step {
    /// From 1 within the order.
    pub n: i64,
    pub target: String,
    pub account: String,
    pub login: String,
    pub kind: StepKind,
    pub state: StepState,
    /// Tries so far, whether or not they reached the target.
    pub attempts: i64,
    /// Idempotency key, the same on every try.
    pub key: Uuid,
    /// Trace of the read before it was sent, for steps that leave only a trace.
    pub before: Option<String>,
    pub sent_at: Option<Timestamp>,
    /// Before this nobody but the sender may read back: a late call may still arrive.
    pub settle_at: Option<Timestamp>,
    /// Lease of the sender.
    pub token: Option<Uuid>,
    /// Not tried again before.
    pub due_at: Timestamp,
    #[serde(rename = "at")]
    pub confirmed_at: Option<Timestamp>,
    pub error: Option<Sentence>,
    pub waived_by: Option<String>,
    pub evidence: Option<String>,
    /// Last sign-in that the read-back saw: a later one trips the wire.
    pub sign_in: Option<Timestamp>,
}

/// What a target cannot do, and for how long access may therefore go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// Numbered after the steps.
    pub n: i64,
    pub target: String,
    pub account: Option<String>,
    pub what: GapKind,
    /// Seconds after the last confirmed step; `None` is unknown, never counts as zero and needs a waiver.
    pub bound: Option<i64>,
    /// When a read-back saw that nothing of it is left: no session is open. Holds for what was confirmed before it.
    #[serde(default)]
    pub over_at: Option<Timestamp>,
    /// Sessions were open at the last look: no bound ends them.
    #[serde(default)]
    pub open: bool,
    pub waived_by: Option<String>,
    #[serde(default)]
    pub waived_at: Option<Timestamp>,
    pub evidence: Option<String>,
}

/// Kinds of gaps.
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
pub enum GapKind {
    /// Sessions that were open go on.
    Sessions,
    /// Applications behind the target keep sessions of their own; nobody counts them.
    Apps,
    /// The target has no way to restrict without suspending.
    Restrict,
    /// The target has no way to block a sign-in.
    SignIn,
    /// The target has no way to remove the account.
    Delete,
    /// The target could not be read when the plan was made.
    Unread,
    /// An account that appeared after the plan was approved: nothing was run on it.
    Appeared,
    /// The wanted state of a step cannot be read back.
    ReadBack,
}

impl Gap {
    /// A gap whose bound nobody knows.
    pub fn new(n: i64, target: String, account: Option<String>, what: GapKind) -> Self {
        Self { n, target, account, what, bound: None, over_at: None, open: false, waived_by: None, waived_at: None, evidence: None }
    }

    /// Whether it leaves an account alive of which nothing was taken: the order is not complete over it.
    pub fn keeps_open(&self) -> bool {
        let alive = matches!(self.what, GapKind::SignIn | GapKind::Unread | GapKind::Appeared);
        alive && self.waived_by.is_none() && self.over_at.is_none()
    }
}

/// Somebody's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Word {
    pub operator: OperatorId,
    pub name: String,
    pub at: Timestamp,
}

/// What was asked for elsewhere while a target could not be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Meanwhile {
    pub target: String,
    /// The target that stands in for it.
    pub by: String,
    /// The order on that one.
    pub order: FreezeId,
    /// Everything on the target itself is done.
    pub over: bool,
}

/// A freeze order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FreezeOrder")]
pub struct Order {
    pub id: FreezeId,
    pub person: PersonId,
    pub spell: SpellId,
    pub state: OrderState,
    pub version: i64,
    /// What was approved; [`plan::hash`] of it is `plan_hash`.
    pub intent: plan::Intent,
    pub plan_hash: String,
    /// What was seen when the plan was made; beside the hash.
    pub observed: Vec<plan::Observation>,
    pub gaps: Vec<Gap>,
    pub requester: OperatorId,
    pub requester_name: String,
    pub reason: String,
    pub ticket: Option<String>,
    /// Approvals that it needs before it runs.
    pub needed: i64,
    pub approvals: Vec<Word>,
    /// Until when a second person must confirm what ran on one person's word.
    pub confirm_due: Option<Timestamp>,
    pub confirmed: Option<Word>,
    /// When it was noticed that no word came: one alert is raised for it.
    pub lapsed_at: Option<Timestamp>,
    /// Told to stop after the step in hand.
    pub held: bool,
    /// Last day when it was planned, where one was known.
    #[serde(default)]
    pub last_day: Option<Date>,
    /// When it began its person was on notice or had left: grounds that a withdrawn resignation takes away.
    #[serde(default)]
    pub leaving: bool,
    /// The order that a thaw takes back.
    pub undoes: Option<FreezeId>,
    /// Why it takes that back.
    #[serde(default)]
    pub ground: Option<Ground>,
    /// The drifted order in whose place the machine asked for this one.
    #[serde(default)]
    pub renews: Option<FreezeId>,
    /// The order that was asked for over it while this was still at work, a thaw or a higher level: that holds the accounts now, and this
    /// waits.
    #[serde(default)]
    pub yields_to: Option<FreezeId>,
    /// What stands in for targets of it that could not be reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meanwhile: Vec<Meanwhile>,
    /// Every step is settled: it sends nothing more and holds no account, whatever gap keeps it open.
    #[serde(default)]
    pub spent: bool,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub verified_at: Option<Timestamp>,
    /// When it is read again.
    pub check_at: Option<Timestamp>,
    /// Why it is where it is, where the state alone does not say it.
    pub why: Option<Sentence>,
    pub touched_by: Option<String>,
    pub touched_at: Timestamp,
}

impl Order {
    /// The operators whose word is on it: requester and approvers.
    pub fn has_word_of(&self, operator: OperatorId) -> bool {
        self.requester == operator || self.approvals.iter().any(|w| w.operator == operator)
    }

    /// Whether it holds its accounts: no other order may work on them.
    pub fn holds_accounts(&self) -> bool {
        self.state.is_live() && self.yields_to.is_none() && !self.spent
    }

    /// When it runs by itself.
    pub fn run_at(&self) -> Timestamp {
        self.intent.at.unwrap_or(self.created_at)
    }
}

/// A link that somebody made by hand between a person and an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    pub target: String,
    pub account: String,
    pub person: PersonId,
    pub by: String,
    pub at: Timestamp,
}

/// A target as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetRow {
    pub name: String,
    pub kind: TargetKind,
    pub place: String,
    pub steps: Vec<StepKind>,
    pub session_max: Option<i64>,
    pub privileged: bool,
}
