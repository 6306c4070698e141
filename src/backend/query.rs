//! Queries: one page at a time, always by key, never by offset.

use super::Filter;
use crate::domain::{
    audit::Chain,
    freeze::{Level, Mode},
    ids::{AlertId, CaseId, ContestId, CustomerId, FreezeId, PersonId, PlanId},
    offboarding::CaseState,
    signal::SignalKind,
};
pub use crate::domain::{
    customer::CustomerView,
    row::{AlertView, CaseView, FreezeView},
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::{Display, EnumDiscriminants, EnumIter, EnumString, IntoStaticStr};

/// Opaque position in a list: the key of the last row of a page.
pub type Cursor = String;

/// Which slice of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Slice {
    /// Rows after this cursor; `None` starts at the top.
    pub after: Option<Cursor>,
    /// 1 to 500.
    pub limit: u32,
}

impl Default for Slice {
    fn default() -> Self {
        Self { after: None, limit: 50 }
    }
}

/// What a timeline shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TimelineKind {
    Signal,
    Score,
    Alert,
    Talk,
    Plan,
    Act,
}

/// Everything that can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, IntoStaticStr, EnumDiscriminants)]
#[strum_discriminants(name(QueryKind), derive(EnumIter, Hash, PartialOrd, Ord))]
#[serde(tag = "query", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Query {
    /// Counts and the most urgent rows.
    Today,
    Alerts {
        view: AlertView,
        filter: Filter,
        slice: Slice,
    },
    Alert {
        id: AlertId,
    },
    People {
        filter: Filter,
        slice: Slice,
    },
    /// Everyone whom a number, an id or a name may mean; at most 20. The caller decides what to do with more than one.
    Find {
        text: String,
    },
    /// A person's card: written to the access chain before it answers.
    Person {
        id: PersonId,
    },
    Timeline {
        id: PersonId,
        kinds: Vec<TimelineKind>,
        slice: Slice,
    },
    /// One score a week, computed from what was known on each day, for the chart.
    ScoreSeries {
        id: PersonId,
        weeks: u32,
    },
    /// The score of a person on a day (default: today) with its evidence. `model` names a file of config/models.
    Explain {
        id: PersonId,
        as_of: Option<Date>,
        model: Option<String>,
    },
    /// The score if some features had other values.
    WhatIf {
        id: PersonId,
        changes: BTreeMap<String, Option<f64>>,
    },
    /// The score of given inputs, without a person.
    Predict {
        inputs: BTreeMap<String, f64>,
        model: Option<String>,
    },
    Models,
    /// What came of alerts that were raised, and of whom among those who left one had told, from one day to another. Without a last day it
    /// is today, without a first one a year before.
    Effect {
        from: Option<Date>,
        to: Option<Date>,
    },
    Plans {
        filter: Filter,
        slice: Slice,
    },
    Plan {
        id: PlanId,
    },
    /// Customers by number. The filter's words are about the customer, its organisation and posts about the owner.
    Customers {
        view: CustomerView,
        owner: Option<PersonId>,
        filter: Filter,
        slice: Slice,
    },
    /// One customer with who owned it, orders, receivables and transfers: written to the access chain before it answers.
    Customer {
        id: CustomerId,
    },
    /// Customers with a number; at most 20.
    FindCustomer {
        number: String,
    },
    /// The offboarding board, by column and due day.
    Offboardings {
        view: CaseView,
        state: Option<CaseState>,
        filter: Filter,
        slice: Slice,
    },
    /// One case with both tracks, gates, items and every version.
    Offboarding {
        id: CaseId,
    },
    /// What is owed, the first due first; at most 500.
    Duties,
    Approvals {
        slice: Slice,
    },
    /// Contested scores, the first due first: those that want an answer, or all.
    Contests {
        #[serde(default)]
        all: bool,
        slice: Slice,
    },
    /// One contest with what was said, the answer, and what the score was made of.
    Contest {
        id: ContestId,
    },
    /// Reports over one alert: `hr_warning` [AC-2] or `manager_summary` [AC-3].
    AlertReport {
        id: AlertId,
        report: AlertReport,
    },
    Kinds,
    Operators,
    /// Tokens of the HTTP API, those that are over too.
    Tokens,
    /// Keys of SSH, the removed ones too.
    SshKeys,
    Quarantine {
        slice: Slice,
    },
    Jobs {
        slice: Slice,
    },
    Audit {
        filter: Filter,
        slice: Slice,
    },
    Access {
        slice: Slice,
    },
    AuditVerify,
    /// Entries of a chain as they are stored, oldest first: for whoever recomputes it.
    Chain {
        chain: Chain,
        slice: Slice,
    },
    /// The home's public key, both heads signed now, and how the sinks of anchors stand.
    Anchors,
    /// What one signal kind looks like over a person's time; used by the explain view.
    Evidence {
        id: PersonId,
        kind: SignalKind,
        slice: Slice,
    },
    /// The plan of a freeze: reads of targets, no write and no order; one access entry.
    FreezePlan {
        id: PersonId,
        level: Level,
        mode: Mode,
        at: Option<Timestamp>,
        /// Protected accounts that are meant all the same, as `target:login`.
        #[serde(default)]
        except: Vec<String>,
    },
    /// The plan of a thaw of that order.
    ThawPlan {
        id: FreezeId,
    },
    Freezes {
        view: FreezeView,
        filter: Filter,
        slice: Slice,
    },
    /// One order with its steps.
    Freeze {
        id: FreezeId,
    },
    /// The last drill of break-glass.
    FreezeDrill,
    /// The declared targets.
    Targets,
    /// Whether each target answers, and whether our credential may write there.
    TargetsCheck,
    /// How far an import has come.
    Import {
        id: crate::domain::ids::ImportId,
    },
    /// What each role may do, as the home has it.
    Roles,
    /// Name, made-data mark, zone, and counts of the home, and what whoever asks may do in it.
    Home,
}

/// The two reports of one alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlertReport {
    HrWarning,
    ManagerSummary,
}
