//! Signals -> features -> score and reasons. Pure; imports domain only.
//!
//! A [`Model`] is data (config/models/*.toml): which features are computed from which signals in which windows, and how a monotone
//! logistic weighs them. [`Model::evaluate`] is the hot path of full scoring, so an [`Evaluation`] is numbers in the model's own order.

use crate::domain::{score::Band, signal::SignalKind};
use jiff::civil::Date;

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
    /// First day on which a window drops evidence that counts now.
    pub valid_until: Option<Date>,
    /// Hash of model version and values; equal inputs give equal hashes.
    pub inputs_hash: [u8; 16],
}
