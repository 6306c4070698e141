//! The command line as scripts and auditors meet it: the real binary, real homes, exit codes, one JSON document.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests, and what they share")]

mod acts;
mod company;
mod customers;
mod demo;
mod errors;
mod forced;
mod help;
mod json;
mod predict;
mod race;
mod roles;
mod streams;
