//! The console without a terminal: reducers, screens, the random-keys machine, the loop on a buffer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests, and what they share")]

mod admin;
mod app;
mod cases;
mod company;
mod freezes;
mod leaving;
mod machine;
mod reducers;
mod screens;
mod shell;
