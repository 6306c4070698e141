//! `tenure demo`: the sample company.

use clap::Args;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{path::PathBuf, str::FromStr};

/// Built in the home given by --home or TENURE_HOME (an empty one), else in a home of its own. The same seed and
/// --as-of make the same company. The home is marked as made data.
#[derive(Debug, Args)]
pub struct Demo {
    /// People at the end of the made history
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub employees: u32,
    /// Seed of everything that is made up
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// When the made history ends: RFC 3339, or a date, which is its first moment in the company's zone; now by default
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<AsOf>,
    /// Make it anew; refuses a home that is not made data
    #[arg(long)]
    pub reset: bool,
    /// Only build it
    #[arg(long)]
    pub no_console: bool,
    /// Write the signals to this file in the format of `tenure import signals` instead of building a home
    #[arg(long, value_name = "FILE")]
    pub write_signals: Option<PathBuf>,
    /// How many signals --write-signals writes
    #[arg(long, value_name = "N", default_value_t = 1_000_000, requires = "write_signals")]
    pub signals: u64,
}

/// The end of the made history as it was written.
#[derive(Clone, Copy, Debug)]
pub enum AsOf {
    At(Timestamp),
    On(Date),
}

impl FromStr for AsOf {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::At).or_else(|e| text.parse().map(Self::On).map_err(|_| e))
    }
}

impl AsOf {
    /// The instant; a date begins in a zone.
    ///
    /// # Errors
    /// When the zone has no such day.
    pub fn instant(self, zone: &TimeZone) -> Result<Timestamp, jiff::Error> {
        match self {
            Self::At(at) => Ok(at),
            Self::On(day) => Ok(day.to_zoned(zone.clone())?.timestamp()),
        }
    }
}
