//! Score snapshots: immutable, explained, dated (domain.md 3, [SC-2], [SC-4]).

use super::{ids::ScoreId, signal::SignalKind};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, FromRepr, IntoStaticStr};

/// Band of a *rounded* score [SC-4].
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
    FromRepr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[repr(i64)]
pub enum Band {
    Low = 0,
    Medium = 1,
    MediumHigh = 2,
    High = 3,
}

impl Band {
    /// Band of a score that is already rounded to one decimal: high from 8.0, medium-high from 7.0, medium from 4.0.
    pub fn of(score: f64) -> Self {
        match score {
            s if s >= 8.0 => Self::High,
            s if s >= 7.0 => Self::MediumHigh,
            s if s >= 4.0 => Self::Medium,
            _ => Self::Low,
        }
    }
}

/// What one feature added to the logit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contribution {
    pub feature: String,
    pub value: f64,
    pub contribution: f64,
}

/// A signal kind that the model saw and did not weigh, with how often it occurred in the last 180 days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unweighed {
    pub kind: SignalKind,
    pub count: u32,
}

/// An immutable score. `intercept + sum(contributions) = logit` within 1e-9; `score = round(10 p, 1)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    pub id: ScoreId,
    pub model: String,
    pub model_version: String,
    /// The company's civil day the evidence is weighed on; windows end with this day.
    pub as_of: Date,
    pub computed_at: Timestamp,
    pub score: f64,
    pub band: Band,
    pub probability: f64,
    pub logit: f64,
    pub intercept: f64,
    pub contributions: Vec<Contribution>,
    /// Features of the model for which there was no evidence; they count 0.
    pub missing: Vec<String>,
    pub unweighed: Vec<Unweighed>,
    /// Hash of model, feature values and unweighed counts: equal inputs give no new snapshot.
    pub inputs_hash: String,
    /// First day on which a window drops evidence, when the score must be computed again.
    pub valid_until: Option<Date>,
}
