//! A model and what it makes of evidence or of stated inputs ([SC-1] to [SC-4]).

use super::{Day, Evaluation, Evidence, ModelError, feature::Feature, feature::Kinds, file};
use crate::domain::{score::Band, sentence::Sentence, signal::SignalKind};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, ops::Range};
use strum::IntoEnumIterator;

/// Largest value of a feature: more is cut in evidence and refused in stated inputs.
pub const VALUE_MAX: f64 = 1e9;
/// Days in which a kind that is not weighed is counted as seen.
const SEEN_DAYS: u32 = 180;
/// Bytes of an inputs hash that are about what was weighed.
const HALF: usize = 8;

/// A model's name in both languages.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    pub en: String,
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
}

/// A scorer: a monotone logistic over features of raw signals.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(super) id: String,
    pub(super) version: String,
    /// SHA-256 of the file.
    pub(super) content: [u8; 32],
    pub(super) title: Title,
    pub(super) horizon_days: u32,
    pub(super) intercept: f64,
    pub(super) features: Vec<Feature>,
    /// All kinds that some feature reads.
    pub(super) weighed: Kinds,
}

impl Model {
    /// Reads a model file. A refusal names the file, the 1-based line and the reason.
    pub fn parse(file_name: &str, text: &str) -> Result<Self, ModelError> {
        file::parse(file_name, text)
    }

    /// Name of the model, as in `--model`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The declared version and the first 8 hex digits of the file's SHA-256: a changed weight is another version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The model's name for people.
    pub fn title(&self) -> &Title {
        &self.title
    }

    /// Days ahead that the probability is about.
    pub fn horizon_days(&self) -> u32 {
        self.horizon_days
    }

    /// Logit of a person about whom nothing is known.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// Names of the features, in the order of an [`Evaluation`].
    pub fn features(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(|f| f.name.as_str())
    }

    /// Signal kinds behind a feature; empty for a name that the model does not have.
    pub fn factor_kinds(&self, feature: &str) -> &[SignalKind] {
        self.features.iter().find(|f| f.name == feature).map_or(&[], |f| &f.kinds)
    }

    /// Between which instants (microseconds) a feature looks at what was observed. Signals of [`Model::factor_kinds`] in this range that
    /// were known before its end are the ones behind a factor.
    pub fn weighed(&self, feature: &str, day: &Day) -> Option<Range<i64>> {
        self.features.iter().find(|f| f.name == feature).map(|f| day.window(f.lookback()))
    }

    /// Days of evidence before and including the scored day that an evaluation may look at; older signals need not be loaded.
    pub fn lookback_days(&self) -> u32 {
        self.features.iter().map(Feature::lookback).max().unwrap_or(0).max(SEEN_DAYS)
    }

    /// Weighs one person's evidence on a day. Nothing observed or known after the day counts; order does not matter.
    pub fn evaluate(&self, evidence: &[Evidence], day: &Day) -> Evaluation {
        let mut values = Vec::with_capacity(self.features.len());
        let mut holds: Option<u32> = None;
        for feature in &self.features {
            let measured = feature.measure(evidence, day);
            values.push(measured.value);
            if let Some(days) = measured.holds_days {
                holds = Some(holds.map_or(days, |h| h.min(days)));
            }
        }
        let (seen, seen_holds) = self.seen(evidence, day);
        self.weigh(values, seen, holds.into_iter().chain(seen_holds).min().map(|days| day.after(days)))
    }

