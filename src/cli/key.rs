//! `tenure key`: the key of the database.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Print the key, to be kept in a safe place
    Export,
    /// Encrypt the database with a new key
    Rotate,
}
