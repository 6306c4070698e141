//! Reads a model file. Unknown fields, unknown kinds, negative weights and windows out of range are refused with their line.

use super::{
    Model, Title,
    day::MAX_DAYS,
    feature::{Feature, How, Kinds, Shape},
};
use crate::domain::{sentence::Sentence, signal::SignalKind};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{fmt, ops::RangeInclusive};
use toml::Spanned;

/// Most features of one model.
const MAX_FEATURES: usize = 32;
/// Longest window in days; a growth looks back twice as far.
const MAX_WINDOW: u32 = MAX_DAYS / 2;

/// Why a model file was refused, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ModelError {
    pub file: String,
    /// 1-based.
    pub line: usize,
    /// The reason; its arguments hold `file` and `line` too, so that it reads alone.
    pub why: Sentence,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.why.code)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    id: Spanned<String>,
    version: Spanned<String>,
    title: Title,
    horizon_days: Spanned<i64>,
    intercept: Spanned<f64>,
    feature: Spanned<Vec<Spanned<FeatureFile>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeatureFile {
    name: Spanned<String>,
    kinds: Spanned<Vec<Spanned<String>>>,
    how: Spanned<String>,
    window_days: Spanned<i64>,
    /// Growth without a window to compare with: this many signals or more count as ...
    saturate_from: Option<Spanned<i64>>,
    /// ... this growth.
    saturate_at: Option<Spanned<f64>>,
    fallback: Option<Spanned<String>>,
    weight: Spanned<f64>,
    floor: Option<Spanned<f64>>,
    scale: Option<Spanned<f64>>,
    cap: Option<Spanned<f64>>,
    step: Option<Spanned<f64>>,
}

pub(super) fn parse(file: &str, text: &str) -> Result<Model, ModelError> {
    let at = At { file, text };
    let raw: ModelFile = toml::from_str(text).map_err(|e| at.toml(&e))?;
    let id = at.word(&raw.id, "id")?;
    let declared = at.word(&raw.version, "version")?;
    let horizon_days = at.whole(&raw.horizon_days, "horizon_days", 1..=3650)?;
    let intercept = at.number(&raw.intercept, "intercept", -100.0..=100.0)?;
    let list = raw.feature.get_ref();
    if list.is_empty() || list.len() > MAX_FEATURES {
        return Err(at.error(raw.feature.span().start, Sentence::new("model-feature-count").with("max", MAX_FEATURES)));
    }
    let mut features: Vec<Feature> = Vec::with_capacity(list.len());
    let mut weighed = Kinds::default();
    for raw in list {
        let feature = at.feature(raw)?;
        if features.iter().any(|f| f.name == feature.name) {
            let why = Sentence::new("model-feature-twice").with("feature", &feature.name);
            return Err(at.error(raw.get_ref().name.span().start, why));
        }
        feature.kinds.iter().for_each(|kind| weighed.add(*kind));
        features.push(feature);
    }
    let content: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let version = format!("{declared}-{}", hex::encode(&content[..4]));
    Ok(Model { id, version, content, title: raw.title, horizon_days, intercept, features, weighed })
}

/// The file that is read, for errors.
#[derive(Clone, Copy)]
struct At<'a> {
    file: &'a str,
    text: &'a str,
}

