//! What came of alerts, and which leavers an alert had told of: what the effect report counts [EF-2, EF-4] (domain.md 16: 14).
//!
//! Everything is counted by spell and day, so that a change of one employment changes its own lines only.

use super::{
    alert::{Alert, AlertKind, AlertOutcome},
    person::ExitKind,
};
use jiff::{Span, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Days within which an alert comes true, or does not; younger ones are not judged.
pub const WITHIN: i64 = 180;
/// Days by which an alert must come before a departure to have told of it.
pub const AHEAD: i64 = 30;

/// One alert about attrition: a generation. One that is reopened is another, and the first keeps what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised {
    pub on: Date,
    /// When the person said that they leave.
    pub leaving: Option<Date>,
}

impl Raised {
    /// `None` for alerts that ask for work, not for a talk. `day` is the company's day of an instant.
    pub fn of(alert: &Alert, day: impl Fn(jiff::Timestamp) -> Date) -> Option<Self> {
        let says = alert.outcome == Some(AlertOutcome::Leaving);
        (alert.kind == AlertKind::AttritionRisk)
            .then(|| Self { on: day(alert.raised_at), leaving: alert.closed_at.filter(|_| says).map(day) })
    }
}

/// Whether somebody who left so had a choice: what an alert about attrition speaks of.
pub fn is_own_choice(exit: ExitKind) -> bool {
    matches!(exit, ExitKind::Resigned | ExitKind::Abandoned)
}

/// What one spell adds to one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tally {
    /// Alerts that were raised on it.
    pub alerts: i64,
    /// Those of them that came true.
    pub hits: i64,
    /// Who gave notice on it, or left on it without, by their own choice.
    pub leavers: i64,
    /// Those of them of whom an alert had told.
    pub foreseen: i64,
}

fn after(day: Date, days: i64) -> Date {
    day.saturating_add(Span::new().days(days))
}

/// Counts one spell: its alerts, and the day on which the person gave notice or left.
pub fn of_spell(alerts: &[Raised], left: Option<Date>) -> BTreeMap<Date, Tally> {
    let mut days: BTreeMap<Date, Tally> = BTreeMap::new();
    for a in alerts {
        let within = |d: Date| a.on <= d && d <= after(a.on, WITHIN);
        let day = days.entry(a.on).or_default();
        day.alerts += 1;
        day.hits += i64::from([a.leaving, left].into_iter().flatten().any(within));
    }
    if let Some(left) = left {
        let day = days.entry(left).or_default();
        day.leavers += 1;
        day.foreseen += i64::from(alerts.iter().any(|a| after(a.on, AHEAD) <= left));
    }
    days
}

/// Of fewer it is not said how many: it would tell about each of them.
pub const FEWEST: i64 = 5;

/// How many of how many, with the interval in which the true share lies with 95 % (Wilson).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// `None` of fewer than [`FEWEST`].
    pub of: Option<i64>,
    pub n: i64,
    /// 0 to 1; `None` like `of`.
    pub share: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
}

impl Share {
    /// `of` of `n`; `of` is between 0 and `n`.
    pub fn new(of: i64, n: i64) -> Self {
        const Z: f64 = 1.959_964;
        if n < FEWEST {
            return Self { of: None, n, share: None, low: None, high: None };
        }
        let (count, p) = (n as f64, of as f64 / n as f64);
        let scale = 1.0 + Z * Z / count;
        let middle = (p + Z * Z / (2.0 * count)) / scale;
        let reach = Z * (p * (1.0 - p) / count + Z * Z / (4.0 * count * count)).sqrt() / scale;
        Self { of: Some(of), n, share: Some(p), low: Some((middle - reach).max(0.0)), high: Some((middle + reach).min(1.0)) }
    }
}

/// The effect report's figures over some days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Effect {
    pub from: Date,
    pub to: Date,
    /// Days within which an alert comes true, or does not.
    pub within_days: i64,
    /// Days by which an alert must come before a departure to have told of it.
    pub ahead_days: i64,
    /// Of the alerts that are old enough: those whose person gave notice, left, or said that they leave.
    pub precision: Share,
    /// Of those who left by their own choice: those of whom an alert had told.
    pub recall: Share,
    /// Alerts that are too young to be judged.
    pub young: i64,
    /// People of whom something changed that is not counted yet.
    pub waiting: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(n: i64) -> Date {
        after(jiff::civil::date(2026, 1, 1), n)
    }

    fn tally(alerts: i64, hits: i64, leavers: i64, foreseen: i64) -> Tally {
        Tally { alerts, hits, leavers, foreseen }
    }

    #[test]
    fn an_alert_comes_true_within_its_days_and_not_before() {
        let raised = |leaving: Option<i64>| [Raised { on: day(10), leaving: leaving.map(day) }];
        let first = |alerts: &[Raised], left: Option<i64>| of_spell(alerts, left.map(day))[&day(10)];
        assert_eq!(first(&raised(None), None), tally(1, 0, 0, 0));
        assert_eq!(first(&raised(None), Some(9)), tally(1, 0, 0, 0), "it came after the notice");
        assert_eq!(first(&raised(None), Some(10)), tally(1, 1, 1, 0), "on the day itself it told of nothing");
        assert_eq!(first(&raised(None), Some(10 + WITHIN)), tally(1, 1, 0, 0));
        assert_eq!(first(&raised(None), Some(11 + WITHIN)), tally(1, 0, 0, 0));
        assert_eq!(first(&raised(Some(12)), None), tally(1, 1, 0, 0), "intent counts as well [EF-2]");
        let foreseen = |left: i64| of_spell(&raised(None), Some(day(left)))[&day(left)].foreseen;
        assert_eq!((foreseen(9 + AHEAD), foreseen(10 + AHEAD), foreseen(1000)), (0, 1, 1));
    }

    /// The interval of domain.md's day 1: 47 of 58.
    #[test]
    fn an_interval_is_wilsons() {
        let s = Share::new(47, 58);
        let two = |x: Option<f64>| (x.unwrap() * 100.0).round();
        assert_eq!((two(s.share), two(s.low), two(s.high)), (81.0, 69.0, 89.0));
        for few in 0..FEWEST {
            assert_eq!(Share::new(few, few), Share { of: None, n: few, share: None, low: None, high: None });
        }
    }

    proptest! {
        #[test]
        fn counts_hold_together(on in proptest::collection::vec((0i64..400, proptest::option::of(0i64..400)), 0..5), left in proptest::option::of(0i64..400)) {
            let alerts: Vec<Raised> = on.iter().map(|(on, says)| Raised { on: day(*on), leaving: says.map(day) }).collect();
            let days = of_spell(&alerts, left.map(day));
            let sum = |f: fn(&Tally) -> i64| days.values().map(f).sum::<i64>();
            prop_assert_eq!((sum(|t| t.alerts), sum(|t| t.leavers)), (alerts.len() as i64, i64::from(left.is_some())));
            for t in days.values() {
                prop_assert!((0..=t.alerts).contains(&t.hits) && (0..=t.leavers).contains(&t.foreseen));
            }
            let share = Share::new(sum(|t| t.hits), sum(|t| t.alerts));
            if let (Some(p), Some(low), Some(high)) = (share.share, share.low, share.high) {
                prop_assert!((0.0..=p + 1e-12).contains(&low) && high <= 1.0 && p <= high + 1e-12);
            }
        }
    }
}
