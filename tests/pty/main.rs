//! The real program in a real pseudo-terminal. Everything waits for something to be seen; nothing sleeps.
//!
//! - [`guard`] the terminal is given back however the process ends
//! - [`journeys`] what an operator does, by keys alone
//! - [`offboarding`] a handover item that comes back
//! - [`bytes`] what a key costs on a slow link
//! - [`crash`] `kill -9` in the middle of an act and of an import
//! - [`far`] over the HTTP API, on a cable that is cut
//! - [`freeze`] at night, on two real providers of which one goes down; [`kit`] starts them
//! - [`shared_host`] behind a real sshd with the shipped configuration
//! - [`harness`] sample homes, the console in a terminal, the command line beside it; [`raw`] a terminal that is only bytes

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bytes;
mod crash;
mod far;
mod freeze;
mod guard;
mod harness;
mod journeys;
#[path = "../peers/kit/mod.rs"]
mod kit;
mod offboarding;
mod raw;
mod shared_host;
