//! `tenure config`: the configuration of this home.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Config {
    /// The configuration in force
    Show,
    /// All errors of the home's files at once
    Check,
    /// The folder that holds the files
    Path,
    /// The keymap with every command, to be copied and changed
    Keymap,
}
