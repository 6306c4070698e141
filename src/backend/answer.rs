//! Answers: plain rows, ready to be shown or written as JSON.

pub use crate::domain::customer::CustomerRow;
pub use crate::domain::row::{
    AlertRow, ApprovalRow, ContestRow, DutyRow, FreezeRow, JobRow, Note, OffboardingCard, OffboardingRow, Owed, PersonRow, PlanRow,
    QuarantineRow,
};

use super::{Cursor, query::TimelineKind};
use crate::domain::{
    act::Policy,
    anchor::Anchor,
    audit::{Broken, Entry},
    contest::Mark,
    customer::{Order, Ownership, Receivable, Transfer},
    effect::Effect,
    freeze,
    ids::PersonId,
    offboarding::CaseState,
    operator::Operator,
    person::{Person, PersonRef},
    role::{Grant, Role},
    score::{Band, Score},
    sentence::Sentence,
    signal::{KindPolicy, Signal},
    ssh_key::SshKey,
    talk::Talk,
    target::Health,
    token::Token,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// An answer with the store's time at which it was true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    pub at: Timestamp,
    /// The entry of the act chain that the database lacks though it was acknowledged: the answer is an old one. `None`: it has them all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<i64>,
    pub answer: Answer,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<Cursor>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), next: None }
    }
}

/// One answer per [`super::Query`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Today(Box<Today>),
    Alerts(Page<AlertRow>),
    Alert(Box<AlertCard>),
    People(Page<PersonRow>),
    Found(Vec<PersonRef>),
    Person(Box<PersonCard>),
    Timeline(Page<TimelineRow>),
    ScoreSeries(Vec<ScorePoint>),
    Explain(Box<Explanation>),
    WhatIf(Box<WhatIf>),
    Predict(Box<Score>),
    Models(Vec<ModelRow>),
    Effect(Box<Effect>),
    Plans(Page<PlanRow>),
    Plan(Box<PlanRow>),
    Customers(Page<CustomerRow>),
    Customer(Box<CustomerCard>),
    FoundCustomers(Vec<CustomerRow>),
    Offboardings(Board),
    Offboarding(Box<OffboardingCard>),
    Duties(Vec<DutyRow>),
    Approvals(Page<ApprovalRow>),
    Contests(Page<ContestRow>),
    Contest(Box<ContestCard>),
    Report(Report),
    Kinds(Vec<KindPolicy>),
    Operators(Vec<Operator>),
    Tokens(Vec<Token>),
    SshKeys(Vec<SshKey>),
    Quarantine(Page<QuarantineRow>),
    Jobs(Page<JobRow>),
    Audit(Page<AuditRow>),
    Verified(Verified),
    Chain(Page<Link>),
    Anchors(Box<Anchors>),
    Evidence(Page<Signal>),
    Import(ImportState),
    FreezePlan(Box<freeze::plan::Plan>),
    Freezes(Page<FreezeRow>),
    Freeze(Box<FreezeCard>),
    Drill(Option<Box<freeze::drill::Drill>>),
    Targets(Vec<freeze::TargetRow>),
    Health(Vec<Health>),
    Roles(Vec<RoleRow>),
    Home(Box<Home>),
}

/// Who asks, and what their role may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Me {
    /// Empty before anything was answered.
    pub name: String,
    pub role: Role,
    /// The unit for which the role holds, where it holds for one only.
    pub org: Option<String>,
    /// Permissions that the role has; a command that wants another is refused.
    pub may: BTreeSet<String>,
    /// People who are revealed to the operator now.
    pub revealed: BTreeSet<PersonId>,
}

/// One role and its grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleRow {
    pub role: Role,
    /// Active operators who have it.
    pub operators: i64,
    pub grants: Vec<Grant>,
}

/// A page of the offboarding board, and how many cases stand in each column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Board {
    #[serde(flatten)]
    pub page: Page<OffboardingRow>,
    pub counts: BTreeMap<CaseState, i64>,
}

/// An alert with what was said about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertCard {
    #[serde(flatten)]
    pub row: AlertRow,
    pub talk_records: Vec<Talk>,
    pub notes: Vec<Note>,
    pub plans: Vec<PlanRow>,
    /// What is to be mended, where something says so.
    #[serde(default)]
    pub about: Vec<Sentence>,
}

/// A person's card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PersonCard {
    #[serde(flatten)]
    pub person: Person,
    pub manager_name: Option<String>,
    pub score: Option<Score>,
    /// The score is contested, or was withdrawn.
    #[serde(default)]
    pub contest: Option<Mark>,
    pub alert: Option<AlertRow>,
    /// Others who have the same name, for the similar-name banner.
    pub homonyms: Vec<PersonRef>,
    /// Earlier spells, newest first: (started, last day, post).
    pub earlier: Vec<(Date, Option<Date>, String)>,
}

/// A contest with its words; those that were sealed are gone once the person was erased.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContestCard {
    #[serde(flatten)]
    pub row: ContestRow,
    pub said: Option<String>,
    pub answer: Option<String>,
    /// The score as it was when it was contested, with all that pushed it.
    pub explained: Option<Score>,
}

/// An order with its steps and the residual-access clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FreezeCard {
    #[serde(flatten)]
    pub row: FreezeRow,
    pub level: freeze::Level,
    /// Seconds for which access may still go on; `None` is unknown, which is never zero.
    pub residual_seconds: Option<i64>,
    pub steps: Vec<freeze::Step>,
    /// Oldest first.
    pub notes: Vec<Note>,
}