impl At<'_> {
    fn error(self, offset: usize, why: Sentence) -> ModelError {
        let line = 1 + self.text.bytes().take(offset).filter(|b| *b == b'\n').count();
        ModelError { file: self.file.into(), line, why: why.with("file", self.file).with("line", line) }
    }

    /// An error of the TOML reader; the two that people make most often get a sentence of their own.
    fn toml(self, e: &toml::de::Error) -> ModelError {
        let named = |start| e.message().strip_prefix(start).and_then(|rest: &str| rest.split('`').next());
        let why = if let Some(field) = named("unknown field `") {
            Sentence::new("model-unknown-field").with("field", field)
        } else if let Some(field) = named("missing field `") {
            Sentence::new("model-missing-field").with("field", field)
        } else {
            Sentence::new("model-not-toml").with("detail", e.message().lines().next().unwrap_or_default())
        };
        self.error(e.span().map_or(0, |s| s.start), why)
    }

    fn number(self, value: &Spanned<f64>, field: &str, range: RangeInclusive<f64>) -> Result<f64, ModelError> {
        let v = *value.get_ref();
        let refuse = |code| Err(self.error(value.span().start, Sentence::new(code).with("field", field)));
        match v {
            v if !v.is_finite() => refuse("model-not-finite"),
            v if v < 0.0 && *range.start() >= 0.0 => refuse("model-negative"),
            v if !range.contains(&v) => Err(self.out_of_range(value.span().start, field, range.start(), range.end())),
            v => Ok(v + 0.0),
        }
    }

    fn whole(self, value: &Spanned<i64>, field: &str, range: RangeInclusive<u32>) -> Result<u32, ModelError> {
        u32::try_from(*value.get_ref())
            .ok()
            .filter(|v| range.contains(v))
            .ok_or_else(|| self.out_of_range(value.span().start, field, range.start(), range.end()))
    }

    fn out_of_range(self, offset: usize, field: &str, from: impl ToString, to: impl ToString) -> ModelError {
        self.error(offset, Sentence::new("model-out-of-range").with("field", field).with("from", from).with("to", to))
    }

    /// A name that is also part of a file name, a command line and a locale key.
    fn word(self, value: &Spanned<String>, field: &str) -> Result<String, ModelError> {
        let word = value.get_ref();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
        if word.is_empty() || word.len() > 64 || !word.chars().all(fits) {
            return Err(self.error(value.span().start, Sentence::new("model-bad-name").with("field", field)));
        }
        Ok(word.clone())
    }

    fn kind(self, value: &Spanned<String>) -> Result<SignalKind, ModelError> {
        value
            .get_ref()
            .parse()
            .map_err(|_| self.error(value.span().start, Sentence::new("model-unknown-kind").with("kind", value.get_ref())))
    }

    fn feature(self, spanned: &Spanned<FeatureFile>) -> Result<Feature, ModelError> {
        let raw = spanned.get_ref();
        let name = self.word(&raw.name, "name")?;
        let mut kinds = Vec::new();
        let mut reads = Kinds::default();
        for kind in raw.kinds.get_ref() {
            let parsed = self.kind(kind)?;
            if reads.has(parsed) {
                return Err(self.error(kind.span().start, Sentence::new("model-kind-twice").with("kind", parsed)));
            }
            reads.add(parsed);
            kinds.push(parsed);
        }
        if kinds.is_empty() {
            return Err(self.error(raw.kinds.span().start, Sentence::new("model-no-kinds").with("feature", &name)));
        }
        let fallback = raw.fallback.as_ref().map(|kind| self.kind(kind)).transpose()?;
        kinds.extend(fallback.filter(|kind| !reads.has(*kind)));
        Ok(Feature {
            name,
            kinds,
            reads,
            fallback,
            how: self.how(raw)?,
            window_days: self.whole(&raw.window_days, "window_days", 1..=MAX_WINDOW)?,
            weight: self.number(&raw.weight, "weight", 0.0..=100.0)?,
            shape: self.shape(raw)?,
        })
    }

    fn how(self, raw: &FeatureFile) -> Result<How, ModelError> {
        let how = match raw.how.get_ref().as_str() {
            "count" => How::Count,
            "growth" => How::Growth { saturate: self.saturate(raw)? },
            "drop" => How::Drop,
            "falling" => How::Falling,
            "gap" => How::Gap,
            "mean_gap" => How::MeanGap,
            "latest" => How::Latest,
            "sum" => How::Sum,
            "mean" => How::Mean,
            other => return Err(self.error(raw.how.span().start, Sentence::new("model-unknown-how").with("how", other))),
        };
        let stray = raw.saturate_from.as_ref().map(Spanned::span).or(raw.saturate_at.as_ref().map(Spanned::span));
        match (how, stray) {
            (How::Growth { .. }, _) | (_, None) => Ok(how),
            (_, Some(span)) => Err(self.error(span.start, Sentence::new("model-saturate-needs-growth"))),
        }
    }

    fn saturate(self, raw: &FeatureFile) -> Result<Option<(u32, f64)>, ModelError> {
        match (&raw.saturate_from, &raw.saturate_at) {
            (Some(from), Some(at)) => {
                Ok(Some((self.whole(from, "saturate_from", 1..=1000)?, self.number(at, "saturate_at", 0.0..=1000.0)?)))
            }
            (None, None) => Ok(None),
            (Some(one), None) => Err(self.error(one.span().start, Sentence::new("model-saturate-pair"))),
            (None, Some(one)) => Err(self.error(one.span().start, Sentence::new("model-saturate-pair"))),
        }
    }

    fn shape(self, raw: &FeatureFile) -> Result<Shape, ModelError> {
        let of = |value: &Option<Spanned<f64>>, field, range, default| match value {
            Some(v) => self.number(v, field, range),
            None => Ok(default),
        };
        if let Some(step) = &raw.step {
            if let Some(other) = [&raw.floor, &raw.scale, &raw.cap].into_iter().flatten().next() {
                return Err(self.error(other.span().start, Sentence::new("model-step-alone")));
            }
            return Ok(Shape::Step(self.number(step, "step", 0.0..=1e9)?));
        }
        Ok(Shape::Line {
            floor: of(&raw.floor, "floor", 0.0..=1e9, 0.0)?,
            scale: of(&raw.scale, "scale", 1e-6..=1e9, 1.0)?,
            cap: of(&raw.cap, "cap", 0.0..=1e6, f64::INFINITY)?,
        })
    }
}
