//! What the scorer must do (requirements.md 6, domain.md 16).

mod files;
mod golden;
mod laws;

use super::{Day, Evidence, Model, SHIPPED};
use crate::domain::signal::SignalKind;
use jiff::{ToSpan, civil::Date, civil::date, tz::TimeZone};

fn seed() -> Model {
    Model::parse(SHIPPED[0].0, SHIPPED[0].1).unwrap()
}

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

const TODAY: Date = date(2026, 11, 20);

fn today() -> Day {
    Day::new(TODAY, &zone())
}

/// A signal observed and known at noon, some days before [`TODAY`].
fn signal(kind: SignalKind, days_ago: i64, value: Option<f64>, baseline: Option<f64>) -> Evidence {
    let noon = (TODAY - days_ago.days()).at(12, 0, 0, 0).to_zoned(zone()).unwrap().timestamp().as_microsecond();
    Evidence { kind, observed_at: noon, known_at: noon, value, baseline }
}

fn event(kind: SignalKind, days_ago: i64) -> Evidence {
    signal(kind, days_ago, None, None)
}

fn perf(days_ago: i64, value: f64) -> Evidence {
    signal(SignalKind::PerfScore, days_ago, Some(value), None)
}
