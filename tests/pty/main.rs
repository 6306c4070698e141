//! The real program in a real pseudo-terminal. Everything waits for something to be seen; nothing sleeps.
//!
//! - [`guard`] the terminal is given back however the process ends
//! - [`journeys`] what an operator does, by keys alone
//! - [`crash`] `kill -9` in the middle of an act and of an import
//! - [`harness`] sample homes, the console in a terminal, the command line beside it

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod crash;
mod guard;
mod harness;
mod journeys;
