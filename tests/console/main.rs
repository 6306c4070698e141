//! The console without a terminal: reducers, screens, the random-keys machine, the loop on a buffer.

mod app;
mod company;
mod keys;
mod machine;
mod reducers;
mod screens;
mod shell;
