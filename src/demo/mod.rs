//! The sample company: a made-up retail and manufacturing group, seeded and deterministic. Pure; the only output is
//! [`write_signals`]' stream.
//!
//! Every person is a function of (seed, index), so rows are streamed for any number of people and nothing is held:
//!
//! - `dice` the seeded randomness of one person and purpose
//! - `names` names and their Latin sort names
//! - `company` regions, sites, departments, who manages whom
//! - `person` one life: post, state, first and last day, how restless
//! - `article` people fixed by the source article and the three 张伟
//! - `signals` what the company's systems recorded about a life
//! - `customers` whom the salespeople sell to, what was ordered and what is owed
//! - `leaving` who is walked out, and how far they have come
//! - `story` what operators did in the last days, so that a fresh queue shows every state
//! - `write` many signals as a file

mod article;
mod company;
mod customers;
mod dice;
pub mod home;
mod leaving;
mod names;
mod person;
mod signals;
mod story;
#[cfg(test)]
mod tests;
mod write;

pub use customers::{customers, handing_over, orders, receivables};
pub use story::{Deed, STORY_DAYS, Scene, story};
pub use write::write_signals;

use crate::domain::{
    import::{EmployeeRow, ExitRow, SignalRow},
    operator::Role,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use person::Life;

/// Days of history: 18 months.
pub const HISTORY_DAYS: i64 = 548;

/// Name of the sample company.
pub const COMPANY: &str = "华信集团";

/// Which sample company. The same specification gives the same rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// People; a rehired person has two rows.
    pub employees: u32,
    pub seed: u64,
    /// The present of the sample company: nothing is known after it.
    pub as_of: Timestamp,
    pub zone: TimeZone,
}

impl Spec {
    /// 2,000 people, seed 1.
    pub fn new(as_of: Timestamp, zone: TimeZone) -> Self {
        Self { employees: 2_000, seed: 1, as_of, zone }
    }

    /// Today in the company's zone.
    fn today(&self) -> Date {
        self.as_of.to_zoned(self.zone.clone()).date()
    }
}

/// Everybody, oldest spell first where a person was hired twice. Departed people stand in their last state.
pub fn employees(spec: &Spec) -> impl Iterator<Item = EmployeeRow> + '_ {
    lives(spec).flat_map(|life| [life.earlier_row(), Some(life.row())].into_iter().flatten())
}

/// What was recorded about everybody in 18 months, about 20 signals a person, person after person and each by time.
pub fn signals(spec: &Spec) -> impl Iterator<Item = SignalRow> + '_ {
    lives(spec).flat_map(|life| signals::of(spec, &life))
}

/// The departures of the last 18 months, as an exits file would state them; [`employees`] already has them.
pub fn exits(spec: &Spec) -> Vec<ExitRow> {
    lives(spec).filter_map(|life| life.exit_row()).collect()
}

/// The unit for which the HR partner of the sample company works: all of it.
pub fn root() -> String {
    format!("/{COMPANY}")
}

/// The console operators of the sample company.
pub fn operators() -> &'static [(&'static str, Role)] {
    &[
        ("zhang-hr", Role::Hrbp),
        ("li-hrm", Role::HrManager),
        ("chen-director", Role::HrDirector),
        ("wang-triage", Role::Triager),
        ("auditor", Role::Auditor),
    ]
}

fn lives(spec: &Spec) -> impl Iterator<Item = Life> + '_ {
    let cast = article::Cast::new(spec.employees);
    let today = spec.today();
    (0..spec.employees).map(move |index| Life::new(spec, today, &cast, index))
}
