//! One feature: what it reads, how it is computed, and the term by which it is weighed.

use super::{Evidence, day::Day, model::VALUE_MAX};
use crate::domain::signal::SignalKind;
use std::cmp::Ordering;

/// How a value is computed from the evidence of a window. Every value is clamped to 0 below: a feature is a risk, never a credit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum How {
    /// Number of signals.
    Count,
    /// (this window - the one before) / the one before, of counts. Without a window to compare with it is missing, unless this window
    /// has `from` signals or more, which counts as growth `at`.
    Growth {
        saturate: Option<(u32, f64)>,
    },
    /// Fall from the first reading of the current falling run to the last, as a fraction of the first.
    Drop,
    /// Consecutive falls at the end.
    Falling,
    /// (baseline - value) / baseline of the last reading.
    Gap,
    /// The same of all readings together.
    MeanGap,
    Latest,
    Sum,
    Mean,
}

/// Shape of a term; non-decreasing in the value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// `min((value - floor) / scale, cap)`, at least 0.
    Line { floor: f64, scale: f64, cap: f64 },
    /// 1 from this value on.
    Step(f64),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Feature {
    pub name: String,
    /// Kinds that are read; a fall-back kind is the last.
    pub kinds: Vec<SignalKind>,
    /// Set of the kinds that `how` reads.
    pub reads: Kinds,
    /// A ready-made kind whose last reading is taken when the value cannot be computed.
    pub fallback: Option<SignalKind>,
    pub how: How,
    pub window_days: u32,
    pub weight: f64,
    pub shape: Shape,
}

/// A set of signal kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds(u64);

impl Kinds {
    pub fn add(&mut self, kind: SignalKind) {
        self.0 |= 1 << (kind as i64 & 63);
    }
    pub fn has(self, kind: SignalKind) -> bool {
        self.0 & (1 << (kind as i64 & 63)) != 0
    }
}

/// A value, and after how many days it may change although nothing new arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Measured {
    pub value: Option<f64>,
    pub holds_days: Option<u32>,
}

impl Feature {
    /// Days of evidence that the feature looks at.
    pub fn lookback(&self) -> u32 {
        match self.how {
            How::Growth { .. } => 2 * self.window_days,
            _ => self.window_days,
        }
    }

    /// What a value adds to the logit.
    pub fn contribution(&self, value: f64) -> f64 {
        self.weight
            * match self.shape {
                Shape::Line { floor, scale, cap } => ((value - floor).max(0.0) / scale).min(cap),
                Shape::Step(at) => f64::from(u8::from(value >= at)),
            }
    }

    /// The value on a day. The order of the evidence does not matter; what lies outside the window or was not yet known is not seen.
    pub fn measure(&self, evidence: &[Evidence], day: &Day) -> Measured {
        let seen = Seen { evidence, day, from: day.window(self.lookback()).start, end: day.end() };
        let mut measured = seen.measure(self);
        if let Some(kind) = self.fallback.filter(|_| measured.value.is_none())
            && let Some(last) = seen.last(|e| e.kind == kind && e.value.is_some())
        {
            measured.value = last.value;
            measured.holds_days = sooner(measured.holds_days, seen.holds(last.observed_at, self.lookback()));
        }
        // Adding 0 makes a negative zero positive: equal values must have equal bytes.
        measured.value = measured.value.filter(|v| v.is_finite()).map(|v| v.clamp(0.0, VALUE_MAX) + 0.0);
        measured
    }
}

fn sooner(a: Option<u32>, b: Option<u32>) -> Option<u32> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The evidence that a feature may look at.
#[derive(Clone, Copy)]
struct Seen<'a> {
    evidence: &'a [Evidence],
    day: &'a Day,
    from: i64,
    end: i64,
}

