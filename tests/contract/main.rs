//! What every store and backend must hold: the same tests on embedded SQLite, on a throw-away PostgreSQL cluster, behind a pooler, and over
//! the HTTP API of either.
//!
//! A cluster that cannot be started fails the suite: `tests/run` installs what it needs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[macro_use]
mod kit;

mod access;
mod acts;
mod anchors;
mod api;
mod approvals;
mod chain;
mod clocks;
mod contests;
mod crash;
mod customers;
mod drafts;
mod effect;
mod erase;
mod failures;
mod files;
mod freeze_checks;
mod freeze_laws;
mod freeze_machine;
mod freezes;
mod imports;
mod ingest;
mod jobs;
mod laws;
mod leaving;
mod limits;
mod lists;
mod machine;
mod moving;
mod offboarding;
mod outputs;
mod pages;
mod peer;
mod plans;
mod previews;
mod replaced;
mod requests;
mod roles;
mod scores;
mod script;
mod sealed;
mod secrets;
mod sim;
mod ssh_keys;
mod today;
mod together;