/// A customer's card. Lists that may grow are cut to their most urgent rows; the counts in `row` are of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CustomerCard {
    #[serde(flatten)]
    pub row: CustomerRow,
    /// Who owned it and when, oldest first.
    pub ownerships: Vec<Ownership>,
    pub orders: Vec<Order>,
    pub receivables: Vec<Receivable>,
    /// Newest first.
    pub transfers: Vec<Transfer>,
    /// Everybody whom the card names by id.
    pub people: Vec<PersonRef>,
}

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineRow {
    pub at: Timestamp,
    pub kind: TimelineKind,
    pub what: Sentence,
    /// Free text of the entry (a note, needs), already readable; `None` once the person was erased.
    pub note: Option<String>,
    pub by: Option<String>,
    pub id: Option<Uuid>,
    /// Cursor of this row.
    pub key: Cursor,
}

/// One point of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScorePoint {
    pub on: Date,
    pub score: f64,
    pub band: Band,
}

/// A score with its evidence. Holds nothing that differs between two homes with the same facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    pub number: String,
    pub name: String,
    pub model: String,
    pub model_version: String,
    pub as_of: Date,
    pub score: f64,
    pub band: Band,
    pub probability: f64,
    pub logit: f64,
    pub intercept: f64,
    pub factors: Vec<Factor>,
    pub missing: Vec<String>,
    pub unweighed: Vec<crate::domain::score::Unweighed>,
    pub inputs_hash: String,
    pub valid_until: Option<Date>,
    /// The current score is contested, or was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contest: Option<Mark>,
}

/// A feature, what it added, and the signals it was computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Factor {
    pub feature: String,
    pub value: f64,
    pub contribution: f64,
    pub signals: Vec<Signal>,
}

/// Today's score beside the score with changed inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WhatIf {
    pub now: Score,
    pub then: Score,
    /// The current score is contested, or was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contest: Option<Mark>,
}

/// A scorer that is installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModelRow {
    pub id: String,
    pub version: String,
    pub in_use: bool,
    /// True when the home's copy replaces the shipped file.
    pub overridden: bool,
    pub features: Vec<String>,
}

/// A rendered-later report: sections of sentences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    pub title: Sentence,
    pub made_at: Timestamp,
    pub sections: Vec<Section>,
}

/// A heading and its lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    pub title: Sentence,
    pub lines: Vec<Sentence>,
}

/// One entry of a chain, with the sentence a person reads and whatever of the sealed text is still readable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditRow {
    #[serde(flatten)]
    pub entry: Entry,
    pub hash: String,
    pub what: Sentence,
    pub subjects: Vec<PersonRef>,
    pub note: Option<String>,
}

/// Result of a walk over both chains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verified {
    pub ok: bool,
    pub entries: i64,
    pub head: String,
    pub access_entries: i64,
    pub access_head: String,
    /// First broken entry, and in which chain.
    pub broken: Option<(String, Broken)>,
}

/// One entry of a chain as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    pub seq: i64,
    /// The JSON of the entry; its bytes are what is hashed.
    pub bytes: String,
    pub hash: String,
}

/// What an auditor needs of a home, and where it writes its anchors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Anchors {
    pub home: String,
    /// Public key (Ed25519), hex.
    pub key: String,
    /// Both heads as they are now.
    pub now: Anchor,
    pub minutes: i64,
    pub sinks: Vec<SinkRow>,
}

/// How a sink of anchors stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SinkRow {
    pub name: String,
    pub place: String,
    pub tried_at: Option<Timestamp>,
    /// The last anchor that it took.
    pub at: Option<Timestamp>,
    pub acts: i64,
    pub access: i64,
    pub failing_since: Option<Timestamp>,
    pub error: Option<Sentence>,
    /// None was written for twice as long as planned, whether or not one was tried.
    pub late: bool,
}

/// What publishing an import changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportChange {
    /// Rows that change something: what [`ImportState::added`] counts.
    pub added: u64,
    pub new_people: u64,
    pub changed_people: u64,
    pub new_signals: u64,
    /// Customers, owners, orders and receivables that are new or changed.
    pub changed_custody: u64,
    /// Rows that are already known.
    pub same: u64,
    /// Live spells that would end.
    pub exits: u64,
    /// Rows that name nobody, or come too early, or of a kind that is off: they go to quarantine.
    pub refused: u64,
    /// Signals whose keeping time is over already; they are not kept at all.
    pub expired: u64,
    /// True when the file would end more people than the policy allows: publishing is refused.
    pub over_exit_limit: bool,
}

/// The first screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Today {
    pub overdue_talks: i64,
    pub due_today: i64,
    pub unacked: i64,
    pub stale: i64,
    pub open: i64,
    /// `None` where the role shows no scores.
    pub high: Option<i64>,
    pub approvals: i64,
    pub plans_open: i64,
    pub quarantine: i64,
    pub failed_jobs: i64,
    #[serde(flatten)]
    pub owed: Owed,
    /// The most urgent open alerts.
    pub urgent: Vec<AlertRow>,
}

/// Facts about the home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Home {
    pub company: String,
    /// True for the sample company: said on every screen.
    pub made_data: bool,
    /// IANA zone of civil dates.
    pub zone: String,
    pub people: i64,
    pub signals: i64,
    pub scored_at: Option<Timestamp>,
    pub environment: String,
    /// Hours and limits of this company: what the console decides disabled reasons with.
    pub policy: Policy,
    /// Reasons of a freeze that are offered by number, as the company words them.
    pub reasons: Vec<String>,
    pub me: Me,
}

/// How far an import has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportState {
    /// `staged`, `publishing`, `published` or `discarded`.
    pub state: String,
    pub rows: i64,
    /// Of [`ImportState::chunks`].
    pub done: i64,
    pub chunks: i64,
    /// People or signals that were new, or changed.
    pub added: i64,
    pub same: i64,
    /// Rows that went to quarantine.
    pub refused: i64,
}
