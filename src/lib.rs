//! tenure: a terminal console for the people who keep staff from leaving badly.
//!
//! Read this first. The crate is a house of rooms; arrows between them only go down (held by `tests/house.rs`):
//!
//! ```text
//! main -> everything          cli, console, http -> backend -> domain
//! worker -> service -> store, risk, connect -> domain          text: for all but domain, store and service
//! ```
//!
//! - [`domain`] the business: types, states, decisions; imports nothing of ours
//! - [`risk`] signals -> features -> score and reasons; pure
//! - [`text`] codes and arguments -> sentences in two languages; safe display text; widths
//! - [`backend`] the door: the act table, queries, answers, failures, trait `Backend`
//! - [`service`] the local backend: authorise, load facts, decide, commit
//! - [`store`] SQL written once, in the subset that SQLite and PostgreSQL take
//! - [`connect`] the outside world; for now the sources that imports read
//! - [`worker`] takes jobs and runs them through the service
//! - [`console`] the terminal
//! - [`http`] the API: a server that publishes doors, and a client that is one
//! - [`cli`] one file a subcommand
//! - [`demo`] the sample company

#![forbid(unsafe_code)]

pub mod backend;
pub mod cli;
pub mod connect;
pub mod console;
pub mod demo;
pub mod domain;
pub mod http;
pub mod risk;
pub mod service;
pub mod store;
pub mod text;
pub mod worker;
