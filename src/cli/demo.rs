//! `tenure demo`: the sample company.

use clap::Args;
use jiff::Timestamp;
use std::path::PathBuf;

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
    /// The instant at which the made history ends; now by default
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
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