    /// Weighs stated inputs; a feature that is absent is missing. Refuses names the model does not have and values that are no fraction
    /// or count: not a number, infinite, negative, or over [`VALUE_MAX`].
    pub fn predict(&self, inputs: &BTreeMap<String, f64>) -> Result<Evaluation, Sentence> {
        for (name, &value) in inputs {
            let refuse = |code| Err(Sentence::new(code).with("feature", name).with("model", &self.id));
            if !self.features.iter().any(|f| f.name == *name) {
                let known = self.features().collect::<Vec<_>>().join(", ");
                return Err(Sentence::new("model-input-unknown").with("feature", name).with("model", &self.id).with("known", known));
            }
            match value {
                v if !v.is_finite() => return refuse("model-input-not-finite"),
                v if v < 0.0 => return refuse("model-input-negative"),
                v if v > VALUE_MAX => return refuse("model-input-too-large"),
                _ => {}
            }
        }
        let values = self.features.iter().map(|f| inputs.get(&f.name).map(|v| v + 0.0)).collect();
        Ok(self.weigh(values, Vec::new(), None))
    }

    fn weigh(&self, values: Vec<Option<f64>>, unweighed: Vec<(SignalKind, u32)>, valid_until: Option<Date>) -> Evaluation {
        let contributions: Vec<f64> =
            self.features.iter().zip(&values).map(|(f, value)| value.map_or(0.0, |v| f.contribution(v))).collect();
        let logit = contributions.iter().fold(self.intercept, |sum, c| sum + c);
        let (probability, score) = logistic(logit);
        let inputs_hash = self.hash(&values, &unweighed);
        Evaluation { values, contributions, logit, probability, score, band: Band::of(score), unweighed, valid_until, inputs_hash }
    }

    /// Kinds that no feature reads, with how often they occurred lately; and in how many days a count falls.
    fn seen(&self, evidence: &[Evidence], day: &Day) -> (Vec<(SignalKind, u32)>, Option<u32>) {
        let window = day.window(SEEN_DAYS);
        let mut counts = [0_u32; 64];
        let mut oldest = None;
        for e in evidence {
            if !self.weighed.has(e.kind)
                && window.contains(&e.observed_at)
                && e.known_at < window.end
                && let Some(count) = counts.get_mut(e.kind as usize)
            {
                *count += 1;
                oldest = Some(oldest.map_or(e.observed_at, |o: i64| o.min(e.observed_at)));
            }
        }
        let Some(oldest) = oldest else { return (Vec::new(), None) };
        let seen = SignalKind::iter().filter_map(|kind| counts.get(kind as usize).filter(|c| **c > 0).map(|c| (kind, *c))).collect();
        (seen, SEEN_DAYS.checked_sub(day.days_back(oldest)))
    }

    /// The first half is of what was weighed, the second of what was only seen: see [`same_weight`].
    fn hash(&self, values: &[Option<f64>], unweighed: &[(SignalKind, u32)]) -> [u8; 16] {
        let mut sha = Sha256::new();
        sha.update(&self.content[..16]);
        for value in values {
            sha.update([u8::from(value.is_some())]);
            sha.update(value.unwrap_or_default().to_le_bytes());
        }
        let weighed: [u8; 32] = sha.finalize().into();
        let mut sha = Sha256::new();
        for &(kind, count) in unweighed {
            sha.update([kind as u8]);
            sha.update(count.to_le_bytes());
        }
        let seen: [u8; 32] = sha.finalize().into();
        let mut halves = weighed.into_iter().take(HALF).chain(seen);
        std::array::from_fn(|_| halves.next().unwrap_or_default())
    }
}

/// Probability and `round(10 p, 1)` of a logit.
pub(super) fn logistic(logit: f64) -> (f64, f64) {
    let probability = 1.0 / (1.0 + (-logit).exp());
    (probability, (probability * 100.0).round() / 10.0)
}

/// Whether two scores with these input hashes weighed the same: then they differ in nothing but counts of kinds that no feature reads, and
/// whoever waits for a change of risk need not look.
pub fn same_weight(one: &[u8], other: &[u8]) -> bool {
    one.get(..HALF).is_some_and(|half| other.get(..HALF) == Some(half))
}

/// Key of a feature's name in the locale files: `feature-resume-updates-90d`.
pub fn feature_code(feature: &str) -> String {
    format!("feature-{}", feature.replace('_', "-"))
}
