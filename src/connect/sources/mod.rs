//! Files from outside become [`ImportRow`](crate::domain::import::ImportRow)s: pure reading and mapping, in bounded memory.
//!
//! ```text
//! bytes -> decode (count, hash, UTF-8 or GB18030) -> csv | ndjson (one row's cells) -> plan (columns -> fields) -> emit (checked rows)
//! ```
//!
//! A [`Mapping`] is a TOML file: it is compiled once, to column positions, so that a row costs no lookup by name. The standard columns
//! are a mapping like any other, `config/maps/standard.toml`. Nothing here knows a store; a row that cannot be taken comes out as a
//! [`BadRow`](crate::domain::import::BadRow) and the reading goes on.

mod clean;
mod csv;
mod dates;
mod decode;
mod emit;
mod mapping;
mod maps;
mod names;
mod ndjson;
mod plan;
mod reader;
mod row;
mod spec;
mod words;

#[cfg(test)]
mod tests;

pub use decode::Source;
pub use mapping::Mapping;
pub use maps::{NAMES, mapping, shipped};
pub use names::sort_name;
pub use reader::{Finished, Reader, map_raw, open};
pub use row::is_raw_line;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What a file holds; the word of `tenure import KIND`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ImportKind {
    Employees,
    Signals,
    Exits,
    Customers,
    Orders,
    Receivables,
}

/// When and where a file is read: "today" and every civil date without a zone of its own follow from it.
#[derive(Clone, Debug)]
pub struct Moment {
    pub now: Timestamp,
    /// The company's zone.
    pub zone: TimeZone,
}

impl Moment {
    /// The company's civil day.
    pub fn today(&self) -> Date {
        self.zone.to_datetime(self.now).date()
    }
}
