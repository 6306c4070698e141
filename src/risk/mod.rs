//! Signals -> features -> score and reasons. Pure; imports domain only.
//!
//! A [`Model`] is data (config/models/*.toml): which features are computed from which signals in which windows, and how a monotone
//! logistic weighs them. [`Model::evaluate`] is the hot path of full scoring, so an [`Evaluation`] is numbers in the model's own order.
//!
//! - `file` reads and checks a model file; every refusal names its line
//! - `feature` computes one feature from evidence
//! - `day` holds the bounds of the windows that end with one civil day
//! - `stored` is the byte form of an [`Evaluation`]

mod day;
mod feature;
mod file;
mod model;
mod stored;
#[cfg(test)]
mod tests;

pub use day::Day;
pub use file::ModelError;
pub use model::{Model, Title, VALUE_MAX, feature_code, same_weight};

use crate::domain::{
    ids::ScoreId,
    score::{Band, Contribution, Score, Unweighed},
    signal::SignalKind,
};
use jiff::{Timestamp, civil::Date};

/// The models that ship: file name and text. A file of the same name in the home folder replaces one.
pub const SHIPPED: [(&str, &str); 2] = [
    ("seed.toml", include_str!("../../config/models/seed.toml")),
    ("credit-sales-probation.toml", include_str!("../../config/models/credit-sales-probation.toml")),
];

/// One signal, reduced to what features look at. Times are microseconds since the epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    pub kind: SignalKind,
    pub observed_at: i64,
    pub known_at: i64,
    pub value: Option<f64>,
    pub baseline: Option<f64>,
}

/// Result of weighing one person's evidence on one day, in the order of the model's features.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Value of each feature; `None` is missing and counts 0.
    pub values: Vec<Option<f64>>,
    /// What each feature added to the logit.
    pub contributions: Vec<f64>,
    pub logit: f64,
    pub probability: f64,
    /// `round(10 p, 1)`.
    pub score: f64,
    pub band: Band,
    /// Kinds that were seen in the last 180 days and that the model does not weigh, with their counts, by kind.
    pub unweighed: Vec<(SignalKind, u32)>,
    /// First day on which a window drops evidence that counts, or is seen, now.
    pub valid_until: Option<Date>,
    /// Hash of model version and values, and of what was seen: equal inputs give equal hashes, and [`same_weight`] tells the two apart.
    pub inputs_hash: [u8; 16],
}

impl Evaluation {
    /// The snapshot with the model's names. `model` must be the one (and the version) that made the evaluation.
    pub fn to_score(&self, model: &Model, id: ScoreId, as_of: Date, computed_at: Timestamp) -> Score {
        let rows = || model.features().zip(self.values.iter().zip(&self.contributions));
        Score {
            id,
            model: model.id().into(),
            model_version: model.version().into(),
            as_of,
            computed_at,
            score: self.score,
            band: self.band,
            probability: self.probability,
            logit: self.logit,
            intercept: model.intercept(),
            contributions: rows()
                .filter_map(|(feature, (value, &contribution))| {
                    value.map(|value| Contribution { feature: feature.into(), value, contribution })
                })
                .collect(),
            missing: rows().filter(|(_, (value, _))| value.is_none()).map(|(feature, _)| feature.into()).collect(),
            unweighed: self.unweighed.iter().map(|&(kind, count)| Unweighed { kind, count }).collect(),
            inputs_hash: hex::encode(self.inputs_hash),
            valid_until: self.valid_until,
        }
    }
}