impl<'a> Seen<'a> {
    fn iter(self) -> impl Iterator<Item = &'a Evidence> {
        self.evidence.iter().filter(move |e| e.observed_at >= self.from && e.observed_at < self.end && e.known_at < self.end)
    }

    /// In how many days a window of `days` drops what was observed at an instant.
    fn holds(self, observed_at: i64, days: u32) -> Option<u32> {
        days.checked_sub(self.day.days_back(observed_at))
    }

    /// The last one, by a total order that leaves no tie between different readings.
    fn last(self, take: impl Fn(&Evidence) -> bool) -> Option<&'a Evidence> {
        self.iter().filter(|e| take(e)).max_by(|a, b| order(a, b))
    }

    fn measure(self, f: &Feature) -> Measured {
        let read = |e: &&Evidence| f.reads.has(e.kind);
        let holds = |oldest: Option<i64>| oldest.and_then(|at| self.holds(at, f.window_days));
        let latest = |value: fn(&Evidence) -> Option<f64>| {
            let last = self.last(|e| f.reads.has(e.kind) && value(e).is_some());
            Measured { value: last.and_then(value), holds_days: holds(last.map(|e| e.observed_at)) }
        };
        match f.how {
            How::Count => {
                let (mut count, mut oldest) = (0_u32, i64::MAX);
                for e in self.iter().filter(read) {
                    count += 1;
                    oldest = oldest.min(e.observed_at);
                }
                match count {
                    0 => Measured::default(),
                    _ => Measured { value: Some(f64::from(count)), holds_days: holds(Some(oldest)) },
                }
            }
            How::Growth { saturate } => self.growth(f, saturate),
            How::Drop => {
                self.run(f, |first, last, falls| if falls == 0 { Some(0.0) } else { (first > 0.0).then(|| (first - last) / first) })
            }
            How::Falling => self.run(f, |_, _, falls| Some(f64::from(falls))),
            How::Gap => latest(|e| Some((e.baseline.filter(|b| b.is_finite() && *b > 0.0)?, finite(e)?)).map(|(b, v)| (b - v) / b)),
            How::Latest => latest(finite),
            How::MeanGap | How::Sum | How::Mean => self.total(f),
        }
    }

    /// Sums over a window. A sum of floats depends on its order, so they are added in the total order.
    fn total(self, f: &Feature) -> Measured {
        let usable = |e: &&Evidence| {
            f.reads.has(e.kind) && finite(e).is_some() && (f.how != How::MeanGap || e.baseline.is_some_and(|b| b.is_finite() && b > 0.0))
        };
        let mut all: Vec<&Evidence> = self.iter().filter(usable).collect();
        all.sort_unstable_by(|a, b| order(a, b));
        let Some(oldest) = all.first() else { return Measured::default() };
        let sum: f64 = all.iter().filter_map(|e| e.value).sum();
        let value = match f.how {
            How::Sum => sum,
            How::Mean => sum / all.len() as f64,
            _ => {
                let base: f64 = all.iter().filter_map(|e| e.baseline).sum();
                (base - sum) / base
            }
        };
        Measured { value: Some(value), holds_days: self.holds(oldest.observed_at, f.window_days) }
    }

    /// Counts of this window and the one before. An event changes the value twice: when it leaves this window and when it leaves both.
    fn growth(self, f: &Feature, saturate: Option<(u32, f64)>) -> Measured {
        let border = self.day.window(f.window_days).start;
        let (mut now, mut before, mut oldest_now, mut oldest_before) = (0_u32, 0_u32, None, None);
        for e in self.iter().filter(|e| f.reads.has(e.kind)) {
            let (count, oldest) = if e.observed_at >= border { (&mut now, &mut oldest_now) } else { (&mut before, &mut oldest_before) };
            *count += 1;
            *oldest = Some(oldest.map_or(e.observed_at, |o: i64| o.min(e.observed_at)));
        }
        let value = match (before, saturate) {
            (0, Some((from, at))) if now >= from => Some(at),
            (0, _) => None,
            _ => Some((f64::from(now) - f64::from(before)) / f64::from(before)),
        };
        let until = |oldest: Option<i64>, days| oldest.and_then(|at| self.holds(at, days));
        Measured { value, holds_days: sooner(until(oldest_now, f.window_days), until(oldest_before, 2 * f.window_days)) }
    }

    /// Walks back from the last reading while each one before is higher, then answers from (first, last, falls). A single reading is
    /// compared with its own baseline, where it has one. The same reading twice is one reading.
    fn run(self, f: &Feature, answer: impl Fn(f64, f64, u32) -> Option<f64>) -> Measured {
        let reading = |e: &Evidence| f.reads.has(e.kind) && finite(e).is_some();
        let Some(last) = self.last(reading) else { return Measured::default() };
        let oldest = self.iter().filter(|e| reading(e)).map(|e| e.observed_at).min();
        let holds_days = oldest.and_then(|at| self.holds(at, f.window_days));
        let end = last.value.unwrap_or_default();
        let (mut at, mut first, mut falls, mut alone) = (last, end, 0, true);
        while let Some(before) = self.last(|e| reading(e) && order(e, at) == Ordering::Less) {
            alone = false;
            let value = before.value.unwrap_or_default();
            if value <= first {
                break;
            }
            (at, first, falls) = (before, value, falls + 1);
        }
        if alone {
            let Some(baseline) = last.baseline.filter(|b| b.is_finite()) else { return Measured { value: None, holds_days } };
            (first, falls) = if baseline > end { (baseline, 1) } else { (end, 0) };
        }
        Measured { value: answer(first, end, falls), holds_days }
    }
}

fn finite(e: &Evidence) -> Option<f64> {
    e.value.filter(|v| v.is_finite())
}

fn order(a: &Evidence, b: &Evidence) -> Ordering {
    let bits = |v: Option<f64>| v.map_or(f64::NEG_INFINITY, |v| v);
    (a.observed_at, a.known_at, a.kind)
        .cmp(&(b.observed_at, b.known_at, b.kind))
        .then_with(|| bits(a.value).total_cmp(&bits(b.value)))
        .then_with(|| bits(a.baseline).total_cmp(&bits(b.baseline)))
}
